"""Chapter 10: how the rate of each network was chosen, on numbers and words of its own, with the chapter's recipe.

All networks of numbers learn from 12,800 lines, those of words from 19,200 words, in batches of 64, with Adam.
"""

import math
from functools import lru_cache

import numpy as np

from course_lib import GRU, Adam, Dense, Embedding, Sequential, train
from course_lib.autodiff import value_of
from course_lib.datasets import (
    beginnings_of,
    number_lines,
    number_pairs,
    number_splits,
    numerals_of,
    word_lines,
    word_list,
)
from course_lib.datasets.language import LETTERS, LONGEST_LINE, LONGEST_WORD, NUMBER_SYMBOLS
from course_lib.datasets.number_words import CHINESE, ENGLISH
from course_lib.models.language import LanguageModel, letter_table_loss, next_symbol_loss, write
from course_lib.models.translation import Translator, exact_match, masked_loss
from course_lib.schedules import cosine, warm_up

from .tuning import Side, Tuning

WARM_UP = 50
TRAINING, VALIDATION, TEST = range(3)


def fit(model, data, rate, epochs, seed, loss=next_symbol_loss):
    """The chapter's recipe: the rate rises for some steps and falls along half a cosine."""
    total = epochs * math.ceil(len(data[0]) / 64)
    steps = train(
        model,
        data,
        loss=loss,
        optimizer=Adam(rate),
        epochs=epochs,
        batch_size=64,
        rng=np.random.default_rng(seed),
        replay=True,
        schedule=lambda k: warm_up(cosine(rate, k, total), k, steps=WARM_UP),
    )
    for _ in steps:
        pass
    return model


# Numbers


@lru_cache(maxsize=2)
def numbers(seed):
    return number_splits(np.random.default_rng(seed))


def model_of(seed, **options):
    return LanguageModel(len(NUMBER_SYMBOLS), LONGEST_LINE, rng=np.random.default_rng(seed), **options)


def without(part, model):
    """The model, whose blocks lose "attention", the "dense part" or the "shortcut"."""
    for block in model.blocks:
        attention, dense = block.layers
        block.layers = {
            "attention": [dense],
            "dense part": [attention],
            "shortcut": [Sequential(*attention.layers), Sequential(*dense.layers)],
        }[part]
    return model


def gru_of(seed):
    options = {"rng": np.random.default_rng(seed), "dtype": np.float32}
    table, gru = Embedding(len(NUMBER_SYMBOLS), 32, scale=0.1, **options), GRU(32, 50, **options)
    return Sequential(table, gru, Dense(50, len(NUMBER_SYMBOLS), **options))


def translator_of(seed):
    return Translator(len(ENGLISH), len(CHINESE), hidden=30, rng=np.random.default_rng(seed))


KINDS = {
    "whole": model_of,
    "no mask": lambda seed: model_of(seed, causal=False),
    "no positions": lambda seed: model_of(seed, positions=False),
    "one head": lambda seed: model_of(seed, heads=1),
    "no attention": lambda seed: without("attention", model_of(seed)),
    "no dense part": lambda seed: without("dense part", model_of(seed)),
    "no shortcut": lambda seed: without("shortcut", model_of(seed)),
    "two blocks": lambda seed: model_of(seed, blocks=2),
    "two blocks, no positions": lambda seed: model_of(seed, blocks=2, positions=False),
    "two blocks, no shortcut": lambda seed: without("shortcut", model_of(seed, blocks=2)),
    "GRU": gru_of,
    "6c": translator_of,
}


@lru_cache(maxsize=16)
def trained(seed, kind, epochs, rate):
    """One of KINDS after so many epochs."""
    given, loss = numbers(seed)[TRAINING], next_symbol_loss
    data = number_lines(given)
    if kind == "6c":
        source, target = number_pairs(given)
        data, loss = (source, target[:, :-1], target[:, 1:]), masked_loss
    return fit(KINDS[kind](seed), data, rate, epochs, seed, loss)


def share_of_numbers(model, judged):
    """Numbers right in every symbol."""
    source, target = number_pairs(judged)
    if isinstance(model, Translator):
        return exact_match(model.translate(source, 12), target[:, 1:]).mean()
    return exact_match(numerals_of(write(model, beginnings_of(judged), 12)), target[:, 1:]).mean()


def loss_on(model, lines):
    x, y = lines
    return float(value_of(next_symbol_loss(model(x), y)))


# Words


@lru_cache(maxsize=2)
def words(seed):
    """Lines of 19,200 words to learn from, of 1,000 for choices, and of 1,000 for the test."""
    shuffled = np.random.default_rng(seed).permutation(word_list())
    return [word_lines(part) for part in (shuffled[1000:20_200], shuffled[20_200:21_200], shuffled[:1000])]


@lru_cache(maxsize=8)
def speller(seed, features, rate):
    """A network of words after one epoch, 300 steps."""
    model = LanguageModel(len(LETTERS), LONGEST_WORD + 1, features, blocks=2, rng=np.random.default_rng(seed))
    return fit(model, words(seed)[TRAINING], rate, 1, seed)


def five_letters(seed, part, strength):
    given = words(seed)
    return letter_table_loss(given[TRAINING], given[part], len(LETTERS), letters=5, strength=strength)


# What each side is judged by


def loss_of(kind, epochs=1):
    return lambda seed, rate: loss_on_validation(trained(seed, kind, epochs, rate), numbers(seed)[VALIDATION])


def loss_on_validation(model, judged):
    """The mean cross-entropy of the numerals, also for 6c's network, whose lines are pairs."""
    if not isinstance(model, Translator):
        return loss_on(model, number_lines(judged))
    source, target = number_pairs(judged)
    return float(value_of(masked_loss(model(source, target[:, :-1]), target[:, 1:])))


def loss_of_words(features):
    return lambda seed, rate: loss_on(speller(seed, features, rate), words(seed)[VALIDATION])


RATES = (0.005, 0.01, 0.02, 0.04)


def side(score, rate, tried=RATES):
    return Side({"rate": tried}, score, {"rate": rate})


MASK = {"with the mask": side(loss_of("whole"), 0.02), "without": side(loss_of("no mask"), 0.02)}
PARTS = {
    "whole": side(loss_of("whole"), 0.02),
    "no positions": side(loss_of("no positions"), 0.02),
    "no attention": side(loss_of("no attention"), 0.04, (*RATES, 0.08)),
    "no dense part": side(loss_of("no dense part"), 0.02),
    "no shortcut": side(loss_of("no shortcut"), 0.02),
}
HEADS = {"two heads": PARTS["whole"], "one head": side(loss_of("one head"), 0.01)}
SHORTCUT = {
    "two blocks": side(loss_of("two blocks"), 0.02),
    "two blocks, no shortcut": side(loss_of("two blocks, no shortcut"), 0.01, (0.0025, *RATES)),
}
BUDGET = {
    "blocks": side(loss_of("whole"), 0.02),
    "one GRU": side(loss_of("GRU"), 0.08, (*RATES, 0.08, 0.16)),
    "6c": side(loss_of("6c", 2), 0.02),
}
LARGER_BUDGET = {"blocks": side(loss_of("whole", 3), 0.01), "6c": side(loss_of("6c", 6), 0.01)}
SIZES = {
    "smallest": side(loss_of_words(12), 0.04, (*RATES, 0.08)),
    "largest": side(loss_of_words(48), 0.01, (*RATES, 0.08)),
    "five letters": Side(
        {"strength": (1.0, 2.0, 5.0, 10.0, 20.0)},
        lambda seed, strength: five_letters(seed, VALIDATION, strength),
        {"strength": 5.0},
    ),
}


def tuning(name, claims, what, sides, validation="loss on the numerals of 500 validation numbers", seeds=5):
    return Tuning(name, "10_language_model", claims, what, validation, sides, seeds)


TUNINGS = [
    tuning(
        "with-and-without-mask",
        ("cheat-has-lower-loss", "cheat-cannot-write"),
        "one block, with the mask and without, one epoch",
        MASK,
    ),
    tuning(
        "parts-taken-away",
        (
            "positions-pay",
            "no-attention-no-number",
            "dense-part-makes-no-difference",
            "one-block-needs-no-shortcut",
        ),
        "one block, whole and without one of its parts, one epoch",
        PARTS,
    ),
    tuning("heads", ("two-heads-ahead",), "two heads and one, one epoch", HEADS, seeds=10),  # single runs break down
    tuning(
        "shortcut-of-two-blocks",
        ("two-blocks-need-the-shortcut",),
        "two blocks with the shortcut and without, one epoch",
        SHORTCUT,
    ),
    tuning(
        "one-budget",
        ("translator-wins-early", "gru-is-last"),
        "three networks with as many multiply-adds as 200 steps of ours",
        BUDGET,
    ),
    tuning(
        "three-budgets",
        ("level-in-the-end",),
        "two networks with as many multiply-adds as 600 steps of ours",
        LARGER_BUDGET,
    ),
    tuning(
        "sizes-of-words",
        ("larger-has-lower-loss", "all-below-pairs", "five-letters-win"),
        "the smallest and the largest network of words, one epoch, and a table of five letters",
        SIZES,
        "loss on 1,000 validation words",
    ),
]
