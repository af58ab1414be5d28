"""Chapter 1: from a weighted sum to a network that learns. Exercises and predictions."""

import numpy as np

from .. import datasets
from ..ops import logistic
from ..text import N_, say
from . import judges
from .judging import Wrong
from .machinery import Chapter, Exercise, Prediction

x, y = datasets.xor()  # (4, 2), (4, 1)
OR_AND = logistic(x @ np.full((2, 2), 10.0) + np.array([-5.0, -15.0]))  # (4, 2): the hidden layer of the chapter


# One neuron.


def _neuron(x, w, b):
    return logistic(x @ w + b)


def _without_bias(x, w, b):
    return logistic(x @ w)


def _without_sigmoid(x, w, b):
    return x @ w + b


def _not_summed(x, w, b):
    return logistic(x * w + b)


def _bias_behind(x, w, b):
    return logistic(x @ w) + b


_INPUTS = [
    (np.array([1.0, 2.0]), np.array([0.5, -0.25]), 0.75),
    (np.array([-2.0, 0.5, 3.0]), np.array([0.3, 1.5, -0.2]), -0.4),
    (np.array([0.0, 0.0]), np.array([2.0, -3.0]), 1.5),
]


# One step.


def _one_step(w, slope, eta):
    return w - eta * slope


def _uphill(w, slope, eta):
    return w + eta * slope


def _without_rate(w, slope, eta):
    return w - slope


def _step_alone(w, slope, eta):
    return -eta * slope


def _scaled(w, slope, eta):
    return w - eta * slope * w


_STEPS = [(1.0, 0.5, 0.1), (-2.0, -3.0, 0.2), (np.array([0.5, -1.5]), np.array([2.0, -0.4]), 0.5)]


# The output neuron of a network for XOR, judged by its four answers.


def _four_answers(answer):
    """The output of the network with output weights and bias (v_or, v_and, c), for the four examples."""
    try:
        numbers = np.array(answer, dtype=float)
    except (TypeError, ValueError):
        numbers = None
    if numbers is None or numbers.shape != (3,):
        raise Wrong(say("Expected three numbers: (v_or, v_and, c)."))
    if not np.isfinite(numbers).all():
        raise Wrong(say("Expected three finite numbers: (v_or, v_and, c)."))
    v_or, v_and, c = numbers
    outputs = logistic(OR_AND @ numbers[:2] + c)
    return {"answers": ", ".join(f"{a:.3f}" for a in outputs), "outputs": outputs, "v_or": v_or, "v_and": v_and, "c": c}


def _right(values):
    return bool(np.all((values["outputs"] > 0.5) == (y[:, 0] > 0.5)) and np.all(values["outputs"] != 0.5))


def _low_for_none(values):
    return values["outputs"][0] < 0.5


def _high_for_one(values):
    return values["outputs"][1] > 0.5


EXERCISES = [
    Exercise(
        name="neuron",
        task=N_("Write `neuron(x, w, b)`: the weighted sum of the inputs `x`, plus the bias `b`, through the sigmoid. `x` and `w` "
                "are arrays of the same length, the result is one number."),
        judge=judges.function(
            _neuron, _INPUTS,
            wrong={
                _without_bias: N_("This is what you get without the bias `b`."),
                _without_sigmoid: N_("This is the weighted sum `z`; the sigmoid of it is still to be taken."),
                _not_summed: N_("`x * w` gives one product for each input; the neuron adds them up, as `x @ w` does."),
                _bias_behind: N_("You added the bias behind the sigmoid; it belongs to the weighted sum, inside."),
            },
        ),
        hints=(
            N_("First the weighted sum: each input times its own weight, all added up, plus `b`. Call it `z`."),
            N_("`x @ w` multiplies the entries in pairs and adds them up."),
            N_("Then `sigmoid(z)`, the function defined above."),
        ),
        solution="def neuron(x, w, b):\n    z = x @ w + b\n    return sigmoid(z)\n",
        explanation=N_(
            "That is all there is: a sum and a bend. The usual slips are a forgotten bias, a forgotten sigmoid, and `x * w`, "
            "which does not add up."
        ),
    ),
    Exercise(
        name="one-step",
        task=N_("Write `one_step(w, slope, eta)`: the new value of `w` after one step of gradient descent with learning rate "
                "`eta`, where `slope` is the derivative of the loss for `w`."),
        judge=judges.function(
            _one_step, _STEPS,
            wrong={
                _uphill: N_("You went up: a positive slope means that a larger `w` makes the loss larger."),
                _without_rate: N_("This is a step of the whole slope; the learning rate `eta` says how much of it to take."),
                _step_alone: N_("This is the change of `w`. You are asked for `w` after the change."),
                _scaled: N_("The step does not depend on how large `w` is: take `w` out of the product."),
            },
        ),
        hints=(
            N_("If the slope is positive, which way should `w` go to make the loss smaller?"),
            N_("The step is `eta` times the slope, taken against the slope."),
        ),
        solution="def one_step(w, slope, eta):\n    return w - eta * slope\n",
        explanation=N_(
            "One line, and it is all of gradient descent. It does not ask where the slope came from. The usual slip is the sign: "
            "adding the slope climbs."
        ),
    ),
    Exercise(
        name="xor-output",
        task=N_("The hidden layer answers \"or\" and \"and\". Choose `xor_output = (v_or, v_and, c)` so that the output neuron "
                "`sigmoid(v_or * or + v_and * and + c)` answers above 0.5 where exactly one input is 1, and below 0.5 elsewhere."),
        judge=judges.program(
            _four_answers,
            [
                (_low_for_none, N_("The four answers are {answers}. For the inputs (0, 0) both hidden units are near 0, so the "
                                   "answer is that of `c` alone: which sign does `c` need?")),
                (_high_for_one, N_("The four answers are {answers}. For the inputs (0, 1) only \"or\" is on: `v_or` has to "
                                   "outweigh `c`.")),
                (_right, N_("The four answers are {answers}. For the inputs (1, 1) both hidden units are on: what must \"and\" "
                            "do to the answer of \"or\"?")),
            ],
            right=N_("The four answers are {answers}: exclusive or, made of three neurons."),
        ),
        hints=(
            N_("Exclusive or: \"or\", but not \"and\"."),
            N_("So `v_or` is positive and `v_and` is negative. With both hidden units off the answer has to be below 0.5."),
            N_("`c` lies between 0 and minus `v_or`: try `v_or` = 10 and `c` = -5, and let `v_and` undo more than is left."),
        ),
        solution="xor_output = (10, -20, -5)",
        explanation=N_(
            "\"Or\" switches the answer on, \"and\" switches it off again, and the bias keeps it off when nothing is there. The "
            "usual slips are two positive weights, which give \"or\", and `c` = 0, which leaves (0, 0) undecided."
        ),
    ),
    Exercise(
        name="who-computes",
        task=N_("Which line is backpropagation? Give the letter: (a) `a = sigmoid(x @ W + b)`; (b) `dW = value_and_grad(loss)(W)[1]`; "
                "(c) `W = W - eta * dW`; (d) all of them together."),
        judge=judges.choice(
            "b",
            {
                "a": N_("That is the forward pass: it computes the answer. Which line computes slopes?"),
                "b": N_("It computes the slope of the loss for every parameter, and changes none of them."),
                "c": N_("That is the step of gradient descent: it uses `dW`. Which line has computed it?"),
                "d": N_("Together they are one step of training. Backpropagation is the part of it that computes the slopes."),
            },
        ),
        hints=(
            N_("Backpropagation computes gradients; gradient descent uses them."),
            N_("In which line do slopes come into being, without any weight being changed?"),
        ),
        solution='who_computes = "b"',
        explanation=N_(
            "The usual slip is (d), because the word is often used for all of training. In the cell with finite differences "
            "line (b) was replaced, and the training was the same."
        ),
    ),
]  # fmt: skip

PREDICTIONS = [
    Prediction(
        name="double-weight",
        question=N_("A neuron computes sigmoid(w x + b). The weight w is doubled, b = 0. What happens to its curve?"),
        options={
            "a": N_("it gets twice as high"),
            "b": N_("it gets steeper, and stays between 0 and 1"),
            "c": N_("it moves sideways"),
        },
        right="b",
        replies={
            "a": N_("The sigmoid cannot exceed 1, whatever comes in. Compare the highest values in the next figure."),
            "b": N_("The weight scales the input axis: the same bend in half the width. The next figure prints both slopes."),
            "c": N_("That is what the bias does. Compare the second and the third curve of the next figure."),
        },
    ),
    Prediction(
        name="same-input",
        question=N_("An artificial neuron gets the same input twelve times in a row. What are its twelve answers?"),
        options={
            "a": N_("it charges up, and fires now and then"),
            "b": N_("twelve times the same number"),
            "c": N_("they get weaker, because it gets used to the input"),
        },
        right="b",
        replies={
            "a": N_("A nerve cell does. The next cell runs both side by side: the artificial neuron keeps nothing from one input to "
                    "the next."),
            "b": N_("It is a function: it has no time and no memory. The next cell prints its answers beside those of a model that "
                    "has both."),
            "c": N_("Its weights change only when something trains it. The next cell prints twelve answers."),
        },
    ),
    Prediction(
        name="without-backprop",
        question=N_("We throw backpropagation out, measure each slope by nudging its parameter, and descend for 100 steps from the "
                    "same start with the same rate. Where does the loss end?"),
        options={
            "a": N_("where it began: without backpropagation nothing is learned"),
            "b": N_("a little higher, because nudging is only roughly right"),
            "c": N_("at the same loss, to eight decimals"),
        },
        right="c",
        replies={
            "a": N_("What changes the parameters is the step, and it is still there. The next cell runs both."),
            "b": N_("The error of a nudge of a millionth is far too small to be seen. The next cell prints both losses."),
            "c": N_("Gradient descent does not ask where its slopes come from. The next cell prints both losses, and the one after it "
                    "shows what nudging costs."),
        },
    ),
    Prediction(
        name="linear-layers",
        question=N_("Three neurons in a chain, each only a weighted sum without a bend: z = w x + b. How many bends can the curve from "
                    "the first input to the last output have?"),
        options={"a": N_("three, one for each neuron"), "b": N_("none, it is a straight line"), "c": N_("two, one between each pair")},
        right="b",
        replies={
            "a": N_("Each of them only scales and shifts. The next cell measures the slope at five places."),
            "b": N_("A line of a line is a line; its slope is the product of the three weights. The next cell measures it."),
            "c": N_("Putting a straight line into a straight line does not bend it. The next cell measures the slope at five places."),
        },
    ),
]  # fmt: skip

chapter = Chapter(1, EXERCISES, PREDICTIONS)
check, hint, solution, predict = chapter.functions
