"""The model of the lab of voices: what it trains on, what it measures, and that both are kept apart."""

import numpy as np
import pytest

from course_lib.datasets.speech import FLITE_VOICES
from course_lib.labs.voices import BATCH, EPOCHS, VoicesModel


@pytest.fixture(scope="module")
def trained():
    model = VoicesModel(voices=("kal16",))
    model.advance(model.most)
    return model


def test_it_learns_the_accents_and_not_all_of_flite(trained):
    assert trained.finished and trained.epoch == EPOCHS and len(trained.losses) == EPOCHS * trained.steps_an_epoch
    assert np.mean(trained.losses[-20:]) < 0.05 and trained.losses[0] > 2
    assert trained.shares["held-out accents"][-1] >= 0.95 and trained.shares["kal16"][-1] >= 0.95
    unheard = [trained.shares[voice][-1] for voice in ("awb", "rms", "slt")]
    assert trained.best == max(unheard) and trained.harm == 0 and min(unheard) < 0.95


def test_training_data_are_the_chosen_voices_and_no_others():
    model = VoicesModel()
    assert (
        len(model._labels) == 1200 and model.steps_an_epoch == -(-1200 // BATCH) and model.unheard == list(FLITE_VOICES)
    )
    model.configure(voices=("awb", "slt"))
    assert len(model._labels) == 1200 + 2 * 120 and model.unheard == ["kal16", "rms"]
    assert {name: len(part) for name, part in model._groups.items()} == {"held-out accents": 200} | dict.fromkeys(
        FLITE_VOICES, 120
    )


def test_inputs_are_standardised_with_numbers_of_the_training_data():
    model = VoicesModel(centred=False)
    real = model._x[model._mask == 1]
    np.testing.assert_allclose(real.mean(axis=0), 0, atol=1e-4)
    np.testing.assert_allclose(real.std(axis=0), 1, atol=1e-4)


def test_centring_removes_the_colour_of_a_voice():
    model = VoicesModel()
    part = model._groups["slt"]
    louder = type(part)(part.features + np.linspace(-6, 6, 16, dtype=np.float32), *list(vars(part).values())[1:])
    np.testing.assert_allclose(model.prepare(louder), model.prepare(part), atol=1e-4)
    model.configure(centred=False)
    assert np.abs(model.prepare(louder) - model.prepare(part)).max() > 0.3


def test_a_part_of_a_training_can_be_taken_in_pieces():
    model = VoicesModel()
    model.advance(model.most, enough=lambda: len(model.losses) >= 5)
    assert len(model.losses) == 5 and len(model.shares["slt"]) == 1
    model.configure(clip=0.5)  # from the next step on
    model.advance(model.steps_an_epoch - 5)
    assert model.epoch == 1 and len(model.shares["slt"]) == 2
    assert "Epoch 1 of 8" in model.status() and model._optimizer.largest == 0.5


def test_an_interrupt_in_a_step_or_in_a_measurement_does_no_harm(monkeypatch):
    model = VoicesModel()
    model.advance(2)

    def interrupted(*arguments):
        raise KeyboardInterrupt

    for owner, name in ((model._optimizer.optimizer, "step"), (model, "_evaluate")):
        model.advance(model.steps_an_epoch * (model.epoch + 1) - len(model.losses) - 1)
        with monkeypatch.context() as patch:
            patch.setattr(owner, name, interrupted)
            with pytest.raises(KeyboardInterrupt):
                model.advance(1)
        assert len(model.norms) == len(model.losses)
        epoch = model.epoch
        model.advance(1)
        assert model.epoch == epoch + 1 and len(model.norms) == len(model.losses)
        assert {len(shares) for shares in model.shares.values()} == {model.epoch + 1}


def note(model, voices, seed=0, clip=1.0, **shares):
    """As if the model had finished a training with these voices and these results."""
    model.settings, model.courses = model.settings | {"voices": voices, "seed": seed}, {"clip": [(0, clip)]}
    model._compare(shares)


def test_harm_compares_trainings_that_differ_by_one_voice():
    model = VoicesModel()
    note(model, (), kal16=0.5, awb=0.8, rms=0.7, slt=0.9)
    note(model, ("kal16", "awb"), rms=0.6, slt=0.1)  # two voices more
    note(model, ("awb",), seed=1, kal16=0.1, rms=0.1, slt=0.1)  # another seed
    note(model, ("awb",), clip=0.5, kal16=0.1, rms=0.1, slt=0.1)  # gradients clipped at another length
    assert model.harm == 0 and model.best == 0.9
    note(model, ("kal16",), awb=0.9, rms=0.65, slt=0.6)
    assert model.harm == pytest.approx(0.5)  # from here to (kal16, awb): slt falls from 60 to 10 %
    assert model.best == 0.9
    model.harm = 0
    note(model, (), kal16=0.5, awb=0.8, rms=0.7, slt=0.7)  # the order of the trainings does not matter
    assert model.harm == pytest.approx(0.1)


def test_a_run_that_ends_early_says_why_and_names_no_rate_for_there_is_no_control_of_it(monkeypatch):
    model = VoicesModel()
    monkeypatch.setattr(model._steps, "take", lambda batch: np.nan)
    model.advance(1)
    assert model.finished and model.status() == "Stopped at step 0: the loss is no longer finite."


def test_words():
    model = VoicesModel(voices=FLITE_VOICES)
    assert "Not trained yet" in model.status() and "none of the four" in model.status()
    assert "1,680 utterances" in model.description()
