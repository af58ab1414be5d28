"""Dense layers and losses: values by hand, extreme numbers, masks, stacks, sentences."""

import math
import tracemalloc
from functools import partial

import numpy as np
import pytest
from sentences import says

from course_lib import Tensor, check_gradients, ops
from course_lib import functional as F

pytestmark = pytest.mark.filterwarnings("error")

# dense


def test_dense_on_a_sequence_makes_no_gradient_of_weights_for_each_sequence(rng):
    x, W, b = (Tensor(rng.normal(size=shape)) for shape in ((100, 2, 64), (64, 64), 64))
    y = ops.sum(F.dense(x, W, b))
    tracemalloc.start()
    y.backward()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8 * 64 * 64 * 100 / 2  # bytes: half of 100 gradients of W


# Squared errors


@pytest.mark.parametrize(("loss", "factor"), [(F.mean_squared_error, 1 / 3), (F.half_squared_error, 1 / 2)])
def test_a_squared_error_is_a_mean_or_half_a_sum(loss, factor):
    a = Tensor([[1.0], [4.0], [0.0]])
    result = loss(a, [[0.0], [2.0], [0.0]])
    result.backward()
    assert float(result) == pytest.approx(factor * (1 + 4), rel=1e-15)
    np.testing.assert_allclose(a.grad, 2 * factor * np.array([[1.0], [2.0], [0.0]]), rtol=1e-15)


# softmax_cross_entropy


@pytest.mark.parametrize("kind", [np.uint8, np.int32, np.int64, np.uint64, list])
def test_labels_are_whole_numbers_of_any_kind(kind):
    labels = [2, 0] if kind is list else np.array([2, 0], kind)
    assert F.softmax_cross_entropy(np.zeros((2, 3)), labels) == pytest.approx(math.log(3), rel=1e-15)


@pytest.mark.parametrize("kind", [np.bool_, np.int64, np.float64])
def test_a_mask_leaves_positions_out(rng, kind):
    z, labels = rng.normal(size=(2, 3, 4)), rng.integers(4, size=(2, 3))
    mask = np.array([[1, 1, 0], [1, 0, 0]], kind)  # two sequences, of length 2 and 1
    kept = mask.astype(bool)
    alone = F.softmax_cross_entropy(z[kept], labels[kept])  # only the three positions that count
    assert F.softmax_cross_entropy(z, labels, mask) == pytest.approx(alone, rel=1e-14)
    check_gradients(lambda p: F.softmax_cross_entropy(p[0], labels, mask), [z], tolerance=1e-8)
    logits = Tensor(z)
    F.softmax_cross_entropy(logits, labels, mask).backward()
    assert not logits.grad[~kept].any() and logits.grad[kept].all()
    labels[~kept] = 0
    expected = F.softmax_cross_entropy(z, labels, mask)
    for nonsense in (-1, 4, 99):  # what stands in the padding is nobody's label
        labels[~kept] = nonsense
        assert F.softmax_cross_entropy(z, labels, mask) == expected


def test_a_mask_of_zeros_gives_loss_0_and_gradient_0():
    logits = Tensor(np.ones((2, 3)))
    loss = F.softmax_cross_entropy(logits, [0, 1], mask=[0, 0])
    loss.backward()
    assert float(loss) == 0.0 and not logits.grad.any()


def test_a_mask_may_weigh_positions(rng):
    z, labels, mask = rng.normal(size=(3, 4)), np.array([0, 2, 1]), np.array([0.5, 0.25, 0.0])
    first, second = (F.softmax_cross_entropy(z[i : i + 1], labels[i : i + 1]) for i in (0, 1))
    expected = (0.5 * first + 0.25 * second) / 0.75
    assert F.softmax_cross_entropy(z, labels, mask) == pytest.approx(expected, rel=1e-14)
    assert F.softmax_cross_entropy(z[:2], labels[:2], [0.5, 0]) == pytest.approx(first, rel=1e-14)
    check_gradients(lambda p: F.softmax_cross_entropy(p[0], labels, mask), [z], tolerance=1e-8)


# All losses

LOSSES = {
    "mean_squared_error": (F.mean_squared_error, lambda rng, shape: rng.normal(size=shape)),
    "half_squared_error": (F.half_squared_error, lambda rng, shape: rng.normal(size=shape)),
    "binary_cross_entropy": (F.binary_cross_entropy, lambda rng, shape: rng.uniform(size=shape)),
    "softmax_cross_entropy": (
        F.softmax_cross_entropy,
        lambda rng, shape: rng.integers(shape[-1], size=shape[:-1]),
    ),
}
every_loss = pytest.mark.parametrize(("loss", "targets"), LOSSES.values(), ids=LOSSES)


@every_loss
def test_the_loss_of_a_stack_is_the_sum_of_the_losses_of_its_networks(rng, loss, targets):
    z, y = rng.normal(size=(5, 4, 3)), targets(rng, (4, 3))
    stacked = Tensor(z)
    total = loss(stacked, y)
    total.backward()
    for k in range(5):
        alone = Tensor(z[k])
        part = loss(alone, y)
        part.backward()
        np.testing.assert_allclose(stacked.grad[k], alone.grad, rtol=1e-14)
        total = total - float(part)
    assert abs(float(total)) < 1e-13


@pytest.mark.parametrize(
    "loss", [F.mean_squared_error, F.half_squared_error, F.binary_cross_entropy], ids=lambda f: f.__name__
)
def test_the_loss_of_one_plain_number(loss):
    assert loss(0.25, 1.0) == loss(np.array(0.25), np.array(1.0))


@pytest.mark.parametrize(
    "call",
    [
        *(
            lambda y, loss=loss: loss(Tensor(np.ones((4, 1))), y)
            for loss in (F.mean_squared_error, F.half_squared_error, F.binary_cross_entropy)
        ),
        lambda y: F.softmax_cross_entropy(Tensor(np.ones((4, 1, 2))), y),
        lambda y: F.softmax_cross_entropy(Tensor(np.ones((4, 1, 2))), np.zeros((4, 1), int), mask=y),
    ],
)
def test_no_gradient_of_a_target_is_lost_in_silence(call):
    sentence = "a Tensor in a NumPy array would lose its gradient: use course_lib.ops, or .value for its numbers"
    says(TypeError, sentence, lambda: call(Tensor(np.ones((4, 1)))))


# Sentences


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (((4, 64), (128, 10), 10), "dense: x has 64 features, but W expects 128 (W.shape = (128, 10))"),
        (((4, 3), (5, 2, 7), (5, 7)), "dense: x has 3 features, but W expects 2 (W.shape = (5, 2, 7))"),
        (((3,), (3, 2), 2),
         "dense: expected x of shape (batch, features_in), got shape (3,); a single example is x[None, :]"),
        (((4, 3), (3, 2), 3), "dense: expected b of shape (2,) for W.shape = (3, 2), got (3,)"),
        (((4, 3), (5, 3, 2), 2), "dense: expected b of shape (5, 2) for W.shape = (5, 3, 2), got (2,)"),
        (((0, 3), (3, 2), 2), "dense: the batch is empty (x.shape = (0, 3))"),
        (((2, 4, 3), (5, 3, 2), (5, 2)),
         "dense: expected x for 5 stacked networks (W.shape = (5, 3, 2)), got x.shape = (2, 4, 3)"),
        (((5, 2, 4, 3), (5, 3, 2), (5, 2)),
         "dense: expected x for 5 stacked networks (W.shape = (5, 3, 2)), got x.shape = (5, 2, 4, 3)"),
        (((4, 3), (3,), ()), "dense: expected W of shape (features_in, features_out), got shape (3,)"),
        (((4, 3), (2, 2, 3, 5), (2, 2, 5)),
         "dense: expected W of shape (features_in, features_out), got shape (2, 2, 3, 5)"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("kind", [np.ones, lambda shape: Tensor(np.ones(shape))], ids=["arrays", "tensors"])
def test_dense_message(kind, arguments, sentence):
    says(ValueError, sentence, lambda: F.dense(*map(kind, arguments)))


def test_dense_unknown_activation():
    sentence = "dense: activation 'tanhh' is unknown; expected one of identity, sigmoid, tanh, relu"
    says(ValueError, sentence, lambda: F.dense(np.ones((4, 3)), np.ones((3, 2)), np.ones(2), "tanhh"))


@pytest.mark.parametrize("name", ["mean_squared_error", "half_squared_error", "binary_cross_entropy"])
@pytest.mark.parametrize(
    ("prediction", "target", "sentence"),
    [
        ((4, 1), (4,), "expected the target in the shape of the prediction, (4, 1), got (4,)"),
        ((4, 1), (), "expected the target in the shape of the prediction, (4, 1), got ()"),
        ((5, 4), (4,), "expected the target in the shape of the prediction, (5, 4), got (4,)"),
        ((5, 4, 1), (3, 1), "expected the target in the shape of the prediction, (5, 4, 1), got (3, 1)"),
        ((0, 1), (0, 1), "the batch is empty (shape (0, 1))"),
        ((3, 0, 1), (0, 1), "the batch is empty (shape (0, 1))"),
    ],
)
def test_target_message(name, prediction, target, sentence):
    says(
        ValueError,
        f"{name}: {sentence}",
        lambda: LOSSES[name][0](Tensor(np.ones(prediction)), np.ones(target)),
    )


@pytest.mark.parametrize(
    ("targets", "low", "high"),
    [([[0.0], [2.0]], "0", "2"), ([[-0.1], [1.0]], "-0.1", "1"), ([[0.5], [1.0000001]], "0.5", "1"),
     ([[0.0], [math.nan]], "nan", "nan"), ([[-1], [1]], "-1", "1")],
)  # fmt: skip
def test_targets_outside_0_to_1(targets, low, high):
    sentence = f"binary_cross_entropy: expected targets between 0 and 1, got {low} to {high}"
    says(ValueError, sentence, lambda: F.binary_cross_entropy(Tensor(np.zeros((2, 1))), np.array(targets)))


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_targets_that_were_changed_in_place_are_checked_again(dtype):
    y = np.array([[0.0], [1.0]], dtype)
    logits = np.zeros((2, 1), dtype)
    F.binary_cross_entropy(logits, y)
    y[...] = 7
    sentence = "binary_cross_entropy: expected targets between 0 and 1, got 7 to 7"
    says(ValueError, sentence, lambda: F.binary_cross_entropy(logits, y))


WHOLE = "expected labels as whole numbers (class numbers), got dtype"
SHAPE = "expected labels of shape (2,) for logits of shape (2, 3), got"


@pytest.mark.parametrize(
    ("logits", "labels", "mask", "error", "sentence"),
    [
        ((2, 3), [0.0, 1.0], None, TypeError, f"{WHOLE} float64"),
        ((2, 3), [True, False], None, TypeError, f"{WHOLE} bool"),
        ((2, 3), ["a", "b"], None, TypeError, f"{WHOLE} <U1"),
        ((2, 3), [0, 1, 2], None, ValueError, f"{SHAPE} (3,)"),
        ((2, 3), [[0], [1]], None, ValueError, f"{SHAPE} (2, 1)"),
        ((2, 3), 1, None, ValueError, f"{SHAPE} ()"),
        ((2, 3), [0, 1], [[1, 1]], ValueError, "expected a mask in the shape of the labels, (2,), got (1, 2)"),
        ((2, 3), [0, 1], 1, ValueError, "expected a mask in the shape of the labels, (2,), got ()"),
        ((2, 3), [0, 3], None, ValueError, "expected labels 0 to 2 for 3 classes, got 0 to 3"),
        ((2, 3), [-1, 1], None, ValueError, "expected labels 0 to 2 for 3 classes, got -1 to 1"),
        ((0, 3), np.zeros(0, int), None, ValueError, "the batch is empty (shape (0, 3))"),
        ((), [0, 1], None, ValueError, "expected logits of shape (batch, classes), got ()"),
        ((2, 0), [0, 1], None, ValueError, "expected logits of shape (batch, classes), got (2, 0)"),
        ((3,), [0, 1], None, ValueError, "expected logits of shape (batch, classes), got (3,)"),
    ],
)
def test_softmax_cross_entropy_message(logits, labels, mask, error, sentence):
    call = partial(F.softmax_cross_entropy, Tensor(np.zeros(logits)), labels, mask)
    says(error, f"softmax_cross_entropy: {sentence}", call)
