"""A reader who overwrites a name of the notebook, or runs a cell alone, is told what happened and what to do about it."""

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from course_lib.exercises.machinery.names import Names, bound_names, first_line

NOTEBOOK = """
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell.instance()
    for cell_id, source in CELLS:
        print(f"--- {cell_id}")
        shell.run_cell(source, store_history=True, cell_id=cell_id)
"""
IMPORTS = "import numpy as np\nfrom sample_chapter import check\nx = np.ones(3)"
CHECK = "print(check('hidden-error', hidden_error))"
ANSWER = f"def hidden_error(delta2, W2, a1):\n    return np.array(delta2 @ W2.T)\n{CHECK}"
CELLS = [
    ("imports", IMPORTS),
    ("harmless", "y = 3"),
    ("before", ANSWER),
    ("scratch", "np = 3"),
    ("answer", ANSWER),
    ("helped", f"def slope(a1): return np.array(a1)\ndef hidden_error(delta2, W2, a1): return slope(a1)\n{CHECK}"),
    ("right", f"def hidden_error(delta2, W2, a1): return delta2 @ W2.T * a1 * (1 - a1) if np else 0\n{CHECK}"),
    ("imports", IMPORTS),
    ("after", ANSWER),
    ("no check", "x = None"),
    ("later", "total = x.sum()"),
    ("letter", "judge_of_gradients = c\ncheck('judge-of-gradients', judge_of_gradients)"),
    ("comma", "rate = 0,03"),
    ("another mistake", "rate = 03"),
    ("alone", "print(model)"),
    ("made", "network = 1\ndel network"),
    ("used", "network"),
]


@pytest.fixture(scope="module")
def shown():
    """What each cell of a notebook prints, as {id: text}; the cells run one after the other in an IPython of their own."""
    program = f"CELLS = {CELLS!r}\n{textwrap.dedent(NOTEBOOK)}"
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=Path(__file__).parent)
    assert result.returncode == 0, result.stderr
    parts = result.stdout.split("--- ")[1:]
    return {part.partition("\n")[0]: part.partition("\n")[2] for part in parts}


def test_the_reply_names_what_was_overwritten_and_the_cell_that_made_it_until_that_has_run_again(shown):
    """In a helper that the answer calls, too; but to a right answer it says nothing."""
    for name in ("answer", "helped"):
        assert "`np` was made by the cell that begins with `import numpy as np`" in shown[name]
        assert "run the cell that begins with `import numpy as np` again" in shown[name]
    assert "without the slope" in shown["before"] and "without the slope" in shown["after"]
    assert not [name for name in ("before", "right", "after") if "overwritten" in shown[name]]


def test_a_cell_that_stops_before_its_check_gets_the_sentence_too(shown):
    assert "AttributeError" in shown["later"] and "`x` was made by the cell that begins with" in shown["later"]


def test_a_letter_without_quotation_marks_gets_a_sentence(shown):
    assert "NameError" in shown["letter"] and 'put it in quotation marks: `"c"`' in shown["letter"]


def test_a_decimal_comma_that_python_cannot_read_gets_a_sentence(shown):
    assert "SyntaxError" in shown["comma"] and "with a point and not with a comma" in shown["comma"]
    assert "with a point" not in shown["another mistake"]


def test_a_cell_that_is_run_alone_is_told_what_to_run(shown):
    assert "quotation marks" not in shown["alone"]
    assert "makes `model`. If a cell above does, choose `Run`, then `Run All Above Selected Cell`" in shown["alone"]
    assert "NameError" in shown["used"] and "Run All Above" not in shown["used"]


def test_parts_of_an_answer_may_be_written_anew():
    names, cell = Names(), {}
    exec("def start(): return forward()\ndef forward(): return 0", cell)
    start, forward = cell["start"], cell["forward"]
    names.ran("draft", "def start(): ...\ndef forward(): ...")
    names.ran("mine", "def forward(): ...")
    assert names.note((start, forward)) == ""
    assert "`forward`" in names.note(start)
    assert names.note(0.5) == names.note(None) == ""


@pytest.mark.parametrize("source, names", [
    ("a = b = 1; c, (d, *e) = f()", {"a", "b", "c", "d", "e"}),
    ("for i, j in x:\n    k = i", {"i", "j", "k"}),
    ("import numpy as np, os.path\nfrom a import b as c", {"np", "os", "c"}),
    ("def f(x):\n    y = 1\nclass A:\n    z = 2", {"f", "A"}),
    ("with open(p) as file:\n    n += 1", {"file", "n"}),
    ("[i for i in x]; g = lambda h: h; d[k] = 1; o.a = 2", {"g"}),
    ("if (m := f()):\n    pass", {"m"}),
    ("%matplotlib inline", set()),
    ("for", set()),
])  # fmt: skip
def test_the_names_that_a_cell_binds(source, names):
    assert bound_names(source) == names


def test_a_cell_is_known_by_its_first_line_of_code():
    assert first_line("\n# comment\n  x = 1\ny = 2") == "x = 1"
    assert first_line("# only") == ""
    assert len(first_line("x = " + "1" * 100)) == 63
