"""The training lab and what all labs are built on, without a browser: controls, buttons, lines of text, picture, task."""

import asyncio
import gc
import html
import itertools
import re
import threading
import time
import tracemalloc
import weakref
from collections import deque
from dataclasses import replace
from functools import wraps
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from every_lab import pixels
from replayer import answered

from course_lib import labs
from course_lib.canvas import page as paging
from course_lib.labs import training_lab
from course_lib.labs.base import lab as base
from course_lib.labs.base import pace
from course_lib.labs.base.artists import DENSITY, Canvas
from course_lib.labs.base.controls import NumberControl
from course_lib.labs.cnn import CNNModel
from course_lib.labs.depth import DepthModel
from course_lib.labs.fit import FitModel
from course_lib.labs.language.model import LanguageTraining
from course_lib.labs.rate_theory import RateTheory
from course_lib.labs.training import lab as training
from course_lib.labs.training import picture as drawing
from course_lib.labs.training.data import DATA
from course_lib.labs.training.model import GOALS, TrainingModel
from course_lib.labs.translation_training import TranslationTraining
from course_lib.pictures.figures import picture_html

NUMBERS = {  # value, limits and kind of the training lab's: on a logarithmic slider, and in a box alone
    "rate": (0.5, 1e-4, 30.0, {"logarithmic": True}),
    "epochs": (2000, 1, 20_000, {"whole": True, "logarithmic": True, "slider": False}),
    "hidden": (4, 1, 16, {"whole": True, "slider": False}),
}


def live(test):
    """Run an asynchronous test as a kernel runs a cell: inside a running loop, on the main thread."""

    @wraps(test)
    def run(*args, **options):
        asyncio.run(asyncio.wait_for(test(*args, **options), 120))

    return run


async def until(condition):
    """Let the loop run until something is so. (The time limit is that of the test.)"""
    while not condition():
        await asyncio.sleep(0.002)


def text_of(widget):
    """What a reader sees of an HTML line."""
    return html.unescape(re.sub("<[^>]*>", "", widget.value))


def tasks():
    return [task for task in asyncio.all_tasks() if "Lab._run" in task.get_coro().__qualname__]


def widgets_below(widget):
    yield widget
    for child in getattr(widget, "children", ()):
        yield from widgets_below(child)


@live
async def test_a_lab_that_plays_by_itself_shows_its_picture_and_a_pause_and_keeps_nothing():
    lab = training_lab(epochs=5).play()
    assert lab.running and not lab.keeps
    await until(lambda: lab.run_button.description == "Pause")
    shown = list(widgets_below(lab.panel))
    assert lab.run_button in shown and lab.canvas.image in shown
    assert not any(control.widget in shown for control in lab.controls.values())
    await until(lambda: not tasks())
    assert lab.model.epoch == 5


# Controls


def test_a_text_that_is_pasted_does_not_fill_the_panel():
    lab = training_lab()
    lab.controls["rate"].text.value = "9" * 400
    said = text_of(lab.error_line)
    assert said.startswith("Learning rate: expected a number from 0.0001 to 30, got '999") and len(said) < 300


def number(value, low, high, **options):
    """A number control, and the list of what it reports."""
    seen = []
    return NumberControl("rate", value, low, high, on_change=seen.append, on_error=seen.append, **options), seen


@pytest.mark.parametrize("name", NUMBERS)
def test_what_is_typed_is_reported_and_shown(name):
    value, low, high, kind = NUMBERS[name]
    control, seen = number(value, low, high, **kind)
    for value in (low, high, 7):
        control.text.value = str(value)
        assert seen[-1] == control.value == value
    if control.slider:
        assert control.slider.value == control._mark(7)


@pytest.mark.parametrize("name", NUMBERS)
def test_buttons_step_to_the_limits_and_no_further(name):
    value, low, high, kind = NUMBERS[name]
    control, seen = number(value, low, high, **kind)
    for pressed, limit in ((control.minus, low), (control.plus, high), (control.minus, low)):
        control.set(limit)
        pressed.click()
        assert control.value == seen[-1] == limit
    control.plus.click()
    assert low < control.value <= high
    control.minus.click()
    assert control.value == pytest.approx(low, rel=0.02)


@pytest.mark.parametrize(("low", "high", "whole"), [(1e-4, 30.0, False), (0.02, 7.3, False), (1, 20_000, True)])
def test_five_presses_of_a_page_key_are_a_decade(low, high, whole):
    """ipywidgets lets a Page key go by five marks."""
    control, _ = number(low, low, high, logarithmic=True, whole=whole)
    assert (control._at(0), control._at(control.slider.max)) == (low, high)
    for start in range(0, control.slider.max - 25):
        assert control._at(start + 25) >= 9.9 * control._at(start)
    values = [control._at(mark) for mark in range(control.slider.max + 1)]
    assert (
        values == sorted(set(values))
        and max(b / a for a, b in itertools.pairwise(values) if a > 10 or not whole) < 1.15
    )


def test_marks_of_a_logarithmic_slider_are_round_numbers():
    control, seen = number(0.5, 1e-4, 30.0, logarithmic=True)
    for _ in range(6):
        control.slider.value += 1
    assert seen == [0.55, 0.6, 0.65, 0.7, 0.75, 0.8]
    control.plus.click()  # the buttons are for what lies between
    assert seen[-1] == 0.838 and control.slider.value == control._mark(0.8)


def test_a_slider_is_never_turned_back_by_what_is_shown_of_an_earlier_mark():
    """The page's next mark may come, on a thread of its own, while the lab shows the last one."""
    turned, tasks = [], deque()
    control, seen = number(10, 1, 100, whole=True, safely=lambda action: lambda *values: tasks.append((action, values)))
    control.slider.observe(lambda change: turned.append(change["new"]), "value")
    further_on = threading.Thread(target=setattr, args=(control.slider, "value", 30))
    control.text.observe(lambda change: change["new"] == "20" and (further_on.start(), further_on.join()), "value")
    control.slider.value = 20
    while tasks:
        action, values = tasks.popleft()
        action(*values)
    assert turned == [20, 30] and seen == [20, 30]
    assert (control.value, control.text.value, control.slider.value, control.knob.said) == (30, "30", 30, [30, "30"])


def test_the_position_of_a_slider_for_whole_numbers_is_the_number():
    control, seen = number(3, 1, 8, whole=True)
    assert (control.slider.min, control.slider.value, control.slider.max, control.knob.texts) == (1, 3, 8, [])
    control.slider.value = 5
    assert seen == [5] and control.text.value == "5" and control.knob.said == [5, "5"]
    control.limits(10, 20)
    control.show(12)
    control.limits(2, 4)
    control.show(2)
    assert (control.slider.min, control.slider.value, control.slider.max, seen) == (2, 2, 4, [5])


@pytest.mark.parametrize("options", [{"logarithmic": True}, {"step": 0.5}, {"step": 5, "whole": True}])
def test_a_knob_says_the_number_as_it_is_written(options):
    control, _ = number(10, 5, 50, **options)
    knob, slider, values = control.knob, control.slider, []
    assert knob in control.widget.children and knob.label == "rate" and knob.said == [slider.value, "10"]
    for mark in range(slider.max + 1):
        slider.value = mark  # one at a time, as the arrow keys go
        values.append(control.value)
        assert knob.texts[mark] == control.text.value and knob.said == [mark, control.text.value]
        assert slider.value == mark == control._mark(control.value)
    assert values == sorted({*values}) and [values[0], values[-1]] == control.ends()
    control.limits(20, 30)
    control.show(25)
    assert (knob.texts[0], knob.texts[slider.max], knob.said) == ("20", "30", [slider.value, "25"])


def test_a_knob_says_a_typed_number_that_lies_between_two_positions():
    control, seen = number(0.5, 1e-4, 30.0, logarithmic=True)
    control.text.value = "0.123456"
    assert control.knob.said == [control._mark(0.12), "0.123456"]
    assert seen == [control.value] == [0.123456]  # the knob goes to the nearest mark; the number does not
    control.text.value = "much"
    assert control.text.value == "0.123456" == f"{control.value}" and "got 'much'" in seen[-1]


def test_nothing_keeps_the_knob_of_a_closed_lab():
    lab = training_lab()
    knob = weakref.ref(lab.controls["rate"].knob)
    lab.close()
    del lab
    gc.collect()
    assert knob() is None


@pytest.mark.parametrize(
    ("name", "typed", "value"), [("rate", "0,5", 0.5), ("rate", " 2,25 ", 2.25), ("epochs", "1,000", 1000)]
)
def test_a_comma_is_a_decimal_point_or_parts_thousands(name, typed, value):
    _, low, high, kind = NUMBERS[name]
    control, seen = number(low, low, high, **kind)
    control.text.value = typed
    assert seen == [value]


@pytest.mark.parametrize("typed", ["-0", "-0.0", "-1e-999"])
def test_minus_zero_is_zero(typed):
    control, seen = number(0.5, 0.0, 1.0, slider=False, step=0.05)
    control.text.value = typed
    assert control.text.value == "0" and str(seen) == "[0.0]"
    assert "-0" not in TrainingModel(noise=float(typed)).state()


def test_a_box_of_text_shows_what_is_in_force():
    """After what cannot be used, too; what that was is said."""
    lab = training_lab(data="curve")
    deeper, formula = lab.controls["deeper"].text, lab.controls["formula"].text
    for typed, kept in (("\N{CJK UNIFIED IDEOGRAPH-4E09}", ""), ("8;4 ", "8, 4"), ("8 4", "8, 4"), ("0", "8, 4")):
        deeper.value = typed
        assert deeper.value == lab.model.settings.deeper == kept
        assert (repr(typed) in text_of(lab.error_line)) == (typed in "\N{CJK UNIFIED IDEOGRAPH-4E09}0")
    for typed, kept in (("x + 1", "x+1"), ("x +", "x+1"), ("\N{FULLWIDTH DIGIT TWO}*x", "2*x")):
        formula.value = typed
        assert formula.value == lab.model.settings.formula == kept
        assert bool(lab.error_line.value) == (typed == "x +")


@live
async def test_speed_is_the_number_of_epochs_a_second(monkeypatch):
    lab, now = training_lab(epochs=20_000), [0.0]
    monkeypatch.setattr(pace, "time", SimpleNamespace(perf_counter=lambda: now[0]))
    clock = itertools.count(step=0.001)  # each look at it takes a millisecond
    monkeypatch.setattr(training, "processor_time", lambda: next(clock))
    monkeypatch.setattr(base, "time", SimpleNamespace(perf_counter=lambda: next(clock)))

    def worked(seconds, speed):
        lab.controls["speed"].set(speed)
        now[0] += seconds
        before = lab.model.epoch
        lab.work()
        return lab.model.epoch - before

    assert worked(0, 60) == 1  # the first at once
    assert [worked(0.02, 60) for _ in range(5)] == [1, 1, 1, 1, 2]
    assert worked(0.1, 60) == 6  # a late frame makes up for those that were left out
    assert worked(100, 5) == 5  # but not for a long wait: a second of it
    assert worked(0.02, 5000) == 7  # what does not fit into 8 ms is left out
    assert worked(0, 0) == 15  # as fast as possible


def test_what_the_reader_turns_acts_on_a_step_at_once_and_the_pace_stays(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(pace, "time", SimpleNamespace(perf_counter=lambda: now[0]))
    steps = pace.Pace()

    def due(seconds, at_once):
        now[0] += seconds
        return steps.due(10, at_once)

    assert due(0, False) == 1
    assert [due(0, True) for _ in range(9)] == [1] + 8 * [0]  # one step is lent, not more
    assert [due(0.1, False) for _ in range(3)] == [0, 1, 1]
    assert [due(0.05, woken) for woken in (False, True, False, False)] == [0, 1, 0, 1]
    turned, done = np.random.default_rng(0).random(1000) < 0.5, 0
    for woken in turned:
        done += due(0.02, woken)
    assert abs(done - 10 * 0.02 * 1000) <= 1


@live
async def test_a_rate_that_is_turned_is_seen_before_the_next_epoch_is_due(monkeypatch):
    lab, now = training_lab(epochs=20_000), [0.0]
    monkeypatch.setattr(pace, "time", SimpleNamespace(perf_counter=lambda: now[0]))
    lab.controls["speed"].set(5)
    lab.buttons["train"].click()
    await until(lambda: lab.model.epoch == 1)
    now[0] += 0.2
    await until(lambda: lab.model.epoch == 2)
    lab.controls["rate"].set(3.0)  # and the clock stands still
    await until(lambda: lab.model.changes[-1] == (2, 3.0) and lab.model.epoch == 3)
    lab.stop()


def test_the_picture_is_on_its_way_before_box_and_knob_are_written(monkeypatch):
    lab, written = training_lab(), []
    control = lab.controls["rate"]
    monkeypatch.setattr(lab.canvas, "draw", lambda **_: written.append("picture"))
    control.text.observe(lambda change: written.append("box"), "value")
    control.knob.observe(lambda change: written.append("knob"), "said")
    control.slider.value += 5
    assert written == ["picture", "box", "knob"] and lab.model.rate == control.value == float(control.text.value)


def test_what_one_thread_shows_does_not_hide_what_the_reader_turns_on_another():
    control, seen = number(3, 1, 8, whole=True)
    with control._silence():
        control.slider.value = 4
        assert seen == []
        turned = threading.Thread(target=lambda: setattr(control.slider, "value", 6))
        turned.start()
        turned.join()
    assert seen == [6] and control.text.value == "6"


def test_a_batch_size_that_the_list_lacks_is_shown():
    lab = training_lab(batch=7)
    assert lab.controls["batch"].value == 7 and lab.model.settings.batch == 7
    lab.state_text.value = lab.model.state().replace("batch=7", "batch=9").replace("done=0", "done=3")
    lab.buttons["restore"].click()
    assert lab.controls["batch"].value == lab.model.settings.batch == 9 and lab.model.epoch == 3
    assert not lab.error_line.value


def test_lab_with_impossible_settings_is_refused():
    kept = training_lab()
    with pytest.raises(ValueError, match=r"learning rate: expected a number from 0\.0001 to 30, got 31"):
        training_lab(rate=31)
    kept.buttons["step"].click()
    assert kept.model.epoch == 1  # the lab that was open still is


# Buttons


def test_buttons_without_a_loop():
    """In a plain Python program Train runs to the end."""
    lab = training_lab(epochs=50)
    lab.buttons["train"].click()
    assert lab.model.epoch == 50 and not lab.running and lab.run_button.description == "Train"
    lab.buttons["reset"].click()
    assert lab.model.epoch == 0
    lab.buttons["step"].click()
    assert lab.model.epoch == 1 and text_of(lab.status_line).startswith("Epoch 1 of 50: loss 0.")
    lab.buttons["new start"].click()
    assert lab.model.settings.seed == lab.controls["seed"].value == 2 and lab.controls["seed"].text.value == "2"
    lab.controls["epochs"].set(60)
    lab.buttons["train"].click()
    assert lab.model.epoch == 60


def test_train_at_the_last_epoch_says_what_to_do():
    lab = training_lab(epochs=50)
    lab.buttons["train"].click()
    before = lab.model.state()
    lab.buttons["train"].click()
    assert text_of(lab.error_line) == "all 50 epochs are done: press Reset, or raise the epochs"
    assert lab.model.state() == before and not lab.running
    lab.controls["epochs"].set(70)
    lab.buttons["train"].click()
    assert lab.model.epoch == 70 and not lab.error_line.value
    lab.model.configure(rate=30.0, activation="relu", scale=10.0, hidden=8, seed=0)
    lab.buttons["train"].click()
    assert lab.model.problem  # a run that diverged begins anew
    lab.controls["rate"].set(0.01)
    lab.buttons["train"].click()
    assert not lab.model.problem and not lab.error_line.value


def test_interrupted_program_can_train_on():
    lab = training_lab(epochs=50)
    work = lab.work
    lab.work = lambda: (_ for _ in ()).throw(KeyboardInterrupt)
    with pytest.raises(KeyboardInterrupt):
        lab.buttons["train"].click()
    lab.work = work
    lab.buttons["train"].click()
    assert lab.model.epoch == 50


# Goals and lines of text


def goal_lines(lab):
    """(reached or not, text) of each goal."""
    goals = re.findall("<div[^>]*>([\N{CHECK MARK}\N{WHITE CIRCLE}]) ([^<]*)", lab.goal_line.value)
    return [(mark == "\N{CHECK MARK}", html.unescape(text)) for mark, text in goals]


def test_goals_turn_when_they_are_reached():
    first = "Goal: solve XOR (all four right, loss below 0.1) with 4 hidden units in 30 epochs or less."
    second = "Goal: do the same with 2 hidden units, in 30 epochs or less."
    lab = training_lab()
    assert goal_lines(lab) == [(False, first)]
    lab.buttons["train"].click()
    best = lab.model.best["4 units"]
    assert goal_lines(lab) == [(False, f"{first} Your best so far: {best}.")] and best > 30
    lab.buttons["reset"].click()
    lab.controls["rate"].set(3.0)
    lab.buttons["train"].click()
    best = lab.model.best["4 units"]
    assert best <= 30
    assert goal_lines(lab) == [(True, f"{first} Your best so far: {best}."), (False, second)]
    lab.controls["hidden"].set(2)
    lab.buttons["train"].click()
    assert lab.model.best["2 units"] > 30  # rate 3 alone is not enough for this one
    lab.controls["optimizer"].set("Momentum")
    lab.controls["rate"].set(2.0)
    lab.buttons["train"].click()
    best = lab.model.best["2 units"]
    assert goal_lines(lab)[1:] == [(True, f"{second} Your best so far: {best}.")]
    lab.controls["data"].set("spirals")
    assert goal_lines(lab) == [(False, "Goal: solve the spirals with 45 parameters or less.")]
    lab.controls["data"].set("xor")  # what is reached stays reached
    assert [reached for reached, _ in goal_lines(lab)] == [True, True]


def test_question_and_goals_are_about_the_data_that_are_shown():
    lab, asked = training_lab(), {}
    lab.goals = lambda question, goals: asked.update({lab.model.settings.data: (question, goals)})
    for data in DATA:
        lab.controls["data"].set(data)
        lab.refresh()
        question, goals = asked[data]
        assert ("XOR" in question) == (data == "xor")
        assert len(goals) == any(goal.data == data for goal in GOALS.values())
    assert len({question for question, _ in asked.values()}) == len(DATA)


def test_status_says_what_happens():
    lab = training_lab(epochs=300)
    assert text_of(lab.status_line) == "Epoch 0 of 300: loss 0.7342, accuracy 75%, learning rate 0.5"
    lab.buttons["train"].click()
    assert text_of(lab.status_line).endswith("(solved)") and "#009E73" in lab.status_line.value
    assert 'role="status"' in lab.status_line.value
    lab.look_back.value = 10
    assert text_of(lab.status_line).startswith("Looking back at epoch 10 of 300: loss 0.")


def test_status_never_counts_beyond_its_end():
    """The number of epochs may be set below the epoch that is reached."""
    lab = training_lab(epochs=300)
    lab.buttons["train"].click()
    lab.controls["epochs"].set(120)
    beyond = "poch 300, beyond the 120 set now: loss 0."
    assert text_of(lab.status_line).startswith(f"\N{CHECK MARK} E{beyond}") and beyond in lab.model.description()
    assert lab.view.loss.get_xlim()[1] > 300  # and nothing of the run is out of sight
    lab.look_back.value = 200
    assert "ooking back at epoch 200, beyond the 120 set now: loss 0." in text_of(lab.status_line)
    lab.look_back.value = 120
    assert "ooking back at epoch 120 of 120: loss 0." in text_of(lab.status_line)
    lab.buttons["reset"].click()
    assert 120 < lab.view.loss.get_xlim()[1] < 130


def test_a_status_says_good_or_bad_by_sign_and_colour_and_bad_counts_more():
    lab = training_lab()
    for levels, sign, colour in (
        ({}, "", "#0072B2"),
        ({"good": True}, "\N{CHECK MARK} ", "#009E73"),
        ({"bad": True}, "\N{BALLOT X} ", "#D55E00"),
        ({"good": True, "bad": True}, "\N{BALLOT X} ", "#D55E00"),
    ):
        lab.status("it is so", **levels)
        assert text_of(lab.status_line) == f"{sign}It is so" and f"solid {colour}" in lab.status_line.value


def diverge(model):
    model.problem = "it diverged"


@pytest.mark.parametrize(("kind", "fail"), [
    (FitModel, lambda model: (model.configure(rate=30), model.begin(), model.advance(model.most))),
    (RateTheory, lambda model: model.configure(rate=0.5)),
    (TrainingModel, diverge),
    (CNNModel, diverge),
    (TranslationTraining, diverge),
    (LanguageTraining, diverge),
    (DepthModel, lambda model: setattr(model, "diverged", True)),
])  # fmt: skip
def test_what_failed_is_bad_until_another_run_begins(kind, fail):
    """The status of a lab has the sign of that: see above."""
    model = kind()
    assert not model.bad
    fail(model)
    assert model.bad, model.status()
    model.configure(rate=kind.declared["rate"].default)
    model.reset()
    assert not model.bad, model.status()


def test_lines_show_text_not_markup():
    lab = training_lab()
    lab.error("<script>1 & 2</script>")
    lab.status("<i>x</i>")
    lab.goals("<u>?</u>", [("<s>", False)])
    for line in (lab.error_line, lab.status_line, lab.goal_line):
        assert not re.search("<(script|i|u|s)>", line.value) and "&lt;" in line.value
    assert re.fullmatch("<div[^<>]*>&lt;u&gt;[?]&lt;/u&gt;</div>", lab.question_line.value)


def test_looking_back_by_its_slider():
    lab = training_lab(epochs=100)
    lab.buttons["train"].click()
    assert (lab.look_back.max, lab.look_back.value) == (100, 100)
    data = lab.canvas.image.value
    lab.look_back.value = 30
    assert lab.model.looking_at == 30 and lab.model.epoch == 100 and lab.canvas.image.value != data
    lab.look_back.value = 100
    assert lab.model.looking_at == 100 and lab.canvas.image.value == data
    lab.look_back.value = 30
    lab.buttons["reset"].click()
    assert (lab.look_back.max, lab.look_back.value) == (1, 0)


def test_looking_back_goes_from_one_kept_epoch_to_the_next():
    """Its steps are those in which epochs are kept, so that no press of an arrow key stays where it is. A browser answers a
    value between two steps, or above the maximum, with the nearest one, and that would look like the reader's own move.
    """
    lab, steps, sent = training_lab(epochs=300), [], []
    slider = lab.look_back
    slider.observe(lambda change: sent.append((slider.max, slider.value, slider.step)), ["max", "value", "step"])
    for epochs in (300, 500, 1900):
        lab.controls["epochs"].set(epochs)
        lab.buttons["train"].click()
        steps.append(slider.step)
        kept = sorted({*range(0, epochs, slider.step), epochs})
        assert kept == sorted({*lab.model.snapshots, epochs}) and slider.value == slider.max == epochs
    assert steps == [1, 2, 8]
    lab.buttons["reset"].click()
    assert (slider.max, slider.value, slider.step) == (1, 0, 1)
    for button in ("step", "train", "reset", "step", "new start", "train", "step"):
        lab.buttons[button].click()
    assert len(sent) > 16 and all(value % step == 0 or value == most for most, value, step in sent)
    assert all(value <= most for most, value, _ in sent)


# The picture


def test_static_picture_states_the_facts():
    lab = training_lab(epochs=200, hidden=3)
    lab.controls["rate"].set(1.0)
    lab.model.advance(10)  # the static picture shows the finished run, whatever the live one does
    bundle = lab._repr_mimebundle_()
    alt = bundle["text/plain"]
    assert alt.startswith(
        "Training lab: xor data, 3 hidden tanh units, GradientDescent, seed 1. Epoch 200 of 200: loss 0.0"
    )
    assert "accuracy 100%, learning rate 1 (solved)" in alt and "the 4 examples" in alt
    finished = TrainingModel(epochs=200, hidden=3, rate=1.0)
    finished.advance(200)
    assert f"loss {finished.loss:.4f}" in alt and lab.model.epoch == 10
    assert f'<img alt="{html.escape(alt)}" width="960"' in bundle["text/html"]
    assert 'src="data:image/png;base64,' in bundle["text/html"]
    assert picture_html(b"", 'a "<b>" & c', 960).startswith('<figure><img alt="a &quot;&lt;b&gt;&quot; &amp; c"')


def test_static_picture_of_a_long_run_does_not_keep_the_reader_waiting(monkeypatch):
    assert training.STATIC_STEPS <= 20_000  # a second or two
    monkeypatch.setattr(training, "STATIC_STEPS", 1000)
    lab = training_lab(data="spirals", batch=1, epochs=20_000)  # four million steps
    assert "Epoch 5 of 20,000" in lab.static()[1]


def test_frames_are_small_pictures_of_one_size():
    lab = training_lab(data="spirals", hidden=8, epochs=300)
    for epochs in (10, 90, 200):
        lab.model.advance(epochs)
        lab.view.show(lab.model)
        data = lab.canvas.frame()
        assert data.startswith(b"\x89PNG\r\n\x1a\n") and pixels(data).shape == (505, 1200, 3)
        assert len(data) <= 54_000  # a large surface and fifteen small ones are part of it


@pytest.mark.usefixtures("drawn_at_once")
def test_picture_kept_in_layers_is_that_of_a_new_lab():
    """What is kept between frames never shows through."""
    lab = training_lab("old")
    for changes in ({"epochs": 1}, {"data": "spirals", "epochs": 20_000}, {"hidden": 1, "scale": 0.0}):
        lab.model.configure(data="circles", epochs=300, hidden=6)
        lab.model.advance(250)
        lab.refresh()
        lab.controls["rate"].set(1.0)
        lab.model.advance(30)
        lab.model.look_at(40)
        lab.refresh()
        for name, value in ({"data": "xor", "epochs": 500, "hidden": 4, "rate": 0.5} | changes).items():
            lab.controls[name].set(value)
        lab.model.reset()
        lab.model.ghosts.clear()
        fresh = training_lab("new", **changes)
        for each in (lab, fresh):
            each.model.advance(20)
            each.refresh()
        assert np.array_equal(pixels(lab.canvas.image.value), pixels(fresh.canvas.image.value)), changes


def test_picture_shows_marks_ghosts_and_the_place_looked_at():
    lab = training_lab(epochs=200)
    lab.model.advance(100)
    seen = [lab.canvas.frame()]
    for change in (
        lambda: lab.model.configure(rate=2.0),
        lambda: lab.model.advance(1),
        lambda: lab.model.look_at(20),
        lambda: lab.model.advance(99),
        lambda: lab.model.reset(),
    ):
        change()
        lab.refresh()
        seen.append(lab.canvas.frame())
    assert len({*seen[1:]}) == len(seen) - 1
    assert lab.view.ghosts[0].get_xdata()[-1] == 200
    lab.model.advance(50)
    lab.model.configure(rate=1.0)
    lab.model.advance(10)
    lab.refresh()
    assert lab.view.rate_marks[0].get_xdata().tolist() == [50] * 3


def test_picture_of_weights_that_are_not_finite(monkeypatch):
    monkeypatch.setitem(TrainingModel.declared, "rate", replace(TrainingModel.declared["rate"], high=1e300))
    lab = training_lab(activation="relu")
    lab.model.configure(rate=1e200)
    with np.errstate(over="ignore", invalid="ignore"):
        lab.buttons["train"].click()
    assert text_of(lab.status_line).startswith("\N{BALLOT X} Diverged at epoch ") and not lab.error_line.value
    assert pixels(lab.canvas.image.value).shape == (505, 1200, 3)


def test_curve_of_a_long_run_keeps_its_peaks():
    losses = np.full(20_001, 0.5)
    losses[12_345] = 9.0
    epochs, drawn = drawing._thinned(losses)
    assert len(epochs) == len(drawn) <= drawing.POINTS + 2
    assert drawn.max() == 9.0 and (epochs[0], epochs[-1]) == (0, 20_000) and (np.diff(epochs) >= 0).all()
    short = np.linspace(0.1, 1, 50)
    assert np.array_equal(drawing._thinned(short)[1], short)


def test_canvas_draws_layers_once():
    canvas = Canvas(200, 100)
    axes = canvas.axes(20, 20, 160, 60)
    line = axes.plot([0, 1], [0, 1])[0]
    layer = canvas.layer(line)
    drawn = []
    for artist in (line, axes.patch):
        artist.draw = lambda renderer, artist=artist, draw=artist.draw: (drawn.append(artist), draw(renderer))
    first = canvas.frame()
    assert canvas.frame() == first and drawn == [axes.patch, line]
    line.set_data([0, 1], [1, 0])
    canvas.changed(layer)
    assert canvas.frame() != first and drawn == [axes.patch, line, line]
    canvas.still_parts_changed()
    canvas.frame()
    assert drawn == [axes.patch, line, line, axes.patch, line]
    assert pixels(first).shape == (100 * DENSITY, 200 * DENSITY, 3)


def test_labs_never_touch_pyplot():
    """It keeps a global list of figures, and callbacks may run on another thread."""
    package = Path(labs.__file__).parents[1]
    modules = [path for folder in ("labs", "canvas", "pictures") for path in (package / folder).rglob("*.py")]
    assert len(modules) > 50
    assert not [path.name for path in modules if re.search(r"import.*pyplot", path.read_text(encoding="utf-8"))]


# The task


@pytest.mark.usefixtures("drawn_at_once")
@live
async def test_training_goes_on_frame_by_frame(monkeypatch):
    lab, clock = training_lab(epochs=20), itertools.count(step=1 / 20)
    monkeypatch.setattr(pace, "time", SimpleNamespace(perf_counter=lambda: next(clock)))
    lab.controls["speed"].set(20)  # an epoch for each look at the clock
    values = []
    lab.canvas.image.observe(lambda change: values.append(change["new"]), "value")
    lab.buttons["train"].click()
    assert lab.running and lab.run_button.description == "Train"
    await until(lambda: lab.frames >= 3)
    assert lab.run_button.description == "Pause" and lab.run_button.icon == "pause"
    assert 0 < lab.model.epoch < 20
    await until(lambda: not tasks())
    assert lab.model.epoch == 20 and not lab.running and lab.run_button.description == "Train"
    assert lab.frames >= 19 and len(values) > 15 and len({*values}) == len(values)
    assert 'role="status"' in lab.status_line.value and text_of(lab.status_line).startswith("Epoch 20 of 20")


@live
async def test_pause_pressed_on_a_page_that_still_shows_the_run_does_not_begin_it_anew(monkeypatch):
    monkeypatch.setattr(paging, "PATIENCE", 3600)
    lab = answered(labs.overfitting_lab())
    page, most = lab.canvas._page, lab.model.most

    def shown():
        while page._shown < page._frame:
            page._handle_custom_msg({"shown": page._frame}, [])

    lab.model.advance(most - 10)
    lab.refresh()
    shown()
    lab.run_button.click()
    await until(lambda: lab.model.finished and not tasks())
    assert page._shown < page._frame
    lab.run_button.click()  # it says Pause there
    assert lab.model.finished and not lab.running
    shown()
    lab.run_button.click()
    assert not lab.model.finished and lab.running
    await until(lambda: page._shown < page._frame)
    lab.run_button.click()
    await until(lambda: not tasks())
    lab.run_button.click()  # it says Train again, whatever the page shows
    assert lab.running
    lab.model.advance(most)
    await until(lambda: not tasks())
    assert lab.model.finished
    lab.canvas.renew_page()  # whose pictures are counted anew
    lab.canvas._page._handle_custom_msg({"ready": True}, [])
    lab.run_button.click()
    assert lab.running


@live
async def test_rate_turned_while_training_acts_without_a_restart():
    lab = training_lab(epochs=20_000)
    lab.buttons["train"].click()
    await until(lambda: lab.frames >= 5)
    epoch = lab.model.epoch
    lab.controls["rate"].text.value = "0.05"
    assert lab.running and lab.model.rate == 0.05
    await until(lambda: lab.model.epoch > epoch)
    assert lab.model.changes == [(0, 0.5), (epoch, 0.05)]
    assert not lab.model.ghosts and lab.controls["rate"].value == 0.05
    lab.controls["epochs"].set(1000)
    await until(lambda: lab.model.epoch > epoch + 10)
    assert len(tasks()) == 1
    lab.buttons["train"].click()
    await until(lambda: not tasks())
    assert lab.model.epoch < 1000 and lab.run_button.description == "Train"


@live
async def test_change_comes_before_the_next_frame_is_due(monkeypatch):
    monkeypatch.setattr(base, "PERIOD", 3600)
    lab = training_lab(epochs=20_000)
    lab.buttons["train"].click()
    for hidden in (5, 6, 7):
        frames = lab.frames
        await until(lambda frames=frames: lab.frames > frames)
        lab.controls["hidden"].set(hidden)  # wakes the lab
    lab.buttons["train"].click()
    await until(lambda: not tasks())


@live
async def test_pause_and_train_at_once_is_one_task():
    lab = training_lab(epochs=20_000)
    for _ in range(5):
        lab.buttons["train"].click()
    assert lab.running and len(tasks()) == 1
    await until(lambda: lab.frames >= 3)
    lab.buttons["train"].click()
    lab.buttons["train"].click()
    lab.state_text.value = TrainingModel(epochs=20_000).state().replace("done=0", "done=20000")
    lab.buttons["restore"].click()
    await until(lambda: lab.model.epoch > 10)
    assert len(tasks()) == 1
    lab.buttons["step"].click()
    await until(lambda: not tasks())


@live
async def test_new_start_while_training_trains_on():
    lab = training_lab(epochs=20_000)
    lab.buttons["train"].click()
    for seed in (2, 3):
        await until(lambda: lab.model.epoch > 10)
        lab.buttons["new start"].click()
        assert lab.model.settings.seed == seed
    await until(lambda: lab.model.epoch > 10)
    assert lab.running
    lab.buttons["reset"].click()
    await until(lambda: not tasks())
    assert lab.model.epoch == 0


@live
async def test_looking_back_while_training_pauses():
    lab = training_lab(epochs=20_000)
    lab.buttons["train"].click()
    await until(lambda: lab.model.epoch > 10)
    assert lab.look_back.disabled and lab.look_back.max == 1  # a reader pauses first
    lab.look_back.value = 1
    await until(lambda: not tasks())
    assert lab.model.looking_at == 1 and lab.look_back.max == lab.model.epoch > 10 and not lab.look_back.disabled
    assert text_of(lab.status_line).startswith("Looking back at epoch 1 ")


@live
async def test_restored_lab_shows_the_rates_on_the_way():
    lab = training_lab(epochs=200)
    lab.model.advance(20)
    lab.model.configure(rate=0.25)
    lab.model.advance(20)
    state, seen = lab.model.state(), []
    lab.controls["rate"].text.observe(lambda change: seen.append((lab.model.epoch, change["new"])), "value")
    lab.controls["rate"].set(3.0)
    lab.state_text.value = state
    lab.buttons["restore"].click()
    await until(lambda: not tasks())
    assert [shown for _, shown in seen] == ["3", "0.5", "0.25"] or [shown for _, shown in seen] == ["3", "0.25"]
    assert lab.model.state() == state


@live
async def test_same_name_again_closes_the_lab_before():
    first = training_lab(epochs=20_000)
    first.buttons["train"].click()
    await until(lambda: first.frames > 2)
    second = training_lab(epochs=20_000)
    await until(lambda: not tasks())
    assert not first.running and base._open == {"training": second}
    assert all(part.comm is None for part in widgets_below(first.panel))  # nothing of it is kept
    second.buttons["train"].click()
    await until(lambda: second.frames > 2)
    assert len(tasks()) == 1
    epoch = first.model.epoch
    first.buttons["step"].click()  # a late click on the old panel does no harm
    assert first.model.epoch == epoch + 1 and not first.error_line.value
    second.close()
    await until(lambda: not tasks())
    assert base._open == {}


@pytest.mark.parametrize("where", ["panel", "event loop"])
def test_a_lab_whose_construction_was_interrupted_makes_way_for_the_next(monkeypatch, where):
    def interrupted(*arguments):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        if where == "panel":
            patch.setattr(training.TrainingLab, "make_controls", interrupted)
        else:
            patch.setattr(base.asyncio, "Event", interrupted)
        with pytest.raises(KeyboardInterrupt):
            training_lab()
    assert base._open["training"].panel is None
    assert training_lab(epochs=20).panel is not None


@live
async def test_labs_with_different_names_run_side_by_side():
    labs = [training_lab(name, epochs=20_000) for name in ("one", "two")]
    for lab in labs:
        lab.buttons["train"].click()
    await until(lambda: min(lab.frames for lab in labs) > 5)
    assert len(tasks()) == 2
    labs[0].close()
    await until(lambda: len(tasks()) == 1)
    frames = labs[1].frames
    await until(lambda: labs[1].frames > frames + 3)
    assert len(tasks()) == 1


@live
@pytest.mark.parametrize("method", ["work", "refresh"])
async def test_error_while_training_is_shown(method, monkeypatch):
    lab = training_lab(epochs=20_000)
    lab.buttons["train"].click()
    await until(lambda: lab.frames >= 3)
    monkeypatch.setattr(lab, method, lambda: 1 / 0)
    await until(lambda: not tasks())
    assert "ZeroDivisionError: division by zero" in text_of(lab.error_line) and not lab.running
    monkeypatch.undo()
    lab.buttons["train"].click()
    await until(lambda: lab.frames >= 6)
    assert not lab.error_line.value


def test_error_of_a_callback_is_shown(monkeypatch):
    lab = training_lab()
    monkeypatch.setattr(lab.model, "configure", lambda **changes: [][0])
    lab.controls["hidden"].plus.click()
    assert "IndexError: list index out of range" in text_of(lab.error_line)


@live
async def test_sentence_stays_while_training():
    """Frames must not wipe away what a reader is to read."""
    lab = training_lab(epochs=20_000)
    lab.buttons["train"].click()
    await until(lambda: lab.frames >= 2)
    lab.controls["rate"].text.value = "much"
    seen = lab.frames, lab.status_line.value
    await until(lambda: lab.frames > seen[0] + 5 and lab.status_line.value != seen[1])
    assert text_of(lab.error_line) == "Learning rate: expected a number from 0.0001 to 30, got 'much'"


@live
async def test_callbacks_of_other_threads_come_to_the_main_loop(monkeypatch):
    lab = training_lab(epochs=20_000)
    configure, threads = lab.model.configure, []
    monkeypatch.setattr(
        lab.model, "configure", lambda **changes: (threads.append(threading.current_thread()), configure(**changes))
    )
    await asyncio.to_thread(setattr, lab.controls["hidden"].text, "value", "7")
    await until(lambda: threads)
    assert threads == [threading.main_thread()] and lab.model.settings.hidden == 7
    await asyncio.to_thread(lab.buttons["train"].click)
    await until(lambda: lab.frames > 2)
    lab.controls["hidden"].text.value = "8"
    await asyncio.to_thread(setattr, lab.controls["hidden"].text, "value", "many")
    assert text_of(lab.error_line).endswith("got 'many'")
    monkeypatch.setattr(lab.model, "configure", lambda **changes: 1 / 0)
    await asyncio.to_thread(lab.controls["rate"].plus.click)
    await until(lambda: "ZeroDivisionError" in lab.error_line.value)


@live
async def test_many_turns_of_the_rate_from_another_thread_all_count():
    """Each one counts, and the lab never turns the rate back to what it was."""
    lab = training_lab(epochs=20_000)
    lab.buttons["train"].click()
    await until(lambda: lab.frames > 1)
    slider, shown = lab.controls["rate"].slider, []
    slider.observe(lambda change: shown.append(change["new"]), "value")
    first = slider.value

    def wait(condition):
        while not condition():
            time.sleep(0.001)

    def turn():
        for mark in range(first + 1, first + 31):
            slider.value = mark
            if mark % 5 == 0:  # the others may come within one epoch
                wait(lambda frame=lab.frames: lab.frames > frame + 1)  # the lab has heard of it
                wait(lambda epoch=lab.model.epoch: lab.model.epoch > epoch)

    await asyncio.to_thread(turn)
    await until(lambda: lab.model.changes[-1][1] == 7.5)
    assert shown == [*range(first + 1, first + 31)]
    assert slider.value == first + 30 and lab.model.rate == 7.5  # a decade is 25 marks
    rates = [rate for _, rate in lab.model.changes]
    assert rates == sorted(rates) and len(rates) > 5


@live
async def test_interrupt_pauses_and_nothing_is_lost(monkeypatch):
    lab = training_lab(epochs=60)
    one_epoch, calls = lab.model._step, iter(range(10**6))

    def interrupted():
        one_epoch()
        if next(calls) == 11:
            raise KeyboardInterrupt

    monkeypatch.setattr(lab.model, "_step", interrupted)
    lab.buttons["train"].click()
    await until(lambda: not tasks())
    assert text_of(lab.error_line) == "interrupted; press Train to go on"
    assert not lab.running and lab.run_button.description == "Train" and lab.model.epoch <= 11
    lab.buttons["train"].click()
    await until(lambda: not tasks())
    untouched = TrainingModel(epochs=60, rate=0.5)
    untouched.advance(60)
    assert lab.model.loss == untouched.loss and not lab.error_line.value


@live
async def test_task_that_is_cancelled_leaves_a_lab_that_can_train():
    lab = training_lab(epochs=20_000)
    lab.buttons["train"].click()
    await until(lambda: lab.frames >= 2)
    tasks()[0].cancel()
    await until(lambda: not tasks())
    lab.buttons["train"].click()
    await until(lambda: lab.frames >= 5)


def test_status_changes_four_times_a_second(monkeypatch):
    lab, now, shown = training_lab(), [1e9], []
    monkeypatch.setattr(base, "time", SimpleNamespace(perf_counter=lambda: now[0]))
    lab.running = True
    for epoch in range(9):
        lab.status(f"epoch {epoch}")
        shown.append(text_of(lab.status_line))
        now[0] += 0.1
    assert shown == [f"Epoch {epoch}" for epoch in (0, 0, 0, 3, 3, 3, 6, 6, 6)]
    assert 'role="status"' not in lab.status_line.value  # not read aloud while it changes
    lab.running = False
    lab.status("epoch 9")
    assert 'role="status"' in lab.status_line.value and text_of(lab.status_line) == "Epoch 9"


@live
async def test_other_cells_get_their_turn_while_a_lab_trains():
    lab = training_lab(data="spirals", hidden=16, batch=1, epochs=20_000)
    lab.controls["speed"].set(0)  # as much work as fits
    lab.buttons["train"].click()
    turns = []
    while lab.frames < 10:
        await asyncio.sleep(0)
        turns.append(lab.frames)
    assert {*range(1, 10)} <= {*turns}  # at least one between any two frames


@live
@pytest.mark.parametrize(
    ("wakes", "rests"),
    [([0.001] * 3, [0.015, 0.014, 0.014]), ([-0.01, 0, 0], [0.015] * 3), ([0.03, 0.02, 0], [0.015, 0.013, 0.013])],
    ids=["late", "early", "very late"],
)
async def test_a_pause_that_is_too_long_is_made_up_for_by_the_next(monkeypatch, wakes, rests):
    """Fifty frames a second, not one less for each pause that ends a little late; where all is late, there is no hurry."""
    lab, now, taken = training_lab(), [0.0], []
    monkeypatch.setattr(base, "processor_time", lambda: now[0])
    monkeypatch.setattr(base, "time", SimpleNamespace(perf_counter=lambda: now[0]))

    def work():
        now[0] += 0.005
        return len(taken) < 3

    async def pause(seconds):
        now[0] += seconds + wakes[len(taken)]
        taken.append(seconds)

    monkeypatch.setattr(lab, "work", work)
    monkeypatch.setattr(lab, "_pause", pause)
    lab.start()
    while lab.running:
        await asyncio.sleep(0)
    assert taken == pytest.approx(rests)


@pytest.mark.slow
@live
@pytest.mark.parametrize(("share", "rest"), [(0.5, 0.03), (0, 0)])
async def test_a_lab_that_has_the_kernel_to_itself_rests_for_one_turn_of_the_loop(monkeypatch, share, rest):
    """As in Pyodide, whose worker has nobody else to wait for."""
    lab, now, rests = training_lab(), [0.0], []
    monkeypatch.setattr(base, "REST", share)
    monkeypatch.setattr(base, "processor_time", lambda: now[0])
    monkeypatch.setattr(base, "time", SimpleNamespace(perf_counter=lambda: now[0]))

    def work():
        now[0] += 0.06  # three times as long as a frame is to last
        return len(rests) < 3

    async def pause(seconds, own=lab._pause):
        rests.append(seconds)
        return await own(seconds)

    monkeypatch.setattr(lab, "work", work)
    monkeypatch.setattr(lab, "_pause", pause)
    lab.start()
    turns = 0
    while lab.running:
        await asyncio.sleep(0)
        turns += 1
    assert rests == pytest.approx([rest] * 3) and turns >= 3


@live
async def test_frames_do_not_use_up_memory():
    lab = training_lab(epochs=20_000)
    lab.model.advance(1000)  # so that the snapshots have been thinned

    def counted_after(frames):
        for frame in range(frames):
            lab.model.look_at(50 * frame)
            lab.refresh()
        gc.collect()
        return tracemalloc.get_traced_memory()[0], len(gc.get_objects())

    tracemalloc.start()
    try:
        counts = [counted_after(20) for _ in range(6)]
    finally:
        tracemalloc.stop()
    grown = np.diff(counts, axis=0).T  # what leaks grows each time; what is only replaced, or filled once, does not
    assert (grown.min(axis=1) < (10_000, 10)).all(), f"{grown} bytes, and objects, more after 20 frames each"
