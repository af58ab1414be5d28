"""The worked examples that fade (`machinery/worked.py`), one for each of the five calculations that readers do by hand."""

import numpy as np

from ...text import N_
from ..machinery.again import numbers_of, one_of
from ..machinery.worked import Line, Worked


def _drawn(**choices):
    """draw(rng) of numbers, each one of its choices."""
    return lambda rng: {name: one_of(rng, *values) for name, values in choices.items()}


_SMALL = 2, 3, 4, 5, -2, -3, -4

CHAIN = Worked(
    name="chain-on-a-graph",
    intro=N_("Take u = x * w, then v = u + x, then L = u * v, at x = {x} and w = {w}. What is dL/dx?"),
    draw=_drawn(x=_SMALL, w=_SMALL),
    lines=(
        Line("u", "x * w", N_("Forward, the product")),
        Line("v", "u + x", N_("Forward, the sum")),
        Line("L", "u * v", N_("Forward, the result")),
        Line(
            "dv",
            "u",
            N_("Back from L to v: the local derivative of a product is the other factor"),
            slips={
                "v": N_("That is v itself. The local derivative of u * v for v is the other factor."),
                "L": N_("That is L. What is asked is how much L moves for each unit that v moves."),
            },
        ),
        Line(
            "du",
            "v + dv * 1",
            N_("Back to u, which is used twice: along the edge from L, and along the edge from v"),
            slips={
                "v": N_("That comes along the edge from L alone. The sum v uses u, too."),
                "dv": N_("That comes along the edge from v alone. The product L uses u, too."),
                "v * dv": N_(
                    "Along one path factors are multiplied. Here two paths arrive, and what they bring is added."
                ),
            },
        ),
        Line(
            "dx",
            "du * w + dv * 1",
            N_("Back to x, which is used twice: along the edge from u, and along the edge from v"),
            slips={
                "du * w": N_("That comes along the edge from u alone. The sum v uses x directly, too."),
                "dv": N_("That comes along the edge from v alone. The product u uses x, too."),
                "du + dv": N_(
                    "The edge from u multiplies by its local derivative, which is the other factor of x * w."
                ),
                "du * x + dv": N_("The local derivative of x * w for x is the other factor, and not x."),
                "v * w + dv": N_("You passed on the gradient of u before it was complete: v uses u, too."),
            },
        ),
    ),
    shows={"dv": "dL/dv", "du": "dL/du", "dx": "dL/dx"},
)

_ACTIVATIONS = 0.2, 0.3, 0.4, 0.6, 0.7, 0.8
_WEIGHTS = 1.5, 2, -2, 3, -3, 0.5, -0.5


def _output_error(n, words):
    return Line(
        f"d{n}",
        f"(o{n} - y{n}) * o{n} * (1 - o{n})",
        words,
        slips={
            f"o{n} - y{n}": N_("The slope of the output's sigmoid is missing."),
            f"(y{n} - o{n}) * o{n} * (1 - o{n})": N_("The error is output minus target, and not the other way round."),
        },
    )


HIDDEN_DELTA = Worked(
    name="delta-of-a-hidden-unit",
    intro=N_(
        "A hidden unit answers a1[1] = {a} and leads to two outputs, with the weights W2[1,1] = {w1} and W2[1,2] = {w2}. "
        "The outputs are a2[1] = {o1} and a2[2] = {o2}, their targets y[1] = {y1} and y[2] = {y2}. All units are sigmoids, and "
        "L is half the sum of the squared errors. What is the error delta1[1] of the hidden unit?"
    ),
    draw=_drawn(a=_ACTIVATIONS, w1=_WEIGHTS, w2=_WEIGHTS, o1=_ACTIVATIONS, o2=_ACTIVATIONS, y1=(0, 1), y2=(0, 1)),
    lines=(
        _output_error(1, N_("The error of output 1: the slope of the loss times that of the sigmoid")),
        _output_error(2, N_("The error of output 2, in the same way")),
        Line(
            "back",
            "d1 * w1 + d2 * w2",
            N_("Back along one arrow for each output, and added"),
            slips={
                "d1 * w1": N_(
                    "That comes back from output 1 alone. The unit reaches the loss through output 2 as well."
                ),
                "d2 * w2": N_(
                    "That comes back from output 2 alone. The unit reaches the loss through output 1 as well."
                ),
                "d1 + d2": N_("On its way back an error is multiplied by the weight of its arrow."),
                "d1 * w2 + d2 * w1": N_(
                    "Each error goes back through its own arrow. You have exchanged the two weights."
                ),
                "(o1 - y1) * w1 + (o2 - y2) * w2": N_(
                    "You sent back output minus target. The error of an output has the slope of its sigmoid in it."
                ),
            },
        ),
        Line(
            "slope",
            "a * (1 - a)",
            N_("The slope of the hidden unit's own sigmoid"),
            slips={
                "a": N_("That is the activation. The slope of a sigmoid is a (1 - a)."),
                "1 - a": N_("One factor is missing: the slope of a sigmoid is a (1 - a)."),
                "1 - a**2": N_("That is the slope of tanh. This unit is a sigmoid."),
            },
        ),
        Line(
            "delta",
            "back * slope",
            N_("The error of the hidden unit: what came back, times the slope"),
            slips={
                "back": N_("That came back along the arrows. The unit's own slope is missing."),
                "back * a": N_("You multiplied by the activation. The slope of a sigmoid is a (1 - a)."),
                "back * (1 - a)": N_("You multiplied by 1 - a. The slope of a sigmoid is a (1 - a)."),
                "back + slope": N_("The slope is a factor here, and not a summand."),
            },
        ),
    ),
    shows={
        "d1": "delta2[1]",
        "d2": "delta2[2]",
        "a": "a1[1]",
        "w1": "W2[1,1]",
        "w2": "W2[1,2]",
        "o1": "a2[1]",
        "o2": "a2[2]",
        "y1": "y[1]",
        "y2": "y[2]",
        "delta": "delta1[1]",
    },
)


def _velocity(n, words, own=()):
    """The line of the velocity after step n; own: its slips before those of every step."""
    v, g = f"v{n - 1}", f"g{n}"
    every = {
        f"beta * {v} + (1 - beta) * {g}": N_(
            "That is an average, such as Adam keeps. Momentum keeps a sum, and adds the whole gradient."
        ),
        f"beta * ({v} + {g})": N_("Beta is the share of the old velocity alone. The gradient is added whole."),
        f"{v} + {g}": N_("Only the share beta of the old velocity is kept."),
        f"beta * {v} - {g}": N_("The velocity is a sum of gradients. The minus sign comes when w moves."),
    }
    return Line(f"v{n}", f"beta * {v} + {g}", words, slips=dict(own) | every)


def _move(n, words, own=()):
    """The line of the place after step n; own: its slips behind those of every step."""
    w, v = f"w{n - 1}", f"v{n}"
    every = {
        f"{w} + eta * {v}": N_("That step goes uphill."),
        f"{w} - eta * g{n}": N_("That is a step of plain gradient descent. Momentum steps with the velocity."),
        f"{w} - {v}": N_("The learning rate eta is missing."),
        f"{w} - eta * v{n - 1}": N_("The step takes the new velocity, and not the one from before."),
    }
    return Line(f"w{n}", f"{w} - eta * {v}", words, slips=every | dict(own))


MOMENTUM = Worked(
    name="two-steps-of-momentum",
    intro=N_(
        "On the curve f(w) = c w^2 / 2 with c = {c} the gradient is c * w. Momentum stands at w0 = {w0} with the velocity v0 = {v0}, and "
        "beta is {beta}, eta is {eta}. Where is w after two steps?"
    ),
    draw=_drawn(c=(2, 3, 4, 5), w0=(1, 2, 3, -2, -3), v0=(2, 4, -2, 6, -5), beta=(0.5, 0.6, 0.8, 0.9), eta=(0.1, 0.2)),
    lines=(
        Line("g1", "c * w0", N_("The gradient where the ball stands")),
        _velocity(1, N_("A share of the old velocity is kept, and the gradient is added")),
        _move(1, N_("The step, against the velocity")),
        Line(
            "g2",
            "c * w1",
            N_("The gradient at the new place"),
            slips={
                "g1": N_("That is the gradient at the old place. The ball has moved."),
                "c * v1": N_("The gradient depends on the place, and not on the velocity."),
            },
        ),
        _velocity(
            2,
            N_("The velocity again, from the one of the first step"),
            {
                "g2": N_("That is the gradient alone. A share of the old velocity belongs to it."),
                "beta * v0 + g2": N_("You kept a share of v0. The velocity before this step is v1."),
            },
        ),
        _move(
            2,
            N_("The second step"),
            {"w0 - eta * v2": N_("The second step begins where the first one ended, and not at w0.")},
        ),
    ),
)


def _place(i, j, words, hint):
    """The line of one place of the feature map."""

    def added(pick):
        return " + ".join(f"{pick(m, n)[0]} * {pick(m, n)[1]}" for m in (0, 1) for n in (0, 1)) + " + b"

    def pixel(m, n):
        return f"x{i + m}{j + n}"

    other = (j, i) if i != j else (0, 1)
    right = added(lambda m, n: (pixel(m, n), f"W{m}{n}"))
    return Line(
        f"z{i}{j}",
        right,
        words,
        slips={
            right.removesuffix(" + b"): N_("The bias b is missing."),
            added(lambda m, n: (pixel(m, n), f"W{1 - m}{1 - n}")): N_(
                "You turned the kernel round before you laid it on. That is the convolution of mathematicians; here it stays as it is."
            ),
            added(lambda m, n: (pixel(m, n), f"W{n}{m}")): N_("You exchanged the rows and the columns of the kernel."),
            " + ".join(pixel(m, n) for m in (0, 1) for n in (0, 1)): N_(
                "That is the sum of the pixels. Each has to be multiplied by the weight that lies on it."
            ),
            added(lambda m, n: (f"x{other[0] + m}{other[1] + n}", f"W{m}{n}")): N_(
                "That is what another window gives. Look where the corner of the kernel lies."
            ),
        },
        hint=hint,
    )


def _grids(rng):
    x, W = numbers_of(rng, (3, 3), 0, 1, 2, 3, 4, 5), rng.permutation([-2.0, -1, 0, 1, 2, 3])[:4].reshape(2, 2)
    numbers = {f"x{i}{j}": float(x[i, j]) for i, j in np.ndindex(3, 3)}
    return numbers | {f"W{m}{n}": float(W[m, n]) for m, n in np.ndindex(2, 2)} | {"b": one_of(rng, -2, -1, 1, 2)}


CONVOLUTION = Worked(
    name="convolution-by-hand",
    intro=N_(
        "An image x of 3 x 3 pixels, a kernel W of 2 x 2 weights, and the bias b = {b}. Which feature map z comes out, and what is its last number z[1,1]?"
    ),
    draw=_grids,
    lines=(
        _place(
            0,
            0,
            N_("The kernel at the upper left"),
            N_("Not this number. Lay the kernel on the upper left corner: four products, and b."),
        ),
        _place(
            0,
            1,
            N_("Moved by one pixel to the right"),
            N_("Not this number. Lay the kernel on the upper right corner: four products, and b."),
        ),
        _place(
            1,
            0,
            N_("One row down, at the left again"),
            N_("Not this number. Lay the kernel on the lower left corner: four products, and b."),
        ),
        _place(
            1,
            1,
            N_("Moved to the right, the last place"),
            N_("Not this number. Lay the kernel on the lower right corner: four products, and b."),
        ),
    ),
    shows={f"{letter}{i}{j}": f"{letter}[{i},{j}]" for letter in "xWz" for i in range(3) for j in range(3)},
    table=N_(
        "image x          kernel W\n\n{x00:>3} {x01:>3} {x02:>3}      {W00:>3} {W01:>3}\n"
        "{x10:>3} {x11:>3} {x12:>3}      {W10:>3} {W11:>3}\n{x20:>3} {x21:>3} {x22:>3}"
    ),
)


ATTENTION = Worked(
    name="score-and-softmax",
    intro=N_(
        "A symbol looks at two earlier symbols and at itself. Its query is q = {q}, the keys are k1 = {k1}, k2 = {k2} and, of itself, k3 = {k3}. "
        "They have d = {d} numbers each. Which weight w3 does the symbol give to itself? (You will want a calculator for exp.)"
    ),
    draw=lambda rng: {"d": 4} | {name: numbers_of(rng, 4, -1, 0, 1, 2) for name in ("q", "k1", "k2", "k3")},
    lines=(
        Line("s1", "q @ k1 / np.sqrt(d)", N_("The score of the first symbol: how well its key fits the query")),
        Line("s2", "q @ k2 / np.sqrt(d)", N_("The score of the second symbol")),
        Line(
            "s3",
            "q @ k3 / np.sqrt(d)",
            N_("The score of the symbol itself"),
            slips={
                "q @ k3": N_("That is the dot product. It still has to be divided by the root of d."),
                "q @ k3 / d": N_("You divided by d. Divide by its root."),
            },
        ),
        Line(
            "total",
            "np.exp(s1) + np.exp(s2) + np.exp(s3)",
            N_("Softmax: the sum of e to the power of each score"),
            slips={
                "s1 + s2 + s3": N_("That is the sum of the scores. Softmax first takes e to the power of each."),
                "np.exp(s1) + np.exp(s2)": N_("The symbol sees itself, too: its own score belongs to the sum."),
                "np.exp(s1 + s2 + s3)": N_("Take e to the power of each score first, and add afterwards."),
            },
        ),
        Line(
            "w3",
            "np.exp(s3) / total",
            N_("The share of the symbol itself is its weight"),
            slips={
                "np.exp(s3)": N_(
                    "That is e to the power of the score. Divide it by the sum, so that the weights add up to one."
                ),
                "s3 / (s1 + s2 + s3)": N_(
                    "That is the share in the scores. Softmax takes e to the power of each score first."
                ),
                "np.exp(s3) / (np.exp(s1) + np.exp(s2))": N_(
                    "The symbol's own score belongs to the sum below the fraction line, too."
                ),
                "1 / (1 + np.exp(-s3))": N_(
                    "That is the sigmoid, which looks at one score alone. A softmax compares all three."
                ),
                "np.exp(s1) / total": N_("That is the weight of the first symbol."),
                "np.exp(s2) / total": N_("That is the weight of the second symbol."),
            },
        ),
    ),
)
