"""What the labs share that go through a graph step by step: their pace, and the prediction that is made before."""

from .picture import PictureLab


class GraphWalkLab(PictureLab):
    """A lab whose run button takes the model's steps slowly enough to follow, with a prediction to make.

    frames_a_step   how many frames a step is on show
    """

    frames_a_step = 12
    lines_of_status = 2
    _frame = 0

    def work(self):
        self._frame += 1
        if self._frame % self.frames_a_step == 1:
            self.model.advance()
        return not self.model.finished

    def draw(self):
        if not self.running or self._frame % self.frames_a_step <= 1:
            super().draw()

    def redraw(self):
        self._frame = 0  # shown at once, also while it runs
        super().redraw()

    def show_controls(self):
        super().show_controls()
        if self.model.predicted is None and not self.running:
            self.prediction.value = ""
