"""The notebooks of the course, found in their folder, so that no test keeps a list of them."""

from pathlib import Path

FOLDER = Path(__file__).parents[2] / "notebooks" / "en"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
START_PAGE = FOLDER / "00_start_here.ipynb"
CHAPTERS = [path for path in NOTEBOOKS if path != START_PAGE]


def number_of(path):
    """The chapter's number in the name of its file: "6a" of 06a_images.ipynb."""
    return path.stem.partition("_")[0].removeprefix("0")
