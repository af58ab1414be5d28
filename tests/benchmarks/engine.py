"""How long does a training step take? course_lib against NumPy by hand, and against each installed framework.

From the top of the repository, under a minute without frameworks:

    python -m tests.benchmarks.engine            prints a table of ratios for each task
    python -m tests.benchmarks.engine --strict   and exits with 1 when a target is missed
    python -m tests.benchmarks.engine --compile  with the compiler of PyTorch, too: a minute more, and a C++ compiler

First all contenders of a task must agree on the loss. Then they run in turns, in short stretches, on one
thread, and the time of each is compared with that of the reference in the same round: whatever else the
machine does slows both. The ratio is the result; microseconds differ from machine to machine.

Plain NumPy is what a textbook writes; "with buffers", the same formulas allocate nothing; "hand-tuned", all
is allowed that gives the same numbers. A new task is a module with a `TASK`, added to `TASKS` below.
"""

import argparse
import os
import platform
import sys
from dataclasses import replace
from functools import partial
from time import process_time

if __name__ == "__main__":  # one thread each: read when NumPy and the frameworks are imported
    os.environ.update(dict.fromkeys(["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"], "1"))
    os.environ.update(dict.fromkeys(["VECLIB_MAXIMUM_THREADS", "BLIS_NUM_THREADS"], "1"))
    os.environ.update(dict.fromkeys(["TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"], "1"))
    os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"

import numpy as np

from course_lib.replay import PASSES

from . import (
    contenders_digits_cnn,
    contenders_digits_mlp,
    contenders_gru,
    contenders_language,
    contenders_stacks,
    contenders_xor,
)
from .comparison import STEPS_CHECKED, disagreements, measure, quartiles, replayed, set_up

TABLE = [f"{name:>8}" for name in ("XOR", "MLP", "CNN", "GRU", "language", "stack")]
STEP_MODULES = (contenders_xor, contenders_digits_mlp, contenders_digits_cnn, contenders_gru, contenders_language)
TABLE_MODULES = (*STEP_MODULES, contenders_stacks)
STEP_TASKS = [*(module.TASK for module in STEP_MODULES), contenders_language.LARGER]
TASKS = [*STEP_TASKS, *contenders_stacks.TASKS]


def with_compiler(task):
    """The task, with what torch.compile makes of its network."""
    contender = partial(task.contenders["PyTorch, eager"], compiled=True)
    return replace(task, contenders={**task.contenders, "PyTorch, compiled": contender})


def report(task, rounds):
    """Check and measure the contenders of a task and print the table; returns whether the target is met."""
    runs, not_installed = set_up(task)
    loss, differences = disagreements(task, runs)
    seconds = measure(runs, task.steps, rounds, np.random.default_rng(0))

    print(f"\n{task.name}: one training step, ratio to {task.reference}")
    print(
        f"All agree on the loss after {STEPS_CHECKED} steps, {loss:.6g}: the largest relative difference is "
        f"{max(differences.values()):.0e} (allowed: {task.tolerance:.0e})."
    )
    print(f"  {'':22}{'median':>8}{'quartiles':>16}{'target':>10}{'stretch':>10}")
    met = True
    for name in task.contenders:
        if name in not_installed:
            print(f"  {name:22}  not installed")
            continue
        low, median, high = quartiles(seconds, name, task.reference)
        line = f"  {name:22}{median:8.2f}{low:9.2f} - {high:.2f}"
        if name in task.targets:
            must, stretch = task.targets[name]
            met = met and median <= must
            line += f"{f'<= {must:.2f}':>10}{f'{stretch:.2f}':>10}  {verdict(median, must, stretch)}"
        print(line)
    if {"course_lib, replayed", "train(), replayed"} <= runs.keys():
        low, median, high = quartiles(seconds, "train(), replayed", "course_lib, replayed")
        print(
            f"  (train(), replayed, against the replayed step by hand: {median:.2f}, {low:.2f} - {high:.2f}; target <= 1.10)"
        )
    for name, rivals, bound in task.against:
        installed = [rival for rival in rivals if rival in runs]
        if installed:
            fastest = min(installed, key=lambda rival: np.median(seconds[rival]))
            low, median, high = quartiles(seconds, name, fastest)
            met = met and median <= bound
            print(
                f"  {name} against {fastest}: {median:.2f}, {low:.2f} - {high:.2f}; target <= {bound:.2f}  "
                f"{verdict(median, bound, 0)}"
            )
    microseconds = 1e6 * np.median(seconds[task.reference])
    print(f"  ({task.reference}: {microseconds:.0f} microseconds a step here, for orientation only)")
    return met


def verdict(ratio, must, stretch):
    if ratio <= stretch:
        return "met, stretch too"
    return "met" if ratio <= must else "MISSED"


def passes(rounds):
    """Print what each pass of `replay` is worth: the time of a replayed step without it, against that with all."""
    print(f"\nPasses: one replayed step without a pass, ratio to the step with all\n  {'':26}{''.join(TABLE)}")
    columns = []
    for module in TABLE_MODULES:
        leave_out = {"all": (), **{name: (name,) for name in PASSES}, "every pass": tuple(PASSES)}
        runs = {name: module.course_lib(replayed, without=without)() for name, without in leave_out.items()}
        seconds = measure(runs, module.TASK.steps, rounds, np.random.default_rng(0))
        columns.append({name: quartiles(seconds, name, "all")[1] for name in runs if name != "all"})
    for name in columns[0]:
        print(f"  without {name:18}{''.join(f'{column[name]:8.2f}' for column in columns)}")


def records():
    """Print what a record costs: the time to make it, in steps of the engine too, and the memory that it keeps."""
    print(f"\nRecords: what one costs\n  {'':26}{''.join(TABLE)}")
    rows = {"milliseconds to record": [], "its arrays, KB": [], "without shared memory, KB": []}
    for module in TABLE_MODULES:
        times = []
        for _ in range(5):
            start = process_time()
            run = module.course_lib(replayed)()
            times.append(process_time() - start)
        unshared = module.course_lib(replayed, without=("shared memory",))()
        rows["milliseconds to record"].append(1000 * min(times))
        rows["its arrays, KB"].append(run.step.nbytes / 1000)
        rows["without shared memory, KB"].append(unshared.step.nbytes / 1000)
    for name, values in rows.items():
        print(f"  {name:26}{''.join(f'{value:8.1f}' for value in values)}")


def environment():
    """Python, NumPy and, where threadpoolctl is installed, the BLAS that does the matrix products."""
    line = f"Python {platform.python_version()}, NumPy {np.__version__}, {platform.machine()}, one thread"
    try:
        from threadpoolctl import threadpool_info
    except ImportError:
        return line
    kernels = [f"{pool['internal_api']} {pool.get('architecture', '')}".strip() for pool in threadpool_info()]
    return f"{line}, BLAS {', '.join(kernels) or 'unknown'}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--strict", action="store_true", help="exit with 1 when a target is missed")
    parser.add_argument("--rounds", type=int, default=300, help="rounds of a task (default: %(default)s)")
    parser.add_argument("--compile", action="store_true", help="let torch.compile compete, too")
    arguments = parser.parse_args()
    print(environment())
    tasks = [*map(with_compiler, STEP_TASKS), *contenders_stacks.TASKS] if arguments.compile else TASKS
    met = [report(task, arguments.rounds) for task in tasks]
    passes(arguments.rounds // 3)
    records()
    sys.exit(1 if arguments.strict and not all(met) else 0)


if __name__ == "__main__":
    main()
