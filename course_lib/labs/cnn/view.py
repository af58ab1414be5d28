"""The CNN lab: train a small convolutional network on digits, and watch kernels, feature maps and curves while it learns."""

import math

import numpy as np

from ...pictures import style
from ...text import N_, say
from ..base.artists import GREEN, INK, SIGNED, PixelGrids
from ..base.curves import show_ghosts
from ..base.picture import PictureLab
from ..base.tables import Control
from .model import GOAL, GOALS, LOWEST_LOSS, CNNModel

SIZE = (960, 400)
LOSS_LIMITS = (0.4, 10)
STATIC_EPOCHS = 4
WORK = 0.012  # seconds of training in a frame of 0.033


def cnn_lab(name="cnn", rate=0.001, **settings):
    """The CNN lab, to be the last line of a cell.

    name       labs with different names may be open in one notebook; the same name again replaces the first
    rate       learning rate at the start
    settings   optimizer, seed, epochs, digit of `CNNModel`
    """
    return CNNLab(CNNModel(rate=rate, **settings), name)


class CNNLab(PictureLab):
    """Controls and picture of a `CNNModel`."""

    size = SIZE
    piece = WORK
    question = N_("Watch the kernels: which of them change most, and what does the learning rate do to them?")
    goal_texts = {
        "quick": N_("Goal: a validation accuracy of {goal:.0%} within 40 steps, with any optimizer."),
        "plain descent": N_("Goal: a validation accuracy of {goal:.0%} within 60 steps, with gradient descent alone."),
    }
    facts = {"goal": GOAL}
    one_by_one = False
    table = {
        "rate": Control(N_("Learning rate"), logarithmic=True),
        "optimizer": Control(N_("Optimizer"), words={"GradientDescent": N_("gradient descent")}),
        "epochs": Control(N_("Epochs"), slider=False),
        "seed": Control(N_("Seed"), slider=False),
        "digit": Control(N_("Image shown"), slider=False),
    }
    rows = (("train", "step", "reset", "new start", "rate"), ("optimizer", "epochs", "seed", "digit"))

    def make_view(self, canvas):
        return View(canvas)

    def static_model(self):
        """A model after a few epochs at a good rate."""
        model = self.model.twin(rate=0.01)
        model.advance(STATIC_EPOCHS * model.steps_per_epoch)
        return model

    def goal_text(self, name, text):
        best = self.model.record(GOALS[name][0])
        return text if best == math.inf else say("{goal} Your best so far: {best}.", goal=text, best=best)

    def make_buttons(self):
        return {
            "train": self.make_run_button(
                say("Train"), say("Train until the last epoch is done; press again to pause")
            ),
            "step": self.make_step_button(say("Step"), say("Pause and take one step")),
            "reset": self.make_reset_button(),
            "new start": self.button(say("New start"), self._new_start, tooltip=say("Other initial weights")),
        }


class View:
    """The picture: curves on the left, kernels, feature maps, image and probabilities on the right."""

    def __init__(self, canvas):
        self.canvas = canvas
        self._epochs = None
        with canvas.styled():
            self._make(canvas)

    def _make(self, canvas):
        self.loss = canvas.axes(56, 232, 356, 130, yscale="log", ylim=LOSS_LIMITS)
        self.loss.set_title(say("Loss of each batch"))
        self.loss.set_yticks([0.5, 1, 2, 5, 10], ["0.5", "1", "2", "5", "10"])
        self.loss.minorticks_off()
        self.loss.axhline(LOWEST_LOSS, color=style.GREY, linewidth=1, linestyle="--")
        self.accuracy = canvas.axes(56, 48, 356, 130, ylim=(0, 1.02))
        self.accuracy.set_title(say("Accuracy on the validation part"))
        self.accuracy.set_xlabel(say("epoch"))
        self.accuracy.set_yticks([0, 0.5, GOAL], ["0%", "50%", f"{GOAL:.0%}"])
        self.ghosts = [canvas.line(self.accuracy, color=style.LIGHT_GREY, linewidth=1.4) for _ in range(3)]
        self.curve = canvas.line(self.loss, color=style.BLUE, linewidth=1.4)
        self.validation = canvas.line(self.accuracy, color=style.GREEN, marker="o", markersize=3, linewidth=1.4)
        title = {"fontsize": 12, "fontweight": "bold", "va": "bottom"}
        figure = canvas.figure

        def write(x, y, text, **options):
            figure.text(x / SIZE[0], y / SIZE[1], text, **(title | options))

        self.kernels = canvas.moving(PixelGrids(figure, (456, 158), (16, 3, 3), SIGNED, pixel=12.8, across=4, gap=10))
        self.maps = canvas.moving(PixelGrids(figure, (704, 158), (16, 8, 8), GREEN, pixel=5.6, across=4, gap=4))
        write(456, 366, say("16 kernels, 3 x 3"))
        write(704, 366, say("Their feature maps, 8 x 8"))
        small = {"fontsize": 10, "fontweight": "normal", "color": style.GREY, "va": "top"}
        write(456, 152, say("blue below 0, orange above 0"), **small)
        write(704, 152, say("what each kernel finds, after relu"), **small)
        self.image = canvas.moving(PixelGrids(figure, (456, 16), (1, 8, 8), INK, pixel=12.8))
        self.bars = canvas.axes(604, 34, 340, 72, xlim=(-0.6, 9.6), ylim=(0, 1.02))
        self.bars.set_title(say("Probability of each class"), fontsize=11)
        self.bars.set_xticks(range(10))
        self.bars.set_yticks([0, 0.5, 1])
        self.bars.grid(False)
        patches = self.bars.bar(range(10), np.zeros(10), width=0.7, color=style.BLUE)
        self.patches = [canvas.moving(patch) for patch in patches]
        self.right = canvas.line(self.bars, linestyle="", marker="v", color=style.VERMILLION, markersize=7)
        self.bars.plot([], [], linestyle="", marker="v", color=style.VERMILLION, label=say("true class"))
        self.bars.legend(loc="lower right", bbox_to_anchor=(1, 0.98), borderaxespad=0, handletextpad=0)
        self.epoch_axes = canvas.layer(self.accuracy.xaxis, self.loss.xaxis)

    def show(self, model):
        if self._epochs != model.settings["epochs"]:
            self._epochs = model.settings["epochs"]
            every = next(e for e in (1, 2, 5, 10) if self._epochs <= 8 * e)
            for axes in (self.loss, self.accuracy):
                axes.set_xlim(-0.01 * self._epochs, 1.01 * self._epochs)
                axes.set_xticks(range(0, self._epochs + 1, every))
            self.canvas.changed(self.epoch_axes, self._epochs)
        per_epoch = model.steps_per_epoch
        self.curve.set_data((np.arange(len(model.losses)) + 1) / per_epoch, np.clip(model.losses, *LOSS_LIMITS))
        steps, shares = np.array(model.validations).T
        self.validation.set_data(steps / per_epoch, shares)
        show_ghosts(self.ghosts, [[(step / per_epoch, share) for step, share in run] for run in model.ghosts])
        kernels = model.kernels()
        largest = np.abs(kernels).max() or 1
        self.kernels.values = 0.5 + kernels / (2 * largest)
        maps, probabilities = model.look()
        self.maps.values = maps / (maps.max() or 1)
        image, label = model.image()
        self.image.values = image[None]
        for patch, p in zip(self.patches, np.nan_to_num(probabilities), strict=True):
            patch.set_height(p)
        self.right.set_data([label], [min(float(np.nan_to_num(probabilities[label])) + 0.12, 0.95)])
