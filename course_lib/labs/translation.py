"""The lab "translate a number": type a number, and watch the network write it in Chinese, and where it looks."""

import difflib
import re
import time
import unicodedata
from itertools import zip_longest

import numpy as np

from ..datasets.number_words import (
    CHINESE,
    ENGLISH,
    LARGEST,
    LONGEST_CHINESE,
    LONGEST_ENGLISH,
    chinese_numerals,
    encode,
    english_words,
)
from ..models.translation import END, START
from ..ops import softmax
from ..pictures import style
from ..text import N_, say
from . import base
from .base.buttons import Button, Run
from .base.lab import Lab
from .base.model import LabModel
from .base.settings import Text

STEPS = LONGEST_CHINESE + 1  # symbols that it may write, the end mark included
START_TEXT = "340,215"


class TranslationModel(LabModel):
    """A trained translator and the number that it is given.

    words        the number in English, a list                number    the whole number, or None when the words are in
                                                              an order that no number of the training data has
    expected     its Chinese numeral, by the rule; "" without a number
    symbols      what the network writes, the end mark included, a list
    done         how many of the symbols have been written so far
    weights      (symbols, words) where it looks when it writes each of them
    likely       (symbols, vocabulary) the probability of each symbol at each step
    tried        dict: each sequence of words that was translated to its end -> whether the result was right
    """

    declared = {"number": Text(START_TEXT)}
    goals = ("a mistake",)

    def __init__(self, translator, **settings):
        self.translator, self.tried = translator, {}
        super().__init__(**settings)

    def twin(self, **changes):
        return type(self)(self.translator, **self.settings | changes)

    def checked(self, changes):
        """As every model's; a number in digits or in English words."""
        settings = super().checked(changes)
        words_of(settings["number"])
        return settings

    def _start(self):
        """Translate; nothing of it is written yet."""
        words = words_of(self.settings["number"])
        self.words, self.number = words, number_of(words)
        self.expected = "" if self.number is None else chinese_numerals(self.number)
        source = encode([words], ENGLISH, LONGEST_ENGLISH)
        row = self.translator.translate(source, STEPS)[0]
        places = row[: np.flatnonzero(row == END)[0] + 1] if END in row else row
        target = np.array([[START, *places[:-1]]])  # what the decoder has read when it writes each symbol
        self.symbols = [CHINESE[place] for place in places]
        self.likely = softmax(self.translator(source, target).value[0].astype(float))
        self.weights = self.translator.attention_map(source, target)[0, :, : len(words)]
        self.done = 0

    def _step(self):
        """Write the next symbol."""
        self.done += 1
        if self.finished and self.number is not None:
            self.tried[tuple(self.words)] = self.right

    def ask(self, text):
        """Take another number, or the same one again. Raises ValueError, and changes nothing, for other text."""
        self.settings = self.checked({"number": text})
        self.reset()

    @property
    def finished(self):
        return self.done == len(self.symbols)

    @property
    def written(self):
        """The symbols written so far, as a text without the end mark."""
        return "".join(symbol for symbol in self.symbols[: self.done] if symbol != "<end>")

    @property
    def right(self):
        """Whether the whole translation is that of the rule."""
        return self.symbols == [*self.expected, "<end>"]

    @property
    def good(self):
        return self.finished and self.right

    @property
    def bad(self):
        """Whether all is written, and there is a rule that says otherwise."""
        return self.finished and self.number is not None and not self.right

    @property
    def mistakes(self):
        return sum(not right for right in self.tried.values())

    def _reached_now(self):
        return self.goals if self.mistakes else ()

    def candidates(self, count=4):
        """The most likely symbols of the step that was written last: a list of (symbol, probability)."""
        if not self.done:
            return []
        likely = self.likely[self.done - 1]
        return [(CHINESE[place], float(likely[place])) for place in np.argsort(-likely)[:count]]

    # Words

    def title(self):
        """The number in both groupings."""
        number = self.number
        if number is None:
            return say("Not a number of the training data")
        groupings = {1000: "\N{SUPERSCRIPT THREE}", 10_000: "\N{SUPERSCRIPT FOUR}"}
        parts = [
            f"{number // unit} \N{MULTIPLICATION SIGN} 10{power} + {number % unit}"
            for unit, power in groupings.items()
            if number >= unit
        ]
        return "  =  ".join([f"{number:,}", *parts])

    def status(self):
        """One sentence: what is written so far, and at the end whether it is right."""
        words = " ".join(self.words)
        if not self.done:
            return say("Ready: {words}", words=words)
        if not self.finished:
            symbol, probability = self.candidates(1)[0]
            return say(
                "{written}: step {step} wrote {symbol}, probability {probability}",
                written=self.written or "\N{HORIZONTAL ELLIPSIS}",
                step=self.done,
                symbol=symbol,
                probability=percent(probability),
            )
        written = self.written or say("nothing")
        if self.number is None:
            return say(
                "{words}: it writes {written}. No number of the training data is said like this, so there is no rule "
                "to compare with",
                words=words,
                written=written,
            )
        if self.right:
            return say(
                "{number:,}: {written} is right. At its least certain step the network gave the symbol that it wrote "
                "a probability of {least}",
                number=self.number,
                written=written,
                least=percent(self.likely.max(axis=1).min()),
            )
        return say(
            "{number:,}: {written} is wrong, the rule says {expected}. {place}",
            number=self.number,
            written=written,
            expected=self.expected,
            place=self._first_difference(),
        )

    def _first_difference(self):
        pairs = zip([*self.expected, "<end>"], self.symbols, strict=False)
        step, wanted = next((i, a) for i, (a, b) in enumerate(pairs) if a != b)
        return say(
            "At step {step} it gave {wanted} a probability of {probability}",
            step=step + 1,
            wanted=wanted,
            probability=percent(self.likely[step, CHINESE.index(wanted)]),
        )

    def description(self):
        """The facts of the picture that any trained translator shares, for its alternative text."""
        return say(
            "Translation with attention: a grid with a column for each of the {words} English words ({english}) and a row for "
            "each symbol that the network writes, at most {steps}; each field is darker the more it looks there, and each "
            "row adds up to {total:.0f}. By the rule the number is {expected}. Beside it: the most likely next symbols.",
            words=len(self.words),
            english=" ".join(self.words),
            steps=STEPS,
            total=float(self.weights[0].sum()),
            expected=self.expected,
        )


def percent(probability):
    """A probability in per cent; what would be rounded to 0 or 1 is said to be below or above."""
    if probability > 0.9995:
        return say("more than 99.9 %")
    if probability < 0.0005:
        return say("less than 0.1 %")
    return f"{100 * probability:.1f} %"


def words_of(text):
    """The English words of a number, typed in digits or in words. Raises ValueError with a sentence for other text."""
    plain = unicodedata.normalize("NFKC", text).strip().lower()  # full-width digits become ordinary ones
    plain = plain.replace("\N{MINUS SIGN}", "-")
    if not plain:
        raise ValueError(say("Type a number from 0 to {largest:,}, in digits or in English words.", largest=LARGEST))
    if re.match(r"-\s*\d|(minus|negative)\b", plain):
        raise ValueError(
            say(
                "{text}: the training data have no negative numbers, only 0 to {largest:,}.",
                text=text.strip(),
                largest=LARGEST,
            )
        )
    if re.fullmatch(r"\d+([, _']\d{3,4})*", plain):
        digits = re.sub(r"\D", "", plain).lstrip("0") or "0"
        if len(digits) > 6:
            raise ValueError(
                say(
                    "{text} is larger than {largest:,}. The vocabulary ends at thousand, and in Chinese such a "
                    "number needs groups of digits that the network has never written.",
                    text=text.strip(),
                    largest=LARGEST,
                )
            )
        return english_words(int(digits))
    if re.fullmatch(r"[\d., _']*\d[\d., _']*(e[+-]?\d+)?", plain):
        raise ValueError(
            say("{text}: expected a whole number, without a decimal point; write 340215 or 340,215.", text=text.strip())
        )
    if any("\N{CJK UNIFIED IDEOGRAPH-4E00}" <= character <= "\u9fff" for character in plain):
        raise ValueError(
            say("{text}: this network reads English and writes Chinese, not the other way round.", text=text.strip())
        )
    words = [word for word in re.split(r"[\s,-]+", plain) if word and word != "and"]
    for word in words:
        if word not in ENGLISH[1:]:
            raise ValueError(_unknown(word))
    if not words or len(words) > LONGEST_ENGLISH:
        raise ValueError(say("{count} words: a number has 1 to {longest}.", count=len(words), longest=LONGEST_ENGLISH))
    return words


def _unknown(word):
    near = difflib.get_close_matches(word, ENGLISH[1:], n=1)
    if near:
        return say("{word} is not a word of the vocabulary. Did you mean {near}?", word=word, near=near[0])
    return say(
        "{word} is not a word of the vocabulary: it has {count}, from zero to ninety, hundred and thousand.",
        word=word,
        count=len(ENGLISH) - 1,
    )


def number_of(words):
    """The number whose English words these are; None when there is none ("twelve hundred", "thousand thousand")."""
    groups = " ".join(words).split("thousand")
    number = sum(_group_value(group.split()) * 1000**power for power, group in enumerate(reversed(groups)))
    return number if number <= LARGEST and english_words(number) == list(words) else None


def _group_value(words):
    """The value of up to three digits in words; any number when they are in no good order: the caller checks."""
    value = 0
    for word in words:
        place = ENGLISH.index(word) - 1
        value = value * 100 if word == "hundred" else value + (place if place < 20 else 10 * (place - 18))
    return value


ACROSS, DOWN = (74, 662), (372, 24)  # the grid: left and right edge, upper and lower edge, in CSS pixels
BARS = (732, 832, 300, 34)  # of the most likely symbols: left, right, middle of the first, distance downwards
CANDIDATES = 5
SMALLEST = 0.005  # weight that is shown
MARKS = {"<pad>": N_("pad"), "<start>": N_("start"), "<end>": N_("end")}


class TranslationLab(Lab):
    """The lab "translate a number", to be the last line of a cell.

    translator   a trained `Translator` of English number words (places in ENGLISH) into Chinese numerals (CHINESE)
    name         labs with different names may be open in one notebook; the same name again replaces the first
    text         the number that it starts with
    """

    size = (960, 420)
    static_steps = STEPS
    step_seconds = 0.35
    question = N_("Where does it look when it writes a digit, and where when it writes \u96f6?")
    goal_texts = {"a mistake": N_("Goal: find a number that it gets wrong. Tried so far: {tried}, wrong: {wrong}.")}
    actions = {
        "translate": Run(N_("Translate"), N_("Write the translation symbol by symbol")),
        "step": Button(N_("Next symbol"), "_step", N_("Pause and write one symbol")),
        "random": Button(N_("Random number"), "_draw", N_("A number of one to six digits")),
    }
    rows = (("number", "translate", "step", "random"),)

    def __init__(self, translator, name="translation", text=START_TEXT):
        self._asked, self._random = -1.0, np.random.default_rng(0)
        model = TranslationModel(translator, number=text)
        model.advance(STEPS)  # a first picture; the button writes it once more, symbol by symbol
        self.open(model, name)

    def facts_of(self, goal):
        return {"tried": len(self.model.tried), "wrong": self.model.mistakes}

    def make_buttons(self):
        self.controls["number"] = base.controls.TextControl(
            say("Number"),
            self.model.settings["number"],
            ends=("0", "nine hundred ninety nine thousand nine hundred ninety nine"),
            placeholder=say("340,215, or its English words"),
            on_change=self.safely(self._ask),
            width=460,
        )
        return super().make_buttons()

    def _ask(self, text):
        self.model.ask(text)
        self._next, self._asked = 0.0, time.perf_counter()
        self.start()
        self.redraw()

    def _toggle(self):
        if not self.running or time.perf_counter() - self._asked > 0.5:  # else the button was pressed to leave the text
            super()._toggle()

    def _step(self):
        self.prepare()
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
        if not (0 <= step < model.done and 0 <= place < len(model.words)):
            return ""
        return say(
            "step {step}, {symbol}: attention to {word} {weight:.3f}",
            step=step + 1,
            symbol=shown_symbol(model.symbols[step]),
            word=model.words[place],
            weight=model.weights[step, place],
        )

    # The picture

    def make(self, canvas):
        """The attention map on the left, the most likely next symbols on the right."""
        (left, right), (top, bottom) = ACROSS, DOWN
        self.map = canvas.axes(left, bottom, right - left, top - bottom, xticks=[], yticks=[])
        self.map.set(xlim=(0, LONGEST_ENGLISH), ylim=(STEPS, 0))
        self.map.spines[:].set_visible(False)
        for step in range(STEPS + 1):
            self.map.axhline(step, color=style.RC["grid.color"], linewidth=0.8)
        for place in range(LONGEST_ENGLISH + 1):
            self.map.axvline(place, color=style.RC["grid.color"], linewidth=0.8)
        shape = (STEPS, LONGEST_ENGLISH)
        self.fields = canvas.moving(base.artists.Fields(canvas.figure, ACROSS, DOWN, shape, SMALLEST))
        width, height = (right - left) / LONGEST_ENGLISH, (top - bottom) / STEPS
        columns = [left + (i + 0.5) * width for i in range(LONGEST_ENGLISH)]
        heights = [top - (step + 0.5) * height for step in range(STEPS)]
        self.title = canvas.label((left, 410), size=11, align="left")
        self.words = [canvas.label((x, top + 12), size=10) for x in columns]
        self.symbols = [canvas.label((left - 22, y), size=13, family=style.CHINESE_FONT) for y in heights]
        self.numbers = [canvas.label((16, y), size=9, colour=style.GREY) for y in heights]
        self.weights = [[canvas.label((x, y), size=9) for x in columns] for y in heights]
        self._make_bars(canvas)
        canvas.hand.reading(self.map, self._weight_at)

    def _make_bars(self, canvas):
        left, right, first, distance = BARS
        bottom = first - (CANDIDATES - 0.5) * distance
        self.bars = canvas.axes(left, bottom, right - left, CANDIDATES * distance, xlim=(0, 1), xticks=[], yticks=[])
        self.bars.set_ylim(CANDIDATES - 0.5, -0.5)
        self.bars.spines["bottom"].set_visible(False)
        self.lengths = [
            canvas.line(self.bars, color=style.BLUE, linewidth=15, solid_capstyle="butt") for _ in range(CANDIDATES)
        ]
        self.heading = canvas.label((left - 30, first + 36), size=11, align="left")
        heights = [first - rank * distance for rank in range(CANDIDATES)]
        self.likely = [canvas.label((left - 24, y), size=13, family=style.CHINESE_FONT) for y in heights]
        self.percents = [canvas.label((0, 0), align="left") for _ in heights]
        self.captions = [canvas.label((left - 30, y), size=11, align="left") for y in (130, 74)]
        self.written, self.expected = (
            canvas.label((left - 30, y), size=15, align="left", family=style.CHINESE_FONT) for y in (104, 48)
        )

    def show(self):
        model = self.model
        shown = np.zeros((STEPS, LONGEST_ENGLISH))
        shown[: model.done, : len(model.words)] = model.weights[: model.done]
        self.fields.weights = shown
        for labels, weights in zip(self.weights, shown, strict=True):
            for label, weight in zip(labels, weights, strict=True):
                label.text = f"{weight:.2f}" if weight >= SMALLEST else ""
        self.title.text = model.title()
        for label, word in zip_longest(self.words, model.words, fillvalue=""):
            label.text = word
        for step, label in enumerate(self.symbols):
            label.text = shown_symbol(model.symbols[step]) if step < model.done else ""
            self.numbers[step].text = f"{step + 1}" if step < model.done else ""
        self.heading.text = say("Step {step}: most likely symbols", step=model.done) if model.done else ""
        candidates = model.candidates(CANDIDATES)
        for rank, bar in enumerate(self.lengths):
            symbol, probability = candidates[rank] if candidates else ("", 0.0)
            bar.set_data([0, probability], [rank, rank])
            self.likely[rank].text = shown_symbol(symbol)
            self.percents[rank].text = percent(probability) if candidates else ""
            self.percents[rank].put(self.bars, probability, rank, right=4)
        self._show_result(model)

    def _show_result(self, model):
        """What is written so far, and at the end what the rule says, and where the two differ."""
        compared = model.finished and model.number is not None
        self.written.text, self.expected.text = model.written, model.expected if compared else ""
        self.captions[0].text = say("Written so far") if model.done else ""
        if compared:
            self.captions[0].text = say("Written: right") if model.right else say("Written: wrong")
        self.captions[1].text = say("By the rule") if compared else ""
        for label, symbol in zip_longest(self.symbols, [*model.expected, "<end>"] if compared else []):
            same = symbol is None or label.text == shown_symbol(symbol)
            label.colour = style.BLACK if same else style.VERMILLION


def shown_symbol(symbol):
    """A symbol as the picture writes it: a mark without its brackets, in the reader's language."""
    return say(MARKS[symbol]) if symbol in MARKS else symbol
