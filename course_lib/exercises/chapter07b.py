"""Chapter 7b: what a compiler does, and the last step to a real project, as exercises and predictions."""

import numpy as np

from .. import ops
from ..text import N_, say
from .chapter_parts.cnn_port import judge_port_cnn
from .chapter_parts.one_path import judge_one_path
from .machinery.again import by_hand, one_of
from .machinery.exercise import Chapter, Exercise, Verdict
from .machinery.letter import prediction
from .machinery.slips import code_exercise, compiled, slip

_rng = np.random.default_rng(7)


# Two rows, one column, two channels, one output: small enough to be followed by hand.
SMALL_CASE = np.array([[1.0], [2.0], [3.0], [4.0]]), 2, 1, 2


def _case(rows, columns, channels, outputs):
    return _rng.normal(size=(rows * columns * channels, outputs)), rows, columns, channels


def _one_output(rng):
    """Each number once, so that a number in the wrong place is seen."""
    rows, columns, channels = one_of(rng, (2, 2, 2), (2, 3, 2), (3, 2, 2), (2, 2, 3))
    return rng.permutation(np.arange(1.0, 1 + rows * columns * channels))[:, None], rows, columns, channels


EXERCISES = [
    Exercise(
        name="one-path",
        task=N_(
            "`bend(loss)` halves the slope above 1, and it uses an `if` to do so. Write `one_path(loss)`, which gives the same "
            "values and slopes in one path for all losses, so that a step with it can be recorded."
        ),
        judge=judge_one_path,
        hints=(
            N_(
                "What lies above 1 is max(loss - 1, 0). Which activation do you know that computes this, with a gradient?"
            ),
            N_("`ops.relu(loss - 1)` is the part above 1. Below 1 it is 0, so it may always be computed."),
            N_("Half of that part has to go, which gives `loss - ops.relu(loss - 1) / 2`."),
        ),
        solution="def one_path(loss):\n    return loss - ops.relu(loss - 1) / 2\n",
        explanation=N_(
            "A choice between two numbers can be computed instead of made. relu does so, and so does a product with "
            "`loss.value > 1`, which is 0 or 1. The usual slips are `float(...)` or `min(...)`, which still have to "
            "ask how large the loss is, and `np.array(loss.value)`, which makes a constant of the answer, so that "
            "the record goes one way for ever."
        ),
        given={"ops": ops},
    ),
    code_exercise(
        name="flattened",
        task=N_(
            "Our last layer gets its numbers in the order row, column, channel, and PyTorch flattens "
            "channel, row, column. Write `flattened(W, rows, columns, channels)`. From our W (rows * "
            "columns * channels, features_out) it makes the weight of torch.nn.Linear (features_out, "
            "channels * rows * columns) that gives the same layer."
        ),
        solution=(
            "def flattened(W, rows, columns, channels):\n"
            "    axes = W.reshape(rows, columns, channels, -1)\n"
            "    return axes.transpose(3, 2, 0, 1).reshape(W.shape[1], -1)\n"
        ),
        cases=[SMALL_CASE, _case(2, 2, 3, 2), _case(4, 3, 2, 5)],
        again=by_hand(_one_output, without=("reshaped-alone", "not-transposed", "moved-alone")),
        slips={
            "transposed-alone": slip(
                "That is the transposed W, still in our order. Which of its columns belongs to channel 0?",
                "return W.T",
            ),
            "reshaped-alone": slip(
                "`reshape` alone moves no number. First give W an axis for each of rows, columns, channels.",
                "return W.reshape(W.shape[::-1])",
            ),
            "turned-all-round": slip(
                "Rows and columns are exchanged, because `.T` turns all axes round.",
                {".transpose(3, 2, 0, 1)": ".T"},
            ),
            "not-transposed": slip(
                "The order is right, but torch.nn.Linear wants features_out in front.",
                {".reshape(W.shape[1], -1)": ".reshape(W.shape[1], -1).T"},
            ),
            "read-as-theirs": slip(
                "You took W apart as if it were in PyTorch's order. But it is in ours.",
                {"(rows, columns, channels, -1)": "(channels, rows, columns, -1)", "(3, 2, 0, 1)": "(3, 1, 2, 0)"},
            ),
            "moved-alone": slip(
                "The axes are right. The last three of them have to become one.", {".reshape(W.shape[1], -1)": ""}
            ),
        },
        hints=(
            N_("Give each part of the order an axis of its own, with `W.reshape(rows, columns, channels, -1)`."),
            N_(
                "Then move the axes: the outputs first, then channel, row, column. `transpose` takes their old numbers."
            ),
            N_("It is `.transpose(3, 2, 0, 1)`, and `.reshape(W.shape[1], -1)` makes one axis of the last three."),
        ),
        explanation=N_(
            "The usual slips are `W.T`, which has the right shape and the wrong order, and `reshape`, "
            "which moves nothing. Neither raises an error. Where an order is hidden in one axis, take "
            "it apart, move, and put it together again."
        ),
    ),
    Exercise(
        name="port-cnn",
        needs="torch",
        task=N_(
            "Write `port_cnn(torch, weights)`, chapter 6a's CNN as a PyTorch network that holds our "
            "weights W1, b1, W2, b2, W3, b3. It takes images of the shape `(batch, 1, 8, 8)` and should give the same "
            "logits as ours."
        ),
        judge=judge_port_cnn,
        hints=(
            N_(
                "The layers are Conv2d, ReLU, Conv2d, ReLU, MaxPool2d(2), Flatten, Linear, and `padding=1` "
                "keeps 8 x 8. Conv2d's weight is (channels_out, channels_in, rows, columns)."
            ),
            N_(
                "A kernel of ours is (rows, columns, channels_in, channels_out), so it needs "
                "`W.transpose(3, 2, 0, 1)`. The last layer needs `flattened(W3, 4, 4, 32)`. Copy into "
                "`layer.weight` and `layer.bias` under `torch.no_grad()`."
            ),
            N_(
                "Write `for p, w in zip(net.parameters(), moved): p.copy_(torch.tensor(w))`, where `moved` "
                "holds the two transposed kernels, the flattened W3, and the biases as they are."
            ),
        ),
        solution=(
            "def port_cnn(torch, weights):\n"
            "    nn, (W1, b1, W2, b2, W3, b3) = torch.nn, weights\n"
            "    net = nn.Sequential(\n"
            "        nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(),\n"
            "        nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(),\n"
            "        nn.MaxPool2d(2), nn.Flatten(), nn.Linear(512, 10),\n"
            "    )\n"
            "    last = W3.reshape(4, 4, 32, 10).transpose(3, 2, 0, 1).reshape(10, 512)\n"
            "    moved = [W1.transpose(3, 2, 0, 1), b1, W2.transpose(3, 2, 0, 1), b2, last, b3]\n"
            "    with torch.no_grad():\n"
            "        for p, w in zip(net.parameters(), moved):\n"
            "            p.copy_(torch.tensor(w))\n"
            "    return net\n"
        ),
        explanation=N_(
            "Three layouts change: images, kernels, and the order hidden in the last layer. The usual "
            "slips are `reshape` for `transpose`, `.T` on four axes, and a last layer in the old order. "
            "With each of them the shapes fit and the numbers are wrong, so compare logits, on images "
            "and weights that are not symmetric."
        ),
    ),
]

PREDICTIONS = [
    prediction(
        name="which-line",
        question=N_("Below, your network's training step is printed as a program. The output error is called delta2. "
                    "Which right-hand side is delta1, the hidden error?"),
        options={
            "a": (N_("a1.T @ delta2"),
                  N_("That has the shape of W2, not of the hidden layer. It is the gradient dW2. See the program below.")),
            "b": (N_("(p - y) / y.size"),
                  N_("There is a y in it, so it is what the network says minus what it should say. That is the "
                     "output error. See the program below.")),
            "c": (N_("delta2 @ W2.T * (1 - a1 * a1)"),
                  N_("It goes back through W2, times tanh's slope 1 - a1^2, which is the recursion of chapter 4. "
                     "See the program below.")),
            "d": (N_("none of them: delta1 is no line of the program"),
                  N_("Inside the library delta1 is computed with NumPy, too, so it can be written down. See the "
                     "program below.")),
        },
        right="c",
        cells=("program",),
    ),
    prediction(
        name="what-is-saved",
        question=N_("The record gives the same losses as the engine, to the last bit. What does it save?"),
        options={
            "a": (N_("multiplications, because it finds a shorter way to the same gradient"),
                  N_("Count the products in the program above. There are two forward and three backward, as "
                     "ever. The next cell counts the rest.")),
            "b": (N_("the backward pass, because gradients are remembered from the step before"),
                  N_("The weights move, so every gradient has to be computed again, and you can see in the program the "
                     "lines that do it. The next cell counts.")),
            "c": (N_("calls of Python and new arrays, because the list goes straight to NumPy"),
                  N_("The engine's layers, its graph and the walk through the graph are gone, and the results go into "
                     "arrays that already exist. The next cell counts.")),
            "d": (N_("nothing, because Python runs the list, too"),
                  N_("Python still runs each line of the list, but no longer the engine's own code around these "
                     "lines. The next cell counts.")),
        },
        right="c",
        cells=("counted",),
    ),
    prediction(
        name="forgotten-eval",
        question=N_("A trained network has dropout and batch normalisation, and you forget eval(). You ask it about "
                    "the same images twice. What comes back?"),
        options={
            "a": (N_("the same logits twice, because the weights do not change any more"),
                  N_("The weights do not change. But dropout draws again, and batch norm takes the mean of whichever "
                     "examples are in the batch. The next cell measures it.")),
            "b": (N_("an error, because without a loss it cannot be in training mode"),
                  N_("It raises no error, which is what makes this mistake expensive. The next cell measures "
                     "what comes back.")),
            "c": (N_("the same logits twice, only slower, because gradients are prepared for nothing"),
                  N_("That is what no_grad() is for. The mode decides what two layers compute. The next cell measures it.")),
            "d": (N_("different logits, because two layers still do what they do in training"),
                  N_("Dropout draws again each time, and batch norm takes the mean of whoever is there. The next "
                     "cell measures each alone.")),
        },
        right="d",
        cells=("two-modes",),
    ),
    prediction(
        name="wrong-order",
        question=N_("The CNN goes over to PyTorch with all weights, but the last layer's 512 rows stay in our order. "
                    "What happens?"),
        options={
            "a": (N_("PyTorch refuses, because the shapes do not fit"),
                  N_("512 numbers meet 512 rows, so it fits. The next cell lets the same happen in NumPy, and counts.")),
            "b": (N_("nothing, because a sum of 512 products does not depend on their order"),
                  N_("The sum does not depend on the order. But each row now meets another number. The next cell counts.")),
            "c": (N_("it reads a few digits fewer, because most of the network is right"),
                  N_("The last layer decides alone, and it meets other features than those it was trained on. The "
                     "next cell counts.")),
            "d": (N_("it reads hardly anything, because each row meets another feature"),
                  N_("All shapes fit, but each row meets another feature. The next cell counts.")),
        },
        right="d",
        cells=("wrong-order",),
    ),
]  # fmt: skip

chapter = Chapter("7b", EXERCISES, PREDICTIONS)
check, hint, solution, predict = chapter.functions


def finished(answer):
    """The reader's `port_cnn` where it is right; else that of the solution, so that the page goes on. Says which."""
    if judge_port_cnn(answer).outcome == Verdict.RIGHT:
        print(say("The next cells use your own `port_cnn`."))
        return answer
    print(say("Your `port_cnn` is still open or not judged, so a finished one stands in for it."))
    return compiled(chapter.exercises["port-cnn"].solution, "port_cnn")
