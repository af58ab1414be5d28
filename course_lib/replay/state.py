"""What a training step changes besides its arrays: the attributes of the optimizer and the layers, and random streams.

For a recording they get recorded arrays and numbers; afterwards it is seen what the step has left there, and everything is
put back as it was.
"""

import numpy as np

from .arrays import RecordedArray, RecordedNumber
from .engine import LIVE_NUMBERS, PARTS, FlatVector, every_layer, say
from .recording import owner_of

# What is set once in a flat vector: a look at each would cost time at every step.
_SET_ONCE = ("name", "parameters", "views", "_shapes", "_gradient_views")


class State:
    """The attributes of an optimizer and a model, as they are now.

    restore()   puts them back, and the numbers of all arrays, and the random streams
    """

    def __init__(self, optimizer, model):
        self.parameters = list(model.parameters)
        layers = every_layer(model)
        for each in layers:
            getattr(each, "parameters", None)  # looked for once: before the step, which then adds no attribute
        self.objects = [*_parts(optimizer), *layers]
        self.attributes = [dict(vars(each)) for each in self.objects]
        self._lists = [(each, list(each)) for each in self._all() if type(each) is list]
        self.tensors = [(p, p.value, p.grad, p.order_of_last_step) for p in self.parameters]
        owners = {id(owner_of(array)): owner_of(array) for array in self.arrays()}
        self._contents = [(owner, owner.copy()) for owner in owners.values() if owner.flags.writeable]
        self.streams = [
            (each, each.bit_generator.state) for each in self._all() if isinstance(each, np.random.Generator)
        ]

    def _all(self):
        return [value for attributes in self.attributes for value in attributes.values()]

    def arrays(self):
        """All arrays that a step may change: parameters, running averages."""
        for value in [*(p.value for p in self.parameters), *self._all()]:
            yield from (
                part for part in (value if type(value) in (list, tuple) else [value]) if isinstance(part, np.ndarray)
            )

    def live_numbers(self):
        """(object, attribute) of the optimizer's Python numbers that somebody may set between two steps."""
        return [
            (each, name)
            for each, attributes in zip(self.objects, self.attributes, strict=True)
            for name in LIVE_NUMBERS
            if type(attributes.get(name)) in (int, float)
        ]

    def restore(self):
        for each, attributes in zip(self.objects, self.attributes, strict=True):
            vars(each).clear()
            vars(each).update(attributes)
        for values, contents in self._lists:
            values[:] = contents
        for p, value, gradient, changed in self.tensors:
            p.value, p.grad, p.order_of_last_step = value, gradient, changed
        for owner, contents in self._contents:
            owner[...] = contents
        for generator, state in self.streams:
            generator.bit_generator.state = state

    def values(self):
        """The numbers of the parameters: arrays that may be changed."""
        return [p.value for p in self.parameters]

    def snapshot(self):
        """The bytes of all that a step may have changed, as it is now."""
        current = [*self.values(), *(vars(each) for each in self.objects)]
        return [_bytes(each) for each in current]

    def structure(self, changing):
        """(object, attribute, value) of all that no step changes; `changing` are pairs (object, attribute)."""
        changing = {(id(each), name) for each, name in changing}
        values = [(p, "value", value) for p, value, *_ in self.tensors]
        for each in self.objects:
            unseen = _SET_ONCE if type(each) is FlatVector else ("_learning_rate", "training")
            values += [
                (each, name, value)
                for name, value in vars(each).items()
                if name not in unseen and (id(each), name) not in changing
            ]
        return values


class Changes:
    """What a recorded step has left in the attributes of the optimizer and the layers.

    unseen     (object, attribute) of numbers that it has changed without a record: they have to be recorded numbers
    numbers, appended   as in `Record`
    carried    (new array, array): an attribute that was replaced by a new array, which belongs into the old one
    kept       attributes that hold lists of new arrays: (object, attribute, arrays)
    """

    def __init__(self, state, given, recorder):
        self.unseen, self.numbers, self.appended, self.carried, self.kept = [], [], [], [], []
        for each, before in zip(state.objects, given, strict=True):
            for name, after in vars(each).items():
                if name not in before or after is not before[name]:
                    self._changed(each, name, before.get(name), after, recorder)
        for values, contents in state._lists:
            new = values[len(contents) :]
            if new and all(type(part) is RecordedNumber for part in new):
                self.appended += [(values, part.number) for part in new]
            elif new:
                raise recorder.refusal(say("it appends to a list of {owner}", owner="the optimizer"))

    def _changed(self, each, name, before, after, recorder):
        if type(after) is RecordedNumber:
            self.numbers.append((each, name, after.number))
        elif type(after) in (int, float) and type(before) in (int, float, RecordedNumber):
            self.unseen.append((each, name))
        elif type(after) is RecordedArray and type(before) is RecordedArray and after.shape == before.shape:
            self.carried.append((after, before))
        elif type(after) is list and all(type(part) is RecordedArray for part in after):
            self.kept.append((each, name, after))
        elif after is not before:
            raise recorder.refusal(say("it changes {owner}.{name} in Python", owner=type(each).__name__, name=name))


def _parts(optimizer):
    """An optimizer, and all that it changes besides itself."""
    yield optimizer
    for inside in (getattr(optimizer, name, None) for name in PARTS):
        if inside is not None:
            yield from _parts(inside)


def _bytes(value):
    """Numbers and arrays, also in lists and dicts, as something that can be compared to the last bit."""
    if isinstance(value, np.ndarray):
        return value.shape, value.dtype, value.tobytes()
    if isinstance(value, dict):
        return [(name, _bytes(part)) for name, part in value.items()]
    if isinstance(value, list | tuple):
        return [_bytes(part) for part in value]
    return repr(value) if isinstance(value, int | float) else None
