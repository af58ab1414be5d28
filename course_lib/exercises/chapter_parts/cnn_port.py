"""Judges the CNN of chapter 6a in PyTorch: our weights in, the same logits out. Without PyTorch nothing is judged."""

import re

import numpy as np

from ... import frameworks
from ...functional import conv2d, max_pool2d
from ...text import N_, say
from ..machinery import compare
from ..machinery.compare import Wrong, mistake
from ..machinery.limits import piece
from ..machinery.reader_code import expect_function, expect_results, judge, untried

IMPORT = 60.0  # seconds that PyTorch may take to come up, which is none of the reader's code
WITHIN = 1e-5  # of logits of size 1, in float32
SHAPES = ((3, 3, 1, 16), (16,), (3, 3, 16, 32), (32,), (512, 10), (10,))
IMAGES = 6


def task():
    """(weights, images): six random arrays in course_lib's layout, and images (6, 8, 8, 1), float32."""
    rng = np.random.default_rng(7)
    weights = [rng.normal(0, 1 / np.sqrt(max(2, np.prod(shape[:-1]))), shape) for shape in SHAPES]
    return [w.astype(np.float32) for w in weights], rng.random((IMAGES, 8, 8, 1), np.float32)


def ours(weights, x, activations=("relu", "relu")):
    """The logits (batch, 10) of the network of chapter 6a for images (batch, 8, 8, 1)."""
    W1, b1, W2, b2, W3, b3 = weights
    a2 = conv2d(conv2d(x, W1, b1, activations[0]), W2, b2, activations[1])
    return max_pool2d(a2, 2).reshape(len(x), -1) @ W3 + b3


def rows_unmoved(W):
    """What the last layer does when its W goes over as it is: row k meets number k of channel, row, column."""
    return W.reshape(32, 4, 4, -1).transpose(1, 2, 0, 3).reshape(512, -1)


_ROWS = {  # what is said -> what the last layer then does with its W
    "": lambda W: W,
    N_("The last layer reads its 512 numbers in our order, but PyTorch flattens channel, row, column."): rows_unmoved,
    N_("The last layer has the right shape, but its numbers are in the wrong places, because `reshape` moves no "
       "axis."): lambda W: rows_unmoved(W.reshape(W.shape[::-1]).T),
}  # fmt: skip
_KERNELS = {  # what is said -> what a convolution then does with its kernels
    "": lambda W: W,
    N_("The kernels have the right shape, but their numbers are in the wrong places, because `reshape` moves no "
       "axis."): lambda W: W.reshape(W.shape[3], W.shape[2], 3, 3).transpose(2, 3, 1, 0),
    N_("The rows and columns of the kernels are exchanged, because `.T` turns all four axes round."):
        lambda W: W.transpose(1, 0, 2, 3),
}  # fmt: skip
_RELU = N_("A relu is missing. There should be one after each convolution.")
_LEFT = {  # numbers of an image that reach the last layer -> how that comes about
    "128": N_("128 numbers of an image reach the last layer, because each convolution has cut off a "
              "border. What is padding?"),
    "288": N_("288 numbers of an image reach the last layer, because one convolution has cut off a "
              "border. What is padding?"),
    "2048": N_("2,048 numbers of an image reach the last layer. Is there a pooling?"),
    "3072": N_("All images have become one row. The first axis is the batch, and it should stay."),
    "4": N_("The last layer still gets images. What turns each image into a row of numbers?"),
}  # fmt: skip


def _slips(weights, x):
    """(logits of a wrong port, its sentences) for the usual slips, and for pairs of them."""
    W1, b1, W2, b2, W3, b3 = weights
    for about_rows, move in _ROWS.items():
        for about_kernels, change in _KERNELS.items():
            yield ours([change(W1), b1, change(W2), b2, move(W3), b3], x), (about_kernels, about_rows)
        port = [W1, b1, W2, b2, move(W3), b3]
        for activations in (("identity", "relu"), ("relu", "identity"), ("identity", "identity")):
            yield ours(port, x, activations), (_RELU, about_rows)
        yield ours([W1, 0 * b1, W2, 0 * b2, move(W3), 0 * b3], x), (N_("All biases are missing."), about_rows)
        yield ours([W1, 0 * b1, W2, 0 * b2, move(W3), b3], x), (N_("The convolutions have no biases."), about_rows)
        yield ours([W1, b1, W2, b2, move(W3), 0 * b3], x), (N_("The last layer has no bias."), about_rows)
        logits = ours(port, x)
        yield np.maximum(logits, 0), (N_("Logits may be negative. What does a relu do to them?"), about_rows)
        powers = np.exp(logits - logits.max(axis=1, keepdims=True))
        shares = powers / powers.sum(axis=1, keepdims=True)
        told = N_("These are probabilities or their logarithms. Making these is the work of the loss."), about_rows
        yield shares, told
        yield np.log(shares), told


@judge
def judge_port_cnn(answer):
    """Has a network built from random weights, and asks it about random images."""
    expect_function(answer)
    if not frameworks.pytorch.installed:
        raise untried(
            "This was not judged, because only PyTorch can say what its layers make of your weights, "
            "and it is not installed here."
        )
    torch, (weights, x) = piece(lambda: frameworks.pytorch.module, IMPORT), task()
    images = torch.tensor(x.transpose(0, 3, 1, 2))  # (batch, channels, rows, columns)
    first, second = (_logits(torch, answer, weights, images) for _ in range(2))
    if not np.allclose(first, second, rtol=0, atol=WITHIN):
        raise mistake("Called twice, your function makes two different networks. Which layer still has random weights?")
    wanted = ours(weights, x)
    apart = np.abs(first - wanted).max()
    if not apart <= WITHIN:
        found = [texts for logits, texts in _slips(weights, x) if np.allclose(first, logits, rtol=0, atol=2 * WITHIN)]
        known = [say(text) for text in found[0] if text] if found else []
        known = known or [
            say("Compare layer by layer. What comes out of the first convolution in PyTorch, and what in course_lib?")
        ]
        raise Wrong(say("The logits differ by up to {apart:.2g}.", apart=apart), *known)
    version = frameworks.pytorch.version
    return say("PyTorch {version}: the same logits within {within:g}.", version=version, within=WITHIN)


def _logits(torch, answer, weights, images):
    """What the network that the answer makes says of the images, as an array (6, 10)."""
    network = answer(torch, [w.copy() for w in weights])
    expect_results(answer, [network])
    if not callable(network):
        raise mistake("Expected a network, which can be called with images, got {got}.", got=compare.describe(network))
    try:
        logits = network(images.clone())
    except RuntimeError as problem:
        reached = re.search(r"cannot be multiplied \(\d+x(\d+) and 512x10\)", str(problem))
        if not reached or reached[1] not in _LEFT:
            raise
        raise Wrong(say(_LEFT[reached[1]])) from None
    expect_results(network, [logits])
    if not isinstance(logits, torch.Tensor):
        raise mistake("Expected a tensor of logits from your network, got {got}.", got=compare.describe(logits))
    if tuple(logits.shape) != (IMAGES, 10):
        shape = tuple(logits.shape)
        raise mistake("Expected logits of shape {expected}, got {got}.", expected=(IMAGES, 10), got=shape)
    return logits.detach().double().numpy()
