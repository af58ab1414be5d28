"""What the figures of chapter 10 show."""

import numpy as np
import pytest
from figures import beside, chapter

from course_lib.datasets import chinese_numerals, english_words, number_lines
from course_lib.datasets.language import NUMBER_SYMBOLS
from course_lib.tools.evaluation import mean_interval

FEWER = {"np.random.default_rng(0))\nx": "np.random.default_rng(0), train=640)\nx"}
SHORTER = {
    "lines": FEWER,
    "positions-and-heads": {"range(1, 6)": "range(1, 4)"},
    "block-parts": {"range(1, 6)": "range(1, 4)"},
    "one-budget": {
        "range(6, 9)": "range(6, 8)",
        "range(1, 6)": "range(1, 4)",
        "range(1, 9)": "range(1, 6)",
        "[5:], 6": "[3:], 6",
    },
    "words": {"words[1000:20_200]": "words[1000:3000]"},
}
shown = chapter("10_language_model", shorter=SHORTER)
LINE = [*english_words(340_215), "<start>", *chinese_numerals(340_215), "<end>"]
START = LINE.index("<start>")


def texts(panel):
    """{word: places} of all words in the panel."""
    found = {}
    for text in panel.axes.texts:
        found.setdefault(text.get_text(), []).append(text.get_position())
    return found


def test_lines(shown):
    with shown("lines") as (_, [panel]):
        written = texts(panel)
        places = [written[word].pop(0) if written[word][0][1] == 1 else written[word].pop() for word in LINE[:-1]]
        panel.words(dict(zip(places, LINE[:-1], strict=True)))
        assert [y for _, y in places] == [1] * 18
        across = [x for x, _ in places]
        assert across == sorted(across)
        asked = {(x, 0): word for x, word in zip(across[START:], LINE[START + 1 :], strict=True)}
        panel.words(asked)
        for x, y in asked:
            panel.curve([x, x], [y, 1])
        panel.words({(panel.axes.get_xlim()[0], 1): "given", (panel.axes.get_xlim()[0], 0): "asked"})
    shown.says("lines", f"Of the 18 places in the line {' '.join(LINE[:-1])}, 11 count.")
    shown.says("lines", "At <start> the next symbol is 三, at 五 it is <end>.")


def test_positions_and_heads(shown):
    what_a_part_is_worth(shown, "positions-and-heads", "shares", ["whole", "no positions", "one head"])


def test_block_parts(shown):
    kinds = ["whole", "no attention", "no dense part", "no shortcut"]
    what_a_part_is_worth(shown, "block-parts", "less_shares", kinds)


def test_one_budget(shown):
    what_a_part_is_worth(shown, "one-budget", "budget", ["blocks", "one GRU", "6c"])


def what_a_part_is_worth(shown, cell, name, kinds):
    with shown(cell) as (names, [left, right]):
        first, *others = kinds
        shares = {first: names["shares"]["whole"], **names[name]}
        assert list(shares) == kinds
        assert [len(share) for share in shares.values()] == ([5, 3, 5] if name == "budget" else [3] * len(kinds))
        for row, kind in enumerate(kinds):
            left.curve(100 * shares[kind], [row] * len(shares[kind]))
            left.curve([100 * shares[kind].mean()], [row])
        gaps = [100 * (shares[first][: len(shares[kind])] - shares[kind]) for kind in others]
        for row, gap in enumerate(gaps, 1):
            right.curve(gap, [row] * len(gap))
            right.curve(mean_interval(gap), [row] * 2)
        right.curve([np.nan] * 2, [0, 0])
        right.level(0, axis="x")
        left.frame(title="Numbers right, in %", yticks=dict(enumerate(kinds)))
        right.frame(title=f"{first} minus this, in points")
    for kind, share in shares.items():
        shown.says(cell, f"{kind} {beside(share.mean(), '50%', form='.0%')}")
    for kind, gap in zip(others, gaps, strict=True):
        shown.says(cell, f"over {kind} {beside(mean_interval(gap), '40', form='.1f')}")


def test_heads(shown):
    with shown("heads") as (names, panels):
        x, _ = number_lines([340_215])
        assert [NUMBER_SYMBOLS[i] for i in x[0, :18]] == LINE[:-1]
        maps = names["masked"].attention_maps(x)[0][0][:, START : START + 11, :18]  # the padding behind is later
        assert maps.shape == (2, 11, 18) and np.allclose(maps.sum(axis=2), 1, atol=1e-5)
        for head, panel in enumerate(panels):
            hidden = np.triu(np.ones((11, 18), bool), START + 1)
            panel.image(np.where(hidden, np.nan, maps[head]), limits=(0, 1))
            panel.frame(title=f"head {head + 1}", xticks=dict(enumerate(LINE[:-1])))
        panels[0].frame(yticks=dict(enumerate(LINE[START + 1 :])))
    apart = (maps[0].argmax(axis=1) != maps[1].argmax(axis=1)).sum()
    shown.says("heads", f"Rows {' '.join(LINE[START + 1 :])}, columns {' '.join(LINE[:-1])}; each row adds up to 1.00.")
    shown.says("heads", f"In {beside(apart, '3')} of 11 rows")


def test_temperatures(shown):
    with shown("temperatures") as (names, [panel]):
        made = names["made"]
        assert list(made) == [0, 0.5, 1, 1.5] and {len(words) for words in made.values()} == {200}
        written = texts(panel)
        for row, (temperature, words) in enumerate(made.items()):
            assert (panel.axes.get_xlim()[0], row) in written[f"T = {temperature:g}"]
            first = sorted((x, word) for word, places in written.items() for x, y in places if y == row)
            assert [word for _, word in first[1:]] == list(words[:7])
            panel.words({(x, row): word for x, word in first})
    assert len({*made[0]}) == 1
    shown.says("temperatures", "at T = 0 the number of different words is 1 (below 2)")
    for temperature in (0.5, 1, 1.5):
        new = len([word for word in made[temperature] if word not in names["words"]])
        shown.says("temperatures", f"{beside(new, '100', form='.0f')} are in no list at T = {temperature:g}")


def test_sizes(shown):
    with shown("sizes") as (names, [panel]):
        losses, pairs = names["size_losses"], names["pair_loss"]
        assert names["parameters"] == [4623, 16_131, 59_883]
        panel.curve(names["parameters"], losses)
        levels = {"uniform guess": np.log(27), "table of two letters": pairs}
        for height in levels.values():
            panel.level(height)
        [longer] = [line.get_ydata()[0] for line in panel.axes.lines if line not in panel._seen]
        panel.level(longer)
        assert longer < pairs
        levels["table of five letters"] = longer
        for note in list(panel.axes.texts):
            assert note.xy[1] == pytest.approx(levels[note.get_text()])
            panel._see(note)
    for loss in losses:
        shown.says("sizes", beside(loss, "2", "2.4", form=".2f"))
    shown.says("sizes", "A uniform guess has 3.30", f"pairs {beside(pairs, '2.4', form='.2f')}")
    shown.says("sizes", f"five letters {beside(longer, '2', form='.2f')}")
