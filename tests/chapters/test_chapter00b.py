"""The exercises of chapter 0b against a bank of answers: right ones written in another way, and slips in readers' own code."""

from exercise_bank import row_test

from course_lib.exercises.chapter00b import chapter

SLOPE, LAYER, MEANS = "def slope(x, h): return ", "def layer(x, W, b): return ", "def column_means(x): return "
LOOP = "def layer(x, W, b):\n    rows = []\n    for row in x:\n        rows.append({})\n    return np.array(rows)"
ROWS = {
    "slope": [
        ("def slope(x, h):\n    rise = cube(x + h) - cube(x)\n    return rise / h", "right", "agree"),
        (SLOPE + "((x + h) ** 3 - x**3) / h", "right", "agree"),
        (SLOPE + "(cube(x + h / 2) - cube(x - h / 2)) / h", "right", "both sides"),
        (SLOPE + "(cube(x) - cube(x - h)) / h", "right", "to the left"),
        (SLOPE + "(cube(x + h) - cube(x - h)) / (2 * h)", "right", "both sides"),
    ],
    "chain-slope": [
        ("chain_slope = -12.0", "right", "is right"),
        ("chain_slope = 2 * (5 - 2 * 1) * -2", "right", "is right"),
        (7, "wrong", "Go step by step"),
    ],
    "layer": [
        (LAYER + "np.dot(x, W) + b", "right", "agree"),
        (LAYER + "x.dot(W) + b", "right", "agree"),
        (LAYER + "np.einsum('nk,km->nm', x, W) + b", "right", "agree"),
        (LOOP.format("row @ W + b"), "right", "agree"),
        (LAYER + "(x @ W + b).T", "wrong", "entry [0, 1]"),
    ],
    "column-means": [
        (MEANS + "x.mean(axis=0)", "right", "agree"),
        (MEANS + "np.mean(x, 0)", "right", "agree"),
        (MEANS + "sum(x) / x.shape[0]", "right", "agree"),
        (MEANS + "x.T.mean(axis=1)", "right", "agree"),
    ],
    "share-wrong": [
        ("share_wrong = 6 / 40", "right", "is right"),
        ("share_wrong = 1 - 34 / 40", "right", "is right"),
        (0.5, "wrong", "Count the images"),
    ],
}  # fmt: skip

test_rows = row_test(chapter, ROWS)
