"""Search for hyper-parameters on a map that is known, so that it can be judged: which share of the map is better than the
best setting that a search has found?"""

from itertools import accumulate

import numpy as np

from ...models.validation_map import RATES, SEEDS, ValidationMap
from ...text import N_, say
from ..panel.checks import changed, check_choice, yes

METHODS = (N_("grid"), N_("random"), N_("Bayesian"), N_("by hand"))
TRIALS = 25
GOALS = ((0.1, 4), (0.02, 12))  # (best share of the map, to be reached within so many trials)


class SearchModel:
    """Trials on a `ValidationMap`, chosen by a grid, at random, by Optuna's TPE sampler (Bayesian), or by hand.

    settings  second, method           seed  of the sampler; every search gets another one
    trials    list of (row, column, loss) of the present search
    runs      {method: list of searches}, each the shares of the map that were better after 1, 2, ..., TRIALS trials
    chosen    [row, column] for the next trial by hand
    """

    def __init__(self, table=None, second="weight decay", method="random", seed=0):
        self._maps = {}
        if table is not None:
            self._maps[second] = ValidationMap(second, table)
        self.settings, self.seed, self.found = {"second": second, "method": method}, seed, set()
        self.configure()

    def configure(self, **changes):
        """Change second or method; the search starts anew. Raises ValueError for a name that is unknown."""
        settings = changed(self.settings, changes)
        check_choice("method", settings["method"], METHODS)
        if settings["second"] not in self._maps:
            self._maps[settings["second"]] = ValidationMap(settings["second"])
        if settings["second"] != self.settings["second"] or not hasattr(self, "map"):
            self.map = self._maps[settings["second"]]
            self.chosen = [len(self.map.values) // 2, len(RATES) // 2]
            self.runs = {name: [] for name in METHODS}
        self.settings = settings
        self.reset()

    def reset(self):
        """The same search from its beginning."""
        self.trials, self._study = [], None

    def again(self):
        """Another search by the same method: with other random numbers."""
        self.seed += 1
        self.reset()

    @property
    def finished(self):
        return len(self.trials) >= TRIALS

    def choose(self, row=None, column=None):
        """The setting for the next trial by hand."""
        self.chosen = [self.chosen[0] if row is None else row, self.chosen[1] if column is None else column]

    def advance(self, trials=1):
        """Make some trials, as far as the map is trained and the search not finished."""
        if not self.map.finished:
            raise ValueError(say("the map is not trained yet: press Search once, and wait until it is complete"))
        for _ in range(min(trials, TRIALS - len(self.trials))):
            if self.settings["method"] == "by hand":
                self._try(*self.chosen)
            else:
                if self._study is None:
                    self._study = self._new_study()
                self._study.optimize(self._objective, n_trials=1)
            self.found |= {goal for goal in GOALS if goal not in self.found and self._reaches(*goal)}
            if self.finished:
                self.runs[self.settings["method"]].append(self.shares())

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
            sampler = optuna.samplers.GridSampler(self._grid(), seed=self.seed)
        elif self.settings["method"] == "random":
            sampler = optuna.samplers.RandomSampler(seed=self.seed)
        else:
            sampler = optuna.samplers.TPESampler(seed=self.seed)
        return optuna.create_study(sampler=sampler)

    def _grid(self):
        """5 x 5 fields at equal distances, where the first lies at random: otherwise every grid search were the same."""
        rng = np.random.default_rng(self.seed)
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

    def sentence(self):
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
        reached = all(self.median(method)[-1] < GOALS[0][0] for method in METHODS[:3])
        wide = float(np.mean(self.map.table > 2 * self.map.table.min()))
        return say(
            "Map of {fields} validation losses over the learning rate, 0.01 to 10, and {second}, {low:g} to {high:g}. "
            "More than a fifth of it has at least twice the lowest loss: {wide}. After {trials} trials the median "
            "search by grid, random and Bayesian is in the best tenth: {reached}.",
            fields=self.map.table.size,
            second=say(self.map.second),
            low=self.map.values[0],
            high=self.map.values[-1],
            wide=yes(wide > 0.2),
            trials=TRIALS,
            reached=yes(reached),
        )
