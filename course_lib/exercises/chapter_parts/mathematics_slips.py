"""Chapter 4's functions as the exercises ask for them, and as they are usually written wrong."""

import numpy as np

from ...ops import logistic

RNG = np.random.default_rng(4)


# The slope of an activation that the table does not list: f(z) = z sigma(z).


def silu_slope(z):
    s = logistic(z)
    return s + z * s * (1 - s)


def product_of_slopes(z):
    return logistic(z) * (1 - logistic(z))


def second_term(z):
    return z * logistic(z) * (1 - logistic(z))


def slope_of_a(z):
    a = z * logistic(z)
    return logistic(a) + a * logistic(a) * (1 - logistic(a))


def slope_of_output(z):
    s = logistic(z)
    return s + z * logistic(s) * (1 - logistic(s))


def silu_itself(z):
    return z * logistic(z)


def difference_of_terms(z):
    s = logistic(z)
    return s - z * s * (1 - s)


def slope_of_tanh(z):
    s = logistic(z)
    return s + z * (1 - s**2)


# One step of the recursion, for a sigmoid layer.


def hidden_delta(delta_next, W_next, a):
    return delta_next @ W_next.T * a * (1 - a)


def delta_without_slope(delta_next, W_next, a):
    return delta_next @ W_next.T


def delta_slope_of_a(delta_next, W_next, a):
    return delta_next @ W_next.T * logistic(a) * (1 - logistic(a))


def delta_of_tanh(delta_next, W_next, a):
    return delta_next @ W_next.T * (1 - a**2)


def delta_upside_down(delta_next, W_next, a):
    return -(delta_next @ W_next.T) * a * (1 - a)


def delta_of_mean(delta_next, W_next, a):
    return delta_next @ W_next.T * a * (1 - a) / len(a)


def delta_with_half_a_slope(delta_next, W_next, a):
    return delta_next @ W_next.T * (1 - a)


def delta_with_a(delta_next, W_next, a):
    return delta_next @ W_next.T * a


def slope_alone(delta_next, W_next, a):
    return a * (1 - a)


def layers(batch, units, outputs):
    a = logistic(RNG.normal(size=(batch, units)))
    return RNG.normal(size=(batch, outputs)), RNG.normal(size=(units, outputs)), a


# Limit and best rate of a quadratic.


def rates(H):
    eigenvalues = np.linalg.eigvalsh(H)
    return 2 / eigenvalues[-1], 2 / (eigenvalues[-1] + eigenvalues[0])


def half_rates(H):
    limit, best = rates(H)
    return limit / 2, best / 2


def limit_at_one(H):
    limit, best = rates(H)
    return limit / 2, best


def best_at_limit(H):
    return rates(H)[0], rates(H)[0]


def half_of_best(H):
    limit, best = rates(H)
    return limit, best / 2


def one_for_both(H):
    return rates(H)[0] / 2, rates(H)[0] / 2


def rates_of_diagonal(H):
    diagonal = np.sort(np.diag(H))
    return 2 / diagonal[-1], 2 / (diagonal[-1] + diagonal[0])


def limit_of_smallest(H):
    eigenvalues = np.linalg.eigvalsh(H)
    return 2 / eigenvalues[0], 2 / (eigenvalues[-1] + eigenvalues[0])


def newton_rate(H):
    return rates(H)[0], 1 / np.linalg.eigvalsh(H)[-1]


def best_for_the_flat(H):
    return rates(H)[0], 1 / np.linalg.eigvalsh(H)[0]


def rates_of_unsorted(H):
    eigenvalues = np.linalg.eigvals(H)
    return 2 / eigenvalues[-1], 2 / (eigenvalues[-1] + eigenvalues[0])


def rates_of_unsorted_down(H):
    eigenvalues = np.linalg.eigvals(H)
    return 2 / eigenvalues[0], 2 / (eigenvalues[-1] + eigenvalues[0])


def rates_of_trace(H):
    return rates(H)[0], 2 / np.trace(H)


def rates_of_entries(H):
    return 2 / np.max(H), 2 / (np.max(H) + np.min(H))


def rates_of_length(H):
    return 2 / np.linalg.norm(H), rates(H)[1]


def difference_of_ends(H):
    eigenvalues = np.linalg.eigvalsh(H)
    return 2 / eigenvalues[-1], 2 / (eigenvalues[-1] - eigenvalues[0])


def factor_at_best(H):
    eigenvalues = np.linalg.eigvalsh(H)
    return rates(H)[0], (eigenvalues[-1] - eigenvalues[0]) / (eigenvalues[-1] + eigenvalues[0])


# One step of momentum.


def momentum_step(w, v, g, eta, beta):
    v = beta * v + g
    return w - eta * v, v


def old_v(w, v, g, eta, beta):
    return w - eta * v, beta * v + g


def average(w, v, g, eta, beta):
    v = beta * v + (1 - beta) * g
    return w - eta * v, v


def uphill(w, v, g, eta, beta):
    v = beta * v + g
    return w + eta * v, v


def gradient_subtracted(w, v, g, eta, beta):
    v = beta * v - g
    return w - eta * v, v


def sign_in_v(w, v, g, eta, beta):
    v = beta * v - g
    return w + eta * v, v


def uphill_with_rate_in_v(w, v, g, eta, beta):
    v = beta * v + eta * g
    return w + v, v


def only_g(w, v, g, eta, beta):
    return w - eta * g, beta * v + g


def rate_in_v(w, v, g, eta, beta):
    v = beta * v + eta * g
    return w - v, v


def rate_and_sign_in_v(w, v, g, eta, beta):
    v = beta * v - eta * g
    return w + v, v


def without_rate(w, v, g, eta, beta):
    v = beta * v + g
    return w - v, v


def without_beta(w, v, g, eta, beta):
    return w - eta * (v + g), v + g


def v_stays(w, v, g, eta, beta):
    return w - eta * (beta * v + g), v


def beta_on_g(w, v, g, eta, beta):
    v = v + beta * g
    return w - eta * v, v
