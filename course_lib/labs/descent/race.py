"""What a descent starts from, one optimizer on its way, and how both are written."""

from dataclasses import dataclass, field

import numpy as np

from ...text import say
from ..panel.checks import check_choice, check_number
from ..panel.surfaces import SURFACES

RATE_LIMITS = (1e-4, 10.0)
BETA_LIMITS = (0.0, 0.99)
LONGEST = 50_000  # steps of a run
FAR = 1e3  # widths of the picture: there it counts as diverged
OPTIMIZERS = ("GradientDescent", "Momentum", "RMSProp", "Adam")
ADAPTIVE_RATE = 0.1  # of RMSProp and Adam at the start: about the length of their steps, whatever the gradient
NEAR_LIMIT = 0.95  # a rate from here to the limit reaches the goal
NEAR_BEST = 1.05  # times the fewest steps: so many count as an optimizer's best


@dataclass(frozen=True)
class Settings:
    """What a run starts from. Raises ValueError with a sentence when a value cannot work.

    surface     a name of SURFACES                start  numbers, one a parameter; None: the surface's own start
    optimizers  names of OPTIMIZERS that race from the same start
    beta        of momentum: which share of its speed is left after a step
    """

    surface: str = "valley"
    start: tuple | None = None
    optimizers: tuple = ("GradientDescent",)
    beta: float = 0.9

    def __post_init__(self):
        check_choice("surface", self.surface, SURFACES)
        surface = SURFACES[self.surface]
        start = surface.start if self.start is None else np.atleast_1d(self.start)
        if len(start) != surface.dimensions:
            raise ValueError(
                say(
                    "start: expected {expected} numbers on the surface {surface}, got {got}",
                    expected=surface.dimensions,
                    surface=self.surface,
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
                    "start: expected a point from {low} to {high}, got {got}",
                    low=surface.low,
                    high=surface.high,
                    got=start,
                )
            )
        object.__setattr__(self, "start", start)
        object.__setattr__(self, "optimizers", tuple(self.optimizers))
        unknown = [name for name in self.optimizers if name not in OPTIMIZERS]
        if unknown or not self.optimizers:
            raise ValueError(
                say(
                    "optimizers: expected one or more of {known}, got {got!r}",
                    known=", ".join(OPTIMIZERS),
                    got=self.optimizers,
                )
            )
        check_number("beta", self.beta, *BETA_LIMITS)


@dataclass
class Racer:
    """One optimizer on its way.

    path     list of points (arrays), the start first      losses  L at each of them
    outcome  "" while it moves; "converged", "diverged", "oscillates"; without a minimum "leaves", or "rests" at the saddle
    since    the step from which on it is close to a minimum; None when it is not
    """

    name: str
    optimizer: object
    coordinates: list
    path: list
    losses: list
    gradients: list = field(default_factory=list)
    outcome: str = ""
    since: int | None = None
    one_rate: bool = True  # whether it has had only one

    @property
    def steps(self):
        return len(self.path) - 1

    @property
    def point(self):
        return self.path[-1]


def label(optimizer):
    """The optimizer's name as the course writes it."""
    return (
        say("gradient descent")
        if optimizer == "GradientDescent"
        else say("momentum")
        if optimizer == "Momentum"
        else optimizer
    )


def point_text(point):
    """A point such as u = 5 or (5, 1)."""
    numbers = [f"{c:.3g}" for c in point]
    return f"u = {numbers[0]}" if len(numbers) == 1 else f"({', '.join(numbers)})"
