"""A GRU that reads 40 steps of 13 numbers into a state of 64, and classifies the last state: batch of 32, float32.

The data are synthetic, with a fixed seed: 13 numbers a step, as a recording of speech has, and a random class for each
sequence. The 40 steps of the recurrence cannot be done at once, so that matrix products are small and many.
"""

import numpy as np

from course_lib import GRU, Dense, Layer, functional
from course_lib.frameworks import steps as framework_steps

from .comparison import Task, contenders, initial_weights, views

ETA = 0.1
BATCH, TIME, FEATURES, HIDDEN, CLASSES = 32, 40, 13, 64, 10
_data = np.random.default_rng(0)
X = _data.standard_normal((BATCH, TIME, FEATURES), dtype=np.float32)  # (32, 40, 13)
LABELS = _data.integers(0, CLASSES, BATCH)  # (32,)


def weights():
    """The initial W (13, 192), U (64, 192), b (192,), c (64,), and V (64, 10), d (10,) of the classifier."""
    return initial_weights(Classifier())


class Classifier(Layer):
    """The last state of a GRU, classified."""

    def __init__(self):
        options = {"rng": np.random.default_rng(0), "dtype": np.float32}
        self.layers = [GRU(FEATURES, HIDDEN, **options), Dense(HIDDEN, CLASSES, **options)]

    def __call__(self, x):
        gru, dense = self.layers
        return dense(gru(x)[:, -1])


def course_lib(way, **options):
    """One of the ways in which course_lib takes its steps."""
    return lambda: way(Classifier(), functional.softmax_cross_entropy, (X, LABELS), ETA, **options)


def plain_numpy():
    """As a textbook writes it: one step after the other, forward and then backward."""
    W, U, b, c, V, d = weights()
    sequence = np.arange(BATCH)

    def sigmoid(z):
        return 1 / (1 + np.exp(-z))

    def run(steps):
        nonlocal W, U, b, c, V, d
        for _ in range(steps):
            h, kept = np.zeros((BATCH, HIDDEN), np.float32), []
            for t in range(TIME):
                zr, zu, zn = np.split(X[:, t] @ W + b, 3, axis=1)  # (32, 64) each
                ar, au, an = np.split(h @ U, 3, axis=1)  # (32, 64) each
                r, u, s = sigmoid(zr + ar), sigmoid(zu + au), an + c
                n = np.tanh(zn + r * s)
                kept.append((h, r, u, s, n))
                h = (1 - u) * n + u * h
            z = h @ V + d  # (32, 10)
            e = np.exp(z - z.max(axis=1, keepdims=True))
            p = e / e.sum(axis=1, keepdims=True)
            loss = -np.mean(np.log(p[sequence, LABELS]))
            delta = p
            delta[sequence, LABELS] -= 1
            delta /= BATCH
            dV, dd, dh = h.T @ delta, delta.sum(axis=0), delta @ V.T
            dW, dU, db, dc = (np.zeros_like(w) for w in (W, U, b, c))
            for t in reversed(range(TIME)):
                h, r, u, s, n = kept[t]
                delta_n = dh * (1 - u) * (1 - n**2)
                delta_u = dh * (h - n) * u * (1 - u)
                delta_r = delta_n * s * r * (1 - r)
                delta_x = np.concatenate([delta_r, delta_u, delta_n], axis=1)  # (32, 192)
                delta_h = np.concatenate([delta_r, delta_u, delta_n * r], axis=1)  # (32, 192)
                dW += X[:, t].T @ delta_x
                dU += h.T @ delta_h
                db += delta_x.sum(axis=0)
                dc += (delta_n * r).sum(axis=0)
                dh = dh * u + delta_h @ U.T
            for w, dw in zip((W, U, b, c, V, d), (dW, dU, db, dc, dV, dd), strict=True):
                w -= ETA * dw
        return float(loss)

    return run


def hand_tuned_numpy():
    """The fastest we can write for this one network: nothing is allocated, and nothing is computed twice.

    Each gate has arrays of its own, so that a step of it lies in one piece. The input of all steps is projected at
    once, with a column of ones for the bias; sigmoid(z) = (1 + tanh(z/2)) / 2, and the halves are in the weights. What
    does not depend on dL/dh is computed for all steps at once, and so are the gradients of the weights.
    """
    W, U, b, c, V, d = weights()
    initial = [np.vstack([W, b]), U, c, np.vstack([V, d])]
    w = np.concatenate(initial, axis=None)  # flat
    step = np.empty_like(w)
    W, U, c, V = views(w, initial)  # (14, 192), (64, 192), (64,), (65, 10): the last row is the bias
    dW, dU, dc, dV = views(step, initial)
    half = np.array([0.5, 0.5, 1], np.float32)[:, None, None]
    W_half, U_half = np.empty((3, FEATURES + 1, HIDDEN), np.float32), np.empty((3, HIDDEN, HIDDEN), np.float32)
    W_by_gate, U_by_gate = (a.reshape(-1, 3, HIDDEN).swapaxes(0, 1) for a in (W, U))
    U_T, dc_all = np.empty((3 * HIDDEN, HIDDEN), np.float32), np.empty(3 * HIDDEN, np.float32)
    x = np.ones((TIME, BATCH, FEATURES + 1), np.float32)
    x[:, :, :-1] = X.swapaxes(0, 1)
    x_T, x_by_gate = x.reshape(-1, FEATURES + 1).T, x[:, None]
    gates = np.empty((TIME, 3, BATCH, HIDDEN), np.float32)
    states = np.zeros((TIME + 1, BATCH, HIDDEN), np.float32)
    s, dh, spare, other = np.empty((4, TIME, BATCH, HIDDEN), np.float32)
    factors = np.empty((TIME, BATCH, 3, HIDDEN), np.float32)
    deltas, states_T = factors.reshape(-1, 3 * HIDDEN), states[:-1].reshape(-1, HIDDEN).T
    (r, u, n), (factor_r, factor_u, factor_n) = gates.swapaxes(0, 1), factors.transpose(2, 0, 1, 3)
    products, (c_rows, change, back) = np.empty((2, 3, BATCH, HIDDEN), np.float32)
    products_ru, products_n = products[:2], products[2]
    forward = list(zip(states[:-1], states[1:], gates[:, :2], r, u, n, s, strict=True))
    backward = list(zip(dh[1:], dh[:-1], u[1:], factors[1:], deltas.reshape(TIME, BATCH, -1)[1:], strict=True))[::-1]
    last, z = np.ones((BATCH, HIDDEN + 1), np.float32), np.empty((CLASSES, BATCH), np.float32)
    largest, total = np.empty((2, BATCH), np.float32)
    one_hot = np.eye(CLASSES, dtype=np.float32)[:, LABELS]
    ones, ones_batch, ones_classes = (np.ones(size, np.float32) for size in (TIME * BATCH, BATCH, CLASSES))
    one, one_half, eta_over_n = np.float32(1), np.float32(0.5), np.float32(ETA / BATCH)

    def run(steps):
        for _ in range(steps):
            np.multiply(W_by_gate, half, out=W_half)
            np.multiply(U_by_gate, half, out=U_half)
            np.copyto(U_T, U.T)
            np.copyto(c_rows, c)
            np.matmul(x_by_gate, W_half, out=gates)
            for h, h_next, ru, r_t, u_t, n_t, s_t in forward:
                np.matmul(h, U_half, out=products)
                np.add(ru, products_ru, out=ru)
                np.tanh(ru, out=ru)
                np.multiply(ru, one_half, out=ru)
                np.add(ru, one_half, out=ru)
                np.add(products_n, c_rows, out=s_t)
                np.multiply(r_t, s_t, out=h_next)
                np.add(n_t, h_next, out=n_t)
                np.tanh(n_t, out=n_t)
                np.subtract(h, n_t, out=change)
                np.multiply(change, u_t, out=h_next)
                np.add(h_next, n_t, out=h_next)
            last[:, :-1] = states[-1]
            np.dot(V.T, last.T, out=z)
            np.maximum.reduce(z, axis=0, out=largest)
            np.subtract(z, largest, out=z)
            chosen = np.vdot(z, one_hot)
            np.exp(z, out=z)
            np.dot(ones_classes, z, out=total)
            np.divide(z, total, out=z)  # softmax
            np.log(total, out=total)
            loss = (ones_batch.dot(total) - chosen) / BATCH
            np.subtract(z, one_hot, out=z)
            np.multiply(z, eta_over_n, out=z)
            np.dot(last.T, z.T, out=dV)
            np.dot(z.T, V[:-1].T, out=dh[-1])

            np.subtract(one, u, out=spare)
            np.subtract(states[1:], n, out=other)  # h' - n = u (h - n)
            np.multiply(other, spare, out=factor_u)  # (h - n) u (1 - u)
            np.multiply(n, n, out=n)
            np.subtract(one, n, out=n)
            np.multiply(n, spare, out=n)  # (1 - u) (1 - n^2), the factor of the candidate's own part
            np.multiply(n, r, out=spare)
            np.copyto(factor_n, spare)  # the factor of its part that comes from the state
            np.multiply(s, spare, out=s)
            np.subtract(one, r, out=spare)
            np.multiply(s, spare, out=factor_r)
            for dh_t, dh_before, u_t, factors_t, deltas_t in backward:
                np.multiply(factors_t, dh_t[:, None], out=factors_t)
                np.dot(deltas_t, U_T, out=dh_before)
                np.multiply(dh_t, u_t, out=back)
                np.add(dh_before, back, out=dh_before)
            np.multiply(factors[0], dh[0][:, None], out=factors[0])
            np.dot(states_T, deltas, out=dU)
            np.dot(ones, deltas, out=dc_all)
            np.copyto(dc, dc_all[2 * HIDDEN :])
            np.multiply(n, dh, out=factor_n)
            np.dot(x_T, deltas, out=dW)
            np.subtract(w, step, out=w)
        return float(loss)

    return run


def pytorch(compiled=False):
    def model(torch):
        class Classifier(torch.nn.Module):
            def __init__(self):
                super().__init__()
                self.gru = torch.nn.GRU(FEATURES, HIDDEN, batch_first=True)
                self.dense = torch.nn.Linear(HIDDEN, CLASSES)
                # PyTorch has a second bias at the gates r and u too: it stays at 0
                self.gru.bias_hh_l0.register_hook(lambda g: torch.nn.functional.pad(g[2 * HIDDEN :], (2 * HIDDEN, 0)))

            def forward(self, x):
                return self.dense(self.gru(x)[0][:, -1])

        return Classifier()

    loss = framework_steps.torch_cross_entropy(X, LABELS)
    W, U, b, c, V, d = weights()
    return framework_steps.pytorch(model, [W, U, b, np.concatenate([0 * b[HIDDEN:], c]), V, d], loss, ETA, compiled)


def tensorflow():
    def logits(tf, x, W, U, b, c, V, d):
        h = tf.zeros((BATCH, HIDDEN))
        for z in tf.unstack(x @ W + b, axis=1):
            (zr, zu, zn), (ar, au, an) = tf.split(z, 3, axis=1), tf.split(h @ U, 3, axis=1)
            r, u = tf.sigmoid(zr + ar), tf.sigmoid(zu + au)
            h = (1 - u) * tf.tanh(zn + r * (an + c)) + u * h
        return h @ V + d

    return framework_steps.tensorflow(weights(), framework_steps.tensorflow_cross_entropy(logits, X, LABELS), ETA)


def jax():
    def logits(jax, x, W, U, b, c, V, d):
        jnp = jax.numpy

        def step(h, z):
            (zr, zu, zn), (ar, au, an) = jnp.split(z, 3, axis=1), jnp.split(h @ U, 3, axis=1)
            r, u = jax.nn.sigmoid(zr + ar), jax.nn.sigmoid(zu + au)
            return (1 - u) * jnp.tanh(zn + r * (an + c)) + u * h, None

        h, _ = jax.lax.scan(step, jnp.zeros((BATCH, HIDDEN), x.dtype), x.swapaxes(0, 1) @ W + b)
        return h @ V + d

    return framework_steps.jax(weights(), framework_steps.jax_cross_entropy(logits, X, LABELS), ETA)


TASK = Task(
    name="GRU 13 -> 64, 40 steps, batch of 32, float32",
    contenders=contenders(course_lib, plain_numpy, hand_tuned_numpy, pytorch, tensorflow, jax),
    reference="NumPy, hand-tuned",
    targets={"course_lib, loop": (1.2, 1.05), "course_lib, replayed": (1.0, 0.95)},
    tolerance=1e-5,  # one step less makes 2e-2; 100 steps of roundings, of 1.2e-7 each, at most 1e-5
    steps=4,
)
