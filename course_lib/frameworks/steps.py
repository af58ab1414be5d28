"""One training step of the same network in course_lib and in each framework, as its own guide writes it.

The speed lab and the benchmark time them. For each framework, `weights` is a list of NumPy arrays in course_lib's layout,
and the result is run(steps) -> loss of the last step. Where it is not installed, its function raises ImportError.

A classifier's loss, the mean softmax cross-entropy of its logits, stands here too: `torch_cross_entropy` and its like make
the argument `loss_for`, for inputs x (batch, ...) and labels (batch,).
"""

import numpy as np

from .. import frameworks
from ..optimizers import GradientDescent


def course_lib_loop(model, loss_of, data, eta):
    """The training loop by hand, from the model's own weights; loss_of(outputs, y), data = (x, y)."""
    (x, y), optimizer = data, GradientDescent(eta)

    def run(steps):
        for _ in range(steps):
            loss = loss_of(model(x), y)
            loss.backward()
            optimizer.step(model.parameters)
        return float(loss)

    return run


def pytorch(model_for, weights, loss_for, eta, compiled=False):
    """PyTorch, eager or with model and loss compiled; model_for(torch) -> module, loss_for(torch) -> loss(module)."""
    torch = frameworks.pytorch.module
    model, loss_of = model_for(torch), loss_for(torch)
    if compiled:
        loss_of = torch.compile(loss_of)
    with torch.no_grad():
        for parameter, w in zip(model.parameters(), weights, strict=True):
            # Linear keeps (features_out, features_in), Conv2d (channels_out, channels_in, height, width)
            parameter.copy_(torch.tensor(w.T if w.ndim < 4 else w.transpose(3, 2, 0, 1)))
    optimizer = torch.optim.SGD(model.parameters(), lr=eta)

    def run(steps):
        for _ in range(steps):
            optimizer.zero_grad()
            loss = loss_of(model)
            loss.backward()
            optimizer.step()
        return loss.item()

    return run


def torch_cross_entropy(x, labels):
    def loss_for(torch):
        inputs, classes = torch.from_numpy(x), torch.from_numpy(labels)
        return lambda model: torch.nn.functional.cross_entropy(model(inputs), classes)

    return loss_for


def tensorflow(weights, loss_for, eta):
    """TensorFlow, the step traced once by tf.function; loss_for(tf) -> loss(list of variables)."""
    tf = frameworks.tensorflow.module
    variables, loss_of = [tf.Variable(w) for w in weights], loss_for(tf)

    @tf.function
    def step():
        with tf.GradientTape() as tape:
            loss = loss_of(variables)
        for variable, gradient in zip(variables, tape.gradient(loss, variables), strict=True):
            variable.assign_sub(eta * gradient)
        return loss

    def run(steps):
        for _ in range(steps):
            loss = step()
        return float(loss)

    return run


def tensorflow_cross_entropy(logits_of, x, labels):
    """logits_of(tf, inputs, *variables) -> logits"""

    def loss_for(tf):
        inputs, classes = tf.constant(x), tf.constant(labels)

        def loss_of(variables):
            logits = logits_of(tf, inputs, *variables)
            return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=classes, logits=logits))

        return loss_of

    return loss_for


def jax(weights, loss_for, eta):
    """JAX, the whole step compiled by jax.jit; loss_for(jax) -> loss(list of arrays)."""
    jax = frameworks.jax.module
    loss_of = loss_for(jax)

    @jax.jit
    def step(params):
        loss, gradients = jax.value_and_grad(loss_of)(params)
        return loss, [p - eta * g for p, g in zip(params, gradients, strict=True)]

    state = [jax.numpy.asarray(w) for w in weights]

    def run(steps):
        nonlocal state
        for _ in range(steps):
            loss, state = step(state)
        jax.block_until_ready(state)
        return float(loss)

    return run


def jax_cross_entropy(logits_of, x, labels):
    """logits_of(jax, x, *arrays) -> logits"""

    def loss_for(jax):
        def loss_of(params):
            return -jax.numpy.mean(jax.nn.log_softmax(logits_of(jax, x, *params))[np.arange(len(x)), labels])

        return loss_of

    return loss_for
