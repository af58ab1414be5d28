"""Passes for stacks of small matrices, as in many networks at once: BLAS is asked for each of their products by itself.

In which order BLAS adds depends on the processor, and on how a matrix lies. So a pass here first tries on this machine whether
what it would put in the place of a product has the same bits; if not, the product stays.
"""

from dataclasses import replace

import numpy as np

from .operations import Memory, Operation, Place, packed_place

TINY = 32  # numbers: for larger matrices BLAS is as fast without these passes
SHORT = 32  # bytes: with longer rows beside it, BLAS is not slower for a transposed matrix
SAMPLE = 200  # numbers: where two orders of adding round differently, they do so in some of that many results


def transposed_data(record):
    """Data that are transposed beside a stack are copied row by row before, which `loading` does once for these data: the
    product, a gradient of weights, takes a third less time."""
    data = {place.memory for place in record.inputs}

    def with_copy(operation):
        if not _is_stack_of_products(operation):
            return [operation]
        x, delta = operation.args
        short = x.size <= TINY and delta.shape[-1] * delta.dtype.itemsize <= SHORT
        if x.memory not in data or x.contiguous or not short or not _same_bits(np.matmul, _in_rows, (x, delta)):
            return [operation]
        out = packed_place(Memory(x.nbytes), 0, x.shape, x.dtype)
        copy = Operation("copy", np.copyto, (x,), {}, out, operation.line, operation.caller)
        return [copy, operation.changed(args=(out, delta))]

    return replace(record, operations=[each for operation in record.operations for each in with_copy(operation)])


def _in_rows(x, delta):
    return np.matmul(x.copy(order="C"), delta)


def sums_of_rows(record):
    """Ones times each matrix of a stack, a gradient of biases, is the sum of its rows: NumPy adds those of tiny matrices in
    60% of the time."""

    def as_sum(operation):
        if not _is_stack_of_products(operation):
            return operation
        vector, delta = operation.args
        fixed = vector.memory.external and not vector.memory.owner.flags.writeable
        if not fixed or len(vector.shape) != 1 or delta.shape[-2] * delta.shape[-1] > TINY:
            return operation

        def product(delta, out):
            return np.matmul(vector.array(), delta)

        if not _same_bits(product, _sum_of_rows, (delta, operation.out)):  # or it is not a vector of ones
            return operation
        return operation.changed(function=np.einsum, args=(_ROWS, delta))

    return replace(record, operations=[as_sum(operation) for operation in record.operations])


_ROWS = "...ij->...j"


def _sum_of_rows(delta, out):
    return np.einsum(_ROWS, delta, out=out)


def _is_stack_of_products(operation):
    """Whether it multiplies each matrix of a stack by something, with so many results that they are a sample."""
    if operation.function is not np.matmul or operation.kind != "ufunc" or operation.options:
        return False
    real = all(type(part) is Place and part.dtype.kind == "f" for part in operation.args)
    return real and len(operation.args[1].shape) > 2 and operation.out.size >= SAMPLE


def _same_bits(product, other, places):
    """Whether two functions give the same bits for arrays that lie as at these places: for random numbers, which show the order
    of adding, and for zeros of both signs."""
    rng = np.random.default_rng(0)
    arrays = [_drawn(place, rng) for place in places]

    def agree():
        return product(*arrays).tobytes() == other(*arrays).tobytes()

    if not agree():
        return False
    for array in arrays:
        array *= 0.0
    return agree()


def _drawn(place, rng):
    """An array of random numbers that lies as the one at this place."""
    low, high = place.extent
    array = place._replace(offset=place.offset - low).array(np.empty(high - low, np.uint8))
    array[...] = rng.standard_normal(place.shape)
    return array
