"""How the settings of chapter 9's comparisons were found, and the runs that its searches and its claims share.

Each network of the four tasks gets 400 of the 600 sheets to learn from, and the other 200 to be chosen on. What depends on
a learning rate is tried at rates about three times each other, on the digits' validation part.
"""

from functools import lru_cache
from itertools import count

import numpy as np
import optuna

from course_lib import Adam, Dense, Diverged, GradientDescent, Sequential, functional, stack, train
from course_lib.datasets.digits import digits
from course_lib.datasets.four_tasks import four_tasks
from course_lib.layers import GRU, Conv2D, Flatten, LayerNorm, MaxPool2D, Residual
from course_lib.models.deep_network import deep_network
from course_lib.models.validation_map import RATES, WEIGHT_DECAYS, ValidationMap
from course_lib.ops import softmax
from course_lib.training import accuracy

from .tuning import Side, Tuning

CHAPTER = "09_faq"
ENTROPY, f4 = functional.softmax_cross_entropy, np.float32
optuna.logging.set_verbosity(optuna.logging.WARNING)
OPTIMIZERS = {"gradient descent": GradientDescent, "Adam": Adam}

# Four networks, 2,000 parameters each


def mlp(rows, columns, h, **kw):
    return [Flatten(), Dense(rows * columns, h, "relu", **kw)], h


def residual(rows, columns, h, **kw):
    blocks = [Residual(LayerNorm(h, dtype=f4), Dense(h, h, "relu", **kw)) for _ in range(4)]
    return [Flatten(), Dense(rows * columns, h, **kw), *blocks], h


def one_block(rows, columns, h, **kw):
    layers, features = residual(rows, columns, h, **kw)
    return layers[:3], features


class LastState(GRU):
    def __call__(self, x):
        return super().__call__(x[..., 0])[:, -1]


def rnn(rows, columns, h, **kw):
    return [LastState(columns, h, **kw)], h


def cnn(rows, columns, h, **kw):
    first, second = Conv2D(1, h, 3, "relu", **kw), Conv2D(h, 2 * h, 3, "relu", **kw)
    return [first, MaxPool2D(2), second, MaxPool2D(2), Flatten()], rows * columns // 16 * 2 * h


NETWORKS = {"MLP": mlp, "CNN": cnn, "GRU": rnn, "residual": residual, "one block": one_block}


def widest(make, shape, rng, budget=2000):
    best = None
    for h in count(1):
        layers, features = make(*shape, h, rng=rng, dtype=f4)
        network = Sequential(*layers, Dense(features, 10, rng=rng, dtype=f4))
        if sum(p.size for p in network.parameters) > budget:
            return best
        best = network


def learned(name, data, seed, rate, epochs):
    """{epochs so far: share right of the held-out sheets} of a network; `epochs` are those to look at."""
    (a, b, a_held, b_held), rng = data, np.random.default_rng(seed)
    network = widest(NETWORKS[name], a.shape[1:3], rng)
    options = {"optimizer": Adam(rate), "epochs": max(epochs), "batch_size": 50, "rng": rng, "replay": True}
    return {
        progress.epoch: float(accuracy(network(a_held), b_held))
        for progress in train(network, (a, b), loss=ENTROPY, **options)
        if progress.epoch in epochs
    }


@lru_cache(maxsize=1000)
def _chosen_on(task, name, seed, rate, epochs):
    a, b, *_ = four_tasks(np.random.default_rng(seed))[task]
    return learned(name, (a[:400], b[:400], a[400:], b[400:]), seed, rate, epochs)


TASKS = ("images", "shuffled images", "spoken digits", "commands")


def of_a_network(name, rate, epochs, rates, most, tasks=TASKS):
    """The search for one network: its mean error on the tasks, by rate and number of epochs, of which `most` are tried."""

    def error(seed, rate, epochs):
        return 1 - np.mean([_chosen_on(task, name, seed, rate, most)[epochs] for task in tasks])

    return Side({"rate": rates, "epochs": most}, error, {"rate": rate, "epochs": epochs}, ends=("epochs",))


QUICK = (20, 40, 80, 160)
SLOW = (5, 10, 20)  # their epochs cost five to twenty times as much
SHEETS = "200 of the 600 sheets, after learning from the other 400"
NETWORKS_ON_FOUR = Tuning(
    "four-networks",
    CHAPTER,
    (
        "cnn-on-images",
        "cnn-on-shuffled",
        "gru-on-shuffled",
        "gru-on-commands",
        "gru-on-rows",
        "neither-on-speech",
        "residual-not-better",
        "one-block-is-enough",
    ),
    "networks of 2,000 parameters; mean error on the four tasks, by rate and epochs, of which the text allows 160 or 20",
    SHEETS,
    {
        "MLP": of_a_network("MLP", 0.003, 160, (0.001, 0.003, 0.01), QUICK),
        "CNN": of_a_network("CNN", 0.01, 20, (0.003, 0.01, 0.03), SLOW),
        "GRU": of_a_network("GRU", 0.03, 20, (0.01, 0.03, 0.1), SLOW),
        "residual": of_a_network("residual", 0.03, 80, (0.01, 0.03, 0.1), QUICK),
        "one block": of_a_network("one block", 0.03, 80, (0.01, 0.03, 0.1), QUICK),
    },
)
EIGHT_EPOCHS = Tuning(
    "speech-in-eight-epochs",
    CHAPTER,
    ("residual-is-quick",),
    "MLP and residual net on speech; error after 8 epochs, by rate",
    SHEETS,
    {
        name: of_a_network(name, rate, 8, (0.003, 0.01, 0.03, 0.1, 0.3), (8,), ("spoken digits",))
        for name, rate in (("MLP", 0.01), ("residual", 0.1))
    },
)

ON_SPEECH = Tuning(
    "speech-in-many-epochs",
    CHAPTER,
    ("residual-keeps-a-little",),
    "MLP and residual net on speech; error, by rate and epochs, of which the text allows 160",
    SHEETS,
    {
        "MLP": of_a_network("MLP", 0.003, 160, (0.001, 0.003, 0.01), QUICK, ("spoken digits",)),
        "residual": of_a_network("residual", 0.1, 160, (0.01, 0.03, 0.1, 0.3), QUICK, ("spoken digits",)),
    },
    10,
)

# Twenty layers


@lru_cache(maxsize=1)
def images():
    return [(x.reshape(-1, 64), y) for x, y in digits()]


def deep(seed, rate, start, optimizer, depth=20, epochs=10, **parts):
    """(training loss of the last epoch, network) of a deep network on the digits; (inf, None) when it diverges."""
    rng = np.random.default_rng(seed)
    network = deep_network(depth, initial=start, rng=rng, **parts)
    options = {"optimizer": OPTIMIZERS[optimizer](rate), "epochs": epochs, "batch_size": 50, "rng": rng, "replay": True}
    try:
        return [progress.loss for progress in train(network, images()[0], loss=ENTROPY, **options)][-1], network
    except Diverged:
        return np.inf, None


DEEP_RATES = {
    "gradient descent": (0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0),
    "Adam": (0.0003, 0.001, 0.003, 0.01, 0.03, 0.1),
}
PARTS = {
    "plain": {},
    "shortcut": {"shortcut": True},
    "normalisation": {"normalisation": True},
    "both": {"shortcut": True, "normalisation": True},
}


def of_a_deep_network(kind, optimizer, rate, start, starts=("Glorot", "He"), depth=20, others=1):
    """The search for one kind of deep network with one optimizer, at so many rates below and above the chosen one."""

    def loss(seed, rate, start):
        x, y = images()[1]
        _, network = deep(seed, rate, start, optimizer, depth, **PARTS[kind])
        return np.inf if network is None else float(ENTROPY(network(x), y).value)

    rates = DEEP_RATES[optimizer]
    near = rates[max(rates.index(rate) - others, 0) : rates.index(rate) + others + 1]
    return Side({"rate": near, "start": starts}, loss, {"rate": rate, "start": start})


DEEP = Tuning(
    "twenty-layers",
    CHAPTER,
    (
        "plain-stays-at-guessing",
        "most-runs-stay-at-guessing",
        "neither-left-out",
        "he-learns-something",
        "adam-trains-plain-layers",
        "adam-comes-close",
        "shortcut-is-faster",
    ),
    "20 layers of four kinds, two optimizers; loss after 10 epochs, by rate and initial weights",
    "the digits' validation part",
    {
        "5 layers": of_a_deep_network("plain", "gradient descent", 0.3, "Glorot", ("Glorot",), depth=5),
        "plain from Glorot": of_a_deep_network("plain", "gradient descent", 0.03, "Glorot", ("Glorot",), others=9),
        "plain": of_a_deep_network("plain", "gradient descent", 0.03, "He"),
        "shortcut": of_a_deep_network("shortcut", "gradient descent", 0.0003, "Glorot"),
        "normalisation": of_a_deep_network("normalisation", "gradient descent", 0.01, "He"),
        "both": of_a_deep_network("both", "gradient descent", 0.03, "Glorot"),
        "plain, Adam": of_a_deep_network("plain", "Adam", 0.003, "He"),
        "shortcut, Adam": of_a_deep_network("shortcut", "Adam", 0.003, "Glorot"),
        "normalisation, Adam": of_a_deep_network("normalisation", "Adam", 0.003, "He"),
        "both, Adam": of_a_deep_network("both", "Adam", 0.003, "Glorot", others=3),
    },
)

# Batch sizes

BATCH_RATES = (0.05, 0.1, 0.2, 0.3, 0.45, 0.7, 1.0, 1.5, 2.2, 3.3)


def small(rng):
    return Sequential(Dense(64, 32, "tanh", rng=rng, dtype=f4), Dense(32, 10, rng=rng, dtype=f4))


@lru_cache(maxsize=1000)
def by_rate(size, epochs, seed):
    """{rate: validation loss} of networks that begin with the same weights and learn from the same batches of 1,000 images."""
    (x, y), (x_validation, y_validation), _ = images()
    model = stack([small(np.random.default_rng(seed)) for _ in BATCH_RATES])
    optimizer, rng = GradientDescent(np.array(BATCH_RATES)), np.random.default_rng(seed)
    options = {"optimizer": optimizer, "epochs": epochs, "batch_size": size, "rng": rng, "replay": True}
    for _ in train(model, (x[:1000], y[:1000]), loss=ENTROPY, **options):
        pass
    p = softmax(model(x_validation).value.astype(float))[:, np.arange(len(y_validation)), y_validation]
    return dict(zip(BATCH_RATES, -np.log(np.maximum(p, 1e-300)).mean(axis=1), strict=True))


def of_a_batch_size(size, epochs, rate):
    return Side({"rate": BATCH_RATES}, lambda seed, rate: by_rate(size, epochs, seed)[rate], {"rate": rate})


EQUAL_STEPS = Tuning(
    "batch-sizes-equal-steps",
    CHAPTER,
    ("larger-batch-larger-rate",),
    "batch sizes after 100 steps; loss, by rate",
    "the digits' validation part",
    {
        size: of_a_batch_size(int(size), epochs, rate)
        for size, epochs, rate in (("10", 1, 0.45), ("50", 5, 1.0), ("250", 25, 1.5))
    },
)
EQUAL_EPOCHS = Tuning(
    "batch-sizes-equal-epochs",
    CHAPTER,
    ("fewer-steps-cost",),
    "batch sizes after 5 epochs; loss, by rate",
    "the digits' validation part",
    {size: of_a_batch_size(int(size), 5, rate) for size, rate in (("10", 0.45), ("50", 1.0), ("250", 1.0))},
)

# Searches on a map of losses


@lru_cache(maxsize=16)
def trained_map(seed):
    """A map of its own for each seed: its networks have the seeds 100 * seed and 100 * seed + 1."""
    losses = ValidationMap(seed=100 * seed)
    for _ in losses.train():
        pass
    return losses


def found(table, sampler):
    """Which share of the map is better than the best of 25 trials."""

    def objective(trial):
        rate = trial.suggest_float("rate", 0.01, 10, log=True)
        decay = trial.suggest_float("decay", 0.0001, 0.1, log=True)
        return table[abs(np.log(WEIGHT_DECAYS / decay)).argmin(), abs(np.log(RATES / rate)).argmin()]

    study = optuna.create_study(sampler=sampler)
    study.optimize(objective, n_trials=25)
    return (table < study.best_value).mean()


def random(seed):
    return optuna.samplers.RandomSampler(seed=seed)


def grid(seed, rates=5):
    """As many weight decays as fit into 25 trials, beginning anywhere."""
    beginning = np.random.default_rng(seed).random()
    of_rate, of_decay = ((np.arange(n) + beginning) / n for n in (rates, 25 // rates))
    values = {"rate": list(0.01 * 1000**of_rate), "decay": list(0.0001 * 1000**of_decay)}
    return optuna.samplers.GridSampler(values, seed=seed)


def bayesian(seed, start_up=10):
    return optuna.samplers.TPESampler(seed=seed, n_startup_trials=start_up)


def repeats(seed):
    """The seeds of 40 searches."""
    return [int(one) for one in np.random.SeedSequence(seed).generate_state(40)]


def of_a_search(sampler, name, values, chosen):
    def better(seed, **setting):
        return np.mean([found(trained_map(seed).table, sampler(one, **setting)) for one in repeats(seed)])

    return Side({name: values}, better, {name: chosen})


SEARCHES = Tuning(
    "searches-of-25-trials",
    CHAPTER,
    ("bayesian-beats-random", "bayesian-mostly-beats-grid"),
    "grid and Bayesian search; share of the map that is better than the best of 25 trials",
    "maps trained with other seeds",
    {
        "grid": of_a_search(grid, "rates", (5, 8, 12, 25), 12),
        "Bayesian": of_a_search(bayesian, "start_up", (5, 10, 20), 10),
    },
)

TUNINGS = [NETWORKS_ON_FOUR, EIGHT_EPOCHS, ON_SPEECH, DEEP, EQUAL_STEPS, EQUAL_EPOCHS, SEARCHES]
