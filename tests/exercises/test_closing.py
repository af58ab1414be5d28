"""A cell that is run again leaves no widget of what it showed before: verdicts, predictions, orders, bars, the start page."""

import builtins
import gc

import ipywidgets
import pytest
from IPython.core.interactiveshell import InteractiveShell

from course_lib.pictures import live

PREPARED = """
from pathlib import Path
from sample_chapter import hidden_error, make_chapter, without_slope
from test_ordering import tea
from course_lib.answers.store import Store
from course_lib.exercises import Chapter
from course_lib.exercises.machinery.order import arrange_function
from course_lib.exercises.start.page import Start
from course_lib.tools.progress import Panel, show_progress

chapter = make_chapter()
ordered = Chapter(1, [tea()])
arrange = arrange_function(ordered)
start = Start()
start.store = Store(Path("answers.json").absolute())

class Progress:
    epoch, loss = 1, 0.5

def press(description):
    '''Press all buttons that say so, but those that earlier tests have left.'''
    import ipywidgets
    for number, widget in [*ipywidgets.widget._instances.items()]:
        if number not in left and isinstance(widget, ipywidgets.Button) and widget.description.startswith(description):
            widget.click()
"""
CELLS = {
    "not tried": 'chapter.check("hidden-error")',
    "wrong": 'chapter.check("hidden-error", without_slope)',
    "right": 'chapter.check("hidden-error", hidden_error)',
    "letter": 'chapter.check("judge-of-gradients")',
    "prediction": 'chapter.predict("rate-zero")',
    "order": 'arrange("make-tea")',
    "bar": "for _ in show_progress([Progress()] * 3, epochs=3): pass",
    "bar that was left": "for _ in show_progress([Progress()] * 3, epochs=3): break",
    "two of them": 'from IPython.display import display\ndisplay(chapter.predict("rate-zero"))\nchapter.check("hidden-error")',
    "questions": "start.questions()",
    "copies": "start.copies()",
    "before and after": "start.before_after()",
}
PRESSED = {  # what a reader does between two runs
    "not tried": 'press("Hint")',
    "wrong": 'press("Hint"); press("Show solution")',
    "right": 'press("Show solution")',
    "letter": 'press("A"); press("Hint"); press("B")',
    "prediction": 'press("A"); press("Show the reply"); press("B")',
    "order": 'press("b"); press("a"); press("\N{UPWARDS ARROW}"); press("Check"); press("Check"); press("Hint")',
    "two of them": 'press("B")',
    "copies": 'press("Save")',
    "before and after": 'press("before"); press("A"); press("guess"); press("Next"); press("Stop")',
}


@pytest.fixture(scope="module", autouse=True)
def searched():
    """What the tests before have left is no part of what is searched for garbage."""
    gc.collect()
    gc.freeze()


@pytest.fixture
def shell(tmp_path, monkeypatch):
    """IPython, as a kernel has it, in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(live, "_shown", {})
    vars(builtins).pop("_", None)  # a doctest leaves its last value there, and IPython would keep its hands off `_`
    shell = InteractiveShell.instance()
    shell.user_ns["left"] = set(ipywidgets.widget._instances)
    run(shell, PREPARED)
    yield shell
    InteractiveShell.clear_instance()
    for _, shown in live._shown.values():
        for widgets in shown:
            widgets.close()


def run(shell, cell):
    assert shell.run_cell(cell, store_history=True).success


def held():
    gc.collect()
    return len(ipywidgets.widget._instances)


@pytest.mark.parametrize("name", CELLS)
def test_a_cell_that_is_run_again_leaves_no_widget_nor_does_what_was_pressed_in_between(shell, capsys, name):
    before = held()
    for _ in range(2):
        run(shell, CELLS[name])
        run(shell, PRESSED.get(name, ""))
    run(shell, CELLS[name])
    shown = held()
    run(shell, CELLS[name])
    assert before < held() == shown


def test_verdicts_on_an_order_do_not_pile_up(shell, capsys):
    run(shell, CELLS["order"])
    run(shell, 'press("Check")')
    judged = held()
    for _ in range(3):
        run(shell, 'press("Check")')
    assert held() == judged


def test_other_cells_keep_what_they_show(shell, capsys):
    run(shell, CELLS["prediction"])
    first = held()
    run(shell, CELLS["wrong"])
    both = held()
    run(shell, CELLS["wrong"])
    assert held() == both > first
    run(shell, 'press("A")')
    assert shell.user_ns["chapter"].kept.said("rate-zero")["choice"] == "a"


def test_what_a_callback_shows_belongs_to_no_cell(shell, capsys, monkeypatch):
    run(shell, CELLS["wrong"])
    shown = held()
    monkeypatch.setattr(live, "_request", lambda: {"msg_type": "comm_msg", "msg_id": "7", "metadata": {}})
    shell.user_ns["chapter"].predict("rate-zero")._repr_mimebundle_()
    assert held() > shown
    monkeypatch.undo()


def test_parts_can_be_closed_before_the_rest():
    widgets = live.Widgets(ipywidgets)
    part = live.Widgets(widgets)
    box, line = widgets.VBox(), part.HTML("a")
    part.close()
    assert line.comm is None and line.layout.comm is None and box.comm is not None
    part.HTML("b")
    widgets.close()
    assert box.comm is None and not [widget for widget in (box.layout,) if widget.comm is not None]
