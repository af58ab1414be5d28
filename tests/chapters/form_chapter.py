"""The predictions of the smallest chapter that keeps every rule of the form, in `test_notebook_form.py`."""

from course_lib.exercises import Chapter, Prediction

REPLIES = {"a": "It does.", "b": "It does not."}
chapter = Chapter(
    98,
    [],
    [
        Prediction(f"rate-{number}", "Does it?", {"a": "yes", "b": "no"}, "a", REPLIES, (f"lab-{number}",))
        for number in (1, 2, 3)
    ],
)
