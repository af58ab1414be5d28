"""The search lab: trials of a grid, of chance, of a Bayesian sampler or of the reader, dropping onto a map of losses."""

import time
from itertools import accumulate

import numpy as np

from ..models.validation_map import RATES, SECONDS, SEEDS, ValidationMap
from ..pictures import style
from ..text import N_, say
from .base.buttons import Button, Run
from .base.lab import Lab
from .base.model import LabModel, never
from .base.settings import Choice, Number
from .base.words import yes

METHODS = (N_("grid"), N_("random"), N_("Bayesian"), N_("by hand"))
TRIALS = 25
GOALS = {
    "best tenth": (0.1, 4),
    "best fiftieth": (0.02, 12),
}  # (best share of the map, to be reached within so many trials)


class SearchModel(LabModel):
    """Trials on a `ValidationMap`, chosen by a grid, at random, by Optuna's TPE sampler (Bayesian), or by hand.

    seed      (setting) of the sampler; every search gets another one
    trials    list of (row, column, loss) of the present search
    runs      {method: list of searches}, each the shares of the map that were better after 1, 2, ..., TRIALS trials
    row, column (settings)  for the next trial by hand
    """

    declared = {
        "second": Choice(
            tuple(SECONDS),
            "weight decay",
            label=N_("Map of rate and"),
            pauses=True,
        ),
        "method": Choice(METHODS, "random", label=N_("Search"), pauses=True),
        "seed": Number(0, 10**6, 0, whole=True),
        "row": Number(0, 99, 0, whole=True),
        "column": Number(0, len(RATES) - 1, len(RATES) // 2, whole=True),
    }
    live = {"rows": "row", "columns": "column"}
    goals = tuple(GOALS)

    def __init__(self, table=None, second="weight decay", **settings):
        self._maps, self.map = {second: ValidationMap(second, table)}, None
        super().__init__(second=second, **settings)

    def checked(self, changes):
        """As every model's; another map begins with its middle."""
        if "second" in changes:
            rows = len(SECONDS.get(changes["second"], ()))
            changes = {"row": rows // 2, "column": len(RATES) // 2} | changes
        return super().checked(changes)

    def narrowed(self, settings):
        return {"row": (0, len(SECONDS[settings["second"]]) - 1)}

    def _start(self):
        """The same search from its beginning; another map forgets the searches before."""
        second = self.settings["second"]
        if second not in self._maps:
            self._maps[second] = ValidationMap(second)
        if self.map is not self._maps[second]:
            self.map = self._maps[second]
            self.runs = {name: [] for name in METHODS}
        self.trials, self._study = [], None

    def again(self):
        """Another search by the same method: with other random numbers."""
        self.configure(seed=self.settings["seed"] + 1)

    @property
    def done(self):
        return len(self.trials)

    @property
    def finished(self):
        return self.done >= TRIALS

    @property
    def chosen(self):
        """(row, column) for the next trial by hand."""
        return self.settings["row"], self.settings["column"]

    def advance(self, steps=1, enough=never):
        """Make some trials. Raises ValueError where the map is not trained; a search that is repeated trains it first."""
        if not self.map.finished and self.behind:
            self.map.advance(enough)
        elif not self.map.finished:
            raise ValueError(say("the map is not trained yet: press Search, and wait until it is complete"))
        if self.map.finished:
            super().advance(steps, enough)

    def _step(self):
        if self.settings["method"] == "by hand":
            self._try(*self.chosen)
        else:
            if self._study is None:
                self._study = self._new_study()
            self._study.optimize(self._objective, n_trials=1)
        if self.finished:
            self.runs[self.settings["method"]].append(self.shares())

    def _reached_now(self):
        shares = self.shares()
        return [goal for goal, (share, trials) in GOALS.items() if min(shares[:trials], default=1) < share]

    @property
    def good(self):
        return min(self.shares(), default=1) < GOALS["best tenth"][0]

    def _objective(self, trial):
        """What Optuna calls: it suggests a field of the map, and gets the loss there."""
        row = trial.suggest_int("row", 0, len(self.map.values) - 1)
        return self._try(row, trial.suggest_int("column", 0, len(RATES) - 1))

    def _try(self, row, column):
        loss = float(self.map.table[row, column])
        self.trials.append((row, column, loss))
        return loss

    def _new_study(self):
        import optuna

        optuna.logging.set_verbosity(optuna.logging.WARNING)
        if self.settings["method"] == "grid":
            sampler = optuna.samplers.GridSampler(self._grid(), seed=self.settings["seed"])
        elif self.settings["method"] == "random":
            sampler = optuna.samplers.RandomSampler(seed=self.settings["seed"])
        else:
            sampler = optuna.samplers.TPESampler(seed=self.settings["seed"])
        return optuna.create_study(sampler=sampler)

    def _grid(self):
        """5 x 5 fields at equal distances, where the first lies at random: otherwise every grid search were the same."""
        rng = np.random.default_rng(self.settings["seed"])
        return {
            name: np.floor((np.arange(5) + rng.random()) * count / 5).astype(int).tolist()
            for name, count in [("row", len(self.map.values)), ("column", len(RATES))]
        }

    def shares(self):
        """After each trial: which share of the map is better than the best setting so far."""
        best = accumulate((loss for *_, loss in self.trials), min)
        return [self.map.share_better(loss) for loss in best]

    def trials_until(self, share):
        """How many trials the present search needed to be among this share of the map; None when it is not there."""
        return next((number for number, better in enumerate(self.shares(), 1) if better < share), None)

    def median(self, method):
        """The median of all searches by a method: shares after 1, 2, ... trials; None when there is none."""
        return np.median(self.runs[method], axis=0) if self.runs[method] else None

    def best(self):
        """(row, column, loss) of the best trial."""
        return min(self.trials, key=lambda trial: trial[2])

    def names(self, row, column):
        """A setting in words."""
        named = {"rate": RATES[column], "second": say(self.map.second), "value": self.map.values[row]}
        return say("rate {rate:.2g}, {second} {value:.3g}", **named)

    def status(self):
        if not self.map.finished:
            return say(
                "The map: {done} of {rows} rows trained, {networks} networks a row. Press Search to train the rest.",
                done=self.map.rows_done,
                rows=len(self.map.values),
                networks=SEEDS * len(RATES),
            )
        if not self.trials:
            press = say("Press Search for {trials} trials, or One trial.", trials=TRIALS)
            if self.settings["method"] == "by hand":
                press = say("Next: {names}. Press One trial.", names=self.names(*self.chosen))
            return say(
                "The map is trained; its lowest validation loss is {lowest:.2f}. {press}",
                lowest=self.map.table.min(),
                press=press,
            )
        row, column, loss = self.trials[-1]
        since = self.trials_until(0.1)
        where = say("the best tenth is not reached so far")
        if since is not None:
            where = say("in the best tenth since trial {trial}", trial=since)
        return say(
            "{method}, trial {trial} of {trials}: {names}, loss {loss:.2f}. Lowest so far {best:.2f}; "
            "{share:.1%} of the map is better; {where}.",
            method=say(self.settings["method"]),
            trial=len(self.trials),
            trials=TRIALS,
            names=self.names(row, column),
            loss=loss,
            best=self.best()[2],
            share=self.shares()[-1],
            where=where,
        )

    def description(self):
        """After a whole search: what holds on every machine."""
        if not self.map.finished or not self.finished:
            return say(
                "Map of {fields} validation losses over the learning rate and {second}, and the trials on it. {status}",
                fields=self.map.table.size,
                second=say(self.map.second),
                status=self.status(),
            )
        wide = float(np.mean(self.map.table > 2 * self.map.table.min()))
        return say(
            "Map of {fields} validation losses over the learning rate, {slow:g} to {fast:g}, and {second}, {low:g} to "
            "{high:g}. More than a fifth of it has at least twice the lowest loss: {wide}. After {trials} trials by this "
            "method, {method}, the search is in the best tenth: {reached}.",
            fields=self.map.table.size,
            slow=RATES[0],
            fast=RATES[-1],
            second=say(self.map.second),
            low=self.map.values[0],
            high=self.map.values[-1],
            wide=yes(wide > 0.2),
            trials=TRIALS,
            method=say(self.settings["method"]),
            reached=yes(self.good),
        )


LOWEST = 0.003  # a smaller share of the map is drawn there
LOOKS = ((style.BLUE, "--"), (style.ORANGE, ":"), (style.VERMILLION, "-"), (style.PURPLE, "-."))  # of METHODS


class SearchLab(Lab):
    """The search lab, to be the last line of a cell.

    table      validation losses (weight decays, rates) that are trained already; None: the lab trains them when asked
    settings   second, method, seed of `SearchModel`
    """

    size = (960, 400)
    work_seconds, step_seconds = 0.022, 0.12
    question = N_("Which method needs the fewest trials for the best tenth, and which one for the best fiftieth?")
    goal_texts = {
        "best tenth": N_("Goal: reach the best tenth of the map within {trials} trials, by whichever method."),
        "best fiftieth": N_("Goal: reach the best fiftieth within {trials} trials."),
    }
    facts = {"trials": TRIALS}
    actions = {
        "search": Run(N_("Search"), N_("{trials} trials, one after the other; press again to pause")),
        "trial": Button(N_("One trial"), "_step", N_("The next trial only")),
        "reset": Button(N_("Start again"), "again", N_("Another search by the same method")),
    }
    rows = (("search", "trial", "reset", "method", "second", "hidden"), ("rate", "row"))

    def __init__(self, table=None, name=None, **settings):
        self.open(SearchModel(table, **settings), name)

    def facts_of(self, goal):
        return {"trials": GOALS[goal][1]}

    def prepare(self):
        self.model.stop_at = None
        if self.model.settings["method"] == "by hand" and self.model.map.finished:
            raise ValueError(say("by hand: choose a rate and a value below the picture, and press One trial"))
        if self.model.finished:
            self.model.again()

    def work(self):
        began = time.perf_counter()
        if not self.model.map.finished:
            self.model.map.advance(enough=lambda: time.perf_counter() - began > self.work_seconds)
            return not (self.model.map.finished and self.model.settings["method"] == "by hand")
        return super().work()

    def static_model(self):
        """After one search: which method finds most, the reader is asked to predict."""
        model = SearchModel(self.model.map.table, second=self.model.map.second)
        model.map.advance()
        model.advance(TRIALS)
        return model

    def make_buttons(self):
        (row, column), rows = self.model.chosen, len(self.model.map.values)
        choose_rate = self.showing(lambda rate: self.model.configure(column=_nearest(rate)))
        choose_row = self.showing(lambda row: self.model.configure(row=row - 1))
        by_factors, rates = {"logarithmic": True, "step": RATES[1] / RATES[0]}, (RATES[0], RATES[-1])
        self.controls |= {
            "hidden": self.switch(say("Hide the map"), False, lambda _: self.redraw()),
            "rate": self.number(say("By hand: rate"), _rounded(RATES[column]), rates, choose_rate, **by_factors),
            "row": self.number(say("row"), row + 1, (1, rows), choose_row, whole=True),
        }
        return super().make_buttons()

    def show_controls(self):
        super().show_controls()
        row, column = self.model.chosen
        if self.controls["row"].high != len(self.model.map.values):
            self.controls["row"].limits(1, len(self.model.map.values))
        self.controls["row"].show(row + 1)
        if column != _nearest(self.controls["rate"].value):
            self.controls["rate"].show(_rounded(RATES[column]))

    def _loss_at(self, column, row):
        row, column, table = round(row), round(column), self.model.map.table
        inside = 0 <= row < table.shape[0] and 0 <= column < table.shape[1]
        tried = (row, column) in [place[:2] for place in self.model.trials]
        if not inside or np.isnan(table[row, column]) or (self.controls["hidden"].value and not tried):
            return ""
        return say(
            "learning rate {rate:.3g}, {second} {value:.3g}: validation loss {loss:.3g}",
            rate=RATES[column],
            second=say(self.model.map.second),
            value=self.model.map.values[row],
            loss=table[row, column],
        )

    def _step(self):
        if self.model.map.finished and self.model.finished:
            self.model.again()
        super()._step()

    # The picture

    def make(self, canvas):
        """The map with the trials on the left; on the right, how good the best of them is."""
        from matplotlib.colors import LinearSegmentedColormap

        self.map = canvas.axes(86, 56, 470, 300, xlabel=say("learning rate"))
        self.map.grid(False)
        ticks = [0, 6, 12, 18]
        self.map.set_xticks(ticks, [f"{RATES[tick]:.2g}" for tick in ticks])
        self.map.tick_params(length=0)
        self.map.spines[:].set_visible(True)
        colours = LinearSegmentedColormap.from_list("loss", (style.GREEN, "#FFFFFF")).with_extremes(bad="#EEEEEE")
        self.fields = self.map.imshow(np.zeros((2, 2)), cmap=colours, aspect="auto", origin="lower")
        self.borders = self.map.plot([], [], color=style.BLACK, linewidth=1.2)[0]
        self.trials = canvas.line(
            self.map, linestyle="", marker="o", markersize=7, color=style.BLUE, markeredgecolor="white"
        )
        self.best = canvas.line(
            self.map, linestyle="", marker="*", markersize=17, color=style.ORANGE, markeredgecolor=style.BLACK
        )
        ring = {"markersize": 12, "markerfacecolor": "none", "markeredgewidth": 2.5, "color": style.VERMILLION}
        self.last = canvas.line(self.map, linestyle="", marker="o", **ring)
        self.chosen = canvas.line(self.map, color=style.PURPLE, linewidth=2.5)
        self.course = canvas.axes(646, 56, 290, 300, xlim=(0.5, TRIALS + 0.5), yscale="log", ylim=(0.0025, 1))
        self.course.cut_at = (LOWEST, np.inf)
        self.course.set(xlabel=say("trial"), title=say("Share of the map that is better"))
        self.course.set_yticks([0.01, 0.02, 0.1, 1], ["1 %", "2 %", "10 %", say("all")])
        self.course.minorticks_off()
        for share, _ in GOALS.values():
            self.course.axhline(share, color=style.GREY, linewidth=1)
        self.medians = {
            method: self.course.plot([], [], line, color=colour, linewidth=2.2)[0]
            for method, (colour, line) in zip(METHODS, LOOKS, strict=True)
        }
        self.present = canvas.line(self.course, color=style.BLACK, marker=".", linewidth=1.4)
        canvas.hand.reading(self.map, self._loss_at)

    def show(self):
        model, hidden = self.model, self.controls["hidden"].value
        visible = ~np.isnan(model.map.table)
        if hidden:
            visible &= False
            for place in model.trials:
                visible[place[:2]] = True
        counts = [len(runs) for runs in model.runs.values()]
        state = (model.map.second, visible.tobytes(), counts, hidden)
        if self.canvas.differs("map", state):
            self._show_map(model, visible, hidden)
            self._show_medians(model)
            self.canvas.still_parts_changed()
        rows, columns, _ = zip(*model.trials, strict=True) if model.trials else ((), (), ())
        self.trials.set_data(columns, rows)
        self.last.set_data(columns[-1:], rows[-1:])
        best = model.best()[:2] if model.trials else None
        self.best.set_data(*([[best[1]], [best[0]]] if best else [[], []]))
        self.present.set_data(
            range(1, len(model.trials) + 1), np.maximum(model.shares(), LOWEST) if model.trials else []
        )
        if model.settings["method"] == "by hand":
            x, y = np.array([-0.5, 0.5, 0.5, -0.5, -0.5]), np.array([-0.5, -0.5, 0.5, 0.5, -0.5])
            self.chosen.set_data(model.chosen[1] + x, model.chosen[0] + y)
        else:
            self.chosen.set_data([], [])

    def _show_map(self, model, visible, hidden):
        table = np.where(visible, model.map.table, np.nan)
        rows, columns = table.shape
        known = model.map.table[~np.isnan(model.map.table)]
        low = known.min() if known.size else 1.0
        shade = np.sqrt((np.minimum(table, 2 * low) - low) / low)  # 0 to 1, finest where the losses are low
        self.fields.set_data(np.ma.masked_invalid(shade))
        self.fields.set_clim(0, 1)
        self.fields.set_extent((-0.5, columns - 0.5, -0.5, rows - 0.5))
        self.map.set(xlim=(-0.5, columns - 0.5), ylim=(-0.5, rows - 0.5))
        ticks = range(0, rows, 1 if rows < 10 else 4)
        self.map.set_yticks(ticks, [f"{model.map.values[tick]:.3g}" for tick in ticks])
        self.map.set_title(say("Validation loss: rate and {second}", second=say(model.map.second)), weight="bold")
        tenth = (
            model.map.table <= np.quantile(model.map.table, GOALS["best tenth"][0]) if model.map.finished else table < 0
        )
        self.borders.set_data(*(_borders(tenth) if not hidden else ([], [])))

    def _show_medians(self, model):
        handles, labels = [], []
        for method, line in self.medians.items():
            median = model.median(method)
            line.set_data(*((range(1, TRIALS + 1), np.maximum(median, LOWEST)) if median is not None else ([], [])))
            if median is not None:
                handles.append(line)
                labels.append(say("{method}, median of {runs}", method=say(method), runs=len(model.runs[method])))
        if self.course.get_legend() is not None:
            self.course.get_legend().remove()
        with self.canvas.styled():
            if handles:
                self.course.legend(handles, labels, loc="upper right", fontsize=9, handlelength=2.2)


def _nearest(rate):
    """The column of the map whose rate is nearest."""
    return int(abs(np.log(RATES / rate)).argmin())


def _rounded(rate):
    """As a NumberControl shows it."""
    return float(f"{rate:.3g}")


def _borders(mask):
    """Line segments around the fields of a mask, as x and y with gaps."""
    x, y = [], []
    padded = np.pad(mask, 1)
    for i, j in np.argwhere(padded[1:-1, 1:] != padded[1:-1, :-1]):  # left or right neighbour differs
        x += [j - 0.5, j - 0.5, np.nan]
        y += [i - 0.5, i + 0.5, np.nan]
    for i, j in np.argwhere(padded[1:, 1:-1] != padded[:-1, 1:-1]):
        x += [j - 0.5, j + 0.5, np.nan]
        y += [i - 0.5, i - 0.5, np.nan]
    return x, y
