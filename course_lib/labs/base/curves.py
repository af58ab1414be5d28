"""Curves as Matplotlib takes them: smooth ones between two heights, several as one line with gaps, earlier runs in grey."""

from itertools import pairwise

import numpy as np


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


def show_ghosts(lines, runs):
    """The latest of several earlier runs as lines; a run is a list of points (x, y)."""
    for line, run in zip(lines, [*runs[::-1], *[[]] * len(lines)], strict=False):
        line.set_data(*zip(*run, strict=True) if run else ([], []))
