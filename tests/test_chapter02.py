"""Chapter 2: every exercise knows right, wrong and not tried, and says which of the usual slips it sees."""

from exercise_bank import bank_test

from course_lib.exercises.chapter02 import chapter


def neuron(lines):
    return f"def neuron_gradients(x, w, b, y):\n    a = 1 / (1 + np.exp(-(x * w + b)))\n    {lines}"


def descend(step, path="[np.array(start)]", result="np.array(path)"):
    return (
        f"def descend(gradient, start, eta, steps):\n    path = {path}\n    for _ in range(steps):\n"
        f"        path.append({step})\n    return {result}"
    )


BANK = {
    "two-paths": [
        ("two_paths = 12", "wrong", "the forward pass"),
        ("two_paths = 4", "wrong", "one path only"),
        ("two_paths = 3 * 2", "wrong", "one of the two edges"),
        ("two_paths = 4 + 3 * 2", "wrong", "two edges"),
        ("two_paths = 17", "wrong", "Expected 16, got 17"),
        ("two_paths = 3 * 2**2 + 2 * 2", "right", "16"),
    ],
    "neuron-gradients": [
        (neuron("delta = 2 * (a - y)\n    return delta * x, delta"), "wrong", "without the local derivative of the sigmoid"),
        (neuron("delta = (a - y) * a * (1 - a)\n    return delta * x, delta"), "wrong", "the factor 2 is missing"),
        (neuron("delta = 2 * (a - y) * a * (1 - a)\n    return delta, delta"), "wrong", "which is `x`"),
        (neuron("delta = 2 * (a - y) * a * (1 - a)\n    return delta * w, delta"), "wrong", "not `w`"),
        (neuron("delta = 2 * (y - a) * a * (1 - a)\n    return delta * x, delta"), "wrong", "sign"),
        (neuron("delta = 2 * (a - y) * a * (1 - a)\n    return delta, delta * x"), "wrong", "w"),
    ],
    "descend": [
        (descend("path[-1] + eta * gradient(path[-1])"), "wrong", "Your path climbs"),
        (descend("path[-1] - eta * gradient(start)"), "wrong", "the gradient of the start"),
        (descend("path[-1] - eta * gradient(path[-1])", result="np.array(path[1:])"), "wrong", "begins with the start"),
        (descend("path[-1] - eta * gradient(path[-1])", result="path[-1]"), "wrong", "the last point"),
        (descend("path[-1] - eta * np.sign(gradient(path[-1]))"), "wrong", "its sign alone"),
        (
            "def descend(gradient, start, eta, steps):\n    p, path = start, [start]\n    for _ in range(steps):\n"
            "        p -= eta * gradient(p)\n        path.append(p)\n    return np.array(path)",
            "wrong",
            "expected",
        ),
    ],
    "valley-rate": [
        (0.04, "wrong", "It diverges"),
        (0.05, "wrong", "multiplies v by -1.5"),
        (0.03, "wrong", "Larger"),
        (0.01, "wrong", "multiplies u by 0.98"),
        (0.039, "wrong", "from side to side"),
        (0, "wrong", "a positive number"),
        (-0.03, "wrong", "a positive number"),
        (1e200, "wrong", "below 1,000"),
        (0.0385, "right", "v by -0.925"),
    ],
}  # fmt: skip

test_exercises = bank_test(chapter, BANK)
