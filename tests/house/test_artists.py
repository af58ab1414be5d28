"""The reader of artists, on a sound figure and on broken ones: each break is noticed."""

import numpy as np
import pytest
from artists import panels

from course_lib.pictures import figure

X, TRAINING, TEST = np.arange(4), np.array([0.9, 0.5, 0.3, 0.2]), np.array([0.9, 0.7, 0.6, 0.8])
IMAGE, SHARES = np.arange(6).reshape(2, 3), [0.2, 0.9]


def sound():
    fig, (left, middle, right) = figure(3, title=["Loss", "Shares", "Map"], xlabel=["epoch", "units", ""])
    left.plot(X, TRAINING, "o-", color="C0", label="training")
    left.plot(X, TEST, "--", color="C1", label="test")
    left.legend()
    left.text(1, 0.5, "here")
    middle.bar([1, 2], SHARES, color=["C0", "C1"])
    right.imshow(IMAGE, cmap="Greens", vmin=0, vmax=5)
    return fig


def look_at(fig):
    loss, shares, values = panels(fig)
    loss.curve(X, TRAINING, label="training", linestyle="-", marker="o")
    loss.curve(X, TEST, label="test", linestyle="--")
    loss.words({(1, 0.5): "here"})
    loss.legend("training", "test")
    loss.frame(title="Loss", xlabel="epoch")
    shares.bars([1, 2], SHARES, colors=["C0", "C1"])
    shares.frame(title="Shares", xlabel="units")
    values.image(IMAGE, cmap="Greens", limits=(0, 5))
    values.frame(title="Map", upside_down=True, aspect="equal")
    for panel in (loss, shares, values):
        panel.nothing_else()


def test_a_sound_figure_passes():
    look_at(sound())


def swapped_legend(loss, shares, values):
    loss.legend(loss.lines[::-1], ["training", "test"])


def swapped_colours(loss, shares, values):
    for line, color in zip(loss.lines, ("C1", "C0"), strict=True):
        line.set_color(color)  # the legend keeps the old ones


def swapped_labels(loss, shares, values):
    for line, label in zip(loss.lines, ("test", "training"), strict=True):
        line.set_label(label)


BREAKS = {
    "a curve backwards": lambda loss, shares, values: loss.lines[0].set_ydata(TRAINING[::-1]),
    "a shifted curve": lambda loss, shares, values: loss.lines[0].set_ydata(TRAINING + 0.01),
    "1 - share": lambda loss, shares, values: shares.patches[0].set_height(0.8),
    "a bar that hangs": lambda loss, shares, values: shares.patches[0].set_y(-0.1),
    "bars in each other's colours": lambda loss, shares, values: [bar.set_color("C1") for bar in shares.patches],
    "a missing bar": lambda loss, shares, values: shares.patches[0].remove(),
    "a missing series": lambda loss, shares, values: loss.lines[1].remove(),
    "an invisible series": lambda loss, shares, values: loss.lines[1].set_visible(False),
    "a series too pale": lambda loss, shares, values: loss.lines[1].set_alpha(0.01),
    "one more series": lambda loss, shares, values: loss.plot(X, X / 10),
    "one more word": lambda loss, shares, values: loss.text(0, 0, "forgotten"),
    "another word": lambda loss, shares, values: loss.texts[0].set_text("there"),
    "a word elsewhere": lambda loss, shares, values: loss.texts[0].set_position((2, 0.5)),
    "swapped legend": swapped_legend,
    "swapped colours": swapped_colours,
    "swapped labels": swapped_labels,
    "no legend": lambda loss, shares, values: loss.get_legend().remove(),
    "another line style": lambda loss, shares, values: loss.lines[0].set_linestyle(":"),
    "another scale": lambda loss, shares, values: loss.set_yscale("log"),
    "an axis from right to left": lambda loss, shares, values: loss.invert_xaxis(),
    "an axis upside down": lambda loss, shares, values: shares.invert_yaxis(),
    "a curve cut off": lambda loss, shares, values: loss.set_ylim(0.4, 1),
    "another label": lambda loss, shares, values: loss.set_xlabel("step"),
    "another title": lambda loss, shares, values: loss.set_title("Accuracy"),
    "an image mirrored": lambda loss, shares, values: values.images[0].set_data(IMAGE[:, ::-1]),
    "an image upside down": lambda loss, shares, values: values.invert_yaxis(),
    "colours upside down": lambda loss, shares, values: values.images[0].set_cmap("Greens_r"),
    "other limits of the colours": lambda loss, shares, values: values.images[0].set_clim(0, 50),
}


@pytest.mark.parametrize("damage", BREAKS.values(), ids=BREAKS)
def test_a_broken_figure_fails(damage):
    fig = sound()
    damage(*fig.axes)
    with pytest.raises((AssertionError, ValueError)):
        look_at(fig)
