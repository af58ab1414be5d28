"""Each cell of a chapter run again, in a random order, in the kernel in which nbval has just run the chapter.

No cell may fail or show anything else than it did (pixels apart), and each exercise is solved when everything has run.
Loaded as a plugin of pytest (`-p tests.again`), beside nbval. It takes as long as running each chapter once more, so it is
no part of `make test`; `make test-all` runs it.
"""

import random
import re

import pytest
from nbval.plugin import IPyNbFile

from tests.chapters.chapter_files import CHAPTERS

NEED_PYTORCH = {("7b", "port-cnn")}
PIXELS = re.compile(r"base64,[A-Za-z0-9+/=]+")
SHOWN = ("text/plain", "text/html")


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector):
    """After a chapter's cells comes one test more."""
    report = yield
    if isinstance(collector, IPyNbFile) and collector.path in CHAPTERS and report.passed:
        report.result.append(Again.from_parent(collector, name="again", cells=list(report.result)))
    return report


class Again(pytest.Item):
    """cells: nbval's items of the notebook."""

    def __init__(self, *, cells, **parts):
        super().__init__(**parts)
        self.cells = cells

    def runtest(self):
        """Cells that this kernel has not run, because this test was chosen alone, are run first."""
        first = [run(cell) if cell.test_outputs is None else shown(cell) for cell in self.cells]
        breaches = []
        for number in random.Random(0).sample(range(len(self.cells)), len(self.cells)):
            again = run(self.cells[number])
            if again != first[number]:
                breaches.append(f"{self.cells[number].cell.id}: {_difference(first[number], again)}")
        breaches += unsolved(self.parent.nb, self.cells)
        assert not breaches, "\n".join(["", *breaches])


def run(cell):
    """What the cell shows when it is run now."""
    cell.options |= {"check": False, "check_exception": True}  # what differs is said here, with the cell's name
    cell.runtest()
    return shown(cell)


def shown(cell):
    """What the cell showed when it was run last: a list of texts, without pixels."""
    texts, streams = [], {}
    for output in cell.test_outputs:
        if output.output_type == "stream":
            streams[output.name] = streams.get(output.name, "") + output.text
        elif output.output_type == "error":
            texts.append(f"{output.ename}: {output.evalue}")
        else:
            texts += [PIXELS.sub("", output.data.get(mime, "")) for mime in SHOWN]
    return [*streams.values(), *texts]


def unsolved(notebook, cells):
    """A sentence for each exercise whose solution is not right when everything has run.

    Where an exercise needs a framework that is missing here, its check has to say "Not judged": nothing else will do.
    """
    # Only here: by now pytest knows where the tests' modules are, and what is covered of course_lib is being measured.
    from notebook_form import CHECK, exercises_of

    from course_lib.frameworks import pytorch

    chapter = exercises_of(notebook)
    for cell in cells:
        source = cell.cell.source
        found = CHECK.search(source)
        if not found:
            continue
        name = found[1].strip("\"'")
        exercise = chapter.exercises[name]
        asked = f'check("{name}", "{exercise.right}")' if exercise.options else source[found.start() :]
        cell.cell.source = f"{exercise.before}\n{exercise.solution}\n{asked}"
        reply = "\n".join(run(cell))
        cell.cell.source = source
        run(cell)
        not_judged = (chapter.number, name) in NEED_PYTORCH and not pytorch.installed
        if ("This was not judged" if not_judged else "✓ Right") not in reply:
            yield f"{cell.cell.id}: expected its solution to be right after Run All, got {reply[:300]}"


def _difference(first, again):
    if len(first) != len(again):
        return f"{len(first)} outputs at first, {len(again)} now: {' | '.join(again)[-300:]}"
    old, new = next((old, new) for old, new in zip(first, again, strict=True) if old != new)
    start = next((i for i, pair in enumerate(zip(old, new, strict=False)) if pair[0] != pair[1]), 0)
    return f"{old[max(0, start - 30) : start + 120]!r} at first, {new[max(0, start - 30) : start + 120]!r} now"
