"""Each cell of a chapter run again: after Run All once more, in a random order.

    python -m pytest tests/chapters/again.py -n2 -k 05_practice

No cell may fail or show anything else than it did (pixels apart), and each exercise is solved when everything has run.
It takes as long as running each chapter twice, so it is no part of `make test`; `make test-all` runs it.
"""

import os
import random
import re
import tempfile
from contextlib import contextmanager

import pytest
from chapter_files import CHAPTERS
from execute_notebooks import COLOUR, KERNEL_ENVIRONMENT, read
from nbclient import NotebookClient
from notebook_form import CHECK, exercises_of

from course_lib.frameworks import pytorch

NEED_PYTORCH = {("7b", "port-cnn")}
PIXELS = re.compile(r"base64,[A-Za-z0-9+/=]+")
SHOWN = ("text/plain", "text/html")


@contextmanager
def kernel(path):
    """A client whose kernel runs the notebook's cells, in the notebook's folder."""
    notebook = read(path)
    with tempfile.TemporaryDirectory() as folder:
        client = NotebookClient(
            notebook,
            extra_arguments=["--IPKernelApp.log_level=ERROR"],
            kernel_name="python3",
            timeout=120,
            resources={"metadata": {"path": str(path.parent)}},
            store_widget_state=False,
            allow_errors=True,
        )
        with client.setup_kernel(env=os.environ | KERNEL_ENVIRONMENT | {"IPYTHONDIR": folder}):
            yield client, notebook


def run(client, notebook, cell):
    """What the cell shows when it is run now: a list of texts, without pixels and colours."""
    client.execute_cell(cell, notebook.cells.index(cell))
    texts, streams = [], {}
    for output in cell.outputs:
        if output.output_type == "stream":
            streams[output.name] = streams.get(output.name, "") + output.text
        elif output.output_type == "error":
            texts.append(f"{output.ename}: {output.evalue}")
        else:
            texts += [PIXELS.sub("", output.data.get(mime, "")) for mime in SHOWN]
    return [COLOUR.sub("", text) for text in [*streams.values(), *texts]]


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_each_cell_can_be_run_again(path):
    breaches = []
    with kernel(path) as (client, notebook):
        cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
        first = [run(client, notebook, cell) for cell in cells]
        for number in random.Random(0).sample(range(len(cells)), len(cells)):
            again = run(client, notebook, cells[number])
            if again != first[number]:
                breaches.append(f"{cells[number].id}: {_difference(first[number], again)}")
        breaches += unsolved(client, notebook, cells)
    assert not breaches, "\n".join(["", *breaches])


def unsolved(client, notebook, cells):
    """A sentence for each exercise whose solution is not right when everything has run.

    Where an exercise needs a framework that is missing here, its check has to say "Not judged": nothing else will do.
    """
    chapter = exercises_of(notebook)
    for cell in cells:
        found = CHECK.search(cell.source)
        if not found:
            continue
        name, source = found[1].strip("\"'"), cell.source
        exercise = chapter.exercises[name]
        asked = f'check("{name}", "{exercise.right}")' if exercise.options else source[found.start() :]
        cell.source = f"{exercise.before}\n{exercise.solution}\n{asked}"
        shown = "\n".join(run(client, notebook, cell))
        cell.source = source
        run(client, notebook, cell)
        not_judged = (chapter.number, name) in NEED_PYTORCH and not pytorch.installed
        if ("This was not judged" if not_judged else "✓ Right") not in shown:
            yield f"{cell.id}: expected its solution to be right after Run All, got {shown[:300]}"


def _difference(first, again):
    if len(first) != len(again):
        return f"{len(first)} outputs at first, {len(again)} now: {' | '.join(again)[-300:]}"
    old, new = next((old, new) for old, new in zip(first, again, strict=True) if old != new)
    start = next((i for i, pair in enumerate(zip(old, new, strict=False)) if pair[0] != pair[1]), 0)
    return f"{old[max(0, start - 30) : start + 120]!r} at first, {new[max(0, start - 30) : start + 120]!r} now"
