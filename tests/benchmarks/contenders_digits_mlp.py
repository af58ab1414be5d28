"""A 64-128-10 network for 8x8 digits: relu, softmax cross-entropy, one batch of 64, float32.

The data are synthetic, with a fixed seed: 64 pixels from 0 to 1 and a random class for each picture. The
time of a step depends on their shape, not on what they show. Arithmetic weighs more here than the engine's
overhead.
"""

import numpy as np

from course_lib import Dense, Sequential, functional
from course_lib.frameworks import steps as framework_steps

from .comparison import Task, contenders, initial_weights, views

ETA = 0.1
BATCH, PIXELS, HIDDEN, CLASSES = 64, 64, 128, 10
_data = np.random.default_rng(0)
X = _data.random((BATCH, PIXELS), dtype=np.float32)  # (64, 64)
LABELS = _data.integers(0, CLASSES, BATCH)  # (64,)


def weights():
    """The initial W1 (64, 128), b1 (128,), W2 (128, 10), b2 (10,) of every contender."""
    return initial_weights(_model())


def _model():
    rng = np.random.default_rng(0)
    hidden = Dense(PIXELS, HIDDEN, "relu", rng=rng, dtype=np.float32)
    return Sequential(hidden, Dense(HIDDEN, CLASSES, rng=rng, dtype=np.float32))


def course_lib(way, **options):
    """One of the ways in which course_lib takes its steps."""
    return lambda: way(_model(), functional.softmax_cross_entropy, (X, LABELS), ETA, **options)


def plain_numpy():
    """As a textbook writes it."""
    W1, b1, W2, b2 = weights()
    picture = np.arange(BATCH)

    def run(steps):
        nonlocal W1, b1, W2, b2
        for _ in range(steps):
            a1 = np.maximum(X @ W1 + b1, 0)  # (64, 128)
            z2 = a1 @ W2 + b2  # (64, 10)
            e = np.exp(z2 - z2.max(axis=1, keepdims=True))
            p = e / e.sum(axis=1, keepdims=True)
            loss = -np.mean(np.log(p[picture, LABELS]))
            delta2 = p
            delta2[picture, LABELS] -= 1
            delta2 /= BATCH
            dW2, db2 = a1.T @ delta2, delta2.sum(axis=0)
            delta1 = (delta2 @ W2.T) * (a1 > 0)  # (64, 128)
            dW1, db1 = X.T @ delta1, delta1.sum(axis=0)
            W1 -= ETA * dW1
            b1 -= ETA * db1
            W2 -= ETA * dW2
            b2 -= ETA * db2
        return float(loss)

    return run


def buffered_numpy():
    """Arrays are allocated once, sums are products with ones, all weights are one flat vector."""
    initial = weights()
    w = np.concatenate(initial, axis=None)  # flat
    gradient = np.empty_like(w)
    W1, b1, W2, b2 = views(w, initial)
    dW1, db1, dW2, db2 = views(gradient, initial)
    ones, ones_classes = np.ones(BATCH, np.float32), np.ones((CLASSES, 1), np.float32)
    a1, delta1, zeros = np.zeros((3, BATCH, HIDDEN), np.float32)
    active = np.empty((BATCH, HIDDEN), bool)
    z2 = np.empty((BATCH, CLASSES), np.float32)
    largest, total = np.empty((2, BATCH, 1), np.float32)
    one_hot = np.eye(CLASSES, dtype=np.float32)[LABELS]
    X_T, a1_T, W2_T, total_flat = X.T, a1.T, W2.T, total.ravel()
    one_over_n, eta = np.float32(1 / BATCH), np.float32(ETA)

    def run(steps):
        for _ in range(steps):
            np.dot(X, W1, out=a1)
            np.add(a1, b1, out=a1)
            np.maximum(a1, zeros, out=a1)  # faster than with the number 0
            np.dot(a1, W2, out=z2)
            np.add(z2, b2, out=z2)
            np.maximum.reduce(z2, axis=1, keepdims=True, out=largest)
            np.subtract(z2, largest, out=z2)
            chosen = np.vdot(z2, one_hot)
            np.exp(z2, out=z2)
            np.dot(z2, ones_classes, out=total)
            np.divide(z2, total, out=z2)  # softmax
            np.log(total, out=total)
            loss = (ones.dot(total_flat) - chosen) / BATCH
            np.subtract(z2, one_hot, out=z2)
            np.multiply(z2, one_over_n, out=z2)  # delta2
            np.dot(a1_T, z2, out=dW2)
            np.dot(ones, z2, out=db2)
            np.dot(z2, W2_T, out=delta1)
            np.greater(a1, zeros, out=active)
            np.multiply(delta1, active, out=delta1)
            np.dot(X_T, delta1, out=dW1)
            np.dot(ones, delta1, out=db1)
            np.multiply(gradient, eta, out=gradient)
            np.subtract(w, gradient, out=w)
        return float(loss)

    return run


def hand_tuned_numpy():
    """The fastest we can write for this one network; the textbook's formulas are hard to find in it.

    A column of ones in the input of each layer makes the bias a row of the weights; logits are (classes,
    batch), so that maximum and sum over the classes run along memory; the learning rate is in the output
    error already, so that the gradient is the step.
    """
    initial = [np.vstack([W, b]) for W, b in zip(weights()[::2], weights()[1::2], strict=True)]
    w = np.concatenate(initial, axis=None)  # flat
    step = np.empty_like(w)
    V1, V2 = views(w, initial)  # (65, 128), (129, 10): the last row is the bias
    step1, step2 = views(step, initial)
    ones, ones_classes = np.ones(BATCH, np.float32), np.ones(CLASSES, np.float32)
    x, a1 = np.column_stack([X, ones]), np.ones((BATCH, HIDDEN + 1), np.float32)
    relu = a1[:, :HIDDEN]
    z1, delta1, zeros = np.zeros((3, BATCH, HIDDEN), np.float32)
    active = np.empty((BATCH, HIDDEN), bool)
    z2 = np.empty((CLASSES, BATCH), np.float32)
    largest, total = np.empty((2, BATCH), np.float32)
    one_hot = np.eye(CLASSES, dtype=np.float32)[:, LABELS]
    x_T, a1_T, V2_T, W2_T, delta2 = x.T, a1.T, V2.T, V2[:HIDDEN].T, z2.T
    eta_over_n = np.float32(ETA / BATCH)

    def run(steps):
        for _ in range(steps):
            np.dot(x, V1, out=z1)
            np.maximum(z1, zeros, out=relu)
            np.dot(V2_T, a1_T, out=z2)
            np.maximum.reduce(z2, axis=0, out=largest)
            np.subtract(z2, largest, out=z2)
            chosen = np.vdot(z2, one_hot)
            np.exp(z2, out=z2)
            np.dot(ones_classes, z2, out=total)
            np.divide(z2, total, out=z2)  # softmax
            np.log(total, out=total)
            loss = (ones.dot(total) - chosen) / BATCH
            np.subtract(z2, one_hot, out=z2)
            np.multiply(z2, eta_over_n, out=z2)
            np.dot(a1_T, delta2, out=step2)
            np.dot(delta2, W2_T, out=delta1)
            np.greater(z1, zeros, out=active)
            np.multiply(delta1, active, out=delta1)
            np.dot(x_T, delta1, out=step1)
            np.subtract(w, step, out=w)
        return float(loss)

    return run


def pytorch(compiled=False):
    def model(torch):
        layers = torch.nn.Linear(PIXELS, HIDDEN), torch.nn.ReLU(), torch.nn.Linear(HIDDEN, CLASSES)
        return torch.nn.Sequential(*layers)

    loss = framework_steps.torch_cross_entropy(X, LABELS)
    return framework_steps.pytorch(model, weights(), loss, ETA, compiled)


def tensorflow():
    def logits(tf, x, W1, b1, W2, b2):
        return tf.nn.relu(x @ W1 + b1) @ W2 + b2

    return framework_steps.tensorflow(weights(), framework_steps.tensorflow_cross_entropy(logits, X, LABELS), ETA)


def jax():
    def logits(jax, x, W1, b1, W2, b2):
        return jax.nn.relu(x @ W1 + b1) @ W2 + b2

    return framework_steps.jax(weights(), framework_steps.jax_cross_entropy(logits, X, LABELS), ETA)


TASK = Task(
    name="digits MLP 64-128-10, batch of 64, float32",
    contenders=contenders(course_lib, plain_numpy, buffered_numpy, hand_tuned_numpy, pytorch, tensorflow, jax),
    reference="NumPy with buffers",
    targets={"course_lib, loop": (1.35, 1.2), "course_lib, replayed": (1.0, 0.85)},
    tolerance=1e-5,  # one step less makes 8e-3; 100 steps of roundings, of 1.2e-7 each, at most 1e-5
    steps=60,
)
