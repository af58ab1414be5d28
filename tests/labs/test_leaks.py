"""A lab's cell that is run again leaves nothing of the lab that it showed before: no widget, no lab, no figure."""

import builtins
import gc

import ipywidgets as widgets
import pytest
from IPython.core.interactiveshell import InteractiveShell
from matplotlib.figure import Figure

from course_lib import labs
from course_lib.canvas import canvas
from course_lib.labs.base import lab as base
from course_lib.labs.base.lab import Lab

pytestmark = pytest.mark.usefixtures("drawn_at_once")
# Of each kind of picture one.
IN_EACH_RUN = ("training_lab", "graph_lab", "kernel_lab", "success_map", "translation_lab")
NAMES = [pytest.param(name, marks=[pytest.mark.slow] * (name not in IN_EACH_RUN)) for name in labs.__all__]
RUNS = 2  # `make robustness` goes on
PREPARED = """
import optuna
from every_lab import opened
from course_lib import labs

# At its first use Optuna keeps an exception, and with it the frames of who has called it.
grid = optuna.samplers.GridSampler({"x": [0]})
optuna.create_study(sampler=grid).optimize(lambda trial: trial.suggest_int("x", 0, 1), n_trials=1)
"""


@pytest.fixture(scope="module")
def shell():
    """IPython, which keeps what cells show in `Out`, `_` and `_1`, as a notebook's kernel does."""
    vars(builtins).pop("_", None)  # a doctest leaves its last value there, and IPython would keep its hands off `_`
    shell = InteractiveShell.instance()
    run(shell, PREPARED)
    for lab in [*base._open.values()]:
        lab.close()
    gc.collect()
    gc.freeze()  # what the tests before have left is no part of what is searched and counted
    yield shell
    InteractiveShell.clear_instance()


def run(shell, cell):
    assert shell.run_cell(cell, store_history=True).success


def held():
    """How many widgets, labs and figures there are."""
    gc.collect()
    kinds = [type(thing) for thing in gc.get_objects()]
    return len(widgets.widget._instances), sum(issubclass(kind, Lab) for kind in kinds), kinds.count(Figure)


@pytest.mark.parametrize("name", NAMES)
def test_a_cell_that_is_run_again_leaves_nothing(shell, capsys, monkeypatch, name):
    monkeypatch.setattr(getattr(labs, name), "static_steps", 1)  # of the picture that is shown without a kernel
    before, counts = held(), []
    for _ in range(RUNS):
        run(shell, f"opened({name!r})")
        counts.append(held())
    assert counts == [counts[0]] * RUNS
    assert len([lab for lab in shell.user_ns["Out"].values() if isinstance(lab, Lab)]) == 1
    run(shell, "Out[max(Out)].close()")  # not `_`: what another test has left in the process may keep IPython from it
    assert held() == before


def test_other_outputs_stay_in_the_history(shell, capsys):
    run(shell, "6 * 7")
    run(shell, "labs.through_time_lab()")
    run(shell, "labs.through_time_lab()")
    run(shell, "history = [Out[max(Out)], *Out.values()]")
    latest, *outputs = shell.user_ns.pop("history")
    assert isinstance(latest, Lab) and outputs.count(42) == 1 and outputs.count(latest) == 1


def test_a_lab_shown_in_two_cells_works_in_both(shell, capsys):
    run(shell, "lab = labs.through_time_lab()\nlab")
    run(shell, "lab")
    run(shell, "lab")  # run again: it is the same lab
    lab = shell.user_ns["lab"]
    assert lab.panel.comm is not None and [shown for shown in shell.user_ns["Out"].values() if shown is lab]
    before = lab.canvas.image.value
    lab.controls["scale"].set(0.5)
    assert lab.canvas.image.value != before and not lab.error_line.value


def test_a_closed_lab_that_is_shown_again_says_so(shell, capsys):
    run(shell, "first = labs.through_time_lab()\nfirst")
    run(shell, "labs.through_time_lab()")
    capsys.readouterr()
    run(shell, "first")
    assert "This lab was closed" in capsys.readouterr().out


def test_a_closed_lab_that_a_name_still_holds_keeps_no_pixels(shell):
    lab = labs.through_time_lab()
    assert lab.canvas._backgrounds and lab.canvas in canvas._awake
    lab.close()
    assert not lab.canvas._backgrounds and lab.canvas not in canvas._awake


def test_pictures_that_were_not_drawn_lately_keep_no_pixels(shell):
    opened = [labs.through_time_lab(name=f"lab {number}") for number in range(canvas.AWAKE + 3)]
    awake = [lab for lab in opened if lab.canvas._backgrounds]
    assert awake == opened[-canvas.AWAKE :]
    first = opened[0]
    picture = first.canvas.frame()  # awake again, and the same to the last byte
    assert picture == first.canvas.image.value and not awake[0].canvas._backgrounds
