"""Exercises that ask for an order: lines of code to bring into sequence, with some that do not belong (Parsons problems).

    training_step = ordering("training-step", task, lines, "c a d", replies, hints, explanation)
    arrange = arrange_function(chapter)
    arrange("training-step")                    # the lines, with buttons where ipywidgets works
    check("training-step", "c a d")             # the same by typing

The buttons are plain ones, reached by Tab and pressed by Enter or Space: one at each line selects it, and those below
move the line that is selected.
Source: Parsons and Haden (2006), Parson's programming puzzles.
"""

import html
import re
from dataclasses import dataclass, field

from ...pictures.live import Widgets
from ...text import say, typed
from . import display, judges
from .compare import Wrong, describe
from .exercise import Exercise
from .reader_code import is_blank, judge


@dataclass(frozen=True)
class Ordering(Exercise):
    """An exercise whose answer is an order of lines: `lines` is a dict letter -> line of code, in the order shown first."""

    lines: dict = field(default_factory=dict)


def ordering(name, task, lines, order, replies, hints, explanation, missing=None):
    """An `Ordering`.

    lines    dict letter -> line of code, in the order in which the reader first sees them
    order    the letters in the right order, with blanks between them; lines that are left out do not belong
    replies  as in `judges.sequence`; each line that does not belong has one
    missing  as in `judges.sequence`
    others   as in `Exercise`

    Raises ValueError, with a sentence for the author, when a line is neither in the order nor answered.
    """
    lost = [letter for letter in lines if letter not in order.split() and letter not in replies]
    if lost or not set(order.split()) <= set(lines):
        raise ValueError(
            say(
                "ordering {name}: expected each line in the order or with a reply, got {order!r}",
                name=name,
                order=order,
            )
        )
    listed = "".join(f"# {letter}  {lines[letter]}\n" for letter in order.split())
    solution = f'{name.replace("-", "_")} = "{order}"\n{listed}'
    sequence = judges.sequence(order.split(), replies, missing)
    return Ordering(name, task, _letters(sequence, lines), hints, solution, explanation, lines)


def _letters(sequence, lines):
    """A judge of letters that may stand close together or with arrows: "cad" and "c -> a -> d" as well as "c a d"."""

    def decide(answer):
        if is_blank(answer) or (isinstance(answer, list | tuple) and all(isinstance(each, str) for each in answer)):
            return sequence(answer)
        letters = (
            [*re.sub(r"->|[\s,;\N{RIGHTWARDS ARROW}]", "", typed(answer).lower())]
            if isinstance(answer, str)
            else [None]
        )
        return sequence(letters) if set(letters) <= set(lines) else _unknown(answer)

    @judge
    def _unknown(answer):
        known, got = ", ".join(lines), describe(answer)
        raise Wrong(say("Give letters with spaces between them, from {known}; got {got}.", known=known, got=got))

    return decide


def arrange_function(chapter):
    """arrange(name): shows the lines of an ordering exercise of this chapter."""

    def arrange(name):
        exercise = chapter.exercises.get(name) if isinstance(name, str) else None
        if not isinstance(exercise, Ordering):
            known = ", ".join(n for n, each in chapter.exercises.items() if isinstance(each, Ordering))
            message = say("Expected one of the names {known} in quotation marks.", known=known)
            return display.Feedback(display.message_box(say("name"), message))
        return display.Feedback(lines_box(exercise), panel=lambda widgets: arrange_panel(widgets, chapter, exercise))

    return arrange


def lines_box(exercise):
    """The task and the lines with their letters."""
    listed = display.Code("\n".join(f"{letter}  {line}" for letter, line in exercise.lines.items()))
    calls = say(
        '`check("{name}", "{letters} ...")` judges an order by its letters; leave out what does not belong.',
        name=exercise.name,
        letters=" ".join(list(exercise.lines)[:3]),
    )
    return display.Box("question", say("Put in order"), exercise.name, (say(exercise.task), listed), calls)


class Arrangement:
    """An order under construction: `kept` letters in their order, and those `left_out`; `selected` is the one to move."""

    def __init__(self, letters, kept=None):
        self.kept = [*letters] if kept is None else [*kept]
        self.left_out = [letter for letter in letters if letter not in self.kept]
        self.selected = None

    @property
    def rows(self):
        return [*self.kept, *self.left_out]

    def select(self, row):
        """Select the line in a row (0, 1, ...): it is the one that moves from now on."""
        self.selected = self.rows[row]

    def move(self, by):
        """Move the selected line up (-1) or down (+1). It stops at both ends, and stays where it is while left out."""
        if self.selected in self.kept:
            row = self.kept.index(self.selected)
            target = min(max(row + by, 0), len(self.kept) - 1)
            self.kept[row], self.kept[target] = self.kept[target], self.kept[row]

    def toggle(self):
        """Leave out the selected line, or put it back as the last one."""
        if self.selected in self.kept:
            self.kept.remove(self.selected)
            self.left_out.append(self.selected)
        elif self.selected is not None:
            self.left_out.remove(self.selected)
            self.kept.append(self.selected)


def arrange_panel(widgets, chapter, exercise):
    """The lines in rows, each with a button that selects it; below them Up, Down, Leave out and Check, and the verdict.

    The rows stay where they are and their contents change, so that the page does not jump. What moves is the line that
    was selected, so that quick presses all reach it, and the focus stays on the button that was pressed. The order is
    kept from one day to the next.
    """
    state = Arrangement(exercise.lines, chapter.kept.order(exercise.name, exercise.lines))
    task = lines_box(exercise)
    how = say("Select a line by its letter, then move it or leave it out.")
    head = widgets.HTML(display.Box(task.look, task.title, task.name, (*task.parts[:1], how)).html())
    problem, verdict, place = display.hidden(widgets), widgets.VBox(), widgets.HTML()
    judged = Widgets(widgets)
    rows = [_Row(widgets) for _ in exercise.lines]
    up, down, toggle = (display.button(widgets, text) for text in (say("Up"), say("Down"), say("Leave out")))

    def refresh():
        for number, (row, letter) in enumerate(zip(rows, state.rows, strict=True), 1):
            row.show(number, letter, exercise.lines[letter], number <= len(state.kept), letter == state.selected)
        toggle.disabled = state.selected is None
        up.disabled = down.disabled = state.selected not in state.kept  # not at the ends, to keep the focus
        toggle.description = say("Put back") if state.selected in state.left_out else say("Leave out")
        place.value = f'<span role="status">{html.escape(_place(state))}</span>'

    def changed(change, *arguments):
        change(*arguments)
        refresh()
        return chapter.kept.keep_order(exercise.name, state.kept)

    def judge_order():
        feedback = chapter.check(exercise.name, " ".join(state.kept))
        judged.close()  # the verdict before this one
        verdict.children = [display.check_panel(judged, chapter, exercise.name, feedback.box)]
        return feedback.notice

    def select(number):
        state.select(number)
        refresh()

    for number, row in enumerate(rows):
        display.on_click(row.button, lambda number=number: select(number), problem)
    display.on_click(up, lambda: changed(state.move, -1), problem)
    display.on_click(down, lambda: changed(state.move, +1), problem)
    display.on_click(toggle, lambda: changed(state.toggle), problem)
    check = display.button(widgets, say("Check"))
    check.button_style = "primary"
    display.on_click(check, judge_order, problem)
    refresh()
    lines = widgets.VBox([row.widget for row in rows], layout={"padding": "0 0 4px 16px"})
    moves = widgets.HBox([up, down, toggle, place], layout={"align_items": "center", "flex_flow": "row wrap"})
    return widgets.VBox([head, lines, moves, widgets.HBox([check]), verdict, problem])


def _place(state):
    """A sentence that says which line is selected and where it stands: read aloud when it changes."""
    if state.selected is None:
        return say("No line is selected.")
    if state.selected in state.left_out:
        return say("Line {letter} is left out: put it back to move it.", letter=state.selected)
    place = state.kept.index(state.selected) + 1
    return say(
        "Line {letter} is in place {place} of {total}.", letter=state.selected, place=place, total=len(state.kept)
    )


class _Row:
    """One row: its place, the button that selects the line, and the line that stands in it."""

    def __init__(self, widgets):
        self.place, self.line = widgets.HTML(layout={"width": "60px", "flex": "none"}), widgets.HTML()
        self.button = widgets.Button(layout={"width": "40px", "flex": "none"})
        self.widget = widgets.HBox([self.place, self.button, self.line], layout={"align_items": "center"})

    def show(self, number, letter, line, here, selected):
        """Show a line in row `number`; `here` when it belongs to the order."""
        self.place.value = f"<strong>{number}</strong>" if here else say("left out")
        look = ("" if here else "; text-decoration: line-through") + ("; font-weight: bold" if selected else "")
        mark = f"&ensp;\N{BLACK LEFT-POINTING TRIANGLE} {say('selected')}" if selected else ""
        code = f'<code style="white-space: pre-wrap{look}">{html.escape(line)}</code>'
        self.line.value = f"&ensp;{code}{mark}"
        self.button.description = letter
        self.button.button_style = "info" if selected else ""
        self.button.tooltip = say("Select line {letter}: {line}", letter=letter, line=line)
