"""Chapter 8: every exercise knows right, wrong and not tried, and says which of the usual slips it sees."""

from exercise_bank import bank_test

from course_lib.exercises.chapter08 import STEP_COST, chapter


def standardise(train, test, lines="mean, deviation = x_train.mean(axis=0), x_train.std(axis=0)"):
    return f"def standardise(x_train, x_test):\n    {lines}\n    return {train}, {test}"


def interval(
    middle="p + z**2 / (2 * n)", half="z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))", scale="1 + z**2 / n", z="1.96"
):
    return (
        f"def interval(right, n):\n    p, z = right / n, {z}\n    middle, half, scale = {middle}, {half}, {scale}\n"
        "    return (middle - half) / scale, (middle + half) / scale"
    )


def stopping(body):
    return f"def early_stopping(losses, patience):\n    best = 0\n    for epoch, loss in enumerate(losses):\n{body}"


TRAIN, TEST = "(x_train - mean) / deviation", "(x_test - mean) / deviation"
BANK = {
    "standardise": [
        (standardise(TRAIN, TEST), "right", "agree"),
        (standardise(TRAIN, "x_test"), "wrong", "x_test"),
        (standardise("x_train - mean", "x_test - mean"), "wrong", "x_train"),
        (standardise(TRAIN, "(x_test - x_test.mean(axis=0)) / x_test.std(axis=0)"), "wrong", "no mean"),
        (standardise(TRAIN, TEST, "mean, deviation = x_train.mean(), x_train.std()"), "wrong", "axis=0"),
        (standardise(TRAIN, TEST, "x = np.concatenate([x_train, x_test]); mean, deviation = x.mean(0), x.std(0)"), "wrong",
         "helped to prepare its own test"),
        (standardise(TRAIN, TEST, "mean, deviation = x_train.mean(axis=0), x_train.var(axis=0)"), "wrong", "expected"),
        (standardise(TRAIN, TEST, "mean, deviation = x_train.mean(axis=0), x_train.std(axis=0); x_train -= mean"), "wrong", ""
         "expected"),
    ],
    "interval": [
        (interval(), "right", "agree"),
        (interval(scale="1"), "wrong", "leaves the range"),
        (interval(middle="p", half="z * np.sqrt(p * (1 - p) / n)", scale="1"), "wrong", "no width"),
        (interval(half="z * np.sqrt(p * (1 - p) / n) + z**2 / (4 * n**2)"), "wrong", "under the root"),
        (interval(z="1.645"), "wrong", "expected"),
        ("def interval(right, n):\n    return right / n", "wrong", "low"),
    ],
    "early-stopping": [
        (stopping("        if loss < losses[best]:\n            best = epoch\n        elif epoch - best >= patience:\n"
                  "            break\n    return best + 1"), "right", "agree"),
        (stopping("        if loss < losses[best]:\n            best = epoch\n    return best + 1"), "wrong", "never sees"),
        (stopping("        if loss < losses[best]:\n            best = epoch\n        if epoch - best >= patience:\n"
                  "            break\n    return epoch + 1"), "wrong", "training stops"),
        (stopping("        if loss < losses[best]:\n            best = epoch\n        if epoch - best >= patience:\n"
                  "            break\n    return best"), "wrong", "Counted from 0"),
        (stopping("        if epoch and loss > losses[epoch - 1]:\n            return epoch\n    return len(losses)"), "wrong",
         "patience"),
        (stopping("        if loss <= losses[best]:\n            best = epoch\n        if epoch - best >= patience:\n"
                  "            break\n    return best + 1"), "wrong", "expected"),
        (stopping("        if loss < losses[best]:\n            best = epoch\n        if epoch - best > patience:\n"
                  "            break\n    return best + 1"), "wrong", "expected"),
    ],
    "step-cost": [
        ("step_cost = 784 * 100 + 100 * 10", "wrong", "Expected"),
        ("step_cost = 64 * (784 * 100 + 100 * 10)", "wrong", "forward pass alone"),
        ("step_cost = 3 * 64 * (784 * 100 + 100 * 10)", "wrong", "input is data"),
        ("step_cost = 2 * 784 * 100 + 3 * 100 * 10", "wrong", "one example"),
        (2 * STEP_COST, "wrong", "Expected"),
    ],
}  # fmt: skip

test_exercises = bank_test(chapter, BANK)
