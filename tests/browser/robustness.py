"""What readers may do to the labs, to a kernel and to `train`, and how often the course answers as it should.

    python -m tests.browser.robustness     from the top of the repository, or `make robustness`: the long versions, a quarter of
                                   an hour; writes the tables of robustness.md in both languages

tests/browser/test_robustness.py runs short versions of the same measurements, and counts again what the page states.
"""

import ast
import io
import itertools
import json
import math
import os
import re
import signal
import tempfile
import time
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from queue import Empty
from statistics import mean, median

import ipywidgets as widgets
import numpy as np
from jupyter_client import KernelManager

from course_lib import Dense, Diverged, GradientDescent, Sequential, functional, train
from course_lib.answers import format as answers_format
from course_lib.exercises.machinery import limits
from tests.browser import robustness_in_chinese
from tests.browser.robustness_in_chinese import PAGE
from tests.generated import with_table
from tests.labs.every_lab import NAMES, opened

ROOT = Path(__file__).parents[2]
SEED = 0
LONG = 600  # seconds of live training
DAMAGES = 500  # of an answers file
PRINTS = 2_000_000  # characters
KILLS = 200  # of a process that writes the answers file: tests/exercises/test_answers.py does it, and looks for lost answers

# Typed into every text box

NONSENSE = (
    "abc", "nan", "inf", "-inf", "1e999", "9" * 400, "0.5.5", "--1", "1/2", "5 %", "x = 3", "\N{INFINITY}",
    "\N{VULGAR FRACTION ONE HALF}",
    "1,2,3,4", "<b>4</b>", "'; drop table answers; --", "{0.__class__}", "%s%n", "__import__('os').abort()",
    "lambda: 0", "[1, 2]", "None", "training data=xor done=many",
)  # fmt: skip
SENSE = {("y = f(x)", "--1"), ("y = f(x)", "1/2")}  # (box, text): no nonsense there
SENTENCE = re.compile(r"^(?!.*(Traceback|Error\b|object at 0x))\S+( \S+){3,}", re.DOTALL)


def boxes(lab):
    """The text boxes of a lab: (label, widget, function that hands the text in)."""
    todo = [lab.panel]
    while todo:
        widget = todo.pop()
        todo += getattr(widget, "children", ())
        if isinstance(widget, widgets.Text):
            hand_in = lab.buttons["restore"].click if widget is getattr(lab, "state_text", None) else lambda: None
            yield widget.description or widget.tooltip or "", widget, hand_in


def shown(line):
    return re.sub("<[^>]*>", "", line.value)


def typed_nonsense():
    """Each piece of nonsense typed into each text box of each lab: a list of (lab, box, text, what the lab said).

    What it said is "" where it said nothing, or where a number of the lab has changed.
    """
    answers = []
    for name in NAMES:
        lab = opened(name)
        lab.keeps = False
        numbers = [control for control in lab.controls.values() if isinstance(control.value, int | float)]
        for label, box, hand_in in boxes(lab):
            for text in (text for text in NONSENSE if (label, text) not in SENSE):
                lab.error("")
                before = [control.value for control in numbers]
                box.value = text
                hand_in()
                said = shown(lab.error_line) or shown(lab.status_line) * (box is getattr(lab, "guess", None))
                unchanged = before == [control.value for control in numbers]
                answers.append((name, label, text, said if unchanged else ""))
        lab.close()
    return answers


# Given to `train`


def _misuses():
    """Name -> what is wrong with a call of `train`."""
    x, y, random = np.eye(2), np.ones((2, 1)), np.random.default_rng(SEED)
    nan, inf = math.nan, math.inf
    spoilt = {"NaN": nan, "infinity": inf, "minus infinity": -inf}
    return (
        {f"{epochs!r} epochs": {"epochs": epochs} for epochs in (0, -1, 1.5, nan, inf, "10", None)}
        | {f"learning rate {rate!r}": {"rate": rate} for rate in (0, -0.5, nan, inf, "0.5", None, [0.5, nan])}
        | {f"learning rate {rate:g}": {"rate": rate} for rate in (1e6, 1e12, 1e100, 1e300)}
        | {f"batch size {size!r}": {"batch_size": size, "rng": random} for size in (0, -1, 2.5, "4")}
        | {f"rng={rng!r} with batches": {"batch_size": 1, "rng": rng} for rng in (None, 0)}
        | {f"{name} in x": {"x": x + np.array([value, 0])} for name, value in spoilt.items()}
        | {f"{name} in y": {"y": y * value} for name, value in spoilt.items()}
        | {
            "no examples": {"x": x[:0], "y": y[:0]},
            "three targets for two examples": {"y": np.ones((3, 1))},
            "three features for two inputs": {"x": np.ones((2, 3))},
            "one example without its axis": {"x": x[0]},
            "flat targets": {"y": y[:, 0]},
            "words": {"x": np.array([["a", "b"], ["c", "d"]])},
            "complex numbers": {"x": x * 1j},
            "None among the numbers": {"x": np.array([[None, 1], [0, 1]])},
            "rows of different lengths": {"x": [[1.0, 2.0], [3.0]]},
            "a model without parameters": {"model": lambda x: x},
            "a loss without the model": {"loss": lambda prediction, target: 1.0},
            "a loss for each example": {"loss": lambda prediction, target: prediction - target},
        }
    )


def _train(x=None, y=None, rate=0.5, model=None, epochs=100, loss=functional.mean_squared_error, **options):
    random = np.random.default_rng(SEED)
    model = model or Sequential(Dense(2, 3, "tanh", rng=random), Dense(3, 1, rng=random))
    x, y = np.eye(2) if x is None else x, np.ones((2, 1)) if y is None else y
    for _ in train(model, (x, y), loss=loss, optimizer=GradientDescent(rate), epochs=epochs, **options):
        pass


def misused_training():
    """Each misuse of `train`: a list of (what is wrong, what it said), "" where it said nothing or crashed."""
    answers = []
    for name, arguments in _misuses().items():
        try:
            _train(**arguments)
            said = ""
        except (ValueError, TypeError, Diverged) as problem:
            said = str(problem)
        except Exception as crash:
            said = f"Traceback: {crash!r}"
        answers.append((name, said))
    return answers


# Answers that never end, or say too much, and a damaged answers file


def _waits():
    while True:
        pass


def _swallows():
    while True:
        try:
            _waits()
        except BaseException:
            continue


ENDLESS = {
    "a loop": _waits,
    "a loop that swallows every exception": _swallows,
    "a generator": lambda: sum(1 for _ in itertools.count()),
    "a list without an end": lambda: [[0] * 10**6 for _ in itertools.count()],
    "a sleep": lambda: time.sleep(10**6),
}


def endless_answers(seconds=limits.SECONDS):
    """What never ends, under the limits of `check`: a list of (what it is, the sentence), "" where none came in time.

    In time: by the processor for what works, by the clock for what waits.
    """
    answers = []
    for name, answer in ENDLESS.items():
        clock, processor = time.monotonic(), time.process_time()
        try:
            limits.limited(answer, seconds)
            said = ""
        except limits.Stopped as stopped:
            said = str(stopped)
        worked, passed = time.process_time() - processor, time.monotonic() - clock
        answers.append((name, said if worked < seconds + 1 and passed < limits.WAITS * seconds + 5 else ""))
    return answers


def shown_of_prints(count):
    """How much is shown of an answer that prints so many characters, and whether the rest was counted."""
    with redirect_stdout(io.StringIO()) as page, limits.prints_cut():
        for _ in range(count // 100):
            print("x" * 99)
    shown = page.getvalue()
    return shown.count("x") + shown.count("x\n"), f"{count - limits.PRINTED:,} more characters" in shown


def damaged_answers():
    """An answers file damaged at random places: (answers that no damage touched, how many of them were read)."""
    random, untouched, read = np.random.default_rng(SEED), 0, 0
    record = {"outcome": "right", "tries": 2, "hints": 1, "solution": False, "answer": 'x = "{"'}
    items = {f"1/exercises/task-{n}": record | {"when": "2026-11-20T10:00:00+00:00"} for n in range(30)}
    content = answers_format.to_bytes(items)
    places = {key: content.index(key.encode() + b'"') for key in items}
    for _ in range(DAMAGES):
        start, length = int(random.integers(len(content))), int(random.integers(1, 400))
        new = random.bytes(length) if random.random() < 0.5 else b""  # overwritten, or cut out
        found = answers_format.salvage(content[:start] + new + content[start + length :]).items
        for key, place in places.items():
            line = content.rfind(b"\n", 0, place), content.index(b"\n", place)
            if start + length <= line[0] or start > line[1]:
                untouched += 1
                read += found.get(key) == items[key]
    return untouched, read


# In a real kernel


class Kernel:
    """A kernel of this Python, as JupyterLab starts it, to which the cells of a notebook are sent."""

    def __init__(self, folder, answers="off"):
        kept = {"IPYTHONDIR": str(folder), "COURSE_ANSWERS": str(answers), "PYTHONPATH": str(ROOT)}
        limits = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        inherited = os.environ.get("PYTHONPATH")  # the tests' own, which refuses a network
        self.environment = os.environ | kept | limits | ({"PYTHONPATH": inherited} if inherited else {})
        self.manager = KernelManager(kernel_name="python3")
        self.manager.start_kernel(env=self.environment, extra_arguments=["--IPKernelApp.log_level=ERROR"])
        self._connect()

    def _connect(self):
        self.client = self.manager.blocking_client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=60)

    def send(self, code, value="None", history=False):
        """Send a cell, without waiting for it; `value` is the expression that its reply is to carry."""
        ask = {"value": f"__import__('json').dumps({value})"}
        return self.client.execute(code, store_history=history, stop_on_error=False, user_expressions=ask)

    def wait_for_start(self, sent, seconds=60):
        """Wait until a cell that was sent is being run."""
        while True:
            message = self.client.get_iopub_msg(timeout=seconds)
            if message["msg_type"] == "execute_input" and message["parent_header"].get("msg_id") == sent:
                return

    def reply(self, sent, seconds=60):
        """(value, "") of a cell that was sent, or (None, name of the error)."""
        while (answer := self.client.get_shell_msg(timeout=seconds))["parent_header"]["msg_id"] != sent:
            pass
        content = answer["content"]
        if content["status"] != "ok":
            return None, content.get("ename", content["status"])
        value = content["user_expressions"]["value"]
        if value["status"] != "ok":
            return None, value["ename"]
        return json.loads(_unquoted(value["data"]["text/plain"])), ""

    def run(self, code, value="None", seconds=60, history=False):
        """Run a cell that must not fail; returns the value."""
        value, problem = self.reply(self.send(code, value, history), seconds)
        if problem:
            raise RuntimeError(f"{problem} in the kernel, at:\n{code}")
        return value

    def interrupt(self):
        self.manager.interrupt_kernel()

    def kill(self):
        """End the kernel's process at once, as the operating system does where memory runs out."""
        self.client.stop_channels()
        self.manager.signal_kernel(signal.SIGKILL)
        while self.manager.is_alive():
            time.sleep(0.01)

    def restart(self):
        self.manager.restart_kernel(now=True, env=self.environment)
        self._connect()

    def close(self):
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


def _unquoted(text):
    """The string that a kernel shows as its representation."""
    return ast.literal_eval(text)


@contextmanager
def kernel(answers="off"):
    with tempfile.TemporaryDirectory() as folder:
        started = Kernel(folder, answers)
        try:
            yield started
        finally:
            started.close()


TRAINING = """
import asyncio, time
import numpy as np
from course_lib.labs import training_lab
from course_lib.labs.training.model import TrainingModel

lab = training_lab(epochs=20_000)
lab.keeps = False
lab.controls["speed"].set(0)


def train_on():
    if lab.model.epoch > 4000:
        lab.stop()
        lab.model.reset()
    lab.start()


def faults():
    "What is wrong with the run: it must be the one that its own state line describes, to the last bit."
    model, twin, found = lab.model, TrainingModel(), []
    twin.resume(model.state())
    twin.advance(model.epoch)
    if twin.epoch != model.epoch or len(model.history) != model.epoch:
        found.append(f"{model.epoch} epochs, {twin.epoch} when repeated, {len(model.history)} in the history")
    if not all(np.array_equal(ours, theirs) for ours, theirs in zip(model.weights(), twin.weights())):
        found.append("other weights than when repeated")
    if not np.array_equal(model.losses[: model.epoch + 1], twin.losses[: model.epoch + 1]):
        found.append("other losses than when repeated")
    if lab.error_line.value and "interrupted" not in lab.error_line.value:
        found.append(lab.error_line.value)
    return found


train_on()
"""
INTERRUPTED = {  # what runs while the lab trains, or trains itself
    "nothing but the lab": "",
    "a cell that waits": "await asyncio.sleep(1)",
    "a cell that computes": "end = time.monotonic() + 1\nwhile time.monotonic() < end: sum(range(1000))",
    "a cell that trains the lab's model": "lab.stop(); lab.model.advance(20_000)",
}


def interrupted_training(times):
    """A kernel interrupted at random moments, while a lab trains live: (times, interrupts that hit, faults found)."""
    random, hits, faults = np.random.default_rng(SEED), 0, []
    with kernel() as running:
        running.run(TRAINING)
        for i in range(times):
            code = [*INTERRUPTED.values()][i % len(INTERRUPTED)]
            running.run("train_on()")
            sent = running.send(code)
            running.wait_for_start(sent)
            time.sleep(random.uniform(0, 0.25))
            running.interrupt()
            try:
                _, problem = running.reply(sent, seconds=10)
            except Empty:  # the interrupt hit ipykernel while it wrote the reply, which it then never sends
                problem = ""
            hits += problem in ("KeyboardInterrupt", "CancelledError")
            faults += running.run("await asyncio.sleep(0.05)", "faults()")
    return times, hits, faults


OPEN_LABS = """
import psutil
from course_lib.labs import training_lab
from tests.labs.every_lab import NAMES, opened

before = psutil.Process().memory_info().rss
several = [opened(name) for name in NAMES]
several += [training_lab(name=f"training {number}", seed=number) for number in range(COUNT - len(several))]
for lab in several:
    lab.keeps = False
    lab._repr_mimebundle_()
memory = (psutil.Process().memory_info().rss - before) / 2**20
live = [lab for lab in several if type(lab) is type(several[-1])][-2:]
for lab in live:
    lab.controls["epochs"].set(20_000)
    lab.start()
"""


def open_labs(count):
    """Many labs open in one kernel, two of them training.

    Returns (labs, MB that they took, MB that closing them gave back, seconds a cell took, all well).
    """
    with kernel() as running:
        memory = running.run(OPEN_LABS.replace("COUNT", str(count)), "memory", seconds=300)
        answers = []
        for _ in range(15):
            began = time.perf_counter()
            running.run("")
            answers.append(time.perf_counter() - began)
            time.sleep(0.05)
        well = running.run(
            "",
            "len(several) == len({id(lab.panel) for lab in several}) and not any(lab.error_line.value for lab in "
            "several) and all(lab.running and lab.frames > 3 for lab in live)",
        )
        left = running.run(CLOSED_LABS, "(psutil.Process().memory_info().rss - before) / 2**20", seconds=120)
    return count, memory, memory - left, median(answers), well


CLOSED_LABS = """
from course_lib.labs.base.panel import return_freed_memory

for lab in several:
    lab.close()
del lab, live
several.clear()
return_freed_memory()
"""
HELD = """
import gc
import optuna
from ipywidgets.widgets import widget
from matplotlib.figure import Figure
from course_lib.labs.base.lab import Lab
from tests.labs.every_lab import opened

# At its first use Optuna keeps an exception, and with it the frames of who has called it.
grid = optuna.samplers.GridSampler({"x": [0]})
optuna.create_study(sampler=grid).optimize(lambda trial: trial.suggest_int("x", 0, 1), n_trials=1)


def held():
    "How many widgets, labs and figures there are."
    gc.collect()
    kinds = [type(thing) for thing in gc.get_objects()]
    return len(widget._instances), sum(issubclass(kind, Lab) for kind in kinds), kinds.count(Figure)
"""


def cells_run_again(names, times):
    """The cell of each lab run several times: (cells, {lab: (widgets, labs, figures) after each run} where these grow)."""
    grown = {}
    with kernel() as running:
        running.run(HELD)
        for name in names:
            counts = []
            for _ in range(times):
                running.run(f"opened({name!r})", seconds=300, history=True)
                counts.append(running.run("", "held()"))
            if counts != [counts[0]] * times:
                grown[name] = counts
            running.run("_.close()", history=True)
    return len(names) * times, grown


MEMORY = "(__import__('psutil').Process().memory_info().rss / 2**20, lab.frames)"


def memory_of_training(seconds):
    """Live training without a pause: (seconds, frames, MB at first, MB by which the second half lies above the first).

    What the first fifth adds is not counted: arrays and pictures of every size are made for the first time there.
    """
    with kernel() as running:
        running.run(TRAINING)
        began, measured = time.monotonic(), []
        while time.monotonic() < began + seconds:
            running.run("train_on()")
            measured.append(running.run("", MEMORY))
            time.sleep(min(0.25, seconds / 80))
    memory = [used for used, _ in measured][len(measured) // 5 :]
    half = len(memory) // 2
    return seconds, measured[-1][1], memory[0], mean(memory[half:]) - mean(memory[:half])


KEPT = """
from course_lib.labs import training_lab

lab = training_lab(hidden=3, seed=5)
bundle = lab._repr_mimebundle_()
"""


def lost_kernels(times):
    """Kernels killed while a lab trains: (times, how often the next kernel went back to the very run that was kept)."""
    random, back = np.random.default_rng(SEED), 0
    with tempfile.TemporaryDirectory() as folder, kernel(Path(folder) / "answers.json") as running:
        for _ in range(times):
            steps = int(random.integers(5, 60))
            running.run(KEPT)
            kept = running.run(
                f"lab.model.reset(); lab.model.advance({steps}); lab._keep()", "[lab.state(), float(lab.model.loss)]"
            )
            running.run("lab.controls['speed'].set(5); lab.start()")
            time.sleep(random.uniform(0.05, 0.3))
            running.kill()
            running.restart()
            running.run(KEPT)
            again = running.run(
                "import asyncio\n"
                "lab.panel.children[0].children[1].click()\n"  # Go back to where I was
                "while lab.running: await asyncio.sleep(0.01)",
                "[lab.state(), float(lab.model.loss)]",
            )
            back += again == kept
    return times, back


# The page


def counted(typed, misused, endless):
    """The rows of the page that are the same on every machine: what was tried, how often, with which result."""
    boxes = {(lab, box) for lab, box, *_ in typed}
    sentences, explained, ended = (
        sum(bool(SENTENCE.match(answer[-1])) for answer in answers) for answers in (typed, misused, endless)
    )
    printed, noted = shown_of_prints(PRINTS)
    untouched, read = damaged_answers()
    return [
        (
            f"nonsense typed into each of the {len(boxes)} text boxes of {len({lab for lab, _ in boxes})} labs",
            len(typed),
            f"{sentences} clear sentences, no number changed",
        ),
        (
            "`train` called with what cannot work: epochs, rates, batches, data, models, losses",
            len(misused),
            f"{explained} clear sentences",
        ),
        ("an answer that never ends, or takes memory without end", len(endless), f"{ended} clear sentences"),
        (
            f"an answer that prints {PRINTS:,} characters",
            1,
            f"{printed:,} shown, the rest {'counted' if noted else 'NOT counted'}",
        ),
        (
            "answers file damaged at a random place: up to 400 bytes overwritten or cut out",
            DAMAGES,
            f"{read:,} of {untouched:,} untouched answers read",
        ),
        (
            "process killed in the middle of writing the answers file",
            KILLS,
            "no confirmed answer lost, no file damaged",
        ),
    ]


def measured():
    """The rows that a run on one machine gives."""
    times, hits, faults = interrupted_training(50)
    right = times - len(faults)
    yield (
        "kernel interrupted at a random moment of live training",
        times,
        f"{hits} of the {times} interrupts hit a running cell. "
        f"In {'all' if right == times else 'only'} {right} the run equalled, bit for bit, the one its state line describes.",
    )
    times, back = lost_kernels(10)
    yield (
        "kernel killed during live training",
        times,
        f"{back} times the next kernel went back to the run that was kept",
    )
    cells, grown = cells_run_again(NAMES, 5)
    yield (
        "cells of labs run again, each five times",
        cells,
        f"more widgets, labs or figures than after the first time: {', '.join(grown) or 'none'}",
    )
    count, memory, back, seconds, well = open_labs(30)
    state = "every lab well" if well else "NOT every lab well"
    yield (
        "labs open in one kernel, two of them training",
        count,
        f"{state}, {memory:.0f} MB for all, {back:.0f} MB given back when they are closed, "
        f"an empty cell answered within {1000 * seconds:.0f} ms (median)",
    )
    seconds, frames, first, growth = memory_of_training(LONG)
    yield (
        f"live training for {LONG // 60} minutes without a pause",
        f"{frames:,} frames",
        f"{first:.0f} MB; the second half lay {growth:+.1f} MB above the first: "
        f"{growth * 2 * 3600 / LONG:+.0f} MB in an hour, if that goes on",
    )


def table(rows):
    lines = [f"| {what} | {tried} | {result} |" for what, tried, result in rows]
    return "\n".join(["| what was tried | times | result |", "|---|---|---|", *lines, ""])


def main():
    page = PAGE.read_text(encoding="utf-8")
    page = with_table(page, "counted", table(counted(typed_nonsense(), misused_training(), endless_answers())))
    page = with_table(page, "measured", table(measured()))
    PAGE.write_text(page, encoding="utf-8")
    robustness_in_chinese.main()


if __name__ == "__main__":
    main()
