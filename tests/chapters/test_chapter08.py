"""Chapter 8: every exercise knows right, wrong and not tried, and says which of the usual slips it sees."""

from exercise_bank import row_test

from course_lib.exercises.chapter08 import chapter


def standardise(train, test, lines="mean, deviation = x_train.mean(axis=0), x_train.std(axis=0)"):
    return f"def standardise(x_train, x_test):\n    {lines}\n    return {train}, {test}"


def interval(
    middle="p + z**2 / (2 * n)",
    half="z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))",
    scale="1 + z**2 / n",
    z="1.96",
    ends="(middle - half) / scale, (middle + half) / scale",
):
    return (
        f"def interval(right, n):\n    p, z = right / n, {z}\n    middle, half, scale = {middle}, {half}, {scale}\n"
        f"    return {ends}"
    )


def stopping(body):
    return f"def early_stopping(losses, patience):\n    best = 0\n    for epoch, loss in enumerate(losses):\n{body}"


TRAIN, TEST = "(x_train - mean) / deviation", "(x_test - mean) / deviation"
ROWS = {
    "standardise": [
        (standardise(TRAIN, TEST), "right", "agree"),
        (standardise(TRAIN, TEST, "mean, deviation = x_train.mean(axis=0), x_train.std(axis=0, ddof=1)"), "right", "n - 1"),
        (standardise("x_train - mean / deviation", "x_test - mean / deviation"), "wrong", "expected"),
        (standardise(TRAIN, TEST, "mean, deviation = x_train.mean(axis=0), x_train.std(axis=0); x_train -= mean"), "wrong", ""
         "expected"),
    ],
    "interval": [
        (interval(), "right", "agree"),
        (interval(z="1.959963984540054"), "right", "agree"),
        (interval(z="1.95996"), "right", "agree"),
        (interval(z="1.9"), "wrong", "expected"),
        (interval(ends="[(middle - half) / scale, (middle + half) / scale]"), "right", "agree"),
        ("def interval(right, n):\n    return right / n", "wrong", "low"),
    ],
    "early-stopping": [
        (stopping("        if loss < losses[best]:\n            best = epoch\n        elif epoch - best >= patience:\n"
                  "            break\n    return best + 1"), "right", "agree"),
        ("def early_stopping(losses, patience):\n    best, kept, wait = float('inf'), 0, 0\n"
         "    for epoch, loss in enumerate(losses, 1):\n        if loss < best:\n"
         "            best, kept, wait = loss, epoch, 0\n"
         "        else:\n            wait += 1\n        if wait >= patience:\n            break\n    return kept", "right",
         "agree"),
    ],
    "no-mistake": [
        ("no_mistake = int(np.ceil(99 * 1.96**2))", "right", "381 patients is right"),
    ],
}  # fmt: skip

test_rows = row_test(chapter, ROWS)
