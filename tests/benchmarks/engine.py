"""How long does a training step take? course_lib against NumPy by hand, and against each installed framework.

From the top of the repository, under a minute without frameworks:

    python -m tests.benchmarks.engine            prints a table of ratios for each task
    python -m tests.benchmarks.engine --strict   and exits with 1 when a target is missed

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

if __name__ == "__main__":  # one thread each: read when NumPy and the frameworks are imported
    os.environ.update(dict.fromkeys(["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"], "1"))
    os.environ.update(dict.fromkeys(["VECLIB_MAXIMUM_THREADS", "BLIS_NUM_THREADS"], "1"))
    os.environ.update(dict.fromkeys(["TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"], "1"))
    os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"

import numpy as np

from . import contenders_digits_cnn, contenders_digits_mlp, contenders_gru, contenders_xor
from .comparison import STEPS_CHECKED, disagreements, measure, quartiles, set_up

TASKS = [contenders_xor.TASK, contenders_digits_mlp.TASK, contenders_digits_cnn.TASK, contenders_gru.TASK]


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
        if name == task.judged:
            met = median <= task.must
            line += f"{f'<= {task.must:.2f}':>10}{f'{task.stretch:.2f}':>10}  {verdict(median, task)}"
        print(line)
    microseconds = 1e6 * np.median(seconds[task.reference])
    print(f"  ({task.reference}: {microseconds:.0f} microseconds a step here, for orientation only)")
    return met


def verdict(ratio, task):
    if ratio <= task.stretch:
        return "met, stretch too"
    return "met" if ratio <= task.must else "MISSED"


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
    arguments = parser.parse_args()
    print(environment())
    met = [report(task, arguments.rounds) for task in TASKS]
    sys.exit(1 if arguments.strict and not all(met) else 0)


if __name__ == "__main__":
    main()
