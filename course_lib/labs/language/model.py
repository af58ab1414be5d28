"""The model of the lab "a language model learns": its training, and what it writes at each stage of it."""

import math
import re
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from ...datasets.language import (
    LETTERS,
    LONGEST_LINE,
    LONGEST_WORD,
    NUMBER_SYMBOLS,
    beginnings_of,
    number_lines,
    numerals_of,
    word_lines,
    word_list,
)
from ...datasets.number_words import LARGEST, LONGEST_CHINESE, chinese_numerals, number_pairs, number_splits
from ...models.language import Bigrams, LanguageModel, next_symbol_loss, probabilities, write
from ...models.translation import exact_match
from ...optimizers import Adam
from ...schedules import warm_up
from ...text import N_, capitalised, say
from ...training import replays
from ..base.model import BatchModel, never
from ..base.settings import Choice, Number, Several, Switch, Text
from ..base.words import in_turn, yes
from ..translation import number_of, words_of

MOST_STEPS, EVERY = 1500, 25  # steps of a run; steps between two examinations
WARM_STEPS = 50  # of the warm-up
SNAPSHOTS = {  # steps whose weights are kept, to write with; a number comes right between the 50th and the 150th
    "numbers": (0, 20, 50, 75, 100, 150, 300),
    "words": (0, 20, 50, 100, 200, 400, 800),
}
HELD_OUT, EXAMINED, PIECE = 200, 100, 20  # held-out lines, numbers or words of an examination; of a piece of it
AVERAGED = 5  # steps of a point of the curves
GOAL, WITHIN = 0.95, 600  # share of the numbers, and the steps within which it is to be reached
FEW, FAST = 6_000, 0.02  # at most so many parameters; at least such a rate
ENGLISH_LOSS = 2.05  # held out, of words
OPENS = {  # what else each task opens with
    "numbers": {"features": 32, "heads": 2, "blocks": 1, "temperature": 0.0},
    "words": {"features": 48, "heads": 2, "blocks": 2, "temperature": 0.8},
}
LATE = {"numbers": 1, "words": 6}  # texts that the present weights write
EARLY = {"numbers": 1, "words": 2}  # and those of each snapshot
EXAMPLE = 340_215
MOST_BLOCKS, MOST_HEADS = 3, 4
HEADS = tuple(f"{block}.{head}" for block in range(1, MOST_BLOCKS + 1) for head in range(1, MOST_HEADS + 1))
SAMPLED_AT = 0.8  # temperature of the words that are counted


@dataclass
class Task:
    """Lines to train on and held-out ones, as (x, y) each, and what else belongs to them."""

    symbols: tuple
    longest: int
    train: tuple
    held_out: tuple
    numbers: np.ndarray = None  # unseen ones that are to be written
    words: frozenset = frozenset()
    bigrams: float = field(init=False)  # held-out loss of the bigram table

    def __post_init__(self):
        x, y = self.held_out
        self.bigrams = float(next_symbol_loss(Bigrams(*self.train, len(self.symbols))(x), y))


@lru_cache(maxsize=2)
def task_of(name):
    """The data of a task."""
    rng = np.random.default_rng(0)
    if name == "numbers":
        train, validation, _ = number_splits(rng)
        unseen = number_lines(validation[:HELD_OUT])
        return Task(NUMBER_SYMBOLS, LONGEST_LINE, number_lines(train), unseen, validation[:EXAMINED])
    words = word_list()
    x, y = word_lines(words)
    order = rng.permutation(len(words))
    train, unseen = ((x[part], y[part]) for part in (order[HELD_OUT:], order[:HELD_OUT]))
    return Task(LETTERS, LONGEST_WORD + 1, train, unseen, words=frozenset(words))


@dataclass
class Written:
    """A text that was written: its symbols, and for each of them the probabilities of all (steps, symbols); whether it is
    the right numeral, or a word of the list; and the whole line, beginning included, as places of the task's symbols."""

    symbols: list
    likely: np.ndarray
    right: bool
    line: np.ndarray
    places: np.ndarray

    @property
    def shares(self):
        """The probability that each of the symbols had."""
        return self.likely[np.arange(len(self.places)), self.places]


class LanguageTraining(BatchModel):
    """A language model, its training, and what it writes.

    task         "numbers": 6c's translation as one line of text; "words": English words, letter by letter
    features, heads, blocks, positions, mask   as in `LanguageModel`; the mask is `causal`
    batch, seed  lines a step; of weights, of the order of the lines, and, together with the step, of what is written
    warm         whether the rate rises for the first WARM_STEPS steps          rate   of Adam at the next step
    number, beginning, temperature   what is written: from which number or letters on, and how
    off          heads that are switched off while it writes; the training goes on with all of them
    head         the one that is shown

    losses       loss of each step so far, before that step
    curve        list of (step, mean loss of AVERAGED steps)       norms   of the gradients: list of (step, one for each block)
    held_out     list of (step, held-out loss)                     shares  list of (step, share of numbers or words right)
    early, late  what the snapshots write, a list of (step, list of `Written`), and what the weights after `late_step` write
    maps         (blocks, heads, steps, symbols): where each head looks when the first late text is written
    fewest       parameters of the smallest network that got to the goal
    warm_rate, cold_rate   the largest rate that did, with warm-up and without
    problem      "" or why the run ended early
    """

    declared = {
        "task": Choice(
            ("numbers", "words"),
            "numbers",
            label=N_("Task"),
            words={"numbers": N_("numbers"), "words": N_("words")},
        ),
        "features": Choice((16, 24, 32, 48), 32, label=N_("Width")),
        "heads": Choice((1, 2, MOST_HEADS), 2, label=N_("Heads")),
        "blocks": Choice((1, 2, MOST_BLOCKS), 1, label=N_("Blocks")),
        "mask": Switch(True, label=N_("Mask")),
        "positions": Switch(True, label=N_("Positions")),
        "warm": Switch(True, label=N_("Warm-up")),
        "batch": Choice((16, 64, 256), 64, label=N_("Batch")),
        "seed": Number(0, 99, 0, whole=True, label=N_("Seed"), slider=False),
        "number": Number(0, LARGEST, EXAMPLE, whole=True),
        "beginning": Text(""),
        "temperature": Number(0.0, 2.0, 0.0, says=N_("temperature"), label=N_("Temperature"), step=0.1, slider=False),
        "head": Choice(HEADS, HEADS[0]),
        "off": Several(HEADS),
        "rate": Number(0.0001, 0.3, 0.003, says=N_("learning rate"), label=N_("Learning rate"), logarithmic=True),
    }
    keeps_run, live = ("number", "beginning", "temperature", "head", "off"), {"rates": "rate"}
    persisted = {
        "fewest": Number(1, 10**6, 10**6, whole=True),
        "warm_rate": Number(0.0001, 0.3, 0.0001),
        "cold_rate": Number(0.0001, 0.3, 0.0001),
    }
    goals = ("few", "fast", "english")

    def __init__(self, **settings):
        self.fewest, self.warm_rate, self.cold_rate = math.inf, None, None
        super().__init__(**OPENS.get(settings.get("task", "numbers"), {}) | settings)

    # Settings

    def checked(self, changes):
        """As every model's; the beginning of a word is letters, and only heads that are there can be shown or off."""
        settings = super().checked(changes)
        if "beginning" in changes:
            settings["beginning"] = letters_of(settings["beginning"])
        heads = self.heads_of(settings)
        settings["off"] = tuple(head for head in settings["off"] if head in heads)
        if settings["head"] not in heads:
            settings["head"] = heads[0]
        return settings

    @staticmethod
    def heads_of(settings):
        """The names of the heads that are there, block by block."""
        blocks, heads = range(1, settings["blocks"] + 1), range(1, settings["heads"] + 1)
        return [f"{block}.{head}" for block in blocks for head in heads]

    @property
    def is_numbers(self):
        return self.settings["task"] == "numbers"

    def ask(self, text):
        """Another text to go on from. Raises ValueError, with a sentence, and changes nothing, when it cannot be used."""
        if not self.is_numbers:
            self.configure(beginning=text)
            return
        number = number_of(words_of(text))
        if number is None:
            raise ValueError(say("{text}: no number of the training data is said like this.", text=text.strip()))
        self.configure(number=number)

    def turn(self, head):
        """Switch a head off, or on again."""
        off = {*self.settings["off"]} ^ {head}
        self.configure(off=tuple(off), head=head)

    # The run

    def _start(self):
        self.data, settings = task_of(self.settings["task"]), self.settings
        self.network, self._writer = (self._new_network() for _ in range(2))
        self.parameters = sum(p.size for p in self.network.parameters)
        optimizer, rng = Adam(settings["rate"]), np.random.default_rng(settings["seed"])
        self._begin(replays(self.network, self.data.train, next_symbol_loss, optimizer), optimizer, rng)
        self.curve, self.norms, self.held_out, self.shares, self._examination = [], [], [], [], None
        self.snapshots, self.early, self.late, self._written_with, self.late_step = {}, [], [], None, None
        self._keep_weights()
        for _ in self._examine():
            pass

    def _new_network(self):
        settings = self.settings
        return LanguageModel(
            len(self.data.symbols),
            self.data.longest,
            *(settings[name] for name in ("features", "heads", "blocks")),
            positions=settings["positions"],
            causal=settings["mask"],
            rng=np.random.default_rng(settings["seed"]),
        )

    @property
    def finished(self):
        return self.done >= MOST_STEPS or bool(self.problem)

    def advance(self, steps=1, enough=never):
        """As every model's; an examination that is due is part of the step before it. Only where `enough()` ends the work,
        a part of it may be left for the next time."""
        for _ in range(steps):
            if self._examine_on(enough) or self.finished or self._arrived() or enough():
                break
            self.take_step()
        self._examine_on(enough)
        self.note()

    def finish_examination(self):
        """What is left of an examination, at once."""
        self._examine_on(never)

    def _examine_on(self, enough):
        """Go on with an examination; returns whether some of it is left."""
        while self._examination is not None:
            if enough():
                return True
            if next(self._examination, "done") == "done":
                self._examination = None
        return False

    def _step(self):
        rate = self.settings["rate"]
        if self.settings["warm"]:
            rate = warm_up(rate, self.done, WARM_STEPS)
        if not self._train_on_batch(rate, len(self.data.train[0]), self.settings["batch"]):
            return
        if self.done % AVERAGED == 0:
            self.curve.append((self.done, float(np.mean(self.losses[-AVERAGED:]))))
            self.norms.append((self.done, [_norm(block) for block in self.network.blocks]))
        if self.done in SNAPSHOTS[self.settings["task"]]:
            self._keep_weights()
        if self.done % EVERY == 0:
            self._examination = self._examine()

    def _examine(self):
        """The held-out loss, and the share of numbers or words that come right, in pieces."""
        x, y = self.data.held_out
        with np.errstate(over="ignore", invalid="ignore"):
            loss = float(next_symbol_loss(self.network(x), y).value)
        yield
        right = 0
        for place in range(0, EXAMINED, PIECE):
            with np.errstate(over="ignore", invalid="ignore"):
                right += self._right_of(place)
            yield
        self.held_out.append((self.done, loss))
        self.shares.append((self.done, right / EXAMINED))
        self._note_records()

    def _right_of(self, place):
        """How many of a piece's numbers or words come right."""
        if self.is_numbers:
            numbers = self.data.numbers[place : place + PIECE]
            lines = write(self.network, beginnings_of(numbers), LONGEST_CHINESE + 1)
            return int(exact_match(numerals_of(lines), number_pairs(numbers)[1][:, 1:]).sum())
        rng = np.random.default_rng([self.settings["seed"], self.done, place])
        lines = write(self.network, np.zeros((PIECE, 1), int), LONGEST_WORD, temperature=SAMPLED_AT, rng=rng)
        return sum(self._word(line[1:]) in self.data.words for line in lines)

    def _word(self, places):
        """The letters up to the end of a word."""
        return "".join(self.data.symbols[place] for place in places).partition(LETTERS[0])[0]

    def _note_records(self):
        """The smallest network, and the largest rates, that get to the goal."""
        if self.share < GOAL or self.done > WITHIN or not self.is_numbers or not self.settings["mask"]:
            return
        self.fewest = min(self.fewest, self.parameters)
        rates = self.used("rate")
        if len(rates) == 1:
            name = "warm_rate" if self.settings["warm"] else "cold_rate"
            setattr(self, name, max(rates[0], getattr(self, name) or 0))

    @property
    def share(self):
        """The share of numbers or words that came right at the latest examination."""
        return self.shares[-1][1]

    @property
    def guessing(self):
        """The loss of a uniform guess."""
        return math.log(len(self.data.symbols))

    @property
    def is_lost(self):
        """Whether the loss has risen, and is worse than that of bigrams; before its first hundred steps, than guessing."""
        if self.done < 4 * AVERAGED:
            return False
        loss, lowest = self.recent_loss, min(loss for _, loss in self.curve)
        return loss > self.guessing or (self.done >= 100 and loss > max(self.data.bigrams, 1.05 * lowest))

    @property
    def recent_loss(self):
        """The mean of the last few steps."""
        return float(np.mean(self.losses[-AVERAGED:]))

    @property
    def cheats(self):
        """Whether nothing keeps it from copying the answer, and it does."""
        return not self.settings["mask"] and self.done > 0 and self.held_out[-1][1] < self.data.bigrams / 4

    @property
    def good(self):
        """Whether enough came right, or the loss was low enough, within the goals' steps and without cheating."""
        enough = (
            (step for step, share in self.shares if share >= GOAL)
            if self.is_numbers
            else (step for step, loss in self.held_out if loss <= ENGLISH_LOSS)
        )
        return self.settings["mask"] and any(step <= WITHIN for step in enough)

    @property
    def bad(self):
        return bool(self.problem) or self.is_lost or self.cheats

    def _reached_now(self):
        reached = ("few",) if self.fewest <= FEW else ()
        if min(self.warm_rate or 0, self.cold_rate or 0) >= FAST:
            reached += ("fast",)
        return reached + (("english",) if not self.is_numbers and self.good else ())

    # What it writes

    def _keep_weights(self):
        self.snapshots[self.done] = [p.value.copy() for p in self.network.parameters]

    def look(self):
        """Bring up to date what is written, by the snapshots and by the present weights."""
        names = "number", "beginning", "temperature", "off"
        written_with = [self.settings[name] for name in names]
        if written_with != self._written_with:
            self._written_with, self.early, self.late_step = written_with, [], None
        for step in [*self.snapshots][len(self.early) :]:
            self.early.append((step, self._write(step, self.snapshots[step], EARLY[self.settings["task"]])))
        if self.late_step != self.done:
            self.late_step = self.done
            self.late = self._write(self.done, [p.value for p in self.network.parameters], LATE[self.settings["task"]])
            self.maps = self._maps()

    def _write(self, step, weights, count):
        """Texts that the network writes with these weights, the same ones for the same step, however the clock runs."""
        for p, value in zip(self._writer.parameters, weights, strict=True):
            p.value[...] = value
        for number, block in enumerate(self._writer.blocks, 1):
            off = [name.split(".") for name in self.settings["off"]]
            block.attention.off = tuple(int(head) - 1 for at, head in off if int(at) == number)
        kept, temperature = [], self.settings["temperature"]

        def model(x):
            logits = self._writer(x)
            kept.append(probabilities(logits.value[:, -1], temperature or 1.0))
            return logits

        beginnings = np.repeat(self.beginning[None], count, axis=0)
        steps = LONGEST_CHINESE + 1 if self.is_numbers else LONGEST_WORD + 1 - len(self.beginning)
        rng = np.random.default_rng([self.settings["seed"], step])
        with np.errstate(over="ignore", invalid="ignore"):
            lines = write(model, beginnings, steps, temperature=temperature, rng=rng)
        likely = np.stack(kept, axis=1)  # (count, steps, symbols)
        return [self._text_of(*one) for one in zip(lines, likely, strict=True)]

    @property
    def beginning(self):
        """What it goes on from, as places of the task's symbols."""
        if self.is_numbers:
            row = beginnings_of([self.settings["number"]])[0]
            return row[row >= 0]
        return np.array([0, *map(LETTERS.index, self.settings["beginning"])])

    def _text_of(self, line, likely):
        places = line[len(self.beginning) :]
        ends = np.flatnonzero(places == self.data.symbols.index("<end>" if self.is_numbers else LETTERS[0]))
        count = ends[0] + 1 if len(ends) else len(places)
        places = places[:count]
        symbols = [self.data.symbols[place] for place in places]
        right = symbols == self.right if self.is_numbers else self._word(line[1:]) in self.data.words
        return Written(symbols, likely[:count], right, line[: len(self.beginning) + count], places)

    @property
    def right(self):
        """The symbols of the number by the rule, the end mark included."""
        return [*chinese_numerals(self.settings["number"]), "<end>"]

    def _maps(self):
        line = self.late[0].line[:-1]
        with np.errstate(over="ignore", invalid="ignore"):
            maps = self._writer.attention_maps(line[None])
        return np.nan_to_num(np.stack([block[0, :, len(self.beginning) - 1 :] for block in maps]))

    def map_of(self, head):
        """Where a head looks: (steps, symbols); nowhere when it is switched off."""
        block, number = map(int, head.split("."))
        return self.maps[block - 1, number - 1] * (head not in self.settings["off"])

    # Words

    def status(self):
        """One sentence: where the run stands."""
        if self.problem:
            return capitalised(self.problem)
        numbers = {"step": self.done, "most": MOST_STEPS, "parameters": self.parameters, "count": EXAMINED}
        if not self.done:
            return say("Step 0 of {most}: untrained, {parameters:,} parameters", **numbers)
        numbers |= {"loss": self.recent_loss, "right": round(self.share * EXAMINED)}
        numbers["held"] = self.held_out[-1][1]
        if self.is_lost:
            return say(
                "Step {step} of {most}: the loss has risen to {loss:.3g}, and bigrams alone get {bigrams:.3g}. "
                "Try a smaller learning rate",
                bigrams=self.data.bigrams,
                **numbers,
            )
        if self.cheats:
            return say(
                "Step {step} of {most}: loss {loss:.3f}, held out {held:.3f}. They are low because without the mask "
                "the network sees the answer and copies it. When it writes on its own, it gets {right} of {count} "
                "right",
                **numbers,
            )
        if self.is_numbers:
            said = say(
                "Step {step} of {most}: loss {loss:.3f}, held out {held:.3f}, {right} of {count} unseen numbers right; "
                "{parameters:,} parameters",
                **numbers,
            )
        else:
            said = say(
                "Step {step} of {most}: loss {loss:.3f}, held out {held:.3f}, {right} of {count} invented words "
                "are in the list; {parameters:,} parameters",
                **numbers,
            )
        if self.settings["off"]:
            off = ", ".join(say("head {head}", head=head) for head in self.settings["off"])
            said += say(". Written without {heads}; it trains with all of them", heads=off)
        return said

    def description(self):
        """The facts of the picture that hold on every machine, for its alternative text."""
        self.look()
        facts = {
            "steps": self.done,
            "total": float(self.maps[0, 0, 0].sum()),
            "learned": yes(self.held_out[-1][1] < self.data.bigrams),
            "batch": self.settings["batch"],
            "rate": in_turn(self.used("rate")),
            "parameters": self.parameters,
            "blocks": self.settings["blocks"],
            "heads": self.settings["heads"],
            "mask": yes(self.settings["mask"]),
            "guess": self.guessing,
            "bigrams": self.data.bigrams,
        }
        said = say(
            "A language model learns: {steps} steps of {batch} lines at learning rate {rate}, {parameters:,} "
            "parameters, blocks: {blocks}, heads in each: {heads}, mask: {mask}. Left: what it writes, the darker behind "
            "a symbol, the more likely it was. Middle: where a head looks; each row adds up to {total:.0f}. Right: the "
            "loss, that of a uniform guess ({guess:.2f}) and of bigrams ({bigrams:.2f}); below both on held-out lines: "
            "{learned}; then the share that comes right, and the length of the gradient in each block.",
            **facts,
        )
        if not self.is_numbers:
            return said
        numeral = chinese_numerals(self.settings["number"])
        return f"{said} " + say("{number:,} is {numeral} by the rule.", number=self.settings["number"], numeral=numeral)


def _norm(block):
    """The length of a block's gradient."""
    return math.sqrt(sum(float(np.vdot(p.grad, p.grad)) for p in block.parameters))


def letters_of(text):
    """The beginning of a word as it is typed. Raises ValueError, with a sentence, when it is none."""
    plain = text.strip().lower()
    if not re.fullmatch("[a-z]*", plain):
        raise ValueError(
            say("{text}: expected letters from a to z, the beginning of an English word.", text=text.strip())
        )
    if len(plain) >= LONGEST_WORD:
        raise ValueError(
            say(
                "{text}: expected at most {most} letters, so that the network has some to add.",
                text=plain,
                most=LONGEST_WORD - 1,
            )
        )
    return plain
