"""The drawing lab: draw or change a digit, and see at once what the network says and which pixels would change its mind."""

import math

import numpy as np

from .. import functional, ops
from ..answers import store as answers
from ..answers.format import time_of
from ..autodiff import Tensor, value_of
from ..datasets import digits
from ..pictures import style
from ..text import N_, say
from . import base
from .base.buttons import Button
from .base.lab import Lab
from .base.model import LabModel
from .base.settings import Choice, Number, Numbers

SIDE, INK = 8, 16  # pixels in a row, and the darkest ink: the numbers of the data set
CLASSES, IMAGES = 10, 359  # of the test part
GOALS = {"5 pixels": 5, "2 pixels": 2}
NOISE = 2.0  # standard deviation, in units of ink
NOT_TRAINED = N_(
    "There is no network so far. Train `cnn` in the cells above and run this cell again, and "
    "the network reads what you draw."
)


class DrawingModel(LabModel):
    """An image under the reader's pen, and what the network says to it.

    network   callable: images (batch, 8, 8, 1) with numbers 0..1 -> logits (batch, 10); None: no network so far
    pixels    (8, 8) whole numbers 0..16, the ink               loaded   (8, 8), the image before any change
    number    (setting) which test image was loaded             label    its class; None after `clear`
    sheet     (setting) "test image" or "empty"                 target   (setting) the class that the gradient asks about
    probabilities (10,), gradient (8, 8) = d log p[target] / d pixel (ink 0..1): None without a network
    answer    the class with the largest probability
    first, first_probabilities   the same two for the loaded image
    fewest    the fewest changed pixels that made the network leave a right answer; infinity so far

    Raises ValueError when the network does not take such images or give such logits.
    """

    declared = {
        "number": Number(
            0, IMAGES - 1, 0, whole=True, says=N_("test image"), label=N_("Test image"), slider=False, pauses=True
        ),
        "target": Number(
            0,
            CLASSES - 1,
            3,
            whole=True,
            says=N_("class"),
            label=N_("More like a"),
            choices=tuple(range(CLASSES)),
            pauses=True,
        ),
        "sheet": Choice(("test image", "empty"), "test image"),
    }
    keeps_run = ("target",)
    persisted = {
        "ink": Numbers(SIDE * SIDE, 0, INK, (0,) * SIDE * SIDE, whole=True),
        "fewest": Number(1, SIDE * SIDE, 1, whole=True),
    }
    goals = tuple(GOALS)

    def __init__(self, network=None, **settings):
        _, _, (self.x, self.y) = digits()
        self.network, self.fewest = network, math.inf
        self.rng = np.random.default_rng(0)
        super().__init__(**settings)

    @property
    def target(self):
        return self.settings["target"]

    @property
    def ink(self):
        """The pixels as a flat tuple, which the state holds."""
        return tuple(self.pixels.ravel().tolist())

    @ink.setter
    def ink(self, numbers):
        self.pixels = np.array(numbers).reshape(SIDE, SIDE)
        self.look()

    def _start(self):
        number = self.settings["number"]
        pixels, self.label = np.zeros((SIDE, SIDE), int), None
        if self.settings["sheet"] == "test image":
            pixels, self.label = np.rint(self.x[number, :, :, 0] * INK).astype(int), int(self.y[number])
        self._start_from(pixels)

    def _start_from(self, pixels):
        self.loaded, self.pixels = pixels.copy(), pixels.copy()
        self.first = self.first_probabilities = None
        self.look()
        self.first, self.first_probabilities = self.answer, self.probabilities

    def checked(self, changes):
        """As every model's; with a number comes its test image, where the sheet may show one."""
        return super().checked({"sheet": self.declared["sheet"].default} | changes if "number" in changes else changes)

    def _configured(self, before):
        super()._configured(before)
        self.look()

    # Changing the image

    def load(self, number=None):
        """Put an image of the test part on the table, unchanged; None: the one of the present number."""
        self.settings = self.checked({"number": self.settings["number"] if number is None else number})
        self.reset()

    def clear(self):
        """An empty sheet."""
        self.settings = self.checked({"sheet": "empty"})
        self.reset()

    def paint(self, row, column, ink):
        """Give a pixel this much ink, 0..16; if it has just that already, none."""
        self.pixels[row, column] = 0 if self.pixels[row, column] == ink else ink
        self.look()

    def shift(self, down, right):
        """Move the image by whole pixels. What leaves the sheet is lost; zeros follow from the other side."""
        framed = np.pad(self.pixels, SIDE)
        self.pixels = framed[SIDE - down : 2 * SIDE - down, SIDE - right : 2 * SIDE - right]
        self.look()

    def add_noise(self):
        """Add a normally distributed number to each pixel, rounded, within 0..16."""
        noisy = self.pixels + self.rng.normal(0, NOISE, self.pixels.shape)
        self.pixels = np.clip(np.rint(noisy), 0, INK).astype(int)
        self.look()

    def follow(self):
        """Change the one pixel from which the gradient promises most for the target: to full ink or to none.

        Returns (row, column). Raises ValueError without a network, or when no pixel promises anything.
        """
        if self.network is None:
            raise ValueError(say(NOT_TRAINED))
        room = np.where(self.gradient > 0, INK - self.pixels, -self.pixels)
        promise = self.gradient * room
        row, column = (int(i) for i in np.unravel_index(promise.argmax(), promise.shape))
        if not promise[row, column] > 0:
            raise ValueError(say("the gradient is zero, so no single pixel promises to help"))
        self.pixels[row, column] += room[row, column]
        self.look()
        return row, column

    # What the network says

    def look(self):
        """Forward for the probabilities, backward for the input gradient."""
        self.probabilities = self.gradient = self.answer = None
        if self.network is None:
            return
        x = Tensor((self.pixels[None, :, :, None] / INK).astype(np.float32))
        logits = self.network(x)
        if np.shape(value_of(logits)) != (1, CLASSES):
            raise ValueError(
                say(
                    "drawing lab: expected a network that turns images (1, 8, 8, 1) into logits (1, 10), got {got}",
                    got=np.shape(value_of(logits)),
                )
            )
        functional.softmax_cross_entropy(logits, np.array([self.target])).backward()
        self.probabilities = value_of(ops.softmax(value_of(logits)))[0].astype(float)
        self.gradient = -x.grad[0, :, :, 0].astype(float)
        self.answer = int(self.probabilities.argmax())
        if self.good:
            self.fewest = min(self.fewest, self.changed)

    @property
    def changed(self):
        """How many pixels differ from the loaded image."""
        return int(np.count_nonzero(self.pixels != self.loaded))

    @property
    def good(self):
        """Whether the network has left the right answer that it gave to the loaded image."""
        return self.label is not None and self.first == self.label != self.answer

    def _reached_now(self):
        return [goal for goal, pixels in GOALS.items() if self.fewest <= pixels]

    def status(self):
        """One sentence: what lies on the table, and what the network says to it."""
        image = {"number": self.settings["number"], "label": self.label}
        if self.label is None:
            sheet = say("Your own drawing, {ink} pixels with ink", ink=int(np.count_nonzero(self.pixels)))
        elif self.changed:
            sheet = say("Test image {number}, a {label}, {changed} pixels changed", changed=self.changed, **image)
        else:
            sheet = say("Test image {number}, a {label}", **image)
        if self.network is None:
            return say("{sheet}. {reason}", sheet=sheet, reason=say(NOT_TRAINED))
        says = say(
            "{sheet}. The network says {answer}, with probability {p:.2f}",
            sheet=sheet,
            answer=self.answer,
            p=self.probabilities[self.answer],
        )
        if self.good:
            return say("{says}: it has changed its mind", says=says)
        if self.label is not None and self.first != self.label:
            return say("{says}. It was wrong from the start, so this image does not count for the goal", says=says)
        return says

    def description(self):
        """The facts of the picture in words: none that could differ between machines."""
        inked = {"inked": int(np.count_nonzero(self.pixels)), "pixels": self.pixels.size}
        if self.network is None:
            seen = say(NOT_TRAINED)
        else:
            seen = say(
                "Beside it the network's ten probabilities ({right}), and the input gradient for class {target}: a sign for "
                "each of the {pixels} pixels.",
                right=say("the largest is that of {answer}", answer=self.answer),
                target=self.target,
                pixels=self.pixels.size,
            )
        if self.label is None:
            return say("Drawing lab: a drawing, {inked} of its {pixels} pixels with ink. {seen}", **inked, seen=seen)
        return say(
            "Drawing lab: test image {number}, a {label}, {inked} of its {pixels} pixels with ink. {seen}",
            number=self.settings["number"],
            label=self.label,
            **inked,
            seen=seen,
        )


class OwnDigitModel(DrawingModel):
    """A digit of the reader's own, on a sheet that begins empty, and what the network says to it.

    meant   the class that the reader says it is; None: not said so far      whole   whether it is drawn, and said
    """

    declared = {
        "number": Number(0, IMAGES - 1, 0, whole=True, says=N_("test image")),
        "target": Number(0, CLASSES - 1, 0, whole=True),
        "sheet": Choice(("empty",), "empty"),
    }
    persisted = {
        "ink": DrawingModel.persisted["ink"],
        "meant": Number(0, CLASSES - 1, 0, whole=True, says=N_("class")),
    }
    goals = ("own digit",)

    def _start(self):
        self.meant = None
        super()._start()

    def say_which(self, digit):
        """Take the reader's word for which digit it is, 0..9."""
        self.meant = self.persisted["meant"].checked("meant", digit)

    @property
    def whole(self):
        return self.meant is not None and bool(self.pixels.any())

    def _reached_now(self):
        return self.goals if self.whole else ()

    def status(self):
        """One sentence: what is still to do; then what the network says."""
        if not self.pixels.any():
            return say("The sheet is empty, so draw a digit on it")
        if self.meant is None:
            return say("{sheet}. Which digit is it? Click it above", sheet=super().status())
        if self.network is None:
            return say("Your own {meant}", meant=self.meant)
        return say(
            "Your own {meant}: the network gives it the probability {p:.2f}. The network's answer is {answer}, with "
            "{largest:.2f}",
            meant=self.meant,
            p=self.probabilities[self.meant],
            answer=self.answer,
            largest=self.probabilities[self.answer],
        )

    def description(self):
        return say(
            "Drawing lab: a sheet for a digit of your own, {inked} of its {pixels} pixels with ink, and the network's "
            "probability of each of the {classes} classes.",
            inked=int(np.count_nonzero(self.pixels)),
            pixels=self.pixels.size,
            classes=CLASSES,
        )


OWN = "my digit"  # the name of the lab in which it is drawn, under which the answers file keeps it
STRANGERS = 3  # the test image that stands in for it


def my_digit():
    """The digit that the reader has drawn in `drawing_lab(network, own=True)`: (image, label). A line says whose it is.

    image   (8, 8) float32, ink 0..1, as in the data set      label   0..9, what the reader says it is

    The one finished last counts, in whichever chapter. Whoever has drawn none gets a test image instead, the same each
    time; so does one whose answers are not kept, or whose file holds no digit that could come from the lab.
    """
    kept = answers.store()
    if kept is not None:
        kept.sync()
    ending = answers.lab_key(OWN).partition("/")[2]
    records = [record for key, record in kept.items.items() if key.partition("/")[2] == ending] if kept else []
    for record in sorted(records, key=time_of, reverse=True):
        model = OwnDigitModel()
        try:
            model.resume(record["state"])
        except ValueError:
            continue
        if model.whole:
            print(say("Your own {meant}", meant=model.meant))
            return (model.pixels / INK).astype(np.float32), model.meant
    _, _, (x, y) = digits()
    image, label = x[STRANGERS, :, :, 0], int(y[STRANGERS])
    print(
        say(
            "No digit of your own so far (chapter 1). In its place: {label}, from the data set, written by a stranger",
            label=label,
        )
    )
    return image, label


SIZE, SHEET = (596, 306), 296  # of the picture, in CSS pixels; what a sheet beside it takes where there are no buttons
GRADIENT = 250  # of its width; a digit of the reader's own has only the probabilities
MARKED = 0.35  # of the largest gradient: pixels beyond it get a sign


class DrawingLab(Lab):
    """The drawing lab, to be the last line of a cell.

    network   your trained model: images (batch, 8, 8, 1) with numbers 0..1 -> logits (batch, 10); None: only the pen works
    name      labs with different names may be open in one notebook; the same name again replaces the first
    own       True: the reader draws a digit on an empty sheet, and says which one it is; `my_digit` hands it to later chapters
    start     number: which test image lies on the table first; target: the class that the gradient asks about
    """

    size = SIZE
    static_width = SHEET + SIZE[0]
    question = N_("Look at the changed digit. Would you have changed your mind as well?")
    goal_texts = {
        goal: N_(
            "Goal: change at most {pixels} pixels of a test image that the network reads right, so that it reads it wrong."
        )
        for goal in GOALS
    }
    one_by_one = False
    actions = {
        "clear": Button(N_("Clear"), "clear", N_("An empty sheet for a digit of your own")),
        "load": Button(N_("Load it"), "load", N_("The test image of this number, unchanged")),
        "noise": Button(N_("Noise"), "add_noise", N_("Add a random number to each pixel")),
        "follow": Button(
            N_("Change the most promising pixel"),
            "follow",
            N_("Set the pixel from which the gradient promises most to full ink, or to none"),
            style="primary",
        ),
    }
    rows = (("number", "load", "clear", "noise", "arrows"), ("pen", "target", "follow"))
    own = False

    def __init__(self, network=None, name=None, own=False, **start):
        if own:
            self.own, self.name = True, OWN
            self.size, self.static_width = (SIZE[0] - GRADIENT, SIZE[1]), self.static_width - GRADIENT
            self.question = N_(
                "Clear the sheet and draw another digit. Does the network's answer follow what you draw?"
            )
            self.goal_texts = {"own digit": N_("Goal: draw a digit of your own, and say which one it is.")}
            self.actions = {"clear": self.actions["clear"]}
            self.rows = (("pen", "clear", "arrows"), "digits")
        self.open((OwnDigitModel if own else DrawingModel)(network, **start), name)

    def draw(self):
        for digit in range(CLASSES) if self.own else ():
            self.buttons[str(digit)].button_style = "primary" if digit == self.model.meant else ""
        for pixel, ink in zip(self.pixels, self.model.pixels.ravel(), strict=True):
            if pixel.description != str(ink):
                with pixel.hold_sync():
                    pixel.description, pixel.style = str(ink), self._inks[ink]
        super().draw()

    def static(self):
        """A picture of the image as it lies there, for places without a kernel."""
        return self.picture(self.model, size=(self.static_width, SIZE[1]))

    def facts_of(self, goal):
        return {"pixels": GOALS.get(goal)}

    def goal_text(self, name, text):
        best = self.model.fewest
        return text if best == math.inf else say("{goal} Your fewest: {best}.", goal=text, best=best)

    # A button for each pixel

    def _make_pixels(self):
        widgets = base.panel.widgets
        self._inks = []
        for ink in range(INK + 1):
            paper = 255 - round(255 * ink / INK)
            text = style.GREY if ink == 0 else style.BLACK if paper >= 128 else "white"
            colours = {"button_color": f"rgb({paper},{paper},{paper})", "text_color": text}
            self._inks.append(widgets.ButtonStyle(font_size="11px", **colours))
        edge = f"1px solid {style.LIGHT_GREY}"
        layout = widgets.Layout(width="100%", height="32px", padding="0", margin="0", border=edge)
        self.pixels = []
        for line, place in np.ndindex(SIDE, SIDE):
            where = say("row {row}, column {column}", row=line + 1, column=place + 1)
            pixel = widgets.Button(description="0", tooltip=where, layout=layout, style=self._inks[0])
            pixel.on_click(self.safely(self.pausing(self._paint, line, place)))
            self.pixels.append(pixel)
        columns = {"grid_template_columns": f"repeat({SIDE}, minmax(0, 1fr))", "grid_gap": "0", "overflow": "hidden"}
        layout = widgets.Layout(width=f"{36 * SIDE}px", max_width="100%", margin="10px 0 0 0", **columns)
        return widgets.GridBox(self.pixels, layout=layout)

    def _paint(self, line, place, _):
        self.model.paint(line, place, self.controls["pen"].value)

    # Controls

    def picture_row(self):
        from ..canvas.strokes import Strokes

        picture = super().picture_row()
        picture.layout.width, picture.layout.flex = "auto", "1 1 480px"  # beside the pixels, if a little smaller
        return base.panel.row(self._make_pixels().add_class(Strokes.SHEET), Strokes(), picture, gap="12px")

    def make_buttons(self):
        pens = {say("full ink, 16"): 16, say("half ink, 8"): 8, say("a touch, 4"): 4, say("eraser, 0"): 0}
        self.controls["pen"] = self.choice(say("Pen"), INK, pens, lambda _: None)
        arrows = self.make_arrows(
            self.model.shift,
            left=say("Shift the image left by one pixel"),
            right=say("Shift the image right by one pixel"),
            up=say("Shift the image up by one pixel"),
            down=say("Shift the image down by one pixel"),
        )
        self.arrows = base.panel.row(*arrows.values(), name=say("Shift the image"))
        return super().make_buttons() | arrows | (self._make_digits() if self.own else {})

    def _make_digits(self):
        """A button for each class, and the words before them."""
        made, words = {}, say("It is")
        for digit in range(CLASSES):
            says_so, tooltip = self.pausing(self.model.say_which, digit), say("Say that it is {digit}", digit=digit)
            made[str(digit)] = self.button(str(digit), says_so, tooltip=tooltip)
            made[str(digit)].layout.width = "36px"
        self.digits = base.panel.row(base.panel.widgets.HTML(words), *made.values(), name=words)
        return made

    def _keep(self):
        if not self.own or self.model.whole:  # a digit that is finished is kept until another one is
            super()._keep()

    # The picture

    def make(self, canvas):
        """The input gradient and the ten probabilities; where there is room, the image itself before them."""
        gap = GRADIENT if self.own else 0
        (width, height), left = (canvas.width, SIZE[1]), canvas.width - SIZE[0] + gap
        page = canvas.axes(0, 0, width, height, xlim=(0, width), ylim=(0, height))
        page.axis("off")
        bold = {"fontsize": 12, "fontweight": "bold", "va": "center"}
        self.sheet = None
        if left:
            self.sheet = canvas.pixel_grids((10, 28), (1, SIDE, SIDE), base.artists.INK, pixel=30.4)
            page.text(10, 290, say("The image"), **bold)
        if not self.own:
            self._make_gradient(canvas, page, left, bold)
        self.bars = canvas.axes(left + 296 - gap, 52, 292, 224, xlim=(-0.6, 9.6), ylim=(0, 122))
        self.bars.set(xticks=range(CLASSES), yticks=[0, 50, 100], xlabel=say("class"))
        self.bars.set_title(say("Probability of each class, in %"))
        self.bars.grid(False)
        patches = self.bars.bar(range(CLASSES), np.zeros(CLASSES), width=0.7, color=style.BLUE)
        self.patches = [canvas.moving(patch) for patch in patches]
        self.before = canvas.line(
            self.bars, linestyle="", marker="_", color=style.VERMILLION, markersize=18, markeredgewidth=2.2
        )
        self.before_name = canvas.label((left + 424 - gap, 268), colour=style.VERMILLION, align="left")
        self.numbers = [canvas.label((0, 0)) for _ in range(CLASSES)]
        self.nothing = canvas.label((left + 462 - gap, 150), colour=style.GREY, size=11)

    def _make_gradient(self, canvas, page, left, bold):
        self.tile = canvas.pixel_grids((left + 6, 28), (1, SIDE, SIDE), base.artists.SIGNED, pixel=30.4)
        self.title = page.text(left + 6, 290, "", **bold)
        signs = say("+ orange: more ink here helps   \N{MINUS SIGN} blue: less ink")
        page.text(left + 6, 14, signs, fontsize=10, color=style.GREY, va="center")
        self.more, self.less = (
            canvas.line(page, linestyle="", marker=marker, color=style.BLACK, markersize=9, markeredgewidth=1.6)
            for marker in ("+", "_")
        )

    def show(self):
        model = self.model
        if self.sheet is not None:
            self.sheet.values = model.pixels[None] / INK
        if not self.own:
            self._show_gradient(model)
        trained = model.network is not None
        percent = 100 * model.probabilities if trained else np.zeros(CLASSES)
        compared = trained and model.label is not None and model.changed
        self.before.set_data(range(CLASSES) if compared else [], 100 * model.first_probabilities if compared else [])
        self.before_name.text = f"\N{EM DASH} {say('before your changes')}" if compared else ""
        for c, (patch, number) in enumerate(zip(self.patches, self.numbers, strict=True)):
            patch.set_height(percent[c])
            number.text = f"{percent[c]:.0f}" if percent[c] >= 0.5 else ""
            before = 100 * model.first_probabilities[c] if compared else 0
            covered = percent[c] - 2 < before < percent[c] + 11  # where the number would stand is the mark
            number.put(self.bars, c, max(percent[c], before) if covered else percent[c], up=9)
        self.nothing.text = "" if trained else say("no network so far")

    def _show_gradient(self, model):
        if self.canvas.differs("target", model.target):
            self.title.set_text(say("More like a {target}", target=model.target))
            self.canvas.still_parts_changed()
        gradient = model.gradient if model.network is not None else np.zeros((SIDE, SIDE))
        largest = np.abs(gradient).max() or 1
        self.tile.values = 0.5 + gradient[None] / (2 * largest)
        for line, signed in ((self.more, gradient), (self.less, -gradient)):
            places = [self.tile.middle(i, j) for i, j in np.argwhere(signed > MARKED * largest)]
            line.set_data(*(np.array(places).T if places else ([], [])))
