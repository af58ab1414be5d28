"""What every lab is built on: goal, status and error lines, one task on the kernel's main loop, a state that is kept.

A lab trains in an asyncio task, a little at a time, so that other cells stay usable. Callbacks of controls may arrive on
another thread (newer kernels do that); `self.safely(action)` brings them to the main loop, one after the other, and
shows what goes wrong in the lab's own error line, because errors in callbacks are seen nowhere else.
"""

import asyncio
import html
import math
import sys
import threading
import time
import traceback
from contextlib import contextmanager, suppress

import ipywidgets as widgets

from ...answers import store as answers
from ...answers.download import download_links
from ...answers.format import LONGEST, time_of
from ...pictures import style
from ...pictures.figures import picture_html
from ...pictures.live import with_panel
from ...text import capitalised, say
from .arrange import row
from .closing import close_widgets, return_freed_memory, take_out_of_history
from .controls import button

PERIOD = 1 / 50  # seconds a frame
PIECE = 0.016  # of it for a run that is repeated
LONGEST_ERROR = 300  # characters
# Of a frame's work, what a lab rests: nothing in the browser alone, where its kernel has a worker for itself.
SHARE = 0 if sys.platform == "emscripten" else 1 / 2
REST = 1.0  # seconds without a change before a lab's state is kept
busy = getattr(time, "thread_time", time.perf_counter)  # seconds of the processor; Pyodide has no clock for them
_open = {}  # name: the lab that is open under that name


class Lab:
    """Base of all labs. A subclass has a `name` and a `model`, fills `self.controls` and `self.buttons`, builds
    `self.panel`, and defines `work()`, `refresh()` and `static()`.

    work()     do a little, less than a frame's time; returns False when nothing is left to do, as in labs that never run
    refresh()  show the present state of the model
    static()   (PNG bytes, alternative text) for places where no kernel runs

    What a reader did last is kept in the answers file as the model's state, one short line, and the next day's lab offers
    to go back to it. A run is then repeated, a frame's worth at a time, up to where it stood: no callback computes for long.
    """

    name = "lab"
    keeps = True  # whether the state is kept: not in labs that a test drives
    static_width = None  # of the static picture, in CSS pixels; by default that of the live one
    run_button = panel = _task = _keeping = _notice = None  # until they are made: an interrupt may come before that

    def __init__(self):
        previous = _open.get(self.name)
        if previous is not None:  # the cell was run again: the lab that it showed before must not train on
            previous.close()
        _open[self.name] = self
        self.running = False
        self.frames = 0
        self._wake, self._woken = asyncio.Event(), False  # and whether the present frame comes early, after a change
        self._thread = threading.get_ident()
        self._status_shown = 0.0
        self._offered = False
        try:
            self._loop = asyncio.get_running_loop()
        except RuntimeError:
            self._loop = None  # no notebook: Train runs to the end at once
        self.controls, self.buttons = {}, {}
        self.goal_line, self.status_line, self.error_line = widgets.HTML(), widgets.HTML(), widgets.HTML()

    # Running

    @property
    def is_steady(self):
        """Whether the present frame is one of many in a run, which the reader has not just changed."""
        return self.running and not self._woken

    def work(self):
        return False

    def _work(self):
        """`work`; a run that is repeated comes first, as fast as it goes. Returns whether something is left to do."""
        if not self.model.behind:
            return self.work()
        began = time.perf_counter()
        self.model.advance(self.model.most, enough=lambda: time.perf_counter() - began > PIECE)
        return self.model.behind

    def start(self):
        """Begin to work, a frame at a time."""
        if self.running:
            return
        self.running = True
        if self._loop is None:
            try:
                while self.running and self._work():
                    pass
            finally:
                self.running = False
                self.refresh()
        elif self._task is None or self._task.done():  # else: pressed again before the pause was noticed
            self._task = self._loop.create_task(self._run())
            self._task.add_done_callback(_watched)

    def stop(self):
        """Pause after the present frame."""
        self.running = False

    async def _run(self):
        due = math.inf
        try:
            with self._errors_shown():
                while self.running:
                    began, worked = time.perf_counter(), busy()
                    # When the next frame is due: what a pause took too long is made up for, but on a busy machine it is not.
                    due = max(min(due, began) + PERIOD, began + 0.9 * PERIOD)
                    if not self._work():
                        break
                    self.refresh()
                    self.frames += 1
                    rest = due - time.perf_counter(), SHARE * (busy() - worked)
                    self._woken = await self._pause(max(rest))  # a third of the processor's time is left to other cells
        except KeyboardInterrupt:
            self.error(say("interrupted; press Train to go on"))
        finally:
            self.running = False
        with self._errors_shown():
            self.refresh()
        self._keep_soon()

    async def _pause(self, seconds):
        """Give other cells and callbacks their turn, until the next frame is due or something is to be redrawn: then True."""
        self._wake.clear()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._wake.wait(), seconds)
        return self._wake.is_set()

    def make_run_button(self, label, tooltip, style="primary"):
        """The button that starts the work and pauses it, and says which of the two it will do."""
        self._run_label = label
        self.run_button = button(
            label, self.safely(self._toggle), icon="play", style=style, tooltip=tooltip, also=[say("Pause")]
        )
        return self.run_button

    def show_run_button(self):
        """Part of every `refresh`."""
        if self.run_button is None:
            return
        self.run_button.description = say("Pause") if self.running else self._run_label
        self.run_button.icon = "pause" if self.running else "play"

    def prepare(self):
        """What the run button does before the work begins: a finished model starts anew."""
        self.model.stop_at = None  # a repeated run goes on
        if self.model.finished:
            self.model.reset()

    # What buttons and controls of most labs do

    def _step(self):
        """Pause, and take one step."""
        self.stop()
        self.model.stop_at = None
        self.model.advance(1)
        self.redraw()

    def _reset(self):
        """Pause, and go back to the start."""
        self.stop()
        self.model.reset()
        self.redraw()

    def _toggle(self):
        if self.running:
            self.stop()
        else:
            self.prepare()
            self.start()
        self.redraw()

    def redraw(self):
        """Show a change at once; while a lab works, the next frame does, and comes early."""
        if self.running:
            self._wake.set()
        else:
            self._status_shown = 0.0
            self.refresh()

    def close(self):
        """Stop for good, take the panel off the page, and let go of all that the lab holds."""
        self.stop()
        if self._task is not None:
            self._task.cancel()
        if self._keeping is not None:
            self._keeping.cancel()
        if _open.get(self.name) is self:
            del _open[self.name]
        close_widgets(vars(self))
        take_out_of_history(self)

    def safely(self, action):
        """A function that runs `action` on the main loop, and shows errors in the error line."""

        def guarded(*args):
            self.error("")
            with self._errors_shown():
                action(*args)
            self._keep_soon()

        def from_any_thread(*args):
            if self._loop is None or threading.get_ident() == self._thread:
                guarded(*args)
            else:
                self._loop.call_soon_threadsafe(guarded, *args)

        return from_any_thread

    @contextmanager
    def _errors_shown(self):
        try:
            yield
        except ValueError as problem:  # a sentence for the reader
            self.error(str(problem))
        except Exception:
            self.error(traceback.format_exc(limit=-1))

    # From one day to the next

    def state(self):
        """The present state as one short line for `resume`."""
        return self.model.state()

    def resume(self, state):
        """Go back to a state that `state()` wrote; a run is repeated up to where it stood.

        Raises ValueError, with a sentence, when it is no such state; nothing has changed then.
        """
        self.stop()
        self.model.resume(state)
        if self.model.behind:
            self.start()
        self.redraw()

    def _keep_soon(self):
        """Keep the state once the reader has left the lab alone for a moment."""
        if self._loop is None or not self.keeps:
            return
        if self._keeping is not None:
            self._keeping.cancel()
        self._keeping = self._loop.call_later(REST, self._keep)

    def _keep(self):
        store = answers.store()
        if store is None or self.running or not self.keeps:
            return
        with self._errors_shown():
            state, key = self.state(), answers.lab_key(self.name)
            if len(state) <= LONGEST and store.items.get(key, {}).get("state") != state:
                store.put(key, {"state": state})
                self._tell(store.take_notice())

    def _tell(self, notice):
        """Show a notice about the answers file above the panel, with links to what this kernel alone holds."""
        if not notice and self._notice is None:
            return
        if self._notice is None:
            self._notice = widgets.HTML()
            self.panel.children = (self._notice, *self.panel.children)
        links = f"<br>{download_links(notice.unsaved)}" if notice and notice.unsaved else ""
        self._notice.value = f'<div role="alert" style="{_ERROR}">{html.escape(notice)}{links}</div>' if notice else ""

    def _offer(self):
        """A line above the panel that offers to go back to the state in the file; None without one, or if it is this."""
        store = answers.store()
        if store is None:
            return None
        store.sync()
        record = store.items.get(answers.lab_key(self.name))
        if record is None or record["state"] == self.state():
            return None
        day = time_of(record).astimezone().date().isoformat()
        text = widgets.HTML(html.escape(say("You have used this lab before ({day}).", day=day)))

        def go_back(*_):
            self.resume(record["state"])
            offer.layout.display = "none"

        offer = row(text, button(say("Go back to where I was"), self.safely(go_back), icon="history"))
        return offer

    # Lines of text

    def error(self, text):
        """Show a sentence; "" takes it away. Of a very long one, such as about a pasted text, the middle is left out."""
        if len(text) > LONGEST_ERROR:
            text = f"{text[:200]} \N{HORIZONTAL ELLIPSIS} {text[-60:]}"
        shown = f'<div role="alert" style="{_ERROR}">{html.escape(text)}</div>' if text else ""
        if self.error_line.value != shown:
            self.error_line.value = shown

    def status(self, text, good=False, bad=False):
        """Show the status. While training it changes four times a second, and only the last one is read aloud.

        good   what is shown is a success by the lab's own measure: green, with a check mark
        bad    it has failed: diverged, swings for ever, came to a dead end, answered wrong; it counts more than `good`
        """
        now = time.perf_counter()
        if self.running and now - self._status_shown < 0.25:
            return
        self._status_shown = now
        role = "" if self.running else ' role="status"'
        edge, sign = _LEVELS["bad" if bad else "good" if good else "neutral"]
        text = html.escape(capitalised(text))
        mark = f'<span aria-hidden="true" style="font-weight:bold">{sign}</span> ' if sign else ""
        shown = f'<div{role} style="{_STATUS};border-left:4px solid {edge}">{mark}{text}</div>'
        if self.status_line.value != shown:
            self.status_line.value = shown

    def goals(self, question, goals):
        """Show the question and the goals, a list of (text, reached or not)."""
        rows = [f'<div style="{_GOAL}">{html.escape(question)}</div>']
        for text, reached in goals:
            colour = "#009E73" if reached else "var(--jp-border-color1, #999)"
            mark = "\N{CHECK MARK}" if reached else "\N{WHITE CIRCLE}"
            weight = ";font-weight:bold" if reached else ""
            rows.append(
                f'<div style="{_GOAL};border-left:4px solid {colour};padding-left:8px{weight}">'
                f"{mark} {html.escape(text)}</div>"
            )
        shown = "".join(rows)
        if self.goal_line.value != shown:
            self.goal_line.value = shown

    # Showing

    def _repr_mimebundle_(self, include=None, exclude=None):
        """The live panel, and for GitHub and other places without a kernel a picture with its alternative text."""
        data, alt = self.static()
        return_freed_memory()
        shown = picture_html(data, alt, self.static_width or self.canvas.width)
        if self.panel.comm is None:
            closed = say("This lab was closed, because another one took its place. Run its cell again to use it.")
            return {"text/plain": f"{closed} {alt}", "text/html": f"<p>{html.escape(closed)}</p>{shown}"}
        if not self._offered:
            self._offered, offer = True, self._offer()
            self.panel.children = (*([offer] if offer else []), *self.panel.children)
        return with_panel({"text/plain": alt, "text/html": shown}, self.panel)


_LEVELS = {  # colour of the edge and sign of a status; its sentence says the same in words
    "good": (style.GREEN, "\N{CHECK MARK}"),
    "neutral": (style.BLUE, ""),
    "bad": (style.VERMILLION, "\N{BALLOT X}"),
}
_GOAL = "line-height:1.3"  # four lines of goals leave the folds in sight on a small screen
_STATUS = "line-height:1.5;padding:2px 8px;font-variant-numeric:tabular-nums;min-height:24px"
_ERROR = (
    "line-height:1.4;padding:4px 8px;white-space:pre-wrap;overflow-wrap:anywhere;"
    "color:#1A1A1A;background:#FBE3D6;border-left:4px solid #D55E00"
)


def _watched(_):
    """Called when a lab's work is done. Pyodide asks a task that nobody watches for its error, also one that was cancelled
    and has none, and prints that."""


def move_every_control(lab):
    """Move each control of a lab to its ends and back, press each button, and raise if anything went wrong.

    Used by hidden cells and tests. Returns a sentence that says how much was moved.
    """
    lab.keeps = False
    for name, control in lab.controls.items():
        before = control.value
        for value in [*control.ends(), before]:
            control.set(value)
            _expect_no_error(lab, name)
            if control.value != value:
                raise AssertionError(f"{name}: set to {value}, shows {control.value}")
    for name, pressed in lab.buttons.items():
        pressed.click()
        _expect_no_error(lab, name)
    lab.stop()
    return say(
        "moved {controls} controls to their ends and pressed {buttons} buttons: no error",
        controls=len(lab.controls),
        buttons=len(lab.buttons),
    )


def _expect_no_error(lab, name):
    if lab.error_line.value:
        raise AssertionError(f"{name}: {lab.error_line.value}")
