"""A stand-in for PyTorch where it is not installed: its names and spellings, over course_lib's tensors and operations.

It knows what readers use for a small network, as functions (`torch.sum(x, dim=0)`), as methods (`x.sum(dim=0)`) and in
`torch.nn.functional`. Anything else raises `NotKnown`: whether PyTorch has it, nobody can say here. What PyTorch refuses
(a NumPy function, a plain array as input), it refuses too, in much the same words.
"""

import operator
from functools import partial
from inspect import signature
from numbers import Real

import numpy as np

from ... import ops
from ...autodiff import Tensor, value_of
from ...text import N_, say

_NO_NUMPY = N_("Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.")


class NotKnown(Exception):
    """The stand-in does not have this name or option; its text is the name."""


class _Names:
    """Names under a prefix, such as torch.nn.functional; others raise NotKnown."""

    def __init__(self, prefix, names):
        self._prefix, self._names = prefix, names

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        if name not in self._names:
            raise NotKnown(f"{self._prefix}.{name}")
        return self._names[name]


class StandInTensor:
    """PyTorch's tensor as far as it is needed. `tensor`: a Tensor where gradients are wanted, else a plain array."""

    __array_priority__ = 1000  # array @ tensor comes here
    graph_freed = False  # by backward(), as PyTorch does

    def __init__(self, tensor):
        self.tensor = tensor if isinstance(tensor, Tensor) else np.asarray(tensor)  # a sum may be a float

    def __getattr__(self, name):
        return partial(getattr(_METHODS, name), self)

    def __array__(self, dtype=None, copy=None):
        if self.requires_grad:
            raise RuntimeError(say(_NO_NUMPY))
        return np.asarray(self.tensor, dtype)

    requires_grad = property(lambda self: isinstance(self.tensor, Tensor))
    shape = property(lambda self: np.shape(value_of(self.tensor)))
    ndim = property(lambda self: len(self.shape))
    dtype = property(lambda self: value_of(self.tensor).dtype)
    T = property(lambda self: StandInTensor(ops.transpose(self.tensor)))

    @property
    def grad(self):
        grad = self.tensor.grad if self.requires_grad else None
        return None if grad is None else StandInTensor(grad)

    @grad.setter
    def grad(self, new):
        if not isinstance(new, StandInTensor | None):
            got = type(new).__name__
            raise TypeError(f"assigned grad expected to be a Tensor or None but got grad of type {got}")
        if self.requires_grad:
            self.tensor.grad = None if new is None else value_of(new.tensor)

    def __len__(self):
        return len(value_of(self.tensor))

    def __getitem__(self, index):
        return StandInTensor(ops.take(self.tensor, index))

    def __iter__(self):
        return iter([self[i] for i in range(len(self))])

    def __float__(self):
        return float(value_of(self.tensor))


def _matmul(a, b):
    """a @ b as in PyTorch: a vector is a row on the left, a column on the right, and this axis is gone afterwards."""
    row, column = np.ndim(value_of(a)) == 1, np.ndim(value_of(b)) == 1
    product = (ops.reshape(a, (1, -1)) if row else a) @ (ops.reshape(b, (-1, 1)) if column else b)
    shape = np.shape(value_of(product))
    left, right = shape[:-2] + (() if row else shape[-2:-1]), () if column else shape[-1:]
    return ops.reshape(product, left + right)


# Functions of tensors. Each takes tensors and returns one.


def _given(name, x):
    if not isinstance(x, StandInTensor):
        raise TypeError(f"{name}(): argument 'input' (position 1) must be Tensor, not {type(x).__name__}")
    return x.tensor


def _expect_known(name, options, known):
    """`out` is what a NumPy function hands over, and PyTorch does not take it; of others nothing is known here."""
    if "out" in options:
        raise TypeError(f"{name}() got an unexpected keyword argument 'out'")
    for option in options:
        if option not in known:
            raise NotKnown(f"{name}(..., {option}=...)")


def _function(name, calculate):
    """PyTorch's function of this name: `calculate` on what is in the first tensor, with the options that it takes."""

    _, *others = signature(calculate).parameters.values()
    known = [each.name for each in others if each.kind is not each.VAR_POSITIONAL]

    def function(x, *arguments, **options):
        _expect_known(name, options, known)
        return StandInTensor(calculate(_given(name, x), *arguments, **options))

    return function


def _functions(table):
    return {name: _function(name, calculate) for name, calculate in table.items()}


def _reduction(calculate):
    def reduced(a, dim=None, keepdim=False, axis=None):
        dim = axis if dim is None else dim
        dim = tuple(dim) if isinstance(dim, list) else dim
        result = calculate(a, axis=dim)
        return ops.reshape(result, value_of(a).sum(axis=dim, keepdims=True).shape) if keepdim else result

    return reduced


_OPERAND = StandInTensor | Real | np.generic


def _pair(name, calculate):
    def of_both(a, other):
        if not isinstance(other, _OPERAND):
            raise TypeError(f"{name}(): argument 'other' (position 2) must be Tensor, not {type(other).__name__}")
        return calculate(a, other.tensor if isinstance(other, StandInTensor) else other)

    return of_both


def _reshaped(a, *shape):
    shape = shape[0] if len(shape) == 1 and isinstance(shape[0], tuple | list) else shape
    return ops.reshape(a, tuple(shape))


_OF_TWO = {
    "pow": operator.pow,
    "add": operator.add,
    **dict.fromkeys(("sub", "subtract"), operator.sub),
    **dict.fromkeys(("mul", "multiply"), operator.mul),
    **dict.fromkeys(("div", "divide", "true_divide"), operator.truediv),
    **dict.fromkeys(("matmul", "dot"), _matmul),
    "mm": operator.matmul,
}
_BOTH = _functions(  # what PyTorch has as a function and as a method alike
    {name: getattr(ops, name) for name in ("sigmoid", "tanh", "relu", "exp", "log", "sqrt")}
    | {name: _reduction(getattr(ops, name)) for name in ("sum", "mean")}
    | {name: _pair(name, calculate) for name, calculate in _OF_TWO.items()}
    | dict.fromkeys(("neg", "negative"), lambda a: a * -1)
    | {
        "square": lambda a: a**2,
        "reciprocal": lambda a: 1 / a,
        "clone": lambda a: a * 1,
        "t": lambda a: ops.transpose(a),
        "transpose": lambda a, first=0, second=1: ops.transpose(a) if (first - second) % 2 else a,
        "norm": lambda a: ops.sqrt(ops.sum(a**2)),
        "reshape": _reshaped,
        "flatten": lambda a: ops.reshape(a, (-1,)),
        "squeeze": lambda a, *dims: ops.reshape(a, np.squeeze(value_of(a), dims or None).shape),
    }
) | {"numel": lambda x: int(np.prod(x.shape))}


def _operator(function):
    """The two methods of an operator, `a + b` and its mirror image."""
    return (
        lambda a, b: function(a, b) if isinstance(b, _OPERAND) else NotImplemented,
        lambda a, b: function(StandInTensor(b), a) if isinstance(b, _OPERAND) else NotImplemented,
    )


for _name in ("add", "sub", "mul", "div", "pow", "matmul"):
    for _prefix, _method in zip(("__", "__r"), _operator(_BOTH[_name]), strict=True):
        setattr(StandInTensor, f"{_prefix}{_name.replace('div', 'truediv')}__", _method)
StandInTensor.__neg__ = _BOTH["neg"]


def _power_of(a, b):
    """b ** a for a number b; with a gradient it is e^(a log b), which asks for a positive b."""
    if not isinstance(b, Real):
        return NotImplemented
    return (a * float(np.log(b))).exp() if a.requires_grad else StandInTensor(b**a.tensor)


StandInTensor.__rpow__ = _power_of


def _backward(x, retain_graph=None, **options):
    if x.graph_freed:
        raise RuntimeError("Trying to backward through the graph a second time")
    x.graph_freed = not retain_graph
    if not x.requires_grad:
        raise RuntimeError("element 0 of tensors does not require grad and does not have a grad_fn")
    x.tensor.backward()


_METHODS = _Names(
    "",
    _BOTH
    | dict.fromkeys(("double", "contiguous", "to"), lambda x, *arguments, **options: x)
    | {
        "view": _BOTH["reshape"],
        "item": lambda x: float(value_of(x.tensor).item()),
        "size": lambda x, dim=None: x.shape if dim is None else x.shape[dim],
        "dim": lambda x: x.ndim,
        "detach": lambda x: StandInTensor(np.array(value_of(x.tensor))),
        "numpy": np.asarray,
        "tolist": lambda x: value_of(x.tensor).tolist(),
        "backward": _backward,
    },
)


# torch.nn.functional, and the losses of torch.nn

_REDUCTIONS = {"mean": ops.mean, "sum": ops.sum, "none": lambda losses: losses}


def _loss(name, of_each):
    def reduced(a, target, reduction="mean"):
        losses = of_each(a, _given(name, target))
        if reduction not in _REDUCTIONS:
            raise ValueError(f"{reduction} is not a valid value for reduction")
        return _REDUCTIONS[reduction](losses)

    return reduced


_LOSSES = {
    "mse_loss": lambda a, y: (a - y) ** 2,
    "binary_cross_entropy": lambda p, y: (y * ops.log(p) + (1 - y) * ops.log(1 - p)) * -1,
    "binary_cross_entropy_with_logits": lambda z, y: ops.log(1 + ops.exp(z)) - y * z,
}
_LOSSES = _functions({name: _loss(name, of_each) for name, of_each in _LOSSES.items()})


def _linear(x, weight, bias=None):
    product = x @ ops.transpose(_given("linear", weight))
    return product if bias is None else product + _given("linear", bias)


def _tensor(data, *, requires_grad=False, **options):
    _expect_known("tensor", options, ("dtype", "device"))
    a = np.array(value_of(data.tensor) if isinstance(data, StandInTensor) else data, dtype=np.float64)
    return StandInTensor(Tensor(a) if requires_grad else a)


def _loss_layer(name):
    return lambda reduction="mean": lambda x, target: _LOSSES[name](x, target, reduction)


_FUNCTIONAL = _LOSSES | _functions({"linear": _linear}) | {name: _BOTH[name] for name in ("sigmoid", "tanh", "relu")}
_NN = _Names("torch.nn", {
    "functional": _Names("torch.nn.functional", _FUNCTIONAL), "Sigmoid": lambda: _BOTH["sigmoid"],
    "Tanh": lambda: _BOTH["tanh"], "ReLU": lambda: _BOTH["relu"], "MSELoss": _loss_layer("mse_loss"),
    "BCELoss": _loss_layer("binary_cross_entropy"), "BCEWithLogitsLoss": _loss_layer("binary_cross_entropy_with_logits"),
})  # fmt: skip

torch = _Names(
    "torch",
    _BOTH
    | _functions({"addmm": lambda bias, x, W: _given("addmm", x) @ _given("addmm", W) + bias})
    | dict.fromkeys(("tensor", "as_tensor", "from_numpy"), _tensor)
    | {
        "nn": _NN,
        "Tensor": StandInTensor,
        "ones_like": lambda x, **options: StandInTensor(np.ones(x.shape)),
        "zeros_like": lambda x, **options: StandInTensor(np.zeros(x.shape)),
        "float64": np.float64,
        "float32": np.float32,
        "pi": np.pi,
        "special": _Names("torch.special", {"expit": _BOTH["sigmoid"]}),
        "linalg": _Names("torch.linalg", {"norm": _BOTH["norm"]}),
    },
)
