"""The same numbers as PyTorch: each operation, each layer and loss, and whole training runs."""

import numpy as np
import pytest
from operations import (
    LABELS,
    MASK,
    OPERATIONS,
    SEQUENCE_LABELS,
    SEQUENCE_MASK,
    TARGETS,
    inputs,
    one_number,
    weights,
)

from course_lib import (
    Adam,
    BatchNorm,
    Dense,
    GradientDescent,
    Momentum,
    RMSProp,
    Sequential,
    Tensor,
    hessian_vector_product,
    jvp,
    ops,
    train,
    vjp,
)
from course_lib import functional as F
from course_lib.datasets import circles, xor

torch = pytest.importorskip("torch")
torch.set_num_threads(1)
TF = torch.nn.functional


def assert_equal_to_torch(ours, theirs, arrays, rtol=1e-12, atol=1e-14):
    """The same values, and the same gradient for each input."""
    tensors = [Tensor(array) for array in arrays]
    leaves = [torch.tensor(array, requires_grad=True) for array in arrays]
    result, expected = ours(*tensors), theirs(*leaves)
    assert result.shape == tuple(expected.shape)
    np.testing.assert_allclose(result.value, expected.detach().numpy(), rtol, atol)
    one_number(result).backward()
    (expected * torch.tensor(weights(result.shape).astype(result.dtype))).sum().backward()
    for tensor, leaf in zip(tensors, leaves, strict=True):
        assert tensor.grad.dtype == leaf.grad.numpy().dtype
        np.testing.assert_allclose(tensor.grad, leaf.grad.numpy(), rtol, atol)


# Operations


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_operation(operation):
    assert_equal_to_torch(operation.ours, lambda *leaves: operation.reference(torch, *leaves), inputs(operation))


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_operation_in_float32(operation):
    theirs, arrays = lambda *leaves: operation.reference(torch, *leaves), inputs(operation, np.float32)
    assert_equal_to_torch(operation.ours, theirs, arrays, rtol=1e-5, atol=1e-6)


EXTREMES = np.array([[-1000.0, -40.0, -1.0, -1e-3], [0.0, 1e-3, 40.0, 1000.0]])

BUILT_IN = [
    ("sigmoid", ops.sigmoid, torch.sigmoid),
    ("tanh", ops.tanh, torch.tanh),
    ("relu", ops.relu, torch.relu),
    ("softmax", ops.softmax, lambda z: torch.softmax(z, -1)),
    ("softmax over axis 0", lambda z: ops.softmax(z, 0), lambda z: torch.softmax(z, 0)),
    ("power 0", lambda z: z**0, lambda z: z**0),
    ("power 1", lambda z: z**1, lambda z: z**1),
    ("power 2", lambda z: z**2, lambda z: z**2),
]


@pytest.mark.parametrize(("ours", "theirs"), [row[1:] for row in BUILT_IN], ids=[row[0] for row in BUILT_IN])
def test_operation_at_zero_and_for_extreme_numbers(ours, theirs):
    assert_equal_to_torch(ours, theirs, [EXTREMES])


# Layers and losses


def ignored(labels, mask):
    """PyTorch's way to leave positions out: the label -100."""
    return torch.tensor(np.where(mask, labels, -100))


def convolution(padding, activation=lambda z: z):
    """PyTorch's images are (batch, channels, height, width), its kernels (channels_out, channels_in, height, width)."""

    def conv2d(x, W, b):
        z = TF.conv2d(x.permute(0, 3, 1, 2), W.permute(3, 2, 0, 1), b, padding=padding)
        return activation(z).permute(0, 2, 3, 1)

    return conv2d


def in_heads(heads, causal):
    """PyTorch's heads are an axis, (batch, heads, time, size)."""

    def split(a):
        return a.reshape(*a.shape[:2], heads, -1).transpose(1, 2)

    return lambda q, k, v: (
        TF.scaled_dot_product_attention(*map(split, (q, k, v)), is_causal=causal).transpose(1, 2).flatten(2)
    )


def pooling(size):
    return lambda x: TF.max_pool2d(x.permute(0, 3, 1, 2), size).permute(0, 2, 3, 1)


FUNCTIONS = [
    ("dense", F.dense, lambda x, W, b: TF.linear(x, W.T, b), (4, 3), (3, 2), (2,)),
    ("dense sigmoid", lambda x, W, b: F.dense(x, W, b, "sigmoid"),
     lambda x, W, b: torch.sigmoid(TF.linear(x, W.T, b)), (4, 3), (3, 2), (2,)),
    ("dense tanh", lambda x, W, b: F.dense(x, W, b, "tanh"),
     lambda x, W, b: torch.tanh(TF.linear(x, W.T, b)), (4, 3), (3, 2), (2,)),
    ("dense relu", lambda x, W, b: F.dense(x, W, b, "relu"),
     lambda x, W, b: torch.relu(TF.linear(x, W.T, b)), (4, 3), (3, 2), (2,)),
    ("dense on sequences", lambda x, W, b: F.dense(x, W, b, "tanh"),
     lambda x, W, b: torch.tanh(TF.linear(x, W.T, b)), (4, 5, 3), (3, 2), (2,)),
    ("dense of a stack", lambda x, W, b: F.dense(x, W, b, "tanh"),
     lambda x, W, b: torch.tanh(torch.baddbmm(b[:, None], x.expand(5, 4, 3), W)), (4, 3), (5, 3, 2), (5, 2)),
    ("dense after a stack", lambda x, W, b: F.dense(x, W, b, "sigmoid"),
     lambda x, W, b: torch.sigmoid(torch.baddbmm(b[:, None], x, W)), (5, 4, 3), (5, 3, 2), (5, 2)),
    ("conv2d", F.conv2d, convolution("same"), (2, 4, 5, 3), (3, 3, 3, 2), (2,)),
    ("conv2d relu", lambda x, W, b: F.conv2d(x, W, b, "relu"),
     convolution("same", torch.relu), (2, 4, 5, 3), (3, 5, 3, 2), (2,)),
    ("conv2d tanh, valid", lambda x, W, b: F.conv2d(x, W, b, "tanh", "valid"),
     convolution("valid", torch.tanh), (2, 4, 5, 3), (2, 4, 3, 2), (2,)),
    ("max_pool2d", F.max_pool2d, pooling(2), (2, 4, 6, 3)),
    ("max_pool2d of size 3", lambda x: F.max_pool2d(x, 3), pooling(3), (2, 3, 6, 3)),
    ("mean_squared_error", lambda a: F.mean_squared_error(a, TARGETS),
     lambda a: TF.mse_loss(a, torch.tensor(TARGETS)), (4, 1)),
    ("mean_squared_error of a stack", lambda a: F.mean_squared_error(a, TARGETS),
     lambda a: sum(TF.mse_loss(part, torch.tensor(TARGETS)) for part in a), (3, 4, 1)),
    ("half_squared_error", lambda a: F.half_squared_error(a, TARGETS),
     lambda a: TF.mse_loss(a, torch.tensor(TARGETS), reduction="sum") / 2, (4, 1)),
    ("binary_cross_entropy", lambda z: F.binary_cross_entropy(z, TARGETS),
     lambda z: TF.binary_cross_entropy_with_logits(z, torch.tensor(TARGETS)), (4, 1)),
    ("binary_cross_entropy of a stack", lambda z: F.binary_cross_entropy(z, TARGETS),
     lambda z: sum(TF.binary_cross_entropy_with_logits(part, torch.tensor(TARGETS)) for part in z), (3, 4, 1)),
    ("softmax_cross_entropy", lambda z: F.softmax_cross_entropy(z, LABELS),
     lambda z: TF.cross_entropy(z, torch.tensor(LABELS)), (4, 3)),
    ("softmax_cross_entropy with a mask", lambda z: F.softmax_cross_entropy(z, LABELS, MASK),
     lambda z: TF.cross_entropy(z, ignored(LABELS, MASK)), (4, 3)),
    ("softmax_cross_entropy of a stack", lambda z: F.softmax_cross_entropy(z, LABELS),
     lambda z: sum(TF.cross_entropy(part, torch.tensor(LABELS)) for part in z), (5, 4, 3)),
    ("softmax_cross_entropy of sequences", lambda z: F.softmax_cross_entropy(z, SEQUENCE_LABELS),
     lambda z: TF.cross_entropy(z.reshape(6, 3), torch.tensor(SEQUENCE_LABELS).reshape(6)), (2, 3, 3)),
    ("softmax_cross_entropy of masked sequences",
     lambda z: F.softmax_cross_entropy(z, SEQUENCE_LABELS, SEQUENCE_MASK),
     lambda z: TF.cross_entropy(z.reshape(6, 3), ignored(SEQUENCE_LABELS, SEQUENCE_MASK).reshape(6)), (2, 3, 3)),
    ("layer_norm", F.layer_norm, lambda x, gain, bias: TF.layer_norm(x, (3,), gain, bias), (4, 3), (3,), (3,)),
    ("layer_norm of sequences, another epsilon", lambda x, gain, bias: F.layer_norm(x, gain, bias, 0.1),
     lambda x, gain, bias: TF.layer_norm(x, (3,), gain, bias, 0.1), (4, 5, 3), (3,), (3,)),
    ("batch_norm", F.batch_norm,
     lambda x, gain, bias: TF.batch_norm(x, None, None, gain, bias, training=True), (4, 3), (3,), (3,)),
    ("batch_norm of images, another epsilon", lambda x, gain, bias: F.batch_norm(x, gain, bias, 0.1),
     lambda x, gain, bias: TF.batch_norm(x.movedim(-1, 1), None, None, gain, bias, True, eps=0.1).movedim(1, -1),
     (4, 5, 6, 3), (3,), (3,)),
]  # fmt: skip


@pytest.mark.parametrize(
    ("ours", "theirs", "shapes"), [(o, t, s) for _, o, t, *s in FUNCTIONS], ids=[row[0] for row in FUNCTIONS]
)
def test_function(ours, theirs, shapes, rng):
    assert_equal_to_torch(ours, theirs, [3 * rng.normal(size=shape) for shape in shapes])


def test_conv2d_in_arrays_of_the_pool(rng):
    """Sums of 72 products of numbers up to 10 are rounded by up to 72 * 10 * 1e-16, also where they come near zero."""
    x, W, b = 3 * rng.normal(size=(16, 16, 16, 4)), rng.normal(size=(3, 3, 4, 8)), rng.normal(size=8)
    theirs = convolution("same", torch.sigmoid)
    for _ in range(3):  # the second and the third time in memory that was used before
        assert_equal_to_torch(lambda x, W, b: F.conv2d(x, W, b, "sigmoid"), theirs, [x, W, b], atol=1e-13)


@pytest.mark.parametrize("size", [2, 3])
def test_max_pool2d_of_equal_numbers(size, rng):
    x = rng.integers(3, size=(4, 12, 12, 3)).astype(float)
    assert_equal_to_torch(lambda x: F.max_pool2d(x, size), pooling(size), [x])


@pytest.mark.parametrize("target", [0.0, 0.3, 1.0])
def test_binary_cross_entropy_of_extreme_logits(target):
    y = np.full(EXTREMES.shape, target)
    assert_equal_to_torch(
        lambda z: F.binary_cross_entropy(z, y),
        lambda z: TF.binary_cross_entropy_with_logits(z, torch.tensor(y)),
        [EXTREMES],
    )


@pytest.mark.parametrize("labels", [[0, 0], [1, 3], [3, 2]])
def test_softmax_cross_entropy_of_extreme_logits(labels):
    assert_equal_to_torch(
        lambda z: F.softmax_cross_entropy(z, labels), lambda z: TF.cross_entropy(z, torch.tensor(labels)), [EXTREMES]
    )


def test_dropout_scales_as_pytorch_does(rng):
    """The same mask in both, by PyTorch's own numbers: what it leaves of ones is 0 or 1 / (1 - rate)."""
    leaf = torch.ones(5, 4, dtype=torch.float64, requires_grad=True)
    kept = TF.dropout(leaf, 0.4)
    kept.sum().backward()
    assert set(np.unique(kept.detach())) == set(np.unique(F.dropout(np.ones((5, 4)), 0.4, rng))) == {0.0, 1 / 0.6}
    np.testing.assert_array_equal(leaf.grad, kept.detach())


@pytest.mark.parametrize("shape", [(6, 3), (4, 5, 3)], ids=str)
def test_batch_norm_in_training_and_in_use(shape, rng):
    """Outputs, gradients and running averages; PyTorch's momentum is the share of the new batch."""
    ours, theirs = BatchNorm(3, momentum=0.8), torch.nn.BatchNorm1d(3, momentum=0.2, dtype=torch.float64)
    for training in (True, True, False):
        x, values = rng.normal(2.0, 3.0, size=shape), rng.normal(size=(2, 3))
        ours.gain.value[:], ours.bias.value[:] = values
        with torch.no_grad():
            theirs.weight.copy_(torch.tensor(values[0]))
            theirs.bias.copy_(torch.tensor(values[1]))
        ours.set_training(training)
        theirs.train(training)
        assert_equal_to_torch(ours, lambda leaf: theirs(leaf.movedim(-1, 1)).movedim(1, -1), [x])
        np.testing.assert_allclose(ours.running_mean, theirs.running_mean, rtol=1e-13)
        np.testing.assert_allclose(ours.running_variance, theirs.running_var, rtol=1e-13)


# Sequences

LENGTHS = [4, 2, 1]  # of three sequences; torch packs them, we mask the padding
STEPS_KEPT = np.arange(4) < np.array(LENGTHS)[:, None]  # (3, 4)


def torch_gru(x, h, W, U, b, c, lengths=None):
    """torch.nn.GRU with our weights, as a function of them; PyTorch's second bias is ours for n, and 0 for r and u."""
    (features, _), hidden = W.shape, len(U)
    second_bias = torch.cat([torch.zeros(2 * hidden, dtype=c.dtype), c])
    weights = dict(
        zip(["weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"], [W.T, U.T, b, second_bias], strict=True)
    )
    gru = torch.nn.GRU(features, hidden, batch_first=True, dtype=x.dtype)
    if lengths is None:
        return torch.func.functional_call(gru, weights, (x, h[None]))
    packed = torch.nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True)
    states, last = torch.func.functional_call(gru, weights, (packed, h[None]))
    return torch.nn.utils.rnn.pad_packed_sequence(states, batch_first=True)[0], last


SEQUENCES = [
    ("embedding", lambda table: F.embedding(table, SEQUENCE_LABELS),
     lambda table: TF.embedding(torch.tensor(SEQUENCE_LABELS), table), (3, 4)),
    ("gru_cell", F.gru_cell, lambda x, h, W, U, b, c: torch.gru_cell(
        x, h, W.T, U.T, b, torch.cat([torch.zeros(10, dtype=c.dtype), c])), (3, 2), (3, 5), (2, 15), (5, 15), 15, 5),
    ("gru", F.gru, lambda *arguments: torch_gru(*arguments)[0], (3, 4, 2), (3, 5), (2, 15), (5, 15), 15, 5),
    ("gru of padded sequences", lambda *arguments: F.gru(*arguments, STEPS_KEPT) * STEPS_KEPT[..., None].astype(float),
     lambda *arguments: torch_gru(*arguments, LENGTHS)[0], (3, 4, 2), (3, 5), (2, 15), (5, 15), 15, 5),
    ("gru of padded sequences, last state", lambda *arguments: F.gru(*arguments, STEPS_KEPT)[:, -1],
     lambda *arguments: torch_gru(*arguments, LENGTHS)[1][0], (3, 4, 2), (3, 5), (2, 15), (5, 15), 15, 5),
    ("attention", F.attention, TF.scaled_dot_product_attention, (3, 2, 5), (3, 4, 5), (3, 4, 6)),
    *((f"causal_attention, heads {heads}{'' if causal else ', without its mask'}",
       lambda *arguments, heads=heads, causal=causal: F.causal_attention(*arguments, heads, causal), in_heads(heads, causal),
       (3, 7, 12), (3, 7, 12), (3, 7, 24)) for heads in (1, 2, 4) for causal in (True, False)),
    ("masked attention", lambda *arguments: F.attention(*arguments, STEPS_KEPT),
     lambda *arguments: TF.scaled_dot_product_attention(*arguments, attn_mask=torch.tensor(STEPS_KEPT)[:, None]),
     (3, 2, 5), (3, 4, 5), (3, 4, 6)),
]  # fmt: skip


@pytest.mark.parametrize(
    ("ours", "theirs", "shapes"), [(o, t, s) for _, o, t, *s in SEQUENCES], ids=[row[0] for row in SEQUENCES]
)
def test_sequence(ours, theirs, shapes, rng):
    assert_equal_to_torch(ours, theirs, [rng.normal(size=shape) for shape in shapes], rtol=1e-10)


CAUSAL = [row for row in SEQUENCES if row[0].startswith("causal_attention")]


@pytest.mark.parametrize(("rtol", "dtype"), [(1e-5, np.float32), (1e-12, np.float64)])
@pytest.mark.parametrize(
    ("ours", "theirs", "shapes"), [(o, t, s) for _, o, t, *s in CAUSAL], ids=[c[0] for c in CAUSAL]
)
def test_causal_attention(ours, theirs, shapes, rtol, dtype, rng):
    """As exact as the numbers are: relative to the largest, since rounding is."""
    arrays = [rng.normal(size=shape).astype(dtype) for shape in shapes]
    assert_equal_to_torch(ours, theirs, arrays, rtol=rtol, atol=rtol)


def test_float32_sequence(rng):
    arrays = [rng.normal(size=shape).astype(np.float32) for shape in SEQUENCES[2][3:]]
    assert_equal_to_torch(F.gru, lambda *arguments: torch_gru(*arguments)[0], arrays, rtol=1e-4, atol=1e-5)


# Whole training runs, from the same weights and with mini-batches in the same order

OPTIMIZERS = {
    "GradientDescent": (lambda: GradientDescent(0.3), lambda p: torch.optim.SGD(p, lr=0.3)),
    "Momentum": (lambda: Momentum(0.1), lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9)),
    "RMSProp": (lambda: RMSProp(0.02), lambda p: torch.optim.RMSprop(p, lr=0.02, alpha=0.9, eps=1e-8)),
    "Adam": (lambda: Adam(0.01), lambda p: torch.optim.Adam(p, lr=0.01, betas=(0.9, 0.999), eps=1e-8)),
    "Adam, other settings": (lambda: Adam(0.02, beta1=0.8, beta2=0.99, epsilon=1e-4),
                             lambda p: torch.optim.Adam(p, lr=0.02, betas=(0.8, 0.99), eps=1e-4)),
}  # fmt: skip

ACTIVATIONS = {"tanh": torch.nn.Tanh, "sigmoid": torch.nn.Sigmoid, "relu": torch.nn.ReLU, "identity": None}


def blobs():
    """60 points around three centres in five dimensions, and their classes."""
    rng = np.random.default_rng(4)
    labels = rng.integers(3, size=60)
    return 2 * rng.normal(size=(3, 5))[labels] + rng.normal(size=(60, 5)), labels


TASKS = {  # data, (size, activation, size, ...), our loss, their loss, epochs, batch size: 200 steps each
    "XOR, full batch": (xor, (2, "tanh", 4, "identity", 1), F.binary_cross_entropy,
                        TF.binary_cross_entropy_with_logits, 200, None),
    "XOR, batches of 3": (xor, (2, "tanh", 4, "identity", 1), F.binary_cross_entropy,
                          TF.binary_cross_entropy_with_logits, 100, 3),
    "circles, squared error": (lambda: circles(np.random.default_rng(2), 40), (2, "relu", 8, "sigmoid", 1),
                               F.mean_squared_error, TF.mse_loss, 100, 20),
    "three classes, batches of 16": (blobs, (5, "relu", 8, "tanh", 6, "identity", 3), F.softmax_cross_entropy,
                                     TF.cross_entropy, 50, 16),
}  # fmt: skip


def two_networks(layout, rng, dtype=np.float64):
    """Our network and PyTorch's, with equal weights."""
    ours, theirs = [], []
    for features_in, activation, features_out in zip(layout[::2], layout[1::2], layout[2::2], strict=False):
        ours.append(Dense(features_in, features_out, activation, rng=rng, dtype=dtype))
        linear = torch.nn.Linear(features_in, features_out, dtype=torch.tensor(np.zeros(0, dtype)).dtype)
        with torch.no_grad():
            linear.weight.copy_(torch.tensor(ours[-1].W.value.T))
            linear.bias.copy_(torch.tensor(ours[-1].b.value))
        theirs += [linear, ACTIVATIONS[activation]()] if ACTIVATIONS[activation] else [linear]
    return Sequential(*ours), torch.nn.Sequential(*theirs)


def train_here(model, data, loss, optimizer, epochs, batch_size=None):
    """Train our network; returns the mean loss of each epoch."""
    rng = np.random.default_rng(9)
    *_, last = train(model, data, loss=loss, optimizer=optimizer, epochs=epochs, batch_size=batch_size, rng=rng)
    return last.history.loss


def train_in_torch(network, data, loss, optimizer, epochs, batch_size=None):
    """Train PyTorch's network on the same mini-batches; returns the mean loss of each epoch."""
    (x, y), rng = map(torch.tensor, data), np.random.default_rng(9)
    losses = []
    for _ in range(epochs):
        order = np.arange(len(x)) if batch_size is None else rng.permutation(len(x))
        total = 0.0
        for rows in np.split(order, range(batch_size or len(x), len(x), batch_size or len(x))):
            optimizer.zero_grad()
            batch_loss = loss(network(x[rows]), y[rows])
            batch_loss.backward()
            optimizer.step()
            total += batch_loss.item() * len(rows)
        losses.append(total / len(x))
    return losses


@pytest.mark.parametrize("optimizers", OPTIMIZERS.values(), ids=OPTIMIZERS)
@pytest.mark.parametrize("task", TASKS.values(), ids=TASKS)
def test_a_training_run_of_200_steps_is_that_of_pytorch(task, optimizers):
    # Seed 1 is a start from which RMSProp on XOR does not magnify rounding errors: from seed 0, weights that are
    # 1e-15 apart at the start are 1e-2 apart after 200 steps.
    rng = np.random.default_rng(1)
    draw, layout, our_loss, their_loss, epochs, batch_size = task
    our_optimizer, their_optimizer = optimizers
    data, (model, network) = draw(), two_networks(layout, rng)
    losses = train_here(model, data, our_loss, our_optimizer(), epochs, batch_size)
    expected = train_in_torch(network, data, their_loss, their_optimizer(network.parameters()), epochs, batch_size)
    assert expected[-1] < 0.9 * expected[0]  # it learned something
    np.testing.assert_allclose(losses, expected, rtol=0, atol=1e-10)
    for ours, theirs in zip(model.parameters, network.parameters(), strict=True):
        np.testing.assert_allclose(ours.value, theirs.detach().numpy().T, rtol=0, atol=1e-10)


@pytest.mark.parametrize("optimizers", OPTIMIZERS.values(), ids=OPTIMIZERS)
def test_a_layer_that_is_used_twice_trains_as_in_pytorch(optimizers, rng):
    x, y = rng.normal(size=(6, 2)), rng.normal(size=(6, 2))
    (model, network), (our_optimizer, their_optimizer) = two_networks((2, "tanh", 2), rng), optimizers
    model, network = Sequential(*model.layers * 2), torch.nn.Sequential(*list(network) * 2)
    losses = train_here(model, (x, y), F.mean_squared_error, our_optimizer(), 50)
    expected = train_in_torch(network, (x, y), TF.mse_loss, their_optimizer(network.parameters()), 50)
    np.testing.assert_allclose(losses, expected, rtol=0, atol=1e-10)


def test_a_float32_run_stays_close_to_pytorch(rng):
    data = [array.astype(np.float32) for array in xor()]
    model, network = two_networks((2, "tanh", 4, "identity", 1), rng, np.float32)
    losses = train_here(model, data, F.binary_cross_entropy, Adam(0.01), 200)
    optimizer = torch.optim.Adam(network.parameters(), lr=0.01)
    expected = train_in_torch(network, data, TF.binary_cross_entropy_with_logits, optimizer, 200)
    np.testing.assert_allclose(losses, expected, rtol=1e-4)


# Products with a Jacobian and with a Hessian


def test_products_with_jacobian_and_hessian():
    rng = np.random.default_rng(0)
    x, w, v, u = (rng.normal(size=shape) for shape in [(4, 3), (3, 2), (4, 3), (3, 2)])
    g = rng.normal(size=(4, 2))
    theirs = torch.autograd.functional
    leaves, along = [(torch.tensor(a), torch.tensor(b)) for a, b in ((x, w), (v, u))]

    def ours(x, w):
        return ops.tanh(x @ w)

    def reference(x, w):
        return torch.tanh(x @ w)

    for got, expected in zip(vjp(ours, x, w)[1](g), theirs.vjp(reference, leaves, torch.tensor(g))[1], strict=True):
        np.testing.assert_allclose(got, expected.numpy(), rtol=1e-12)
    change = theirs.jvp(reference, leaves, along)[1].numpy()
    np.testing.assert_allclose(jvp(ours, [x, w], [v, u])[1], change, rtol=1e-12)
    got = hessian_vector_product(lambda p: ours(*p).sum(), [x, w], [v, u])
    for mine, expected in zip(got, theirs.hvp(lambda *p: reference(*p).sum(), leaves, along)[1], strict=True):
        np.testing.assert_allclose(mine, expected.numpy(), atol=1e-7)
