"""Claims of chapter 6a. A seed draws a new split of all 1,797 images and all initial weights."""

from functools import cache

import numpy as np

from course_lib import Sequential
from course_lib.datasets import digits
from course_lib.labs.cnn import CNNModel, small_cnn
from course_lib.training import accuracy

from .ledger import Claim
from .tuning_chapter06a import CHAPTER, RECIPES, small_mlp, steps

IMAGES, LABELS = (np.concatenate(parts) for parts in zip(*digits(), strict=True))
TRAINING = 1199
SPLIT = TRAINING, len(LABELS) - TRAINING
CNN, MLP = (RECIPES.sides[name].chosen for name in ("CNN", "MLP"))


def split(seed):
    """(generator, training part, test part), drawn anew: the recipes are chosen already, so that all the rest is a test."""
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(LABELS))
    first, last = order[:TRAINING], order[TRAINING:]
    return rng, (IMAGES[first], LABELS[first]), (IMAGES[last], LABELS[last])


def trained(make, data, rng, rate, epochs):
    model = make(rng)
    for _ in steps(model, data, rng, rate, epochs):
        pass
    return model


def sideways(x, right):
    framed = np.pad(x, [(0, 0), (0, 0), (2, 2), (0, 0)])
    return framed[:, :, 2 - right : 10 - right]


def nearest(images, x, y):
    """The class of the most similar training image."""
    flat, stored = images.reshape(-1, 64), x.reshape(-1, 64)
    return y[((stored**2).sum(axis=1) - 2 * flat @ stored.T).argmin(axis=1)]


@cache
def cnn(seed):
    """The CNN of this seed's split, trained."""
    rng, data, _ = split(seed)
    return trained(small_cnn, data, rng, **CNN)


@cache
def rivals(seed):
    """Test accuracies in place (rival -> share) and shifted by one pixel ((rival, "shifted") -> share)."""
    rng, (x, y), (x_test, y_test) = split(seed)
    models = {"CNN": cnn(seed), "MLP": trained(small_mlp, (x, y), rng, **MLP)}
    sides, shares = (sideways(x_test, -1), sideways(x_test, 1)), {}
    for name, model in models.items():
        shares[name] = accuracy(model(x_test), y_test)
        shares[name, "shifted"] = np.mean([accuracy(model(images), y_test) for images in sides])
    shares["most similar image"] = np.mean(nearest(x_test, x, y) == y_test)
    shares["most similar image", "shifted"] = np.mean([nearest(images, x, y) == y_test for images in sides])
    return shares


def lead(seed, rival):
    """The CNN's test accuracy minus a rival's."""
    return rivals(seed)["CNN"] - rivals(seed)[rival]


def lead_on_shifted(seed):
    """The CNN's accuracy on shifted test images minus that of the better rival."""
    shares = rivals(seed)
    return shares["CNN", "shifted"] - max(shares["MLP", "shifted"], shares["most similar image", "shifted"])


def pooling(seed):
    """How much less a shift changes the maps after the pooling, relative to their size, than before it: by maximum or by mean,
    whichever leaves more. -1 where 30 % of the maxima above 0 or more stay exactly the same.
    """
    _, _, (x_test, _) = split(seed)
    maps = [Sequential(*cnn(seed).layers[:2])(x).value for x in (x_test, sideways(x_test, 1))]
    blocks = [each.reshape(-1, 4, 2, 4, 2, 32) for each in maps]
    maxima, means = ([pool(each, axis=(2, 4)) for each in blocks] for pool in (np.max, np.mean))
    before, *after = (np.linalg.norm(there - here) / np.linalg.norm(here) for here, there in (maps, maxima, means))
    same = (maxima[0] == maxima[1])[maxima[0] > 0].mean()
    return before - max(after) if same < 0.3 else -1.0


def steps_of_the_lab(seed, optimizer, rate):
    """How many steps the CNN lab takes to its goal; the lab's own data, weights and batches by a seed of its own."""
    model = CNNModel(optimizer=optimizer, rate=rate, seed=5000 + seed % 5000)
    while not (model.good or model.finished):
        model.advance()
    return model.done if model.good else np.inf


def descent_is_as_quick(seed):
    """Whether Adam at 0.001 takes 4 to 6 epochs, more than gradient descent at 0.2, and less than gradient descent at 0.05."""
    adam, slow, quick = (
        steps_of_the_lab(seed, *how) for how in (("Adam", 0.001), ("GradientDescent", 0.05), ("GradientDescent", 0.2))
    )
    return quick < adam < slow and 3 * 19 < adam <= 6 * 19  # 19 steps an epoch


def kernels(seed):
    """How much farther two trained networks' kernels are from each other than one of them is from its own start."""
    (first, data, _), other = split(seed), np.random.default_rng([seed, 1])
    start = small_cnn(first).layers[0].W.value
    ours, theirs = (network.layers[0].W.value for network in (cnn(seed), trained(small_cnn, data, other, **CNN)))
    return np.linalg.norm(ours - theirs) - np.linalg.norm(ours - start)


def with_copies(seed):
    """The smallest of three test accuracies, one pixel to the left, in place, one to the right, after training on copies."""
    rng, (x, y), (x_test, y_test) = split(seed)
    data = np.concatenate([sideways(x, s) for s in (0, -1, 1)]), np.concatenate([y, y, y])
    model = trained(small_cnn, data, rng, 0.01, 6)
    return min(accuracy(model(sideways(x_test, s)), y_test) for s in (-1, 0, 1))


CLAIMS = [
    Claim(
        "descent-takes-a-larger-rate", CHAPTER, "cnn-lab-questions",
        "Adam takes about five epochs to 95 %. Gradient descent takes a rate between 0.05 and 0.2 for that, which is 50 to 200 "
        "times Adam's.",
        descent_is_as_quick, seeds=10,
        untried="Rates in between: the sentence names only the range, and the reader finds the rate in the lab.",
    ),
    Claim(
        "cnn-leads-by-little", CHAPTER, "test-caution",
        "On new splits of all 1,797 images, each with a new start, the CNN leads in most of them, by less than one "
        "per cent on average.",
        lambda seed: lead(seed, "MLP"), "test accuracy of the CNN minus the MLP's", share=0.6, within=(0, 0.01),
        untried="Other sizes, dropout or weight decay for either: the sentence compares these two, tuned alike.",
    ),
    Claim(
        "lead-corrected-for-overlap", CHAPTER, "test-caution",
        "After this correction the interval contains 0",
        lambda seed: lead(seed, "MLP"), "test accuracy of the CNN minus the MLP's", split=SPLIT, holds_zero=True,
        holds=lambda effect: -0.01 < effect < 0.02,
        untried="Other sizes, dropout or weight decay for either: the sentence compares these two, tuned alike.",
    ),
    Claim(
        "most-similar-image", CHAPTER, "test-caution",
        "And looking up the most similar image mostly comes within one per cent of the CNN.",
        lambda seed: lead(seed, "most similar image"), "test accuracy of the CNN minus that of the most similar image",
        share=0.7, holds=lambda effect: effect < 0.01, split=SPLIT,
        untried="Several neighbours, other distances: a better look-up would only come nearer.",
    ),
    Claim(
        "shift-hurts-less", CHAPTER, "commute-text",
        "All lose, but shifted by one pixel the CNN keeps far more than the MLP, and more than the most similar image.",
        lead_on_shifted, "accuracy of the CNN minus that of the better rival, on shifted images", paired=True, split=SPLIT,
        untried="Training on shifted images, which the chapter does next: these networks saw centred digits.",
    ),
    Claim(
        "pooling-lessens", CHAPTER, "commute-reply",
        "Pooling over a block, whether by maximum or by mean, lessens the change that a shift makes. Few of the maxima above 0 "
        "stay exactly the same.",
        pooling, "relative change of the feature maps before the pooling minus after it, by maximum or by mean, whichever is less",
        seeds=10, paired=True, split=SPLIT,
        untried="Shifts up and down: the sentence is about the maps of this network, and a shift sideways as the cell makes it.",
    ),
    Claim(
        "kernels-keep-their-start", CHAPTER, "kernels-reply",
        "They keep much of their random start: they stay closer to it than to another seed's kernels.",
        kernels, "distance to another seed's kernels minus distance to the own start", seeds=10, paired=True, split=SPLIT,
        untried="Much longer training: the sentence is about the recipe of the chapter.",
    ),
    Claim(
        "copies-teach-the-shift", CHAPTER, "augmentation-text",
        "Now it reads at least 95 % of the test digits in each of the three places.",
        with_copies, "smallest test accuracy of the three places", seeds=10, holds=lambda effect: effect >= 0.95, split=SPLIT,
        untried="Nothing is compared: the number is that of the chapter's own network.",
    ),
]  # fmt: skip
