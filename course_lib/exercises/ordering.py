"""Exercises that ask for an order: lines of code to bring into sequence, with some that do not belong (Parsons problems).

    training_step = ordering("training-step", task, lines, "c a d", replies, hints, explanation)
    arrange = arrange_function(chapter)
    arrange("training-step")                    # the lines, with buttons where ipywidgets works
    check("training-step", "c a d")             # the same by typing

The buttons are plain ones, reached by Tab and pressed by Enter or Space; the focus follows the line that they move.
Source: Parsons and Haden (2006), Parson's programming puzzles.
"""

import html
from dataclasses import dataclass, field

from ..text import say
from . import display, judges
from .compare import Wrong
from .judging import judge
from .machinery import Exercise


@dataclass(frozen=True)
class Ordering(Exercise):
    """An exercise whose answer is an order of lines: `lines` is a dict letter -> line of code, in the order shown first."""

    lines: dict = field(default_factory=dict)


def ordering(name, task, lines, order, replies, hints, explanation):
    """An `Ordering`.

    lines    dict letter -> line of code, in the order in which the reader first sees them
    order    the letters in the right order, with blanks between them; lines that are left out do not belong
    replies  as in `judges.sequence`; each line that does not belong has one
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
    return Ordering(
        name, task, _letters(judges.sequence(order.split(), replies), lines), hints, solution, explanation, lines
    )


def _letters(sequence, lines):
    """A judge of letters that may stand close together: "cad" as well as "c a d"."""

    def decide(answer):
        if not isinstance(answer, str):
            return sequence(answer)
        letters = [letter for letter in answer.lower() if not letter.isspace() and letter != ","]
        return sequence(letters) if set(letters) <= set(lines) else _unknown(letters)

    @judge
    def _unknown(letters):
        known = ", ".join(lines)
        raise Wrong(say("Expected some of the letters {known}, got {got}.", known=known, got=", ".join(letters)[:80]))

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
        name=exercise.name, letters=" ".join(list(exercise.lines)[:3]),
    )  # fmt: skip
    return display.Box("question", say("Put in order"), exercise.name, (say(exercise.task), listed), calls)


class Arrangement:
    """An order under construction: `kept` letters in their order, and those `left_out`."""

    def __init__(self, letters):
        self.kept, self.left_out = list(letters), []

    @property
    def rows(self):
        return [*self.kept, *self.left_out]

    def move(self, row, by):
        """Move the line in a row (0, 1, ...) up (-1) or down (+1); returns its new row. Stops at both ends."""
        target = row + by
        if row < len(self.kept) and 0 <= target < len(self.kept):
            self.kept[row], self.kept[target] = self.kept[target], self.kept[row]
            return target
        return row

    def toggle(self, row):
        """Leave out the line in a row, or put it back as the last one; returns its new row."""
        letter = self.rows[row]
        if letter in self.kept:
            self.kept.remove(letter)
            self.left_out.append(letter)
            return len(self.rows) - 1
        self.left_out.remove(letter)
        self.kept.append(letter)
        return len(self.kept) - 1


def arrange_panel(widgets, chapter, exercise):
    """The lines in rows, each with the buttons Up, Down and Leave out; below them Check and the verdict.

    The rows stay where they are and their contents change, so that the page does not jump.
    """
    state = Arrangement(exercise.lines)
    task = lines_box(exercise)
    head = widgets.HTML(display.Box(task.look, task.title, task.name, task.parts[:1]).html())
    problem, verdict = display.hidden(widgets), widgets.VBox()
    rows = [_Row(widgets) for _ in exercise.lines]

    def refresh():
        for number, (row, letter) in enumerate(zip(rows, state.rows, strict=True), 1):
            row.show(number, letter, exercise.lines[letter], len(state.kept))

    def pressed(name, number, change):
        """The action of a button in a row: change the order, and take the keyboard's focus to the line's new row."""

        def action():
            target = change(number)
            refresh()
            getattr(rows[target], name).focus()

        display.on_click(getattr(rows[number], name), action, problem)

    def judge_order():
        for child in verdict.children:
            child.close()
        feedback = chapter.check(exercise.name, " ".join(state.kept))
        verdict.children = [display.check_panel(widgets, chapter, exercise.name, feedback.box)]
        return feedback.notice

    for number in range(len(rows)):
        pressed("up", number, lambda row: state.move(row, -1))
        pressed("down", number, lambda row: state.move(row, +1))
        pressed("toggle", number, state.toggle)
    check = display.button(widgets, say("Check"))
    check.button_style = "primary"
    display.on_click(check, judge_order, problem)
    refresh()
    lines = widgets.VBox([row.widget for row in rows], layout={"padding": "0 0 4px 16px"})
    return widgets.VBox([head, lines, widgets.HBox([check]), verdict, problem])


class _Row:
    """One row: its place, three buttons, and the line that stands in it."""

    def __init__(self, widgets):
        self.place, self.line = widgets.HTML(layout={"width": "60px", "flex": "none"}), widgets.HTML()
        self.up, self.down, self.toggle = (
            widgets.Button(description=text, layout={"width": width, "flex": "none"})
            for text, width in ((say("Up"), "56px"), (say("Down"), "64px"), ("", "100px"))
        )
        self.widget = widgets.HBox(
            [self.place, self.up, self.down, self.toggle, self.line], layout={"align_items": "center"}
        )

    def show(self, number, letter, line, kept):
        """Show a line in row `number` of which `kept` belong to the order."""
        here = number <= kept
        self.place.value = f"<strong>{number}</strong>" if here else say("left out")
        look = "" if here else "; opacity: 0.55; text-decoration: line-through"
        code = f'<code style="white-space: pre-wrap{look}">{html.escape(line)}</code>'
        self.line.value = f"&ensp;{letter}&ensp;{code}"
        self.up.disabled = self.down.disabled = not here  # not at the ends: there they keep the focus and do nothing
        self.toggle.description = say("Leave out") if here else say("Put back")
        self.up.tooltip = say("Move line {letter} up", letter=letter)
        self.down.tooltip = say("Move line {letter} down", letter=letter)
        self.toggle.tooltip = (
            say("Leave line {letter} out", letter=letter) if here else say("Put line {letter} back", letter=letter)
        )
