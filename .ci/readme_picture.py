"""Make the animation of the README: the training lab of chapter 5 in a real JupyterLab, while its rate is raised.

python .ci/readme_picture.py      writes .github/training_lab.webp
"""

import io
import shutil
import sys
import tempfile
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
from tests.browser.jupyter import lab_page, lab_server, open_notebook  # noqa: E402

CHAPTER = "notebooks/en/05_practice.ipynb"
FRAMES, EVERY = 30, 150  # pictures, and milliseconds between them
RATES = {0: "0.3", 4: "3", 14: "8"}  # at which picture which rate is typed


def main():
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(ROOT / "notebooks", Path(folder) / "notebooks")
        with lab_server(folder) as server, lab_page(1100, 1000) as page:
            notebook = open_notebook(page, server, CHAPTER)
            notebook.run_all()
            panel = page.locator(".jupyter-widgets.widget-vbox", has=page.get_by_text("Which learning rate")).first
            panel.scroll_into_view_if_needed()
            notebook.execute("lab.controls['epochs'].set(200); lab.controls['speed'].set(1)")
            pictures = [film(page, panel, number) for number in range(FRAMES)]
    pictures[0].save(
        ROOT / ".github" / "training_lab.webp",
        save_all=True,
        append_images=pictures[1:],
        loop=0,
        duration=[EVERY] * (FRAMES - 1) + [2500],
        quality=70,
        method=4,
    )


def film(page, panel, number):
    """Act as a reader would at this picture, wait, and take it."""
    if number in RATES:
        text = panel.get_by_role("textbox").first
        text.fill(RATES[number])
        text.press("Enter")
    if number == 1:
        panel.get_by_role("button", name="Train").click()
    page.wait_for_timeout(EVERY)
    return Image.open(io.BytesIO(panel.screenshot())).convert("RGB")


if __name__ == "__main__":
    main()
