"""What the labs share that go through a graph step by step: their pace, the prediction that is made before, and the nodes
that the reader moves."""

import time
from functools import partial

from ...text import say
from .picture import PictureLab


class GraphWalkLab(PictureLab):
    """A lab of a `PlacedModel` whose run button takes the model's steps slowly enough to follow, with a prediction to
    make. Its nodes are handles: a subclass defines `nodes`, and has the button of `make_layout_button`.

    seconds   that a step is on show

    nodes()   for each graph (name of its setting, axes in CSS pixels, labels of its nodes; None: not to be seen yet)
    """

    seconds = 0.4
    lines_of_status = 2
    _next, _fresh = 0.0, True
    _handles = ()

    def work(self):
        now = time.perf_counter()
        if self._loop is None or now >= self._next:
            self._next, self._fresh = now + self.seconds, True
            self.model.advance()
        return not self.model.finished

    def refresh(self):
        super().refresh()
        self.buttons["layout"].disabled = not self.model.is_moved

    def draw(self):
        if self._fresh or not self.running:
            self._fresh = False
            self._place_nodes()
            super().draw()

    def redraw(self):
        self._next = 0.0  # shown at once, also while it runs
        self._redraw_at_pace()

    def _redraw_at_pace(self):
        self._fresh = True
        super().redraw()

    def show_controls(self):
        super().show_controls()
        if self.model.predicted is None and not self.running:
            self.prediction.value = ""

    # Moving nodes

    def make_layout_button(self):
        tooltip = say("Put all nodes back in their places. A node can be dragged, or moved with the arrow keys")
        return self.button(say("Automatic layout"), self._lay_out, tooltip=tooltip)

    def _lay_out(self):
        self.model.lay_out()
        self._redraw_at_pace()

    def _moved(self, name, node, x, y):
        self.model.move_node(name, node, x, y)
        self._redraw_at_pace()

    def _place_nodes(self):
        """Put a handle over each node that is to be seen."""
        hand, before, self._handles = self.canvas.hand, self._handles, []
        for name, axes, labels in self.nodes():
            arrangement = self.model.arrangements[name]
            centres, _ = arrangement.with_moved(self.model.settings[name])
            for node, (label, centre) in enumerate(zip(labels, centres, strict=True)):
                if label is not None:
                    handle = f"{name} {node}"
                    hand.handle(handle, axes, self.safely(partial(self._moved, name, node)))
                    hand.place(handle, say("Node {label}", label=label), *centre, size=arrangement.box)
                    self._handles.append(handle)
        for handle in before:
            if handle not in self._handles:
                hand.let_go(handle)
