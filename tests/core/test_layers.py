"""Layers hold parameters: their shapes, their order, their random start, and many networks as one stack."""

import math
from functools import partial

import numpy as np
import pytest
from operations import network
from sentences import says

from course_lib import Dense, Layer, Sequential, Tensor, functional, layers, ops, stack
from course_lib.layers import glorot_uniform, he_normal, zeros

# Parameters


SIZES = {  # each layer that has parameters of its own, with its sizes and the shapes of its parameters
    Dense: ({"features_in": 2, "features_out": 3}, {"W": (2, 3), "b": (3,)}),
    layers.Conv2D: ({"channels_in": 1, "channels_out": 2, "size": 3}, {"W": (3, 3, 1, 2), "b": (2,)}),
    layers.Embedding: ({"symbols": 3, "features": 2}, {"table": (3, 2)}),
    layers.GRU: ({"features": 2, "hidden": 3}, {"W": (2, 9), "U": (3, 9), "b": (9,), "c": (3,)}),
    layers.Attention: (
        {"query_features": 2, "key_features": 3, "features": 4},
        {"W_query": (2, 4), "W_key": (3, 4), "W_value": (3, 4)},
    ),
    layers.Positions: ({"longest": 3, "features": 2}, {"positions": (3, 2)}),
    layers.LayerNorm: ({"features": 3}, {"gain": (3,), "bias": (3,)}),
    layers.BatchNorm: ({"features": 3}, {"gain": (3,), "bias": (3,)}),
}
START = {"b": 0.0, "c": 0.0, "bias": 0.0, "gain": 1.0}  # of those that are not drawn
RANDOM = [layer for layer in SIZES if not issubclass(layer, layers.LayerNorm)]
every_layer = pytest.mark.parametrize("layer", SIZES)


def made(layer, seed=0, **changes):
    drawn = {"rng": np.random.default_rng(seed)} if layer in RANDOM else {}
    return layer(**SIZES[layer][0] | drawn | changes)


@every_layer
def test_the_parameters_are_the_tensors_among_the_attributes_and_have_names_shapes_and_the_dtype(layer):
    for options, dtype in (({}, np.float64), ({"dtype": np.float32}, np.float32)):
        one = made(layer, **options)
        held = [value for value in vars(one).values() if isinstance(value, Tensor)]
        assert one.parameters == held and {p.dtype for p in held} == {np.dtype(dtype)}
        assert {p.name: p.shape for p in held} == SIZES[layer][1]
        for p in held:
            assert (p.value == START[p.name]).all() if p.name in START else p.value.all()


@every_layer
def test_a_size_a_dtype_or_a_generator_that_cannot_be_is_named(layer):
    """astype(int) would make every weight 0 without a word."""
    for size in SIZES[layer][0]:
        for bad in (0, -3, 2.0, "2", None):
            sentence = f"{layer.__name__}: expected {size} to be a whole number >= 1, got {bad!r}"
            says(ValueError, sentence, partial(made, layer, **{size: bad}))
    for bad, name in ((int, "int64"), (bool, "bool"), (complex, "complex128"), (str, "<U0")):
        sentence = f"{layer.__name__}: expected a floating-point dtype, got {name}"
        says(TypeError, sentence, partial(made, layer, dtype=bad))
    for bad in (1, None) if layer in RANDOM else ():
        sentence = f"{layer.__name__}: expected rng=numpy.random.default_rng(seed), got {bad!r}"
        says(TypeError, sentence, partial(made, layer, rng=bad))


@pytest.mark.parametrize("layer", RANDOM)
def test_the_seed_reaches_the_weights(layer):
    first, same, other = (made(layer, seed).parameters for seed in (0, 0, 1))
    for p, q, r in zip(first, same, other, strict=True):
        np.testing.assert_array_equal(p.value, q.value)
        assert not p.value.any() or not np.isclose(p.value, r.value).any()


class Scaled(Dense):
    """A dense layer with a parameter more: a factor for each unit."""

    def __init__(self, *sizes, rng):
        super().__init__(*sizes, rng=rng, activation="tanh")
        self.gain = Tensor(rng.normal(size=sizes[-1]), name="gain")

    def __call__(self, x):
        gain = ops.reshape(self.gain, (-1, 1, self.gain.shape[-1])) if self.gain.ndim == 2 else self.gain
        return super().__call__(x) * gain


def test_a_stack_forgets_no_parameter_of_a_layer(rng):
    models, x = [Sequential(Scaled(2, 3, rng=rng), Dense(3, 1, rng=rng)) for _ in range(4)], rng.normal(size=(5, 2))
    stacked = stack(models)
    assert [p.shape for p in stacked.parameters] == [(4, 2, 3), (4, 3), (4, 3), (4, 3, 1), (4, 1)]
    np.testing.assert_allclose(stacked(x).value, [m(x).value for m in models], rtol=1e-14)


# Dense


@pytest.mark.parametrize("activation", ["identity", "sigmoid", "tanh", "relu"])
def test_dense_calls_functional_dense(rng, activation):
    layer, x = Dense(3, 2, activation, rng=rng), rng.normal(size=(4, 3))
    expected = functional.dense(x, layer.W.value, layer.b.value, activation)
    np.testing.assert_array_equal(layer(x).value, expected)


def test_sizes_may_be_numpy_numbers(rng):
    assert Dense(np.int64(3), np.int32(2), rng=rng).W.shape == (3, 2)


# The random start


@pytest.mark.parametrize(
    ("layer", "shape", "default"), [(Dense, (2, 3), glorot_uniform), (layers.Conv2D, (3 * 3 * 2, 3), he_normal)]
)
def test_weights_start_as_the_initializer_draws_them_times_the_scale(layer, shape, default):
    for options in ({}, {"initializer": zeros}, {"initializer": glorot_uniform, "scale": 5.0}):
        W = layer(2, 3, rng=np.random.default_rng(0), **options).W.value
        drawn = options.get("initializer", default)(shape, np.random.default_rng(0))
        np.testing.assert_array_equal(W.reshape(shape), options.get("scale", 1.0) * drawn)


def test_glorot_uniform_and_he_normal_have_their_variances(rng):
    limit, W = math.sqrt(6 / (200 + 300)), glorot_uniform((200, 300), rng)
    assert 0.99 * limit < W.max() < limit and -limit < W.min() < -0.99 * limit
    assert W.var() == pytest.approx(2 / (200 + 300), rel=0.02)
    W = he_normal((200, 300), rng)
    assert W.var() == pytest.approx(2 / 200, rel=0.02) and abs(W.mean()) < 0.002
    assert np.abs(W).max() > 3 * math.sqrt(2 / 200)  # a normal distribution has tails


# Sequential


def test_sequential_runs_its_layers_in_order(rng):
    first, second = Dense(2, 4, "tanh", rng=rng), Dense(4, 1, rng=rng)
    model, x = Sequential(first, second), rng.normal(size=(5, 2))
    np.testing.assert_array_equal(model(x).value, second(first(x)).value)
    assert model.parameters == layers.parameters_of([first, second, first]) == [first.W, first.b, second.W, second.b]


def test_no_layer_can_be_put_in_where_it_would_not_be_trained(rng):
    model = Sequential(Dense(2, 4, rng=rng))
    assert len(model.parameters) == 2
    with pytest.raises(AttributeError):
        model.layers.append(Dense(4, 1, rng=rng))
    with pytest.raises(TypeError):
        model.layers[0] = Dense(2, 4, rng=rng)
    assert len(Sequential(*model.layers, Dense(4, 1, rng=rng)).parameters) == 4


def test_a_layer_of_ones_own():
    class Scale(Layer):
        def __init__(self):
            self.s = Tensor([2.0, 3.0], name="s")

        def __call__(self, x):
            return x * self.s

    model = Sequential(Scale())
    assert repr(model) == "Sequential(Scale(s (2,)))"
    np.testing.assert_array_equal(model(np.ones((1, 2))).value, [[2.0, 3.0]])


def held_beside(kind, own, inside, dropout):
    """A layer of this kind that holds a tensor, a dense layer and a dropout beside its `layers`."""
    model = kind() if kind is Layer else kind(Dense(2, 2, rng=np.random.default_rng(1)))
    model.own, model.inside, model.dropout = own, inside, dropout
    return model


@pytest.mark.parametrize("kind", [Layer, Sequential, layers.Residual])
@pytest.mark.parametrize(
    "wrap", [lambda it: it, lambda it: [it], lambda it: (None, it), lambda it: {"a": it}, lambda it: [{"a": [it]}, 3.0]]
)
def test_all_that_a_layer_holds_is_trained_wherever_it_is_and_whatever_its_layers_are(rng, kind, wrap):
    own, inside, dropout = Tensor([0.0], name="own"), Dense(2, 3, rng=rng), layers.Dropout(0.5, rng=rng)
    model = held_beside(kind, *map(wrap, (own, inside, dropout)))
    first = model.layers[0].parameters if kind is not Layer else []
    model.remembered = [own * 2.0]  # computed from others
    assert model.parameters == [own, *first, inside.W, inside.b]
    assert set(model.layers) == ({inside, dropout} if kind is Layer else {model.layers[0]})
    for training in (True, False):
        model.set_training(training)
        assert {layer.training for layer in (model, *model.layers, inside, dropout)} == {training}
    outer = Sequential(model, Dense(2, 1, rng=rng))
    assert outer.parameters == [*model.parameters, *outer.layers[1].parameters]


def test_a_layer_that_sets_its_parameters_itself_decides_for_itself(rng):
    model = held_beside(Sequential, Tensor([0.0]), Dense(2, 3, rng=rng), None)
    model.parameters = [model.inside.W]
    last = Dense(3, 1, rng=rng)
    assert Sequential(model, last).parameters == [model.inside.W, last.W, last.b]


def test_a_layer_that_sets_its_training_itself_decides_for_itself(rng):
    class Frozen(Sequential):
        def set_training(self, training):
            super().set_training(False)

    frozen = Frozen(layers.Dropout(0.5, rng=rng))
    model = Sequential(Sequential(frozen, layers.Dropout(0.5, rng=rng)))
    model.set_training(True)
    assert model.layers[0].layers[1].training and not frozen.training and not frozen.layers[0].training


def test_repr_shows_sizes_and_activations(rng):
    model = Sequential(
        layers.Conv2D(1, 4, activation="relu", rng=rng),
        layers.Conv2D(4, 6, 5, "tanh", "valid", rng=rng),
        layers.MaxPool2D(),
        layers.Flatten(),
        layers.Residual(Dense(3, 3, "tanh", rng=rng), layers.Dropout(0.25, rng=rng)),
        layers.LayerNorm(3),
        layers.BatchNorm(3),
    )
    assert repr(model) == (
        "Sequential(Conv2D(1 -> 4, 3x3, relu, same), Conv2D(4 -> 6, 5x5, tanh, valid), MaxPool2D(2), Flatten(), "
        "Residual(Dense(3 -> 3, tanh), Dropout(0.25)), LayerNorm(3), BatchNorm(3))"
    )
    assert repr(stack([network(), network()]).layers[0]) == "Dense(2 -> 4, tanh)"
    assert repr(Layer()) == "Layer()"


# Many networks as one


def test_a_stack_holds_copies():
    models = [network(seed) for seed in range(3)]
    stacked = stack(models)
    assert [p.name for p in stacked.parameters] == ["W", "b", "W", "b"]
    assert [p.shape for p in stacked.parameters] == [(3, 2, 4), (3, 4), (3, 4, 1), (3, 1)]
    for k, model in enumerate(models):
        for p, q in zip(stacked.parameters, model.parameters, strict=True):
            np.testing.assert_array_equal(p.value[k], q.value)
    before = models[0].parameters[0].value.copy()
    stacked.parameters[0].value[...] = 0
    np.testing.assert_array_equal(models[0].parameters[0].value, before)


def test_a_stack_of_networks_that_use_a_layer_twice_uses_its_layer_twice():
    """Two places, one parameter: a stack must not train them apart."""
    models = []
    for seed in range(3):
        shared = Dense(2, 2, "tanh", rng=np.random.default_rng(seed))
        models.append(Sequential(shared, shared))
    stacked = stack(models)
    assert [p.shape for p in stacked.parameters] == [(3, 2, 2), (3, 2)]


def sharing(layer=False, tensor=False):
    first, second = (Dense(2, 2, rng=np.random.default_rng(i)) for i in (1, 2))
    if tensor:
        second.b = first.b
    return Sequential(first, first if layer else second)


@pytest.mark.parametrize(
    ("differently", "expected"),
    [
        (sharing(layer=True), "at least one model, all of one shape"),
        (sharing(tensor=True), "each layer to have tensors of its own"),
    ],
)
def test_a_stack_of_networks_that_share_differently_is_refused(differently, expected):
    with pytest.raises(ValueError, match=f"^stack: expected {expected}, got "):
        stack(each for each in (sharing(), differently))


def test_a_stack_of_float32_networks_is_float32():
    stacked = stack([network(seed, dtype=np.float32) for seed in range(2)])
    assert {p.dtype for p in stacked.parameters} == {np.dtype(np.float32)}


# Sentences

RNG = np.random.default_rng(0)


@pytest.mark.parametrize(
    ("call", "error", "sentence"),
    [
        (lambda: Dense(2, 3), TypeError, "Dense.__init__() missing 1 required keyword-only argument: 'rng'"),
        (lambda: Sequential(), ValueError, "Sequential: expected at least one layer, got none"),
        (lambda: Sequential(Dense), TypeError,
         "Sequential: expected layers, such as Dense or a subclass of Layer, got <class 'course_lib.layers.base.Dense'>"),
        (lambda: layers.Residual([network()]), TypeError,
         "Residual: expected layers, such as Dense or a subclass of Layer, got "
         "[Sequential(Dense(2 -> 4, tanh), Dense(4 -> 1, identity))]"),
        (lambda: stack([]), ValueError, "stack: expected at least one model, all of one shape, got []"),
        (lambda: stack([network(0, (2, 3, 1)), network(0, (2, 4, 1))]), ValueError,
         "stack: expected at least one model, all of one shape, got "
         "[Sequential(Dense(2 -> 3, tanh), Dense(3 -> 1, identity)), "
         "Sequential(Dense(2 -> 4, tanh), Dense(4 -> 1, identity))]"),
        (lambda: stack([network(0, (2, 3), "tanh"), network(0, (2, 3, 3))]), ValueError,
         "stack: expected at least one model, all of one shape, got "
         "[Sequential(Dense(2 -> 3, identity)), Sequential(Dense(2 -> 3, tanh), Dense(3 -> 3, identity))]"),
        (lambda: stack([network(0, activation="tanh"), network(0, activation="relu")]), ValueError,
         "stack: expected at least one model, all of one shape, got "
         "[Sequential(Dense(2 -> 4, tanh), Dense(4 -> 1, identity)), "
         "Sequential(Dense(2 -> 4, relu), Dense(4 -> 1, identity))]"),
    ],
)  # fmt: skip
def test_message(call, error, sentence):
    says(error, sentence, call)


def test_a_stack_of_what_is_not_sequential_is_named(rng):
    sentence = (
        "stack: expected Sequential models of Dense layers, got [Dense(2 -> 3, identity), Dense(2 -> 3, identity)]"
    )
    says(ValueError, sentence, lambda: stack([Dense(2, 3, rng=rng), Dense(2, 3, rng=rng)]))
    nested = Sequential(Sequential(Dense(2, 3, rng=rng)))
    sentence = f"stack: expected Sequential models of Dense layers, got [{nested}]"
    says(ValueError, sentence, lambda: stack([nested]))
