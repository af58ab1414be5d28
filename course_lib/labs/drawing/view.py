"""The drawing lab: draw or change a digit, and see at once what the network says and which pixels would change its mind."""

import ipywidgets as widgets
import numpy as np

from ...canvas.strokes import Strokes
from ...pictures import style
from ...text import N_, say
from ..base.arrange import row
from ..base.artists import DENSITY, SIGNED, Canvas, Label, PixelGrids
from ..base.artists import INK as GREYS
from ..base.picture import PictureLab
from ..base.tables import ARROWS, Control
from .model import CLASSES, GOALS, INK, SIDE, DrawingModel

SIZE, SHEET = (596, 306), 296  # of the picture, in CSS pixels; what a sheet beside it takes where there are no buttons
MARKED = 0.35  # of the largest gradient: pixels beyond it get a sign


def drawing_lab(network=None, name="drawing", **start):
    """The drawing lab, to be the last line of a cell.

    network   your trained model: images (batch, 8, 8, 1) with numbers 0..1 -> logits (batch, 10); None: only the pen works
    name      labs with different names may be open in one notebook; the same name again replaces the first
    start     number: which test image lies on the table first; target: the class that the gradient asks about
    """
    return DrawingLab(DrawingModel(network, **start), name)


class DrawingLab(PictureLab):
    """Grid of buttons, controls and picture of a `DrawingModel`."""

    size = SIZE
    static_width = SHEET + SIZE[0]
    question = N_("Look at the changed digit: would you have changed your mind as well?")
    goal_texts = {
        goal: N_(
            "Goal: change at most {pixels} pixels of a test image that the network reads right, so that it reads it wrong."
        )
        for goal in GOALS
    }
    one_by_one = False
    table = {
        "target": Control(N_("More like a"), options=tuple(range(CLASSES)), pauses=True),
    }
    rows = (("number", "load", "clear", "noise", *ARROWS), ("pen", "target", "follow"))

    def __init__(self, model, name):
        self.pen = INK
        super().__init__(model, name)

    def make_view(self, canvas):
        return View(canvas)

    def draw(self):
        for pixel, ink in zip(self.pixels, self.model.pixels.ravel(), strict=True):
            if pixel.description != str(ink):
                with pixel.hold_sync():
                    pixel.description, pixel.style = str(ink), self._inks[ink]
        super().draw()

    def static(self):
        """A picture of the image as it lies there, for places without a kernel."""
        canvas = Canvas(SHEET + SIZE[0], SIZE[1])
        View(canvas, SHEET).show(self.model)
        return canvas.frame(), self.model.description()

    def facts_of(self, goal):
        return {"pixels": GOALS[goal]}

    def goal_text(self, name, text):
        best = self.model.fewest
        return text if best is None else say("{goal} Your fewest: {best}.", goal=text, best=best)

    # A button for each pixel

    def _make_pixels(self):
        self._inks = []
        for ink in range(INK + 1):
            paper = 255 - round(255 * ink / INK)
            text = style.GREY if ink == 0 else style.BLACK if paper >= 128 else "white"
            colours = {"button_color": f"rgb({paper},{paper},{paper})", "text_color": text}
            self._inks.append(widgets.ButtonStyle(font_size="11px", **colours))
        edge = f"1px solid {style.LIGHT_GREY}"
        layout = widgets.Layout(width="36px", height="32px", padding="0", margin="0", border=edge)
        self.pixels = []
        for line in range(SIDE):
            for place in range(SIDE):
                where = say("row {row}, column {column}", row=line + 1, column=place + 1)
                pixel = widgets.Button(description="0", tooltip=where, layout=layout, style=self._inks[0])
                pixel.on_click(self.safely(self._painter(line, place)))
                self.pixels.append(pixel)
        columns = {"grid_template_columns": f"repeat({SIDE}, 36px)", "grid_gap": "0", "overflow": "hidden"}
        layout = widgets.Layout(width=f"{36 * SIDE}px", margin="10px 0 0 0", **columns)
        return widgets.GridBox(self.pixels, layout=layout).add_class(Strokes.SHEET)

    def _painter(self, line, place):
        def paint(_):
            self.model.paint(line, place, self.pen)
            self.redraw()

        return paint

    # Controls

    def picture_row(self):
        return row(self._make_pixels(), Strokes(), self.canvas.widget(), gap="12px")

    def make_buttons(self):
        model = self.model
        pens = {say("full ink, 16"): 16, say("half ink, 8"): 8, say("a touch, 4"): 4, say("eraser, 0"): 0}
        self.controls["pen"] = self.choice(say("Pen"), self.pen, pens, self._take_pen)
        self.controls["number"] = self.number(
            say("Test image"), model.settings["number"], model.limits("number"), self._load, whole=True, slider=False
        )
        arrows = self.make_arrows(
            model.shift,
            left=say("Shift the image left by one pixel"),
            right=say("Shift the image right by one pixel"),
            up=say("Shift the image up by one pixel"),
            down=say("Shift the image down by one pixel"),
        )
        return {
            "clear": self.button(
                say("Clear"), self.pausing(model.clear), tooltip=say("An empty sheet for a digit of your own")
            ),
            "load": self.button(say("Load it"), self._load, tooltip=say("The test image of this number, unchanged")),
            "noise": self.button(
                say("Noise"), self.pausing(model.add_noise), tooltip=say("Add a random number to each pixel")
            ),
            **arrows,
            "follow": self.button(
                say("Change the most promising pixel"),
                self.pausing(model.follow),
                tooltip=say("The pixel from which the gradient promises most: to full ink, or to none"),
            ),
        }

    def _load(self, *_):
        self.model.load(self.controls["number"].value)
        self.redraw()

    def resume(self, state):
        super().resume(state)
        self.controls["number"].show(self.model.settings["number"])

    def _take_pen(self, ink):
        self.pen = ink


class View:
    """The picture: the input gradient and the ten probabilities; with `left`, the image itself before them."""

    def __init__(self, canvas, left=0):
        self.canvas, self._target = canvas, None
        with canvas.styled():
            self._make(canvas, left)

    def _make(self, canvas, left):
        figure, (width, height) = canvas.figure, (left + SIZE[0], SIZE[1])
        page = canvas.axes(0, 0, width, height, xlim=(0, width), ylim=(0, height))
        page.axis("off")
        bold = {"fontsize": 12, "fontweight": "bold", "va": "center"}
        small = {"fontsize": 10, "color": style.GREY, "va": "center"}
        self.sheet = None
        if left:
            self.sheet = canvas.moving(PixelGrids(figure, (10, 28), (1, SIDE, SIDE), GREYS, pixel=30.4))
            page.text(10, 290, say("The image"), **bold)
        self.tile = canvas.moving(PixelGrids(figure, (left + 6, 28), (1, SIDE, SIDE), SIGNED, pixel=30.4))
        self.title = page.text(left + 6, 290, "", **bold)
        page.text(left + 6, 14, say("+ orange: more ink here helps   \N{MINUS SIGN} blue: less ink"), **small)
        self.more, self.less = (
            canvas.line(page, linestyle="", marker=marker, color=style.BLACK, markersize=9, markeredgewidth=1.6)
            for marker in ("+", "_")
        )
        self.bars = canvas.axes(left + 296, 52, 292, 224, xlim=(-0.6, 9.6), ylim=(0, 102))
        self.bars.set(xticks=range(CLASSES), yticks=[0, 50, 100], xlabel=say("class"))
        self.bars.set_title(say("Probability of each class, in %"))
        self.bars.grid(False)
        patches = self.bars.bar(range(CLASSES), np.zeros(CLASSES), width=0.7, color=style.BLUE)
        self.patches = [canvas.moving(patch) for patch in patches]
        self.start = canvas.line(
            self.bars, linestyle="", marker="_", color=style.VERMILLION, markersize=18, markeredgewidth=2.2
        )
        self.bars.plot(
            [],
            [],
            linestyle="",
            marker="_",
            color=style.VERMILLION,
            markersize=12,
            markeredgewidth=2.2,
            label=say("before your changes"),
        )
        self.bars.legend(loc="upper right", bbox_to_anchor=(1, 1.04), borderaxespad=0, handletextpad=0.3)
        self.numbers = [canvas.moving(Label(figure, (0, 0))) for _ in range(CLASSES)]
        self.nothing = canvas.moving(Label(figure, (left + 462, 150), colour=style.GREY, size=11))

    def show(self, model):
        if self.sheet is not None:
            self.sheet.values = model.pixels[None] / INK
        if self._target != model.target:
            self._target = model.target
            self.title.set_text(say("More like a {target}", target=model.target))
            self.canvas.still_parts_changed()
        trained = model.network is not None
        gradient = model.gradient if trained else np.zeros((SIDE, SIDE))
        largest = np.abs(gradient).max() or 1
        self.tile.values = 0.5 + gradient[None] / (2 * largest)
        for line, signed in ((self.more, gradient), (self.less, -gradient)):
            places = [self.tile.middle(i, j) for i, j in np.argwhere(signed > MARKED * largest)]
            line.set_data(*(np.array(places).T if places else ([], [])))
        percent = 100 * model.probabilities if trained else np.zeros(CLASSES)
        compared = trained and model.label is not None and model.changed
        self.start.set_data(range(CLASSES) if compared else [], 100 * model.first_probabilities if compared else [])
        for c, (patch, number) in enumerate(zip(self.patches, self.numbers, strict=True)):
            patch.set_height(percent[c])
            number.text = f"{percent[c]:.0f}" if percent[c] >= 0.5 else ""
            across, up = self.bars.transData.transform((c, percent[c]))
            number.place = across / DENSITY, up / DENSITY + 9
        self.nothing.text = "" if trained else say("no network so far")
