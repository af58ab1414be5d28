"""A convolutional network for 8x8 digits: two 3x3 convolutions with 16 and 32 channels, pooling, a dense layer.

relu, softmax cross-entropy, one batch of 64, float32. The data are synthetic, with a fixed seed: 64 pixels from 0 to 1
and a random class for each picture. Three matrix products of the second convolution take most of the time, if the
arrays of several 100 KB around them are copied well, and are not new ones in each step.
"""

import numpy as np
from numpy.lib.stride_tricks import as_strided, sliding_window_view

from course_lib import Conv2D, Dense, Flatten, MaxPool2D, Sequential, functional
from course_lib.frameworks import steps as framework_steps

from .comparison import Task, contenders, initial_weights, views

ETA = 0.05
BATCH, SIDE, CHANNELS1, CHANNELS2, CLASSES = 64, 8, 16, 32, 10
POOLED = SIDE // 2  # a side after pooling
_data = np.random.default_rng(0)
X = _data.random((BATCH, SIDE, SIDE, 1), dtype=np.float32)  # (64, 8, 8, 1)
LABELS = _data.integers(0, CLASSES, BATCH)  # (64,)


def weights():
    """The initial W1 (3, 3, 1, 16), b1, W2 (3, 3, 16, 32), b2, W3 (512, 10), b3 of every contender."""
    return initial_weights(_model())


def _model():
    options = {"rng": np.random.default_rng(0), "dtype": np.float32}
    return Sequential(
        Conv2D(1, CHANNELS1, activation="relu", **options),
        Conv2D(CHANNELS1, CHANNELS2, activation="relu", **options),
        MaxPool2D(2),
        Flatten(),
        Dense(POOLED * POOLED * CHANNELS2, CLASSES, **options),
    )


def course_lib(way, **options):
    """One of the ways in which course_lib takes its steps."""
    return lambda: way(_model(), functional.softmax_cross_entropy, (X, LABELS), ETA, **options)


def plain_numpy():
    """As a textbook writes it: the windows of an image below each other, and a matrix product."""
    W1, b1, W2, b2, W3, b3 = weights()
    picture = np.arange(BATCH)

    def windows(images):  # (batch*height*width, 3*3*channels)
        padded = np.pad(images, ((0, 0), (1, 1), (1, 1), (0, 0)))
        columns = [padded[:, i : i + SIDE, j : j + SIDE] for i in range(3) for j in range(3)]
        return np.concatenate(columns, axis=3).reshape(-1, 9 * images.shape[3])

    def run(steps):
        nonlocal W1, b1, W2, b2, W3, b3
        for _ in range(steps):
            columns1 = windows(X)  # (4096, 9)
            a1 = np.maximum(columns1 @ W1.reshape(9, -1) + b1, 0)  # (4096, 16)
            columns2 = windows(a1.reshape(BATCH, SIDE, SIDE, -1))  # (4096, 144)
            a2 = np.maximum(columns2 @ W2.reshape(9 * CHANNELS1, -1) + b2, 0)  # (4096, 32)
            blocks = a2.reshape(BATCH, POOLED, 2, POOLED, 2, CHANNELS2).transpose(0, 1, 3, 5, 2, 4)
            blocks = blocks.reshape(-1, 4)  # (32768, 4): the four numbers of a window
            largest = blocks.argmax(axis=1)
            pooled = blocks[np.arange(len(blocks)), largest].reshape(BATCH, -1)  # (64, 512)
            z3 = pooled @ W3 + b3  # (64, 10)
            e = np.exp(z3 - z3.max(axis=1, keepdims=True))
            p = e / e.sum(axis=1, keepdims=True)
            loss = -np.mean(np.log(p[picture, LABELS]))
            delta3 = p
            delta3[picture, LABELS] -= 1
            delta3 /= BATCH
            dW3, db3 = pooled.T @ delta3, delta3.sum(axis=0)
            dblocks = np.zeros_like(blocks)
            dblocks[np.arange(len(blocks)), largest] = (delta3 @ W3.T).ravel()
            dblocks = dblocks.reshape(BATCH, POOLED, POOLED, CHANNELS2, 2, 2).transpose(0, 1, 4, 2, 5, 3)
            delta2 = dblocks.reshape(-1, CHANNELS2) * (a2 > 0)  # (4096, 32)
            dW2, db2 = columns2.T @ delta2, delta2.sum(axis=0)
            dcolumns2 = (delta2 @ W2.reshape(9 * CHANNELS1, -1).T).reshape(BATCH, SIDE, SIDE, 3, 3, -1)
            dpadded = np.zeros((BATCH, SIDE + 2, SIDE + 2, CHANNELS1), np.float32)
            for i in range(3):
                for j in range(3):
                    dpadded[:, i : i + SIDE, j : j + SIDE] += dcolumns2[:, :, :, i, j]
            delta1 = dpadded[:, 1:-1, 1:-1].reshape(-1, CHANNELS1) * (a1 > 0)  # (4096, 16)
            dW1, db1 = columns1.T @ delta1, delta1.sum(axis=0)
            W1 -= ETA * dW1.reshape(W1.shape)
            b1 -= ETA * db1
            W2 -= ETA * dW2.reshape(W2.shape)
            b2 -= ETA * db2
            W3 -= ETA * dW3
            b3 -= ETA * db3
        return float(loss)

    return run


def hand_tuned_numpy():
    """The fastest we can write for this one network; all other NumPy is slower because it moves more memory.

    Images are (height, batch, width, channels). A row of the second kernel then meets a slice of all windows that are
    one row high: three products instead of one, but a third of the copies. relu writes into the frame of zeros that the
    next windows are taken from, and the learning rate is in the output error already: the gradient is the step.
    """
    initial = weights()
    w = np.concatenate(initial, axis=None)  # flat
    step = np.empty_like(w)
    W1, b1, W2, b2, W3, b3 = views(w, initial)
    step1, step_b1, step2, step_b2, step3, step_b3 = views(step, initial)
    rows = BATCH * SIDE * SIDE
    ones, ones_classes = np.ones(rows, np.float32), np.ones((CLASSES, 1), np.float32)
    ones_batch = ones[:BATCH]

    def images(channels):
        return np.zeros((SIDE, BATCH, SIDE, channels), np.float32)

    def framed(channels):
        """Images in a frame of zeros, a view of the windows one row high, a place for them, and three slices of it."""
        frame = np.zeros((SIDE + 2, BATCH, SIDE + 2, channels), np.float32)
        view = as_strided(frame, (SIDE + 2, BATCH, SIDE, 3 * channels), frame.strides)
        windows = np.zeros(view.shape, np.float32)  # the first and the last row stay zeros
        slices = [windows[k : k + SIDE].reshape(rows, -1) for k in range(3)]
        return frame[1:-1, :, 1:-1], view[1:-1], windows[1:-1], slices

    (a1, view2, windows2, slices2), (delta2, view3, windows3, slices3) = framed(CHANNELS1), framed(CHANNELS2)
    frame = np.zeros((SIDE + 2, BATCH, SIDE + 2), np.float32)
    x, view1 = frame[1:-1, :, 1:-1], sliding_window_view(frame, (3, 3), axis=(0, 2))
    windows1, x_rows_first = np.empty(view1.shape, np.float32), X[..., 0].swapaxes(0, 1)
    columns1, kernel1, step_kernel1 = windows1.reshape(rows, 9), W1.reshape(9, -1), step1.reshape(9, -1)
    kernels2, step_kernels2 = W2.reshape(3, 3 * CHANNELS1, -1), step2.reshape(3, 3 * CHANNELS1, -1)
    z1, z2, dz1, dz2 = images(CHANNELS1), images(CHANNELS2), images(CHANNELS1), images(CHANNELS2)
    zeros1, zeros2, active1, active2 = np.zeros_like(z1), np.zeros_like(z2), z1 > 0, z2 > 0
    flat1, flat2, dflat1, dflat2 = (a.reshape(rows, -1) for a in (z1, z2, dz1, dz2))
    part1, part2 = np.empty_like(flat1), np.empty_like(flat2)
    flipped, W2_flipped = np.empty((3, 3, CHANNELS2, CHANNELS1), np.float32), W2[::-1, ::-1].swapaxes(2, 3)
    kernels3 = flipped.reshape(3, 3 * CHANNELS2, -1)
    by_rows = np.empty((POOLED, BATCH, SIDE, CHANNELS2), np.float32)
    features, dfeatures = np.empty((2, BATCH, POOLED * POOLED * CHANNELS2), np.float32)
    pooled, dpooled = (a.reshape(BATCH, POOLED, POOLED, -1).swapaxes(0, 1) for a in (features, dfeatures))
    dby_rows, top_is_larger, left_is_larger = np.empty_like(by_rows), by_rows > 0, pooled > 0
    top, bottom, left, right = z2[::2], z2[1::2], by_rows[:, :, ::2], by_rows[:, :, 1::2]
    dtop, dbottom, dleft, dright = dz2[::2], dz2[1::2], dby_rows[:, :, ::2], dby_rows[:, :, 1::2]
    z3 = np.empty((BATCH, CLASSES), np.float32)
    largest, total = np.empty((2, BATCH, 1), np.float32)
    one_hot = np.eye(CLASSES, dtype=np.float32)[LABELS]
    eta_over_n = np.float32(ETA / BATCH)

    def run(steps):
        for _ in range(steps):
            np.copyto(x, x_rows_first)
            np.copyto(windows1, view1)
            np.dot(columns1, kernel1, out=flat1)
            np.add(flat1, b1, out=flat1)
            np.maximum(z1, zeros1, out=a1)
            np.copyto(windows2, view2)
            np.dot(slices2[0], kernels2[0], out=flat2)
            np.dot(slices2[1], kernels2[1], out=part2)
            np.add(flat2, part2, out=flat2)
            np.dot(slices2[2], kernels2[2], out=part2)
            np.add(flat2, part2, out=flat2)
            np.add(flat2, b2, out=flat2)
            np.maximum(z2, zeros2, out=z2)  # a2
            np.maximum(top, bottom, out=by_rows)
            np.maximum(left, right, out=pooled)
            np.dot(features, W3, out=z3)
            np.add(z3, b3, out=z3)
            np.maximum.reduce(z3, axis=1, keepdims=True, out=largest)
            np.subtract(z3, largest, out=z3)
            chosen = np.vdot(z3, one_hot)
            np.exp(z3, out=z3)
            np.dot(z3, ones_classes, out=total)
            np.divide(z3, total, out=z3)  # softmax
            np.log(total, out=total)
            loss = (ones_batch.dot(total.ravel()) - chosen) / BATCH
            np.subtract(z3, one_hot, out=z3)
            np.multiply(z3, eta_over_n, out=z3)
            np.dot(features.T, z3, out=step3)
            np.dot(ones_batch, z3, out=step_b3)
            np.dot(z3, W3.T, out=dfeatures)
            np.greater_equal(left, right, out=left_is_larger)
            np.multiply(dpooled, left_is_larger, out=dleft)
            np.subtract(dpooled, dleft, out=dright)
            np.greater_equal(top, bottom, out=top_is_larger)
            np.multiply(dby_rows, top_is_larger, out=dtop)
            np.subtract(dby_rows, dtop, out=dbottom)
            np.greater(z2, zeros2, out=active2)
            np.multiply(dz2, active2, out=dz2)
            for slice2, step_kernel2 in zip(slices2, step_kernels2, strict=True):
                np.dot(slice2.T, dflat2, out=step_kernel2)
            np.dot(ones, dflat2, out=step_b2)
            np.copyto(delta2, dz2)
            np.copyto(windows3, view3)
            np.copyto(flipped, W2_flipped)
            np.dot(slices3[0], kernels3[0], out=dflat1)
            np.dot(slices3[1], kernels3[1], out=part1)
            np.add(dflat1, part1, out=dflat1)
            np.dot(slices3[2], kernels3[2], out=part1)
            np.add(dflat1, part1, out=dflat1)
            np.greater(z1, zeros1, out=active1)
            np.multiply(dz1, active1, out=dz1)
            np.dot(columns1.T, dflat1, out=step_kernel1)
            np.dot(ones, dflat1, out=step_b1)
            np.subtract(w, step, out=w)
        return float(loss)

    return run


def pytorch(compiled=False):
    def model(torch):
        return torch.nn.Sequential(
            torch.nn.Conv2d(1, CHANNELS1, 3, padding=1),
            torch.nn.ReLU(),
            torch.nn.Conv2d(CHANNELS1, CHANNELS2, 3, padding=1),
            torch.nn.ReLU(),
            torch.nn.MaxPool2d(2),
            torch.nn.Flatten(),
            torch.nn.Linear(POOLED * POOLED * CHANNELS2, CLASSES),
        )

    loss = framework_steps.torch_cross_entropy(X.transpose(0, 3, 1, 2).copy(), LABELS)
    *convolutions, W3, b3 = weights()
    channels_first = W3.reshape(POOLED, POOLED, CHANNELS2, CLASSES).transpose(2, 0, 1, 3)  # as PyTorch flattens
    return framework_steps.pytorch(model, [*convolutions, channels_first.reshape(W3.shape), b3], loss, ETA, compiled)


def tensorflow():
    def logits(tf, x, W1, b1, W2, b2, W3, b3):
        a1 = tf.nn.relu(tf.nn.conv2d(x, W1, 1, "SAME") + b1)
        a2 = tf.nn.relu(tf.nn.conv2d(a1, W2, 1, "SAME") + b2)
        pooled = tf.nn.max_pool2d(a2, 2, 2, "VALID")
        return tf.reshape(pooled, (BATCH, -1)) @ W3 + b3

    return framework_steps.tensorflow(weights(), framework_steps.tensorflow_cross_entropy(logits, X, LABELS), ETA)


def jax():
    def convolution(lax, x, W):
        return lax.conv_general_dilated(x, W, (1, 1), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC"))

    def logits(jax, x, W1, b1, W2, b2, W3, b3):
        a1 = jax.nn.relu(convolution(jax.lax, x, W1) + b1)
        a2 = jax.nn.relu(convolution(jax.lax, a1, W2) + b2)
        pooled = jax.lax.reduce_window(a2, -np.inf, jax.lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")
        return pooled.reshape(BATCH, -1) @ W3 + b3

    return framework_steps.jax(weights(), framework_steps.jax_cross_entropy(logits, X, LABELS), ETA)


TASK = Task(
    name="digits CNN 3x3x16, 3x3x32, pool, dense 10, batch of 64, float32",
    contenders=contenders(course_lib, plain_numpy, hand_tuned_numpy, pytorch, tensorflow, jax),
    reference="NumPy, hand-tuned",
    targets={"course_lib, loop": (1.25, 1.1), "course_lib, replayed": (1.12, 1.0)},
    tolerance=1e-4,  # one step less makes 8e-2; 100 steps of roundings, of 1.2e-7 each, at most 1e-4
    steps=2,
)
