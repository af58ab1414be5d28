"""Exercises that ask for an order: lines of code to bring into sequence, with some that do not belong (Parsons problems).

    training_step = ordering("training-step", task, lines, "c a d", replies, hints, explanation)
    arrange = arrange_function(chapter)
    arrange("training-step")                    # the lines, with buttons where ipywidgets works
    check("training-step", "c a d")             # the same by typing

Each line is a button, reached by Tab and pressed by Enter or Space: pressed among the lines that are left, it goes to the end
of the order; pressed in the order, it comes back.
Source: Parsons and Haden (2006), Parson's programming puzzles.
"""

import re
import time
from dataclasses import dataclass, field
from functools import partial
from math import inf

from ...pictures.live import Widgets
from ...text import N_, say, typed
from . import display, judges
from .compare import describe, mistake
from .exercise import Exercise, demand
from .reader_code import is_blank, judge

DOUBLE_CLICK = 0.4  # seconds: who clicks twice on a line means it once


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
    known = set(order.split()) <= set(lines) <= {*order.split(), *replies}
    expected = N_("ordering {name}: expected each line in the order or with a reply, got {order!r}")
    demand(known, expected, name=name, order=order)
    listed = "".join(f"# {letter}  {lines[letter]}\n" for letter in order.split())
    solution = f'{name.replace("-", "_")} = "{order}"\n{listed}'
    sequence = judges.sequence(order.split(), replies, missing)
    return Ordering(name, task, _letters(sequence, lines), hints, solution, explanation, lines)


def _letters(sequence, lines):
    """A judge of letters that may stand close together or with arrows: "cad" and "c -> a -> d" as well as "c a d"."""

    def decide(answer):
        if is_blank(answer) or (isinstance(answer, list | tuple) and all(isinstance(each, str) for each in answer)):
            return sequence(answer)
        if not isinstance(answer, str):
            return _unknown(answer)
        letters = [*re.sub(r"->|[\s,;\N{RIGHTWARDS ARROW}]", "", typed(answer).lower())]
        return sequence(letters) if set(letters) <= set(lines) else _unknown(answer)

    @judge
    def _unknown(answer):
        known, got = ", ".join(lines), describe(answer)
        raise mistake("Give letters with spaces between them, from {known}; got {got}.", known=known, got=got)

    decide.sentences = sequence.sentences
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
        '`check("{name}", "{letters} ...")` judges an order by its letters. Leave out what does not belong.',
        name=exercise.name,
        letters=" ".join(list(exercise.lines)[:3]),
    )
    return display.Box("question", say("Put in order"), exercise.name, (say(exercise.task), listed), calls)


def arrange_panel(widgets, chapter, exercise):
    """The lines, those in the order above those that are left; below them Check, and the verdict.

    A click on a line puts it at the end of the order, or takes it back. Each line keeps its buttons, which only change their
    place on the page, so that quick presses all reach it and the focus stays with it. The order is kept from one day to the
    next.
    """
    kept = chapter.kept.order(exercise.name, exercise.lines)
    problem, verdict, said = display.hidden(widgets), widgets.VBox(), widgets.HTML()
    judged = Widgets(widgets)
    how = say("Click the lines in the order in which they are to run. A click on a line in the order takes it back.")
    task = display.Box("question", say("Put in order"), exercise.name, (say(exercise.task), how))
    head = widgets.HTML(display.OPTION_STYLE + task.html(aloud=False))
    rows = {letter: _Row(widgets, letter, line) for letter, line in exercise.lines.items()}
    left = widgets.Label(say("Lines that are left"))

    def refresh():
        rest = [letter for letter in rows if letter not in kept]
        for number, letter in enumerate(kept):
            rows[letter].show(number, number + 1)
        left.layout.order, left.layout.display = f"{len(kept)}", "" if rest else "none"
        for number, letter in enumerate(rest, len(kept) + 1):
            rows[letter].show(number)

    def click(letter):
        if rows[letter].is_second_of_a_double_click():
            return ""
        if letter in kept:
            kept.remove(letter)
            return changed(say("Line {letter} is out of the order.", letter=letter))
        kept.append(letter)
        return changed(say("Line {letter} is now number {total}.", letter=letter, total=len(kept)))

    def raise_line(letter):
        place = kept.index(letter)
        kept.insert(max(place - 1, 0), kept.pop(place))
        return changed(say("Line {letter} is now number {total}.", letter=letter, total=max(place, 1)))

    def changed(sentence):
        said.value = f'<span role="status">{sentence}</span>'
        refresh()
        return chapter.kept.keep_order(exercise.name, kept)

    def judge_order():
        feedback = chapter.check(exercise.name, " ".join(kept))
        judged.close()  # the verdict before this one
        verdict.children = [display.check_panel(judged, chapter, exercise.name, feedback.box)]
        return feedback.notice

    for letter, row in rows.items():
        display.on_click(row.line, partial(click, letter), problem)
        display.on_click(row.up, partial(raise_line, letter), problem)
    check = display.button(widgets, say("Check"))
    check.button_style = "primary"
    display.on_click(check, judge_order, problem)
    refresh()
    lines = widgets.VBox([*(row.widget for row in rows.values()), left], layout={"padding": "0 0 0 16px"})
    return widgets.VBox([head, lines, said, widgets.HBox([check]), verdict, problem])


class _Row:
    """A line: its number in the order, a button with the line on it, and one that moves it up."""

    def __init__(self, widgets, letter, line):
        self.number = widgets.Label(layout={"width": "24px", "flex": "none"})
        self.line = display.wide_button(widgets).add_class(display.LINE)
        self.line.description, self.line.layout.flex = f"{letter}  {line}", "1 1 auto"
        self.up = widgets.Button(description="\N{UPWARDS ARROW}", layout={"width": "40px", "flex": "none"})
        self.up.tooltip = say("Move line {letter} up", letter=letter)
        self.widget = widgets.HBox([self.number, self.line, self.up], layout={"align_items": "center"})
        self._clicked = -inf

    def show(self, place, number=0):
        """Show the line in a place of the list (0, 1, ...), with its number in the order; 0 while it is left."""
        self.widget.layout.order = f"{place}"
        self.number.value = f"{number}." if number else ""
        self.up.layout.visibility = "visible" if number else "hidden"

    def is_second_of_a_double_click(self):
        before, self._clicked = self._clicked, time.monotonic()
        return self._clicked - before < DOUBLE_CLICK
