"""The descent lab: a point walks down a curve or contours, alone or in a race, at a rate that can be turned meanwhile."""

import html
import time
from functools import partial

from ...text import N_, say
from .. import base
from ..base.buttons import Button, Reset, Run
from ..base.lab import TEXTS, Folded, Lab
from ..base.pace import Pace
from .model import DescentModel
from .picture import SIZE, View
from .race import LONGEST, PREVIEW, RACERS, RATE_LIMITS, label
from .rate_scan import RATES

RACE_TEXTS = 72  # CSS pixels of four lines of status: what has become of each racer


class DescentLab(Lab):
    """The descent lab, to be the last line of a cell.

    name         labs with different names may be open in one notebook; the same name again replaces the first
    surface      "parabola", "double well" (curves); "bowl", "valley", "saddle", "two minima", "plateau", "rosenbrock"
    rate         learning rate of gradient descent, and of momentum at first
    start        numbers, one a parameter; None: the surface's own start
    optimizers   names of those that race from the same start: "GradientDescent", "Momentum", "RMSProp", "Adam"; with
                 others than gradient descent it opens with the controls of a race, else these are below More
    beta         of momentum                                rates  dict optimizer -> its own learning rate
    """

    size, look = SIZE, 0.36  # from the minimum to the start
    speed = 30  # steps a second; 0 stands for as many as fit
    facts = {"count": len(RATES)}
    actions = {
        "run": Run(N_("Run"), N_("Walk until it converges or diverges; press again to pause")),
        "step": Button(N_("Step"), "_step", N_("Pause and take one step")),
        "reset": Reset(N_("Back to the start")),
        "limit": Button(
            N_("Show 2/λmax"),
            "_show_limit",
            N_("Mark the limit that the theory gives: 2 divided by the largest curvature, λmax"),
            off=lambda model: model.limit is None or model.limit_shown,
        ),
        "next": Button(N_("Next surface"), "_next_surface", N_("Go on once the goal is reached")),
        "scan": Button(
            N_("Find each best rate"),
            "_scan",
            N_("Try the same {count} rates with every optimizer"),
            off=lambda model: not model.surface.minima,
            icon="search",
        ),
    }
    rows = (("run", "step", "reset", "scan", "rate"), ("surface", "limit", "next", "beta", "own_rates"))
    below = (Folded({N_("More"): (("u", "v"), ("optimizers", "speed", "preview"))}),)
    race_rows = (("run", "step", "reset", "scan", "rate", "speed"), ("surface", "optimizers", "beta"), "own_rates")
    race_below = (Folded({N_("More"): (("u", "v"), ("limit", "next", "preview"))}),)

    def __init__(
        self,
        name="descent",
        surface="valley",
        rate=0.02,
        start=None,
        optimizers=("GradientDescent",),
        beta=0.9,
        rates=None,
    ):
        model = DescentModel(surface, start, optimizers, beta, rate, rates)
        if model.settings["optimizers"] != RACERS[:1]:
            self.rows, self.below = self.race_rows, self.race_below
        self.open(model, name)

    def make(self, canvas):
        self.view = view = View(canvas)
        canvas.hand.handle("start", view.plane, self.safely(self._start_dragged))
        canvas.hand.clicking(view.plane, self.safely(self._start_dragged))
        canvas.hand.reading(view.plane, self._loss_at)
        canvas.hand.reading(view.rates, self._steps_at)

    def show(self):
        self.view.show(self.model)

    def work(self):
        began = time.perf_counter()
        if self.model.scanning:
            self._pace.rest()
            self.model.advance_scans(lambda: self._loop is not None and time.perf_counter() - began > 0.02)
            return self.model.scanning
        if not self.speed or self._loop is None:
            self.model.advance(LONGEST, enough=lambda: time.perf_counter() - began > 0.012)
        else:
            self.model.advance(
                self._pace.due(self.speed, at_once=self._woken), enough=lambda: time.perf_counter() - began > 0.02
            )
        return not self.model.finished

    def draw(self):
        start = self.model.settings["start"]
        u, v = start if len(start) > 1 else (*start, self.model.surface.value(start))
        self.canvas.hand.place("start", say("Start"), u, v)
        super().draw()

    def static_model(self):
        """The finished run; of a race, with the best rate of each."""
        model = self.model.twin()
        if len(model.racers) > 1 and model.surface.minima:
            model.scan()
            model.advance_scans()
        model.advance(5000)
        return model

    # Goals: which ones are asked for depends on the surface, and on whether several race

    def show_goals(self):
        self.goals(self._question(), self._goals())

    def _question(self):
        if not self.model.surface.minima:
            return say("The gradient is zero at the saddle. Does descent stay there, and what decides it?")
        if len(self.model.racers) > 1:
            return say(
                "Each optimizer has a rate of its own. Which one arrives first at its best rate, and is it "
                "the same one on every surface?"
            )
        return say("What happens to the number of steps as the rate grows, and where does it end?")

    def _goals(self):
        model, reached, surface = self.model, self.model.reached, self.model.settings["surface"]
        if model.limit is None:
            return [
                (say("Goal: find a start from which descent ends at the saddle."), "rests" in reached),
                (say("Then move that start by a hair. Does descent still end there?"), "leaves" in reached),
            ]
        if len(model.racers) > 1:
            goals = [(say("Goal: run a race in which all arrive, each at its best rate."), "fair race" in reached)]
            if surface == "valley" and "Momentum" in model.settings["optimizers"]:
                third = say(
                    "Goal: choose β and the rate of momentum so that it needs a third of the steps that gradient descent "
                    "needs at its best."
                )
                goals.append((third, "a third" in reached))
            return goals
        goal = say(
            "Goal: on the {surface}, find the largest rate with which gradient descent still converges (to 5 %).",
            surface=say(surface),
        )
        if model.best is not None:
            goal = say("{goal} Your best so far: {best:g}.", goal=goal, best=model.best)
        if not model.limit_found:
            return [(goal, False)]
        return [(goal, True), (say("Next surface: {surface}.", surface=say(model.next_surface)), False)]

    # Controls

    def make_buttons(self):
        self._pace, model, c = Pace(), self.model, self.controls
        races = {say("gradient descent"): RACERS[:1]}
        races |= {say("gradient descent and {other}", other=label(name)): (RACERS[0], name) for name in RACERS[1:]}
        races |= {say("all four"): RACERS}
        speeds = {say("3 steps a second"): 3, say("30 steps a second"): 30, say("300 steps a second"): 300}
        speeds |= {say("as fast as possible"): 0}  # as many as fit
        choose = self.pausing(self._change, "optimizers")
        c["optimizers"] = self.choice(say("Race"), model.settings["optimizers"], races, choose)
        c["rate"] = self.number(say("Learning rate"), model.rate, RATE_LIMITS, self._new_rate, logarithmic=True)
        for name in RACERS:
            c[name].label = say("Rate of {name}", name=label(name))  # in a sentence
            text = c[name].text  # room for 0.00158, and for the letter m, which is twice as wide as most
            more = 18 + 6 * label(name).lower().count("m")
            text.layout.width = f"{int(text.layout.width.removesuffix('px')) + more}px"
        heading, own = say("Rates"), [c[name] for name in RACERS]
        pairs = (base.panel.row(*own[:2]), base.panel.row(*own[2:]))  # on a narrow page below each other
        self.own_rates = base.panel.row(base.panel.widgets.HTML(html.escape(heading)), *pairs, name=heading)
        start = model.settings["start"]
        c["u"] = self.number(say("Start u"), start[0], (-1, 1), self._start_moved, step=0.1)
        c["v"] = self.number(say("Start v"), start[-1], (-1, 1), self._start_moved, step=0.1)
        c["speed"] = self.choice(say("Speed"), self.speed, speeds, partial(setattr, self, "speed"))
        show = self.showing(setattr, model, "shows_preview")
        c["preview"] = self.switch(say("Show the first {count} steps", count=PREVIEW), model.shows_preview, show)
        return super().make_buttons()

    def show_controls(self):
        super().show_controls()
        model, c = self.model, self.controls
        for name, value in {"optimizers": model.settings["optimizers"], "rate": model.rate}.items():
            if c[name].value != value:
                c[name].show(value)
        surface = model.surface
        for name, low, high, value in zip(("u", "v"), surface.low, surface.high, model.settings["start"], strict=False):
            if (c[name].low, c[name].high, c[name].value) != (low, high, value):
                c[name].limits(low, high)
                c[name].show(value)
        racing, race = model.settings["optimizers"], len(model.racers) > 1
        shown = {"rate": not race, "beta": "Momentum" in racing, "v": surface.dimensions == 2}
        shown |= {name: name in racing for name in RACERS}
        self.own_rates.layout.display = "" if race else "none"
        for name, visible in shown.items():
            c[name].widget.layout.display = "" if visible else "none"
        self.buttons["next"].layout.display = "" if model.limit_found and not race else "none"
        self.buttons["scan"].layout.display = "" if race else "none"
        self.status_line.layout.min_height = f"{RACE_TEXTS if race else TEXTS - 10}px"

    def _start_moved(self, _):
        names = ("u", "v")[: self.model.surface.dimensions]
        start = tuple(self.controls[name].value for name in names)
        self.pausing(self._change, "start")(start)

    def _start_dragged(self, u, v):
        for name, value in (("u", u), ("v", v)):
            self.controls[name].show(round(value, 2))
        self._start_moved(None)

    def _loss_at(self, u, v):
        surface = self.model.surface
        if surface.dimensions == 1:
            return say("u = {u:.2f}: loss {loss:.3g}", u=u, loss=surface.value((u,)))
        return say("u = {u:.2f}, v = {v:.2f}: loss {loss:.3g}", u=u, v=v, loss=surface.value((u, v)))

    def _steps_at(self, rate, _):
        return say("learning rate {rate:.3g}", rate=rate)

    def _new_rate(self, rate):
        """The rate of the first racer, whose own control follows."""
        self._change(self.model.first, rate)
        self.controls[self.model.first].show(rate)
        self.redraw()

    def _change(self, name, value):
        super()._change(name, value)
        if name in RACERS and self.model.finished and not self.running:
            self.model.reset()  # a finished run says nothing about another rate

    def _scan(self):
        self.stop()
        self.model.reset()
        self.model.scan()
        self.start()
        self.redraw()

    def _step(self):
        self.model.leave_scans()  # the reader is for walking again
        super()._step()

    def _reset(self):
        self.model.leave_scans()
        super()._reset()

    def prepare(self):
        if not self.model.scanning:
            super().prepare()
        self._pace.rest()

    def _show_limit(self):
        self.model.show_limit()
        self.redraw()

    def _next_surface(self):
        if self.model.limit_found:
            self.stop()
            self.model.configure(surface=self.model.next_surface)
            self.redraw()
