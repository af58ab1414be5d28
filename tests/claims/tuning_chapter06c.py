"""Chapter 6c: how the rates of both translators, and of both ways to go on, were chosen, on numbers of their own."""

from copy import deepcopy
from functools import lru_cache

import numpy as np

from course_lib import Adam, train
from course_lib.datasets import number_pairs, number_splits
from course_lib.datasets.number_words import CHINESE, ENGLISH
from course_lib.models.translation import Translator, exact_match, masked_loss
from course_lib.schedules import cosine

from .tuning import Side, Tuning


def share_of_numbers(translator, numbers):
    source, target = number_pairs(numbers)
    return exact_match(translator.translate(source, 12), target[:, 1:]).mean()


def splits(seed):
    return number_splits(np.random.default_rng(seed), train=6400)


def made(seed, attention=True):
    """As many parameters with and without attention: 53,393 and 53,836."""
    return Translator(
        len(ENGLISH), len(CHINESE), hidden=64 if attention else 77, attention=attention, rng=np.random.default_rng(seed)
    )


def fit(translator, numbers, epochs, seed, rate, after_epoch=lambda translator: None):
    """The chapter's recipe; returns what after_epoch gives, one for each epoch."""
    source, target = number_pairs(numbers)
    optimizer, found = Adam(rate), []
    data, rng = (source, target[:, :-1], target[:, 1:]), np.random.default_rng(seed)
    steps = train(translator, data, loss=masked_loss, optimizer=optimizer, epochs=epochs, batch_size=64, rng=rng)
    for progress in steps:
        optimizer.learning_rate = cosine(rate, progress.epoch, epochs, lowest=1e-4)
        found.append(after_epoch(translator))
    return found


@lru_cache(maxsize=16)
def trained(seed):
    translator = made(seed)
    fit(translator, splits(seed)[0], 6, seed, **BY_RATE["with attention"].chosen)
    return translator


def with_ending(seed, *sets, count=1000):
    """Numbers that end in 000 to 009, none of them in the sets."""
    rng = np.random.default_rng(seed)
    return np.setdiff1d(1000 * rng.integers(1, 1000, count) + rng.integers(0, 10, count), np.concatenate(sets))


def examples_for(seed, numbers, more):
    """As many examples as before: some of the numbers replaced by those of the rare ending, or, without `more`, the same."""
    if not more:
        return numbers
    judged = with_ending(seed + 2_000_000, numbers), with_ending(seed + 4_000_000, numbers)
    added = with_ending(seed + 3_000_000, *splits(seed)[1:], *judged, count=640)
    return np.append(numbers[len(added) :], added)


def continued(seed, more, rate):
    translator, numbers = deepcopy(trained(seed)), splits(seed)[0]
    fit(translator, examples_for(seed, numbers, more), 2, seed, rate)
    return translator


def wrong_after_two_epochs(attention):
    def score(seed, rate):
        (numbers, validation, _), translator = splits(seed), made(seed, attention)
        fit(translator, numbers, 2, seed, rate)
        return 1 - share_of_numbers(translator, validation)

    return score


def wrong_of_the_ending(more):
    def score(seed, rate):
        judged = with_ending(seed + 4_000_000, splits(seed)[0])
        return 1 - share_of_numbers(continued(seed, more, rate), judged)

    return score


RATES = {"rate": (0.005, 0.01, 0.02, 0.04)}
BY_RATE = {
    "with attention": Side(RATES, wrong_after_two_epochs(True), {"rate": 0.01}),
    "without": Side(RATES, wrong_after_two_epochs(False), {"rate": 0.02}),
}
GOING_ON = {
    "the same numbers": Side({"rate": (0.001, 0.003, 0.01)}, wrong_of_the_ending(False), {"rate": 0.003}),
    "with the rare ending": Side({"rate": (0.001, 0.003, 0.01)}, wrong_of_the_ending(True), {"rate": 0.003}),
}

TUNINGS = [
    Tuning(
        "attention",
        "06c_translation",
        ("attention-is-faster",),
        "two epochs with attention and without",
        "share of 500 validation numbers translated wrong",
        BY_RATE,
    ),
    Tuning(
        "two-more-epochs",
        "06c_translation",
        ("missing-examples",),
        "two more epochs with the same numbers and with others",
        "share wrong of numbers with the rare ending that are in no other set",
        GOING_ON,
    ),
]
