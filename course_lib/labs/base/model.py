"""What the models of all labs have in common: settings that are declared, a run that goes on step by step, goals, and a
line that says all this.

    class Walk(LabModel):
        declared = {"rate": Number(0.01, 10.0, 0.1), "seed": Number(0, 99, 0, whole=True)}
        live, goals = {"rates": "rate"}, ("arrived",)

A reader's state is `walk seed=3 rates=0:0.1,12:0.5 done=40 found=arrived`: a walk that began at rate 0.1, went on at 0.5
after 12 steps, and stands at step 40. Such a run is repeated rather than stored: `resume` sets it up, and `advance`
then takes the same steps, at the same rates, up to where it stood. Nothing here needs a notebook.
"""

import math
from dataclasses import replace

import numpy as np

from ...text import joined, say
from ...training import shuffled
from .checks import check_choice
from .settings import Number, Settings, in_one_word
from .words import in_turn

LONGEST_RUN = 10**6  # steps


def never():
    return False


class LabModel:
    """A subclass declares its settings, and defines `_start`, `status` and `description`; what runs, also `done`,
    `finished` and `_step`.

    declared   name -> kind of setting: `Number`, `Choice`, `Switch`, `Several`, ...
    keeps_run  names of settings that may change in the middle of a run; any other one starts it anew
    live       key of the state line -> name of a setting that keeps the run, whose changes during a run are part of what it is
    persisted  name -> kind of what else is worth keeping; None, infinity and an empty dict are not
    optional   names of settings that came after readers had kept states: a line leaves them out where they are at their
               default, so that older lines are complete
    goals      names of what the reader may reach

    settings   the present `Settings`            found     names of the goals that were reached
    courses    name of a live setting -> list of (steps done, its value from then on)
    stop_at    where a run that is being repeated stood; None otherwise
    planned    name of a live setting -> {steps done: its value from then on}, of a run that is being repeated
    """

    declared, keeps_run, live, persisted, optional, goals = {}, (), {}, {}, (), ()
    most = LONGEST_RUN  # steps that a state may name
    lasting = True  # a goal stays reached; not where each new question is a goal of its own
    done = None  # steps of the run so far; None in a model that does not run
    finished = True  # nothing is left to do
    good = bad = False  # what is shown is a success, or has failed, by the lab's own measure

    def __init__(self, **settings):
        self.found, self.stop_at, self.planned, self.courses = set(), None, {}, {}
        self.settings = Settings({name: kind.checked(name, kind.default) for name, kind in self.declared.items()})
        self.settings = self.checked(settings)
        self._restart()

    # Settings

    def checked(self, changes):
        """The settings with these changes. Raises ValueError, with a sentence, for an unknown name or a value that
        cannot be."""
        for name in changes:
            check_choice(say("setting"), name, self.declared)
        narrowed = self.narrowed(self.settings)  # these follow, when their limits are known
        checked = {name: self.declared[name].checked(name, v) for name, v in changes.items() if name not in narrowed}
        settings = Settings(self.settings | checked)
        for name, (low, high) in self.narrowed(settings).items():
            kind = replace(self.declared[name], low=low, high=high)
            settings[name] = kind.checked(name, changes.get(name, settings[name]))
        return settings

    def narrowed(self, settings):
        """name -> (lowest, highest) value of the numbers whose limits follow from other settings: always the same names."""
        return {}

    def configure(self, **changes):
        """Change settings; all but those in `keeps_run` start anew. Raises ValueError, and changes nothing, as `checked`."""
        self._take(self.checked(changes), self._configured)
        for name in self.live.values():
            if name in changes:
                self.planned.pop(name, None)  # a repeated run no longer follows its original
            if self.done == 0:
                self.courses[name] = self._course_to_come(name)
        self.note()

    def _take(self, settings, follow):
        """Other settings, which follow(the old ones) acts on; the old ones stay when it raises ValueError."""
        before, self.settings = self.settings, settings
        try:
            follow(before)
        except ValueError:
            self.settings = before
            raise

    def _configured(self, before):
        """Follow new settings; `before` are the old ones."""
        if any(self.settings[name] != value for name, value in before.items() if name not in self._kept_running()):
            self._restart()

    def _kept_running(self):
        return {*self.keeps_run, *self.live.values()}

    def reset(self):
        """Back to the start, with the present settings; what was found stays found."""
        self._restart()

    def _restart(self):
        self.stop_at, self.planned = None, {}
        self.courses = {name: [(0, self.settings[name])] for name in self.live.values()}
        self._start()
        self.note()

    def new_start(self):
        """Another start: the next seed."""
        low, high, seed = self.declared["seed"].low, self.declared["seed"].high, self.settings["seed"]
        self.configure(seed=seed + 1 if seed < high else low)

    def twin(self, **changes):
        """A new model with the same settings but for these."""
        return type(self)(**self.settings | changes)

    @classmethod
    def number_limits(cls):
        """name -> (lowest, highest) value of each setting that is a number."""
        return {name: (kind.low, kind.high) for name, kind in cls.declared.items() if isinstance(kind, Number)}

    def limits(self, name):
        """(lowest, highest) value of a setting, as things are now."""
        return self.narrowed(self.settings).get(name, (self.declared[name].low, self.declared[name].high))

    # Running

    def advance(self, steps=1, enough=never):
        """Take some steps: fewer when the run is finished, stands where it was resumed to, or `enough()` says so."""
        for _ in range(steps):
            if self.finished or self._arrived() or enough():
                break
            self.take_step()
        self._advanced()
        self.note()

    def take_step(self):
        """One step, with the live settings of now; those that were planned take effect after it."""
        for name in self.live.values():
            self.courses[name] = self._course_to_come(name)
        self._step()
        for name, planned in self.planned.items():
            if self.done in planned:
                self.settings = Settings(self.settings | {name: planned[self.done]})
                self._turned(name)

    @property
    def behind(self):
        """Whether the model repeats a run, and is not yet where it stood."""
        return self.stop_at is not None and not self._arrived() and not self.finished

    def _arrived(self):
        return self.stop_at is not None and self.done >= self.stop_at

    def _course_to_come(self, name):
        """The course of a live setting as the next step will leave it."""
        course, value = self.courses[name], self.settings[name]
        if value == course[-1][1]:
            return course
        return [*(change for change in course if change[0] < self.done), (self.done, value)]

    def _start(self):
        """Begin with the present settings."""

    def _step(self):
        raise NotImplementedError

    def _advanced(self):
        """What is to be looked at after some steps."""

    def _turned(self, name):
        """A live setting has changed by itself, in a run that is repeated."""

    # What is said of a run is said of the settings that it has had: where the controls stand belongs to the next step

    @property
    def ended(self):
        """Whether no step follows."""
        return self.finished

    def used(self, name, until=None):
        """The values that a live setting has had in the steps so far, or in the first `until` of them, in their order.

        Before the first step it is the value to come. Several values: no single one is the cause of how the run went.
        """
        course = self.courses[name]
        return [value for at, value in course if until is None or at < until] or [course[0][1]]

    def at_work(self, name):
        """The value of a live setting that belongs to the present state: of the next step, or, where none follows, of the
        last one."""
        return self.used(name)[-1] if self.ended else self.settings[name]

    def told(self, name):
        """A live setting as a status names it: the value of the next step; of a run that has ended, all that it had."""
        return in_turn(self.used(name) if self.ended else [self.settings[name]])

    # Goals

    @property
    def reached(self):
        """The names of the goals that are reached, now or before."""
        return self.found | set(self._reached_now())

    def note(self):
        """What is reached stays reached."""
        if self.lasting:
            self.found = self.reached

    def _reached_now(self):
        """The goals that are reached at present; a model's only goal is, as a rule, that what is shown is a success."""
        return self.goals if len(self.goals) == 1 and self.good else ()

    # Words

    def status(self):
        """Where things stand, in a sentence."""
        raise NotImplementedError

    def description(self):
        """The facts of the picture in words, for its alternative text."""
        raise NotImplementedError

    # The state as a line

    @classmethod
    def kind(cls):
        """The first word of a state: the file or folder of the lab."""
        return cls.__module__.removesuffix(".model").rpartition(".")[2]

    def state(self):
        """The present state as one short line; `resume` goes back to it."""
        courses = {key: self._course_to_come(name) for key, name in self.live.items()}
        parts = {
            name: self.declared[name].write(self.settings[name])
            for name in self._written()
            if name not in self.optional or self.settings[name] != self.declared[name].default
        }
        for key, course in courses.items():
            kind = self.declared[self.live[key]]
            parts[key] = ",".join(f"{at}:{kind.write(value)}" for at, value in course)
        for name, kind in self.persisted.items():
            value = getattr(self, name)
            if value not in (None, math.inf, {}):
                parts[name] = kind.write(kind.checked(name, value))
        if self.done is not None:
            parts["done"] = str(self.done)
        if self.reached:
            parts["found"] = ",".join(in_one_word(goal) for goal in self.goals if goal in self.reached)
        return " ".join([self.kind(), *(f"{name}={text}" for name, text in parts.items())])

    def _written(self):
        return [name for name in self.declared if name not in self.live.values()]

    def resume(self, line):
        """Go back to a state that `state()` wrote: at once, or where a run is to be repeated, by the next `advance`.

        Raises ValueError, with a sentence, and changes nothing, when the line is no such state.
        """
        values = self._parts_of(line)
        kinds = {name: self.declared[name] for name in self._written()}
        changes = {name: kind.read(values[name]) if name in values else kind.default for name, kind in kinds.items()}
        steps = Number(0, self.most, 0, whole=True)
        done = None if self.done is None else steps.checked("done", steps.read(values["done"]))
        courses = {name: self._read_course(key, values[key], done) for key, name in self.live.items()}
        changes |= {name: course[0] for name, course in courses.items()}
        noted = {
            name: kind.checked(name, kind.read(values[name])) for name, kind in self.persisted.items() if name in values
        }
        self._take(self.checked(changes), lambda before: self._restart())
        for name, value in noted.items():
            setattr(self, name, value)
        words = values.get("found", "").split(",")
        self.found = self.found | {goal for goal in self.goals if in_one_word(goal) in words}
        self.planned = {name: {at: v for at, v in course.items() if at} for name, course in courses.items()}
        self.stop_at = done

    def _parts_of(self, line):
        """{name: text} of a state line. Raises ValueError, with a sentence, for another lab's or an incomplete one."""
        kind, *parts = line.split() or [""]
        values = dict(part.split("=", 1) for part in parts if "=" in part)
        known = {*self._written(), *self.live, *(("done",) if self.done is not None else ())}
        allowed = known | {*self.persisted, "found"}
        complete = known - {*self.optional} <= values.keys() <= allowed and len(values) == len(parts)
        goals = {in_one_word(goal) for goal in self.goals}
        if kind != self.kind() or not complete or not {*values.get("found", "").split(",")} - {""} <= goals:
            ends = [*self._written()[:1], *(("done",) if self.done is not None else ())]
            example = " ".join([self.kind(), *(f"{name}=..." for name in ends)])
            raise ValueError(
                say(
                    "expected a state that the {kind} lab has shown ('{example}'), got {got!r}",
                    kind=self.kind(),
                    example=example,
                    got=line[:60],
                )
            )
        return values

    def _read_course(self, key, text, done):
        """{steps done: value from then on} of a live setting, the first at 0 and none after `done`."""
        name = self.live[key]
        steps, kind = Number(0, done, 0, whole=True), self.declared[name]
        pairs = [pair.partition(":") for pair in text.split(",")]
        step = say("step in {key}", key=key)
        course = {steps.checked(step, steps.read(at)): kind.checked(name, kind.read(value)) for at, _, value in pairs}
        if 0 not in course:
            start = f"0:{kind.write(kind.default)}"
            raise ValueError(
                say(
                    "{name}: expected a value at the start, as in {start}, got {got!r}", name=key, start=start, got=text
                )
            )
        return course


class BatchModel(LabModel):
    """A run of replayed training steps over mini-batches, which ends early when its loss is no longer finite.

    A subclass's `_start` calls `_begin`.

    losses    loss of each step so far, before that step
    problem   "" or why the run ended early
    """

    def _begin(self, steps, optimizer, rng):
        """steps: what `training.replays` made with this optimizer; rng: of the order of the examples."""
        self._steps, self._optimizer, self._rng, self._batches = steps, optimizer, rng, iter(())
        self.losses, self.problem = [], ""

    @property
    def done(self):
        return len(self.losses)

    @property
    def bad(self):
        return bool(self.problem)

    def _train_on_batch(self, rate, count, size):
        """One step at this learning rate on the next `size` of `count` examples; returns whether its loss is finite."""
        self._optimizer.learning_rate = rate
        self._batch = next(self._batches, None)
        if self._batch is None:
            self._batches = shuffled(count, size, self._rng)
            self._batch = next(self._batches)
        with np.errstate(over="ignore", invalid="ignore"):
            loss = self._steps.take(self._batch)
        if math.isfinite(loss):
            self.losses.append(loss)
            return True
        stopped = say("stopped at step {step}: the loss is no longer finite.", step=self.done)
        self.problem = joined(stopped, say("Try a smaller learning rate.") if "rate" in self.settings else "")
        return False


class MeasuringModel(LabModel):
    """Measurements in pieces. A subclass defines `due` and `_measure(due)`. Times are never the same again, so a state
    holds the settings, what was predicted and what was found, and the reader measures anew.

    due        what is measured next; None when nothing is left
    _measure   a generator that yields after each piece
    """

    _pieces = None

    @property
    def finished(self):
        return self.due is None

    def advance(self, steps=1, enough=never):
        """Measure some pieces, at least one: fewer when nothing is due or `enough()` says so."""
        super().advance()
        super().advance(steps - 1, enough)

    def _step(self):
        if self._pieces is None:
            self._pieces = self._measure(self.due)
        if next(self._pieces, "done") == "done":
            self._pieces = None


class MeasuredOnce(LabModel):
    """Each case is measured once, at the value that the reader has chosen for it: only then does it count for the goal.

    A subclass defines `hit`, and `_measure` if something is computed; as it opens, its first case is measured.

    case_of   names of the settings that make a case
    aim       name of the setting that is chosen for it
    chosen    {case: the value of that setting when it was measured; None for the case that it opened with}
    """

    case_of, aim = (), ""

    def __init__(self, **settings):
        self.chosen = {}
        super().__init__(**settings)
        self.chosen[self.case] = None
        self._measure()

    @property
    def case(self):
        return tuple(self.settings[name] for name in self.case_of)

    @property
    def is_measured(self):
        return self.case in self.chosen

    def measure(self):
        """Measure this case. Only the first time counts."""
        if not self.is_measured:
            self.chosen[self.case] = self.settings[self.aim]
            self._measure()
            if self.hit:
                self.found.update(self.goals)

    def _measure(self):
        """What is computed when a case is measured."""

    def _reached_now(self):
        return ()  # but for the moment of measuring

    @property
    def hit(self):
        """Whether the goal is met by what was just measured."""
        raise NotImplementedError
