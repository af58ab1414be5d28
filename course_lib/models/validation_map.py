"""A map of validation losses over two hyper-parameters, on which searches can be judged because all of it is known.

Each row of the map is one stack: networks with all learning rates, and several seeds, train at once.
"""

from functools import lru_cache

import numpy as np

from .. import functional
from ..datasets.digits import digits
from ..layers import Dense, Dropout, Sequential, stack
from ..ops import softmax
from ..optimizers import GradientDescent
from ..text import N_, say
from ..training import History, accuracy, train

RATES = np.geomspace(0.01, 10, 19)
WEIGHT_DECAYS = np.geomspace(1e-4, 0.1, 13)
SECONDS = {  # the second hyper-parameter: its values
    N_("weight decay"): WEIGHT_DECAYS,
    N_("dropout"): np.arange(9) / 10,
    N_("batch size"): np.array([2, 5, 10, 20, 50, 100]),
    N_("hidden units"): np.array([2, 4, 8, 16, 32, 64]),
}
EXAMPLES, WRONG_LABELS = 100, 30
EPOCHS, BATCH_SIZE, HIDDEN, SEEDS = 60, 20, 16, 2
CEILING = 5.0  # a larger validation loss counts as this one: beyond it all settings are equally useless


class ValidationMap:
    """Validation losses of networks 64-16-10 on handwritten digits: 100 to learn from, of which 30 have a wrong label.

    second    the hyper-parameter of the rows, one of SECONDS; the columns are the learning rates RATES. The others are
              60 epochs, batches of 20, 16 hidden tanh units, no weight decay, no dropout
    table     (rows, columns) the mean of two seeds, at most CEILING; nan where training has not got to yet. It may be
              given, if the losses are known already
    seed      of the first network of each setting, and of the batches; the second network has seed + 1
    values    of the second hyper-parameter, one a row

    Raises ValueError for an unknown second hyper-parameter, or a table of another shape.
    """

    def __init__(self, second="weight decay", table=None, seed=0):
        if second not in SECONDS:
            raise ValueError(say("second: expected one of {known}, got {got!r}", known=", ".join(SECONDS), got=second))
        self.second, self.values, self.seed = second, SECONDS[second], seed
        shape = (len(self.values), len(RATES))
        self.table = np.full(shape, np.nan) if table is None else np.array(table, dtype=float)
        if self.table.shape != shape:
            raise ValueError(
                say(
                    "table: expected validation losses of shape {expected} (second hyper-parameter, learning rates), got {got}",
                    expected=shape,
                    got=self.table.shape,
                )
            )
        self._training = None

    @property
    def finished(self):
        return not np.isnan(self.table).any()

    @property
    def rows_done(self):
        return int((~np.isnan(self.table)).all(axis=1).sum())

    @property
    def epochs(self):
        """The epochs of all rows together."""
        return len(self.values) * EPOCHS

    def train(self):
        """Train what is missing, row by row: yields a `Progress` after every epoch."""
        history = History()
        while not self.finished:
            missing = np.isnan(self.table).any(axis=1)
            yield from self._train_row(int(missing.argmax()), history)

    def advance(self, enough=lambda: False):
        """Train until the map is complete or `enough()` says so."""
        while not self.finished and not enough():
            if self._training is None:
                self._training = self.train()
            if next(self._training, None) is None:  # it has ended, perhaps by an interrupt: the next one goes on
                self._training = None

    def _train_row(self, row, history):
        settings = {self.second: self.values[row].item()}
        seeds = list(range(self.seed, self.seed + SEEDS)) * len(RATES)
        model, steps = _training(np.repeat(RATES, SEEDS), seeds, settings, self.seed, history)
        yield from steps
        losses = _losses(model, *_data()[1]).reshape(-1, SEEDS)  # (rates, seeds)
        self.table[row] = losses.mean(axis=1).clip(0, CEILING).round(3)

    def evaluate(self, rate, value, seeds):
        """Train one setting with other seeds: (validation losses, test losses, test accuracies), one of each a seed.

        The networks of one call share their batches, which no map with fewer than 1,000 as its seed has used.
        """
        model, steps = _training(np.full(len(seeds), rate), seeds, {self.second: value}, self.seed + 1000)
        for _ in steps:
            pass
        _, validation, test = _data()
        return _losses(model, *validation), _losses(model, *test), accuracy(model(test[0]), test[1])

    def share_better(self, loss):
        """Which share of the map has a lower loss."""
        return float((self.table < loss).mean())


def _training(rates, seeds, settings, seed, history=None):
    """A stack of networks, one for each rate and seed, and the generator that trains it.

    settings   of SECONDS      seed   of the batches, which all networks share
    """
    settings = {"weight decay": 0.0, "dropout": 0.0, "batch size": BATCH_SIZE, "hidden units": HIDDEN} | settings
    first, last = stack([_network(settings["hidden units"], seed) for seed in seeds]).layers
    rng, dropped = np.random.default_rng(seed), np.random.default_rng(seed + 1)
    model = Sequential(first, Dropout(settings["dropout"], rng=dropped), last)
    optimizer = GradientDescent(rates, weight_decay=settings["weight decay"])
    steps = train(
        model,
        _data()[0],
        loss=functional.softmax_cross_entropy,
        optimizer=optimizer,
        epochs=EPOCHS,
        batch_size=settings["batch size"],
        rng=rng,
        history=history,
        replay=True,
    )
    return model, steps


def _losses(model, x, y):
    """The loss of each network of a stack."""
    p = softmax(model(x).value.astype(float))[:, np.arange(len(y)), y]  # (networks, examples)
    return -np.log(np.maximum(p, 1e-300)).mean(axis=1)


@lru_cache(maxsize=1)
def _data():
    (x, y), *others = [(x.reshape(-1, 64), y) for x, y in digits()]
    x, y = x[:EXAMPLES], y[:EXAMPLES].copy()
    y[:WRONG_LABELS] = np.random.default_rng(0).integers(0, 10, WRONG_LABELS)
    return (x, y), *others


def _network(hidden, seed):
    rng = np.random.default_rng(seed)
    return Sequential(
        Dense(64, hidden, "tanh", rng=rng, dtype=np.float32), Dense(hidden, 10, rng=rng, dtype=np.float32)
    )
