"""Drawing on a sheet of buttons: a stroke of mouse, pen or finger presses each button that it passes (`strokes.js`).

Each button can still be pressed by itself, with a key too; where a page cannot run these lines, that is the way.
"""

from pathlib import Path

from anywidget import AnyWidget


class Strokes(AnyWidget):
    """Lets one draw on the sheet, a box of buttons with the class SHEET, in the same row; it takes no room itself."""

    _esm = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")
    SHEET = "course-sheet"

    def __init__(self):
        super().__init__(layout={"width": "0", "height": "0", "margin": "0", "overflow": "hidden"})
