"""The descent lab's model against what theory says: 2/λmax, angles, outcomes of every kind."""

import numpy as np
import pytest

from course_lib import numerical_gradient
from course_lib.labs.descent.model import DescentModel
from course_lib.labs.descent.race import LONGEST, PREVIEW, RACERS
from course_lib.labs.descent.rate_scan import CLOSE, RATES, STAY, RateScan
from course_lib.labs.descent.surfaces import SURFACES


def run(surface, rate, start=None, optimizers=("GradientDescent",), steps=LONGEST):
    model = DescentModel(surface, start, optimizers, rate=rate)
    model.advance(steps)
    return model


@pytest.mark.parametrize("name", SURFACES)
def test_gradients_agree_with_finite_differences(name):
    surface, rng = SURFACES[name], np.random.default_rng(1)
    for _ in range(5):
        point = rng.uniform(surface.low, surface.high)
        [nudged] = numerical_gradient(lambda p, surface=surface: surface.loss(*p[0]), [point])
        assert np.allclose(surface.gradient(point), nudged, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", [name for name, surface in SURFACES.items() if surface.minima])
def test_minima_are_minima(name):
    surface = SURFACES[name]
    for minimum in map(np.array, surface.minima):
        assert np.allclose(surface.gradient(minimum), 0, atol=1e-9)
        assert surface.curvatures(minimum)[0] > 0
    values = [surface.value(m) for m in surface.minima]
    assert values == sorted(values), "the lowest comes first"


def test_limits():
    assert DescentModel("parabola").limit == 1
    assert DescentModel("valley").limit == 0.04
    assert DescentModel("plateau").limit == 2
    right = SURFACES["double well"].minima[1][0]
    assert DescentModel("double well").limit == pytest.approx(2 / (12 * right**2 - 4), rel=1e-5)
    assert DescentModel("saddle").limit is None


def test_steps_on_the_parabola_follow_the_powers_of_one_minus_eta_lambda():
    # misconception 3: 342, 31, 1, 31, 342, never, diverges
    expected = {0.01: 342, 0.1: 31, 0.5: 1, 0.9: 31, 0.99: 342}
    assert {rate: run("parabola", rate, (1.0,)).steps for rate in expected} == expected
    assert run("parabola", 1.0, (1.0,)).racers[0].outcome == "oscillates"
    assert run("parabola", 1.01, (1.0,)).racers[0].outcome == "diverged"


def test_the_gradient_does_not_point_at_the_minimum():
    assert DescentModel("valley", (5, 1)).angle() == pytest.approx(67.38, abs=0.01)  # misconception 2
    assert DescentModel("bowl").angle() == pytest.approx(0, abs=1e-4)
    assert DescentModel("saddle").angle() is None
    assert DescentModel("bowl", (0, 0)).angle() is None


@pytest.mark.parametrize(
    ("surface", "start"),
    [("parabola", None), ("double well", (1.1,)), ("bowl", None), ("valley", None), ("two minima", (1.1, 0.3)),
     ("plateau", (0.5, 0.3))],
)  # fmt: skip
def test_every_goal_can_be_reached_and_is_not_reached_beyond_the_limit(surface, start):
    model = DescentModel(surface, start)
    for share, outcome in ((1.02, None), (0.9, "converged"), (0.97, "converged")):
        assert not model.limit_found
        model.configure(rate=share * model.limit)
        model.reset()
        model.advance(2000)
        assert (model.racers[0].outcome == "converged") == (outcome == "converged"), share
    assert model.limit_found and model.limit_shown and model.best == pytest.approx(0.97 * model.limit)
    assert model.next_surface in SURFACES and SURFACES[model.next_surface].minima


def test_a_start_on_an_axis_does_not_count():
    model = run("valley", 0.5, (5, 0))
    assert model.racers[0].outcome == "converged" and "exactly on an axis" in model.status()
    assert model.best is None and not model.limit_found


def test_a_changed_rate_does_not_count():
    model = DescentModel("valley", rate=0.02)
    model.advance(3)
    model.configure(rate=0.039)
    model.advance(LONGEST)
    assert model.racers[0].outcome == "converged" and model.tried == {}


def test_divergence_is_said_in_words_and_stops():
    model = run("valley", 0.06)
    assert model.finished and model.steps < 50 and "overshoots" in model.status()
    assert model.tried == {"valley": {"GradientDescent": {0.06: None}}}
    assert run("rosenbrock", 10.0).racers[0].outcome == "diverged"  # overflows


def test_the_saddle_slows_descent_down_and_does_not_hold_it():
    model = run("saddle", 0.05)
    norms = model.excess(model.racers[0])
    assert model.racers[0].outcome == "leaves" and "left" in model.status()
    assert norms.min() < 0.2 * norms[0] and norms[-1] > 3 * norms.min()
    assert run("saddle", 0.1, (3, 0)).racers[0].outcome == "rests"


def test_local_minimum_and_start_at_the_minimum():
    assert "local minimum" in run("double well", 0.05).status()
    assert "The start is the minimum" in run("bowl", 0.1, (0, 0)).status()


def test_a_race_and_its_words():
    model = run("valley", 0.06, None, RACERS)
    outcomes = {racer.name: racer.outcome for racer in model.racers}
    assert outcomes["GradientDescent"] == "diverged" and outcomes["Momentum"] == outcomes["Adam"] == "converged"
    assert "momentum, rate 0.06: converged after" in model.status()
    assert "gradient descent, rate 0.06: diverged" in model.description()
    assert {name: None in tried.values() for name, tried in model.tried["valley"].items()} == {
        "GradientDescent": True,
        "Momentum": False,
        "RMSProp": True,
        "Adam": False,
    }, "each optimizer's own cross"


def test_each_optimizer_has_a_rate_of_its_own():
    model = DescentModel("valley", optimizers=RACERS, rate=0.02, rates={"Adam": 0.3})
    model.configure(RMSProp=0.5)
    model.configure(rate=0.01)
    rates = {name: model.settings[name] for name in RACERS}
    assert rates == {"GradientDescent": 0.01, "Momentum": 0.02, "RMSProp": 0.5, "Adam": 0.3}
    assert [racer.optimizer.learning_rate for racer in model.racers] == list(rates.values())
    model.advance(5)
    model.configure(Adam=0.2)
    model.advance(LONGEST)
    assert set(model.tried["valley"]) == {"GradientDescent", "Momentum", "RMSProp"}  # Adam had two rates
    with pytest.raises(ValueError, match="rates: expected one of"):
        DescentModel(rates={"SGD": 0.1})


def test_a_racer_that_has_arrived_keeps_the_rate_it_ran_at():
    model = DescentModel("valley", optimizers=RACERS[:2], rate=0.01)
    model.advance(240)
    assert [racer.outcome for racer in model.racers] == ["", "converged"]
    model.configure(Momentum=5.0)
    assert "momentum, rate 0.01: converged" in model.status()


def test_one_best_rate_of_two_is_not_said_to_be_that_of_each():
    model = DescentModel("valley", optimizers=RACERS[:2])
    model.scan()
    model.scans["GradientDescent"].advance(lambda: False)
    model.leave_scans()
    assert "Each has its best" not in model.description()
    model.scan()
    while model.scanning:
        model.advance_scans()
    assert "Each has its best" in model.description()
    model.configure(Momentum=0.001)
    assert "Each has its best" not in model.description()


def test_one_step_is_a_step():
    assert (
        run("bowl", 0.5).status().startswith("Converged after 1 step: the distance to the minimum is at most 1/1,000")
    )
    assert "converged after 1 step;" in run("bowl", 0.5, None, RACERS[:2]).status()


@pytest.mark.parametrize("surface", ["valley", "two minima"])
def test_scans_count_the_steps_of_the_runs(surface):
    for name in RACERS[:2]:
        scan = RateScan(SURFACES[surface], SURFACES[surface].start, name)
        scan.advance()
        for position in range(1, len(RATES), 16):
            if np.isfinite(scan.steps[position]):
                [racer] = run(surface, RATES[position], None, (name,)).racers
                assert (racer.outcome, racer.steps) == ("converged", scan.steps[position])


def test_the_best_rates_of_the_valley():
    model = DescentModel("valley", optimizers=RACERS)
    model.scan()
    assert model.scanning and "Every optimizer tries the same 201 rates" in model.status()
    model.advance_scans()
    assert not model.scanning and model.steps == 0
    assert model.settings["GradientDescent"] == pytest.approx(2 / 52, rel=0.06)  # 2/(λmin + λmax)
    beyond = np.isfinite(model.scans["Momentum"].steps) & (RATES > 2 * 1.9 / 50)
    assert not beyond.any()  # momentum's limit is 2(1 + β)/λmax
    model.advance(LONGEST)
    assert "fair race" in model.found and "a third" not in model.found
    assert [racer.outcome for racer in model.racers] == ["converged"] * 4
    assert [racer.steps for racer in model.racers] == [scan.fewest for scan in model.scans.values()]
    steps = dict(zip(RACERS, (racer.steps for racer in model.racers), strict=True))
    assert steps["GradientDescent"] < steps["Momentum"] < steps["RMSProp"]
    assert "Each has its best of 201 rates" in model.description()


def test_a_walk_is_given_up_after_a_round_number_of_steps():
    """The axis of steps ends there, and a sentence names it."""
    assert float(f"{LONGEST:.1g}") == LONGEST


def test_another_beta_or_start_is_another_scan():
    model = DescentModel("valley", optimizers=RACERS[:2])
    model.scan()
    model.advance_scans()
    model.configure(beta=0.5)
    assert set(model.scans) == {"GradientDescent"}
    model.scan()
    model.advance_scans()
    model.advance(LONGEST)
    assert "a third" in model.found and 3 * model.racers[1].steps < model.racers[0].steps
    model.configure(start=(3, 1))
    assert model.scans == {} and "a third" in model.found
    with pytest.raises(ValueError, match="has no minimum"):
        DescentModel("saddle", optimizers=RACERS).scan()


def test_a_racer_that_only_passes_has_not_arrived():
    rate = RATES[np.abs(RATES - 1.78).argmin()]
    [racer] = run("valley", rate, None, ("RMSProp",), steps=2000).racers
    close = 1e-3 * np.hypot(5, 1)
    passes = [step for step, point in enumerate(racer.path) if np.hypot(*point) <= close]
    assert len(passes) < STAY and racer.outcome != "converged"


def test_momentum_passes_the_minimum_before_it_arrives():
    position, velocity, close, distances = 2.0, 0.0, 1e-3 * 2.0, []
    for _ in range(300):
        velocity = 0.9 * velocity + 2 * position
        position -= 0.02 * velocity
        distances.append(abs(position))
    within = np.array(distances) <= close
    passes, settled = 1 + np.flatnonzero(within)[0], 2 + np.flatnonzero(~within)[-1]
    arrived = run("parabola", 0.02, (2.0,), ("Momentum",)).steps
    assert passes < arrived, "there is a step at which it is close, but too fast to stay"
    assert arrived == settled and max(distances[arrived - 1 :]) <= close


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"start": (1, 2, 3)}, "start: expected 2 numbers"),
        ({"start": (100, 0)}, "start: expected a point from"),
        ({"start": (np.nan, 0)}, "start: expected a point from"),
        ({"optimizers": ()}, "optimizers: expected some of"),
        ({"optimizers": ("SGD",)}, "optimizers: expected some of"),
    ],
)
def test_wrong_settings_give_a_sentence(changes, sentence):
    model = DescentModel()
    with pytest.raises(ValueError, match=sentence):
        model.configure(**changes)
    assert model.settings == DescentModel().settings


def test_a_surface_without_a_minimum_has_no_limit_to_show():
    model = DescentModel("saddle")
    model.show_limit()
    assert not model.limit_shown and "2/λmax" not in model.status()


@pytest.mark.parametrize(
    ("surface", "rate", "start", "good"),
    [
        ("valley", 0.03, (5, 1), True),
        ("valley", 0.04, (5, 1), False),
        ("valley", 0.06, (5, 1), False),
        ("double well", 0.05, (1.6,), False),
        ("saddle", 0.1, (3, 0), False),
    ],
)
def test_only_a_run_that_ends_in_the_lowest_minimum_is_good(surface, rate, start, good):
    model = DescentModel(surface, start, rate=rate)
    assert not model.good and not model.bad
    model.advance(LONGEST)
    assert (model.good, model.bad) == (good, not good)


@pytest.mark.parametrize("surface", SURFACES)
def test_the_preview_is_the_way_that_is_walked(surface):
    model = DescentModel(surface, optimizers=RACERS, rate=0.004)
    preview = model.preview()
    assert model.steps == 0 and not model.tried and not model.found and model.preview() is preview
    model.advance(PREVIEW)
    for seen, racer in zip(preview, model.racers, strict=True):
        np.testing.assert_array_equal(seen.path, racer.path)
        assert (seen.name, seen.outcome) == (racer.name, racer.outcome)
    assert model.preview() is preview, "walking changes nothing of it"
    model.configure(GradientDescent=0.001)
    assert not np.array_equal(model.preview()[0].path, preview[0].path)


def test_a_cause_is_told_only_of_a_run_at_one_rate():
    """A rate above the limit, throughout, and set just before the arrival; a limit that belongs to another optimizer."""
    cause, limit = "lies exactly on an axis", SURFACES["valley"].limit()
    alone = run("valley", 0.045, (5.0, 0.0))
    assert alone.good and cause in alone.status()  # it does
    late = DescentModel("valley", rate=0.02)
    while not late.finished:
        racer = late.racers[0]
        nearly = late.distance(racer) * (1 - 0.045) <= CLOSE * late.distance(racer, 0)
        late.configure(rate=0.045 if nearly else 0.02)
        late.advance(1)
    assert late.good and limit < 0.045 and late.racers[0].rate == 0.045
    assert "Converged after" in late.status() and cause not in late.status()
    assert "at rate 0.02\N{RIGHTWARDS ARROW}0.045" in late.description()
    momentum = run("valley", 0.045, None, ("Momentum",))
    assert momentum.good and cause not in momentum.status()  # whose limit is another one
    away = DescentModel("valley", rate=0.03)
    away.advance(3)
    away.configure(rate=1.0)
    away.advance(1000)
    assert "each step overshoots" not in away.status() and "at the rates 0.03\N{RIGHTWARDS ARROW}1" in away.status()
    assert "at rate 1 each step overshoots" in run("valley", 1.0).status()


def test_a_rate_that_was_set_and_taken_back_before_a_step_was_never_used():
    model = DescentModel("valley", rate=0.02)
    model.advance(3)
    model.configure(rate=0.5)
    model.configure(rate=0.02)
    model.advance(5000)
    assert model.racers[0].one_rate and model.tried["valley"]["GradientDescent"] == {0.02: model.steps}


def test_a_race_whose_rates_were_turned_is_no_fair_race():
    def race(turned):
        model = DescentModel("valley", optimizers=("GradientDescent", "Momentum"))
        model.scan()
        model.advance_scans()
        if turned:
            best = model.settings["Momentum"]
            model.configure(Momentum=0.9 * best)
            model.advance(1)
            model.configure(Momentum=best)
        model.advance(5000)
        return model

    assert "fair race" in race(False).found and "Each has its best" in race(False).description()
    assert "fair race" not in race(True).found and "Each has its best" not in race(True).description()


def test_momentum_pays_in_a_narrow_valley():
    flat, steep = SURFACES["rosenbrock"].curvatures(np.array([1.0, 1.0]))
    assert steep / flat > 2000
    plain, momentum = run("rosenbrock", 0.001, None, ("GradientDescent", "Momentum"), steps=5000).racers
    assert plain.outcome == "" and momentum.outcome == "converged" and momentum.steps < 2000
