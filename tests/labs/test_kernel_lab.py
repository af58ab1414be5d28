"""The kernel lab's face: sliding, and the goal."""

from course_lib.canvas import DENSITY
from course_lib.labs import kernel_lab


def test_the_goal_is_reached():
    lab = kernel_lab()
    lab.controls["kernel"].set("all zeros")
    assert lab.controls["weight 0"].text.value == "0" and "\N{CHECK MARK}" not in lab.goal_line.value
    lab.controls["weight 5"].text.value = "1"
    assert "\N{CHECK MARK}" in lab.goal_line.value


def test_sliding_writes_the_whole_map():
    lab = kernel_lab()
    seen = [lab.canvas.image.value]
    lab.buttons["step"].click()
    seen.append(lab.canvas.image.value)
    assert "1 of 36 places" in lab.status_line.value
    lab.buttons["slide"].click()
    seen.append(lab.canvas.image.value)
    assert "36 of 36 places" in lab.status_line.value and len(set(seen)) == 3
    lab.buttons["step"].click()  # begins anew
    assert "1 of 36 places" in lab.status_line.value


def test_a_click_on_image_or_map_lays_the_kernel_there():
    lab = kernel_lab()

    def click(tile, row, column):
        x, y = tile.middle(row, column)
        lab.canvas.hand.touched({"click": [DENSITY * x, lab.canvas.figure.bbox.height - DENSITY * y]})
        return lab.model.place

    assert click(lab.image, 3, 4) == (2, 3)  # its middle
    assert click(lab.image, 0, 7) == (0, 5)  # it stays on the image
    assert click(lab.map, 5, 1) == (5, 1)
    assert click(lab.products, 1, 1) == (5, 1)  # there is nothing to click on
