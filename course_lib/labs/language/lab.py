"""The lab "a language model learns": the text that it writes while it trains, where its heads look, and its loss."""

import time
from functools import partial
from itertools import zip_longest

import numpy as np

from ...datasets.language import END_OF_WORD, LONGEST_LINE, LONGEST_WORD
from ...datasets.number_words import LONGEST_CHINESE
from ...pictures import style
from ...text import N_, say
from .. import base
from ..base.buttons import Button, Reset, Run
from ..base.controls import TextControl
from ..base.lab import Lab
from ..translation import percent, shown_symbol
from .model import (
    EARLY,
    ENGLISH_LOSS,
    EXAMINED,
    FAST,
    FEW,
    GOAL,
    HEADS,
    LATE,
    MOST_STEPS,
    OPENS,
    SNAPSHOTS,
    WITHIN,
    LanguageTraining,
)
from .sheet import Sheet

AGAIN = 0.5  # seconds from one sampling to the next, while it trains
QUESTIONS = {
    "numbers": N_("Which comes right first: the length, the signs such as \u4e07, or the digits?"),
    "words": N_("After how many steps do its words have vowels, and after how many could one be English?"),
}
GOAL_TEXTS = {
    "numbers": {
        "few": N_(
            "Goal: {share:.0%} of {count} unseen numbers right within {within} steps, with at most {few:,} parameters."
        ),
        "fast": N_(
            "Goal: get the same share right within the same number of steps, with a learning rate of at least "
            "{fast:g}, in one run with warm-up and in one without."
        ),
    },
    "words": {"english": N_("Goal: a held-out loss of at most {loss:g} within {within} steps.")},
}
STATIC_STEPS, STATIC_RATE = 125, 0.01  # a second; the example is right by then

# The sheet of what is written, of each task: the rule, the snapshots, the present weights; texts side by side; their fields
SHAPES = {
    task: ((rule, len(SNAPSHOTS[task]), LATE[task] // EARLY[task]), EARLY[task], fields)
    for task, rule, fields in (("numbers", 1, LONGEST_CHINESE + 1), ("words", 0, LONGEST_WORD))
}
LOOKS = {
    "numbers": {"side": 25, "gap": 10, "size": 14, "family": style.CHINESE_FONT},
    "words": {"side": 13, "gap": 16, "size": 10},
}
WRITTEN, TOP = (78, 386), 366  # left edge and heading of what is written; upper edge of it and of the curves
MAP, MAP_TOP = 450, {"numbers": 305, "words": 356}  # left and upper edge
MAP_WIDTH, MAP_FIELD = 250, {"numbers": 12.8, "words": 14.4}  # at most, so that the longest line has room
THUMBS, THUMB_FIELDS, THUMB_ROOM = (424, 141), (3.2, 2.4), 14  # where the small maps begin; sides of their fields
SMALL = 9  # letters, in points: 11 pixels on a laptop's screen
LEVELS = {"numbers": ((0.001, 6), (0.01, 0.1, 1)), "words": ((1.7, 3.8), (2, 3))}  # of the loss: limits and marks
CURVES, WIDE = 750, 190  # left edge and width
LOSS_AXES = 248, 118  # lower edge and height
NORM_LIMITS = (0.002, 20)
BLOCK_LINES = ((style.BLUE, "-"), (style.ORANGE, "--"), (style.GREEN, "-."))


class LanguageLab(Lab):
    """The lab "a language model learns", to be the last line of a cell.

    task       "numbers": English number words, then Chinese numerals; "words": English words, letter by letter
    settings   those of `LanguageTraining`
    """

    model_class = LanguageTraining
    size = (960, 400)
    work_seconds = 0.01
    facts = {
        **{"share": GOAL, "count": EXAMINED, "within": WITHIN, "few": FEW, "fast": FAST, "loss": ENGLISH_LOSS},
        "steps": MOST_STEPS,
    }
    actions = {
        "train": Run(N_("Train"), N_("Train {steps} steps; press again to pause")),
        "step": Button(N_("Step"), "_step", N_("Pause and train one step")),
        "reset": Reset(),
    }
    rows = (
        ("train", "step", "reset", "task", "features", "heads", "blocks", "mask"),
        ("rate", "prompt", "temperature"),
    )
    below = (("positions", "warm", "batch", "seed"),)
    _due = 0.0  # when the text is to be written again

    @property
    def question(self):
        return QUESTIONS[self.model.settings["task"]]

    @property
    def goal_texts(self):
        return GOAL_TEXTS[self.model.settings["task"]]

    def goal_text(self, name, text):
        model = self.model
        if name == "few" and np.isfinite(model.fewest):
            return say("{goal} Fewest so far: {fewest:,}.", goal=text, fewest=model.fewest)
        if name == "fast" and (model.warm_rate or model.cold_rate):
            warm, cold = (f"{rate:g}" if rate else "-" for rate in (model.warm_rate, model.cold_rate))
            return say("{goal} Largest so far: {warm} with, {cold} without.", goal=text, warm=warm, cold=cold)
        return text

    def static_model(self):
        """A model after STATIC_STEPS steps at a good rate; what it wrote on the way there is asked, and not shown."""
        model = self.model.twin(rate=STATIC_RATE)
        model.advance(STATIC_STEPS)
        model.snapshots = {0: model.snapshots[0]}
        return model

    def status_text(self):
        """While it rests also what it writes: who does not see the picture is told here."""
        said, model = super().status_text(), self.model
        if self.running or model.problem:
            return said
        texts = ", ".join(self._spoken(text) for text in model.late)
        return say("{status}. It writes {texts}", status=said, texts=texts)

    def _spoken(self, text):
        """A text in a sentence: a word with its beginning; the symbols of a numeral, and spaces around longer ones."""
        if not self.model.is_numbers:
            return self.model.settings["beginning"] + self._looks(text)[0] or END_OF_WORD
        symbols = map(shown_symbol, text.symbols)
        return " ".join("".join(one if len(one) == 1 else f" {one} " for one in symbols).split())

    # Controls

    def make_buttons(self):
        self.controls["prompt"] = TextControl(
            say("Prompt"),
            self._prompt(),
            ends=("12", "seven hundred"),
            placeholder=say("a number, or letters"),
            on_change=self.safely(self.showing(self.model.ask)),
            width=210,
        )
        return super().make_buttons()

    def _prompt(self):
        model = self.model
        return f"{model.settings['number']:,}" if model.is_numbers else model.settings["beginning"]

    def _change(self, name, value):
        if name == "task":
            self.model.configure(task=value, **OPENS[value])
            self.controls["prompt"].show(self._prompt())
        else:
            super()._change(name, value)

    def resume(self, state):
        super().resume(state)
        self.controls["prompt"].show(self._prompt())

    # The picture

    def make(self, canvas):
        """What is written on the left, where the heads look in the middle, the curves on the right."""
        self._make_written(canvas)
        self._make_maps(canvas)
        self._make_curves(canvas)

    def _make_written(self, canvas):
        self.heading = canvas.label((8, WRITTEN[1]), size=11, align="left")
        self.sheets = {
            task: Sheet(canvas, (WRITTEN[0], TOP), (sum(rows), across, fields), names=8, **LOOKS[task])
            for task, (rows, across, fields) in SHAPES.items()
        }
        canvas.hand.reading(canvas.area(0, 0, 420, 400), self._symbol_at)

    def _make_maps(self, canvas):
        self.map_heading = canvas.label((THUMBS[0], WRITTEN[1]), size=11, align="left")
        self.map = canvas.pixel_grids((MAP, 0), (1, 1, 1), base.artists.GREEN, pixel=MAP_FIELD["numbers"])
        chinese = {"size": SMALL, "family": style.CHINESE_FONT}
        self.map_rows = [canvas.label((MAP - 13, 0), **chinese) for _ in range(LONGEST_WORD + 1)]
        self.map_columns = [
            canvas.moving(canvas.figure.text(0, 0, "", rotation=90, ha="center", va="bottom", fontsize=SMALL))
            for _ in range(LONGEST_LINE)
        ]
        self.thumbs = {
            head: canvas.pixel_grids((0, 0), (1, 1, 1), base.artists.GREEN, pixel=THUMB_FIELDS[0]) for head in HEADS
        }
        self.thumb_names = {head: canvas.label((0, 0), size=SMALL, align="left", colour=style.GREY) for head in HEADS}
        canvas.hand.reading(canvas.area(THUMBS[0], 0, 276, 400), self._weight_at)
        for head in HEADS:
            show = self.showing(partial(self.model.configure, head=head))
            canvas.hand.button(f"show {head}", "", self.safely(show))
            turn = self.showing(self.model.turn, head)
            canvas.hand.button(f"off {head}", "\N{MULTIPLICATION SIGN}", self.safely(turn))

    def _make_curves(self, canvas):
        span = {"xlim": (-0.01 * MOST_STEPS, 1.01 * MOST_STEPS)}
        ticks = range(0, MOST_STEPS + 1, 500)
        self.loss = canvas.axes(CURVES, LOSS_AXES[0], WIDE, LOSS_AXES[1], yscale="log", xticks=ticks, **span)
        self.loss.set_title(say("Loss $L$"), fontsize=11)
        self.share = canvas.axes(CURVES, 144, WIDE, 62, xticks=ticks, **span)
        self.norm = canvas.axes(CURVES, 40, WIDE, 64, yscale="log", ylim=NORM_LIMITS, xticks=ticks, **span)
        self.norm.set_title(say("Gradient by block"), fontsize=11)
        self.norm.set_yticks([0.01, 0.1, 1, 10], ["0.01", "0.1", "1", "10"])
        for axes in (self.loss, self.share):
            axes.tick_params(labelbottom=False)
        for axes in (self.loss, self.share, self.norm):  # for what is read of a curve; the lowest shows it once for all
            axes.set_xlabel(say("steps")).set_visible(False)
        for axes in (self.loss, self.share, self.norm):
            axes.minorticks_off()
            axes.tick_params(labelsize=SMALL)
        self.norm.text(
            0.5, -0.48, say("steps"), transform=self.norm.transAxes, ha="center", va="center", fontsize=SMALL
        )
        self.levels = [canvas.line(self.loss, color=style.GREY, linestyle=look, linewidth=1.2) for look in (":", "--")]
        self.losses = canvas.line(self.loss, color=style.BLUE, linewidth=1.2)
        self.held_out = canvas.line(self.loss, color=style.VERMILLION, marker="o", markersize=2.5, linewidth=1.2)
        self.level_names = [canvas.label((0, 0), size=SMALL, align="left") for _ in self.levels]
        for text, line in zip((say("training"), say("held out")), (self.losses, self.held_out), strict=True):
            looks = {name: getattr(line, f"get_{name}")() for name in ("color", "linestyle", "marker", "markersize")}
            self.loss.plot([], [], label=text, linewidth=1.2, **looks)
        self.loss.legend(
            loc="center right", bbox_to_anchor=(1, 0.62), fontsize=SMALL, ncols=2, columnspacing=0.8, handlelength=1.3
        )
        self.shares = canvas.line(self.share, color=style.VERMILLION, marker="o", markersize=2.5, linewidth=1.2)
        self.norms = [
            canvas.line(self.norm, color=colour, linestyle=look, linewidth=1.2) for colour, look in BLOCK_LINES
        ]

    # Bringing it up to date

    def show(self):
        model, now = self.model, time.perf_counter()
        if not self.is_steady or now >= self._due or not model.early:
            self._due = now + AGAIN
            if not self.is_steady:
                model.finish_examination()
            model.look()
        self._show_task()
        self._show_written()
        self._show_maps()
        self._show_curves()

    def _show_task(self):
        """What seldom changes: what the share is a share of, and how many blocks have a line."""
        task, blocks = self.model.settings["task"], self.model.settings["blocks"]
        if not self.canvas.differs("task", (task, blocks)):
            return
        numbers = task == "numbers"
        title = say("Unseen numbers right") if numbers else say("Words in the list")
        top = 1 if numbers else 0.3
        with self.canvas.styled():
            look = {"fontsize": SMALL, "ncols": 3, "columnspacing": 1, "handlelength": 1.6}
            legend = self.norm.legend(self.norms[:blocks], range(1, blocks + 1), loc="upper right", **look)
            legend.set_visible(blocks > 1)
            self.share.set_title(title, fontsize=11)
            self.share.set_ylim(-0.03 * top, 1.06 * top)
            ticks = (0, 0.5, 1) if numbers else (0, 0.1, 0.2, 0.3)
            self.share.set_yticks(ticks, [f"{100 * tick:.0f} %" for tick in ticks])
            limits, ticks = LEVELS[task]
            self.loss.set_ylim(limits)
            self.loss.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
            self.loss.minorticks_off()
        self.canvas.still_parts_changed()

    def _show_written(self):
        model, task = self.model, self.model.settings["task"]
        rows = [(name, style.GREY, [self._looks(text) for text in texts]) for name, texts in self._early()]
        if model.is_numbers:
            symbols = [shown_symbol(symbol) for symbol in model.right]
            rows = [(say("right"), style.GREY, [(symbols, *np.zeros((2, len(symbols))), None)]), *rows]
        across = EARLY[task]
        for place in range(0, len(model.late), across):
            name = "" if place else say("step {step}", step=model.late_step)
            rows.append((name, style.BLACK, [self._looks(text) for text in model.late[place : place + across]]))
        for other, sheet in self.sheets.items():
            sheet.show(rows if other == task else [])
        self.heading.text = self._heading()

    def _early(self):
        """What each snapshot has written, a list of (name, texts); its row waits until the run has passed its step."""
        model = self.model
        written = {step: texts for step, texts in model.early if step < model.late_step}
        return [(say("step {step}", step=step), written.get(step, [])) for step in SNAPSHOTS[model.settings["task"]]]

    def _looks(self, text):
        """A text as its sheet shows it; a word without its end mark, and with a mark when it is in the list."""
        model, symbols = self.model, [shown_symbol(symbol) for symbol in text.symbols]
        if model.is_numbers:
            pairs = zip_longest(text.symbols, model.right[: len(symbols)])
            return symbols, text.shares, np.array([one != other for one, other in pairs]), text.right
        letters = "".join(symbols).removesuffix(END_OF_WORD)[:LONGEST_WORD]
        return letters, text.shares[: len(letters)], np.zeros(len(letters)), text.right or None

    def _heading(self):
        model = self.model
        if model.is_numbers:
            return say("What it writes for {number:,}", number=model.settings["number"])
        if model.settings["beginning"]:
            return say("How it goes on from {beginning} (\u2713: in the list)", beginning=model.settings["beginning"])
        return say("The words that it invents (\u2713: in the list)")

    def _symbol_at(self, x, y):
        """How likely the symbol at a place was, and which others were."""
        model, ((rule, early, _), across, _) = self.model, SHAPES[self.model.settings["task"]]
        if not model.late:  # begun anew, and not shown yet
            return ""
        row, column, place = self.sheets[model.settings["task"]].at(x, y)
        first = (row - rule - early) * across
        texts = self._early()[row - rule][1] if first < 0 else model.late[first : first + across]
        if row < rule or not 0 <= column < len(texts) or not 0 <= place < len(texts[column].symbols):
            return ""
        text, symbols = texts[column], model.data.symbols
        likely = text.likely[place]
        order = [other for other in np.argsort(-likely)[:4] if other != text.places[place]][:3]
        return say(
            "{symbol}: {share}; others: {others}",
            symbol=shown_symbol(text.symbols[place]),
            share=percent(text.shares[place]),
            others=", ".join(f"{shown_symbol(symbols[other])} {percent(likely[other])}" for other in order),
        )

    def _show_maps(self):
        model, density = self.model, base.artists.DENSITY
        task, head = model.settings["task"], model.settings["head"]
        self.map_heading.text = (
            say("Where head {head} looks", head=head)
            if model.settings["mask"]
            else say("Where head {head} looks, without a mask", head=head)
        )
        if head in model.settings["off"]:
            self.map_heading.text = say("Head {head} is switched off", head=head)
        shown = model.map_of(head)
        line = model.late[0].line
        columns, rows, top = shown.shape[1], shown.shape[0], MAP_TOP[task]
        most = min(len(model.beginning) + LONGEST_CHINESE, model.data.longest)  # columns, whatever it writes
        self.map.pixel = int(min(MAP_FIELD[task], MAP_WIDTH / most) * density)
        pixel = self.map.pixel / density
        self.map.values = shown[None]
        self.map.place = (MAP, top - self.map.size[1])
        for row, label in enumerate(self.map_rows):
            label.text = ""
            if row < rows:
                symbol = model.late[0].symbols[row]
                label.text = shown_symbol(symbol) if len(symbol) == 1 else shown_symbol(symbol)[:3]
                label.place = (MAP - 13, top - (row + 0.5) * pixel - 1)
        width, height = self.size
        for column, text in enumerate(self.map_columns):
            symbol = model.data.symbols[line[column]] if column < columns else ""
            text.set_text(shown_symbol(symbol))
            text.set_rotation(0 if len(symbol) == 1 else 90)
            text.set_position(((MAP + (column + 0.5) * pixel + 1) / width, (top + 4) / height))
        self._map = top, pixel
        self._show_thumbs()

    def _show_thumbs(self):
        """All heads in small, block below block, each with its name and what switches it off."""
        model, density = self.model, base.artists.DENSITY
        blocks, heads, rows, columns = model.maps.shape
        side = THUMB_FIELDS[blocks > 2 or heads > 2]
        self.canvas.hand.remove_buttons()
        for name, thumb in self.thumbs.items():
            block, number = (int(part) - 1 for part in name.split("."))
            there, off = block < blocks and number < heads, name in model.settings["off"]
            thumb.pixel = round(side * density)
            thumb.values = model.map_of(name)[None] if there else np.zeros((int(there), rows, columns))
            width, height = LONGEST_LINE * side, (LONGEST_WORD + 1) * side
            x = THUMBS[0] + number * (width + THUMB_ROOM)
            y = THUMBS[1] - block * (height + THUMB_ROOM + 3)
            self.thumb_names[name].text = (say("{head} off", head=name) if off else name) if there else ""
            self.thumb_names[name].place = (x, y)
            self.thumb_names[name].colour = style.BLACK if name == model.settings["head"] else style.GREY
            if there:
                thumb.place = (x, y - 8 - thumb.size[1])
                self._place_head(name, off, thumb)

    def _place_head(self, name, off, thumb):
        place = self.canvas.hand.place_button
        (x, y), (width, height) = thumb.place, thumb.size
        look = say("show where head {head} looks", head=name)
        turn = say("switch head {head} on", head=name) if off else say("switch head {head} off", head=name)
        middle = x + width / 2, y + height / 2
        chosen = name == self.model.settings["head"]
        place(f"show {name}", look, *middle, size=(width + 4, height + 4), chosen=chosen)
        place(f"off {name}", turn, x + 52, y + height + 8, size=(13, 13), chosen=off)

    def _weight_at(self, x, y):
        model = self.model
        if not model.late:
            return ""
        shown, line = model.map_of(model.settings["head"]), model.late[0].line
        top, pixel = self._map
        row, column = int((top - y) // pixel), int((x - MAP) // pixel)
        if not (0 <= row < shown.shape[0] and 0 <= column < shown.shape[1]):
            return ""
        return say(
            "writing {symbol}: attention to {word} {weight:.3f}",
            symbol=shown_symbol(model.late[0].symbols[row]),
            word=shown_symbol(model.data.symbols[line[column]]),
            weight=shown[row, column],
        )

    def _show_curves(self):
        model, (limits, _) = self.model, LEVELS[self.model.settings["task"]]
        levels = ((say("guessing"), model.guessing), (say("bigrams"), model.data.bigrams))
        low, high = np.log(limits)
        for line, label, (name, level), above in zip(self.levels, self.level_names, levels, (7, -8), strict=True):
            line.set_data([0, MOST_STEPS], [level, level])
            x, bottom, height = CURVES + WIDE - 60, *LOSS_AXES
            label.place, label.text = (x, bottom + height * (np.log(level) - low) / (high - low) + above), name
        newest = [(model.done, model.recent_loss)] if model.losses else []  # a point moves with each step
        for line, points, ends in (
            (self.losses, model.curve + newest, limits),
            (self.held_out, model.held_out, limits),
            (self.shares, model.shares, (0, 1)),
        ):
            steps, values = zip(*points, strict=True) if points else ((), ())
            line.set_data(steps, np.clip(values, *ends))
        steps = [step for step, _ in model.norms]
        for block, line in enumerate(self.norms):
            there = block < model.settings["blocks"]
            norms = [norms[block] for _, norms in model.norms] if there else []
            line.set_data(steps[: len(norms)], np.clip(norms, *NORM_LIMITS))
