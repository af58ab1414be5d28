"""Each lab's model is plain Python: importing it brings in nothing that only the page needs."""

import subprocess
import sys

import pytest
from every_lab import NAMES, ROOMS

from course_lib import labs
from course_lib.labs.base.lab import Lab

PAGE = ("ipywidgets", "matplotlib", "IPython", "course_lib.pictures.figures")
PROGRAM = """
import importlib, sys
for room in {rooms}:
    package = importlib.import_module("course_lib.labs." + room)
    if hasattr(package, "__path__"):
        importlib.import_module("course_lib.labs." + room + ".model")
    print(room, *[name for name in {page} if name in sys.modules])
"""


def test_a_model_imports_no_widget_and_no_picture():
    program = PROGRAM.format(rooms=[*ROOMS], page=PAGE)
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert len(ROOMS) >= 25
    assert shown.splitlines() == [*ROOMS]  # a name behind a room: what its model, or one before it, has imported


@pytest.mark.parametrize("name", NAMES)
def test_a_lab_is_called_like_its_file_or_folder(name):
    lab = getattr(labs, name)
    assert issubclass(lab, Lab) and lab.__doc__


def test_what_is_no_lab_is_named():
    with pytest.raises(AttributeError, match="has no attribute 'bread_lab'"):
        _ = labs.bread_lab
