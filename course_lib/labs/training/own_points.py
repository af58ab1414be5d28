"""A reader's own points: put onto the plane by hand, written into a box, or loaded from a file."""

import html

import ipywidgets as widgets
import numpy as np

from ...text import say
from ..base.arrange import column, row
from .points import EDGE, lines_to_read, read_table, written

NEAR = 0.1  # of a point, in the plane's units: the hand takes it
NOTHING, DELETE = "nothing", "delete"  # what a click does, besides adding a point of class 0 or 1


class OwnPoints:
    """The controls and the handle for the points of a `TrainingLab`.

    click      what a click on the plane does: NOTHING, 0 or 1 (adds a point of that class), or DELETE
    widget     box, buttons and notes, to stand in the panel
    """

    def __init__(self, lab):
        self.lab, self.click, self.taken, self._shown = lab, NOTHING, 0, None
        self.text = widgets.Textarea(
            description=say("Own points"),
            style={"description_width": "initial"},
            placeholder=say("x1, x2, label: a row for each point"),
            layout=widgets.Layout(width="98%", height="110px"),
        )
        self.upload = widgets.FileUpload(
            description=say("Load a CSV file"),
            accept=".csv,.txt,.tsv",
            tooltip=say("Two columns of numbers, and a label"),
        )
        self.upload.layout.width = "170px"
        self.notes = widgets.HTML()
        loaded = lab.safely(self._loaded)
        self.upload.observe(lambda change: loaded(change["new"]), "value")
        self.use = lab.button(say("Use these points"), self._use, tooltip=say("Train on the points in the box"))
        self.choice = lab.choice(
            say("A click on the output"),
            NOTHING,
            {
                say("does nothing"): NOTHING,
                say("adds a point of class 0"): 0,
                say("adds a point of class 1"): 1,
                say("deletes the nearest point"): DELETE,
            },
            self._new_click,
        )
        self.widget = column(row(self.choice, self.use, self.upload, self.notes), self.text)

    def declare(self, hand, plane):
        """What the hand can do on the plane of a picture."""
        hand.clicking(plane, self.lab.safely(self._clicked))
        hand.handle("point", plane, self.lab.safely(self._moved), self.lab.safely(self._removed))

    def show(self):
        """Bring box and handle up to date with the model."""
        shown = self.lab.model.settings["points"], self._points() is not None
        if shown == self._shown:
            return
        if self._shown is None or shown[0] != self._shown[0]:  # else what was typed, and is not yet used, stays
            self.text.value = written(shown[0])
        self._shown = shown
        if shown[1]:
            self.taken = min(self.taken, len(shown[0]) - 1)
            self._hold()
        else:
            self.lab.canvas.hand.let_go("point")
            self.tell(())

    def near(self, x1, x2):
        """Take the point nearest to a place, if one is near; returns whether there is."""
        points = self._points()
        if points is None:
            return False
        distance = np.hypot(*(np.array(points)[:, :2] - (x1, x2)).T)
        if distance.min() > NEAR:
            return False
        self.taken = int(distance.argmin())
        self._hold()
        return True

    def _hold(self):
        x1, x2, label = self._points()[self.taken]
        what = say("point {number} of class {label}", number=self.taken + 1, label=label)
        self.lab.canvas.hand.place("point", what, x1, x2)

    def _points(self):
        """The reader's points; None while other data are used."""
        settings = self.lab.model.settings
        return settings["points"] if settings["data"] == "own" else None

    def _new_click(self, what):
        self.click = what

    def _clicked(self, x1, x2):
        model = self.lab.model
        if self.click in (0, 1) and not self.near(x1, x2):
            model.add_point(x1, x2, self.click)
            self.taken = len(model.settings["points"]) - 1
        elif self.click == DELETE and self.near(x1, x2):
            model.delete_point(self.taken)
        self._changed()

    def _moved(self, x1, x2):
        if self._points() is not None:
            self.lab.model.move_point(self.taken, *np.clip([x1, x2], -EDGE, EDGE).tolist())
            self._changed()

    def _removed(self):
        if self._points() is not None:
            self.lab.model.delete_point(self.taken)
            self._changed()

    def _changed(self):
        self.tell(())
        self.lab.redraw()

    def _use(self):
        self.tell(())  # what was said of other rows
        points, notes = read_table(self.text.value)
        self.lab.model.configure(data="own", points=points)
        self._changed()
        self.tell(notes)

    def _loaded(self, files):
        for file in files:
            self.text.value = "\n".join(lines_to_read(bytes(file["content"]).decode("utf-8-sig", errors="replace")))
            self._use()

    def tell(self, notes):
        """Say what was done to points that were read."""
        self.notes.value = f'<div role="status">{html.escape("; ".join(notes))}</div>' if notes else ""
