"""What a reader has done in a chapter: kept from one day to the next through `course_lib.answers.store`, and told to the
board of a class that works at the same time, where the reader has joined it (`course_lib.board`).
"""

import inspect

from ...answers import store as answers
from ...answers.format import LONGEST, OF_CHOICE, OUTCOMES, is_right, time_solved
from ...board.share import summary, tell
from ...text import say
from .display import Code
from .limits import limited


class Kept:
    """The link between a chapter and the records of its reader."""

    def __init__(self, chapter):
        self.chapter = chapter
        self._seen = {}  # exercise or prediction: when the reader first turned to it in this kernel
        self._instead = {}  # prediction: what is said to it here, where the file has the letter of another version

    def turn_to(self, name):
        """Look into the file, and note when the reader first turns to an exercise or a prediction; what is kept carries it."""
        answers.kept().sync()
        return self._seen.setdefault(name, answers.now().isoformat())

    def done(self, name):
        """What the reader has done with an exercise: best outcome, tries, hints given, solution shown."""
        start = {"outcome": OUTCOMES[0], "tries": 0, "hints": 0, "solution": False}
        done = start | self._known("exercises", name, start)
        return done | {"hints": min(done["hints"], len(self.chapter.first(name).hints))}

    def said(self, name):
        """What the reader has said to a prediction: choice ("" for none yet), replied, and what is said of OF_CHOICE."""
        start = {"choice": "", "replied": False}
        if self._is_of_another_version(name):
            return self._instead.get(name, start)
        done = start | self._known("predictions", name, (*start, *OF_CHOICE))
        known = done.get("second", "a") in self.chapter.predictions[name].options
        return done if known else {field: done[field] for field in start}

    def _is_of_another_version(self, name):
        """Whether the letter that is kept is no option of a prediction."""
        choice = self._known("predictions", name, ["choice"]).get("choice", "")
        return choice not in ("", *self.chapter.predictions[name].options)

    def _known(self, kind, name, fields):
        record = answers.kept().items.get(self.chapter.key(kind, name), {})
        return {field: record[field] for field in fields if field in record}

    def exercise(self, name, verdict, answer):
        """Keep an answer that was tried, with its verdict."""
        done = self.done(name)
        text = source_of(answer) if answers.store() else ""
        if len(text) > LONGEST:
            answers.store().tell(
                say(
                    "Your answer was judged, and the result is kept, but its text is not, because it has "
                    "{got:,} characters. Expected at most {most:,}.",
                    got=len(text),
                    most=LONGEST,
                )
            )
            text = ""
        new = int(not is_right(done))  # what a reader tries out afterwards says nothing about the way there
        record = done | {"outcome": verdict.outcome, "tries": done["tries"] + new}
        if text:
            record |= {"answer": text} | ({"slip": verdict.slip} if verdict.slip else {})
        if new and verdict.outcome == OUTCOMES[1]:
            record["slips"] = {verdict.slip: new}
        self.put("exercises", name, record, new)

    def put(self, kind, name, record, tries=0):
        """Keep what was `done` with an exercise, or `said` to a prediction, and tell the board of it."""
        key = self.chapter.key(kind, name)
        if kind == "predictions" and self._is_of_another_version(name):
            told = self._instead[name] = record
        else:
            told = answers.kept().put(key, record | {"first": self.turn_to(name)}, tries)
        listed = name in self.chapter.exercises or kind == "predictions"  # the board knows first forms alone
        if listed and told.get("after") != "reply":  # what is clicked once the reply is read is no vote
            tell(key, summary(key, told))

    def order(self, name, letters):
        """The letters in the order in which the reader left an exercise of order; [] when none is kept."""
        answers.kept().sync()
        kept = answers.kept().items.get(self.chapter.key("labs", name), {"state": ""})["state"].split()
        return kept if len(set(kept)) == len(kept) and set(kept) <= set(letters) else []

    def keep_order(self, name, letters):
        """Keep the order of an exercise that is under construction, as the state of a lab is kept; returns a notice.

        Of a worked example, the stage that the reader has reached is kept so: an order of one.
        """
        answers.kept().put(self.chapter.key("labs", name), {"state": " ".join(letters)})
        return answers.kept().take_notice()

    def solved(self, name):
        """Parts for a box that say when an exercise was solved and how; none while it is not."""
        store = answers.store()
        record = store.items.get(self.chapter.key("exercises", name)) if store else None
        if record is None or not is_right(record):
            return ()
        day = time_solved(record).astimezone().date().isoformat()
        is_form = name not in self.chapter.exercises  # its numbers may be those of another computer
        if is_form or not record.get("answer"):
            return (say("You solved this on {day}.", day=day),)
        return say("You solved this on {day}. Your answer was:", day=day), Code(record["answer"])


def source_of(answer):
    """The reader's answer as text: the source of a function, the value of anything else; "" when it cannot be shown."""
    try:
        functions = answer if isinstance(answer, list | tuple) and any(map(callable, answer)) else [answer]
        if any(map(inspect.isfunction, functions)):
            text = "\n".join(inspect.getsource(function) for function in functions)
        else:
            text = limited(lambda: repr(answer), seconds=1.0)
    except BaseException:  # the reader's objects may do anything when they are looked at, and take for ever
        return ""
    return text.rstrip().encode(errors="replace").decode()
