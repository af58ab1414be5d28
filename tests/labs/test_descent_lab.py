"""The descent lab's face: controls, goals, races, the preview of the first steps."""

import itertools
from contextlib import suppress

import numpy as np
import pytest
from replayer import answered
from test_hand import pixels, touch
from test_labs import widgets_below

from course_lib.labs import descent_lab
from course_lib.labs.descent.picture import View
from course_lib.labs.descent.race import PREVIEW, RACERS, label

THREE = ("GradientDescent", "Momentum", "Adam")


def in_sight(lab):
    """The names of the controls and buttons that a reader sees: none in a fold that is closed, nor one that is put away."""

    def shown(widget):
        if widget.layout.display != "none":
            yield widget
            for child in getattr(widget, "children", ()):
                yield from shown(child)

    seen = set(shown(lab.panel))
    parts = {name: control.widget for name, control in lab.controls.items()} | lab.buttons
    assert set(parts.values()) <= set(widgets_below(lab.panel)), "each has a place, if a folded one"
    return {name for name, widget in parts.items() if widget in seen}


def test_a_first_walk_sees_what_it_needs_and_the_rest_when_more_is_asked_for():
    lab = descent_lab("driven", "valley", rate=0.01, start=(5.0, 1.0))
    first, [more] = {"run", "step", "reset", "rate", "surface", "limit"}, lab.folds
    assert in_sight(lab) == first and more.title == "More" and not more.is_open
    more.button.click()
    assert in_sight(lab) == first | {"u", "v", "optimizers", "speed", "preview"}
    assert "the number of steps as the rate grows" in lab.question_line.value
    lab.controls["optimizers"].set(RACERS[:2])
    assert "Which one arrives first" in lab.question_line.value, "two are a race already"
    assert "Goal: run a race in which all arrive" in lab.goal_line.value
    more.button.click()
    race = {"scan", "beta", "GradientDescent", "Momentum"}
    assert in_sight(lab) == first - {"rate"} | race, "the race's own controls stand where the rate stood"


@pytest.mark.usefixtures("drawn_at_once")
@pytest.mark.parametrize("part", ["_draw_contours", "_draw_legend"])
def test_a_surface_whose_drawing_was_interrupted_is_drawn_by_the_next_frame(part, monkeypatch):
    labs = [descent_lab("driven", "parabola"), descent_lab("whole", "parabola")]
    for afterwards in ("valley", "parabola"):
        for lab in labs:
            lab.model.configure(surface="parabola")
            lab.refresh()
            with monkeypatch.context() as patch, suppress(KeyboardInterrupt):
                if lab is labs[0]:
                    patch.setattr(View, part, interrupted)
                lab.model.configure(surface="valley")
                lab.refresh()
            lab.model.configure(surface=afterwards)
            lab.refresh()
        first, second = (lab.canvas.frame() for lab in labs)
        assert first == second, afterwards


def interrupted(*args):
    raise KeyboardInterrupt


@pytest.mark.parametrize("racers", [("Momentum",), RACERS])
def test_a_lab_that_is_opened_with_optimizers_shows_their_controls(racers):
    lab = descent_lab("driven", optimizers=racers)
    seen, rates = in_sight(lab), {*racers}
    always = {"run", "step", "reset", "speed", "surface", "optimizers", "beta"}
    assert seen == always | ({"scan"} | rates if len(racers) > 1 else {"rate"})
    lab.folds[0].button.click()
    assert in_sight(lab) == seen | {"u", "v", "limit", "preview"}


def test_the_goal_turns_green_and_opens_the_next_surface():
    lab = descent_lab("driven", "parabola", rate=0.5)
    assert "next" not in in_sight(lab) and "\N{CHECK MARK}" not in lab.goal_line.value
    lab.buttons["next"].click()
    assert lab.model.settings.surface == "parabola"
    lab.buttons["run"].click()
    assert "\N{CHECK MARK}" not in lab.goal_line.value and "best so far: 0.5" in lab.goal_line.value
    lab.controls["rate"].set(0.97)
    lab.buttons["run"].click()
    assert "\N{CHECK MARK}" in lab.goal_line.value and "Limit 2/λmax = 1" in lab.status_line.value
    assert "next" in in_sight(lab)
    lab.buttons["next"].click()
    assert "next" not in in_sight(lab)
    assert lab.model.settings.surface == "double well" and lab.controls["surface"].value == "double well"


def test_the_goal_of_the_saddle():
    lab = descent_lab("driven", "saddle", rate=0.1)
    lab.buttons["run"].click()
    assert "\N{CHECK MARK}" not in lab.goal_line.value and "left" in lab.status_line.value
    lab.controls["v"].set(0)
    lab.buttons["run"].click()
    assert lab.goal_line.value.count("\N{CHECK MARK}") == 1 and "rests" in lab.status_line.value
    lab.controls["v"].set(0.1)
    assert lab.goal_line.value.count("\N{CHECK MARK}") == 1, "the reader does what the goal asks for next"
    lab.buttons["run"].click()
    assert lab.goal_line.value.count("\N{CHECK MARK}") == 2


def test_the_limit_is_shown_when_asked_for():
    lab = descent_lab("driven")
    assert "2/λmax" not in lab.status_line.value
    before = lab.canvas.image.value
    lab.buttons["limit"].click()
    assert "Limit 2/λmax = 0.04; your rate is 50.0% of it" in lab.status_line.value
    assert lab.canvas.image.value != before and lab.buttons["limit"].disabled


def test_start_controls_follow_the_surface():
    lab = descent_lab("driven")
    lab.controls["surface"].set("rosenbrock")
    assert (lab.controls["u"].value, lab.controls["v"].value, lab.controls["u"].low) == (-1.2, 1.0, -2)
    lab.controls["u"].set(-5)
    assert lab.model.settings.start == (-2, 1.0)
    lab.controls["surface"].set("parabola")
    assert lab.controls["v"].widget.layout.display == "none" and lab.model.settings.start == (2.0,)
    lab.controls["surface"].set("valley")
    assert not lab.controls["v"].widget.layout.display and len(lab.model.settings.start) == 2


def test_a_step_moves_the_picture_and_a_new_rate_after_the_end_begins_anew():
    lab = descent_lab("driven")
    before = lab.canvas.image.value
    lab.buttons["step"].click()
    assert lab.model.steps == 1 and lab.canvas.image.value != before and "Step 1" in lab.status_line.value
    lab.buttons["run"].click()
    assert lab.model.finished
    lab.controls["rate"].set(0.03)
    assert lab.model.steps == 0 and lab.controls["GradientDescent"].value == 0.03, "a race goes on with it"


def test_a_race_in_which_each_has_its_best_rate():
    lab = descent_lab("driven", optimizers=THREE)
    assert lab.controls["rate"].widget.layout.display == "none"
    lab.controls["Adam"].set(0.5)
    assert lab.model.settings["Adam"] == 0.5 and lab.model.rate == 0.02
    lab.buttons["run"].click()
    assert "\N{CHECK MARK}" not in lab.goal_line.value
    before = lab.canvas.image.value
    lab.buttons["scan"].click()
    assert lab.controls["Adam"].value == lab.model.scans["Adam"].best != 0.5
    assert lab.canvas.image.value != before and lab.model.steps == 0
    lab.buttons["run"].click()
    assert lab.goal_line.value.count("\N{CHECK MARK}") == 1
    lab.controls["beta"].set(0.5)
    assert lab.model.settings["beta"] == 0.5
    lab.model.found.add("a third")
    lab.refresh()
    assert lab.goal_line.value.count("\N{CHECK MARK}") == 2
    lab.controls["optimizers"].set(("GradientDescent",))
    assert lab.buttons["scan"].layout.display == "none" and not lab.controls["rate"].widget.layout.display


@pytest.mark.parametrize(("button", "said"), [("step", "step 1, L ="), ("reset", "step 0, L =")])
def test_who_walks_on_while_the_best_rates_are_looked_for_gets_the_race(button, said):
    lab = descent_lab(optimizers=["GradientDescent", "Momentum"])
    lab.model.scan()
    lab.model.scans["GradientDescent"].advance(lambda: False)
    lab.buttons[button].click()
    assert said in lab.status_line.value and not lab.model.scanning
    assert list(lab.model.scans) == ["GradientDescent"], "what has been seen completely stays"
    lab.close()


def test_a_race_marks_the_rates_that_diverge_and_the_minimum_lies_on_top():
    lab = descent_lab("driven", optimizers=THREE)
    lab.buttons["scan"].click()
    rates, heights = lab.view.diverged["GradientDescent"].get_data()
    assert len(rates) and min(rates) > lab.model.limit and len(set(heights)) == 1
    assert min(lab.view.diverged["Momentum"].get_xdata()) > 1.8 * lab.model.limit
    assert not len(lab.view.diverged["Adam"].get_xdata())
    lab.buttons["run"].click()
    assert (lab.view.star.get_xdata()[0], lab.view.star.get_ydata()[0]) == (0, 0)
    moving = lab.canvas.moving_artists
    assert all(moving.index(dots) < moving.index(lab.view.star) for dots in lab.view.dots.values())


def test_the_first_steps_are_seen_before_the_run_only_when_they_are_asked_for():
    lab = descent_lab("driven", "valley", rate=0.03, optimizers=("GradientDescent", "Adam"))
    model, lines = lab.model, lab.view.previews
    assert not any(len(line.get_xdata()) for line in lines.values())
    lab.controls["preview"].set(True)
    for steps in (0, 5):
        model.advance(steps)
        lab.redraw()
        for racer, preview in zip(model.racers, model.preview(), strict=True):
            assert len(preview.path) == PREVIEW + 1
            np.testing.assert_array_equal(np.transpose(lines[racer.name].get_data()), preview.path[steps:])
    assert not len(lines["Momentum"].get_xdata())
    lab.controls["GradientDescent"].set(0.01)  # in mid-run: from the start, as this rate would have gone
    whole = model.preview()[0].path
    np.testing.assert_array_equal(np.transpose(lines["GradientDescent"].get_data()), whole)
    lab.controls["preview"].set(False)
    assert not any(len(line.get_xdata()) for line in lines.values())


def test_a_click_sets_the_start():
    lab = answered(descent_lab("driven", "valley"))
    lab.model.advance(5)
    lab.redraw()
    touch(lab, click=pixels(lab, lab.view.plane, -3, 2))
    assert lab.model.settings.start == (-3.0, 2.0) and lab.model.steps == 0
    assert [lab.controls[name].value for name in "uv"] == [-3.0, 2.0]
    lab.controls["surface"].set("parabola")
    touch(lab, click=pixels(lab, lab.view.plane, 1, 0.5))
    assert lab.model.settings.start == (1.0,) and not lab.error_line.value


def test_racers_are_named_at_their_ends_and_told_apart_without_colour():
    lab = descent_lab("driven", "valley", optimizers=RACERS)
    lab.model.advance(30)
    lab.redraw()
    for number in range(2):
        labels = [lab.view.ends[name][number] for name in RACERS]
        assert [each.text for each in labels] == [label(name) for name in RACERS]
        places = np.array([each.place for each in labels])
        for first, second in itertools.combinations(range(len(RACERS)), 2):
            assert abs(places[first] - places[second])[1] > 12 or abs(places[first] - places[second])[0] > 20
    lab.model.advance(155)  # gradient descent is there: no name covers its path any more
    lab.redraw()
    for racer in lab.model.racers:
        on_plane, on_curve = (each.text for each in lab.view.ends[racer.name])
        assert (on_plane == "") == bool(racer.outcome) and on_curve
    assert {bool(racer.outcome) for racer in lab.model.racers} == {True, False}
    styles = {lab.view.paths[name].get_linestyle() for name in RACERS}
    assert len(styles) == len(RACERS) == len({lab.view.dots[name].get_marker() for name in RACERS})
    lab.controls["optimizers"].set(("GradientDescent",))
    assert not any(each.text for labels in lab.view.ends.values() for each in labels)


def test_no_arrow_passes_the_minimum():
    lab = descent_lab("driven", "valley", rate=0.02)
    lab.model.advance(60)
    lab.redraw()
    u, v = lab.model.racers[0].point
    assert 0 < u < 1 and abs(v) < 1e-3
    for arrow in (lab.view.way, lab.view.downhill):
        tips = arrow.get_xdata()
        assert tips.min() == pytest.approx(0, abs=1e-6) and tips.max() == pytest.approx(u)


def test_the_loss_of_what_diverges_leaves_its_axes():
    lab = descent_lab("driven", "valley", rate=0.05)
    lab.model.advance(500)
    lab.redraw()
    assert lab.model.racers[0].outcome == "diverged"
    assert lab.view.losses["GradientDescent"].get_ydata()[-1] > lab.view.curve.get_ylim()[1]
