"""Chapter 2 in a real JupyterLab: it runs without an error, and its labs answer to their buttons and controls."""

import re
import shutil

import pytest

from tests.jupyter import ROOT, lab_page, lab_server, open_notebook

NAME = "notebooks/en/02_core_concepts.ipynb"


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


class Panel:
    """A lab in the notebook: found by a piece of its cell's code."""

    def __init__(self, notebook, code):
        page = self.page = notebook.page
        self.cell = page.locator(".jp-CodeCell").filter(has=page.locator(".cm-content", has_text=code)).first
        self.image = self.cell.locator(".jp-OutputArea img").first
        self.shown = self.image.get_attribute("src")

    def press(self, name, times=1):
        for _ in range(times):
            label = re.compile(rf"(^|\s){re.escape(name)}$")  # the symbol before it belongs to a button's name
            self.cell.get_by_role("button", name=label).first.click()
            self.expect_new_picture()

    def expect_new_picture(self):
        self.page.wait_for_function("([image, before]) => image.src !== before",
                                    arg=[self.image.element_handle(), self.shown], timeout=10_000)  # fmt: skip
        self.shown = self.image.get_attribute("src")

    def type(self, number):
        box = self.cell.locator('input[placeholder="type a number, press Enter"]')
        box.fill(number)
        box.press("Enter")

    def expect(self, text, seconds=10):
        self.cell.get_by_text(text).first.wait_for(timeout=1000 * seconds)


def test_graph_lab(notebook):
    panel = Panel(notebook, "lab = graph_lab()")
    panel.press("Forward step", times=2)
    panel.expect("All values are known; now backward.")
    panel.type("7")
    panel.expect("Noted: 7.")
    panel.press("Backward step", times=5)  # dL/dL, and four edges
    panel.expect("The gradient of x is complete: 1 + 3 + 3 = 7.")
    panel.expect("\N{CHECK MARK} Goal")
    panel.press("+")  # x = 3.1, both passes follow
    panel.expect("complete: 1 + 3.1 + 3.1 = 7.2.")
    assert notebook.errors() == []


def test_your_own_graph(notebook):
    panel = Panel(notebook, "own_lab = graph_lab(")
    panel.press("Run all")
    panel.expect("The gradient of w is complete: -0.3243.", seconds=30)
    assert notebook.errors() == []


def test_cost_lab(notebook):
    panel = Panel(notebook, "price_lab = cost_lab()")
    panel.press("Measure")
    panel.expect("median of 5).", seconds=60)
    ran, milliseconds = notebook.execute("print(price_lab.running)")  # the kernel answers while it measures
    assert ran.strip() in ("True", "False") and milliseconds < 1000
    panel.cell.get_by_text("At 2,049 parameters").first.wait_for(timeout=60_000)
    panel.expect("The gradients differ by at most", seconds=60)
    assert notebook.errors() == []


def test_descent_lab(notebook):
    panel = Panel(notebook, "walk_lab = descent_lab(")
    panel.press("Step")
    panel.press("+")
    panel.press("Run")
    assert notebook.errors() == []
