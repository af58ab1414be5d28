"""A small chapter, one exercise for each kind of judge: the machinery's tests work on it."""

import numpy as np

from course_lib.exercises import N_, Chapter, Exercise, Prediction
from course_lib.exercises.machinery import judges
from course_lib.exercises.machinery.letter import letter_exercise
from course_lib.exercises.machinery.slips import code_exercise, gradient_exercise, slip

x = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])  # (4, 2)
y = np.array([[0.0], [1.0], [1.0], [0.0]])  # (4, 1)
W, b = np.array([[0.3], [-0.2]]), np.array([0.1])  # (2, 1), (1,)


def hidden_error(delta2, W2, a1):
    return delta2 @ W2.T * a1 * (1 - a1)


def without_slope(delta2, W2, a1):
    return delta2 @ W2.T


HIDDEN_ERROR_CASES = [
    (np.array([[0.5]]), np.array([[1.0], [-2.0]]), np.array([[0.2, 0.6]])),
    (
        np.array([[0.1], [-0.3], [0.2]]),
        np.array([[0.4], [-0.5]]),
        np.array([[0.1, 0.9], [0.5, 0.5], [0.3, 0.8]]),
    ),
]


def mean_squared_loss(params):
    W, b = params
    return np.mean((x @ W + b - y) ** 2)


def descend(answer):
    """Ten steps on w**2 from w = 1 with the answer as the rate."""
    w = 1.0
    for _ in range(10):
        w -= answer * 2 * w
    return {"w": abs(w)}


def make_chapter():
    """A new chapter, in which the reader has done nothing yet."""
    return Chapter(99, EXERCISES, PREDICTIONS)


EXERCISES = [
    Exercise(
        name="angle",
        task=N_("How many degrees lie between the gradient and the way to the minimum?"),
        judge=judges.number(
            67.17,
            N_("Which two vectors does the angle lie between?"),
            tolerance=0.01,
            unit=N_("degrees"),
            wrong={22.83: N_("This is the angle to the contour.")},
        ),
        hints=(N_("The cosine is the product of the two unit vectors."),),
        solution="angle = 67.17",
        explanation=N_(
            "The gradient is perpendicular to the contour, and a long ellipse turns that away from the minimum."
        ),
    ),
    letter_exercise(
        name="judge-of-gradients",
        task=N_("What shows that a gradient is right?"),
        options={
            "a": (N_("a falling loss"), N_("Wrong gradients train as well: the loss falls, only more slowly.")),
            "b": (N_("`numerical_gradient`"), N_("Finite differences share no code with the backward pass.")),
        },
        right="b",
        hints=(N_("Which of the two could fail?"),),
        explanation=N_("A falling loss is what wrong gradients can give too."),
    ),
    Exercise(
        name="step-order",
        task=N_("Put the names of a training step in order."),
        judge=judges.sequence(
            ["forward", "loss", "gradients", "step"],
            {
                "shuffle": N_("That is done once an epoch, before the first step."),
                ("step", "gradients"): N_("The step needs gradients."),
            },
        ),
        hints=(N_("What does the step need?"), N_("It starts with `forward`.")),
        solution='step_order = ["forward", "loss", "gradients", "step"]',
        explanation=N_("Each line needs what the line before it has computed."),
    ),
    code_exercise(
        name="hidden-error",
        task=N_("Write `hidden_error(delta2, W2, a1)`, the error of a sigmoid layer."),
        solution=(
            "def hidden_error(delta2, W2, a1):\n"
            "    back = delta2 @ W2.T  # (batch, hidden)\n"
            "    return back * a1 * (1 - a1)\n"
        ),
        cases=HIDDEN_ERROR_CASES,
        slips={
            "no-slope": slip("This is what you get without the slope `a1 * (1 - a1)`.", {" * a1 * (1 - a1)": ""}),
        },
        hints=(
            N_("The error comes back through the same weights."),
            N_("Its shape is that of `a1`."),
            N_("The last factor is the slope of the sigmoid."),
        ),
        explanation=N_("The chain rule has one factor for the weights and one for the activation."),
    ),
    gradient_exercise(
        name="line-gradients",
        task=N_("Write `line_gradients(x, y, W, b)`: the gradients of the mean squared error for `W` and `b`."),
        solution=(
            "def line_gradients(x, y, W, b):\n"
            "    delta = 2 * (x @ W + b - y) / len(x)\n"
            "    return x.T @ delta, delta.sum(axis=0)\n"
        ),
        loss=mean_squared_loss,
        params=[W, b],
        names=("W", "b"),
        arguments=(x, y, W, b),
        batch_size=4,
        slips={
            "last-row": slip("The bias is used in each row.", {"delta.sum(axis=0)": "delta[-1]"}),
        },
        hints=(N_("Start with the derivative with respect to the output."),),
        explanation=N_("The bias is used in each row, so its gradient is the sum over the rows."),
    ),
    Exercise(
        name="fast-rate",
        task=N_("Choose a rate that brings w below 0.001 within ten steps."),
        judge=judges.program(
            descend,
            {
                "away": (lambda v: v["w"] < 1, N_("It moved away: w is now {w:.3g}.")),
                "slow": (lambda v: v["w"] < 1e-3, N_("After ten steps w is {w:.3g}; the goal is below 0.001.")),
            },
            right=N_("After ten steps w is {w:.3g}."),
        ),
        hints=(N_("Each step multiplies w by 1 - 2 * rate."),),
        solution="fast_rate = 0.4",
        explanation=N_("Every rate between 0.25 and 0.75 brings w below {{0.001}} in time."),
    ),
]

PREDICTIONS = [
    Prediction(
        name="rate-zero",
        question=N_("What does the loss do with a learning rate of 0?"),
        options={
            "a": N_("It falls slowly."),
            "b": N_("It stays where it is."),
            "c": N_("It is `nan`."),
        },
        right="b",
        replies={
            "a": N_("Then the weights would have to change. Compare the two losses of the next cell."),
            "b": N_("Each step subtracts 0 times the gradient: the next cell prints the same loss twice."),
            "c": N_("Nothing is divided by the rate: the next cell prints a finite loss."),
        },
        cells=("two-losses",),
    ),
]

chapter = make_chapter()
check, hint, solution, predict = chapter.functions
