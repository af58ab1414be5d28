"""A stand-in for PyTorch where it is not installed: its names and spellings, over course_lib's tensors and operations.

It knows what readers use for a small network, as functions (`torch.sum(x, dim=0)`), as methods (`x.sum(dim=0)`) and in
`torch.nn.functional`. Anything else raises `NotKnown`: whether PyTorch has it, nobody can say here. What PyTorch refuses
(a NumPy function, a plain array as input), it refuses too, in much the same words.
"""

import numbers

import numpy as np

from ... import ops
from ...autodiff import Tensor, value_of
from ...text import N_, say
from ..machinery.compare import Wrong

CALLED_BACKWARD = N_("You called backward() yourself: return the loss, the check calls it.")
_NO_NUMPY = N_("Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.")


class NotKnown(Exception):
    """The stand-in does not have this name or option; its text is the name."""


class StandInTensor:
    """PyTorch's tensor as far as it is needed. `tensor`: a Tensor where gradients are wanted, else a plain array."""

    __array_priority__ = 1000  # array @ tensor comes here

    def __init__(self, tensor):
        self.tensor = tensor if isinstance(tensor, Tensor) else np.asarray(tensor)  # a sum may be a float

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        if name in _METHODS:
            return lambda *arguments, **options: _METHODS[name](self, *arguments, **options)
        raise NotKnown(f".{name}")

    def __array__(self, dtype=None, copy=None):
        if isinstance(self.tensor, Tensor):
            raise RuntimeError(say(_NO_NUMPY))
        return np.asarray(self.tensor, dtype)

    @property
    def requires_grad(self):
        return isinstance(self.tensor, Tensor)

    @property
    def shape(self):
        return np.shape(value_of(self.tensor))

    @property
    def ndim(self):
        return len(self.shape)

    @property
    def dtype(self):
        return value_of(self.tensor).dtype

    @property
    def T(self):
        return StandInTensor(ops.transpose(self.tensor))

    def __len__(self):
        return len(value_of(self.tensor))

    def __getitem__(self, index):
        return StandInTensor(ops.take(self.tensor, index))

    def __iter__(self):
        return iter([self[i] for i in range(len(self))])

    def __neg__(self):
        return StandInTensor(self.tensor * -1)

    def __float__(self):
        return float(value_of(self.tensor))


def _matmul(a, b):
    """a @ b as in PyTorch: a vector is a row on the left, a column on the right, and this axis is gone afterwards."""
    row, column = np.ndim(value_of(a)) == 1, np.ndim(value_of(b)) == 1
    product = (ops.reshape(a, (1, -1)) if row else a) @ (ops.reshape(b, (-1, 1)) if column else b)
    gone = {axis for axis, vector in ((-2, row), (-1, column)) if vector}
    shape = np.shape(value_of(product))
    kept = tuple(n for axis, n in enumerate(shape, -len(shape)) if axis not in gone)
    return ops.reshape(product, kept) if gone else product


def _operator(calculate):
    """The two methods of an operator, `a + b` and its mirror image."""

    def forward(a, b):
        return StandInTensor(calculate(a.tensor, _inner(b))) if _fits(b) else NotImplemented

    def mirrored(a, b):
        return StandInTensor(calculate(_inner(b), a.tensor)) if _fits(b) else NotImplemented

    return forward, mirrored


def _fits(b):
    return isinstance(b, StandInTensor | numbers.Real | np.generic)


def _inner(b):
    return b.tensor if isinstance(b, StandInTensor) else b


for _name, _calculate in {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "truediv": lambda a, b: a / b,
    "matmul": _matmul,
    "pow": lambda a, b: a**b,
}.items():
    for _prefix, _method in zip(("__", "__r"), _operator(_calculate), strict=True):
        setattr(StandInTensor, f"{_prefix}{_name}__", _method)


# What PyTorch has as a function and as a method alike. Each takes tensors, checks them, and returns one.


def _given(name, x):
    if not isinstance(x, StandInTensor):
        raise TypeError(f"{name}(): argument 'input' (position 1) must be Tensor, not {type(x).__name__}")
    return x.tensor


def _refuse(name, options):
    """Options that are not known here; `out` is what a NumPy function hands over, and PyTorch does not take it."""
    if "out" in options:
        raise TypeError(f"{name}() got an unexpected keyword argument 'out'")
    for option in options:
        raise NotKnown(f"{name}(..., {option}=...)")


def _elementwise(name, calculate):
    def function(x, **options):
        _refuse(name, options)
        return StandInTensor(calculate(_given(name, x)))

    return function


def _reduction(name, calculate):
    def function(x, dim=None, keepdim=False, axis=None, **options):
        _refuse(name, options)
        a, dim = _given(name, x), axis if dim is None else dim
        dim = tuple(dim) if isinstance(dim, list) else dim
        result = calculate(a, axis=dim)
        if keepdim:
            result = ops.reshape(result, value_of(a).sum(axis=dim, keepdims=True).shape)
        return StandInTensor(result)

    return function


def _pair(name, calculate):
    def function(x, other, **options):
        _refuse(name, options)
        if not _fits(other):
            raise TypeError(f"{name}(): argument 'other' (position 2) must be Tensor, not {type(other).__name__}")
        return StandInTensor(calculate(_given(name, x), _inner(other)))

    return function


def _addmm(bias, x, W, **options):
    _refuse("addmm", options)
    return StandInTensor(_given("addmm", x) @ _given("addmm", W) + _given("addmm", bias))


def _norm(x, **options):
    _refuse("norm", options)
    return StandInTensor(ops.sqrt(ops.sum(_given("norm", x) ** 2)))


def _reshape(x, *shape, **options):
    _refuse("reshape", options)
    shape = shape[0] if len(shape) == 1 and isinstance(shape[0], tuple | list) else shape
    return StandInTensor(ops.reshape(_given("reshape", x), tuple(shape)))


def _transpose(x, first=0, second=1, **options):
    _refuse("transpose", options)
    a = _given("transpose", x)
    return StandInTensor(ops.transpose(a, np.array([1, 0])[[first, second]]) if first != second else a)


def _flatten(x, **options):
    _refuse("flatten", options)
    return StandInTensor(ops.reshape(_given("flatten", x), (-1,)))


def _squeeze(x, *dims, **options):
    _refuse("squeeze", options)
    a = _given("squeeze", x)
    return StandInTensor(ops.reshape(a, np.squeeze(value_of(a), dims or None).shape))


_BOTH = {
    "sum": _reduction("sum", ops.sum),
    "mean": _reduction("mean", ops.mean),
    "sigmoid": _elementwise("sigmoid", ops.sigmoid),
    "tanh": _elementwise("tanh", ops.tanh),
    "relu": _elementwise("relu", ops.relu),
    "exp": _elementwise("exp", ops.exp),
    "log": _elementwise("log", ops.log),
    "sqrt": _elementwise("sqrt", ops.sqrt),
    "square": _elementwise("square", lambda a: a**2),
    "neg": _elementwise("neg", lambda a: a * -1),
    "reciprocal": _elementwise("reciprocal", lambda a: 1 / a),
    "clone": _elementwise("clone", lambda a: a * 1),
    "pow": _pair("pow", lambda a, b: a**b),
    "add": _pair("add", lambda a, b: a + b),
    "sub": _pair("sub", lambda a, b: a - b),
    "mul": _pair("mul", lambda a, b: a * b),
    "div": _pair("div", lambda a, b: a / b),
    "matmul": _pair("matmul", _matmul),
    "dot": _pair("dot", _matmul),
    "mm": _pair("mm", lambda a, b: a @ b),
    "t": _elementwise("t", ops.transpose),
    "transpose": _transpose,
    "norm": _norm,
    "reshape": _reshape,
    "flatten": _flatten,
    "squeeze": _squeeze,
    "numel": lambda x: int(np.prod(x.shape)),
}
_BOTH |= {
    "negative": _BOTH["neg"],
    "subtract": _BOTH["sub"],
    "multiply": _BOTH["mul"],
    "divide": _BOTH["div"],
    "true_divide": _BOTH["div"],
}


# Methods alone


def _item(x):
    return float(value_of(x.tensor).item())


def _size(x, dim=None):
    return x.shape if dim is None else x.shape[dim]


def _detach(x):
    return StandInTensor(np.array(value_of(x.tensor)))


def _same(x, *arguments, **options):
    return x


def _backward(x, **options):
    raise Wrong(say(CALLED_BACKWARD))


_METHODS = _BOTH | {
    "view": _reshape,
    "item": _item,
    "size": _size,
    "dim": lambda x: x.ndim,
    "detach": _detach,
    "double": _same,
    "contiguous": _same,
    "to": _same,
    "numpy": np.asarray,
    "tolist": lambda x: value_of(x.tensor).tolist(),
    "backward": _backward,
}


# torch.nn.functional, and the losses of torch.nn


def _reduced(name, losses, reduction, options):
    _refuse(name, options)
    if reduction not in ("mean", "sum", "none"):
        raise ValueError(f"{reduction} is not a valid value for reduction")
    return StandInTensor({"mean": ops.mean, "sum": ops.sum, "none": lambda losses: losses}[reduction](losses))


def _mse_loss(x, target, reduction="mean", **options):
    return _reduced("mse_loss", (_given("mse_loss", x) - _given("mse_loss", target)) ** 2, reduction, options)


def _binary_cross_entropy(x, target, reduction="mean", **options):
    p, y = _given("binary_cross_entropy", x), _given("binary_cross_entropy", target)
    losses = (y * ops.log(p) + (1 - y) * ops.log(1 - p)) * -1
    return _reduced("binary_cross_entropy", losses, reduction, options)


def _binary_cross_entropy_with_logits(x, target, reduction="mean", **options):
    name = "binary_cross_entropy_with_logits"
    z, y = _given(name, x), _given(name, target)
    return _reduced(name, ops.log(1 + ops.exp(z)) - y * z, reduction, options)


def _linear(x, weight, bias=None):
    product = _given("linear", x) @ ops.transpose(_given("linear", weight))
    return StandInTensor(product if bias is None else product + _given("linear", bias))


class _Names:
    """Names under a prefix, such as torch.nn.functional; others raise NotKnown."""

    def __init__(self, prefix, names):
        self.__dict__.update(names)
        self._prefix = prefix

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        raise NotKnown(f"{self._prefix}.{name}")


def _tensor(data, *, requires_grad=False, **options):
    if not set(options) <= {"dtype", "device"}:
        _refuse("tensor", options)
    a = np.array(value_of(data.tensor) if isinstance(data, StandInTensor) else data, dtype=np.float64)
    return StandInTensor(Tensor(a) if requires_grad else a)


def _like(fill):
    return lambda x, **options: StandInTensor(np.full(x.shape, fill))


_FUNCTIONAL = _Names(
    "torch.nn.functional",
    {
        "mse_loss": _mse_loss,
        "binary_cross_entropy": _binary_cross_entropy,
        "linear": _linear,
        "binary_cross_entropy_with_logits": _binary_cross_entropy_with_logits,
    }
    | {name: _BOTH[name] for name in ("sigmoid", "tanh", "relu")},
)


def _loss_layer(loss):
    return lambda reduction="mean": lambda x, target: loss(x, target, reduction)


_NN = _Names("torch.nn", {
    "functional": _FUNCTIONAL, "Sigmoid": lambda: _BOTH["sigmoid"], "Tanh": lambda: _BOTH["tanh"],
    "ReLU": lambda: _BOTH["relu"], "MSELoss": _loss_layer(_mse_loss), "BCELoss": _loss_layer(_binary_cross_entropy),
    "BCEWithLogitsLoss": _loss_layer(_binary_cross_entropy_with_logits),
})  # fmt: skip

torch = _Names(
    "torch",
    _BOTH
    | {
        "nn": _NN,
        "addmm": _addmm,
        "tensor": _tensor,
        "as_tensor": _tensor,
        "from_numpy": _tensor,
        "Tensor": StandInTensor,
        "ones_like": _like(1.0),
        "zeros_like": _like(0.0),
        "float64": np.float64,
        "float32": np.float32,
        "pi": np.pi,
        "special": _Names("torch.special", {"expit": _BOTH["sigmoid"]}),
        "linalg": _Names("torch.linalg", {"norm": _norm}),
    },
)
