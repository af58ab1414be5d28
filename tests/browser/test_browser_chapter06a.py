"""Chapter 6a in a real JupyterLab: the CNN lab is trained, and the drawing lab is drawn on by mouse and by keyboard."""

import pytest

from tests.browser.jupyter import Panel

NAME = "notebooks/en/06a_images.ipynb"


@pytest.fixture
def cnn(notebook):
    notebook.execute("cnn_training.buttons['reset'].click()\ncnn_training.controls['rate'].set(0.01)")
    return Panel(notebook, "cnn_training = cnn_lab()")


@pytest.fixture
def drawing(notebook):
    """The drawing lab with test image 4, a six."""
    notebook.execute("drawing.controls['number'].set(4)\ndrawing.buttons['load'].click()")
    return Panel(notebook, "drawing = drawing_lab(cnn")


def pixel(panel, line, place):
    return panel.cell.get_by_title(f"row {line}, column {place}", exact=True)


def test_the_network_trains_and_the_goal_turns_green(notebook, cnn):
    cnn.press("Train")
    _, milliseconds = notebook.execute("pass")  # another cell answers while it trains
    assert milliseconds < 2000
    cnn.expect("\N{CHECK MARK} Goal: reach a validation accuracy of 95% within 40 steps", seconds=60)
    cnn.button("Pause").click()
    cnn.button("Train").wait_for()
    before = notebook.value("cnn_training.model.done")
    cnn.press("Step")
    assert notebook.value("cnn_training.model.done") == before + 1


FRAME = """canvas => {  // how thick the frame is below, on the left, above and on the right of the image, in pixels
    const scale = canvas.width / 960, pen = canvas.getContext('2d');
    const greys = (x, y, across, down) => [...Array(8).keys()].filter(i => {
        const place = [Math.round(x * scale) + i * across, Math.round(y * scale) + i * down];
        return `${pen.getImageData(...place, 1, 1).data.slice(0, 3)}` === '217,217,217';
    }).length;
    return [greys(240, 279, 0, 1), greys(7, 200, 1, 0), greys(240, 29, 0, 1), greys(257, 100, 1, 0)];
}"""


@pytest.mark.parametrize("width", [1200, 1100, 1024, 960])
def test_a_thin_frame_is_seen_on_all_sides_whatever_the_width(notebook, width):
    panel, window = Panel(notebook, "sliding = kernel_lab()"), notebook.page.viewport_size
    notebook.page.set_viewport_size(window | {"width": width})
    try:
        notebook.execute("sliding.controls['number'].set(5)")
        with panel.new_picture():
            notebook.execute("sliding.controls['number'].set(0)")
        assert panel.picture.evaluate(FRAME) == [1, 1, 1, 1]
    finally:
        notebook.page.set_viewport_size(window)


def test_the_kernel_slides_and_its_weights_reach_the_goal(notebook):
    panel = Panel(notebook, "sliding = kernel_lab()")
    panel.press("Slide")
    panel.expect("36 of 36 places are written", seconds=30)
    panel.choose("Begin with", "all zeros")
    notebook.settle()  # the zeros are in the boxes
    panel.type("1", 6)  # the image's number stands before the nine weights
    panel.expect("\N{CHECK MARK} Goal")
    assert notebook.value("sliding.model.weights.tolist()") == [[0, 0, 0], [0, 0, 1], [0, 0, 0]]


def test_pixels_are_painted_by_mouse_and_by_keyboard(notebook, drawing):
    with drawing.new_picture():
        pixel(drawing, 1, 1).click()
    drawing.expect("1 pixels changed")
    assert pixel(drawing, 1, 1).inner_text() == "16"
    drawing.choose("Pen", "half ink, 8")
    with drawing.new_picture():
        notebook.page.keyboard.press("Escape")
        pixel(drawing, 1, 1).focus()
        notebook.page.keyboard.press("Tab")
        notebook.page.keyboard.press("Enter")
    assert notebook.value("drawing.model.pixels[0, :2].tolist()") == [16, 8]
    drawing.choose("Pen", "full ink, 16")


def test_a_stroke_draws(notebook, drawing):
    drawing.press("Clear")
    mouse, places = notebook.page.mouse, [(2, 2), (5, 2), (5, 4)]
    boxes = [pixel(drawing, *place).bounding_box() for place in places]
    (x, y), *rest = [(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2) for box in boxes]
    mouse.move(x, y)
    mouse.down()
    for place in rest:  # in one leap each: what lies between is drawn too
        mouse.move(*place)
    mouse.up()
    drawing.expect("Your own drawing, 6 pixels with ink")
    drawn = notebook.value("[[int(v) for v in row] for row in zip(*drawing.model.pixels.nonzero())]")
    assert drawn == [[1, 1], [2, 1], [3, 1], [4, 1], [4, 2], [4, 3]]
    mouse.move(x, y + 3)  # without a button pressed
    assert notebook.value("int((drawing.model.pixels > 0).sum())") == 6
    drawing.press("Load it")


def test_the_gradient_leads_to_a_change_of_mind(notebook, drawing):
    drawing.choose("More like a", "8")
    for _ in range(12):
        if notebook.value("drawing.model.good"):
            break
        drawing.press("Change the most promising pixel")
    drawing.expect("it has changed its mind")
    drawing.press("Load it")
    drawing.expect("Test image 4, a 6. The network says 6")


def test_sheet_and_picture_stand_side_by_side(notebook, drawing):
    sheet, picture = pixel(drawing, 1, 1).bounding_box(), drawing.picture.bounding_box()
    assert picture["x"] > sheet["x"] + 200 and picture["y"] < sheet["y"] + 100
