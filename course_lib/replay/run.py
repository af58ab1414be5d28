"""The recorded steps of one run of `train`: when a step is recorded, and whether a record still fits."""

from .step import record_step

STEPS_BEFORE = 20  # a record costs as much as a hundred steps of the engine, and more
MOST_RECORDS = 8  # in one run: each keeps its arrays


class Replays:
    """Which step to replay for a batch; one record for each length of a batch.

    model, data, loss, optimizer   as in `train`
    """

    def __init__(self, model, data, loss, optimizer):
        self._model, self._data, self._loss, self._optimizer = model, data, loss, optimizer
        self._steps, self._taken, self._records = {}, {}, 0
        self.whole = None  # the `Step` with all examples, if there is one that reads the data where they are

    def begin(self):
        """Before the steps of an epoch: forget the records that no longer fit the model or the optimizer."""
        for length, step in list(self._steps.items()):
            if not step.ready():
                del self._steps[length]
                self.whole = None
                self._taken[length] = 0

    def step(self, chosen):
        """The `Step` for these examples (their numbers; None: all), with their data loaded; None if the engine has to take it.

        Raises CannotReplay when the step cannot be recorded.
        """
        length = len(self._data[0]) if chosen is None else len(chosen)
        step = self._steps.get(length)
        if step is None:
            taken = self._taken[length] = self._taken.get(length, 0) + 1
            if taken <= STEPS_BEFORE or self._records == MOST_RECORDS:
                return None
            self._records += 1
            batch = self._data if chosen is None else [array[chosen] for array in self._data]
            step = record_step(self._model, batch, loss=self._loss, optimizer=self._optimizer)
            self._steps[length] = step
        if chosen is None:
            self.whole = step if step.read(self._data) else None
        else:
            step.take(self._data, chosen)
        return step
