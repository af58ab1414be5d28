"""A second way to the answer of each exercise that has forms: `WAYS` of a chapter's module, {name: function}.

A way gets the numbers of a form: the arguments of the function that the exercise asks for, or the fields of its sentences.
It is written from the task, and shares no line with the solution.
"""

import importlib
from pathlib import Path

WAYS = {}
for path in sorted(Path(__file__).parent.glob("ways_*.py")):
    WAYS |= importlib.import_module(f"{__name__}.{path.stem}").WAYS
