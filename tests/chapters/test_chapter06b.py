"""The exercises of chapter 6b against a bank of answers: right ones, typical slips, nonsense."""

from exercise_bank import row_test

from course_lib.exercises.chapter06b import chapter

OWN = "own = ((features * mask[:, :, None]).sum(axis=1) / mask.sum(axis=1)[:, None])[:, None]\n"
ROWS = {
    "clip": [
        ("return g * min(1, largest / (np.linalg.norm(g) + 1e-6))", "right", "agree"),
        ("g *= min(1, largest / np.linalg.norm(g))\nreturn g", "right", "array `g`"),
    ],
    "centre": [
        ("return np.stack([f - f[m == 1].mean(axis=0) for f, m in zip(features, mask)])", "right", "agree"),
        (OWN + "return (features - own) * mask[:, :, None]", "right", "agree"),
        (OWN + "return np.where(mask[:, :, None] == 1, features - own, np.nan)", "wrong", "got nan"),
        ("return (features * mask[:, :, None]).sum(axis=1) / mask.sum(axis=1)[:, None]", "wrong", "shape"),
    ],
}  # fmt: skip

test_rows = row_test(chapter, ROWS)
