"""Search for hyper-parameters on a map that is known, so that it can be judged: which share of the map is better than the
best setting that a search has found?"""

from itertools import accumulate

import numpy as np

from ...models.validation_map import RATES, SECONDS, SEEDS, ValidationMap
from ...text import N_, say
from ..base.checks import check_number
from ..base.model import LabModel, never
from ..base.settings import Choice, Number
from ..base.words import yes

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
        "second": Choice(tuple(SECONDS), "weight decay"),
        "method": Choice(METHODS, "random"),
        "seed": Number(0, 10**6, 0, whole=True),
        "row": Number(0, 99, 0, whole=True),
        "column": Number(0, len(RATES) - 1, len(RATES) // 2, whole=True),
    }
    live = {"rows": "row", "columns": "column"}
    goals = tuple(GOALS)

    def __init__(self, table=None, second="weight decay", **settings):
        self._maps, self._tables = {}, {} if table is None else {second: table}
        self.map = None
        super().__init__(**{"second": second} | settings)

    def checked(self, changes):
        """As every model's; another map begins with its middle, and has no row behind its last one."""
        if "second" in changes:
            rows = len(SECONDS.get(changes["second"], ()))
            changes = {"row": rows // 2, "column": len(RATES) // 2} | changes
        settings = super().checked(changes)
        check_number("row", settings["row"], 0, len(SECONDS[settings["second"]]) - 1, whole=True)
        return settings

    def limits(self, name):
        return (0, len(self.map.values) - 1) if name == "row" else super().limits(name)

    def _start(self):
        """The same search from its beginning; another map forgets the searches before."""
        second = self.settings["second"]
        if second not in self._maps:
            self._maps[second] = ValidationMap(second, self._tables.get(second))
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
        return [goal for goal, (share, trials) in GOALS.items() if self._reaches(share, trials)]

    @property
    def good(self):
        return bool(self.trials) and self.shares()[-1] < GOALS["best tenth"][0]

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

    def _reaches(self, share, trials):
        losses = [loss for *_, loss in self.trials[:trials]]
        return bool(losses) and self.map.share_better(min(losses)) < share

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
        value = self.map.values[row]
        return say(
            "rate {rate:.2g}, {second} {value:.3g}", rate=RATES[column], second=say(self.map.second), value=value
        )

    def status(self):
        if not self.map.finished:
            return say(
                "The map: {done} of {rows} rows trained, {networks} networks a row. Press Search to train the rest.",
                done=self.map.rows_done,
                rows=len(self.map.values),
                networks=SEEDS * len(RATES),
            )
        if not self.trials:
            press = (
                say("Next: {names}. Press One trial.", names=self.names(*self.chosen))
                if self.settings["method"] == "by hand"
                else say("Press Search for {trials} trials, or One trial.", trials=TRIALS)
            )
            return say(
                "The map is trained; its lowest validation loss is {lowest:.2f}. {press}",
                lowest=self.map.table.min(),
                press=press,
            )
        row, column, loss = self.trials[-1]
        since = self.trials_until(0.1)
        where = (
            say("the best tenth is not reached so far")
            if since is None
            else say("in the best tenth since trial {trial}", trial=since)
        )
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
        """After searches by all methods: what holds on every machine."""
        if not self.map.finished or any(self.median(method) is None for method in METHODS[:3]):
            return say(
                "Map of {fields} validation losses over the learning rate and {second}, and the trials on it. {status}",
                fields=self.map.table.size,
                second=say(self.map.second),
                status=self.status(),
            )
        reached = all(self.median(method)[-1] < GOALS["best tenth"][0] for method in METHODS[:3])
        wide = float(np.mean(self.map.table > 2 * self.map.table.min()))
        return say(
            "Map of {fields} validation losses over the learning rate, {slow:g} to {fast:g}, and {second}, {low:g} to "
            "{high:g}. More than a fifth of it has at least twice the lowest loss: {wide}. After {trials} trials the median "
            "search by grid, random and Bayesian is in the best tenth: {reached}.",
            fields=self.map.table.size,
            slow=RATES[0],
            fast=RATES[-1],
            second=say(self.map.second),
            low=self.map.values[0],
            high=self.map.values[-1],
            wide=yes(wide > 0.2),
            trials=TRIALS,
            reached=yes(reached),
        )
