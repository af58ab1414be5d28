"""What almost every lab is: a model, one picture of it, and a panel of controls around the picture.

Here is what such labs have in common; how a lab runs, what it says, and what becomes of errors is in `base.py`.
"""

import time

import ipywidgets as widgets

from ...text import say
from .base import Lab, column
from .canvas import Canvas
from .controls import INITIAL, ChoiceControl, NumberControl, SwitchControl, button, typed_number


class PictureLab(Lab):
    """A lab that shows a model. A subclass sets `size`, and defines `make_view`, `make_controls` and `refresh`.

    size                 of the picture, in CSS pixels
    piece                seconds of work in a frame, which lasts 0.033 and draws in about 0.008
    make_view(canvas)    what draws on a canvas: an object with `show(model)`
    make_controls()      fills `controls` and `buttons`, and calls `make_panel`
    """

    size = (960, 360)
    piece = 0.016
    _drawn = None

    def __init__(self, model, name):
        self.name = name
        super().__init__()
        self.model = model
        self.canvas = Canvas(*self.size)
        self.view = self.make_view(self.canvas)
        self.make_controls()
        self.refresh()

    def work(self):
        began = time.perf_counter()
        self.model.advance(enough=lambda: time.perf_counter() - began > self.piece)
        return not self.model.finished

    def draw(self):
        """The first part of every `refresh`."""
        self.view.show(self.model)
        self.canvas.draw()

    def draw_news(self, *facts):
        """As `draw`, where most pieces of work change nothing that can be seen: only when a fact has changed."""
        if facts != self._drawn:
            self._drawn = facts
            self.draw()

    def static(self):
        """The model as it is; a lab that opens on an untrained model shows a trained one: `picture(other_model)`."""
        return self.picture(self.model)

    def picture(self, model):
        """(PNG bytes, alternative text) of a model."""
        canvas = Canvas(*self.size)
        self.make_view(canvas).show(model)
        return canvas.frame(), model.description()

    def pausing(self, action, *arguments):
        """A callback that pauses, does something to the model, and shows it."""

        def act(*values):
            self.stop()
            action(*arguments, *values)
            self.redraw()

        return act

    # Making the panel

    def make_panel(self, *parts):
        """Goals, the rows of controls, the picture, status and errors, below each other."""
        self.panel = column(self.goal_line, *parts, self.canvas.image, self.status_line, self.error_line)

    def two_lines_of_status(self):
        """Room for a long sentence, so that what is below does not jump."""
        self.status_line.layout.min_height = "50px"

    def number(self, label, value, limits, change, **options):
        """A number within its limits; change(number) is called with each new one."""
        return NumberControl(label, value, *limits, on_change=self.safely(change), on_error=self.error, **options)

    def switch(self, label, value, change):
        return SwitchControl(label, value, on_change=self.safely(change))

    def choice(self, label, value, options, change):
        """One of `options`, a dict from what is shown to what is meant."""
        return ChoiceControl(label, value, options, on_change=self.safely(change))

    def button(self, label, action, **options):
        return button(label, self.safely(action), **options)

    def make_reset_button(self, tooltip=None):
        return self.button(say("Reset"), self._reset, tooltip=tooltip or say("Back to the same initial weights"))

    def make_arrows(self, move, **tooltips):
        """Four small buttons; move(down, right) is called with how far, in rows and columns."""
        made = {
            name: self.button(sign, self.pausing(move, *step), tooltip=tooltips[name])
            for name, (sign, *step) in ARROWS.items()
        }
        for arrow in made.values():
            arrow.layout.width, arrow.layout.padding = "36px", "0"
        return made

    def make_prediction(self, description, width, placeholder=None):
        """The line in which a reader predicts a number, for `self.model.predict`."""
        line = widgets.Text(
            continuous_update=False,
            style=INITIAL,
            layout=widgets.Layout(width=f"{width}px", max_width="98%"),
            description=description,
            placeholder=placeholder or say("type a number, press Enter"),
        )

        def typed(written):
            if written.strip():
                self.model.predict(typed_number(written))
                self.redraw()

        typed = self.safely(typed)
        line.observe(lambda change: typed(change["new"]), "value")
        # Enter on a number that is there already changes nothing, and still is an answer: it may have come too early before.
        line.on_msg(lambda _, content, buffers: typed(line.value) if content.get("event") == "submit" else None)
        return line

    # What several labs' controls do

    def _new_rate(self, rate):
        self.model.set_rate(rate)
        self.redraw()

    def _new_start(self):
        self.model.new_start()
        self.controls["seed"].show(self.model.settings.seed)
        self.redraw()


ARROWS = {
    "left": ("\N{LEFTWARDS ARROW}", 0, -1), "right": ("\N{RIGHTWARDS ARROW}", 0, 1),
    "up": ("\N{UPWARDS ARROW}", -1, 0), "down": ("\N{DOWNWARDS ARROW}", 1, 0),
}  # fmt: skip


def show_ghosts(lines, runs):
    """The latest of several earlier runs as lines; a run is a list of points (x, y)."""
    for line, run in zip(lines, [*runs[::-1], *[[]] * len(lines)], strict=False):
        line.set_data(*zip(*run, strict=True) if run else ([], []))
