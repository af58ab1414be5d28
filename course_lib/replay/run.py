"""The steps of a run: which of them are replayed, when a step is recorded, and whether a record still fits."""

from math import isfinite

from .engine import Steps
from .recording import NotFinite
from .step import record_step

STEPS_BEFORE = 20  # a record costs as much as some dozen steps of the engine, or as a hundred of a small network
MOST_RECORDS = 8  # in one run: each keeps its arrays


class Replays(Steps):
    """The steps of one run, of which those after the first 20 or so are replayed: a record for each length of a batch."""

    def __init__(self, model, data, loss, optimizer):
        super().__init__(model, data, loss, optimizer)
        self._steps, self._taken, self._records = {}, {}, 0
        self._again = None  # takes the step on all examples, once it is recorded, as long as nothing has changed

    def epoch(self, batches):
        if batches is None and self._again is not None:
            value = self._again()
            if value is not None:
                return value * self._size if isfinite(value) else None
        return super().epoch(batches)

    def take(self, chosen):
        """A step; also raises CannotReplay when it cannot be recorded."""
        length = None if chosen is None else len(chosen)  # what reads all examples reads the data themselves
        step = self._steps.get(length)
        if step is not None and not step.ready():  # the model or the optimizer is not what it was: forget the record
            del self._steps[length]
            self._taken[length], self._again, step = 0, None, None
        if step is None:
            taken = self._taken[length] = self._taken.get(length, 0) + 1
            if taken <= STEPS_BEFORE or self._records == MOST_RECORDS:
                return super().take(chosen)
            self._records += 1
            try:
                step = record_step(self._model, self._batch(chosen), loss=self._loss, optimizer=self._optimizer)
            except NotFinite:
                return super().take(chosen)  # whose loss says that it diverged
            self._steps[length] = step
        if chosen is None:
            self._again = step.again if step.read(self._data) else None
        else:
            step.take(self._data, chosen)
        return step.run()
