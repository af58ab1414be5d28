"""The face of the lab of gradients through time: controls and goals."""

from course_lib.labs import through_time_lab


def test_the_picture_follows_each_change():
    lab, pictures = through_time_lab("driven"), set()
    for name, value in (("scale", 2.0), ("seed", 1), ("cell", "GRU"), ("bias", 3.0)):
        lab.controls[name].set(value)
        pictures.add(lab.canvas.image.value)
    assert len(pictures) == 4


def test_the_bias_is_shown_for_the_gru_only():
    lab = through_time_lab("driven")
    assert lab.controls["bias"].widget.layout.visibility == "hidden"
    lab.controls["cell"].set("GRU")
    assert lab.controls["bias"].widget.layout.visibility == "visible"


def test_the_goals_are_reached_one_after_the_other():
    lab = through_time_lab("driven")
    assert "\N{CHECK MARK}" not in lab.goal_line.value and "bias of its update gate" not in lab.goal_line.value
    lab.controls["scale"].set(1.75)
    assert lab.goal_line.value.count("\N{CHECK MARK}") == 1 and "bias of its update gate" in lab.goal_line.value
    lab.controls["cell"].set("GRU")
    lab.controls["scale"].set(1.0)
    lab.controls["bias"].set(4.0)
    assert lab.goal_line.value.count("\N{CHECK MARK}") == 2
