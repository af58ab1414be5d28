"""Judges the reader's network of chapter 5, written down once more in PyTorch, or in a stand-in where it is missing."""

import numpy as np

from ... import frameworks
from ...datasets import xor
from ...gradient_check import numerical_gradient
from ...ops import logistic
from ...text import N_, joined, say
from ..machinery import compare
from ..machinery.compare import Wrong, mistake
from ..machinery.limits import piece
from ..machinery.reader_code import expect_function, expect_results, judge, untried
from . import torch_stand_in
from .cnn_port import IMPORT

_rng = np.random.default_rng(7)
_NAMES = ("W1", "b1", "W2", "b2")
STAND_IN = N_("PyTorch is not installed here, so a stand-in ran, with PyTorch's names and course_lib's gradients.")


def _forward(params, x, hidden=logistic, output=logistic):
    W1, b1, W2, b2 = params
    return output(hidden(x @ W1 + b1) @ W2 + b2)


def _loss(params, x, y, **activations):
    return float(np.sum((_forward(params, x, **activations) - y) ** 2)) / 2


_NETWORKS = [  # (params, x, y) of a 2-4-1 network on five points, and of a 2-2-1 network, whose W1 is square, on XOR
    ([_rng.normal(size=shape) for shape in ((2, hidden), (hidden,), (hidden, 1), (1,))], x, y)
    for hidden, (x, y) in ((4, (_rng.normal(size=(5, 2)), _rng.random((5, 1)))), (2, xor()))
]


def _other_losses(params, x, y):
    """(a wrong loss, the sentence that says where it comes from) for the usual ones."""
    a2, count = _forward(params, x), len(x)
    loss, (W1, b1, W2, b2) = _loss(params, x, y), params
    entropy = -float(np.sum(y * np.log(a2) + (1 - y) * np.log(1 - a2)))
    cross_entropy = N_("It is the cross-entropy, but the loss of chapter 5 is half the sum of squared errors.")
    return [
        (2 * loss, N_("It is twice the expected one, because the factor 1/2 is missing.")),
        (loss / count, N_("It is the mean over the examples, halved, but the loss of chapter 5 is a sum.")),
        (2 * loss / count, N_("It is the mean of the squared errors, but the loss of chapter 5 is half their sum. PyTorch's "
                              "losses take `reduction`.")),
        (loss / 2, N_("It is half the expected one.")),
        (-loss, N_("The sign is wrong.")),
        (float(np.sum(a2 - y)) ** 2 / 2, N_("It is the square of the sum, but the squares should be summed.")),
        (entropy, cross_entropy),
        (entropy / count, cross_entropy),
        (_loss([W1, 0 * b1, W2, 0 * b2], x, y), N_("That is what you get without the biases.")),
        (_loss([W1, b1, W2, 0 * b2], x, y), N_("That is what you get without b2.")),
        (_loss([W1, 0 * b1, W2, b2], x, y), N_("That is what you get without b1.")),
        (_loss(params, x, y, output=lambda z: z), N_("The sigmoid of the output layer is missing.")),
        (_loss(params, x, y, hidden=lambda z: z), N_("The sigmoid of the hidden layer is missing.")),
        (_loss(params, x, y, hidden=np.tanh), N_("The hidden layer has a sigmoid, too, not tanh.")),
        (_loss(params, x, y, hidden=lambda z: np.maximum(z, 0)), N_("The hidden layer has a sigmoid, too, not relu.")),
    ]  # fmt: skip


@judge
def judge_port(answer):
    """Runs the answer in PyTorch where it is installed, else in `torch_stand_in`; says which."""
    expect_function(answer)
    if frameworks.pytorch.installed:
        _judge_networks(answer, piece(lambda: frameworks.pytorch.module, IMPORT))
        return say(
            "PyTorch {version}: the loss is right, and every gradient agrees with finite differences.",
            version=frameworks.pytorch.version,
        )
    try:
        _judge_networks(answer, torch_stand_in.torch)
    except (torch_stand_in.NotKnown, ModuleNotFoundError) as gap:
        name = "import torch" if isinstance(gap, ModuleNotFoundError) else str(gap)
        raise untried(
            "This was not judged, because PyTorch is not installed here and its stand-in does not know "
            "`{name}`. Write it in another way, or install PyTorch.",
            name=name,
        ) from None
    except Wrong as difference:
        raise Wrong(difference.message, say(STAND_IN), details=difference.details) from None
    return joined(say("The loss is right, and every gradient agrees with finite differences."), say(STAND_IN))


def _judge_networks(answer, torch):
    for params, x, y in _NETWORKS:
        tensors = [torch.tensor(p, requires_grad=True) for p in params]
        loss = _run(answer, torch, tensors, torch.tensor(x), torch.tensor(y))
        if any(tensor.grad is not None for tensor in tensors):
            raise mistake("You called backward() yourself. Return the loss, and the check calls backward().")
        expect_results(answer, [loss])
        _expect_loss(torch, loss, params, x, y)
        if not loss.requires_grad:
            raise mistake("No gradient arrives, because something on the way turned the tensors into plain numbers.")
        loss.backward()
        for name, tensor in zip(_NAMES, tensors, strict=True):
            if tensor.grad is None:
                raise mistake(
                    "No gradient arrives at {name}, because something on the way turned it into a plain number.",
                    name=name,
                )
        wanted = numerical_gradient(lambda p, x=x, y=y: _loss(p, x, y), params)
        compare.gradients(wanted, [tensor.grad.numpy() for tensor in tensors], _NAMES, 1e-6, len(x))


def _run(answer, *arguments):
    try:
        return answer(*arguments)
    except NotImplementedError as gap:
        if not str(gap):  # the reader's own
            raise
        raise RuntimeError(str(gap)).with_traceback(gap.__traceback__) from None  # PyTorch's, as for (a2 - y) ^ 2


def _expect_loss(torch, loss, params, x, y):
    """Raise Wrong unless the loss is one tensor with the right number."""
    if not isinstance(loss, torch.Tensor):
        wanted = say("Expected a tensor as the loss, got {got}.", got=compare.describe(loss))
        raise Wrong(wanted, compare.forgetful(loss))
    if int(np.prod(loss.shape)) != 1:
        raise mistake("Expected the loss as a single number, got shape {shape}.", shape=tuple(loss.shape))
    got, expected = float(loss.item()), _loss(params, x, y)
    if not abs(got - expected) <= 1e-9:
        known = [say(text) for value, text in _other_losses(params, x, y) if abs(got - value) <= 1e-6 * abs(value)]
        difference = say("Expected the loss {expected:.6g}, got {got:.6g}.", expected=expected, got=got)
        raise Wrong(difference, *known[:1])
