"""Claims of chapter 6c. One experiment takes some seconds: five seeds each, and what several claims need is kept."""

from copy import deepcopy
from functools import lru_cache

import numpy as np

from course_lib import Adam, train
from course_lib.datasets import english_words, number_pairs, number_splits
from course_lib.datasets.number_words import CHINESE, ENGLISH, encode
from course_lib.models.translation import PAD, Translator, exact_match, masked_loss
from course_lib.schedules import cosine

from .ledger import FEWEST_SEEDS, Claim


def share_of_symbols(translator, numbers):
    source, target = number_pairs(numbers)
    right = translator(source, target[:, :-1]).value.argmax(axis=-1) == target[:, 1:]
    return right[target[:, 1:] != PAD].mean()


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


def fit(translator, numbers, epochs, seed, rate=0.01, after_epoch=lambda translator: None):
    """The chapter's recipe; returns what after_epoch gives, one for each epoch."""
    source, target = number_pairs(numbers)
    optimizer, found = Adam(rate), []
    data, rng = (source, target[:, :-1], target[:, 1:]), np.random.default_rng(seed)
    steps = train(translator, data, loss=masked_loss, optimizer=optimizer, epochs=epochs, batch_size=64, rng=rng)
    for progress in steps:
        optimizer.learning_rate = cosine(rate, progress.epoch, epochs, lowest=1e-4)
        found.append(after_epoch(translator))
    return found


@lru_cache(maxsize=8)
def trained(seed):
    translator = made(seed)
    fit(translator, splits(seed)[0], 6, seed)
    return translator


@lru_cache(maxsize=8)
def without_attention(seed):
    """(symbols right, numbers right) on validation numbers after each of twelve epochs."""
    numbers, validation, _ = splits(seed)
    return fit(
        made(seed, attention=False),
        numbers,
        12,
        seed,
        after_epoch=lambda t: (share_of_symbols(t, validation), share_of_numbers(t, validation)),
    )


def lead_of_attention(seed):
    numbers, _, test = splits(seed)
    pair = [made(seed, attention) for attention in (True, False)]
    for translator in pair:
        fit(translator, numbers, 2, seed)
    return share_of_numbers(pair[0], test) - share_of_numbers(pair[1], test)


def elsewhere(seed):
    """The share of symbols for which a second network looks somewhere else; -1 unless both are good and answer nearly alike."""
    numbers, _, test = splits(seed)
    second = made(seed + 1_000_000)
    fit(second, numbers, 6, seed)
    source, target = number_pairs(test)
    same = (trained(seed).translate(source, 12) == second.translate(source, 12)).all(axis=1).mean()
    if min(same, *(share_of_numbers(t, test) for t in (trained(seed), second))) < 0.9:
        return -1.0
    first, other = (t.attention_map(source, target[:, :-1]).argmax(axis=-1) for t in (trained(seed), second))
    return (first != other)[target[:, 1:] != PAD].mean()


DIGITS = {
    "一": "one eleven", "二": "two twelve twenty", "三": "three thirteen thirty", "四": "four fourteen forty",
    "五": "five fifteen fifty", "六": "six sixteen sixty", "七": "seven seventeen seventy",
    "八": "eight eighteen eighty", "九": "nine nineteen ninety",
}  # fmt: skip


def digits_look_at_their_words(seed):
    """The share of written digits whose largest weight lies on a word of this digit."""
    source, target = number_pairs(splits(seed)[2])
    looks, found = trained(seed).attention_map(source, target[:, :-1]).argmax(axis=-1), []
    for digit, words in DIGITS.items():
        row, step = np.nonzero(target[:, 1:] == CHINESE.index(digit))
        found.append(np.isin(source[row, looks[row, step]], [ENGLISH.index(word) for word in words.split()]))
    return np.concatenate(found).mean()


def unseen(seed, low, high, *sets):
    rng = np.random.default_rng(seed + 2_000_000)
    return np.setdiff1d(1000 * rng.integers(1, 1000, 1000) + rng.integers(low, high, 1000), np.concatenate(sets))


def ratio_of_mistakes(many, few):
    """log2 of many / few, two shares of wrong numbers; one in 2,000 is added to both, so that none may be 0."""
    return np.log2((many + 0.0005) / (few + 0.0005))


def wrong_endings(seed):
    ends = (0, 10), (100, 1000)  # 000 to 009, and 100 to 999
    return ratio_of_mistakes(
        *(1 - share_of_numbers(trained(seed), unseen(seed, *between, splits(seed)[0])) for between in ends)
    )


@lru_cache(maxsize=8)
def repaired(seed):
    """(share wrong of numbers that end in 000 to 009, the translator): untouched, after more epochs, with such numbers."""
    numbers, validation, test = splits(seed)
    ending, rng = unseen(seed, 0, 10, numbers), np.random.default_rng(seed + 3_000_000)
    more = 1000 * rng.integers(1, 1000, 640) + rng.integers(0, 10, 640)
    more = np.setdiff1d(more, np.concatenate([validation, test, ending]))
    found = [(1 - share_of_numbers(trained(seed), ending), trained(seed))]
    for data in (numbers, np.append(numbers[len(more) :], more)):
        translator = deepcopy(trained(seed))
        fit(translator, data, 2, seed, rate=0.003)
        found.append((1 - share_of_numbers(translator, ending), translator))
    return found


def fewer_left(seed):
    _, (same, _), (replaced, _) = repaired(seed)
    return ratio_of_mistakes(same, replaced)


def hundreds(seed):
    tens = [n for n in range(11, 100) if n % 10]
    said = encode([[*english_words(n), "hundred"] for n in tens], ENGLISH, 9)
    meant = number_pairs([100 * n for n in tens])[1]
    return exact_match(repaired(seed)[2][1].translate(said, 12), meant[:, 1:]).sum()


def claim(name, cell, sentence, experiment, effect="", **options):
    return Claim(name, "06c_translation", cell, sentence, experiment, effect, seeds=FEWEST_SEEDS, **options)


CLAIMS = [
    claim(
        "symbols-hide-numbers", "eleven-text",
        "After two epochs without attention most symbols are right, and less than half of the numbers.",
        lambda seed: without_attention(seed)[1][0] > 0.75 and without_attention(seed)[1][1] < 0.5,
    ),
    claim(
        "without-attention-too", "plain-reply",
        "After twelve epochs more than nine numbers in ten are right without attention, too",
        lambda seed: without_attention(seed)[-1][1] - 0.9, "share of numbers right, minus 0.9",
    ),
    claim(
        "attention-is-faster", "faster", "After two epochs far more numbers are right with attention.",
        lead_of_attention, "share of numbers right with attention minus without", holds=lambda lead: lead > 0.3, paired=True,
    ),
    claim(
        "digits-look-at-their-words", "map-reading", "most digits go to the words they come from",
        lambda seed: digits_look_at_their_words(seed) - 0.5, "share of digits, minus one half",
    ),
    claim(
        "other-maps", "second-reply", "Nearly the same answers, partly from other places.",
        elsewhere, "share of symbols for which the second network looks elsewhere", holds=lambda share: 0.02 < share < 0.5,
    ),
    claim(
        "rare-endings", "repair-text", "Numbers with a rare ending are wrong far more often than others",
        wrong_endings, "log2 of the ratio of mistakes", holds=lambda ratio: ratio > np.log2(5), paired=True,
    ),
    claim(
        "missing-examples", "hundreds-text", "Examples of the kind that was missing help far more than two more epochs.",
        fewer_left, "log2 of the ratio of mistakes that are left", holds=lambda ratio: ratio > 1, paired=True,
    ),
    claim(
        "another-word-order", "hundreds-reply",
        "It has learned the rule as far as its examples go: not for another order of words",
        lambda seed: hundreds(seed) < 5,
    ),
]  # fmt: skip
