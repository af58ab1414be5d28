"""Judges the reader's network of chapter 5, written down once more in another library."""

import numpy as np

from .. import frameworks, ops
from ..autodiff import Tensor
from ..datasets import xor
from ..gradient_check import numerical_gradient
from ..ops import logistic
from ..text import N_, say
from . import compare
from .compare import Wrong
from .judging import expect_results, judge

_rng = np.random.default_rng(7)
_NAMES = ("W1", "b1", "W2", "b2")


def _reference_loss(params, x, y):
    W1, b1, W2, b2 = params
    a2 = logistic(logistic(x @ W1 + b1) @ W2 + b2)
    return float(np.sum((a2 - y) ** 2) / 2)


def _networks():
    """(params, x, y) of a 2-4-1 network on XOR and of a 2-2-1 network, whose W1 is square, on other points."""
    for hidden, (x, y) in ((4, xor()), (2, (_rng.normal(size=(5, 2)), _rng.random((5, 1))))):
        yield [_rng.normal(size=shape) for shape in ((2, hidden), (hidden,), (hidden, 1), (1,))], x, y


_NETWORKS = list(_networks())
_OTHER_LOSSES = {  # factor on a wrong loss -> where it comes from
    2.0: N_("It is twice the expected one: the factor 1/2 is missing."),
    1 / 4: N_("It is the mean over the four examples, and the loss of chapter 5 is a sum."),
    1 / 2: N_("It is half the expected one."),
}


@judge
def judge_port(answer):
    """Runs the answer in PyTorch where it is installed, else with course_lib's own tensors and operations."""
    if not callable(answer):
        raise Wrong(
            say("Expected a function, got {got}. Give its name alone, without brackets.", got=compare.describe(answer))
        )
    in_torch = frameworks.pytorch.installed
    for params, x, y in _NETWORKS:
        loss, tensors = _run_port(answer, in_torch, params, x, y)
        value, expected = float(loss.item() if in_torch else loss.value.item()), _reference_loss(params, x, y)
        if not abs(value - expected) <= 1e-9:
            known = [say(text) for factor, text in _OTHER_LOSSES.items() if abs(value - factor * expected) <= 1e-9]
            raise Wrong(
                compare.joined(
                    say("Expected the loss {expected:.6g}, got {got:.6g}.", expected=expected, got=value), *known
                )
            )
        _backward(loss, in_torch)
        grads = [tensor.grad for tensor in tensors]
        for name, grad in zip(_NAMES, grads, strict=True):
            if grad is None:
                raise Wrong(
                    say("No gradient arrives at {name}: something on the way turned it into a plain number.", name=name)
                )
        grads = [np.asarray(grad) for grad in grads]
        compare.gradients(
            numerical_gradient(lambda p, x=x, y=y: _reference_loss(p, x, y), params), grads, _NAMES, 1e-6, len(x)
        )
    if in_torch:
        return say("PyTorch {version}: the loss is right, and every gradient agrees with finite differences.",
                   version=frameworks.pytorch.version)  # fmt: skip
    return say("The loss is right, and every gradient agrees with finite differences. PyTorch is not installed here, so "
               "course_lib took its place; your lines are the same for both.")  # fmt: skip


def _run_port(answer, in_torch, params, x, y):
    """The loss that the answer gives, and the tensors that it got as parameters."""
    if in_torch:
        torch = frameworks.pytorch.module
        tensors = [torch.tensor(p, requires_grad=True) for p in params]
        loss = answer(torch, tensors, torch.tensor(x), torch.tensor(y))
        is_tensor, kind = isinstance(loss, torch.Tensor), say("a tensor of PyTorch's")
    else:
        tensors = [Tensor(p.copy()) for p in params]
        loss = answer(ops, tensors, x.copy(), y.copy())
        is_tensor, kind = isinstance(loss, Tensor), say("a Tensor")
    expect_results(answer, [loss])
    if not is_tensor:
        raise Wrong(say("Expected {kind} as the loss, got {got}: a plain number has forgotten where it came from.",
                        kind=kind, got=compare.describe(loss)))  # fmt: skip
    if int(np.prod(loss.shape)) != 1:
        raise Wrong(say("Expected the loss as a single number, got shape {shape}.", shape=tuple(loss.shape)))
    return loss, tensors


def _backward(loss, in_torch):
    try:
        loss.backward()
    except RuntimeError as problem:  # PyTorch: no graph leads back from this number
        if not in_torch or "grad" not in str(problem):
            raise
        raise Wrong(say("No gradient arrives: something on the way turned the tensors into plain numbers.")) from None
