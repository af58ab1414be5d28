"""The compute lab's model: counts against the engine's, powers against theory, energy against arithmetic."""

import time

import numpy as np
import pytest
from sentences import says

from course_lib import Dense, Sequential, functional
from course_lib.labs.compute import (
    BATCH,
    DIGITS,
    TODAY,
    WIDTHS,
    ComputeModel,
    duration,
    energy,
)
from course_lib.text import quantity, set_language
from course_lib.tools.operations_count import count_operations


@pytest.fixture
def in_chinese():
    set_language("zh")
    yield
    set_language("en")


@pytest.mark.parametrize(("width", "depth"), [(8, 1), (128, 2), (50, 5)])
def test_a_step_agrees_with_the_recorded_graph(rng, width, depth):
    sizes = [64] + [width] * depth
    layers = [Dense(a, b, "relu", rng=rng) for a, b in zip(sizes, sizes[1:], strict=False)]  # noqa: RUF007
    network = Sequential(*layers, Dense(width, 10, rng=rng))
    loss = functional.softmax_cross_entropy(network(np.zeros((3, 64))), np.zeros(3, int))
    counted = count_operations(loss)
    forward, backward = ComputeModel(width=width, depth=depth).a_step()
    assert (counted.forward, counted.backward) == (3 * forward, 3 * backward)


def test_the_whole_training():
    model = ComputeModel(width=128, depth=2, examples=1000, epochs=20, speed=1e9, power=50.0, overhead=1.2)
    assert model.operations() == sum(model.a_step()) * 20_000
    assert model.seconds() == model.operations() / 1e9
    assert model.kilowatt_hours() == pytest.approx(model.seconds() * 60 / 3.6e6)


def test_powers_tend_to_two_for_width_and_one_for_depth():
    wide = ComputeModel(width=50_000, depth=20).exponents()
    assert wide["width"] == pytest.approx(2, abs=0.01)
    assert ComputeModel(width=50_000, depth=200).exponents()["depth"] == pytest.approx(1, abs=0.02)
    assert wide["data"] == pytest.approx(1)


def test_one_layer_cannot_be_halved():
    model = ComputeModel(depth=1)
    assert np.isnan(model.relative("depth", [0.5])[0]) and np.isfinite(model.exponents()["depth"])


def test_the_language_model_of_today():
    """3.8e25 floating-point operations, as its authors state; two a multiply-add."""
    model = ComputeModel()
    model.configure(what=TODAY)
    assert 2 * model.operations() == pytest.approx(3.8e25, rel=0.01)
    assert model.exponents() == {"data": pytest.approx(1)}
    model.configure(machine="16,000 accelerators")
    assert 50 < model.seconds() / 86_400 < 100  # days
    model.configure(what=DIGITS)
    assert model.operations() < 1e11


def measured(model, clock=time.perf_counter):
    model.start_measuring()
    while not model.finished:
        model._step(clock)
    return model


def test_measuring_sets_the_speed_of_the_largest_network():
    ticks = iter(np.arange(0, 1e3, 0.25))
    model = measured(ComputeModel(), clock=lambda: next(ticks))
    assert len(model.measured) == len(WIDTHS)
    for width, (operations, seconds) in zip(WIDTHS, model.measured, strict=True):
        assert operations == BATCH * (2 * 64 * width + 3 * (width * width + width * 10)) and seconds == 0.25
    assert model.settings["speed"] == pytest.approx(operations / 0.25, rel=5e-3)
    assert model.measured_power() == pytest.approx(0)


def test_measuring_says_how_far_it_is():
    model = ComputeModel()
    model.start_measuring()
    assert "Measuring: network 1 of 6" in model.status() and not model.finished and model.measured_power() is None
    model.advance()
    assert "network 2 of 6" in model.status()


def test_the_goal_needs_prediction_measurement_and_model():
    model = measured(ComputeModel())
    assert not model.good
    model.predict(5 * model.years_today())
    assert not model.good
    model.configure(what=TODAY)
    assert model.good
    speed = model.settings["speed"]
    model.configure(speed=1.5 * speed)
    assert not model.good  # that is no longer the speed of this machine
    model.configure(speed=speed)
    assert model.good
    model.predict(50 * model.years_today())
    assert not model.good


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (999, "999"),
        (25_856, "25,856"),
        (2.5e9, "2.5 billion"),
        (999_990_000, "1 billion"),
        (1.56e13, "15.6 trillion"),
        (1.9e25, "1.9 × 10^25"),
        (1e15, "1 × 10^15"),
        (123456, "123,456"),
    ],
)
def test_quantities(number, text):
    assert quantity(number) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (999_999, "999,999"),
        (1.4e6, "140 万"),
        (99_990_000, "1 亿"),
        (1.06e8, "1.06 亿"),
        (4.05e11, "4,050 亿"),
        (1.56e13, "15.6 万亿"),
        (1.9e25, "1.9 × 10^25"),
    ],
)
def test_chinese_counts_are_grouped_by_ten_thousand(number, text, in_chinese):
    assert quantity(number) == text


def test_no_space_stands_between_two_chinese_characters(in_chinese):
    assert [duration(seconds) for seconds in (7200, 86_400 * 10, 1.9e15)] == ["2 小时", "10 天", "6,020 万年"]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.25, "0.25 s"),
        (90, "1.5 min"),
        (7200, "2 h"),
        (86_400 * 10, "10 days"),
        (3.156e10, "1,000 years"),
        (1.9e15, "60.2 million years"),
    ],
)
def test_durations(seconds, text):
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("kilowatt_hours", "text"),
    [(2.08e-6, "2.08 mWh"), (0.015, "15 Wh"), (3.5, "3.5 kWh"), (2e3, "2 MWh"), (2.21e7, "22.1 GWh")],
)
def test_energies(kilowatt_hours, text):
    assert energy(kilowatt_hours) == text


def test_messages():
    says(
        ValueError,
        "prediction: expected a positive number of years below 1e15, got -1",
        lambda: ComputeModel().predict(-1),
    )
