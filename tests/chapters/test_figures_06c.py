"""What the figures of chapter 6c show."""

import numpy as np
from figures import beside, chapter, side

from course_lib.datasets import number_pairs

shown = chapter("06c_translation", shorter={"splits": {"train=6400": "train=640"}})


def test_plain(shown):
    with shown("plain") as (names, [panel]):
        attentive, (symbols, numbers) = names["shares"][:, 1], names["plain_shares"].T
        labels = "with attention: numbers", "without: symbols", "without: numbers"
        panel.curve(range(1, 7), attentive, label=labels[0])
        panel.curve(range(1, 13), symbols, label=labels[1])
        panel.curve(range(1, 13), numbers, label=labels[2])
    shown.says(
        "plain",
        f"After 2 epochs the network without attention gets {side(symbols[1], '75%')} of the symbols and "
        f"{side(numbers[1], '50%')} of the numbers right",
    )
    shown.says(
        "plain",
        f"with attention gets {side(attentive[1], '90%')}",
        f"without attention gets {side(numbers[-1], '90%')}",
    )


def test_map(shown):
    words, symbols = (
        ["three", "hundred", "forty", "thousand", "two", "hundred", "fifteen"],
        [*"三十四万零二百一十五", "end"],
    )
    with shown("map") as (names, [panel]):
        source, target = number_pairs([340_215])
        weights = names["translator"].attention_map(source, target[:, :-1])[0, : len(symbols), : len(words)]
        assert np.allclose(weights.sum(axis=1), 1, atol=1e-4)
        panel.image(weights, limits=(0, 1))
        panel.frame(xticks=dict(enumerate(words)), yticks=dict(enumerate(symbols)))
    looks = {symbol: words[row.argmax()] for symbol, row in zip(symbols, weights, strict=True)}
    meant = {"三": "three", "四": "forty", "五": "fifteen"}
    found = sum(looks[symbol] == word for symbol, word in meant.items())
    shown.says(
        "map",
        f"Rows {' '.join(symbols)}, columns {' '.join(words)}",
        f"Of the 3 symbols 三 四 五, {side(found, '2')} look",
    )


def test_endings(shown):
    with shown("endings") as (names, [panel]):
        wrong = list(names["wrong"].values())
        for name, (low, high) in {"000 to 009": (0, 9), "010 to 099": (10, 99), "100 to 999": (100, 999)}.items():
            numbers = names["unseen"][name]
            assert numbers.min() % 1000 >= low and (numbers % 1000 <= high).all()
            assert not set(numbers) & set(names["train_numbers"])
        panel.bars(list(names["unseen"]), wrong)
        panel.frame(xticks=dict(enumerate(names["unseen"])))
    rare = sum(n >= 1000 and n % 1000 < 10 for n in names["train_numbers"])
    shown.says("endings", f"000 to 009, {beside(wrong[0], '5%', form='.1%')} are wrong")
    shown.says("endings", f"100 to 999, {beside(wrong[2], '1%', form='.1%')} are wrong", f"Only {rare} of 640 training")
