"""What the figures of chapter 1 show."""

import numpy as np
from figures import chapter

shown = chapter("01_background")


def test_curves(shown):
    x = np.linspace(-6, 6, 121)
    with shown("curves") as (_, [panel]):
        for weight, bias in ((1, 0), (2, 0), (2, 4)):
            name = f"w = {weight}, b = {bias}"
            panel.curve(x, 1 / (1 + np.exp(-weight * x - bias)), label=name)
            # the slope of a sigmoid is largest where its sum is zero: a quarter of the weight
            shown.says("curves", f"{name}: steepest slope {weight / 4:.2f}, at x = {-bias / weight:.0f}")
