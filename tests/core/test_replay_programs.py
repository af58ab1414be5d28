"""Every program that is shown is executed: it takes the step of the engine."""

import re

import numpy as np
import pytest
from own_optimizers import own_optimizer
from recorded_steps import OPTIMIZERS, SEQUENCES, STEPS, Composed, X, Y

from course_lib import GRU, Dense, GradientDescent, Layer, Tensor, ops, set_language
from course_lib import functional as F
from course_lib.autodiff import record
from course_lib.optimizers import Optimizer
from course_lib.replay import CannotReplay, Textbook, program_text, record_step
from course_lib.training_step import take_step

NO_TEXTBOOK = {
    "dropout": "dropout",
    "batch norm": "batch_norm",
    "stack, labels": r"logits \(5, 8, 3\)",
    "attention": "attention_weights",
    "translation": "mask",
    "weighted sequences": "mask",
    "other operations": "concat",
}
LABELS_OF_A_STEP = ["# forward", "# loss", "# output error", "# gradients", "# hidden error", "# step"]


def recorded(name, optimizer="GradientDescent"):
    model, data, loss = STEPS[name](np.random.default_rng(7))
    model.set_training(True)
    return record_step(model, data, loss=loss, optimizer=OPTIMIZERS[optimizer]())


def check_textbook(step, rtol=1e-12, steps=4):
    """Run the textbook program and the step side by side: the same losses and parameters, up to rounding."""
    textbook, namespace = Textbook(step), {}
    assert textbook.text == program_text(step)
    exec(textbook.text, namespace)
    arrays = {name: np.copy(value) for name, value in textbook.values().items() if isinstance(value, np.ndarray)}
    for _ in range(steps):
        loss = namespace["step"](**{**textbook.values(), **arrays})
        np.testing.assert_allclose(loss, step(), rtol=rtol)
    for parameter, label in zip(step.parameters, step.parameter_names, strict=True):
        np.testing.assert_allclose(arrays[label], parameter.value, rtol=100 * rtol, atol=rtol)


@pytest.mark.parametrize("name", STEPS)
def test_the_program_that_is_shown_is_the_step(name):
    """Executed with the arrays that it names, it leaves what the engine leaves."""
    model, data, loss = STEPS[name](np.random.default_rng(7))
    model.set_training(True)
    optimizer, step = OPTIMIZERS["GradientDescent"](), recorded(name)
    program = step.named_program()
    assert program.text == program_text(step, "replayed")
    namespace = program.bind(step.memories)
    namespace["load"]()
    assert [namespace["step"]() for _ in range(3)] == [take_step(model, data, loss, optimizer) for _ in range(3)]


def test_the_program_has_the_names_of_the_lines_that_it_comes_from():
    text = program_text(recorded("binary cross-entropy"), "replayed")
    for line in ("x.dot(W1, out=", "tanh(z", "a.dot(W2, out=", "x_T.dot(delta", "out=dW1)", "logaddexp(", "out=w)"):
        assert line in text, line


def test_a_part_of_an_array_is_called_after_it():
    places = recorded("gru").named_program().places
    for name in ("x_1", "weights"):
        assert places[f"{name}_part"].memory is places[name].memory


@pytest.mark.parametrize("optimizer", [name for name in OPTIMIZERS if name != "clipped"])
def test_the_textbook_program_is_the_step_with_every_optimizer(optimizer):
    check_textbook(recorded("binary cross-entropy", optimizer))


@pytest.mark.parametrize("name", [name for name in STEPS if name not in NO_TEXTBOOK])
def test_the_textbook_program_is_the_step_and_its_parts_have_their_six_names_in_their_order(name):
    step = recorded(name)
    labels = [line.strip() for line in program_text(step).splitlines() if line.strip().startswith("#")]
    assert [label for i, label in enumerate(labels) if label not in labels[:i]] == LABELS_OF_A_STEP
    check_textbook(step, rtol=1e-5 if "float32" in name else 1e-12)


def test_the_labels_are_in_the_readers_language():
    try:
        set_language("zh")
        labels = re.findall("# (.+)", program_text(recorded("binary cross-entropy")))
    finally:
        set_language("en")
    assert set(labels) == {"前向传播", "损失", "输出误差", "隐藏误差", "梯度", "更新"}


@pytest.mark.parametrize("name", NO_TEXTBOOK)
def test_what_the_textbook_has_no_short_form_for_is_said(name):
    with pytest.raises(CannotReplay, match=f"the textbook has no short form for {NO_TEXTBOOK[name]}"):
        program_text(recorded(name))


@pytest.mark.parametrize("name", ["dense, tanh", "binary cross-entropy", "softmax cross-entropy", "half squared error"])
def test_the_textbook_program_of_dense_layers_takes_batches_of_any_size(name):
    step, namespace = recorded(name), {}
    model, (x, y), loss = STEPS[name](np.random.default_rng(7))
    textbook = Textbook(step)
    exec(textbook.text, namespace)
    arguments = {name: np.copy(value) for name, value in textbook.values().items()}
    found = namespace["step"](**{**arguments, "x": x[:3], "y": y[:3]})
    np.testing.assert_allclose(
        found, take_step(model, (x[:3], y[:3]), loss, OPTIMIZERS["GradientDescent"]()), rtol=1e-12
    )
    np.testing.assert_allclose(arguments["W1"], model.parameters[0].value, rtol=1e-12)


def test_an_unknown_dialect_is_refused():
    with pytest.raises(ValueError, match='expected dialect "textbook" or "replayed", got 3'):
        program_text(recorded("binary cross-entropy"), 3)


def test_the_textbook_program_of_a_network_is_what_one_derives_by_hand():
    text = program_text(recorded("binary cross-entropy"))
    assert (
        text
        == """import numpy as np


def step(x, y, W1, b1, W2, b2, eta):
    # forward
    a1 = np.tanh(x @ W1 + b1)
    z2 = a1 @ W2 + b2
    # loss
    loss = (np.logaddexp(0, z2) - y * z2).mean()
    # output error
    p = 1 / (1 + np.exp(-z2))
    delta2 = (p - y) / y.size
    # gradients
    dW2 = a1.T @ delta2
    db2 = delta2.sum(axis=0)
    # hidden error
    delta1 = delta2 @ W2.T * (1 - a1 * a1)
    # gradients
    dW1 = x.T @ delta1
    db1 = delta1.sum(axis=0)
    # step
    W1 -= eta * dW1
    b1 -= eta * db1
    W2 -= eta * dW2
    b2 -= eta * db2
    return loss
"""
    )


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("softmax cross-entropy", ["p = e / e.sum(axis=1, keepdims=True)", "delta2 = (p - np.eye(3)[y]) / len(y)"]),
        ("convolutions", ["for k, l in np.ndindex(3, 3):", "    z1 += padded1[:, k:k + 8, l:l + 8] @ W1[k, l]"]),
        ("gru", ["for t in range(6):", "for t in reversed(range(6)):", "z2 = h[:, -1] @ W2 + b2"]),
        ("gru cells", ["for t in range(6):", "for t in reversed(range(6)):", "z2 = h[:, 6] @ W2 + b2"]),
    ],
)
def test_loops_and_labels_are_written_as_a_textbook_does(name, lines):
    text = program_text(recorded(name))
    assert all(f"    {line}\n" in text for line in lines)
    assert len(text.splitlines()) <= 65 and max(map(len, text.splitlines())) <= 100


def test_a_network_of_elementary_operations():
    """A branch, a value that is used twice, broadcast vectors, means along an axis, and the names of the reader's lines."""

    class Own(Layer):
        def __init__(self, rng):
            self.W, self.b = Tensor(rng.normal(size=(5, 3)), name="W"), Tensor(rng.normal(size=3), name="b")
            self.V = Tensor(rng.normal(size=(3, 3)), name="V")

        def __call__(self, x):
            hidden = ops.sigmoid((x * 0.5) @ self.W + self.b)
            gate = ops.relu(hidden - ops.mean(hidden, axis=1)[:, None]) + ops.exp(-hidden) / 2.0
            mixed = ops.tanh(gate @ self.V) * hidden - ops.sqrt(hidden)
            return mixed + ops.log(hidden) * ops.sum(hidden, axis=0)

    step = record_step(
        Own(np.random.default_rng(0)), (X, Y), loss=F.binary_cross_entropy, optimizer=GradientDescent(0.1)
    )
    check_textbook(step)
    for line in ("hidden = ", "gate = ", "mixed = "):
        assert line in program_text(step)


@pytest.mark.parametrize(("constant", "text"), [(0.5, "0.5"), ([0.5], "np.full((1,), 0.5)")])
def test_a_constant_of_one_number_stands_in_the_textbook_program(constant, text):
    layer = Dense(5, 3, rng=np.random.default_rng(0))
    model = Composed(lambda x, layer: layer(x) * np.array(constant), layer)
    step = record_step(model, (X, Y), loss=F.binary_cross_entropy, optimizer=GradientDescent(0.1))
    check_textbook(step)
    assert text in program_text(step)


def test_a_loop_needs_a_chain_of_cells():
    """Every second time step, and a state that is read on the way, are no loop over x[:, t]."""

    def skipping(x, gru, dense):
        h = np.zeros((len(x), 4))
        for t in range(0, x.shape[1], 2):
            h = F.gru_cell(x[:, t], h, *gru.parameters)
        return dense(h)

    def reading(x, gru, dense):
        h, total = np.zeros((len(x), 4)), 0.0
        for t in range(x.shape[1]):
            h = F.gru_cell(x[:, t], h, *gru.parameters)
            total = total + h
        return dense(total)

    rng = np.random.default_rng(0)
    for function in (skipping, reading):
        model = Composed(function, GRU(3, 4, rng=rng), Dense(4, 3, rng=rng))
        data = SEQUENCES, rng.integers(0, 3, 4)
        step = record_step(model, data, loss=F.softmax_cross_entropy, optimizer=GradientDescent(0.1))
        with pytest.raises(CannotReplay, match="no short form for gru_cell"):
            program_text(step)


@pytest.mark.parametrize("seed", range(12))
def test_the_textbook_program_is_the_step_of_any_optimizer_whatever_its_names(seed):
    model, data, loss = STEPS["dense, tanh"](np.random.default_rng(7))
    check_textbook(record_step(model, data, loss=loss, optimizer=own_optimizer(seed)(0.1)), steps=5)


class Rows(Optimizer):
    """Two averages in one array."""

    def reset(self):
        self.both = np.zeros((2, *self._w.shape))

    def update(self, w, g):
        self.both[0] += g
        self.both[1] += g * g
        w -= self._rate * self.both[0] / np.sqrt(self.both[1] + 1)


class Together(Rows):
    """The same, all at once."""

    def update(self, w, g):
        self.both += g
        w -= self._rate * g


class PerLayer(Optimizer):
    """It knows where the parameters lie."""

    def update(self, w, g):
        for view in self._flat.views:
            view *= 0.9
        w -= self._rate * g


class Backwards(Rows):
    """It reads its average from the last number to the first."""

    def reset(self):
        self.v = np.zeros_like(self._w)

    def update(self, w, g):
        self.v += g
        w -= self._rate * self.v[::-1]


class Length(Optimizer):
    def update(self, w, g):
        w -= self._rate * g / np.linalg.norm(g)


@pytest.mark.parametrize("optimizer", [Rows, Together, PerLayer, Backwards, Length])
def test_an_optimizer_that_has_no_textbook_program_is_refused(optimizer):
    """The step is replayed; printed parameter by parameter, it would be another one."""
    model, data, loss = STEPS["dense, tanh"](np.random.default_rng(7))
    step = record_step(model, data, loss=loss, optimizer=optimizer(0.1))
    with pytest.raises(CannotReplay, match=r"the textbook has no (name|short form) for "):
        program_text(step)


def cube(x):
    return record(x.value**3, (x,), lambda g: (g * 3 * x.value**2,))


def test_operations_of_the_reader_are_refused_by_the_textbook():
    model = Composed(lambda x, first: cube(first(x)), Dense(5, 3, rng=np.random.default_rng(0)))
    step = record_step(model, (X, Y), loss=F.mean_squared_error, optimizer=GradientDescent(0.1))
    with pytest.raises(CannotReplay, match="no short form for cube"):
        program_text(step)
