"""How the parts of a panel stand: side by side, in columns, below each other."""

import ipywidgets as widgets

from .controls import button


class Grid(tuple):
    """Names of small controls that stand in columns of one width."""

    __slots__ = ()


class Folded(dict):
    """Title -> rows of names: what is rarely used, folded below its title."""


class Fold:
    """A part of a panel that a button shows and hides.

    button   what is pressed, with the title on it          body   what is shown then: a widget
    """

    def __init__(self, title, body):
        self.title, self.body = title, body
        self.button = button(self._label(False), self._toggle)
        self.is_open = False

    @property
    def is_open(self):
        return self.body.layout.display != "none"

    @is_open.setter
    def is_open(self, is_open):
        self.body.layout.display = "" if is_open else "none"
        self.button.description = self._label(is_open)

    def _toggle(self):
        self.is_open = not self.is_open

    def _label(self, is_open):
        return f"{_OPEN if is_open else _CLOSED} {self.title}"


_OPEN, _CLOSED = "\N{BLACK DOWN-POINTING SMALL TRIANGLE}", "\N{BLACK RIGHT-POINTING SMALL TRIANGLE}"


def row(*parts, gap="8px"):
    """Widgets side by side, wrapping on a narrow page."""
    return widgets.HBox(
        [getattr(part, "widget", part) for part in parts],
        layout=widgets.Layout(flex_flow="row wrap", align_items="center", grid_gap=f"4px {gap}"),
    )


def grid(*parts):
    """Small controls in columns of one width, as many as fit: four on a page of 1,100 pixels."""
    return widgets.GridBox(
        [part.widget for part in parts],
        layout=widgets.Layout(grid_template_columns="repeat(auto-fill, minmax(226px, 1fr))", grid_gap="4px"),
    )


def column(*parts):
    """The panel of a lab: parts below each other, no wider than a notebook page."""
    return widgets.VBox(
        [getattr(part, "widget", part) for part in parts],
        layout=widgets.Layout(max_width="1000px", grid_gap="4px", overflow="hidden"),
    )
