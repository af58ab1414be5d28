"""The kernel lab: set nine weights, slide them over a digit, and see each sum and the feature map that they make."""

import time

import ipywidgets as widgets
import numpy as np

from ...pictures import style
from ...text import N_, say
from ..base.arrange import row
from ..base.artists import DENSITY, SIGNED, Label, PixelGrids
from ..base.artists import INK as GREYS
from ..base.picture import PictureLab
from ..base.tables import Control
from .model import INK, KERNEL, KERNELS, PLACES, SIDE, WEIGHT_LIMITS, KernelModel

SIZE = (960, 292)
PACE = 0.12  # seconds from one place to the next


def kernel_lab(name="kernel", number=0, kernel="left edges"):
    """The kernel lab, to be the last line of a cell.

    name     labs with different names may be open in one notebook; the same name again replaces the first
    number   which training image it shows first       kernel   one of `kernel_model.KERNELS`
    """
    model = KernelModel(number=number)
    model.take(kernel)
    return KernelLab(model, name)


class KernelLab(PictureLab):
    """Controls and picture of a `KernelModel`."""

    size = SIZE
    question = N_("What must the nine weights add up to, so that an even surface gives 0?")
    goal_texts = {
        "move the image": N_(
            "Goal: nine weights whose feature map is the middle of the image, moved to the left by one pixel."
        ),
    }
    table = {"number": Control(N_("Training image"), slider=False)}
    rows = ("left_and_weights",)

    def __init__(self, model, name):
        self._moved = 0.0
        super().__init__(model, name)

    def make_view(self, canvas):
        return View(canvas)

    def work(self):
        now = time.perf_counter()
        if self._loop is None or now - self._moved >= PACE:
            self._moved = now
            self.model.advance()
        return not self.model.finished

    def static_model(self):
        """The whole feature map."""
        model = self.model.twin()
        model.move(2, 1)
        model.fill()
        return model

    def make_buttons(self):
        model, c = self.model, self.controls
        c["kernel"] = self.choice(say("Begin with"), "left edges", {say(name): name for name in KERNELS}, self._take)
        weights = {f"weight {n}": self._weight(*divmod(n, KERNEL)) for n in range(KERNEL**2)}
        c |= weights
        arrows = self.make_arrows(
            model.move,
            left=say("Move the kernel left"),
            right=say("Move the kernel right"),
            up=say("Move the kernel up"),
            down=say("Move the kernel down"),
        )
        buttons = {
            "slide": self.make_run_button(
                say("Slide"), say("Lay the kernel on each place, row by row; press again to pause")
            ),
            "step": self.make_step_button(say("Step"), say("Pause and write the next place")),
            "fill": self.button(
                say("All at once"), self.pausing(model.fill), tooltip=say("Write the whole feature map")
            ),
            "reset": self.make_reset_button(say("An empty feature map")),
        }
        in_rows = widgets.GridBox(
            [weight.widget for weight in weights.values()],
            layout=widgets.Layout(
                grid_template_columns=f"repeat({KERNEL}, 128px)", grid_gap="2px 8px", overflow="hidden"
            ),
        )
        left = widgets.VBox([row(*buttons.values()), row(c["number"], c["kernel"]), row(*arrows.values())])
        self.left_and_weights = row(left, in_rows, gap="20px")
        return buttons | arrows

    def show_controls(self):
        super().show_controls()
        for n, weight in enumerate(self.model.settings["weights"]):
            self.controls[f"weight {n}"].show(weight)

    def _weight(self, k, m):
        label = say("weight in row {row}, column {column}", row=k + 1, column=m + 1)

        def change(value):
            self.model.set_weight(k, m, value)
            self.redraw()

        weight = self.number(label, float(self.model.weights[k, m]), WEIGHT_LIMITS, change, slider=False)
        weight.text.style.description_width = "0"  # it takes no room, and still names the box for screen readers
        weight.text.layout.width, weight.text.layout.margin = "58px", "2px 2px 2px -6px"
        return weight

    def _step(self):
        self.stop()
        self.prepare()
        super()._step()

    def _take(self, kernel):
        self.model.take(kernel)
        self.redraw()


class View:
    """The picture: image with the kernel on it, the nine products, the feature map."""

    def __init__(self, canvas):
        self.canvas = canvas
        with canvas.styled():
            self._make(canvas)

    def _make(self, canvas):
        figure = canvas.figure
        page = canvas.axes(0, 0, *SIZE, xlim=(0, SIZE[0]), ylim=(0, SIZE[1]))
        page.axis("off")
        titles = say("Image: ink 0 to 16"), say("Ink \N{MULTIPLICATION SIGN} weight"), say("Feature map")
        for x, title in zip((10, 350, 690), titles, strict=True):
            page.text(x, 278, title, fontsize=12, fontweight="bold", va="center")
        self.image = canvas.moving(PixelGrids(figure, (10, 10), (1, SIDE, SIDE), GREYS, pixel=31.2))
        self.products = canvas.moving(PixelGrids(figure, (350, 60), (1, KERNEL, KERNEL), GREYS, pixel=66.4))
        self.map = canvas.moving(PixelGrids(figure, (690, 10), (1, PLACES, PLACES), SIGNED, pixel=41.6))
        self.frames = [canvas.line(page, color=style.VERMILLION, linewidth=2.6) for _ in range(2)]
        self.terms = [
            canvas.moving(Label(figure, self.products.middle(k, m), size=11))
            for k in range(KERNEL)
            for m in range(KERNEL)
        ]
        self.numbers = [
            canvas.moving(Label(figure, self.map.middle(i, j), size=10)) for i in range(PLACES) for j in range(PLACES)
        ]
        self.sum = canvas.moving(Label(figure, (450, 32), size=13))
        page.annotate("", (676, 160), (572, 160), arrowprops={"arrowstyle": "->", "color": style.GREY})
        page.annotate("", (338, 160), (280, 160), arrowprops={"arrowstyle": "->", "color": style.GREY})

    def show(self, model):
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
        self.map.values = np.where(np.isnan(written), 0.5, 0.5 + np.nan_to_num(written) / (2 * largest))[None]
        for number, z in zip(self.numbers, written.ravel(), strict=True):
            number.text = "" if np.isnan(z) else f"{z:.3g}"
        for frame, tile, size in ((self.frames[0], self.image, KERNEL), (self.frames[1], self.map, 1)):
            (left, top), (right, bottom) = tile.middle(i, j), tile.middle(i + size - 1, j + size - 1)
            half = tile.pixel / 2 / DENSITY
            x = np.array([left - half, right + half, right + half, left - half, left - half])
            y = np.array([top + half, top + half, bottom - half, bottom - half, top + half])
            frame.set_data(x, y)
