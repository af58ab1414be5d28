"""Exercises and predictions that ask for one of several options: a table, each option with the sentence that answers it.

letter_exercise(
    name="judge-of-gradients",
    task=N_("What shows that a gradient is right?"),
    options={
        "a": (N_("a loss that falls"), N_("Wrong gradients train as well: the loss falls, only more slowly.")),
        "b": (N_("finite differences"), N_("They share no code with the backward pass.")),
    },
    right="b", hints=..., explanation=...,
)
check("judge-of-gradients")          # the task, with a button for each option where ipywidgets works
check("judge-of-gradients", "b")     # the same by typing

The table of a `prediction` is the same, with a question and the cells that answer it in the place of a task.
"""

from ...text import N_, say
from . import compare
from .compare import Wrong
from .exercise import Exercise, Prediction, Verdict, are_letters, demand
from .reader_code import judge


def prediction(name, question, options, right, cells=()):
    """A `Prediction`; options: dict letter -> (text, what would follow from it, and which cell settles it)."""
    texts = {letter: text for letter, (text, _) in options.items()}
    return Prediction(name, question, texts, right, {letter: reply for letter, (_, reply) in options.items()}, cells)


def letter_exercise(name, task, options, right, hints, explanation):
    """An `Exercise` whose answer is a letter; options: dict letter -> (text, sentence that answers it), the right one too.

    Raises ValueError, with a sentence for the author, when the letters cannot work.
    """
    expected = N_("exercise {name}: expected options a, b, ... and the right one among them, got {got} and {right!r}")
    demand(are_letters(options) and right in options, expected, name=name, got=[*options], right=right)
    replies = {letter: reply for letter, (_, reply) in options.items()}
    quoted = N_('Give a letter in quotation marks, for example `check("{name}", "a")`.')

    @judge
    def decide(answer):
        if not isinstance(answer, str | list | tuple):  # b without quotation marks is whatever the notebook calls b
            raise Wrong(say(quoted, name=name))
        letter = compare.letter(answer)
        if letter not in replies:
            letters, got = ", ".join(f'"{letter}"' for letter in replies), compare.describe(answer)
            expected = say("Expected one of the letters {letters}, got {got}.", letters=letters, got=got)
            raise Wrong(expected, "" if isinstance(answer, str) else say("Give one letter."))
        if letter != right:
            raise Wrong(say(replies[letter]), slip=letter)
        return say(replies[letter])

    def judged(answer):
        if answer is None or answer is ...:
            return Verdict(Verdict.NOT_TRIED, say(quoted, name=name))
        return decide(answer)

    judged.slips = [(letter, letter, reply) for letter, reply in replies.items() if letter != right]
    texts = {letter: text for letter, (text, _) in options.items()}
    solution = f'{name.replace("-", "_")} = "{right}"'
    return Exercise(name, task, judged, hints, solution, explanation, options=texts, right=right)
