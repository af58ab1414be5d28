"""The reader's hand on a picture: handles that are dragged or pushed, and what is read under the pointer."""

import numpy as np
import pytest
from replayer import answered

from course_lib.canvas import Canvas
from course_lib.canvas.hand import REACH
from course_lib.labs import depth_lab, descent_lab, fit_lab, rate_theory_lab, success_map, training_lab


@pytest.fixture
def lab():
    return answered(descent_lab(surface="valley"))


def touch(lab, **content):
    lab.canvas._page._handle_custom_msg(content, [])


def pixels(lab, axes, x, y):
    """Of a place in axes, from the upper left corner of the picture."""
    across, up = axes.transData.transform((x, y))
    return [across, lab.canvas.figure.bbox.height - up]


def handle(lab):
    [handle] = lab.canvas._page.handles
    return handle


def test_the_handle_of_the_start_stands_where_the_run_starts(lab):
    start = lab.model.settings["start"]
    assert handle(lab)["at"] == pytest.approx(pixels(lab, lab.view.plane, *start))
    assert handle(lab)["label"] == f"Start at {start[0]:.3g}, {start[1]:.3g}: drag it, or move it with the arrow keys"


def test_dragging_it_moves_the_start_the_controls_and_the_handle(lab):
    lab.model.advance(5)
    to = pixels(lab, lab.view.plane, -1.504, 0.496)
    touch(lab, drag="start", to=to)
    assert lab.model.settings["start"] == (-1.5, 0.5) and lab.model.racers[0].path[0] == pytest.approx([-1.5, 0.5])
    assert len(lab.model.racers[0].path) == 1  # a new run
    assert [lab.controls[name].value for name in ("u", "v")] == [-1.5, 0.5]
    assert handle(lab)["at"] == pytest.approx(pixels(lab, lab.view.plane, -1.5, 0.5))


def test_a_hand_beyond_the_axes_stops_at_their_edge(lab):
    touch(lab, drag="start", to=[-500, 4000])
    left, bottom = lab.view.plane.get_xlim()[0], lab.view.plane.get_ylim()[0]
    assert lab.model.settings["start"] == (round(left, 2), round(bottom, 2)) and not lab.error_line.value


def test_an_arrow_key_moves_it_by_a_hundredth_of_the_picture(lab):
    size = np.ptp([lab.view.plane.get_xlim(), lab.view.plane.get_ylim()], axis=1)
    for by in ([1, 0], [-10, 0], [0, -1], [0, 1]):
        before = lab.model.settings["start"]
        touch(lab, push="start", by=by)
        moved = np.subtract(lab.model.settings["start"], before)
        assert moved == pytest.approx(by * size * (1, -1) / 100, abs=0.006), by
        assert ((moved == 0) == (np.array(by) == 0)).all(), by


def test_on_a_curve_the_handle_stays_on_the_curve(lab):
    lab.controls["surface"].set("parabola")
    touch(lab, drag="start", to=pixels(lab, lab.view.plane, 0.5, 0.1))
    (u,) = lab.model.settings["start"]
    assert u == 0.5
    assert handle(lab)["at"] == pytest.approx(pixels(lab, lab.view.plane, u, lab.model.surface.value((u,))))


def test_a_handle_that_cannot_be_removed_stays(lab):
    before = handle(lab)
    assert lab.canvas.hand.touched({"remove": "start"}) is None and handle(lab) == before


def test_what_stands_under_the_pointer_is_read(lab):
    at = pixels(lab, lab.view.plane, 1, 0.5)
    touch(lab, look=at)
    loss = lab.model.surface.value((1, 0.5))
    assert lab.sent == [{"reading": f"u = 1.00, v = 0.50: loss {loss:.3g}", "at": at}]
    touch(lab, look=[1, 1])  # a corner of the picture, outside of all axes
    assert lab.sent[-1] == {"reading": "", "at": [1, 1]}


def test_the_training_lab_reads_output_and_loss():
    lab = training_lab()
    lab.model.advance(40)
    lab.draw()
    read = lab.canvas.hand.touched
    output = lab.model.surface(np.array([[[0.25, 0.75]]]))[0, 0]
    assert (
        read({"look": pixels(lab, lab.view.plane, 0.25, 0.75)})["reading"]
        == f"x₁ = 0.25, x₂ = 0.75: output {output:.2f}"
    )
    assert (
        read({"look": pixels(lab, lab.view.loss, 30, 0.5)})["reading"] == f"epoch 30: loss {lab.model.losses[30]:.4f}"
    )
    assert read({"look": pixels(lab, lab.view.loss, 41, 0.5)})["reading"] == ""  # not trained so far


def test_the_map_of_success_reads_its_fields():
    lab = success_map()
    read = lab.canvas.hand.touched
    at = pixels(lab, lab.axes, 0, 2)
    assert read({"look": at})["reading"] == ""  # not known yet
    lab.model.advance(lab.model.most, enough=lambda: lab.model.solved[2, 0] >= 0)
    text = read({"look": at})["reading"]
    assert text.endswith(f"{lab.model.solved[2, 0]} of 30 seeds solve XOR") and text.startswith("learning rate")


def read(lab, x, y):
    return lab.canvas.hand.touched({"look": [x, y]})["reading"]


def test_elsewhere_the_nearest_point_of_a_curve_is_read_with_the_names_of_legend_and_axes():
    lab = rate_theory_lab()
    view, model = lab, lab.model
    x, y = pixels(lab, view.error_axes, 10, model.predicted()[10, 0])
    assert model.rate == 0.02 and f"{0.98**10:.4g}" == "0.8171"
    assert read(lab, x, y) in (
        "flat, predicted: steps 10, Distance left 0.8171",
        "flat, measured: steps 10, Distance left 0.8171",
    )
    assert read(lab, x, y + REACH - 1).endswith("steps 10, Distance left 0.8171")
    assert read(lab, x, y + REACH + 1) == "" == read(lab, 3, 3)
    x, y = pixels(lab, view.factor, model.rate, model.factors()[1])
    assert read(lab, x, y) == f"steep: learning rate 0.02, Factor per step {model.factors()[1]:.4g}"
    view.lines[0].set_visible(False)
    view.points[0].set_visible(False)
    assert read(lab, *pixels(lab, view.error_axes, 10, 0.98**10)) == "", "what is not drawn is not read"


@pytest.mark.parametrize("left", range(40, 60))
def test_a_point_at_zero_is_read_as_zero_wherever_the_axes_stand(left):
    canvas = Canvas(480, 240)
    axes = canvas.axes(left, 40, 194, 150, xlim=(-15, 1515), ylim=(-1, 1), xlabel="steps", ylabel="height")
    axes.plot([0], [0], marker="o")
    x, y = axes.transData.transform((0, 0))
    assert canvas.hand.touched({"look": [x, canvas.figure.bbox.height - y]})["reading"] == "steps 0, height 0"


def test_what_is_cut_off_at_the_edge_is_not_read_as_if_it_ended_there():
    lab = fit_lab(rate=10.0)
    lab.model.begin()
    lab.model.advance(5)
    lab.refresh()
    view, losses = lab, lab.model.losses
    beyond = next(step for step, loss in enumerate(losses) if loss > 20)
    assert read(lab, *pixels(lab, view.loss, beyond, 20)).endswith(f" {beyond}, Loss by steps of gradient descent ≥ 20")
    assert read(lab, *pixels(lab, view.loss, 0, losses[0])).endswith(f"descent {losses[0]:.4g}")


def test_a_gradient_that_is_zero_is_read_as_at_most_the_lowest_that_is_drawn():
    lab = depth_lab()
    lab.model.norms = np.zeros(20)
    lab.refresh()
    assert read(lab, *pixels(lab, lab.gradients, 7, 1e-7)).endswith("layer 7, Gradient norm of each layer ≤ 1e-07")
    assert "≤" not in read(lab, *pixels(lab, lab.gradients, 7, lab.model.norms_at_start[6]))
