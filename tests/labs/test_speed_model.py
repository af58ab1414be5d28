"""What the speed lab measures: the same step everywhere, ratios of the fastest rounds, the record where it must be."""

import pytest

from course_lib import frameworks
from course_lib.labs import speed as speed_model
from course_lib.labs.speed import AIM, BATCHES, CONTENDERS, OURS, WIDTHS, SpeedModel


@pytest.fixture
def alone(monkeypatch):
    """Nothing but course_lib, whatever is installed."""
    monkeypatch.setenv(frameworks.RECORDED_ONLY, "recorded")


@pytest.fixture
def small(alone, monkeypatch):
    """Only the smallest widths, for speed."""
    monkeypatch.setattr(speed_model, "WIDTHS", WIDTHS[:3])


def test_our_step_descends(alone):
    run = speed_model.contenders(16, 16)[OURS]
    first = run(1)
    assert run(50) < 0.9 * first


@pytest.mark.parametrize("batch", BATCHES)
def test_every_contender_takes_the_same_steps(batch):
    losses = {name: run(30) for name, run in speed_model.contenders(32, batch).items()}
    assert {name for name, (framework, _) in CONTENDERS.items() if framework.installed} == set(losses) - {OURS}
    for name, loss in losses.items():
        assert loss == pytest.approx(losses[OURS], rel=1e-4), name


def test_the_multiplications_are_those_of_the_products():
    """Three products for each layer; the first needs no gradient of its input."""
    layers, x, _ = speed_model.task(8, 16)
    expected = sum(3 * len(x) * W.size for W, _ in layers) - len(x) * layers[0][0].size
    assert speed_model.multiplications(8, 16) == expected


def test_everyone_is_measured_in_every_round(small):
    model = SpeedModel(rounds=4)
    while not model.finished:
        model.advance(enough=lambda: True)  # a piece at a time
    assert model.widths == list(speed_model.WIDTHS)
    assert all(len(times) == 4 and min(times) > 0 for by_name in model.times.values() for times in by_name.values())
    assert model.growth(WIDTHS[0]) == 1 and "recorded" in model.status()


def with_ratios(model, ratios):
    """The model after all widths were measured, PyTorch having these ratios."""
    model.timed = [*CONTENDERS]
    for width, ratio in zip(WIDTHS, ratios, strict=True):
        model.times[width] = {OURS: [1.0, 2.0], "PyTorch": [9.0, ratio], "TensorFlow": [2.0] * 2, "JAX": [0.5] * 2}
    return model


FALLING = [8, 7, 6, 5, 3, 1.6, 1.4, 1]


def test_the_crossing_is_the_first_width_that_is_hardly_slower():
    model = with_ratios(SpeedModel(rounds=2), FALLING)
    assert model.ratio("PyTorch", WIDTHS[0]) == 8  # of the fastest rounds
    assert model.crossing() == 512 and model.ratio("PyTorch", 512) <= AIM < model.ratio("PyTorch", 256)
    assert "From width 512 on" in model.status()
    assert with_ratios(SpeedModel(rounds=2), [9.0] * 8).crossing() == 0
    assert SpeedModel().crossing() is None


@pytest.mark.parametrize(("width", "right"), [(128, False), (256, True), (512, True), (1024, True)])
def test_a_prediction_one_width_off_is_right(width, right):
    model = SpeedModel(rounds=2)
    model.predict(width)
    assert not model.reached
    assert with_ratios(model, FALLING).good == right


def test_a_prediction_after_measuring_is_refused():
    model = with_ratios(SpeedModel(rounds=2), FALLING)
    with pytest.raises(ValueError, match="can be seen already"):
        model.predict(512)
    model.reset()
    with pytest.raises(ValueError, match="expected one of the widths"):
        model.predict(100)


def test_the_record_holds_every_width_and_says_so():
    for batch in BATCHES:
        for name in CONTENDERS:
            ratios = [speed_model.recorded_ratio(name, width, batch) for width in WIDTHS]
            assert len(ratios) == len(WIDTHS) and min(ratios) > 0
        growth = speed_model.recorded_growth(batch)
        assert growth[0] == 1 and growth[-1] > 20
        assert f"with a batch of {batch}" in SpeedModel(batch).description()


def test_what_the_chapter_says_of_the_record():
    """Small steps: PyTorch and TensorFlow more than twice as slow, JAX in between; wide ones: hardly a difference."""
    for batch in (16, 64):
        narrow = {name: speed_model.recorded_ratio(name, WIDTHS[0], batch) for name in CONTENDERS}
        wide = {name: speed_model.recorded_ratio(name, WIDTHS[-1], batch) for name in CONTENDERS}
        assert min(narrow["PyTorch"], narrow["TensorFlow"]) > 2 > narrow["JAX"] > 1
        assert all(0.6 < ratio < 1.2 for ratio in wide.values())
        floors = {name: overhead for name, (overhead, _) in speed_model.recorded_floors(batch).items()}
        assert floors[OURS] < 1 and min(floors, key=floors.get) == OURS
    for batch in BATCHES:
        crossing = speed_model.recorded_crossing(batch)
        ratios = [speed_model.recorded_ratio("PyTorch", width, batch) for width in WIDTHS]
        assert ratios[0] > AIM >= ratios[WIDTHS.index(crossing)] and min(ratios[: WIDTHS.index(crossing)]) > AIM


def test_floors_solve_the_two_equations():
    """t = overhead + n / rate at both ends; half-way, the arithmetic takes as long as the overhead."""
    for name, (overhead, halfway) in speed_model.recorded_floors(64).items():
        for end in (0, -1):
            ratio = 1 if name == OURS else speed_model.recorded_ratio(name, WIDTHS[end], 64)
            arithmetic = overhead * speed_model.multiplications(WIDTHS[end], 64) / halfway
            assert overhead + arithmetic == pytest.approx(ratio * speed_model.recorded_growth(64)[end])
