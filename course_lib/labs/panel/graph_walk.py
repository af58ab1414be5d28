"""What the labs share that go through a graph step by step: their pace, and the prediction that is made before."""

import time

from .picture import PictureLab


class GraphWalkLab(PictureLab):
    """A lab whose run button takes the model's steps slowly enough to follow, with a prediction to make.

    seconds   that a step is on show
    """

    seconds = 0.4
    lines_of_status = 2
    _next, _fresh = 0.0, True

    def work(self):
        now = time.perf_counter()
        if self._loop is None or now >= self._next:
            self._next, self._fresh = now + self.seconds, True
            self.model.advance()
        return not self.model.finished

    def draw(self):
        if self._fresh or not self.running:
            self._fresh = False
            super().draw()

    def redraw(self):
        self._next, self._fresh = 0.0, True  # shown at once, also while it runs
        super().redraw()

    def show_controls(self):
        super().show_controls()
        if self.model.predicted is None and not self.running:
            self.prediction.value = ""
