"""Claims of chapter 5b."""

import numpy as np

from course_lib.exercises.chapter05b import with_slip

from .ledger import Claim


def final_loss(seed, slip):
    """The loss after 200 steps on four random examples; with the slip, each of them gets a bias of its own."""
    rng, value = np.random.default_rng(seed), with_slip(slip)
    x, y = rng.normal(size=(4, 2)), rng.integers(0, 2, size=(4, 3))
    W, b = value(np.zeros((2, 3))), value(np.zeros(3))
    for _ in range(200):
        loss = (x @ W + b).cross_entropy(y)
        loss.backward()
        W.step(1.0)
        b.step(1.0)
    return float(loss.value)


CLAIMS = [
    Claim(
        "bias-for-each-example",
        "05b_workshop",
        "unbroadcast-text",
        "Without the sum the loss ends even lower, here and in most other draws",
        lambda seed: final_loss(seed, "") - final_loss(seed, "without-sum"),
        effect="loss with the sum minus loss without",
        untried="Other rates and more steps were not tried: the sentence does not say that the slip is better, only "
        "that a lower loss does not give it away.",
        share=0.75,
        paired=True,
    ),
]
