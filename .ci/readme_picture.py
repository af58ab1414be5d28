"""Make the animations of both READMEs: the training lab of chapter 5 in a real JupyterLab, while its rate is raised.

python .ci/readme_picture.py      writes .github/training_lab.webp and .github/training_lab.zh.webp
"""

import io
import os
import shutil
import sys
import tempfile
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
from tests.browser.jupyter import lab_page, lab_server, open_notebook  # noqa: E402

PICTURES = {"en": "training_lab.webp", "zh": "training_lab.zh.webp"}
FRAMES, EVERY, EPOCHS = 36, 150, 3  # pictures, milliseconds and epochs between them: as at 20 epochs a second
RATES = {0: "0.3", 6: "3", 16: "8"}  # at which picture which rate is typed


def main():
    os.environ["COURSE_ANSWERS"] = "off"  # no lab remembers the picture before
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(ROOT / "notebooks", Path(folder) / "notebooks")
        with lab_server(folder) as server, lab_page(1100, 1000) as page:
            for language, name in PICTURES.items():
                write(ROOT / ".github" / name, animation(page, server, language))


def animation(page, server, language):
    """The pictures of the lab in one of the languages."""
    notebook = open_notebook(page, server, f"notebooks/{language}/05_practice.ipynb")
    notebook.run_all()
    notebook.execute(f"lab.controls['epochs'].set({EPOCHS * FRAMES})\n_ = lab.panel.add_class('filmed')")
    panel = page.locator(".filmed")
    panel.scroll_into_view_if_needed()
    pictures = [film(notebook, panel, number) for number in range(FRAMES)]
    notebook.close()
    return pictures


def write(path, pictures):
    pictures[0].save(
        path,
        save_all=True,
        append_images=pictures[1:],
        loop=0,
        duration=[EVERY] * (FRAMES - 1) + [2500],
        quality=70,
        method=4,
    )


def film(notebook, panel, number):
    """Act as a reader would at this picture, let the lab train on, and take it, however long that takes."""
    if number in RATES:
        text = panel.get_by_role("textbox").first
        text.fill(RATES[number])
        text.press("Enter")
    if number:
        notebook.execute(f"for _ in range({EPOCHS}): lab.buttons['step'].click()")
    notebook.page.wait_for_timeout(2 * EVERY)
    return Image.open(io.BytesIO(panel.screenshot())).convert("RGB")


if __name__ == "__main__":
    main()
