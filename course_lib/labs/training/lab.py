"""The training lab: train a network while turning its learning rate, and watch surface, loss and gradients move."""

import html
import math
from functools import partial

import ipywidgets as widgets
import numpy as np

from ...canvas.prefetch import Prefetch
from ...text import N_, say
from ..base.buttons import Button, Reset, Run
from ..base.controls import with_knob
from ..base.lab import Folded, Grid, Lab, processor_time
from ..base.pace import Pace
from ..base.panel import column, row
from ..base.words import format_loss
from .data import DATA, EDGE, EXAMPLES, lines_to_read, read_table, written
from .model import GOALS, TrainingModel
from .network import FEATURES, MOST_LAYERS, MOST_UNITS, with_units
from .picture import CLASS_SIZE, CLASSES, DATA_SIDE, HEAD, RIGHT, SIZE, View

NEAR = 0.1  # of a point, in the plane's units: the hand takes it
NOTHING, DELETE = "nothing", "delete"  # what a click does, besides adding a point of class 0 or 1


class OwnPoints:
    """The controls and the handle for the points of a `TrainingLab`.

    click      what a click on the plane does: NOTHING, 0 or 1 (adds a point of that class), or DELETE
    widget     box, buttons and notes, to stand in the panel
    """

    def __init__(self, lab):
        self.lab, self.click, self.taken, self._shown = lab, 1, 0, None
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
            self.click,
            {
                say("does nothing"): NOTHING,
                say("adds a point of class 0"): 0,
                say("adds a point of class 1"): 1,
                say("deletes the nearest point"): DELETE,
            },
            lab.showing(setattr, self, "click"),
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

    def _clicked(self, x1, x2):
        model = self.lab.model
        if self.lab.plain:
            return
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


MINUS = "\N{MINUS SIGN}"
ASIDE = 24  # of a button from the number that it changes, in CSS pixels


class PictureHand:
    """The buttons on the picture of a `TrainingLab`: declared once, placed where there is something to choose or change."""

    def __init__(self, lab, canvas):
        self._lab, self._canvas, self._hand = lab, canvas, canvas.hand
        for name in DATA:
            self._declare(f"data {name}", "", lab.choose_data, name)
        for name in FEATURES:
            self._declare(f"input {name}", "", lab.choose_input, name)
        for layer in range(MOST_LAYERS):
            self._declare(f"fewer {layer}", MINUS, self._change_units, partial(_stepped, layer, -1))
            self._declare(f"more {layer}", "+", self._change_units, partial(_stepped, layer, 1))
        self._declare("fewer layers", MINUS, self._change_units, lambda units: units[:-1])
        self._declare("more layers", "+", self._change_units, lambda units: [*units, units[-1]])
        for which in (0, 1):
            self._declare(f"class {which}", "", lab.choose_click, which)

    def _declare(self, name, sign, action, argument):
        self._hand.button(name, sign, self._lab.safely(self._lab.showing(action, argument)))

    def _change_units(self, change):
        """change(list of units) -> another list."""
        self._lab.model.configure(**with_units(change(list(self._lab.model.units))))

    def place(self, view):
        """Put the buttons where there is something in the picture."""
        model, plain = self._lab.model, view.plain
        units, data, click = model.units, model.settings["data"], self._lab.own_points.click
        if not self._canvas.differs("buttons", (units, data, model.inputs, click, plain)):
            return
        self._hand.remove_buttons()
        if plain:
            return
        put = self._hand.place_button
        for name in model.declared["data"].options:
            label, size = say("data: {name}", name=say(name)), (DATA_SIDE, DATA_SIDE)
            put(f"data {name}", label, *view.data.places[name], size=size, chosen=name == data)
        for which, x in enumerate(() if model.is_curve else CLASSES):
            label = say("a click on the output adds a point of class {which}", which=which)
            put(f"class {which}", label, x, HEAD, size=CLASS_SIZE, chosen=which == click)
        for name, (place, side) in view.network.offers.items():
            label = say("input {name}", name=FEATURES[name].of_curve if model.is_curve else FEATURES[name].sign)
            put(f"input {name}", label, *place, size=(side, side), chosen=name in model.inputs)
        both, x = 1 < len(units) < MOST_LAYERS, RIGHT - 26
        if len(units) > 1:
            put("fewer layers", say("one hidden layer less"), x - 13 * both, HEAD)
        if len(units) < MOST_LAYERS:
            put("more layers", say("one more hidden layer"), x + 13 * both, HEAD)
        for layer, (count, x) in enumerate(zip(units, view.network.across[1:], strict=True)):
            if count > 1:
                put(f"fewer {layer}", say("layer {layer}: one unit less", layer=layer + 1), x - ASIDE, HEAD)
            if count < MOST_UNITS:
                put(f"more {layer}", say("layer {layer}: one more unit", layer=layer + 1), x + ASIDE, HEAD)


def _stepped(layer, step, units):
    return [*units[:layer], units[layer] + step, *units[layer + 1 :]]


STATIC_STEPS = 20_000  # a second or two: the cell that shows a lab should not keep its reader waiting
HELD = 20  # per cent of the examples, once data of many examples are chosen
SPEEDS = (5, 20, 60, 200, 1000, 5000)  # epochs a second


QUESTIONS = {  # about each data set
    "xor": N_("Which learning rate solves XOR in the fewest epochs, and what happens beyond it?"),
    "circles": N_("How many hidden units does it take to close a line around the inner circle, and why so many?"),
    "moons": N_("One hidden unit draws one straight line. How many does the border between the moons need?"),
    "spirals": N_("With how few parameters can a network follow both spirals?"),
    "border": N_("The grey curve in the small picture is the true border. Where does the network's border leave it?"),
    "own": N_("A click on the output adds a point. Which few points can this network not tell apart?"),
    "curve": N_("How many hidden units does this curve need, and what happens with fewer?"),
}

GOAL_TEXTS = {
    "4 units": N_("Goal: solve XOR (all four right, loss below 0.1) with 4 hidden units in {most} epochs or less."),
    "2 units": N_("Goal: do the same with 2 hidden units, in {most} epochs or less."),
    "circles": N_("Goal: solve the circles with {most} parameters, by your choice of the inputs."),
    "spirals": N_("Goal: solve the spirals with {most} parameters or less."),
}

SETTINGS = Folded(
    {
        N_("Network and training"): (
            Grid(
                (
                    "hidden",
                    "deeper",
                    "inputs",
                    "activation",
                    "scale",
                    "optimizer",
                    "batch",
                    "decay",
                    "dropout",
                    "seed",
                    "speed",
                )
            ),
        ),
        N_("Data"): (Grid(("data", "noise", "held", "formula")), "own_points"),
        N_("Copy and restore"): (
            ("write down", "write numpy", "state_text", "restore"),
            "copied",
            "program_text",
        ),
    }
)


class TrainingLab(Lab):
    """The training lab, to be the last line of a cell.

    name       labs with different names may be open in one notebook; the same name again replaces the first
    rate       learning rate at the start
    engine     an `Engine` of `course_lib.tools.engines`: it computes the passes of the network, our optimizers step
    plain      whether it shows network, output, loss and learning rate alone until the reader asks for more
    settings   those that `TrainingModel` declares: data, hidden, deeper, activation, optimizer, batch, epochs, ...
    """

    size, look = SIZE, 1  # what the network has learned stands on the right
    can_be_unused = ("noise", "formula")
    actions = {
        "train": Run(N_("Train"), N_("Train until the number of epochs is reached; press again to pause")),
        "step": Button(N_("Step"), "_step", N_("Pause and train one epoch")),
        "reset": Reset(),
        "new start": Button(N_("New start"), "_new_start", N_("Other initial weights")),
        "write down": Button(
            N_("Copy as Python"),
            "_write_program",
            N_("A program that repeats this run exactly, and its state as one line"),
        ),
        "write numpy": Button(
            N_("Copy as NumPy alone"),
            "_write_numpy",
            N_("The same run as a program that needs NumPy alone, with backpropagation written out"),
        ),
        "restore": Button(N_("Restore state"), "_restore", N_("Repeat the run whose state stands in the box")),
    }
    rows = (("train", "step", "reset", "new start", "rate", "epochs"),)
    below = (("look_back_row", "edges", "lower"), SETTINGS)
    plain_rows = (("train", "reset", "rate"),)
    plain_below = (
        Folded({N_("More"): (("step", "new start", "epochs"), ("look_back_row", "edges", "lower"), SETTINGS)}),
    )

    own_points = prefetch = None
    plain = False
    speed = 60  # epochs a second; 0 stands for as many as fit

    def __init__(self, name="training", rate=0.5, engine=None, plain=False, **settings):
        self.plain = plain
        if plain:
            self.rows, self.below = self.plain_rows, self.plain_below
        self.open(TrainingModel(engine, rate=rate, **{"epochs": 500} | settings), name)

    def open(self, model, name=None):
        self._pace = Pace()
        super().open(model, name)
        if self.plain:
            (more,) = self.folds
            more.body.layout.observe(self.safely(lambda _: self._show_more(more.is_open)), "display")

    def make(self, canvas):
        self.view = view = View(canvas)
        canvas.hand.reading(view.plane, self._output_at)
        canvas.hand.reading(view.loss, self._loss_at)
        canvas.hand.reading(view.network.axes, lambda x, y: view.network.read(self.model, x, y))
        view.set_plain(self.plain)
        view.hand = PictureHand(self, canvas)
        if self.own_points is None:
            self.own_points = OwnPoints(self)
        self.own_points.declare(canvas.hand, view.plane)

    def _show_more(self, more):
        self.plain = not more
        self.view.set_plain(self.plain)
        self.redraw()

    def show(self):
        self.view.show(self.model)
        self.view.show_click(self.model, self.own_points.click if self.own_points.click in (0, 1) else None)

    def work(self):
        if not self.speed or self._loop is None:
            return super().work()
        # A frame lasts 20 ms and its drawing about 5; 8 ms of training leave the rest to other cells. They are counted on the
        # processor: on a machine that a class shares, others have it in between.
        began = processor_time()
        due = self._pace.due(self.speed, at_once=self._woken)  # what the reader has turned acts on a step at once
        self.model.advance(due, enough=lambda: processor_time() - began > 0.008)
        return not self.model.finished

    def prepare(self):
        model = self.model
        model.stop_at = None
        if model.finished and not model.problem:
            raise ValueError(
                say("all {epochs:,} epochs are done: press Reset, or raise the epochs", epochs=model.settings["epochs"])
            )
        super().prepare()
        self._pace.rest()

    def unused(self):
        data = self.model.settings["data"]
        return (*(["noise"] if data == "own" else []), *(["formula"] if data not in EXAMPLES else []))

    def draw(self):
        if self.model.behind and self.running:  # a run that is repeated jumps to where it stood
            self.canvas.forget_prefetched()
            return
        self.show()
        self.view.hand.place(self.view)
        self.own_points.show()
        self.prefetch.draw(now=not self.is_steady)

    def refresh(self):
        super().refresh()
        self.look_back.disabled = self.running
        self.look_back_row.layout.visibility = "hidden" if self.running else "visible"
        # A slider that moves by itself sends its old place back at times.
        if not (self.running or self.prefetch.is_asked):
            self._show_position(max(self.model.epoch, 1), self.model.looking_at)

    def static_model(self):
        """The finished run, or its first STATIC_STEPS steps."""
        model = self.model.twin(rate=self.model.changes[0][1])
        model.lower = None if self.plain else model.lower
        steps = math.ceil(len(model.x) / (model.settings["batch"] or len(model.x)))  # an epoch
        model.advance(STATIC_STEPS // steps)
        return model

    # The question about the present data, and their goals

    @property
    def question(self):
        return QUESTIONS[self.model.settings["data"]]

    @property
    def goal_texts(self):
        return {name: text for name, text in GOAL_TEXTS.items() if GOALS[name].data == self.model.settings["data"]}

    def facts_of(self, goal):
        return {"most": GOALS[goal].most}

    def goal_text(self, name, text):
        best = self.model.best.get(name)
        return text if best is None else say("{goal} Your best so far: {best:,}.", goal=text, best=best)

    def _output_at(self, x1, x2):
        self.own_points.near(x1, x2)
        if self.model.is_curve:
            output = float(self.model.logits(np.array([[x1]]))[0, 0])
            return say("x = {x:.2f}: output {output:.2f}", x=x1, output=output)
        output = self.model.surface(np.array([[[x1, x2]]]))[0, 0]
        return say("x₁ = {x1:.2f}, x₂ = {x2:.2f}: output {output:.2f}", x1=x1, x2=x2, output=output)

    def _loss_at(self, epoch, _):
        epoch = round(epoch)
        if not 0 <= epoch <= self.model.epoch:
            return ""
        loss = format_loss(self.model.losses[epoch])
        if not self.model.by_parts or epoch == self.model.epoch:
            return say("epoch {epoch:,}: loss {loss}", epoch=epoch, loss=loss)
        return say("during epoch {epoch:,}: mean loss {loss}", epoch=epoch + 1, loss=loss)

    # Controls

    def make_buttons(self):
        self.controls["click"] = self.own_points.choice
        self.controls["speed"] = self.choice(
            say("Speed"),
            self.speed,
            {say("{n:,} epochs a second", n=n): n for n in SPEEDS} | {say("as fast as possible"): 0},
            partial(setattr, self, "speed"),
        )
        for name, label, options in (
            ("lower", say("Beside the loss"), {say("gradients"): "norms", say("sharpness"): "sharpness"}),
            ("edges", say("Edges"), {say("weights"): "weights", say("gradients"): "gradients"}),
        ):
            look = self.showing(setattr, self.model, name)
            self.controls[name] = self.choice(label, getattr(self.model, name), options, look)
        self.look_back = widgets.IntSlider(
            value=0,
            min=0,
            max=1,
            description=say("Look back to epoch"),
            style={"description_width": "initial"},
            layout=widgets.Layout(width="400px", max_width="98%"),
            tooltip=say("Scrub through the run without training again"),
        )
        self.look_back_row = with_knob(self.look_back)
        self.prefetch = Prefetch(
            self,
            self.look_back,
            self._loop,
            positions=self._epochs_to_look_at,
            look=self.model.look_at,
            at=lambda: self.model.looking_at,
        )
        self.state_text = widgets.Text(
            description=say("State"),
            style={"description_width": "initial"},
            placeholder=say("paste a state here"),
            layout=widgets.Layout(width="auto", flex="1 1 300px"),
            continuous_update=False,
        )
        self.copied = widgets.HTML()
        self.program_text = widgets.Textarea(
            description=say("The program of this run"),
            style={"description_width": "0"},  # for screen readers
            layout=widgets.Layout(width="98%", height="250px", display="none"),
        )
        return super().make_buttons() | {"use points": self.own_points.use}

    def _epochs_to_look_at(self):
        """Those that are stored; a reader's own engine is asked for nothing that the reader has not asked for."""
        return [] if self.model.engine else sorted({*self.model.snapshots, self.model.epoch})

    def close(self):
        if self.prefetch is not None:  # else its making was interrupted
            self.prefetch.stop()
        super().close()

    def choose_click(self, which):
        """A click on the output adds a point of this class."""
        self.controls["click"].set(which)

    def choose_input(self, name):
        """One input of the network more, or one less."""
        chosen = set(self.model.inputs)
        self.model.configure(inputs=", ".join(chosen ^ {name}))

    def choose_data(self, name):
        """Other data, as a press on their picture chooses them: of many examples, some are held out from the start."""
        few = {"xor", "own"}
        held = {"held": 0} if name in few else {"held": HELD} if self.model.settings["data"] in few else {}
        self.model.configure(data=name, **held)

    def _show_position(self, last, epoch):
        """Move the slider that looks back, whose steps lead from one epoch that is kept to the next. In this order, for a
        browser reports a value above its maximum, or between two steps, as a change."""
        slider, step = self.look_back, self.model.stride
        if (slider.max, slider.value, slider.step) == (last, epoch, step):
            return
        slider.step = 1
        slider.max = max(last, slider.value)
        slider.value = epoch
        slider.max = last
        slider.step = step

    def _write_program(self):
        self._write_down(self.model.program())

    def _write_numpy(self):
        self._write_down(self.model.numpy_program())

    def _write_down(self, program):
        """Show a program and the state, and put both onto the clipboard, the state as a comment above the program."""
        self.program_text.value = program
        self.program_text.layout.display = ""
        self.state_text.value = self.model.state()
        self.copied.value = ""
        self.canvas.copy(f"# {self.state_text.value}\n{program}", self._told_copied)

    def _told_copied(self, done):
        text = say("State and program are on the clipboard.") if done else say("Copy the text from the box.")
        self.copied.value = f'<div role="status">{html.escape(text)}</div>'

    def resume(self, state):
        self.state_text.value = state
        super().resume(state)

    def _restore(self):
        self.resume(self.state_text.value.strip().removeprefix("# ").partition("\n")[0])
