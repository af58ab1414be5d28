"""Chapter 1 in a real JupyterLab: it runs without an error, and its lab answers to its buttons and controls."""

from tests.browser.jupyter import Panel

NAME = "notebooks/en/01_background.ipynb"


def test_fit_by_hand(notebook):
    panel = Panel(notebook, "by_hand = fit_lab(x_points, y_points)")
    panel.press("+")
    panel.expect("v = 0.55")
    panel.press("Let gradient descent do it")
    panel.expect("463 steps: at rest", seconds=30)
    boxes = [box.input_value() for box in panel.cell.locator('input[type="text"]').all()]
    assert boxes[:3] == ["1.98", "2.57", "-1.53"]
    knob = panel.cell.get_by_role("slider").first.get_attribute("aria-valuenow")
    assert float(knob) == 40  # it moved along: v = 2.0 is mark 40


def test_a_digit_is_drawn_with_the_mouse_and_with_keys_and_is_kept_for_later_chapters(notebook, tmp_path):
    panel, page = Panel(notebook, "own_digit = drawing_lab("), notebook.page
    window = page.viewport_size

    def pixel(line, place):
        return panel.cell.get_by_title(f"row {line}, column {place}", exact=True)

    notebook.execute(f"import os\nos.environ['COURSE_ANSWERS'] = {str(tmp_path / 'answers.json')!r}")
    page.set_viewport_size({"width": 1366, "height": 650})
    try:
        panel.expect("The sheet is empty")
        pixel(2, 4).scroll_into_view_if_needed()
        (x, top), (_, bottom) = [(box["x"] + 18, box["y"] + 16) for box in (pixel(r, 4).bounding_box() for r in (2, 6))]
        page.mouse.move(x, top)
        page.mouse.down()
        page.mouse.move(x, bottom)
        page.mouse.up()
        panel.expect("Which digit is it?")
        page.keyboard.press("Escape")
        pixel(7, 4).focus()
        page.keyboard.press("Enter")
        panel.cell.get_by_title("Say that it is 1", exact=True).focus()
        page.keyboard.press("Enter")
        panel.expect("Your own 1: the network gives it the probability")
        panel.expect("\N{CHECK MARK} Goal: draw a digit of your own")
        goal, last = panel.cell.get_by_text("Goal: draw a digit").first.bounding_box(), pixel(8, 1).bounding_box()
        assert last["y"] + last["height"] - goal["y"] < 650 - 140  # below the bars of JupyterLab, see `BARS`
        expected = [[16 if place == 3 and 1 <= line <= 6 else 0 for place in range(8)] for line in range(8)]
        assert notebook.value("own_digit.model.pixels.tolist()") == expected
        notebook.execute("from course_lib.labs.drawing import my_digit")
        for _ in range(100):  # it is kept a second after the last change
            kept = notebook.value("[(16 * my_digit()[0]).tolist(), my_digit()[1]]")
            if kept == [expected, 1]:
                break
            page.wait_for_timeout(200)
        assert kept == [expected, 1]

    finally:
        page.set_viewport_size(window)
        notebook.execute("del os.environ['COURSE_ANSWERS']")
