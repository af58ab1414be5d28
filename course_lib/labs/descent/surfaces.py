"""The surfaces of the descent lab: losses with one or two parameters, as formulas on numbers, arrays or tensors alike.

The same line draws the contours and, through `backward()`, gives the gradient. Parameters are called u and v, because x
and y are data elsewhere in the course.
"""

from dataclasses import dataclass

import numpy as np

from ... import ops
from ...autodiff import Tensor
from ...text import N_


@dataclass(frozen=True)
class Surface:
    """A loss with one or two parameters.

    formula   how it is written                    loss     function of u, or of u and v
    start     where a run begins                   low, high  corners of the picture, in parameters
    minima    points, the lowest first; () when the loss has no lower end
    hessian   second derivatives at the lowest minimum, diagonal or full matrix; the same everywhere when `quadratic`
    """

    formula: str
    loss: object
    start: tuple
    low: tuple
    high: tuple
    minima: tuple = ()
    quadratic: bool = False
    ylim: tuple | None = None  # of a curve

    @property
    def dimensions(self):
        return len(self.start)

    def value(self, point):
        return float(self.loss(*map(float, point)))

    def gradient(self, point):
        """dL/d(u, v) at a point, by `backward()`: an array of shape (dimensions,)."""
        coordinates = [Tensor(float(c)) for c in point]
        self.loss(*coordinates).backward()
        return np.array([float(c.grad) for c in coordinates])

    def curvatures(self, point):
        """Eigenvalues of the second derivatives at a point, smallest first, by differences of the gradient."""
        h = 1e-5
        nudges = h * np.eye(self.dimensions)
        hessian = [(self.gradient(point + n) - self.gradient(point - n)) / (2 * h) for n in nudges]
        return np.linalg.eigvalsh(np.array(hessian))

    def limit(self):
        """2/λmax: the rate beyond which gradient descent cannot settle in any minimum; None without a minimum.

        λmax is the largest curvature, the largest eigenvalue of the second derivatives.
        """
        largest = [self.curvatures(np.array(m))[-1] for m in self.minima]
        return float(f"{2 / min(largest):.6g}") if largest else None

    def nearest_minimum(self, point):
        """The minimum nearest to a point, as an array; None when there is none."""
        if not self.minima:
            return None
        return min(map(np.array, self.minima), key=lambda m: np.linalg.norm(point - m))


def _tilted_well(u):
    return (u**2 - 1) ** 2 + 0.3 * u


# Roots of 4 u^3 - 4 u + 0.3 beside -1 and +1.
LEFT, _, RIGHT = sorted(float(root) for root in np.roots([4, 0, -4, 0.3]).real)

SURFACES = {
    N_("parabola"): Surface("u²", lambda u: u**2, (2.0,), (-3,), (3,), ((0.0,),), True, (-0.5, 9)),
    N_("double well"): Surface(
        "(u² − 1)² + 0.3u", _tilted_well, (1.6,), (-2,), (2,), ((LEFT,), (RIGHT,)), False, (-0.6, 4)
    ),
    N_("bowl"): Surface("u² + v²", lambda u, v: u**2 + v**2, (4.0, 2.0), (-5, -3), (5, 3), ((0.0, 0.0),), True),
    N_("valley"): Surface(
        "u² + 25v²", lambda u, v: u**2 + 25 * v**2, (5.0, 1.0), (-6, -3.6), (6, 3.6), ((0.0, 0.0),), True
    ),
    N_("saddle"): Surface("u² − v²", lambda u, v: u**2 - v**2, (3.0, 0.01), (-4, -2.4), (4, 2.4)),
    N_("two minima"): Surface(
        "(u² − 1)² + 0.3u + v²",
        lambda u, v: _tilted_well(u) + v**2,
        (1.6, 0.8),
        (-2, -1.2),
        (2, 1.2),
        ((LEFT, 0.0), (RIGHT, 0.0)),
    ),
    N_("plateau"): Surface(
        "1 − exp(−(u² + v²)/2)",
        lambda u, v: 1 - ops.exp(-(u**2 + v**2) / 2),
        (2.5, 1.5),
        (-4, -2.4),
        (4, 2.4),
        ((0.0, 0.0),),
    ),
    N_("rosenbrock"): Surface(
        "(1 − u)² + 100(v − u²)²",
        lambda u, v: (1 - u) ** 2 + 100 * (v - u**2) ** 2,
        (-1.2, 1.0),
        (-2, -0.7),
        (2, 1.7),
        ((1.0, 1.0),),
    ),
}
