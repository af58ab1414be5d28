"""Chapter 1 in a real JupyterLab: it runs without an error, and its labs answer to their buttons and controls."""

import shutil

import pytest

from tests.jupyter import ROOT, lab_page, lab_server, open_notebook

NAME = "notebooks/en/01_background.ipynb"


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


def expect_new_picture(notebook, image, before):
    notebook.page.wait_for_function("([image, before]) => image.src !== before",
                                    arg=[image.element_handle(), before], timeout=10_000)  # fmt: skip
    return image.get_attribute("src")


def test_fit_by_hand(notebook):
    panel = cell_with(notebook, "by_hand = fit_lab(x, y)")
    image, status = panel.locator(".jp-OutputArea img").first, panel.locator('[role="status"]').first
    picture, text = image.get_attribute("src"), status.inner_text()
    panel.get_by_role("button", name="+", exact=True).first.click()
    picture = expect_new_picture(notebook, image, picture)
    assert "v = 0.55" in status.inner_text() != text
    panel.get_by_role("button", name="Let gradient descent do it").click()
    expect_new_picture(notebook, image, picture)
    panel.get_by_text("463 steps: at rest").wait_for(timeout=30_000)
    boxes = [box.input_value() for box in panel.locator('input[type="text"]').all()]
    assert boxes[:3] == ["1.98", "2.57", "-1.53"]
    assert panel.get_by_role("slider").first.get_attribute("aria-valuenow") in (
        "40",
        "40.0",
    )  # the knob moved along: v = 2.0
    assert notebook.errors() == []


def test_training_lab(notebook):
    panel = cell_with(notebook, "lab = training_lab()")
    image = panel.locator(".jp-OutputArea img").first
    picture = image.get_attribute("src")
    panel.get_by_role("button", name="+", exact=True).first.click()
    panel.get_by_role("button", name="Train").click()
    expect_new_picture(notebook, image, picture)
    panel.get_by_text("(solved)").wait_for(timeout=60_000)
    assert notebook.errors() == []
