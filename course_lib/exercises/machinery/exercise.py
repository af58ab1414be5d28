"""Exercises and predictions of a chapter, and the four functions with which a reader works on them.

An exercise asks for code or a number; a judge (see `judges.py`) reads the answer and returns a verdict:
right, wrong, or not tried. A prediction asks the reader to commit to an answer before a run shows what
happens. A chapter holds both; `memory.py` keeps what the reader has done from one day to the next. How it looks is in
`display.py`.

Sentences of a chapter are marked with `N_("...")`, so that the catalogue for translators finds them; they
pass through `say` when they are shown. Their only markup is `code` in backticks; literal braces are doubled.
"""

import re
import zlib
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import numpy as np

from ...answers import store as answers
from ...answers.seed import reader_seed
from ...board import share
from ...pictures.live import cell_of_page, running_shell
from ...text import N_, joined, say
from . import compare, display
from .exam import exam
from .memory import Kept
from .names import names

MOST_FORMS = 99  # of one exercise, as `_form` reads them
TURNS = 24  # how often a form is drawn until its numbers are new
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*(?: [1-9][0-9]?)?")


@dataclass(frozen=True)
class Verdict:
    """What a judge found.

    outcome   Verdict.RIGHT ("right"), Verdict.WRONG ("wrong") or Verdict.NOT_TRIED ("not tried")
    message   one or two sentences for the reader, already in the reader's language
    details   "" or lines that are shown as they are, such as the arrays that were compared
    slip      of a wrong answer: the name of the mistake that the judge knows it for, else ""; kept with the answer
    """

    RIGHT: ClassVar[str] = "right"
    WRONG: ClassVar[str] = "wrong"
    NOT_TRIED: ClassVar[str] = "not tried"

    outcome: str
    message: str
    details: str = ""
    slip: str = ""


@dataclass(frozen=True)
class Exercise:
    """One exercise.

    name         words in lower case joined by hyphens; the answer is a Python name with _ in place of -
    task         what to do, in one or two sentences
    judge        judge(answer) -> Verdict; made by a function of `judges.py`
    hints        one to three sentences, each giving away more than the one before
    solution     Python source that defines the answer under the exercise's name (hidden-error: hidden_error)
    explanation  why the solution is right, and where the usual wrong answers come from
    options      of an exercise that asks for a letter: dict letter -> text, and `right` is one of its letters (`letter.py`)
    answer       the Python name of the answer, where it is not the exercise's own
    before       Python source on which the solution builds: what earlier cells have defined
    given        dict of what the solution uses besides NumPy and the sigmoid
    needs        the package without which it cannot be judged: where it is missing, a chapter is finished without the exercise
    facts        dict: what stands for the {fields} of its sentences
    again        again(exercise, rng, name) -> the exercise with other numbers, under this name (`again.py`); None where it
                 has one form alone

    Raises ValueError, with a sentence for the author, when a field cannot work.
    """

    name: str
    task: str
    judge: Any
    hints: tuple
    solution: str
    explanation: str
    options: dict = field(default_factory=dict, kw_only=True)
    right: str = field(default="", kw_only=True)
    answer: str = field(default="", kw_only=True)
    before: str = field(default="", kw_only=True)
    given: dict = field(default_factory=dict, kw_only=True)
    needs: str = field(default="", kw_only=True)
    facts: dict = field(default_factory=dict, kw_only=True)
    again: Any = field(default=None, kw_only=True)

    def __post_init__(self):
        _expect_name(self.name)
        few = not isinstance(self.hints, str) and 1 <= len(self.hints) <= 3
        demand(few, N_("exercise {name}: expected a tuple of one to three hints"), name=self.name)
        for sentence in (self.task, *self.options.values(), *self.hints, self.explanation):
            _expect_sentence(self.name, sentence, self.facts)
        defines = N_("exercise {name}: expected a solution that defines {answer}, got none")
        demand(self.answer_name in self.before + self.solution, defines, name=self.name, answer=self.answer_name)

    @property
    def answer_name(self):
        """The Python name under which the solution defines the answer."""
        return self.answer or self.name.replace("-", "_")

    def says(self, sentence):
        """One of its sentences, in the reader's language and with its numbers."""
        return say(sentence, **self.facts)

    def form(self, number, seed=None, turn=0):
        """The exercise with the numbers of its form `number`, 2 or more; the first form is the exercise itself.

        seed   in place of the reader's own
        turn   1, 2, ... draws others for the same form
        """
        return self.again(self, form_generator(self.name, number, seed, turn), f"{self.name} {number}")

    def to_keep(self, answer):
        """What of an answer is kept for another day: the function, functions or value whose text the reader wrote."""
        return answer


@dataclass(frozen=True)
class Prediction:
    """One question that the reader answers before the run.

    name      words in lower case joined by hyphens
    question  one or two sentences
    options   dict letter -> text; wrong options are beliefs that people really hold
    right     the letter of the option that the run confirms
    replies   dict letter -> sentence: what would follow from this option, and which cell settles it
    cells     ids of the notebook's cells whose outputs show what happens; they open folded (`notebook_form.py`)

    Raises ValueError, with a sentence for the author, when a field cannot work.
    """

    name: str
    question: str
    options: dict
    right: str
    replies: dict
    cells: tuple = ()

    def __post_init__(self):
        _expect_name(self.name)
        name, letters = self.name, list(self.options)
        options = N_("prediction {name}: expected options a, b, ..., got {got}")
        demand(are_letters(letters), options, name=name, got=letters)
        known = ", ".join(letters)
        right = N_("prediction {name}: expected the right letter to be one of {letters}, got {got!r}")
        demand(self.right in letters, right, name=name, letters=known, got=self.right)
        replies = N_("prediction {name}: expected a reply for each of {letters}, got replies for {got}")
        demand(sorted(self.replies) == letters, replies, name=name, letters=known, got=", ".join(self.replies))
        for sentence in (self.question, *self.options.values(), *self.replies.values()):
            _expect_sentence(self.name, sentence)


class Chapter:
    """The exercises and predictions of one chapter, and what a reader does with them.

    number, exercises, predictions   as given; the last two as dicts name -> Exercise, name -> Prediction
    optional  whether the course goes on without it: the start page lists it, but sends nobody there
    kept      what the reader has done so far, a `Kept`
    answered  {name of a prediction: the first of the cells that show what happens which has run in this kernel}
    panels    {name of a prediction: what shows its last panel anew}
    places    {name of a prediction: the cell of the page that asks for it}

    A chapter's module ends with `check, hint, solution, predict = chapter.functions`.
    Raises ValueError when a name occurs twice.
    """

    def __init__(self, number, exercises, predictions=(), optional=False):
        self.number, self.optional = number, optional
        self.exercises = {exercise.name: exercise for exercise in exercises}
        self.predictions = {prediction.name: prediction for prediction in predictions}
        self.answered, self.panels, self.places = {}, {}, {}
        self._forms = {}
        self.kept = Kept(self)
        names = [item.name for item in (*exercises, *predictions)]
        for name in names:
            demand(names.count(name) == 1, N_("chapter {number}: {name} occurs twice"), number=number, name=name)

    @property
    def functions(self):
        """check, hint, solution, predict: what a notebook imports."""
        answers.enter_chapter(self.number)
        names()
        self._follow_cells()
        return self.check, self.hint, self.solution, self.predict

    def key(self, kind, name):
        """The key of a record in the answers file."""
        return f"{self.number}/{kind}/{name}"

    def keyed(self, kind):
        """[(key, item)] of its "exercises" or its "predictions"."""
        return [(self.key(kind, name), each) for name, each in getattr(self, kind).items()]

    def exercise(self, name):
        """The exercise with this name; of "one-step 2" the second form of "one-step". None where there is none."""
        first, number = self.first(name), _form(name)[1]
        if first is None or number == 1:
            return first
        if name not in self._forms:
            self._forms[name] = self._new_form(first, number)
        return self._forms[name]

    def _new_form(self, first, number):
        """The form with this number, in numbers that no form before it has, until all of them are used up."""
        earlier = [self.exercise(f"{first.name} {each}") for each in range(2, number)]
        taken = {each.says(each.task) for each in earlier}
        for turn in range(TURNS if len(taken) == len(earlier) else 1):
            form = first.form(number, turn=turn)
            if form.says(form.task) not in taken:
                break
        return form

    def first(self, name):
        """The exercise of which a name like "one-step 2" is a form, "one-step" the first; None where there is none.

        In an exam there are first forms alone.
        """
        first, number = _form(name)
        if not _known(first, self.exercises):
            return None
        exercise = self.exercises[first]
        return exercise if number == 1 or (exercise.again is not None and not exam()) else None

    def next_form(self, name):
        """The name of the first form after "one-step", or after "one-step 2", that is not right yet; "" where there is none."""
        first, number = _form(name)
        if exam() or self.first(name).again is None:
            return ""
        answers.kept().sync()
        for further in range(number + 1, MOST_FORMS + 1):
            if self.kept.done(f"{first} {further}")["outcome"] != Verdict.RIGHT:
                return f"{first} {further}"
        return ""

    def check(self, name, answer=..., *more):
        """Judge an answer to the exercise; shows right, not yet (and what is wrong), or not tried yet.

        more   what was typed after commas: results one after the other, or the 95 of 0,95, which the judge then explains
        """
        answer = (answer, *more) if more else answer
        exercise = self.exercise(name)
        if exercise is None:
            return self._unknown(name, self.exercises)
        self.kept.turn_to(name)
        if more and callable(answer[0]):
            verdict = Verdict(
                Verdict.NOT_TRIED, say("After the name comes one answer, got {count}.", count=len(answer))
            )
        else:
            verdict = exercise.judge(answer)
        if verdict.outcome == Verdict.WRONG:
            message = joined(verdict.message, names().note(answer))
            verdict = replace(verdict, message=message)
        earlier = () if verdict.outcome == Verdict.RIGHT else self.kept.solved(name)
        if verdict.outcome != Verdict.NOT_TRIED:
            self.kept.exercise(name, verdict, exercise.to_keep(answer))
        another = self.next_form(name) if verdict.outcome == Verdict.RIGHT else ""
        box = display.verdict_box(exercise, verdict, self.kept.done(name)["hints"], earlier, another)
        return self._feedback(box, verdict.outcome, panel=lambda widgets: display.check_panel(widgets, self, name, box))

    def hint(self, name):
        """The next hint; after the last one, the last one again."""

        def box(exercise, done):
            number = min(done["hints"] + 1, len(exercise.hints))
            self.kept.put("exercises", name, done | {"hints": number})
            return display.hint_box(exercise, number)

        return self._helped(name, box)

    def solution(self, name):
        """The solution and its explanation."""

        def box(exercise, done):
            was_right = done["outcome"] == Verdict.RIGHT  # then it is reading, not help
            self.kept.put("exercises", name, done | {"solution": done["solution"] or not was_right})
            return display.solution_box(exercise)

        return self._helped(name, box)

    def _helped(self, name, box):
        """Show box(exercise, what was done with it), which keeps the help that it is; in an exam there is none."""
        exercise = self.exercise(name)
        if exercise is None:
            return self._unknown(name, self.exercises)
        if exam():
            return display.Feedback(display.message_box(name, say("This is an exam: hints and solutions are off.")))
        self.kept.turn_to(name)
        return self._feedback(box(exercise, self.kept.done(name)))

    def predict(self, name, letter=None):
        """The question of a prediction; with a letter, note it as the prediction, and the next time show the reply to it.

        The reply comes at once when a cell that shows what happens has run: it is to be seen first.
        """
        if not _known(name, self.predictions):
            return self._unknown(name, self.predictions)
        self.kept.turn_to(name)
        replies = name in self.answered or self.kept.said(name)["choice"]
        if letter is not None and (replies or compare.letter(letter) not in self.predictions[name].options):
            return self.reply(name, letter)
        if letter is not None:
            self.commit(name, compare.letter(letter))
        box = display.prediction_box(self.predictions[name], self.kept.said(name)["choice"], name in self.answered)
        return self._feedback(box, panel=lambda widgets: display.prediction_panel(widgets, self, name))

    def commit(self, name, letter):
        """Note the reader's choice; only the first one counts as a prediction."""
        answers.kept().sync()
        done = self.kept.said(name)
        if not done["choice"]:
            self._keep_prediction(name, done | {"choice": letter})

    def talks(self, name):
        """Whether the class talks a prediction over: the reader has chosen, joined a lesson, and not yet read the reply."""
        done = self.kept.said(name)
        return bool(done["choice"]) and not done["replied"] and share.joined()

    def rethink(self, name, letter):
        """While the class talks it over, note the reader's second vote; that for the first choice takes it back."""
        answers.kept().sync()
        done = self.kept.said(name)
        if self.talks(name):
            said = {field: value for field, value in done.items() if field not in ("second", "after")}
            vote = {"second": letter, "after": "talk"} if letter != done["choice"] else {}
            self._keep_prediction(name, said | vote)

    def sure(self, name, level):
        """Until the reply is read, note how sure the reader is of the choice: 1 a guess, 2 fairly sure, 3 sure."""
        answers.kept().sync()
        done = self.kept.said(name)
        if done["choice"] and not done["replied"]:
            self._keep_prediction(name, done | {"sure": level})

    def _keep_prediction(self, name, said):
        self.kept.put("predictions", name, said)
        if name in self.panels:
            self.panels[name]()

    def reply(self, name, letter):
        """Note the letter as the prediction, unless one is noted, and show the reply to it.

        After the first reply, to a prediction that was not right, the first other letter is the reader's second thought.
        """
        prediction = self.predictions[name]
        given, letter = letter, compare.letter(letter)
        if letter not in prediction.options:
            message = say(
                "Expected one of the letters {letters} in quotation marks, got {got}.",
                letters=", ".join(prediction.options),
                got=compare.describe(given),
            )
            return display.Feedback(display.message_box(name, message))
        self.commit(name, letter)
        done = self.kept.said(name)
        if not done["replied"]:
            self._keep_prediction(name, done | {"replied": True})
        elif "second" not in done and letter != done["choice"] != prediction.right:
            self._keep_prediction(name, done | {"second": letter, "after": "reply"})
        outcome = Verdict.RIGHT if letter == prediction.right else Verdict.WRONG
        return self._feedback(display.reply_box(prediction, letter, done["choice"], outcome), outcome)

    def _follow_cells(self):
        """Where a notebook's page tells the kernel which cell it runs, notice the cells that answer a prediction."""
        shell = running_shell()
        if hasattr(shell, "kernel"):
            shell.events.register("post_run_cell", self._cell_has_run)

    def _cell_has_run(self, result):
        cell = getattr(result.info, "cell_id", None) or cell_of_page()  # some kernels do not hand it on
        if cell is not None and result.success:
            self.cell_has_run(cell)
            for name, prediction in self.predictions.items():
                choice = self.kept.said(name)["choice"] if self.answered.get(name) == cell else ""
                if choice:  # beside the result, for the panel may be out of sight
                    outcome = Verdict.RIGHT if choice == prediction.right else Verdict.WRONG
                    display.show(display.outcome_box(prediction, choice, outcome, self.places.get(name)))

    def cell_has_run(self, cell):
        """Note that what happens stands on the page now, and show it in the panels of the predictions that asked for it."""
        asked = [name for name, prediction in self.predictions.items() if cell in prediction.cells]
        if asked:
            answers.kept().sync()
        for name in asked:
            if name not in self.answered:
                self.answered[name] = cell
                if name in self.panels:
                    self.panels[name]()

    def _feedback(self, box, outcome="", panel=None):
        return display.Feedback(box, outcome, panel, answers.kept().take_notice())

    def _unknown(self, name, known):
        message = say(
            "Chapter {number}: expected one of the names {known} in quotation marks, got {got}.",
            number=self.number,
            known=", ".join(known),
            got=compare.describe(name),
        )
        return display.Feedback(display.message_box(say("name"), message))


def _form(name):
    """("one-step", 2) of "one-step 2"; (name, 1) of a name without a number."""
    first, _, number = name.rpartition(" ") if isinstance(name, str) else ("", "", "")
    return (first, int(number)) if re.fullmatch("[2-9]|[1-9][0-9]", number) else (name, 1)


def form_generator(name, number, seed=None, turn=0):
    """The NumPy generator of a form: for one reader the same each time. seed: in place of the reader's own."""
    seed, word = reader_seed() if seed is None else seed, zlib.crc32(name.encode())
    return np.random.default_rng([seed, word, number + turn * (MOST_FORMS + 1)])


def _known(name, names):
    return isinstance(name, str) and name in names


def demand(holds, sentence, **facts):
    """Raise ValueError with a sentence for the author of an exercise, its {names} filled in, unless something holds."""
    if not holds:
        raise ValueError(say(sentence, **facts))


def are_letters(options):
    """Whether these are a, b, and so on."""
    return len(options) >= 2 and [*options] == [*"abcdefgh"][: len(options)]


def _expect_name(name):
    is_name = isinstance(name, str) and _NAME.fullmatch(name)
    demand(is_name, N_("exercise: expected a name like `hidden-error`, got {got!r}"), got=name)


def _expect_sentence(name, sentence, facts=()):
    """Raise ValueError unless the sentence can be shown: text, paired backticks, no $, no single braces."""
    said = {"name": name, "got": sentence}
    is_text = isinstance(sentence, str) and sentence.strip()
    demand(is_text, N_("exercise {name}: expected a sentence, got {got!r}"), **said)
    is_plain = "$" not in sentence and sentence.count("`") % 2 == 0
    demand(is_plain, N_("exercise {name}: expected paired backticks and no $ in {got!r}"), **said)
    try:
        fits = bool(sentence.format(**dict(facts)))
    except (IndexError, KeyError, ValueError):
        fits = False
    demand(fits, N_("exercise {name}: expected doubled braces in {got!r}"), **said)
