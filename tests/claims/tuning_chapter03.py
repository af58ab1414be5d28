"""How chapter 3 found the rates of its comparison."""

from .chapter03 import BEST_RATES, CHAPTER, circle_losses
from .tuning import Side, Tuning


def side(size):
    def score(seed, rate):
        return float(circle_losses(seed, size, [rate])[0][0])

    return Side({"rate": (0.03, 0.1, 0.3, 1, 3, 10)}, score, {"rate": BEST_RATES[size]})


TUNINGS = [
    Tuning(
        "rates-of-batches",
        CHAPTER,
        ("single-examples-end-lower", "single-examples-bear-less"),
        "the full batch against batches of one example",
        "training loss after 20 epochs: how low each one gets on these 200 points is the question",
        {"all 200 points": side(200), "one point": side(1)},
    ),
]
