"""A lab: a model, one picture of it, and a panel of controls around the picture, with goal, status and error lines.

A lab trains in an asyncio task, a little at a time, so that other cells stay usable. Callbacks of controls may arrive on
another thread (newer kernels do that); `self.safely(action)` brings them to the main loop, one after the other, and
shows what goes wrong in the lab's own error line, because errors in callbacks are seen nowhere else.

Widgets and Matplotlib are imported when a lab opens (`base.controls`, ...), so that its model, in the same file, is there at
once and without them.
"""

import asyncio
import html
import math
import sys
import threading
import time
import traceback
from contextlib import contextmanager, suppress
from copy import copy

from ...answers import store as answers
from ...answers.download import download_links
from ...answers.format import LONGEST, time_of
from ...pictures import style
from ...pictures.live import with_panel
from ...text import capitalised, say
from ...training import Diverged
from .. import base
from .settings import Kind, Number, Text

PERIOD = 1 / 50  # seconds a frame, at least
REPEATED = 0.016  # of it for a run that is repeated
LONGEST_ERROR = 300  # characters
# CSS pixels of a window's height beside the picture: JupyterLab's own, three lines of goal and status, a row of controls.
BARS, TEXTS, ROW = 140, 65, 36
# Of a frame's work, what a lab rests: nothing in the browser alone, where its kernel has a worker for itself.
REST = 0 if sys.platform == "emscripten" else 1 / 2
KEPT_AFTER = 1.0  # seconds without a change
processor_time = getattr(time, "thread_time", time.perf_counter)  # seconds; Pyodide has no such clock
ARROWS = {
    "left": ("\N{LEFTWARDS ARROW}", 0, -1), "right": ("\N{RIGHTWARDS ARROW}", 0, 1),
    "up": ("\N{UPWARDS ARROW}", -1, 0), "down": ("\N{DOWNWARDS ARROW}", 1, 0),
}  # fmt: skip
_open = {}  # name: the lab that is open under that name


class Grid(tuple):
    """Names of small controls that stand in columns of one width."""

    __slots__ = ()


class Folded(dict):
    """Title -> rows of names: what is rarely used, folded below its title."""


class Lab:
    """Base of all labs. A subclass declares these tables, and defines `make` and `show`.

    model_class     a `LabModel`: the lab opens with one of the settings that it is given. Where that is not all, the subclass
                    has an `__init__` of its own, which ends with `self.open(model, name)`
    opens_with      settings at which it opens, where these are not the model's own defaults
    name            under which it opens, if the reader gives it no other: by default that of its file or folder
    size            of the picture, in CSS pixels
    look            what a phone shows of it at first, from 0, its left end, to 1, its right end
    question        what the reader is asked
    goal_texts      name of a goal of the model -> its text; one is shown after the other, as they are reached
    actions         name -> `Button`
    facts           what stands for the {names} in question, goals and buttons
    rows, below     names of settings that have a label, of other controls and of buttons, row by row, above and below the
                    picture; a `Grid` of small ones; `Folded`
    static_steps    how far the static picture's model is advanced, LONGEST_RUN for to the end; 0: it is shown as it is
    static_settings   of that model, where they are not the lab's own
    work_seconds    of training in a frame, which also draws, in about 0.008, and lasts PERIOD or longer
    step_seconds    from one step to the next, where each is to be seen: no more than one in a frame

    make(canvas)    put axes and artists on a `Canvas`, once; what moves is declared by `moving`, `line` and `layer`
    show()          bring them up to date with `self.model`, each frame
    make_buttons()  name -> button; a lab with controls that are no settings makes them here

    What a reader did last is kept in the answers file as the model's state, one short line, and the next day's lab offers
    to go back to it. A run is then repeated, a frame's worth at a time, up to where it stood: no callback computes for long.
    """

    model_class, opens_with, name, size = None, {}, None, (960, 360)
    look = 0
    question, goal_texts, facts, actions = "", {}, {}, {}
    one_by_one = True  # whether a goal is shown only when the one before it is reached
    rows, below, folds = (), (), ()
    static_settings, static_steps = {}, 0
    work_seconds, step_seconds = 0.016, None
    can_be_unused = ()  # names of controls
    keeps = True  # whether the state is kept: not in labs that a test drives, nor once a lab is to `play`
    _next = 0.0  # when the next step is due
    _end = None, 0  # the picture with which the last run ended by itself
    static_width = None  # of the static picture, in CSS pixels; by default that of the live one
    run_button = panel = _task = _keeping = _notice = None  # until made: an interrupt may come before that

    def __init__(self, name=None, **settings):
        """name: labs with different names may be open in one notebook; the same name again replaces the first.
        settings: those of the model."""
        self.open(self.model_class(**self.opens_with | settings), name)

    def open(self, model, name=None):
        """Make the panel of a model; a lab that is open under the same name is closed."""
        self.name = name or self.name or model.kind().replace("_", " ").strip()
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
        self.question_line, self.goal_line, self.status_line, self.error_line = (
            base.panel.widgets.HTML() for _ in range(4)
        )
        self.error_line.add_class("course-error")
        self.model = model
        self._settings_shown = {}  # as the controls know them
        self._make_picture()
        self.make_controls()
        self.refresh()

    def _make_picture(self):
        self.canvas = base.artists.Canvas(*self.size)
        with self.canvas.styled():
            self.make(self.canvas)

    def make(self, canvas):
        raise NotImplementedError

    def show(self):
        raise NotImplementedError

    def make_buttons(self):
        return {name: self.make_button(declared) for name, declared in self.actions.items()}

    # Running

    @property
    def is_steady(self):
        """Whether the present frame is one of many in a run, which the reader has not just changed."""
        return self.running and not self._woken

    def work(self):
        """Do a little, less than a frame's time; returns False when nothing is left to do."""
        began = time.perf_counter()
        if self.step_seconds is None:
            self.model.advance(self.model.most, enough=lambda: time.perf_counter() - began > self.work_seconds)
        elif self._loop is None or began >= self._next:
            self._next = began + self.step_seconds
            self.model.advance()
        return not self.model.finished

    def _work(self):
        """`work`; a run that is repeated comes first, as fast as it goes. Returns whether something is left to do."""
        if not self.model.behind:
            return self.work()
        began = time.perf_counter()
        self.model.advance(self.model.most, enough=lambda: time.perf_counter() - began > REPEATED)
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
            self._task.add_done_callback(_asked_for_its_error)

    def play(self):
        """Begin to work by itself, with no more than its button, status and picture; nothing of it is kept. Returns the lab."""
        self.keeps = False
        self.status_line.layout.min_height = "0"
        self.panel.children = (base.panel.row(self.run_button, self.status_line), self._picture, self.error_line)
        self.start()
        return self

    def stop(self):
        """Pause after the present frame."""
        self.running = False

    async def _run(self):
        due = math.inf
        try:
            with self._errors_shown():
                while self.running:
                    began, worked = time.perf_counter(), processor_time()
                    # When the next frame is due: what a pause took too long is made up for, but on a busy machine it is not.
                    due = max(min(due, began) + PERIOD, began + 0.9 * PERIOD)
                    if not self._work():
                        break
                    self.refresh()
                    self.frames += 1
                    rest = due - time.perf_counter(), REST * (processor_time() - worked)
                    self._woken = await self._pause(max(rest))  # a third of the processor's time is left to other cells
        except KeyboardInterrupt:
            self.error(say("interrupted; press Train to go on"))
        finally:
            paused, self.running = not self.running, False
        with self._errors_shown():
            self.refresh()
        if not paused:
            self._end = self.canvas.present
        self._keep_soon()

    async def _pause(self, seconds):
        """Give other cells and callbacks their turn, until the next frame is due or something is to be redrawn: then True."""
        self._wake.clear()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._wake.wait(), seconds)
        return self._wake.is_set()

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
        elif self.canvas.has_shown(self._end):  # else: the reader pressed Pause while the run came to its end
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
        base.panel.close_widgets(vars(self))
        base.panel.take_out_of_history(self)

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
        except (ValueError, Diverged) as problem:  # a sentence for the reader
            self.error(str(problem))
        except Exception:
            self.error(traceback.format_exc(limit=-1))

    # Showing

    def refresh(self):
        """Show the model: picture, status, goals, controls."""
        self.model.note()
        self.draw()
        self.status(self.status_text(), good=self.model.good, bad=self.model.bad)
        self.show_goals()
        self.show_controls()
        self.show_run_button()
        for name, declared in self.actions.items():
            if declared.off is not None:
                self._set_off(self.buttons[name], declared, declared.off(self.model))

    def _set_off(self, button, declared, off):
        button.disabled = off
        if declared.done:
            button.description = say(declared.done if off else declared.label, **self.facts)
            button.button_style, button.icon = ("", "check") if off else (declared.style, declared.icon)

    def draw(self):
        """The first part of every `refresh`."""
        self.show()
        self.canvas.draw(now=not self.is_steady)

    def status_text(self):
        return self.model.status()

    def show_goals(self):
        """The question, and the goals up to the first that is not reached."""
        shown = []
        for name, text in self.goal_texts.items():
            reached = name in self.model.reached
            shown.append((self.goal_text(name, say(text, **self.facts_of(name))), reached))
            if self.one_by_one and not reached:
                break
        self.goals(say(self.question, **self.facts), shown)

    def facts_of(self, goal):
        """What stands for the {names} in the text of a goal."""
        return self.facts

    def goal_text(self, name, text):
        """A goal as it is shown: for a lab that adds how far the reader has come."""
        return text

    def show_controls(self):
        """Bring the controls up to date with what the model has changed by itself.

        What the reader has turned meanwhile, on another thread perhaps, is never turned back.
        """
        for name in self.controls_of_settings:
            control, value = self.controls[name], self.model.settings[name]
            limits = self.model.limits(name) if isinstance(control, base.controls.NumberControl) else ()
            if limits and limits != (control.low, control.high):
                control.limits(*limits)
                control.show(value)
            elif value != self._settings_shown.get(name, value):
                control.show(value)
            self._settings_shown[name] = value
        unused = self.unused()
        for name in self.can_be_unused:
            self.controls[name].use(name not in unused)

    def unused(self):
        """The controls that have no effect at present: they are out of sight."""
        return ()

    def static(self):
        """(PNG bytes, alternative text) of `static_model`."""
        return self.picture(self.static_model())

    def static_model(self):
        """The model as it is; with `static_steps`, one with its settings that has gone so far."""
        if not self.static_steps:
            return self.model
        model = self.model.twin(**self.static_settings)
        model.advance(self.static_steps)
        return model

    def picture(self, model, **attributes):
        """(PNG bytes, alternative text) of a model, drawn on a canvas of its own by a copy of this lab with these
        attributes."""
        lab = copy(self)
        vars(lab).update(attributes, model=model)
        lab._make_picture()
        lab.show()
        return lab.canvas.frame(), model.description()

    def pausing(self, action, *arguments):
        """A callback that pauses, does something to the model, and shows it."""

        def act(*values):
            self.stop()
            action(*arguments, *values)
            self.redraw()

        return act

    def showing(self, action, *arguments):
        """A callback that does something to the model, and shows it; a run goes on."""

        def act(*values):
            action(*arguments, *values)
            self.redraw()

        return act

    # Making the panel

    @property
    def controls_of_settings(self):
        """The names of the settings that the model declares with a label."""
        return [name for name, kind in self.model.declared.items() if isinstance(kind, Kind) and kind.label]

    def make_controls(self):
        """The controls of the settings, then the buttons, then the panel.

        What a reader needs at once stands above the picture and fits a laptop's screen with it: goals and status side by
        side, and rows of controls. Errors and the question stand below it, and what is rarely used; the page scrolls to an
        error that is out of view.
        """
        self.controls = {name: self.make_control(name) for name in self.controls_of_settings}
        self.buttons = self.make_buttons()
        self.status_line.layout.min_height = f"{TEXTS - 10}px"  # what is below does not jump with each sentence
        said = base.panel.halves(self.goal_line, self.status_line)
        above, below = ([self._row(names) for names in rows] for rows in (self.rows, self.below))
        self._picture = self.picture_row()
        self.panel = base.panel.column(said, *above, self._picture, self.error_line, self.question_line, *below)

    def picture_row(self):
        """The picture, with what stands beside it."""
        return self.canvas.widget(BARS + TEXTS + ROW * len(self.rows), self.look)

    def make_control(self, name):
        """The control of a setting, as the model declares it."""
        kind, value, label = self.model.declared[name], self.model.settings[name], say(self.model.declared[name].label)
        change = self.pausing(self._change, name) if kind.pauses else self._setting(name)
        choices = kind.shown_choices()
        if choices is not None:
            return self.choice(label, value, choices, change)
        if isinstance(kind, Number):
            looks = {"whole": kind.whole, "logarithmic": kind.logarithmic, "step": kind.step, "slider": kind.slider}
            return self.number(label, value, self.model.limits(name), change, **looks)
        if isinstance(kind, Text):
            change = self.safely(self._then_shown(name, change))
            placeholder = kind.placeholder and say(kind.placeholder)
            return base.controls.TextControl(label, value, ends=kind.ends, on_change=change, placeholder=placeholder)
        return self.switch(label, value, change)

    def _new_start(self):
        self.model.new_start()
        self.redraw()

    def _setting(self, name):
        """A function that makes a number or a choice the model's setting of this name."""
        return self.showing(self._change, name)

    def _then_shown(self, name, change):
        """`change`, after which the control shows what is in force: the text as the model keeps it, or the one before."""

        def changed(text):
            try:
                change(text)
            finally:
                self.controls[name].show(self.model.settings[name])

        return changed

    def _change(self, name, value):
        self.model.configure(**{name: value})
        self._settings_shown[name] = self.model.settings[name]

    def _row(self, names):
        """Parts side by side, by their names; a part may also be given as it is. Sliders need more room between them."""
        if isinstance(names, base.panel.widgets.Widget):
            return names
        if isinstance(names, Folded):
            self.folds = [
                base.panel.Fold(say(title), base.panel.column(*map(self._row, rows))) for title, rows in names.items()
            ]
            return base.panel.column(
                base.panel.row(*(fold.button for fold in self.folds)), *(fold.body for fold in self.folds)
            )
        parts = [self._part(name) for name in ((names,) if isinstance(names, str) else names)]
        if isinstance(names, Grid):
            return base.panel.grid(*parts)
        sliders = [isinstance(part, base.controls.NumberControl) and part.slider is not None for part in parts]
        return base.panel.row(*parts, gap="24px" if all(sliders) else "8px")

    def _part(self, name):
        if not isinstance(name, str):
            return name
        return self.controls.get(name) or self.buttons.get(name) or getattr(self, name)

    def number(self, label, value, limits, change, **options):
        """A number within its limits; change(number) is called with each new one."""
        return base.controls.NumberControl(
            label, value, *limits, on_change=change, on_error=self.error, safely=self.safely, **options
        )

    def switch(self, label, value, change):
        return base.controls.SwitchControl(label, value, on_change=self.safely(change))

    def choice(self, label, value, options, change):
        """One of `options`, a dict from what is shown to what is meant."""
        return base.controls.ChoiceControl(label, value, options, on_change=self.safely(change))

    def button(self, label, action, **options):
        return base.controls.button(label, self.safely(action), **options)

    def make_button(self, declared):
        """The button that a `Button` declares."""
        label, tooltip = (text and say(text, **self.facts) for text in (declared.label, declared.tooltip))
        runs, of_lab = declared.does == "_toggle", declared.does.startswith("_")
        action = getattr(self, declared.does) if of_lab else self.pausing(getattr(self.model, declared.does))
        looks = {
            "tooltip": tooltip,
            "style": declared.style,
            "icon": declared.icon,
            "also": [say("Pause")] * runs + [say(declared.done)] * bool(declared.done),
        }
        made = self.button(label, action, **looks)
        if runs:
            self.run_button, self._run_label = made, label
        return made

    def make_arrows(self, move, **tooltips):
        """Four small buttons; move(down, right) is called with how far, in rows and columns."""
        made = {
            name: self.button(sign, self.pausing(move, *step), tooltip=tooltips[name])
            for name, (sign, *step) in ARROWS.items()
        }
        for arrow in made.values():
            arrow.layout.width, arrow.layout.padding = "36px", "0"
        return made

    def make_prediction(self, description, width, placeholder=None):
        """The line in which a reader predicts a number, for `self.model.predict`."""
        line = base.panel.widgets.Text(
            continuous_update=False,
            style=base.controls.INITIAL,
            layout=base.panel.widgets.Layout(width=f"{width}px", max_width="98%"),
            description=description,
            placeholder=placeholder or say("type a number, press Enter"),
        )
        line.add_class("course-prediction")

        def typed(written):
            if written.strip():
                self.model.predict(base.controls.typed_number(written))
                self.redraw()

        typed = self.safely(typed)
        line.observe(lambda change: typed(change["new"]), "value")
        # Enter on a number that is there already changes nothing, and still is an answer: it may have come too early before.
        line.on_msg(lambda _, content, buffers: typed(line.value) if content.get("event") == "submit" else None)
        return line

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
        self._keeping = self._loop.call_later(KEPT_AFTER, self._keep)

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
            self._notice = base.panel.widgets.HTML()
            self.panel.children = (self._notice, *self.panel.children)
        links = f"<br>{download_links(notice.unsaved)}" if notice and notice.unsaved else ""
        self._notice.value = _alert(html.escape(notice) + links) if notice else ""

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
        text = base.panel.widgets.HTML(html.escape(say("You have used this lab before ({day}).", day=day)))

        def go_back(*_):
            self.resume(record["state"])
            offer.layout.display = "none"

        offer = base.panel.row(text, self.button(say("Go back to where I was"), go_back, icon="history"))
        return offer

    # Lines of text

    def error(self, text):
        """Show a sentence; "" takes it away. Of a very long one, such as about a pasted text, the middle is left out."""
        if len(text) > LONGEST_ERROR:
            text = f"{text[:200]} \N{HORIZONTAL ELLIPSIS} {text[-60:]}"
        self.error_line.value = _alert(html.escape(text)) if text else ""

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
        self.status_line.value = f'<div{role} style="{_STATUS};border-left:4px solid {edge}">{mark}{text}</div>'

    def goals(self, question, goals):
        """Show the question and the goals, a list of (text, reached or not); of those reached before, the first line."""
        rows = []
        for number, (text, reached) in enumerate(goals, 1):
            colour = "#009E73" if reached else "var(--jp-border-color1, #999)"
            mark = "\N{CHECK MARK}" if reached else "\N{WHITE CIRCLE}"
            weight = ";font-weight:bold" if reached else ""
            one_line = (
                ";white-space:nowrap;overflow:hidden;text-overflow:ellipsis" if number < len(goals) and reached else ""
            )
            rows.append(
                f'<div style="{_GOAL};border-left:4px solid {colour};padding-left:8px{weight}{one_line}">'
                f"{mark} {html.escape(text)}</div>"
            )
        self.question_line.value = f'<div style="{_GOAL}">{html.escape(question)}</div>'
        self.goal_line.value = "".join(rows)

    # On the page

    def _repr_mimebundle_(self, include=None, exclude=None):
        """The live panel, and for GitHub and other places without a kernel a picture with its alternative text."""
        from ...pictures.figures import picture_html

        data, alt = self.static()
        base.panel.return_freed_memory()
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
_GOAL = "line-height:1.3"
_STATUS = "line-height:1.3;padding:2px 8px;font-variant-numeric:tabular-nums"
_ERROR = (
    "line-height:1.4;padding:4px 8px;white-space:pre-wrap;overflow-wrap:anywhere;"
    "color:#1A1A1A;background:#FBE3D6;border-left:4px solid #D55E00"
)


def _alert(markup):
    """What is read aloud at once."""
    return f'<div role="alert" style="{_ERROR}">{markup}</div>'


def _asked_for_its_error(_):
    """Called when a lab's work is done. Pyodide asks a task that nobody watches for its error, also one that was cancelled
    and has none, and prints that."""


def lab_in(module):
    """The lab that a module defines."""
    kinds = [kind for kind in vars(module).values() if isinstance(kind, type) and issubclass(kind, Lab)]
    return next(kind for kind in kinds if kind.__module__ == module.__name__)
