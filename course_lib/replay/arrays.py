"""Arrays and numbers that hand everything that is done with them to a recorder.

NumPy asks an array first, whatever function is called with it (`__array_ufunc__`, `__array_function__`); and a method, such as
x.dot(W), is one of the array's own. So a `RecordedArray` needs to define these, and the engine's code need not know about it.
The engine asks in the same way for its own functions that look at numbers: a check of labels is one operation, not many.
What leaves NumPy, as bool(x) and float(x) do, cannot be followed: the recorder refuses it.
"""

import operator

import numpy as np

from .engine import Tensor, say
from .operations import leaves, mapped


class RecordedArray(np.ndarray):
    """An array that hands everything that is done with it to its recorder."""

    recorder = None
    # The product of a plain array and a recorded one is a recorded one, which nobody has recorded.
    __array_priority__ = 1

    def __array_finalize__(self, parent):
        self.recorder = getattr(parent, "recorder", None)

    def __array_ufunc__(self, ufunc, method, *args, **options):
        if any(type(part) is Tensor for part in args):
            return NotImplemented  # the tensor's turn
        return _recorder_of((args, options)).ufunc(ufunc, method, args, options)

    def __array_function__(self, function, types, args, options):
        if function is np.dot:
            return self.recorder.call(np.ndarray.dot, args, options, kind="dot")
        if function is np.empty:  # np.empty(shape, like=self)
            return self.recorder.call(function, args, options)
        if function is np.broadcast_to:
            options = {**options, "subok": True}
        return _recorder_of((args, options)).call(function, args, options)

    def __getitem__(self, index):
        return self.recorder.index(self, index)

    def __setitem__(self, index, value):
        self.recorder.assign(self, index, value)

    def dot(self, other, out=None):
        return self.recorder.call(np.ndarray.dot, (self, other), {"out": out}, kind="dot")

    def item(self, *index):
        return self.recorder.item(self[index] if index else self)

    def fill(self, value):
        self.recorder.assign(self, ..., value)

    @property
    def T(self):
        return self.transpose()


def _reduction(ufunc):
    """A method like array.sum, as the reduction that NumPy itself carries out for it."""

    def method(self, axis=None, dtype=None, out=None, keepdims=False):
        options = {"axis": axis, "dtype": dtype, "out": out, "keepdims": keepdims}
        return self.recorder.ufunc(
            ufunc, "reduce", (self,), {k: v for k, v in options.items() if v is not None or k == "axis"}
        )

    return method


def _method(name):
    """A method of arrays that is recorded as it is."""
    function = getattr(np.ndarray, name)
    return lambda self, *args, **options: self.recorder.call(function, (self, *args), options, kind="method")


def _refused(name):
    """A method that turns values into Python's own objects, where no recorder can follow."""

    def method(self, *args):
        raise self.recorder.refusal(
            say(
                "{call} of a value that a later step changes",
                call=f"{name.strip('_')}()" if "__" in name else f".{name}()",
            )
        )

    return method


_REDUCTIONS = {"sum": np.add, "prod": np.multiply, "max": np.maximum, "min": np.minimum}
for _name, _ufunc in {**_REDUCTIONS, "all": np.logical_and, "any": np.logical_or}.items():
    setattr(RecordedArray, _name, _reduction(_ufunc))
for _name in (
    *("mean", "var", "std", "argmax", "argmin", "argsort", "cumsum", "cumprod", "clip", "round", "repeat", "take"),
    *("reshape", "ravel", "flatten", "transpose", "swapaxes", "squeeze", "diagonal", "trace", "copy", "astype"),
    *("searchsorted", "conj"),
):
    setattr(RecordedArray, _name, _method(_name))
for _name in (
    *("__bool__", "__float__", "__int__", "__index__", "__complex__", "__contains__", "tolist", "tobytes", "nonzero"),
    *("compress", "choose", "sort", "partition", "argpartition", "put", "resize", "dump", "dumps", "tofile", "itemset"),
):
    setattr(RecordedArray, _name, _refused(_name))


class RecordedNumber(float):
    """A Python number of the step, such as Adam's count of steps or the norm of a gradient."""

    def __new__(cls, value, recorder, number):
        self = super().__new__(cls, value)
        self.plain, self.recorder, self.number = value, recorder, number
        return self

    __array_ufunc__ = RecordedArray.__array_ufunc__
    __array_function__ = RecordedArray.__array_function__


def _arithmetic(function, swapped):
    def method(self, other=None):
        if isinstance(other, np.ndarray | Tensor):
            return NotImplemented
        args = (self,) if other is None else (other, self) if swapped else (self, other)
        return self.recorder.arithmetic(function, args)

    return method


for _name in ("add", "sub", "mul", "truediv", "pow"):
    setattr(RecordedNumber, f"__{_name}__", _arithmetic(getattr(operator, _name), swapped=False))
    setattr(RecordedNumber, f"__r{_name}__", _arithmetic(getattr(operator, _name), swapped=True))
for _name in ("neg", "pos", "abs"):
    setattr(RecordedNumber, f"__{_name}__", _arithmetic(getattr(operator, _name), swapped=False))
for _name in (
    *("bool", "int", "index", "trunc", "floor", "ceil", "round", "mod", "rmod", "floordiv", "rfloordiv", "divmod"),
    *("rdivmod", "lt", "le", "gt", "ge", "eq", "ne"),
):
    setattr(RecordedNumber, f"__{_name}__", _refused(f"__{_name}__"))
RecordedNumber.__hash__ = float.__hash__


def _recorder_of(arguments):
    """The recorder of the first recorded array or number in a nest of arguments."""
    recorded = leaves(arguments, RecordedArray, RecordedNumber)
    return next(part.recorder for part in recorded if part.recorder is not None)


def plain(value):
    """The same nest of arguments with plain arrays and numbers for recorded ones."""
    return mapped(value, _plain_part)


def _plain_part(part):
    if type(part) is RecordedArray:
        return np.ndarray.view(part, np.ndarray)
    return part.plain if type(part) is RecordedNumber else part
