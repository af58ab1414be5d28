"""The graph lab's face: steps, goal, predictions, expressions of one's own."""

import asyncio

import numpy as np
import pytest
from every_control import move_every_control
from replayer import answered

from course_lib import Tensor, ops
from course_lib.labs import graph_lab
from course_lib.labs.graph.model import EXPRESSIONS, SCALES, SIZE, text


def press(lab, name, times=1):
    for _ in range(times):
        lab.buttons[name].click()


def test_forward_and_backward_one_click_each():
    lab = graph_lab("x*x + x")
    press(lab, "back")
    assert lab.model.position == 0 and lab.buttons["back"].disabled
    press(lab, "forward")
    assert "Forward step 1 of 2: multiply of 3 and 3 gives 9" in lab.status_line.value
    before = lab.canvas.image.value
    press(lab, "forward")
    assert lab.buttons["forward"].disabled and not lab.buttons["back"].disabled
    assert lab.canvas.image.value != before
    press(lab, "back", 5)
    assert "1 + 3 + 3 = 7" in lab.status_line.value and lab.buttons["back"].disabled


def test_the_goal_is_reached_by_a_prediction_in_time():
    lab = graph_lab("x*x + x")
    lab.prediction.value = "7"
    assert "Noted: 7" in lab.goal_line.value
    press(lab, "run")  # without a kernel it runs to the end at once
    assert "\N{CHECK MARK}" in lab.goal_line.value and "You said 7, it is 7" in lab.goal_line.value
    lab.controls["x"].set(2.0)
    assert "\N{CHECK MARK}" not in lab.goal_line.value and lab.prediction.value == ""
    lab.prediction.value = "5"
    assert "has been shown already" in lab.error_line.value
    press(lab, "reset")
    lab.controls["x"].set(-1.5)
    lab.prediction.value = "\N{MINUS SIGN}2"
    press(lab, "run")
    assert "\N{CHECK MARK}" in lab.goal_line.value


def test_nonsense_gives_a_sentence():
    lab = graph_lab()
    for nonsense in ("seven", "1e", "nan", "inf", "[]", "__import__('os')"):
        lab.prediction.value = nonsense
        assert "expected a" in lab.error_line.value and "Traceback" not in lab.error_line.value
        lab.error("")


def test_your_own_expression():
    lab = graph_lab(lambda u, v: v * u + u, name="own", u=2.0, v=50.0)
    assert list(lab.model.values) == ["u", "v"] and "gradient of u" in lab.goal_line.value
    assert move_every_control(lab)
    assert "your expression with u = 2, v = 50" in lab.static()[1]
    arrays = graph_lab(lambda W, s: ops.sum(W * W) * s, name="own", W=np.ones(3), s=2.0)
    arrays.controls["s"].set(3.0)
    assert "W" not in arrays.controls and arrays.model.values["s"] == 3 and not arrays.error_line.value
    assert "with W = (3,), s = 3" in arrays.model.description()
    fixed = graph_lab(Tensor(3.0, name="x") * 2, name="own")
    assert fixed.leaves.children == ()
    assert fixed.model.description().startswith("Computational graph of your expression with x = 3.")


def test_the_local_derivative_stays_on_each_edge_that_a_gradient_has_passed():
    for expression in EXPRESSIONS:
        lab = graph_lab(expression)
        model = lab.model
        model.advance(len(model.operations))
        lab.show()
        assert not any(local.text for local in lab._locals)
        while not model.finished:
            model.advance()
            lab.show()
            for number, (edge, local, label) in enumerate(zip(model.edges, lab._locals, lab._labels, strict=True)):
                if number in model.sent() and edge.local is not None:
                    assert local.text == f"× {text(edge.local, 3)}" and label.text == f"= {text(edge.message, 3)}"
                    assert local.place[1] > label.place[1], "the factor stands above what comes of it"
                else:
                    assert local.text == ""


def test_a_gradient_that_waits_for_other_uses_says_so():
    lab = graph_lab("x*x + x")
    press(lab, "forward", 2)
    sums = []
    while not lab.model.finished:
        press(lab, "back")
        sums.append(lab._texts[0][2].text)
    assert sums == ["", "", "1 + ? + ?", "1 + 3 + ?", "1 + 3 + 3 = 7"]
    assert not any(total.text for _, _, total in lab._texts[1:]), "one gradient is no sum"


def test_two_edges_between_the_same_nodes_part_and_their_ends_stay():
    lab = graph_lab()
    (up, _, _), (down, _, _), *_ = lab._drawn
    assert up[24, 1] - down[24, 1] > 60 + up[0, 1] - down[0, 1] and up[-1, 1] - down[-1, 1] < lab.box[1]
    lab.model.move_node("places", 1, 480, 300)  # now nothing may leave the picture
    lab.redraw()
    assert all((curve[:, 1] < SIZE[1]).all() for curve, _, _ in lab._drawn)


def test_in_a_run_dots_go_the_way_of_the_numbers():
    async def drive():
        lab = answered(graph_lab())
        page, tracks = lab.canvas._page, {}
        lab.buttons["run"].click()
        while lab.running:
            await asyncio.sleep(0.01)
            page._handle_custom_msg({"shown": page._frame}, [])
            tracks.setdefault(lab.model.current, []).append(lab.dots.get_xdata().copy())
        lab.close()
        return tracks, lab

    tracks, lab = asyncio.run(asyncio.wait_for(drive(), 60))
    assert lab.model.finished and len(lab.dots.get_xdata()) == 0
    for (kind, _), places in tracks.items():
        places = np.array([xs for xs in places if len(xs)])
        if kind in ("forward", "back"):
            moves = np.diff(places, axis=0) * (1 if kind == "forward" else -1)
            assert (moves >= 0).all() and moves.any() and places.shape[1] == (2 if kind == "forward" else 1)
        else:
            assert len(places) == 0


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_a_prepared_graph_stays_inside_and_the_key_hides_no_node_of_it(expression):
    lab = graph_lab(expression)
    centres, half = np.array(lab._centres), np.array(lab.box) / 2
    assert (centres - half > 0).all() and (centres + half < SIZE).all(), "inside"
    assert lab.scale == SCALES[0] or (lab.scale >= 1 and expression != "x*x + x"), "small graphs are drawn large"
    for label in lab.key:
        away = np.abs(centres - label.place - (label.width / 2, 0))
        assert (away > (half[0] + label.width / 2, half[1] + 7)).any(axis=1).all(), f"the key {label.text!r} hides none"
