"""The kernel lab without its face: a kernel of nine weights slides over a digit and writes a feature map."""

import numpy as np

from ...datasets import digits
from ...functional import conv2d
from ...text import N_, say
from ..base.checks import check_choice
from ..base.model import LabModel
from ..base.settings import Number, Numbers

INK = 16  # the darkest pixel: here the image is shown in the numbers of the file
SIDE, KERNEL = 8, 3
PLACES = SIDE - KERNEL + 1
WEIGHT_LIMITS = (-9.0, 9.0)
IMAGES = 1199  # of the training part
WEIGHT = Number(*WEIGHT_LIMITS, 0.0)
EDGE = np.array([[-1.0, 0, 1], [-1, 0, 1], [-1, 0, 1]])
KERNELS = {
    N_("left edges"): EDGE,
    N_("upper edges"): EDGE.T,
    N_("outlines"): np.array([[-1.0, -1, -1], [-1, 8, -1], [-1, -1, -1]]),
    N_("sum of the window"): np.ones((KERNEL, KERNEL)),
    N_("all zeros"): np.zeros((KERNEL, KERNEL)),
}


class KernelModel(LabModel):
    """A kernel on its way over an image.

    number   which training image          image   (8, 8), its ink, 0..16           label   its class
    weights  (3, 3)                    z       (6, 6), the whole feature map
    place    (i, j), where the kernel lies          filled   how many of the 36 places are written, row by row
    """

    declared = {
        "number": Number(0, IMAGES - 1, 0, whole=True, says=N_("training image")),
        "weights": Numbers(KERNEL**2, *WEIGHT_LIMITS, tuple(EDGE.ravel())),
    }
    gentle = tuple(declared)
    noted = {
        "place": Numbers(2, 0, PLACES - 1, (0, 0), whole=True),
        "filled": Number(0, PLACES**2, 0, whole=True),
    }
    goals = ("move the image",)

    def __init__(self, **settings):
        (self._x, self._y), _, _ = digits()
        super().__init__(**settings)

    def _start(self):
        """The upper left corner, with an empty feature map."""
        self.place, self.filled = (0, 0), 0
        self._convolve()

    def _configured(self, before):
        super()._configured(before)
        self._convolve()

    @property
    def weights(self):
        return np.array(self.settings["weights"]).reshape(KERNEL, KERNEL)

    def take(self, kernel):
        """The weights of one of KERNELS. Raises ValueError for another name."""
        check_choice("kernel", kernel, KERNELS)
        self.configure(weights=tuple(KERNELS[kernel].ravel()))

    def set_weight(self, k, m, value):
        """One of the nine weights. Raises ValueError when it is not within WEIGHT_LIMITS."""
        weights = self.weights
        weights[k, m] = WEIGHT.checked(say("weight"), value)
        self.configure(weights=tuple(weights.ravel()))

    def _convolve(self):
        number = self.settings["number"]
        self.image, self.label = np.rint(self._x[number, :, :, 0] * INK).astype(float), int(self._y[number])
        x, W = self.image[None, :, :, None], self.weights[:, :, None, None]
        self.z = conv2d(x, W, np.zeros(1), padding="valid")[0, :, :, 0]  # (6, 6)

    # Moving

    @property
    def finished(self):
        """Whether all places are written."""
        return self.filled == PLACES**2

    def _step(self):
        """Write the next place: row by row, from left to right."""
        self.place = divmod(self.filled, PLACES)
        self.filled += 1

    def fill(self):
        """Write all places at once."""
        self.filled = PLACES**2

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
        return np.where(np.arange(PLACES**2).reshape(PLACES, PLACES) < self.filled, self.z, np.nan)

    @property
    def good(self):
        """Whether the feature map is the middle of the image, moved left by one pixel: z[i, j] = x[i + 1, j + 2]."""
        return bool(np.allclose(self.z, self.image[1:-1, 2:]))

    def _reached_now(self):
        return self.goals if self.good else ()

    def status(self):
        """One sentence: the sum at the present place."""
        i, j = self.place
        return say(
            "row {row}, column {column}: nine products add up to z = {z:g}; {done} of {places} places are written",
            row=i + 1,
            column=j + 1,
            z=self.z[i, j],
            done=self.filled,
            places=PLACES**2,
        )

    def description(self):
        """The facts of the picture in words."""
        i, j = self.place
        return say(
            "Kernel lab: training image {number}, the digit {label}, and a kernel of {rows} x {columns} weights that sum to "
            "{total:g}. At "
            "row {row}, column {column} nine products add up to {z:g}; the feature map of {height} x {width} numbers goes "
            "from {low:g} to {high:g}.",
            number=self.settings["number"],
            label=self.label,
            rows=self.weights.shape[0],
            columns=self.weights.shape[1],
            total=self.weights.sum(),
            row=i + 1,
            column=j + 1,
            z=self.z[i, j],
            height=self.z.shape[0],
            width=self.z.shape[1],
            low=self.z.min(),
            high=self.z.max(),
        )
