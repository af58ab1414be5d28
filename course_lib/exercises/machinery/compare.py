"""Expected against got: find the first difference between two results, and say it in one sentence."""

import inspect
import itertools
import re
import reprlib
from types import FunctionType, GeneratorType

import numpy as np

from ...autodiff import Tensor
from ...text import capitalised, joined, say, typed

INLINE = 80  # characters of arguments that fit into a sentence; longer ones are shown below it
_NAN = -1.2345e67  # stands for NaN, which is not equal to itself
LISTED = 40  # numbers of an array that are shown one by one; a larger one is told by its shape


class Wrong(Exception):
    """The answer differs: `message` is what the sentences tell the reader, `details` lines to show below it, or ""; `slip` the
    name of the mistake, where it is known.
    """

    def __init__(self, *sentences, details="", slip=""):
        self.message, self.details, self.slip = joined(*sentences), details, slip
        super().__init__(self.message)


def mistake(sentence, slip="", **facts):
    """The `Wrong` that says a sentence, with its {names} filled in."""
    return Wrong(say(sentence, **facts), slip=slip)


def close(got, expected, tolerance):
    """Whether |got - expected| <= tolerance * (1 + |expected|), number by number; NaN never is."""
    return np.abs(got - expected) <= tolerance * (1 + np.abs(expected))


def results(expected, got, names=(), tolerance=0.0, where="", details=""):
    """Raise Wrong at the first difference between two results, each an array, a number, or a tuple of them.

    names            of the parts of a tuple               tolerance   as in `close`
    where, details   tell the case: the beginning of the sentence, and lines to show below it
    """
    if isinstance(expected, list | tuple):
        _named_results(expected, got, names, tolerance, where, details)
        return
    expected = np.asarray(expected, dtype=np.float64)
    got = array_like(got, expected, where, details)
    off = ~close(got, expected, tolerance)
    if off.any():
        if expected.ndim and expected.size <= LISTED:
            details = f"{details}\n{listing({say('expected'): expected, say('got'): got})}".strip("\n")
        raise Wrong(_first_entry(off, expected, got, where), details=details)


def _named_results(expected, got, names, tolerance, where, details):
    """As `results`, for a tuple: the first part that differs, by its entry that is farthest off, and which parts agree."""
    shown = names or [say("result {number}", number=i) for i in range(1, len(expected) + 1)]
    first, agree = None, []
    for name, wanted, part in zip(shown, expected, parts(unpacked(got, expected), shown, where), strict=True):
        try:
            results(wanted, part, (), tolerance, _join(where, say("in {name}", name=name)), details)
            agree.append(name)
        except Wrong as difference:
            first = first or (difference, wanted, part, name)
    if first is None:
        return
    difference, wanted, part, name = first
    wanted, array = np.asarray(wanted, dtype=np.float64), _plain(part)
    message = difference.message
    if array is not None and array.shape == wanted.shape and wanted.ndim:
        distance = np.nan_to_num(np.abs(array - wanted), nan=np.inf)
        place = _join(where, say("in {name}", name=name))
        message = _first_entry(distance == distance.max(), wanted, array, place)
        many = np.isfinite(array).all() and int((~close(array, wanted, tolerance)).sum()) > 1
        message = joined(message, say("That entry is the farthest off.") if many else "")
    same = say("Right: {names}.", names=say(", ").join(agree)) if agree and names else ""
    raise Wrong(message, same, details=difference.details)


def gradients(expected, got, names, tolerance, batch_size=None, factors=True):
    """Raise Wrong at the first entry that is off; says when all entries that are off share one factor.

    expected, got   lists of arrays, one for each name; batch_size is a factor that has its own explanation
    factors         False: of the factors tell the sign alone
    """
    wheres = [say("gradient of {name}", name=name) for name in names]
    got = [array_like(*each) for each in zip(got, expected, wheres, strict=True)]
    off = [~close(g, e, tolerance) for g, e in zip(got, expected, strict=True)]
    wrong = [i for i in range(len(names)) if off[i].any()]
    if not wrong:
        return
    first, note = wrong[0], ""
    for group in (wrong, wrong[:1]):
        of = say(", ").join(names[i] for i in group)
        subject = say("Every entry") if len(group) == len(names) else say("Every entry of {names}", names=of)
        flat = [np.concatenate([arrays[i].ravel() for i in group]) for arrays in (expected, got)]
        note = note or _factor_note(*flat, subject, tolerance, batch_size, factors)
    counts = [
        say("agrees")
        if i not in wrong
        else say("{off} of {size} off", off=int(mask.sum()), size=mask.size)
        if mask.size > 1
        else say("is off")
        for i, mask in enumerate(off)
    ]
    width = max(map(len, names))
    details = "\n".join(f"{name:{width}}  {count}" for name, count in zip(names, counts, strict=True))
    raise Wrong(_first_entry(off[first], expected[first], got[first], wheres[first]), note, details=details)


def _factor_note(expected, got, subject, tolerance, batch_size, factors):
    """A sentence when got = factor * expected in all entries, "" otherwise. Both are vectors."""
    telling = int((np.abs(expected) > 10 * tolerance).sum())
    if not telling:
        return ""
    factor = float(got @ expected / (expected @ expected))
    if not close(got, factor * expected, tolerance).all():
        return ""
    if abs(factor + 1) < 1e-3:
        return say("{subject} has the wrong sign.", subject=subject)
    if not factors or telling < 2 or abs(factor - 1) < 1e-3:
        return ""  # a single number is a multiple of any other
    if abs(factor) < 1e-3:
        return say("{subject} is 0.", subject=subject)
    size = max(abs(factor), 1 / abs(factor))
    size_text, is_batch = f"{size:.4g}", batch_size and abs(size / batch_size - 1) < 1e-3
    if abs(factor) > 1:
        note = say("{subject} is {size} times too large.", subject=subject, size=size_text)
        question = say("Was the mean over the batch forgotten?")
    else:
        note = say("{subject} is {size} times too small.", subject=subject, size=size_text)
        question = say("Was the mean over the batch taken twice?")
    sign = say("The sign is wrong too.") if factor < 0 else ""
    return joined(note, sign, question if is_batch else "")


def parts(value, names, where=""):
    """The parts of a tuple or list of results; raises Wrong when it does not have one for each name."""
    if not isinstance(value, list | tuple):
        got = describe(value)
    elif len(value) == len(names):
        return list(value)
    else:
        got = say("{count} results", count=len(value))
    wanted = say("{count} results ({names})", count=len(names), names=say(", ").join(names))
    raise Wrong(_sentence(where, say("expected {expected}, got {got}.", expected=wanted, got=got)))


def unpacked(value, expected):
    """A tuple of an array whose rows have the shapes of the parts of the expected tuple; any other value as it is."""
    rows = isinstance(value, np.ndarray) and value.ndim and len(value) == len(expected)
    return tuple(value) if rows and all(np.shape(part) == value.shape[1:] for part in expected) else value


def array_like(value, expected, where="", details=""):
    """The value as a float64 array of the shape of `expected`; raises Wrong when it is something else."""
    array = _plain(value)
    if array is not None and array.shape == expected.shape:
        return array
    got, advice = describe(value) if array is None else _shape_text(array), ""
    if isinstance(value, str):
        advice = say("A text is no number, even when it looks like one, so return what you calculate as it is.")
    elif not expected.ndim:
        alone = array is not None or (isinstance(value, list | tuple) and len(value) == 1)
        advice = say("Leave out the brackets around it.") if alone and np.size(value) == 1 else ""
    elif isinstance(value, tuple) and len(value) > 1 and any(_is_whole(part, expected) for part in value):
        advice = say("{count} results came back, but you are asked for one.", count=len(value))
    elif isinstance(value, list | tuple):
        advice = say("`np.array(...)` makes an array of it.")
    elif array is not None and array.ndim == 2 and array.shape[::-1] == expected.shape:
        advice = say("Its transpose would fit.")
    elif array is not None and array.shape[1:] == expected.shape and len(array) > 1:
        advice = say("There is one for each row. Is something still to be added up over the rows?")
    elif array is not None and np.squeeze(array).shape == np.squeeze(expected).shape:
        many = array.ndim > expected.ndim
        advice = say("An axis of size 1 is too many.") if many else say("An axis of size 1 is missing.")
    difference = say("expected {expected}, got {got}.", expected=_shape_text(expected), got=got)
    raise Wrong(_sentence(where, joined(difference, advice)), details=details)


def _is_whole(part, expected):
    """Whether a part of a tuple is as large as the whole result should be, and so no row of it."""
    array = _plain(part)
    return array is not None and array.ndim >= expected.ndim


def with_nan_as_number(result):
    """A result whose entries may be NaN, such that two of them can be the same: a slip's and the reader's."""
    return np.nan_to_num(result, nan=_NAN, posinf=np.inf, neginf=-np.inf) if isinstance(result, np.ndarray) else result


def one_number(value):
    """The value as a float; raises Wrong unless it is an int, a float, or an array with one number."""
    if _sides(value):
        raise mistake(
            "Expected one number, got {got}. If these are the two sides of a square, how much does the square hold "
            "in all? A decimal number has a point, not a comma.",
            got=reprlib.repr(value),
        )
    if _commas(value):
        raise mistake(
            "Expected one number, got {got}, because a comma makes several of it. Python writes a point "
            "and not a comma, as in 0.5, and between thousands it writes nothing, as in 1000.",
            got=reprlib.repr(value),
        )
    array = _plain(value)
    if array is None or array.size != 1:
        raise Wrong(say("Expected one number, got {got}.", got=describe(value)), _unpacking(value))
    return float(array.reshape(()))


def is_several(text):
    """Whether a text is a number that was written as several: "0,5", "10,000", "3x3"; `one_number` says so."""
    return _sides(text) or _commas(text)


def _sides(value):
    """Whether a number was given as the two sides of a square: 3x3 as a text, or (3, 3)."""
    if isinstance(value, str):
        return re.fullmatch(r"\s*(\d+)\s*(?:[x*×]|by)\s*\1\s*", value) is not None
    return (
        isinstance(value, tuple | list) and len(value) == 2 and all(type(n) is int and n == value[0] > 0 for n in value)
    )


def _commas(value):
    """Whether a number was written with commas: 0,5 is the tuple (0, 5) in Python, 10,000 the tuple (10, 0), "0,5" a text."""
    if isinstance(value, str):
        return re.fullmatch(r"\s*[-+]?\d+(,\d+)+\s*", value) is not None
    return isinstance(value, tuple) and len(value) > 1 and all(type(part) is int for part in value)


def _unpacking(value):
    """How a reader gets the one number out of what they gave, "" when it holds none."""
    if isinstance(value, str) and re.fullmatch(r"\s*[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?\s*", value):
        return say("Leave out the quotation marks.")
    if isinstance(value, str):
        return say("Give the number alone, without quotation marks.")
    if isinstance(value, tuple) and len(value) == 1:
        return say("Leave out the comma behind it.")
    if isinstance(value, list) and len(value) == 1:
        return say("Leave out the brackets.")
    return ""


def _plain(value):
    """A float64 array of an array or a number; None for anything else, True and False included."""
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | float | np.ndarray | np.generic):
        return None
    if isinstance(value, int) and abs(value) > 1e300:  # Python's integers may exceed any float
        value = np.inf if value > 0 else -np.inf
    array = np.asarray(value)
    if array.dtype.kind == "c" and not array.imag.any():  # as NumPy 2.5's eigvals gives real eigenvalues
        array = array.real
    return array.astype(np.float64) if array.dtype.kind in "biuf" else None


def same(a, b):
    """Whether two arguments hold the same numbers; looks into arrays, Tensors, lists, tuples and dicts."""
    if isinstance(a, Tensor):
        a, b = a.value, b.value
    if isinstance(a, np.ndarray):
        return np.array_equal(a, b, equal_nan=a.dtype.kind == "f")
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(same, a, b))
    return True


# Words


def case_place(function, case, position, total):
    """The place of a case in a sentence ("for x = 2"), and its arguments as lines when they are too long."""
    values = dict(zip(argument_names(function, len(case)), case, strict=True))
    inline = say(", ").join(f"{name} = {_value_text(value)}" for name, value in values.items())
    if not case:
        return "", ""
    if len(inline) <= INLINE and "\n" not in inline:
        return say("for {arguments}", arguments=inline), ""
    return say("in case {position} of {total}", position=position, total=total), listing(values)


def argument_names(function, count):
    """The names of a function's arguments; "argument 1", ... where it does not tell."""
    try:
        names = list(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        names = []
    return names if len(names) == count else [say("argument {number}", number=i) for i in range(1, count + 1)]


def listing(values):
    """One line `name = value` for each entry of a dict; arrays may need several lines."""
    return "\n".join(f"{name} = {_value_text(value, f'{name} = ')}" for name, value in values.items())


def describe(value):
    """What a value is, in words: "an array of shape (4,)", "the number 3"."""
    if isinstance(value, np.ndarray) and value.dtype.kind == "O":
        return say("an array of objects that are not numbers")
    if isinstance(value, np.ndarray):
        return say("an array of shape {shape}", shape=value.shape)
    if isinstance(value, Tensor):
        return say("a Tensor of shape {shape}; its plain numbers are `.value`", shape=value.shape)
    if isinstance(value, str):
        return say("the text {text}", text=reprlib.repr(value))
    if isinstance(value, float | np.number):
        return say("the number {number}", number=f"{value:.6g}")
    if isinstance(value, int) and not isinstance(value, bool):
        return say("the number {number}", number=reprlib.repr(value))
    if value is None:
        return say("nothing (`None`)")
    if isinstance(value, bool | np.bool_):
        return f"`{bool(value)}`"
    if isinstance(value, list):
        return say("a list of length {count}", count=len(value))
    if isinstance(value, tuple):
        return say("a tuple of length {count}", count=len(value))
    if isinstance(value, FunctionType):
        return say("a function, which was not called")
    if isinstance(value, GeneratorType):
        return say("a generator, which has not calculated anything yet")
    return say("a value of type `{type}`", type=type(value).__name__)


def forgetful(value):
    """What to say of a plain number or array in the place of something that is recorded; "" of anything else."""
    plain = isinstance(value, int | float | np.ndarray | np.generic)
    return say("A plain number has forgotten where it came from.") if plain else ""


def distinct(expected, got):
    """Two numbers as texts, with as many digits as it takes to tell them apart, 4 at least; whole numbers whole."""
    expected, got = expected + 0.0, got + 0.0  # turns -0 into 0
    if all(float(number).is_integer() and abs(number) < 1e15 for number in (expected, got)):
        return f"{expected:.0f}", f"{got:.0f}"
    for digits in (4, 6, 9, 12, 17):
        texts = f"{expected:.{digits}g}", f"{got:.{digits}g}"
        if texts[0] != texts[1]:
            break
    return texts


def number_text(number):
    """A reader's number as they would write it: whole numbers whole, others with six digits."""
    number = float(number) + 0.0  # turns -0 into 0
    if number.is_integer() and abs(number) < 1e15:
        return f"{number:.0f}"
    text = f"{number:.6g}"
    return f"{number:.12g}" if float(text).is_integer() else text  # what is not whole does not read so


def is_rounded(got, expected):
    """Whether all numbers are the expected ones, rounded to two decimals or more, and less than a twentieth off."""
    ends = np.any([np.abs(np.round(expected, decimals) - got) < 1e-9 for decimals in range(2, 6)], axis=0)
    return bool(np.all(ends & (np.abs(np.subtract(got, expected)) <= 0.05 * np.abs(expected))))


def direction(got, expected, shown):
    """The sentence that says on which side of the expected number a wrong one lies, and does not say how far."""
    if not np.isfinite(got):
        return say("Got {got}, which is no finite number.", got=shown)
    if got * expected < 0:
        return say("Got {got}: the sign is wrong.", got=shown)
    if got > expected:
        return say("Got {got}: that is too large.", got=shown)
    return say("Got {got}: that is too small.", got=shown)


def letter(answer):
    """The letter that a reader means: "C", "(c)", "c)", "line c", ["c"] are all c; "" for what is no text."""
    if isinstance(answer, list | tuple) and len(answer) == 1:
        answer = answer[0]
    if not isinstance(answer, str):
        return ""
    return re.sub(r"^(line|option|answer|letter)\s+", "", typed(answer).strip().lower()).strip("()[].,:;'\" ")


def other_order(expected, got, names, tolerance):
    """A sentence when the parts of all results are right but stand in another order, "" otherwise. Lists of tuples."""
    if len(names) < 2:
        return ""
    got = [unpacked(result, wanted) for result, wanted in zip(got, expected, strict=True)]
    if not all(isinstance(result, list | tuple) and len(result) == len(names) for result in got):
        return ""
    for order in list(itertools.permutations(range(len(names))))[1:]:
        try:
            for wanted, result in zip(expected, got, strict=True):
                results(tuple(wanted[i] for i in order), tuple(result), (), tolerance)
        except Wrong:
            continue
        found = say(", ").join(names[i] for i in order)
        wanted = say(", ").join(names)
        return say("Your parts are right, but in the order {found}: expected {names}.", found=found, names=wanted)
    return ""


def relation(expected, got, tolerance, factors=True):
    """A sentence when all numbers are the right ones times one factor, or agree with them to three digits or more and not
    to all of them; "" otherwise. Lists of results.

    factors   False: only whether they agree to some digits
    """
    try:
        parts_wanted, parts_shown = _leaves(expected), _leaves(got)
    except (TypeError, ValueError):  # these are no numbers
        return ""
    if [*map(np.shape, parts_wanted)] != [*map(np.shape, parts_shown)]:
        return ""
    wanted, shown = (np.concatenate([*map(np.ravel, each)]) for each in (parts_wanted, parts_shown))
    apart = float(np.max(np.abs(shown - wanted) / (1 + np.abs(wanted)), initial=0.0))
    if shown.size < 2 or not np.isfinite(apart):
        return ""
    if not tolerance < apart < 1e-3:
        return _factor_note(wanted, shown, say("Every number"), tolerance, None, factors) if factors else ""
    return say(
        "All of your numbers agree with the right ones to {digits} digits and no further, so they may look the same. "
        "A formula agrees to more digits, and a finite difference, a rounded number or float32 does not.",
        digits=int(-np.log10(apart)),
    )


def _leaves(result):
    """The arrays and numbers in nested tuples and lists."""
    nested = isinstance(result, list | tuple)
    return [leaf for part in result for leaf in _leaves(part)] if nested else [np.asarray(result, dtype=np.float64)]


def _first_entry(off, expected, got, where):
    """The sentence about the first entry that is off, in row order."""
    index = tuple(int(i) for i in np.argwhere(off)[0])
    place = _join(where, say("entry {index}", index=list(index))) if index else where
    wanted, shown = distinct(expected[index], got[index])
    advice = "" if np.isfinite(got[index]) else say("Look for a division by 0, a log of 0 or an overflow.")
    difference = say("expected {expected}, got {got}.", expected=wanted, got=shown)
    return _sentence(place, joined(difference, advice))


def _sentence(where, text):
    return capitalised(say("{where}: {text}", where=where, text=text) if where else text)


def _join(*places):
    return say(", ").join(filter(None, places))


def _shape_text(array):
    return describe(array) if array.ndim else say("one number")


def _value_text(value, before=""):
    if isinstance(value, np.ndarray) and value.size > LISTED:
        return describe(value)
    if isinstance(value, np.ndarray):
        return np.array2string(value, precision=_decimals(value), separator=", ", prefix=before)
    if isinstance(value, float | np.floating):
        return f"{value:.4g}"
    if isinstance(value, list | tuple | dict | str | int):
        return _LISTS.repr(value)
    return getattr(value, "__name__", type(value).__name__)


_LISTS = reprlib.Repr()
_LISTS.maxlist = LISTED // 2


def _decimals(array):
    """How many decimals it takes to tell the numbers of an array apart, 4 at least."""
    if array.dtype.kind == "f":
        for decimals in (4, 6):
            if len(set(array.round(decimals).flat)) == len(set(array.flat)):
                return decimals
        return 8
    return 4
