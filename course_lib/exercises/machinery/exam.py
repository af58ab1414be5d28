"""Exam mode: where COURSE_EXAM is set, no hint, no solution, and of an answer only whether it is right."""

import os

VARIABLE, OFF = "COURSE_EXAM", ("", "0", "off")


def exam():
    """Whether this kernel belongs to an exam."""
    return os.environ.get(VARIABLE, "").strip().lower() not in OFF
