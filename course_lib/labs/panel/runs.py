"""What models of several labs share: a run that its settings determine, and measurements made piece by piece."""

from dataclasses import replace


class Run:
    """A run that `settings`, a dataclass with `seed` and `epochs`, determine. A subclass defines `_start(settings)`.

    seeds   the first and the last seed
    """

    seeds = (0, 9999)

    def configure(self, **changes):
        """Change settings. A new number of epochs goes on with the run; anything else starts a new one."""
        settings = replace(self.settings, **changes)
        if replace(settings, epochs=self.settings.epochs) == self.settings:
            self.settings = settings
        else:
            self._start(settings)

    def reset(self):
        """Back to the same initial weights, with the present learning rate."""
        self._start(self.settings)

    def new_start(self):
        """Other initial weights: the next seed."""
        low, high = self.seeds
        self._start(replace(self.settings, seed=self.settings.seed + 1 if self.settings.seed < high else low))


class Measuring:
    """Measurements in pieces, between which a lab can draw. A subclass defines `due` and `_measure(due)`.

    due        what is measured next; None when nothing is left
    _measure   a generator that yields after each piece
    """

    _pieces = None

    @property
    def finished(self):
        return self.due is None

    def advance(self, enough=lambda: False):
        """Measure until nothing is due or `enough()` says stop, at least one piece."""
        while not self.finished:
            if self._pieces is None:
                self._pieces = self._measure(self.due)
            if next(self._pieces, "done") == "done":
                self._pieces = None
            if enough():
                break
