"""Keeps a chapter's answers from one day to the next, through the file of `course_lib.answers.store`."""

import inspect

from ...answers import store as answers
from ...answers.format import LONGEST, OUTCOMES, time_of
from ...text import say
from .display import Code
from .limits import limited


class Kept:
    """The link between a chapter's `answers` and the file. Where nothing is kept, each method does nothing."""

    def __init__(self, chapter):
        self.chapter = chapter
        self._tries = {}  # exercise: tries of which the file knows
        self._too_long = ""  # a sentence about an answer of which the text is not kept

    def enter(self):
        """Note that the chapter is imported."""
        answers.enter_chapter(self.chapter.number)

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
            if name in self.chapter.exercises:
                self._take_exercise(name, record)
        for name, record in store.of(self.chapter.number, "predictions").items():
            prediction = self.chapter.predictions.get(name)
            if prediction and record["choice"] in prediction.options:
                done = self.chapter.prediction_done(name)
                done.update(choice=record["choice"], replied=done["replied"] or record["replied"])
                if record.get("second") in prediction.options:
                    done["second"] = record["second"]

    def _take_exercise(self, name, record):
        done = self.chapter.done(name)
        done.update(
            outcome=max(done["outcome"], record["outcome"], key=OUTCOMES.index),
            tries=max(done["tries"], record["tries"]),
            hints=min(max(done["hints"], record["hints"]), len(self.chapter.exercises[name].hints)),
            solution=done["solution"] or record["solution"],
        )
        self._tries[name] = done["tries"]

    def exercise(self, name, verdict=None, answer=None):
        """Keep what was done with an exercise; after a verdict, also the answer."""
        store, done = answers.store(), self.chapter.done(name)
        if store is None:
            return
        text = source_of(answer) if verdict else ""
        if len(text) > LONGEST:
            self._too_long = say(
                "Your answer was judged, and what came of it is kept, but not its text: that has {got:,} characters, expected "
                "at most {most:,}.",
                got=len(text),
                most=LONGEST,
            )
            text = ""
        new = done["tries"] - self._tries.get(name, 0)
        record = done | ({"outcome": verdict.outcome, "answer": text} if text else {})
        if text and verdict.slip:
            record["slip"] = verdict.slip
        self._take_exercise(name, store.put(self._key("exercises", name), record, tries=new))

    def prediction(self, name):
        """Keep the choice, whether its reply was read, and the second thought; what another notebook kept first stays."""
        store = answers.store()
        if store is not None:
            done = self.chapter.prediction_done(name)
            kept = store.put(self._key("predictions", name), dict(done))
            done.update({field: kept[field] for field in ("choice", "second") if field in kept})

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
        day = time_of(record).astimezone().date().isoformat()
        if not record.get("answer"):
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
