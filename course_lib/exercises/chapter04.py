"""Chapter 4: the delta recursion and the learning rate, as exercises and predictions."""

import numpy as np

from ..ops import logistic
from ..text import N_
from . import judges
from .machinery import Chapter, Exercise, Prediction

_rng = np.random.default_rng(4)


# The slope of an activation that the table does not list: f(z) = z sigma(z).


def silu_slope(z):
    s = logistic(z)
    return s + z * s * (1 - s)


def _product_of_slopes(z):
    return logistic(z) * (1 - logistic(z))


def _second_term(z):
    return z * logistic(z) * (1 - logistic(z))


def _slope_of_a(z):
    a = z * logistic(z)
    return logistic(a) + a * logistic(a) * (1 - logistic(a))


# One step of the recursion, for a sigmoid layer.


def hidden_delta(delta_next, W_next, a):
    return delta_next @ W_next.T * a * (1 - a)


def _delta_without_slope(delta_next, W_next, a):
    return delta_next @ W_next.T


def _delta_slope_of_a(delta_next, W_next, a):
    return delta_next @ W_next.T * logistic(a) * (1 - logistic(a))


def _delta_of_tanh(delta_next, W_next, a):
    return delta_next @ W_next.T * (1 - a**2)


def _layers(batch, units, outputs):
    a = logistic(_rng.normal(size=(batch, units)))
    return _rng.normal(size=(batch, outputs)), _rng.normal(size=(units, outputs)), a


# Limit and best rate of a quadratic.


def rates(H):
    eigenvalues = np.linalg.eigvalsh(H)
    return 2 / eigenvalues[-1], 2 / (eigenvalues[-1] + eigenvalues[0])


def _half_rates(H):
    limit, best = rates(H)
    return limit / 2, best / 2


def _rates_of_diagonal(H):
    diagonal = np.sort(np.diag(H))
    return 2 / diagonal[-1], 2 / (diagonal[-1] + diagonal[0])


def _limit_of_smallest(H):
    eigenvalues = np.linalg.eigvalsh(H)
    return 2 / eigenvalues[0], 2 / (eigenvalues[-1] + eigenvalues[0])


def _newton_rate(H):
    return rates(H)[0], 1 / np.linalg.eigvalsh(H)[-1]


# One step of momentum.


def momentum_step(w, v, g, eta, beta):
    v = beta * v + g
    return w - eta * v, v


def _old_v(w, v, g, eta, beta):
    return w - eta * v, beta * v + g


def _average(w, v, g, eta, beta):
    v = beta * v + (1 - beta) * g
    return w - eta * v, v


def _uphill(w, v, g, eta, beta):
    v = beta * v + g
    return w + eta * v, v


def _only_g(w, v, g, eta, beta):
    return w - eta * g, beta * v + g


EXERCISES = [
    Exercise(
        name="silu-slope",
        task=N_("Write `silu_slope(z)`: the derivative of f(z) = z sigmoid(z), for an array z."),
        judge=judges.function(
            silu_slope,
            [(np.array([-2.0, 0.0, 2.0]),), (_rng.normal(size=(3, 2)),)],
            wrong={
                _product_of_slopes: N_("That multiplies the slopes of the two factors, 1 and sigmoid'. The product rule adds two terms."),
                _second_term: N_("One term of the product rule is missing: the one in which the factor `z` is differentiated."),
                logistic: N_("One term of the product rule is missing: the one in which the sigmoid is differentiated."),
                _slope_of_a: N_("You evaluated the slope at the output f(z). It belongs at z."),
            },
        ),
        hints=(
            N_("f is a product, z times sigmoid(z). The product rule: u'v + uv'."),
            N_("The slope of z is 1, that of the sigmoid s is s(1 - s)."),
            N_("With `s = sigmoid(z)`: `s + z * s * (1 - s)`."),
        ),
        solution="def silu_slope(z):\n    s = sigmoid(z)\n    return s + z * s * (1 - s)\n",
        explanation=N_(
            "Two paths lead from z to f, one through each factor, and gradients of paths add. The usual slips: only one of the "
            "paths, or a slope evaluated at the output. (This activation is called SiLU or swish.)"
        ),
    ),
    Exercise(
        name="hidden-delta",
        task=N_("Write `hidden_delta(delta_next, W_next, a)`: one step of the recursion for a sigmoid layer with output `a`."),
        judge=judges.function(
            hidden_delta,
            [_layers(5, 4, 3), _layers(1, 2, 2)],
            wrong={
                _delta_without_slope: N_("This is dL/da. One factor leads on to dL/dz: the slope of the sigmoid."),
                _delta_slope_of_a: N_("You applied the sigmoid to `a` once more: `a` is already its output."),
                _delta_of_tanh: N_("`1 - a**2` is the slope of tanh. What is that of the sigmoid, written with `a`?"),
            },
        ),
        hints=(
            N_("Write the shapes first: delta_next is (batch, outputs), W_next is (units, outputs), the result is (batch, units)."),
            N_("Back through the weights with `delta_next @ W_next.T`: that is dL/da."),
            N_("Then through the activation: times the slope, which for the sigmoid is `a * (1 - a)`."),
        ),
        solution="def hidden_delta(delta_next, W_next, a):\n    return delta_next @ W_next.T * a * (1 - a)\n",
        explanation=N_(
            "The shapes leave one way to multiply. What they cannot show is the slope: without it the shape is right and the "
            "gradient wrong."
        ),
    ),
    Exercise(
        name="rates",
        task=N_("Write `rates(H)`: for L = 1/2 w^T H w, the limit of the learning rate and the best rate, as two numbers."),
        judge=judges.function(
            rates,
            [
                (np.diag([1.0, 25.0]),),
                (np.array([[3.0, 2.0], [2.0, 3.0]]),),
                (np.array([[4.0, 1.0, 0.0], [1.0, 3.0, 1.0], [0.0, 1.0, 9.0]]),),
            ],
            names=("limit", "best"),
            wrong={
                _half_rates: N_("Both are half as large as they should be. For which η is |1 - ηλ| = 1?"),
                _rates_of_diagonal: N_("The numbers on the diagonal are the eigenvalues only when all others are zero: "
                                       "`np.linalg.eigvalsh(H)`."),
                _limit_of_smallest: N_("The limit comes from the direction that diverges first: is that the flattest or the steepest?"),
                _newton_rate: N_("At 1/L the steep direction arrives in one step, and the flat one hardly moves. Both should be equally fast."),
            },
        ),
        hints=(
            N_("`np.linalg.eigvalsh(H)` gives the eigenvalues in ascending order."),
            N_("The limit belongs to the largest eigenvalue: |1 - ηL| = 1."),
            N_("At the best rate both factors are equal: 1 - ημ = ηL - 1. Solve for η."),
        ),
        solution=(
            "def rates(H):\n"
            "    eigenvalues = np.linalg.eigvalsh(H)   # ascending\n"
            "    mu, L = eigenvalues[0], eigenvalues[-1]\n"
            "    return 2 / L, 2 / (L + mu)\n"
        ),
        explanation=N_(
            "Only the two ends of the list of eigenvalues matter: the largest sets the limit, both together set the best rate. "
            "The diagonal of H will do only when H is diagonal."
        ),
    ),
    Exercise(
        name="momentum-step",
        task=N_("Write `momentum_step(w, v, g, eta, beta)`: one step of momentum. Return the new w and the new v."),
        judge=judges.function(
            momentum_step,
            [
                (np.array([5.0, 1.0]), np.zeros(2), np.array([10.0, 50.0]), 0.02, 0.9),
                (np.array([4.8, 0.0]), np.array([10.0, 50.0]), np.array([9.6, 0.0]), 0.02, 0.9),
            ],
            names=("w", "v"),
            wrong={
                _old_v: N_("Your step uses the velocity from before. First v, then w with the new v."),
                _average: N_("That is an average, as Adam keeps one. Momentum here is `beta * v + g`: a sum."),
                _uphill: N_("This step goes uphill."),
                _only_g: N_("You keep a velocity and then step with the gradient alone."),
            },
        ),
        hints=(
            N_("Two lines, as in `Momentum.update`: first the velocity, then the step."),
            N_("The new velocity is `beta * v + g`."),
            N_("The new weights are `w - eta * v`, with the new velocity. Make new arrays; `v += g` would change the caller's."),
        ),
        solution="def momentum_step(w, v, g, eta, beta):\n    v = beta * v + g\n    return w - eta * v, v\n",
        explanation=N_(
            "The order matters: velocity first. And the form matters: with an average instead of a sum, the same eta makes steps "
            "ten times as short, so rates from one program do not fit the other."
        ),
    ),
]  # fmt: skip

PREDICTIONS = [
    Prediction(
        name="slope-of-a",
        question=N_("A program has `a = sigmoid(z)` and then takes the slope as `sigmoid(a) * (1 - sigmoid(a))`. At z = 2 it should "
                    "be 0.105. What does the program get?"),
        options={"a": N_("0.105: a is only another name"), "b": N_("0.207, about twice as much"), "c": N_("0.011, the square")},
        right="b",
        replies={
            "a": N_("The sigmoid is applied twice: once in `a`, once more to `a`. The next cell computes it three ways."),
            "b": N_("Twice too much here; at other places it errs by another factor, so no rate makes up for it. See the next cell."),
            "c": N_("Nothing is squared. The slope is taken at the wrong place: at a = 0.881 instead of z = 2. See the next cell."),
        },
    ),
    Prediction(
        name="steepest",
        question=N_("From one point, 10,000 short steps of equal length in random directions. How many of them lower the loss more "
                    "than the step along minus the gradient?"),
        options={"a": N_("about half"), "b": N_("a few lucky ones"), "c": N_("none")},
        right="c",
        replies={
            "a": N_("About half go downhill. How far down is another question: the next cell counts."),
            "b": N_("For long steps that can happen. For short ones the cosine decides; the next cell counts."),
            "c": N_("The fall is the norm of the gradient times a cosine, and no cosine exceeds 1. The next cell counts."),
        },
    ),
    Prediction(
        name="condition",
        question=N_("The condition number κ = L/μ grows from 10 to 100. Each time gradient descent uses its best rate. How many times as "
                    "many steps does it need?"),
        options={"a": N_("as many: the rate was adapted"), "b": N_("about three times, the root of ten"), "c": N_("about ten times")},
        right="c",
        replies={
            "a": N_("The best rate does all it can, and the flat direction still waits for the steep one. The next cell counts."),
            "b": N_("The root is what momentum can reach with its best settings. The next cell counts for plain descent."),
            "c": N_("The factor is (κ - 1)/(κ + 1), about 1 - 2/κ. The next cell counts."),
        },
    ),
    Prediction(
        name="loss-scale",
        question=N_("Someone measures the loss in cents instead of euros: every gradient is 100 times as large. Whose first step stays "
                    "the same?"),
        options={"a": N_("gradient descent"), "b": N_("momentum"), "c": N_("Adam")},
        right="c",
        replies={
            "a": N_("Its step is eta g: 100 times as long. The next cell prints all four."),
            "b": N_("The velocity is a sum of gradients: 100 times as long. The next cell prints all four."),
            "c": N_("It divides by the root of the squared gradient: the unit of the loss cancels. So it does for RMSProp."),
        },
    ),
    Prediction(
        name="noise-floor",
        question=N_("Mini-batches of 8, constant rate 0.1, far below the limit. Where does the loss of the whole data set end?"),
        options={"a": N_("at its minimum, after enough epochs"), "b": N_("above its minimum, for ever"), "c": N_("it diverges")},
        right="b",
        replies={
            "a": N_("At the minimum the gradients of the batches are not zero, only their mean is. The figure below shows it."),
            "b": N_("Each batch pulls somewhere else, and a constant rate never stops following. The figure below shows how far above."),
            "c": N_("The rate is below the limit, so the mean path converges. The figure below shows what the noise does."),
        },
    ),
]  # fmt: skip

chapter = Chapter(4, EXERCISES, PREDICTIONS)
check, hint, solution, predict = chapter.functions
