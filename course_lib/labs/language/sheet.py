"""Rows of short texts in fields, a symbol in each; how dark a field is says how likely its symbol was."""

import numpy as np

from ...pictures import style
from .. import base

CUT = 3  # letters of a word that is one symbol
# The more likely, the greener, or, where a symbol is wrong, the more orange: pale enough to be read on, on a dark page too.
LEVELS = 15  # above white
GREENS, ORANGES = base.artists.GREEN[: LEVELS + 1], base.artists.SIGNED[128 : 128 + 6 * (LEVELS + 1) : 6]


class Sheet:
    """The fields, and the labels in, before and behind them.

    place     (x, y) of the upper left corner of the fields, in CSS pixels; the names of rows begin at `names`
    shape     (rows, texts side by side, fields of a text)
    side, gap of a field, and between texts and rows              size, family   of a symbol; longer ones are cut, and small
    """

    def __init__(self, canvas, place, shape, *, names, side, gap, size, family=None):
        self._rows, self._across, self._count = shape
        self.left, self.top, self._names = *place, names
        colours = np.concatenate([GREENS, ORANGES])
        self.grid = canvas.pixel_grids(place, (1, 1, 1), colours, pixel=side, across=self._across, gap=gap)
        cells = self._rows * self._across
        self.row_names = [canvas.label((0, 0), size=9, align="left") for _ in range(self._rows)]
        self.marks = [canvas.label((0, 0), size=12) for _ in range(cells)]
        self.symbols = [canvas.label((0, 0), size=size, family=family) for _ in range(cells * self._count)]
        self.words = [canvas.label((0, 0), size=9) for _ in self.symbols]
        self.pixel = self.grid.pixel / base.artists.DENSITY
        frame = 2 / base.artists.DENSITY
        gap = round(gap * base.artists.DENSITY) / base.artists.DENSITY
        self.right, self.down = self._count * self.pixel + frame + gap, self.pixel + frame + gap  # to the next one
        self.show([])

    def show(self, rows):
        """rows   a list of (name, colour of the name, texts), a text being (symbols, their probabilities, which of them
        are wrong, whether all is right, or None)"""
        values = np.zeros((len(rows) * self._across, 1, self._count))
        for label in (*self.row_names, *self.marks, *self.symbols, *self.words):
            label.text = ""
        for row, (name, colour, texts) in enumerate(rows):
            y = self.top - row * self.down - (1 / base.artists.DENSITY + self.pixel / 2)
            label = self.row_names[row]
            label.place, label.text, label.colour = (self._names, y), name, colour
            for column, (symbols, shares, wrong, right) in enumerate(texts):
                cell, x = row * self._across + column, self.left + column * self.right + 1 / base.artists.DENSITY
                values[cell, 0, : len(symbols)] = (shares * LEVELS + wrong * (LEVELS + 1)) / (2 * LEVELS + 1)
                for place, symbol in enumerate(symbols):
                    labels = self.symbols if len(symbol) == 1 else self.words
                    label = labels[cell * self._count + place]
                    label.place, label.text = (x + (place + 0.5) * self.pixel, y), symbol[:CUT]
                mark = self.marks[cell]
                mark.place = (x + self._count * self.pixel + 9, y)
                mark.text = {True: "\N{CHECK MARK}", False: "\N{BALLOT X}", None: ""}[right]
                mark.colour = style.GREEN if right else style.VERMILLION
        self.grid.values = values
        self.grid.place = (self.left, self.top - self.grid.size[1])

    def at(self, x, y):
        """(row, column, place) of the field at a place of the picture; they may be outside of what is shown."""
        column = int((x - self.left) // self.right)
        return int((self.top - y) // self.down), column, int((x - self.left - column * self.right) // self.pixel)
