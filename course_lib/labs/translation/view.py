"""The lab "translate a number": type a number, and watch the network write it in Chinese, and where it looks."""

import time
from itertools import zip_longest

import numpy as np
from matplotlib.artist import Artist
from PIL import ImageColor

from ...datasets.number_words import LONGEST_ENGLISH
from ...pictures import style
from ...text import N_, say
from ..base.artists import DENSITY, Label
from ..base.controls import TextControl
from ..base.picture import PictureLab
from .model import START_TEXT, STEPS, TranslationModel, percent

SIZE = (960, 420)
ACROSS, DOWN = (74, 662), (372, 24)  # the grid: left and right edge, upper and lower edge, in CSS pixels
BARS = (732, 832, 300, 34)  # of the most likely symbols: left, right, middle of the first, distance downwards
CANDIDATES = 5
PACE = 0.35  # seconds a symbol
SMALLEST = 0.005  # weight that is shown
MARKS = {"<pad>": N_("pad"), "<start>": N_("start"), "<end>": N_("end")}


def translation_lab(translator, name="translation", text=START_TEXT):
    """The lab "translate a number", to be the last line of a cell.

    translator   a trained `Translator` of English number words (places in ENGLISH) into Chinese numerals (CHINESE)
    name         labs with different names may be open in one notebook; the same name again replaces the first
    text         the number that it starts with
    """
    return TranslationLab(TranslationModel(translator, number=text), name)


class TranslationLab(PictureLab):
    """Controls and picture of a `TranslationModel`."""

    size = SIZE
    static_steps = STEPS
    question = N_("Where does it look when it writes a digit, and where when it writes \u96f6?")
    goal_texts = {"a mistake": N_("Goal: find a number that it gets wrong. Tried so far: {tried}, wrong: {wrong}.")}
    rows = (("number", "translate", "step", "random"),)

    def __init__(self, model, name):
        self._due, self._asked, self._random = 0.0, -1.0, np.random.default_rng(0)
        model.finish()  # a first picture; the button writes it once more, symbol by symbol
        super().__init__(model, name)

    def make_view(self, canvas):
        view = View(canvas)
        canvas.hand.reading(view.map, self._weight_at)
        return view

    def work(self):
        now = time.perf_counter()
        if now >= self._due or self._loop is None:
            self._due = now + PACE
            self.model.advance()
        return not self.model.finished

    def facts_of(self, goal):
        return {"tried": len(self.model.tried), "wrong": self.model.mistakes}

    def make_buttons(self):
        self.controls["number"] = TextControl(
            say("Number"),
            self.model.settings["number"],
            ends=("0", "nine hundred ninety nine thousand nine hundred ninety nine"),
            placeholder=say("340,215, or its English words"),
            on_change=self.safely(self._ask),
            width=460,
        )
        return {
            "translate": self.make_run_button(say("Translate"), say("Write the translation symbol by symbol")),
            "step": self.make_step_button(say("Next symbol"), say("Pause and write one symbol")),
            "random": self.button(say("Random number"), self._draw, tooltip=say("A number of one to six digits")),
        }

    def _ask(self, text):
        self.model.ask(text)
        self._due, self._asked = 0.0, time.perf_counter()
        self.start()
        self.redraw()

    def _toggle(self):
        if not self.running or time.perf_counter() - self._asked > 0.5:  # else the button was pressed to leave the text
            super()._toggle()

    def _step(self):
        self.stop()
        if self.model.finished:
            self.model.reset()
        super()._step()

    def _draw(self):
        number = int(self._random.integers(0, 10 ** self._random.integers(1, 7)))
        self.controls["number"].show(f"{number:,}")
        self._ask(f"{number:,}")

    def resume(self, state):
        super().resume(state)
        self.controls["number"].show(self.model.settings["number"])

    def _weight_at(self, place, step):
        place, step, model = int(place), int(step), self.model
        if not (0 <= step < model.shown and 0 <= place < len(model.words)):
            return ""
        return say(
            "step {step}, {symbol}: attention to {word} {weight:.3f}",
            step=step + 1,
            symbol=shown_symbol(model.symbols[step]),
            word=model.words[place],
            weight=model.weights[step, place],
        )


class View:
    """The picture: the attention map on the left, the most likely next symbols on the right."""

    def __init__(self, canvas):
        self.canvas = canvas
        with canvas.styled():
            self._make(canvas)

    def _make(self, canvas):
        (left, right), (top, bottom) = ACROSS, DOWN
        self.map = canvas.axes(left, bottom, right - left, top - bottom, xticks=[], yticks=[])
        self.map.set(xlim=(0, LONGEST_ENGLISH), ylim=(STEPS, 0))
        for spine in self.map.spines.values():
            spine.set_visible(False)
        for step in range(STEPS + 1):
            self.map.axhline(step, color=style.RC["grid.color"], linewidth=0.8)
        for place in range(LONGEST_ENGLISH + 1):
            self.map.axvline(place, color=style.RC["grid.color"], linewidth=0.8)
        self.fields = canvas.moving(Fields(canvas.figure))
        self._width, self._height = (right - left) / LONGEST_ENGLISH, (top - bottom) / STEPS
        label = self._label
        self.title = label((left, 410), size=11, align="left")
        self.words = [label((left + (i + 0.5) * self._width, top + 12), size=10) for i in range(LONGEST_ENGLISH)]
        self.symbols = [label((left - 22, self._row(step)), size=13, chinese=True) for step in range(STEPS)]
        self.numbers = [label((16, self._row(step)), f"{step + 1}", size=9, colour=style.GREY) for step in range(STEPS)]
        self.weights = [
            [label((left + (i + 0.5) * self._width, self._row(step)), size=9) for i in range(LONGEST_ENGLISH)]
            for step in range(STEPS)
        ]
        self._make_bars(canvas)

    def _make_bars(self, canvas):
        left, right, first, distance = BARS
        bottom = first - (CANDIDATES - 0.5) * distance
        self.bars = canvas.axes(left, bottom, right - left, CANDIDATES * distance, xlim=(0, 1), xticks=[], yticks=[])
        self.bars.set_ylim(CANDIDATES - 0.5, -0.5)
        for name in ("top", "right", "bottom"):
            self.bars.spines[name].set_visible(False)
        self.lengths = [
            canvas.line(self.bars, color=style.BLUE, linewidth=15, solid_capstyle="butt") for _ in range(CANDIDATES)
        ]
        self.heading = self._label((left - 30, first + 36), size=11, align="left")
        places = [self._bar(rank) for rank in range(CANDIDATES)]
        self.likely = [self._label((left - 18, place), size=13, chinese=True) for place in places]
        self.percents = [self._label((0, place), size=10, align="left") for place in places]
        self.captions = [self._label((left - 30, place), size=11, align="left") for place in (130, 74)]
        self.written, self.expected = (
            self._label((left - 30, place), size=15, align="left", chinese=True) for place in (104, 48)
        )

    def _label(self, place, text="", chinese=False, **options):
        family = style.CHINESE_FONT if chinese else None
        return self.canvas.moving(Label(self.canvas.figure, place, text, family=family, **options))

    def _row(self, step):
        return DOWN[0] - (step + 0.5) * self._height

    def _bar(self, rank):
        return BARS[2] - rank * BARS[3]

    def show(self, model):
        shown = np.zeros((STEPS, LONGEST_ENGLISH))
        shown[: model.shown, : len(model.words)] = model.weights[: model.shown]
        self.fields.weights = shown
        for labels, weights in zip(self.weights, shown, strict=True):
            for label, weight in zip(labels, weights, strict=True):
                label.text = f"{weight:.2f}" if weight >= SMALLEST else ""
        self.title.text = model.title()
        for label, word in zip_longest(self.words, model.words, fillvalue=""):
            label.text = word
        for step, label in enumerate(self.symbols):
            label.text = shown_symbol(model.symbols[step]) if step < model.shown else ""
            self.numbers[step].text = f"{step + 1}" if step < model.shown else ""
        self.heading.text = say("Step {step}: most likely symbols", step=model.shown) if model.shown else ""
        candidates = model.candidates(CANDIDATES)
        left, right = BARS[:2]
        for rank, bar in enumerate(self.lengths):
            symbol, probability = candidates[rank] if candidates else ("", 0.0)
            bar.set_data([0, probability], [rank, rank])
            self.likely[rank].text = shown_symbol(symbol)
            self.percents[rank].text = percent(probability) if candidates else ""
            self.percents[rank].place = (left + 4 + probability * (right - left), self._bar(rank))
        self._show_result(model)

    def _show_result(self, model):
        """What is written so far, and at the end what the rule says, and where the two differ."""
        compared = model.finished and model.number is not None
        self.written.text, self.expected.text = model.written, model.expected if compared else ""
        self.captions[0].text = say("Written so far") if model.shown else ""
        if compared:
            self.captions[0].text = say("Written: right") if model.right else say("Written: wrong")
        self.captions[1].text = say("By the rule") if compared else ""
        for label, symbol in zip_longest(self.symbols, model.expected + "." if compared else ""):
            same = symbol is None or label.text == (symbol if symbol != "." else shown_symbol("<end>"))
            label.colour = style.BLACK if same else style.VERMILLION


class Fields(Artist):
    """The fields of the attention map, the greener the larger the weight: weights (STEPS, LONGEST_ENGLISH), 0 to 1.

    Matplotlib's own image takes ten times as long for these few rectangles.
    """

    def __init__(self, figure):
        super().__init__()
        self.figure = figure
        self.weights = np.zeros((STEPS, LONGEST_ENGLISH))

    def draw(self, renderer):
        graphics, green = renderer.new_gc(), np.array(ImageColor.getrgb(style.GREEN))
        edges = np.round(np.linspace(*ACROSS, LONGEST_ENGLISH + 1) * DENSITY).astype(int)
        heights = np.round(np.linspace(*DOWN, STEPS + 1) * DENSITY).astype(int)
        for step, place in np.argwhere(self.weights >= SMALLEST):
            weight = self.weights[step, place]
            colour = np.append(255 + weight * (green - 255), 255).round().astype(np.uint8)
            size = heights[step] - heights[step + 1], edges[place + 1] - edges[place]
            renderer.draw_image(graphics, edges[place], heights[step + 1], np.full((*size, 4), colour))
        graphics.restore()


def shown_symbol(symbol):
    """A symbol as the picture writes it: a mark without its brackets, in the reader's language."""
    return say(MARKS[symbol]) if symbol in MARKS else symbol
