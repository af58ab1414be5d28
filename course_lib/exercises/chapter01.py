"""Chapter 1: from a weighted sum to a network that learns. Exercises and predictions."""

import numpy as np

from .. import datasets
from ..ops import logistic
from ..text import N_, joined, say
from .machinery.again import by_hand, numbers_of, one_of
from .machinery.compare import describe, mistake
from .machinery.exercise import Chapter, Exercise
from .machinery.letter import letter_exercise, prediction
from .machinery.reader_code import Wrong, judge
from .machinery.slips import code_exercise, slip

x, y = datasets.xor()  # (4, 2), (4, 1)
OR_AND = logistic(x @ np.full((2, 2), 10.0) + np.array([-5.0, -15.0]))  # (4, 2): the hidden layer of the chapter

_INPUTS = [
    (np.array([1.0, 2.0]), np.array([0.5, -0.25]), 0.75),
    (np.array([-2.0, 0.5, 3.0]), np.array([0.3, 1.5, -0.2]), -0.4),
    (np.array([0.0, 0.0]), np.array([2.0, -3.0]), 1.5),
]

_STEPS = [
    (1.0, 0.5, 0.1),
    (-2.0, -3.0, 0.2),
    (0.7071, -1.4142, 0.0123),
    (np.array([0.5, -1.5]), np.array([2.0, -0.4]), 0.5),
]


def _neuron(rng):
    """Inputs, weights and a bias whose weighted sum has its sigmoid in the question; slips go elsewhere, and not far."""
    while True:
        x, w = numbers_of(rng, (2,), -2, -1, 1, 2, 3), numbers_of(rng, (2,), -2, -1, 1, 2)
        b = one_of(rng, -3, -2, -1, 1, 2, 3)
        sums = {x @ w + b, x @ w, x.sum() * w.sum() + b, x.sum() + b, x @ w / 2 + b}
        if 1 <= abs(x @ w + b) <= 3 and len(sums) == 5 and max(map(abs, sums)) <= 4:
            return x, w, b


# The output neuron of a network for XOR, judged by its four answers.


def _three_numbers(answer):
    """(v_or, v_and, c) as an array; raises Wrong when they are something else."""
    try:
        numbers = np.array(answer, dtype=float)
    except (TypeError, ValueError):
        numbers = None
    if numbers is None or numbers.ndim != 1:
        raise mistake("Expected three numbers: (v_or, v_and, c), got {got}.", got=describe(answer))
    if len(numbers) != 3:
        few = N_("Expected three numbers: (v_or, v_and, c), got {count}.")
        many = N_(
            "Expected three numbers: (v_or, v_and, c), got {count}. A decimal number has a point, as in 0.5, because a "
            "comma begins the next number."
        )
        raise mistake(many if len(numbers) > 3 else few, count=len(numbers))
    if not np.isfinite(numbers).all():
        raise mistake("Expected three finite numbers: (v_or, v_and, c).")
    return numbers


def _not_quite_off(inputs, hidden, v_or, v_and, c):
    """The sentence about numbers so large that a hidden neuron counts that is nearly 0."""
    return say(
        'For the inputs {inputs}, "or" answers {a_or:.2g} and "and" answers {a_and:.2g}, and near 0 '
        "is not quite 0. So {from_or:.3g} comes through `v_or`, {from_and:.3g} comes through "
        "`v_and`, and `c` is {c:.3g}. Which of your numbers is too large, or too small?",
        inputs=inputs,
        a_or=hidden[0],
        a_and=hidden[1],
        from_or=v_or * hidden[0],
        from_and=v_and * hidden[1],
        c=c,
    )


XOR_SLIPS = {
    "none-on": N_(
        "For the inputs (0, 0) both hidden neurons are near 0, so `c` alone decides. Which sign does `c` need?"
    ),
    "or-alone": N_('For the inputs (0, 1) only "or" is on, so `v_or` has to outweigh `c`.'),
    "both-on": N_('For the inputs (1, 1) both hidden neurons are on. What must "and" do to the answer of "or"?'),
}


@judge
def _answers_xor(answer):
    v_or, v_and, c = _three_numbers(answer)
    outputs = logistic(OR_AND @ (v_or, v_and) + c)  # for (0, 0), (0, 1), (1, 0), (1, 1)
    told = say("The four answers are {answers}.", answers=", ".join(f"{a:.3f}" for a in outputs))
    if not outputs[0] < 0.5:
        sign = say(XOR_SLIPS["none-on"])
        raise Wrong(told, sign if c >= 0 else _not_quite_off("(0, 0)", OR_AND[0], v_or, v_and, c), slip="none-on")
    if not outputs[1] > 0.5:
        outweighed = say(XOR_SLIPS["or-alone"])
        alone = OR_AND[1, 0] * v_or + c <= 0  # without the little that "and" answers
        raise Wrong(told, outweighed if alone else _not_quite_off("(0, 1)", OR_AND[1], v_or, v_and, c), slip="or-alone")
    if not outputs[3] < 0.5:
        raise Wrong(told, say(XOR_SLIPS["both-on"]), slip="both-on")
    return joined(told, say("That is exclusive or, made of three neurons."))


_answers_xor.sentences = XOR_SLIPS
EXERCISES = [
    code_exercise(
        name="neuron",
        task=N_("Write `neuron(x, w, b)`: the weighted sum of the inputs `x`, plus the bias `b`, through the sigmoid. `x` and `w` "
                "are arrays of the same length, the result is one number."),
        solution="def neuron(x, w, b):\n    z = x @ w + b\n    return sigmoid(z)\n",
        cases=_INPUTS,
        again=by_hand(
            _neuron,
            without=("not-summed", "bias-each-time", "minus-bias", "times-bias", "last-input", "first-input", "two-inputs", "other-exponent", "no-brackets", "tanh", "sigmoid-twice", "rounded"),
            hints=(
                N_("Begin with the weighted sum, which is each input times its own weight, all added up, plus `b`. Call it `z`."),
                N_("Then take `sigmoid(z)`. For a negative z it is 1 minus the sigmoid of -z."),
            ),
            asks=N_("With pencil and paper: what does `neuron(x, w, b)` return for `x = {x}`, `w = {w}`, `b = {b}`? Take "
                    "sigmoid(1) = 0.73, sigmoid(2) = 0.88, sigmoid(3) = 0.95, and sigmoid(-z) = 1 - sigmoid(z)."),
        ),
        slips={
            "no-bias": slip("This is what you get without the bias `b`.", {" + b": ""}),
            "no-sigmoid": slip("This is the weighted sum `z`. It still has to go through the sigmoid.", {"sigmoid(z)": "z"},
                {"x @ w": "x[0] * w[0] + x[1] * w[1]", "sigmoid(z)": "z"}),
            "not-summed": slip("`x * w` gives one product for each input. The neuron also adds the products up, as `x @ w` "
                               "does.",
                {"@": "*"}),
            "bias-behind": slip("You added the bias after the sigmoid. It belongs inside, to the weighted sum.",
                {" + b": "", "sigmoid(z)": "sigmoid(z) + b"}),
            "bias-each-time": slip("Here the bias is added once for each input. The sum should take it only once.",
                {"x @ w + b": "np.sum(x * w + b)"}),
            "sums-multiplied": slip("Each input has its own weight, so multiply in pairs first and then add up.",
                {"x @ w": "sum(x) * sum(w)"}),
            "minus-bias": slip("Here the bias is subtracted. It should be added.", {"+ b": "- b"}),
            "times-bias": slip("Here the bias is a factor. It should be added.", {"+ b": "* b"}),
            "no-weights": slip("The weights `w` have no part in your result.", {"x @ w": "sum(x)"}),
            "mean": slip("This is the mean of the products. A neuron takes their sum.", {"x @ w": "np.mean(x * w)"}),
            "last-input": slip("Only the last input has a part in it. Does each turn of your loop add to `z`, or replace "
                               "it?",
                {"x @ w": "x[-1] * w[-1]"}),
            "first-input": slip("Only the first input has a part in it. Does `return` stand inside the loop?",
                {"x @ w": "x[0] * w[0]"}),
            "two-inputs": slip("Only the first two inputs have a part in it. The function should take any number of "
                               "inputs.",
                {"x @ w": "x[0] * w[0] + x[1] * w[1]"}),
            "other-exponent": slip("The exponent of the sigmoid needs a minus. Try yours at a large `z`, where a sigmoid is "
                                   "near 1.",
                {"sigmoid(z)": "1 / (1 + np.exp(z))"}),
            "no-brackets": slip("`1 / 1 + ...` divides first, so the sum below the line needs brackets.",
                {"sigmoid(z)": "1 / 1 + np.exp(-z)"}),
            "tanh": slip("This is the tanh of the weighted sum. The neuron here takes the sigmoid.", {"sigmoid": "np.tanh"}),
            "sigmoid-twice": slip("The sigmoid is taken twice here.", {"sigmoid(z)": "sigmoid(sigmoid(z))"}),
            "rounded": slip("This is rounded. Leave the digits as they come.", {"sigmoid(z)": "round(sigmoid(z), 4)"}),
        },
        hints=(
            N_("Begin with the weighted sum, which is each input times its own weight, all added up, plus "
               "`b`. Call it `z`."),
            N_("`x @ w` multiplies the entries in pairs and adds them up."),
            N_("Then take `sigmoid(z)`, with the function defined above."),
        ),
        explanation=N_(
            "That is all a neuron does: a weighted sum, and then a nonlinearity. The usual slips are a "
            "forgotten bias, a forgotten sigmoid, and `x * w`, which does not add up."
        ),
    ),
    code_exercise(
        name="one-step",
        task=N_("Write `one_step(w, slope, eta)`: the new value of `w` after one step of gradient descent with learning rate "
                "`eta`, where `slope` is the derivative of the loss for `w`."),
        solution="def one_step(w, slope, eta):\n    return w - eta * slope\n",
        cases=_STEPS,
        again=by_hand(
            lambda rng: (one_of(rng, -3, -2, 2, 3, 4, 5), one_of(rng, -4, -3, -2, 2, 3, 4, 5), one_of(rng, 0.1, 0.2, 0.05)),
            without=("sign-alone", "size-alone", "own-rate"),
        ),
        in_place=("w",),
        slips={
            "uphill": slip("Your step goes uphill, because a positive slope means that a larger `w` makes the loss "
                           "larger.",
                {"w - eta": "w + eta"}),
            "no-rate": slip("Your step is the whole slope. The learning rate `eta` says how much of it to take.",
                {"eta * slope": "slope"}),
            "step-alone": slip("This is the change of `w`. You are asked for `w` after the change.", {"w - eta": "-eta"}),
            "scaled": slip("Your step depends on how large `w` is. Take `w` out of the product.",
                {"eta * slope": "eta * slope * w"}),
            "change-turned": slip("This is by how much `w` changes. You are asked for `w` after the change.",
                {"w - eta": "eta"}),
            "all-turned": slip("This is the new `w` with its sign turned. What is subtracted from what?",
                {"w - eta * slope": "eta * slope - w"}),
            "divided": slip("You divided by `eta`, so a small rate would take a long step.", {"eta * slope": "slope / eta"}),
            "rate-alone": slip("The slope has no part in your step. Its size says how long the step is, and its sign says "
                               "which way it goes.",
                {"eta * slope": "eta"}),
            "both-subtracted": slip("You subtract `eta` and the slope one after the other. But `eta` says how much of the slope "
                                    "to take.",
                {"eta * slope": "eta - slope"}),
            "rate-on-w": slip("Here `eta` scales `w`. It should scale the slope.", {"w - eta * slope": "eta * w - slope"}),
            "sign-alone": slip("Here only the sign of the slope counts. Its size should count too.",
                {"eta * slope": "eta * np.sign(slope)"}),
            "size-alone": slip("This always makes `w` smaller. But where the slope is negative, downhill is the other way.",
                {"eta * slope": "eta * abs(slope)"}),
            "squared": slip("The slope is squared here, so its sign is lost.", {"eta * slope": "eta * slope**2"}),
            "own-rate": slip("You take half of the slope, whatever `eta` is. Use the argument `eta`.",
                {"eta * slope": "0.5 * slope"}),
            "no-step": slip("This is `w` before the step.", "return w"),
        },
        hints=(
            N_("If the slope is positive, which way should `w` go to make the loss smaller?"),
            N_("The step is `eta` times the slope, taken against the slope."),
        ),
        explanation=N_(
            "This one line is all of gradient descent. It does not ask where the slope came from. The "
            "usual slip is the sign: adding the slope climbs."
        ),
    ),
    Exercise(
        name="xor-output",
        task=N_("The hidden layer answers \"or\" and \"and\". Choose `xor_output = (v_or, v_and, c)` so that the output neuron "
                "`sigmoid(v_or * or + v_and * and + c)` answers above 0.5 where exactly one input is 1, and below 0.5 elsewhere."),
        judge=_answers_xor,
        hints=(
            N_("Exclusive or means \"or\", but not \"and\"."),
            N_("So `v_or` is positive and `v_and` is negative. With both hidden units off the answer has to be below 0.5."),
            N_("`c` lies between 0 and minus `v_or`. Try `v_or` = 10 and `c` = -5. When \"or\" is on, the sum of "
               "these two is 5, and `v_and` has to take away more than that when \"and\" is on as well."),
        ),
        solution="xor_output = (10, -20, -5)",
        explanation=N_(
            "\"Or\" switches the answer on, \"and\" switches it off again, and the bias keeps it off when nothing is there. The "
            "usual slips are two positive weights, which give \"or\", and `c` = 0, which leaves (0, 0) undecided."
        ),
    ),
    letter_exercise(
        name="who-computes",
        task=N_("Which line is backpropagation?"),
        options={
            "a": (N_("`a = sigmoid(x @ W + b)`"),
                  N_("That is the forward pass, which computes the answer. Which line computes slopes?")),
            "b": (N_("`value, dW = value_and_grad(loss)(W)`"),
                  N_("This line computes the slope of the loss for every parameter, and changes no parameter.")),
            "c": (N_("`W = W - eta * dW`"),
                  N_("That is the step of gradient descent, which uses `dW`. Which line has computed `dW`?")),
            "d": (N_("all of them together"),
                  N_("Together they are one step of training. Backpropagation is the part of it that computes the slopes.")),
        },
        right="b",
        hints=(
            N_("Backpropagation computes gradients; gradient descent uses them."),
            N_("Which line brings slopes into being, without changing any weight?"),
        ),
        explanation=N_(
            "The usual slip is (d), because the word is often used for all of training. In the cell with finite differences "
            "line (b) was replaced, and the training was the same."
        ),
    ),
]  # fmt: skip

PREDICTIONS = [
    prediction(
        name="double-weight",
        question=N_("A neuron computes sigmoid(w x + b). The weight w is doubled, b = 0. What happens to its curve?"),
        options={
            "a": (N_("it gets twice as high"),
                  N_("The sigmoid cannot exceed 1, whatever comes in. Compare the highest values in the next figure.")),
            "b": (N_("it gets steeper"),
                  N_("The weight scales the input axis, so the curve rises in half the width. The next figure "
                     "prints both slopes.")),
            "c": (N_("it moves sideways"),
                  N_("That is what the bias does. Compare the second and the third curve of the next figure.")),
        },
        right="b",
        cells=("curves",),
    ),
    prediction(
        name="same-input",
        question=N_("An artificial neuron gets the same input twelve times in a row. What are its twelve answers?"),
        options={
            "a": (N_("mostly small numbers, and a large one now and then"),
                  N_("A nerve cell answers in this way, because it charges up until it fires. But the artificial neuron "
                     "keeps nothing from one input to the next. The next cell runs both side by side.")),
            "b": (N_("twelve times the same number"),
                  N_("An artificial neuron is a function, so it has no time and no memory. The next cell prints "
                     "its answers beside those of a model that has both.")),
            "c": (N_("numbers that get weaker and weaker"),
                  N_("Its weights change only when something trains it. The next cell prints twelve answers.")),
        },
        right="b",
        cells=("leaky",),
    ),
    prediction(
        name="without-backprop",
        question=N_("We throw backpropagation out, measure each slope by finite differences, and descend for 100 steps from the "
                    "same start with the same rate. Where does the loss end?"),
        options={
            "a": (N_("where it began"),
                  N_("The step is what changes the parameters, and the step is still there. The next cell runs "
                     "both.")),
            "b": (N_("a little higher than with backpropagation"),
                  N_("With nudges of a millionth the error is far too small to be seen. The next cell prints both losses.")),
            "c": (N_("where it ends with backpropagation"),
                  N_("Gradient descent does not ask where its slopes come from. The next cell prints both losses, "
                     "and the one after it shows what finite differences cost.")),
        },
        right="c",
        cells=("without-backprop",),
    ),
    prediction(
        name="linear-layers",
        question=N_("Three neurons stand in a chain, and each is only a weighted sum, z = w x + b, without a "
                    "sigmoid. How many bends can the curve from the first input to the last output have?"),
        options={
            "a": ("3",
                  N_("Each neuron only scales and shifts. The next cell measures the slope at five places.")),
            "b": ("0",
                  N_("A straight line put into a straight line gives a straight line. Its slope is the product "
                     "of the three weights. The next cell measures it.")),
            "c": ("2",
                  N_("Putting a straight line into a straight line does not bend it. The next cell measures the "
                     "slope at five places.")),
        },
        right="b",
        cells=("linear-layers",),
    ),
]  # fmt: skip

chapter = Chapter(1, EXERCISES, PREDICTIONS)
check, hint, solution, predict = chapter.functions
