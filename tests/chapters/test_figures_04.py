"""What the figures of chapter 4 show."""

import numpy as np
from figures import chapter

shown = chapter("04_mathematics", shorter={"schedules-figure": {"range(20)": "range(3)"}})


def test_eigen_directions(shown):
    flat, steep = np.array([[0.88, 0.47], [-0.47, 0.88]]) / np.hypot(0.88, 0.47)
    H = np.outer(flat, flat) + 9 * np.outer(steep, steep)
    path = [4.0 * flat + 1.2 * steep]
    for _ in range(10):
        path.append(path[-1] - 0.18 * H @ path[-1])
    path = np.array(path)
    with shown("eigen-directions") as (_, [plane, errors]):
        plane.contours([0.5, 2, 5, 10, 18, 30], lambda u, v: np.einsum("in,ij,jn->n", [u, v], H, [u, v]) / 2)
        plane.curve(*path.T)
        for direction, name in ((flat, "λ = 1"), (steep, "λ = 9")):
            left = abs(path @ direction)
            factor = left[1] / left[0]
            plane.curve(*np.outer(direction, [-3, 3]))
            errors.curve(range(11), left[0] * factor ** np.arange(11), label=name)
            errors.curve(range(11), left)
            shown.says("eigen-directions", f"{factor:.2f} in the {'flat' if direction is flat else 'steep'}")


def test_momentum_matrix(shown):
    betas = np.linspace(0, 0.98, 99)

    def factor(beta):
        """The larger root of r^2 - (beta + 1 - eta lambda) r + beta = 0, eta lambda = 0.1."""
        return max(abs(np.roots([1, -(beta + 0.9), beta])))

    with shown("momentum-matrix") as (names, [panel]):
        computed = [factor(beta) for beta in betas]
        panel.curve(betas, computed)
        tried = [0, 0.2, 0.4, 0.6, 0.8, 0.9]
        dots = panel.curve(tried, [names["observed"](beta) for beta in tried])
        panel.words({(0.1, 0.72): "creeps", (0.8, 0.72): "swings"})
    assert np.allclose(dots.get_ydata(), [factor(beta) for beta in tried], rtol=0.01)
    facts = ", ".join(f"{names['observed'](beta):.2f} ({factor(beta):.2f})" for beta in tried)
    shown.says("momentum-matrix", f"for beta {tried}: {facts}", f"near beta = {betas[np.argmin(computed)]:.2f}")


def test_schedules_figure(shown):
    with shown("schedules-figure") as (names, [panel]):
        for name, (schedule, *_) in names["schedules"].items():
            median = np.maximum(np.median(names["runs"][name], axis=0), 1e-12)
            panel.curve(range(1, 7), median, label=name)
            shown.says("schedules-figure", f"{name} {median[0]:.1g} and {median[-1]:.1g}")
            if name != "0.1, no noise":
                rate = (
                    [0.03 * (1 + np.cos(np.pi * k / 6)) / 2 for k in range(6)] if "cosine" in name else name.split()[1]
                )
                assert np.allclose([schedule(k) for k in range(6)], np.array(rate, dtype=float)), name


def test_saturated(shown):
    z = np.linspace(-8, 8, 161)
    p = 1 / (1 + np.exp(-z))
    with shown("saturated") as (_, [ax]):
        ax.curve(z, (p - 1) * p * (1 - p), label="half squared error")
        ax.curve(z, p - 1, label="cross-entropy")
    wrong = 1 / (1 + np.exp(6))
    shown.says(
        "saturated", f"{(wrong - 1) * wrong * (1 - wrong):.4f} for squared error, {wrong - 1:.4f} for cross-entropy"
    )


def test_momentum_paths(shown):
    """Each at its best rate of 200; with momentum the path comes far closer."""

    def path(eta, beta):
        w, v, places = np.array([5.0, 0.4]), 0.0, []
        for _ in range(61):
            places.append(w)
            v = beta * v + [1.0, 200.0] * w
            w = w - eta * v
        return np.array(places)

    with shown("momentum-paths") as (_, panels):
        ends = []
        for ax, beta in zip(panels, (0.0, 0.9), strict=True):
            best = min((path(eta, beta) for eta in np.geomspace(1e-4, 0.04, 200)), key=lambda p: np.hypot(*p[-1]))
            ax.curve(*best.T)
            ax.curve([0], [0])  # the minimum
            ends.append(np.hypot(*best[-1]))
    assert ends[1] < ends[0] / 50
    shown.says("momentum-paths", f"plain descent {ends[0]:.2f}; momentum 0.9 {ends[1]:.2f}")
