"""What the figures of chapter 0b show."""

import numpy as np
import pytest
from figures import chapter

shown = chapter("00b_refresher")
X = np.linspace(-2.2, 2.2, 181)


def test_tangent(shown):
    with shown("tangent") as (_, [panel]):
        panel.curve(X, X**2, label="the curve")
        panel.curve([0.1, 1.9], [-0.8, 2.8], label="tangent, slope 2.00")
        panel.curve([1], [1])
        panel.curve([1, 2, 2], [1, 1, 4])
        panel.curve([1, 2], [1, 4], label="a nudge of 1: slope 3.00")
        panel.words({(1.5, 1): "run", (2, 2.5): " rise"})
    shown.says("tangent", "At x = 1 the tangent has the slope 2.00", "gives a rise of 3", "the slope 3.00")


def test_tangents(shown):
    with shown("tangents") as (names, [panel]):
        assert names["measured"] == pytest.approx({1: 2, -1: -2}, abs=1e-5)
        panel.curve(X, X**2, label="the curve")
        for place, slope in names["measured"].items():
            panel.curve(
                [place - 0.9, place + 0.9], [1 - 0.9 * slope, 1 + 0.9 * slope], label=f"tangent, slope {slope:.2f}"
            )
            panel.curve([place], [1])
            shown.says("tangents", f"At x = {place} the tangent has the slope {slope:.2f}")
