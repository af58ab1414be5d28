"""The stepper: one training iteration of a 2-2-1 network, number by number, beside the flow chart and the code."""

from itertools import pairwise

import ipywidgets as widgets
import numpy as np
from matplotlib.colors import to_rgba
from matplotlib.patches import Circle, FancyArrowPatch, FancyBboxPatch

from ...pictures import style
from ...text import N_, say
from ..base.artists import pale
from ..base.buttons import Button
from ..base.controls import INITIAL
from ..base.lab import Lab
from .formulas import pretty, shown
from .model import BEFORE_HIDDEN_ERROR, STEPS, StepperModel, X

SIZE = (960, 452)
USED, MADE = "#C7E6F8", "#F7DEAA"  # sky and orange, two thirds white: numbers that go in, the number that comes out


class StepperLab(Lab):
    """The stepper, to be the last line of a cell. settings: example, activation, rate, seed of `StepperModel`."""

    model_class = StepperModel
    reply, replied_right = "", False
    size, static_steps = SIZE, BEFORE_HIDDEN_ERROR  # which is the reader's to find
    question = N_("Which numbers of the forward pass does the way back use again?")
    goal_texts = {
        "hidden error": N_(
            "Goal: walk to the output error. Before you press Next, work out the hidden error {name} and type it."
        ),
    }
    facts = {"name": pretty("delta1[1]")}
    actions = {
        "next": Button(N_("Next"), "advance", N_("The next product"), style="primary", icon="step-forward"),
        "back": Button(N_("Back"), "back", N_("One product back"), icon="step-backward"),
        "whole": Button(N_("Whole iteration"), "whole", N_("To the end of this iteration")),
        "reset": Button(N_("Reset"), "reset", N_("Back to the initial weights")),
        "new weights": Button(N_("New weights"), "new_start", N_("The next seed")),
        "check": Button(N_("Check"), "_judge", N_("Compare your number")),
    }
    rows = (("next", "back", "whole", "reset", "guess", "check"),)
    below = (("rate", "example", "activation"), ("new weights", "seed"))

    def refresh(self):
        super().refresh()
        if self.reply:
            self.status(self.reply, good=self.replied_right)

    def make_buttons(self):
        self.guess = widgets.Text(
            description=say("{name} =", name=pretty("delta1[1]")),
            placeholder=say("your number"),
            style=INITIAL,
            continuous_update=False,
            layout=widgets.Layout(width="170px"),
            tooltip=say("The hidden error of unit 1, worked out by hand"),
        )
        judge = self.safely(self._judge)
        self.guess.observe(lambda change: judge(), "value")
        return super().make_buttons()

    def _setting(self, name):
        return self.pausing(self._change, name)

    def pausing(self, action, *arguments):
        """Nothing runs here: the reader walks, and a reply is gone with the next step."""

        def walk(*values):
            self.model.stop_at = None
            action(*arguments, *values)
            self._show()

        return walk

    def _judge(self):
        self._show(*self.model.judge(self.guess.value))

    def _show(self, reply="", right=False):
        self.reply, self.replied_right = reply, right
        self.redraw()

    # The picture

    def make(self, canvas):
        """Flow chart above, network on the left, code and products on the right."""
        self.numbers = {}  # key: (label, what stands before the number)
        self.axes = canvas.area(0, 0, *SIZE)
        self._make_chart()
        self._make_network()
        self._make_pulls()
        self._make_code()

    def _label(self, x, y, text="", **options):
        return self.canvas.label((x, y), text, **options)

    def _make_chart(self):
        axes, middle = self.axes, BOX_BOTTOM + BOX_HEIGHT / 2
        lefts = [BOX_LEFT + i * BOX_STEP for i in range(len(STEPS))]
        for left in lefts:
            axes.add_patch(self._box(left, edgecolor=style.GREY, facecolor="white"))
        for left in lefts[1:]:
            self._arrow((left - BOX_STEP + BOX_WIDTH, middle), (left, middle))
        first, last, below = lefts[0] + BOX_WIDTH / 2, lefts[-1] + BOX_WIDTH / 2, BOX_BOTTOM - 16
        axes.plot([last, last, first], [BOX_BOTTOM, below, below], color=style.GREY, linewidth=1.2)
        self._arrow((first, below), (first, BOX_BOTTOM))
        for text, left, right in (
            (say("backpropagation"), lefts[2], lefts[4]),
            (say("gradient descent"), lefts[5], lefts[5]),
        ):
            ends, top = [left, left, right + BOX_WIDTH, right + BOX_WIDTH], BOX_BOTTOM + BOX_HEIGHT
            axes.plot(ends, [top + 5, top + 9, top + 9, top + 5], color=style.GREY, linewidth=1)
            axes.text(sum(ends) / 4, top + 18, text, ha="center", va="center", fontsize=9.5, color=style.GREY)
        self.box = self.canvas.moving(axes.add_patch(self._box(lefts[0], facecolor=style.BLUE, edgecolor=style.BLUE)))
        self.steps = [
            self._label(left + BOX_WIDTH / 2, middle, f"{i}  {say(step)}", size=10.5)
            for i, (left, step) in enumerate(zip(lefts, STEPS, strict=True), 1)
        ]
        self.iteration = self._label((first + last) / 2, below, colour=style.GREY, background="#FFFFFF", size=9.5)

    @staticmethod
    def _box(left, **options):
        return FancyBboxPatch(
            (left, BOX_BOTTOM), BOX_WIDTH, BOX_HEIGHT, boxstyle="round,pad=0,rounding_size=6", **options
        )

    def _arrow(self, start, end):
        self.axes.add_patch(
            FancyArrowPatch(
                start, end, arrowstyle="-|>", mutation_scale=10, color=style.GREY, linewidth=1.2, shrinkA=0, shrinkB=1
            )
        )

    def _make_network(self):
        axes, grey = self.axes, {"color": style.SILVER, "linewidth": 2, "zorder": 1}
        self.edges = {key: self.canvas.moving(axes.plot(*_ends(key), **grey)[0]) for key in EDGES}
        output, _ = UNITS["a2"]
        axes.plot([output, output], [UNITS["a2"][1], 40], linestyle=":", **grey)
        for key, (x, y) in UNITS.items():
            axes.add_patch(Circle((x, y), RADIUS, facecolor="white", edgecolor=style.BLACK, linewidth=1.2, zorder=2))
            axes.text(x, y + 14, pretty(key), ha="center", va="center", fontsize=8.5, color=style.GREY)
            self._number(key, x, y - 3)
        for key, (start, end, share) in EDGES.items():
            x, y = (a + share * (b - a) for a, b in zip(UNITS[start], UNITS[end], strict=True))
            self._parameter(key, x, y)
        for key, unit in BIASES.items():
            x, y = UNITS[unit]
            self._parameter(key, x, y + RADIUS + 26, "b ")
        for key, unit in SUMS.items():
            x, y = UNITS[unit]
            self._number(key, x, y - RADIUS - 9, prefix="z ")
            self._number("delta" + key[1:], x, y - RADIUS - 25, prefix="δ ", colour=style.VERMILLION)
        for key, y, text in (("y", 46, say("target")), ("L", 28, say("loss"))):
            axes.text(output - 14, y, text, ha="right", va="center", fontsize=9.5, color=style.GREY)
            self._number(key, output - 8, y, prefix=f"{key} = ", align="left")

    def _make_pulls(self):
        """What each of the four examples would do to each parameter, as discs: beside the one at hand, the other three."""
        self.heads = [self._label(PULLS_LEFT - 46, PULLS_TOP + 34, align="left", size=9)]
        self.heads += [self._label(x, PULLS_TOP + 16, colour=style.GREY, size=9) for x in _columns(GROUPS)]
        self.heads.append(self._label(LOSSES, PULLS_TOP + 16, colour=style.GREY, size=9))
        rows = [PULLS_TOP - k * PULLS_STEP for k in range(len(X))]
        self.examples = [self._label(PULLS_LEFT - 46, y, align="left", size=9) for y in rows]
        self.loss_of = [self._label(LOSSES, y, size=9) for y in rows]
        places = [(x, y) for y in rows for x in COLUMNS]
        self.pulls = self.canvas.moving(self.axes.scatter(*zip(*places, strict=True), s=0, edgecolors=style.VERMILLION))

    def _parameter(self, key, x, y, prefix=""):
        """A weight or bias, below it its gradient, and below that its new value."""
        self._number(key, x, y + 15, prefix=prefix)
        self._number(f"d{key}", x, y, prefix="∂ ", colour=style.VERMILLION)
        self._number(f"new {key}", x, y - 15, prefix="→ ", colour=style.GREEN)

    def _number(self, key, x, y, prefix="", **options):
        self.numbers[key] = self._label(x, y, **{"size": 9.5} | options), prefix

    def _make_code(self):
        axes = self.axes
        self.mark = self.canvas.moving(
            axes.add_patch(
                FancyBboxPatch(
                    (CODE_LEFT - 28, 0),
                    516,
                    CODE_STEP - 2,
                    facecolor="#AAD0E5",
                    edgecolor="none",
                    boxstyle="round,pad=0,rounding_size=4",
                )
            )
        )
        rows = [CODE_TOP - i * CODE_STEP for i in range(len(STEPS))]
        mono = {"align": "left", "size": 8.8, "family": "DejaVu Sans Mono"}
        self.code = [self._label(CODE_LEFT, y, **mono) for y in rows]
        for number, y in enumerate(rows, 1):
            self._label(CODE_LEFT - 20, y, f"{number}", colour=style.GREY, **mono)
        self._label(LINES_LEFT, LINES_TOP + 30, say("goes in"), align="left", background=USED, size=9)
        self._label(LINES_LEFT + 70, LINES_TOP + 30, say("comes out"), align="left", background=MADE, size=9)
        self.formulas, self.products = [], []
        for i in range(3):
            y = LINES_TOP - i * LINES_STEP
            self.formulas.append(self._label(LINES_LEFT, y, align="left", size=11))
            self.products.append(self._label(LINES_LEFT + 16, y - 22, align="left", size=11))

    def show(self):
        model = self.model
        self.box.set_visible(model.phase is not None)
        self.mark.set_visible(model.phase is not None)
        if model.phase is not None:
            self.box.set_x(BOX_LEFT + model.phase * BOX_STEP)
            self.mark.set_y(CODE_TOP - model.phase * CODE_STEP - (CODE_STEP - 2) / 2)
        for i, (step, label, code) in enumerate(zip(self.steps, self.code, model.code(), strict=True)):
            step.colour = "#FFFFFF" if i == model.phase else style.BLACK
            label.text = code
        self.iteration.text = say("iteration {n}", n=model.iteration)
        known, used = model.known, {key for line in model.lines for key in line.uses}
        made = {line.result for line in model.lines}
        for key, (label, prefix) in self.numbers.items():
            label.text = prefix + shown(model.values[key]) if key in known else ""
            label.background = MADE if key in made else USED if key in used else "#FFFFFF"
        for i, (formula, product) in enumerate(zip(self.formulas, self.products, strict=True)):
            line = model.lines[i] if i < len(model.lines) else None
            formula.text, product.text = (line.formula, line.products) if line else ("", "")
        self._show_pulls(model)
        if not model.lines:
            self.formulas[0].text = say("Nothing is computed yet. Press Next.")

    def _show_pulls(self, model):
        """Edges as thick as their gradients, and the discs of all four examples, once the gradients are on the table."""
        known, example = model.gradients_known, model.settings["example"]
        losses, gradients = model.pulls()
        largest = np.abs(gradients).max() or 1.0
        for key, edge in self.edges.items():
            pull = model.values[f"d{key}"]
            edge.set_linewidth(1.5 + 8 * abs(pull) / largest if known else 2)
            edge.set_color(PULL if known and pull else style.SILVER)
            edge.set_linestyle((0, (1.2, 0.6)) if known and pull < 0 else "-")
        self.pulls.set_sizes(MOST * np.abs(gradients).ravel() / largest * known)
        self.pulls.set_facecolors(np.where(gradients.ravel()[:, None] > 0, to_rgba(style.VERMILLION), (1, 1, 1, 1)))
        texts = (say("Gradient by example: ● +  ○ −"), *GROUPS, "L")
        for label, text in zip(self.heads, texts, strict=True):
            label.text = text if known else ""
        for k, (label, loss) in enumerate(zip(self.examples, self.loss_of, strict=True)):
            label.text = f"({X[k][0]:g}, {X[k][1]:g})" if known else ""
            loss.text = shown(losses[k]) if known else ""
            label.background = loss.background = USED if k == example else "#FFFFFF"


UNITS = {"x[1]": (56, 262), "x[2]": (56, 102), "a1[1]": (218, 262), "a1[2]": (218, 102), "a2": (372, 182)}
RADIUS = 31
EDGES = {  # weight: (from, to, how far along the edge its number stands)
    "W1[1,1]": ("x[1]", "a1[1]", 0.5), "W1[1,2]": ("x[1]", "a1[2]", 0.32), "W1[2,1]": ("x[2]", "a1[1]", 0.32),
    "W1[2,2]": ("x[2]", "a1[2]", 0.5), "W2[1]": ("a1[1]", "a2", 0.48), "W2[2]": ("a1[2]", "a2", 0.48),
}  # fmt: skip
BIASES = {"b1[1]": "a1[1]", "b1[2]": "a1[2]", "b2": "a2"}
SUMS = {"z1[1]": "a1[1]", "z1[2]": "a1[2]", "z2": "a2"}
BOX_LEFT, BOX_WIDTH, BOX_STEP, BOX_HEIGHT, BOX_BOTTOM = 14, 138, 157, 30, 394
CODE_LEFT, CODE_TOP, CODE_STEP = 466, 330, 21
LINES_LEFT, LINES_TOP, LINES_STEP = 446, 160, 52
GROUPS = {"W₁": 4, "b₁": 2, "W₂": 2, "b₂": 1}  # parameters, as columns of discs
PULLS_LEFT, PULLS_TOP, PULLS_STEP, PULLS_ACROSS, LOSSES = 754, 78, 20, 17, 927
COLUMNS = [PULLS_LEFT + PULLS_ACROSS * k for k in range(sum(GROUPS.values()))]
MOST = 130  # the area of the largest disc, in points squared
PULL = pale(style.VERMILLION, 1 / 3)  # an edge, once its gradient is known


def _ends(key):
    """x and y of both ends of an edge, at the borders of its units."""
    start, end = (np.array(UNITS[unit], dtype=float) for unit in EDGES[key][:2])
    border = (RADIUS + 1) * (end - start) / np.linalg.norm(end - start)
    return np.transpose([start + border, end - border])


def _columns(groups):
    """The middle of the columns of each group."""
    ends = np.cumsum([0, *groups.values()])
    return [PULLS_LEFT + PULLS_ACROSS * (first + last - 1) / 2 for first, last in pairwise(ends)]
