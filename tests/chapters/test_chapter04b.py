"""The exercises of chapter 4b against a bank of answers: proofs, counterexamples right and wrong, a backward pass."""

from exercise_bank import row_test

from course_lib.exercises.chapter04b import chapter

FLOOR, CLIMB = "def no_minimum(u): return ", "def still_climbs(x): return "
BACKWARD = "def layer_norm_backward(g, x_hat, std):\n    n = g.shape[1]\n    return "
ROWS = {
    "descent-proof": [
        ("descent_proof = 'e b h d g a'", "right", "The order is right"),
        ("descent_proof = 'e b h f'", "wrong", "A small remainder is still a remainder"),
        ("descent_proof = 'e b h c g a'", "wrong", "bounds the loss from below"),
        ("descent_proof = 'e b h g d a'", "wrong", "Where does M come from?"),
        ("descent_proof = 'e b h g a'", "wrong", "Where is the curvature used?"),
        ("descent_proof = 'b e h d g a'", "wrong", "What is φ? Say that first"),
        ("descent_proof = 'e b h a d g'", "wrong", "too early"),
    ],
    "no-minimum": [
        (FLOOR + "np.log(1 + np.exp(-u))", "right", "at infinity"),
        (FLOOR + "np.log1p(np.exp(-u)) - 7", "right", "at infinity"),
        (FLOOR + "np.sqrt(1 + u**2) - u", "right", "at infinity"),
        (FLOOR + "np.sqrt(1 + u**2) + u", "right", "at infinity"),
        (FLOOR + "np.exp(u)", "right", "at infinity"),
        (FLOOR + "np.exp(u / 10) + 3", "right", "at infinity"),
        (FLOOR + "1 / (1 + u) if u > 0 else 1 - u + u**2", "right", "at infinity"),
        (FLOOR + "-u", "wrong", "not bounded below"),
        (FLOOR + "1 - u", "wrong", "not bounded below"),
        (FLOOR + "-np.log(1 + u) if u > 0 else -u + u**2 / 2", "wrong", "not bounded below"),
        (FLOOR + "u**2", "wrong", "falls and then rises again"),
        (FLOOR + "np.exp(-u) + 0.001 * u", "wrong", "falls and then rises again"),
        (FLOOR + "max(0, 40 - u) ** 2", "wrong", "it is level"),
        (FLOOR + "max(0, 5 - u) ** 3", "wrong", "it is level"),
        (FLOOR + "max(0, 1000 - u) ** 2", "wrong", "it is level"),
        (FLOOR + "3.0", "wrong", "everywhere"),
        (FLOOR + "1 / (1 + np.exp(u))", "wrong", "not convex"),
        (FLOOR + "np.exp(-u) + 0.5 * max(0, -u)", "wrong", "corner"),
        (FLOOR + "max(-u, np.exp(-u) - 1)", "right", "at infinity"),
        (FLOOR + "np.log(u)", "wrong", "not finite"),
        (FLOOR + "'low'", "wrong", "xpected"),
    ],
    "still-climbs": [
        (CLIMB + "np.exp(3 * x) / 9 - x * 2", "right", "along the way"),
        (CLIMB + "5 * x**6 - x", "right", "along the way"),
        (CLIMB + "x + 9 * x**4", "right", "along the way"),
        (CLIMB + "3 * (x - 1) ** 2", "wrong", "The curvature at 0 is 6"),
        (CLIMB + "(x - 1) ** 2", "wrong", "The curvature at 0 is 2"),
        (CLIMB + "(x - 1) ** 2 / 2", "wrong", "It should climb"),
        (CLIMB + "abs(x - 0.3)", "wrong", "crosses a corner"),
        (CLIMB + "abs(x)", "wrong", "corner at 0"),
        (CLIMB + "-x if x < 0.9 else 5.0", "wrong", "crosses a corner"),
        (CLIMB + "x**2", "wrong", "goes nowhere"),
        (CLIMB + "1 / (x - 0.5)", "wrong", "corner or a jump"),
        (CLIMB + "'high'", "wrong", "xpected"),
    ],
    "false-step": [("false_step = 'D'", "right", "while u grows"), ("false_step = '(c)'", "wrong", "leaves no room"),
                   ("false_step = 'e'", "wrong", "Expected one of")],
    "safe-rate": [(2 / 0.25, "right", "is right"), (3.0, "wrong", "how large can it become")],
    "best-h": [(2e-3, "right", "is right"), (0.0020001, "right", "is right"), (0.004, "wrong", "two terms")],
    "layer-norm-backward": [
        (BACKWARD + "(g - g.sum(1, keepdims=True) / n - x_hat * (g * x_hat).sum(1, keepdims=True) / n) / std", "right",
         "agrees"),
        (BACKWARD + "np.array([(np.eye(n) - 1 / n - np.outer(a, a) / n) @ b / c for a, b, c in zip(x_hat, g, std)])", "right",
         "agrees"),
        (BACKWARD + "g / std", "wrong", "if mean and spread were constants"),
    ],
}  # fmt: skip

test_rows = row_test(chapter, ROWS)
