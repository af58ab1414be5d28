"""The exercises of chapter 1 against a bank of answers: right ones, typical slips, nonsense."""

import numpy as np
from exercise_bank import row_test

from course_lib.exercises.chapter01 import chapter

ROWS = {
    "xor-output": [
        ("xor_output = (1, -2, -0.5)", "right", "made of three neurons"),
        ((20.0, -20.0, -10.0), "right", "made of three neurons"),
        ("xor_output = (1, 1, -0.5)", "wrong", "What must \"and\" do"),
        ("xor_output = (10, -20, 0)", "wrong", "Which sign does `c` need"),
        ("xor_output = (10, -20, -0.01)", "wrong", "So 0.0669 comes through `v_or`"),
        ("xor_output = (10, -1000, -5)", "wrong", "So 9.93 comes through `v_or`, -6.69 comes through `v_and`, and `c` is -5."),
        ("xor_output = (10, -20, -15)", "wrong", "`v_or` has to outweigh `c`"),
        ("xor_output = (-10, 20, -5)", "wrong", "`v_or` has to outweigh `c`"),
        ("xor_output = (10, -20)", "wrong", "three numbers: (v_or, v_and, c), got 2"),
        ("xor_output = (1, -2, -0,5)", "wrong", "got 4. A decimal number has a point, as in 0.5"),
        ("xor_output = [[10], [-20], [-5]]", "wrong", "three numbers"),
        ("xor_output = {'v_or': 10, 'v_and': -20, 'c': -5}", "wrong", "a value of type `dict`"),
        ("xor_output = np.array([1, -1, -0.5])", "right", "0.379, 0.619, 0.619, 0.379. That is exclusive or"),
        ("xor_output = (10, -20, np.nan)", "wrong", "finite"),
        ("xor_output = (10, ..., -5)", "not tried", "Replace"),
    ],
}  # fmt: skip

test_rows = row_test(chapter, ROWS)


def test_the_chapters_layer_says_or_and_and():
    from course_lib.exercises.chapter01 import OR_AND

    assert np.array_equal(OR_AND > 0.5, [[False, False], [True, False], [True, False], [True, True]])
