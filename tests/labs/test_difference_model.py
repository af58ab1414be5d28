"""The model of the lab of differences: measured errors against the bound, and the smallest bound against its formula."""

from itertools import product

import numpy as np
import pytest

from course_lib import ops
from course_lib.autodiff import Tensor
from course_lib.labs.difference import FUNCTIONS, MEASURED, DifferenceModel

CASES = list(product(FUNCTIONS, ("central", "one-sided"), ("float64", "float32")))


def model_of(case, **settings):
    return DifferenceModel(**dict(zip(("function", "scheme", "precision"), case, strict=True)), **settings)


@pytest.mark.parametrize("case", CASES)
def test_no_measured_error_is_above_the_bound(case):
    model = model_of(case)
    assert (model.errors(MEASURED) <= model.bound(MEASURED) * (1 + 1e-9)).all()


@pytest.mark.parametrize("case", [case for case in CASES if case[0] != "relu"])
def test_the_bound_is_no_idle_one(case):
    """Truncation comes within a factor 2 of it, rounding, which rarely is as bad as it may be, within a factor 20."""
    model = model_of(case)
    ratio, bound = model.errors(MEASURED) / model.bound(MEASURED), model.bound(MEASURED)
    assert ratio[(bound < 0.1) & np.greater(MEASURED, 3 * model.best)].max() > 0.5
    assert ratio[np.less(MEASURED, model.best / 3)].max() > 0.05


@pytest.mark.parametrize("case", [case for case in CASES if case[0] != "relu"])
def test_the_best_h_is_that_of_the_formula(case):
    name, scheme, precision = case
    delta, function = 2 * np.finfo(precision).eps, FUNCTIONS[name]
    best = (3 * delta / function.third) ** (1 / 3) if scheme == "central" else 2 * np.sqrt(delta / function.second)
    assert model_of(case).best == pytest.approx(best, rel=0.03)


def test_the_slopes_are_those_of_the_engine():
    for name, rule in {"sigmoid": ops.sigmoid, "relu": ops.relu}.items():
        z = Tensor(FUNCTIONS[name].z)
        rule(z).backward()
        assert z.grad == pytest.approx(FUNCTIONS[name].slope, rel=1e-12)


def test_a_sine_a_hundred_times_as_fast_has_a_hundredth_of_the_best_h():
    slow, fast = (model_of((name, "central", "float64")).best for name in ("sin 10z", "sin 1000z"))
    assert slow / fast == pytest.approx(100, rel=0.05)


def test_the_corner_of_the_relu():
    """Central differences are right up to the corner and then see half a slope; the one-sided one looks away from it."""
    central, aside = (model_of(("relu", scheme, "float64")) for scheme in ("central", "one-sided"))
    assert central.errors([0.0009])[0] < 1e-12 and central.errors([0.01])[0] == pytest.approx(0.45)
    assert central.best == pytest.approx(0.001, rel=0.03)
    assert aside.errors([0.01, 1.0]).max() < 1e-12


def test_only_the_first_h_of_a_sine_counts():
    model = DifferenceModel()
    assert model.is_measured and not model.reached
    model.configure(function="sin 1000z", h=1e-6)
    assert not model.is_measured and not model.good and "not measured yet" in model.status()
    model.measure()
    assert model.is_measured and not model.reached and "You had chosen h = 1e-06" in model.status()
    model.configure(h=1.1e-8)
    model.measure()
    assert not model.reached and not model.good  # seen before
    model.configure(precision="float32", h=8.9e-6)
    assert not model.reached
    model.measure()
    assert model.reached == {"before measuring"} and model.good


def test_other_functions_than_sines_do_not_count():
    model = DifferenceModel()
    model.configure(precision="float32", h=0.018)
    model.measure()
    assert model.good and not model.reached


def test_the_case_before_is_kept_to_compare_with():
    model = DifferenceModel()
    assert model.before is None
    model.configure(scheme="one-sided")
    assert model.before == ("sigmoid", "central", "float64")
    model.measure()
    model.configure(scheme="central")
    assert model.before == ("sigmoid", "one-sided", "float64")


def test_words():
    assert "smallest at h = 2e-05, with 1e-10" in DifferenceModel().description()
    model = DifferenceModel(precision="float32", h=1e-9)
    assert model.bad and "relative error 1.0e+00" in model.status()
