"""Exercises with instant feedback: the machinery, and one module of exercises for each chapter.

A chapter's notebook starts with `from course_lib.exercises.chapter05 import check, hint, predict, solution`.
To write exercises, read `machinery/slips.py` (those that ask for a function: one table), `machinery/letter.py` (those that
ask for one of several options), `machinery/exercise.py` (what all are made of) and `machinery/judges.py` (what decides
about answers). `join` and `leave` are for readers whose class works at the same time (`course_lib.board`).
"""

from ..board.share import join, leave
from ..text import N_
from .machinery import judges
from .machinery.exercise import Chapter, Exercise, Prediction, Verdict

__all__ = ["N_", "Chapter", "Exercise", "Prediction", "Verdict", "join", "judges", "leave"]
