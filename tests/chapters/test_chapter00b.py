"""The exercises of chapter 0b against a bank of answers: right ones written in another way, and slips in readers' own code."""

from exercise_bank import row_test

from course_lib.exercises.chapter00b import chapter

ROWS = {
    "slope": [
        ("return ((x + h) ** 3 - x**3) / h", "right", "agree"),
        ("return (cube(x + h / 2) - cube(x - h / 2)) / h", "right", "both sides"),
        ("return (cube(x) - cube(x - h)) / h", "right", "to the left"),
        ("return (cube(x + h) - cube(x - h)) / (2 * h)", "right", "both sides"),
    ],
    "chain-slope": [
        (7, "wrong", "Go step by step"),
    ],
    "share-wrong": [
        (0.5, "wrong", "Count the images"),
    ],
}  # fmt: skip

test_rows = row_test(chapter, ROWS)
