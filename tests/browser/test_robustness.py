"""Labs, kernels and `train` under rough treatment: short versions of what `make robustness` measures, and its page."""

import re

import pytest
import robustness
import robustness_in_chinese

from tests.generated import table_in

CLEAR = robustness.SENTENCE


@pytest.fixture(scope="module")
def typed():
    return robustness.typed_nonsense()


@pytest.fixture(scope="module")
def misused():
    return robustness.misused_training()


@pytest.fixture(scope="module")
def endless():
    return robustness.endless_answers(seconds=0.5)


def test_nonsense_in_any_text_box_gets_a_sentence(typed):
    assert [answer for answer in typed if not CLEAR.match(answer[-1])] == []
    assert len({(lab, box) for lab, box, *_ in typed}) * len(robustness.NONSENSE) - len(robustness.SENSE) == len(typed)


def test_training_that_cannot_work_says_why(misused):
    assert [answer for answer in misused if not CLEAR.match(answer[-1])] == []


def test_an_answer_that_never_ends_gets_a_sentence(endless):
    assert [answer for answer in endless if not CLEAR.match(answer[-1])] == []


def test_of_many_prints_some_are_shown_and_the_rest_is_counted():
    assert robustness.shown_of_prints(robustness.PRINTS) == (robustness.limits.PRINTED, True)


def test_damage_takes_no_answer_that_it_does_not_touch():
    untouched, read = robustness.damaged_answers()
    assert read == untouched > 20 * robustness.DAMAGES


def test_the_page_states_what_is_counted(typed, misused, endless):
    page = robustness.PAGE.read_text(encoding="utf-8")
    assert table_in(page, "counted") == robustness.table(robustness.counted(typed, misused, endless))


@pytest.mark.parametrize("name", robustness_in_chinese.TABLES)
def test_the_chinese_page_has_the_same_rows_with_the_same_numbers(name):
    """`python -m tests.browser.robustness_in_chinese` renews them."""
    english, chinese = (
        table_in(path.read_text(encoding="utf-8"), name)
        for path in (robustness_in_chinese.PAGE, robustness_in_chinese.CHINESE_PAGE)
    )
    assert chinese == robustness_in_chinese.table_in_chinese(english)
    assert len(chinese.splitlines()) == len(english.splitlines())
    for own, line in zip(chinese.splitlines(), english.splitlines(), strict=True):
        assert sorted(re.findall(r"[-+\d,.]*\d", own)) == sorted(re.findall(r"[-+\d,.]*\d", line))


def test_the_page_has_a_result_for_each_measurement():
    page = robustness.PAGE.read_text(encoding="utf-8")
    rows = re.search(r"<!-- measured -->\n(.*)<!-- end -->", page, re.DOTALL)[1].splitlines()[2:]
    assert [re.search(r"interrupted|killed|again|open|minutes", row)[0] for row in rows] == [
        "interrupted",
        "killed",
        "again",
        "open",
        "minutes",
    ]
    (interrupted, killed, *_) = rows
    assert "| 50 |" in interrupted and "In all 50 the run equalled" in interrupted
    assert "| 10 |" in killed and " 10 times the next kernel" in killed


@pytest.mark.slow
def test_an_interrupted_lab_stays_the_run_that_it_says_it_is():
    times, hits, faults = robustness.interrupted_training(12)
    assert faults == []
    assert hits >= times // 2  # those that wait for a lab alone hit nothing


@pytest.mark.slow
def test_the_next_kernel_goes_back_to_the_run_that_was_kept():
    assert robustness.lost_kernels(1) == (1, 1)


@pytest.mark.slow
def test_thirty_labs_in_one_kernel_leave_it_usable():
    count, memory, back, seconds, well = robustness.open_labs(30)
    assert well and count == 30
    assert memory < 250 and seconds < 2  # MB: 238 on Python 3.11; with what the engine keeps 283
    assert back > memory / 4  # the rest are libraries, data and what Python keeps for later


@pytest.mark.slow
def test_live_training_does_not_grow():
    seconds, frames, _, growth = robustness.memory_of_training(20)
    assert frames > 2 * seconds
    assert growth < max(0.8, frames * 6 / 1024)  # MB: 6 KB a frame; a picture kept from each would make it 12
