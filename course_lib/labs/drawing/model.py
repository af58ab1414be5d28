"""The drawing lab without its face: an image of 8 x 8 pixels, a trained network that reads it, and its input gradient."""

import math

import numpy as np

from ... import functional, ops
from ...autodiff import Tensor, value_of
from ...datasets import digits
from ...text import N_, say
from ..base.model import LabModel
from ..base.settings import Choice, Number, Numbers, Settings

SIDE, INK = 8, 16  # pixels in a row, and the darkest ink: the numbers of the data set
CLASSES, IMAGES = 10, 359  # of the test part
GOALS = {"5 pixels": 5, "2 pixels": 2}
NOISE = 2.0  # standard deviation, in units of ink
NOT_TRAINED = N_(
    "No network so far: train `cnn` in the cells above and run this cell again, then it reads what you draw."
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
    fewest    the fewest changed pixels that made the network leave a right answer; None so far

    Raises ValueError when the network does not take such images or give such logits.
    """

    declared = {
        "number": Number(0, IMAGES - 1, 0, whole=True, says=N_("test image")),
        "target": Number(0, CLASSES - 1, 3, whole=True, says=N_("class")),
        "sheet": Choice(("test image", "empty"), "test image"),
    }
    gentle = ("target",)
    noted = {
        "ink": Numbers(SIDE * SIDE, 0, INK, (0,) * SIDE * SIDE, whole=True),
        "fewest": Number(1, SIDE * SIDE, 1, whole=True),
    }
    goals = tuple(GOALS)

    def __init__(self, network=None, **settings):
        _, _, (self.x, self.y) = digits()
        self.network, self.fewest = network, None
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

    def _configured(self, before):
        super()._configured(before)
        self.look()

    # Changing the image

    def load(self, number):
        """Put an image of the test part on the table, unchanged."""
        self.settings = self.checked({"number": number, "sheet": "test image"})
        self.reset()

    def clear(self):
        """An empty sheet."""
        self.settings = Settings(self.settings | {"sheet": "empty"})
        self.reset()

    def paint(self, row, column, ink):
        """Give a pixel this much ink, 0..16; if it has just that already, none."""
        self.pixels[row, column] = 0 if self.pixels[row, column] == ink else ink
        self.look()

    def shift(self, down, right):
        """Move the image by whole pixels. What leaves the sheet is lost; zeros follow from the other side."""
        moved = np.zeros_like(self.pixels)
        here = slice(max(down, 0), SIDE + min(down, 0)), slice(max(right, 0), SIDE + min(right, 0))
        there = slice(max(-down, 0), SIDE + min(-down, 0)), slice(max(-right, 0), SIDE + min(-right, 0))
        moved[here] = self.pixels[there]
        self.pixels = moved
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
            raise ValueError(say("the gradient is zero: no single pixel promises to help"))
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
        if self.good and self.changed < (self.fewest or math.inf):
            self.fewest = self.changed

    @property
    def changed(self):
        """How many pixels differ from the loaded image."""
        return int(np.count_nonzero(self.pixels != self.loaded))

    @property
    def good(self):
        """Whether the network has left the right answer that it gave to the loaded image."""
        return self.label is not None and self.first == self.label != self.answer

    def _reached_now(self):
        return [goal for goal, pixels in GOALS.items() if (self.fewest or math.inf) <= pixels]

    def status(self):
        """One sentence: what lies on the table, and what the network says to it."""
        if self.label is None:
            sheet = say("Your own drawing, {ink} pixels with ink", ink=int(np.count_nonzero(self.pixels)))
        elif self.changed:
            sheet = say(
                "Test image {number}, a {label}, {changed} pixels changed",
                number=self.settings["number"],
                label=self.label,
                changed=self.changed,
            )
        else:
            sheet = say("Test image {number}, a {label}", number=self.settings["number"], label=self.label)
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
