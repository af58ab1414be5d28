"""How quickly does the training lab answer? Measured in a real JupyterLab on this machine, in headless Chromium.

    python -m tests.benchmarks.lab_speed            from the top of the repository; about five minutes
    python -m tests.benchmarks.lab_speed --strict   exits with 1 when a target is missed

Each measurement is done twice, one after the other: with the picture as an image, which Agg draws in the kernel, and with
the picture that the page draws. All times of the page are on the page's own clock: from the key, the click or the choice
to the animation frame in which the picture that it caused is seen. The lab is the one that readers see; its picture is
observed from outside. Other work on the machine makes all of it slower: kernel, server and browser need about two
processors while it trains.
"""

import argparse
import platform
import re
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import ipykernel
import ipywidgets
import jupyterlab
import nbformat
import numpy as np

from ..browser.jupyter import lab_page, lab_server, open_notebook

ROUNDS = 24  # actions of each kind in a run; twice as many while it rests
RUNS = 3  # in which the rate is turned
PAUSE = 150  # milliseconds between two actions, at least
FRAME = 1000 / 60  # milliseconds from one animation frame to the next

WATCH = """() => {
    const image = document.querySelector('img.jupyter-widgets'), canvas = document.querySelector('.course-picture');
    const watch = {acted: [], shown: [], drawing: []};  // shown: times and numbers of frames
    for (const kind of ['pointerdown', 'keydown', 'click', 'input'])
        document.addEventListener(kind, event => watch.acted.push([event.timeStamp, kind]), true);
    const note = number => requestAnimationFrame(time => {
        if (time === watch.time) watch.shown.pop();  // of two images in one animation frame, the first is not seen
        watch.time = time;
        watch.shown.push([performance.now(), number]);
    });
    new MutationObserver(async () => {
        const number = ++watch.images;
        await image.decode().catch(() => {});  // fails when the next picture is there already
        note(number);
    }).observe(image, {attributeFilter: ['src']});
    const ask = window.requestAnimationFrame;
    new MutationObserver(() => {  // the page draws within an animation frame, or before it
        const number = Number(canvas.dataset.frame), seen = () => watch.shown.push([performance.now(), number]);
        if (watch.inFrame) seen();
        else ask(seen);
    }).observe(canvas, {attributeFilter: ['data-frame']});
    window.requestAnimationFrame = draw => ask(time => {  // how long the page's own lines take in each animation frame
        const began = performance.now();
        watch.inFrame = true;
        draw(time);
        queueMicrotask(() => watch.inFrame = false);  // after the observer's
        watch.drawing.push(performance.now() - began);
    });
    watch.clear = () => { watch.acted = []; watch.shown = []; watch.drawing = []; watch.images = 0; };
    watch.pixels = () => {
        const drawn = canvas.checkVisibility({visibilityProperty: true}) ? canvas : image;
        const width = drawn.width, height = drawn.height;
        const copy = new OffscreenCanvas(width, height), context = copy.getContext('2d');
        context.drawImage(drawn, 0, 0, width, height);
        return context.getImageData(0, 0, copy.width, copy.height).data.reduce((sum, v) => (31 * sum + v) | 0, 0);
    };
    window.watch = watch;
}"""
RECORD_FRAMES = """
sent = []  # of each frame that is sent: its number, the rate of its last step, bytes
def record(number, size):
    sent.append([number, lab.model.changes[-1][1], size])
lab.canvas.image.observe(lambda change: record(len(sent) + 1, len(change["new"])), "value")
page, send = lab.canvas._page, lab.canvas._page.send
def send_and_record(content, buffers=()):
    if "frame" in content:
        record(content["frame"], sum(map(len, buffers)) + len(str(content)))
    send(content, buffers)
page.send = send_and_record
answered = page._answered
def answer(content):  # what the page says of an earlier frame would make it draw again
    if page.draws or not content.keys() & {"shown", "ready"}:
        answered(content)
    else:
        page._no_alarm()
page._answered = answer
def use(renderer):
    page.draws = renderer == "page"
    lab.canvas.show_page(page.draws)
    if page.draws:
        answered({"ready": True})
"""
RENDERERS = ("Agg", "page")


@dataclass
class Result:
    """What was measured, the values of all rounds, and the target for the page: at most, or with `at_least`, that much.

    share    the target as a share of what Agg has
    """

    name: str
    values: list
    unit: str = "ms"
    target: float | None = None
    share: float | None = None
    at_least: bool = False

    @property
    def median(self):
        return float(np.median(self.values))

    def met(self, agg):
        """Whether the page's result meets its target, given Agg's."""
        limits = [self.target] if self.target is not None else []
        limits += [self.share * agg.median] if self.share is not None else []
        return all(self.median >= limit if self.at_least else self.median <= limit for limit in limits)

    def line(self, agg):
        quartiles = ["{:.1f} - {:.1f}".format(*np.percentile(result.values, [25, 75])) for result in (agg, self)]
        verdict = "met" if self.met(agg) else "MISSED"
        share = f"{self.median / agg.median:6.2f}" if agg.median else f"{'-':>6}"
        return (
            f"  {self.name:44}{agg.median:8.1f}{quartiles[0]:>16}{self.median:8.1f}{quartiles[1]:>16} {self.unit:5}"
            f"{share}  {verdict}"
        )


class Lab:
    """The lab in its page, with the watch started."""

    def __init__(self, page, notebook):
        self.page, self.notebook = page, notebook
        page.evaluate(WATCH)
        notebook.execute(RECORD_FRAMES)

    def press(self, name):
        self.page.locator(".jupyter-button", has_text=re.compile(rf"^\s*{name}$")).click()

    def slider(self, title):
        return self.page.locator(f'.widget-slider:has([title="{title}"])').get_by_role("slider")

    def between_frames(self, i):
        """Wait for another part of an animation frame in each round, as readers act at any time: PAUSE is nine whole frames,
        and all that waits for the page goes on at the beginning of one."""
        self.page.wait_for_timeout(i * 0.618 % 1 * FRAME)

    # Actions, each as it begins, happens and ends

    def key(self, control, key):
        return control.focus, lambda: self.page.keyboard.down(key), lambda: self.page.keyboard.up(key)

    def mouse(self, button):
        return lambda: (button.hover(), self.page.mouse.down()), self.page.mouse.up, lambda: None

    def jump(self, slider, share):
        """Press the mouse at a share of a slider's track."""
        x, y, width, height = (
            slider.locator("xpath=ancestor::*[contains(@class, 'noUi-target')]").bounding_box().values()
        )
        place = x + share * width, y + height / 2
        return lambda: self.page.mouse.move(*place), self.page.mouse.down, self.page.mouse.up

    def first_jump(self, slider, share):
        """The same before the page has been sent any picture ahead."""
        aim, press, release = self.jump(slider, share)
        return lambda: (aim(), self.notebook.execute("page.forget_prefetched()")), press, release

    def choice(self, menu, value):
        return menu.focus, lambda: menu.select_option(value), lambda: None

    # Measurements

    def control_to_pixels(self, name, *actions, **limits):
        """Milliseconds from each of some actions, done in turn, to the changed picture.

        actions     each three functions: get ready, act, let go; only the second is measured, as a reader's hand is at the
                    control before, and leaves it after that
        limits      of a `Result`
        Nothing is asked of the page until the picture has long been there, for it would have to answer in between.
        """
        values = []
        for i in range(2 * ROUNDS):
            get_ready, act, let_go = actions[i % len(actions)]
            self.page.wait_for_timeout(PAUSE)
            get_ready()
            before = self.page.evaluate("() => { watch.clear(); return watch.pixels(); }")
            self.between_frames(i)
            act()
            self.page.wait_for_timeout(PAUSE)
            let_go()
            self.page.wait_for_function("() => watch.shown.length")
            values.append(self.page.evaluate("() => watch.shown[0][0] - watch.acted[0][0]"))
            if self.page.evaluate("() => watch.pixels()") == before:
                raise AssertionError(f"{name}: the picture was sent again, but did not change")
        return Result(name, values, **limits)

    def looking_back(self, name, slider, *actions):
        """The same when the slider has been moved before, and the page has been sent ahead all that it may want next."""
        slider.press("ArrowLeft")
        self.page.wait_for_timeout(PAUSE)
        while self.notebook.value("lab.prefetch._timer is not None"):
            self.page.wait_for_timeout(PAUSE)
        return self.control_to_pixels(name, *actions, share=0.6)

    def rate_to_pixels(self):
        """Milliseconds from an arrow key on the learning rate, while it trains, to the first frame with the new rate."""
        values = [value for _ in range(RUNS) for value in self._rate_to_pixels()]
        return Result("learning rate: arrow key, while training", values, share=0.6)

    def _rate_to_pixels(self):
        slider = self.slider("Learning rate")
        control = "lab.controls['rate']"
        self.notebook.execute(f"{control}.set(0.5)")
        rates = self.notebook.value(f"[{control}._at({control}.slider.value + i) for i in range(1, {ROUNDS + 1})]")
        self.start_training()
        for i in range(ROUNDS):
            self.page.wait_for_timeout(PAUSE)
            self.between_frames(i)
            slider.press("ArrowRight")
        self.page.wait_for_timeout(PAUSE)
        self.press("Pause")
        self.page.wait_for_timeout(2 * PAUSE)
        sent, watch = self.notebook.value("sent"), self.page.evaluate("() => watch")
        keys = [time for time, kind in watch["acted"] if kind == "keydown"]
        first = [next(number for number, rate, _ in sent if rate >= turned) for turned in rates]
        shown = [next(time for time, number in watch["shown"] if number >= frame) for frame in first]
        return [time - acted for time, acted in zip(shown, keys, strict=True)]

    def start_training(self):
        self.press("Reset")
        self.page.wait_for_timeout(2 * PAUSE)
        self.notebook.execute("sent.clear()")
        self.page.evaluate("() => watch.clear()")
        self.press("Train")

    def training(self):
        """What a run on XOR costs; other cells are quiet."""
        self.start_training()
        clocks = []  # [processor seconds, frames] of the kernel, once a second
        for _ in range(5):
            self.page.wait_for_timeout(1000)
            clocks.append(self.notebook.value("[__import__('time').process_time(), lab.frames]"))
        if not self.notebook.value("lab.running"):
            raise AssertionError("the run ended before it was measured")
        seconds, frames = np.diff(np.array(clocks), axis=0).T
        drawing = self.page.evaluate("() => watch.drawing")
        shown = np.array(self.page.evaluate("() => watch.shown"))[:, 0]
        a_second = np.histogram(shown, np.arange(shown[0] + 1000, shown[-1], 1000))[0]
        return [
            Result("frames a second", list(a_second), "", target=35, share=1, at_least=True),
            Result("size of a frame", [size / 1000 for _, _, size in self.notebook.value("sent")], "KB", target=8),
            Result("processor time of the kernel a frame", list(1000 * seconds / frames), share=0.5),
            Result("time of the page a frame", drawing, target=6),
        ]

    def answers(self):
        """Milliseconds until another cell answers while the lab trains."""
        self.start_training()
        values = []
        for _ in range(ROUNDS):
            self.page.wait_for_timeout(PAUSE)
            values.append(self.notebook.execute("1 + 1")[1])
        if not self.notebook.value("lab.running"):
            raise AssertionError("the run ended before it was measured")
        self.press("Pause")
        return Result("answer of another cell, while training", values, target=60)

    def floor(self):
        """Milliseconds that an empty message takes from the page to the kernel and back."""
        return [self.notebook.execute("")[1] for _ in range(ROUNDS)]

    def use(self, renderer):
        self.notebook.execute(f"use({renderer!r})")
        self.page.wait_for_timeout(2 * PAUSE)


def measurements(lab):
    """Functions that measure, each a list of results or one."""
    page = lab.page
    lab.notebook.execute("for fold in lab.folds: fold.is_open = True")
    epochs, look_back = lab.slider("Epochs"), page.locator('.widget-slider:has([title^="Scrub"])').get_by_role("slider")
    more, less = (page.get_by_title(f"Hidden units: {which}") for which in ("more", "less"))
    data = page.get_by_label("Data", exact=True)
    jumps, first_jumps = (
        [jump(look_back, place) for place in (0.2, 0.7, 0.4, 0.9)] for jump in (lab.jump, lab.first_jump)
    )
    looks = {"looking back: arrow key": [lab.key(look_back, "ArrowLeft")], "looking back: mouse": jumps}
    controls = {
        "hidden units: + and - buttons": [lab.mouse(more), lab.mouse(less)],
        "epochs: arrow keys": [lab.key(epochs, "ArrowRight"), lab.key(epochs, "ArrowLeft")],
        "data: choice from the list": [lab.choice(data, "moons"), lab.choice(data, "xor")],
    }
    yield lab.training
    yield lambda: [lab.answers()]
    yield lambda: [lab.rate_to_pixels()]
    yield lambda: [lab.control_to_pixels("looking back: mouse, nothing sent ahead", *first_jumps, target=35)]
    for name, actions in looks.items():
        yield lambda name=name, actions=actions: [lab.looking_back(name, look_back, *actions)]
    for name, actions in controls.items():
        yield lambda name=name, actions=actions: [lab.control_to_pixels(name, *actions, share=0.6)]


def measure(page, notebook):
    """Pairs of results, Agg's and the page's, one after the other."""
    lab = Lab(page, notebook)
    page.wait_for_timeout(1000)
    print(f"The floor, an empty message to the kernel and back: {np.median(lab.floor()):.1f} ms")
    print(f"\nTraining lab, XOR\n  {'':44}{'Agg':>8}{'quartiles':>16}{'page':>8}{'quartiles':>16} {'':5}{'share':>6}")
    for measurement in measurements(lab):
        both = []
        for renderer in RENDERERS:
            lab.use(renderer)
            both.append(measurement())
        yield from zip(*both, strict=True)


def write_notebook(folder):
    """A notebook with the lab alone."""
    code = ["from course_lib.labs import training_lab", "lab = training_lab()\nlab"]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in code])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, Path(folder) / "lab.ipynb")


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--strict", action="store_true", help="exit with 1 when a target is missed")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, lab_server(folder) as server, lab_page() as page:
        write_notebook(folder)
        notebook = open_notebook(page, server, "lab.ipynb")
        notebook.run_all()
        print(
            f"Python {platform.python_version()}, ipykernel {ipykernel.__version__}, ipywidgets {ipywidgets.__version__}, "
            f"JupyterLab {jupyterlab.__version__}, Chromium {page.context.browser.version}"
        )
        met = True
        for agg, result in measure(page, notebook):
            print(result.line(agg), flush=True)
            met &= result.met(agg)
    sys.exit(1 if arguments.strict and not met else 0)


if __name__ == "__main__":
    main()
