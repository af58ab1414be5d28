"""How the parts of a panel stand: side by side, in columns, below each other."""

import ipywidgets as widgets


class Grid(tuple):
    """Names of small controls that stand in columns of one width."""

    __slots__ = ()


class Folded(dict):
    """Title -> rows of names: what is rarely used, folded below its title. One of them is open at a time, or none."""


def fold(parts):
    """Parts below their titles, a dict from title to widget; all are folded."""
    return widgets.Accordion(
        [*parts.values()], titles=[*parts], selected_index=None, layout=widgets.Layout(margin="0", width="100%")
    )


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
