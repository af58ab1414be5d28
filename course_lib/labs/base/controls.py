"""Controls that every lab shares: numbers with a slider, a box and -/+ buttons; choices; switches; texts; buttons."""

import math
import re
import threading
from bisect import bisect_left
from contextlib import contextmanager
from pathlib import Path
from unicodedata import east_asian_width

import ipywidgets as widgets
from anywidget import AnyWidget
from traitlets import List, Unicode

from ...text import say, typed

INITIAL = {"description_width": "initial"}
UNSEEN = {"width": "0", "height": "0", "margin": "0", "overflow": "hidden"}
_THOUSANDS = re.compile(r"[-+]?[1-9]\d{0,2}(,\d{3})+(\.\d*)?")
# The marks of a logarithmic slider in each decade. The Page keys go by five marks (ipywidgets allows no other number), so
# that five presses are a decade.
ROUND = (1, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.8, 2, 2.2, 2.5, 2.8, 3, 3.3, 3.6, 4, 4.5, 5, 5.5, 6, 6.5, 7, 7.5, 8, 9)
# Factors of -/+ beside a logarithmic slider, which is for the large steps, and without one.
FINE, COARSE = 10**0.02, 10**0.1


class Knob(AnyWidget):
    """Speaks for the slider that stands in the same row of a panel; it takes no room itself.

    The knob of ipywidgets has no name, and says its position; neither has the number beside it, and the key End goes to where
    the slider once ended. A few lines on the page (`knobs.js`) mend that; where a page cannot run them, the text box beside a
    slider tells the same.

    label    what the slider is called
    texts    what is said at each position, from 0; [] where positions are the numbers themselves
    said     [position, text] of the present value, which may lie between two positions
    """

    # A text: of a Path anywidget keeps each knob.
    _esm = Path(__file__).with_name("knobs.js").read_text(encoding="utf-8")
    label = Unicode().tag(sync=True)
    texts = List().tag(sync=True)
    said = List().tag(sync=True)

    def __init__(self, label, texts=(), said=()):
        super().__init__(label=label, texts=list(texts), said=list(said), layout=UNSEEN)


class Group(AnyWidget):
    """Makes the row that it stands in a group with a name, for a screen reader; it takes no room itself."""

    _esm = Path(__file__).with_name("group.js").read_text(encoding="utf-8")
    label = Unicode().tag(sync=True)

    def __init__(self, label):
        super().__init__(label=label, layout=UNSEEN)


def with_knob(slider):
    """A slider whose positions are the numbers themselves, in a row with what speaks for it."""
    return widgets.HBox([slider, Knob(slider.description)])


class _Quiet:
    """What controls have in common: what the lab itself shows is not reported back."""

    _silent = frozenset()  # threads that show something at present; on another one it is the reader's doing

    @contextmanager
    def _silence(self):
        self._silent |= {threading.get_ident()}
        try:
            yield
        finally:
            self._silent -= {threading.get_ident()}

    def _is_heard(self):
        return threading.get_ident() not in self._silent

    def use(self, used):
        """Whether it has an effect: otherwise it is out of sight, and so of the Tab order, and keeps its place."""
        self.widget.layout.visibility = "visible" if used else "hidden"


class NumberControl(_Quiet):
    """A number that can be dragged, typed, or stepped.

    The knob of a slider has the control's name for a screen reader, and says the number as it is written beside it.

    label         what it is called
    value         the present number
    low, high     the limits; typing something else gives a sentence through `on_error`
    logarithmic   whether the slider and the steps go by factors
    whole         whole numbers only
    slider        whether there is a slider (otherwise only - [text] +)
    on_change     called with the new number, before slider and box show it: so the picture is on its way first
    on_error      called with a sentence when the text is not a number within the limits
    safely        makes of what is to be done then a function that does it on the lab's own thread
    """

    def __init__(
        self,
        label,
        value,
        low,
        high,
        *,
        on_change,
        on_error,
        logarithmic=False,
        whole=False,
        slider=True,
        step=None,
        safely=lambda action: action,
    ):
        self.label, self.low, self.high, self.whole, self.logarithmic = label, low, high, whole, logarithmic
        self.step = step or ((FINE if slider else COARSE) if logarithmic else 1)
        self._marks = _round_numbers(low, high, whole) if logarithmic else None
        self._report, self._on_error = on_change, on_error
        self._on_change = safely(self._changed)
        self.value = value
        narrow, less = widgets.Layout(width="32px", padding="0"), say("{label}: less", label=label)
        self.minus = widgets.Button(description="\N{MINUS SIGN}", tooltip=less, layout=narrow)
        self.plus = widgets.Button(description="+", tooltip=say("{label}: more", label=label), layout=narrow)
        # Beside a slider, which shows the label, its own label takes no room, and still names it for screen readers.
        hidden = {"width": "92px", "margin": "2px 2px 2px -6px"}
        self.text = widgets.Text(
            value=self._format(value),
            description=label,
            continuous_update=False,
            style={"description_width": "0"} if slider else INITIAL,
            layout=hidden if slider else {"width": f"{62 + _width(label)}px"},
        )
        self.minus.on_click(lambda _: self.set(self._stepped(-1)))
        self.plus.on_click(lambda _: self.set(self._stepped(+1)))
        self.text.observe(self._typed, "value")
        parts = [self.minus, self.text, self.plus] if slider else [self.text, self.minus, self.plus]
        self.slider = self.knob = None
        if slider:
            self.slider = widgets.IntSlider(
                # The number, or that of the mark: whole, so that kernel and browser cannot round it differently.
                value=self._mark(value),
                min=self._mark(low),
                max=self._mark(high),
                description=label,
                readout=False,
                style=INITIAL,
                tooltip=label,
                # Two of them fit beside each other on 1,024 pixels; beside a long label there is still a slider to move.
                layout=widgets.Layout(width=f"{max(236, 110 + _width(label))}px"),
            )
            self.slider.observe(self._dragged, "value")
            self.knob = Knob(label, self._texts(), [self.slider.value, self._format(value)])
            parts = [self.slider, *parts, self.knob]
        self.widget = widgets.HBox(parts, layout=widgets.Layout(align_items="center")).add_class("course-number")

    def set(self, value, dragged=False):
        """Change the number as a reader would: within the limits, shown everywhere, reported to the lab."""
        value = self._rounded(min(max(value, self.low), self.high))
        if value != self.value:
            self.value = value
            self._on_change(value, dragged)

    def _changed(self, value, dragged=False):
        try:
            self._report(value)
        finally:
            self._show(dragged)

    def show(self, value):
        """Show a number that the lab itself has set; nothing is reported back."""
        self.value = value
        self._show()

    def _show(self, dragged=False):
        """dragged: the slider is in the reader's hand, who may be further on by now: it is left where it is."""
        value = self.value
        with self._silence():
            self.text.value = self._format(value)
            if self.slider is not None:
                if not dragged:
                    self.slider.value = self._mark(value)
                self.knob.said = [self._mark(value), self._format(value)]

    def limits(self, low, high):
        """New limits, to be followed by `show(value)`."""
        self.low, self.high = low, high
        self._marks = _round_numbers(low, high, self.whole) if self.logarithmic else None
        if self.slider is not None:
            with self._silence(), self.slider.hold_trait_notifications():
                self.slider.min, self.slider.max = self._mark(low), self._mark(high)
            self.knob.texts = self._texts()

    def ends(self):
        """The values that a test moves this control to."""
        return [self.low, self.high]

    @property
    def _is_direct(self):
        """Whether the slider's positions are the numbers themselves."""
        return self.whole and not self.logarithmic and self.step == 1

    def _dragged(self, change):
        mark = change["new"]
        if not self._is_heard() or mark == self._mark(self.value):
            return
        self.set(self._at(mark), dragged=True)

    def _texts(self):
        """What the knob says at each position."""
        if self._is_direct:
            return []
        return [self._format(self._rounded(self._at(mark))) for mark in range(self.slider.max + 1)]

    def _mark(self, value):
        """The position of the slider that is nearest to a value."""
        if self._is_direct:
            return value
        if not self.logarithmic:
            return round((value - self.low) / self.step)
        after = bisect_left(self._marks, value, 1, len(self._marks) - 1)
        return after if value * value > self._marks[after - 1] * self._marks[after] else after - 1

    def _at(self, mark):
        """The value at a position; the last one stands for the upper limit."""
        if self._is_direct:
            return mark
        if self.logarithmic:
            return self._marks[mark]
        return self.high if mark == self.slider.max else round(self.low + mark * self.step, 9)

    def _typed(self, change):
        if not self._is_heard():
            return
        try:
            written = _without_commas(change["new"])
            value = int(written) if self.whole else float(written) + 0.0  # -0 is 0
            if not self.low <= value <= self.high:
                raise ValueError
        except ValueError:
            kind = say("a whole number") if self.whole else say("a number")
            self._on_error(
                say(
                    "{name}: expected {kind} from {low:g} to {high:g}, got {got}",
                    name=self.label,
                    kind=kind,
                    low=self.low,
                    high=self.high,
                    got=repr(change["new"]),
                )
            )
            self.show(self.value)
            return
        self.value = value
        self._on_change(value)

    def _stepped(self, direction):
        if self.logarithmic:
            stepped = self._rounded(self.value * self.step**direction)
            return stepped if stepped != self.value else self.value + direction
        return self.value + direction * self.step

    def _rounded(self, value):
        if self.whole:
            return round(float(f"{value:.3g}")) if self.logarithmic else round(value)
        return float(f"{value:.3g}")

    def _format(self, value):
        return str(value) if self.whole else f"{value:g}"


class _OneWidget(_Quiet):
    """A control that is one widget, whose value is its own."""

    def __init__(self, widget, on_change):
        self.widget, self._on_change = widget, on_change
        widget.observe(self._changed, "value")

    @property
    def value(self):
        return self.widget.value

    def set(self, value):
        """Change it as a reader would."""
        self.widget.value = value

    def show(self, value):
        """Show a value that the lab itself has set; nothing is reported back."""
        with self._silence():
            self.widget.value = value

    def _changed(self, change):
        if self._is_heard():
            self._on_change(change["new"])


class ChoiceControl(_OneWidget):
    """One of several: a drop-down list.

    options     dict from what is shown to what is meant; a value that is not among them is added
    on_change   called with the new meaning
    """

    def __init__(self, label, value, options, *, on_change):
        self._options = self._with(value, options)
        self.dropdown = widgets.Dropdown(
            options=list(self._options.items()),
            value=value,
            description=label,
            style=INITIAL,
            tooltip=label,
            layout=widgets.Layout(width=f"{48 + _width(label) + max(map(_width, self._options))}px", max_width="98%"),
        )
        super().__init__(self.dropdown, on_change)

    def show(self, value):
        if value not in self._options.values():
            self._options = self._with(value, self._options)
            with self._silence():
                self.dropdown.options = list(self._options.items())
        super().show(value)

    def ends(self):
        return list(self._options.values())

    @staticmethod
    def _with(value, options):
        return options if value in options.values() else options | {str(value): value}


class SwitchControl(_OneWidget):
    """Something that is on or off: a box to tick.

    on_change   called with True or False
    """

    def __init__(self, label, value, *, on_change):
        layout = widgets.Layout(width=f"{36 + _width(label)}px")
        self.box = widgets.Checkbox(
            value=value, description=label, indent=False, style=INITIAL, tooltip=label, layout=layout
        )
        super().__init__(self.box, on_change)

    def ends(self):
        return [not self.value, self.value]


class TextControl(_OneWidget):
    """A line of text, reported when the reader presses Enter or leaves it.

    ends          the texts that a test moves it to
    on_change     called with the new text; it raises ValueError, with a sentence, for a text that it cannot use
    width         of the whole control, in CSS pixels
    """

    def __init__(self, label, value, *, ends, on_change, placeholder="", width=320):
        self._ends = list(ends)
        self.text = widgets.Text(
            value=value,
            description=label,
            placeholder=placeholder,
            continuous_update=False,
            style=INITIAL,
            tooltip=label,
            layout=widgets.Layout(width=f"{width}px", max_width="98%"),
        )
        super().__init__(self.text, lambda text: on_change(typed(text)))

    def ends(self):
        return self._ends


def _without_commas(text):
    """What a reader has typed, as `float` reads it: commas before groups of three digits are thousands, another is a point."""
    plain = typed(text).strip()
    return plain.replace(",", "" if _THOUSANDS.fullmatch(plain) else ".")


def typed_number(text):
    """The number that a reader has typed as a prediction: "-0.5", "0,5", "1,000,000", "1e6".

    Raises ValueError, with a sentence, unless the number is finite.
    """
    try:
        number = float(_without_commas(text))
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise ValueError(say("prediction: expected a number, got {got!r}", got=text))
    return number


def button(label, action, *, tooltip="", icon="", style="", also=()):
    """A button with words on it. also: other words that it is going to show, for which it has room too."""
    made = widgets.Button(
        description=label,
        tooltip=tooltip or label,
        icon=icon,
        button_style=style,
        layout=widgets.Layout(width=f"{48 + max(map(_width, (label, *also)))}px"),
    )
    made.on_click(lambda _: action())
    return made


def _round_numbers(low, high, whole):
    """The marks of a logarithmic slider: the limits, and the round numbers between them."""
    exponents = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    numbers = (float(f"{digits}e{exponent}") for exponent in exponents for digits in ROUND)
    between = {round(number) if whole else number for number in numbers if low < number < high}
    return sorted({low, high} | between)


def _width(text):
    """About how wide a text is on the page, in CSS pixels, if anything too much. Chinese characters are square."""
    return sum(14 if east_asian_width(character) in "WF" else 7 for character in text)
