"""Keeps a chapter's answers from one day to the next, through the file of `course_lib.answers.store`, and tells the board of
a class that works at the same time, where the reader has joined it (`course_lib.board`).
"""

import inspect
from datetime import datetime

from ...answers import store as answers
from ...answers.format import LONGEST, OF_CHOICE, OUTCOMES, combined
from ...board.share import summary, tell
from ...text import say
from .display import Code
from .limits import limited


class Kept:
    """The link between a chapter's `answers` and the file. Where nothing is kept, the board alone is told."""

    def __init__(self, chapter):
        self.chapter = chapter
        self._tries = {}  # exercise: tries of which the file knows
        self._seen = {}  # exercise or prediction: when the reader first turned to it in this kernel
        self._in_memory = {}  # key: record, where there is no file
        self._too_long = ""  # a sentence about an answer of which the text is not kept

    def enter(self):
        """Note that the chapter is imported."""
        answers.enter_chapter(self.chapter.number)

    def seen(self, name):
        """Note when the reader first turns to an exercise or a prediction; the first change that is kept carries it."""
        self._seen.setdefault(name, answers.now().isoformat())

    def notice(self):
        """A sentence about the file, once; else ""."""
        store, told = answers.store(), self._too_long
        self._too_long = ""
        notice = store.take_notice() if store else ""
        return answers.Notice(f"{told} {notice}".strip(), notice.unsaved) if told else notice

    def restore(self):
        """Bring what the file holds by now into `chapter.answers`; nothing that was done since is taken back."""
        store = answers.store()
        if store is None:
            return
        store.sync()
        for name, record in store.of(self.chapter.number, "exercises").items():
            if self.chapter.first(name):
                self._take_exercise(name, record)
        for name, record in store.of(self.chapter.number, "predictions").items():
            prediction = self.chapter.predictions.get(name)
            if prediction and record["choice"] in prediction.options:
                self._take_prediction(name, record)

    def _take_exercise(self, name, record):
        done = self.chapter.done(name)
        done.update(
            outcome=max(done["outcome"], record["outcome"], key=OUTCOMES.index),
            tries=max(done["tries"], record["tries"]),
            hints=min(max(done["hints"], record["hints"]), len(self.chapter.first(name).hints)),
            solution=done["solution"] or record["solution"],
        )
        self._tries[name] = done["tries"]

    def _take_prediction(self, name, record):
        done = self.chapter.prediction_done(name)
        done.update(choice=record["choice"], replied=done["replied"] or record["replied"])
        for field in OF_CHOICE:
            done.pop(field, None)
        said = {field: record[field] for field in OF_CHOICE if field in record}
        if said.get("second", "a") in self.chapter.predictions[name].options:
            done.update(said)

    def exercise(self, name, verdict=None, answer=None):
        """Keep what was done with an exercise; after a verdict, also the answer."""
        done = self.chapter.done(name)
        text = source_of(answer) if verdict and answers.store() else ""
        if len(text) > LONGEST:
            self._too_long = say(
                "Your answer was judged, and the result is kept, but its text is not, because it has "
                "{got:,} characters. Expected at most {most:,}.",
                got=len(text),
                most=LONGEST,
            )
            text = ""
        new = done["tries"] - self._tries.get(name, 0)
        record = done | ({"outcome": verdict.outcome, "answer": text} if text else {})
        if text and verdict.slip:
            record["slip"] = verdict.slip
        if new > 0 and verdict and verdict.outcome == OUTCOMES[1]:
            record["slips"] = {verdict.slip: new}
        self._take_exercise(name, self._put("exercises", name, record, new))

    def prediction(self, name):
        """Keep what was said of a prediction, and whether its reply was read; what another notebook kept first stays."""
        self._take_prediction(name, self._put("predictions", name, self.chapter.prediction_done(name)))

    def _put(self, kind, name, record, tries=0):
        """Keep a record, and tell the board of it; returns it as it is kept."""
        self.seen(name)
        key, store, record = self._key(kind, name), answers.store(), record | {"first": self._seen[name]}
        if store is None:
            record["when"] = answers.now().isoformat()
            told = self._in_memory[key] = combined(key, self._in_memory.get(key), record, tries)
        else:
            told = record = store.put(key, record, tries)
        listed = name in self.chapter.exercises or kind == "predictions"  # the board knows first forms alone
        if listed and told.get("after") != "reply":  # what is clicked once the reply is read is no vote
            tell(key, summary(key, told))
        return record

    def order(self, name, letters):
        """The letters in the order in which the reader left an exercise of order; None when none is kept."""
        store = answers.store()
        if store is None:
            return None
        store.sync()
        record = store.items.get(self._key("labs", name))
        kept = record["state"].split() if record else []
        return kept if record and len(set(kept)) == len(kept) and set(kept) <= set(letters) else None

    def keep_order(self, name, letters):
        """Keep the order of an exercise that is under construction, as the state of a lab is kept; returns a notice."""
        store = answers.store()
        if store is None:
            return ""
        store.put(self._key("labs", name), {"state": " ".join(letters)})
        return store.take_notice()

    def solved(self, name):
        """Parts for a box that say when an exercise was solved and how; none while it is not."""
        store = answers.store()
        record = store.items.get(self._key("exercises", name)) if store else None
        if record is None or record["outcome"] != OUTCOMES[-1]:
            return ()
        day = datetime.fromisoformat(record.get("solved", record["when"])).astimezone().date().isoformat()
        is_form = name not in self.chapter.exercises  # its numbers may be those of another computer
        if is_form or not record.get("answer"):
            return (say("You solved this on {day}.", day=day),)
        return say("You solved this on {day}. Your answer was:", day=day), Code(record["answer"])

    def _key(self, kind, name):
        return f"{self.chapter.number}/{kind}/{name}"


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
