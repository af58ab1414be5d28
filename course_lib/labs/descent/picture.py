"""The picture of the descent lab: surface and paths on the left, loss curves and the rates tried so far on the right."""

import numpy as np

from ...pictures import style
from ...pictures.figures import SURFACE_COLOURS
from ...text import say
from ..base.artists import DENSITY, deep, pale
from .race import LONGEST, RATE_LIMITS, label
from .rate_scan import RATES

SIZE = (960, 404)  # of the picture, in CSS pixels
PLANE = (62, 46, 500, 300)  # its left part
LEVELS = 14  # contours
ARROWS = 40  # steps with an arrow head, at the start and at the end of a path
POINTS = 400  # points of a drawn path
CURVE_LIMITS = (1e-7, 1e4)
NEVER, STEP_LIMITS = 3e5, (0.7, 1e6)  # where a rate that does not converge is drawn
# Each optimizer's own height, in units of NEVER, for the rates that diverge in a scan.
BESIDE = {"GradientDescent": 1.4, "Momentum": 0.6, "RMSProp": 0.25, "Adam": 0.1}
HALF_LETTER = 3.6  # of a name at the end of a path, in CSS pixels
ABOVE_END = (18, -18, 33, -33, 48, -48, 63, -63)  # how far above the end it may stand
LINE = 15  # from one name to the next
LOOKS = {  # optimizer: colour, marker, line style
    "GradientDescent": (style.BLUE, "o", "-"),
    "Momentum": (style.VERMILLION, "s", "--"),
    "RMSProp": (style.GREEN, "^", "-."),
    "Adam": (style.PURPLE, "D", ":"),
}


class View:
    """The picture: surface and paths on the left, loss curves and the rates tried so far on the right."""

    def __init__(self, canvas):
        self.canvas = canvas
        self.plane = canvas.axes(*PLANE)
        self.plane.grid(False)
        self.plane.yaxis.set_label_coords(-0.085, 0.5)
        self.plane.yaxis.label.set(rotation=0, va="center")  # a v that lies on its side is read as <
        self.curve = canvas.axes(640, 216, 290, 148, yscale="log", ylim=CURVE_LIMITS)
        self.curve.set_yticks([1e-6, 1e-3, 1, 1e3])
        self.curve.text(1, -0.17, say("steps"), transform=self.curve.transAxes, ha="right", va="top")
        self.rates = canvas.axes(640, 46, 290, 108, xscale="log", yscale="log", xlim=RATE_LIMITS, ylim=STEP_LIMITS)
        self.rates.set_yticks([1, 100, 1e4, NEVER], ["1", "100", "10,000", say("never")])
        self.rates.set_xticks([1e-4, 1e-2, 1], ["0.0001", "0.01", "1"])
        self.rates.minorticks_off()
        self.rates.set_title(say("Steps needed, by learning rate"), fontsize=11)
        self.rates.set_xlabel(say("learning rate"), labelpad=1)
        self.plane_layer = canvas.layer(self.plane)
        self.curve_axis = canvas.layer(self.curve.xaxis)
        self._drawn = None  # the surface and the names of those on it
        self.way = canvas.line(self.plane, color=style.GREY, linestyle=(0, (3, 2)), linewidth=2)
        self.way_head = canvas.line(self.plane, color=style.GREY, linewidth=2)
        self.downhill = canvas.line(self.plane, color=style.BLACK, linewidth=2.2)
        self.previews, self.paths, self.heads, self.dots, self.losses, self.ends = {}, {}, {}, {}, {}, {}
        for name, (colour, *_) in reversed(LOOKS.items()):
            self.previews[name] = canvas.line(self.plane, color=pale(colour, 1 / 3), linewidth=1)
        for name, (colour, marker, line_style) in reversed(LOOKS.items()):  # gradient descent on top
            self.paths[name] = canvas.line(self.plane, color=colour, linewidth=1.3, marker=".", markersize=4)
            self.heads[name] = canvas.line(self.plane, color=colour, linewidth=1.3)
            self.dots[name] = canvas.line(
                self.plane, linestyle="", marker=marker, color=colour, markersize=9, markeredgecolor="white"
            )
            self.losses[name] = canvas.line(self.curve, color=colour, linestyle=line_style, linewidth=1.8)
        self.star = canvas.line(
            self.plane, marker="*", markersize=11, color=style.ORANGE, markeredgecolor=style.BLACK, linestyle=""
        )
        self.by_rate, self.diverged, self.chosen, self.arrived, self.lost = {}, {}, {}, {}, {}
        for name, (colour, marker, line_style) in reversed(LOOKS.items()):
            self.by_rate[name] = canvas.line(self.rates, color=colour, linestyle=line_style, linewidth=1.6)
            self.diverged[name] = canvas.line(self.rates, color=colour, linestyle=line_style, linewidth=1.6)
            self.chosen[name] = canvas.line(self.rates, color=colour, linewidth=0.9)
            looks = {"linestyle": "", "color": colour, "markersize": 6}
            self.arrived[name] = canvas.line(self.rates, marker=marker, markeredgecolor="white", **looks)
            self.lost[name] = canvas.line(self.rates, marker="x", markeredgewidth=2, **looks)
        for name, (colour, *_) in LOOKS.items():  # above all curves
            self.ends[name] = [
                canvas.label((0, 0), size=9, colour=deep(colour), background="#FFFFFF") for _ in range(2)
            ]
        options = {"linestyle": "", "markersize": 6}
        self.settled = canvas.line(self.rates, marker="o", color=style.GREEN, **options)
        self.failed = canvas.line(self.rates, marker="x", color=style.VERMILLION, markeredgewidth=2, **options)
        self.limit = canvas.line(self.rates, color=style.VERMILLION, linewidth=1.6, linestyle="--")
        self.rate = canvas.line(self.rates, color=style.BLACK, linewidth=1.6)
        self.note = canvas.moving(
            self.rates.text(0, 0, "", color=style.VERMILLION, fontsize=10, ha="left", va="bottom")
        )

    def show(self, model):
        self._still_parts(model)
        for lines in (self.paths, self.heads, self.dots, self.losses, self.previews):
            for line in lines.values():
                line.set_data([], [])
        for racer in model.racers:
            self._show_racer(model, racer)
        if model.shows_preview:
            for racer, preview in zip(model.racers, model.preview(), strict=True):
                passed = racer.steps if racer.one_rate else 0  # at one rate it is the run's own path
                ahead = np.array(preview.path[passed:]).reshape(-1, model.surface.dimensions)
                self.previews[racer.name].set_data(*self._on_picture(model, ahead).T)
        self._show_arrows(model)
        self._name_ends(model)
        alone = len(model.racers) == 1
        for name in LOOKS:
            self._show_rates(model, name, not alone and name in model.settings.optimizers)
        tried = model.tried.get(model.settings.surface, {}).get("GradientDescent", {}) if alone else {}
        self.settled.set_data(*_arrived(tried))
        self.failed.set_data(*_lost(tried))
        self.rate.set_data([model.rate] * 2 if alone else [], STEP_LIMITS if alone else [])
        shown = model.limit_shown
        self.limit.set_data([model.limit] * 2 if shown else [], STEP_LIMITS if shown else [])
        self.note.set_text(" 2/λmax" if shown else "")
        self.note.set_position((model.limit or 1, 1))

    def _show_racer(self, model, racer):
        path, name = self._on_picture(model, np.array(racer.path)), racer.name
        thin = _thinned(len(path))
        self.paths[name].set_data(*path[thin].T)
        alone = len(model.racers) == 1  # in a race each has its line style, and no marks that would cover the others'
        self.paths[name].set_marker("." if alone and len(path) <= POINTS else "")
        self.paths[name].set_linestyle("-" if alone else LOOKS[name][2])
        self.paths[name].set_linewidth(1.3 if alone else 1.8)
        self.heads[name].set_data(*(self._arrow_heads(path) if alone else ([], [])))
        inside = path[-1] if np.all(np.isfinite(path[-1])) else path[0] * np.nan
        self.dots[name].set_data(*inside[:, None])
        lowest, highest = CURVE_LIMITS[0], 10 * CURVE_LIMITS[1]  # what diverges leaves the axes at the top
        excess = np.nan_to_num(model.excess(racer), nan=highest, posinf=highest)
        self.losses[name].set_data(np.arange(len(path))[thin], np.clip(excess, lowest, highest)[thin])

    def _name_ends(self, model):
        """The racers' names at the ends of their paths, while they are on their way, and of their curves, once they have
        left."""
        for labels in self.ends.values():
            for each in labels:
                each.text = ""
        if len(model.racers) > 1 and any(len(racer.path) > 1 for racer in model.racers):
            self._name_paths(model)
            self._name_curves(model)

    def _ends_of(self, axes, lines, racers):
        """(name, x, y, half the width of its label) of each racer whose line ends within the axes, in CSS pixels."""
        for name in (racer.name for racer in racers):
            end = [along[-1:] for along in lines[name].get_data()]
            if len(end[0]) and axes.bbox.contains(*axes.transData.transform(np.ravel(end))):
                yield name, *axes.transData.transform(np.ravel(end)) / DENSITY, HALF_LETTER * len(label(name))

    def _name_paths(self, model):
        """Above or below the ends, where there is room."""
        taken = []
        (left, bottom), (right, top) = self.plane.bbox.get_points() / DENSITY
        on_their_way = [racer for racer in model.racers if not racer.outcome]
        for name, x, y, half in self._ends_of(self.plane, self.dots, on_their_way):
            x = min(max(x, left + half), right - half)
            for away in ABOVE_END:
                near = [other for other in taken if abs(other[0] - x) < other[2] + half]
                if bottom + 6 < y + away < top - 4 and all(abs(y + away - other[1]) > 14 for other in near):
                    self._name(name, 0, (x, y + away))
                    taken.append((x, y + away, half))
                    break

    def _name_curves(self, model):
        """Beside the ends, in their order from top to bottom; where there is no room on the right, above them."""
        (_, bottom), (right, top) = self.curve.bbox.get_points() / DENSITY
        placed = []  # [name, x, y, half the width]
        for name, x, y, half in sorted(self._ends_of(self.curve, self.losses, model.racers), key=lambda end: -end[2]):
            fits = x + 2 * half + 8 < right
            x, y = (x + half + 8, y) if fits else (right - half, y + 18)
            above = [other[2] - LINE for other in placed if abs(other[1] - x) < other[3] + half]
            placed.append([name, x, min(y, top - 6, *above), half])
        lowest = bottom + 6
        for name, x, y, _ in reversed(placed):  # what was pushed out at the bottom pushes the others up
            y = max(y, lowest)
            lowest = y + LINE if y == lowest else bottom + 6
            self._name(name, 1, (x, y))

    def _name(self, name, number, place):
        self.ends[name][number].text, self.ends[name][number].place = label(name), place

    def _show_rates(self, model, name, races):
        """Steps by rate of one optimizer in a race: the curve of a scan, the rates that were run, the present one."""
        scan = model.scans.get(name) if races else None
        seen = np.isfinite(scan.steps) if scan else None
        self.by_rate[name].set_data([RATES[seen], scan.steps[seen]] if scan else [[], []])
        ended = RATES[scan.diverged & ~seen] if scan and scan.finished else []
        self.diverged[name].set_data(ended, [NEVER * BESIDE[name]] * len(ended))
        tried = model.tried.get(model.settings.surface, {}).get(name, {}) if races else {}
        self.arrived[name].set_data(*_arrived(tried))
        self.lost[name].set_data(*_lost(tried))
        self.chosen[name].set_data(*([[model.settings[name]] * 2, STEP_LIMITS] if races else [[], []]))

    def _on_picture(self, model, path):
        """Points of a path (steps, dimensions) as points of the picture; on a curve, the height is the loss."""
        path = np.clip(path, -1e6, 1e6)  # the renderer cannot draw much farther out
        if model.surface.dimensions == 2:
            return path
        return np.stack([path[:, 0], np.clip(model.surface.loss(path[:, 0]), -1e6, 1e6)], axis=1)

    def _arrow_heads(self, path):
        """Heads in the middle of steps that are long enough to carry one, as x and y with NaN between them."""
        chosen = np.r_[: min(ARROWS, len(path) - 1), max(ARROWS, len(path) - 1 - ARROWS) : len(path) - 1].astype(int)
        if not len(chosen):
            return [], []
        scale = self._pixels()
        before, after = path[chosen] * scale, path[chosen + 1] * scale
        step = after - before
        length = np.linalg.norm(step, axis=1)
        long = (length > 14) & (length < 4000)
        unit = step[long] / length[long, None]
        tip = (before + 0.5 * step)[long] + 4 * unit
        side = np.stack([-unit[:, 1], unit[:, 0]], axis=1)
        corners = [tip - 8 * unit + 4 * side, tip, tip - 8 * unit - 4 * side, np.full_like(tip, np.nan)]
        return (np.stack(corners, axis=1).reshape(-1, 2) / scale).T

    def _pixels(self):
        """CSS pixels for a unit of each axis."""
        spans = [np.ptp(self.plane.get_xlim()), np.ptp(self.plane.get_ylim())]
        return np.array(PLANE[2:]) / spans

    def _show_arrows(self, model):
        """Two arrows of one length: minus the gradient, and the way to the nearest minimum, which they do not pass; on a
        curve, the tangent."""
        racer, scale = model.racers[0], self._pixels()
        for artist in (self.way, self.way_head, self.downhill):
            artist.set_data([], [])
        if (
            len(model.racers) > 1
            or racer.outcome
            or not np.all(np.isfinite(racer.gradients[-1]))
            or np.abs(racer.point).max() > 1e3
        ):
            return
        if model.surface.dimensions == 1:
            here = np.array([racer.point[0], racer.losses[-1]])
            direction = np.array([1.0, racer.gradients[-1][0]])
            unit = direction * scale / np.linalg.norm(direction * scale)
            self.downhill.set_data(*np.stack([here - 60 * unit / scale, here + 60 * unit / scale]).T)
            return
        nearest = model.surface.nearest_minimum(racer.point)
        length = 64 if nearest is None else min(64, np.linalg.norm((nearest - racer.point) * scale))
        self.downhill.set_data(*_arrow(racer.point, -racer.gradients[-1], scale, length))
        if nearest is not None:
            x, y = _arrow(racer.point, nearest - racer.point, scale, length)
            self.way.set_data(x[:2], y[:2])
            self.way_head.set_data(x[2:], y[2:])

    # What is still

    def _still_parts(self, model):
        steps = next(
            limit
            for limit in (20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, LONGEST)
            if model.steps <= limit
        )
        if self.canvas.differs("steps", steps):
            self.curve.set_xlim(-0.01 * steps, 1.01 * steps)
            self.curve.set_xticks([0, steps // 2, steps], ["0", f"{steps // 2:,}", f"{steps:,}"])
            self.canvas.changed(self.curve_axis)
        # A race names its racers; who walks alone has arrows, until it has arrived.
        names = tuple(racer.name for racer in model.racers)
        names = names if len(names) > 1 else names * (not model.racers[0].outcome)
        plane = model.settings.surface, names
        if plane != self._drawn:
            self._drawn = None  # until it is drawn: the reader may interrupt, and then the next frame draws it
            has_minimum = bool(model.surface.minima)
            with self.canvas.styled():
                self._draw_surface(model.surface, names)
                self.curve.set_title(say("$L$ above its minimum") if has_minimum else say("Norm of the gradient"))
            self.canvas.changed(self.plane_layer)
            if self.canvas.differs("curve", has_minimum):
                self.canvas.still_parts_changed()
            self._drawn = plane

    def _draw_surface(self, surface, names):
        _clear(self.plane)
        self.plane.set_title(f"$L$ = {surface.formula}", pad=24)
        low, high = surface.low, surface.high
        self.plane.set(xlim=(low[0], high[0]), xlabel="u")
        if surface.dimensions == 2:
            self.plane.set(ylim=(low[1], high[1]), ylabel="v")
            self._draw_contours(surface)
        else:
            self.plane.set(ylim=surface.ylim, ylabel="L")
            u = np.linspace(low[0], high[0], 300)
            self.plane.plot(u, surface.loss(u), color=style.GREY, linewidth=2)
        places = [point if surface.dimensions == 2 else (*point, surface.value(point)) for point in surface.minima]
        self.star.set_data(*np.reshape(places, (-1, 2)).T)
        self._draw_legend(surface, names)

    def _draw_contours(self, surface):
        u, v = (np.linspace(surface.low[k], surface.high[k], n) for k, n in enumerate((160, 96)))
        losses = surface.loss(*np.meshgrid(u, v))
        bottom, top = losses.min(), losses.max()
        # Levels closer together near the bottom, where the walk ends; even steps where the loss has no bottom.
        power = 2.5 if surface.minima and top > 5 else 1
        levels = bottom + (top - bottom) * np.linspace(0, 1, LEVELS + 1) ** power
        colours = SURFACE_COLOURS(0.5 + np.arange(LEVELS) / 32)
        self.plane.contourf(u, v, losses, levels=levels, colors=colours)
        self.plane.contour(u, v, losses, levels=levels[1:-1], colors=style.GREY, linewidths=0.6, linestyles="solid")

    def _draw_legend(self, surface, names):
        handles, texts = [], []
        if surface.minima:
            handles += self.plane.plot(
                [], [], marker="*", markersize=11, color=style.ORANGE, linestyle="", markeredgecolor=style.BLACK
            )
            texts.append(say("minimum"))
        if len(names) == 1 and surface.dimensions == 2:
            handles += self.plane.plot([], [], color=style.BLACK, linewidth=2.2)
            texts.append(say("minus the gradient"))
            if surface.minima:
                handles += self.plane.plot([], [], color=style.GREY, linestyle=(0, (3, 2)), linewidth=2)
                texts.append(say("way to the minimum"))
        elif len(names) == 1:
            handles += self.plane.plot([], [], color=style.BLACK, linewidth=2.2)
            texts.append(say("tangent"))
        else:
            looks = [LOOKS[name] for name in names]
            handles += [self.plane.plot([], [], color=c, linestyle=ls, marker=m, markersize=5)[0] for c, m, ls in looks]
            texts += [label(name) for name in names]
        self.plane.legend(
            handles,
            texts,
            loc="lower left",
            bbox_to_anchor=(0, 1),
            ncols=5,
            borderaxespad=0.2,
            handlelength=1.6,
            handletextpad=0.5,
            columnspacing=0.8,
            fontsize=9,
        )


def _clear(axes):
    """Remove what does not move: contours, curves, marks, and the samples of a legend."""
    for artist in [*axes.collections, *axes.lines]:
        if not artist.get_animated():
            artist.remove()


def _arrived(tried):
    """Rates that converged and their steps, of {rate: steps or None}."""
    settled = {rate: steps for rate, steps in tried.items() if steps is not None}
    return list(settled), list(settled.values())


def _lost(tried):
    """Rates that did not, and where they are drawn."""
    lost = [rate for rate, steps in tried.items() if steps is None]
    return lost, [NEVER] * len(lost)


def _arrow(point, direction, scale, length):
    """An arrow of a length in CSS pixels from a point, as x and y of one line; nothing when there is no direction, or no
    room for its head."""
    pixels = direction * scale
    norm = np.linalg.norm(pixels)
    if not 0 < norm < np.inf or length < 10:
        return [], []
    unit = pixels / norm
    side = np.array([-unit[1], unit[0]])
    tip = length * unit
    corners = np.array([0 * tip, tip, tip - 10 * unit + 5 * side, tip, tip - 10 * unit - 5 * side])
    return (point + corners / scale).T


def _thinned(count):
    """At most POINTS indices of a path, the first and the last among them."""
    return np.unique(np.linspace(0, count - 1, min(count, POINTS)).astype(int))
