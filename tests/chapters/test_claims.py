"""The claims ledger, the texts and the cells name each other, and a claim that does not hold is found out."""

import re
from collections import Counter

import nbformat
import numpy as np
import pytest
from chapter_files import CHAPTERS
from claims import ledger
from claims.__main__ import (
    CHINESE_FALLEN,
    CHINESE_PAGE,
    FALLEN,
    PAGE,
    chinese_row,
    chinese_table,
    row,
    rows,
    run_all,
    table,
)
from claims.in_chinese import IN_CHINESE

from tests.generated import table_in

NOTEBOOKS = {path.stem: path for path in CHAPTERS}
CLAIMS = ledger.all_claims()
FEWEST = 40


def words(text):
    return " ".join(text.split())


def cells_of(chapter):
    return {cell.id: cell for cell in nbformat.read(NOTEBOOKS[chapter], as_version=4).cells}


def test_there_are_enough_claims_under_names_of_their_own():
    assert len(CLAIMS) >= FEWEST
    assert [name for name, count in Counter(claim.id for claim in CLAIMS).items() if count > 1] == []


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.id)
def test_the_sentence_stands_in_its_cell_and_the_cell_names_the_claim(claim):
    cell = cells_of(claim.chapter)[claim.cell]
    assert words(claim.sentence) in words(cell.source)
    assert claim.id in cell.metadata.get("claims", [])


def test_every_claim_is_translated_and_nothing_else():
    assert list(IN_CHINESE) == [claim.id for claim in CLAIMS]
    assert [claim.id for claim in CLAIMS if bool(IN_CHINESE[claim.id][1]) != bool(claim.effect)] == []


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.id)
def test_the_chinese_sentence_stands_in_its_cell(claim):
    path = CHINESE_PAGE.with_name(f"{claim.chapter}.ipynb")
    source = next(cell.source for cell in nbformat.read(path, as_version=4).cells if cell.id == claim.cell)
    sentence, _ = IN_CHINESE[claim.id]
    assert sentence in source, (
        f"{path.name}, cell {claim.cell}: tests/claims/in_chinese.py quotes {sentence!r} from:\n{source}"
    )


@pytest.mark.parametrize("chapter", NOTEBOOKS)
def test_no_cell_names_a_claim_that_the_ledger_does_not_have(chapter):
    named = {name: cell_id for cell_id, cell in cells_of(chapter).items() for name in cell.metadata.get("claims", [])}
    known = {claim.id: claim.cell for claim in CLAIMS if claim.chapter == chapter}
    assert named == known


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.id)
def test_a_claim_asks_for_enough(claim):
    assert ledger.FEWEST_SEEDS <= claim.seeds <= ledger.MOST_SEEDS
    assert 0 < claim.share <= 1
    assert claim.effect or not (claim.paired or claim.within), "a comparison has an effect with an interval"


def test_the_page_shows_every_claim_and_none_that_falls():
    page = words(PAGE.read_text(encoding="utf-8"))
    assert [claim.id for claim in CLAIMS if f"<small>`{claim.id}`</small>" not in page] == []
    assert [claim.id for claim in CLAIMS if words(claim.sentence).replace("|", "\\|") not in page] == []
    assert page.count("<small>") == len(CLAIMS)
    assert "does not hold" not in page.partition("|---|")[2]


def test_the_chinese_page_shows_the_same_claims_with_the_same_numbers():
    english, chinese = (table_in(path.read_text(encoding="utf-8"), "claims") for path in (PAGE, CHINESE_PAGE))
    assert chinese == chinese_table(english), "python -m tests.claims --translate"
    assert list(rows(chinese)) == list(rows(english)) == [claim.id for claim in CLAIMS]
    for name, line in rows(english).items():
        (*_, held, _, effect), (*_, own_held, _, own_effect) = (
            each.rstrip(" |\n").split(" | ") for each in (line + " .", rows(chinese)[name] + " .")
        )
        assert sorted(re.findall(r"\d+", own_held)) == sorted(re.findall(r"\d+", held)), name
        assert re.findall(r"[-\d.e]+ \[.+\]", own_effect) == re.findall(r"[-\d.e]+ \[.+\]", effect), name


def noise(seed):
    return np.random.default_rng(seed).normal()


def claim_of(experiment, **options):
    return ledger.Claim("some-claim", "05_practice", "cell", "It is so.", experiment, **options)


def test_a_claim_that_seeds_decide_falls():
    result = ledger.Result(claim_of(noise, share=0.9), tuple(noise(seed) for seed in range(20)))
    assert 0 < result.held < 18 and not result.stands


def test_a_comparison_falls_when_its_interval_holds_zero():
    effects = (0.1, 0.1, 0.1, 0.1, 0.1, -0.6)
    alone, compared = (
        ledger.Result(claim_of(noise, share=0.8, paired=p, effect="gap"), effects) for p in (False, True)
    )
    assert alone.stands and not compared.stands
    assert FALLEN in row(compared) and "5 of 6" in row(compared)


def test_two_are_level_only_when_the_whole_interval_is_small():
    sharp, vague = (
        ledger.Result(claim_of(noise, holds=lambda gap: abs(gap) < 1, within=(-0.3, 0.3), effect="gap"), effects)
        for effects in ((0.1, -0.1, 0.2, 0.0, -0.1), (0.9, -0.9, 0.8, -0.8, 0.0))
    )
    assert sharp.stands and not vague.stands
    assert "and the interval within -0.3 to 0.3" in row(sharp)


def test_a_run_takes_the_seeds_that_it_is_given():
    claim = next(claim for claim in CLAIMS if claim.id == "small-rate-solves-none")
    ((result, seconds),) = run_all([claim], 500, workers=1).values()
    assert len(result.effects) == claim.seeds and result.stands and seconds > 0


def test_a_part_of_the_claims_renews_its_lines_alone():
    first, second = (ledger.Result(claim, (1.0,) * claim.seeds) for claim in CLAIMS[:2])
    whole = table("", [first, second])
    fallen = ledger.Result(CLAIMS[0], (0.0,) * CLAIMS[0].seeds)
    renewed = table(whole, [fallen])
    assert row(second) in renewed and row(first) not in renewed and row(fallen) in renewed
    assert table(renewed + "| of old <small>`gone`</small> |\n", [first]) == whole


def test_a_chinese_line_says_what_its_english_one_does():
    claim = next(claim for claim in CLAIMS if claim.within and claim.paired)
    sentence, what = IN_CHINESE[claim.id]
    effects = (0.1, 0.1, 0.1, 0.1, -0.6)
    english = row(ledger.Result(claim, effects))
    own = chinese_row(claim, english)
    low, high = claim.within
    assert own.startswith(
        f"| {CHINESE_FALLEN}{sentence} <small>`{claim.id}`</small> | [8](08_outlook.ipynb) | 5 次中 4 次 |"
    )
    assert f"，且看区间，且区间在 {low:g} 到 {high:g} 之内 | {what}：-0.04 [" in own
