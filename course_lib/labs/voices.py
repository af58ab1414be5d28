"""The lab of voices: choose who is in the training data, train a GRU live, and see whom it understands afterwards."""

import math
from functools import cache

import numpy as np

from .. import functional
from ..datasets.speech import DIGITS, FLITE_VOICES, PARTS, spoken_digits
from ..layers import GRU, Dense, Layer
from ..optimizers import Adam
from ..pictures import style
from ..schedules import Clipped
from ..text import N_, against, capitalised, say
from ..training import replays
from . import base
from .base.buttons import Button, Reset, Run
from .base.lab import Lab
from .base.model import BatchModel
from .base.settings import Number, Several, Switch

EPOCHS, BATCH, HIDDEN, RATE = 8, 32, 48, 0.005
GROUPS = ("held-out accents", *FLITE_VOICES)
GUESSING = 1 / len(DIGITS)
GOALS = {"understood": 0.95, "harmed": 0.05}  # a share to reach, and a fall to find


@cache
def _utterances():
    """(all of them, those of each group): one copy for all models, because they take memory."""
    data = spoken_digits()
    return data, {GROUPS[0]: data.part(GROUPS[0])[::3]} | {voice: data.of_voice(voice) for voice in FLITE_VOICES}


class Recogniser(Layer):
    """A GRU over the frames, and a dense layer on its last state: model(x, mask) -> logits (batch, 10)."""

    def __init__(self, bands, hidden, rng):
        self.gru = GRU(bands, hidden, rng=rng, dtype=np.float32)
        self.dense = Dense(hidden, 10, rng=rng, dtype=np.float32)

    def __call__(self, x, mask):
        return self.dense(self.gru(x, mask=mask)[:, -1])


class VoicesModel(BatchModel):
    """A network in training, and its accuracy on each group of voices.

    settings   voices: the flite voices that are added to the four training accents of espeak-ng; centred: whether the
               mean of each utterance is subtracted; clip: largest norm of a gradient; seed
    losses     of each step so far              norms   of the gradient before clipping, of each step so far
    shares     group -> share right after each epoch (a list; index 0 is before training)
    best       after complete trainings: the largest share right on a speaker of flite that was not trained on
    harm       the largest fall of such a share between two complete trainings that differ by one more voice alone
    """

    declared = {
        "voices": Several(FLITE_VOICES),
        "centred": Switch(True, label=N_("subtract each utterance's mean")),
        "clip": Number(0.01, 100.0, 1.0, label=N_("Clip gradients at norm"), logarithmic=True),
        "seed": Number(0, 99, 0, whole=True, label=N_("Seed"), slider=False),
    }
    live = {"clips": "clip"}
    persisted = {"best": Number(0.0, 1.0, 0.0), "harm": Number(0.0, 1.0, 0.0)}
    goals = tuple(GOALS)

    def __init__(self, **settings):
        self._data, self._groups = _utterances()
        self.best = self.harm = 0.0
        self._runs = {}  # (voices, other settings) -> share right on each speaker not trained on
        super().__init__(**settings)

    def _start(self):
        trained_on = self._data.of_voice(*PARTS["train"], *self.settings["voices"])
        real = self._centre(trained_on)[trained_on.mask == 1]
        self._scale = real.mean(axis=0), real.std(axis=0)
        self._x, self._mask, self._labels = self.prepare(trained_on), trained_on.mask, trained_on.labels
        self._inputs = {name: (self.prepare(part), part.mask, part.labels) for name, part in self._groups.items()}
        rng = np.random.default_rng(self.settings["seed"])
        self.model = Recogniser(self._x.shape[2], HIDDEN, rng)
        optimizer = Clipped(Adam(RATE), self.settings["clip"])
        data = self._x, self._mask, self._labels
        self._begin(replays(self.model, data, functional.softmax_cross_entropy, optimizer), optimizer, rng)
        self.norms = optimizer.norms
        self.shares = {name: [] for name in GROUPS}
        self._evaluate()

    def _centre(self, part):
        return part.features - part.average()[:, None] if self.settings["centred"] else part.features

    def prepare(self, part):
        """The network's input for some utterances: (n, time, bands)."""
        mean, deviation = self._scale
        return (self._centre(part) - mean) / deviation

    @property
    def steps_an_epoch(self):
        return math.ceil(len(self._labels) / BATCH)

    @property
    def finished(self):
        return self.epoch >= EPOCHS or self.bad

    def _step(self):
        self._optimizer.largest = self.settings["clip"]
        try:
            self._train_on_batch(RATE, len(self._labels), BATCH)
        finally:
            del self.norms[self.done :]  # of a step that was interrupted
        if self.done >= (self.epoch + 1) * self.steps_an_epoch:  # more: after an interrupt just here
            self._evaluate()

    @property
    def good(self):
        unheard = [self.shares[voice][-1] for voice in self.unheard]
        return self.finished and max(unheard, default=0) >= GOALS["understood"]

    def _reached_now(self):
        return [goal for goal, value in zip(GOALS, (self.best, self.harm), strict=True) if value >= GOALS[goal]]

    def _evaluate(self):
        shares = {
            name: float((self.model(x, mask).value.argmax(axis=1) == labels).mean())
            for name, (x, mask, labels) in self._inputs.items()
        }
        for name, share in shares.items():  # all of them, or none after an interrupt
            self.shares[name].append(share)
        self.epoch = len(self.shares[GROUPS[0]]) - 1  # before training, the first one
        if self.finished and self.unheard:
            self._compare({voice: self.shares[voice][-1] for voice in self.unheard})

    def _compare(self, shares):
        """Note a complete training, and compare it with those that had one voice more or one less."""
        voices = frozenset(self.settings["voices"])
        others = self.settings["centred"], self.settings["seed"], tuple(self.courses["clip"])
        self.best = max(self.best, *shares.values(), 0.0)
        self._runs[voices, others] = shares
        for (known, same), theirs in self._runs.items():
            if same == others and len(known ^ voices) == 1:
                fewer, more = (shares, theirs) if voices < known else (theirs, shares)
                self.harm = max([self.harm, *(fewer[voice] - share for voice, share in more.items())])

    @property
    def unheard(self):
        """The flite voices that are not trained on."""
        return [voice for voice in FLITE_VOICES if voice not in self.settings["voices"]]

    # Words

    def status(self):
        if self.problem:
            return capitalised(self.problem)
        accents = say("held-out accents {share:.0%}", share=self.shares["held-out accents"][-1])
        unheard = ", ".join(f"{voice} {self.shares[voice][-1]:.0%}" for voice in self.unheard)
        now = say("Not trained yet")
        if self.losses:
            now = say(
                "Epoch {epoch} of {epochs}, loss {loss:.3f}, gradient norm {norm:.2g}",
                epoch=self.epoch,
                epochs=EPOCHS,
                loss=float(np.mean(self.losses[-20:])),
                norm=self.norms[-1],
            )
        return say(
            "{now}: {accents}; flite speakers left out of training: {unheard}.",
            now=now,
            accents=accents,
            unheard=unheard or say("none of the four"),
        )

    def description(self):
        """What can be said of a run on any machine, after training: shares in broad classes."""
        voices = ", ".join(self.settings["voices"]) or say("none of flite")
        accents, unheard = self.shares["held-out accents"][-1], [self.shares[voice][-1] for voice in self.unheard]
        fewer = say("there is no share to measure, because none of them is left")
        if unheard:
            fewer = say("{points} points less, on average", points=against(100 * (accents - np.mean(unheard)), 5))
        return say(
            "After {epoch} epochs on {count:,} utterances, four accents of espeak-ng and {voices}: {good} right on held-out "
            "accents; on the speakers of flite never heard {fewer}.",
            epoch=self.epoch,
            count=len(self._labels),
            voices=voices,
            good=against(accents, 0.95, ".0%"),
            fewer=fewer,
        )


STATIC_EPOCHS = 4  # a second or two: the cell that shows a lab should not keep its reader waiting
LOSS_LIMITS, NORM_LIMITS = (1e-3, 10), (1e-3, 100)
HEARD, UNHEARD = {"color": style.LIGHT_GREY, "hatch": "///"}, {"color": style.BLUE, "hatch": ""}


class VoicesLab(Lab):
    """The lab of voices, to be the last line of a cell. settings: voices, centred, clip, seed of `VoicesModel`."""

    model_class = VoicesModel
    question = N_("Which speaker helps which? And is it the voice that helps, or the luck of the seed?")
    goal_texts = {
        "understood": N_(
            "Goal: reach {share:.0%} or more after {epochs} epochs on a speaker of flite that is not in "
            "the training data."
        ),
        "harmed": N_(
            "Goal: find a voice that does harm. When you add this voice and keep the seed, the network should lose "
            "at least {fall:.0%} of all answers on another speaker."
        ),
    }
    facts = {"epochs": EPOCHS, "share": GOALS["understood"], "fall": GOALS["harmed"]}
    actions = {
        "train": Run(N_("Train"), N_("Train for {epochs} epochs; press again to pause")),
        "step": Button(N_("Step"), "_step", N_("Pause and train one mini-batch")),
        "reset": Reset(),
    }
    rows = (("asked", *FLITE_VOICES, "centred"), ("train", "step", "reset", "clip", "seed"))

    @property
    def static_steps(self):
        return STATIC_EPOCHS * self.model.steps_an_epoch

    def goal_text(self, name, text):
        best, harm = self.model.best, self.model.harm
        if name == "understood":
            return say("{goal} Your best so far: {best:.0%}.", goal=text, best=best) if best else text
        return say("{goal} The largest fall so far: {harm:.0%}.", goal=text, harm=harm) if harm else text

    def make_buttons(self):
        self.asked = base.panel.widgets.Label(say("Speakers of flite in the training data:"))
        for voice in FLITE_VOICES:
            change = self.showing(self._choose, voice)
            self.controls[voice] = self.switch(voice, voice in self.model.settings["voices"], change)
        return super().make_buttons()

    def show_controls(self):
        super().show_controls()
        for voice in FLITE_VOICES:
            self.controls[voice].show(voice in self.model.settings["voices"])

    def _choose(self, voice, on):
        others = {*self.model.settings["voices"]} - {voice}
        self.model.configure(voices={*others, voice} if on else others)

    # The picture

    def make(self, canvas):
        """Share right by group of voices on the left, loss and gradient norm by step on the right."""
        from matplotlib.ticker import MaxNLocator

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

    def show(self):
        model = self.model
        last = EPOCHS * model.steps_an_epoch
        if self.canvas.differs("range", last):
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
