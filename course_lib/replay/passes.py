"""What a compiler does with a recorded step: it writes the same step with fewer and cheaper operations.

Each pass takes a `Record` and returns another one that computes the same numbers, to the last bit. `PASSES` has them in
their order; any of them can be left out, and the benchmark shows what each is worth.
"""

from dataclasses import replace

import numpy as np

from .operations import Memory, Number, Operation, Place, packed_place
from .products import sums_of_rows, transposed_data

SMALL = 256  # numbers: up to here a broadcast costs more than a copy
ROW = 32  # bytes: rows up to here are copied by their numbers faster than NumPy comes from one row to the next
BIG = 4096  # bytes: smaller results are at hand anyway, and NumPy is slower where arrays of one call share memory


def dead_code(record):
    """What nobody reads is not computed: neither a later operation reads it, nor who looks at gradients and state."""
    needed = {place.memory for place in record.kept}
    numbers = {record.loss, *(number for *_, number in record.numbers), *(number for _, number in record.appended)}
    alive = []
    for operation in reversed(record.operations):
        target = operation.writes
        has_reader = target is not None and (target.memory.external or target.memory in needed)
        if not has_reader and operation.kind not in ("check", "random") and operation.out not in numbers:
            continue
        alive.append(operation)
        if target is not None and target.whole:
            needed.discard(target.memory)  # whatever it held before is gone, if it is not read here
        needed.update(place.memory for place in operation.reads)
        numbers.update(operation.numbers)
    return replace(record, operations=alive[::-1])


def out_calls(record):
    """Functions that can write into an array that is there do so, instead of making one that is copied. Times 1 is a copy."""

    def direct(operation):
        if operation.function is np.multiply and _times_one(operation):
            return operation.changed(kind="copy", function=np.copyto, args=operation.args[:1])
        if operation.kind == "function" and _is_ufunc(operation.function):
            return operation.changed(kind="ufunc")
        if operation.function is np.vdot and all(map(_flat, operation.args)):
            return operation.changed(kind="dot", function=np.ndarray.dot, args=tuple(map(_flat, operation.args)))
        if operation.function is np.ndarray.dot and operation.kind == "method" and operation.out.contiguous:
            return operation.changed(kind="dot")
        return operation

    return replace(record, operations=[direct(operation) for operation in record.operations])


def _times_one(operation):
    """Whether the result is the first argument, as in error * dL/dL."""
    first, second = operation.args
    same = type(first) is Place and (first.shape, first.dtype) == (operation.out.shape, operation.out.dtype)
    return same and type(second) is not Place and second == 1 and not operation.options


def _flat(part):
    """A real array in one dimension, if its numbers are neighbours; else None."""
    if type(part) is Place and part.contiguous and part.dtype.kind == "f":
        return part._replace(shape=(part.size,), strides=(part.dtype.itemsize,))
    return None


def forwarding(record):
    """A result that is only copied elsewhere is computed there in the first place."""
    operations, kept = list(record.operations), list(record.kept)
    touching = {}  # memory -> position of each operation that reads or writes it -> between which bytes, once it is asked
    for i, operation in enumerate(operations):
        for memory in {place.memory for place in operation.touches}:
            touching.setdefault(memory, {})[i] = None
    inputs = {place.memory for place in record.inputs}
    for at, copy in enumerate(operations):
        if copy.kind != "copy" or type(copy.args[0]) is not Place:
            continue
        source, target = copy.args[0].memory, copy.out.memory
        moved = None if source.external or source in inputs else _forwarded(operations, at, touching, kept)
        if moved is not None:
            for i in touching.pop(source).keys() - {at}:
                operations[i] = operations[i].changed(lambda part, moved=moved: moved.get(part, part))
                touching[target][i] = None
            operations[at] = _NOTHING
            del touching[target][at]
            kept = [moved.get(place, place) for place in kept]
    return replace(record, operations=[each for each in operations if each is not _NOTHING], kept=kept)


def _span(operation, memory):
    """The first byte of a memory that an operation touches, and the one after the last."""
    extents = [place.extent for place in operation.touches if place.memory is memory]
    return min(low for low, _ in extents), max(high for _, high in extents)


_NOTHING = Operation("nothing", None, (), {}, None, None, None)


def _forwarded(operations, at, touching, kept):
    """Where each part of the source of the copy at this position lies in its target: place -> place; None if it has to stay.

    The copy can be spared if its source is a result in memory of its own; nobody touches its target between the operation
    with this result and the copy; and after the copy nobody writes into the target as long as the result is read.
    """
    copy = operations[at]
    (source,), target = copy.args, copy.out
    users = touching[source.memory]
    writers = [i for i in users if operations[i].writes and operations[i].writes.memory is source.memory]
    if (source.shape, source.dtype) != (target.shape, target.dtype) or len(writers) != 1 or writers[0] > at:
        return None
    producer = operations[writers[0]]
    if producer.out != source or not source.whole or (producer.kind == "dot" and not target.contiguous):
        return None
    if not _may_write(producer, target):
        return None
    last = len(operations) if any(place.memory is source.memory for place in kept) else max(users)
    low, high = target.extent
    spans = touching[target.memory]
    for i in spans:
        if i == at or not writers[0] < i <= last:
            continue
        start, end = spans[i] = spans[i] or _span(operations[i], target.memory)
        if start < high and low < end:
            places = operations[i].touches if i < at else [operations[i].writes]
            if any(place is not None and _overlap(place, target) for place in places):
                return None
    parts = {place for i in users for place in operations[i].reads} | set(kept)
    moved = {part: _part_of(target, source, part) for part in parts if part.memory is source.memory} | {source: target}
    return None if None in moved.values() else moved


def _may_write(operation, target):
    """Whether it may have its result there: none of the arrays that it reads lies there in another way."""
    near = [place for place in operation.reads if place.memory is target.memory]
    return not near or (
        _elementwise(operation) and all(place == target or not _overlap(place, target) for place in near)
    )


def _part_of(target, source, part):
    """The place in the target that corresponds to a part of the source, or None."""
    if part == source:
        return target
    if source.strides == target.strides:
        return part._replace(memory=target.memory, offset=part.offset - source.offset + target.offset)
    return None


def loading(record):
    """What depends on the data alone is computed once for these data, and not in every step."""
    writers, constant, variable = {}, {}, set(record.variable)
    for operation in record.operations:
        if operation.writes is not None:
            writers.setdefault(operation.writes.memory, []).append(operation)
    for operation in record.operations:
        external = operation.writes is not None and operation.writes.memory.external
        kinds = ("random", "number", "item")
        constant[operation] = not external and not operation.numbers and operation.kind not in kinds

    def known(memory):
        """Whether a memory holds the same in each step, as long as the data are the same."""
        return memory not in variable and all(constant[operation] for operation in writers.get(memory, ()))

    def first(operation):
        """Whether what was written there before is the same in each step, too."""
        earlier = writers[operation.writes.memory]
        return all(constant[each] for each in earlier[: earlier.index(operation)])

    once = _written_then_read(record.operations)
    busy = True
    while busy:  # one operation that is not constant makes others
        busy = False
        for operation in record.operations:
            target = operation.writes
            if constant[operation] and not (
                all(known(place.memory) for place in operation.reads)
                and (target is None or known(target.memory) or (target.memory in once and first(operation)))
            ):
                constant[operation], busy = False, True
    load = [operation for operation in record.operations if constant[operation]]
    loaded = set(load)
    return replace(record, load=load, operations=[each for each in record.operations if each not in loaded])


def _written_then_read(operations):
    """The memories that are read only after all of them is written: zeros around an image need to be written once."""
    first_read, last_write = {}, {}
    for i, operation in enumerate(operations):
        for place in operation.reads:
            first_read.setdefault(place.memory, i)
        if operation.writes is not None:
            last_write[operation.writes.memory] = i
    return {memory for memory, i in last_write.items() if i < first_read.get(memory, len(operations))}


def numbers(record):
    """A number beside an array becomes an array without axes, which NumPy need not convert in each step."""
    made, live = {}, dict(record.live)
    changing = {(id(owner), attribute) for owner, attribute, _ in record.numbers}

    def as_array(operation):
        if operation.kind != "ufunc" or type(operation.function) is not np.ufunc or operation.options:
            return operation
        kinds = [part.dtype if type(part) is Place else _kind(part) for part in operation.args]
        if any(kind is None for kind in kinds) or all(type(part) is not Place for part in operation.args):
            return operation
        dtypes = operation.function.resolve_dtypes((*kinds, None))
        args = [
            part if type(part) is Place else place(part, dtype)
            for part, dtype in zip(operation.args, dtypes, strict=False)
        ]
        return operation.changed(args=tuple(args))

    def place(part, dtype):
        if type(part) is Number:
            if part.owner is None or (id(part.owner), part.attribute) in changing:
                return part
            return live.setdefault((part, dtype), _array(getattr(part.owner, part.attribute), dtype))
        array = np.array(part, dtype)
        return made.setdefault((dtype, array.tobytes()), _array(part, dtype))

    operations = [as_array(operation) for operation in record.operations]
    return replace(record, operations=operations, live=tuple(live.items()))


def rows(record):
    """Short rows that are repeated beside an array are copied below each other first: arrays of one shape take NumPy a third
    of the time."""

    def copied(operation):
        if not _elementwise(operation) or operation.options or operation.out.size == 1:
            return [operation]
        args, copies, shape = list(operation.args), [], operation.out.shape
        for i, part in enumerate(args):
            if type(part) is Place and part.shape not in ((), shape):
                out = packed_place(Memory(operation.out.size * part.dtype.itemsize), 0, shape, part.dtype)
                copy = _copied(part, out, operation)
                if copy is not None:
                    args[i] = out
                    copies.append(copy)
        return [*copies, operation.changed(args=tuple(args))]

    return replace(record, operations=[each for operation in record.operations for each in copied(operation)])


def _copied(part, out, operation):
    """The operation that copies a part, broadcast, for this operation; None where that is not faster."""
    lines = operation.line, operation.caller
    if out.size <= SMALL:
        return Operation("copy", np.copyto, (part,), {}, out, *lines)
    axes, width = len(part.shape), 1  # a row: the numbers along the axes from this one on
    while axes and part.shape[axes - 1] == out.shape[axes - 1 - len(part.shape)]:
        axes -= 1
        width *= part.shape[axes]
    if not 1 < width <= ROW // part.dtype.itemsize or not part.contiguous:
        return None
    numbers = np.arange(part.size // width).reshape(part.shape[:axes])
    chosen = np.broadcast_to(
        numbers, out.shape[: axes - len(part.shape)]
    ).ravel()  # for each row of the result, which one
    rows, copies = (
        packed_place(place.memory, place.offset, (place.size // width, width), place.dtype) for place in (part, out)
    )
    return Operation("take", np.ndarray.take, (rows, chosen), {}, copies, *lines)


def _kind(part):
    """The dtype of a number, or float or int for a Python number, which takes the dtype of the array beside it."""
    if type(part) is Number:
        value = getattr(part.owner, part.attribute) if part.owner is not None else 0.0
        return type(value) if type(value) in (int, float) else None
    if isinstance(part, np.generic):
        return part.dtype
    return type(part) if type(part) in (int, float) else None


def _array(value, dtype):
    array = np.array(value, dtype)
    return Place(Memory(array.nbytes, array), 0, (), (), array.dtype)


def shared_memory(record):
    """Results that are not needed at the same time lie in the same place, which the processor has at hand."""
    fixed = {place.memory for place in (*record.inputs, *record.kept)}
    fixed |= {place.memory for operation in record.load for place in (*operation.reads, operation.writes) if place}
    first, last = {}, {}
    for i, operation in enumerate(record.operations):
        for place in (*operation.reads, operation.writes):
            if place and not place.memory.external and place.memory not in fixed and place.memory.nbytes >= BIG:
                first.setdefault(place.memory, i)
                last[place.memory] = i
    beginning, ending = _by_value(first), _by_value(last)
    free, shared = [], {}
    for i, operation in enumerate(record.operations):
        for memory in beginning.get(i, ()):
            over = _written_over(operation, memory, ending.get(i, ()))
            if over is not None:
                ending[i].remove(over)
                shared[memory] = shared[over]
                continue
            fitting = [block for block in free if memory.nbytes / 2 <= block.nbytes <= 2 * memory.nbytes]
            block = min(fitting, key=lambda block: abs(block.nbytes - memory.nbytes), default=None)
            if block is None:
                block = Memory(memory.nbytes)
            else:
                free.remove(block)
                block.nbytes = max(block.nbytes, memory.nbytes)
            shared[memory] = block
        free += [shared[memory] for memory in ending.get(i, ())]
    return replace(record, shared=shared)


def _by_value(mapping):
    """value -> the list of keys that have it."""
    keys = {}
    for key, value in mapping.items():
        keys.setdefault(value, []).append(key)
    return keys


def _written_over(operation, memory, ending):
    """A memory whose last reader is this operation, which may write its result over it, number for number."""
    if not _elementwise(operation) or not operation.out.whole:
        return None
    for place in operation.reads:
        same = place._replace(memory=memory) == operation.out
        others = [other for other in operation.reads if other.memory is place.memory and other != place]
        if same and place.memory in ending and not others and place.memory.nbytes == memory.nbytes:
            return place.memory
    return None


def _elementwise(operation):
    """Whether each number of the result comes from the numbers in the same position alone."""
    function = operation.function
    return operation.kind == "ufunc" and type(function) is np.ufunc and function.signature is None


def _is_ufunc(function):
    return type(function) is np.ufunc or isinstance(getattr(function, "__self__", None), np.ufunc)


def _overlap(a, b):
    """Whether two places may have bytes in common."""
    if a.memory is not b.memory:
        return False
    (low, high), (other_low, other_high) = a.extent, b.extent
    return low < other_high and other_low < high


PASSES = {
    "dead code": dead_code,
    "out= calls": out_calls,
    "copy forwarding": forwarding,
    "repeated rows": rows,
    "transposed data": transposed_data,
    "sums of rows": sums_of_rows,
    "loading": loading,
    "numbers as arrays": numbers,
    "shared memory": shared_memory,
}


def simplified(record, without=()):
    """The record after all passes but those named in `without`."""
    for name, simplify in PASSES.items():
        if name not in without:
            record = simplify(record)
    return record
