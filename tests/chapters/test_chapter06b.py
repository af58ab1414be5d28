"""The exercises of chapter 6b against a bank of answers: right ones, typical slips, nonsense."""

from exercise_bank import row_test

from course_lib.exercises.chapter06b import chapter

CLIP, CENTRE = "def clip(g, largest): return ", "def centre(features, mask):\n    "
OWN = "own = ((features * mask[:, :, None]).sum(axis=1) / mask.sum(axis=1)[:, None])[:, None]\n    "
FORWARD = """
def through_time(x, y, W, U, b):
    h1 = np.tanh(x[:, 0] @ W + b)
    h2 = np.tanh(x[:, 1] @ W + h1 @ U + b)
    h3 = np.tanh(x[:, 2] @ W + h2 @ U + b)
    delta3 = (h3 - y) * (1 - h3**2)
    delta2 = delta3 @ U.T * (1 - h2**2)
    delta1 = delta2 @ U.T * (1 - h1**2)
    dW = x[:, 0].T @ delta1 + x[:, 1].T @ delta2 + x[:, 2].T @ delta3
    dU = h1.T @ delta2 + h2.T @ delta3
    return dW, dU, (delta1 + delta2 + delta3).sum(axis=0)
"""


def through_time(*changes):
    """The solution with a slip in it."""
    source = FORWARD
    for old, new in changes:
        assert old in source
        source = source.replace(old, new)
    return source


STATES_OF_THEIR_OWN_TIME = through_time(
    ("h1.T @ delta2 +", "h1.T @ delta1 + h2.T @ delta2 +"), ("h2.T @ delta3", "h3.T @ delta3")
)
ROWS = {
    "frames": [
        ("frames = len(range(0, 8000 - 255, 160))", "right", "49"),
    ],
    "through-time": [
        (through_time(("(h3 - y) *", "(y - h3) *")), "wrong", "sign"),
        (through_time((" + x[:, 1].T @ delta2 + x[:, 2].T @ delta3", "")), "wrong", "Gradient of W, entry"),
        (through_time(("return dW, dU,", "return dU, dW,")), "wrong", "in the order U, W, b: expected W, U, b"),
    ],
    "clip": [
        (CLIP + "g * min(1, largest / np.linalg.norm(g))", "right", "agree"),
        (CLIP + "g * min(1, largest / (np.linalg.norm(g) + 1e-6))", "right", "agree"),
        (CLIP + "[min(v, largest) for v in g]", "wrong", "makes an array of it"),
        ("def clip(g, largest):\n    g *= min(1, largest / np.linalg.norm(g))\n    return g", "right", "array `g`"),
    ],
    "centre": [
        (CENTRE + "return np.stack([f - f[m == 1].mean(axis=0) for f, m in zip(features, mask)])", "right", "agree"),
        (CENTRE + OWN + "return (features - own) * mask[:, :, None]", "right", "agree"),
        (CENTRE + OWN + "return np.where(mask[:, :, None] == 1, features - own, -60)", "right", "agree"),
        (CENTRE + OWN + "return np.where(mask[:, :, None] == 1, features - own, np.nan)", "wrong", "got nan"),
        (CENTRE + "return (features * mask[:, :, None]).sum(axis=1) / mask.sum(axis=1)[:, None]", "wrong", "shape"),
    ],
    "thousandth": [
        ("thousandth = np.ceil(np.log10(0.001) / np.log10(0.72))", "right", "22 steps is right"),
        ("thousandth = 23", "wrong", "too large"),
    ],
}  # fmt: skip

test_rows = row_test(chapter, ROWS)
