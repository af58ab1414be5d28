"""Claims of chapter 8. The few lines that train and test are those of the chapter, with the seed as an argument."""

from functools import lru_cache

import numpy as np

from course_lib import Adam, Dense, Sequential, stack, train
from course_lib.datasets import high_school
from course_lib.datasets.groups import speech_by_voice
from course_lib.datasets.make import trees
from course_lib.tools.evaluation import bootstrap_interval, folds

from .ledger import Claim
from .tuning_chapter08 import AT_ONE_RATE, AT_OWN_RATES, CHAPTER, ENTROPY, SQUARED, case, fitted, losses

RATES, EPOCHS = (0.001, 0.003, 0.01, 0.03), 40
UNTUNED = ((0.03,), 30)

# Three sectors


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


def school_lead(name, seed, rival, setting=None):
    """(students,) points of the variance that a rival explains more than the line, over five splits."""
    return five(lambda split: explained(name, split, rival, setting) - explained(name, split, 0), seed)


def looked_up(seed):
    """Positive where the trees lead by student, at 95 %, and not by school; schools are drawn anew."""
    by_student, by_school = (
        ahead(school_lead(name, seed, "trees"), seed, high_school().groups)[0] for name in ("by student", "by school")
    )
    return min(by_student, -by_school)


def lead_lost(seed):
    """(students,) points by which the network's lead over the line shrinks when schools are kept together."""
    return school_lead("by student", seed, 32) - school_lead("by school", seed, 32)


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


@lru_cache(maxsize=64)
def ends(seed, search):
    """{case: test loss after 160 steps} at the settings that this search has found; the plain run stopped early, too."""
    settings = {name: side.chosen for name, side in search.sides.items()}
    plain = losses(seed, **settings.pop("plain"))
    found = {name: losses(seed, **setting)[-1][1] for name, setting in settings.items()}
    return {"plain": plain[-1][1], "stopped early": min(plain)[1]} | found


def saved(seed, search):
    """{case: share of the plain run's test loss that it saves}."""
    found = dict(ends(seed, search))
    plain = found.pop("plain")
    return {name: 1 - end / plain for name, end in found.items()}


def saved_by_a_smaller_rate(seed):
    return 1 - ends(seed, AT_OWN_RATES)["plain"] / ends(seed, AT_ONE_RATE)["plain"]


REMEDIES = ("stopped early", "dropout", "moved copies", "weight decay")


def twice_as_many_ahead(seed):
    """By how much 200 images save more than the best remedy, each at its own rate."""
    shares = saved(seed, AT_OWN_RATES)
    return shares["200 images"] - max(shares[name] for name in REMEDIES)


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


def loss_of_the_left_out(seed):
    """By how much the left-out voice is behind the six others, the smaller one of slt's and kal16's."""
    return min(others - own for own, others in (right_without(voice, seed) for voice in ("slt", "kal16")))


def her_loss_minus_his(seed):
    """Right answers for kal16 without him in the training data, minus those for slt without her."""
    return right_without("kal16", seed)[0] - right_without("slt", seed)[0]


def repaired(seed):
    return min(right_without(voice, seed, added=40)[0] for voice in ("slt", "kal16"))


def five(measure, seed):
    """The mean of a measure over five splits, as in the chapter."""
    return np.mean([measure(5 * seed + split) for split in range(5)], axis=0)


def points(name, seed, rival, setting=None):
    """(examples,) how many points more often than the line a rival is right, over five splits."""
    return five(lambda split: 100 * (right(name, split, rival, setting) - right(name, split, 0)), seed)


def dearer(seed, rival, setting=None):
    """(loans,) what a rival's decisions cost more than the line's, over five splits."""
    return five(lambda split: cost(split, rival, setting) - cost(split, 0), seed)


def dearer_than_refusing(seed, rival, setting):
    """(loans,) what a rival's decisions cost more than refusing everyone, over five splits."""
    return five(lambda split: cost(split, rival, setting), seed) - (case("loans")[1][:, 0] == 0)


def level_on_loans(seed, rival):
    """How far both intervals, of points and of costs, reach beyond 0 on their shorter sides, in points."""
    return min(holds_zero(points("loans", seed, rival), seed), 100 * holds_zero(dearer(seed, rival), seed))


CLAIMS = [
    Claim(
        "small-table-is-level", CHAPTER, "medicine-reply",
        "The interval of their difference holds 0",
        lambda seed: holds_zero(points("tumours", seed, 32), seed), "points by which the interval reaches beyond 0",
        untried="Other widths than 32, weight decay: a rival that is ahead on 569 tumours, 97 % of them right, would have to "
        "be right on nearly all.",
    ),
    Claim(
        "trees-not-ahead-on-tumours", CHAPTER, "medicine-reply",
        "The boosted trees are not ahead of the line either.",
        lambda seed: -ahead(points("tumours", seed, "trees"), seed)[0],
        "points by which the interval of the trees' lead reaches below 0", seeds=10,
        untried="Trees of other packages, other shares of features: they would have to gain more than a point to be ahead.",
    ),
    Claim(
        "untuned-is-behind", CHAPTER, "finance-reply",
        "Against the untuned network the straight line wins",
        lambda seed: -ahead(points("loans", seed, 32, UNTUNED), seed)[1],
        "points by which the interval over the loans, line minus network, stays above 0",
        untried="Other untuned settings: the sentence is about this one, 30 epochs at the rate 0.03.",
    ),
    Claim(
        "untuned-is-dear", CHAPTER, "finance-reply",
        "The untuned network, which refuses a loan above $p = 1/6$, even costs more than refusing everyone.",
        lambda seed: ahead(dearer_than_refusing(seed, 32, UNTUNED), seed)[0],
        "cost per loan by which the interval over the loans, network minus refusing all, stays above 0", seeds=10,
        untried="Other untuned settings and other prices: the sentence names both.",
    ),
    Claim(
        "tuned-is-level", CHAPTER, "finance-reply",
        "On these 1,000 loans both intervals, that of the points ahead and that of the extra cost, contain 0.",
        lambda seed: level_on_loans(seed, 32), "points by which the intervals reach beyond 0 at least", seeds=10,
        untried="Other widths than 32, weight decay: a better network could be ahead, and the sentence is about this one.",
    ),
    Claim(
        "trees-level-on-loans", CHAPTER, "finance-reply",
        "The boosted trees are level with the line as well",
        lambda seed: level_on_loans(seed, "trees"), "points by which the intervals reach beyond 0 at least", seeds=10,
        untried="Trees of other packages, other shares of features: better ones could be ahead, and the sentence is about these.",
    ),
    Claim(
        "trees-looked-it-up", CHAPTER, "education-caution",
        "Split by student, the interval of the trees' lead over the line lies above 0; in new schools no lead is left that "
        "this experiment can show.",
        looked_up, "points: the smaller one of the interval's low end by student and minus its low end by school", seeds=10,
        untried="Trees of other packages: a larger lead by student would only make the point stronger.",
    ),
    Claim(
        "lead-shrinks", CHAPTER, "education-caution",
        "The network, too, keeps less of its lead in new schools. We have repeated the experiment, each time with five "
        "other splits, and in most repetitions the interval of what the network lost lies above 0.",
        lambda seed: ahead(lead_lost(seed), seed, high_school().groups)[0],
        "points of the variance by which the interval over the schools of what the lead loses stays above 0",
        seeds=10, share=0.6,
        untried="Other widths than 32, weight decay: the sentence compares one network, tuned alike, under two splits.",
    ),
    Claim(
        "untuned-is-behind-in-new-schools", CHAPTER, "education-caution",
        "An untuned network (30 epochs at the rate 0.03, which no cell shows) does worse. In new schools it is behind the line. "
        "For the interval of this difference we drew schools again, and in most repetitions the whole interval is in the "
        "line's favour.",
        lambda seed: -ahead(school_lead("by school", seed, 32, UNTUNED), seed, high_school().groups)[1],
        "points of the variance by which the interval over the schools, line minus network, stays above 0",
        seeds=10, share=0.6,
        untried="Other untuned settings: the sentence is about this one.",
    ),
    Claim(
        "thousands-hurt", CHAPTER, "lab-over-fitting-text",
        "A few hundred epochs help. Thousands hurt",
        rise_at_the_end, "validation loss at the end over the lowest", seeds=10, holds=lambda ratio: ratio > 1.1,
        untried="Other rates, widths and numbers of points: the sentence is about this curve, and the lab offers the others.",
    ),
    Claim(
        "decay-and-stopping-help", CHAPTER, "remedies-reply",
        "Stopping early and weight decay help in nearly every draw",
        lambda seed: min(saved(seed, AT_ONE_RATE)[name] for name in ("stopped early", "weight decay")),
        "share of the test loss saved by the weaker one", paired=True,
        untried="Other rates: the text names this one, 0.02, and says what a smaller one does.",
    ),
    Claim(
        "copies-mostly-help", CHAPTER, "remedies-reply",
        "and the moved copies (the data augmentation of chapter 6a) in most.",
        lambda seed: saved(seed, AT_ONE_RATE)["moved copies"], "share of the test loss saved", share=0.6, paired=True,
        untried="Other rates: the text names this one, 0.02, and says what a smaller one does.",
    ),
    Claim(
        "rate-is-a-remedy", CHAPTER, "remedies-reply",
        "But a smaller rate does it without any remedy: a rate of 0.0025 saves about a third of the test loss",
        saved_by_a_smaller_rate, "share of the test loss saved", paired=True, within=(0.27, 0.4), seeds=60,
        untried="A schedule that lowers the rate on the way: it would be one more smaller rate.",
    ),
    Claim(
        "rate-does-as-much", CHAPTER, "remedies-reply",
        "as much as the best of them.",
        lambda seed: saved_by_a_smaller_rate(seed) - max(saved(seed, AT_ONE_RATE)[name] for name in REMEDIES),
        "share saved by the smaller rate minus by the best remedy at the rate 0.02", within=(-0.06, 0.06),
        holds=lambda gap: abs(gap) < 0.15,
        untried="Two remedies at once at this rate: the sentence compares with the best single one.",
    ),
    Claim(
        "no-remedy-beats-the-rate", CHAPTER, "remedies-reply",
        "Once the plain run has the rate that suits it, no remedy is worth more than a few per cent.",
        lambda seed: max(saved(seed, AT_OWN_RATES)[name] for name in REMEDIES),
        "share of the test loss saved by the remedy that happens to be best in this draw", within=(-0.02, 0.1), seeds=60,
        holds=lambda share: share < 0.2,
        untried="Remedies together: moved copies with weight decay save 3 % over ten draws, still a few per cent. More "
        "steps: the text names 160.",
    ),
    Claim(
        "twice-as-many-beat-remedies", CHAPTER, "remedies-reply",
        "When each case has its own rate, twice as many images save more than any of the remedies in nine of ten draws or "
        "more.",
        twice_as_many_ahead, "share of the test loss saved by 200 images minus by the best remedy of this draw", paired=True,
        untried="Remedies together, which save 3 % over ten draws where 200 images save more than a quarter.",
    ),
    Claim(
        "both-voices-pay", CHAPTER, "left-out-reply",
        "the man `kal16` pays too: each of the two loses more than thirty points.",
        loss_of_the_left_out, "accuracy of the six others minus that of the left-out voice, the smaller one of two",
        holds=lambda gap: gap > 0.3, paired=True,
        untried="Other networks: the sentence is about this one; chapter 6b tests a GRU on voices that it never heard.",
    ),
    Claim(
        "her-loss-is-larger", CHAPTER, "left-out-reply",
        "In most runs she loses more than he does, on average by less than 15 points",
        her_loss_minus_his, "right for kal16 minus right for slt, each left out", share=0.6, paired=True, within=(0, 0.15),
        untried="Other test words: some sixty judge each voice, and the text says that these are too few.",
    ),
    Claim(
        "forty-words-repair", CHAPTER, "left-out-reply",
        "forty words mostly repair it.",
        repaired, "accuracy of the left-out voice, forty words added", share=0.7, holds=lambda share: share > 0.95,
        untried="Fewer words: the sentence is about forty.",
    ),
]  # fmt: skip
