"""The three tables of chapter 8: sizes, classes, columns with units, published facts about them, and their licences."""

import numpy as np
import pytest

from course_lib import datasets
from course_lib.datasets import sectors
from course_lib.datasets.make import trees as make_trees
from course_lib.functional import binary_cross_entropy

LOADERS = [datasets.breast_cancer, datasets.german_credit, datasets.high_school]
every_table = pytest.mark.parametrize("load", LOADERS, ids=lambda f: f.__name__)


@every_table
def test_shapes_and_types(load):
    table = load()
    examples, features = table.x.shape
    assert table.y.shape == (examples, 1) and table.groups.shape == (examples,) and len(table.columns) == features
    assert table.x.dtype == table.y.dtype == np.float64
    assert np.isfinite(table.x).all() and np.isfinite(table.y).all()
    assert (table.x.std(axis=0) > 0).all(), "a column that is constant says nothing"


@every_table
def test_every_column_has_a_name_of_its_own_and_a_unit(load):
    columns = load().columns
    assert len(set(columns)) == len(columns)
    assert all(name.endswith(")") and "(" in name for name in columns)


@every_table
def test_it_is_new_at_every_call(load):
    load().x[...] = 0
    assert load().x.any()


def test_published_counts():
    cancer, credit, school = (load() for load in LOADERS)
    assert (len(cancer.y), int(cancer.y.sum())) == (569, 212)
    assert (len(credit.y), int(credit.y.sum())) == (1000, 300)
    assert (len(school.y), len(np.unique(school.groups))) == (7185, 160)
    assert repr(school) == "Table: 7,185 examples, 9 features, 160 groups"


def test_published_means():
    """Mean radius 14.127; mean amount 3271.258 DM, age 35.546; mathematics 12.748 points with deviation 6.878."""
    cancer, credit, school = (load() for load in LOADERS)
    assert cancer.x[:, 0].mean() == pytest.approx(14.127, abs=5e-4)
    assert credit.x[:, credit.columns.index("amount (DM)")].mean() == pytest.approx(3271.258)
    assert credit.x[:, credit.columns.index("age (years)")].mean() == pytest.approx(35.546)
    assert (school.y.mean(), school.y.std(ddof=1)) == pytest.approx((12.748, 6.878), abs=5e-4)


def test_categories_are_exactly_one_of_their_columns():
    credit = datasets.german_credit()
    names = [name.split(":")[0] for name in credit.columns]
    for name in set(names):
        columns = [i for i, other in enumerate(names) if other == name]
        if len(columns) > 1:
            np.testing.assert_array_equal(credit.x[:, columns].sum(axis=1), 1)


def test_no_column_about_sex_or_origin_in_the_credit_table():
    assert not [name for name in datasets.german_credit().columns if "sex" in name or "foreign" in name]


def test_school_features_are_the_same_for_all_students_of_a_school():
    school = datasets.high_school()
    for column in range(3, 9):
        for group in np.unique(school.groups)[:20]:
            assert len(np.unique(school.x[school.groups == group, column])) == 1


def test_the_recorded_trees_answer_every_example_better_than_the_most_frequent_class_or_the_mean():
    trees, school = datasets.boosted_trees(), datasets.high_school()
    for logits, table in ((trees.medicine, datasets.breast_cancer()), (trees.finance, datasets.german_credit())):
        assert logits.shape == (5, len(table.y))
        right = ((logits > 0) == table.y[:, 0]).mean(axis=1)
        assert (right > max(table.y.mean(), 1 - table.y.mean())).all()
    score = school.y[:, 0] - school.y.mean()
    for answers in (trees.by_student, trees.by_school):
        assert answers.shape == (5, len(score))
        assert (((answers - score) ** 2).mean(axis=1) < 0.82 * score.var()).all()
    assert repr(trees) == f"Boosted trees: recorded with scikit-learn {trees.version} (`make record-trees`)"


@pytest.mark.slow
def test_the_record_of_the_trees_is_what_they_answer_on_the_first_split():
    credit, seed = datasets.german_credit(), 0
    recorded = datasets.boosted_trees().finance[seed]
    grown = make_trees.tested(credit.x, credit.y, credit.groups, binary_cross_entropy, seed)
    assert np.mean((grown > 0) == (recorded > 0)) > 0.97


def test_licences_are_shipped():
    note = (sectors.FOLDER / "sectors.md").read_text(encoding="utf-8")
    for name in ("breast_cancer", "credit", "school"):
        section = note.split(f"## {name}.npz")[1].split("\n## ")[0]
        assert "CC BY 4.0" in section or "public domain" in section
