"""The lab of voices: choose who is in the training data, train a GRU live, and see whom it understands afterwards."""

import ipywidgets as widgets
import numpy as np
from matplotlib.ticker import MaxNLocator

from ...datasets.speech import FLITE_VOICES
from ...pictures import style
from ...text import N_, say
from ..base.picture import PictureLab
from ..base.tables import Control
from .model import EPOCHS, GOALS, GROUPS, GUESSING, VoicesModel

SIZE = (960, 360)  # of the picture, in CSS pixels
STATIC_EPOCHS = 4  # a second or two: the cell that shows a lab should not keep its reader waiting
LOSS_LIMITS, NORM_LIMITS = (1e-3, 10), (1e-3, 100)
HEARD, UNHEARD = {"color": style.LIGHT_GREY, "hatch": "///"}, {"color": style.BLUE, "hatch": ""}


def voices_lab(name="voices", **settings):
    """The lab of voices, to be the last line of a cell. settings: voices, centred, clip, seed of `VoicesModel`.

    name   labs with different names may be open in one notebook; the same name again replaces the first
    """
    return VoicesLab(VoicesModel(**settings), name)


class VoicesLab(PictureLab):
    """Controls and picture of a `VoicesModel`."""

    size = SIZE
    question = N_("Which speaker helps which? And is it the voice that helps, or the luck of the seed?")
    goal_texts = {
        "understood": N_(
            "Goal: after {epochs} epochs, {share:.0%} or more on a speaker of flite that is not in the training data."
        ),
        "harmed": N_(
            "Goal: find a voice that costs another speaker {fall:.0%} of the answers or more when you add it, with the "
            "same seed."
        ),
    }
    facts = {"epochs": EPOCHS, "share": GOALS["understood"], "fall": GOALS["harmed"]}
    table = {
        "centred": Control(N_("subtract each utterance's mean")),
        "clip": Control(N_("Clip gradients at norm"), logarithmic=True),
        "seed": Control(N_("Seed"), slider=False),
    }
    rows = (("asked", *FLITE_VOICES, "centred"), ("train", "step", "reset", "clip", "seed"))

    def make_view(self, canvas):
        return View(canvas)

    def static_model(self):
        model = self.model.twin()
        model.advance(STATIC_EPOCHS * model.steps_an_epoch)
        return model

    def goal_text(self, name, text):
        best, harm = self.model.best, self.model.harm
        if name == "understood":
            return say("{goal} Your best so far: {best:.0%}.", goal=text, best=best) if best else text
        return say("{goal} The largest fall so far: {harm:.0%}.", goal=text, harm=harm) if harm else text

    def make_buttons(self):
        self.asked = widgets.Label(say("Speakers of flite in the training data:"))
        for voice in FLITE_VOICES:
            self.controls[voice] = self.switch(voice, voice in self.model.settings["voices"], self._switch(voice))
        return {
            "train": self.make_run_button(
                say("Train"), say("Train for {epochs} epochs; press again to pause", epochs=EPOCHS)
            ),
            "step": self.make_step_button(say("Step"), say("Pause and train one mini-batch")),
            "reset": self.make_reset_button(),
        }

    def show_controls(self):
        super().show_controls()
        for voice in FLITE_VOICES:
            self.controls[voice].show(voice in self.model.settings["voices"])

    def _switch(self, voice):
        def change(on):
            others = [v for v in self.model.settings["voices"] if v != voice]
            self.model.configure(voices=tuple([*others, voice] if on else others))
            self.redraw()

        return change


class View:
    """The picture: share right by group of voices on the left, loss and gradient norm by step on the right."""

    def __init__(self, canvas):
        self.canvas = canvas
        self._range = None
        with canvas.styled():
            self._make(canvas)

    def _make(self, canvas):
        self.share = canvas.axes(140, 48, 330, 270, xlim=(0, 1.13), ylim=(4.6, -0.6), title=say("Share right"))
        self.loss = canvas.axes(570, 208, 370, 110, yscale="log", ylim=LOSS_LIMITS, title=say("Loss"))
        self.norm = canvas.axes(570, 48, 370, 104, yscale="log", ylim=NORM_LIMITS)
        self.norm.set_title(say("Gradient norm, before clipping"))
        self.norm.set_xlabel(say("steps"))
        self.share.set_yticks(range(len(GROUPS)), [say("held-out accents"), *(f"flite, {v}" for v in FLITE_VOICES)])
        self.share.tick_params(axis="y", length=0)
        self.share.set_xticks(np.linspace(0, 1, 5), [f"{share:.0%}" for share in np.linspace(0, 1, 5)])
        self.share.axvline(GUESSING, color=style.BLACK, linestyle=":", linewidth=1.2, label=say("guessing"))
        for label, look in ((say("never heard"), UNHEARD), (say("in the training data"), HEARD)):
            self.share.barh([0], [0], label=label, edgecolor=style.GREY, **look)
        self.share.legend(
            loc="upper center", bbox_to_anchor=(0.5, -0.09), ncols=3, fontsize=9, handlelength=1.4, columnspacing=1.2
        )
        self.loss.tick_params(axis="x", labelbottom=False)
        bars = self.share.barh(range(len(GROUPS)), [0] * len(GROUPS), height=0.62, edgecolor=style.GREY, linewidth=0.5)
        self.bars = [canvas.moving(bar) for bar in bars]
        self.numbers = [canvas.moving(self.share.text(0, n, "", va="center", fontsize=10)) for n in range(len(GROUPS))]
        self.curve = canvas.line(self.loss, color=style.BLUE, linewidth=1.4)
        self.norms = canvas.line(self.norm, color=style.BLUE, linewidth=1.2)
        dot = {"linestyle": "", "marker": "o", "markersize": 5, "color": style.BLUE}
        self.last = [canvas.line(axes, **dot) for axes in (self.loss, self.norm)]
        self.limit = canvas.line(self.norm, color=style.VERMILLION, linestyle="--", linewidth=1.4)
        self.norm.plot([], [], color=style.VERMILLION, linestyle="--", label=say("limit"))
        self.norm.legend(loc="lower right", bbox_to_anchor=(1, 0.98), fontsize=9, borderaxespad=0)
        self.axes = canvas.layer(self.norm.xaxis)
        self.norm.xaxis.set_major_locator(MaxNLocator(6, integer=True))

    def show(self, model):
        last = EPOCHS * model.steps_an_epoch
        if last != self._range:
            self._range = last
            for axes in (self.loss, self.norm):
                axes.set_xlim(0, last)
            self.canvas.still_parts_changed()
        for group, bar, number in zip(GROUPS, self.bars, self.numbers, strict=True):
            share = model.shares[group][-1]
            look = HEARD if group in model.settings["voices"] else UNHEARD
            bar.set(width=share, facecolor=look["color"], hatch=look["hatch"])
            number.set(text=f"{share:.0%}", x=share + 0.015)
        steps = np.arange(1, len(model.losses) + 1)
        self.curve.set_data(steps, np.clip(model.losses, *LOSS_LIMITS))
        self.norms.set_data(steps, np.clip(model.norms, *NORM_LIMITS))
        for dot, curve in zip(self.last, (self.curve, self.norms), strict=True):
            dot.set_data(steps[-1:], curve.get_ydata()[-1:])
        self.limit.set_data([0, last], [model.settings["clip"]] * 2)
