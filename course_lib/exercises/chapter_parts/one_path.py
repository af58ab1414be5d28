"""Judges a loss that is bent without asking a value: the same numbers and slopes, and a step that can be recorded."""

from functools import partial

import numpy as np

from ... import functional
from ...autodiff import Tensor
from ...layers import Dense, Sequential
from ...optimizers import GradientDescent
from ...replay import CannotReplay, record_step
from ...text import capitalised, say
from ...training_step import take_step
from ..machinery import compare
from ..machinery.compare import Wrong, mistake
from ..machinery.reader_code import call, expect_results, judge
from ..machinery.slips import Slips, compiled, slip

LOSSES = (0.25, 0.75, 1.5, 4.0)  # on both sides of 1
_TARGETS = (0.5, 5.0)  # of half the squared error of an output near 0: a loss below 1, and one above


def bend(loss):
    """The loss below 1; above, half as steep. It asks the value, so a step with it cannot be recorded."""
    if loss.value > 1:
        return 1 + (loss - 1) / 2
    return loss


# What readers make of a loss, a plain number here: (name, function, sentence).
KNOWN = Slips("def one_path(loss):", {
    "unbent": slip("That is the loss unchanged, so nothing is bent above 1.", "return loss"),
    "bends-all": slip("That bends every loss, but below 1 the loss should stay as it is.", "return 1 + (loss - 1) / 2"),
    "halves-all": slip("That halves every loss, but below 1 the loss should stay as it is.", "return loss / 2"),
    "flat": slip("Above 1 that is flat, so a large loss would teach nothing.", "return min(loss, 1)"),
    "half-of-the-rest": slip("That is half of what lies above 1. Where is the rest?", "return max(loss - 1, 0) / 2"),
    "rest-alone": slip("That is what lies above 1. What do you do with it?", "return max(loss - 1, 0)"),
    "one-below": slip("Below 1 that makes 1 of every loss.", "return 1 + max(loss - 1, 0) / 2"),
    "steeper": slip("Above 1 that is steeper than before. Look at the sign.", "return loss + max(loss - 1, 0) / 2"),
    "falls": slip("Above 1 your result falls while the loss rises.", "return loss - 2 * max(loss - 1, 0)"),
    "sides-exchanged": slip("You exchanged the two sides, because here the losses below 1 are bent and those "
                            "above 1 are not.", "return 1 + (loss - 1) / 2 if loss < 1 else loss"),
    "jumps": slip("At 1 that jumps. Halve what lies above 1, not all of the loss.", "return loss / 2 if loss > 1 else loss"),
    "nothing-below": slip("Below 1 your result is 0. What should become of a loss below 1?", "return (1 + (loss - 1) / 2) * (loss > 1)"),
}, partial(compiled, name="one_path"))  # fmt: skip


@judge
def judge_one_path(answer):
    """First the values, then the slopes, then the record, on data that lead to both sides."""
    results = [call(answer, (Tensor(np.array(loss)),))[0] for loss in LOSSES]
    expect_results(answer, results)
    _expect_values(results)
    _expect_slopes(answer)
    _expect_record(answer)
    return say(
        "Values and slopes are right on both sides of 1, and a step that was recorded on one side also replays losses of the "
        "other."
    )


judge_one_path.sentences = {name: sentence for name, _, sentence in KNOWN.sources}


def _expect_values(results):
    for result in results:
        if not isinstance(result, Tensor) or result.size != 1:
            wanted = say("Expected a Tensor with one number, got {got}.", got=compare.describe(result))
            raise Wrong(wanted, compare.forgetful(result))
    got = [float(result) for result in results]
    for loss, number in zip(LOSSES, got, strict=True):
        wanted = float(bend(Tensor(np.array(loss))))
        if not compare.close(number, wanted, 1e-9):
            known = [(name, say(text)) for name, wrong, text in KNOWN if np.allclose(got, [*map(wrong, LOSSES)])]
            name, sentence = known[0] if known else ("", "")
            wanted, number = compare.distinct(wanted, number)
            numbers = say("For the loss {loss:g}: expected {wanted}, got {got}.", loss=loss, wanted=wanted, got=number)
            raise Wrong(numbers, sentence, slip=name)


def _expect_slopes(answer):
    for loss in LOSSES:
        wanted, got = _slope(bend, loss), _slope(answer, loss)
        if got is None:
            raise mistake(
                "The value is right, but no gradient arrives at the loss, because something made a plain number of it."
            )
        if not compare.close(got, wanted, 1e-9):
            shown = compare.distinct(wanted, got)[1]
            numbers = say("The values are right, but at the loss {loss:g} the slope is {got}.", loss=loss, got=shown)
            raise Wrong(numbers, say("Is a part of your result a plain number, such as `.value`?"))


def _slope(function, number):
    """d function(loss) / d loss; None where no gradient arrives."""
    loss = Tensor(np.array(number))
    result = function(loss)
    if result is loss:
        return 1.0
    result.backward()
    return None if loss.grad is None else float(loss.grad)


def _expect_record(answer):
    """Record a step on data of the one side and replay it on the other, both ways round."""

    def loss_of(outputs, y):
        return answer(functional.half_squared_error(outputs, y))

    x = np.array([[1.0]])
    for first, other in (_TARGETS, _TARGETS[::-1]):
        try:
            step = record_step(_model(), (x, np.array([[first]])), loss=loss_of, optimizer=GradientDescent(0.1))
        except CannotReplay as refusal:
            question = say("The values are right, and the step is refused, because a line asks for a value. Which one?")
            raise Wrong(question, capitalised(str(refusal))) from None
        replayed = step(x, np.array([[other]]))
        model = _model()
        engine = take_step(model, (x, np.array([[other]])), loss_of, GradientDescent(0.1))
        weights = [[float(p.value.sum()) for p in each] for each in (step.parameters, model.parameters)]
        if not np.allclose([replayed, *weights[0]], [engine, *weights[1]]):
            raise mistake(
                "The step was recorded with a loss on one side of 1. For a loss on the other side it still goes the "
                'first way, because the answer to a question such as "is it above 1?" has become a constant. Which '
                "line takes a value out of sight of the record?"
            )


def _model():
    return Sequential(Dense(1, 1, rng=np.random.default_rng(0)))
