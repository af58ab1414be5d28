"""Chapter 8: every exercise knows right, wrong and not tried, and says which of the usual slips it sees."""

from exercise_bank import row_test

from course_lib.exercises.chapter08 import chapter


def standardise(train, test, lines="mean, deviation = x_train.mean(axis=0), x_train.std(axis=0)"):
    return f"def standardise(x_train, x_test):\n    {lines}\n    return {train}, {test}"


def interval(z="1.96", ends="(middle - half) / scale, (middle + half) / scale"):
    return (
        f"def interval(right, n):\n    p, z = right / n, {z}\n    scale, middle = 1 + z**2 / n, p + z**2 / (2 * n)\n"
        f"    half = z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))\n    return {ends}"
    )


TRAIN, TEST = "(x_train - mean) / deviation", "(x_test - mean) / deviation"
ROWS = {
    "standardise": [
        (standardise(TRAIN, TEST, "mean, deviation = x_train.mean(axis=0), x_train.std(axis=0, ddof=1)"), "right", "n - 1"),
        (standardise(TRAIN, TEST, "mean, deviation = x_train.mean(axis=0), x_train.std(axis=0); x_train -= mean"), "wrong",
         "expected"),
    ],
    "interval": [
        (interval(z="1.959963984540054"), "right", "agree"),
        (interval(z="1.9"), "wrong", "expected"),
        (interval(ends="[(middle - half) / scale, (middle + half) / scale]"), "right", "agree"),
        ("def interval(right, n):\n    return right / n", "wrong", "low"),
    ],
}  # fmt: skip

test_rows = row_test(chapter, ROWS)
