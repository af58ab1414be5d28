"""Steps 5 to 12 of the workshop: the sum over paths, operations on arrays, a loss, a step.

Each function here examines a reader's class, or makes one that does: gradients against finite differences, then what
only shows itself later, such as a second call, a long chain, or an array that two values share.
"""

import numpy as np

from ...text import say
from ..machinery import compare
from ..machinery.compare import Wrong, mistake
from ..machinery.exercise import Verdict
from ..machinery.reader_code import nothing_back, untried
from .reader_class import attributes, is_numeric
from .workshop_programs import DIAMOND, LONG_CHAIN, PROGRAMS, Trace, expect_gradients, outcome, random
from .workshop_slips import known_slip
from .workshop_values import once_each

# Steps with gradients


def gradients(name, drawn, right, first=(), extra=()):
    """Examines what `first` asks, then the programs of a step against finite differences, then what `extra` asks.

    drawn   the number of the program of which a right answer gets the drawing
    """

    def examine(engine):
        engine.find_gradient()
        for ask in first:
            ask(engine)
        for each in PROGRAMS[name]:
            try:
                trace = Trace(engine, each).backward()
                expect_gradients(trace)
            except Wrong as difference:
                slip, known = _known(name, engine)
                raise Wrong(difference.message, known, details=difference.details, slip=slip) from None
            except ValueError as error:
                _expect_fitting(each, error)
                slip, known = _known(name, engine)
                if slip:
                    raise Wrong(say("{program} stops.", program=each.text), known, slip=slip) from None
                raise
            _expect_untouched(trace)
        for ask in extra:
            ask(engine)
        return Verdict(Verdict.RIGHT, say(right), Trace(engine, PROGRAMS[name][drawn]).backward().drawing())

    return examine


def _known(name, engine):
    def outcomes(engine):
        return (outcome(engine, program) for program in PROGRAMS[name])

    return known_slip(name, [*outcomes(engine)], outcomes)


def _expect_fitting(each, error):
    if "non-broadcastable output" in str(error):
        raise mistake(
            "{program}: a message has more entries than the value to which it goes, so `+=` cannot add it. A value that "
            "was repeated gets the sum over its repetitions.",
            program=each.text,
        ) from None


def _expect_untouched(trace):
    for leaf, (name, given) in zip(trace.leaves, trace.program.leaves.items(), strict=True):
        if not np.array_equal(trace.engine.numbers(leaf), given):
            raise mistake(
                "{program}: the gradients are right, but {name} has other numbers than before, because `+=` "
                "and `*=` write into an array that others share.",
                program=trace.program.text,
                name=name,
            )


def twice(engine):
    """A second call, and another loss of the same leaves, start from nothing."""
    trace = Trace(engine, DIAMOND).backward()
    once = float(engine.gradient(trace.leaves[0]))
    again = float(engine.gradient(trace.backward().leaves[0]))
    if again != once:
        raise mistake(
            "{program}: the gradient of a is {once:g} after one `backward()` and {again:g} after a second. What is left "
            "from the first?",
            program=DIAMOND.text,
            once=once,
            again=again,
        )
    a, b = engine.make(3.0), engine.make(2.0)
    (a * b).backward()
    (a + a).backward()
    if float(engine.gradient(a)) != 2:
        raise mistake(
            "After `(a * b).backward()` and then `(a + a).backward()`, a still has something left from the first call."
        )


def chain(engine):
    a = last = engine.make(1.0)
    for _ in range(LONG_CHAIN):
        last = last + a
    try:
        last.backward()
    except RecursionError:
        raise mistake(
            "Short programs are right. After {count} additions a function of yours has called itself once for each, and "
            "Python has no room for more calls. Walk along the list of `order`.",
            count=LONG_CHAIN,
        ) from None
    if float(engine.gradient(a)) != LONG_CHAIN + 1:
        raise mistake("After {count} additions of `a` its gradient is wrong.", count=LONG_CHAIN)
    once_each(engine, lambda last: last.backward())


def far_out(engine):
    """Logits of 800: e to the 800 is no number any more."""
    z = engine.make(np.array([[800.0], [-800.0]]))
    loss = z.cross_entropy(np.array([[1.0], [0.0]]))
    loss.backward()
    if not np.isfinite(engine.numbers(loss)).all():
        raise mistake(
            "For z = 800 the loss is no finite number, because e to the 800 is too large. "
            "`np.logaddexp(0, z)` is log(1 + e^z) without computing e^z."
        )
    if not np.isfinite(engine.gradient(z)).all():
        raise mistake("For z = -800 the gradient is no finite number. Where does a power of e grow too large?")


def rule_of(what, compute, *shapes):
    """Asks the rule of an operation for one message a parent, in a tuple, and that it leaves `g` as it is."""

    arrays = [random(*shape) for shape in shapes]

    def ask(engine):
        values = [*map(engine.make, arrays)]
        made = engine.result(what, compute(*values))
        _expect_parents(engine, what, made, values)
        rule, g = engine.rule(made), np.full(np.shape(engine.numbers(made)), 0.7)
        if rule is None:
            raise mistake("`{what}` has no rule. What comes back, and to whom?", what=what)
        kept = g.copy()
        messages = rule(g)
        if messages is None or messages is ...:
            raise nothing_back("rule", messages)
        if not isinstance(messages, tuple | list) or len(messages) != len(shapes):
            alone = say("A tuple with one entry is written with a comma: `(message,)`.") if len(shapes) == 1 else ""
            wanted = say(
                "The rule of `{what}` should return a tuple with one message for each parent, got {got}.",
                what=what,
                got=compare.describe(messages),
            )
            raise Wrong(wanted, alone)
        if not np.array_equal(g, kept):
            raise mistake(
                "The rule of `{what}` writes into `g`, which other values may share. `g *= ...` changes the "
                "array itself.",
                what=what,
            )

    return ask


def _expect_parents(engine, what, made, values):
    """Raise Wrong unless a value remembers those that it was computed from, in a tuple where the class keeps tuples."""
    found = engine.parents(made)
    if found and sorted(map(id, found)) != sorted(map(id, values)):
        raise mistake(
            "`{what}` should remember the values that went into it, and no others. It has {count} parents, and what "
            "comes back goes to them alone.",
            what=what,
            count=len(found),
        )
    one = engine.make(1.0, tuple(values), None)
    bare, kept = ([engine.is_value(content) for content in attributes(value).values()] for value in (made, one))
    if any(bare) and not any(kept):
        raise mistake(
            "`{what}` has a value where its parents belong, not a tuple. A tuple with one entry is written with "
            "a comma: `(a,)`.",
            what=what,
        )


# Step 12: a step


ETA = 0.1


def one_step(engine):
    engine.find_gradient()
    given = np.array([[1.0, 2.0], [3.0, -4.0]])
    p, before, gradient = _stepped(engine, given)
    after = engine.numbers(p)
    if engine.is_value(after):
        raise mistake(
            "The numbers of p are now a value with parents, so each step would make the graph longer. A "
            "step is plain arithmetic."
        )
    if not is_numeric(after):
        raise mistake("After the step p holds {got} instead of numbers.", got=compare.describe(after))
    if np.array_equal(after, before):
        raise untried(
            "`step` changes nothing yet. The numbers of p have to change. Another object under the name "
            "`p` is gone when the function ends."
        )
    try:
        compare.results(before - ETA * gradient, after, (), 1e-12, say("p after a step of 0.1"))
    except Wrong as difference:
        slip, known = known_slip("step", [(after,)], lambda other: [(other.numbers(_stepped(other, before)[0]),)])
        raise Wrong(difference.message, known, details=difference.details, slip=slip) from None
    if not np.array_equal(given, before):
        raise mistake(
            "The step is right, but it writes into the array from which p was made, and the caller's numbers change with "
            "it. `a = a - b` makes a new array, `a -= b` does not."
        )
    if engine.parents(p):
        raise mistake("After the step p has parents, so it is no longer a leaf.")
    return say("The step goes against the gradient, and a leaf stays a leaf.")


def _stepped(engine, given):
    """A value that has taken a step, and what its numbers and its gradient were before."""
    p = engine.make(given)
    (p * p).total().backward()
    before, gradient = np.array(engine.numbers(p)), np.array(engine.gradient(p))
    p.step(ETA)
    return p, before, gradient
