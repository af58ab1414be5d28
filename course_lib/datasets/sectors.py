"""Three real tables, one from each sector that the article names: medicine, finance, education (see data/sectors.md).

The numbers come as they were published, in their own units; `course_lib.tools.evaluation` has what an honest test needs.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from ..text import say

FOLDER = Path(__file__).parent / "data"


class Table(NamedTuple):
    """A table of real data.

    x         (examples, features) float64, in the units that `columns` names
    y         (examples, 1) float64: class 0 or 1, or the number to predict
    columns   names of the features, each with its unit
    groups    (examples,) whole numbers: examples of one group (students of one school) belong to the same side of a split
    """

    x: np.ndarray
    y: np.ndarray
    columns: tuple
    groups: np.ndarray

    def __repr__(self):
        return say(
            "Table: {examples:,} examples, {features} features, {groups:,} groups",
            examples=len(self.x),
            features=self.x.shape[1],
            groups=len(np.unique(self.groups)),
        )


def breast_cancer():
    """Medicine: 569 tumours, 30 measurements of cell nuclei on a microscope image; y = 1: malignant (212), 0: benign.

    Wolberg, Street and Mangasarian (1995), Breast Cancer Wisconsin (Diagnostic). Every example is a group of its own.
    """
    return _table("breast_cancer")


def german_credit():
    """Finance: 1,000 loans of a German bank, 1973 to 1975, 55 columns; y = 1: not paid back as agreed (300), 0: paid.

    Hofmann (1994), Statlog (German Credit Data). Categories are columns of 0 and 1. Two columns are left out, sex with
    marital status and foreign worker: their codes are known to be wrong (Grömping 2019), and no lender may use them.
    """
    return _table("credit")


def high_school():
    """Education: 7,185 students of 160 schools in the USA, 9 features; y = score of a mathematics test, -3 to 25 points.

    High School and Beyond (National Center for Education Statistics, 1982). The group of an example is its school.
    """
    return _table("school")


class Trees(NamedTuple):
    """What gradient-boosted trees answered to examples that they had not seen, recorded for the seeds 0 to 4.

    version      of scikit-learn, which grew them
    medicine     (5, 569) logits: the tumour is malignant      finance   (5, 1000) logits: the loan is not paid back
    by_student   (5, 7185) score minus the mean of all scores, students split at random
    by_school    (5, 7185) the same, whole schools kept together
    """

    version: str
    medicine: np.ndarray
    finance: np.ndarray
    by_student: np.ndarray
    by_school: np.ndarray

    def __repr__(self):
        return say("Boosted trees: recorded with scikit-learn {version} (`make record-trees`)", version=self.version)


def boosted_trees():
    """`Trees` for the three tables, on chapter 8's splits; datasets/make/trees.py grew them, tuned inside each split."""
    with np.load(FOLDER / "trees.npz") as stored:
        return Trees(str(stored["version"]), *(stored[name].astype(np.float64) for name in Trees._fields[1:]))


def _table(name):
    with np.load(FOLDER / f"{name}.npz") as stored:
        x, y = stored["x"].astype(np.float64), stored["y"].astype(np.float64)
        return Table(x, y[:, None], tuple(stored["columns"].tolist()), stored["groups"].astype(np.int64))
