"""The speed lab: one training step of the same network, timed here and in each framework, as the network grows."""

import numpy as np

from ...pictures import style
from ...text import N_, say
from ..base.artists import Canvas
from ..base.picture import PictureLab
from ..base.tables import Control
from .model import AIM, OURS, WIDTHS, SpeedModel, recorded_growth, recorded_ratio

SIZE = (960, 384)
LOOKS = {
    "PyTorch": (style.VERMILLION, "s", "--"),
    "TensorFlow": (style.ORANGE, "^", "-."),
    "JAX": (style.GREEN, "D", ":"),
}
RATIOS, GROWTH = (0.3, 60), (0.6, 3e3)  # what the axes show
OPEN = 0  # the width of a prediction that has not been made


def speed_lab(batch=64, name="speed"):
    """The speed lab, to be the last line of a cell. batch: examples a step, 1, 16, 64 or 256."""
    return SpeedLab(SpeedModel(batch), name)


class SpeedLab(PictureLab):
    """Controls and picture of a `SpeedModel`."""

    size = SIZE
    question = N_("Where do the curves run level, where do they rise, and what takes the time in either part?")
    goal_texts = {
        "crossing predicted": N_(
            "Goal: predict, to a factor of 2, from which width PyTorch takes at most {aim:g} times our time."
        ),
    }
    facts = {"aim": AIM}
    table = {"batch": Control(N_("Batch size"), pauses=True)}
    rows = (("batch", "prediction", "measure", "reset"),)
    lines_of_status = 2

    def make_view(self, canvas):
        return View(canvas)

    def draw(self):
        model = self.model
        self.draw_news(model.settings["batch"], len(model.widths), model.predicted)

    def static(self):
        """The recorded curves: a picture that is the same on every machine."""
        canvas = Canvas(*SIZE)
        View(canvas).show_recorded(self.model.settings["batch"])
        return canvas.frame(), self.model.description()

    def status_text(self):
        model = self.model
        if not self.running or model.finished:
            return model.status()
        return say("Measuring width {width}. {sentence}", width=model.due, sentence=model.status())

    def goal_text(self, name, text):
        model = self.model
        if model.predicted is None:
            return text
        if not model.finished:
            return say("{goal} Noted: {width}.", goal=text, width=model.predicted)
        crossing = model.crossing()
        found = say("it is {width}", width=crossing) if crossing else say("it is none of these")
        return say("{goal} You said {width}, {found}.", goal=text, width=model.predicted, found=found)

    def make_buttons(self):
        self.controls["prediction"] = self.choice(
            say("Your prediction: width"), OPEN, {say("choose"): OPEN} | {str(w): w for w in WIDTHS}, self._predict
        )
        return {
            "measure": self.make_run_button(say("Measure"), say("Time every width, in turns; press again to pause")),
            "reset": self.make_reset_button(say("Forget all measurements")),
        }

    def show_controls(self):
        super().show_controls()
        self.controls["prediction"].show(self.model.predicted or OPEN)

    def _predict(self, width):
        if width == OPEN:
            return
        try:
            self.model.predict(width)
        finally:
            self.redraw()


class View:
    """The picture: time of a step in each framework with ours = 1 on the left, the growth of our own step on the right."""

    def __init__(self, canvas):
        self.canvas = canvas
        with canvas.styled():
            self.axes = canvas.axes(70, 54, 500, 252, xscale="log", yscale="log", ylim=RATIOS)
            self.axes.set_title(
                say("Processor time of a training step, course_lib = 1"), pad=42
            )  # the legend lies between
            self.growth = canvas.axes(650, 54, 290, 252, xscale="log", yscale="log", ylim=GROWTH)
            self.growth.set_title(say("Our step, width 8 = 1"), pad=42)
            for axes in (self.axes, self.growth):
                axes.set(xlim=(6.5, 1300), xlabel=say("width of the hidden layers"))
                axes.set_xticks(WIDTHS, [str(width) for width in WIDTHS], fontsize=9)
                axes.set_xticks([], minor=True)
                axes.tick_params(axis="x", length=0)
            self.axes.set_yticks([0.5, 1, 2, 5, 10, 20, 50], ["0.5", "1", "2", "5", "10", "20", "50"])
            self.axes.set_yticks([], minor=True)
            self.growth.set_yticks([1, 10, 100, 1000], ["1", "10", "100", "1,000"])
            self.growth.set_yticks([], minor=True)
            self.axes.axhline(1, color=style.BLUE, linewidth=2)
            self.axes.axhline(AIM, color=style.GREY, linewidth=1, linestyle=":")
            self.lines = {}
            for name, (colour, marker, line) in LOOKS.items():
                self.lines[name] = canvas.line(self.axes, linestyle=line, marker=marker, color=colour, linewidth=1.6)
            self.ours = canvas.line(self.growth, "-", marker="o", color=style.BLUE)
            self.guess = canvas.line(self.axes, linestyle="-", color=style.BLACK, linewidth=1.2)
        self._legend = None

    def show(self, model):
        self._names({name: say("here") if model.measured(name) else say("recorded") for name in LOOKS})
        widths = model.widths
        for name, line in self.lines.items():
            line.set_data(widths, [np.clip(model.ratio(name, width), *RATIOS) for width in widths])
        known = WIDTHS[0] in widths
        self.ours.set_data(widths if known else [], [model.growth(width) for width in widths] if known else [])
        guess = model.predicted
        self.guess.set_data([guess, guess] if guess else [], RATIOS if guess else [])

    def show_recorded(self, batch):
        self._names(dict.fromkeys(LOOKS, say("recorded")))
        for name, line in self.lines.items():
            line.set_data(WIDTHS, [np.clip(recorded_ratio(name, width, batch), *RATIOS) for width in WIDTHS])
        self.ours.set_data(WIDTHS, recorded_growth(batch))

    def _names(self, where):
        if where == self._legend:
            return
        self._legend = where
        with self.canvas.styled():
            handles = [self.axes.plot([], [], color=style.BLUE, linewidth=2)[0]]
            names = [OURS]
            for name, (colour, marker, line) in LOOKS.items():
                handles += self.axes.plot([], [], linestyle=line, marker=marker, color=colour, linewidth=1.6)
                names.append(say("{name} ({where})", name=name, where=where[name]))
            self.axes.legend(handles, names, loc="lower left", bbox_to_anchor=(-0.02, 1.0), ncols=2, fontsize=9)
        self.canvas.still_parts_changed()
