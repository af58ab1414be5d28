"""The pictures of labs that the teacher's guide shows, taken in the browser, in either language."""

import io
import os
import re

import chapter_files
import pytest
from PIL import Image

NOTEBOOKS = chapter_files.FOLDER.parent
GUIDE = (chapter_files.FOLDER / "teaching.md").read_text(encoding="utf-8")
STORING = os.environ.get("COURSE_PICTURES") == "store"  # `make pictures`
PRESSES = {"stepper": 9, "graph": 4}  # of the main button, before the guide shows the lab


def shown_lab(chapter):
    """The name of the lab that the guide shows of a chapter: its picture is called "The NAME lab" or "The NAME:"."""
    return re.search(rf"^!\[The (.+?)(?: lab\b|:).*\]\(pictures/{chapter}\.webp\)$", GUIDE, re.MULTILINE)[1].lower()


def picture_for_the_guide(chapter):
    """The lab that the guide shows of a chapter, a `Labs`: its main button, if it has one, was pressed, and it has done its
    work, or a quarter of a minute of it.
    """
    lab = next(lab for lab in chapter.labs if lab["name"] == shown_lab(chapter.name))
    main = lab["panel"].locator("button.mod-primary")
    for _ in range(PRESSES.get(lab["name"], 1) if main.count() else 0):  # none where the first case is measured
        main.first.press("Enter")
    for _ in range(60):
        chapter.notebook.page.wait_for_timeout(250)
        if not chapter.look(lab, "the main button", error=False)["running"]:
            break
    chapter.rest(lab)
    return Image.open(io.BytesIO(lab["panel"].screenshot())).convert("RGB")


def expect_as_stored(chapter, language):
    """Take the chapter's picture, and compare its size with the stored one, for numbers in labs may differ by machine."""
    path, picture = NOTEBOOKS / language / "pictures" / f"{chapter.name}.webp", picture_for_the_guide(chapter)
    if STORING:
        path.parent.mkdir(exist_ok=True)
        picture.save(path, quality=80, method=6)
    with Image.open(path) as shown:
        assert shown.size == pytest.approx(picture.size, rel=0.03), f"{path} is out of date: make pictures"
