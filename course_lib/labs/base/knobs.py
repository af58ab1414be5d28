"""What the knob of a slider tells a screen reader: its name, and its value as it is written beside it.

The knob of ipywidgets has no name, and says its position; neither has the number beside it, and the key End goes to where
the slider once ended. A few lines on the page (`knobs.js`) mend that; where a page cannot run them, the text box beside a
slider tells the same.
"""

from pathlib import Path

import ipywidgets as widgets
from anywidget import AnyWidget
from traitlets import List, Unicode


class Knob(AnyWidget):
    """Speaks for the slider that stands in the same row of a panel; it takes no room itself.

    label    what the slider is called
    texts    what is said at each position, from 0; [] where positions are the numbers themselves
    said     [position, text] of the present value, which may lie between two positions
    """

    _esm = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")  # a text: of a Path anywidget keeps each knob
    label = Unicode().tag(sync=True)
    texts = List().tag(sync=True)
    said = List().tag(sync=True)

    def __init__(self, label, texts=(), said=()):
        unseen = {"width": "0", "height": "0", "margin": "0", "overflow": "hidden"}
        super().__init__(label=label, texts=list(texts), said=list(said), layout=unseen)


def with_knob(slider):
    """A slider whose positions are the numbers themselves, in a row with what speaks for it."""
    return widgets.HBox([slider, Knob(slider.description)])
