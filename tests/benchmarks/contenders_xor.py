"""XOR with a 2-4-1 network: tanh, logits with binary cross-entropy, full batch of 4, float64.

Arrays are so small that each call costs more than its arithmetic: this task measures the engine's overhead.
"""

import numpy as np

from course_lib import Dense, Sequential, functional
from course_lib.frameworks import steps as framework_steps

from .comparison import Task, contenders, initial_weights, views

ETA = 0.5
X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])  # (4, 2)
Y = np.array([[0.0], [1.0], [1.0], [0.0]])  # (4, 1)


def weights():
    """The initial W1 (2, 4), b1 (4,), W2 (4, 1), b2 (1,) of every contender."""
    return initial_weights(_model())


def _model():
    rng = np.random.default_rng(0)
    return Sequential(Dense(2, 4, "tanh", rng=rng), Dense(4, 1, rng=rng))


def course_lib(way, **options):
    """One of the ways in which course_lib takes its steps."""
    return lambda: way(_model(), functional.binary_cross_entropy, (X, Y), ETA, **options)


def plain_numpy():
    """As a textbook writes it."""
    W1, b1, W2, b2 = weights()
    n = len(X)

    def run(steps):
        nonlocal W1, b1, W2, b2
        for _ in range(steps):
            a1 = np.tanh(X @ W1 + b1)  # (4, 4)
            p = 1 / (1 + np.exp(-(a1 @ W2 + b2)))  # (4, 1)
            loss = -np.mean(Y * np.log(p) + (1 - Y) * np.log(1 - p))
            delta2 = (p - Y) / n  # (4, 1)
            dW2, db2 = a1.T @ delta2, delta2.sum(axis=0)
            delta1 = (delta2 @ W2.T) * (1 - a1**2)  # (4, 4)
            dW1, db1 = X.T @ delta1, delta1.sum(axis=0)
            W1 -= ETA * dW1
            b1 -= ETA * db1
            W2 -= ETA * dW2
            b2 -= ETA * db2
        return float(loss)

    return run


def hand_tuned_numpy():
    """The fastest we can write for this one network; the textbook's formulas are hard to find in it.

    A column of ones in the input of each layer makes the bias a row of the weights; the learning rate is in
    the output error already, so that the gradient is the step.
    """
    initial = [np.vstack([W, b]) for W, b in zip(weights()[::2], weights()[1::2], strict=True)]
    w = np.concatenate(initial, axis=None)  # flat
    step = np.empty_like(w)
    V1, V2 = views(w, initial)  # (3, 4), (5, 1): the last row is the bias
    step1, step2 = views(step, initial)
    n = len(X)
    x, a1 = np.column_stack([X, np.ones(n)]), np.ones((n, 5))
    z1, slope, delta1 = np.empty((3, n, 4))
    z2, softplus, delta2 = np.empty((3, n, 1))
    ones, x_T, a1_T, W2_T, tanh = np.ones(n), x.T, a1.T, V2[:4].T, a1[:, :4]
    z2_flat, softplus_flat, y_flat = z2.ravel(), softplus.ravel(), Y.ravel()
    zero, one, eta_over_n = np.zeros(()), np.ones(()), np.array(ETA / n)  # faster than Python numbers

    def run(steps):
        for _ in range(steps):
            np.dot(x, V1, out=z1)
            np.tanh(z1, out=tanh)
            np.dot(a1, V2, out=z2)
            np.logaddexp(zero, z2, out=softplus)  # log(1 + e^z)
            loss = (ones.dot(softplus_flat) - y_flat.dot(z2_flat)) / n
            np.subtract(z2, softplus, out=delta2)
            np.exp(delta2, out=delta2)  # sigmoid(z)
            np.subtract(delta2, Y, out=delta2)
            np.multiply(delta2, eta_over_n, out=delta2)
            np.dot(a1_T, delta2, out=step2)
            np.dot(delta2, W2_T, out=delta1)
            np.multiply(tanh, tanh, out=slope)
            np.subtract(one, slope, out=slope)
            np.multiply(delta1, slope, out=delta1)
            np.dot(x_T, delta1, out=step1)
            np.subtract(w, step, out=w)
        return float(loss)

    return run


def pytorch(compiled=False):
    def model(torch):
        layers = torch.nn.Linear(2, 4), torch.nn.Tanh(), torch.nn.Linear(4, 1)
        return torch.nn.Sequential(*layers).double()

    def loss(torch):
        x, y = torch.from_numpy(X), torch.from_numpy(Y)
        return lambda model: torch.nn.functional.binary_cross_entropy_with_logits(model(x), y)

    return framework_steps.pytorch(model, weights(), loss, ETA, compiled)


def tensorflow():
    def loss(tf):
        x, y = tf.constant(X), tf.constant(Y)

        def loss_of(params):
            W1, b1, W2, b2 = params
            logits = tf.tanh(x @ W1 + b1) @ W2 + b2
            return tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(labels=y, logits=logits))

        return loss_of

    return framework_steps.tensorflow(weights(), loss, ETA)


def jax():
    def loss(jax):
        jnp = jax.numpy

        def loss_of(params):
            W1, b1, W2, b2 = params
            logits = jnp.tanh(X @ W1 + b1) @ W2 + b2
            return jnp.mean(jax.nn.softplus(logits) - logits * Y)

        return loss_of

    return framework_steps.jax(weights(), loss, ETA)


TASK = Task(
    name="XOR 2-4-1, full batch of 4, float64",
    contenders=contenders(course_lib, plain_numpy, hand_tuned_numpy, pytorch, tensorflow, jax),
    reference="plain NumPy",
    targets={"course_lib, loop": (1.0, 0.8), "course_lib, replayed": (0.4, 0.35)},
    tolerance=1e-10,  # one step less makes 2e-2; roundings, of 2e-16 each, below 1e-14
    steps=200,
)
