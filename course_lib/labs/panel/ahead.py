"""Pictures that are sent before they are asked for: those of the positions to which a slider may be moved next.

A slider that only looks, such as one that goes back to earlier epochs, changes nothing of a model. So the pictures beside
the present one are known before the reader moves it: while the reader does nothing, the page gets them, and it draws one as
soon as the slider is there (`ahead.js`), before the kernel has heard of it, however far away that is. The kernel's own
picture follows.
"""

REACH = 8  # positions on both sides; the Page keys go by five
PAUSE = 0.01  # seconds from one picture to the next: other work goes first


class Ahead:
    """Sends the pictures around the present one for a slider of a `PictureLab`.

    slider         an IntSlider        positions()   those of its values that have a picture, in their order
    look(at)       go to one of them   at()          the present one
    loop           the lab's, or None where no page is
    """

    def __init__(self, lab, slider, loop, *, positions, look, at):
        self._lab, self._slider, self._loop = lab, slider, loop
        self._positions, self._look, self._at = positions, look, at
        self._moves, self._timer = False, None  # whether the slider has just been moved

    def move(self, at):
        """What the slider does: look from another position, and show that."""
        self._lab.stop()
        self._look(at)
        self._moves = True
        try:
            self._lab.redraw()
        finally:
            self._moves = False

    def draw(self, now):
        """Draw what the view shows; the pictures that the page has stay true when nothing but the slider has moved."""
        self.stop()
        self._lab.canvas.come_back = None
        self._lab.canvas.draw(now=now, at=self._at() if self._moves else None)
        if not self._lab.running:
            self._go_on()

    def stop(self):
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _go_on(self):
        if self._loop is not None:
            self._timer = self._loop.call_later(PAUSE, self._send_next)

    def _send_next(self):
        """Send the nearest picture that the page does not have, until it has all of them."""
        self._timer, present, canvas = None, self._at(), self._lab.canvas
        at = next((at for at in self._wanted() if canvas.lacks(at)), None)
        if at is None:
            return
        canvas.come_back = self._show_present
        self._look(at)
        try:
            self._lab.view.show(self._lab.model)
        finally:
            self._look(present)
        if canvas.send_ahead(at, self._slider):
            self._go_on()

    def _show_present(self):
        self._lab.view.show(self._lab.model)

    def _wanted(self):
        """The positions around the present one, the nearest first, and both ends; none where there is no other."""
        positions = self._positions()
        if len(positions) < 2:
            return []
        here = positions.index(self._at())
        around = range(max(0, here - REACH), min(len(positions), here + REACH + 1))
        return [positions[i] for i in (*sorted(around, key=lambda i: abs(i - here)), 0, -1)]
