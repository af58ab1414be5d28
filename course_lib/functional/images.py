"""Convolution and pooling, the two operations of networks that look at images.

Images have shape (batch, height, width, channels). A convolution is a dense layer on each small window of an image, with
the same weights in every place. Copy the windows below each other, and it is a matrix product. The windows here are as
wide as the kernel and one row high, and the height comes first, (height, batch, width, ...): row k of the kernel then
meets a slice of them, so that a kernel of three rows is the sum of three products, with a third of the copies.
"""

import numpy as np
from numpy.lib.stride_tricks import as_strided

from ..autodiff import Tensor, array_of, record
from ..checks import check_shapes
from ..text import say
from .arrays import column_sums
from .fully_connected import ACTIVATIONS, check_activation
from .memory import empty
from .products import dot


def conv2d(x, W, b, activation="identity", padding="same"):
    """A convolutional layer, a = f(z) with z[n, i, j] = sum over k, l of x[n, i + k, j + l] W[k, l] + b.

    x  (batch, height, width, channels_in)   W  (kernel_height, kernel_width, channels_in, channels_out)
    b  (channels_out,)                       activation  "identity", "sigmoid", "tanh" or "relu"
    padding  "same": zeros around the image, so that the output is as large as the image (the kernel has odd sides);
             "valid": no zeros, the output has height - kernel_height + 1 rows, and columns alike
    returns a  (batch, height, width, channels_out); as usual in this field, the kernel is not flipped

    Backward, with delta = dL/dz:  delta = g * f'(z),  dL/db = sum of delta over n, i, j,
    dL/dW[k, l] = sum over n, i, j of x[n, i + k, j + l]^T delta[n, i, j],
    dL/dx[n, i, j] = sum over k, l of delta[n, i - k, j - l] W[k, l]^T: a convolution of delta with the flipped kernel.

    Raises ValueError when shapes do not fit or activation or padding are unknown, and names the argument.
    """
    parents, x_needs_gradient = (x, W, b), type(x) is Tensor  # data need no gradient: the first layer skips dx
    x, W, b = array_of(x), array_of(W), array_of(b)
    check_activation("conv2d", activation)
    above, left = _padding(x, W, b, padding)
    function, derivative = ACTIVATIONS[activation]
    kernel_height, kernel_width, channels_in, channels_out = W.shape
    batch, height, width = len(x), x.shape[1] + 2 * above - kernel_height + 1, x.shape[2] + 2 * left - kernel_width + 1

    dtype = np.result_type(x, W, b)
    dtype = dtype if dtype.kind == "f" else np.float64  # images of whole numbers
    windows = _windows(x.astype(dtype, copy=False), W, above, left)  # (rows, batch*width, kernel_width*channels_in)
    a = _convolution(windows, W).reshape(height, batch, width, channels_out)
    for row in a:  # row by row: what arises on the way is small and stays in the processor's cache
        row += b  # z  (batch, width, channels_out)
        row[...] = function(row)

    def vjp(g):
        delta = empty(a.shape, a.dtype, like=a)  # (height, batch, width, channels_out)
        for i in range(height):
            np.multiply(g[:, i], derivative(a[i]) if derivative else 1, out=delta[i])
        column = delta.reshape(-1, channels_out)  # (height*batch*width, channels_out)
        dW = np.empty_like(W, a.dtype, "C")
        for rows, dW_row in zip(_rows(windows, kernel_height), dW, strict=True):
            dot(rows.T, column, out=dW_row.reshape(-1, channels_out))
        db = column_sums(column)  # (channels_out,)
        if not x_needs_gradient:
            return None, dW, db
        flipped = W[::-1, ::-1].swapaxes(2, 3)  # (kernel_height, kernel_width, channels_out, channels_in)
        windows_of_delta = _windows(delta.swapaxes(0, 1), W, kernel_height - 1 - above, kernel_width - 1 - left)
        dx = _convolution(windows_of_delta, flipped).reshape(x.shape[1], batch, x.shape[2], channels_in)
        return dx.swapaxes(0, 1), dW, db

    return record(a.swapaxes(0, 1), parents, vjp)


def max_pool2d(x, size=2):
    """The largest number of each size x size window, for each channel; the windows do not overlap.

    x  (batch, height, width, channels); height and width are multiples of size
    returns y  (batch, height/size, width/size, channels)

    Backward: the gradient goes to the number that was the largest, and the others get 0; of equal ones, the first
    (from left to right, then down).

    Raises ValueError when size is not a whole number >= 1 or does not divide height and width.
    """
    parents, x = (x,), array_of(x)
    check_shapes("max_pool2d", x=(x, "batch height width channels"))
    if not isinstance(size, int | np.integer) or size < 1 or x.shape[1] % size or x.shape[2] % size:
        raise ValueError(
            say(
                "max_pool2d: expected size to be a whole number >= 1 that divides height {height} and width {width}, "
                "got {got!r}",
                height=x.shape[1],
                width=x.shape[2],
                got=size,
            )
        )
    places = [(slice(None), slice(i, None, size), slice(j, None, size)) for i in range(size) for j in range(size)]
    y = empty(x[places[0]].shape, x.dtype, like=x)  # (batch, height/size, width/size, channels)
    y[...] = x[places[0]]
    for place in places[1:]:
        np.maximum(y, x[place], out=y)

    def vjp(g):
        dx = empty(x.shape, x.dtype, like=x)
        free = np.ones_like(y, bool)  # windows whose gradient has not found its place yet
        for place in places:
            largest = x[place] == y
            largest &= free
            free ^= largest
            np.multiply(g, largest, out=dx[place])
        return (dx,)

    return record(y, parents, vjp)


def _windows(x, W, above, left):
    """The windows, as wide as W and one row high, of images with zeros around: (rows, batch*width, window)."""
    batch, height, width, channels = x.shape
    padded = empty((height + 2 * above, batch, width + 2 * left, channels), x.dtype, like=x)
    padded.fill(0)
    padded[above : above + height, :, left : left + width] = x.swapaxes(0, 1)
    shape = len(padded), batch, padded.shape[2] - W.shape[1] + 1, W.shape[1] * channels
    windows = empty(shape, x.dtype, like=x)
    windows[...] = as_strided(padded, shape, padded.strides)  # the numbers of a window are neighbours in memory
    return windows.reshape(len(padded), -1, shape[3])


def _rows(windows, kernel_height):
    """For each row k of the kernel, the windows that it meets: (height*batch*width, kernel_width*channels)."""
    height = len(windows) - kernel_height + 1
    return [windows[k : k + height].reshape(-1, windows.shape[2]) for k in range(kernel_height)]


def _convolution(windows, W):
    """The sum, over the rows of the kernel W, of the products with the windows that they meet."""
    first, *others = zip(_rows(windows, len(W)), W.reshape(len(W), -1, W.shape[3]), strict=True)
    z = _product(*first)
    for rows, kernel in others:
        z += _product(rows, kernel)
    return z


def _product(a, b):
    """The matrix product, in an array of the pool."""
    return dot(a, b, out=empty((len(a), b.shape[1]), np.result_type(a, b), like=b))


def _padding(x, W, b, padding):
    """How many rows of zeros go above (and below) the image, and how many columns left (and right) of it."""
    check_shapes(
        "conv2d",
        x=(x, "batch height width channels_in"),
        W=(W, "kernel_height kernel_width channels_in channels_out"),
        b=(b, "channels_out"),
    )
    kernel_height, kernel_width = W.shape[:2]
    if padding == "same" and kernel_height % 2 and kernel_width % 2:
        return kernel_height // 2, kernel_width // 2
    if padding == "valid" and kernel_height <= x.shape[1] and kernel_width <= x.shape[2]:
        return 0, 0
    raise ValueError(
        say(
            'conv2d: expected padding "same" with odd kernel sides, or "valid" with a kernel that fits into the image, '
            "got {got!r} with W.shape = {kernel} and x.shape = {image}",
            got=padding,
            kernel=W.shape,
            image=x.shape,
        )
    )
