"""The engine's validators: each raises an error whose sentence says what was expected and what came."""

from functools import lru_cache

import numpy as np

from .autodiff import value_of
from .text import say


def check_arguments(layer, rng, dtype, **sizes):
    """Raise ValueError or TypeError unless sizes, generator and dtype are such as a layer can be made of."""
    check_sizes(layer, **sizes)
    check_generator(layer, rng)
    check_dtype(layer, dtype)


def check_generator(name, rng):
    """Raise TypeError unless rng is a numpy.random.Generator: no random number comes from a hidden global state."""
    if not isinstance(rng, np.random.Generator):
        raise TypeError(say("{name}: expected rng=numpy.random.default_rng(seed), got {got!r}", name=name, got=rng))


def check_sizes(layer, **sizes):
    """Raise ValueError unless each size is a whole number of at least 1."""
    for name, size in sizes.items():
        if not isinstance(size, int | np.integer) or size < 1:
            raise ValueError(
                say("{layer}: expected {name} to be a whole number >= 1, got {got!r}", layer=layer, name=name, got=size)
            )


def check_dtype(layer, dtype):
    """Raise TypeError unless the dtype holds fractions."""
    if np.dtype(dtype).kind != "f":
        raise TypeError(say("{layer}: expected a floating-point dtype, got {got}", layer=layer, got=np.dtype(dtype)))


def check_fraction(name, **arguments):
    """Raise ValueError unless each argument is a number with 0 <= number < 1."""
    for argument, got in arguments.items():
        if not isinstance(got, int | float | np.number) or not 0 <= got < 1:
            raise ValueError(
                say("{name}: expected {argument} from 0 to below 1, got {got!r}", name=name, argument=argument, got=got)
            )


def check_at_least_0(name, **arguments):
    """Raise ValueError unless each argument is a finite number >= 0."""
    for argument, got in arguments.items():
        if not isinstance(got, int | float | np.number) or not 0 <= got < np.inf:
            raise ValueError(
                say("{name}: expected {argument} >= 0, got {got!r}", name=name, argument=argument, got=got)
            )


def check_functions(name, **arguments):
    """Raise TypeError unless each argument can be called."""
    for argument, got in arguments.items():
        if not callable(got):
            raise TypeError(
                say("{name}: expected {argument} to be a function, got {got!r}", name=name, argument=argument, got=got)
            )


def check_positive(name, **arguments):
    """Raise ValueError unless each argument is above 0."""
    for argument, got in arguments.items():
        if not got > 0:
            raise ValueError(say("{name}: expected {argument} > 0, got {got!r}", name=name, argument=argument, got=got))


def check_rate(name, rate, *, or_zero=False):
    """Raise ValueError unless a learning rate, or each of several, is a finite number above 0 (or also 0)."""
    enough = np.greater_equal if or_zero else np.greater
    try:
        valid = np.all(np.isfinite(rate)) and np.isrealobj(rate) and np.all(enough(np.asarray(rate), 0))
    except TypeError:
        valid = False
    if not valid:
        raise ValueError(say("{name}: expected a positive, finite learning rate, got {got!r}", name=name, got=rate))


def check_shapes(name, **arguments):
    """Raise ValueError unless each array has the axes that it should have, and axes of one name are equally long.

    name        the operation, for the sentence
    arguments   argument name -> (array, its axes in words): x=(x, "batch features"), W=(W, "features 3*hidden");
                "3*hidden" is three times as long as the axis hidden, which an earlier argument has
    """
    _check_shapes(name, *((argument, np.shape(array), axes) for argument, (array, axes) in arguments.items()))


@lru_cache(maxsize=256)  # the batches of a training run have few shapes: each is checked once
def _check_shapes(name, *arguments):
    known = {}  # axis -> (the argument that had it first, its length)
    shapes = {argument: shape for argument, shape, _ in arguments}
    for argument, shape, axes in arguments:
        axes = axes.split()
        if len(shape) != len(axes) or 0 in shape:
            expected = f"({', '.join(axes)}{',' * (len(axes) == 1)})"
            raise ValueError(
                say(
                    "{name}: expected {argument} of shape {expected}, not empty, got shape {got}",
                    name=name,
                    argument=argument,
                    expected=expected,
                    got=shape,
                )
            )
        for axis, size in zip(axes, shape, strict=True):
            times, _, axis = axis.rpartition("*")
            owner, length = known.setdefault(axis, (argument, size))
            expected = length * int(times or 1)
            if size != expected:
                raise ValueError(
                    say(
                        "{name}: {argument} has {got} {axis}, but {owner} expects {expected} "
                        "({argument}.shape = {shape}, {owner}.shape = {other})",
                        name=name,
                        argument=argument,
                        got=size,
                        axis=axis,
                        owner=owner,
                        expected=expected,
                        shape=shape,
                        other=shapes[owner],
                    )
                )


def check_gradient_shapes(name, tensors):
    """Raise ValueError when the gradient of one of the tensors has another shape than the tensor."""
    for i, t in enumerate(tensors):
        if t.grad is not None and np.shape(t.grad) != t.shape:
            raise ValueError(
                say(
                    "{name}: parameter {index} has shape {expected}, but its gradient has {got}: look at the vjp of the "
                    "operation that uses it",
                    name=name,
                    index=i,
                    expected=t.shape,
                    got=np.shape(t.grad),
                )
            )


def checked_data(data):
    """data = (x, ..., y) as arrays. Raises ValueError or TypeError unless they hold finite numbers of equally many examples."""
    try:
        data = tuple(np.asarray(value_of(array)) for array in data)
    except (TypeError, ValueError) as problem:  # no arrays at all, or rows of different lengths
        raise ValueError(say("train: expected data = (x, y), two arrays: {problem}", problem=problem)) from None
    if len(data) < 2 or any(a.ndim == 0 or len(a) != len(data[0]) for a in data):
        raise ValueError(
            say(
                "train: expected data = (x, y), arrays with equal first axis, got shapes {got}",
                got=[a.shape for a in data],
            )
        )
    if len(data[0]) == 0:
        raise ValueError(say("train: the data are empty (shapes {got})", got=[a.shape for a in data]))
    for position, array in enumerate(data):
        if array.dtype.kind not in "fiub":
            raise TypeError(
                say("train: expected numbers in data[{position}], got dtype {got}", position=position, got=array.dtype)
            )
        bad = array.size - int(np.isfinite(array).sum())
        if bad:
            raise ValueError(
                say(
                    "train: data[{position}] has {bad} values that are not finite (NaN or infinite) out of {total}",
                    position=position,
                    bad=bad,
                    total=array.size,
                )
            )
    return data


def optional_mask(mask):
    """The argument mask (batch, time) for `check_shapes`, if there is one."""
    return {} if mask is None else {"mask": (mask, "batch time")}
