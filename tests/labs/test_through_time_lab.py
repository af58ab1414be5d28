"""The face of the lab of gradients through time: controls and goals."""

from course_lib.labs import through_time_lab


def test_the_bias_is_shown_for_the_gru_only():
    lab = through_time_lab("driven")
    assert lab.controls["bias"].widget.layout.visibility == "hidden"
    plain = [line.get_color() for line in lab.lines]
    lab.controls["cell"].set("GRU")
    assert {*plain}.isdisjoint(line.get_color() for line in lab.lines)
    assert lab.controls["bias"].widget.layout.visibility == "visible"
