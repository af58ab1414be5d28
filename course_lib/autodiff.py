"""Backpropagation on arrays. The page to read: `Tensor.__init__`, `backward`, `multiply`, `record`, `unbroadcast`.

Each operation computes its value at once (the forward pass) and leaves a `Tensor` that remembers two things: which
tensors it came from, and a function `vjp` that turns the gradient of the loss with respect to its output into the
gradients with respect to its inputs. `backward` walks over these tensors from the newest to the oldest, calls each
`vjp` once, and adds up what arrives by different paths. That is the whole of backpropagation.
"""

from heapq import heappop, heappush
from itertools import count
from operator import attrgetter

import numpy as np

from .text import say

next_order = count().__next__  # numbers tensors, and steps of optimizers, in the order in which they come


def _comparison(ufunc):
    """The method of Tensor that compares its numbers by this NumPy function."""
    return lambda self, other: ufunc(self.value, value_of(other))


class Tensor:
    """An array that remembers how it was computed, so that gradients can flow back to where it came from.

    value    the numbers, a floating-point array of any shape (integers become float64; the array is not copied). Between
             forward and backward pass it must stay as it is: `backward` notices a step of an optimizer, not t.value[0] = 5
    grad     dL/d(value), same shape as `value`; None until `backward()` of a loss that depends on this tensor. Only to
             be read: it may share memory with the gradient of another tensor. To change it: t.grad = t.grad * 0.5
    parents  what it was computed from: tensors, and plain arrays (constants, which get no gradient)
    vjp      vjp(g), with g = dL/d(value), returns dL/d(parent) for each parent, in order (for a constant, None will do)
    order    number of this tensor in the order of creation: parents always have smaller numbers
    order_of_last_step   that number when an optimizer last changed `value`; -1: never
    name     an optional name for printed graphs

    Raises TypeError when the numbers are not real (text, objects, complex numbers).
    """

    __slots__ = ("__weakref__", "grad", "name", "order", "order_of_last_step", "parents", "value", "vjp")

    def __init__(self, value, parents=(), vjp=None, name=None):
        self.value = value if vjp is not None else as_floats(value)  # what an operation has computed are floats already
        self.grad = None
        self.parents = parents
        self.vjp = vjp
        self.order = next_order()
        self.order_of_last_step = -1
        self.name = name

    def backward(self):
        """Fill `.grad` of every tensor that this one depends on with the derivative of this one, a single number.

        Each call replaces `.grad` (PyTorch adds to it), so calling it again gives the same gradients; a tensor that this
        one does not depend on keeps what it has. A value that is used twice gets the sum of the gradients of both uses:

        >>> a = Tensor(3.0)
        >>> b = a + a          # two edges from a to b
        >>> c = b * b          # two edges from b to c:  c = (2a)^2 = 4a^2
        >>> c.backward()
        >>> float(b.grad), float(a.grad)       # dc/db = 2b = 12;  dc/da = 8a = 24
        (12.0, 24.0)

        Why the order matters: the gradient of b is complete only when both uses of b have sent theirs. Everything
        that uses b is newer than b, so going from the newest tensor to the oldest never meets an unfinished sum.

        Raises ValueError when this tensor holds more than one number, or an optimizer has changed a parameter since it
        was computed: the gradient would be that of other weights.
        """
        if self.value.size != 1:
            raise ValueError(
                say(
                    "backward() starts from a single number, the loss, but this Tensor has shape {shape}: sum it or average "
                    "it first",
                    shape=self.value.shape,
                )
            )
        one = self.value.dtype.type(1)  # dL/dL
        self.grad = one if self.value.ndim == 0 else one.reshape(self.value.shape)
        reached = {self}
        # A heap, whose first element is the newest tensor: `graph` lists the same ones, but takes as long as the work itself.
        waiting = [(-self.order, self)] if self.parents else []
        while waiting:
            tensor = heappop(waiting)[1]  # newer than all that wait, so its gradient is complete
            gradients = tensor.vjp(tensor.grad)
            if len(gradients) != len(tensor.parents):
                raise ValueError(
                    say(
                        "{name}: expected a gradient for each of {expected} inputs from vjp, got {got}",
                        name=operation_name(tensor),
                        expected=len(tensor.parents),
                        got=len(gradients),
                    )
                )
            for parent, gradient in zip(tensor.parents, gradients):  # noqa: B905
                if type(parent) is not Tensor:
                    continue
                if parent.order_of_last_step > tensor.order:
                    raise ValueError(
                        say("a parameter has changed since this loss was computed: run the forward pass again")
                    )
                if parent in reached:  # used more than once: the gradients of all uses add up
                    parent.grad = parent.grad + gradient
                    continue
                parent.grad = gradient  # the first one replaces what an earlier backward() has left
                reached.add(parent)
                if parent.parents:
                    heappush(waiting, (-parent.order, parent))

    def graph(self):
        """All tensors that this one depends on, itself included, as a list from the newest to the oldest."""
        found, waiting = {self: True}, [self]
        while waiting:
            for parent in waiting.pop().parents:
                if type(parent) is Tensor and parent not in found:
                    found[parent] = True
                    waiting.append(parent)
        return sorted(found, key=attrgetter("order"), reverse=True)

    # Operators: the functions below do the work.

    def __add__(self, other):
        return add(self, other)

    def __radd__(self, other):
        return add(other, self)

    def __sub__(self, other):
        return subtract(self, other)

    def __rsub__(self, other):
        return subtract(other, self)

    def __mul__(self, other):
        return multiply(self, other)

    def __rmul__(self, other):
        return multiply(other, self)

    def __truediv__(self, other):
        return divide(self, other)

    def __rtruediv__(self, other):
        return divide(other, self)

    def __matmul__(self, other):
        return matmul(self, other)

    def __rmatmul__(self, other):
        return matmul(other, self)

    def __pow__(self, exponent):
        return power(self, exponent)

    def __neg__(self):
        return multiply(self, -1)

    def __getitem__(self, index):
        return take(self, index)

    def sum(self, axis=None, out=None):  # np.sum(tensor) calls it, with out=None
        return sum(self, axis)

    def mean(self, axis=None, dtype=None, out=None):
        return mean(self, axis)

    def reshape(self, *shape):
        return reshape(self, shape[0] if len(shape) == 1 else shape)

    @property
    def T(self):
        return transpose(self)

    @property
    def shape(self):
        return self.value.shape

    @property
    def ndim(self):
        return self.value.ndim

    @property
    def size(self):
        return self.value.size

    @property
    def dtype(self):
        return self.value.dtype

    # Comparisons carry no gradient: they give plain arrays of True and False, as NumPy's do.

    __eq__, __ne__, __lt__ = map(_comparison, (np.equal, np.not_equal, np.less))
    __le__, __gt__, __ge__ = map(_comparison, (np.less_equal, np.greater, np.greater_equal))
    __hash__ = object.__hash__  # sets and dicts of tensors go by which tensor it is, not by its numbers

    def __bool__(self):
        return bool(self.value)  # NumPy's own sentence where it holds several numbers

    def __len__(self):
        return len(self.value)

    def __iter__(self):
        return iter([take(self, i) for i in range(len(self.value))])

    def __float__(self):
        return float(self.value)

    def __repr__(self):
        numbers = np.array2string(np.asarray(self.value), precision=4, separator=", ", threshold=20, prefix="Tensor(")
        return f"Tensor({numbers})"

    def __setstate__(self, state):
        """For a copy, or a tensor from a file (pickle): it is newer than all that are there."""
        for name, value in state[1].items():  # Python puts the values of slots there
            setattr(self, name, value)
        self.order, self.order_of_last_step = next_order(), -1

    def __array__(self, dtype=None, copy=None):
        raise TypeError(
            say("a Tensor in a NumPy array would lose its gradient: use course_lib.ops, or .value for its numbers")
        )

    def __array_ufunc__(self, ufunc, method, *inputs, **options):
        """`array + tensor` is recorded like `tensor + array`; other NumPy functions say which function to use."""
        if method == "__call__" and not options:
            if ufunc in _OPERATORS:
                return _OPERATORS[ufunc](*inputs)
            if ufunc in _COMPARISONS:
                return ufunc(*map(value_of, inputs))
        if "out" in options:
            raise TypeError(say("array += tensor (and out=) would lose the gradient: write array = array + tensor"))
        name = f"np.{ufunc.__name__}" if method == "__call__" else f"np.{ufunc.__name__}.{method}"
        advice = say("use the function of course_lib.ops that records the gradient, or .value for the plain numbers")
        raise TypeError(say("{name} got a Tensor: {advice}", name=name, advice=advice))


# The elementary operations. In each vjp, g is dL/d(output).


def add(x, y):
    """x + y, with broadcasting; d(x + y)/dx = d(x + y)/dy = 1."""
    a, b = value_of(x), value_of(y)
    return record(a + b, (x, y), lambda g: (unbroadcast(g, a), unbroadcast(g, b)))


def subtract(x, y):
    """x - y, with broadcasting; d(x - y)/dx = 1, d(x - y)/dy = -1."""
    a, b = value_of(x), value_of(y)
    return record(a - b, (x, y), lambda g: (unbroadcast(g, a), unbroadcast(-g, b)))


def multiply(x, y):
    """x * y, with broadcasting; d(xy)/dx = y, d(xy)/dy = x."""
    a, b = value_of(x), value_of(y)
    return record(a * b, (x, y), lambda g: (unbroadcast(g * b, a), unbroadcast(g * a, b)))


def divide(x, y):
    """x / y, with broadcasting; d(x/y)/dx = 1/y, d(x/y)/dy = -x/y^2."""
    a, b = value_of(x), value_of(y)
    return record(a / b, (x, y), lambda g: (unbroadcast(g / b, a), unbroadcast(-(g / b) * (a / b), b)))


def power(x, exponent):
    """x ** n for a constant n (a number, or an array); d(x^n)/dx = n x^(n-1). Raises TypeError when n is a Tensor."""
    if type(exponent) is Tensor:
        raise TypeError(say("Tensor ** exponent: expected a constant exponent, got a Tensor"))
    a, n = value_of(x), value_of(exponent)
    lower = n - 1 + (n == 0)  # x^0 is flat, also at x = 0
    return record(a**n, (x,), lambda g: (unbroadcast(g * n * a**lower, a),))


def matmul(x, y):
    """x @ y for x: (..., n, m) and y: (..., m, p); dL/dx = g y^T, dL/dy = x^T g. Leading axes broadcast.

    Raises ValueError when either has fewer than two axes or the inner sizes differ.
    """
    a, b = value_of(x), value_of(y)
    if min(np.ndim(a), np.ndim(b)) < 2 or a.shape[-1] != b.shape[-2]:
        got = {"left": np.shape(a), "right": np.shape(b)}
        raise ValueError(say("matmul: expected shapes (..., n, m) and (..., m, p), got {left} and {right}", **got))

    def vjp(g):
        return unbroadcast(g @ b.swapaxes(-1, -2), a), unbroadcast(a.swapaxes(-1, -2) @ g, b)

    return record(a @ b, (x, y), vjp)


def take(x, index):
    """x[index]; the gradient goes back to the elements taken, and an element taken twice gets both gradients."""
    a, parts = value_of(x), index if isinstance(index, tuple) else (index,)
    each_once = all(part is None or part is ... or isinstance(part, slice | int | np.integer) for part in parts)

    def vjp(g):
        gradient = np.zeros_like(a)
        if each_once:
            gradient[index] = g
        else:
            np.add.at(gradient, index, g)  # slow, but adds up what comes twice
        return (gradient,)

    return record(a[index], (x,), vjp)


# Operations that every reader of arrays expects as methods too.


def sum(x, axis=None):
    """Sum over all elements, or over the axis (a number or a tuple); each summand gets the gradient of the sum."""
    a = array_of(x)
    return record(a.sum(axis=axis), (x,), lambda g: (np.broadcast_to(_with_axes(g, axis), a.shape),))


def mean(x, axis=None):
    """Mean over all elements, or over the axis; each of n elements gets 1/n of the gradient. Empty x: ValueError."""
    a = array_of(x)
    if a.size == 0:
        raise ValueError(say("mean: expected at least one number, got shape {got}", got=a.shape))
    y = a.mean(axis=axis)
    n = a.size // np.size(y)
    return record(y, (x,), lambda g: (np.broadcast_to(_with_axes(g, axis) / n, a.shape),))


def reshape(x, shape):
    """The same numbers in another shape; the gradient takes the old shape again."""
    a = array_of(x)
    return record(a.reshape(shape), (x,), lambda g: (g.reshape(a.shape),))


def transpose(x, axes=None):
    """Axes in another order (reversed by default); the gradient goes back through the inverse order."""
    a = array_of(x)
    inverse = None if axes is None else np.argsort([axis % a.ndim for axis in axes])
    return record(a.transpose(axes), (x,), lambda g: (g.transpose(inverse),))


def _with_axes(g, axis):
    """The gradient of a reduction with the reduced axes put back as axes of length 1."""
    return g if axis is None else np.expand_dims(g, axis)


_COMPARISONS = {np.equal, np.not_equal, np.less, np.less_equal, np.greater, np.greater_equal}
_OPERATORS = {np.add: add, np.subtract: subtract, np.multiply: multiply, np.divide: divide, np.matmul: matmul}


def record(value, parents, vjp):
    """A Tensor when any of the parents is one, otherwise the plain value: constants need no record.

    vjp returns a gradient for each parent, of its shape (for a constant, None will do): `backward` counts them, an
    optimizer's first step checks shapes.
    """
    for parent in parents:
        if type(parent) is Tensor:
            return Tensor(value, parents, vjp)
    return value


def value_of(x):
    """The plain numbers of a Tensor, an array, a list or a number.

    A number, NumPy's scalars included, becomes a Python number, which takes any dtype: float32 / np.sqrt(4) stays float32.
    """
    if type(x) is Tensor:
        return x.value
    if type(x) is np.ndarray or type(x) is float or type(x) is int:
        return x
    if isinstance(x, np.floating | np.integer):
        return x.item()
    return x if isinstance(x, int | float) else as_array(x)


def array_of(x):
    """As `value_of`, but a number, too, becomes an array, of no axes: for functions that ask each argument for its shape."""
    if type(x) is Tensor:
        return x.value
    return x if type(x) is np.ndarray else as_array(x)


def as_array(x):
    """x as an array of NumPy's own class.

    An array that carries out NumPy's functions by itself (it has an `__array_function__` of its own, NEP 18) stays as it is.
    `replay` records a step with such arrays.
    """
    by_itself = isinstance(x, np.ndarray) and type(x).__array_function__ is not np.ndarray.__array_function__
    return x if by_itself else np.asarray(x)


def unbroadcast(g, x):
    """The gradient g of a broadcast result, summed to the shape of the input x.

    Broadcasting uses an input several times, and the gradients of all uses add up: `(4, 3) + (3,)` uses the second
    input four times, so its gradient is the sum of four rows.
    """
    shape = np.shape(x)
    if g.shape == shape:
        return g
    g = g.sum(axis=tuple(range(g.ndim - len(shape))))
    repeated = tuple(axis for axis, size in enumerate(shape) if size == 1 and g.shape[axis] != 1)
    return g.sum(axis=repeated, keepdims=True) if repeated else g


def operation_name(tensor):
    """The name of the operation that made a tensor ("dense", "multiply"), or the name of a leaf."""
    if tensor.vjp is None:
        return (tensor.name or "leaf").replace('"', "'")
    return tensor.vjp.__qualname__.split(".")[0]


def as_floats(value):
    """The array of a leaf: floating point as it is, integers and booleans as float64."""
    array = as_array(value)
    if array.dtype.kind == "f":
        return array
    if array.dtype.kind in "iub":
        return array.astype(np.float64)
    raise TypeError(
        say("Tensor: expected real numbers, got {got}", got=f"dtype {array.dtype} ({type(value).__name__})")
    )
