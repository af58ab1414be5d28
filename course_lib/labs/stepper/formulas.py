"""The formulas of an iteration: which number is made from which, and how formulas and numbers are written."""

import numpy as np

from ...ops import logistic


class Sigmoid:
    """a = sigmoid(z): as function, as code, and in formulas; its slope da/dz likewise, in terms of a."""

    function, code, formula = logistic, "sigmoid(x @ W1 + b1)", "σ"
    slope_code, slope_formula = "a1 * (1 - a1)", "{a}·(1 - {a})"

    @staticmethod
    def slope(a):
        return a * (1 - a)


class Tanh:
    """a = tanh(z), likewise."""

    function, code, formula = np.tanh, "np.tanh(x @ W1 + b1)", "tanh"
    slope_code, slope_formula = "(1 - a1 * a1)", "(1 - {a}·{a})"

    @staticmethod
    def slope(a):
        return 1 - a * a


ACTIVATIONS = {"sigmoid": Sigmoid, "tanh": Tanh}


def pretty(key):
    """A key as it is written in formulas: delta1[1] as δ₁[1], dW1[1,2] as ∂L/∂W₁[1,2], eta as η."""
    if key.startswith("delta"):
        return "δ" + pretty(key[5:])
    if key.startswith("d"):
        return "∂L/∂" + pretty(key[1:])
    name, bracket, units = key.partition("[")
    return name.replace("eta", "η").replace("1", "₁").replace("2", "₂") + bracket + units


def formula_of(result, activation):
    """The right-hand side of the formula of a number, and the keys of the numbers in it."""
    name, _, units = result.rstrip("]").partition("[")
    used = ACTIVATIONS[activation]
    if name.startswith("new "):
        old = result[4:]
        return f"{pretty(old)} - η·{pretty('d' + old)}", (old, "d" + old)
    i, _, j = units.partition(",")
    formula, uses = {
        "z1": (f"x[1]·W₁[1,{i}] + x[2]·W₁[2,{i}] + b₁[{i}]", ("x[1]", f"W1[1,{i}]", "x[2]", f"W1[2,{i}]", f"b1[{i}]")),
        "a1": (f"{used.formula}(z₁[{i}])", (f"z1[{i}]",)),
        "z2": ("a₁[1]·W₂[1] + a₁[2]·W₂[2] + b₂", ("a1[1]", "W2[1]", "a1[2]", "W2[2]", "b2")),
        "a2": ("σ(z₂)", ("z2",)),
        "L": ("½·(a₂ - y)²", ("a2", "y")),
        "delta2": ("(a₂ - y)·a₂·(1 - a₂)", ("a2", "y")),
        "delta1": (f"δ₂·W₂[{i}]·" + used.slope_formula.format(a=f"a₁[{i}]"), ("delta2", f"W2[{i}]", f"a1[{i}]")),
        "dW2": (f"a₁[{i}]·δ₂", (f"a1[{i}]", "delta2")),
        "db2": ("δ₂", ("delta2",)),
        "dW1": (f"x[{i}]·δ₁[{j}]", (f"x[{i}]", f"delta1[{j}]")),
        "db1": (f"δ₁[{i}]", (f"delta1[{i}]",)),
    }[name]
    return formula, uses


# The numbers that each stop of the walk makes.
_UPDATED = [("W2[1]", "W2[2]", "b2"), ("W1[1,1]", "W1[2,1]", "b1[1]"), ("W1[1,2]", "W1[2,2]", "b1[2]")]
RESULTS = (
    ("z1[1]", "a1[1]"), ("z1[2]", "a1[2]"), ("z2", "a2"), ("L",), ("delta2",), ("delta1[1]",), ("delta1[2]",),
    *(tuple(f"d{key}" for key in keys) for keys in _UPDATED),
    *(tuple(f"new {key}" for key in keys) for keys in _UPDATED),
)  # fmt: skip


def shown(value):
    """A number as the picture shows it."""
    return f"{value:g}" if abs(value * 10 - round(value * 10)) < 1e-12 and abs(value) < 100 else f"{value:.4f}"
