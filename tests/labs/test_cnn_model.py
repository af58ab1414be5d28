"""The CNN lab's model: its loss against the definition, and its runs."""

import numpy as np
import pytest

from course_lib import check_gradients
from course_lib.labs.cnn import GOAL, LOWEST_LOSS, CNNModel, smoothed_cross_entropy


@pytest.fixture(scope="module")
def trained():
    """Two epochs with a good rate."""
    model = CNNModel(epochs=2, rate=0.01)
    model.advance(10**6)
    return model


def test_the_loss_is_cross_entropy_with_smoothed_targets(rng):
    logits, labels = rng.normal(size=(6, 10)), rng.integers(10, size=6)
    log_p = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    q = 0.9 * np.eye(10)[labels] + 0.01
    assert float(smoothed_cross_entropy(logits, labels)) == pytest.approx(-np.mean(np.sum(q * log_p, axis=1)))
    check_gradients(lambda p: smoothed_cross_entropy(p[0], labels), [logits])


def test_no_prediction_has_a_lower_loss(rng):
    best = np.log(np.where(np.eye(10)[:3] == 1, 0.91, 0.01))
    assert float(smoothed_cross_entropy(best, np.arange(3))) == pytest.approx(LOWEST_LOSS)
    assert float(smoothed_cross_entropy(best + 0.1 * rng.normal(size=best.shape), np.arange(3))) > LOWEST_LOSS


def test_two_epochs_teach_it(trained):
    assert trained.finished and trained.done == trained.steps == 2 * 19
    assert trained.accuracy >= GOAL and 5 <= trained.records["Adam"] <= 38
    assert len(trained.losses) == 38 and trained.losses[-1] < 1 < trained.losses[0]
    assert [step for step, _ in trained.validations] == [0, 5, 10, 15, 20, 25, 30, 35, 38]
    assert f"step 38 of 38 (epoch 2): loss of the last batch {trained.losses[-1]:.3f}" in trained.status()


def test_more_epochs_go_on_with_the_run_and_other_settings_begin_anew():
    model = CNNModel(epochs=1, rate=0.01)
    model.advance(10**6)
    model.configure(epochs=2)
    assert not model.finished and model.done == 19
    model.advance(3)
    assert model.done == 22
    model.configure(optimizer="Momentum")
    assert model.done == 0 and model.losses == [] and len(model.ghosts) == 1


def test_what_is_seen(trained):
    trained.configure(digit=3)
    image, label = trained.image()
    maps, probabilities = trained.look()
    assert image.shape == (8, 8) and label == trained.validation_part[1][3]
    assert trained.kernels().shape == (16, 3, 3) and maps.shape == (16, 8, 8) and maps.min() >= 0
    assert probabilities.sum() == pytest.approx(1, abs=1e-5)
    W = trained.network.layers[0].W.value
    np.testing.assert_array_equal(trained.kernels()[7], W[:, :, 0, 7])


def test_divergence_is_a_sentence():
    model = CNNModel(optimizer="GradientDescent", rate=3.0)
    for _ in range(30):
        model.advance(1)
        model.network.layers[-1].W.value *= 3  # a push, so that it happens on any machine
    assert model.finished and "diverged at step" in model.status() and "smaller than 3" in model.status()
    before = model.done
    model.advance(5)
    assert model.done == before
    model.reset()
    assert not model.finished and model.problem == ""


def test_fewer_epochs_than_are_done_end_the_run_where_it_stands():
    model = CNNModel(epochs=2, rate=0.01)
    model.advance(25)
    model.configure(epochs=1)
    assert model.finished and model.status().startswith("step 25 of 25 (epoch 2)")
