"""Claims of chapter 9. The few lines that train are those of the chapter, with the seed as an argument; what
`tuning_chapter09` has chosen is used here."""

from itertools import chain, count

import numpy as np

from course_lib import Dense, GradientDescent, Sequential, functional, stack, train
from course_lib.datasets.four_tasks import four_tasks
from course_lib.models.validation_map import RATES, WEIGHT_DECAYS
from course_lib.optimizers import Adam
from course_lib.training import accuracy, minibatches

from . import tuning_chapter09 as tuning
from .ledger import Claim
from .tuning_chapter09 import CHAPTER, ENTROPY, PARTS, by_rate, deep, found, images, learned, small, trained_map

# Four networks, one budget


def right(task, name, seed, search=tuning.NETWORKS_ON_FOUR):
    """The share right of a network with its own rate and number of epochs; sheets and weights from `seed`."""
    chosen = search.sides[name].chosen
    data = four_tasks(np.random.default_rng(seed))[task]
    return learned(name, data, seed + 1, chosen["rate"], (chosen["epochs"],))[chosen["epochs"]]


def lead(task, one, other, search=tuning.NETWORKS_ON_FOUR):
    return lambda seed: right(task, one, seed, search) - right(task, other, seed, search)


# Twenty layers


def at_its_best(name, seed, epochs=10):
    """(training loss, network) of a side of the search for deep networks, with its own settings."""
    kind, _, optimizer = name.partition(", ")
    depth = 5 if kind == "5 layers" else 20
    chosen, parts = tuning.DEEP.sides[name].chosen, PARTS.get(kind, {})
    return deep(seed, **chosen, optimizer=optimizer or "gradient descent", depth=depth, epochs=epochs, **parts)


def best_loss(name, seed):
    """Its training loss; 10 when it diverges."""
    return min(at_its_best(name, seed)[0], 10.0)


def below_guessing(seed):
    """How far the loss of 20 plain layers falls below that of guessing, at each of the rates."""
    rates = tuning.DEEP_RATES["gradient descent"]
    return np.log(10) - np.array([deep(seed, rate, "Glorot", "gradient descent")[0] for rate in rates])


def price_of_leaving_out(seed):
    """The loss with shortcut alone or with normalisation alone, the lower one, minus that with both."""
    return min(best_loss("shortcut", seed), best_loss("normalisation", seed)) - best_loss("both", seed)


def gained_by_he(seed):
    return best_loss("plain from Glorot", seed) - best_loss("plain", seed)


def right_at_the_end(name, seed, epochs=10):
    """The validation accuracy of a side of the search for deep networks."""
    x, y = images()[1]
    return float(accuracy(at_its_best(name, seed, epochs)[1](x), y))


def adam_after_thirty(seed):
    return right_at_the_end("plain, Adam", seed, epochs=30) - right_at_the_end("both", seed)


def worst_of_four(seed):
    """Loss of the best plain network of two starts and two optimizers, minus the worst with shortcut and normalisation."""
    losses = {
        kind: [
            min(deep(seed, tuning.DEEP.sides[side].chosen["rate"], start, optimizer, **PARTS[kind])[0], 10.0)
            for start in ("Glorot", "He")
            for side, optimizer in ((kind, "gradient descent"), (f"{kind}, Adam", "Adam"))
        ]
        for kind in ("plain", "both")
    }
    return min(losses["plain"]) - max(losses["both"])


# The range test


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


def ahead_by(one, other, seed):
    """Mean lead of a search over another, in shares of a map of its own, over 40 repeats with the same seeds."""
    table = tuning.trained_map(seed).table
    return np.mean([found(table, other(each)) - found(table, one(each)) for each in tuning.repeats(seed)])


def edge_of_the_best(seed, matter):
    """Loss at the edge of the best 5 % of all settings over the mean loss, in a bowl that `matter` hyper-parameters bend."""
    settings = np.random.default_rng(seed).uniform(-1, 1, (200_000, matter))
    losses = (settings**2).sum(axis=1)
    return np.quantile(losses, 0.05) / losses.mean()


def winner_rises(seed):
    """By how much the loss of the map's winner rises when ten other seeds train it."""
    losses = trained_map(seed)
    row, column = np.unravel_index(losses.table.argmin(), losses.table.shape)
    others = range(100 * seed + 10, 100 * seed + 20)
    validation, *_ = losses.evaluate(RATES[column], WEIGHT_DECAYS[row], seeds=others)
    return validation.mean() - losses.table.min()


# Batch size, and how long


def large_over_small(search, epochs, seed):
    """Validation loss with batches of 250 over that with batches of 10, each at its own rate."""
    large, small = (
        by_rate(int(size), passes, seed)[search.sides[size].chosen["rate"]]
        for size, passes in zip(("250", "10"), epochs, strict=True)
    )
    return large / small


def spread_at_a_tenth(seed):
    """Largest over smallest validation loss of three batch sizes, all with rate 0.1, after 100 steps."""
    losses = [by_rate(size, size // 10, seed)[0.1] for size in (10, 50, 250)]
    return max(losses) / min(losses)


def floor(rate, size, seed):
    """Mean excess loss of 16 linear fits, each after 8,000 examples that none of them sees twice."""
    excess = []
    for one in np.random.SeedSequence(seed).spawn(16):
        rng = np.random.default_rng(one)
        x, noise = rng.normal(size=(8000, 5)), rng.normal(size=(8000, 1))
        model = Dense(5, 1, rng=rng)
        options = {"optimizer": GradientDescent(rate), "epochs": 1, "batch_size": size, "rng": rng, "replay": True}
        for _ in train(model, (x, x.sum(axis=1, keepdims=True) + noise), loss=functional.mean_squared_error, **options):
            pass
        weights, bias = (p.value for p in model.parameters)
        excess.append(((weights - 1) ** 2).sum() + (bias**2).sum())
    return np.mean(excess)


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
        "on images it is more than twenty points ahead of the MLP",
        lead("images", "CNN", "MLP"), "accuracy of the CNN minus the MLP's on images",
        "More than 20 epochs of the CNN were not tried here; they could only widen its lead, and the MLP had its 160.",
        seeds=10, holds=lambda gap: gap > 0.2, paired=True,
    ),
    Claim(
        "cnn-on-shuffled", CHAPTER, "table-reply",
        "the CNN falls behind the MLP, by some six points on average",
        lead("shuffled images", "CNN", "MLP"), "accuracy of the CNN minus the MLP's on shuffled images",
        "More than 20 epochs of the CNN were not tried here; with 40 or 80 it gains two or three points, and is still "
        "behind the MLP.",
        seeds=16, holds=lambda gap: gap < 0.03, paired=True, within=(-0.1, -0.02),
    ),
    Claim(
        "gru-on-shuffled", CHAPTER, "table-reply",
        "On shuffled images, whose rows mean nothing, the GRU is behind the MLP as well.",
        lead("shuffled images", "GRU", "MLP"), "accuracy of the GRU minus the MLP's on shuffled images",
        "More than 20 epochs of the GRU were not tried, which may bring it closer to the MLP; the sentence is about the "
        "settings of the table.",
        seeds=16, holds=lambda gap: gap < 0, paired=True,
    ),
    Claim(
        "gru-on-commands", CHAPTER, "table-reply",
        "on commands it is nearly perfect",
        lambda seed: right("commands", "GRU", seed), "accuracy of the GRU",
        "No rival stands in this sentence; that another network could be as good takes nothing from it.",
        seeds=10, holds=lambda share: share > 0.97,
    ),
    Claim(
        "gru-on-rows", CHAPTER, "table-reply",
        "on images, read row by row, it is ahead of the MLP, too",
        lead("images", "GRU", "MLP"), "accuracy of the GRU minus the MLP's on images",
        "A network that shares its weights along the rows without a state was not tried; the sentence gives no "
        "cause, only that the "
        "GRU is ahead.",
        seeds=10, paired=True,
    ),
    Claim(
        "neither-on-speech", CHAPTER, "table-reply",
        "On speech GRU and CNN are within five points of each other on average.",
        lead("spoken digits", "CNN", "GRU"), "accuracy of the CNN minus the GRU's on speech",
        "Other widths of kernel and a GRU of two layers were not tried; the sentence is about these two, each "
        "with its own rate and epochs.",
        seeds=16, holds=lambda gap: abs(gap) < 0.1, within=(-0.05, 0.05),
    ),
    Claim(
        "residual-is-quick", CHAPTER, "table-reply",
        "After only eight epochs, at the rates that were chosen for eight epochs, it mostly leads the MLP on speech, by some "
        "ten to fifteen points on average",
        lead("spoken digits", "residual", "MLP", tuning.EIGHT_EPOCHS), "accuracy of the residual net minus the MLP's, 8 epochs",
        "Other optimizers than Adam were not tried; the sentence is about this one, and the next one takes most of the lead away.",
        share=0.8, seeds=16, within=(0.05, 0.25),
    ),
    Claim(
        "residual-not-better", CHAPTER, "table-reply",
        "When each network has its own number of epochs, the two end within a point or two of each other.",
        lead("spoken digits", "residual", "MLP"), "accuracy of the residual net minus the MLP's on speech, own epochs",
        "More than 160 epochs were not tried; the MLP, which learns more slowly, would gain by them rather than "
        "the residual net.",
        seeds=16, holds=lambda gap: abs(gap) < 0.06, within=(-0.025, 0.025),
    ),
    Claim(
        "residual-keeps-a-little", CHAPTER, "table-reply",
        "Chosen for speech alone, too, they leave the residual network one or two points ahead on average",
        lead("spoken digits", "residual", "MLP", tuning.ON_SPEECH), "accuracy of the residual net minus the MLP's on speech",
        "More than 160 epochs were not tried; the MLP, which learns more slowly, would gain by them rather than "
        "the residual net, and the lead would become smaller still.",
        seeds=20, holds=lambda gap: abs(gap) < 0.1, within=(-0.01, 0.035),
    ),
    Claim(
        "plain-stays-at-guessing", CHAPTER, "depth-lab-text",
        "Even at the best rate that we tried, their loss falls only a little below that of guessing within ten epochs",
        lambda seed: below_guessing(seed).max(), "by how much the best of all rates lowers the loss below that of guessing",
        "Rates between the nine from 0.0001 to 1 were not tried; neighbours are a factor of three apart. "
        "More epochs do help, and the sentence names its ten.",
        seeds=16, holds=lambda gap: gap < 0.1 * np.log(10),
    ),
    Claim(
        "most-runs-stay-at-guessing", CHAPTER, "depth-lab-text",
        "and in most runs it stays where guessing is",
        lambda seed: np.mean(abs(below_guessing(seed)) < 0.05), "share of the nine runs that end at a loss of 2.3",
        "Other rates were not tried; with lower ones than these nothing moves within ten epochs, with higher ones it diverges.",
        seeds=10, holds=lambda share: share > 0.5,
    ),
    Claim(
        "neither-left-out", CHAPTER, "depth-lab-reply",
        "With gradient descent the two together are far better than either one: each alone, at its own best rate, ends far "
        "above both together.",
        price_of_leaving_out, "loss with one of the two minus the loss with both",
        "Shortcuts that are scaled down, and other normalisations, were not tried; the sentence is about leaving "
        "one of these two out.",
        seeds=10, holds=lambda price: price > 0.5, paired=True,
    ),
    Claim(
        "he-learns-something", CHAPTER, "depth-lab-reply",
        "with better initial weights even plain layers learn something",
        gained_by_he, "loss with Glorot minus the loss with He, each at its own best rate",
        "Orthogonal initial weights were not tried; they could learn more than He's, which the sentence does not deny.",
        seeds=16, paired=True,
    ),
    Claim(
        "adam-trains-plain-layers", CHAPTER, "depth-lab-reply",
        "plain layers with He's weights and Adam get more than seven digits in ten right",
        lambda seed: right_at_the_end("plain, Adam", seed), "validation accuracy after 10 epochs",
        "No rival stands in this sentence; momentum and RMSProp were not tried.",
        seeds=16, holds=lambda share: share > 0.7,
    ),
    Claim(
        "adam-comes-close", CHAPTER, "depth-lab-reply",
        "after thirty they come close to what the residual network reaches in ten with gradient descent",
        adam_after_thirty,
        "validation accuracy of plain layers after 30 epochs of Adam minus that of the residual net after 10",
        "Other rates for the thirty epochs were not tried; a better one would bring the two closer still, or the "
        "plain layers ahead.",
        seeds=10, holds=lambda gap: abs(gap) < 0.1, within=(-0.05, 0.05),
    ),
    Claim(
        "shortcut-is-faster", CHAPTER, "depth-lab-reply",
        "from either start, with either optimizer, the network with shortcut and normalisation ends lower than "
        "the best plain one",
        worst_of_four, "loss of the best plain network minus the worst one with both",
        "More epochs were not tried here: with thirty, Adam brings plain layers close, and the sentence names its ten.",
        seeds=10, paired=True,
    ),
    Claim(
        "one-block-is-enough", CHAPTER, "depth-lab-reply",
        "on speech, one block does as well as four",
        lead("spoken digits", "residual", "one block"), "accuracy with four blocks minus that with one",
        "Two and three blocks were not tried; were they better than both, four would still not be better than one.",
        seeds=16, holds=lambda gap: gap < 0.05, within=(-1, 0.02),
    ),
    Claim(
        "third-is-slow", CHAPTER, "log-uniform-text",
        "With a third of the rule's rate the loss after five epochs is about two and a half times as high.",
        price_of_a_third, "loss with a third of the rate over that with the rate",
        "Other networks and data were not tried; the sentence is about this one.",
        holds=lambda ratio: 2 < ratio < 3, within=(2.2, 2.6),
    ),
    Claim(
        "three-times-is-a-gamble", CHAPTER, "log-uniform-text",
        "but with other seeds some runs end higher",
        higher_with_three_times, "of ten runs higher with three times the rate",
        "Factors between 1 and 3 were not tried; the sentence says of 3 alone that it is not safe.",
        seeds=10, holds=lambda higher: 1 <= higher <= 9,
    ),
    Claim(
        "bayesian-beats-random", CHAPTER, "searches-reply",
        "makes its first ten trials at random, the same ones as random search, and ends ahead of it, by little",
        lambda seed: ahead_by(tuning.bayesian, tuning.random, seed), "share of its own map by which 40 repeats end ahead",
        "Gaussian processes and other numbers of trials were not tried; the sentence is about TPE after 25.",
        seeds=10, paired=True,
    ),
    Claim(
        "bayesian-mostly-beats-grid", CHAPTER, "searches-reply",
        "and mostly ahead of the grid, too, even when the grid has the best shape that we tried, 12 rates and 2 weight decays",
        lambda seed: ahead_by(tuning.bayesian, lambda each: tuning.grid(each, **tuning.SEARCHES.sides["grid"].chosen), seed),
        "share of its own map by which 40 repeats end ahead",
        "Shapes other than the four of the search were not tried; the sentence is about the best of those.",
        share=0.7, seeds=10, paired=True,
    ),
    Claim(
        "best-twentieth-of-two", CHAPTER, "best-twentieth-reply",
        "If two hyper-parameters matter, the best 5 % have at most a tenth of an average loss",
        lambda seed: edge_of_the_best(seed, 2), "largest loss of the best 5 % over the mean loss",
        "Losses of another form than a bowl were not tried; the sentence is about the bowl of the cell above it.",
        holds=lambda edge: edge <= 0.1,
    ),
    Claim(
        "best-twentieth-of-twenty", CHAPTER, "best-twentieth-reply",
        "if twenty do, some two thirds",
        lambda seed: edge_of_the_best(seed, 20), "largest loss of the best 5 % over the mean loss",
        "Losses of another form than a bowl were not tried; the sentence is about the bowl of the cell above it.",
        holds=lambda edge: 7 / 12 < edge < 17 / 24,  # nearer to two thirds than to one half or three quarters
    ),
    Claim(
        "winner-mostly-holds", CHAPTER, "test-once-reply",
        "It holds, here and on most maps trained with other seeds.",
        winner_rises, "rise of the winner's loss with ten other seeds",
        "Other networks and data were not tried; the sentence is about maps of this kind.",
        share=0.7, seeds=10, holds=lambda rise: rise < 0.1,
    ),
    Claim(
        "level-at-one-small-rate", CHAPTER, "same-steps-text",
        "At the rate 0.1 all batch sizes are level after the same number of steps",
        spread_at_a_tenth, "largest over smallest loss of three batch sizes, rate 0.1, 100 steps",
        "Smaller rates were not tried, nor other sizes between 10 and 250; the noise is smaller still for those.",
        holds=lambda ratio: ratio < 1.15, within=(1, 1.1),
    ),
    Claim(
        "larger-batch-larger-rate", CHAPTER, "same-steps-text",
        "at its own best rate each step of the large batch gets further: after 100 of them its loss is about half "
        "that of the small batch",
        lambda seed: large_over_small(tuning.EQUAL_STEPS, (25, 1), seed),
        "loss with batches of 250 over that with 10, equal steps",
        "Momentum and Adam were not tried; the section is about gradient descent. With more steps the two come "
        "closer, and the sentence "
        "names its 100.",
        holds=lambda ratio: 0.3 < ratio < 0.7, within=(0.4, 0.6),
    ),
    Claim(
        "fewer-steps-cost", CHAPTER, "same-steps-text",
        "the loss with batches of 250 is more than twice as high after five epochs",
        lambda seed: large_over_small(tuning.EQUAL_EPOCHS, (5, 5), seed),
        "loss with batches of 250 over that with 10, equal epochs",
        "Momentum, which helps large batches more, was not tried; the section is about gradient descent.",
        holds=lambda ratio: ratio > 2,
    ),
    Claim(
        "floor-depends-on-the-quotient", CHAPTER, "noise-floor-reply",
        "Four times the rate with four times the batch has the same floor",
        lambda seed: np.log2(floor(0.032, 16, seed) / floor(0.008, 4, seed)),
        "floors, as a logarithm to the base 2: 0 is level",
        "Rates close to the largest stable one were not tried here; the figure shows that the floor is higher "
        "there, and the text says so.",
        seeds=16, holds=lambda gap: abs(gap) < 1, within=(-0.4, 0.4),
    ),
    Claim(
        "floor-grows-with-the-rate", CHAPTER, "noise-floor-reply",
        "Four times the rate with the same batch has about four times the floor.",
        lambda seed: floor(0.032, 4, seed) / floor(0.008, 4, seed), "floor with four times the rate over the floor",
        "Data that a network can fit exactly have no floor; the section says that the labels are noisy.",
        seeds=16, holds=lambda ratio: 2 < ratio < 8, within=(3, 5.3),
    ),
    Claim(
        "noise-is-late", CHAPTER, "patience-reply",
        "Without noise the curve through the same 20 points only gets better. So what is learned late is the noise.",
        rise_by_noise, "end over lowest distance, with noise minus without",
        "Other rates and optimizers were not tried; between the two sides nothing differs but the noise.",
        seeds=10, holds=lambda gap: gap > 0.5, paired=True,
    ),
]  # fmt: skip
