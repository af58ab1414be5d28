"""The slips that readers of chapter 3 make in a training step and in the rule of patience, as functions beside the right ones.

Each does what such a reader's function does, so that a judge knows it by its results.
"""

import numpy as np

from ...ops import logistic

# One whole step of a network with tanh in its hidden layer.


def one_step(params, x, y, eta):
    """The parameters after one step, as a list."""
    return _step(params, x, y, eta)


def _sigmoid(a):
    """The slope of a sigmoid in terms of its value."""
    return a * (1 - a)


def _step(params, x, y, eta, slope=lambda a1: 1 - a1 * a1, hidden=np.tanh, output_slope=_sigmoid, W2_first=False):
    """One step; the options are the mistakes that readers make."""
    W1, b1, W2, b2 = params
    a1 = hidden(x @ W1 + b1)
    a2 = logistic(a1 @ W2 + b2)
    delta2 = (a2 - y) * output_slope(a2)
    back = W2 - eta * a1.T @ delta2 if W2_first else W2
    delta1 = delta2 @ back.T * slope(a1)
    grads = [x.T @ delta1, delta1.sum(axis=0), a1.T @ delta2, delta2.sum(axis=0)]
    return [p - eta * g for p, g in zip(params, grads, strict=True)]


def uphill(params, x, y, eta):
    return _step(params, x, y, -eta)


def sigmoid_slope(params, x, y, eta):
    return _step(params, x, y, eta, slope=_sigmoid)


def sigmoid_hidden(params, x, y, eta):
    return _step(params, x, y, eta, slope=_sigmoid, hidden=logistic)


def sigmoid_forward(params, x, y, eta):
    return _step(params, x, y, eta, hidden=logistic)


def tanh_twice(params, x, y, eta):
    return _step(params, x, y, eta, slope=lambda a1: 1 - np.tanh(a1) ** 2)


def not_squared(params, x, y, eta):
    return _step(params, x, y, eta, slope=lambda a1: 1 - a1)


def no_output_slope(params, x, y, eta):
    return _step(params, x, y, eta, output_slope=lambda a2: 1)


def tanh_output_slope(params, x, y, eta):
    return _step(params, x, y, eta, output_slope=lambda a2: 1 - a2 * a2)


def without_rate(params, x, y, eta):
    return _step(params, x, y, 1.0)


def mean(params, x, y, eta):
    return _step(params, x, y, eta / len(x))


def twice(params, x, y, eta):
    return _step(params, x, y, 2 * eta)


def unchanged(params, x, y, eta):
    return list(params)


def mean_in_biases(params, x, y, eta):
    W1, b1, W2, b2 = _step(params, x, y, eta)
    old = params[1], params[3]
    return [W1, old[0] + (b1 - old[0]) / len(x), W2, old[1] + (b2 - old[1]) / len(x)]


def one_sum_for_all_units(params, x, y, eta):
    W1, b1, W2, b2 = _step(params, x, y, eta)
    return [W1, params[1] + (b1 - params[1]).sum(), W2, b2]


def gradients(params, x, y, eta):
    return [p - new for p, new in zip(params, _step(params, x, y, 1.0), strict=True)]


def changes(params, x, y, eta):
    return [p - new for p, new in zip(params, _step(params, x, y, eta), strict=True)]


def no_slope(params, x, y, eta):
    return _step(params, x, y, eta, slope=lambda a1: 1)


def W2_first(params, x, y, eta):
    return _step(params, x, y, eta, W2_first=True)


# When patience ends.


def stop_epoch(losses, wait):
    """The epoch, counted from 1, at which the lowest loss is `wait` epochs old; the last one if that never comes."""
    return _stop(losses, wait)


def _stop(losses, wait, first=1, last=0, equal=False, least=0.0):
    """As `stop_epoch`, with epochs counted from `first`, `last` added at the end, equal losses as new lows or not, and only
    what is lower by more than `least` as one.
    """
    best = 0
    for epoch in range(len(losses)):
        if losses[epoch] < losses[best] - least or (equal and losses[epoch] == losses[best]):
            best = epoch
        if epoch - best == wait:
            return epoch + first
    return len(losses) + last


def one_early(losses, wait):
    return _stop(losses, wait, first=0)


def counted_from_zero(losses, wait):
    return _stop(losses, wait, first=0, last=-1)


def one_late(losses, wait):
    return _stop(losses, wait + 1)


def waits_too_long(epochs):
    return lambda losses, wait: _stop(losses, wait + epochs)


def twice_as_long(losses, wait):
    return _stop(losses, 2 * wait)


def lower_by(least):
    return lambda losses, wait: _stop(losses, wait, least=least)


def stop_before_new_low(losses, wait):
    best = 0
    for epoch in range(len(losses)):
        if epoch - best == wait:
            return epoch + 1
        if losses[epoch] < losses[best]:
            best = epoch
    return len(losses)


def equal_is_new(losses, wait):
    return _stop(losses, wait, equal=True)


def best_epoch(losses, wait):
    stopped = losses[: stop_epoch(losses, wait)]
    return int(np.argmin(stopped)) + 1 if len(stopped) < len(losses) else len(losses)


def best_so_far(losses, wait):
    return int(np.argmin(losses[: stop_epoch(losses, wait)])) + 1


def best_of_all(losses, wait):
    return int(np.argmin(losses)) + 1


def after_best_of_all(losses, wait):
    return int(np.argmin(losses)) + 1 + wait


def after_best_of_all_within(losses, wait):
    return min(after_best_of_all(losses, wait), len(losses))


def lowest_loss(losses, wait):
    return float(np.min(losses))


def loss_at_the_stop(losses, wait):
    return float(losses[stop_epoch(losses, wait) - 1])


def loss_at_a_stop(losses, wait):
    epoch = stop_epoch(losses, wait)
    return float(losses[epoch - 1]) if epoch < len(losses) else len(losses)


def number_of_epochs(losses, wait):
    return len(losses)


def never_reset(losses, wait, equal=False):
    """Stops after `wait` epochs without a new low, in a row or not."""
    lowest, count = np.inf, 0
    for epoch, loss in enumerate(losses, 1):
        if loss < lowest or (equal and loss == lowest):
            lowest = loss
        else:
            count += 1
        if count == wait:
            return epoch
    return len(losses)


def never_reset_equal(losses, wait):
    return never_reset(losses, wait, equal=True)


def no_new_low(losses, wait):
    return min(wait, len(losses))


def best_when_never(losses, wait):
    epoch = stop_epoch(losses, wait)
    best = int(np.argmin(losses[:epoch]))
    return epoch if epoch - 1 - best == wait else best + 1


def rises_in_a_row(losses, wait, enough=np.greater_equal, forget=True):
    rises = 0
    for epoch in range(1, len(losses)):
        rises = rises + 1 if enough(losses[epoch], losses[epoch - 1]) else rises * (not forget)
        if rises == wait:
            return epoch + 1
    return len(losses)


def strict_rises_in_a_row(losses, wait):
    return rises_in_a_row(losses, wait, np.greater)


def rises_in_all(losses, wait):
    return rises_in_a_row(losses, wait, forget=False)


def strict_rises_in_all(losses, wait):
    return rises_in_a_row(losses, wait, np.greater, forget=False)


def first_rise(losses, wait):
    return rises_in_a_row(losses, 1)


def strict_first_rise(losses, wait):
    return rises_in_a_row(losses, 1, np.greater)
