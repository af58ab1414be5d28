"""What a descent starts from, one optimizer on its way, and how both are written."""

from dataclasses import dataclass, field

import numpy as np

from ...text import N_, say
from .surfaces import SURFACES

RATE_LIMITS = (1e-4, 10.0)
BETA_LIMITS = (0.0, 0.99)
LONGEST = 50_000  # steps of a run
PREVIEW = 20  # steps of each racer that are shown before the run, where the reader asks for them
FAR = 1e3  # widths of the picture: there it counts as diverged
# The race is of these four: each has its look, and its way. As the course writes them:
LABELS = {"GradientDescent": N_("gradient descent"), "Momentum": N_("momentum"), "RMSProp": "RMSProp", "Adam": "Adam"}
RACERS = tuple(LABELS)
ADAPTIVE_RATE = 0.1  # of RMSProp and Adam at the start: about the length of their steps, whatever the gradient
NEAR_LIMIT = 0.95  # a rate from here to the limit reaches the goal
NEAR_BEST = 1.05  # times the fewest steps: so many count as an optimizer's best


class Start:
    """The kind of setting that says where a run begins: numbers, one a parameter; None stands for the surface's own start.

    How many there must be, and within which limits, depends on the surface: `start_on` sees to it.
    """

    default = None

    def checked(self, name, value):
        return None if value is None else tuple(np.atleast_1d(value).tolist())

    def write(self, value):
        return ",".join(map(repr, value))

    def read(self, text):
        """Raises ValueError, with a sentence, for anything but numbers."""
        try:
            return tuple(map(float, text.split(",")))
        except ValueError:
            raise ValueError(
                say("start: expected numbers separated by commas, as in 2,0.5, got {got!r}", got=text)
            ) from None


def start_on(name, start):
    """The start as a tuple of floats. Raises ValueError, with a sentence, when it is no point of the surface's picture."""
    surface = SURFACES[name]
    start = surface.start if start is None else start
    if len(start) != surface.dimensions:
        raise ValueError(
            say(
                "start: expected {expected} numbers on the surface {surface}, got {got}",
                expected=surface.dimensions,
                surface=say(name),
                got=len(start),
            )
        )
    start = tuple(map(float, start))
    inside = all(
        low <= value <= high for low, value, high in zip(surface.low, start, surface.high, strict=True)
    )  # NaN counts as outside
    if not inside:
        raise ValueError(
            say(
                "start: expected a point from {low} to {high}, got {got}", low=surface.low, high=surface.high, got=start
            )
        )
    return start


@dataclass
class Racer:
    """One optimizer on its way.

    path     list of points (arrays), the start first      losses  L at each of them
    outcome  "" while it moves; "converged", "diverged", "oscillates"; without a minimum "leaves", or "rests" at the saddle
    since    the step from which on it is close to a minimum; None when it is not
    rates    the learning rates of its steps, one after the other
    """

    name: str
    optimizer: object
    coordinates: list
    path: list
    losses: list
    gradients: list = field(default_factory=list)
    outcome: str = ""
    since: int | None = None
    rates: list = field(default_factory=list)

    @property
    def steps(self):
        return len(self.path) - 1

    @property
    def rate(self):
        """The learning rate that it runs at, or has run at: the slider may have gone on since it arrived."""
        return self.optimizer.learning_rate

    @property
    def one_rate(self):
        """Whether all its steps were taken at the rate of now: what became of it is then told of that rate."""
        return all(rate == self.rate for rate in self.rates)

    @property
    def point(self):
        return self.path[-1]


def label(optimizer):
    """The optimizer's name as the course writes it."""
    return say(LABELS[optimizer])


def point_text(point):
    """A point such as u = 5 or (5, 1)."""
    numbers = [f"{c:.3g}" for c in point]
    return f"u = {numbers[0]}" if len(numbers) == 1 else f"({', '.join(numbers)})"
