"""What has just come stands in view, on a laptop's low window, in a real JupyterLab."""

import pytest

CELLS = [
    "from course_lib.exercises.chapter02 import predict\nfrom course_lib.labs import training_lab",
    *(f"# line {line}" for line in range(12)),
    'predict("fastest-rate")',
    "\n".join(f"# line {line}" for line in range(15)),
    "lab = training_lab(plain=True)\nlab",
]
IN_VIEW = """panel => {  // no part of it stands out of the notebook, above or below
    const {top, bottom} = panel.getBoundingClientRect();
    const view = panel.closest('.jp-WindowedPanel-outer').getBoundingClientRect();
    return Math.max(view.top - top, bottom - view.bottom) < 1;
}"""


@pytest.fixture(scope="module")
def notebook(jupyter):
    notebook = jupyter.open(jupyter.write("view.ipynb", CELLS).name, window=(1366, 650))
    yield notebook
    assert notebook.errors() == []


def test_a_question_is_in_view_when_shift_and_enter_have_gone_on_to_the_next_cell(notebook):
    notebook.wait_idle()
    notebook.page.locator(".jp-Cell .cm-content").first.click()
    for _ in CELLS[:14]:
        notebook.page.keyboard.press("Shift+Enter")
        notebook.wait_idle()
    panel = notebook.page.locator(".jp-OutputArea-output:has(.course-option)")
    panel.wait_for()
    notebook.page.wait_for_function(IN_VIEW, arg=panel.element_handle(), timeout=10_000)


def test_the_sentence_about_nonsense_is_in_view(notebook):
    notebook.run("import", "training_lab(plain")
    lab = notebook.page.locator(".jp-OutputArea-output:has(.course-error)")
    lab.evaluate("panel => panel.scrollIntoView()")
    box = lab.locator(".course-number input[type=text]").first
    box.fill("abc")
    box.press("Enter")
    said = lab.locator(".course-error [role=alert]")
    said.wait_for()
    notebook.page.wait_for_function(IN_VIEW, arg=said.element_handle(), timeout=10_000)
    assert "got 'abc'" in said.inner_text()
