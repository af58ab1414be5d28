"""The language model: its gradients, its mask, what it writes, and the baseline."""

import numpy as np
import pytest
from operations import check_model
from sentences import says

from course_lib import Adam, Tensor, train
from course_lib.datasets import chinese_numerals, number_splits
from course_lib.datasets.language import (
    LETTERS,
    LONGEST_LINE,
    NUMBER_SYMBOLS,
    beginnings_of,
    number_lines,
    numerals_of,
    word_lines,
    word_list,
)
from course_lib.datasets.number_words import CHINESE, decode
from course_lib.models.language import (
    Bigrams,
    LanguageModel,
    letter_table_loss,
    next_symbol_loss,
    parameters_of_language_model,
    probabilities,
    sample,
    write,
)
from course_lib.ops import softmax
from course_lib.schedules import warm_up

X = np.array([[1, 4, 0, 2, 2], [3, 1, 1, 0, 4]])
Y = np.array([[4, 0, 2, 2, 1], [1, -1, 0, 4, -1]])


def small(rng, blocks=2, **options):
    return LanguageModel(5, 5, 4, blocks=blocks, rng=rng, dtype=np.float64, **options)


@pytest.mark.parametrize("options", [{}, {"causal": False, "blocks": 1}, {"positions": False, "blocks": 1}], ids=str)
def test_gradients_against_finite_differences(rng, options):
    model = small(rng, **options)
    check_model(model, lambda: next_symbol_loss(model(X), Y))


@pytest.mark.parametrize(("features", "blocks", "size"), [(32, 1, 16_592), (32, 2, 29_296), (48, 2, 62_352)])
def test_sizes(rng, features, blocks, size):
    model = LanguageModel(len(NUMBER_SYMBOLS), LONGEST_LINE, features, blocks=blocks, rng=rng)
    assert sum(p.size for p in model.parameters) == size
    assert {p.dtype for p in model.parameters} == {np.dtype(np.float32)}
    x, _ = number_lines([12, 777_777])
    logits = model(x)
    assert logits.shape == (2, LONGEST_LINE - 1, 48) and logits.dtype == np.float32
    assert len(model.blocks) == blocks


@pytest.mark.parametrize(("features", "blocks"), [(32, 1), (48, 2), (8, 3)])
def test_parameters_can_be_counted_without_a_model(rng, features, blocks):
    model = LanguageModel(27, 13, features, blocks=blocks, rng=rng)
    counted = sum(p.size for p in model.parameters)
    assert parameters_of_language_model(27, 13, features, blocks) == counted
    shared = parameters_of_language_model(27, 13, features, blocks, shared_output=True)
    assert counted - shared == sum(p.size for p in model.layers[-1].parameters)


def test_gpt2_has_124_million():
    assert parameters_of_language_model(50_257, 1024, 768, 12, shared_output=True) == 124_439_808


def test_a_later_symbol_changes_no_earlier_output(rng):
    """To the last bit; without the mask it does."""
    changed = X.copy()
    changed[:, 3:] = (X[:, 3:] + 1) % 5
    model, cheat = small(rng), small(rng, causal=False)
    assert np.array_equal(model(X).value[:, :3], model(changed).value[:, :3])
    assert not np.array_equal(model(X).value[:, 3], model(changed).value[:, 3])
    assert not np.isclose(cheat(X).value[:, :3], cheat(changed).value[:, :3]).all()


def test_without_positions_the_order_of_the_earlier_symbols_is_not_seen(rng):
    swapped = X[:, [1, 0, 2, 3, 4]]
    for positions in (True, False):
        model = small(rng, positions=positions)
        same = np.allclose(model(X).value[:, 2:], model(swapped).value[:, 2:], rtol=1e-10, atol=1e-12)
        # two blocks: step 2 sees what steps 0 and 1 have made of each other, which knows that one came first
        assert not same
    one_block = small(rng, blocks=1, positions=False)
    np.testing.assert_allclose(one_block(X).value[:, 2:], one_block(swapped).value[:, 2:], rtol=1e-10, atol=1e-12)


def test_attention_maps_are_those_of_the_forward_pass(rng):
    model = small(rng)
    maps = model.attention_maps(X)
    assert [w.shape for w in maps] == [(2, 2, 5, 5)] * 2 and all(type(w) is np.ndarray for w in maps)
    x = model.layers[1](model.layers[0](X))
    norm, attention = model.blocks[0].layers[0].layers
    np.testing.assert_array_equal(maps[0], attention.weights(norm(x)))
    norm, attention = model.blocks[1].layers[0].layers
    np.testing.assert_array_equal(maps[1], attention.weights(norm(model.blocks[0](x))))
    assert not any(np.triu(w, 1).any() for w in maps)


def test_the_loss_is_the_mean_over_the_places_that_count(rng):
    z = rng.normal(size=(2, 5, 5))
    p = softmax(z)
    expected = [-np.log(p[i, t, Y[i, t]]) for i in range(2) for t in range(5) if Y[i, t] >= 0]
    assert next_symbol_loss(z, Y) == pytest.approx(np.mean(expected))


# The baseline


def test_bigrams_are_shares_of_counts():
    bigrams = Bigrams(X, Y, 5, added=1e-9)
    # behind 1 stood 4 (from the first line) and 0 (from the second; its other 1 does not count)
    np.testing.assert_allclose(np.exp(bigrams(np.array([[1]])))[0, 0], [0.5, 0, 0, 0, 0.5], atol=1e-8)
    smooth = Bigrams(X, Y, 5, added=1)
    np.testing.assert_allclose(np.exp(smooth(np.array([[1]])))[0, 0], np.array([2, 1, 1, 1, 2]) / 7)
    np.testing.assert_allclose(np.exp(smooth.table).sum(axis=1), 1)


def test_no_table_of_pairs_has_a_lower_loss_on_its_own_data(rng):
    bigrams = Bigrams(X, Y, 5, added=1e-9)
    best = next_symbol_loss(bigrams(X), Y)
    for _ in range(20):
        assert next_symbol_loss(bigrams.table[X] + 0.1 * rng.normal(size=(5, 5))[X], Y) > best


def test_a_table_of_one_letter_counts_the_symbols_alone():
    counts = np.array([2, 2, 2, 0, 2])  # of 8 places that count
    shares = (counts + 3 / 5) / (8 + 3)
    assert letter_table_loss((X, Y), (X, Y), 5, letters=1, strength=3) == pytest.approx(
        -np.log(shares[[0, 1, 2, 4]]).mean()
    )


def test_a_table_of_two_letters_is_one_of_pairs():
    expected = next_symbol_loss(Bigrams(X, Y, 5, added=1e-9)(X), Y)
    assert letter_table_loss((X, Y), (X, Y), 5, letters=2, strength=1e-9) == pytest.approx(expected, abs=1e-6)


def test_what_a_longer_table_has_not_seen_it_asks_of_the_shorter_one():
    """By hand: behind 1, 4 stood 0; behind 4 stood 0; 0 was two of eight symbols, 3 none of them."""
    seen, unseen = np.array([[1, 4]]), np.array([[2, 4]])
    zero, three = np.array([[-1, 0]]), np.array([[-1, 3]])
    for x, y, count, followed in ((seen, zero, 2, 1), (seen, three, 0, 0), (unseen, zero, 2, 1)):
        p = (count + 1 / 5) / (8 + 1)
        p = (followed + p) / (1 + 1)
        if x is seen:
            p = (followed + p) / (1 + 1)
        assert letter_table_loss((X, Y), (x, y), 5, letters=3, strength=1) == pytest.approx(-np.log(p))


def test_more_letters_help_on_words():
    words = np.random.default_rng(0).permutation(word_list())
    data = word_lines(words[500:3500]), word_lines(words[:500])
    losses = [letter_table_loss(*data, len(LETTERS), letters) for letters in (1, 2, 3)]
    assert losses == sorted(losses, reverse=True) and losses[0] < np.log(27)


# Writing


def test_probabilities_at_a_temperature():
    z = np.log([[0.5, 0.25, 0.25]])
    np.testing.assert_allclose(probabilities(z), [[0.5, 0.25, 0.25]])
    np.testing.assert_allclose(probabilities(z, 0.5), [[4 / 6, 1 / 6, 1 / 6]])
    np.testing.assert_allclose(probabilities(Tensor(z), 1e9), [[1 / 3] * 3])
    np.testing.assert_array_equal(probabilities(np.array([1000.0, 0.0, -1000.0]), 0.001), [1, 0, 0])


def test_samples_have_the_probabilities(rng):
    z = np.log([0.6, 0.3, 0.1])
    drawn = sample(np.broadcast_to(z, (20_000, 3)), 1.0, rng)
    np.testing.assert_allclose(np.bincount(drawn) / 20_000, [0.6, 0.3, 0.1], atol=0.015)
    drawn = sample(np.broadcast_to(z, (20_000, 3)), 0.5, rng)
    np.testing.assert_allclose(np.bincount(drawn) / 20_000, np.array([36, 9, 1]) / 46, atol=0.015)
    assert not sample(np.broadcast_to(z, (100, 3)), 0, rng).any()
    assert sample(np.array([[-np.inf, 0.0, -np.inf]] * 50), 1.0, rng).tolist() == [1] * 50


def test_writing_goes_on_from_beginnings_of_different_lengths():
    """A model that says "the next symbol is the last one plus 1"."""

    def model(x):
        return np.eye(10)[(x + 1) % 10]

    written = write(model, [[3, 4, 5], [8, -1, -1], [1, 7, -1]], 2)
    assert written.tolist() == [[3, 4, 5, 6, 7], [8, 9, 0, 1, 2], [1, 7, 8, 9, 0]]


def test_a_seed_makes_the_same_text_and_another_one_another(rng):
    model = small(rng)
    first, again, other = (
        write(model, np.ones((8, 1), int), 4, temperature=1.0, rng=np.random.default_rng(seed)) for seed in (0, 0, 1)
    )
    assert np.array_equal(first, again) and not np.array_equal(first, other)
    assert first.shape == (8, 5) and first.min() >= 0 and first.max() < 5


@pytest.mark.parametrize(
    ("call", "error", "sentence"),
    [
        (lambda: probabilities([1.0], -1), ValueError, "temperature: expected a positive number, got -1"),
        (
            lambda: sample([[1.0]], 1.0, None),
            TypeError,
            "sample: expected rng=numpy.random.default_rng(seed), got None",
        ),
        (lambda: write(None, [[1]], 0), ValueError, "write: expected steps to be a whole number >= 1, got 0"),
        (lambda: write(None, [[-1, 2]], 1), ValueError, "write: expected at least one symbol in each beginning"),
    ],
)
def test_message(call, error, sentence):
    says(error, sentence, call)


# Learning


def test_it_learns_to_translate_numbers():
    """200 steps: most unseen numbers are right in every symbol, where the bigram table has none."""
    rng = np.random.default_rng(0)
    train_numbers, _, test_numbers = number_splits(np.random.default_rng(1), 200 * 64)
    model, data = LanguageModel(len(NUMBER_SYMBOLS), LONGEST_LINE, rng=rng), number_lines(train_numbers)
    options = {"optimizer": Adam(0.01), "batch_size": 64, "rng": rng, "schedule": lambda k: warm_up(0.01, k, 50)}
    for _ in train(model, data, loss=next_symbol_loss, epochs=1, replay=True, **options):
        pass
    assert next_symbol_loss(model(data[0][:500]), data[1][:500]).value < 0.1

    def right(model):
        lines = write(model, beginnings_of(test_numbers[:200]), 12)
        written = ["".join(symbols) for symbols in decode(numerals_of(lines), CHINESE)]
        return np.mean([text == chinese_numerals(number) for text, number in zip(written, test_numbers, strict=False)])

    assert right(model) > 0.8
    assert right(Bigrams(*data, len(NUMBER_SYMBOLS))) < 0.1
