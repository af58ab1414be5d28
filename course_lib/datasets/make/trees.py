"""Makes data/trees.npz: what gradient-boosted trees answer on the three tables of chapter 8.

Not needed to use the course. With scikit-learn, which is among the packages of the tests:

    make record-trees

Splits and seeds are those of the chapter: a seed's generator first divides the examples into three folds. Like the rate and
the epochs of a network, the number of leaves of a tree and of trees is chosen on two folds inside the training part.
"""

import os
from pathlib import Path

import numpy as np

from course_lib import functional
from course_lib.datasets.sectors import breast_cancer, german_credit, high_school
from course_lib.tools.evaluation import folds

TARGET = Path(__file__).parents[1] / "data" / "trees.npz"
SEEDS = range(5)
LEAVES, TREES = (4, 8, 16), 200
RATE, FEATURES = 0.05, 0.3  # how much of a tree is added; the share of the features that a cut may choose from


def grown(x, y, new, loss, leaves, trees, rng):
    """Answers (trees, examples, 1) for new examples after each tree: logits of class 1 where the loss is of classes."""
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    options = {"learning_rate": RATE, "max_leaf_nodes": leaves, "max_iter": trees, "max_features": FEATURES}
    options |= {"early_stopping": False, "random_state": int(rng.integers(2**31))}
    if loss is functional.binary_cross_entropy:
        answers = HistGradientBoostingClassifier(**options).fit(x, y[:, 0]).staged_decision_function(new)
    else:
        answers = HistGradientBoostingRegressor(**options).fit(x, y[:, 0]).staged_predict(new)
    return np.stack(list(answers)).reshape(trees, len(new), 1)


def chosen(x, y, groups, loss, rng):
    """(leaves, trees) with the lowest loss on two validation folds inside the training part."""
    total = np.zeros((len(LEAVES), TREES))
    for known, held in folds(groups, 2, rng):
        for row, leaves in zip(total, LEAVES, strict=True):
            row += [loss(answer, y[held]) for answer in grown(x[known], y[known], x[held], loss, leaves, TREES, rng)]
    leaves, trees = np.unravel_index(total.argmin(), total.shape)
    return LEAVES[leaves], int(trees) + 1


def tested(x, y, groups, loss, seed):
    """Answers (examples,), each by trees that never saw the example or another one of its group."""
    answers, rng = np.zeros(len(y)), np.random.default_rng(seed)
    for fit, judge in folds(groups, 3, rng):
        best = chosen(x[fit], y[fit], groups[fit], loss, rng)
        answers[judge] = grown(x[fit], y[fit], x[judge], loss, *best, rng)[-1, :, 0]
    return answers


def main():
    import sklearn

    cancer, credit, school = breast_cancer(), german_credit(), high_school()
    binary, squared = functional.binary_cross_entropy, functional.mean_squared_error
    score = school.y - school.y.mean()
    cases = {
        "medicine": (cancer.x, cancer.y, cancer.groups, binary),
        "finance": (credit.x, credit.y, credit.groups, binary),
        "by_student": (school.x, score, np.arange(len(score)), squared),
        "by_school": (school.x, score, school.groups, squared),
    }
    answers = {name: np.array([tested(*case, seed) for seed in SEEDS], np.float16) for name, case in cases.items()}
    np.savez_compressed(TARGET, version=sklearn.__version__, **answers)
    print(f"{TARGET.name}, scikit-learn {sklearn.__version__}: {TARGET.stat().st_size:,} bytes")


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    main()
