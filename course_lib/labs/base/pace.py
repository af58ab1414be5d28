"""How much a lab has to do by the clock: a late frame is left out, and the run keeps its pace."""

import time

LONGEST = 1.0  # seconds that are made up for; after a longer wait, as for another cell, the run goes on where it was


class Pace:
    """Counts what is due since the last time it was asked; the first thing is due at once."""

    def __init__(self):
        self.rest()

    def rest(self):
        """Nothing is due while a run stands still."""
        self._due, self._last = 1.0, None

    def due(self, a_second, at_once=False):
        """How many whole things of so many a second are due; at_once: the next one is, if it is the only one to come early."""
        now = time.perf_counter()
        if self._last is not None:
            self._due += a_second * min(LONGEST, now - self._last)
        self._last = now
        whole = max(0, int(self._due))
        if at_once and not whole and self._due >= 0:
            whole = 1
        self._due -= whole
        return whole
