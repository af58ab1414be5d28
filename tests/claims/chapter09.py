"""Claims of chapter 9. The few lines that train are those of the chapter, with the seed as an argument."""

from functools import lru_cache
from itertools import chain, count

import numpy as np
import optuna

from course_lib import Adam, Dense, Diverged, GradientDescent, Sequential, functional, stack, train
from course_lib.datasets.digits import digits
from course_lib.datasets.four_tasks import four_tasks
from course_lib.layers import GRU, Conv2D, Flatten, LayerNorm, MaxPool2D, Residual
from course_lib.models.deep_network import deep_network
from course_lib.models.validation_map import RATES, WEIGHT_DECAYS, ValidationMap
from course_lib.training import accuracy, minibatches

from .ledger import Claim

CHAPTER = "09_faq"
ENTROPY, f4 = functional.softmax_cross_entropy, np.float32
optuna.logging.set_verbosity(optuna.logging.WARNING)

# Four networks, one budget


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


def widest(make, shape, rng, budget=2000):
    best = None
    for h in count(1):
        layers, features = make(*shape, h, rng=rng, dtype=f4)
        network = Sequential(*layers, Dense(features, 10, rng=rng, dtype=f4))
        if sum(p.size for p in network.parameters) > budget:
            return best
        best = network


def learned(make, data, rate, seed):
    (a, b, a_held, b_held), rng = data, np.random.default_rng(seed)
    network = widest(make, a.shape[1:3], rng)
    for _ in train(network, (a, b), loss=ENTROPY, optimizer=Adam(rate), epochs=8, batch_size=50, rng=rng):
        pass
    return float(accuracy(network(a_held), b_held))


def right(task, make, seed):
    """The share right of a network whose rate was chosen on 200 of the 600 sheets; sheets and weights from `seed`."""
    a, b, *_ = data = four_tasks(np.random.default_rng(seed))[task]
    chooser = a[:400], b[:400], a[400:], b[400:]
    rate = max((0.01, 0.03), key=lambda rate: learned(make, chooser, rate, seed + 1))
    return learned(make, data, rate, seed)


def lead(task, one, other):
    return lambda seed: right(task, one, seed) - right(task, other, seed)


# Twenty layers


@lru_cache(maxsize=1)
def images():
    return [(x.reshape(-1, 64), y) for x, y in digits()]


def loss_at_the_end(depth, seed, **parts):
    """Training loss after 10 epochs at rate 0.05; 10 when it diverges."""
    rng = np.random.default_rng(seed)
    network = deep_network(depth, rng=rng, **parts)
    options = {"optimizer": GradientDescent(0.05), "epochs": 10, "batch_size": 50, "rng": rng}
    try:
        return [progress.loss for progress in train(network, images()[0], loss=ENTROPY, **options)][-1]
    except Diverged:
        return 10.0


def price_of_leaving_out(seed):
    """The loss with shortcut alone or with normalisation alone, the lower one, minus that with both."""
    alone = [loss_at_the_end(20, seed, **{part: True}) for part in ("shortcut", "normalisation")]
    return min(alone) - loss_at_the_end(20, seed, shortcut=True, normalisation=True)


def gained_by_he(seed):
    return loss_at_the_end(20, seed) - loss_at_the_end(20, seed, initial="He")


# The range test


def small(rng):
    return Sequential(Dense(64, 32, "tanh", rng=rng, dtype=f4), Dense(32, 10, rng=rng, dtype=f4))


def by_the_rule(rng):
    """Half the rate at which the loss of a range test is lowest."""
    (x, y), *_ = images()
    ramp, losses, network, optimizer = np.geomspace(0.001, 10, 100), [], small(rng), GradientDescent(0.001)
    batches = chain.from_iterable(minibatches((x, y), 50, rng) for _ in count())
    for optimizer.learning_rate, (a, b) in zip(ramp, batches, strict=False):
        loss = ENTROPY(network(a), b)
        loss.backward()
        optimizer.step(network.parameters)
        losses.append(float(loss.value))
    return ramp[np.convolve(losses, np.ones(5) / 5, "same")[:-5].argmin()] / 2


def loss_after_five_epochs(rate, seed):
    rng = np.random.default_rng(seed)
    options = {"optimizer": GradientDescent(rate), "epochs": 5, "batch_size": 50, "rng": rng}
    return [progress.loss for progress in train(small(rng), images()[0], loss=ENTROPY, **options)][-1]


def price_of_a_third(seed):
    """Loss with a third of the rule's rate over that with the rule's rate."""
    rate = by_the_rule(np.random.default_rng(seed))
    return loss_after_five_epochs(rate / 3, [seed, 1]) / loss_after_five_epochs(rate, [seed, 1])


def higher_with_three_times(seed):
    """In how many of ten pairs of runs, each with a range test of its own, the loss is higher with 3 times the rule's rate."""
    pairs = [(by_the_rule(np.random.default_rng([seed, i])), [seed, i, 1]) for i in range(10)]
    return sum(loss_after_five_epochs(3 * rate, own) > loss_after_five_epochs(rate, own) for rate, own in pairs)


# Searches on the map


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


def grid(seed):
    steps = (np.arange(5) + np.random.default_rng(seed).random()) / 5
    return optuna.samplers.GridSampler(
        {"rate": list(0.01 * 1000**steps), "decay": list(0.0001 * 1000**steps)}, seed=seed
    )


def bayesian_ahead_of(rival, seed):
    """Mean lead of Bayesian search, in shares of a map of its own, over 40 repeats with the same seeds."""
    table, seeds = trained_map(seed).table, np.random.SeedSequence(seed).generate_state(40)
    return np.mean(
        [found(table, rival(int(one))) - found(table, optuna.samplers.TPESampler(seed=int(one))) for one in seeds]
    )


def winner_rises(seed):
    """By how much the loss of the map's winner rises when ten other seeds train it."""
    losses = trained_map(seed)
    row, column = np.unravel_index(losses.table.argmin(), losses.table.shape)
    others = range(100 * seed + 10, 100 * seed + 20)
    validation, *_ = losses.evaluate(RATES[column], WEIGHT_DECAYS[row], seeds=others)
    return validation.mean() - losses.table.min()


# Batch size, and how long


def fewer_steps_cost(seed):
    """Validation loss with batches of 250 over that with batches of 10, for (equal epochs, equal steps)."""
    (x, y), (x_validation, y_validation), _ = images()
    ends = {}
    for size, epochs in ((10, 5), (250, 5), (250, 125)):
        rng = np.random.default_rng(seed)
        network = Sequential(Dense(64, 32, "tanh", rng=rng, dtype=f4), Dense(32, 10, rng=rng, dtype=f4))
        options = {"optimizer": GradientDescent(0.1), "epochs": epochs, "batch_size": size, "rng": rng}
        for _ in train(network, (x[:1000], y[:1000]), loss=ENTROPY, **options):
            pass
        ends[size, epochs] = float(ENTROPY(network(x_validation).value, y_validation))
    return ends[250, 5] / ends[10, 5], ends[250, 125] / ends[10, 5]


def rise_by_noise(seed):
    """By how much noise raises the ratio of the distance to the sine after 5,000 epochs to the lowest one, medians of ten."""
    rngs = [np.random.default_rng(one) for one in np.random.SeedSequence(seed).spawn(10)]
    points = np.array([rng.uniform(-1, 1, (20, 1)) for rng in rngs])
    targets, noise = np.sin(np.pi * points), np.array([rng.normal(size=(20, 1)) for rng in rngs])
    curves = [Sequential(Dense(1, 30, "tanh", rng=rng, scale=3.0), Dense(30, 1, rng=rng)) for rng in rngs]
    curves, squared = stack(curves * 2), functional.mean_squared_error
    data = np.concatenate([points] * 2), np.concatenate([targets + 0.2 * noise, targets])
    axis, medians = np.linspace(-1, 1, 101)[:, None], []
    for progress in train(curves, data, loss=squared, optimizer=Adam(0.01), epochs=5000):
        if progress.epoch in (20, 50, 100, 200, 500, 1000, 2000, 5000):
            distance = ((curves(axis).value - np.sin(np.pi * axis)) ** 2).mean(axis=(1, 2))
            medians.append(np.median(distance.reshape(2, 10), axis=1))
    noisy, exact = medians[-1] / np.min(medians, axis=0)
    return noisy - exact


CLAIMS = [
    Claim(
        "cnn-on-images", CHAPTER, "table-reply",
        "The CNN assumes that neighbours belong together and that a pattern means the same everywhere",
        lead("images", cnn, mlp), "accuracy of the CNN minus the MLP's on images", seeds=8, paired=True,
    ),
    Claim(
        "cnn-on-shuffled", CHAPTER, "table-reply",
        "the permutation breaks both, and no lead is left",
        lead("shuffled images", cnn, mlp), "accuracy of the CNN minus the MLP's on shuffled images", share=0.9, seeds=16,
        holds=lambda gap: gap < 0.1, within=(-1, 0.03),
    ),
    Claim(
        "gru-on-commands", CHAPTER, "table-reply",
        "on commands it is nearly perfect",
        lambda seed: right("commands", rnn, seed), "accuracy of the GRU", share=0.9, seeds=10, holds=lambda share: share > 0.95,
    ),
    Claim(
        "gru-on-rows", CHAPTER, "table-reply",
        "images read row by row suit it better than the MLP",
        lead("images", rnn, mlp), "accuracy of the GRU minus the MLP's on images", seeds=8, paired=True,
    ),
    Claim(
        "neither-on-speech", CHAPTER, "table-reply",
        "On speech the two are within ten points of each other, on average:",
        lead("spoken digits", cnn, rnn), "accuracy of the CNN minus the GRU's on speech", share=0.9,
        holds=lambda gap: abs(gap) < 0.25, within=(-0.1, 0.1),
    ),
    Claim(
        "residual-on-speech", CHAPTER, "table-reply",
        "with other sheets it mostly does on speech",
        lead("spoken digits", residual, mlp), "accuracy of the residual net minus the MLP's on speech",
        share=0.7, paired=True,
    ),
    Claim(
        "one-block-is-enough", CHAPTER, "depth-lab-reply",
        "on speech, one block does as well as four",
        lead("spoken digits", residual, one_block), "accuracy with four blocks minus that with one", share=0.8, seeds=16,
        holds=lambda gap: gap < 0.05, within=(-1, 0.02),
    ),
    Claim(
        "neither-left-out", CHAPTER, "depth-lab-reply",
        "At this rate, neither.",
        price_of_leaving_out, "loss with one of the two minus the loss with both", seeds=8,
        holds=lambda price: price > 1, paired=True,
    ),
    Claim(
        "he-learns-something", CHAPTER, "depth-lab-reply",
        "with better initial weights even plain layers learn something",
        gained_by_he, "loss with Glorot minus the loss with He", share=0.9, paired=True,
    ),
    Claim(
        "third-is-slow", CHAPTER, "log-uniform-text",
        "With a third of it the loss after five epochs is about twice as high",
        price_of_a_third, "loss with a third of the rate over that with the rate",
        holds=lambda ratio: 1.7 < ratio < 3, within=(1.8, 3),
    ),
    Claim(
        "three-times-is-a-gamble", CHAPTER, "log-uniform-text",
        "but with other seeds some runs end higher",
        higher_with_three_times, "of ten runs higher with three times the rate", share=0.9, seeds=8,
        holds=lambda higher: 1 <= higher <= 9,
    ),
    Claim(
        "bayesian-beats-random", CHAPTER, "searches-reply",
        "begins with the ten trials of random search and ends ahead of it, by little",
        lambda seed: bayesian_ahead_of(random, seed), "share of its own map by which 40 repeats end ahead", share=0.8, seeds=8,
        paired=True,
    ),
    Claim(
        "bayesian-mostly-beats-grid", CHAPTER, "searches-reply",
        "and mostly ahead of the grid, too",
        lambda seed: bayesian_ahead_of(grid, seed), "share of its own map by which 40 repeats end ahead", share=0.6, seeds=8,
        paired=True,
    ),
    Claim(
        "winner-mostly-holds", CHAPTER, "test-once-reply",
        "It holds, here and on most maps trained with other seeds.",
        winner_rises, "rise of the winner's loss with ten other seeds", share=0.7, seeds=10, holds=lambda rise: rise < 0.1,
    ),
    Claim(
        "steps-count-not-the-batch", CHAPTER, "same-steps-text",
        "What counts is the number of steps: with as many, the large batch is level.",
        lambda seed: fewer_steps_cost(seed)[1], "loss with batches of 250 over that with 10, equal steps",
        share=0.9, holds=lambda ratio: abs(ratio - 1) < 0.15,
    ),
    Claim(
        "fewer-steps-cost", CHAPTER, "same-steps-text",
        "With equal epochs the large batch is far behind.",
        lambda seed: fewer_steps_cost(seed)[0], "loss with batches of 250 over that with 10, equal epochs",
        holds=lambda ratio: ratio > 3,
    ),
    Claim(
        "noise-is-late", CHAPTER, "patience-reply",
        "Without noise the same 20 points only get better: what is learned late is their noise.",
        rise_by_noise, "end over lowest distance, with noise minus without", seeds=8, holds=lambda gap: gap > 0.5, paired=True,
    ),
]  # fmt: skip
