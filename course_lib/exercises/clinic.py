"""The clinic of chapter 5: a program of four functions and two settings, examined from its first line to its last."""

import numpy as np

from .. import datasets
from ..gradient_check import GradientError, compare_gradients, numerical_gradient
from ..text import say
from .judging import Wrong, judge, watched

SEEDS = 30
x, y = datasets.xor()  # (4, 2), (4, 1)


@judge
def examine(answer):
    """Judge (start, forward, gradients, step, eta, epochs): the first fault that the evidence shows, or none."""
    if not isinstance(answer, tuple | list) or len(answer) != 6 or not all(map(callable, answer[:4])):
        raise Wrong(say("Expected (start, forward, gradients, step, eta, epochs): four functions and two numbers."))
    start, forward, gradients = (watched(function, returns=True) for function in answer[:3])
    step = watched(answer[3])
    eta, epochs = _settings(*answer[4:])
    params = list(start(np.random.default_rng(1)))
    a2 = _expect_forward(forward, params)
    _expect_gradients(forward, gradients, params)
    _expect_descent(forward, gradients, step, params)
    _expect_output_bias(params, a2)
    solved, loss = _train(start, forward, gradients, step, eta, epochs)
    facts = say("{solved} of {seeds} seeds solved, mean loss {loss:.3f}, rate x epochs = {product:g}",
                solved=solved, seeds=SEEDS, loss=loss, product=eta * epochs)  # fmt: skip
    if solved < SEEDS - 3:
        raise Wrong(say("Evidence 7 of 7, the result: {facts}. Every gradient is right, and yet the program has not "
                        "arrived: how far can it walk with this rate in so many steps? (With two hidden units about a quarter "
                        "of the seeds fail even after a long walk: take four.)", facts=facts))  # fmt: skip
    return say("All seven faults are repaired: {facts}.", facts=facts)


def _settings(eta, epochs):
    if not isinstance(eta, int | float) or not 0 < eta < np.inf:
        raise Wrong(say("The learning rate: expected a positive number, got {got!r}.", got=eta))
    if not isinstance(epochs, int) or not 1 <= epochs <= 20_000:
        raise Wrong(say("The epochs: expected a whole number from 1 to 20,000, got {got!r}.", got=epochs))
    return eta, epochs


def _expect_forward(forward, params):
    """The outputs a2 of a forward pass that runs and has one output for each example."""
    try:
        _, a2 = forward(params, x)
    except ValueError as error:
        if len(params) <= 2 and not _runs_with_square_weights(forward, len(params)):
            raise Wrong(say("Evidence 1 of 7: the forward pass stops. {error}. x has one example a row, shape (4, 2), and W "
                            "has shape (2, 1). In which order do they fit?", error=error)) from None  # fmt: skip
        if len(params) <= 2:
            raise Wrong(say("Evidence 2 of 7: every product has its operands in order now, and the forward pass still "
                            "stops. {error}. W leads from 2 inputs to the hidden layer; what leads from there to the "
                            "output?", error=error)) from None  # fmt: skip
        shapes = ", ".join(str(np.shape(p)) for p in params)
        raise Wrong(say("The forward pass stops. {error}. The parameters have shapes {shapes}.",
                        error=error, shapes=shapes)) from None  # fmt: skip
    if np.shape(a2) != y.shape:
        raise Wrong(say("Expected outputs of shape {expected}, one for each example, got {got}.",
                        expected=y.shape, got=np.shape(a2)))  # fmt: skip
    return a2


def _runs_with_square_weights(forward, number):
    """Whether the operand order is right: with W of shape (2, 2) the same matrix would fit both layers."""
    try:
        forward([np.full((2, 2), 0.5), np.zeros(2)][:number], x[:3])
    except ValueError:
        return False
    return True


def _loss(forward, params):
    return float(np.sum((forward(params, x)[1] - y) ** 2) / 2)


def _expect_gradients(forward, gradients, params):
    grads = gradients(params, x, y)
    if len(grads) != len(params):
        raise Wrong(say("Evidence 3 of 7: there are {params} parameter arrays and {grads} gradients. delta1 is computed and "
                        "then used for nothing: which gradients need it?", params=len(params), grads=len(grads)))  # fmt: skip
    expected = numerical_gradient(lambda p: _loss(forward, p), params)
    try:
        compare_gradients(grads, expected, tolerance=1e-6)
    except ValueError as error:
        raise Wrong(say("A gradient has another shape than its parameter. {error}.", error=error)) from None
    except GradientError as error:
        if error.argument < 2 <= len(params) - 1 and _close(grads[2:], expected[2:]):
            raise Wrong(say("Evidence 4 of 7: the gradients of the output layer are right, those of the hidden layer are not. "
                            "{error}. The hidden error passed through W2; what else did the signal pass on its way "
                            "forward?", error=error)) from None  # fmt: skip
        raise Wrong(say("A gradient is not the slope of the loss L = 1/2 sum (a2 - y)^2. {error}.",
                        error=error)) from None  # fmt: skip


def _close(grads, expected):
    return all(np.allclose(got, wanted, atol=1e-6) for got, wanted in zip(grads, expected, strict=True))


def _expect_descent(forward, gradients, step, params):
    moved = [np.array(p, dtype=float) for p in params]
    before = _loss(forward, moved)
    step(moved, gradients(moved, x, y), 0.1)
    after = _loss(forward, moved)
    if after == before:
        raise Wrong(
            say("The step changes nothing: it has to change the arrays in `params` themselves, as `p -= ...` does.")
        )
    if after > before:
        raise Wrong(say("Evidence 5 of 7: the gradients are right, and one step of rate 0.1 makes the loss climb from "
                        "{before:.4f} to {after:.4f}. Which way does a gradient point?",
                        before=before, after=after))  # fmt: skip


def _expect_output_bias(params, a2):
    if len(params) != 3:
        return
    slope = float(np.sum((a2 - y) * a2 * (1 - a2)))
    raise Wrong(say("Evidence 6 of 7: the program descends. But the output layer has no bias: shifting all four z2 alike would "
                    "change the loss at a rate of {slope:.3f}, and no parameter can do it.", slope=slope))  # fmt: skip


def _train(start, forward, gradients, step, eta, epochs):
    """How many of 30 seeds classify all four points right, and the mean final loss. Solved runs stop early."""
    solved, losses = 0, []
    for seed in range(SEEDS):
        params = list(start(np.random.default_rng(seed)))
        for epoch in range(epochs):
            step(params, gradients(params, x, y), eta)
            if epoch % 100 == 99 and _right(forward, params):
                break
        solved += _right(forward, params)
        losses.append(_loss(forward, params))
    return solved, float(np.mean(losses))


def _right(forward, params):
    return bool(np.all((forward(params, x)[1] > 0.5) == (y > 0.5)))
