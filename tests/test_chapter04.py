"""The exercises of chapter 4 against a bank of answers: right ones, typical slips, nonsense."""

from exercise_bank import bank_test

from course_lib.exercises.chapter04 import chapter
from course_lib.ops import logistic

SILU, DELTA = "def silu_slope(z): return ", "def hidden_delta(delta_next, W_next, a): return "
RATES = "def rates(H):\n    e = np.linalg.eigvalsh(H)\n    return "
MOMENTUM = "def momentum_step(w, v, g, eta, beta): return "
BANK = {
    "silu-slope": [
        (SILU + "sigmoid(z) * (1 + z * (1 - sigmoid(z)))", "right", "agree"),
        (SILU + "sigmoid(z) * (1 - sigmoid(z))", "wrong", "product rule adds two terms"),
        (SILU + "sigmoid(z)", "wrong", "in which the sigmoid is differentiated"),
        (SILU + "z * sigmoid(z) * (1 - sigmoid(z))", "wrong", "in which the factor `z`"),
        (SILU + "z * sigmoid(z)", "wrong", "expected"),
        (SILU + "sigmoid(z[0])", "wrong", "shape"),
    ],
    "hidden-delta": [
        (DELTA + "(delta_next @ W_next.T) * (a - a**2)", "right", "agree"),
        (DELTA + "delta_next @ W_next.T", "wrong", "This is dL/da"),
        (DELTA + "delta_next @ W_next.T * (1 - a**2)", "wrong", "slope of tanh"),
        (DELTA + "delta_next @ W_next.T * sigmoid(a) * (1 - sigmoid(a))", "wrong", "already its output"),
        (DELTA + "delta_next @ W_next * a * (1 - a)", "wrong", "ValueError"),
        (DELTA + "(a * (1 - a)).T @ delta_next", "wrong", "shape"),
        (DELTA + "-delta_next @ W_next.T * a * (1 - a)", "wrong", "expected"),
        ("def hidden_delta(delta_next, W_next, a):\n    a *= 1 - a\n    return delta_next @ W_next.T * a", "wrong", "changed"),
    ],
    "rates": [
        (RATES + "2 / max(e), 2 / (max(e) + min(e))", "right", "agree"),
        (RATES + "1 / e[-1], 1 / (e[-1] + e[0])", "wrong", "half as large"),
        (RATES + "2 / e[0], 2 / (e[-1] + e[0])", "wrong", "diverges first"),
        (RATES + "2 / e[-1], 1 / e[-1]", "wrong", "Both should be equally fast"),
        (RATES + "2 / H.max(), 2 / (H.max() + H.min())", "wrong", "expected"),
        (RATES + "2 / e[-1]", "wrong", "expected 2 results (limit, best)"),
        ("def rates(H):\n    d = np.diag(H)\n    return 2 / d.max(), 2 / (d.max() + d.min())", "wrong", "on the diagonal"),
    ],
    "momentum-step": [
        (MOMENTUM + "(w - eta * beta * v - eta * g, g + beta * v)", "right", "agree"),
        (MOMENTUM + "(w - eta * v, beta * v + g)", "wrong", "velocity from before"),
        (MOMENTUM + "(w - eta * (beta * v + (1 - beta) * g), beta * v + (1 - beta) * g)", "wrong", "That is an average"),
        (MOMENTUM + "(w + eta * (beta * v + g), beta * v + g)", "wrong", "uphill"),
        (MOMENTUM + "(w - eta * g, beta * v + g)", "wrong", "with the gradient alone"),
        (MOMENTUM + "(beta * v + g, w - eta * (beta * v + g))", "wrong", "expected"),
        ("def momentum_step(w, v, g, eta, beta):\n    v *= beta\n    v += g\n    return w - eta * v, v", "wrong", "changed"),
    ],
}  # fmt: skip

test_exercises = bank_test(chapter, BANK, sigmoid=logistic)
