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
FRAMES, EVERY = 30, 150  # pictures, and milliseconds between them
RATES = {0: "0.3", 4: "3", 14: "8"}  # at which picture which rate is typed


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
    notebook.value(
        "[lab.controls['epochs'].set(100), lab.controls['speed'].set(20), lab.panel.add_class('filmed')][:2]"
    )
    panel = page.locator(".filmed")
    panel.scroll_into_view_if_needed()
    pictures = [film(page, panel, number) for number in range(FRAMES)]
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


def film(page, panel, number):
    """Act as a reader would at this picture, wait, and take it."""
    if number in RATES:
        text = panel.get_by_role("textbox").first
        text.fill(RATES[number])
        text.press("Enter")
    if number == 1:
        panel.locator("button.mod-primary").click()
    page.wait_for_timeout(EVERY)
    return Image.open(io.BytesIO(panel.screenshot())).convert("RGB")


if __name__ == "__main__":
    main()
