"""What a setting of a lab may be: each kind checks a value, writes it into a lab's state line, and reads it from there."""

from dataclasses import dataclass, field

from ...text import say
from .checks import check_choice, check_number


class Settings(dict):
    """Settings by name: settings["rate"], or settings.rate."""

    def __getattr__(self, name):
        try:
            return self[name]
        except KeyError:
            raise AttributeError(f"there is no setting {name!r}") from None


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A setting that may have a control of its own, and what it says of that; without a label it has none.

    label                       what the control is called
    logarithmic, step, slider   of a number, as in `NumberControl`
    choices                     values to choose from; by default the options of a `Choice`
    words                       value -> how it is written, where that is not the value itself
    ends, placeholder           of a text: what a test moves it to, and what stands there when it is empty
    pauses                      whether a change pauses the run
    """

    label: str = ""
    logarithmic: bool = False
    step: float | None = None
    slider: bool = True
    choices: tuple = ()
    words: dict = field(default_factory=dict)
    pauses: bool = False
    ends: tuple = ()
    placeholder: str = ""

    def shown_choices(self):
        """{what is shown: what is meant} of a setting that is chosen from a list; None for a number or a switch."""
        choices = self.choices or getattr(self, "options", ())
        if not choices or (choices == (False, True) and not self.words):
            return None
        return {say(self.words.get(choice, str(choice))): choice for choice in choices}


@dataclass(frozen=True)
class Number(Kind):
    """A number from low to high.

    whole    whole numbers only                    says   what sentences call it; by default the setting's name
    """

    low: float
    high: float
    default: float
    whole: bool = False
    says: str = ""

    def checked(self, name, value):
        """The value as the model keeps it. Raises ValueError, with a sentence, when it is no such number."""
        check_number(say(self.says) if self.says else name, value, self.low, self.high, self.whole)
        return int(value) if self.whole else float(value) + 0.0  # -0 is 0

    def write(self, value):
        return repr(value)

    def read(self, text):
        """The number; a text that is none is left as it is, and `checked` says what was expected."""
        try:
            return int(text) if self.whole else float(text)
        except ValueError:
            return text


@dataclass(frozen=True)
class Choice(Kind):
    """One of some options, which are written without spaces."""

    options: tuple
    default: object

    def checked(self, name, value):
        check_choice(name, value, self.options)
        return value

    def write(self, value):
        return in_one_word(value)

    def read(self, text):
        return next((option for option in self.options if in_one_word(option) == text), text)


def Switch(default, **shown):
    """On or off."""
    return Choice((False, True), default, **shown)


@dataclass(frozen=True)
class Several:
    """Some of the options, in their order; at least so many.

    says   what sentences ask for, with {known} and {got}
    """

    options: tuple
    default: tuple = ()
    least: int = 0
    says: str = ""

    def checked(self, name, value):
        unknown = [one for one in value if one not in self.options]
        if unknown or len(value) < self.least:
            got = unknown[0] if unknown else tuple(value)
            raise ValueError(
                say(
                    "{name}: expected some of {known}, got {got!r}",
                    name=name,
                    known=", ".join(map(str, self.options)),
                    got=got,
                )
            )
        return tuple(one for one in self.options if one in value)

    def write(self, value):
        return "+".join(map(in_one_word, value)) or "none"

    def read(self, text):
        words = {in_one_word(option): option for option in self.options}
        return () if text == "none" else tuple(words.get(word, word) for word in text.split("+"))


@dataclass(frozen=True)
class Text(Kind):
    """A text that the model itself judges."""

    default: str = ""

    def checked(self, name, value):
        if not isinstance(value, str):
            raise ValueError(say("{name}: expected a text, got {got!r}", name=name, got=value))
        return value

    def write(self, value):
        return in_one_word(value)

    def read(self, text):
        return text.replace("_", " ")


@dataclass(frozen=True)
class Numbers:
    """So many numbers from low to high, of one sort."""

    count: int
    low: float
    high: float
    default: tuple
    whole: bool = False

    def checked(self, name, value):
        if len(value) != self.count:
            raise ValueError(
                say("{name}: expected {count} numbers, got {got}", name=name, count=self.count, got=len(value))
            )
        return tuple(self._one.checked(name, number) for number in value)

    def write(self, value):
        return ",".join(f"{number:g}" if number == float(f"{number:g}") else repr(number) for number in value)

    def read(self, text):
        return tuple(map(self._one.read, text.split(",")))

    @property
    def _one(self):
        return Number(self.low, self.high, self.low, self.whole)


def in_one_word(value):
    """An option as it stands in a state line."""
    return "_".join(str(value).split())
