"""What the figures of chapter 6a show."""

import numpy as np
from figures import beside, chapter

from course_lib.datasets import digits

SHORTER = {
    "smoothed-loss": {"epochs=25": "epochs=1"},
    "five-seeds": {"0.01, 25, range": "0.01, 1, range", "0.01, 100,": "0.01, 2,", "0.003, 200,": "0.003, 2,"},
}
shown = chapter("06a_images", shorter=SHORTER)
(X, Y), *_ = digits()


def assert_pictures(panels, images, titles, limits):
    for panel, image, title in zip(panels, images, titles, strict=True):
        panel.image(image, limits=limits)
        panel.frame(title=title)


def test_the_digits(shown):
    with shown("the-digits") as (_, panels):
        images = [X[np.flatnonzero(digit == Y)[0], :, :, 0] for digit in range(10)]
        assert_pictures(panels, images, map(str, range(10)), (0, 1))
    counts = [int((digit == Y).sum()) for digit in range(10)]
    shown.says("the-digits", f"{min(counts)} to {max(counts)} of each")


def test_edges(shown):
    zero = X[np.flatnonzero(Y == 0)[0], :, :, 0].astype(float)
    right_minus_left = zero[:, 2:] - zero[:, :-2]
    upright = sum(right_minus_left[row : row + 6] for row in range(3))
    below_minus_above = zero[2:] - zero[:-2]
    level = sum(below_minus_above[:, column : column + 6] for column in range(3))
    with shown("edges") as (_, [image, *maps]):
        assert_pictures([image], [zero], ["the image"], (0, 1))
        titles = ["feature map of W", "feature map of W.T"]
        assert_pictures(maps, [upright, level], titles, (-3, 3))
    for values in (upright, level):
        shown.says("edges", f"{values.min():.2f} to {values.max():.2f}")
    shown.says("edges", "zero, 8 x 8", "maps, 6 x 6,")


def test_test(shown):
    with shown("test") as (names, [panel]):
        shares, similar, (low, high) = names["shares"], names["similar"], names["lead"]
        for row, name in enumerate(("CNN", "MLP", "linear")):
            share = shares[name]
            label = f"{name}: mean {share.mean():.1%}, standard deviation {share.std(ddof=1):.1%}"
            panel.curve(share, row + np.array([-0.2, -0.1, 0, 0.1, 0.2]), label=label)
        panel.level(similar, axis="x", label=f"most similar image: {similar:.1%}")
        panel.frame(
            title=f"CNN minus MLP: {100 * low:+.1f} to {100 * high:+.1f} points (95 % interval)",
            yticks={0: "CNN", 1: "MLP", 2: "linear"},
        )
    cnn, mlp, linear = (share.mean() for share in shares.values())
    shown.says(
        "test",
        f"mean is {beside(cnn, '98%', form='.1%')}.",
        f"the MLP by {beside(100 * (cnn - mlp), '0', '2.5')} points",
        f"the linear network by {beside(100 * (cnn - linear), '2.5')}.",
    )


def test_kernels(shown):
    with shown("kernels") as (names, panels):
        networks = names["make_cnn"](np.random.default_rng(0)), names["cnn"], names["trained"]["CNN"][1]
        mosaics = np.full((3, 15, 15), np.nan)
        for mosaic, network in zip(mosaics, networks, strict=True):
            for number in range(16):
                top, left = 4 * (number // 4), 4 * (number % 4)
                mosaic[top : top + 3, left : left + 3] = network.layers[0].W.value[:, :, 0, number]
        titles = ["before training", "after training", "another seed"]
        assert_pictures(panels, mosaics, titles, (-1, 1))
    shown.says("kernels", "16 kernels")


def test_shift_test(shown):
    with shown("shift-test") as (names, [panel]):
        ink = names["ink"]
        for name in ("CNN", "MLP", "most similar image"):
            panel.curve(range(-2, 3), names["mean"][name], label=name)
    shown.says(
        "shift-test", "shift, from -2 to 2 pixels", f"holds {ink[0]:.1%} of the ink, and the last column {ink[7]:.1%}"
    )


def test_mistakes(shown):
    with shown("mistakes") as (names, panels):
        images, labels, p = names["x_test"], names["y_test"], names["p"]
        worst = np.argsort(p[range(len(labels)), labels])[:6]
        titles = [f"{labels[i]}: {p[i, labels[i]]:.0%}\n{p[i].argmax()}: {p[i].max():.0%}" for i in worst]
        assert_pictures(panels, images[worst, :, :, 0], titles, (0, 1))
    shown.says("mistakes", "6 test images")
