"""Claims of chapter 8. The few lines that train and test are those of the chapter, with the seed as an argument."""

from functools import lru_cache

import numpy as np

from course_lib import Adam, Dense, Dropout, Sequential, functional, stack, train
from course_lib.datasets import breast_cancer, german_credit, high_school
from course_lib.datasets.digits import digits
from course_lib.datasets.groups import speech_by_voice
from course_lib.datasets.make import trees
from course_lib.tools.evaluation import bootstrap_interval, folds, standardised

from .ledger import Claim

CHAPTER = "08_outlook"
BINARY, SQUARED, ENTROPY = (
    functional.binary_cross_entropy,
    functional.mean_squared_error,
    functional.softmax_cross_entropy,
)
RATES, EPOCHS = (0.003, 0.01, 0.03, 0.1), 10
UNTUNED = ([0.03], 30)

# Three sectors


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


def chosen(x, y, groups, hidden, loss, rng):
    total = np.zeros((EPOCHS, len(RATES)))
    for known, held in folds(groups, 2, rng):
        runs = fitted(x[known], y[known], x[held], hidden, loss, RATES, EPOCHS, rng)
        total += [[loss(outputs, y[held]) for outputs in run] for run in runs]
    epoch, best = np.unravel_index(total.argmin(), total.shape)
    return [RATES[best]], int(epoch) + 1


def tested(x, y, groups, hidden, loss, seed, setting=None):
    """Cross-validated outputs (examples,) of one seed."""
    outputs, rng = np.zeros(len(y)), np.random.default_rng(seed)
    for fit, judge in folds(groups, 3, rng):
        best = setting or chosen(x[fit], y[fit], groups[fit], hidden, loss, rng)
        outputs[judge] = fitted(x[fit], y[fit], x[judge], hidden, loss, *best, rng)[-1][0, :, 0]
    return outputs


def ahead(gap, seed, groups=None):
    """(low, high): 95 % interval of the mean gap over examples drawn anew, or whole groups."""
    return bootstrap_interval(gap, np.random.default_rng(seed), groups)


@lru_cache(maxsize=64)
def answers(name, seed, rival, setting=None):
    """(examples,) cross-validated answers on a table. rival: hidden units of a network, 0 for the line, or "trees"."""
    x, y, groups, loss = case(name)
    if rival == "trees":
        return trees.tested(x, y, groups, loss, seed)
    return tested(x, y, groups, rival, loss, seed, setting)


@lru_cache(maxsize=4)
def case(name):
    """(x, y, groups, loss) of a table, or of the schools under a split."""
    if name.startswith("by "):
        school = high_school()
        groups = school.groups if name == "by school" else np.arange(len(school.y))
        return school.x, school.y - school.y.mean(), groups, SQUARED
    table = breast_cancer() if name == "tumours" else german_credit()
    return table.x, table.y, table.groups, BINARY


def right(name, seed, rival, setting=None):
    """(examples,) 1 where the answer is right."""
    return ((answers(name, seed, rival, setting) > 0) == (case(name)[1][:, 0] == 1)).astype(float)


def cost(seed, rival, setting=None):
    """(loans,) what each decision costs."""
    bad, refused = case("loans")[1][:, 0] == 1, answers("loans", seed, rival, setting) > np.log(1 / 5)
    return (5 * (bad & ~refused) + (~bad & refused)).astype(float)


def explained(name, seed, rival, setting=None):
    """(students,) minus each one's squared error, in points of the variance."""
    score = case(name)[1][:, 0]
    return -100 * (answers(name, seed, rival, setting) - score) ** 2 / score.var()


def holds_zero(gap, seed):
    """How far the interval over the examples reaches beyond 0 on its shorter side: positive when it holds 0."""
    low, high = ahead(gap, seed)
    return min(-low, high)


def network_level_on_loans(seed):
    """The same for the tuned network on the loans, in accuracy (points) and in cost (hundredths of a unit per loan)."""
    return min(
        holds_zero(100 * (right("loans", seed, 32) - right("loans", seed, 0)), seed),
        holds_zero(100 * (cost(seed, 32) - cost(seed, 0)), seed),
    )


def school_lead(name, seed, rival, setting=None):
    """(students,) points of the variance that a rival explains more than the line."""
    return explained(name, seed, rival, setting) - explained(name, seed, 0)


def lead_lost(seed, rival):
    """Points by which a rival's lead over the line shrinks when schools are kept together."""
    return (school_lead("by student", seed, rival) - school_lead("by school", seed, rival)).mean()


# Over-fitting


def noisy_sine(rng, n):
    x = rng.uniform(-1, 1, (n, 1))
    return x, np.sin(np.pi * x) + 0.3 * rng.normal(size=(n, 1))


def rise_at_the_end(seed):
    """Median validation loss after 5,000 epochs over the lowest one, which has to lie within 1,000 epochs; else 0."""
    rngs = [np.random.default_rng(one) for one in np.random.SeedSequence(seed).spawn(10)]
    (x, y), (x_fresh, y_fresh) = (
        map(np.stack, zip(*[noisy_sine(rng, n) for rng in rngs], strict=True)) for n in (20, 50)
    )
    model = stack([Sequential(Dense(1, 40, "tanh", rng=rng, scale=3.0), Dense(40, 1, rng=rng)) for rng in rngs])
    losses = {}
    for progress in train(model, (x, y), loss=SQUARED, optimizer=Adam(0.01), epochs=5000):
        if progress.epoch in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000):
            losses[progress.epoch] = np.median(((model(x_fresh).value - y_fresh) ** 2).mean(axis=(1, 2)))
    best = min(losses, key=losses.get)
    return losses[5000] / losses[best] if best <= 1000 else 0.0


@lru_cache(maxsize=1)
def images():
    return [(x.reshape(-1, 64), y) for x, y in digits()]


def losses(seed, examples=100, decay=0.0, copies=1, dropout=0.0):
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
            optimizer=Adam(0.02, weight_decay=decay),
            epochs=16_000 // len(x),
            batch_size=100,
            rng=rng,
        )
        if progress.epoch * len(x) % 1000 == 0
    ]


STRENGTHS = {
    "dropout": [{"dropout": p} for p in (0.2, 0.5, 0.7)],
    "copies": [{"copies": count} for count in (3, 5)],
    "decay": [{"decay": d} for d in (0.1, 0.5, 1.0)],
    "data": [{"examples": 400}],
}


@lru_cache(maxsize=64)
def saved(seed):
    """{remedy: share of the plain run's test loss that it saves}; the validation loss chooses how strong a remedy is."""
    plain = losses(seed)
    ends = {name: min(losses(seed, **kw)[-1] for kw in options)[1] for name, options in STRENGTHS.items()}
    return {name: 1 - end / plain[-1][1] for name, end in ({"stopped": min(plain)[1]} | ends).items()}


def more_data_ahead(seed):
    """By how much 400 images save more than the best remedy."""
    shares = dict(saved(seed))
    return shares.pop("data") - max(shares.values())


# Groups


@lru_cache(maxsize=1)
def voices():
    return speech_by_voice()


def right_without(voice, seed, added=0):
    """Shares right: (this voice, the six others)."""
    rng = np.random.default_rng(seed)
    x, y = voices().training(rng, each=60, left_out=voice, added=added)
    model = Sequential(Dense(160, 64, "relu", rng=rng), Dense(64, 10, rng=rng))
    for _ in train(model, (x, y), loss=ENTROPY, optimizer=Adam(0.01), epochs=40):
        pass
    counts = {name: np.array(pair) for name, pair in voices().right(model).items()}
    own, everyone = counts[voice], sum(counts.values())
    return [k / n for k, n in (own, everyone - own)]


def woman_against_man(seed):
    """Right answers for slt without her in the training data, minus those for kal16 without him."""
    return right_without("slt", seed)[0] - right_without("kal16", seed)[0]


def repaired(seed):
    return min(right_without(voice, seed, added=40)[0] for voice in ("slt", "kal16"))


CLAIMS = [
    Claim(
        "small-table-is-level", CHAPTER, "medicine-reply",
        "The interval of their difference holds 0",
        tumours_apart, "points by which the interval reaches beyond 0", share=0.9,
    ),
    Claim(
        "untuned-is-behind", CHAPTER, "finance-reply",
        "At first sight the straight line wins",
        lambda seed: -lead_over_line(seed, 0, UNTUNED), "accuracy of the line minus the untuned network's",
        share=0.9, paired=True,
    ),
    Claim(
        "untuned-is-dear", CHAPTER, "finance-reply",
        "with 30 epochs the network is dearer at $p = 1/6$ than refusing everyone",
        untuned_against_refusing, "cost a loan minus that of refusing all", paired=True,
    ),
    Claim(
        "tuned-is-level", CHAPTER, "finance-reply",
        "Tuned with the same care, the network is level in accuracy",
        lambda seed: lead_over_line(seed, 0), "accuracy of the network minus the line's",
        share=0.9, holds=lambda gap: abs(gap) < 0.025, within=(-0.01, 0.01),
    ),
    Claim(
        "tuned-costs-as-much", CHAPTER, "finance-reply",
        "nearly so in cost: five seeds show no difference, many more one below 0.05 a loan.",
        lambda seed: lead_over_line(seed, 1), "cost a loan of the network minus the line's",
        share=0.8, holds=lambda gap: abs(gap) < 0.06, within=(-0.05, 0.05),
    ),
    Claim(
        "lead-shrinks", CHAPTER, "education-caution",
        "In most splits less of the lead is left in new schools",
        lead_lost, "points of the variance by which the lead shrinks", share=0.7, paired=True,
    ),
    Claim(
        "untuned-is-behind-in-new-schools", CHAPTER, "education-caution",
        "Untuned, with 30 epochs at rate 0.03, the network falls behind the line in new schools.",
        lambda seed: -school_lead(seed, high_school().groups, UNTUNED), "points of the variance by which the line leads",
        share=0.9, seeds=10, paired=True,
    ),
    Claim(
        "thousands-hurt", CHAPTER, "lab-over-fitting-text",
        "A few hundred epochs help. Thousands hurt",
        rise_at_the_end, "validation loss at the end over the lowest", share=0.9, seeds=10, holds=lambda ratio: ratio > 1.1,
    ),
    Claim(
        "decay-and-stopping-help", CHAPTER, "remedies-reply",
        "Stopping early and weight decay help",
        lambda seed: min(saved(seed)["stopped"], saved(seed)["decay"]), "share of the test loss saved by the weaker one",
        share=0.9, paired=True,
    ),
    Claim(
        "copies-mostly-help", CHAPTER, "remedies-reply",
        "The moved copies (the data augmentation of chapter 6a) help in most draws.",
        lambda seed: saved(seed)["copies"], "share of the test loss saved", share=0.7, paired=True,
    ),
    Claim(
        "dropout-helps-a-little", CHAPTER, "remedies-reply",
        "twenty other draws do show a small one",
        lambda seed: saved(seed)["dropout"], "share of the test loss saved", share=0.6, paired=True, within=(0, 0.25),
    ),
    Claim(
        "more-data-beat-remedies", CHAPTER, "remedies-reply",
        "More data beat every remedy.",
        more_data_ahead, "share of the test loss saved by 400 images minus that by the best remedy", paired=True,
    ),
    Claim(
        "a-man-pays-too", CHAPTER, "left-out-reply",
        "the man `kal16` pays almost as much: on average less than 15 points lie between the two",
        woman_against_man, "right for slt minus right for kal16, each left out",
        share=0.9, holds=lambda gap: abs(gap) < 0.25, within=(-0.15, 0.15),
    ),
    Claim(
        "forty-words-repair", CHAPTER, "left-out-reply",
        "forty words mostly repair it.",
        repaired, "accuracy of the left-out voice, forty words added", share=0.7, holds=lambda share: share > 0.95,
    ),
]  # fmt: skip
