"""Optimizers: each rule by hand, the flat vector that all parameters share, learning rate, weight decay, sentences, state."""

import copy
import math
import pickle

import numpy as np
import pytest
from own_optimizers import own_optimizer
from sentences import says

import course_lib
from course_lib import Adam, Dense, GradientDescent, Momentum, RMSProp, Sequential, Tensor, ops, stack, train
from course_lib import functional as F
from course_lib.optimizers import OPTIMIZERS, Optimizer
from course_lib.schedules import Clipped, cosine

REMEMBERS = {name: rule for name, rule in OPTIMIZERS.items() if rule.reset is not Optimizer.reset}
every_optimizer = pytest.mark.parametrize("optimizer_class", OPTIMIZERS.values(), ids=OPTIMIZERS)


def step(optimizer, *parameters, gradients):
    """One step with given gradients: the loss is their product with the parameters."""
    sum((ops.sum(p * g) for p, g in zip(parameters, gradients, strict=True)), 0.0).backward()
    optimizer.step(list(parameters))


def trajectory(optimizer, gradients, start=1.0):
    """Where one number goes when its gradients are these."""
    w, places = Tensor(start), []
    for g in gradients:
        step(optimizer, w, gradients=[g])
        places.append(float(w))
    return places


# The rules, by hand


def test_gradient_descent_by_hand():
    assert trajectory(GradientDescent(0.1), [2.0, -1.0]) == pytest.approx([0.8, 0.9], rel=1e-15)


def test_momentum_by_hand():
    # v = 2, then 0.5 * 2 - 1 = 0, then 0.5 * 0 + 3 = 3
    assert trajectory(Momentum(0.1, beta=0.5), [2.0, -1.0, 3.0]) == pytest.approx([0.8, 0.8, 0.5], rel=1e-14)


def test_rmsprop_by_hand():
    # s = 0.1 * 4 = 0.4, then 0.9 * 0.4 + 0.1 * 1 = 0.46
    first = 1 - 0.01 * 2 / (math.sqrt(0.4) + 1e-3)
    second = first + 0.01 * 1 / (math.sqrt(0.46) + 1e-3)
    assert trajectory(RMSProp(0.01, epsilon=1e-3), [2.0, -1.0]) == pytest.approx([first, second], rel=1e-14)


def test_adam_by_hand():
    # m = 0.2, s = 0.004; then m = 0.9 * 0.2 - 0.1 = 0.08, s = 0.999 * 0.004 + 0.001 = 0.004996
    first = 1 - 0.01 * 2 / (2 + 1e-3)  # the corrections undo the start at zero: m^ = 2, s^ = 4
    second = first - 0.01 * (0.08 / 0.19) / (math.sqrt(0.004996 / 0.001999) + 1e-3)
    assert trajectory(Adam(0.01, epsilon=1e-3), [2.0, -1.0]) == pytest.approx([first, second], rel=1e-13)


def test_the_base_class_has_no_rule():
    with pytest.raises(NotImplementedError):
        trajectory(Optimizer(0.1), [1.0])


# One flat vector


@every_optimizer
def test_parameters_become_views_of_one_vector(optimizer_class):
    W, b, c = Tensor(np.ones((2, 3))), Tensor(np.full(3, 2.0)), Tensor(5.0)
    optimizer = optimizer_class(1e-9)
    step(optimizer, W, b, c, gradients=[np.ones((2, 3)), np.ones(3), 1.0])
    base = W.value.base
    assert base.shape == (10,)
    assert b.value.base is base and c.value.base is base
    assert [p.shape for p in (W, b, c)] == [(2, 3), (3,), ()]
    np.testing.assert_allclose(base, [1] * 6 + [2] * 3 + [5], atol=1e-6)
    views = [W.value, b.value, c.value]
    step(optimizer, W, b, c, gradients=[np.ones((2, 3)), np.ones(3), 1.0])
    assert all(p.value is view for p, view in zip((W, b, c), views, strict=True))


@every_optimizer
@pytest.mark.parametrize("copied", [copy.deepcopy, lambda both: pickle.loads(pickle.dumps(both))], ids=["copy", "file"])
def test_a_copy_of_model_and_optimizer_goes_on_as_they_do(optimizer_class, copied, rng):
    both = Sequential(Dense(2, 3, "tanh", rng=rng), Dense(3, 1, rng=rng)), optimizer_class(0.1)
    x, y = rng.normal(size=(5, 2)), rng.normal(size=(5, 1))

    def after_two_steps(model, optimizer):
        for _ in range(2):
            F.mean_squared_error(model(x), y).backward()
            optimizer.step(model.parameters)
        return [p.value.tobytes() for p in model.parameters]

    after_two_steps(*both)
    again = copied(both)
    assert after_two_steps(*again) == after_two_steps(*both) and again[1].gradient is not both[1].gradient
    W = both[0].parameters[0]
    W.value = np.zeros(W.shape[::-1])
    for model, optimizer in (both, copied(both)):
        W, *_ = model.parameters
        F.mean_squared_error(ops.sum(W), 0.0).backward()
        with pytest.raises(ValueError, match=r"parameter 0 had shape \(2, 3\)"):
            optimizer.step(model.parameters)


def test_gradient_shows_the_flat_gradient_of_the_last_step():
    optimizer = GradientDescent(0.1)
    step(optimizer, Tensor([1.0, 2.0]), Tensor(3.0), gradients=[np.array([4.0, 5.0]), 6.0])
    np.testing.assert_array_equal(optimizer.gradient, [4.0, 5.0, 6.0])


@every_optimizer
def test_a_replaced_value_is_taken_over_and_the_averages_go_on(optimizer_class):
    """As `p.value = np.clip(p.value, -1, 1)` after each step does: the same steps as when it is clipped in place."""
    replaced, in_place = Tensor([1.0, 2.0]), Tensor([1.0, 2.0])
    one, other = optimizer_class(0.1), optimizer_class(0.1)
    for g in ([1.0, 1.0], [0.5, -1.0], [2.0, 0.1]):
        step(one, replaced, gradients=[np.array(g)])
        step(other, in_place, gradients=[np.array(g)])
        replaced.value = np.clip(replaced.value, 0.9, 1.9)
        in_place.value[...] = np.clip(in_place.value, 0.9, 1.9)
    np.testing.assert_array_equal(replaced.value, in_place.value)


def test_a_value_of_another_shape_or_dtype_is_named():
    w, optimizer = Tensor([1.0, 2.0]), Momentum(0.1)
    step(optimizer, w, gradients=[np.ones(2)])
    w.value = np.ones(3)
    sentence = "Momentum.step: parameter 0 had shape (2,) and dtype float64 at the last step, now it has {} and {}"
    says(ValueError, sentence.format("(3,)", "float64"), lambda: optimizer.step([w]))
    w.value = np.ones(2, np.float32)
    says(ValueError, sentence.format("(2,)", "float32"), lambda: optimizer.step([w]))


@pytest.mark.parametrize("optimizer_class", REMEMBERS.values(), ids=REMEMBERS)
def test_the_parameters_of_others_are_refused(optimizer_class):
    """Two lists in turn, too: each would throw away the running averages of the other."""
    optimizer, w, v = optimizer_class(0.1), Tensor([1.0]), Tensor([2.0])
    step(optimizer, w, gradients=[np.ones(1)])
    sentence = (
        f"{optimizer_class.__name__}.step: expected the parameters of its first step, got others, but its running "
        "averages belong to the parameters of the first step. Make an optimizer for each list of parameters"
    )
    says(ValueError, sentence, lambda: optimizer.step([v]))
    says(ValueError, sentence, lambda: optimizer.step([w, v]))
    step(optimizer, w, gradients=[np.ones(1)])


def test_gradient_descent_has_nothing_to_confuse():
    optimizer = GradientDescent(0.1)
    first = trajectory(optimizer, [1.0, 1.0, -2.0])
    assert trajectory(optimizer, [1.0, 1.0, -2.0]) == first
    w, v = Tensor([1.0]), Tensor([2.0])
    for parameters in ([w], [w, v], [v]):
        for p in parameters:
            p.grad = np.ones(1)
        optimizer.step(parameters)
    assert (w.value[0], v.value[0]) == pytest.approx((0.8, 1.8))


def test_a_gradient_of_another_shape_is_named_in_the_first_step():
    w = Tensor(np.ones(3))
    w.grad = np.ones((1, 3))
    sentence = (
        "GradientDescent.step: parameter 0 has shape (3,), but its gradient has (1, 3): look at the vjp of the operation "
        "that uses it"
    )
    says(ValueError, sentence, lambda: GradientDescent(0.1).step([w]))


@every_optimizer
def test_each_is_part_of_the_course_s_own_words(optimizer_class):
    assert getattr(course_lib, optimizer_class.__name__) is optimizer_class
    assert optimizer_class.__name__ in course_lib.__all__


@every_optimizer
def test_float32_stays_float32(optimizer_class):
    for rate in (0.1, np.float64(0.1), np.array([0.1, 0.2])):
        W, b = Tensor(np.ones((2, 3), np.float32)), Tensor(np.ones((2, 1), np.float32))
        optimizer = optimizer_class(rate)
        for _ in range(2):
            step(optimizer, W, b, gradients=[np.ones((2, 3), np.float32), np.ones((2, 1), np.float32)])
        assert W.dtype == b.dtype == np.float32
        state = [v for v in vars(optimizer).values() if isinstance(v, np.ndarray) and v is not optimizer.learning_rate]
        assert {array.dtype for array in [*state, optimizer.gradient]} == {np.dtype(np.float32)}


@every_optimizer
def test_the_gradient_array_is_not_changed(optimizer_class):
    w = Tensor([1.0, 2.0])
    ops.sum(w * w).backward()
    w.grad.flags.writeable = False
    optimizer_class(0.1).step([w])
    np.testing.assert_array_equal(w.grad, [2.0, 4.0])


# The learning rate


@every_optimizer
def test_a_new_learning_rate_acts_on_the_next_step(optimizer_class):
    places, optimizer, w = [1.0], optimizer_class(0.01), Tensor(1.0)
    for rate in (0.01, 0.01, 0.05):
        optimizer.learning_rate = rate
        step(optimizer, w, gradients=[1.0])
        places.append(float(w))
    steady = trajectory(optimizer_class(0.01), [1.0, 1.0, 1.0])
    assert places[1:3] == steady[:2]
    assert places[2] - places[3] == pytest.approx(5 * (steady[1] - steady[2]), rel=1e-12)  # averages kept, rate x 5


@every_optimizer
def test_an_array_of_rates_is_one_rate_for_each_network(optimizer_class, rng):
    models = [Sequential(Dense(2, 3, "tanh", rng=rng), Dense(3, 1, rng=rng)) for _ in range(3)]
    x, y, rates = rng.normal(size=(5, 2)), rng.normal(size=(5, 1)), np.array([0.01, 0.05, 0.1])
    together, optimizer = stack(models), optimizer_class(rates)
    for _ in range(30):
        F.mean_squared_error(together(x), y).backward()
        optimizer.step(together.parameters)
    for k, (model, rate) in enumerate(zip(models, rates, strict=True)):
        alone = optimizer_class(rate)
        for _ in range(30):
            F.mean_squared_error(model(x), y).backward()
            alone.step(model.parameters)
        for p, q in zip(together.parameters, model.parameters, strict=True):
            np.testing.assert_allclose(p.value[k], q.value, rtol=1e-12, atol=1e-12)


def test_rates_may_change_from_array_to_number_and_back(rng):
    w = Tensor(np.ones((2, 3)))
    optimizer = GradientDescent([0.1, 0.2])
    for rate, expected in (([0.1, 0.2], [0.9, 0.8]), (0.3, [0.6, 0.5]), (np.array([0.5, 0.1]), [0.1, 0.4])):
        optimizer.learning_rate = rate
        step(optimizer, w, gradients=[np.ones((2, 3))])
        np.testing.assert_allclose(w.value, np.outer(expected, np.ones(3)), rtol=1e-12)


@every_optimizer
def test_repr(optimizer_class):
    assert repr(optimizer_class(0.5)) == f"{optimizer_class.__name__}(learning_rate=0.5)"


# Weight decay


@every_optimizer
def test_weights_shrink_before_the_step(optimizer_class):
    """For plain gradient descent, that is the gradient of a penalty: decay / 2 * |w|^2."""
    decayed = trajectory(optimizer_class(0.1, weight_decay=0.3), [0.5], start=2.0)
    assert decayed == pytest.approx(trajectory(optimizer_class(0.1), [0.5], start=2.0 * (1 - 0.1 * 0.3)), rel=1e-15)
    assert optimizer_class(0.1).weight_decay == 0


def test_weights_shrink_at_the_rate_of_the_moment_and_of_each_network():
    w = Tensor(np.ones((2, 1)))
    step(GradientDescent([0.1, 0.5], weight_decay=1.0), w, gradients=[np.zeros((2, 1))])
    np.testing.assert_allclose(w.value, [[0.9], [0.5]])


# Sentences


@pytest.mark.parametrize(
    ("rate", "shown"),
    [(0, "0"), (-0.5, "-0.5"), (math.nan, "nan"), (math.inf, "inf"), ("0.5", "'0.5'"), (None, "None"),
     (1j, "1j"), ([0.1, 0.0], "[0.1, 0.0]"), (np.array([0.1, np.nan]), "array([0.1, nan])"),
     (Tensor(0.5), "Tensor(0.5)")],
)  # fmt: skip
def test_a_learning_rate_that_cannot_work(rate, shown):
    sentence = f"Momentum: expected a positive, finite learning rate, got {shown}"
    says(ValueError, sentence, lambda: Momentum(rate))
    optimizer = Momentum(0.1)
    if shown not in ("0", "[0.1, 0.0]"):
        says(ValueError, sentence, lambda: setattr(optimizer, "learning_rate", rate))
    assert optimizer.learning_rate == 0.1


@every_optimizer
def test_a_schedule_may_come_down_to_a_rate_of_0(optimizer_class):
    w, optimizer = Tensor([1.0, 2.0]), optimizer_class(0.1)
    for k in range(4):
        optimizer.learning_rate = cosine(0.1, k, total=3)
        before = w.value.copy()
        step(optimizer, w, gradients=[np.array([1.0, -1.0])])
        assert np.array_equal(w.value, before) is (k == 3)


@pytest.mark.parametrize(
    ("build", "sentence"),
    [
        (lambda: Momentum(0.1, beta="x"), "Momentum: expected beta from 0 to below 1, got 'x'"),
        (lambda: RMSProp(0.1, rho=2.0), "RMSProp: expected rho from 0 to below 1, got 2.0"),
        (lambda: RMSProp(0.1, epsilon=math.nan), "RMSProp: expected epsilon >= 0, got nan"),
        (lambda: Adam(0.1, beta1=1.0), "Adam: expected beta1 from 0 to below 1, got 1.0"),
        (lambda: Adam(0.1, beta2=-0.1), "Adam: expected beta2 from 0 to below 1, got -0.1"),
        (lambda: Adam(0.1, epsilon=-1), "Adam: expected epsilon >= 0, got -1"),
        *(
            (lambda decay=decay: Adam(0.1, weight_decay=decay), f"Adam: expected weight_decay >= 0, got {decay!r}")
            for decay in (-0.1, math.nan, math.inf, "a")
        ),
    ],
)
def test_a_setting_that_cannot_work(build, sentence):
    says(ValueError, sentence, build)


def with_gradient():
    w = Tensor([1.0, 2.0])
    ops.sum(w * w).backward()
    return w


W, B = with_gradient(), Tensor(np.ones(3), name="b")


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        ([], "expected at least one parameter, got none"),
        ([W, W], "a parameter is listed twice; course_lib.layers.parameters_of(layers) lists each once"),
        ([W, B], "parameter 1 (b (3,)) has no new gradient: call loss.backward() before each step, on a loss that "
                 "depends on it"),
    ],
    ids=["none", "one twice", "one without a gradient"],
)  # fmt: skip
def test_parameters_that_cannot_be_stepped_are_named(parameters, sentence):
    says(ValueError, f"Adam.step: {sentence}", lambda: Adam(0.1).step(parameters))


@pytest.mark.parametrize(
    "parameters", [W, W.value, [W, B.value], iter([W])], ids=["tensor", "array", "arrays", "iterator"]
)
def test_what_is_no_list_of_tensors_is_named(parameters):
    sentence = f"Adam.step: expected a list of tensors, such as model.parameters, got {parameters!r}"
    says(TypeError, sentence, lambda: Adam(0.1).step(parameters))


def test_an_update_that_returns_what_would_be_lost_is_named():
    class Own(Optimizer):
        def update(self, w, g):
            return w - self._rate * g

    sentence = "Own.update: expected it to change w in place (w -= ...) and to return nothing, got a result"
    says(TypeError, sentence, lambda: Own(0.1).step([with_gradient()]))


@pytest.mark.parametrize("wrap", [lambda it: it, lambda it: Clipped(it, 0.1)], ids=["plain", "clipped"])
def test_step_twice_for_one_backward(wrap):
    w, optimizer = with_gradient(), wrap(GradientDescent(0.1))
    optimizer.step([w])
    before = w.value.copy()
    sentence = (
        "GradientDescent.step: parameter 0 (tensor (2,)) has no new gradient: call loss.backward() before each "
        "step, on a loss that depends on it"
    )
    says(ValueError, sentence, lambda: optimizer.step([w]))
    np.testing.assert_array_equal(w.value, before)
    ops.sum(w * w).backward()
    optimizer.step([w])


def test_parameters_of_two_dtypes_are_named():
    w, b = Tensor(np.ones(2, np.float32)), Tensor(np.ones(2))
    sentence = "GradientDescent.step: expected parameters of one dtype, got float32, float64"
    says(ValueError, sentence, lambda: step(GradientDescent(0.1), w, b, gradients=[np.ones(2, np.float32), np.ones(2)]))
    assert w.dtype == np.float32


def test_backward_after_a_step_asks_for_a_new_forward_pass(rng):
    """The optimizer has written into the memory that the graph refers to: the gradient would be a mixture."""
    layer, optimizer = Dense(2, 1, rng=rng), GradientDescent(0.1)
    x, y = rng.normal(size=(4, 2)), rng.normal(size=(4, 1))
    sentence = "a parameter has changed since this loss was computed: run the forward pass again"
    for _ in range(2):
        loss = F.mean_squared_error(layer(x), y)
        loss.backward()
        loss.backward()  # twice before the step is fine
        optimizer.step(layer.parameters)
        says(ValueError, sentence, loss.backward)
    old = ops.sum(layer(x))
    F.mean_squared_error(layer(x), y).backward()
    optimizer.step(layer.parameters)
    says(ValueError, sentence, (old + ops.sum(layer(x))).backward)  # one of two uses is old


def test_a_step_of_one_model_leaves_the_losses_of_others(rng):
    first, second, x = Dense(2, 1, rng=rng), Dense(2, 1, rng=rng), rng.normal(size=(4, 2))
    loss = ops.sum(second(x))
    ops.sum(first(x)).backward()
    GradientDescent(0.1).step(first.parameters)
    loss.backward()


@pytest.mark.parametrize(
    ("shape", "rates", "networks"), [((2, 3), [0.1, 0.2, 0.3], 2), ((), [0.1], 1), ((), [0.1, 0.2], 1)]
)
def test_a_wrong_number_of_rates_is_named_at_every_step_and_later_leaves_the_old_ones(shape, rates, networks):
    sentence = f"Momentum: expected one learning rate for each of {networks} stacked networks, got {len(rates)}"
    w, optimizer = Tensor(np.ones(shape)), Momentum(rates)
    for _ in range(2):
        says(ValueError, sentence, lambda: step(optimizer, w, gradients=[np.ones(shape)]))
    np.testing.assert_array_equal(w.value, np.ones(shape))
    optimizer = Momentum(0.1)
    step(optimizer, w, gradients=[np.ones(shape)])
    says(ValueError, sentence, lambda: setattr(optimizer, "learning_rate", rates))
    assert optimizer.learning_rate == 0.1


# The state


class Lazy(Optimizer):
    """Its average begins as a number, and its list as an empty one; and it draws, from a generator of others."""

    def __init__(self, rate, rng=None):
        super().__init__(rate)
        self.total, self.last, self.rng = 0.0, [], rng or np.random.default_rng(0)

    def update(self, w, g):
        self.total = self.total + g * g
        self.last = [*self.last, g.copy()][-3:]
        self.seen = {"norm": getattr(self, "seen", {"norm": 0.0})["norm"] + np.linalg.norm(g)}
        w -= self._rate * (sum(self.last) / np.sqrt(self.total + self.seen["norm"]) + self.rng.normal(size=w.shape))


class Slow(Optimizer):
    """An optimizer inside, and the gradient of the step before, which is looked at under another name."""

    def __init__(self, rate):
        super().__init__(rate)
        self.inner = Lazy(rate)

    def update(self, w, g):
        self.shown = g
        self.inner.learning_rate, self.inner._rate = self.learning_rate, self._rate
        self.inner.update(w, self.shown)


STATES = {
    **{kind.__name__: kind for kind in (*OPTIMIZERS.values(), Lazy, Slow)},
    "clipped": lambda rate: Clipped(Adam(rate), largest=0.01),
    **{f"own {seed}": own_optimizer(seed) for seed in range(8)},
}


@pytest.mark.parametrize("name", STATES)
@pytest.mark.parametrize("replay", [False, True])
def test_a_state_goes_on_to_the_last_bit_whatever_its_names(name, replay, rng):
    x, y = rng.normal(size=(6, 2)), rng.normal(size=(6, 1))
    made = STATES[name]
    if replay and name in ("Lazy", "Slow"):
        return  # no record can hold what they do

    def network():
        layers = np.random.default_rng(3)
        return Sequential(Dense(2, 3, "tanh", rng=layers), Dense(3, 1, rng=layers))

    def go_on(model, optimizer, steps):
        for progress in train(
            model, (x, y), loss=F.mean_squared_error, optimizer=optimizer, epochs=steps, replay=replay
        ):
            optimizer.learning_rate = 0.01 + 0.01 * (progress.epoch % 2)
        return [p.value.tobytes() for p in model.parameters]

    def put_back(model, values):
        for p, value in zip(model.parameters, values, strict=True):
            p.value[...] = value

    model, optimizer = network(), made(0.02)
    before, start = optimizer.state(), [p.value.copy() for p in model.parameters]
    there = go_on(model, optimizer, 25)
    state, weights = optimizer.state(), [p.value.copy() for p in model.parameters]
    later = go_on(model, optimizer, 25)

    optimizer.restore(state)  # back, and on from there
    put_back(model, weights)
    assert go_on(model, optimizer, 25) == later
    other, another = network(), made(0.5)  # in a new optimizer, by a state that was used once already
    another.prepare(other.parameters)
    another.restore(state)
    put_back(other, weights)
    assert go_on(other, another, 25) == later
    optimizer.restore(before)  # back to before the first step, of a new list of parameters even
    model = network()
    put_back(model, start)
    assert go_on(model, optimizer, 25) == there


def test_a_state_that_does_not_fit_is_refused_and_changes_nothing():
    optimizer, w = Momentum(0.1), Tensor([1.0, 2.0])
    sentence = (
        "Momentum.restore: expected a state for {} numbers in all parameters, got one for 3 (float32). If the optimizer "
        "has taken no step yet, call prepare(model.parameters) first, so that it knows its parameters"
    )
    step(optimizer, w, gradients=[np.ones(2)])
    other, v = Momentum(0.1), Tensor(np.ones(3, np.float32))
    step(other, v, gradients=[np.ones(3, np.float32)])
    before = optimizer.state()
    says(ValueError, sentence.format("2 (float64)"), lambda: optimizer.restore(other.state()))
    says(ValueError, sentence.format("0"), lambda: Momentum(0.1).restore(other.state()))
    for wrong, got in ((Adam(0.1).state(), "'Adam'"), (3, "3"), ({}, "{}")):
        expected = f"Momentum.restore: expected a state() of Momentum, got {got}"
        says(ValueError, expected, lambda wrong=wrong: optimizer.restore(wrong))
    says(
        ValueError, "Clipped.restore: expected a state() of Clipped, got 3", lambda: Clipped(optimizer, 1.0).restore(3)
    )
    assert str(optimizer.state()) == str(before)
