"""Worked examples that fade: first every line stands there, then one is the reader's, then three, then all.

    CHAIN = Worked(
        name="double-and-square",
        intro=N_("L = u * u with u = 2 * x, at x = {x}. What is dL/dx?"),
        draw=lambda rng: {"x": one_of(rng, 2, 3, -4)},
        lines=(
            Line("u", "2 * x", N_("Forward")),
            Line("du", "2 * u", N_("Back through the square"), slips={"u": N_("The slope of a square is not its root.")}),
            Line("dx", "du * 2", N_("Back through the product")),
        ),
        shows={"du": "dL/du", "dx": "dL/dx"},
    )
    worked = worked_function(chapter, CHAIN)
    worked("double-and-square")

The last steps fade first, so that each line that is asked for stands on lines that can be read. Each stage has other numbers,
drawn from the reader's own seed; those of the complete example are the same for all, because it is stored with the notebook.
Sources: Renkl and Atkinson (2003), Structuring the transition from example study to problem solving.
"""

import ast
import re
from dataclasses import dataclass, field
from functools import cache, lru_cache
from itertools import permutations
from math import isfinite, nan
from typing import Any

import numpy as np

from ...answers.seed import reader_seed
from ...text import N_, joined, say, typed
from . import compare, display
from .again import EXACT, is_exact, read, written
from .exam import exam
from .exercise import Verdict, form_generator
from .reader_code import Wrong
from .slips import NAMES, compiled

COMPLETE, ALONE = 1, 4  # the first stage and the last one
FADED = {COMPLETE: 0, 2: 1, 3: 3, ALONE: 1}  # stage: how many of the last lines are the reader's
TITLES = {
    COMPLETE: N_("Worked example"), 2: N_("One line is yours"), 3: N_("Three lines are yours"), ALONE: N_("On your own"),
}  # fmt: skip
NEXT = {2: N_("Next: one line is yours"), 3: N_("Next: three lines are yours"), ALONE: N_("Next: on your own")}
SHARE = 0.01  # of a number with more than four decimals, by which it may be off
DRAWS = 1000
_WORD = re.compile(r"[A-Za-z]\w*")


@dataclass(frozen=True)
class Line:
    """One line of a worked example.

    name   of its number, a Python name
    how    the number comes out: Python of the names above and of what is drawn
    words  what the line does, in a few words
    slips  dict: Python of a wrong number that readers get -> the sentence that answers it
    hint   in place of the names that the number comes from: what a reader is told whose slip is unknown
    """

    name: str
    how: str
    words: str
    slips: dict = field(default_factory=dict)
    hint: str = ""

    @property
    def sources(self):
        """The names from which the number comes, in order."""
        return names_in(self.how)


@dataclass(frozen=True, eq=False)
class Worked:
    """A worked example in four stages, all made from one table.

    name    words in lower case joined by hyphens
    intro   what is given and what is asked, with a {field} for each number that is given
    draw    draw(rng) -> dict name -> number or array that is given
    lines   tuple of `Line`: four or more, of which the last one has the answer
    shows   dict: Python name -> how a reader reads it; the other names are read as they are
    table   "" or lines that are shown as they are, with fields
    """

    name: str
    intro: str
    draw: Any
    lines: tuple
    shows: dict = field(default_factory=dict)
    table: str = ""

    def numbers(self, form, seed=None):
        """{name: number} of a form, those of the lines among them: forms 1 to 4 are the stages, later ones the last again.

        seed   in place of the reader's own

        Of several draws the first is taken in which each slip has a number of its own.
        """
        return _drawn(self, form, 0 if form == COMPLETE else reader_seed() if seed is None else seed)

    def follow(self, numbers, fixed=()):
        """The numbers with those of all lines; `fixed` are numbers of lines that stay what they are."""
        numbers = dict(numbers) | dict(fixed)
        for line in self.lines:
            if line.name not in dict(fixed):
                numbers[line.name] = value(line.how, numbers)
        return numbers

    def blanks(self, form):
        """The lines that are the reader's in a form, as numbers counted from 1."""
        total = len(self.lines)
        return tuple(range(total - FADED[min(form, ALONE)] + 1, total + 1))

    def shown(self, name):
        """A name as a reader reads it."""
        return self.shows.get(name, name)

    def letters(self, line):
        """How a line's number comes out, in letters."""
        return _plain(_WORD.sub(lambda word: self.shown(word[0]), line.how.replace("np.", "")))

    def whole(self, line, numbers):
        """A line's formula with its letters, with its numbers, and the number that comes out."""
        put_in = _WORD.sub(
            lambda word: _put_in(numbers[word[0]]) if word[0] in numbers else word[0], line.how.replace("np.", "")
        )
        parts = [self.shown(line.name), self.letters(line), _plain(put_in), short(numbers[line.name])]
        return " = ".join(parts[:2] + parts[3:] if line.how.isidentifier() else parts)

    def box(self, form=COMPLETE, seed=None):
        """What stands in a form: the question, and the lines that are not the reader's."""
        numbers, stage, blanks = self.numbers(form, seed), min(form, ALONE), self.blanks(form)
        facts = {name: short(number) for name, number in numbers.items()}
        exact = all(is_exact(numbers[self.lines[n - 1].name]) for n in blanks)
        digits = "" if exact else say("Three digits are enough.")
        shown = {n: line for n, line in enumerate(self.lines, 1) if stage != ALONE and n not in blanks}
        listed = [
            say(
                "{number}. {words}: {formula}",
                number=n,
                words=say(line.words),
                formula=f"`{self.whole(line, numbers)}`",
            )
            for n, line in shown.items()
        ]
        table = display.Code(say(self.table, **facts) if self.table else "")
        parts = joined(say(self.intro, **facts), digits), table, *listed
        return display.Box("question" if blanks else "solution", say(TITLES[stage]), self.name, parts)

    def judge(self, form, number, answer, others=(), seed=None):
        """The verdict on what a reader has typed for a line of a form.

        number   of the line, counted from 1
        others   {number of a line: what the reader has typed there}

        No reply contains the number asked for.
        """
        numbers, line = self.numbers(form, seed), self.lines[number - 1]
        try:
            got = _number(answer)
        except Wrong as wrong:
            return Verdict(Verdict.NOT_TRIED, str(wrong))
        if near(got, numbers[line.name]):
            return Verdict(Verdict.RIGHT, f"`{self.whole(line, numbers)}`")
        return Verdict(Verdict.WRONG, self._reply(form, line, got, numbers, dict(others)))

    def _reply(self, form, line, got, numbers, others):
        """What a wrong number is answered."""
        for wrong, sentence in zip(slips_of(line, numbers), line.slips.values(), strict=True):
            if near(got, wrong):
                return say(sentence)
        leading, mine = self._leading_to(line), [self.lines[n - 1] for n in self.blanks(form)]
        for each in leading:
            if near(got, numbers[each.name]):
                return say(
                    "That is `{found}`. Go on from there to `{wanted}`.",
                    found=self.shown(each.name),
                    wanted=self.shown(line.name),
                )
        follows = {}
        for each in (each for each in mine if each in leading):
            typed_there = _number_or_none(others.get(self.lines.index(each) + 1))
            if typed_there is not None and not near(typed_there, numbers[each.name]):
                follows[each.name] = typed_there
        if follows and near(got, self.follow(numbers, follows)[line.name]):
            return say("That follows from your `{name}`, which is not right yet.", name=self.shown(next(iter(follows))))
        for each in leading if form >= ALONE else ():
            for wrong, sentence in zip(slips_of(each, numbers), each.slips.values(), strict=True):
                if near(got, self.follow(numbers, {each.name: wrong})[line.name]):
                    return say(
                        "This number comes out after a slip on the way, at `{name}`: {sentence}",
                        name=self.shown(each.name),
                        sentence=say(sentence),
                    )
        if line.hint:
            return say(line.hint)
        sources = say(", ").join(f"`{self.shown(name)}`" for name in line.sources)
        return say("Not this number. `{name}` comes from {sources}.", name=self.shown(line.name), sources=sources)

    def _leading_to(self, line):
        """The lines from which this one comes, in order, those from which they come among them."""
        names = set(line.sources)
        for each in reversed(self.lines[: self.lines.index(line)]):
            names |= set(each.sources) if each.name in names else set()
        return [each for each in self.lines if each.name in names]


@lru_cache(maxsize=64)
def _drawn(example, form, seed):
    """The numbers of a form of an example."""
    rng = form_generator(example.name, form, seed)
    for _ in range(DRAWS):
        numbers = example.follow(example.draw(rng))
        if all(_apart([numbers[line.name], *slips_of(line, numbers)]) for line in example.lines[-FADED[3] :]):
            break
    return numbers


def slips_of(line, numbers):
    """The wrong numbers of a line's slips, in order."""
    return [value(wrong, numbers) for wrong in line.slips]


def value(how, numbers):
    """The number that Python of an author's table makes of the names; NaN where it makes none."""
    try:
        with np.errstate(all="ignore"):
            return float(_function(how)(**numbers))
    except ArithmeticError:
        return nan


@cache
def _function(how):
    """Python of an author's table as a function of the numbers."""
    return compiled(f"def line({', '.join([*names_in(how), '**others'])}):\n    return {how}\n", "line")


def names_in(how):
    """The names of numbers in Python of an author's table, in order."""
    found = [node for node in ast.walk(ast.parse(how)) if isinstance(node, ast.Name) and node.id not in NAMES]
    return [*dict.fromkeys(node.id for node in sorted(found, key=lambda node: node.col_offset))]


def near(got, wanted):
    """Whether a number that was worked out by hand is the wanted one."""
    return isfinite(wanted) and abs(got - wanted) <= (EXACT if is_exact(wanted) else SHARE * abs(wanted))


def short(number):
    """A number as it is shown: four digits of one that has many decimals."""
    return written(number if np.ndim(number) or is_exact(number) else float(f"{number:.4g}"))


def _apart(values):
    """Whether all values are numbers that nobody takes for one another."""
    return all(map(isfinite, values)) and not any(near(*pair) for pair in permutations(values, 2))


def _plain(formula):
    formula = re.sub(r"\(\((-[^()]+)\)\)", r"(\1)", formula)  # exp((-1))
    return formula.replace("**", "^").replace("@", "\N{MIDDLE DOT}")


def _put_in(number):
    """A number inside a formula: in brackets where it has a sign."""
    return f"({short(number)})" if not np.ndim(number) and number < 0 else short(number)


def _number(answer):
    """What was typed into a field, as a float; raises Wrong where it is none."""
    answer = typed(answer)
    found = answer if "," in answer else read(answer)  # `one_number` knows commas in a number
    if isinstance(found, str) and "," not in answer:
        raise compare.mistake(
            "Expected a number, such as `0.5`, `-3/4` or `2 * 0.7`, got {got}.", got=compare.describe(answer)
        )
    return compare.one_number(found)


def _number_or_none(answer):
    try:
        return _number(answer or "")
    except Wrong:
        return None


# What a notebook shows


def worked_function(chapter, *examples):
    """worked(name): shows one of the worked examples of this chapter, complete, and where ipywidgets works as a panel."""
    known = {example.name: example for example in examples}

    def worked(name):
        if exam():
            words = say("This is an exam: worked examples are off.")
            return display.Feedback(display.message_box(str(name), words))
        if not isinstance(name, str) or name not in known:
            message = say("Expected one of the names {known} in quotation marks.", known=", ".join(known))
            return display.Feedback(display.message_box(say("name"), message))
        example = known[name]
        return display.Feedback(example.box(), panel=lambda widgets: worked_panel(widgets, chapter, example))

    return worked


def worked_panel(widgets, chapter, example):
    """The stage that the reader has reached, a field for each line that is the reader's, and buttons to the others.

    All stages are open from the start: who can do it alone need not be shown. What was typed stays while the panel does.
    """
    kept = chapter.kept.order(example.name, [str(stage) for stage in range(COMPLETE, ALONE + 1)])
    at, made, problem = [int(kept[-1]) if kept else COMPLETE], {}, display.hidden(widgets)
    place, back, forward = widgets.VBox(), display.button(widgets, say("Back")), display.button(widgets)

    def show(aloud=True):
        form = at[0]
        if form not in made:
            made[form] = _Stage(widgets, example, form, problem)
        made[form].head.value = example.box(form).html(aloud=aloud)
        place.children = made[form].shown
        back.disabled = form == COMPLETE
        forward.description = say(NEXT[form + 1]) if form < ALONE else say("Another one, with other numbers")

    def go(by):
        at[0] = max(COMPLETE, at[0] + by)
        show()
        return chapter.kept.keep_order(example.name, [str(min(at[0], ALONE))])

    display.on_click(back, lambda: go(-1), problem)
    display.on_click(forward, lambda: go(+1), problem)
    show(aloud=False)
    return widgets.VBox([place, widgets.HBox([back, forward], layout={"flex_flow": "row wrap"}), problem])


class _Stage:
    """The widgets of one form: `shown`, of which the first is the `head`."""

    def __init__(self, widgets, example, form, problem):
        self.example, self.form, self.fields, self.replies = example, form, {}, {}
        self.head, rows = widgets.HTML(), []
        for number in example.blanks(form):
            line = example.lines[number - 1]
            name = example.shown(line.name)
            box = widgets.Text(
                description=f"{name} =" if form >= ALONE else say("Line {number}: {name} =", number=number, name=name),
                continuous_update=False,
                style={"description_width": "initial"},
                layout={"width": "auto", "max_width": "420px"},
            )
            box.observe(lambda _, number=number: display.guarded(lambda: self.judge(number), problem), "value")
            self.fields[number], self.replies[number] = box, display.hidden(widgets)
            rows += [*self._words(widgets, number, line), box, self.replies[number]]
        self.shown = [self.head, widgets.VBox(rows, layout={"padding": "0 0 8px 16px"})] if rows else [self.head]

    def _words(self, widgets, number, line):
        """What the line does; while it is the only one that is asked for, its formula as well."""
        if self.form >= ALONE:
            return []
        words = say("{number}. {words}", number=number, words=say(line.words))
        if self.form == 2:
            formula = f"`{self.example.shown(line.name)} = {self.example.letters(line)}`"
            words = say("{number}. {words}: {formula}", number=number, words=say(line.words), formula=formula)
        return [widgets.HTML(display.sentence(words))]

    def judge(self, number):
        """Answer what was typed for a line, and what waits for it in the lines below."""
        for n, box in self.fields.items():
            others = {m: each.value for m, each in self.fields.items() if m != n}
            if n >= number and box.value.strip():
                verdict = self.example.judge(self.form, n, box.value, others)
                display.fill(self.replies[n], display.sentence(verdict.message, verdict.outcome))
            elif n >= number:
                display.fill(self.replies[n], "")
