"""The same numbers as TensorFlow, whose images, kernels and weights lie in memory as ours do."""

import numpy as np
import pytest
from operations import one_number, weights

from course_lib import Tensor, ops
from course_lib import functional as F
from course_lib.frameworks import tensorflow

if not tensorflow.installed:
    pytest.skip("TensorFlow is not installed", allow_module_level=True)
tf = tensorflow.module

LABELS = np.array([2, 0, 1, 1])
TARGETS = np.array([[0.0], [1.0], [0.25], [1.0]])


def logits_loss(z):
    return tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(labels=tf.cast(TARGETS, z.dtype), logits=z))


FUNCTIONS = [  # name, ours, theirs, shapes of the inputs
    ("dense", F.dense, lambda x, W, b: x @ W + b, (4, 3), (3, 2), (2,)),
    ("dense sigmoid", lambda x, W, b: F.dense(x, W, b, "sigmoid"), lambda x, W, b: tf.sigmoid(x @ W + b), (4, 3), (3, 2), (2,)),
    ("dense tanh", lambda x, W, b: F.dense(x, W, b, "tanh"), lambda x, W, b: tf.tanh(x @ W + b), (4, 5, 3), (3, 2), (2,)),
    ("dense relu", lambda x, W, b: F.dense(x, W, b, "relu"), lambda x, W, b: tf.nn.relu(x @ W + b), (4, 3), (3, 2), (2,)),
    ("softmax", ops.softmax, tf.nn.softmax, (4, 3)),
    ("mean_squared_error", lambda a: F.mean_squared_error(a, TARGETS), lambda a: tf.reduce_mean((a - TARGETS) ** 2), (4, 1)),
    ("half_squared_error", lambda a: F.half_squared_error(a, TARGETS), lambda a: tf.nn.l2_loss(a - TARGETS), (4, 1)),
    ("binary_cross_entropy", lambda z: F.binary_cross_entropy(z, TARGETS), logits_loss, (4, 1)),
    ("softmax_cross_entropy", lambda z: F.softmax_cross_entropy(z, LABELS),
     lambda z: tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=LABELS, logits=z)), (4, 3)),
    ("conv2d", F.conv2d, lambda x, W, b: tf.nn.conv2d(x, W, 1, "SAME") + b, (2, 4, 5, 3), (3, 3, 3, 2), (2,)),
    ("conv2d relu, valid", lambda x, W, b: F.conv2d(x, W, b, "relu", "valid"),
     lambda x, W, b: tf.nn.relu(tf.nn.conv2d(x, W, 1, "VALID") + b), (2, 4, 5, 3), (2, 3, 3, 2), (2,)),
    ("max_pool2d", F.max_pool2d, lambda x: tf.nn.max_pool2d(x, 2, 2, "VALID"), (2, 4, 6, 3)),
    ("embedding", lambda table: F.embedding(table, LABELS), lambda table: tf.nn.embedding_lookup(table, LABELS), (5, 3)),
]  # fmt: skip


@pytest.mark.parametrize(
    ("ours", "theirs", "shapes"), [(o, t, s) for _, o, t, *s in FUNCTIONS], ids=[row[0] for row in FUNCTIONS]
)
@pytest.mark.parametrize(("dtype", "within"), [(np.float64, 1e-10), (np.float32, 1e-6)], ids=["float64", "float32"])
def test_function(ours, theirs, shapes, dtype, within, rng):
    arrays = [rng.normal(size=shape).astype(dtype) for shape in shapes]
    tensors, variables = [Tensor(array) for array in arrays], [tf.Variable(array) for array in arrays]
    result = ours(*tensors)
    one_number(result).backward()
    with tf.GradientTape() as tape:
        expected = theirs(*variables)
        total = tf.reduce_sum(expected * weights(tuple(expected.shape)).astype(dtype))
    np.testing.assert_allclose(result.value, expected.numpy(), rtol=0, atol=within)
    for tensor, gradient in zip(tensors, tape.gradient(total, variables), strict=True):
        assert tensor.grad.dtype == dtype
        np.testing.assert_allclose(tensor.grad, tf.convert_to_tensor(gradient).numpy(), rtol=0, atol=10 * within)
