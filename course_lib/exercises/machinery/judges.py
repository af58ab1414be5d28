"""What decides about an answer. Each function here makes a judge: judge(answer) -> Verdict.

A judge never raises because of an answer. How that works, and how to write another kind: see `reader_code.py`. A judge that
tells mistakes apart has them as `slips`, with a wrong answer for each, or as `sentences`, a dict name -> sentence.
"""

import copy

from ...gradient_check import numerical_gradient
from ...text import N_, joined, say
from . import compare
from .compare import Wrong, mistake
from .reader_code import NotTried, call, changes, expect_results, judge, watched

__all__ = ["NotTried", "Wrong", "function", "gradient", "judge", "number", "program", "sequence"]

TOLERANCE = 1e-8  # for results computed by a formula: rounding stays far below
GRADIENT_TOLERANCE = 1e-6  # for finite differences, as in gradient_check
REACHED = N_("Every goal is reached.")


def number(expected, ask, tolerance=None, unit="", wrong=(), share=None, facts=(), positive=""):
    """Judge one number: right when |got - expected| <= tolerance. No reply to another number contains the right one.

    ask         the sentence that leads on from a wrong number: a question, or a smaller case to try
    tolerance   in the unit of the answer; by default a millionth of the expected number (of 1 when that is larger)
    share       in place of a tolerance: the share of it by which each number may be missed, right or wrong
    unit        is written after the number, such as "degrees"
    wrong       dict: a wrong number that readers get, or a tuple of such -> the sentence that says where it comes from, and not
                what is right; or a list of (name of the slip, number, sentence)
    facts       dict: what stands for the {fields} of these sentences
    positive    of a number that has to be above 0: the sentence about others
    """
    tolerance = 1e-6 * max(1, abs(expected)) if tolerance is None else tolerance
    slips, facts = wrong if isinstance(wrong, list) else named(wrong), dict(facts)

    def near(got, value):
        return abs(got - value) <= (tolerance if share is None else share * abs(value))

    @judge
    def decide(answer):
        got = compare.one_number(answer)
        shown = joined(compare.number_text(got), unit and say(unit))
        if positive and got <= 0:
            raise Wrong(say(positive))
        if near(got, expected):
            return say("{number} is right.", number=shown)
        for slip, value, text in slips:
            if near(got, value):
                raise Wrong(say("Got {got}.", got=shown), say(text, **facts), slip=slip)
        if compare.is_rounded(got, expected):
            raise mistake("That is rounded too much: write more decimals.")
        raise Wrong(compare.direction(got, expected, shown), say(ask, **facts))

    decide.expected, decide.slips, decide.facts = expected, slips, facts
    return decide


def named(wrong):
    """The slips of a number exercise: each wrong number is its own name."""
    return [(f"{value:.6g}", value, text) for value, text in each_wrong(wrong)]


def each_wrong(wrong):
    """(wrong number, sentence) of each; several may share a sentence."""
    return [(each, text) for key, text in dict(wrong).items() for each in (key if isinstance(key, tuple) else (key,))]


def sequence(expected, replies=None, missing=None):
    """Judge an order: a list of names, or a text with blanks or commas between them.

    expected   the names in the right order
    replies    dict: a name that does not belong here -> why not; a pair of names (first, second) -> why the
               first must not come before the second, or, when the first does not belong here, what to say of it
               while the second is missing. A sentence is shown when the answer calls for it.
    missing    dict: a name -> what to say when it alone is missing, without telling it; "" -> what else to ask
    """
    replies, missing = replies or {}, missing or {}

    @judge
    def decide(answer):
        got = answer.replace(",", " ").split() if isinstance(answer, str) else answer
        if not isinstance(got, list | tuple) or not all(isinstance(name, str) for name in got):
            raise mistake("Expected a list of names, got {got}.", got=compare.describe(answer))
        for name in got:
            if name not in expected:
                without = [replies[name, each] for each in expected if each not in got and (name, each) in replies]
                reason = say(without[0] if without else replies[name]) if without or name in replies else ""
                raise Wrong(say("{name} does not belong here.", name=name), reason, slip=name if reason else "")
        for name in expected:
            if got.count(name) > 1:
                raise mistake("{name} stands here {count} times, but once is enough.", name=name, count=got.count(name))
        open_names = [name for name in expected if name not in got]
        if open_names:
            alone = len(open_names) == 1
            have = say("One is missing: you have {count} of {total}.", count=len(got), total=len(expected))
            if not alone:
                have = say(
                    "{open} are missing: you have {count} of {total}.",
                    open=len(open_names),
                    count=len(got),
                    total=len(expected),
                )
            question = missing.get(open_names[0] if alone else "", missing.get("", ""))
            raise Wrong(have, question and say(question))
        for place, (name, wanted) in enumerate(zip(got, expected, strict=True), 1):
            if name != wanted:
                pairs = [(a, b) for i, a in enumerate(got) for b in got[i + 1 :] if (a, b) in replies]
                reason = say(replies[pairs[0]]) if pairs else ""
                early = say("Place {place}: {name} is too early.", place=place, name=name)
                raise Wrong(early, reason, slip=" before ".join(pairs[0]) if pairs else "")
        return say("The order is right.")

    pairs = {key: text for key, text in replies.items() if isinstance(key, tuple)}
    decide.sentences = {
        **{first: text for (first, _), text in pairs.items() if first not in expected},
        **{f"{first} before {then}": text for (first, then), text in pairs.items() if first in expected},
        **{name: text for name, text in replies.items() if name not in pairs},
    }
    return decide


def function(reference, cases, names=(), tolerance=TOLERANCE, wrong=(), in_place=(), also=()):
    """Judge a function by its results: the shape, then the numbers, must agree with the reference's.

    reference   reference(*case) -> an array, a number, or a tuple of these
    cases       list of tuples of arguments; each call gets copies of them
    names       of the parts, when the reference returns a tuple
    wrong       (name, wrong function that readers write, the sentence to add when theirs does the same): `Slips`
    in_place    names of the arguments that the reader's function may change, as `w -= step` does; it hears that it does
    also        (name, another function that is right, too, the remark about it)
    """

    @judge
    def decide(answer):
        calls = [call(answer, case, compare.argument_names(reference, len(case))) for case in cases]
        results = [result for result, _ in calls]
        expect_results(answer, results, names)
        right = say("Your function and the reference agree; cases compared: {count}.", count=len(cases))
        wanted = [reference(*copy.deepcopy(case)) for case in cases]
        try:
            for position, (case, *pair) in enumerate(zip(cases, wanted, results, strict=True), 1):
                place = compare.case_place(reference, case, position, len(cases))
                compare.results(*pair, names, tolerance, *place)
        except Wrong as difference:
            _, right = _same_as(also, cases, results, names, tolerance)
            if not right:
                raise _explained(difference, wrong, cases, wanted, results, names, tolerance) from None
        return joined(right, changes(calls, in_place))

    decide.slips = wrong
    return decide


def gradient(
    loss,
    params,
    names,
    arguments=None,
    batch_size=None,
    wrong=(),
    argument_names=(),
    factors=True,
):
    """Judge a function that returns gradients by finite differences of the loss: no answer is stored.

    loss        loss(params) -> one number, for a list of arrays like params
    params      list of float64 arrays; the reader returns their gradients in this order
    names       their names, for the sentences
    arguments   tuple of arguments for the reader's function; by default the params, one by one
    batch_size  number of examples: a gradient that is too large by this factor lacks the mean over the batch
    wrong       as in `function`
    argument_names   of the reader's function, for the sentence to one that takes another number of them
    factors     False where all entries come from one delta: any slip in it is a factor, which tells nothing
    """
    arguments = tuple(params if arguments is None else arguments)
    part_names = names if len(names) > 1 else ()  # a single gradient may come without a tuple around it

    @judge
    def decide(answer):
        result, changed = call(answer, arguments, argument_names)
        expect_results(answer, [result], names)
        wanted = numerical_gradient(loss, params)
        result = compare.unpacked(result, wanted) if part_names else result
        try:
            wheres = [say("gradient of {name}", name=name) for name in names]
            got = compare.parts(result, wheres) if part_names else [result]
            compare.gradients(wanted, got, names, GRADIENT_TOLERANCE, batch_size, factors)
        except Wrong as difference:
            case = [arguments], [tuple(wanted)], [result]
            raise _explained(difference, wrong, *case, part_names, GRADIENT_TOLERANCE, factors=False) from None
        changes([(result, changed)])
        return say("Every entry agrees with finite differences: {names}.", names=", ".join(names))

    decide.slips = wrong
    return decide


def program(run, conditions, right=REACHED):
    """Judge a function or settings by what they achieve.

    run          run(answer) -> dict of measured values
    conditions   dict: the name of a slip -> (holds, sentence): holds(values) -> bool. The first sentence whose condition
                 does not hold is shown, with the {names} of values filled in.
    right        the sentence for a right answer, filled in likewise
    """

    @judge
    def decide(answer):
        values = run(watched(answer, returns=True) if callable(answer) else answer)
        for slip, (holds, sentence) in conditions.items():
            if not holds(values):
                raise Wrong(say(sentence, **values), slip=slip)
        return say(right, **values)

    decide.sentences = {slip: sentence for slip, (_, sentence) in conditions.items()}
    return decide


def _explained(difference, wrong, cases, wanted, results, names, tolerance, factors=True):
    """The `Wrong` that also says where the results come from, if that is known."""
    slip, known = _same_as(wrong, cases, results, names, tolerance)
    known = known or compare.other_order(wanted, results, names, tolerance)
    known = known or compare.relation(wanted, results, tolerance, factors)
    return Wrong(difference.message, known, details=difference.details, slip=slip)


def _same_as(known, cases, results, names, tolerance):
    """(name, sentence) of the first known function that gives the reader's results in all cases, ("", "") if none does."""
    for name, function, sentence in known:
        try:
            for case, result in zip(cases, results, strict=True):
                wanted = function(*copy.deepcopy(case))
                compare.results(*map(compare.with_nan_as_number, (wanted, result)), names, tolerance)
        except Exception:  # it gives other results, or cannot run on these cases
            continue
        return name, say(sentence)
    return "", ""
