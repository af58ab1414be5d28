"""A page that is loaded again, and slowly, while the kernel runs on: no picture of its labs is ever blank.

In `make test` a page is loaded again at its usual speed, in `test_browser_lab.py`.
"""

import pytest

from tests.browser.jupyter import Panel, open_notebook

CELLS = [
    "from course_lib.labs import training_lab",
    "lab = training_lab()\nlab",
    "other = training_lab('other')\nother",
]
# What anywidget does when a module takes longer than two seconds to load: while `slow`, at once. And the moments at which a
# lab shows neither a picture that is drawn nor the image.
SLOW = """() => {
    window.slow = true;
    window.blank = 0;
    const timeout = AbortSignal.timeout;
    AbortSignal.timeout = wait => timeout.call(AbortSignal, wait === 2000 && window.slow ? 1 : wait);
    const look = () => {
        const seen = node => node.checkVisibility({visibilityProperty: true});
        for (const box of document.querySelectorAll('.widget-gridbox:has(> img)')) {
            const [image, canvas] = [box.querySelector('img'), box.querySelector('canvas')];
            const drawn = canvas && seen(canvas) && canvas.dataset.frame, shown = seen(image) && image.naturalWidth;
            if (image.complete && !drawn && !shown) window.blank++;
        }
        requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
}"""


@pytest.mark.slow
def test_no_picture_is_blank_when_the_page_could_not_load_in_time(jupyter):
    """The kernel tries other pages until one hears it."""
    jupyter.write("reload.ipynb", CELLS)
    notebook = jupyter.open("reload.ipynb")
    notebook.run_all()
    Panel(notebook, "lab = training_lab").press("Step", times=2)
    Panel(notebook, "other = training_lab").press("Step")
    pages = notebook.value("[each.canvas._page.model_id for each in (lab, other)]")
    notebook.page.evaluate("() => { window.jupyterapp.commands.execute('docmanager:save'); }")
    notebook.page.wait_for_function("() => !window.jupyterapp.shell.currentWidget.context.model.dirty")
    notebook.page.goto("about:blank")
    page = jupyter.page.context.new_page()
    try:
        page.add_init_script(f"({SLOW})()")
        again = open_notebook(page, jupyter.server, "reload.ipynb")
        page.wait_for_function("() => document.querySelectorAll('canvas.course-picture').length === 2", timeout=60_000)
        page.evaluate("() => { window.slow = false; }")
        page.wait_for_function("() => document.querySelectorAll('canvas[data-frame]').length === 2", timeout=60_000)
        assert page.evaluate("() => window.blank") == 0
        renewed = again.value("[each.canvas._page.model_id for each in (lab, other)]")
        assert not set(pages) & set(renewed)
        Panel(again, "lab = training_lab").press("Step")
        assert again.value("lab.model.epoch") == 3
    finally:
        page.close()
        jupyter.leave()
