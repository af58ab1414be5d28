"""What the labs share that go through a graph step by step: their pace, and the curves between nodes."""

from itertools import pairwise

import numpy as np

from .picture import PictureLab


class StepsLab(PictureLab):
    """A lab whose run button takes the model's steps (`step`) slowly enough to follow, with a prediction to make.

    frames_a_step   how many frames a step is on show
    """

    frames_a_step = 12
    _frame = 0

    def work(self):
        self._frame += 1
        if self._frame % self.frames_a_step == 1:
            self.model.step()
        return not self.model.finished

    def draw(self):
        if not self.running or self._frame % self.frames_a_step <= 1:
            super().draw()

    def redraw(self):
        self._frame = 0  # shown at once, also while it runs
        super().redraw()

    def _reset(self):
        self.stop()
        self.model.reset()
        if self.model.predicted is None:
            self.prediction.value = ""
        self.redraw()


def smooth(points, count):
    """A curve through points from left to right, level at each of them; `count` points from one to the next."""
    along = np.linspace(0, 1, count)
    ease = along * along * (3 - 2 * along)
    pieces = [
        np.stack([x0 + (x1 - x0) * along, y0 + (y1 - y0) * ease], axis=1) for (x0, y0), (x1, y1) in pairwise(points)
    ]
    return np.concatenate(pieces)


def joined(curves):
    """Curves as x and y of one line, with gaps between them."""
    gap = np.full((1, 2), np.nan)
    return np.concatenate([part for curve in curves for part in (curve, gap)]).T if curves else ([], [])
