"""Chapter 3: every exercise knows right, wrong and not tried, and names the usual mistakes."""

from exercise_bank import row_test

from course_lib.exercises.chapter03 import chapter

ROWS = {
    "by-hand": [
        (0.0101, "right", "0.0101 is right"),
    ],
    "training-step": [
        ("training_step = 'h d g b i a'", "wrong", "One is missing: you have 6 of 7. Which of the six labels has no line yet?"),
        ("training_step = 'h d b i a e'", "wrong", "One is missing: you have 6 of 7. Label 2, the loss, has no line."),
        ("training_step = 'd b i a'", "wrong", "3 are missing: you have 4 of 7. Which of the six labels"),
        ("training_step = 'h d g b i a c'", "wrong", "c does not belong here. This line moves `W2` alone. Which line"),
        ("training_step = 'h->d->g->b->i->a->e'", "right", "The order is right"),
    ],
    "one-step": [
        ({"return [p": "return tuple([p", "grads)] ": "grads)])"}, "right", "agree"),
        ({"a1.T @ delta2, delta2": "3 * a1.T @ delta2, 0 * delta2"}, "wrong", "is the farthest off. Right: W1, b1."),
    ],
    "patience": [
        ({"epoch - best == wait": "epoch - best >= wait"}, "right", "agree"),
        ({"loss < lowest": "loss < lowest * 0.9999"}, "wrong", "expected"),
    ],
}  # fmt: skip

test_rows = row_test(chapter, ROWS)
