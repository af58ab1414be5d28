"""Make the record that chapters 7 and 7b quote where PyTorch, TensorFlow or JAX is missing.

make record-frameworks                                          all of it; some minutes, on a quiet machine
.venv-frameworks/bin/python .ci/record_frameworks.py --results  only what the chapters' cells and the autograd lab give

The results are those of the chapters' own cells: their notebooks are run here with the frameworks present.
"""

import argparse
import json
import linecache
import resource
import subprocess
import sys
from importlib.metadata import distribution
from pathlib import Path

import nbformat
import numpy as np
from packaging.requirements import Requirement

from course_lib import frameworks
from course_lib.labs.autograd.model import EXPRESSIONS, AutogradModel
from course_lib.labs.speed import BATCHES, CONTENDERS, OURS, WIDTHS, SpeedModel

NOTEBOOKS = sorted((Path(__file__).resolve().parent.parent / "notebooks" / "en").glob("07*.ipynb"))
ROUNDS = 150
IMPORTS = 7
PACKAGES = {  # name: (distribution, what is imported)
    "NumPy": ("numpy", "numpy"),
    OURS: (None, "course_lib"),
    "PyTorch": ("torch", "torch"),
    "TensorFlow": ("tensorflow-cpu", "tensorflow"),
    "JAX": ("jax", "jax"),
}


def speed():
    """name -> batch -> ratio at each width; of course_lib, the growth of its own step."""
    found = {name: {} for name in (OURS, *CONTENDERS)}
    for batch in BATCHES:
        model = SpeedModel(batch, rounds=ROUNDS)
        model.advance(model.most)
        found[OURS][str(batch)] = [float(f"{model.growth(width):.3g}") for width in WIDTHS]
        for name in CONTENDERS:
            found[name][str(batch)] = [float(f"{model.ratio(name, width):.3g}") for width in WIDTHS]
        print(f"batch {batch}: {json.dumps({name: ratios[str(batch)] for name, ratios in found.items()})}", flush=True)
    return found


def megabytes(name):
    """Size of a distribution and of all that it needs, as installed."""
    sizes, todo = {}, [Requirement(name)]
    while todo:
        requirement = todo.pop()
        if requirement.name in sizes or (requirement.marker and not requirement.marker.evaluate({"extra": ""})):
            continue
        found = distribution(requirement.name)
        sizes[requirement.name] = sum(
            Path(file.locate()).stat().st_size for file in found.files if file.locate().exists()
        )
        todo += map(Requirement, found.requires or [])
    return sum(sizes.values()) / 1e6


def import_seconds():
    """name -> processor seconds of an import, the fastest of several, each in a new Python, whose own start is not counted."""
    seconds = {name: [] for name in ("", *PACKAGES)}
    for _ in range(IMPORTS):
        for name in seconds:
            program = f"import {PACKAGES[name][1]}" if name else "pass"
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            subprocess.run([sys.executable, "-c", program], check=True, stderr=subprocess.DEVNULL)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            seconds[name].append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    start = min(seconds.pop(""))
    return {name: min(times) - start for name, times in seconds.items()}


def costs():
    """name -> size on disk and time of the import, NumPy = 1. course_lib needs NumPy, which is counted."""
    here = sum(file.stat().st_size for file in Path(frameworks.__file__).parents[1].rglob("*.py")) / 1e6
    disk = {
        name: megabytes(package) if package else here + megabytes("numpy") for name, (package, _) in PACKAGES.items()
    }
    seconds = import_seconds()
    return {
        name: {
            "disk": float(f"{disk[name] / disk['NumPy']:.3g}"),
            "import": float(f"{seconds[name] / seconds['NumPy']:.3g}"),
        }
        for name in PACKAGES
    }


def results():
    """name of the framework -> key -> what the chapters' functions returned."""
    found = {framework.name: {} for framework in (frameworks.pytorch, frameworks.tensorflow)}
    run = frameworks.Framework.run

    def noted(framework, key, function, *arguments):
        found[framework.name][key] = run(framework, key, function, *arguments)
        return found[framework.name][key]

    frameworks.Framework.run = noted
    for notebook in NOTEBOOKS:
        namespace = {}
        for cell in nbformat.read(notebook, as_version=4).cells:
            if cell.cell_type == "code":
                file = f"<{cell.id}>"  # tf.function looks into the source of what it traces
                linecache.cache[file] = (len(cell.source), None, cell.source.splitlines(keepends=True), file)
                exec(compile(cell.source, file, "exec"), namespace)
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--results", action="store_true", help="leave the recorded times as they are")
    arguments = parser.parse_args()
    needed = (frameworks.pytorch, frameworks.tensorflow, frameworks.jax)
    lacking = [framework.missing() for framework in needed if not framework.installed]
    if lacking:
        sys.exit("\n".join(["A record needs all frameworks.", *lacking]))
    path = frameworks.DATA / "frameworks.json"
    facts = {"versions": {framework.name: framework.version for framework in needed}}
    facts |= frameworks.record() if arguments.results else {"costs": costs(), "speed": speed()}
    facts["versions"] = {framework.name: framework.version for framework in needed}
    facts["graphs"] = {label: AutogradModel(label).as_record() for label in EXPRESSIONS}

    def write():
        path.write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
        frameworks.record.cache_clear()

    facts.setdefault("results", {})
    write()  # the notebook reads it
    arrays, facts["results"] = {}, {}
    for name, by_key in results().items():
        facts["results"][name] = {}
        for key, values in by_key.items():
            facts["results"][name][key] = plain = {}
            for part, value in values.items():
                if isinstance(value, np.ndarray) and value.ndim:
                    arrays[f"{name}/{key}/{part}"] = value
                else:
                    plain[part] = value if isinstance(value, list | int | str) else float(value)
    write()
    np.savez_compressed(frameworks.DATA / "frameworks.npz", **arrays)
    print(f"{path.name} and frameworks.npz: {sum(a.size for a in arrays.values()):,} numbers in {len(arrays)} arrays")


if __name__ == "__main__":
    main()
