"""What the figures of chapter 4b show."""

import numpy as np
from figures import chapter

shown = chapter("04b_theory")


def test_step_figure(shown):
    with shown("step-figure") as (names, [smooth, corner]):
        rates, start, slope = names["step_rates"], names["loss0"], names["g0"] @ names["g0"]
        most = names["step_curvature"]
        losses = [names["xor_loss"](names["w0"] - rate * names["g0"]) for rate in rates]
        bound = start - rates * (1 - rates * most / 2) * slope
        smooth.curve(rates, losses, label="loss")
        smooth.curve(rates, start - rates * slope, label="tangent")
        smooth.curve(rates, bound, label="bound of the lemma")
        smooth.level(2 / most, axis="x")
        smooth.words({(2 / most, start - rates[-1] * slope): " 2 / M"})
        corner.curve(names["corner_rates"], abs(0.03 - names["corner_rates"]))
    assert (losses <= bound + 1e-4).all()  # M is the largest curvature of 91 places of the way
    shown.says(
        "step-figure",
        f"2/M = {2 / most:.2f}",
        f"back at {start:.3f}",
        f"loss at {np.interp(2 / most, rates, losses):.3f}",
    )


def test_linear_rate(shown):
    with shown("linear-rate") as (names, [panel]):
        excess, steps = names["excess"], np.arange(81)
        panel.curve(steps, excess, label="logistic regression")
        bound = panel.curve(steps, excess[0] * (1 - names["mu"] / names["most"]) ** steps, label="bound of the theorem")
        panel.curve(steps, names["fourth"], label="$u^4$")
    assert (excess <= bound.get_ydata() + 1e-12).all()
    shown.says("linear-rate", f"{excess[-1]:.1e}", f"bound {bound.get_ydata()[-1]:.1e}", f"{names['fourth'][-1]:.1e}")


def test_floor(shown):
    with shown("floor") as (names, [panel]):
        rates, fine = names["floor_rates"], np.linspace(0.05, 0.9, 200)
        for size, dots in names["floors"].items():
            panel.curve(fine, fine * 4 / (size * 2 * (2 - 2 * fine)))
            panel.curve(rates, dots, label=f"batches of {size}")
            assert np.allclose(dots, rates * 4 / (size * 2 * (2 - 2 * rates)), rtol=0.1)
    shown.says("floor", "0.053 at rate 0.05", "9.00 at rate 0.9")


def test_difference_errors(shown):
    with shown("difference-errors") as (names, [panel]):
        for name in ("float64", "float32"):
            panel.curve(names["steps"], names["bounds"][name])
            panel.curve(names["steps"], np.maximum(names["errors"][name], 1e-13), label=name)
            best = names["steps"][names["bounds"][name].argmin()]
            panel.level(best, axis="x")
            trusted = names["bounds"][name] < 0.1  # beyond, z + h is rounded as well
            assert (names["errors"][name] <= names["bounds"][name])[trusted].all()
            shown.says("difference-errors", f"{name}: the bound is smallest at h = {best:.0e}")


def test_through_layers(shown):
    with shown("through-layers") as (names, [signal, gradient]):
        for name, (forward, backward) in names["measured"].items():
            signal.curve(range(1, 21), forward, label=name)
            gradient.curve(range(1, 21), backward, label=name)
            shown.says(
                "through-layers", f"{name}: signal {forward[0]:.1g} in layer 1 and {forward[-1]:.1g} in layer 20"
            )
    twice, he = names["measured"]["2 · He, relu"][0], names["measured"]["He, relu"][0]
    assert np.allclose(np.array(twice) / he, 4.0 ** np.arange(1, 21))
