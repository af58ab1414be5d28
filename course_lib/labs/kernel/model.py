"""The kernel lab without its face: a kernel of nine weights slides over a digit and writes a feature map."""

import numpy as np

from ...datasets import digits
from ...functional import conv2d
from ...text import say
from ..panel.checks import check_choice, check_number

INK = 16  # the darkest pixel: here the image is shown in the numbers of the file
SIDE, KERNEL = 8, 3
PLACES = SIDE - KERNEL + 1
WEIGHT_LIMITS = (-9.0, 9.0)
EDGE = np.array([[-1.0, 0, 1], [-1, 0, 1], [-1, 0, 1]])
KERNELS = {
    "left edges": EDGE,
    "upper edges": EDGE.T,
    "outlines": np.array([[-1.0, -1, -1], [-1, 8, -1], [-1, -1, -1]]),
    "sum of the window": np.ones((KERNEL, KERNEL)),
    "all zeros": np.zeros((KERNEL, KERNEL)),
}


class KernelModel:
    """A kernel on its way over an image.

    number   which training image          image   (8, 8), its ink, 0..16           label   its class
    weights  (3, 3)                    z       (6, 6), the whole feature map
    place    (i, j), where the kernel lies          done   how many of the 36 places are written, row by row
    """

    def __init__(self, number=0, kernel="left edges"):
        (self._x, self._y), _, _ = digits()
        self.place, self.done, self.weights = (0, 0), 0, KERNELS["all zeros"].copy()
        self.load(number)
        self.take(kernel)

    def load(self, number):
        """Another training image. Raises ValueError when there is none of that number."""
        check_number(say("training image"), number, 0, len(self._y) - 1, whole=True)
        self.number, self.label = number, int(self._y[number])
        self.image = np.rint(self._x[number, :, :, 0] * INK).astype(float)
        self._convolve()

    def take(self, kernel):
        """One of KERNELS. Raises ValueError for another name."""
        check_choice("kernel", kernel, KERNELS)
        self.weights = KERNELS[kernel].copy()
        self._convolve()

    def set_weight(self, k, m, value):
        """One of the nine weights. Raises ValueError when it is not within WEIGHT_LIMITS."""
        check_number(say("weight"), value, *WEIGHT_LIMITS)
        self.weights[k, m] = value
        self._convolve()

    def _convolve(self):
        x, W = self.image[None, :, :, None], self.weights[:, :, None, None]
        self.z = conv2d(x, W, np.zeros(1), padding="valid")[0, :, :, 0]  # (6, 6)

    # Moving

    @property
    def finished(self):
        """Whether all places are written."""
        return self.done == PLACES**2

    def reset(self):
        """Back to the upper left corner, with an empty feature map."""
        self.place, self.done = (0, 0), 0

    def advance(self):
        """Write the next place: row by row, from left to right."""
        if not self.finished:
            self.place = divmod(self.done, PLACES)
            self.done += 1

    def fill(self):
        """Write all places at once."""
        self.done = PLACES**2

    def move(self, down, right):
        """Lay the kernel elsewhere; at the edge it stays."""
        i, j = self.place
        self.place = min(max(i + down, 0), PLACES - 1), min(max(j + right, 0), PLACES - 1)

    # Looking

    def window(self):
        """The (3, 3) pixels under the kernel."""
        i, j = self.place
        return self.image[i : i + KERNEL, j : j + KERNEL]

    def written(self):
        """The feature map as far as it is written, (6, 6), NaN elsewhere."""
        return np.where(np.arange(PLACES**2).reshape(PLACES, PLACES) < self.done, self.z, np.nan)

    @property
    def moves_the_image(self):
        """Whether the feature map is the middle of the image, moved left by one pixel: z[i, j] = x[i + 1, j + 2]."""
        return bool(np.allclose(self.z, self.image[1:-1, 2:]))

    def status(self):
        """One sentence: the sum at the present place."""
        i, j = self.place
        return say(
            "row {row}, column {column}: nine products add up to z = {z:g}; {done} of {places} places are written",
            row=i + 1,
            column=j + 1,
            z=self.z[i, j],
            done=self.done,
            places=PLACES**2,
        )

    def description(self):
        """The facts of the picture in words."""
        i, j = self.place
        return say(
            "Kernel lab: training image {number}, the digit {label}, and a kernel of 3 x 3 weights that sum to {total:g}. At "
            "row {row}, column {column} nine products add up to {z:g}; the feature map of 6 x 6 numbers goes from {low:g} to "
            "{high:g}.",
            number=self.number,
            label=self.label,
            total=self.weights.sum(),
            row=i + 1,
            column=j + 1,
            z=self.z[i, j],
            low=self.z.min(),
            high=self.z.max(),
        )
