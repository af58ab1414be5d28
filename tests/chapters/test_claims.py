"""The claims ledger, the texts and the cells name each other, and a claim that does not hold is found out."""

import re
from contextlib import nullcontext

import numpy as np
import pytest
from chapter_files import CHAPTERS, cells
from claims import ledger
from claims.__main__ import run_all, search_all
from claims.in_chinese import IN_CHINESE, TUNINGS_IN_CHINESE
from claims.page import CHINESE, CHINESE_PAGE, FALLEN, PAGE, Measured, claim_row, lines_in, write
from claims.tuning import Found, Side, Tuning, all_tunings

NOTEBOOKS = {path.stem: path for path in CHAPTERS}
CLAIMS, TUNINGS = ledger.all_claims(), all_tunings()


def words(text):
    return " ".join(text.split())


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.id)
def test_the_sentence_stands_in_its_cell_and_the_cell_names_the_claim(claim):
    cell = cells(claim.chapter)[claim.cell]
    assert words(claim.sentence) in words(cell.source)
    assert claim.id in cell.metadata.get("claims", [])
    chinese = cells(claim.chapter, "zh")[claim.cell].source
    sentence = IN_CHINESE[claim.id][0]
    assert sentence in chinese, f"notebooks/zh/claims.md quotes {sentence!r} from:\n{chinese}"


def test_every_claim_is_translated_and_nothing_else():
    assert list(IN_CHINESE) == [claim.id for claim in CLAIMS]
    assert [claim.id for claim in CLAIMS if bool(IN_CHINESE[claim.id][1]) != bool(claim.effect)] == []
    assert [claim.id for claim in CLAIMS if not IN_CHINESE[claim.id][2]] == []
    said = [text for id_, texts in IN_CHINESE.items() for text in texts if text]
    said += [text for what, validation, _ in TUNINGS_IN_CHINESE.values() for text in (what, validation)]
    assert [text for text in said if not re.search("[一-鿿]", text)] == []
    assert list(TUNINGS_IN_CHINESE) == [tuning.id for tuning in TUNINGS]
    assert [t.id for t in TUNINGS if not set(TUNINGS_IN_CHINESE[t.id][2]) <= set(t.sides)] == []


@pytest.mark.parametrize("chapter", NOTEBOOKS)
def test_no_cell_names_a_claim_that_the_ledger_does_not_have(chapter):
    named = {name: cell_id for cell_id, cell in cells(chapter).items() for name in cell.metadata.get("claims", [])}
    known = {claim.id: claim.cell for claim in CLAIMS if claim.chapter == chapter}
    assert named == known


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.id)
def test_a_claim_asks_for_enough(claim):
    assert claim.seeds >= ledger.FEWEST_SEEDS
    assert 0 < claim.share <= 1
    assert claim.effect or not (claim.paired or claim.within), "a comparison has an effect with an interval"
    assert claim.untried, "expected which rival was not tried, and why that is no matter for the sentence"


def test_a_search_belongs_to_claims_of_its_chapter():
    chapters = {claim.id: claim.chapter for claim in CLAIMS}
    assert [t.id for t in TUNINGS if not t.claims or {chapters.get(name) for name in t.claims} != {t.chapter}] == []
    assert [t.id for t in TUNINGS if len(t.sides) < 2 or t.seeds < 5] == []


def test_the_pages_show_every_claim_and_search_and_none_that_falls():
    pages = {path: path.read_text(encoding="utf-8") for path in (PAGE, CHINESE_PAGE)}
    write()
    assert pages == {path: path.read_text(encoding="utf-8") for path in pages}, "python -m tests.claims --translate"
    for page in pages.values():
        assert list(lines_in(page, "claims")) == [claim.id for claim in CLAIMS]
        assert list(lines_in(page, "tunings")) == [tuning.id for tuning in TUNINGS]
    assert [name for name, [line] in lines_in(pages[PAGE], "claims").items() if FALLEN in line] == []


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
    line = claim_row(compared.claim, Measured.of(compared))
    assert FALLEN in line and "5 of 6" in line


def test_two_are_level_only_when_the_whole_interval_is_small():
    sharp, vague = (
        ledger.Result(claim_of(noise, holds=lambda gap: abs(gap) < 1, within=(-0.3, 0.3), effect="gap"), effects)
        for effects in ((0.1, -0.1, 0.2, 0.0, -0.1), (0.9, -0.9, 0.8, -0.8, 0.0))
    )
    assert sharp.stands and not vague.stands
    assert "and the interval within -0.3 to 0.3" in claim_row(sharp.claim, Measured.of(sharp))


def test_a_run_takes_the_seeds_that_it_is_given():
    claim = next(claim for claim in CLAIMS if claim.id == "small-rate-solves-none")
    ((result, seconds),) = run_all([claim], 500, workers=1).values()
    assert len(result.effects) == claim.seeds and result.stands and seconds > 0


@pytest.mark.parametrize("effects", [(1.0,) * 10, (0.5, -2e-5) * 5, (-1.0,) * 10])
@pytest.mark.parametrize("effect", ["", "gap: of two"])
def test_a_line_of_the_page_can_be_read_again(effects, effect):
    measured = Measured.of(ledger.Result(claim_of(noise, effect=effect, untried="a | b"), effects))
    line = claim_row(claim_of(noise, effect=effect, untried="a | b"), measured)
    assert Measured.read(line) == measured
    assert line.startswith("| It is so." if measured.stands else f"| {FALLEN}It is so.")


def test_a_chinese_line_says_what_its_english_one_does():
    claim = next(claim for claim in CLAIMS if claim.within and claim.paired)
    sentence, what, untried = IN_CHINESE[claim.id]
    own = claim_row(claim, Measured(4, 5, "-0.04 [-0.4, 0.3]", False), CHINESE)
    low, high = claim.within
    assert own.startswith(
        f"| {CHINESE.fallen}{sentence} <small>`{claim.id}`</small> | [8](08_outlook.ipynb) | 5 次中 4 次 |"
    )
    assert f"，且区间不含 0，且区间在 {low:g} 到 {high:g} 之内 | {what}：-0.04 [-0.4, 0.3] | {untried} |" in own


def side(chosen, best=0.1, noisy=False, **options):
    def score(seed, rate):
        return abs(np.log10(rate / np.float64(best))) + noisy * noise(seed + int(1e6 * rate))

    return Side({"rate": (0.01, 0.1, 1)}, score, {"rate": chosen}, **options)


@pytest.mark.parametrize(
    ("each", "fault"),
    [
        (side(0.1), None),
        (side(1), "{'rate': 0.1} is better than {'rate': 1}"),
        (side(1, noisy=True), None),
        (side(1, best=1), "the best rate of those tried, 1, is at their end"),
        (side(1, best=1, ends=("rate",)), None),
        (side(0.01, best=0.0), "{'rate': 0.01} diverges"),
    ],
)
def test_a_search_falls_when_other_settings_are_better(each, fault):
    with np.errstate(divide="ignore", invalid="ignore"):
        scores = np.array([[each.score(seed, **c) for seed in range(5)] for c in each.combinations()])
    assert Found(each, scores).fault == fault


def test_a_setting_that_was_not_tried_cannot_be_chosen():
    with pytest.raises(ValueError, match=r"expected a combination of what was tried, .*0\.3"):
        side(0.3)


def test_each_side_of_a_search_gets_its_own_scores(monkeypatch):
    tuning = Tuning("a-search", "05_practice", (), "", "", {"a": side(0.1), "b": side(1, best=1)})
    monkeypatch.setattr("claims.__main__.all_tunings", lambda: [tuning])
    monkeypatch.setattr("claims.__main__.ProcessPoolExecutor", lambda workers: nullcontext(Here()))
    [sides] = search_all([tuning], 500).values()
    assert sides["a"].best == {"rate": 0.1} and sides["b"].best == {"rate": 1}
    assert sides["a"].scores.shape == (3, 5)


class Here:
    """An executor that works in this process."""

    map = staticmethod(map)
