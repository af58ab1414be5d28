"""How a judge runs: the reader's code is called on copies, and whatever it does ends in a `Verdict`.

`@judge` lets a judge read like a list of demands: it returns the sentence for a right answer, and raises
`Wrong` or `NotTried` with a sentence at the first demand that is not met. Whatever else is raised comes from
the reader's code, and becomes a sentence that names the error and the line.
"""

import copy
import functools
import inspect
import re
import sys
import traceback
import warnings
from collections import deque

import numpy as np

from ...text import N_, say, typed
from . import compare
from .compare import Wrong, mistake
from .exercise import Verdict
from .limits import PRINTED, Stopped, limited, prints_cut

LONGEST_MESSAGE, LONGEST_CODE = 200, 80  # characters that are shown of an error's message and of a line


class NotTried(Exception):
    """The answer is not there yet; the message says what is still open."""


def untried(sentence, **facts):
    """The `NotTried` that says a sentence, with its {names} filled in."""
    return NotTried(say(sentence, **facts))


def judge(decide):
    """Turn decide(answer), which returns a sentence or a `Verdict`, or raises Wrong or NotTried, into a judge.

    A judge may have `slips`: (name, wrong answer, sentence) of each mistake that it knows. The tests give it each of them.
    """

    @functools.wraps(decide)
    def verdict(answer):
        try:
            with prints_cut():
                return limited(lambda: _verdict(decide, answer))
        except KeyboardInterrupt as stop:  # of the reader, or because it took too long
            return Verdict(Verdict.WRONG, str(stop if isinstance(stop, Stopped) else Stopped()))

    return verdict


def _verdict(decide, answer):
    try:
        if answer is None:
            raise untried(
                "Your answer is `None`, which stands for nothing. A call of `print` gives `None` as well, because "
                "it only shows a value."
            )
        if is_blank(answer):
            raise untried("Replace the `...` with your answer.")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = decide(_typed(answer))
            return found if isinstance(found, Verdict) else Verdict(Verdict.RIGHT, found)
    except NotTried as gap:
        return Verdict(Verdict.NOT_TRIED, str(gap))
    except Wrong as difference:
        return Verdict(Verdict.WRONG, difference.message, difference.details, difference.slip)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # SystemExit, GeneratorExit, CancelledError: whatever a reader can raise
        return _stopped(answer, error)


def _typed(answer):
    """An answer in which each text is as on an English keyboard, so that no judge has to know another one."""
    if isinstance(answer, str):
        return typed(answer)
    if isinstance(answer, list | tuple) and any(isinstance(each, str) for each in answer):
        return type(answer)(_typed(each) for each in answer)
    return answer


def is_blank(value):
    """Whether a value is None or a `...` that the reader has not replaced, or holds one of these."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple):
        return any(map(is_blank, value))
    return value is None or value is ...


def name_of(answer):
    """The name of the reader's function, for sentences."""
    name = _asked(lambda: answer.__name__, "<lambda>")
    return say("your function") if name == "<lambda>" else name


def call(answer, arguments, names=()):
    """The result of answer(*copies of arguments), and the names of the arguments that it changed in place.

    names   of the arguments, for sentences. Raises Wrong when the answer cannot be called with so many.
    """
    expect_function(answer)
    names = names or compare.argument_names(answer, len(arguments))
    _expect_arguments(answer, arguments, names)
    copies = copy.deepcopy(tuple(arguments))
    result = answer(*copies)
    changed = [not compare.same(*pair) for pair in zip(arguments, copies, strict=True)]
    return result, [name for name, differs in zip(names, changed, strict=True) if differs]


def expect_function(answer):
    if not callable(answer):
        got = compare.describe(answer)
        raise mistake("Expected a function, got {got}. Give its name alone, without brackets.", got=got)


def _expect_arguments(answer, arguments, names):
    try:
        signature = inspect.signature(answer)
    except (TypeError, ValueError):  # some built-in functions do not tell
        return
    try:
        signature.bind(*arguments)
    except TypeError:
        wanted = say("{count} arguments ({names})", count=len(arguments), names=", ".join(names))
        name = _asked(lambda: answer.__name__, "")
        got = f"`lambda {str(signature)[1:-1]}`" if name == "<lambda>" else f"`{name_of(answer)}{signature}`"
        raise mistake("Expected a function of {wanted}, got {got}.", wanted=wanted, got=got) from None


def expect_results(answer, results, names=()):
    """Raise NotTried when nothing has come back yet, or not all parts, and Wrong when only some cases return.

    results   one for each call             names   of the parts of each result, when it is a tuple
    """
    name, blank = name_of(answer), [result is None or result is ... for result in results]
    if all(blank):
        raise nothing_back(name, results[0])
    if any(blank):
        raise mistake(
            "`{name}` returns nothing in case {position} of {total}. Does every branch end with `return`?",
            name=name,
            position=blank.index(True) + 1,
            total=len(results),
        )
    if any(map(is_blank, results)):
        gaps = [part_name for part_name, part in zip(names, results[0], strict=False) if is_blank(part)]
        gaps = ", ".join(gaps) or "`...`"
        raise untried("Still open in what `{name}` returns: {gaps}.", name=name, gaps=gaps)


def nothing_back(name, result=None):
    """What to raise where the code called `name` gives back None or `...`: who has printed has tried."""
    if result is ...:
        return untried("Put your result in the place of the `...` that `{name}` returns.", name=name)
    if getattr(sys.stdout, "room", PRINTED) < PRINTED:  # `prints_cut` counts
        return mistake(
            "`{name}` prints, and it returns nothing. `print` only shows a value to you, and `return` gives it to "
            "whoever called the function, so end with `return` and the value.",
            name=name,
        )
    return untried("`{name}` returns nothing yet. Does it end with `return`?", name=name)


def changes(calls, allowed=()):
    """The remark about an argument that was changed in place, "" where none was; raises Wrong where it may not be.

    calls   (result, names of the arguments that it changed) of each call        allowed   names that may be changed
    """
    changed = [name for _, names in calls for name in names]
    forbidden = [name for name in changed if name not in allowed]
    if forbidden:
        raise mistake(
            "The results are right, but your function changed its argument `{name}`: `a += b` and `a[0] = b` "
            "write into the caller's array, `a = a + b` makes a new one.",
            name=forbidden[0],
        )
    if not changed:
        return ""
    return say(
        "Your function writes into the caller's array `{name}`, as `+=` and `-=` do. That is right where nobody needs "
        "the old numbers any more. `a = a - b` makes a new array and leaves the old one as it is.",
        name=changed[0],
    )


def watched(answer, returns=False):
    """The reader's function, except that it raises NotTried when it returns a `...`.

    returns   whether it has to return something, so that None is not tried either; a function that changes its
              arguments need not
    """

    @functools.wraps(answer)
    def call_answer(*arguments, **options):
        result = answer(*arguments, **options)
        if returns or result is not None:
            expect_results(answer, [result])
        return result

    return call_answer


def _stopped(answer, error):
    """The verdict on an answer that raised an error: its kind, its message, the line of the reader's code."""
    if isinstance(error, NotImplementedError):
        return Verdict(Verdict.NOT_TRIED, say("`{name}` is not written yet.", name=name_of(answer)))
    message = _asked(lambda: misfit(answer, error)) or _asked(lambda: str(error)[:LONGEST_MESSAGE])
    kind = f"{type(error).__name__}: {message}" if message else type(error).__name__
    place = _asked(lambda: _place(answer, error))
    if place and isinstance(error, TypeError) and "ellipsis" in _asked(lambda: str(error)):
        return Verdict(Verdict.NOT_TRIED, say("A `...` still has to be replaced in {place}.", place=place))
    if place:
        return Verdict(Verdict.WRONG, say("It stopped in {place}, with {error}", place=place, error=kind))
    return Verdict(Verdict.WRONG, say("It stopped with {error}", error=kind))


def _asked(question, default=""):
    """The result of question(), the default where it raises: the reader's objects may do so whatever they are asked."""
    try:
        return question()
    except Exception:
        return default


def _last_frame(answer, error):
    """The last frame of the reader's code (functions or classes) before the error and its line; (None, None) without one.

    The code of a class stands where its methods find their names: in a notebook, in all its cells. Only the line that is
    wanted is looked up: Python 3.15 may go hundreds of thousands of calls deep before a recursion ends
    (https://github.com/python/cpython/issues/155151).
    """
    parts = answer if isinstance(answer, list | tuple) else [answer]
    files = [getattr(getattr(part, "__code__", None), "co_filename", None) for part in parts]
    methods = [thing for part in parts if isinstance(part, type) for thing in vars(part).values()]
    files += [name for method in filter(inspect.isfunction, methods) for name in _files(method.__globals__)]
    last = deque((at for at in traceback.walk_tb(error.__traceback__) if at[0].f_code.co_filename in files), maxlen=1)
    return (last[0][0], traceback.StackSummary.extract(last)[0]) if last else (None, None)


def _files(namespace):
    """The files in which the functions and methods among some names stand."""
    for thing in list(namespace.values()):
        parts = vars(thing).values() if isinstance(thing, type) else [thing]
        for part in filter(inspect.isfunction, parts):
            if part.__globals__ is namespace:
                yield part.__code__.co_filename


def misfit(answer, error):
    """An error of Python or NumPy that tells a beginner little, in words; "" for another error."""
    text = str(error)
    found = re.match(rf"shapes {_SHAPES} not aligned", text)
    if found:
        return _do_not_fit(found["first"], found["second"], found["second"].count(",") > 1)
    for pattern, kind, sentence in _IN_WORDS:
        found = isinstance(error, kind) and re.search(pattern, text)
        if found:
            return say(sentence, error=text[:LONGEST_MESSAGE], **found.groupdict())
    found = isinstance(error, NameError) and re.match(r"name '(\w+)' is not defined", text)
    if found and callable(getattr(np, found[1], None)):
        return say("`{name}` is not defined here, and NumPy's function is called `np.{name}`", name=found[1])
    found = re.match(r"matmul: Input operand 1 has a mismatch .*\(size (\d+) is different from (\d+)\)", text)
    if not found:
        return ""
    right, left = map(int, found.groups())
    frame, line = _last_frame(answer, error)
    if frame:
        shapes = [[_shape(frame, side) for side in pair] for pair in _PRODUCT.findall(line.line or "")]
        for first, second in filter(all, shapes):
            if first[-1] == left and second[-2:][0] == right:
                return _do_not_fit(first, second, len(second) > 2)
    return say(
        "the shapes do not fit: the array before `@` ends with the size {left}, the one behind it begins with {right}, "
        "and they must be equal",
        left=left,
        right=right,
    )


def _do_not_fit(first, second, stacked):
    """The sentence about a product. stacked: the second array has more than two axes."""
    if stacked:
        return say(
            "the shapes {first} and {second} do not fit: the last number of the first shape must equal the last but "
            "one of the second",
            first=first,
            second=second,
        )
    return say(
        "the shapes {first} and {second} do not fit: the last number of the first shape must equal the first number of "
        "the second",
        first=first,
        second=second,
    )


_SHAPES = r"(?P<first>\([\d, ]*\)) (?:and )?(?P<second>\([\d, ]*\))"
_IN_WORDS = [  # pattern, kind of the error, sentence
    (r"'NoneType'", (TypeError, AttributeError),
     N_("{error}. Something here is `None`. A function that returns nothing, such as `append`, gives back `None`.")),
    (rf"^(?:operands could not be broadcast together with )?shapes {_SHAPES}(?: \(.*\))?\s*$", ValueError,
     N_("the shapes {first} and {second} do not fit entry by entry")),
    (r"^matmul: Input operand \d does not have enough dimensions|for @: '(?:int|float)'", (ValueError, TypeError),
     N_("one side of `@` is a single number, but `@` needs arrays on both sides. Use `*` to multiply by a number")),
    (r"output operand with shape (?P<first>\(.*?\)) doesn't match the broadcast shape (?P<second>\(.*?\))", ValueError,
     N_("a result of shape {second} does not fit into the array of shape {first} that `+=` or `*=` changes, while `a "
        "= a + b` makes a new array")),
    (r"could not broadcast input array from shape (?P<first>\(.*?\)) into shape (?P<second>\(.*?\))", ValueError,
     N_("numbers of shape {first} do not fit into a place of shape {second}")),
    (r"^The truth value of an array", ValueError,
     N_("a comparison of arrays has an answer for each entry, and `if`, `while`, `and`, `max` and `min` ask for a "
        "single one, while `np.where`, `np.maximum` and `np.minimum` go entry by entry")),
    (r"^only \S+ arrays can be converted", TypeError,
     N_("a function that takes one number was given an array. `float`, `int` and the functions of `math` take one "
        "number, but those of `np` take arrays")),
    (r"^can't multiply sequence by|^unsupported operand type.*'(list|tuple)'|^can only concatenate (list|tuple) ", TypeError,
     N_("lists and tuples do not calculate entry by entry, but an array made by `np.array(...)` does")),
    (r"^operand '(?P<name>\w+)' does not support ufuncs", TypeError,
     N_("a function of `np` was given an object of the class `{name}`, and it takes plain numbers")),
    (r"^'numpy\.\w+' object has no attribute 'value'", AttributeError, N_("these are plain numbers already, without `.value`")),
    (rf"^'(?:numpy\.)?ndarray' object has no attribute '(?P<name>{'|'.join(dir(list))})'", AttributeError,
     N_("`{name}` belongs to lists, but this is an array, and `list(...)` turns it into a list")),
    (rf"^'(?:list|tuple)' object has no attribute '(?P<name>{'|'.join(dir(np.ndarray))})'", AttributeError,
     N_("`{name}` belongs to arrays, but this is a list or a tuple, and `np.array(...)` turns it into an array")),
    (r"for \^: |bitwise_xor", TypeError, N_("`^` is no power in Python, where a power is written `**`")),
    (r"^'(?:numpy\.\w+|int|float)' object is not callable", TypeError,
     N_("a number or an array stands before round brackets, as if it were a function, while `*` multiplies and "
        "square brackets pick entries")),
    (r"^'int' object is not iterable", TypeError,
     N_("a whole number is no list to go through, but `range(n)` is one, with 0, 1, ..., n - 1")),
    (r"^only integers, slices", IndexError,
     N_("an index has to be a whole number, and `for each in x` gives the numbers of `x`, while `range(len(x))` gives their "
        "places")),
    (r"^'float' object cannot be interpreted as an integer", TypeError,
     N_("a whole number is asked for, but `/` gives decimals, while `//` divides and drops the remainder")),
    (r"has an inhomogeneous shape", ValueError,
     N_("parts of different shapes do not fit into one array, and a list or a tuple holds them as they are")),
    (r"^name 'math' is not defined", NameError, N_("`import math` is missing, and the functions of `np` do without it")),
    (r"Cannot cast ufunc .* output from dtype\('float\d+'\) to dtype\('u?int\d+'\)", TypeError,
     N_("an array of whole numbers cannot take decimals, so make it with `dtype=float`")),
    (r"local variable '(?P<name>\w+)'", UnboundLocalError, N_("`{name}` is used before this function has given it a value")),
    (r"", RecursionError,
     N_("it called itself until Python had no room for more calls, so one of its cases has to give an answer without "
        "a further "
        "call")),
]  # fmt: skip
_PRODUCT = re.compile(r"(?<![\w.])(\w+(?:\.T)?)\s*@\s*(\w+(?:\.T)?)(?![\w.\[(])")  # of two variables


def _shape(frame, side):
    """The shape of a variable of a frame or of its transpose, () where it has none."""
    name, turned = side.removesuffix(".T"), side.endswith(".T")
    shape = getattr(frame.f_locals.get(name, frame.f_globals.get(name)), "shape", ())
    return shape[::-1] if turned else shape


def _place(answer, error):
    """The last line of the reader's code before the error, "" when there is none."""
    _, line = _last_frame(answer, error)
    if not line:
        return ""
    number, code = line.lineno, line.line
    if not code:
        return say("line {number}", number=number)
    return say("line {number}, `{code}`", number=number, code=code[:LONGEST_CODE])
