"""The exercises of chapter 6b against a bank of answers: right ones, typical slips, nonsense."""

from exercise_bank import bank_test

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
BANK = {
    "frames": [
        (50, "wrong", "reach beyond the end"),
        (8000 / 160 - 2, "wrong", "begins at 0"),
        ("frames = 8000 // 256", "wrong", "Frames overlap"),
        ((8000 - 256) / 160, "wrong", "What becomes of the rest?"),
        (51, "wrong", "where would it end?"),
        (62.5, "wrong", "too large"),
        (25, "wrong", "too small"),
        (7745, "wrong", "at every 160th"),
        (81, "wrong", "How far apart do they begin?"),
        ("frames = len(range(0, 8000 - 255, 160))", "right", "49"),
    ],
    "through-time": [
        (through_time(("@ U.T", "@ U")), "wrong", "Shapes cannot tell you"),
        (through_time((" * (1 - h2**2)", ""), (" * (1 - h1**2)", "")), "wrong", "lack their slope"),
        (STATES_OF_THEIR_OWN_TIME, "wrong", "before"),
        (through_time(("(h3 - y) *", "(y - h3) *")), "wrong", "sign"),
        (through_time((" + x[:, 1].T @ delta2 + x[:, 2].T @ delta3", "")), "wrong", "dW"),
        (through_time((".sum(axis=0)", ".mean(axis=0)")), "wrong", "added up as well, because the loss is a sum"),
        (through_time(("dW, dU, (delta1", "dW / 4, dU / 4, (delta1"), (".sum(axis=0)", ".mean(axis=0)")), "wrong",
         "The loss is a sum over the batch"),
        (through_time(("return dW, dU,", "return dU, dW,")), "wrong", "in the order dU, dW, db"),
        (through_time((" * (1 - h3**2)", "")), "wrong", "the tanh of the last step lies between"),
        (through_time(("1 - h3**2", "1 - np.tanh(h3)**2"), ("1 - h2**2", "1 - np.tanh(h2)**2"),
                      ("1 - h1**2", "1 - np.tanh(h1)**2")), "wrong", "without another tanh"),
        (through_time(("(1 - h1**2)", "(1 - h2**2)"), ("U.T * (1 - h2**2)\n    delta1", "U.T * (1 - h3**2)\n    delta1")),
         "wrong", "that step's own state"),
        (through_time(("delta1 = delta2", "delta1 = delta3")), "wrong", "and not from `delta3`"),
        (through_time(("h1.T @ delta2 + h2.T @ delta3", "h1.T @ delta1 + h2.T @ delta2")), "wrong", "which at step 1?"),
        (through_time(("h1.T @ delta2 + h2.T @ delta3", "delta2.T @ h1 + delta3.T @ h2")), "wrong", "dU is transposed"),
        (through_time(("x[:, 0].T @ delta1", "x[:, 0].T @ delta3"), ("x[:, 2].T @ delta3", "x[:, 2].T @ delta1")), "wrong",
         "goes with the error of step 1"),
        (through_time(("(delta1 + delta2 + delta3)", "delta3")), "wrong", "used at all three steps"),
    ],
    "clip": [
        (CLIP + "g * min(1, largest / np.linalg.norm(g))", "right", "agree"),
        (CLIP + "g * min(1, largest / (np.linalg.norm(g) + 1e-6))", "right", "agree"),
        (CLIP + "np.clip(g, -largest, largest)", "wrong", "direction changes"),
        (CLIP + "np.minimum(g, largest)", "wrong", "from above only"),
        (CLIP + "g / np.linalg.norm(g) if np.linalg.norm(g) > largest else g", "wrong", "Which norm should it have?"),
        (CLIP + "g / np.linalg.norm(g)", "wrong", "the norm 1, short ones too"),
        (CLIP + "np.zeros_like(g) if np.linalg.norm(g) > largest else g", "wrong", "This skips the step"),
        (CLIP + "g * largest / max(np.linalg.norm(g), 1e-12)", "wrong", "gives every gradient the norm `largest`"),
        (CLIP + "g * max(1, largest / np.linalg.norm(g))", "wrong", "The short gradients are the ones"),
        (CLIP + "[min(v, largest) for v in g]", "wrong", "makes an array of it"),
        ("def clip(g, largest):\n    g *= min(1, largest / np.linalg.norm(g))\n    return g", "wrong", "changed"),
        (CLIP + "g * min(1, largest / np.abs(g).max())", "wrong", "by the largest entry"),
    ],
    "centre": [
        (CENTRE + "return np.stack([f - f[m == 1].mean(axis=0) for f, m in zip(features, mask)])", "right", "agree"),
        (CENTRE + "return features - features.mean(axis=1, keepdims=True)", "wrong", "silence after the end"),
        (CENTRE + "return features - features[mask == 1].mean(axis=0)", "wrong", "one mean for all utterances"),
        (CENTRE + "return features - features.mean(axis=2, keepdims=True)", "wrong", "bands of a frame"),
        (CENTRE + "return features - features.mean()", "wrong", "one number for everything"),
        (CENTRE + OWN + "return (features - own) * mask[:, :, None]", "right", "agree"),
        (CENTRE + OWN + "return np.where(mask[:, :, None] == 1, features - own, -60)", "right", "agree"),
        (CENTRE + OWN + "return np.where(mask[:, :, None] == 1, features - own, np.nan)", "wrong", "got nan"),
        (CENTRE + "return (features - features.mean(axis=1)[:, None]) * mask[:, :, None]", "wrong", "silence after the end"),
        (CENTRE + OWN + "return features + own", "wrong", "Which sign takes it off?"),
        (CENTRE + "return features * mask[:, :, None]", "wrong", "Nothing is subtracted yet"),
        (CENTRE + "return (features * mask[:, :, None]).sum(axis=1) / mask.sum(axis=1)[:, None]", "wrong", "shape"),
        (CENTRE + "return features - (features * mask[:, :, None]).mean(axis=1)[:, None]", "wrong", "but divide by all frames"),
        (CENTRE + "features -= features.mean(axis=1)[:, None]\n    return features", "wrong", "silence after the end"),
    ],
}  # fmt: skip

test_exercises = bank_test(chapter, BANK)
