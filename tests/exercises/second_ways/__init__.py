"""A second way to the answer of each exercise that has forms: `WAYS` of a chapter's module, {"chapter/name": function}.

A way gets the numbers of a form: the arguments of the function that the exercise asks for, or the fields of its sentences.
It is written from the task, and shares no line with the solution: a loop over single numbers in place of matrices, a
formula multiplied out, a count of all cases, or the slope of the loss itself in place of a rule for it (`nudges.py`).
"""

import importlib
from pathlib import Path

WAYS = {}
for path in sorted(Path(__file__).parent.glob("ways_*.py")):
    WAYS |= importlib.import_module(f"{__name__}.{path.stem}").WAYS
