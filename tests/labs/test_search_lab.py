"""The search lab's face: controls, searches, trials by hand, hidden map."""

import numpy as np
import pytest
from test_hand import pixels, read

from course_lib.labs import search_lab
from course_lib.labs.search import TRIALS
from course_lib.models.validation_map import RATES, SECONDS, WEIGHT_DECAYS


@pytest.fixture
def table():
    rows, columns = np.indices((len(WEIGHT_DECAYS), len(RATES)))
    return 1.2 + ((rows - 8) ** 2 + 2 * (columns - 8) ** 2) / 100


def test_it_trains_its_map_when_it_has_none():
    lab = search_lab(second="hidden units")
    assert "0 of 6 rows trained" in lab.status_line.value
    lab.buttons["trial"].click()
    assert "not trained yet" in lab.error_line.value
    lab.run_button.click()  # without a notebook: all of it at once
    assert lab.model.map.finished and len(lab.model.trials) == TRIALS and 0.8 < lab.model.map.table.min() < 1.5
    assert lab.error_line.value == ""


def test_a_search_runs_and_another_one_follows(table):
    lab = search_lab(table, method="random")
    before = lab.canvas.image.value
    lab.run_button.click()
    first = list(lab.model.trials)
    assert len(first) == TRIALS and lab.canvas.image.value != before
    assert f"trial {TRIALS} of {TRIALS}" in lab.status_line.value
    lab.run_button.click()
    assert lab.model.trials != first and len(lab.model.runs["random"]) == 2


def test_the_goals_are_reached_by_hand(table):
    lab = search_lab(table, method="by hand")
    assert lab.goal_line.value.count("Goal:") == 1
    lab.run_button.click()
    assert "press One trial" in lab.error_line.value and not lab.model.trials
    lab.controls["rate"].set(0.2)
    lab.controls["row"].set(9)
    lab.buttons["trial"].click()
    assert lab.model.trials[0][:2] == (8, 8)  # 0.215 is the nearest rate
    assert lab.goal_line.value.count("Goal:") == 2 and lab.goal_line.value.count("\N{CHECK MARK}") == 2


def test_a_hidden_map_shows_only_what_was_tried(table):
    lab = search_lab(table)
    lab.controls["hidden"].set(True)
    assert lab.fields.get_array().mask.all()
    lab.buttons["trial"].click()
    assert (~lab.fields.get_array().mask).sum() == 1
    lab.controls["hidden"].set(False)
    assert not lab.fields.get_array().mask.any()


def test_the_rows_follow_the_map(table):
    lab = search_lab(table)
    lab.controls["second"].set("batch size")
    assert lab.controls["row"].high == len(SECONDS["batch size"])
    lab.controls["row"].text.value = "13"
    assert "expected a whole number from 1 to 6" in lab.error_line.value


def test_the_map_of_a_search_reads_its_fields_but_none_that_is_hidden(table):
    lab = search_lab(table)
    (row, column), values = (1, 4), lab.model.map.values
    at = pixels(lab, lab.map, column, row)
    assert read(lab, *at).endswith(f"{values[row]:.3g}: validation loss {table[row, column]:.3g}")
    lab.controls["hidden"].set(True)
    assert read(lab, *at) == ""
