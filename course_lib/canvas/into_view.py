"""A panel without a picture comes into view when its cell has been run, as a lab does (`into_view.js`)."""

from pathlib import Path

from anywidget import AnyWidget

_RENDER = (
    "export default { render: ({ el }) => void setTimeout(() => bringIntoView(el), 100) };\n"  # when it has its size
)


class IntoView(AnyWidget):
    """Brings the output in which it stands into view; it takes no room itself."""

    _esm = Path(__file__).with_suffix(".js").read_text(encoding="utf-8") + _RENDER

    def __init__(self):
        super().__init__(layout={"width": "0", "height": "0", "margin": "0", "overflow": "hidden"})
