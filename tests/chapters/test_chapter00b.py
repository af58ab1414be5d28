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
        (SLOPE + "(cube(x) - cube(x + h)) / h", "wrong", "The sign is turned"),
        (SLOPE + "cube(x + h) - cube(x) / h", "wrong", "needs brackets"),
        (SLOPE + "3 * x * x", "wrong", "rule from school"),
        (SLOPE + "Cube(x)", "wrong", "NameError"),
    ],
    "chain-slope": [
        ("chain_slope = -12.0", "right", "is right"),
        ("chain_slope = 2 * (5 - 2 * 1) * -2", "right", "is right"),
        (12, "wrong", "does u grow or shrink"),
        (-4, "wrong", "You took the slope of the square at x"),
        (4, "wrong", "Along a chain they multiply"),
        (7, "wrong", "Go step by step"),
    ],
    "layer": [
        (LAYER + "np.dot(x, W) + b", "right", "agree"),
        (LAYER + "x.dot(W) + b", "right", "agree"),
        (LAYER + "np.einsum('nk,km->nm', x, W) + b", "right", "agree"),
        (LOOP.format("row @ W + b"), "right", "agree"),
        (LAYER + "x * W + b", "wrong", "`*` multiplies entry by entry"),
        (LAYER + "W @ x + b", "wrong", "The order is turned"),
        (LAYER + "x @ W", "wrong", "`b` is still to be added"),
        (LAYER + "(x @ W + b).T", "wrong", "entry [0, 1]"),
    ],
    "column-means": [
        (MEANS + "x.mean(axis=0)", "right", "agree"),
        (MEANS + "np.mean(x, 0)", "right", "agree"),
        (MEANS + "sum(x) / x.shape[0]", "right", "agree"),
        (MEANS + "x.T.mean(axis=1)", "right", "agree"),
        (MEANS + "x.mean(1)", "wrong", "This is the average of each row"),
        (MEANS + "x.mean()", "wrong", "Without `axis`"),
        (MEANS + "x.sum(0)", "wrong", "These are the sums"),
    ],
    "share-wrong": [
        ("share_wrong = 6 / 40", "right", "is right"),
        ("share_wrong = 1 - 34 / 40", "right", "is right"),
        (15, "wrong", "This is in percent"),
        (0.85, "wrong", "the probability that it is right"),
        (0.5, "wrong", "Count the images"),
    ],
}  # fmt: skip

test_rows = row_test(chapter, ROWS)
