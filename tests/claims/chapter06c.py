"""Claims of chapter 6c. One experiment takes some seconds: ten seeds each, and what several claims need is kept."""

from functools import lru_cache

import numpy as np

from course_lib.datasets import english_words, number_pairs
from course_lib.datasets.number_words import CHINESE, ENGLISH, encode
from course_lib.models.translation import PAD, exact_match

from .ledger import FEWEST_SEEDS, Claim
from .tuning_chapter06c import (
    BY_RATE,
    GOING_ON,
    continued,
    fit,
    made,
    share_of_numbers,
    splits,
    trained,
    with_ending,
)

BEST, WITHOUT = BY_RATE["with attention"].chosen, BY_RATE["without"].chosen
AS_IN_THE_FIGURE = {"rate": 0.01}  # of the cell `plain`


def share_of_symbols(translator, numbers):
    source, target = number_pairs(numbers)
    right = translator(source, target[:, :-1]).value.argmax(axis=-1) == target[:, 1:]
    return right[target[:, 1:] != PAD].mean()


@lru_cache(maxsize=8)
def without_attention(seed):
    """(symbols right, numbers right) on validation numbers after each of twelve epochs."""
    numbers, validation, _ = splits(seed)
    return fit(
        made(seed, attention=False),
        numbers,
        12,
        seed,
        **AS_IN_THE_FIGURE,
        after_epoch=lambda t: (share_of_symbols(t, validation), share_of_numbers(t, validation)),
    )


def lead_of_attention(seed):
    numbers, _, test = splits(seed)
    pair = [made(seed, attention) for attention in (True, False)]
    for translator, settings in zip(pair, (BEST, WITHOUT), strict=True):
        fit(translator, numbers, 2, seed, **settings)
    return share_of_numbers(pair[0], test) - share_of_numbers(pair[1], test)


def elsewhere(seed):
    """The share of symbols for which a second network looks somewhere else; -1 unless both are good and answer nearly alike."""
    numbers, _, test = splits(seed)
    second = made(seed + 1_000_000)
    fit(second, numbers, 6, seed, **BEST)
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


def ratio_of_mistakes(many, few):
    """log2 of many / few, two shares of wrong numbers; one in 2,000 is added to both, so that none may be 0."""
    return np.log2((many + 0.0005) / (few + 0.0005))


def wrong_endings(seed):
    numbers, rng = splits(seed)[0], np.random.default_rng(seed + 2_000_000)
    usual = np.setdiff1d(1000 * rng.integers(1, 1000, 1000) + rng.integers(100, 1000, 1000), numbers)
    rare = with_ending(seed + 2_000_000, numbers)
    return ratio_of_mistakes(*(1 - share_of_numbers(trained(seed), ending) for ending in (rare, usual)))


@lru_cache(maxsize=4)
def repaired(seed):
    return continued(seed, True, **GOING_ON["with the rare ending"].chosen)


def fewer_left(seed):
    """How many mistakes are left where a rare ending was not added, over those where it was: log2."""
    longer = continued(seed, False, **GOING_ON["the same numbers"].chosen)
    judged = with_ending(seed + 2_000_000, splits(seed)[0])
    return ratio_of_mistakes(*(1 - share_of_numbers(translator, judged) for translator in (longer, repaired(seed))))


def hundreds(seed):
    tens = [n for n in range(11, 100) if n % 10]
    said = encode([[*english_words(n), "hundred"] for n in tens], ENGLISH, 9)
    meant = number_pairs([100 * n for n in tens])[1]
    return exact_match(repaired(seed).translate(said, 12), meant[:, 1:]).sum()


def claim(name, cell, sentence, experiment, effect, untried, **options):
    return Claim(name, "06c_translation", cell, sentence, experiment, effect, untried, seeds=FEWEST_SEEDS, **options)


CLAIMS = [
    claim(
        "symbols-hide-numbers", "eleven-text",
        "After two epochs without attention most symbols are right, and less than half of the numbers.",
        lambda seed: without_attention(seed)[1][0] > 0.75 and without_attention(seed)[1][1] < 0.5, "",
        "Other schedules were not tried: the sentence says what two epochs of this one reach, and that two measures differ.",
    ),
    claim(
        "without-attention-too", "plain-reply",
        "After twelve epochs more than nine numbers in ten are right without attention, too",
        lambda seed: without_attention(seed)[-1][1] - 0.9, "share of numbers right, minus 0.9",
        "Longer training and other rates were not tried, which could only raise the share that the sentence asks for.",
    ),
    claim(
        "attention-is-faster", "faster", "After two epochs far more numbers are right with attention.",
        lead_of_attention, "share of numbers right with attention minus without",
        "Other sizes and longer training were not compared, as the text says: the sentence is about two epochs with as many "
        "parameters, each at its best rate.",
        holds=lambda lead: lead > 0.3, paired=True,
    ),
    claim(
        "digits-look-at-their-words", "map-reading", "most digits go to the words they come from",
        lambda seed: digits_look_at_their_words(seed) - 0.5, "share of digits, minus one half",
        "Attention with several heads or layers was not tried: the sentence is about the maps of this translator.",
    ),
    claim(
        "other-maps", "second-reply", "The two networks give nearly the same answers, and they fetch them partly from other words.",
        elsewhere, "share of symbols for which the second network looks elsewhere",
        "A second network of another size or kind was not tried: one with the same recipe and another start is enough to "
        "contradict a single explanation.",
        holds=lambda share: 0.02 < share < 0.5,
    ),
    claim(
        "rare-endings", "repair-text", "Numbers with a rare ending are wrong far more often than others",
        wrong_endings, "log2 of the ratio of mistakes",
        "More epochs and other examples were not given here: the next cell tries both, and the sentence is about the "
        "translator as it is.",
        holds=lambda ratio: ratio > np.log2(5), paired=True,
    ),
    claim(
        "missing-examples", "hundreds-text",
        "From nearly every start that we tried, examples of the missing kind help far more than two more epochs.",
        fewer_left, "log2 of the ratio of mistakes that are left",
        "More than two epochs with the same numbers were not tried: the sentence compares equal numbers of steps, each "
        "way at its best rate.",
        holds=lambda ratio: ratio > 1, paired=True,
    ),
    claim(
        "another-word-order", "hundreds-reply",
        "It fails on the one other way of saying numbers that we tried",
        lambda seed: hundreds(seed) < 5, "",
        "A translator that has seen such words was not tried: the sentence says what this one does without them.",
    ),
]  # fmt: skip
