"""Claims of chapter 6a. A seed draws a new split of all 1,797 images and all initial weights."""

from functools import cache

import numpy as np

from course_lib import Adam, Dense, Flatten, Sequential, train
from course_lib.datasets import digits
from course_lib.labs.cnn.model import small_cnn, smoothed_cross_entropy
from course_lib.training import accuracy

from .ledger import Claim

IMAGES, LABELS = (np.concatenate(parts) for parts in zip(*digits(), strict=True))
TRAINING = 1199
STARTS = 3  # of each MLP, which are cheap


def small_mlp(rng):
    options = {"rng": rng, "dtype": np.float32}
    return Sequential(Flatten(), Dense(64, 132, "relu", **options), Dense(132, 10, **options))


def split(seed):
    """(generator, training part, test part), drawn anew: the recipes are chosen already, so that all the rest is a test."""
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(LABELS))
    first, last = order[:TRAINING], order[TRAINING:]
    return rng, (IMAGES[first], LABELS[first]), (IMAGES[last], LABELS[last])


def trained(make, data, rng, rate, epochs):
    model = make(rng)
    steps = train(model, data, loss=smoothed_cross_entropy, optimizer=Adam(rate), epochs=epochs, batch_size=64, rng=rng)
    for _ in steps:
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
def rivals(seed):
    """Test accuracies in place (rival -> share) and shifted by one pixel ((rival, "shifted") -> share)."""
    rng, (x, y), (x_test, y_test) = split(seed)
    models = {
        "CNN": [trained(small_cnn, (x, y), rng, 0.01, 12)],
        "MLP": [trained(small_mlp, (x, y), rng, 0.03, 50) for _ in range(STARTS)],
        "MLP with the CNN's settings": [trained(small_mlp, (x, y), rng, 0.01, 12) for _ in range(STARTS)],
    }
    sides, shares = (sideways(x_test, -1), sideways(x_test, 1)), {}
    for name, starts in models.items():
        shares[name] = np.mean([accuracy(model(x_test), y_test) for model in starts])
        shares[name, "shifted"] = np.mean([accuracy(model(images), y_test) for model in starts for images in sides])
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
    """How much less a shift changes the maps after the pooling, relative to their size, than before it."""
    rng, data, (x_test, _) = split(seed)
    model = trained(small_cnn, data, rng, 0.01, 12)
    changes = []
    for depth in (2, 3):
        here, there = (Sequential(*model.layers[:depth])(x).value for x in (x_test, sideways(x_test, 1)))
        changes.append(np.linalg.norm(there - here) / np.linalg.norm(here))
    return changes[0] - changes[1]


def kernels(seed):
    """How much farther two trained networks' kernels are from each other than one of them is from its own start."""
    _, data, _ = split(seed)
    first, second = (np.random.default_rng([seed, number]) for number in (0, 1))
    start = small_cnn(np.random.default_rng([seed, 0])).layers[0].W.value
    ours, theirs = (trained(small_cnn, data, rng, 0.01, 12).layers[0].W.value for rng in (first, second))
    return np.linalg.norm(ours - theirs) - np.linalg.norm(ours - start)


def with_copies(seed):
    """The smallest of three test accuracies, one pixel to the left, in place, one to the right, after training on copies."""
    rng, (x, y), (x_test, y_test) = split(seed)
    data = np.concatenate([sideways(x, s) for s in (0, -1, 1)]), np.concatenate([y, y, y])
    model = trained(small_cnn, data, rng, 0.01, 6)
    return min(accuracy(model(sideways(x_test, s)), y_test) for s in (-1, 0, 1))


CLAIMS = [
    Claim(
        "cnn-leads-by-little", "06a_images", "test-caution",
        "On new splits of all 1,797 images, each with a new start, the CNN leads in the mean and in most of the splits, by "
        "less than one per cent.",
        lambda seed: lead(seed, "MLP"), "test accuracy of the CNN minus the tuned MLP's", share=0.5, paired=True,
    ),
    Claim(
        "mlp-with-its-own-settings", "06a_images", "test-caution",
        "With the CNN's rate and epochs in place of its own, the MLP would on average look worse than it is.",
        lambda seed: rivals(seed)["MLP"] - rivals(seed)["MLP with the CNN's settings"],
        "test accuracy of the MLP with its own settings minus with the CNN's", share=0.5, paired=True,
    ),
    Claim(
        "most-similar-image", "06a_images", "test-caution",
        "And looking up the most similar image mostly comes within one per cent of the CNN.",
        lambda seed: lead(seed, "most similar image"), "test accuracy of the CNN minus that of the most similar image",
        share=0.5, holds=lambda effect: effect < 0.01,
    ),
    Claim(
        "shift-hurts-less", "06a_images", "commute-text",
        "All lose, but shifted by one pixel the CNN keeps far more than the MLP, and more than the most similar image.",
        lead_on_shifted, "accuracy of the CNN minus that of the better rival, on shifted images", paired=True,
    ),
    Claim(
        "pooling-lessens", "06a_images", "commute-reply",
        "Pooling lessens the change that a shift makes:",
        pooling, "relative change of the feature maps before the pooling minus after it", seeds=8, paired=True,
    ),
    Claim(
        "kernels-keep-their-start", "06a_images", "kernels-reply",
        "They keep much of their random start: they stay closer to it than to another seed's kernels.",
        kernels, "distance to another seed's kernels minus distance to the own start", seeds=6, paired=True,
    ),
    Claim(
        "copies-teach-the-shift", "06a_images", "augmentation-text",
        "The network has not changed, only what its data ask for, and it reads all three places, at least 95 % in each.",
        with_copies, "smallest test accuracy of the three places", seeds=8, holds=lambda effect: effect >= 0.95,
    ),
]  # fmt: skip
