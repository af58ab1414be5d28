"""A reader who overwrites a name of the notebook is told which one, and how to get it back."""

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
IMPORTS = ("imports", "import numpy as np\nfrom sample_chapter import check\nx = np.ones(3)")
CHECK = "print(check('hidden-error', hidden_error))"
ANSWER = f"def hidden_error(delta2, W2, a1):\n    return np.array(delta2 @ W2.T)\n{CHECK}"


def shown(*cells):
    """What each cell of a notebook prints, as {id: text}; the cells run in a kernel of their own."""
    program = f"CELLS = {cells!r}\n{textwrap.dedent(NOTEBOOK)}"
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=Path(__file__).parent)
    assert result.returncode == 0, result.stderr
    parts = result.stdout.split("--- ")[1:]
    return {part.partition("\n")[0]: part.partition("\n")[2] for part in parts}


def test_the_reply_names_what_was_overwritten_and_the_cell_that_made_it_until_that_has_run_again():
    """In a helper that the answer calls, too; but to a right answer it says nothing."""
    helped = (
        f"def slope(a1):\n    return np.array(a1)\ndef hidden_error(delta2, W2, a1):\n    return slope(a1)\n{CHECK}"
    )
    right = f"def hidden_error(delta2, W2, a1):\n    return delta2 @ W2.T * a1 * (1 - a1) if np else 0\n{CHECK}"
    overwriting = (("before", ANSWER), ("scratch", "np = 3"), ("answer", ANSWER), ("helped", helped), ("right", right))
    text = shown(IMPORTS, ("harmless", "y = 3"), *overwriting, IMPORTS, ("after", ANSWER))
    for name in ("answer", "helped"):
        assert "`np` was made by the cell that begins with `import numpy as np`" in text[name]
        assert "run the cell that begins with `import numpy as np` again" in text[name]
    assert "without the slope" in text["before"] and "without the slope" in text["after"]
    assert not [name for name in ("before", "right", "after") if "overwritten" in text[name]]


def test_a_cell_that_stops_before_its_check_gets_the_sentence_too():
    text = shown(IMPORTS, ("scratch", "x = None"), ("later", "total = x.sum()"))["later"]
    assert "AttributeError" in text and "`x` was made by the cell that begins with" in text


def test_a_letter_without_quotation_marks_gets_a_sentence():
    text = shown(IMPORTS, ("choice", "judge_of_gradients = c\ncheck('judge-of-gradients', judge_of_gradients)"))[
        "choice"
    ]
    assert "NameError" in text and 'put it in quotation marks: `"c"`' in text


def test_a_decimal_comma_that_python_cannot_read_gets_a_sentence():
    text = shown(IMPORTS, ("comma", "rate = 0,03"), ("other", "rate = 03"))
    assert "SyntaxError" in text["comma"] and "with a point and not with a comma" in text["comma"]
    assert "with a point" not in text["other"]


def test_a_cell_that_is_run_alone_is_told_what_to_run():
    text = shown(IMPORTS, ("alone", "print(model)"))["alone"]
    assert "quotation marks" not in text
    assert "makes `model`. If a cell above does, choose `Run`, then `Run All Above Selected Cell`" in text
    assert "Run All Above" not in shown(IMPORTS, ("made", "model = 1\ndel model"), ("used", "model"))["used"]


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
