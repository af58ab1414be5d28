"""Pictures that are sent before they are asked for: those of the positions to which a slider may be moved next.

A slider that only looks, such as one that goes back to earlier epochs, changes nothing of a model, so its pictures are known
before the reader moves it. The page gets them while the reader does nothing: those beside the present one, and once the
slider has been moved all of them. It draws one as soon as the slider is there (`page.js`), before the kernel has heard of
it, however far away that is. The kernel's own picture follows.
"""

import threading

REACH = 8  # positions on both sides, before the slider has been moved; the Page keys go by five
PAUSE = 0.015  # seconds from one picture to the next: other work goes first


class Prefetch:
    """Sends the pictures around the present one for a slider.

    lab            what the slider belongs to: its `canvas`, whether it is `running`, `show()` to bring the artists up to date,
                   `stop()`, `redraw()`, and `safely(action)`, which makes of an action one for its own thread
    slider         an IntSlider        positions()   those of its values that have a picture, in their order
    look(at)       go to one of them   at()          the present one
    loop           the lab's, or None where no page is
    """

    def __init__(self, lab, slider, loop, *, positions, look, at):
        self._lab, self._slider, self._loop = lab, slider, loop
        self._positions, self._look, self._at = positions, look, at
        self._moves = self._has_moved = False  # whether the slider moves just now, and has since anything else changed
        self._asked = self._timer = None
        self._thread, self._move = threading.get_ident(), lab.safely(self._moved)
        slider.observe(self._heard, "value")
        lab.canvas.page_came = self._page_came

    @property
    def is_asked(self):
        """Whether the reader has moved the slider, on another thread perhaps, and the lab has not yet gone there."""
        return self._asked is not None

    def _heard(self, change):
        # What the lab shows meanwhile is known on the lab's own thread alone; there, the lab itself moves its slider, too.
        if threading.get_ident() != self._thread or change["new"] != self._at():
            self._asked = change["new"]
            self._move(self._asked)

    def _moved(self, at):
        """Look from another position, and show that; one that the slider has left meanwhile is left out."""
        if at != self._asked:
            return
        self._asked = None
        self._lab.stop()
        self._look(at)
        self._moves = True
        try:
            self._lab.redraw()
        finally:
            self._moves = False

    def draw(self, now):
        """Draw what the lab shows; the pictures that the page has stay true when nothing but the slider has moved."""
        self._has_moved = self._moves
        self._lab.canvas.come_back = None
        self._lab.canvas.draw(now=now, at=self._at() if self._moves else None)
        if not self._lab.running:
            self._go_on()

    def _page_came(self):
        """A page that has just begun to draw, after a reload perhaps, has nothing yet."""
        self._has_moved = False
        self._go_on()

    def stop(self):
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _go_on(self):
        if self._loop is not None and self._timer is None:
            self._timer = self._loop.call_later(PAUSE, self._send_next)

    def _send_next(self):
        """Send the nearest picture that the page does not have, until it has all of them."""
        self._timer, present, canvas = None, self._at(), self._lab.canvas
        at = None if self._lab.running else next((at for at in self._wanted() if canvas.lacks(at)), None)
        if at is None:
            return
        canvas.come_back = self._lab.show
        self._look(at)
        try:
            self._lab.show()
        finally:
            self._look(present)
        if canvas.prefetch(at, self._slider):
            self._go_on()

    def _wanted(self):
        """Positions, the nearest first, and at the end both ends; none where there is no other."""
        positions = self._positions()
        if len(positions) < 2:
            return []
        here = positions.index(self._at())
        nearest = sorted(range(len(positions)), key=lambda i: abs(i - here))
        return [positions[i] for i in (*nearest[: None if self._has_moved else 2 * REACH + 1], 0, -1)]
