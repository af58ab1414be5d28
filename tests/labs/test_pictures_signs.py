"""Signs in the pictures of labs that carry a meaning: arrows, marks, and colours that say what a number is."""

import numpy as np
import pytest
from artists import LabPicture, contrast
from every_lab import opened
from matplotlib.colors import to_rgba
from matplotlib.text import Annotation

from course_lib.labs.base.artists import Canvas
from course_lib.labs.cost import SIZES
from course_lib.labs.rises import ENOUGH
from course_lib.labs.stepper.lab import MADE, USED
from course_lib.pictures import style


def picture_of(name, pieces=0, **configured):
    lab = opened(name)
    lab.model.configure(**configured)
    for _ in range(pieces):
        lab.work()
    lab.redraw()
    return lab.model, LabPicture(lab)


def test_attention_arrows_point_to_the_keys():
    model, picture = picture_of("attention_lab")
    plane = picture.panels[0].axes
    arrows = [text for text in plane.texts if isinstance(text, Annotation)]
    assert np.allclose([arrow.xy for arrow in arrows], model.keys[: len(arrows)]) and len(arrows) == 4
    assert all(arrow.xyann == (0, 0) for arrow in arrows)
    for word, key in zip(model.words[:-1], model.keys, strict=False):
        [text] = [text for text in plane.texts if text.get_text() == word]
        assert np.dot(text.get_position(), key) > np.dot(key, key)  # beyond the tip
    (head,) = picture.view.heads[0].get_xydata()
    assert np.allclose(head, model.query) and np.allclose(picture.view.query.get_xydata(), [(0, 0), head])


def test_attention_scores_stand_beside_their_weights():
    model, picture = picture_of("attention_lab")
    for masked in (False, True):
        model.configure(masked=masked)
        picture.view.show()
        scores = [f"{score + 0.0:.2f}" for score in np.round(model.scores, 2)]
        wanted = [*scores[:-1], "masked"] if masked else scores
        assert [label.text for label in picture.view.scores] == wanted
        assert [label.text for label in picture.view.percents] == [f"{weight:.1%}" for weight in model.weights]
        heights = [label.place[1] for label in picture.view.percents]
        assert heights == sorted(heights, reverse=True)


def test_cost_draws_the_counted_passes():
    lab = opened("cost_lab")
    lab.counted, canvas = True, Canvas(960, 380)
    lab.make(canvas)
    cost, quotient = [axes for axes in canvas.figure.axes if axes.get_visible()]
    passes = {line.get_label(): line for line in cost.lines}
    assert np.allclose(passes["finite differences"].get_xydata(), [(size, 2 * size) for size in SIZES])
    assert np.allclose(passes["backprop"].get_xydata(), [(size, 2) for size in SIZES])
    assert np.allclose(quotient.lines[0].get_xydata(), [(size, size) for size in SIZES])


def test_rises_marks_the_rates_that_solve():
    lab = opened("rises_lab")
    lab.model.tried = {(4, 0.1): (0.2, 0.0, ENOUGH), (4, 5.0): (0.4, 0.0, ENOUGH - 1), (1, 0.1): (0.3, 0.5, ENOUGH)}
    lab.redraw()
    points, panel = lab.points, LabPicture(lab).panels[-1]
    now = lab.model.settings["rate"]  # the run that is shown is among them
    where = {key: [point for point in line.get_xydata().tolist() if point[0] != now] for key, line in points.items()}
    where = {key: found for key, found in where.items() if found}
    assert where == {(4, True): [[0.1, 0.2]], (4, False): [[5.0, 0.4]], (1, True): [[0.1, 0.3]]}
    looks = panel.entries()
    for (batch, solved), line in points.items():
        entry = f"{ENOUGH} solved or more" if solved else "fewer"
        assert to_rgba(line.get_color()) == looks[entry][0]
        assert line.get_marker() == looks[f"epochs, {'all 4' if batch == 4 else batch} per step"][2]
    assert lab.steps.get_xydata().tolist() == [[0.1, 0.5]]  # with all four, steps are epochs


def test_rises_signs_at_the_edge_of_their_rows_are_whole():
    lab = opened("rises_lab")
    lab.model.configure(rate=8.0)
    lab.redraw()
    axes = lab.row.axes
    left, right = axes.get_xlim()
    at_the_edge = [line for line in axes.lines if any(not left < x < right for x in line.get_xdata())]
    assert {lab.row, lab.unsolved} <= {*at_the_edge} and not any(line.get_clip_on() for line in at_the_edge)


def test_search_marks_the_last_and_the_best_trial():
    model, picture = picture_of("search_lab", method="random")
    model.advance(6)
    picture.view.show()
    last, best = model.trials[-1], min(model.trials, key=lambda trial: trial[2])
    assert last[:2] != model.trials[0][:2] != best[:2]
    assert picture.view.last.get_xydata().tolist() == [[last[1], last[0]]]
    assert picture.view.best.get_xydata().tolist() == [[best[1], best[0]]]


def test_translation_weights_can_be_read_on_their_fields():
    model, picture = picture_of("translation_lab", pieces=1)
    for weight in np.linspace(0.05, 1, 20):
        model.weights = np.full_like(model.weights, weight)
        picture.view.show()
        label = picture.view.weights[0][0]
        field = 1 + weight * (np.array(to_rgba(style.GREEN)[:3]) - 1)
        assert label.text == f"{weight:.2f}" and contrast(label.colour, field) >= 4.5, f"{label.colour} on {field}"


def test_stepper_marks_what_goes_in_and_what_comes_out():
    model, picture = picture_of("stepper_lab")
    signs = {label.text: label.background for label in picture.labels.values()}
    assert (signs["goes in"], signs["comes out"]) == (USED, MADE)
    seen = set()
    while model.iteration == 1 and len(seen) < 2:
        model.advance()
        picture.view.show()
        made = {line.result for line in model.lines}
        used = {key for line in model.lines for key in line.uses} - made
        for key, (label, _) in picture.view.numbers.items():
            background = MADE if key in made else USED if key in used else "#FFFFFF"
            assert label.background == background, key
            seen |= {label.background} - {"#FFFFFF"}


def test_graph_writes_the_chain_rule_beside_the_edge():
    lab = opened("graph_lab")
    lab.model.configure(expression="(x + y) * (x - y)")
    seen = 0
    while not lab.model.finished:
        lab.model.advance()
        lab.redraw()
        kind, what = lab.model.current
        if kind == "back":
            edge, (frame, first) = lab.model.edges[what], lab.note
            lines = [first, lab._locals[what], lab._labels[what]]
            signs, numbers = zip(
                *(line.text.replace("\N{MINUS SIGN}", "-").rsplit(" ", 1) for line in lines), strict=True
            )
            g, local, product = map(float, numbers)
            assert (g, local) == pytest.approx((float(lab.model.gradient(edge.target)), float(edge.local)), rel=5e-3)
            assert signs == ("g =", "×", "=") and product == pytest.approx(g * local, rel=1e-2)
            heights = [line.place[1] for line in lines]
            assert heights == sorted(heights, reverse=True), "one below the other"
            for line in lines:
                x, y = line.place
                assert frame.get_x() < x - line.width / 2 and x + line.width / 2 < frame.get_x() + frame.get_width()
                assert frame.get_y() < y < frame.get_y() + frame.get_height()
            seen += 1
    assert seen == len(lab.model.edges)


def test_descent_rates_that_arrived_look_otherwise_than_those_that_did_not():
    lab = opened("descent_lab")
    lab.model.tried = {lab.model.settings["surface"]: {"GradientDescent": {0.02: 40, 0.05: None}}}
    lab.redraw()
    settled, failed = lab.view.settled, lab.view.failed
    assert settled.get_xydata().tolist() == [[0.02, 40]] and failed.get_xydata().tolist() == [[0.05, 3e5]]
    assert settled.get_color() == style.GREEN != failed.get_color() and settled.get_marker() != failed.get_marker()


def test_descent_heads_point_along_the_steps():
    model, picture = picture_of("descent_lab", pieces=3)
    racer = model.racers[0]
    path = np.array(racer.path)
    heads = picture.view.heads[racer.name].get_xydata().reshape(-1, 4, 2)
    assert len(heads)
    scale = picture.view._pixels()
    steps = np.diff(path, axis=0)
    for left, tip, right, _ in heads:
        middle = (left + right) / 2
        nearest = np.argmin(np.linalg.norm(((path[1:] + path[:-1]) / 2 - tip) * scale, axis=1))
        assert ((tip - middle) * scale) @ (steps[nearest] * scale) > 0
