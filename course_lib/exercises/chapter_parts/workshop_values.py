"""Steps 1 to 4 of the workshop: a value that remembers, two operations with their rules, the order of the way back.

Each function here examines a reader's class: it returns the sentence for a right one, or raises Wrong or NotTried.
"""

import numpy as np

from ...text import N_, quantity, say
from ..machinery import compare
from ..machinery.compare import Wrong, joined
from ..machinery.limits import TookLong, TookMuch, piece
from ..machinery.reader_code import NotTried, nothing_back
from .reader_class import is_numeric
from .workshop_programs import DIAMOND, LONG_CHAIN, PROGRAMS, Trace, random, short

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
        raise Wrong(say("It keeps its number. Of its parents nothing is left: where would a gradient go back to?"))
    if len(engine.parents(engine.make(1.0, (a, a), rule))) != 2:
        raise Wrong(
            say("With the parents (a, a) only one of them is kept. A value may be used twice, and each use counts.")
        )
    if [*map(id, found)] != [id(a), id(b)]:
        raise Wrong(say("The parents went in as (a, b), and came out otherwise. Keep them as they come."))
    if engine.rule(c) is not rule:
        raise Wrong(say("It keeps its number and its parents. The rule is lost: who sends the gradient back to them?"))
    if engine.parents(engine.make(4.0)):
        raise Wrong(
            say(
                "A value made of a number alone has parents. A list in the first line of a function is made once, "
                "and all calls share it."
            )
        )
    for given in (3.0, 3, [1, -2, 4], np.ones((2, 3), dtype=int)):
        numbers = engine.numbers(engine.make(given))
        if not isinstance(numbers, np.ndarray | np.floating) or np.shape(numbers) != np.shape(given):
            raise Wrong(
                say(
                    "Of {given} it keeps {kept}; the steps below need an array with a shape, whatever goes in.",
                    given=compare.describe(given) if np.ndim(given) != 1 else say("a list"),
                    kept=compare.describe(numbers),
                )
            )
        if not np.array_equal(numbers, given):
            raise Wrong(say("Of {given} it keeps other numbers: {kept}.", given=given, kept=np.array2string(numbers)))
        if numbers.dtype.kind != "f":
            raise Wrong(say("Whole numbers stay whole numbers: a step of 0.1 cannot be added to them. Ask for floats."))
        if numbers.dtype != np.float64:
            raise Wrong(
                say(
                    "It keeps numbers of type `{kind}`, which have seven digits or fewer. The steps below compare "
                    "gradients "
                    "with finite differences, which need sixteen, so ask for `float`.",
                    kind=numbers.dtype,
                )
            )
    return say("Numbers, parents and rule are kept: a value knows where it came from.")


# Steps 2 and 3: one operation and its rule

_SLIPS_OF_RULES = {
    "add": [
        (
            "no-message",
            lambda g, a, b: (1.0, 1.0),
            N_("The rule ignores `g`: it is what has come back to the sum, and goes on from there."),
        ),
        (
            "rule-of-product",
            lambda g, a, b: (g * b, g * a),
            N_("Those are the messages of a product. What is d(a + b)/da?"),
        ),
        (
            "times-own-number",
            lambda g, a, b: (g * a, g * b),
            N_("The messages are multiplied by the numbers. What is d(a + b)/da?"),
        ),
        (
            "shared-out",
            lambda g, a, b: (g / 2, g / 2),
            N_("The message is shared out. How much does the sum grow when `a` grows by 1?"),
        ),
        (
            "numbers",
            lambda g, a, b: (a, b),
            N_("Those are the numbers themselves. How much does the sum grow when `a` grows by 1?"),
        ),
        ("rule-of-difference", lambda g, a, b: (g, -g), N_("The second sign is that of a difference.")),
        (
            "times-sum",
            lambda g, a, b: (g * (a + b), g * (a + b)),
            N_("The messages are multiplied by the sum. What is d(a + b)/da?"),
        ),
    ],
    "multiply": [
        (
            "own-number",
            lambda g, a, b: (g * a, g * b),
            N_("Each value gets its own number as the factor. How much does the product grow when `a` grows by 1?"),
        ),
        (
            "no-message",
            lambda g, a, b: (b, a),
            N_("The factors are right, and `g` is missing: it is what has come back to the product."),
        ),
        ("rule-of-sum", lambda g, a, b: (g, g), N_("Those are the messages of a sum. What is d(ab)/da?")),
        (
            "no-message-no-factor",
            lambda g, a, b: (1.0, 1.0),
            N_("The rule ignores `g` and the factors. What is d(ab)/da?"),
        ),
        (
            "product",
            lambda g, a, b: (g * a * b, g * a * b),
            N_("The messages hold the product itself. Which factor is left when you differentiate by `a`?"),
        ),
        (
            "added",
            lambda g, a, b: (g + b, g + a),
            N_("The chain rule multiplies: a local derivative times what has come back."),
        ),
        (
            "second-from-first",
            lambda g, a, b: (g * b, g * b * a),
            N_("The second message begins with the first one. Both begin with `g`, so `g` may not change in between."),
        ),
    ],
}


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
                raise Wrong(
                    say(
                        "`a {sign} a` remembers one parent: it uses `a` twice, and each use sends a gradient.",
                        sign=sign,
                    )
                )
            messages = _messages(engine, what, made, (a, b), g)
            _expect_messages(name, what, messages, (kept, np.array(a_numbers), np.array(b_numbers)))
            if not np.array_equal(g, kept):
                raise Wrong(
                    say("The rule changes `g` itself, which other values share. `g = g * 2` makes a new array.")
                )
            if not (np.array_equal(engine.numbers(a), a_numbers) and np.array_equal(engine.numbers(b), b_numbers)):
                raise Wrong(
                    say("`{what}` changes the numbers of `a` or `b`: `+=` and `*=` write into their arrays.", what=what)
                )
        return say("`{what}` has its value, its parents, and one message for each of them.", what=what)

    return examine


def _expect_value(engine, what, made, expected):
    got = engine.numbers(made)
    if not is_numeric(got):
        raise Wrong(
            say(
                "Inside the result of `{what}` stands {got}, not plain numbers: which attribute holds the numbers of `a`?",
                what=what,
                got=say("a value of your class") if engine.is_value(got) else compare.describe(got),
            )
        )
    compare.results(expected, got, (), 1e-12, say("value of `{what}`", what=what))


def _messages(engine, what, made, parents, g):
    """What the rule of a value sends to its parents, in the order (a, b)."""
    found = engine.parents(made)
    if sorted(map(id, found)) != sorted(map(id, parents)):
        got = len(found)
        raise Wrong(
            say(
                "The value of `{what}` is right. It should remember two parents, a and b; it has {got}.",
                what=what,
                got=got,
            )
        )
    rule = engine.rule(made)
    if rule is None:
        raise Wrong(
            say("`{what}` has its value and its parents. Its rule is missing: what comes back to whom?", what=what)
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
        raise Wrong(
            say("The rule of `{what}` should return two messages, one for each parent: `return ..., ...`.", what=what)
        )
    if any(message is ... for message in messages):
        raise NotTried(say("In the rule of `{what}` a `...` is still to be replaced.", what=what))
    if any(map(engine.is_value, messages)):
        raise Wrong(_values_sent(what))
    return messages if found[0] is parents[0] else messages[::-1]


def _values_sent(what):
    return say(
        "The rule of `{what}` calculates with values of your class. Messages are plain numbers: `a` and `b` are "
        "values, and "
        "their numbers are an attribute of them.",
        what=what,
    )


def _expect_messages(name, what, messages, numbers):
    reference = {"add": lambda g, a, b: (g, g), "multiply": lambda g, a, b: (g * b, g * a)}[name]
    try:
        names = say("message to a"), say("message to b")
        where = say(
            "rule of `{what}` for g = {g}, a = {a}, b = {b}",
            what=what,
            **dict(zip("gab", map(short, numbers), strict=True)),
        )
        compare.results(reference(*numbers), tuple(messages), names, 1e-12, where)
    except Wrong as difference:
        for slip, rule, sentence in _SLIPS_OF_RULES[name]:
            theirs = zip(messages, rule(*numbers), strict=True)
            if all(np.shape(m) == np.shape(s) and np.allclose(m, s, 1e-9) for m, s in theirs):
                raise Wrong(joined(difference.message, say(sentence)), difference.details, slip) from None
        raise


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
        raise Wrong(
            say(
                "Short programs are right. After {count} additions your function has called itself once for each, and Python "
                "has no room for more calls. A list of values that wait has no such limit.",
                count=LONG_CHAIN,
            )
        ) from None
    if count != LONG_CHAIN + 1:
        raise Wrong(say("Of {all} values in a long chain {got} came back.", all=LONG_CHAIN + 1, got=count))
    count = len(once_each(engine, lambda last: list(last.graph())))
    if count != VALUES:
        raise Wrong(say("Of {all} values to which many paths lead {got} came back.", all=VALUES, got=count))
    return say("Each value once, newest first, and {count} additions in a row are no trouble.", count=LONG_CHAIN)


def once_each(engine, walk):
    """The result of walk(last) for a value that many paths lead back from; raises Wrong where all of them are walked."""
    a, b, paths = engine.make(0.0), engine.make(0.0), [1, 1]
    for _ in range(ROUNDS):
        a, b = b, b + b + a
        paths.append(2 * paths[-1] + paths[-2])
    try:
        return piece(lambda: walk(b), WALK)
    except (TookLong, TookMuch):
        raise Wrong(
            say(
                "Short programs are right. After {rounds} rounds of `a, b = b, b + b + a` there are {all} values and {paths} "
                "paths that lead back to the first two, and your function had not ended after {seconds:g} s of processor time: "
                "take each value once, and walk on from it once, however many paths lead to it.",
                rounds=ROUNDS,
                all=VALUES,
                paths=quantity(paths[-1]),
                seconds=WALK,
            )
        ) from None


def _expect_order(engine, trace, found):
    what, labels = trace.program.text, trace.labels(trace.in_order())
    if found is None or found is ...:
        raise nothing_back("order", found)
    try:
        found = list(found)
    except TypeError:
        raise Wrong(say("`order` should return a list of values, got {got}.", got=compare.describe(found))) from None
    if not all(map(engine.is_value, found)):
        raise Wrong(say("`order` should return a list of values of your class; something else stands in it."))
    names = [labels.get(id(each), "?") for each in found]
    shown = say("For {program} your order is {names}.", program=what, names=", ".join(names))
    missing = [label for key, label in labels.items() if label not in names]
    if "L" in missing:
        raise Wrong(joined(shown, say("The last value itself, L, is missing.")))
    if missing:
        raise Wrong(
            joined(shown, say("Missing: {names}. Is each parent's parent reached, too?", names=", ".join(missing)))
        )
    twice = [name for name in dict.fromkeys(names) if names.count(name) > 1]
    if twice:
        raise Wrong(
            joined(shown, say("{name} stands there more than once, and would send its gradient again.", name=twice[0]))
        )
    place = {id(each): number for number, each in enumerate(found)}
    pairs = [(each, parent) for each in found for parent in engine.parents(each)]
    wrong = [(labels[id(e)], labels[id(p)]) for e, p in pairs if place[id(e)] > place[id(p)]]
    if len(wrong) == len(pairs):
        raise Wrong(joined(shown, say("That is the way forward, oldest first. A gradient starts at L.")))
    if wrong:
        value, parent = wrong[0]
        raise Wrong(
            joined(
                shown,
                say(
                    "{parent} stands before {value}, which has still to send it a message.", value=value, parent=parent
                ),
            )
        )
