"""The model of the lab "a language model learns": the training is that of `train`, what is written depends on nothing but
the weights and the step, heads that are off change no training, and a model without a mask cheats."""

import math

import numpy as np
import pytest

from course_lib import Adam, train
from course_lib.datasets.language import LETTERS, NUMBER_SYMBOLS, beginnings_of, word_lines
from course_lib.datasets.number_words import LONGEST_CHINESE
from course_lib.labs.language import model as module
from course_lib.labs.language.model import (
    EVERY,
    EXAMINED,
    HEADS,
    OPENS,
    SNAPSHOTS,
    WARM_STEPS,
    LanguageTraining,
    task_of,
)
from course_lib.models.language import Bigrams, LanguageModel, next_symbol_loss, write
from course_lib.models.translation import exact_match
from course_lib.schedules import warm_up

SMALL = {"features": 16, "batch": 16}
TASKS = ("numbers", "words")


def weights(model):
    return [p.value.copy() for p in model.network.parameters]


def texts(model):
    """All that is written, and how likely each symbol was."""
    model.look()
    rows = [*model.early, (model.late_step, model.late)]
    return [(step, [("".join(one.symbols), one.shares.tolist()) for one in row]) for step, row in rows]


def same(one, other):
    return all(np.array_equal(a, b) for a, b in zip(weights(one), weights(other), strict=True))


@pytest.mark.parametrize("warm", [True, False])
def test_the_training_is_that_of_the_library(warm):
    model = LanguageTraining(rate=0.01, seed=3, warm=warm)
    model.advance(3)
    data = task_of("numbers")
    network = LanguageModel(len(data.symbols), data.longest, rng=np.random.default_rng(3))
    order, losses, optimizer = np.random.default_rng(3).permutation(len(data.train[0])), [], Adam(0.01)
    for step in range(3):
        chosen = order[step * 64 : (step + 1) * 64]
        batch = [part[chosen] for part in data.train]
        optimizer.learning_rate = warm_up(0.01, step, WARM_STEPS) if warm else 0.01
        losses += [p.loss for p in train(network, batch, loss=next_symbol_loss, optimizer=optimizer, epochs=1)]
    np.testing.assert_allclose(model.losses, losses, rtol=1e-5)


@pytest.mark.parametrize("task", TASKS)
def test_nothing_that_is_examined_is_trained_on(task):
    data = task_of(task)
    lines = {x.tobytes() for x in data.train[0]}
    assert not any(x.tobytes() in lines for x in data.held_out[0])
    if task == "numbers":
        beginnings = {row.tobytes() for row in data.train[0][:, :10]}
        assert not any(row.tobytes() in beginnings for row in beginnings_of(data.numbers) if (row >= 0).all())
        assert len(data.numbers) == EXAMINED


def test_the_level_of_bigrams_is_measured_on_held_out_lines():
    data = task_of("numbers")
    x, y = data.held_out
    assert data.bigrams == float(next_symbol_loss(Bigrams(*data.train, len(NUMBER_SYMBOLS))(x), y))
    assert data.bigrams < LanguageTraining(**SMALL).guessing == math.log(len(NUMBER_SYMBOLS))


@pytest.mark.parametrize("task", TASKS)
def test_a_resumed_run_is_equal_with_its_rates_and_that_of_another_seed_is_not(task):
    settings = {**SMALL, "task": task, "rate": 0.01}
    model, again = LanguageTraining(**settings), LanguageTraining(**settings, seed=1)
    model.advance(24)
    model.configure(rate=0.02)
    model.advance(4)
    model.configure(temperature=0.7)
    again.advance(4)
    assert again.losses != model.losses[:4]
    again.resume(model.state())
    while again.behind:
        again.advance(3)
    assert same(model, again) and again.state() == model.state() and texts(again) == texts(model)
    assert again.losses == model.losses and again.shares == model.shares
    assert again.norms == model.norms and again.curve == model.curve and again.held_out == model.held_out


@pytest.mark.parametrize("task", TASKS)
def test_a_step_writes_the_same_however_the_clock_runs(task):
    """In one go, in parts that stop in the middle of an examination, and with texts looked at in between."""
    settings = {**SMALL, "task": task, "temperature": 1.0, "rate": 0.01}
    one, two = LanguageTraining(**settings), LanguageTraining(**settings)
    one.advance(EVERY + 3)
    ends = iter([False, True] * 1000)
    while two.done < EVERY + 3:
        two.look()
        two.advance(1, enough=lambda: next(ends))
    two.finish_examination()
    assert same(one, two) and one.shares == two.shares and one.held_out == two.held_out
    assert texts(one) == texts(two)


def test_a_number_is_written_as_the_library_writes_it():
    model = LanguageTraining(rate=0.01, **SMALL)
    model.advance(30)
    model.look()
    line = write(model.network, beginnings_of([340_215])[:, :8], LONGEST_CHINESE + 1)[0]
    written = model.late[0]
    assert written.line.tolist() == line[: len(written.line)].tolist()
    assert np.allclose(written.likely.sum(axis=1), 1)
    assert (written.shares == written.likely.max(axis=1)).all()  # temperature 0: the likeliest one


def test_snapshots_write_with_the_weights_of_their_steps():
    early, model = (LanguageTraining(rate=0.01, **SMALL) for _ in range(2))
    second, third = SNAPSHOTS["numbers"][1:3]
    early.advance(second)
    model.advance(third - 1)
    assert texts(early)[-1] == texts(model)[1] and [step for step, _ in model.early] == [0, second]
    for each in (early, model):
        each.ask("seven hundred")
    assert texts(early)[-1] == texts(model)[1] and model.right == ["七", "百", "<end>"]


def test_a_snapshot_of_the_run_as_it_opens_has_the_signs_and_the_end_but_not_yet_all_digits():
    """The lab asks which comes first: what is kept of a run as it opens has to answer it."""
    model = LanguageTraining()
    model.advance(SNAPSHOTS["numbers"][-1])
    model.look()
    signs = [symbol for symbol in model.right if symbol in "十百千万"]
    kept = [written[0] for _, written in model.early]
    assert any({*signs} <= {*text.symbols} and text.symbols[-1] == "<end>" and not text.right for text in kept)
    assert kept[-1].right


def test_what_is_examined_is_what_the_library_finds():
    model = LanguageTraining(rate=0.01)
    model.advance(75)
    data = task_of("numbers")
    lines = write(model.network, beginnings_of(data.numbers), LONGEST_CHINESE + 1)
    right = exact_match(module.numerals_of(lines), module.number_pairs(data.numbers)[1][:, 1:]).mean()
    assert model.shares[-1] == (75, right) and right > 0.2
    assert model.held_out[-1][1] == pytest.approx(
        float(next_symbol_loss(model.network(data.held_out[0]), data.held_out[1]).value)
    )


def test_a_head_that_is_off_changes_what_is_written_and_not_the_training():
    """Neither the run before nor the one after: it trains with all heads."""
    on, off = (LanguageTraining(rate=0.01, **SMALL) for _ in range(2))
    for model in (on, off):
        model.advance(30)
    before = texts(off)
    off.turn("1.1")
    assert texts(off) != before and off.settings.off == ("1.1",) and off.settings.head == "1.1"
    assert "without head 1.1" in off.status()
    for model in (on, off):
        model.advance(10)
    assert same(on, off) and on.losses == off.losses
    off.turn("1.1")
    assert texts(on) == texts(off) and not off.settings.off


def test_only_heads_that_are_there_can_be_off_or_shown():
    model = LanguageTraining(heads=4, blocks=3, off=HEADS, head="3.4")
    assert model.settings.off == HEADS
    model.configure(heads=2, blocks=1)
    assert model.settings.off == ("1.1", "1.2") and model.settings.head == "1.1"


@pytest.mark.parametrize("mask", [True, False])
def test_the_maps_add_up_to_one_and_with_a_mask_nothing_later_is_seen(mask):
    model = LanguageTraining(heads=4, blocks=2, mask=mask)
    model.advance(2)
    model.look()
    blocks, heads, rows, columns = model.maps.shape
    assert (blocks, heads, rows) == (2, 4, len(model.late[0].symbols))
    np.testing.assert_allclose(model.maps.sum(axis=-1), 1, rtol=1e-5)
    later = np.arange(columns) > np.arange(columns - rows, columns)[:, None]
    assert (model.maps[..., later] == 0).all() == mask


def test_without_the_mask_it_cheats_and_the_lab_says_so():
    settings = {"rate": 0.01, "features": 16}
    honest, cheat = LanguageTraining(**settings), LanguageTraining(mask=False, **settings)
    for model in (honest, cheat):
        model.advance(150)
    assert cheat.held_out[-1][1] < honest.held_out[-1][1] / 3
    assert cheat.share == 0 and honest.share > 0.2
    assert cheat.cheats and cheat.bad and not honest.cheats
    assert "without the mask the network sees the answer" in cheat.status() and "0 of 100" in cheat.status()
    assert "mask: no" in cheat.description()


def test_the_norms_are_those_of_the_gradient_of_each_block():
    model = LanguageTraining(blocks=2, **SMALL)
    model.advance(25)
    assert [step for step, _ in model.norms] == [5, 10, 15, 20, 25]
    for block, norm in zip(model.network.blocks, model.norms[-1][1], strict=True):
        gradient = np.concatenate([p.grad.ravel() for p in block.parameters])
        assert norm == pytest.approx(np.linalg.norm(gradient.astype(float)), rel=1e-5)


# Goals


@pytest.mark.parametrize(("changes", "fewest"), [({}, True), ({"mask": False}, False), ({"rate": 0.02}, True)])
def test_the_goal_of_few_parameters_counts_a_run_with_a_mask_that_gets_there(monkeypatch, changes, fewest):
    monkeypatch.setattr(LanguageTraining, "_right_of", lambda self, place: 20)
    model = LanguageTraining(features=16, **{"rate": 0.01} | changes)
    assert (model.fewest == model.parameters == 5_248) == fewest
    assert ("few" in model.reached) == fewest
    assert model.warm_rate == (model.settings.rate if fewest else None) and "fast" not in model.reached


def test_a_rate_counts_when_it_was_not_turned(monkeypatch):
    monkeypatch.setattr(LanguageTraining, "_right_of", lambda self, place: 20 * (self.done == EVERY))
    model = LanguageTraining(rate=0.02, **SMALL)
    model.advance(3)
    model.configure(rate=0.03)
    model.advance(EVERY)
    assert model.share == 1 and model.warm_rate is None
    for warm in (True, False):
        model.configure(warm=warm, rate=0.02)
        model.reset()
        model.advance(EVERY)
    assert model.warm_rate == model.cold_rate == 0.02 and "fast" in model.reached
    again = LanguageTraining()
    again.resume(model.state())
    assert again.warm_rate == again.cold_rate == 0.02 and "fast" in again.reached


def test_after_the_last_step_that_counts_no_goal_is_reached(monkeypatch):
    monkeypatch.setattr(LanguageTraining, "_right_of", lambda self, place: 20 * (self.done > 0))
    monkeypatch.setattr(module, "WITHIN", EVERY - 1)
    model = LanguageTraining(**SMALL)
    model.advance(EVERY)
    assert model.share == 1 and not model.good and not model.reached


# What is typed


IMPOSSIBLE = {
    "numbers": ("twelve hundred", "-1", "", "million", "qu"),
    "words": ("340,215", "caf\u00e9", "two words", "abcdefghijkl", "\u4e07"),
}


@pytest.mark.parametrize("task", TASKS)
def test_what_no_text_begins_with_gets_a_sentence_and_loses_nothing(task):
    model = LanguageTraining(task=task, beginning="qu", **SMALL)
    model.advance(2)
    before = model.state()
    for text in IMPOSSIBLE[task]:
        with pytest.raises(ValueError, match=r"expected (letters|at most)" if task == "words" else None):
            model.ask(text)
        assert model.state() == before, text


def test_words_go_on_from_the_letters_that_were_typed():
    model = LanguageTraining(task="words", **SMALL)
    model.ask(" Qu ")
    model.look()
    begun = word_lines(["qu"])[0][0, :3].tolist()
    assert model.late and all(one.line[:3].tolist() == begun for one in model.late)
    assert all(len(one.line) <= task_of("words").longest + 1 for one in model.late)
    assert set("".join(model.late[0].symbols)) <= set(LETTERS)
    model.ask("abcdefghijk")
    assert texts(model)
    model.ask("")
    assert model.settings.beginning == ""


def test_words_of_the_list_are_marked(monkeypatch):
    """The first text that is written is the only word of the list."""
    before, model = (LanguageTraining(task="words", temperature=1.0, **SMALL) for _ in range(2))
    before.look()
    first, *others = ["".join(one.symbols).removesuffix(".") for one in before.late]
    monkeypatch.setattr(task_of("words"), "words", {first})
    model.look()
    assert [one.right for one in model.late] == [True, *(word == first for word in others)]
    assert first not in others


@pytest.mark.parametrize("task", TASKS)
def test_each_task_opens_with_its_own_settings(task):
    assert OPENS[task].items() <= LanguageTraining(task=task).settings.items()
    assert LanguageTraining(task=task, features=16).settings.features == 16


# What goes wrong


@pytest.mark.parametrize("warm", [True, False])
@pytest.mark.parametrize("task", TASKS)
def test_the_highest_rate_comes_to_no_error(recwarn, task, warm):
    model = LanguageTraining(**{**SMALL, "task": task, "warm": warm, "rate": 0.3})
    model.advance(60)
    model.look()
    assert not recwarn.list and model.status() and model.description()


def test_a_loss_that_has_risen_gets_a_sentence_and_one_that_falls_slowly_does_not():
    fast, slow = LanguageTraining(rate=0.3, **SMALL), LanguageTraining(rate=0.0001, **SMALL)
    for model in (fast, slow):
        model.advance(100)
        assert model.recent_loss > model.data.bigrams
    assert fast.is_lost and fast.bad and "Try a smaller learning rate" in fast.status()
    assert not slow.is_lost and not slow.bad


def test_a_loss_that_is_not_finite_ends_the_run_with_a_sentence(recwarn):
    model = LanguageTraining(**SMALL)
    model.network.parameters[-1].value[0] = np.nan
    model.advance(3)
    assert model.finished and "no longer finite" in model.status() and model.done == 0 and model.bad
    model.look()
    assert not recwarn.list
    model.reset()
    model.advance(1)
    assert model.done == 1 and not model.bad


@pytest.mark.parametrize("task", TASKS)
def test_the_description_does_not_depend_on_the_machine(task):
    said = set()
    for seed in (0, 1):
        model = LanguageTraining(task=task, seed=seed)
        model.advance(1)
        said.add(model.description())
    assert len(said) == 1 and ("三十四万零二百一十五" in said.pop()) == (task == "numbers")
