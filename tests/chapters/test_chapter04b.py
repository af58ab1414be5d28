"""The exercises of chapter 4b against a bank of answers: proofs, counterexamples right and wrong, a backward pass."""

from exercise_bank import row_test

from course_lib.exercises.chapter04b import chapter

BACKWARD = "n = g.shape[1]\nreturn "
ROWS = {
    "descent-proof": [
        ("descent_proof = 'e b h g a'", "wrong", "Where is the curvature used?"),
    ],
    "no-minimum": [
        ("return np.log(1 + np.exp(-u))", "right", "at infinity"),
        ("return np.log1p(np.exp(-u)) - 7", "right", "at infinity"),
        ("return np.sqrt(1 + u**2) - u", "right", "at infinity"),
        ("return np.exp(u)", "right", "at infinity"),
        ("return 1 / (1 + u) if u > 0 else 1 - u + u**2", "right", "at infinity"),
        ("return -np.log(1 - 1 / (1 + np.exp(-u)))", "right", "at infinity"),
        ("return np.exp(-u) + 1e5", "right", "at infinity"),
        ("return np.exp(-u) - 1e6", "right", "at infinity"),
        ("return np.exp(-u / 1e6)", "right", "at infinity"),
        ("return 1e-9 * np.exp(-u)", "right", "at infinity"),
        ("return np.exp(-u) if u < 30 else np.exp(-30.0)", "wrong", "your function is level"),
        ("return np.exp(-u) + 1e-30 * u * u", "wrong", "falls and then rises again"),
        ("return np.exp(-u / 50) - 0.01 * np.exp(-((u - 40) ** 2))", "wrong", "not convex"),
        ("return -u", "wrong", "not bounded below"),
        ("return -np.log(1 + u) if u > 0 else -u + u**2 / 2", "wrong", "not bounded below"),
        ("return u**2", "wrong", "falls and then rises again"),
        ("return np.exp(-u) + 0.001 * u", "wrong", "falls and then rises again"),
        ("return max(0, 40 - u) ** 2", "wrong", "your function is level"),
        ("return max(0, 5 - u) ** 3", "wrong", "your function is level"),
        ("return max(0, 1000 - u) ** 2", "wrong", "your function is level"),
        ("return 3.0", "wrong", "everywhere"),
        ("return 1 / (1 + np.exp(u))", "wrong", "not convex"),
        ("return np.exp(-u) + 0.5 * max(0, -u)", "wrong", "corner"),
        ("return max(-u, np.exp(-u) - 1)", "right", "at infinity"),
        ("return np.log(u)", "wrong", "not finite"),
        ("return 'low'", "wrong", "xpected"),
    ],
    "still-climbs": [
        ("return np.exp(3 * x) / 9 - x * 2", "right", "along the way"),
        ("return 5 * x**6 - x", "right", "along the way"),
        ("return 3 * (x - 1) ** 2", "wrong", "The curvature at 0 is 6"),
        ("return (x - 1) ** 2", "wrong", "The curvature at 0 is 2"),
        ("return (x - 1) ** 2 / 2", "wrong", "It should climb"),
        ("return abs(x - 0.3)", "wrong", "Near x = 0.3"),
        ("return -x if x < 0.9 else 5.0", "wrong", "Near x = 0.9"),
        ("return 1.0 if x >= 1 else -x", "wrong", "Near x = 1 "),
        ("return -x + 3 * x * abs(x)", "wrong", "Near x = 0 "),
        ("return -x + 4 * max(x - 0.3, 0) ** 2", "wrong", "Near x = 0.3"),
        ("return -x + 10 * max(x - 0.3, 0) ** 3", "right", "along the way"),
        ("return -x if x < 0.9 else np.inf", "wrong", "not finite"),
        ("return -x + 0.99975 * x**2 + x**4", "right", "1.9995"),
        ("return -1000 * x + 1e7 / (1 + np.exp(-5 * (x - 500)))", "right", "along the way"),
        ("return -1e-3 * x + 1e12 * x**4", "right", "along the way"),
        ("return 1e9 - x + 2 * x**4", "right", "along the way"),
        ("return -x + 3 * x**200", "right", "along the way"),
        ("return x**2", "wrong", "goes nowhere"),
        ("return 1 / (x - 0.5)", "wrong", "corner or a jump"),
        ("return 'high'", "wrong", "xpected"),
    ],
    "false-step": [("false_step = 'D'", "right", "goes on for ever"), ("false_step = 'e'", "wrong", "Expected one of")],
    "safe-rate": [(2 / 0.25, "right", "is right"), (3.0, "wrong", "how large can it become")],
    "best-h": [
        (5e-4, "right", "is right"), (0.00050001, "right", "is right"), (0.004, "wrong", "two terms"),
        (1e-5, "wrong", "too small"), (1e-6, "wrong", "too small"), (9e-5, "wrong", "too small"),
        (1e-3, "wrong", "has to count"), (0, "wrong", "more than 0"), (-1e-6, "wrong", "more than 0"),
    ],
    "layer-norm-backward": [
        (BACKWARD + "(g - g.sum(1, keepdims=True) / n - x_hat * (g * x_hat).sum(1, keepdims=True) / n) / std", "right",
         "agrees"),
        (BACKWARD + "np.array([(np.eye(n) - 1 / n - np.outer(a, a) / n) @ b / c for a, b, c in zip(x_hat, g, std)])", "right",
         "agrees"),
    ],
}  # fmt: skip

test_rows = row_test(chapter, ROWS)
