"""Steps 1 to 4 of the workshop: a value that remembers, two operations with their rules, the order of the way back.

Each function here examines a reader's class: it returns the sentence for a right one, or raises Wrong or NotTried.
"""

import numpy as np

from ...text import quantity, say
from ..machinery import compare
from ..machinery.compare import Wrong, mistake
from ..machinery.limits import TookLong, TookMuch, piece
from ..machinery.reader_code import nothing_back, untried
from .reader_class import ReaderClass, is_numeric
from .workshop_code import finished_class
from .workshop_programs import DIAMOND, LONG_CHAIN, PROGRAMS, Trace, random, short
from .workshop_slips import known_slip

ROUNDS = 40  # of a, b = b, b + b + a; each has more than twice as many paths as the one before
VALUES = 2 + 2 * ROUNDS
WALK = 1.0  # seconds of processor time for a walk that takes a thousandth of that

# Step 1: a value that remembers


def remember(engine):
    a, b = engine.make(2.5), engine.make(-1.5)

    def rule(g):
        return g, g

    c = engine.make(1.0, (a, b), rule)
    found = engine.parents(c)
    if not found:
        raise mistake(
            "Your value keeps its number, but nothing is left of its parents. Where would a gradient go back to?"
        )
    if len(engine.parents(engine.make(1.0, (a, a), rule))) != 2:
        raise mistake(
            "With the parents (a, a) only one of them is kept. A value may be used twice, and each use counts."
        )
    if [*map(id, found)] != [id(a), id(b)]:
        raise mistake("The parents went in as (a, b), but came out otherwise. Keep them as they come.")
    if engine.rule(c) is not rule:
        raise mistake(
            "Your value keeps its number and its parents, but the rule is lost. Who sends the gradient back to them?"
        )
    if engine.parents(engine.make(4.0)):
        raise mistake(
            "A value made of a number alone should have no parents, but yours has some. A list that is a default in "
            "the `def` line is made only once, and all calls share it."
        )
    for given in (3.0, 3, [1, -2, 4], np.ones((2, 3), dtype=int)):
        numbers = engine.numbers(engine.make(given))
        if not isinstance(numbers, np.ndarray | np.floating) or np.shape(numbers) != np.shape(given):
            raise mistake(
                "Your value was given {given} and keeps {kept}. The steps below need an array with a shape, whatever "
                "goes in.",
                given=compare.describe(given) if np.ndim(given) != 1 else say("a list"),
                kept=compare.describe(numbers),
            )
        if not np.array_equal(numbers, given):
            raise mistake(
                "Your value was given {given}, but what it keeps is different: {kept}.",
                given=given,
                kept=np.array2string(numbers),
            )
        if numbers.dtype.kind != "f":
            raise mistake(
                "Whole numbers stay whole numbers here, and a step of 0.1 cannot be added to them. Ask for floats."
            )
        if numbers.dtype != np.float64:
            raise mistake(
                "Your value keeps numbers of type `{kind}`, which have seven digits or fewer. The steps "
                "below compare gradients with finite differences, which need sixteen, so ask for `float`.",
                kind=numbers.dtype,
            )
    return say("Numbers, parents and rule are kept, so a value knows where it came from.")


# Steps 2 and 3: one operation and its rule


def operation(name, sign, compute):
    """Examines a + b or a * b: value, parents, and what its rule sends for some g."""

    what = f"a {sign} b"
    cases = (2.0, 5.0, 3.0), (4.0, -0.5, 0.7), (random(3), random(3), random(3))

    def examine(engine):
        for a_numbers, b_numbers, g in cases:
            a, b, other = engine.make(a_numbers), engine.make(b_numbers), engine.make(9.0)
            made = engine.result(what, compute(a, b))
            compute(other, other)  # a rule that looks at the latest operation is found out
            g, kept = np.array(g), np.array(g)
            _expect_value(engine, what, made, compute(np.array(a_numbers), np.array(b_numbers)))
            same_twice = engine.parents(engine.result(what, compute(a, a)))
            if len(same_twice) == 1 < len(engine.parents(made)):
                raise mistake(
                    "`a {sign} a` remembers one parent. But it uses `a` twice, and each use sends a gradient.",
                    sign=sign,
                )
            messages = _messages(engine, what, made, (a, b), g)
            _expect_messages(name, what, messages, (kept, np.array(a_numbers), np.array(b_numbers)), compute)
            if not np.array_equal(g, kept):
                raise mistake("The rule changes `g` itself, which other values share. `g = g * 2` makes a new array.")
            if not (np.array_equal(engine.numbers(a), a_numbers) and np.array_equal(engine.numbers(b), b_numbers)):
                raise mistake(
                    "`{what}` changes the numbers of `a` or `b`, because `+=` and `*=` write into their arrays.",
                    what=what,
                )
        return say("`{what}` has its value, its parents, and one message for each of them.", what=what)

    return examine


def _expect_value(engine, what, made, expected):
    got = engine.numbers(made)
    if not is_numeric(got):
        raise mistake(
            "The result of `{what}` holds {got}, not plain numbers. Which attribute holds the numbers of `a`?",
            what=what,
            got=say("a value of your class") if engine.is_value(got) else compare.describe(got),
        )
    compare.results(expected, got, (), 1e-12, say("value of `{what}`", what=what))


def _messages(engine, what, made, parents, g):
    """What the rule of a value sends to its parents, in the order (a, b)."""
    found = engine.parents(made)
    if sorted(map(id, found)) != sorted(map(id, parents)):
        got = len(found)
        raise mistake(
            "The value of `{what}` is right. It should remember two parents, a and b, but it has {got}.",
            what=what,
            got=got,
        )
    rule = engine.rule(made)
    if rule is None:
        raise mistake(
            "`{what}` has its value and its parents, but its rule is missing. What comes back, and to whom?", what=what
        )
    try:
        messages = rule(g)
    except NameError as error:
        if error.name not in ("add", "multiply", "matmul"):  # which `+`, `*` and `@` of two values call
            raise
        raise Wrong(_values_sent(what)) from None
    if messages is None or messages is ...:
        raise nothing_back("rule", messages)
    if not isinstance(messages, tuple | list) or len(messages) != 2:
        raise mistake(
            "The rule of `{what}` should return two messages, one for each parent: `return ..., ...`.", what=what
        )
    if any(message is ... for message in messages):
        raise untried("In the rule of `{what}` a `...` still has to be replaced.", what=what)
    if any(map(engine.is_value, messages)):
        raise Wrong(_values_sent(what))
    return messages if found[0] is parents[0] else messages[::-1]


def _values_sent(what):
    return say(
        "The rule of `{what}` calculates with values of your class. But messages are plain numbers. "
        "`a` and `b` are values, and their numbers are an attribute of them.",
        what=what,
    )


def _expect_messages(name, what, messages, numbers, compute):
    g, *leaves = numbers

    def sent(engine):
        return engine.rule(compute(*map(engine.make, leaves)))(g)

    try:
        names = say("message to a"), say("message to b")
        where = say(
            "rule of `{what}` for g = {g}, a = {a}, b = {b}",
            what=what,
            **dict(zip("gab", map(short, numbers), strict=True)),
        )
        compare.results(sent(ReaderClass(finished_class())), tuple(messages), names, 1e-12, where)
    except Wrong as difference:
        slip, known = known_slip(name, [messages], lambda engine: [sent(engine)])
        raise Wrong(difference.message, known, details=difference.details, slip=slip) from None


# Step 4: the order


def order(engine):
    for each in (PROGRAMS["backward"][1], DIAMOND, PROGRAMS["backward"][3], PROGRAMS["backward"][5]):
        trace = Trace(engine, each)
        _expect_order(engine, trace, trace.last.graph())
    a = last = engine.make(1.0)
    for _ in range(LONG_CHAIN):
        last = last + a
    try:
        count = len(list(last.graph()))
    except RecursionError:
        raise mistake(
            "Short programs are right. After {count} additions your function has called itself once for each, and Python "
            "has no room for more calls. A list of values that wait has no such limit.",
            count=LONG_CHAIN,
        ) from None
    if count != LONG_CHAIN + 1:
        raise mistake("Of {all} values in a long chain only {got} came back.", all=LONG_CHAIN + 1, got=count)
    count = len(once_each(engine, lambda last: list(last.graph())))
    if count != VALUES:
        raise mistake("Of {all} values to which many paths lead, {got} came back.", all=VALUES, got=count)
    return say("Each value comes once, newest first, and {count} additions in a row are no trouble.", count=LONG_CHAIN)


def once_each(engine, walk):
    """The result of walk(last) for a value that many paths lead back from; raises Wrong where all of them are walked."""
    a, b, paths = engine.make(0.0), engine.make(0.0), [1, 1]
    for _ in range(ROUNDS):
        a, b = b, b + b + a
        paths.append(2 * paths[-1] + paths[-2])
    try:
        return piece(lambda: walk(b), WALK)
    except (TookLong, TookMuch):
        raise mistake(
            "Short programs are right. After {rounds} rounds of `a, b = b, b + b + a` there are {all} "
            "values and {paths} paths that lead back to the first two, and your function had not ended "
            "after {seconds:g} s of processor time. Take each value once, and walk on from it once, "
            "however many paths lead to it.",
            rounds=ROUNDS,
            all=VALUES,
            paths=quantity(paths[-1]),
            seconds=WALK,
        ) from None


def _expect_order(engine, trace, found):
    what, labels = trace.program.text, trace.labels(trace.in_order())
    if found is None or found is ...:
        raise nothing_back("order", found)
    try:
        found = list(found)
    except TypeError:
        raise mistake("`order` should return a list of values, got {got}.", got=compare.describe(found)) from None
    if not all(map(engine.is_value, found)):
        raise mistake("`order` should return a list of values of your class, but something else stands in it.")
    names = [labels.get(id(each), "?") for each in found]
    shown = say("For {program} your order is {names}.", program=what, names=", ".join(names))
    missing = [label for key, label in labels.items() if label not in names]
    if "L" in missing:
        raise Wrong(shown, say("The last value itself, L, is missing."))
    if missing:
        lost = ", ".join(missing)
        raise Wrong(shown, say("These are missing: {names}. Is each parent's parent reached, too?", names=lost))
    twice = [name for name in dict.fromkeys(names) if names.count(name) > 1]
    if twice:
        again = say("{name} stands there more than once, and would send its gradient again.", name=twice[0])
        raise Wrong(shown, again)
    place = {id(each): number for number, each in enumerate(found)}
    pairs = [(each, parent) for each in found for parent in engine.parents(each)]
    wrong = [(labels[id(e)], labels[id(p)]) for e, p in pairs if place[id(e)] > place[id(p)]]
    if len(wrong) == len(pairs):
        raise Wrong(shown, say("That is the way forward, with the oldest first. A gradient starts at L."))
    if wrong:
        value, parent = wrong[0]
        early = say("{parent} stands before {value}, which still has to send it a message.", value=value, parent=parent)
        raise Wrong(shown, early)
