"""Judges of the workshop: each looks at what a reader's class does in one step, after the steps on which it builds."""

import numpy as np

from ...text import N_
from ..machinery.compare import Wrong, mistake
from ..machinery.exercise import Verdict
from ..machinery.reader_code import NotTried, judge, untried
from .reader_class import ReaderClass
from .workshop_gradients import chain, far_out, gradients, one_step, rule_of, twice
from .workshop_slips import slips_of_step
from .workshop_values import operation, order, remember

_SCALARS = ("remember", "add", "multiply", "order", "backward")
NEEDS = {  # step: the steps without which it cannot be judged
    "add": _SCALARS[:1],
    "multiply": _SCALARS[:1],
    "order": _SCALARS[:3],
    "backward": _SCALARS[:4],
    "total": _SCALARS,
    "tanh": (*_SCALARS, "total"),
    "matmul": (*_SCALARS, "total", "tanh"),
    "broadcast": (*_SCALARS, "total", "tanh"),
    "cross-entropy": _SCALARS,
    "step": (*_SCALARS, "total"),
}


def step(name):
    """The judge of a step: NotTried while a step that it needs is not right."""

    @judge
    def decide(answer):
        for earlier in NEEDS.get(name, ()):
            try:
                EXAMINE[earlier](ReaderClass(answer))
            except (Wrong, NotTried) as gap:
                raise untried(
                    "This step builds on `{earlier}`, which is not right yet: {problem}", earlier=earlier, problem=gap
                ) from None
        engine = ReaderClass(answer)
        try:
            return EXAMINE[name](engine)
        except RecursionError:
            raise mistake(
                "A function of yours calls itself without an end. Between two values, `+` calls `add`, `*` "
                "calls `multiply` and `@` calls `matmul`, so inside these functions use the numbers of the "
                "values."
            ) from None

    decide.slips = slips_of_step(name)
    return decide


def open_steps(answer):
    """The names of the steps that are not right yet in a class, in order; a step whose needs are open is open, too."""
    left = []
    for name in EXAMINE:
        blocked = any(earlier in left for earlier in NEEDS.get(name, ()))
        examined = judge(lambda answer, name=name: EXAMINE[name](ReaderClass(answer)))
        if blocked or examined(answer).outcome != Verdict.RIGHT:
            left.append(name)
    return left


EXAMINE = {
    "remember": remember,
    "add": operation("add", "+", lambda a, b: a + b),
    "multiply": operation("multiply", "*", lambda a, b: a * b),
    "order": order,
    "backward": gradients(
        "backward", 3, N_("Every gradient agrees with finite differences, also where paths meet, and also the second "
                          "time."),
        extra=(twice, chain),
    ),
    "total": gradients("total", 1, N_("Each summand gets what came back to the sum."),
                       [rule_of("a.total()", lambda a: a.total(), (3,))]),
    "tanh": gradients("tanh", 2, N_("Value and slope are right, also where tanh is one part of a longer expression."),
                      [rule_of("z.tanh()", lambda z: z.tanh(), (3,))]),
    "matmul": gradients("matmul", 1, N_("Both messages have the shapes of their values, and the right numbers."),
                        [rule_of("x @ W", lambda x, W: x @ W, (2, 2), (2, 2))]),
    "broadcast": gradients("broadcast", 0, N_("Whatever was repeated gets the sum over its repetitions.")),
    "cross-entropy": gradients("cross-entropy", 2, N_("Loss and output error are right, also for z = 800."),
                               [rule_of("z.cross_entropy(y)", lambda z: z.cross_entropy(np.ones((2, 1))), (2, 1))], [far_out]),
    "step": one_step,
}  # fmt: skip
