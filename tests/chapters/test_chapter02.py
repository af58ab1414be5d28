"""Chapter 2: every exercise knows right, wrong and not tried, and says which of the usual slips it sees."""

import re

from chapter_files import cell
from exercise_bank import row_test

from course_lib.exercises.chapter02 import chapter

ROWS = {
    "neuron-gradients": [
        ({"delta * x, delta": "delta, delta * x"}, "wrong", "in the order b, w"),
        ({"delta * x, delta": "delta * x, delta * y"}, "wrong", "Gradient of b"),
        ({"2 * ": "", "delta * x, delta": "delta, delta * x"}, "wrong", "Gradient of w: expected"),
        ({"delta * x, delta": "delta * x"}, "wrong", "(gradient of w, gradient of b)"),
        ({"delta * x, delta": "[delta * x, delta]"}, "right", "finite differences"),
        ({"delta * x, delta": "np.array([delta * x, delta])"}, "right", "finite differences"),
    ],
    "valley-rate": [
        (0.04, "wrong", "swings for ever"),
        (0.0400001, "wrong", "swings for ever"),
        (0.0399999, "wrong", "swings for ever"),
        (0.041, "wrong", "It diverges"),
        (0.05, "wrong", "multiplies v by -1.5"),
        (0.03, "wrong", "Try a larger rate"),
        (0.01, "wrong", "multiplies u by 0.98"),
        (1e-9, "wrong", "multiplies u by 0.999999998"),
        (0.039, "wrong", "from side to side"),
        (0, "wrong", "a positive number"),
        (-0.03, "wrong", "Each step would climb"),
        (1e200, "wrong", "below 1,000"),
        (999, "wrong", "It diverges"),
        ((0, 38), "wrong", "Python writes a point"),
        ("valley_rate = '0,038'", "wrong", "Python writes a point"),
        ("valley_rate = '0.038'", "wrong", "Leave out the quotation marks"),
        ("valley_rate = np.array(0.038)", "right", "v by -0.9"),
        (0.0385, "right", "v by -0.925"),
    ],
}  # fmt: skip

test_rows = row_test(chapter, ROWS)


def test_a_factor_in_delta_is_not_told_as_one():
    """Both gradients come from one delta, so that any slip in it makes the same factor."""
    verdict = chapter.exercises["neuron-gradients"].judge(lambda x, w, b, y: (0.3 * x, 0.3))
    assert "times too" not in verdict.message and "Gradient of w: expected" in verdict.message


def test_in_the_long_run_another_rate_is_best_than_after_120_steps():
    def loss(eta, steps):
        return 25 * (1 - 2 * eta) ** (2 * steps) + 25 * (1 - 50 * eta) ** (2 * steps)

    assert loss(0.038, 120) < loss(2 / 52, 120) and loss(0.038, 1000) > loss(2 / 52, 1000)
    explanation = chapter.exercises["valley-rate"].explanation
    assert (
        "In the long run the best rate" in explanation
        and "after 120 steps, a slightly smaller rate is still ahead" in explanation
    )


def test_the_folded_code_of_the_balls_names_no_rate_in_the_line_that_jupyterlab_shows():
    assert not re.search(r"\d", cell("02_core_concepts", "balls").source.partition("\n")[0])
