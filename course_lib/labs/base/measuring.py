"""Models that measure: piece by piece, so that a lab can draw in between."""

from .model import LabModel, never


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
