"""The translator: gradients, masks, teacher forcing against greedy decoding."""

import numpy as np
import pytest
from operations import check_model
from recorded_steps import SOURCE, TARGET

from course_lib import functional as F
from course_lib import ops
from course_lib.datasets import number_pairs
from course_lib.datasets.number_words import CHINESE, ENGLISH
from course_lib.layers import attention as attention_layers
from course_lib.models.translation import END, PAD, START, Translator, exact_match, masked_loss

NUMBERS = [340_215, 7, 1000, 12, 777_777]


def small(rng, **options):
    return Translator(len(ENGLISH), len(CHINESE), 4, 5, rng=rng, **({"dtype": np.float64} | options))


def loss_of(translator, source, target):
    return masked_loss(translator(source, target[:, :-1]), target[:, 1:])


@pytest.mark.parametrize("attention", [True, False])
def test_gradients_against_finite_differences(rng, attention):
    translator = Translator(7, 6, 4, 5, attention=attention, rng=rng, dtype=np.float64)
    check_model(translator, lambda: masked_loss(translator(SOURCE, TARGET), TARGET))


def test_sizes_and_parameters(rng):
    translator = Translator(len(ENGLISH), len(CHINESE), rng=rng)
    assert sum(p.size for p in translator.parameters) == 53_393
    assert {p.dtype for p in translator.parameters} == {np.dtype(np.float32)}
    source, target = number_pairs(NUMBERS)
    logits = translator(source, target[:, :-1])
    assert logits.shape == (5, 12, len(CHINESE)) and logits.dtype == np.float32


@pytest.mark.parametrize("attention", [True, False])
def test_padding_changes_nothing(rng, attention):
    """More padding at the end of words or symbols: the same logits, loss, gradients and translation."""
    translator = small(rng, attention=attention)
    source, target = number_pairs([12, 340])
    words, steps = 4, 5  # three hundred forty; START, three symbols and END of 三百四十 is one longer
    steps = int((target != PAD).sum(axis=1).max())
    results = []
    for s, t in [(source, target), (source[:, :words], target[:, :steps])]:
        loss = loss_of(translator, s, t)
        loss.backward()
        results.append((loss.value, [p.grad for p in translator.parameters], translator.translate(s, 8)))
    assert results[0][0] == pytest.approx(results[1][0], rel=1e-12)
    for a, b in zip(results[0][1], results[1][1], strict=True):
        np.testing.assert_allclose(a, b, rtol=0, atol=1e-12)
    assert np.array_equal(results[0][2], results[1][2])


def test_a_number_is_translated_the_same_alone_and_in_a_batch(rng):
    translator = small(rng)
    source, _ = number_pairs(NUMBERS)
    together = translator.translate(source, 12)
    for row, words in zip(together, source, strict=True):
        assert np.array_equal(translator.translate(words[None], 12)[0], row)


def test_greedy_decoding_reads_its_own_symbols(rng):
    """Teacher forcing with what it wrote itself gives back exactly what it wrote."""
    translator = small(rng)
    source, _ = number_pairs(NUMBERS)
    written = translator.translate(source, 9)
    reads = np.concatenate([np.full((len(source), 1), START), written[:, :-1]], axis=1)
    again = translator(source, reads).value.argmax(axis=-1)
    assert np.array_equal(again[written != PAD], written[written != PAD])


def test_after_the_end_mark_only_padding(rng):
    translator = small(rng)
    source, _ = number_pairs(NUMBERS[:2])
    translator.output.b.value[END] = 100.0  # the end mark is always the most likely symbol
    assert np.array_equal(translator.translate(source, 4), [[END, PAD, PAD, PAD]] * 2)
    translator.output.b.value[END] = -100.0
    assert (translator.translate(source, 4) != PAD).all()


def test_the_attention_map_adds_up_to_one_over_the_words(rng):
    translator = small(rng)
    source, target = number_pairs(NUMBERS)
    weights = translator.attention_map(source, target[:, :-1])
    assert weights.shape == (5, 12, 9)
    np.testing.assert_allclose(weights.sum(axis=-1), 1, rtol=1e-12)
    assert (weights[np.broadcast_to((source == PAD)[:, None], weights.shape)] == 0).all()
    with pytest.raises(ValueError, match="expected a translator with attention"):
        small(rng, attention=False).attention_map(source, target[:, :-1])


def test_a_later_symbol_changes_no_earlier_logits(rng):
    """The decoder must not see what it is to write: a change at step 6 reaches only the steps from 6 on."""
    translator = small(rng)
    source, target = number_pairs([340_215])
    other = target.copy()
    other[0, 6] = CHINESE.index("九")
    a, b = (translator(source, t[:, :-1]).value[0] for t in (target, other))
    assert np.array_equal(a[:6], b[:6]) and not np.allclose(a[6:], b[6:])


def test_masked_loss_is_the_mean_over_the_symbols(rng):
    _, target = number_pairs(NUMBERS)
    labels = target[:, 1:]
    logits = rng.normal(size=(*labels.shape, len(CHINESE)))
    real = labels != PAD
    assert masked_loss(logits, labels) == pytest.approx(F.softmax_cross_entropy(logits[real], labels[real]), rel=1e-12)


def test_exact_match_asks_for_every_symbol():
    target = np.array([[5, 6, END, PAD], [5, END, PAD, PAD]])
    written = np.array([[5, 6, END, PAD], [5, 7, END, PAD]])
    assert list(exact_match(written, target)) == [True, False]
    with pytest.raises(ValueError, match="in one shape, got"):
        exact_match(written[:, :3], target)


@pytest.mark.parametrize("longest", [0, 2.0, None])
def test_an_impossible_length_gets_a_sentence(rng, longest):
    with pytest.raises(ValueError, match="translate: expected longest"):
        small(rng).translate(number_pairs([1])[0], longest)


def test_a_translation_projects_what_it_looks_at_once(rng, monkeypatch):
    translator, multiplied = small(rng), []
    source, _ = number_pairs(NUMBERS)
    monkeypatch.setattr(attention_layers, "matmul", lambda x, y: multiplied.append(y) or ops.matmul(x, y))
    translator.translate(source, 6)
    attention = translator.attention
    counts = [sum(each is W for each in multiplied) for W in (attention.W_query, attention.W_key, attention.W_value)]
    assert counts == [5, 1, 1]  # all have ended after five symbols
    keys, state, mask = translator.encode(source)
    query = translator.decoder(translator.target_embedding(np.full((len(source), 1), START)), state)
    assert np.array_equal(attention.over(keys, mask)(query).value, attention(query, keys, mask).value)
