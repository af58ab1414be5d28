"""How the settings behind chapter 8's comparisons were found; the few lines that train are those of the chapter."""

from functools import lru_cache

import numpy as np

from course_lib import Adam, Dense, Dropout, Sequential, functional, stack, train
from course_lib.datasets import breast_cancer, german_credit, high_school
from course_lib.datasets.digits import digits
from course_lib.datasets.make import trees
from course_lib.tools.evaluation import folds, standardised

from .tuning import Side, Tuning

CHAPTER = "08_outlook"
BINARY, SQUARED, ENTROPY = (
    functional.binary_cross_entropy,
    functional.mean_squared_error,
    functional.softmax_cross_entropy,
)

# Three sectors


@lru_cache(maxsize=4)
def case(name):
    """(x, y, groups, loss) of a table, or of the schools under a split."""
    if name.startswith("by "):
        school = high_school()
        groups = school.groups if name == "by school" else np.arange(len(school.y))
        return school.x, school.y - school.y.mean(), groups, SQUARED
    table = breast_cancer() if name == "tumours" else german_credit()
    return table.x, table.y, table.groups, BINARY


def network(features, hidden, rng):
    if hidden == 0:
        return Sequential(Dense(features, 1, rng=rng))
    return Sequential(Dense(features, hidden, "relu", rng=rng), Dense(hidden, 1, rng=rng))


def fitted(x, y, new, hidden, loss, rates, epochs, rng):
    """Outputs for `new` after each epoch, for each rate."""
    x, new = standardised(x, new)
    model = stack([network(x.shape[1], hidden, rng)] * len(rates))
    options = {"epochs": epochs, "batch_size": max(32, len(x) // 24), "rng": rng}
    return [model(new).value for _ in train(model, (x, y), loss=loss, optimizer=Adam(np.array(rates)), **options)]


@lru_cache(maxsize=32)
def validation(name, rival, seed, option):
    """Losses on the two validation folds inside the first training part of a seed: of a network with `rival` hidden units

    after each epoch (epochs, rates); of "trees" with `option` leaves, after each tree (trees,).
    """
    x, y, groups, loss = case(name)
    rng = np.random.default_rng(seed)
    fit, _ = folds(groups, 3, rng)[0]
    x, y, groups = x[fit], y[fit], groups[fit]
    total = 0.0
    for known, held in folds(groups, 2, rng):
        if rival == "trees":
            answers = trees.grown(x[known], y[known], x[held], loss, option, MOST_TREES[-1], rng)
            total += np.array([loss(answer, y[held]) for answer in answers]) / 2
        else:
            runs = fitted(x[known], y[known], x[held], rival, loss, RATES, EPOCHS[-1], rng)
            total += np.array([[loss(answer, y[held]) for answer in run] for run in runs]) / 2
    return total


RATES, EPOCHS = (0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3), (1, 2, 3, 5, 7, 10, 20, 40)
LEAVES, MOST_TREES = (2, 4, 8, 16, 32), (25, 50, 75, 100, 150, 200, 300)


def network_loss(name, hidden):
    return lambda seed, rate, epochs: validation(name, hidden, seed, None)[epochs - 1, RATES.index(rate)]


def of_table(name, claims, line, network, grown):
    """The search for one table; the chapter makes a smaller one inside each split, of up to forty epochs as well."""
    sides = {
        who: Side(
            {"rate": RATES, "epochs": EPOCHS}, network_loss(name, hidden), {"rate": rate, "epochs": epochs}, ("epochs",)
        )
        for who, hidden, (rate, epochs) in (("line", 0, line), ("network", 32, network))
    }
    sides["boosted trees"] = Side(
        {"leaves": LEAVES, "trees": MOST_TREES},
        lambda seed, leaves, trees: validation(name, "trees", seed, leaves)[trees - 1],
        dict(zip(("leaves", "trees"), grown, strict=True)),
    )
    return Tuning(
        "-".join(["settings", *name.split()]),
        CHAPTER,
        claims,
        f"line, network and boosted trees: {name} (at most 40 epochs, the chapter's limit)",
        "two folds inside the training part",
        sides,
    )


# Over-fitting


@lru_cache(maxsize=1)
def images():
    return [(x.reshape(-1, 64), y) for x, y in digits()]


def losses(seed, rate, examples=100, decay=0.0, copies=1, dropout=0.0):
    """[validation loss, test loss] after each tenth of 160 steps on digits."""
    (pool, labels), *parts = images()
    rng = np.random.default_rng(seed)
    drawn = rng.permutation(len(pool))[:examples]
    framed = np.pad(pool[drawn].reshape(-1, 8, 8), [(0, 0), (1, 1), (1, 1)])
    places = [(1, 1), (1, 0), (1, 2), (0, 1), (2, 1)][:copies]
    x = np.concatenate([framed[:, i : i + 8, j : j + 8] for i, j in places]).reshape(-1, 64)
    y = np.tile(labels[drawn], copies)
    hidden, last = Dense(64, 64, "relu", rng=rng, dtype="f4"), Dense(64, 10, rng=rng, dtype="f4")
    model = Sequential(hidden, Dropout(dropout, rng=rng), last)
    return [
        [float(ENTROPY(model(a).value, b)) for a, b in parts]
        for progress in train(
            model,
            (x, y),
            loss=ENTROPY,
            optimizer=Adam(rate, weight_decay=decay),
            epochs=16_000 // len(x),
            batch_size=100,
            rng=rng,
        )
        if progress.epoch * len(x) % 1000 == 0
    ]


FAST = 0.02  # a rate at which the plain run has over-fitted after 160 steps
FIVE_RATES = (0.00125, 0.0025, 0.005, 0.01, FAST)


def score(seed, **settings):
    return losses(seed, **settings)[-1][0]


def remedies(name, claims, what, rates, chosen):
    """The search for each remedy's strength and rate; chosen: {remedy: (rate, strength)}, the plain run's is its rate."""
    sides = {"plain": Side({"rate": rates}, score, {"rate": chosen["plain"]})}
    for remedy, (setting, strengths, ends) in STRENGTHS.items():
        rate, strength = chosen[remedy]
        sides[remedy] = Side({"rate": rates, setting: strengths}, score, {"rate": rate, setting: strength}, ends)
    what = f"100 digits with and without remedies, and more digits, 160 steps each: {what} (at most 5 copies: one pixel each way)"
    return Tuning(name, CHAPTER, claims, what, "the 239 images of the validation part", sides, seeds=10)


STRENGTHS = {  # remedy: (setting, strengths that are tried, whether the last may be the best)
    "dropout": ("dropout", (0.1, 0.2, 0.4, 0.6, 0.8, 0.9), ()),
    "moved copies": ("copies", (3, 5), ("copies",)),  # five places are all there are
    "weight decay": ("decay", (0.03, 0.1, 0.3, 1.0, 3.0), ()),
    "200 images": ("examples", (200,), ()),
    "400 images": ("examples", (400,), ()),
}
AT_ONE_RATE = remedies(
    "remedies-at-one-rate",
    ("decay-and-stopping-help", "copies-mostly-help", "rate-is-a-remedy"),
    "all at the rate 0.02",
    (FAST,),
    {
        "plain": FAST,
        "dropout": (FAST, 0.4),
        "moved copies": (FAST, 5),
        "weight decay": (FAST, 1.0),
        "200 images": (FAST, 200),
        "400 images": (FAST, 400),
    },
)
AT_OWN_RATES = remedies(
    "remedies-at-own-rates",
    ("no-remedy-beats-the-rate", "twice-as-many-beat-remedies"),
    "each at its own rate",
    FIVE_RATES,
    {
        "plain": 0.0025,
        "dropout": (0.005, 0.2),
        "moved copies": (0.01, 5),
        "weight decay": (0.005, 0.3),
        "200 images": (0.005, 200),
        "400 images": (0.01, 400),
    },
)

TABLES = (
    "small-table-is-level",
    "trees-not-ahead-on-tumours",
    "untuned-is-behind",
    "tuned-is-level",
    "trees-level-on-loans",
)
SCHOOLS = ("lead-shrinks", "trees-looked-it-up")
TUNINGS = [
    of_table("tumours", TABLES[:2], (0.03, 20), (0.003, 20), (8, 100)),
    of_table("loans", TABLES[2:], (0.003, 40), (0.003, 5), (4, 100)),
    of_table("by student", SCHOOLS, (0.01, 40), (0.001, 40), (4, 200)),
    of_table("by school", SCHOOLS, (0.01, 20), (0.003, 10), (4, 100)),
    AT_ONE_RATE,
    AT_OWN_RATES,
]
