"""What pages need of the course itself: recordings of its labs, and the replies to its predictions. Run in the course's own
environment, before the website: PYTHONPATH=.ci python -m website.recordings, into build/recordings.

A recording goes through every position of a few axes: a lab is put there as a reader would put it, and what it would send
to a page (`course_lib/canvas/page.py`) is kept, each part once, with the words that the lab has for it. Its file is
compressed: the length of the JSON that follows (4 bytes), that JSON, and the parts, one after the other: shapes, then layers
and what moves. `static/recordings.js` puts them before the labs' own `page.js`, which draws them.
"""

import importlib
import json
import pkgutil
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from struct import pack
from zlib import compress

from course_lib import exercises, labs, ops
from course_lib.canvas.page import Page
from course_lib.exercises.machinery.display import VERDICTS, Box, options_of, reply_box
from course_lib.labs.kernel import KERNELS
from course_lib.labs.stepper.model import PHASES, STEPS
from course_lib.labs.success import EPOCHS, RATES
from course_lib.text import capitalised, say, set_language

from .addresses import ROOT
from .words import WORDS

MOST = 400_000  # bytes of a recording


@dataclass(frozen=True)
class Axis:
    """One slider of a recording.

    label     key of what it is called in `WORDS`
    values    along it
    move      move(lab, value) puts a lab there, which stands where the axes before this one are to be
    seconds   from one value to the next while it plays
    write     value -> how it is written
    """

    label: str
    values: tuple
    move: Callable
    seconds: float = 0.15
    write: Callable = "{:g}".format


@dataclass(frozen=True)
class Recording:
    """The positions of a lab that are recorded: all values of each axis with all values of the others.

    name, cell   chapter and cell that show the lab        make    makes it as that cell does
    axes         the last one is what plays                begin   where their sliders stand at first
    look         what a phone shows of the picture at first, from 0, its left end, to 1, its right end
    """

    name: str
    cell: str
    make: Callable
    axes: tuple
    begin: tuple
    look: float = 0

    @property
    def file(self):
        return f"{self.name}-{self.cell}.bin"

    @property
    def positions(self):
        """Every position, a number along each axis, in the order of the frames."""
        return list(product(*(range(len(axis.values)) for axis in self.axes)))

    def reach(self, lab, position, since=0):
        """Put a lab to a position; along the axes before `since` it is there already."""
        for axis, at in list(zip(self.axes, position, strict=True))[since:]:
            axis.move(lab, axis.values[at])

    def record(self, language):
        """The recording as the bytes of its file. Raises ValueError where that is too large."""
        lab, film, said, before = self.make(), Film(), [], None
        lab.canvas.send_to(film.take)
        for position in self.positions:
            since = next(i for i, at in enumerate(position) if before is None or at != before[i])
            self.reach(lab, position, since)
            lab.draw()
            film.keep()
            said.append((capitalised(lab.model.status()), lab.model.description()))
            before = position
        lab.close()
        words = WORDS[language]
        axes = [
            {"label": words[axis.label], "values": list(map(axis.write, axis.values)), "seconds": axis.seconds}
            for axis in self.axes
        ]
        statuses, descriptions = zip(*said, strict=True)
        head = {"axes": axes, "begin": self.begin, "look": self.look, "size": lab.canvas.pixels}
        head |= {"statuses": statuses, "descriptions": descriptions}
        data = film.packed(head | {name: words[name] for name in ("play", "pause", "swipe")})
        if len(data) > MOST:
            raise ValueError(f"{self.file}: expected at most {MOST:,} bytes, got {len(data):,}")
        return data


class Film:
    """Takes what a canvas sends, and keeps pictures of it."""

    def __init__(self):
        self._styles, self._shapes, self._layers, self._moving = [], b"", {}, None
        self._parts, self._frames = {}, []  # the number of each part; the parts of each picture, what moves at the end

    def take(self, content, buffers):
        """A message of a `Page`."""
        if content["reset"] and self._frames:
            raise ValueError("a recording has too many styles and shapes: record fewer positions")
        shapes, *layers, self._moving = buffers
        self._layers |= dict(zip(content["layers"], layers, strict=True))
        self._styles += content["styles"]
        self._shapes += shapes

    def keep(self):
        """The present picture is the next one."""
        parts = *(self._layers[number] for number in sorted(self._layers)), self._moving
        self._frames.append([self._parts.setdefault(part, len(self._parts)) for part in parts])

    def packed(self, head):
        """The file, with what `head` says of it."""
        parts = [self._shapes, *self._parts]
        head = head | {"styles": self._styles, "frames": self._frames, "lengths": list(map(len, parts))}
        text = json.dumps(head, ensure_ascii=False, separators=(",", ":")).encode()
        return compress(b"".join([pack("<I", len(text)), text, *parts]), 9)


# How positions are reached


def with_setting(name):
    """A new run with this value of a setting."""

    def move(lab, value):
        lab.model = lab.model.twin(**{name: value})

    return move


def choose(name):
    """This value of a setting, in the run that there is."""

    def move(lab, value):
        lab.model.configure(**{name: value})

    return move


def run_to(lab, done):
    lab.model.advance(done - lab.model.done)


def train_and_choose(lab, epochs):
    run_to(lab, epochs)
    lab.model.configure(epochs=epochs)


def begin_with(lab, kernel):
    lab.model = lab.model.twin()
    lab.model.take(kernel)


def fill_to(lab, places):
    lab.model.advance(places - lab.model.filled)


def counted(number):
    return f"{number:,}"


def phase(stop):
    """The step of the iteration that a stop of the stepper belongs to."""
    return f"{stop}: {say(STEPS[PHASES[stop - 1]])}"


def neuron(x, w, b, y):
    """The function of chapter 2's second graph."""
    return (ops.sigmoid(x * w + b) - y) ** 2


def rates(*values, of="rate"):
    return Axis("rate", values, with_setting(of))


RECORDINGS = [
    Recording(
        "01_background",
        "training-lab",
        lambda: labs.training_lab(epochs=60, plain=True),
        (rates(0.02, 0.1, 0.5, 2.0, 5.0, 10.0), Axis("epoch", (*range(20), *range(20, 61, 2)), run_to, 0.12)),
        (2, 0),
        look=1,
    ),
    Recording(
        "02_core_concepts", "graph-lab", lambda: labs.graph_lab(), (Axis("step", tuple(range(8)), run_to, 1.2),), (0,)
    ),
    Recording(
        "02_core_concepts",
        "own-graph",
        lambda: labs.graph_lab(neuron, name="yours", x=2.0, w=0.5, b=-0.4, y=1.0),
        (Axis("step", tuple(range(15)), run_to, 1.2),),
        (0,),
    ),
    Recording(
        "02_core_concepts",
        "descent-lab",
        lambda: labs.descent_lab(surface="valley", rate=0.01, start=(5.0, 1.0)),
        (
            rates(0.002, 0.01, 0.02, 0.03, 0.038, 0.041, of="GradientDescent"),
            Axis("step", (*range(20), *range(20, 61, 4)), run_to, 0.2),
        ),
        (1, 0),
    ),
    Recording(
        "03_algorithms",
        "stepper",
        lambda: labs.stepper_lab(),
        (
            Axis("example", tuple(range(4)), with_setting("example"), write=lambda number: str(number + 1)),
            # Of the last stop the lab says what its button Next does, and the page has none.
            Axis("stop", tuple(range(1, len(PHASES))), run_to, 1.2, phase),
        ),
        (3, 0),
    ),
    Recording(
        "05_practice",
        "success-map",
        lambda: labs.success_map(),
        (Axis("epochs", EPOCHS, train_and_choose, write=counted), Axis("rate", RATES, choose("rate"), 0.6)),
        (4, 5),
    ),
    Recording(
        "06a_images",
        "kernel-lab",
        lambda: labs.kernel_lab(),
        (Axis("kernel", tuple(KERNELS), begin_with, write=say), Axis("place", tuple(range(37)), fill_to, 0.2)),
        (0, 8),
    ),
    Recording(
        "06c_translation",
        "padding-weight",
        lambda: labs.attention_lab(),
        (
            Axis("masked", (False, True), choose("masked"), write=lambda masked: say("yes") if masked else say("no")),
            Axis("length", (0, 1, 2, 4, 8), choose("length")),
            Axis("direction", tuple(range(0, 361, 15)), choose("direction"), write=lambda angle: f"{angle}°"),
        ),
        (0, 1, 10),
    ),
]


# What predictions and exercises say


def boxes(language):
    """{"predict": {name: HTML}, "check": {name: HTML}} of each chapter, {its number: these two}.

    Of a prediction the question, the ids of the cells that answer it, and the replies, which the page shows after the choice:
    in scripts, for these are neither shown nor found by the site's search.
    """
    words, found = WORDS[language], {}
    for module in pkgutil.iter_modules(exercises.__path__):
        if not re.fullmatch(r"chapter\d+[a-z]?", module.name):
            continue
        chapter = importlib.import_module(f"{exercises.__name__}.{module.name}").chapter
        found[module.name.removeprefix("chapter")] = {
            "predict": {name: _prediction(each, words) for name, each in chapter.predictions.items()},
            "check": {name: _exercise(each) for name, each in chapter.exercises.items()},
        }
    return found


def _prediction(prediction, words):
    parts = say(prediction.question), options_of(prediction)
    shown = Box("question", say("Your prediction"), prediction.name, parts, words["choose"]).html(aloud=False)
    for letter in prediction.options:
        outcome = "right" if letter == prediction.right else "wrong"
        reply = reply_box(prediction, letter, letter, outcome).html(aloud=False)
        shown += f'<script type="text/html" data-letter="{letter.upper()}">{reply}</script>'
    return f'<div class="prediction" data-cells="{" ".join(prediction.cells)}">{shown}</div>'


def _exercise(exercise):
    parts = exercise.says(exercise.task), options_of(exercise)
    return Box("not tried", say(VERDICTS["not tried"]), exercise.name, parts).html(aloud=False)


def main(folder):
    """Write everything into folder/en, folder/zh, and what draws the recordings beside them."""
    shutil.rmtree(folder, ignore_errors=True)
    for language in WORDS:
        set_language(language)
        (folder / language).mkdir(parents=True)
        for recording in RECORDINGS:
            (folder / language / recording.file).write_bytes(recording.record(language))
        text = json.dumps(boxes(language), ensure_ascii=False)
        (folder / language / "boxes.json").write_text(text, encoding="utf-8")
    (folder / "page.js").write_text(Page._esm, encoding="utf-8")


if __name__ == "__main__":
    main(ROOT / "build" / "recordings")
