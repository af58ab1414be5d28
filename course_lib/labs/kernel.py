"""The kernel lab: set nine weights, slide them over a digit, and see each sum and the feature map that they make."""

import numpy as np

from ..datasets import digits
from ..functional import conv2d
from ..pictures import style
from ..text import N_, say
from . import base
from .base.buttons import Button, Reset, Run
from .base.checks import check_choice
from .base.lab import Lab
from .base.model import LabModel
from .base.settings import Number, Numbers

INK = 16  # the darkest pixel: here the image is shown in the numbers of the file
SIDE, KERNEL = 8, 3
PLACES = SIDE - KERNEL + 1
WEIGHT_LIMITS = (-9.0, 9.0)
WEIGHT = Number(*WEIGHT_LIMITS, 0.0)
IMAGES = 1199  # of the training part
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
        "number": Number(
            0, IMAGES - 1, 0, whole=True, says=N_("training image"), label=N_("Training image"), slider=False
        ),
        "weights": Numbers(KERNEL**2, *WEIGHT_LIMITS, tuple(EDGE.ravel())),
    }
    keeps_run = tuple(declared)
    persisted = {
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
        i, j = self.place
        return say(
            "Kernel lab: training image {number}, the digit {label}, and a kernel of {rows} x {columns} weights that "
            "sum to {total:g}. At row {row}, column {column} nine products add up to {z:g}; the feature map of "
            "{height} x {width} numbers goes from {low:g} to {high:g}.",
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


SIZE = (960, 292)


class KernelLab(Lab):
    """The kernel lab, to be the last line of a cell.

    name     labs with different names may be open in one notebook; the same name again replaces the first
    number   which training image it shows first       kernel   one of KERNELS
    """

    size = SIZE
    step_seconds = 0.12
    question = N_("What must the nine weights add up to, so that an even surface gives 0?")
    goal_texts = {
        "move the image": N_(
            "Goal: find nine weights whose feature map is the middle of the image, moved to the left by one pixel."
        ),
    }
    actions = {
        "slide": Run(N_("Slide"), N_("Lay the kernel on each place, row by row; press again to pause")),
        "step": Button(N_("Step"), "_step", N_("Pause and write the next place")),
        "fill": Button(N_("All at once"), "fill", N_("Write the whole feature map")),
        "reset": Reset(N_("An empty feature map")),
    }
    rows = ("left_and_weights",)

    def __init__(self, name="kernel", number=0, kernel="left edges"):
        model = KernelModel(number=number)
        model.take(kernel)
        self.open(model, name)

    def static_model(self):
        """The whole feature map."""
        model = self.model.twin()
        model.move(2, 1)
        model.fill()
        return model

    def make_buttons(self):
        model, c, panel, widgets = self.model, self.controls, base.panel, base.panel.widgets
        kernels = {say(name): name for name in KERNELS}
        c["kernel"] = self.choice(say("Begin with"), "left edges", kernels, self.showing(model.take))
        weights = {f"weight {n}": self._weight(*divmod(n, KERNEL)) for n in range(KERNEL**2)}
        c |= weights
        arrows = self.make_arrows(
            model.move,
            left=say("Move the kernel left"),
            right=say("Move the kernel right"),
            up=say("Move the kernel up"),
            down=say("Move the kernel down"),
        )
        buttons = super().make_buttons()
        in_rows = widgets.GridBox(
            [weight.widget for weight in weights.values()],
            layout=widgets.Layout(
                grid_template_columns=f"repeat({KERNEL}, 128px)", grid_gap="2px 8px", overflow="hidden"
            ),
        )
        to_move = widgets.Label(say("Click on the image, or move the kernel:"))
        lines = buttons.values(), (c["number"], c["kernel"]), (to_move, *arrows.values())
        left = widgets.VBox([panel.row(*parts) for parts in lines])
        self.left_and_weights = panel.row(left, in_rows, gap="20px")
        return buttons | arrows

    def show_controls(self):
        super().show_controls()
        for n, weight in enumerate(self.model.settings["weights"]):
            self.controls[f"weight {n}"].show(weight)

    def _weight(self, k, m):
        label = say("weight in row {row}, column {column}", row=k + 1, column=m + 1)
        change = self.showing(self.model.set_weight, k, m)
        weight = self.number(label, float(self.model.weights[k, m]), WEIGHT_LIMITS, change, slider=False)
        weight.text.style.description_width = "0"  # it takes no room, and still names the box for screen readers
        weight.text.layout.width, weight.text.layout.margin = "58px", "2px 2px 2px -6px"
        return weight

    def _step(self):
        self.prepare()
        super()._step()

    def _lay(self, x, y):
        """Lay the kernel where the reader has clicked, on the image or on the feature map."""
        for tile, size in ((self.image, KERNEL), (self.map, 1)):
            (left, top), (right, below) = tile.middle(0, 0), tile.middle(1, 1)
            column, row = (x - left) / (right - left), (top - y) / (top - below)
            if max(abs(2 * np.array([row, column]) + 1 - tile.values.shape[1])) <= tile.values.shape[1]:
                i, j = self.model.place
                self.model.move(round(row) - size // 2 - i, round(column) - size // 2 - j)

    # The picture

    def make(self, canvas):
        """Image with the kernel on it, the nine products, the feature map."""
        page = canvas.axes(0, 0, *SIZE, xlim=(0, SIZE[0]), ylim=(0, SIZE[1]))
        page.axis("off")
        canvas.hand.clicking(page, self.safely(self.pausing(self._lay)))
        titles = say("Image: ink 0 to 16"), say("Ink \N{MULTIPLICATION SIGN} weight"), say("Feature map")
        for x, title in zip((10, 350, 690), titles, strict=True):
            page.text(x, 278, title, fontsize=12, fontweight="bold", va="center")
        self.image = canvas.pixel_grids((10, 10), (1, SIDE, SIDE), base.artists.INK, pixel=31.2)
        self.products = canvas.pixel_grids((350, 60), (1, KERNEL, KERNEL), base.artists.INK, pixel=66.4)
        self.map = canvas.pixel_grids((690, 10), (1, PLACES, PLACES), base.artists.SIGNED, pixel=41.6)
        self.outlines = [canvas.line(page, color=style.VERMILLION, linewidth=2.6) for _ in range(2)]
        self.terms = [canvas.label(self.products.middle(k, m), size=11) for k in range(KERNEL) for m in range(KERNEL)]
        self.numbers = [canvas.label(self.map.middle(i, j), size=10) for i in range(PLACES) for j in range(PLACES)]
        self.sum = canvas.label((450, 32), size=13)
        page.annotate("", (676, 160), (572, 160), arrowprops={"arrowstyle": "->", "color": style.GREY})
        page.annotate("", (338, 160), (280, 160), arrowprops={"arrowstyle": "->", "color": style.GREY})

    def show(self):
        model = self.model
        i, j = model.place
        self.image.values = model.image[None] / INK
        window = model.window()
        self.products.values = window[None] / INK
        for term, ink, weight in zip(self.terms, window.ravel(), model.weights.ravel(), strict=True):
            term.text = f"{ink:.0f} \N{MULTIPLICATION SIGN} {weight:g}"
            term.colour = "white" if ink > INK / 2 else style.BLACK
        self.sum.text = say("sum: z = {z:g}", z=round(float(model.z[i, j]), 3))
        written = model.written()
        largest = np.abs(model.z).max() or 1
        self.map.values = 0.5 + np.nan_to_num(written)[None] / (2 * largest)
        for number, z in zip(self.numbers, written.ravel(), strict=True):
            number.text = "" if np.isnan(z) else f"{z:.3g}"
        for frame, tile, size in ((self.outlines[0], self.image, KERNEL), (self.outlines[1], self.map, 1)):
            (left, top), (right, bottom) = tile.middle(i, j), tile.middle(i + size - 1, j + size - 1)
            half = tile.pixel / 2 / base.artists.DENSITY
            x = np.array([left - half, right + half, right + half, left - half, left - half])
            y = np.array([top + half, top + half, bottom - half, bottom - half, top + half])
            frame.set_data(x, y)
