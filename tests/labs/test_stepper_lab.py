"""The stepper's panel: each stop, the goal, guesses, marks and edges."""

import numpy as np
import pytest

from course_lib.labs import stepper_lab
from course_lib.labs.stepper.formulas import shown
from course_lib.labs.stepper.model import BEFORE_HIDDEN_ERROR, LENGTH


@pytest.fixture
def lab():
    return stepper_lab("test")


def test_the_goal_is_reached_by_the_right_number_alone(lab):
    for _ in range(BEFORE_HIDDEN_ERROR):
        lab.buttons["next"].click()
    lab.guess.value = "0.148"
    assert "That is δ₂" in lab.status_line.value and "○ Goal" in lab.goal_line.value
    lab.guess.value = "-0.0218"
    assert "is right" in lab.status_line.value and "✓ Goal" in lab.goal_line.value
    lab.buttons["next"].click()
    assert "hidden error" in lab.status_line.value and "✓ Goal" in lab.goal_line.value


def test_each_stop_changes_the_picture_and_back_brings_it_again(lab):
    pictures = [lab.canvas.image.value]
    for _ in range(LENGTH):
        lab.buttons["next"].click()
        pictures.append(lab.canvas.image.value)
    assert len(set(pictures)) == LENGTH + 1
    for picture in pictures[-2::-1]:
        lab.buttons["back"].click()
        assert lab.canvas.image.value == picture


def test_new_weights_and_reset(lab):
    lab.buttons["new weights"].click()
    assert lab.model.settings.seed == lab.controls["seed"].value == 2
    lab.controls["seed"].set(9999)
    lab.buttons["new weights"].click()
    assert lab.controls["seed"].value == 0
    lab.buttons["whole"].click()
    lab.buttons["reset"].click()
    assert lab.model.position == 0 and "nothing is computed" in lab.status_line.value


def test_back_into_the_iteration_before_shows_its_example_and_rate(lab):
    lab.buttons["whole"].click()
    lab.controls["example"].set(0)
    lab.controls["rate"].set(5.0)
    assert lab.model.iteration == 2
    lab.buttons["back"].click()
    assert (lab.model.iteration, lab.model.position) == (1, LENGTH)
    assert (lab.controls["example"].value, lab.controls["rate"].value) == (3, 1.0)


def test_edges_and_discs_show_the_size_of_each_gradient_once_it_is_known(lab):
    view, model = lab, lab.model
    while not model.gradients_known:
        assert {edge.get_linewidth() for edge in view.edges.values()} == {2}
        assert not view.pulls.get_sizes().any() and not any(label.text for label in view.heads)
        lab.buttons["next"].click()
    losses, gradients = model.pulls()
    largest = np.abs(gradients).max()
    for key, edge in view.edges.items():
        pull = model.values[f"d{key}"]
        assert edge.get_linewidth() == pytest.approx(1.5 + 8 * abs(pull) / largest)
        assert edge.is_dashed() == (pull < 0)
    sizes, faces = view.pulls.get_sizes().reshape(4, 9), view.pulls.get_facecolors().reshape(4, 9, 4)
    np.testing.assert_allclose(sizes / sizes.max(), np.abs(gradients) / largest)
    assert ((faces == 1).all(axis=-1) == (gradients <= 0)).all(), "an empty disc is a negative gradient"
    places = view.pulls.get_offsets().reshape(4, 9, 2)
    assert (np.diff(places[:, 0, 1]) < 0).all() and (np.diff(places[0, :, 0]) > 0).all(), (
        "examples down, parameters across"
    )
    assert [label.text for label in view.heads[1:]] == ["W₁", "b₁", "W₂", "b₂", "L"]
    assert [label.text for label in view.loss_of] == [shown(loss) for loss in losses]
    assert [label.background == "#FFFFFF" for label in view.examples] == [k != model.settings.example for k in range(4)]
