"""Several programs at once, where the system can start any: a page in a browser cannot, and quotes a record instead."""

import subprocess
import sys

from ..text import say

# What chapter 9's cell "workers" gave when it was stored: exit codes, number of trials, who made them.
RECORD = ([0, 0], 12, ["A", "B"])


def starts_programs():
    """Whether another program can be started here."""
    try:
        return run_together("", ()) == [0]
    except (OSError, ValueError, TypeError):  # Pyodide has no processes, and its Python no file
        return False


def run_together(program, *arguments):
    """Run a Python program, a text, once for each tuple of arguments, all at the same time; returns their exit codes."""
    commands = [[sys.executable, "-c", program, *each] for each in arguments]
    started = [subprocess.Popen(command, stderr=subprocess.DEVNULL) for command in commands]
    return [process.wait() for process in started]


def here_or_recorded(function):
    """function(), which starts programs; where there can be none RECORD, and a line that says so."""
    if starts_programs():
        return function()
    print(say("Recorded on a computer, because no other program can be started here."))
    return RECORD
