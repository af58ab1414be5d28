"""What the figures of chapter 6a show."""

import numpy as np
from figures import beside, chapter

from course_lib.datasets import digits
from course_lib.tools.evaluation import mean_interval

SHORTER = {
    "smoothed-loss": {"epochs=25": "epochs=1"},
    "five-seeds": {"0.01, 25, range": "0.01, 1, range", "0.01, 100,": "0.01, 2,", "0.003, 200,": "0.003, 2,"},
}
shown = chapter("06a_images", shorter=SHORTER)
(X, Y), _, (X_TEST, Y_TEST) = digits()


def assert_pictures(panels, images, titles, limits):
    for panel, image, title in zip(panels, images, titles, strict=True):
        panel.image(image, limits=limits)
        panel.frame(title=title)


def share_right(model, images):
    return np.mean(model(images).value.argmax(axis=1) == Y_TEST)


def nearest_right(images):
    """The share of test images whose most similar training image has their label."""
    distance = ((images.reshape(-1, 1, 64) - X.reshape(1, -1, 64)) ** 2).sum(axis=-1)
    return np.mean(Y[distance.argmin(axis=1)] == Y_TEST)


def moved(images, right):
    """Moved to the right by some pixels; what comes in is empty."""
    out = np.zeros_like(images)
    for column in range(8):
        if 0 <= column + right < 8:
            out[:, :, column + right] = images[:, :, column]
    return out


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
        labels, shares = [], {}
        for row, name in enumerate(("CNN", "MLP", "linear")):
            shares[name] = share = np.array([share_right(model, X_TEST) for model in names["trained"][name]])
            labels.append(f"{name}: mean {share.mean():.1%}, standard deviation {share.std(ddof=1):.1%}")
            panel.curve(share, row + np.array([-0.2, -0.1, 0, 0.1, 0.2]), label=labels[-1])
        similar = nearest_right(X_TEST)
        labels.append(f"most similar image: {similar:.1%}")
        panel.level(similar, axis="x", label=labels[-1])
        low, high = mean_interval(shares["CNN"] - shares["MLP"])
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
    steps, by_shift = range(-2, 3), {}
    with shown("shift-test") as (names, [panel]):
        for name in ("CNN", "MLP"):
            networks = names["trained"][name]
            by_shift[name] = [np.mean([share_right(net, moved(X_TEST, step)) for net in networks]) for step in steps]
            panel.curve(steps, by_shift[name], label=name)
        similar = [nearest_right(moved(X_TEST, step)) for step in steps]
        panel.curve(steps, similar, label="most similar image")
    ink = X_TEST.sum(axis=(0, 1, 3)) / X_TEST.sum()
    shown.says(
        "shift-test", "shift, from -2 to 2 pixels", f"holds {ink[0]:.1%} of the ink, and the last column {ink[7]:.1%}"
    )


def test_mistakes(shown):
    with shown("mistakes") as (names, panels):
        logits = names["cnn"](X_TEST).value.astype(float)
        p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
        truth = p[range(len(Y_TEST)), Y_TEST]
        worst = np.argsort(truth)[:6]
        titles = [f"{Y_TEST[i]}: {truth[i]:.0%}\n{p[i].argmax()}: {p[i].max():.0%}" for i in worst]
        assert_pictures(panels, X_TEST[worst, :, :, 0], titles, (0, 1))
    shown.says("mistakes", "6 test images")
