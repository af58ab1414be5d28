"""`record_step`: a training step is recorded, simplified, compiled, and checked; the result can be called instead of it."""

from itertools import count, islice
from math import isfinite

import numpy as np

from .arrays import RecordedNumber, plain
from .engine import Tensor, next_order, say, take_step
from .graph import nodes_of
from .names import Names
from .operations import Number, Record, leaves
from .passes import simplified
from .recording import CannotReplay, NotFinite, Recorder, refusal_text
from .source import Guard, Program
from .state import Changes, State


def record_step(model, data, *, loss, optimizer, without=()):
    """A training step on these data as a `Step`, which takes it without the engine: step() returns the loss.

    model, data, loss, optimizer   as in `train`; all of them stay as they are
    without                        names of passes to leave out (see `replay.PASSES`), to learn what they are worth

    Raises CannotReplay when the step does what no record can hold: the sentence says what, and in which line.
    """
    optimizer.prepare(model.parameters)
    arrays = [np.array(array, order="K") for array in data]
    state = State(optimizer, model)
    try:
        recording = _Recording(state, model, arrays, loss, optimizer)
        step = Step(recording, [array.copy(order="K") for array in arrays], without)
        _check(step, recording)
    finally:
        _restore_despite_interrupt(state)
    step.ready()
    step.load(*arrays)
    return step


def _restore_despite_interrupt(state):
    """Restore the state, also when the reader interrupts just here."""
    try:
        state.restore()
    except KeyboardInterrupt:
        state.restore()
        raise


class _Recording:
    """A step that ran once on recorded arrays: its `record`, its `graph`, and the `names` that are known already."""

    def __init__(self, state, model, arrays, loss, optimizer):
        self.state, self.model, self.loss, self.optimizer, self.arrays = state, model, loss, optimizer, arrays
        numbers = state.live_numbers()
        while True:
            changes = self._run(arrays, numbers)
            if not changes.unseen:
                break
            numbers = [*numbers, *changes.unseen]  # again, with the numbers that the step has turned out to change

    def _run(self, arrays, numbers):
        state, recorder = self.state, Recorder()
        given = _give_recorded(state, recorder, numbers)
        held = state.containers(given)
        for generator, _ in state.streams:
            recorder.stream(generator)
        inputs, graph = [recorder.wrap(array) for array in arrays], []

        def loss(*args):
            batch_loss = self.loss(*args)
            if type(batch_loss) is Tensor:
                graph[:] = nodes_of(batch_loss, recorder)
            return batch_loss

        try:
            value = take_step(self.model, inputs, loss, self.optimizer)
            if type(value) is not RecordedNumber:
                raise recorder.refusal(say("its loss does not depend on what is recorded"))
            if not isfinite(value):  # there was no backward pass
                reason = say("its loss is {loss}, not a finite number", loss=f"{value.plain:g}")
                raise NotFinite(refusal_text(reason, recorder.lines()[1]))
            changes = Changes(state, given, held, recorder)
            if not changes.unseen:
                self._finish(recorder, changes, value, inputs)
                self.graph = graph
            return changes
        finally:
            recorder.finished = True
            state.streams += [stream[:2] for stream in recorder.streams.values()]
            state.restore()

    def _finish(self, recorder, changes, value, inputs):
        for new, old in changes.carried:
            recorder.assign(old, ..., new)

        def place(array):
            return recorder.place(plain(np.asanyarray(array)))

        parameters, self.inputs = self.state.parameters, [place(array) for array in inputs]
        self.kept = [(each, name, len(arrays)) for each, name, arrays in changes.kept]
        kept = [place(array) for _, _, arrays in changes.kept for array in arrays]
        gradients = [place(p.grad) for p in parameters]
        self.record = Record(
            recorder.operations,
            value.number,
            self.inputs,
            [*gradients, *kept],
            changes.numbers,
            changes.appended,
            recorder.state,
        )
        self.changeable = set(recorder.state) | {each.memory for each in self.inputs}
        attributes = zip(self.state.objects, self.state.attributes, strict=True)
        rates = [(each, "_rate", given.get("_rate")) for each, given in attributes]
        self.rates = [(each, name, place(rate)) for each, name, rate in rates if type(rate) is np.ndarray]
        names = parameter_names(parameters)
        attributes = [(name, each) for given in self.state.attributes for name, each in given.items()]
        self.names = {
            **{place(each): name.strip("_") for name, each in attributes if type(each) is np.ndarray},
            **{place(value): name for name, (_, value, *_) in zip(names, self.state.tensors, strict=True)},
            **dict(zip(self.inputs, data_names(len(inputs)), strict=True)),
        }


def _give_recorded(state, recorder, numbers):
    """Put recorded arrays and numbers into parameters, optimizer and layers; returns the attributes of each object then."""
    wrapped = {}

    def recorded(value):
        if type(value) is np.ndarray and not value.dtype.hasobject:
            recorder.may_change(value)
            return wrapped.setdefault(id(value), recorder.wrap(value))
        return tuple(map(recorded, value)) if type(value) is tuple else value

    for *_, container, contents in state.held:
        if isinstance(container, list):
            container[:] = map(recorded, contents)
        elif isinstance(container, dict):
            for key, part in contents.items():
                container[key] = recorded(part)
    for p in state.parameters:
        p.value = recorded(p.value)
    given = []
    for each, attributes in zip(state.objects, state.attributes, strict=True):
        new = {name: recorded(value) for name, value in attributes.items()}
        for owner, name in numbers:
            if owner is each:
                new[name] = RecordedNumber(attributes[name], recorder, Number(each, name))
        vars(each).update(new)
        given.append(new)
    return given


def data_names(inputs):
    """x, y; with several inputs x1, x2, ..., y."""
    return ["x", "y"] if inputs == 2 else [*(f"x{i}" for i in range(1, inputs)), "y"]


def parameter_names(parameters):
    """The names of the parameters, numbered where one comes more than once: W1, b1, W2, b2."""
    names = [(p.name or "p").replace(" ", "_") for p in parameters]
    counters = {name: count(1) for name in names}
    return [f"{name}{next(counters[name])}" if names.count(name) > 1 else name for name in names]


class Step:
    """A training step that is replayed: step() takes it and returns the loss.

    load(*data)   puts other data of the same shapes and dtypes in the place of those that it was recorded on
    data          the arrays that it reads
    again()       a step, if it is `ready` and the data are still those that it was told to `read`; otherwise None
    nbytes        the size of the arrays that are its own
    text          its program
    """

    def __init__(self, recording, arrays, without=()):
        state = recording.state
        self.recording = recording
        self.parameters = state.parameters
        self.record = simplified(recording.record, without)
        numbers = [(number.owner, number.attribute, place.memory.owner) for (number, _), place in self.record.live]
        self._rates = [(each, name, place.memory.owner.copy()) for each, name, place in recording.rates]
        self._live = [*numbers, *self._rates]
        changing = [each[:2] for each in (*recording.record.numbers, *recording.kept, *self._live)]
        unchanged, counted = state.structure([*changing, *state.live_numbers()])
        containers = state.contents(unchanged, [values for values, _ in recording.record.appended])
        guard = Guard(unchanged, counted, containers, self._live, self._handed(recording))
        self.program = Program(self.record, lambda part: "number" if type(part) is Number else "array", guard)
        self._own_data = arrays
        self.bind(arrays)

    def _handed(self, recording):
        """What the engine leaves after a step: gradients, lists of them, and when the parameters changed."""
        rest = iter(self.record.kept[len(self.parameters) :])
        lists = [(each, name, list(islice(rest, length))) for each, name, length in recording.kept]
        gradients = [(p, "grad", place) for p, place in zip(self.parameters, self.record.kept, strict=False)]
        return [*gradients, *lists, *((p, "order_of_last_step", next_order) for p in self.parameters)]

    @property
    def parameter_names(self):
        """W1, b1, ..., in the order of the parameters."""
        return parameter_names(self.parameters)

    @property
    def parameter_places(self):
        """Where the parameters lie, in their order."""
        names = {name: place for place, name in self.recording.names.items()}
        return [names[name] for name in self.parameter_names]

    def named_program(self):
        """Its program with names that a reader knows: those of the lines where the arrays were computed."""
        gradients = (f"d{name}" for name in parameter_names(self.parameters))
        known = {**dict(zip(self.record.kept, gradients, strict=False)), **self.recording.names}
        return Program(self.record, Names(self.record, known))

    def bind(self, arrays):
        """Read these arrays from now on, which lie in memory as those that it was recorded on."""
        self.data = arrays
        memories = {place.memory: array for place, array in zip(self.record.inputs, arrays, strict=True)}
        for (_, _, place), (*_, array) in zip(self.recording.rates, self._rates, strict=True):
            memories[place.memory] = array
        self.memories, self._namespace = memories, self.program.bind(memories)
        self.nbytes = sum(owner.nbytes for memory, owner in memories.items() if not memory.external)
        self.run, self._ready, self.again = (self._namespace[name] for name in ("step", "ready", "again"))
        self.ready()
        self._load()

    def _load(self):
        """Compute what depends on the data alone."""
        self._namespace.update(dict.fromkeys(self.program.read_by_load))  # unknown, until it has succeeded
        self._namespace["load"]()

    def load(self, *data):
        """Take other data, of the same shapes and dtypes. Raises what the engine's checks of data raise."""
        if self.data is not self._own_data:  # those of others stay as they are
            self.bind(self._own_data)
        for array, new in zip(self.data, data, strict=True):
            np.copyto(array, new)
        self._load()

    def read(self, data):
        """Read these arrays themselves, if they lie in memory as those that the step was recorded on (True); else copies."""
        if any(new.strides != old.strides for new, old in zip(data, self.data, strict=True)):
            self.load(*data)
            return False
        if self.data is not data:
            self.bind(data)
        self._load()
        values = self._namespace
        values.update({loaded: values[array].tobytes() for loaded, array in self.program.read_by_load.items()})
        return True

    def take(self, data, chosen):
        """Load the examples with these numbers."""
        for array, old in zip(data, self.data, strict=True):
            array.take(chosen, 0, old, "clip")
        self._load()

    def ready(self):
        """Whether the model and the optimizer are still those that were recorded. A new learning rate is taken over."""
        try:
            if self._ready():
                return True
            for (each, name, array), seen in zip(self._live, self.program.seen, strict=True):
                value = getattr(each, name)
                # Not np.float64: it makes other dtypes than a Python number.
                if type(value) not in (int, float, np.ndarray):
                    return False
                array[...] = self._namespace[seen] = value
            return self._ready()
        except (AttributeError, ValueError):  # an attribute is gone, or a rate has another shape
            return False

    def __call__(self, *data):
        """One step, on these data or on those that are there; returns the loss."""
        if not self._ready() and not self.ready():
            raise CannotReplay(
                say("the model or the optimizer has changed since this step was recorded: record it again")
            )
        if data:
            self.load(*data)
        return self.run()


def _check(step, recording):
    """Take two steps on other data and with other weights, replayed and by the engine. Raises CannotReplay when they differ."""
    engine, replayed = (_outcome(step, recording, replay) for replay in (False, True))
    if engine != replayed:
        line = _line_of_a_constant(recording)
        reason = say(
            "on other data and with other weights, the recorded step gives other numbers than the engine, "
            "because a value became a constant"
        )
        raise CannotReplay(refusal_text(reason, line or recording.record.operations[0].caller))


def _outcome(step, recording, replay):
    """The bytes of everything that two steps on other data leave."""
    state, outcome = recording.state, []
    state.restore()
    _change(state.values())
    step.ready()
    for shift in (1, 2):
        data = _other(recording.arrays, shift)
        if replay:
            step.load(*data)
            loss = step.run()
        else:
            loss = take_step(recording.model, data, recording.loss, recording.optimizer)
        outcome += [repr(loss), [np.asarray(p.grad).tobytes() for p in state.parameters], state.snapshot()]
    return outcome


def _change(values):
    """Other weights, near the old ones."""
    for value in values:
        value[...] = value * 0.9 + 0.05 * np.cos(np.arange(value.size)).reshape(value.shape)


def _other(arrays, shift):
    """Other data of the same kind: numbers in other places, and the inputs smaller."""
    rolled = [np.roll(array, shift).astype(array.dtype) for array in arrays]
    return [array * array.dtype.type(0.75) if array.dtype.kind == "f" else array for array in rolled[:-1]] + rolled[-1:]


def _line_of_a_constant(recording):
    """The first line with a constant that is another one on other data and with other weights; None if there is none."""
    state, arrays = recording.state, recording.arrays
    state.restore()
    _change(state.values())
    other = _Recording(
        State(recording.optimizer, recording.model),
        recording.model,
        _other(arrays, 1),
        recording.loss,
        recording.optimizer,
    )
    for old, new in zip(recording.record.operations, other.record.operations, strict=False):
        if _constants(old, recording.changeable) != _constants(new, other.changeable):
            return old.caller
    return None


def _constants(operation, changeable):
    """What an operation gets that no step changes."""
    arrays = [place for place in operation.reads if place.memory.external and place.memory not in changeable]
    return [
        operation.function,
        *(place.array().tobytes() for place in arrays),
        *leaves(operation.args, float),
    ]
