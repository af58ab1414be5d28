"""Claims of chapter 7 that need no framework: sums of gradients, digits of float32, and where the time of a small step goes."""

import numpy as np

from course_lib import Tensor, functional, value_and_grad
from course_lib.datasets import digits, xor
from course_lib.labs import speed as speed_model
from course_lib.labs.compute import multiply_adds

from .ledger import FEWEST_SEEDS, Claim


def xor_loss(params, x, y):
    W1, b1, W2, b2 = params
    a1 = functional.dense(x, W1, b1, "tanh")
    return functional.binary_cross_entropy(functional.dense(a1, W2, b2), y)


def last_loss(seed, zero, steps=200, eta=0.5):
    """The chapter's loop; without `zero` each step takes the sum of all gradients so far, as PyTorch does."""
    rng = np.random.default_rng(seed)
    params = [Tensor(w) for w in (rng.normal(size=(2, 4)), np.zeros(4), rng.normal(size=(4, 1)), np.zeros(1))]
    sums = [0.0] * len(params)
    for _ in range(steps):
        loss = xor_loss(params, *xor())
        loss.backward()
        sums = [p.grad if zero else total + p.grad for p, total in zip(params, sums, strict=True)]
        for p, total in zip(params, sums, strict=True):
            p.value = p.value - eta * total
    return float(loss)


def digits_loss(params, x, labels):
    W1, b1, W2, b2 = params
    return functional.softmax_cross_entropy(functional.dense(functional.dense(x, W1, b1, "relu"), W2, b2), labels)


def apart(seed):
    """The largest difference of the gradients in float32 and in float64."""
    rng = np.random.default_rng(seed)
    images, labels = digits()[0]
    chosen = rng.permutation(len(images))[:64]
    x, labels = images[chosen].reshape(64, 64).astype(np.float32), labels[chosen]
    start = [rng.normal(0, 0.1, shape).astype(np.float32) for shape in [(64, 32), 32, (32, 10), 10]]
    _, short = value_and_grad(digits_loss)(start, x, labels)
    _, long = value_and_grad(digits_loss)([w.astype(np.float64) for w in start], x.astype(np.float64), labels)
    return max(np.abs(a - b).max() for a, b in zip(short, long, strict=True))


def overhead_share(seed, batch=64, rounds=9):
    """The share of our step at width 8 that its arithmetic does not need, at the speed of width 1,024."""
    rng, seconds = np.random.default_rng(seed), {}
    for width, steps in ((8, 20), (1024, 1)):
        layers, x, labels = speed_model.task(width, batch)
        layers = [(rng.permuted(W, axis=0), b) for W, b in layers]
        run = speed_model.in_course_lib(layers, x, labels)
        run(2)
        times = []
        for _ in range(rounds):
            began = speed_model.CLOCK()
            run(steps)
            times.append((speed_model.CLOCK() - began) / steps)
        seconds[width] = min(times)
    arithmetic = seconds[1024] * multiply_adds(8, depth=2) / multiply_adds(1024, depth=2)
    return 1 - arithmetic / seconds[8]


CLAIMS = [
    Claim(
        "without-zero-grad", "07_tools", "twice-text",
        "Without the line the loss fell even further, as it does from most starts, though not from all",
        lambda seed: np.log10(last_loss(seed, True) / max(last_loss(seed, False), 1e-16)),
        "powers of ten by which the loss is smaller",
        "Other rates and numbers of steps were not tried: the sentence is about this loop, and that a falling loss "
        "proves nothing needs one case.",
        share=0.7,
    ),
    Claim(
        "seven-digits", "07_tools", "to-linear-text",
        "Our own float32 gradients also lie within 1e-6 of our float64 gradients.",
        apart, "largest difference",
        "Deeper networks and larger weights were not tried: the sentence is about this network, whose weights lie near 0.",
        holds=lambda difference: difference < 1e-6,
    ),
    Claim(
        "small-steps-are-overhead", "07_tools", "halfway-text",
        "At width 8 nearly all of our step is overhead.",
        overhead_share, "share of the step",
        "Other batches were not timed: the sentence is about batches of 64, and the next cells vary them.",
        holds=lambda share: share > 0.8, seeds=FEWEST_SEEDS,
    ),
]  # fmt: skip
