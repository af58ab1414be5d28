"""Chapter 8: every exercise knows right, wrong and not tried, and says which of the usual slips it sees."""

from exercise_bank import bank_test

from course_lib.exercises.chapter08 import STEP_COST, chapter


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
BANK = {
    "standardise": [
        (standardise(TRAIN, TEST), "right", "agree"),
        (standardise(TRAIN, "x_test"), "wrong", "old units"),
        (standardise("x_train - mean", "x_test - mean"), "wrong", "scale is not"),
        (standardise(TEST, TRAIN), "wrong", "in the order x_test, x_train"),
        (standardise(TRAIN, TEST, "mean, deviation = x_test.mean(axis=0), x_test.std(axis=0)"), "wrong", "before the test"),
        (standardise(TRAIN, TEST, "mean, deviation = x_train.mean(axis=0), x_train.std(axis=0, ddof=1)"), "right", "n - 1"),
        (standardise(TRAIN, TEST, "mean = x_train.min(axis=0); deviation = x_train.max(axis=0) - mean"), "wrong", "range"),
        (standardise("x_train - mean / deviation", "x_test - mean / deviation"), "wrong", "expected"),
        (standardise(TRAIN, "(x_test - x_test.mean(axis=0)) / x_test.std(axis=0)"), "wrong", "no mean"),
        (standardise(TRAIN, TEST, "mean, deviation = x_train.mean(), x_train.std()"), "wrong", "axis=0"),
        (standardise(TRAIN, TEST, "x = np.concatenate([x_train, x_test]); mean, deviation = x.mean(0), x.std(0)"), "wrong",
         "helped to prepare its own test"),
        (standardise(TRAIN, TEST, "mean, deviation = x_train.mean(axis=0), x_train.var(axis=0)"), "wrong", "its root"),
        (standardise(TRAIN, TEST, "mean, deviation = x_train.mean(axis=0), x_train.std(axis=0); x_train -= mean"), "wrong", ""
         "expected"),
    ],
    "interval": [
        (interval(), "right", "agree"),
        (interval(scale="1"), "wrong", "leaves the range"),
        (interval(middle="p", half="z * np.sqrt(p * (1 - p) / n)", scale="1"), "wrong", "no width"),
        (interval(half="z * np.sqrt(p * (1 - p) / n) + z**2 / (4 * n**2)"), "wrong", "under the root"),
        (interval(z="1.959963984540054"), "right", "agree"),
        (interval(z="1.95996"), "right", "agree"),
        (interval(z="2"), "wrong", "95.4 %"),
        (interval(z="1.645"), "wrong", "90 %"),
        (interval(z="2.576"), "wrong", "99 %"),
        (interval(z="1.9"), "wrong", "expected"),
        (interval(middle="p + z / (2 * n)"), "wrong", "z is not squared"),
        (interval(half="z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n))"), "wrong", "n is not squared"),
        (interval(half="np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))"), "wrong", "multiplied by z"),
        (interval(ends="middle - half / scale, middle + half / scale"), "wrong",
         "the middle as well"),
        (interval(ends="(middle + half) / scale, (middle - half) / scale"), "wrong",
         "in the order high, low"),
        (interval(ends="[(middle - half) / scale, (middle + half) / scale]"), "right", "agree"),
        (interval(ends="middle / scale, half / scale"), "wrong",
         "half the width"),
        (interval(ends="100 * (middle - half) / scale, 100 * (middle + half) / scale"), "wrong", "per cent"),
        (interval(ends="round((middle - half) / scale, 2), round((middle + half) / scale, 2)"), "wrong", "rounded"),
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
                  "            break\n    return best + 1"), "wrong", "no improvement"),
        (stopping("        if loss < losses[best]:\n            best = epoch\n        if epoch - best > patience:\n"
                  "            break\n    return best + 1"), "wrong", "one epoch too many"),
        (stopping("        if loss < losses[best]:\n            best = epoch\n        if epoch - best >= patience - 1:\n"
                  "            break\n    return best + 1"), "wrong", "one epoch too early"),
        (stopping("        if loss < losses[best]:\n            best = epoch\n        if epoch - best >= patience + 2:\n"
                  "            break\n    return best + 1"), "wrong", "You wait longer than `patience` epochs"),
        (stopping("        if loss < losses[best] - 0.01:\n            best = epoch\n        if epoch - best >= patience:\n"
                  "            break\n    return best + 1"), "wrong", "to be lower by some margin"),
        (stopping("        if loss < losses[best]:\n            best = epoch\n        if epoch - best >= patience:\n"
                  "            break\n    return losses[best]"), "wrong", "In which epoch"),
        (stopping("        if loss < losses[best]:\n            best = epoch\n        if epoch - best >= patience:\n"
                  "            break\n    return epoch"), "wrong", "counted from 0"),
        (stopping("        if loss < losses[best]:\n            best = epoch\n        if epoch - best >= patience:\n"
                  "            break\n    return epoch + 1 - patience"), "wrong", "count back"),
        ("def early_stopping(losses, patience):\n    best = wait = 0\n    for epoch in range(1, len(losses)):\n"
         "        wait = 0 if losses[epoch] < losses[epoch - 1] else wait + 1\n"
         "        best = epoch if losses[epoch] < losses[best] else best\n"
         "        if wait == patience:\n            break\n    return best + 1", "wrong", "the epoch before"),
        ("def early_stopping(losses, patience):\n    wait = 0\n    for epoch in range(1, len(losses)):\n"
         "        wait = 0 if losses[epoch] < losses[epoch - 1] else wait + 1\n"
         "        if wait == patience:\n            return epoch + 1 - patience\n"
         "    return len(losses)", "wrong", "the epoch before"),
        ("def early_stopping(losses, patience):\n    return np.argmin(losses)", "wrong", "counted from 0"),
        ("def early_stopping(losses, patience):\n    best = wait = 0\n    for epoch, loss in enumerate(losses):\n"
         "        if loss < losses[best]:\n            best = epoch\n        elif epoch:\n            wait += 1\n"
         "        if wait == patience:\n            break\n    return best + 1", "wrong", "add up all the epochs"),
        ("def early_stopping(losses, patience):\n    best, kept, wait = losses[0], 1, 0\n"
         "    for epoch, loss in enumerate(losses, 1):\n        if loss < best:\n"
         "            best, kept, wait = loss, epoch, 0\n"
         "        else:\n            wait += 1\n        if wait >= patience:\n            break\n    return kept", "wrong",
         "counts as waiting already"),
        ("def early_stopping(losses, patience):\n    best, kept, wait = float('inf'), 0, 0\n"
         "    for epoch, loss in enumerate(losses, 1):\n        if loss < best:\n"
         "            best, kept, wait = loss, epoch, 0\n"
         "        else:\n            wait += 1\n        if wait >= patience:\n            break\n    return kept", "right",
         "agree"),
    ],
    "step-cost": [
        ("step_cost = 784 * 100 + 100 * 10", "wrong", "forward pass of one example"),
        ("step_cost = 64 * (784 * 100 + 100 * 10)", "wrong", "forward pass alone"),
        ("step_cost = 64 * (784 * 100 + 2 * 100 * 10)", "wrong", "backward pass alone"),
        ("step_cost = 3 * 64 * (784 * 100 + 100 * 10)", "wrong", "input is data"),
        ("step_cost = 2 * 784 * 100 + 3 * 100 * 10", "wrong", "one example"),
        ("step_cost = 3 * (784 * 100 + 100 * 10)", "wrong", "a gradient for the data"),
        ("step_cost = 3 * 64 * (785 * 100 + 101 * 10)", "wrong", "A bias is only added"),
        (2 * STEP_COST, "wrong", "as two"),
        (64 * 784 * 100, "wrong", "too small"),
    ],
}  # fmt: skip

test_exercises = bank_test(chapter, BANK)
