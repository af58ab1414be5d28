"""One protocol for all labs: names, limits, nonsense, static pictures, and a state line that goes back to the same lab."""

import asyncio
import json
import re
import sys
from itertools import product

import ipywidgets as widgets
import numpy as np
import pytest
from every_lab import ARGUMENTS, ROOMS, make, seen
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ipywidgets.widgets.widget_description import DescriptionWidget
from test_labs import widgets_below

from course_lib.answers import store as answers
from course_lib.labs.base.model import LabModel
from course_lib.labs.base.settings import Choice, Number
from course_lib.labs.language.lab import GOAL_TEXTS as language
from course_lib.labs.training.lab import GOAL_TEXTS as training

CHECK, CIRCLE = "\N{CHECK MARK}", "\N{WHITE CIRCLE}"
# Those that belong to the surface, the task, the data
OTHER_GOALS = {"descent": {}, "language": language["numbers"] | language["words"], "training": training}


@pytest.mark.parametrize("room", ROOMS)
def test_a_lab_declares_settings_goals_and_controls(worked, room):
    lab, model = worked(room), worked(room).model
    assert isinstance(model, LabModel) and set(model.settings) == set(model.declared)
    assert {*model.keeps_run, *model.live.values()} <= set(model.declared)
    assert model.reached <= set(model.goals) and model.goals and "Goal: " in lab.goal_line.value
    if room != "descent":  # whose goals are told in its own words: test_descent_lab.py
        assert set(OTHER_GOALS.get(room, lab.goal_texts)) == set(model.goals)
    assert set(lab.controls_of_settings) <= set(lab.controls)
    assert "make_controls" not in vars(type(lab)), "no lab builds its panel by hand"


@pytest.mark.parametrize("room", ROOMS)
def test_every_control_has_a_name(worked, room):
    """A screen reader says the description, or else the tooltip, of each part that can be used."""
    parts = [part for part in widgets_below(worked(room).panel) if isinstance(part, DescriptionWidget | widgets.Button)]
    used = [part for part in parts if not isinstance(part, widgets.HTML | widgets.Label)]
    assert used and [part for part in used if not (part.description or part.tooltip)] == []


@pytest.mark.parametrize("room", [room for room in ROOMS if room not in OTHER_GOALS])
def test_each_goal_turns_when_it_is_reached_and_brings_the_next_one(worked, room):
    lab = worked(room)
    names, found = [*lab.goal_texts], lab.model.found
    for number in range(len(names) + 1):
        lab.model.found = set(names[:number])
        lab.refresh()
        reached = [name in lab.model.reached for name in names]
        shown = reached[: reached.index(False) + 1] if lab.one_by_one and False in reached else reached
        assert re.findall(f"[{CHECK}{CIRCLE}]", lab.goal_line.value) == [CHECK if so else CIRCLE for so in shown]
    assert all(reached)
    lab.model.found = found
    lab.refresh()


@pytest.mark.parametrize("room", ROOMS)
def test_what_is_not_declared_and_a_number_beyond_its_limits_are_named_and_change_nothing(worked, room):
    """The limits are those of now: in a state of the lab they may be narrower than those that are declared."""
    model = worked(room).model
    before = model.state()
    with pytest.raises(ValueError, match="setting: expected one of"):
        model.configure(nonsense=1)
    for name, kind in model.declared.items():
        if isinstance(kind, Number):
            low, high = model.limits(name)
            for wrong in (low - 1, 2 * high + 1, np.nan, "many", None, *([low + 0.5] if kind.whole else [])):
                sentence = f"{kind.says or name}: expected a {'whole number' if kind.whole else 'number'} from "
                sentence += f"{low:g} to {high:g}, got {wrong!r}"
                with pytest.raises(ValueError, match=f"^{re.escape(sentence)}$"):
                    model.configure(**{name: wrong})
        elif isinstance(kind, Choice):
            with pytest.raises(ValueError, match=f"{name}: expected one of .*, got 'no such thing'"):
                model.configure(**{name: "no such thing"})
    assert model.state() == before


@pytest.mark.parametrize("room", ROOMS)
def test_the_static_picture_says_its_facts_and_leaves_the_lab_as_it_is(worked, room):
    lab = worked(room)
    before = seen(lab)
    picture, alt = lab.static()
    assert picture.startswith(b"\x89PNG") and len(alt) > 40 and seen(lab) == before


# What is said of a run is said of the settings that it had


SHORT = {  # so that a run ends soon: constants of the model's module, and settings
    "cnn": ({}, {"epochs": 1}),
    "descent": ({}, {"surface": "parabola"}),
    "descent, a race": ({}, {"optimizers": ("GradientDescent", "Momentum", "RMSProp", "Adam")}),
    "fit": ({"MOST_STEPS": 4}, {}),
    "language": ({"MOST_STEPS": 4}, {"features": 16}),
    "search": ({"TRIALS": 4}, {"method": "by hand"}),
    "training": ({}, {"epochs": 4}),
    "training, sharpness": ({}, {"epochs": 40, "rate": 30.0}),
    "translation_training": ({"MOST_STEPS": 4}, {}),
    "voices": ({"EPOCHS": 1}, {}),
}
ENDLESS = {"stepper"}  # its run has no end


def test_every_lab_whose_settings_change_in_a_run_is_looked_at(worked):
    assert {room for room in ROOMS if worked(room).model.live} == {case.split(",")[0] for case in SHORT} | ENDLESS


def other_value(model, setting):
    """Another value of a live setting, which no other number of a status is likely to be."""
    low, high = model.limits(setting)
    kind, value = model.declared[setting], model.settings[setting]
    return (value + 1 if value < high else low) if kind.whole else float(f"{min(1.0173 * value, high):.4g}")


def said_of(model):
    return model.status(), model.description()


@pytest.mark.parametrize("case", SHORT)
@pytest.mark.parametrize("turned", [False, True])
def test_what_is_said_of_a_run_that_has_ended_is_said_of_the_settings_that_it_had(worked, monkeypatch, case, turned):
    """Turning a control afterwards changes no word; one that was turned in the run is told with both its values, or not."""
    room, constants = case.split(",")[0], SHORT[case][0]
    model = make(room).model if f"{room}_lab" in ARGUMENTS else worked(room).model.twin()
    for name, value in constants.items():
        monkeypatch.setattr(sys.modules[type(model).__module__], name, value)
    model.configure(**SHORT[case][1])
    if case == "training, sharpness":
        model.lower = "sharpness"
    names, courses = model.live.values(), []
    for _ in range(1 + turned):
        model.configure(**{name: other_value(model, name) for name in names})
        courses.append(dict(model.settings))
        model.advance(2)
    while not model.finished:
        model.advance(1000)
    before = said_of(model)
    for name in names:
        model.configure(**{name: other_value(model, name)})
        assert said_of(model) == before, name
    for name, text in product(names, before):
        numbers = re.findall(r"\d+(?:\.\d+)?(?:e-?\d+)?", text)
        told = {f"{settings[name]:g}" in numbers for settings in courses}
        assert len(told) == 1 or model.declared[name].whole, text


# The state


@pytest.mark.parametrize("room", ROOMS)
def test_a_state_goes_back_to_the_same_lab(worked, room):
    lab = worked(room)
    before, state = seen(lab), lab.state()
    assert "\n" not in state and len(state) < 1000 and state.split()[0] == room
    other = make(room, "other")
    other.resume(state)
    assert not other.error_line.value and other.state() == state
    assert seen(other) == before
    for name in lab.controls_of_settings:
        assert other.controls[name].value == lab.controls[name].value


def test_what_was_reached_is_part_of_the_state():
    lab = make("kernel")
    lab.model.take("all zeros")
    lab.model.set_weight(1, 2, 1.0)
    lab.refresh()
    assert lab.model.reached == {"move the image"} and lab.state().endswith("found=move_the_image")
    lab.model.take("outlines")
    assert lab.model.reached == {"move the image"}  # what is reached stays reached
    other = make("kernel", "other")
    other.resume(lab.state())
    assert other.model.reached == {"move the image"} and "\N{CHECK MARK}" in other.goal_line.value
    fresh = make("kernel", "fresh").state()
    assert "found=" not in fresh
    other.resume(fresh)  # what was reached here stays reached, too
    assert other.model.reached == {"move the image"} and "\N{CHECK MARK}" in other.goal_line.value


PYTHONS_OWN = re.compile(
    r"invalid literal|could not convert|unpack|dictionary update|Exceeds the limit|has no attribute"
)
ALPHABET = st.text(st.sampled_from("abcdexyz0123456789=:,._ -+\n'\"()"), max_size=60)


@pytest.mark.parametrize("room", ROOMS)
def test_nonsense_never_changes_a_model(worked, room):
    model = worked(room).model.twin()
    state = model.state()
    words = state.split()

    @settings(max_examples=25, suppress_health_check=[*HealthCheck])
    @given(text=ALPHABET, place=st.integers(0, 99), way=st.sampled_from(["alone", "value", "more", "less", "name"]))
    def check(text, place, way):
        word = place % len(words)
        name = words[word].partition("=")[0]
        line = {
            "alone": text,
            "value": " ".join([*words[:word], f"{name}={text}", *words[word + 1 :]]),
            "more": f"{state} {text}=1",
            "less": " ".join([*words[:word], *words[word + 1 :]]),
            "name": " ".join([*words[:word], text, *words[word + 1 :]]),
        }[way]
        before = model.state(), model.status()
        try:
            model.resume(line)
        except ValueError as problem:
            assert str(problem) and (model.state(), model.status()) == before
            assert not PYTHONS_OWN.search(str(problem)), problem
        else:  # it is a state, if another one: `configure` accepts its values
            model.configure(
                **{name: value for name, value in model.settings.items() if name not in model.live.values()}
            )
            model.resume(state)

    check()


@pytest.mark.parametrize("room", ROOMS)
def test_a_state_of_another_lab_is_refused(worked, room):
    model = worked(room).model
    other = "training" if room != "training" else "cnn"
    with pytest.raises(ValueError, match=re.escape(f"expected a state that the {room} lab has shown ('{room} ")):
        model.resume(other + model.state()[len(room) :])


# From one day to the next


@pytest.mark.parametrize(
    "room",  # the file is the base's work, the same in each lab; a state goes back to each of them, see above
    [pytest.param(room, marks=[pytest.mark.slow] * (room not in ("training", "descent", "graph"))) for room in ROOMS],
)
def test_a_lab_is_kept_in_the_answers_file_and_restored(worked, room, monkeypatch, tmp_path):
    monkeypatch.setenv("COURSE_ANSWERS", str(tmp_path / "answers.json"))
    lab = worked(room)
    before = seen(lab)
    lab._keep()
    record = answers.store().items[answers.lab_key(lab.name)]
    assert record["state"] == lab.state()
    assert lab.state() in [
        item.get("state") for item in json.loads((tmp_path / "answers.json").read_text())["items"].values()
    ]
    state = lab.state()
    again = make(room, lab.name)  # which closes the other
    offer = again._offer()
    if again.state() == state:
        assert offer is None  # a lab that has nothing to go back to does not offer it
        return
    offer.children[1].click()
    assert offer.layout.display == "none" and again.state() == state and seen(again) == before


def test_in_a_notebook_a_run_is_repeated_frame_by_frame():
    """No callback computes for long: the repeated run is a task, as any other."""

    async def notebook():
        lab = make("overfitting")
        lab.model.advance(60)
        state = lab.state()
        lab.model.reset()
        lab.resume(state)
        assert lab.running and lab.model.done < 60
        while lab.running:
            await asyncio.sleep(0.002)
        await asyncio.sleep(0.01)
        assert lab.state() == state and not lab.model.finished
        lab.buttons["train"].click()  # and goes on from there
        while lab.model.done <= 62:
            await asyncio.sleep(0.002)
        lab.stop()

    asyncio.run(asyncio.wait_for(notebook(), 100))
