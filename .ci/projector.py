"""Copy an edition of the course for the projector: its pages with the code folded, in build/projector.

python .ci/projector.py notebooks/en/05_practice.ipynb      writes build/projector/en, all chapters of that edition

Cells that ask for an answer, exercises and predictions, stay open. The copy has answers of its own, those that the class gives
on the projector, and begins without any. `make projector` opens it in JupyterLab with settings of its own: JupyterLab takes the
sizes of letters from a user's settings alone, and not from an `overrides.json`.
"""

import json
import re
import shutil
import sys
from pathlib import Path

from execute_notebooks import ROOT, read, to_bytes

FOLDER = ROOT / "build" / "projector"  # ignored by git
SETTINGS = FOLDER / ".settings"  # JupyterLab's user settings for the projector; it may write there
SIZES = {"content-font-size1": "20px", "code-font-size": "18px", "ui-font-size1": "15px"}
ASKS = re.compile(r"(?<![\w.])(?:check|predict|arrange)\(")


def folded(notebook):
    """The notebook with the code of each cell folded that asks for nothing."""
    for cell in notebook.cells:
        if cell.cell_type == "code" and not ASKS.search(cell.source):
            cell.metadata.setdefault("jupyter", {})["source_hidden"] = True
    return notebook


def main(paths):
    shutil.rmtree(FOLDER, ignore_errors=True)
    for edition in {Path(path).resolve().parent for path in paths}:
        copy = FOLDER / edition.name
        shutil.copytree(edition, copy, ignore=shutil.ignore_patterns("answers.json", ".*"))
        for path in copy.glob("*.ipynb"):
            path.write_bytes(to_bytes(folded(read(path))))
        print(copy.relative_to(ROOT))
    themes = SETTINGS / "@jupyterlab" / "apputils-extension" / "themes.jupyterlab-settings"
    themes.parent.mkdir(parents=True)
    themes.write_text(json.dumps({"overrides": SIZES}), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
