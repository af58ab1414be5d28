"""Run notebooks from top to bottom, each on a new kernel, and store them so that a rerun changes no byte.

python .ci/execute_notebooks.py notebooks/en/05_practice.ipynb
python .ci/execute_notebooks.py --check notebooks/*/*.ipynb
"""

import argparse
import difflib
import os
import re
import sys
import tempfile
import time
from copy import deepcopy
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

ROOT = Path(__file__).resolve().parent.parent
CELL_TIMEOUT = 120  # seconds, as in tests/nbval.args
# A reader's answers must not get into the outputs: COURSE_ANSWERS turns them off.
KERNEL_ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "PYTHONHASHSEED": "0",
    "COURSE_ANSWERS": "off",
}
NO_ANSWER = re.compile("Kernel didn't respond|Kernel died before replying")  # jupyter_client, of a kernel that starts
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {
        "codemirror_mode": {"name": "ipython", "version": 3},
        "file_extension": ".py",
        "mimetype": "text/x-python",
        "name": "python",
        "nbconvert_exporter": "python",
        "pygments_lexer": "ipython3",
    },
}
CELL_METADATA_OF_ONE_SESSION = ("ExecuteTime", "collapsed", "execution", "scrolled", "trusted")
BLANK_LINE = " \n"  # not empty: JupyterLab looks for the first line that is not
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
# Tracebacks name files by where they lie on this machine, or below the home folder.
PLACES = sorted(
    {
        form
        for folder in (ROOT, Path(sys.prefix), Path(sys.base_prefix))
        for form in (f"{folder}{os.sep}", f"{folder}{os.sep}".replace(str(Path.home()), "~", 1))
    },
    key=len,
    reverse=True,
)


class NotebookFault(Exception):
    """A notebook that does not run, or whose outputs cannot be stored."""


def read(path):
    return nbformat.read(path, as_version=4)


def to_bytes(notebook):
    """The notebook's one form on disk: sorted keys, one space of indent, UTF-8, a newline at the end."""
    return (nbformat.writes(notebook) + "\n").encode()


def execute(notebook, folder):
    """A copy of the notebook with the outputs of a run on a new kernel in `folder`.

    A cell that fails, unless tagged raises-exception, raises NotebookFault with its id and traceback.
    """
    notebook = deepcopy(notebook)
    running = None

    def note_cell(cell, cell_index):
        nonlocal running
        running = cell

    with tempfile.TemporaryDirectory() as ipython_folder:
        client = NotebookClient(
            notebook,
            extra_arguments=["--IPKernelApp.log_level=ERROR"],
            kernel_name="python3",
            on_cell_start=note_cell,
            record_timing=False,
            resources={"metadata": {"path": str(folder)}},
            store_widget_state=False,
            timeout=CELL_TIMEOUT,
        )
        try:
            run_all(client, os.environ | KERNEL_ENVIRONMENT | {"IPYTHONDIR": ipython_folder})
        except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
            raise NotebookFault(f"cell {running.id}: {COLOUR.sub('', str(error))}") from error
    return notebook


def run_all(client, environment):
    """Run all cells of an nbclient's notebook on a new kernel.

    A port that is free when it is chosen may be taken when the kernel opens it, for example by a connection of another
    program: the kernel never answers then, no cell has run, and another one is started, once.
    """
    try:
        client.execute(env=environment)
    except RuntimeError as problem:
        if not NO_ANSWER.match(str(problem)):
            raise
        client.execute(env=environment)


def normalise(notebook):
    """A copy of the notebook without all that differs from run to run or from machine to machine."""
    notebook = deepcopy(notebook)
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    notebook.metadata = nbformat.from_dict(METADATA)
    for cell in notebook.cells:
        for key in CELL_METADATA_OF_ONE_SESSION:
            cell.metadata.pop(key, None)
        if cell.cell_type == "code":
            cell.outputs = _merge_streams(_normalise_output(output, cell.id) for output in cell.outputs)
            if cell.outputs and cell.metadata.get("jupyter", {}).get("outputs_hidden"):
                _begin_blank(cell.outputs[0])
    return notebook


def _begin_blank(output):
    """Put a blank line first: JupyterLab shows the first line of what it folds, which must not answer a prediction."""
    texts = output if output.output_type == "stream" else output.get("data", {})
    for kind in [kind for kind in ("text", "text/html", "text/plain") if kind in texts][:1]:  # the one that it looks at
        texts[kind] = BLANK_LINE + texts[kind].removeprefix(BLANK_LINE)


def _normalise_output(output, cell_id):
    if output.output_type == "error":
        output.traceback = [_without_places(line) for line in output.traceback]
    elif output.output_type != "stream":
        is_widget = output.data.pop(WIDGET_VIEW, None)
        if is_widget and set(output.data) <= {"text/plain"}:
            # Stored, the text would show readers a repr; dropped, nbval would report an unexpected output.
            raise NotebookFault(
                f"cell {cell_id}: expected a widget that also gives text/html, its picture where no kernel "
                f"runs, got one with text/plain only: {output.data.get('text/plain', '')[:80]}"
            )
    return output


def _without_places(text):
    for place in PLACES:
        text = text.replace(place, "")
    return text


def _merge_streams(outputs):
    merged = []
    for output in outputs:
        previous = merged[-1] if merged else None
        if previous and output.output_type == previous.output_type == "stream" and output.name == previous.name:
            previous.text += output.text
        else:
            merged.append(output)
    return merged


def difference(old, new, lines=20):
    """The first changed lines between two stored notebooks, each cut to a readable length."""
    changes = difflib.unified_diff(
        old.decode().splitlines(), new.decode().splitlines(), "stored", "new run", lineterm="", n=0
    )
    shown = [change if len(change) <= 160 else f"{change[:157]}..." for change in changes]
    return "\n".join(shown[:lines] + [f"... and {len(shown) - lines} more lines"] * (len(shown) > lines))


def process(path, check):
    """Run one notebook and store it, or with `check` compare it; returns the sentence to print."""
    started = time.perf_counter()
    old = path.read_bytes()
    new = to_bytes(normalise(execute(read(path), path.parent)))
    seconds = time.perf_counter() - started
    if new == old:
        return f"{path}: unchanged ({seconds:.1f} s)"
    if check:
        raise NotebookFault(f"a new run differs from the stored notebook\n{difference(old, new)}")
    path.write_bytes(new)
    return f"{path}: stored ({seconds:.1f} s)"


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("notebooks", nargs="*", type=Path, help="default: every notebook in notebooks/")
    parser.add_argument("--check", action="store_true", help="write nothing, fail when a byte would change")
    options = parser.parse_args(arguments)
    failed = 0
    for path in options.notebooks or sorted((ROOT / "notebooks").glob("*/*.ipynb")):
        try:
            print(process(path, options.check), flush=True)
        except NotebookFault as fault:
            failed += 1
            print(f"{path}: {fault}", file=sys.stderr, flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
