"""The descent lab: a point walks down a curve or contours, alone or in a race, at a rate that can be turned meanwhile."""

import time
from functools import partial

from ...text import say
from ..panel.base import column, row
from ..panel.picture import PictureLab
from ..panel.surfaces import SURFACES
from .drawing import SIZE, View
from .model import DescentModel
from .race import BETA_LIMITS, LONGEST, OPTIMIZERS, RATE_LIMITS, Settings, label
from .rate_scan import RATES

SPEEDS = (3, 30, 300, 0)  # steps a second; 0 stands for as many as fit


def descent_lab(
    name="descent", surface="valley", rate=0.02, start=None, optimizers=("GradientDescent",), beta=0.9, rates=None
):
    """The descent lab, to be the last line of a cell.

    name         labs with different names may be open in one notebook; the same name again replaces the first
    surface      "parabola", "double well" (curves); "bowl", "valley", "saddle", "two minima", "plateau", "rosenbrock"
    rate         learning rate of gradient descent, and of momentum at first
    start        numbers, one a parameter; None: the surface's own start
    optimizers   names of those that race from the same start: "GradientDescent", "Momentum", "RMSProp", "Adam"
    beta         of momentum                                rates  dict optimizer -> its own learning rate
    """
    return DescentLab(DescentModel(Settings(surface, start, tuple(optimizers), beta), rate, rates), name)


class DescentLab(PictureLab):
    """Controls and picture of a `DescentModel`."""

    size = SIZE

    def __init__(self, model, name):
        self.speed = 30
        self._race_rates = {f"rate of {name}": name for name in OPTIMIZERS}  # a control in a race -> whose rate it is
        self._due, self._last = 0.0, None
        super().__init__(model, name)

    def make_view(self, canvas):
        return View(canvas)

    def work(self):
        began = time.perf_counter()
        if self.model.scanning:
            self._last = None
            self.model.advance_scans(lambda: self._loop is not None and time.perf_counter() - began > 0.02)
            return self.model.scanning
        if not self.speed or self._loop is None:
            self.model.advance(LONGEST, enough=lambda: time.perf_counter() - began > 0.012)
        else:
            self._due += self.speed * min(0.2, began - (self._last or began)) + (self._last is None)
            self._last = began
            self.model.advance(int(self._due), enough=lambda: time.perf_counter() - began > 0.02)
            self._due %= 1
        return not self.model.finished

    def refresh(self):
        model = self.model
        self.draw()
        self.status(model.status(), good=model.at_the_lowest, bad=model.failed)
        self.goals(self._question(), self._goals())
        self.show_run_button()
        self.buttons["limit"].disabled = model.limit is None or model.limit_shown
        self.buttons["next"].disabled = not model.reached
        self.buttons["scan"].disabled = not model.surface.minima
        for control, name in self._race_rates.items():
            self.controls[control].show(model.rates[name])
        self.controls["rate"].show(model.rate)

    def static(self):
        """A picture of the finished run, for places without a kernel; of a race, with the best rate of each."""
        model = DescentModel(self.model.settings, rates=self.model.rates)
        if len(model.racers) > 1 and model.surface.minima:
            model.scan()
            model.advance_scans()
        model.advance(5000)
        return self.picture(model)

    # Goals

    def _question(self):
        if not self.model.surface.minima:
            return say("The gradient is zero at the saddle. Does descent stay there, and what decides it?")
        if len(self.model.racers) > 1:
            return say(
                "Each has a rate of its own. At its best rate, who arrives first, and is it the same one on every surface?"
            )
        return say("What happens to the number of steps as the rate grows, and where does it end?")

    def _goals(self):
        model, surface = self.model, say(self.model.settings.surface)
        if model.limit is None:
            return [
                (say("Goal: find a start from which descent ends at the saddle."), model.rested),
                (say("Then move that start by a hair: does descent still end there?"), model.left),
            ]
        if len(model.racers) > 1:
            goals = [(say("Goal: a race in which all arrive, each at its best rate."), model.fair_race)]
            if model.settings.surface == "valley" and "Momentum" in model.settings.optimizers:
                goals.append(
                    (
                        say(
                            "Goal: choose β and the rate of momentum so that it needs a third of the steps that gradient "
                            "descent needs at its best."
                        ),
                        model.third,
                    )
                )
            return goals
        goal = say(
            "Goal: on the {surface}, find the largest rate with which gradient descent still converges (to 5 %).",
            surface=surface,
        )
        if model.best is not None:
            goal = say("{goal} Your best so far: {best:g}.", goal=goal, best=model.best)
        if not model.reached:
            return [(goal, False)]
        return [(goal, True), (say("Next surface: {surface}.", surface=say(model.next_surface)), False)]

    # Controls

    def make_controls(self):
        model = self.model
        races = {say("gradient descent"): OPTIMIZERS[:1]}
        races |= {
            say("gradient descent and {other}", other=label(name)): (OPTIMIZERS[0], name) for name in OPTIMIZERS[1:]
        }
        races |= {say("all four"): OPTIMIZERS}
        speeds = (
            say("3 steps a second"),
            say("30 steps a second"),
            say("300 steps a second"),
            say("as fast as possible"),
        )
        self.controls = {
            "surface": self.choice(say("Surface"), model.settings.surface, {say(name): name for name in SURFACES},
                                   self._new_surface),
            "optimizers": self.choice(say("Race"), model.settings.optimizers, races, self._new_optimizers),
            "rate": self.number(say("Learning rate"), model.rate, RATE_LIMITS, self._new_rate, logarithmic=True),
            **{control: self.number(say("Rate of {name}", name=label(name)), model.rates[name], RATE_LIMITS,
                                    partial(self._new_rate, name=name), logarithmic=True, slider=False)
               for control, name in self._race_rates.items()},
            "beta": self.number(say("β of momentum"), model.settings.beta, BETA_LIMITS, self._new_beta, step=0.01,
                                slider=False),
            "u": self.number(say("Start u"), model.settings.start[0], (-1, 1), self._start_moved, step=0.1),
            "v": self.number(say("Start v"), model.settings.start[-1], (-1, 1), self._start_moved, step=0.1),
            "speed": self.choice(say("Speed"), self.speed, dict(zip(speeds, SPEEDS, strict=True)), self._new_speed),
        }  # fmt: skip
        for control in self._race_rates:  # room for 0.00158
            text = self.controls[control].text
            text.layout.width = f"{int(text.layout.width.removesuffix('px')) + 28}px"
        run = self.make_run_button(say("Run"), say("Walk until it converges or diverges; press again to pause"))
        self.buttons = {
            "run": run,
            "step": self.button(say("Step"), self._step, tooltip=say("Pause and take one step")),
            "reset": self.make_reset_button(say("Back to the start")),
            "limit": self.button(say("Show 2/λmax"), self._show_limit,
                                 tooltip=say("Mark the limit that the theory gives: 2 by the largest curvature, λmax")),
            "next": self.button(say("Next surface"), self._next, tooltip=say("Go on once the goal is reached")),
            "scan": self.button(say("Find each best rate"), self._scan, icon="search",
                                tooltip=say("Try the same {count} rates with every optimizer", count=len(RATES))),
        }  # fmt: skip
        c, b = self.controls, self.buttons
        self.panel = column(
            self.goal_line,
            row(b["run"], b["step"], b["reset"], c["speed"], b["limit"], b["next"], b["scan"]),
            row(c["rate"], c["surface"], c["optimizers"]),
            row(*(c[control] for control in self._race_rates), c["beta"], gap="20px"),
            self.canvas.image,
            self.status_line,
            self.error_line,
            row(c["u"], c["v"]),
        )
        self._show_limits()

    def _show_limits(self):
        """Bring the controls that belong to the surface up to date."""
        surface, start = self.model.surface, self.model.settings.start
        for name, low, high, value in zip(("u", "v"), surface.low, surface.high, start, strict=False):
            self.controls[name].limits(low, high)
            self.controls[name].show(value)
        self.controls["v"].widget.layout.display = None if surface.dimensions == 2 else "none"
        self.controls["surface"].show(self.model.settings.surface)
        racing = self.model.settings.optimizers
        race = len(racing) > 1
        shown = {"rate": not race, "beta": "Momentum" in racing}
        shown |= {control: race and name in racing for control, name in self._race_rates.items()}
        for name, visible in shown.items():
            self.controls[name].widget.layout.display = None if visible else "none"
        self.buttons["next"].layout.display = "none" if race else None
        self.buttons["scan"].layout.display = None if race else "none"

    def _configure(self, **changes):
        self.stop()
        self._last = None
        self.model.configure(**changes)
        self._show_limits()
        self.refresh()

    def _new_surface(self, surface):
        self._configure(surface=surface)

    def _new_optimizers(self, names):
        self._configure(optimizers=names)

    def _start_moved(self, _):
        names = ("u", "v")[: self.model.surface.dimensions]
        if names:
            self._configure(start=tuple(self.controls[name].value for name in names))

    def _new_rate(self, rate, name=None):
        self.model.set_rate(rate, name)
        if self.model.finished and not self.running:
            self.model.reset()  # a finished run says nothing about another rate
        self.redraw()

    def _new_beta(self, beta):
        self._configure(beta=beta)

    def _scan(self):
        self.stop()
        self.model.reset()
        self.model.scan()
        self.start()
        self.redraw()

    def _new_speed(self, speed):
        self.speed = speed

    def prepare(self):
        if not self.model.scanning:
            super().prepare()
        self._last = None

    def _show_limit(self):
        if self.model.limit is not None:
            self.model.show_limit()
        self.redraw()

    def _next(self):
        if self.model.reached:
            self._configure(surface=self.model.next_surface)
