"""What the figures of chapter 2 show."""

import numpy as np
from figures import chapter

shown = chapter("02_core_concepts")


def test_balls(shown):
    x = np.linspace(-1.5, 1.5, 101)
    with shown("balls") as (names, panels):
        assert len(panels) == 5
        for panel, (name, eta) in zip(panels, names["pictured"].items(), strict=True):
            path = [1.0]
            for _ in range(8):
                path.append(path[-1] - eta * 2 * path[-1])
            panel.curve(x, x**2)
            panel.curve(path, np.square(path))
            panel.frame(title=name)
            shown.says("balls", f"{name}, rate {eta}: factor {1 - 2 * eta:.2f}, x = {path[-1]:.3f}")


def test_contour(shown):
    here = np.array([5.0, 1.0])
    step = -np.array([2 * here[0], 50 * here[1]])
    with shown("contour") as (_, [panel]):
        panel.contours([2, 10, 25, 50, 75], lambda u, v: u**2 + 25 * v**2)
        panel.curve([5, 5 + step[0] / 40], [1, 1 + step[1] / 40], label="step")
        panel.curve([5, 0], [1, 0], label="way to the minimum")
    off = np.degrees(np.arccos(-step @ here / np.linalg.norm(step) / np.linalg.norm(here)))
    shown.says("contour", f"{off:.0f} degrees off the way to the minimum", "90 degrees to the contour")


def well(u):
    return (u**2 - 1) ** 2 + 0.3 * u


def test_many_starts(shown):
    u = np.linspace(-1.7, 1.7, 101)
    minima = sorted(root.real for root in np.roots([4, 0, -4, 0.3]) if root.real < -0.5 or root.real > 0.5)
    with shown("many-starts") as (names, [panel]):
        panel.curve(u, well(u))
        balls = names["balls"]
        for end in minima:
            count, end = np.isclose(balls, end, atol=1e-3).sum(), round(end, 3)
            panel.curve([end], [well(end)])
            panel.words({(end, well(end) + 0.5): f"{count} balls"})
            shown.says("many-starts", f"{count} at u = {end} with f = {well(end):.3f}")
    shown.says("many-starts", f"{len(minima)} minima", "Of 200 balls")
