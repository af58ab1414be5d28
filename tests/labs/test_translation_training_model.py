"""The model of the lab "learn to translate": the training is that of `train`, goals, settings, and the example."""

import numpy as np

from course_lib import Adam, train
from course_lib.datasets.number_words import CHINESE, ENGLISH
from course_lib.labs.translation_training import (
    BATCH,
    EVERY,
    GOAL,
    HIDDEN,
    TranslationTraining,
    pairs,
)
from course_lib.models.translation import Translator, masked_loss
from course_lib.tools.operations_count import count_operations


def test_the_training_is_that_of_the_library():
    model = TranslationTraining(rate=0.01, seed=3)
    model.advance(4)
    source, target = pairs()[0]
    rng = np.random.default_rng(3)
    translator, optimizer = Translator(len(ENGLISH), len(CHINESE), rng=rng), Adam(0.01)
    order, losses = rng.permutation(len(source)), []
    for step in range(4):
        chosen = order[step * BATCH : (step + 1) * BATCH]
        data = source[chosen], target[chosen, :-1], target[chosen, 1:]
        losses += [p.loss for p in train(translator, data, loss=masked_loss, optimizer=optimizer, epochs=1)]
    np.testing.assert_allclose(model.losses, losses, rtol=1e-5)


def test_the_goal_is_reached_with_a_good_rate_and_not_with_the_first_one():
    share, steps = GOAL
    model = TranslationTraining(rate=0.01)
    while not model.reached and model.done < steps:
        model.advance(EVERY)
    assert model.reached and model.exact[-1][1] >= share and model.fewest == model.done
    assert [step for step, _ in model.exact] == [*range(0, model.done + 1, EVERY)]
    slow = TranslationTraining()
    slow.advance(steps)
    assert not slow.reached and slow.losses[-1] < slow.losses[0]


def test_without_attention_no_goal_counts():
    model = TranslationTraining(attention=False)
    model.exact, model.translator.translate = [], lambda source, longest: pairs()[1][1][: len(source), 1:]
    model._examine()
    assert model.exact[-1][1] == 1 and not model.reached


def test_both_decoders_have_the_same_budget():
    """To one per cent: numbers to learn, and multiply-adds of a step."""
    budgets = []
    for attention in (True, False):
        model = TranslationTraining(attention=attention)
        (source, target), _ = pairs()
        loss = masked_loss(model.translator(source[:BATCH], target[:BATCH, :-1]), target[:BATCH, 1:])
        budgets.append((sum(p.size for p in model.translator.parameters), count_operations(loss).step))
        assert model.translator.encode(source[:1])[1].shape == (1, HIDDEN[attention])
    np.testing.assert_allclose(*budgets, rtol=0.011)


def test_the_rows_of_the_example():
    model = TranslationTraining(number=12)
    assert model.right == ["十", "二", "<end>"] and len(model.forced) == 3
    model.ask("three hundred")
    assert model.right == ["三", "百", "<end>"] and set(model.forced + model.alone) <= set(CHINESE)
    # the first symbol is written before anything but START is read: alone and forced agree there
    assert model.alone[0] == model.forced[0]


def test_a_new_rate_is_used_at_the_next_step_and_marked():
    model = TranslationTraining(rate=0.001)
    model.advance(2)
    model.configure(rate=0.02)
    model.advance(1)
    assert model.changes == [2] and model._optimizer.learning_rate == 0.02


def test_the_highest_rate_comes_to_no_error(recwarn):
    model = TranslationTraining(rate=TranslationTraining.number_limits()["rate"][1])
    model.advance(15)
    assert model.status() and not recwarn.list


def test_a_loss_that_is_not_finite_ends_the_run_with_a_sentence():
    model = TranslationTraining()
    model.translator.output.b.value[0] = np.nan
    model.advance(3)
    assert model.finished and "try a smaller learning rate" in model.status().lower() and model.done == 0


def test_the_description_does_not_depend_on_the_machine():
    texts = set()
    for seed in (0, 1):
        model = TranslationTraining(seed=seed)
        model.advance(1)
        texts.add(model.description())
    assert len(texts) == 1 and "三十四万零二百一十五" in texts.pop()
