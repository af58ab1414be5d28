"""What almost every lab is: a model, one picture of it, and a panel of controls around the picture.

Here is what such labs have in common; how a lab runs, what it says, and what becomes of errors is in `base.py`.
"""

import time

import ipywidgets as widgets

from ...text import say
from .arrange import Fold, Folded, Grid, column, grid, row
from .artists import Canvas
from .base import Lab
from .controls import INITIAL, ChoiceControl, NumberControl, SwitchControl, TextControl, button, typed_number
from .settings import Number
from .tables import ARROWS, choices_of


class PictureLab(Lab):
    """A lab that shows a `LabModel`. A subclass declares these tables, and defines `make_view` and, if it has buttons,
    `make_buttons`.

    size            of the picture, in CSS pixels
    piece           seconds of work in a frame, which lasts 0.033 and draws in about 0.008
    question        what the reader is asked
    goal_texts      name of a goal of the model -> its text; one is shown after the other, as they are reached
    facts           what stands for the {names} in question and goals
    table           name of a setting -> its `Control`
    rows, below     names of controls and buttons, row by row, above and below the picture; a `Grid` of small ones; `Folded`
    static_steps    how far the static picture's model is advanced; 0: it is shown as it is

    make_view(canvas)    what draws on a canvas: an object with `show(model)`
    make_buttons()       name -> button
    """

    size = (960, 360)
    piece = 0.016
    question, goal_texts, facts = "", {}, {}
    one_by_one = True  # whether a goal is shown only when the one before it is reached
    table, rows, below = {}, (), ()
    lines_of_status = 1
    static_steps = 0
    folds = ()
    _drawn = None

    def __init__(self, model, name):
        self.name = name
        super().__init__()
        self.model = model
        self._seen, self._seen_limits = {}, {}  # settings and their limits, as the controls know them
        self.canvas = Canvas(*self.size)
        self.view = self.make_view(self.canvas)
        self.make_controls()
        self.refresh()

    def work(self):
        began = time.perf_counter()
        self.model.advance(self.model.most, enough=lambda: time.perf_counter() - began > self.piece)
        return not self.model.finished

    # Showing

    def refresh(self):
        """Show the model: picture, status, goals, controls."""
        self.model.note()
        self.draw()
        self.status(self.status_text(), good=self.model.good, bad=self.model.bad)
        self.show_goals()
        self.show_controls()
        self.show_run_button()

    def draw(self):
        """The first part of every `refresh`."""
        self.view.show(self.model)
        self.canvas.draw(now=not self.is_steady)

    def draw_news(self, *facts):
        """As `draw`, where most pieces of work change nothing that can be seen: only when a fact has changed."""
        if facts != self._drawn:
            self._drawn = facts
            PictureLab.draw(self)

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
        for name in self.table:
            control, value = self.controls[name], self.model.settings[name]
            limits = self.model.limits(name) if isinstance(control, NumberControl) else None
            if limits != self._seen_limits.setdefault(name, limits):
                self._seen_limits[name] = limits
                control.limits(*limits)
                control.show(value)
            elif value != self._seen.get(name, value):
                control.show(value)
            self._seen[name] = value
        unused = self.unused()
        for name in self.can_be_unused:
            self.controls[name].use(name not in unused)

    can_be_unused = ()  # names of controls

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
        model = self.model.twin()
        model.advance(self.static_steps)
        return model

    def picture(self, model):
        """(PNG bytes, alternative text) of a model."""
        canvas = Canvas(*self.size)
        self.make_view(canvas).show(model)
        return canvas.frame(), model.description()

    def pausing(self, action, *arguments):
        """A callback that pauses, does something to the model, and shows it."""

        def act(*values):
            self.stop()
            action(*arguments, *values)
            self.redraw()

        return act

    # Making the panel

    def make_controls(self):
        """The controls of the table, then the buttons, then the panel: goals, rows, picture, status and errors, rows."""
        self.controls = {name: self.make_control(name, entry) for name, entry in self.table.items()}
        self.buttons = self.make_buttons()
        if self.lines_of_status > 1:  # room for a long sentence, so that what is below does not jump
            self.status_line.layout.min_height = "50px"
        above, below = ([self._row(names) for names in rows] for rows in (self.rows, self.below))
        picture = self.picture_row()
        self.panel = column(self.goal_line, *above, picture, self.status_line, self.error_line, *below)

    def picture_row(self):
        """The picture, with what stands beside it."""
        return self.canvas.widget()

    def make_buttons(self):
        return {}

    def make_control(self, name, entry):
        """The control of a setting, of the kind that the model declares."""
        kind, value = self.model.declared[name], self.model.settings[name]
        change = self.pausing(self._change, name) if entry.pauses else self._setting(name)
        options = choices_of(kind, entry)
        if options is not None:
            return self.choice(say(entry.label), value, options, change)
        if isinstance(kind, Number):
            return self.number(
                say(entry.label),
                value,
                self.model.limits(name),
                change,
                whole=kind.whole,
                logarithmic=entry.logarithmic,
                step=entry.step,
                slider=entry.slider,
            )
        if entry.ends:
            placeholder = say(entry.placeholder) if entry.placeholder else ""
            change = self.safely(self._then_shown(name, change))
            return TextControl(say(entry.label), value, ends=entry.ends, on_change=change, placeholder=placeholder)
        return self.switch(say(entry.label), value, change)

    def _new_start(self):
        self.model.new_start()
        self.redraw()

    def _setting(self, name):
        """A function that makes a number or a choice the model's setting of this name."""

        def change(value):
            self._change(name, value)
            self.redraw()

        return change

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
        self._seen[name] = self.model.settings[name]

    def _row(self, names):
        """Parts side by side, by their names; a part may also be given as it is. Sliders need more room between them."""
        if isinstance(names, widgets.Widget):
            return names
        if isinstance(names, Folded):
            self.folds = [Fold(say(title), column(*map(self._row, rows))) for title, rows in names.items()]
            return column(row(*(fold.button for fold in self.folds)), *(fold.body for fold in self.folds))
        parts = [self._part(name) for name in ((names,) if isinstance(names, str) else names)]
        if isinstance(names, Grid):
            return grid(*parts)
        sliders = [isinstance(part, NumberControl) and part.slider is not None for part in parts]
        return row(*parts, gap="24px" if all(sliders) else "8px")

    def _part(self, name):
        if not isinstance(name, str):
            return name
        return self.controls.get(name) or self.buttons.get(name) or getattr(self, name)

    def number(self, label, value, limits, change, **options):
        """A number within its limits; change(number) is called with each new one."""
        return NumberControl(
            label, value, *limits, on_change=change, on_error=self.error, safely=self.safely, **options
        )

    def switch(self, label, value, change):
        return SwitchControl(label, value, on_change=self.safely(change))

    def choice(self, label, value, options, change):
        """One of `options`, a dict from what is shown to what is meant."""
        return ChoiceControl(label, value, options, on_change=self.safely(change))

    def button(self, label, action, **options):
        return button(label, self.safely(action), **options)

    def make_step_button(self, label, tooltip):
        return self.button(label, self._step, tooltip=tooltip)

    def make_reset_button(self, tooltip=None):
        return self.button(say("Reset"), self._reset, tooltip=tooltip or say("Back to the same initial weights"))

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
        line = widgets.Text(
            continuous_update=False,
            style=INITIAL,
            layout=widgets.Layout(width=f"{width}px", max_width="98%"),
            description=description,
            placeholder=placeholder or say("type a number, press Enter"),
        )

        def typed(written):
            if written.strip():
                self.model.predict(typed_number(written))
                self.redraw()

        typed = self.safely(typed)
        line.observe(lambda change: typed(change["new"]), "value")
        # Enter on a number that is there already changes nothing, and still is an answer: it may have come too early before.
        line.on_msg(lambda _, content, buffers: typed(line.value) if content.get("event") == "submit" else None)
        return line
