"""Reads objects of a class that a reader wrote, whatever its attributes are called: by what they hold.

The class is used through its operators and methods alone. Which attribute holds the numbers, the parents, the rule and
the gradient is found by looking: the numbers are those that went in, a parent is an object of the same class, a rule can
be called, and the gradient is what `backward` leaves.
"""

from types import FunctionType

import numpy as np

from ...text import say
from ..machinery import compare
from ..machinery.compare import Wrong, mistake
from ..machinery.reader_code import is_blank, name_of, nothing_back, untried

PROBE = 0.7310585


class ReaderClass:
    """A class that makes values, and what its objects hold.

    make   make(number or array) -> a value without parents; make(number, parents, rule) -> one with them

    Raises NotTried when nothing is kept yet, and Wrong when the number that goes in is not found again.
    """

    def __init__(self, make):
        if not callable(make):
            got = compare.describe(make)
            raise mistake("Expected your class, got {got}. Give its name alone, without brackets.", got=got)
        self.make = make
        probe = make(PROBE)
        if is_blank(probe):
            raise nothing_back(name_of(make), probe)
        self.type = type(probe)
        held = attributes(probe)
        self._numbers = next((name for name, content in held.items() if _holds(content, PROBE)), None)
        if self._numbers is None:
            raise self._without_number(probe, held)
        self._gradient = None

    def _without_number(self, probe, held):
        name = name_of(self.make)
        if _holds(probe, PROBE):
            return mistake("`{name}(x)` gives back the plain number, so nothing else fits into it.", name=name)
        on_class = [key for key, content in vars(self.type).items() if _holds(content, PROBE)]
        if on_class:
            return mistake(
                "`{name}.{key}` belongs to the class, so all values share it, and the last one wins. What "
                "is written to `self` belongs to one value.",
                name=name,
                key=on_class[0],
            )
        if any(content is ... for content in held.values()):
            return untried("In `__init__` a `...` still has to be replaced.")
        if not [key for key, content in held.items() if key != "number" and content is not None]:
            return untried(
                "`{name}(3.0)` keeps nothing yet. A name without `self.` in front is lost when the method ends.",
                name=name,
            )
        return mistake(
            "After `{name}({probe})` no attribute of the new value holds this number.", name=name, probe=f"{PROBE:.4g}"
        )

    # Values

    def is_value(self, thing):
        return isinstance(thing, self.type)

    def numbers(self, value):
        """The numbers of a value, as they are kept."""
        return attributes(value).get(self._numbers)

    def parents(self, value):
        """The values that a value remembers, in order; the same one may stand there twice."""
        found = []
        for content in attributes(value).values():
            if self.is_value(content):
                found.append(content)
            elif isinstance(content, list | tuple | set | frozenset):
                found += [each for each in content if self.is_value(each)]
        return found

    def rule(self, value):
        """What a value keeps that can be called; None when there is nothing."""
        rules = [content for content in attributes(value).values() if callable(content) and not self.is_value(content)]
        return rules[0] if rules else None

    # Gradients

    def find_gradient(self):
        """Which attribute holds the gradient: what `backward` leaves on the factors of a product.

        Raises NotTried when it leaves nothing.
        """
        a, b = self.make(2.7182818), self.make(PROBE)
        before = [_numbers_in(value, self._numbers) for value in (a, b)]
        try:
            (a * b).backward()
        except TypeError as error:
            _expect_something(error)
            raise
        if any(self.is_value(content) for value in (a, b) for content in attributes(value).values()):
            raise mistake(
                "`backward` leaves a value of your class where the gradient of a leaf belongs. A rule takes numbers, "
                "the gradient that has arrived, and it gives back numbers."
            )
        after = [_numbers_in(value, self._numbers) for value in (a, b)]
        changed = [name for name, content in after[0].items() if content is not before[0].get(name)]
        right = [name for name in changed if _holds(after[0][name], PROBE) and _holds(after[1].get(name), 2.7182818)]
        telling = [name for name in changed if "grad" in name.lower()]
        self._gradient = next(iter([*right, *telling, *changed]), None)
        if self._gradient is None:
            raise untried("`backward` runs, but leaves no gradient on any value yet.")

    def gradient(self, value):
        """What stands where the gradient belongs; None when nothing does."""
        if self._gradient is None:
            self.find_gradient()
        return attributes(value).get(self._gradient)

    def result(self, what, value):
        """The value that an expression of the reader's gave; raises NotTried or Wrong when it is none."""
        if value is None or value is ...:
            raise nothing_back(what, value)
        if not self.is_value(value):
            got = say("`{what}` gives {got}, not a value of your class.", what=what, got=compare.describe(value))
            raise Wrong(got, compare.forgetful(value))
        return value


def namespace_of(make):
    """The globals of a function, or of a class's functions; {} where none stands."""
    classes = getattr(make, "__mro__", ())
    functions = [make, *(thing for each in classes for thing in vars(each).values())]
    return next((thing.__globals__ for thing in functions if isinstance(thing, FunctionType)), {})


def attributes(value):
    """{name: content} of an object's own attributes, slots included; {} for what has none."""
    held = dict(getattr(value, "__dict__", {}))
    for each in type(value).__mro__:
        slots = vars(each).get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else slots:
            if hasattr(value, name):
                held.setdefault(name, getattr(value, name))
    held.pop("__dict__", None)
    held.pop("__weakref__", None)
    return held


def _expect_something(error):
    """Raise Wrong where `backward` met the None that stands where a value has no rule, or no gradient yet."""
    if "'NoneType' object is not callable" in str(error):
        raise mistake(
            "`backward` calls the rule of a leaf, and a leaf has none, because it was not computed from anything. Ask "
            "first whether there is a rule."
        ) from None
    if "for +" in str(error) and "NoneType" in str(error):
        raise mistake(
            "`backward` adds a message to a gradient that is still `None`. Before anything has arrived, the gradient "
            "of every value is 0."
        ) from None
    if "NoneType" in str(error):
        raise mistake(
            "A rule is given `None`, because nothing has arrived at its value. At `last` the way back "
            "begins with dL/dL, and a value passes on what it has once all of it has arrived."
        ) from None


def _numbers_in(value, but):
    """The attributes that hold numbers, without the one called `but`."""
    held = attributes(value).items()
    return {name: content for name, content in held if name != but and is_numeric(content)}


def is_numeric(content):
    """Whether something is a number or an array of numbers; True and False are not."""
    if isinstance(content, bool | np.bool_):
        return False
    return isinstance(content, int | float | np.number) or (
        isinstance(content, np.ndarray) and content.dtype.kind in "iuf"
    )


def _holds(content, number):
    return is_numeric(content) and np.size(content) == 1 and abs(float(np.squeeze(content)) - number) < 1e-6
