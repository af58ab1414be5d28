"""How chapter 4 found the rates of its comparisons. Momentum and plain descent search within their own experiment."""

import numpy as np

from course_lib.schedules import constant, cosine

from .chapter04 import CHAPTER, excess, unexplained
from .tuning import Side, Tuning


def schedule(rate_at, chosen, tried):
    def score(seed, rate):
        return float(np.log(excess(lambda k: rate_at(rate, k), seed)[-1]))

    return Side({"rate": tried}, score, {"rate": chosen})


def way(chosen, **options):
    def score(seed, rate):
        return unexplained(seed, rate, **options)

    return Side({"rate": (0.0125, 0.025, 0.05, 0.1, 0.2, 0.4, 0.8)}, score, {"rate": chosen})


TUNINGS = [
    Tuning(
        "rates-of-schedules",
        CHAPTER,
        ("constant-rate-fast-or-exact", "falling-rate-fast-and-exact"),
        "a constant rate against a cosine",
        "log of the training loss above its minimum after 6 epochs: how low each one gets is the question",
        {
            "constant": schedule(constant, 0.015, (0.0075, 0.01, 0.015, 0.02, 0.03, 0.05)),
            "cosine": schedule(lambda rate, k: cosine(rate, k, total=6), 0.03, (0.01, 0.015, 0.02, 0.03, 0.04, 0.05)),
        },
        seeds=10,
    ),
    Tuning(
        "rates-for-a-wild-start",
        CHAPTER,
        ("warm-up-or-clipping-ends-lower",),
        "descent alone, with warm-up, and with clipping",
        "variance of the training targets that is left unexplained: whether descent bears the rate is the question",
        {"alone": way(0.05), "warm-up": way(0.2, warm=6), "clipping": way(0.4, largest=1.0)},
        seeds=10,
    ),
]
