"""Chapter 4 in a real JupyterLab: it runs without an error, and its labs answer to their buttons and controls."""

import shutil

import pytest

from tests.jupyter import ROOT, lab_page, lab_server, open_notebook

NAME = "notebooks/en/04_mathematics.ipynb"


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


def panel_of(notebook, code):
    """The cell whose code contains the text, and its picture."""
    page = notebook.page
    panel = page.locator(".jp-CodeCell").filter(has=page.locator(".cm-content", has_text=code)).first
    return panel, panel.locator(".jp-OutputArea img").first


def wait_for_new_picture(notebook, image, before):
    notebook.page.wait_for_function("([image, before]) => image.src !== before",
                                    arg=[image.element_handle(), before], timeout=10_000)  # fmt: skip


def test_rate_theory_lab(notebook):
    panel, image = panel_of(notebook, "rate_lab = rate_theory_lab()")
    before = image.get_attribute("src")
    panel.get_by_role("button", name="+", exact=True).first.click()
    wait_for_new_picture(notebook, image, before)
    panel.locator('input[type="text"]').first.fill("0.0769")
    panel.locator('input[type="text"]').first.press("Enter")
    panel.get_by_text("0.923 measured").wait_for()
    panel.get_by_role("button", name="This is the best").click()
    panel.get_by_text("Goal: condition number 400").wait_for()
    assert notebook.errors() == []


def test_descent_lab(notebook):
    panel, image = panel_of(notebook, "race = descent_lab(")
    before = image.get_attribute("src")
    panel.get_by_label("Speed").select_option("as fast as possible")
    panel.locator("button.jupyter-button", has_text="Run").click()
    wait_for_new_picture(notebook, image, before)
    panel.get_by_text("momentum: converged after 117 steps").wait_for(timeout=60_000)
    before = image.get_attribute("src")
    panel.get_by_label("Surface").select_option("saddle")
    wait_for_new_picture(notebook, image, before)
    panel.get_by_text("find a start from which descent ends at the saddle").wait_for()
    assert notebook.errors() == []
