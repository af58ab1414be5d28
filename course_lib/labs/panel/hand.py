"""What a reader's hand can do on the picture of a lab: drag its handles, press its buttons, click on a place, and read
what stands under the pointer.

The page says where the hand is in pixels (`hand.js`); labs hear of it in the data of their axes. A control beside the
picture does the same as a handle, for pages that draw no pictures themselves.
"""

import numpy as np

from ...text import say
from .reading import nearest_point

STEP = 0.01  # of the width or height of the axes, for an arrow key
SIDE = 22  # of a button, in CSS pixels, on a picture in its full size


class Hand:
    """The handles, buttons and readings of a `Canvas`.

    touched(content)   what the page says, as `hand.js` sends it; returns the answer, or None
    """

    def __init__(self, canvas):
        self._canvas = canvas
        self._handles, self._places, self._sizes, self._readings = {}, {}, {}, []
        self._presses, self._buttons = {}, {}
        self._removals, self._clicks = {}, []

    def handle(self, name, axes, move, remove=None):
        """Declare a handle in some axes; move(x, y) is called with each new place in their data, within their limits, and
        remove() for the key Delete."""
        self._handles[name] = axes, move
        self._removals[name] = remove

    def let_go(self, name):
        """Take a handle away until it is placed again."""
        self._places.pop(name, None)

    def clicking(self, axes, click):
        """Declare that one can click in some axes: click(x, y) is called with the place in their data."""
        self._clicks.append((axes, click))

    def place(self, name, what, x, y, size=None):
        """Put a handle at a place of its axes. what: what it moves, in words; size: of the box that it is, (width, height)
        in CSS pixels, else it is a ring."""
        at = say("{what} at {x:.3g}, {y:.3g}: drag it, or move it with the arrow keys", what=what, x=x, y=y)
        self._places[name] = at, np.array([x, y])
        self._sizes[name] = size

    def button(self, name, sign, press):
        """Declare a small button with a sign on it; press() is called when it is pressed."""
        self._presses[name] = sign, press

    def place_button(self, name, label, x, y):
        """Put a button at a place, in CSS pixels from the picture's lower left corner. label: what it does, in words."""
        density = self._canvas.figure.dpi / 100
        at, size = self._pixels(np.array([x, y]) * density), [SIDE * density] * 2
        self._buttons[name] = {"name": name, "label": label, "at": at, "sign": self._presses[name][0], "size": size}

    def remove_button(self, name):
        """Take a button away until it is placed again."""
        self._buttons.pop(name, None)

    def reading(self, axes, describe):
        """Declare what can be read in some axes: describe(x, y) is a short text about a place in their data, or ""."""
        self._readings.append((axes, describe))

    @property
    def can_click(self):
        return bool(self._clicks)

    @property
    def can_read(self):
        return any(axes.axison for axes in self._canvas.figure.axes)

    def handles(self):
        """The handles and buttons as the page wants them: name, label, place in pixels from the upper left corner, of a
        button its sign, and of a button or a box its size."""
        return [*self._buttons.values()] + [
            {"name": name, "label": label, "at": self._pixels(self._handles[name][0].transData.transform(place))}
            | self._size(name)
            for name, (label, place) in self._places.items()
            if np.isfinite(place).all()
        ]

    def _size(self, name):
        size, density = self._sizes[name], self._canvas.figure.dpi / 100
        return {} if size is None else {"size": [density * float(side) for side in size]}

    def touched(self, content):
        if "look" in content:
            return {"reading": self._read(self._pixels(content["look"])), "at": content["look"]}
        if "click" in content:
            self._click(self._pixels(content["click"]))
            return None
        if "press" in content:
            if content["press"] in self._buttons:  # else it has just gone
                self._presses[content["press"]][1]()
            return None
        if "remove" in content:
            if content["remove"] in self._places and self._removals[content["remove"]]:
                self._removals[content["remove"]]()
            return None
        name = content.get("drag") or content["push"]
        if name not in self._places:  # it has just gone
            return None
        axes, move = self._handles[name]
        if "to" in content:
            place = axes.transData.inverted().transform(self._pixels(content["to"]))
        else:
            across, down = content["by"]
            low, high = (np.array(ends) for ends in zip(axes.get_xlim(), axes.get_ylim(), strict=True))
            place = self._places[name][1] + STEP * (high - low) * (across, -down)
        move(
            *(
                float(np.clip(v, *sorted(ends)))
                for v, ends in zip(place, (axes.get_xlim(), axes.get_ylim()), strict=True)
            )
        )
        return None

    def _click(self, pixels):
        for axes, click in self._clicks:
            if axes.get_visible() and axes.bbox.contains(*pixels):
                click(*map(float, axes.transData.inverted().transform(pixels)))

    def _read(self, pixels):
        for axes, describe in self._readings:
            if axes.get_visible() and axes.bbox.contains(*pixels):
                return describe(*axes.transData.inverted().transform(pixels))
        return nearest_point(self._canvas.figure, pixels)

    def _pixels(self, place):
        """From the upper left corner, if it was from the lower left one, or the other way round."""
        return [float(place[0]), float(self._canvas.figure.bbox.height - place[1])]
