"""The search lab: trials of a grid, of chance, of a Bayesian sampler or of the reader, dropping onto a map of losses."""

import time

import numpy as np
from matplotlib.colors import LinearSegmentedColormap

from ...models.validation_map import RATES, SECONDS
from ...pictures import style
from ...text import N_, say
from ..base.picture import PictureLab
from ..base.tables import Control
from .model import GOALS, METHODS, TRIALS, SearchModel

SIZE = (960, 400)
PIECE = 0.022  # seconds of training in a frame
BETWEEN = 0.12  # seconds from one trial to the next
LOWEST = 0.003  # a smaller share of the map is drawn there
COLOURS = LinearSegmentedColormap.from_list("loss", (style.GREEN, "#FFFFFF")).with_extremes(bad="#EEEEEE")
METHOD_COLOURS = dict(zip(METHODS, (style.BLUE, style.ORANGE, style.VERMILLION, style.PURPLE), strict=True))
METHOD_LINES = dict(zip(METHODS, ("--", ":", "-", "-."), strict=True))


def search_lab(table=None, name="search", **settings):
    """The search lab, to be the last line of a cell.

    table      validation losses (weight decays, rates) that are trained already; None: the lab trains them when asked
    settings   second, method, seed of `SearchModel`
    """
    return SearchLab(SearchModel(table, **settings), name)


class SearchLab(PictureLab):
    """Controls and picture of a `SearchModel`."""

    size = SIZE
    piece = PIECE
    question = N_("Which method needs the fewest trials for the best tenth, and which one for the best fiftieth?")
    goal_texts = {
        "best tenth": N_("Goal: reach the best tenth of the map within {trials} trials, by whichever method."),
        "best fiftieth": N_("Goal: reach the best fiftieth within {trials} trials."),
    }
    table = {
        "method": Control(N_("Search"), words=dict(zip(METHODS, METHODS, strict=True)), pauses=True),
        "second": Control(N_("Map of rate and"), words=dict(zip(SECONDS, SECONDS, strict=True)), pauses=True),
    }
    rows = (("search", "trial", "reset", "method", "second", "hidden"),)
    below = (("rate", "row"),)
    lines_of_status = 2

    def __init__(self, model, name):
        self.hidden = False
        self._next_trial = 0.0
        super().__init__(model, name)

    def make_view(self, canvas):
        view = View(canvas)
        canvas.hand.reading(view.map, self._loss_at)
        return view

    def draw(self):
        self.view.show(self.model, self.hidden)
        self.canvas.draw(now=not self.is_steady)

    def facts_of(self, goal):
        return {"trials": GOALS[goal][1]}

    def prepare(self):
        self.model.stop_at = None
        if self.model.settings["method"] == "by hand" and self.model.map.finished:
            raise ValueError(say("by hand: choose a rate and a value below the picture, and press One trial"))
        if self.model.finished:
            self.model.again()

    def work(self):
        began = time.perf_counter()
        if not self.model.map.finished:
            self.model.map.advance(enough=lambda: time.perf_counter() - began > PIECE)
            return not (self.model.map.finished and self.model.settings["method"] == "by hand")
        if self._loop is None or began >= self._next_trial:
            self._next_trial = began + BETWEEN
            self.model.advance()
        return not self.model.finished

    def static_model(self):
        model = SearchModel(self.model.map.table, second=self.model.map.second)
        model.map.advance()
        for method in METHODS[:3]:
            model.configure(method=method)
            for _ in range(7):
                model.again()
                model.advance(TRIALS)
        return model

    def make_buttons(self):
        model = self.model
        self.controls |= {
            "hidden": self.switch(say("Hide the map"), False, self._hide),
            "rate": self.number(
                say("By hand: rate"),
                _rounded(RATES[model.chosen[1]]),
                (RATES[0], RATES[-1]),
                self._choose_rate,
                logarithmic=True,
                step=RATES[1] / RATES[0],
            ),
            "row": self.number(
                say("row"), model.chosen[0] + 1, (1, len(model.map.values)), self._choose_row, whole=True
            ),
        }
        return {
            "search": self.make_run_button(
                say("Search"), say("{trials} trials, one after the other; press again to pause", trials=TRIALS)
            ),
            "trial": self.make_step_button(say("One trial"), say("The next trial only")),
            "reset": self.button(
                say("Start again"), self.pausing(model.again), tooltip=say("Another search by the same method")
            ),
        }

    def show_controls(self):
        super().show_controls()
        row, column = self.model.chosen
        if self.controls["row"].high != len(self.model.map.values):
            self.controls["row"].limits(1, len(self.model.map.values))
        self.controls["row"].show(row + 1)
        if column != _nearest(self.controls["rate"].value):
            self.controls["rate"].show(_rounded(RATES[column]))

    def _loss_at(self, column, row):
        row, column, table = round(row), round(column), self.model.map.table
        inside = 0 <= row < table.shape[0] and 0 <= column < table.shape[1]
        tried = (row, column) in [place[:2] for place in self.model.trials]
        if not inside or np.isnan(table[row, column]) or (self.hidden and not tried):
            return ""
        return say(
            "learning rate {rate:.3g}, {second} {value:.3g}: validation loss {loss:.3g}",
            rate=RATES[column],
            second=say(self.model.map.second),
            value=self.model.map.values[row],
            loss=table[row, column],
        )

    def _hide(self, hidden):
        self.hidden = hidden
        self.redraw()

    def _choose_rate(self, rate):
        self.model.configure(column=_nearest(rate))
        self.redraw()

    def _choose_row(self, row):
        self.model.configure(row=row - 1)
        self.redraw()

    def _step(self):
        if self.model.map.finished and self.model.finished:
            self.model.again()
        super()._step()


class View:
    """The picture: the map with the trials on the left; on the right, how good the best of them is."""

    def __init__(self, canvas):
        self.canvas = canvas
        self._shown = None
        with canvas.styled():
            self.map = canvas.axes(86, 56, 470, 300)
            self.map.grid(False)
            self.map.set(xlabel=say("learning rate"))
            ticks = [0, 6, 12, 18]
            self.map.set_xticks(ticks, [f"{RATES[tick]:.2g}" for tick in ticks])
            self.map.tick_params(length=0)
            self.map.spines[:].set_visible(True)
            self.fields = self.map.imshow(np.zeros((2, 2)), cmap=COLOURS, aspect="auto", origin="lower")
            self.borders = self.map.plot([], [], color=style.BLACK, linewidth=1.2)[0]
            self.trials = canvas.line(
                self.map, linestyle="", marker="o", markersize=7, color=style.BLUE, markeredgecolor="white"
            )
            self.best = canvas.line(
                self.map, linestyle="", marker="*", markersize=17, color=style.ORANGE, markeredgecolor=style.BLACK
            )
            self.last = canvas.line(
                self.map,
                linestyle="",
                marker="o",
                markersize=12,
                markerfacecolor="none",
                markeredgecolor=style.VERMILLION,
                markeredgewidth=2.5,
            )
            self.choice = canvas.line(self.map, color=style.PURPLE, linewidth=2.5)
            self.course = canvas.axes(646, 56, 290, 300, xlim=(0.5, TRIALS + 0.5), yscale="log", ylim=(0.0025, 1))
            self.course.cut_at = (LOWEST, np.inf)
            self.course.set(xlabel=say("trial"))
            self.course.set_title(say("Share of the map that is better"))
            self.course.set_yticks([0.01, 0.02, 0.1, 1], ["1 %", "2 %", "10 %", say("all")])
            self.course.set_yticks([], minor=True)
            for share, _ in GOALS.values():
                self.course.axhline(share, color=style.GREY, linewidth=1)
            self.medians = {
                method: self.course.plot([], [], METHOD_LINES[method], color=METHOD_COLOURS[method], linewidth=2.2)[0]
                for method in METHODS
            }
            self.present = canvas.line(self.course, color=style.BLACK, marker=".", linewidth=1.4)

    def show(self, model, hidden=False):
        visible = ~np.isnan(model.map.table)
        if hidden:
            visible &= False
            for place in model.trials:
                visible[place[:2]] = True
        counts = [len(runs) for runs in model.runs.values()]
        state = (model.map.second, visible.tobytes(), counts, hidden)
        if state != self._shown:
            self._shown = state
            self._show_map(model, visible, hidden)
            self._show_medians(model)
            self.canvas.still_parts_changed()
        rows, columns, _ = zip(*model.trials, strict=True) if model.trials else ((), (), ())
        self.trials.set_data(columns, rows)
        self.last.set_data(columns[-1:], rows[-1:])
        best = model.best()[:2] if model.trials else None
        self.best.set_data(*([[best[1]], [best[0]]] if best else [[], []]))
        self.present.set_data(
            range(1, len(model.trials) + 1), np.maximum(model.shares(), LOWEST) if model.trials else []
        )
        if model.settings["method"] == "by hand":
            x, y = np.array([-0.5, 0.5, 0.5, -0.5, -0.5]), np.array([-0.5, -0.5, 0.5, 0.5, -0.5])
            self.choice.set_data(model.chosen[1] + x, model.chosen[0] + y)
        else:
            self.choice.set_data([], [])

    def _show_map(self, model, visible, hidden):
        table = np.where(visible, model.map.table, np.nan)
        rows, columns = table.shape
        known = model.map.table[~np.isnan(model.map.table)]
        low = known.min() if known.size else 1.0
        shade = np.sqrt((np.minimum(table, 2 * low) - low) / low)  # 0 to 1, finest where the losses are low
        self.fields.set_data(np.ma.masked_invalid(shade))
        self.fields.set_clim(0, 1)
        self.fields.set_extent((-0.5, columns - 0.5, -0.5, rows - 0.5))
        self.map.set(xlim=(-0.5, columns - 0.5), ylim=(-0.5, rows - 0.5))
        values = model.map.values
        ticks = range(rows) if rows < 10 else range(0, rows, 4)
        self.map.set_yticks(list(ticks), [f"{values[tick]:.3g}" for tick in ticks])
        self.map.set_title(say("Validation loss: rate and {second}", second=say(model.map.second)), weight="bold")
        tenth = (
            model.map.table <= np.quantile(model.map.table, GOALS["best tenth"][0]) if model.map.finished else table < 0
        )
        self.borders.set_data(*(_borders(tenth) if not hidden else ([], [])))

    def _show_medians(self, model):
        handles, labels = [], []
        for method, line in self.medians.items():
            median = model.median(method)
            line.set_data(*((range(1, TRIALS + 1), np.maximum(median, LOWEST)) if median is not None else ([], [])))
            if median is not None:
                handles.append(line)
                labels.append(say("{method}, median of {runs}", method=say(method), runs=len(model.runs[method])))
        if self.course.get_legend() is not None:
            self.course.get_legend().remove()
        with self.canvas.styled():
            if handles:
                self.course.legend(handles, labels, loc="upper right", fontsize=9, handlelength=2.2)


def _nearest(rate):
    """The column of the map whose rate is nearest."""
    return int(abs(np.log(RATES / rate)).argmin())


def _rounded(rate):
    """As a NumberControl shows it."""
    return float(f"{rate:.3g}")


def _borders(mask):
    """Line segments around the fields of a mask, as x and y with gaps."""
    x, y = [], []
    padded = np.pad(mask, 1)
    for i, j in np.argwhere(padded[1:-1, 1:] != padded[1:-1, :-1]):  # left or right neighbour differs
        x += [j - 0.5, j - 0.5, np.nan]
        y += [i - 0.5, i + 0.5, np.nan]
    for i, j in np.argwhere(padded[1:, 1:-1] != padded[:-1, 1:-1]):
        x += [j - 0.5, j + 0.5, np.nan]
        y += [i - 0.5, i - 0.5, np.nan]
    return x, y
