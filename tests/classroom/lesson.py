"""What each student of the class does, and what is measured of it."""

import asyncio
import json
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from course_lib.answers.format import parse
from course_lib.board.lesson import FEW
from course_lib.exercises.chapter05 import chapter

from .hub import TEACHER
from .report import OF_A_STUDENT, cores
from .student import Student

CHAPTER = "backprop-course/notebooks/en/05_practice.ipynb"
LAB, EXERCISE = "training-lab", "break-symmetry"  # cells
EPOCHS = 20_000  # more than can be trained while it is measured
PAUSE = 2.0  # seconds between two runs of another cell
LATE = 30  # seconds until the last message must have reached the board
ITEM = f"{chapter.number}/exercises/{EXERCISE}"
# What a try of the exercise sends to the board, and before it the processor seconds of the thread that sends.
TRY = f"""
sent = sum(time.clock_gettime(time.pthread_getcpuclockid(t.ident)) for t in threading.enumerate() if t.name == "board")
share.tell("{ITEM}", {{{{"right": False, "tries": {{tries}}, "hints": 0, "solution": False, "slips": {{{{}}}}}}}})
"""
SOLUTION = f'{chapter.exercises[EXERCISE].solution}\n\ncheck("{EXERCISE}", break_symmetry)'


@dataclass
class Measured:
    """Of one student: seconds after the class began, frames, and seconds of other cells, while all train.

    server, kernel, lab   until JupyterLab's page was there, the kernel, and the lab with its first picture
    frames, epochs, seconds   of live training: drawn, trained, how long;   bytes   of its frames
    message   processor seconds of the kernel's thread that talks to the board, for each message
    state   the lab's run, as it must be kept;   troubles   what no student should see
    """

    name: str
    server: float = 0
    kernel: float = 0
    lab: float = 0
    frames: int = 0
    epochs: int = 0
    seconds: float = 0
    bytes: int = 0
    message: float = 0
    answers: list = field(default_factory=list)
    state: str = ""
    troubles: list = field(default_factory=list)


class Class:
    """A class that does the same at the same time: the worst that a server has to bear.

    seconds   of live training, when the last one has opened the lab;   tell   is called with a line for each thing done
    """

    def __init__(self, hub, students, seconds, tell):
        self.hub, self.seconds, self.tell = hub, seconds, tell
        self.done, self.told = Counter(), 0.0
        self.names = [f"student-{number:02}" for number in range(1, students + 1)]
        self.started, self.used = {}, {}  # processor seconds until all were ready, and while all train: {kind: seconds}
        self.memory, self.disk = {}, 0  # {kind: [MB of each process, ...]}; MB of the largest home

    async def meet(self):
        """Everybody works; returns a list of `Measured`. Raises what goes wrong with one of them."""
        self.ready = asyncio.Barrier(len(self.names) + 1)
        async with Student(self.hub, TEACHER) as teacher:
            await teacher.open_board()
            for wish in ({"do": "new"}, {"do": "go", "item": ITEM}):
                await teacher.board("do", wish)
            self.before = processor_seconds(self.hub)
            began = time.perf_counter()
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(self.work(name, began)) for name in self.names]
                group.create_task(self.watch())
            end = time.monotonic() + LATE
            self.board = await teacher.board("state")
            while [*uncounted(self.board, len(self.names))] and time.monotonic() < end:
                await asyncio.sleep(0.5)
                self.board = await teacher.board("state")
        return [task.result() for task in tasks]

    async def watch(self):
        """Look at the processes while all train."""
        await self.ready.wait()
        ready = processor_seconds(self.hub)
        self.tell(f"all train for {self.seconds} s, and run another cell meanwhile")
        await asyncio.sleep(self.seconds)
        after = processor_seconds(self.hub)
        self.started = {kind: ready[kind] - self.before[kind] for kind in KINDS}
        self.used = {kind: after[kind] - ready[kind] for kind in KINDS}
        self.memory = memory(self.hub)
        self.disk = max(size(self.hub.homes / name) for name in self.names)
        await self.ready.wait()

    def tick(self, what):
        """One more student has done something: the last one is told, and those before at most every five seconds."""
        self.done[what] += 1
        now = time.monotonic()
        if self.done[what] == len(self.names) or now > self.told + 5:
            self.told = now
            self.tell(f"{self.done[what]} of {len(self.names)} {what}")

    async def work(self, name, began):
        """One student's lesson."""
        measured = Measured(name)
        async with Student(self.hub, name) as student:
            await student.log_in()
            measured.server = time.perf_counter() - began
            self.tick("have JupyterLab's page")
            await student.open_notebook(CHAPTER)
            measured.kernel = time.perf_counter() - began
            transport, _ = await student.execute("", "get_ipython().kernel.parent.transport")
            if transport != "ipc":  # two kernels may be given the same port, and the second one never starts
                student.troubles.append(f"expected a kernel that listens on files, got {transport}")
            await student.run("imports")
            await student.execute("import threading, time; from course_lib.board import share; share.join()")
            await student.run(LAB)
            while not student.shown:
                await asyncio.sleep(0.01)
            measured.lab = time.perf_counter() - began
            self.tick("have the lab")
            await student.move("TextModel", "Epochs", str(EPOCHS))
            await student.execute("")
            await self.ready.wait()
            await self.train(student, measured)
            await self.ready.wait()
            await student.press("Pause")
            await student.run(EXERCISE, SOLUTION)
            await student.save()
            measured.state, _ = await student.execute("", "lab.state()")
            await student.execute("import asyncio; await asyncio.sleep(2)")  # the lab keeps its state once it rests
            measured.troubles = student.troubles
            self.tick("have solved an exercise and saved")
        return measured

    async def train(self, student, measured):
        """Train live; another cell is run from time to time."""
        seen = "[lab.model.epoch, lab.running, sent]"
        await student.press("Train")
        (epoch, *_), _ = await student.execute("sent = 0", seen)
        began, frames, size = time.perf_counter(), len(student.shown), student.bytes
        sent = []
        while measured.seconds < self.seconds - PAUSE:
            await asyncio.sleep(PAUSE)
            code = TRY.format(tries=len(sent) + 1)
            (last, running, seconds), answered = await student.execute(code, seen)
            measured.seconds = time.perf_counter() - began
            measured.answers.append(answered)
            sent.append(seconds)
            if not running:
                raise RuntimeError(f"{student.name}: the run ended at epoch {last}, before it was measured")
        measured.frames, measured.bytes = len(student.shown) - frames, student.bytes - size
        measured.epochs = last - epoch
        measured.message = (sent[-1] - sent[0]) / (len(sent) - 1)


# Processes

KINDS = (*OF_A_STUDENT, "board")


def kind_of(process, hub):
    """What a process of the class is: one of KINDS."""
    if process.pid == hub.pid:
        return "hub"
    line = " ".join(process.cmdline())
    programs = {"ipykernel_launcher": "kernel", "configurable-http-proxy": "proxy", "board_service.py": "board"}
    return next((kind for program, kind in programs.items() if program in line), "server")


def processes(hub):
    """All processes of the class, as (kind, process)."""
    root = psutil.Process(hub.pid)
    return [(kind_of(process, hub), process) for process in (root, *root.children(recursive=True))]


def processor_seconds(hub):
    """Processor seconds that each kind has used, programs that it has run included: {kind: seconds}."""
    total = dict.fromkeys(KINDS, 0.0)
    for kind, process in processes(hub):
        total[kind] += sum(process.cpu_times()[:4])  # user and system, its own and those of its ended children
    return total


def memory(hub):
    """MB of each process, shared pages divided among those that share them: {kind: [MB, ...]}."""
    found = {kind: [] for kind in KINDS}
    for kind, process in processes(hub):
        found[kind].append(process.memory_full_info().pss / 2**20)
    return found


def size(folder):
    """MB of all files in a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 2**20


# All chapters

LARGEST = "int(open('/proc/self/status').read().partition('VmHWM:')[2].split()[0]) / 1024"


async def run_chapters(hub, tell):
    """What the kernel of each chapter needs at most when all its cells are run: {file name: MB}.

    As many run at once as there are cores, for a kernel needs the same memory beside others. tell(file name, MB)
    """
    found, door = {}, asyncio.Lock()
    waiting = sorted(path.name for path in (hub.course / "notebooks" / "en").glob("*.ipynb"))  # the last take longest

    async def read():
        async with Student(hub, "reader") as student:
            async with door:  # the first one starts the server
                await student.log_in()
            while waiting:
                name = waiting.pop()
                await student.open_notebook(f"backprop-course/notebooks/en/{name}")
                await student.run_all()
                found[name], _ = await student.execute("", LARGEST)
                await student.close_notebook()
                tell(Path(name).stem, found[name])

    async with asyncio.TaskGroup() as group:
        for _ in range(cores()):
            group.create_task(read())
    return {Path(name).stem: found[name] for name in sorted(found)}


# What is left of the lesson


def uncounted(board, students):
    """A sentence for each count on the teacher's page that is not that of a class in which all have solved the exercise."""
    [exercise] = [each for each in board["exercises"] if each["item"] == ITEM]
    few = students < FEW
    expected = {"seats": students, "right": None if few else students, "few": few}
    found = {"seats": board["seats"], "right": exercise["right"], "few": board["few"]}
    for name, value in expected.items():
        if found[name] != value:
            yield f"board: expected {name} {value}, found {found[name]}"


def lost(hub, answers, measured):
    """A sentence for each thing that a student did and that is not there: in the answers, or in the notebook."""
    for student in measured:
        path = Path(answers) / f"backprop-answers-{student.name}.json"
        items = parse(path.read_bytes()) if path.exists() else {}
        exercise = items.get(f"{chapter.number}/exercises/{EXERCISE}", {})
        if exercise.get("outcome") != "right":
            yield f"{student.name}: expected the exercise as right, found {exercise or 'nothing'}"
        state = items.get(f"{chapter.number}/labs/training", {}).get("state", "")
        if state != student.state:
            yield f"{student.name}: expected the lab's run {student.state}, found {state or 'none'}"
        saved = json.loads((hub.homes / student.name / CHAPTER).read_text(encoding="utf-8"))
        source = ["".join(cell["source"]) for cell in saved["cells"] if cell.get("id") == EXERCISE]
        if source != [SOLUTION]:
            yield f"{student.name}: expected the solution in the notebook, found {source}"
