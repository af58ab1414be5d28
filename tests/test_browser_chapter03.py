"""Chapter 3 in a real JupyterLab: it runs without an error, its labs answer, and lines can be ordered from the keyboard."""

import shutil

import pytest

from tests.jupyter import ROOT, lab_page, lab_server, open_notebook

NAME = "notebooks/en/03_algorithms.ipynb"
FOCUS_IN_ROW = """([row, title]) => {
    const buttons = [...document.querySelectorAll('button[title^="Move line"][title$="up"]')];
    return buttons.indexOf(document.activeElement) === row && document.activeElement.title === title;
}"""


@pytest.fixture(scope="module")
def notebook(tmp_path_factory):
    root = tmp_path_factory.mktemp("course")
    (root / NAME).parent.mkdir(parents=True)
    shutil.copy(ROOT / NAME, root / NAME)
    with lab_server(root) as server, lab_page() as page:
        notebook = open_notebook(page, server, NAME)
        notebook.run_all()
        assert notebook.errors() == []
        yield notebook


def cell_with(notebook, text):
    """The notebook cell whose code contains the text."""
    return notebook.page.locator(".jp-CodeCell").filter(has=notebook.page.locator(".cm-content", has_text=text)).first


def button(panel, label, number=0):
    """A button by what is written on it, counted from 0 where several have the same label."""
    return panel.locator("button.jupyter-button").filter(has_text=label).nth(number)


def expect_new_picture(notebook, image, before):
    notebook.page.wait_for_function("([image, before]) => image.src !== before",
                                    arg=[image.element_handle(), before], timeout=10_000)  # fmt: skip
    return image.get_attribute("src")


def test_stepper(notebook):
    panel = cell_with(notebook, "lab = stepper_lab()")
    image = panel.locator(".jp-OutputArea img").first
    picture = image.get_attribute("src")
    for _ in range(5):
        button(panel, "Next").click()
        picture = expect_new_picture(notebook, image, picture)
    panel.get_by_text("stop 5 of 13, output error").wait_for()
    guess = panel.get_by_placeholder("your number")
    guess.fill("-0.0218")
    guess.press("Enter")
    panel.get_by_text("-0.0218 is right").wait_for()
    panel.get_by_text("✓ Goal").wait_for()
    panel.get_by_role("combobox").first.select_option("x = (0, 0), y = 0")
    expect_new_picture(notebook, image, picture)
    panel.get_by_text("example x = (0, 0)").wait_for()
    assert notebook.errors() == []


def test_ordering_from_the_keyboard(notebook):
    panel, page = cell_with(notebook, 'arrange("training-step")'), notebook.page
    button(panel, "Leave out", 5).focus()  # line f
    page.keyboard.press("Enter")
    panel.get_by_text("left out").wait_for()
    button(panel, "Up", 6).focus()  # line h, now in row 6 counted from 0
    for row in range(5, -1, -1):
        page.keyboard.press("Space")
        page.wait_for_function(FOCUS_IN_ROW, arg=[row, "Move line h up"], timeout=10_000)
    button(panel, "Check").click()
    panel.get_by_text("Not yet").wait_for()
    assert notebook.errors() == []


def test_training_lab(notebook):
    panel = cell_with(notebook, "rate_lab = training_lab")
    image = panel.locator(".jp-OutputArea img").first
    picture = image.get_attribute("src")
    button(panel, "Train").click()
    expect_new_picture(notebook, image, picture)
    panel.get_by_text("(solved)").wait_for(timeout=60_000)
    assert notebook.errors() == []
