"""What a training step changes besides its arrays: attributes of the optimizer and the layers, and random streams.

For a recording they get recorded arrays and numbers; afterwards it is seen what the step has left there, and everything is
put back as it was.
"""

from copy import copy

import numpy as np

from .arrays import RecordedArray, RecordedNumber
from .engine import LIVE_NUMBERS, PARTS, FlatVector, Layer, Tensor, every_layer, say
from .operations import elements, holds
from .recording import Recorder, line_of, owner_of

# Elements of a list, dict or set, such as a vocabulary: to look at more before each step would take too long.
LARGE = 1000
# What is set once in a flat vector: a look at each would cost time at every step.
_SET_ONCE = ("name", "parameters", "w", "gradient", "views", "_shapes", "_gradient_views")


class State:
    """The attributes of an optimizer and a model, as they are now.

    restore()   puts them back, and what lists, dicts and sets among them hold, the numbers of all arrays, and the random
                streams

    Raises CannotReplay for an iterator among them.
    """

    def __init__(self, optimizer, model):
        self.parameters, self._layers = list(model.parameters), _layers(model)
        for each in self._layers:
            if isinstance(each, Layer):
                vars(each).setdefault("training", each.training)  # as a run sets it: no new attribute later
        self.objects = [*_parts(optimizer), *self._layers]
        self.attributes = [dict(vars(each)) for each in self.objects]
        self.held = self.containers(self.attributes)
        self.tensors = [(p, p.value, p.grad, p.order_of_last_step) for p in self.parameters]
        owners = {id(owner_of(array)): owner_of(array) for array in self.arrays()}
        self._contents = [(owner, owner.copy()) for owner in owners.values() if owner.flags.writeable]
        self.streams = [
            (part, part.bit_generator.state) for *_, part in self.parts() if isinstance(part, np.random.Generator)
        ]
        for each, name, part in self.parts():
            if hasattr(type(part), "__next__"):
                owner = type(each).__name__
                reason = say(
                    "{owner}.{name} is an iterator, and how far it has come is not recorded", owner=owner, name=name
                )
                raise Recorder().refusal(reason, line_of(each, name))

    def parts(self, attributes=None):
        """(object, attribute, part) of all values, and of all that is in lists, tuples, dicts and sets there."""
        for each, values in zip(self.objects, attributes or self.attributes, strict=True):
            for name, value in values.items():
                yield from ((each, name, part) for part in _inside(value))

    def containers(self, attributes):
        """(object, attribute, container, a copy of it as it is now), each once."""
        parts = self.parts(attributes)
        found = {id(part): (each, name, part) for each, name, part in parts if isinstance(part, list | dict | set)}
        return [(*each, copy(each[-1])) for each in found.values()]

    def arrays(self):
        """All arrays that a step may change: parameters, running averages."""
        yield from (p.value for p in self.parameters)
        yield from (part for *_, part in self.parts() if isinstance(part, np.ndarray))

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
        for *_, container, contents in self.held:
            if not holds(container, elements(contents)):
                container.clear()
                (container.extend if isinstance(container, list) else container.update)(contents)
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
        """(object, attribute, value) of all that no step changes, and the objects that get no new attribute.

        `changing` are pairs (object, attribute). A layer's `training` counts where `train` might not set it.
        """
        changing = {(id(each), name) for each, name in changing}
        tensors = [*self.parameters, *(part for *_, part in self.parts() if type(part) is Tensor)]
        values = [(each, "value", each.value) for each in dict.fromkeys(tensors)]
        methods = [getattr(each, "set_training", None) for each in self._layers]
        if all(getattr(method, "__func__", None) is Layer.set_training for method in methods):
            changing |= {(id(each), "training") for each in self._layers}
        inside = set(map(id, self._layers[1:]))
        for each in self.objects:
            unseen = _SET_ONCE if type(each) is FlatVector else ("_learning_rate", "_beside")
            if id(each) in inside:
                unseen = (*unseen, "parameters")  # a step asks those of the model alone
            values += [
                (each, name, value)
                for name, value in vars(each).items()
                if name not in unseen and (id(each), name) not in changing
            ]
        return values, [each for each in self.objects if type(each) is not FlatVector]

    def contents(self, unchanged, appended):
        """The lists, dicts and sets in these attributes to which no step appends."""
        containers = self.containers(self.attributes)
        known = {(id(each), name) for each, name, _ in unchanged}
        appended = set(map(id, appended))
        return [
            part
            for each, name, part, _ in containers
            if (id(each), name) in known and id(part) not in appended and len(part) <= LARGE
        ]


class Changes:
    """What a recorded step has left in the attributes of the optimizer and the layers.

    unseen     (object, attribute) of numbers that it has changed without a record: they have to be recorded numbers
    numbers, appended   as in `Record`
    carried    (new array, array): an attribute that was replaced by a new array, which belongs into the old one
    kept       attributes that hold lists of new arrays: (object, attribute, arrays)
    """

    def __init__(self, state, given, held, recorder):
        self.unseen, self.numbers, self.appended, self.carried, self.kept = [], [], [], [], []
        for each, before in zip(state.objects, given, strict=True):
            for name, after in vars(each).items():
                if name not in before or after is not before[name]:
                    self._changed(each, name, before.get(name), after, recorder)
        for each, name, container, contents in held:
            appended = container[len(contents) :] if type(container) is list else []
            recorded = all(type(part) is RecordedNumber for part in appended)
            if not recorded or not holds(container, [*elements(contents), *appended]):
                raise _changed_in_python(each, name, recorder)
            self.appended += [(container, part.number) for part in appended]
        self._check_streams(state, recorder)

    def _changed(self, each, name, before, after, recorder):
        if type(after) is RecordedNumber:
            self.numbers.append((each, name, after.number))
        elif type(after) in (int, float) and type(before) in (int, float):
            if after != before:
                self.unseen.append((each, name))
        elif type(after) is RecordedArray and type(before) is RecordedArray and after.shape == before.shape:
            self.carried.append((after, before))
        elif type(after) is list and all(type(part) is RecordedArray for part in after):
            self.kept.append((each, name, after))
        elif after is not before:
            raise _changed_in_python(each, name, recorder)

    def _check_streams(self, state, recorder):
        owners = {id(part): (each, name) for each, name, part in state.parts()}
        for generator, *_ in recorder.streams.values():
            if recorder.stream(generator)[2] is None:
                line = line_of(*owners[id(generator)]) if id(generator) in owners else None
                raise recorder.refusal(say("it draws random numbers outside of what is recorded"), line)


def _changed_in_python(each, name, recorder):
    reason = say("it changes {owner}.{name} in Python", owner=type(each).__name__, name=name)
    return recorder.refusal(reason, line_of(each, name))


def _parts(optimizer):
    """An optimizer, and all that it changes besides itself."""
    yield optimizer
    for inside in (getattr(optimizer, name, None) for name in PARTS):
        if inside is not None:
            yield from _parts(inside)


def _inside(value):
    """A value, and all that is in it where it is a list, tuple, dict or set."""
    found, waiting = {}, [value]
    while waiting:
        each = waiting.pop()
        if id(each) not in found:
            found[id(each)] = each
            waiting += elements(each) if isinstance(each, list | tuple | dict | set) and len(each) <= LARGE else ()
    return found.values()


def _layers(model):
    """A model, or another object, and all layers inside, each once."""
    return [each for each in every_layer(model) if hasattr(each, "__dict__")]


def _bytes(value):
    """Numbers and arrays, also in lists and dicts, as something that can be compared to the last bit."""
    if isinstance(value, np.ndarray):
        return value.shape, value.dtype, value.tobytes()
    if isinstance(value, dict):
        return [(name, _bytes(part)) for name, part in value.items()]
    if isinstance(value, list | tuple):
        return [_bytes(part) for part in value]
    return repr(value) if isinstance(value, int | float) else None
