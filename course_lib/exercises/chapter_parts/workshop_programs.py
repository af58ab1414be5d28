"""What the workshop computes with a reader's class: small programs, their gradients, and a drawing of the objects.

A program runs three times: on the reader's values, on plain arrays for finite differences, and on the values of a
finished engine, with which the drawing compares.
"""

from types import SimpleNamespace

import numpy as np

from ...gradient_check import numerical_gradient
from ...text import say
from ..machinery import compare
from ..machinery.compare import Wrong
from .reader_class import ReaderClass, is_numeric
from .workshop_code import finished_class

TOLERANCE = 1e-6  # for gradients, against finite differences
SHOWN = 4  # numbers of an array that stand in a drawing
LONG_CHAIN = 5000  # additions; a function that calls itself for each of them needs more room than Python gives
_rng = np.random.default_rng(15)
METHODS = SimpleNamespace(
    total=lambda a: a.total(),
    tanh=lambda z: z.tanh(),
    cross_entropy=lambda z, y: z.cross_entropy(y),
)
PLAIN = SimpleNamespace(
    total=np.sum,
    tanh=np.tanh,
    cross_entropy=lambda z, y: np.mean(np.logaddexp(0, z) - y * z),
)


class Program:
    """A computation of one number L.

    text     what it computes, as the reader would write it
    run      run(functions, *leaves) -> L
    leaves   {name: array}
    """

    def __init__(self, text, run, **leaves):
        self.text, self.run = text, run
        self.leaves = {name: np.array(value, dtype=float) for name, value in leaves.items()}

    @property
    def names(self):
        return ("L", *(say("gradient of {name}", name=name) for name in self.leaves))

    def expected(self):
        """L, and the gradient of each leaf by finite differences."""
        values = list(self.leaves.values())
        plain = self.run(PLAIN, *values)
        return (plain, *numerical_gradient(lambda params: self.run(PLAIN, *params), values))


def random(*shape):
    return _rng.normal(size=shape).round(2)


DIAMOND = Program("L = b * b with b = a + a", lambda e, a: (lambda b: b * b)(a + a), a=3)
PROGRAMS = {
    "backward": [
        Program("L = a * b", lambda e, a, b: a * b, a=3, b=2),
        Program("L = a * b + c", lambda e, a, b, c: a * b + c, a=3, b=2, c=5),
        DIAMOND,
        Program("L = c * (c * a * b) with c = a * b", lambda e, a, b: (lambda c: c * (c * a * b))(a * b), a=3, b=2),
        Program("L = (a + b) + a", lambda e, a, b: (a + b) + a, a=3, b=2),
        Program("L = (c + c) * c with c = a * b + a", lambda e, a, b: (lambda c: (c + c) * c)(a * b + a), a=0.5, b=-2),
    ],
    "total": [
        Program("L = a.total()", lambda e, a: e.total(a), a=[1, 2, 4]),
        Program("L = (a * b + a).total()", lambda e, a, b: e.total(a * b + a), a=random(2, 3), b=random(2, 3)),
        Program("L = a.total() * b", lambda e, a, b: e.total(a) * b, a=random(3), b=-0.5),
        Program("L = (a + b + a).total()", lambda e, a, b: e.total(a + b + a), a=random(3), b=random(3)),
    ],
    "tanh": [
        Program("L = z.tanh()", lambda e, z: e.tanh(z), z=0.5),
        Program("L = z.tanh() * w", lambda e, z, w: e.tanh(z) * w, z=-0.8, w=-3),
        Program("L = (z * w).tanh().tanh()", lambda e, z, w: e.tanh(e.tanh(z * w)), z=0.7, w=1.5),
        Program("L = (z.tanh() + z).total()", lambda e, z: e.total(e.tanh(z) + z), z=random(4)),
    ],
    "matmul": [
        Program("L = ((x @ W) * c).total(), all (2, 2)", lambda e, x, W, c: e.total((x @ W) * c), x=random(2, 2),
                W=random(2, 2), c=random(2, 2)),
        Program("L = (x @ W).tanh().total(), x (4, 3), W (3, 2)", lambda e, x, W: e.total(e.tanh(x @ W)), x=random(4, 3),
                W=random(3, 2)),
        Program("L = (x @ W @ x).total(), all (3, 3)", lambda e, x, W: e.total(x @ W @ x), x=random(3, 3), W=random(3, 3)),
    ],
    "broadcast": [
        Program("L = (x + b).tanh().total(), x (4, 3), b (3,)", lambda e, x, b: e.total(e.tanh(x + b)), x=random(4, 3),
                b=random(3)),
        Program("L = (b + x).tanh().total(), b (3,), x (4, 3)", lambda e, b, x: e.total(e.tanh(b + x)), b=random(3),
                x=random(4, 3)),
        Program("L = (x * w).tanh().total(), x (4, 3), w (4, 1)", lambda e, x, w: e.total(e.tanh(x * w)), x=random(4, 3),
                w=random(4, 1)),
        Program("L = (s * x).tanh().total(), s one number, x (2, 3)", lambda e, s, x: e.total(e.tanh(s * x)), s=0.5,
                x=random(2, 3)),
        Program("L = (u * v + u).tanh().total(), u (3, 1), v (4,)", lambda e, u, v: e.total(e.tanh(u * v + u)),
                u=random(3, 1), v=random(4)),
    ],
    "cross-entropy": [
        Program("L = z.cross_entropy(y), all (4, 1)", lambda e, z: e.cross_entropy(z, np.array([[0.0], [1], [1], [0]])),
                z=random(4, 1)),
        Program("L = z.cross_entropy(y), all (2, 3)",
                lambda e, z: e.cross_entropy(z, np.array([[0.0, 1, 0], [1, 0, 0]])), z=random(2, 3)),
        Program("L = z.cross_entropy(y) * s", lambda e, z, s: e.cross_entropy(z, np.ones((3, 1))) * s, z=random(3, 1), s=-4),
    ],
}  # fmt: skip


class Trace:
    """A program that has run, forward and backward, on the values of a class."""

    def __init__(self, engine, program):
        self.engine, self.program = engine, program
        self.leaves = [engine.make(value.copy()) for value in program.leaves.values()]
        self.last = engine.result(program.text, program.run(METHODS, *self.leaves))

    def backward(self):
        self.last.backward()
        return self

    def found(self):
        """L, and the gradient of each leaf, as the reader's objects hold them."""
        engine = self.engine
        return (engine.numbers(self.last), *(engine.gradient(leaf) for leaf in self.leaves))

    def in_order(self):
        """All values, parents before what was made of them."""
        done, waiting = {}, [self.last]
        while waiting:
            value = waiting[-1]
            new = [parent for parent in self.engine.parents(value) if id(parent) not in done]
            if new and len(waiting) <= 100:
                waiting += new
            else:
                done.setdefault(id(waiting.pop()), value)
        return list(done.values())

    def drawing(self):
        """The objects as lines, newest first: name, numbers, parents, gradient, and the gradient that it should be."""
        mine = self.in_order()
        right = Trace(ReaderClass(finished_class()), self.program).backward()
        wanted = [right.engine.gradient(value) for value in right.in_order()]
        labels = self.labels(mine)
        rows = []
        for place, value in reversed(list(enumerate(mine))):
            parents = ", ".join(labels.get(id(parent), "?") for parent in self.engine.parents(value))
            gradient = self.engine.gradient(value)
            row = [labels[id(value)], short(self.engine.numbers(value)), parents and say("from {names}", names=parents)]
            rows.append([*row, say("gradient {number}", number=short(gradient))])
            if len(mine) == len(wanted) and not same(gradient, wanted[place]):
                rows.append(["", "", "", _expected(gradient, wanted[place])])
        widths = [max(len(row[column]) for row in rows) for column in range(4)]
        lines = ["   ".join(map(str.ljust, row, widths)).rstrip() for row in rows]
        return "\n".join([say("Your objects for {program}, newest first:", program=self.program.text), *lines])

    def labels(self, values):
        """{id of a value: its name}: the leaves have theirs, what was made of them is numbered, the last one is L."""
        labels = {id(leaf): name for leaf, name in zip(self.leaves, self.program.leaves, strict=True)}
        number = 0
        for value in values:
            if id(value) not in labels:
                number += 1
                labels[id(value)] = "L" if value is self.last else f"n{number}"
        return labels


def _expected(got, wanted):
    """The right gradient in words; of an array that is too large to show, what is wrong."""
    if np.shape(got) == np.shape(wanted) and np.size(wanted) > SHOWN:
        off = int((~compare.close(np.asarray(got, dtype=float), wanted, TOLERANCE)).sum())
        return say("{off} of {size} entries are off", off=off, size=wanted.size)
    return say("expected {number}", number=short(wanted))


def short(content):
    """Numbers in few characters: up to SHOWN of them, or a shape."""
    if content is None:
        return say("none")
    if not is_numeric(content):
        return type(content).__name__
    if np.size(content) > SHOWN:
        return f"{np.shape(content)}"
    if np.ndim(content) == 0:
        return f"{float(content):.4g}"
    text = np.array2string(content, formatter={"all": "{:.3g}".format}, threshold=SHOWN + 1)
    return " ".join(text.split())


def same(got, expected):
    """Whether two gradients have the same shape and numbers."""
    if not is_numeric(got) or np.shape(got) != np.shape(expected):
        return False
    return bool(compare.close(np.asarray(got, dtype=float), np.asarray(expected, dtype=float), TOLERANCE).all())


def outcome(engine, program):
    """(L, gradients) that a class gives for a program, or the type of the error that stopped it; never raises."""
    try:
        return Trace(engine, program).backward().found()
    except Exception as error:
        return type(error)


def same_outcome(one, other):
    if isinstance(one, type) or isinstance(other, type):
        return one is other
    return all(same(a, b) for a, b in zip(one, other, strict=True))


def expect_gradients(trace):
    """Raise Wrong, with a drawing, unless L and all gradients of a program are right."""
    try:
        compare.results(trace.program.expected(), trace.found(), trace.program.names, TOLERANCE, trace.program.text)
    except Wrong as difference:
        raise Wrong(difference.message, details=trace.drawing()) from None
