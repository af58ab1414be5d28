"""The exercises of chapter 6b against a bank of answers: right ones, typical slips, nonsense."""

from exercise_bank import bank_test

from course_lib.exercises.chapter06b import chapter

CLIP, CENTRE = "def clip(g, largest): return ", "def centre(features, mask):\n    "
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
        (62.5, "wrong", "Expected 49 frames"),
        ("frames = len(range(0, 8000 - 255, 160))", "right", "49"),
    ],
    "through-time": [
        (through_time(("@ U.T", "@ U")), "wrong", "Shapes cannot tell you"),
        (through_time((" * (1 - h2**2)", ""), (" * (1 - h1**2)", "")), "wrong", "lack their slope"),
        (STATES_OF_THEIR_OWN_TIME, "wrong", "before"),
        (through_time(("(h3 - y) *", "(y - h3) *")), "wrong", "sign"),
        (through_time((" + x[:, 1].T @ delta2 + x[:, 2].T @ delta3", "")), "wrong", "dW"),
        (through_time((".sum(axis=0)", ".mean(axis=0)")), "wrong", "db"),
        (through_time(("return dW, dU,", "return dU, dW,")), "wrong", "shape"),
        (through_time((" * (1 - h3**2)", "")), "wrong", "dW"),
    ],
    "clip": [
        (CLIP + "g * min(1, largest / np.linalg.norm(g))", "right", "agree"),
        (CLIP + "np.clip(g, -largest, largest)", "wrong", "direction changes"),
        (CLIP + "np.minimum(g, largest)", "wrong", "expected"),
        (CLIP + "g / np.linalg.norm(g) if np.linalg.norm(g) > largest else g", "wrong", "expected"),
        (CLIP + "np.zeros_like(g) if np.linalg.norm(g) > largest else g", "wrong", "expected"),
        (CLIP + "g * largest / max(np.linalg.norm(g), 1e-12)", "wrong", "expected"),
        ("def clip(g, largest):\n    g *= min(1, largest / np.linalg.norm(g))\n    return g", "wrong", "changed"),
        (CLIP + "g * min(1, largest / np.abs(g).max())", "wrong", "expected"),
    ],
    "centre": [
        (CENTRE + "return np.stack([f - f[m == 1].mean(axis=0) for f, m in zip(features, mask)])", "right", "agree"),
        (CENTRE + "return features - features.mean(axis=1, keepdims=True)", "wrong", "silence after the end"),
        (CENTRE + "return features - features[mask == 1].mean(axis=0)", "wrong", "one mean for all utterances"),
        (CENTRE + "return features - features.mean(axis=2, keepdims=True)", "wrong", "bands of a frame"),
        (CENTRE + "return features - features.mean()", "wrong", "expected"),
        (CENTRE + "return (features * mask[:, :, None]).sum(axis=1) / mask.sum(axis=1)[:, None]", "wrong", "shape"),
        (CENTRE + "return features - (features * mask[:, :, None]).mean(axis=1)[:, None]", "wrong", "expected"),
        (CENTRE + "features -= features.mean(axis=1)[:, None]\n    return features", "wrong", "silence after the end"),
    ],
}  # fmt: skip

test_exercises = bank_test(chapter, BANK)
