"""Chapter 4: the delta recursion and the learning rate, as exercises and predictions."""

import numpy as np

from ..ops import logistic
from ..text import N_
from .chapter_parts.worked_examples import MOMENTUM
from .machinery.again import by_hand, numbers_of, one_of
from .machinery.exercise import Chapter
from .machinery.letter import prediction
from .machinery.slips import code_exercise, slip
from .machinery.worked import worked_function

RNG = np.random.default_rng(4)


def _layers(batch, units, outputs):
    """delta_next, W_next and a of a sigmoid layer."""
    a = logistic(RNG.normal(size=(batch, units)))
    return RNG.normal(size=(batch, outputs)), RNG.normal(size=(units, outputs)), a


def _one_example(rng):
    """delta_next, W_next and a of a layer with two units, where no error that comes back is zero."""
    delta = np.array([[one_of(rng, -0.75, -0.25, 0.25, 0.75), one_of(rng, -1, -0.5, 0.5, 1)]])
    return delta, numbers_of(rng, (2, 2), -3, -1, 1, 3), numbers_of(rng, (1, 2), 0.2, 0.3, 0.4, 0.6, 0.7, 0.8)


def _hessian(rng):
    """A symmetric matrix with whole eigenvalues: a - b and a + b, or d and d + 5."""
    a, b, d, sign = one_of(rng, 4, 5, 6), one_of(rng, 1, 2, 3), one_of(rng, 1, 2, 4, 5), one_of(rng, -1, 1)
    H = one_of(rng, [[a, b], [b, a]], [[d + 1, 2], [2, d + 4]], [[d + 4, 2], [2, d + 1]])
    return (np.array(H, dtype=float) * [[1, sign], [sign, 1]],)


def _momentum(rng):
    """w, v, g, eta and beta of one step, without zeros on the way."""
    v, g = one_of(rng, -20, -10, 10, 20), one_of(rng, -6, -4, -2, 2, 4, 6)
    return one_of(rng, -8, -5, 4, 5, 8), v, g, one_of(rng, 0.05, 0.1), one_of(rng, 0.5, 0.8, 0.9)


EXERCISES = [
    code_exercise(
        name="silu-slope",
        task=N_("Write `silu_slope(z)`, the derivative of f(z) = z sigmoid(z), for an array z."),
        solution="def silu_slope(z):\n    s = sigmoid(z)\n    return s + z * s * (1 - s)\n",
        cases=[(np.array([-2.0, 0.0, 2.0]),), (RNG.normal(size=(3, 2)),)],
        again=by_hand(
            lambda rng: (rng.choice([-3.0, -2.0, -1.0, 1.0, 2.0, 3.0], 2, replace=False),),
            without=("slope-at-output", "sigmoid-twice"),
            asks=N_("With pencil and paper: what does `silu_slope(z)` return for `z = {z}`? Take sigmoid(1) = 0.731, "
                    "sigmoid(2) = 0.881, sigmoid(3) = 0.953, and sigmoid(-z) = 1 - sigmoid(z)."),
        ),
        slips={
            "product-of-slopes": slip("That is the slope of the sigmoid alone, which is also the product of the "
                                      "slopes of the two factors, 1 and "
                                      "sigmoid'. The product rule adds two terms.",
                {"s + z * s * (1 - s)": "s * (1 - s)"}),
            "no-first-term": slip("One term of the product rule is missing: the one in which the factor `z` is differentiated.",
                {"s + z": "z"}),
            "no-second-term": slip("One term of the product rule is missing: the one in which the sigmoid is differentiated.",
                {" + z * s * (1 - s)": ""}),
            "slope-at-output": slip("You evaluated the slope at the output f(z). It has to be evaluated at z.",
                {"s = sigmoid(z)": "z = z * sigmoid(z)\n    s = sigmoid(z)"}),
            "sigmoid-twice": slip("You applied the sigmoid twice in one term. s is already its output, so its slope needs no "
                                  "second sigmoid.", {"z * s * (1 - s)": "z * sigmoid(s) * (1 - sigmoid(s))"}),
            "itself": slip("That is f(z) itself, not its slope.", "return z * sigmoid(z)"),
            "no-slope": slip("Both terms of the product rule are there. But in the second one the sigmoid itself stands "
                             "where its slope belongs.",
                {" * (1 - s)": ""}),
            "half-a-slope": slip("Both terms of the product rule are there. But in the second one the slope of the sigmoid "
                                 "has one factor too many.",
                {"z * s * (1 - s)": "z * (1 - s)"}),
            "slope-of-sigmoid-at-f": slip("a (1 - a) is the slope of a sigmoid whose output is a. Your a is f(z), "
                                          "which is not the output of a sigmoid.",
                "a = z * sigmoid(z)\nreturn a * (1 - a)"),
            "no-z": slip("The first term is right. In the second the factor `z` is missing, because the product "
                         "rule differentiates one factor and keeps the other.",
                {"z * s": "s"}),
            "one-for-s": slip("The second term is right. In the first one the slope of `z` is 1, and the other factor "
                              "stays beside it.",
                {"return s +": "return 1 +"}),
            "difference": slip("Both terms are there. Does the product rule subtract them?", {"s + z": "s - z"}),
            "slope-of-tanh": slip("The first term is right. In the second you took the slope of tanh. What is the slope of "
                                  "the sigmoid?",
                {"z * s * (1 - s)": "z * (1 - s**2)"}),
        },
        hints=(
            N_("f is a product, z times sigmoid(z), and the product rule is u'v + uv'."),
            N_("The slope of z is 1, and the slope of the sigmoid s is s(1 - s)."),
            N_("With `s = sigmoid(z)` it is `s + z * s * (1 - s)`."),
        ),
        explanation=N_(
            "Two paths lead from z to f, one through each factor, and gradients of paths add. The usual "
            "slips are to take only one of the paths, and to evaluate a slope at the output. (This "
            "activation is called SiLU or swish.)"
        ),
    ),
    code_exercise(
        name="hidden-delta",
        task=N_("Write `hidden_delta(delta_next, W_next, a)`: one step of the recursion for a sigmoid layer with output `a`."),
        solution="def hidden_delta(delta_next, W_next, a):\n    return delta_next @ W_next.T * a * (1 - a)\n",
        cases=[_layers(2, 3, 2), _layers(5, 4, 3), _layers(1, 2, 2)],
        again=by_hand(
            _one_example,
            without=("sigmoid-twice", "no-brackets", "mean"),
            asks=N_("With pencil and paper: what does `hidden_delta(delta_next, W_next, a)` return for `delta_next = {delta_next}`, "
                    "`W_next = {W_next}`, `a = {a}`? The next layer computes `z_next = a @ W_next` plus a bias, and `delta_next` is "
                    "dL/dz_next. You are asked for dL/dz of this layer."),
        ),
        slips={
            "no-slope": slip("This is dL/da. One more factor, the slope of the sigmoid, leads on to dL/dz.",
                {" * a * (1 - a)": ""}),
            "sigmoid-twice": slip("You applied the sigmoid to `a` once more, but `a` is already its output.",
                {"a * (1 - a)": "sigmoid(a) * (1 - sigmoid(a))"}),
            "slope-of-tanh": slip("`1 - a**2` is the slope of tanh. What is the slope of the sigmoid, written with `a`?",
                {"a * (1 - a)": "(1 - a**2)"}),
            "not-transposed": slip("Each unit gets back what went through its own weights. Are they in a row or in a column of "
                                   "`W_next`?",
                {"W_next.T": "W_next.reshape(W_next.shape[::-1])"}),
            "sign": slip("Only the sign differs. Nothing in this step turns a sign around.",
                {"return delta": "return -delta"}),
            "added": slip("The slope is added here. Along a path the local derivatives multiply.",
                {" * a * (1 - a)": " + a * (1 - a)"}),
            "no-brackets": slip("`a * 1 - a` multiplies first and then subtracts, so `1 - a` needs brackets.", {"(1 - a)": "1 - a"}),
            "mean": slip("This divides by the batch size. If the loss is a mean, the first delta has that factor already.",
                {"(1 - a)": "(1 - a) / len(a)"}),
            "half-a-slope": slip("The slope of the sigmoid has two factors, and only one of them is here.",
                {"a * (1 - a)": "(1 - a)"}, {" * (1 - a)": ""}),
            "slope-alone": slip("This is the slope of the sigmoid. What comes back from the next layer, to be multiplied by "
                                "it?",
                "return a * (1 - a)"),
        },
        hints=(
            N_("Write the shapes first. delta_next is (batch, outputs), W_next is (units, outputs), and "
               "the result is (batch, units)."),
            N_("Which product of the two arrays, one of them transposed, has that shape? It is dL/da. Which factor leads on to dL/dz?"),
            N_("Go back through the weights with `delta_next @ W_next.T`, and multiply by the slope of the "
               "sigmoid, `a * (1 - a)`."),
        ),
        explanation=N_(
            "The shapes leave only one way to multiply. But they cannot show the slope: without it the "
            "shape is right and the gradient is wrong."
        ),
    ),
    code_exercise(
        name="rates",
        task=N_("Write `rates(H)`, which returns two numbers for L = 1/2 w^T H w, with H symmetric and "
                "positive definite: the limit of the learning rate and the best rate."),
        solution=(
            "def rates(H):\n"
            "    eigenvalues = np.linalg.eigvalsh(H)   # ascending\n"
            "    smallest, largest = eigenvalues[0], eigenvalues[-1]\n"
            "    return 2 / largest, 2 / (smallest + largest)\n"
        ),
        cases=[
                  (np.diag([1.0, 25.0]),),
                  (np.array([[3.0, 2.0], [2.0, 3.0]]),),
                  (np.array([[4.0, 1.0, 1.0], [1.0, 3.0, -1.0], [1.0, -1.0, 9.0]]),),
                  (np.diag([9.0, 1.0, 4.0]),),
              ],
        names=("limit", "best"),
        again=by_hand(
            _hessian,
            without=("unsorted", "entries", "norm"),
            hints=(
                N_("First find the eigenvalues λ: multiply out (a - λ)(d - λ) = b², and solve for λ."),
                N_("The limit belongs to the largest eigenvalue, λmax: |1 - η λmax| = 1."),
                N_("At the best rate both factors are equal: 1 - η λmin = η λmax - 1. Solve for η."),
            ),
            asks=N_("With pencil and paper: what does `rates(H)` return for `H = {H}`? The eigenvalues λ of a matrix with the rows "
                    "[a, b] and [b, d] solve (a - λ)(d - λ) = b²."),
        ),
        slips={
            "limit-at-one": slip("The best rate is right. At your limit the most curved direction arrives in one step. For which larger η does "
                                 "|1 - ηλ| reach 1 again?", {"2 / largest": "1 / largest"}),
            "best-at-limit": slip("The limit is right. But at the limit the most curved direction swings for ever and does not "
                                  "shrink at all. Can that be the best rate?", {"2 / (smallest + largest)": "2 / largest"}),
            "half-of-best": slip("The limit is right. The best rate is half as large as it should be. Which factors do the "
                                 "two directions have there, and are they of equal size?", {"2 / (": "1 / ("}),
            "one-for-both": slip("At 1/λmax the most curved direction arrives in one step, so that is not yet the limit. And "
                                 "the best rate has to serve the flat direction too.",
                {"2 / largest, 2 / (smallest + largest)": "1 / largest, 1 / largest"}),
            "half-of-both": slip("Both are half as large as they should be. For which η is |1 - ηλ| = 1?", {"2 / ": "1 / "}),
            "diagonal": slip("The numbers on the diagonal are the eigenvalues only when all others are zero. "
                             "Which are they here?", {"np.linalg.eigvalsh(H)": "np.sort(np.diag(H))"}),
            "limit-of-smallest": slip("The limit comes from the direction that diverges first. Is that the least curved or "
                                      "the most curved one?",
                {"2 / largest": "2 / smallest"}),
            "best-for-the-steep": slip("The limit is right. At your best rate the steep direction arrives in one step, but the "
                                       "flat one may hardly move. Which rate makes both equally slow?", {"2 / (smallest + largest)": "1 / largest"}),
            "best-for-the-flat": slip("The limit is right. At your best rate the flat direction arrives in one step. What does the steep "
                                      "one do there?", {"2 / (smallest + largest)": "1 / smallest"}),
            "unsorted": slip("`np.linalg.eigvals` gives the eigenvalues in no particular order. `np.linalg.eigvalsh` "
                             "sorts them.",
                {"eigvalsh": "eigvals"}, {"eigvalsh": "eigvals", "eigenvalues[0], eigenvalues[-1]": "eigenvalues[-1], eigenvalues[0]"}),
            "trace": slip("The limit is right. The trace is the sum of all eigenvalues. How many of them decide about "
                          "the best rate?",
                {"(smallest + largest)": "np.trace(H)"}),
            "mean": slip("The limit is right. The mean takes in all eigenvalues. How many of them decide about "
                         "the best rate?",
                {"2 / (smallest + largest)": "1 / np.mean(eigenvalues)"}),
            "mean-of-limits": slip("The limit is right. Your second number is the mean of the limits of two directions, and at "
                                   "that rate the steep one diverges.",
                {"2 / (smallest + largest)": "1 / smallest + 1 / largest"}),
            "limit-turned-over": slip("The best rate is right. Your limit is turned over. Does a steeper "
                                      "direction bear a larger rate or a smaller one?",
                {"2 / largest": "largest / 2"}),
            "eigenvalues": slip("Those are eigenvalues. Which rates follow from them?",
                {"2 / largest, 2 / (smallest + largest)": "largest, smallest"}, {"2 / largest, 2 / (smallest + "
                                                                                 "largest)": "smallest, largest"}),
            "entries": slip("The entries of H are not its eigenvalues. `np.linalg.eigvalsh(H)` gives these.",
                {"eigenvalues[0], eigenvalues[-1]": "np.min(H), np.max(H)"}),
            "norm": slip("The best rate is right. The norm of a whole matrix mixes all eigenvalues. Which one "
                         "decides about the limit?", {"2 / largest": "2 / np.linalg.norm(H)"}),
            "difference": slip("The limit is right. For the best rate, solve 1 - η λmin = η λmax - 1 once more. Which sign "
                               "has each λ when all η stand on one side?", {"smallest + largest": "largest - smallest"}),
            "factor": slip("The limit is right. Your second number says by how much the distance shrinks in a step at the "
                           "best rate. You are asked for the rate itself.", {"2 / (smallest": "(largest - smallest) / (smallest"}),
        },
        hints=(
            N_("`np.linalg.eigvalsh(H)` gives the eigenvalues in ascending order."),
            N_("The limit belongs to the largest eigenvalue, λmax: |1 - η λmax| = 1."),
            N_("At the best rate both factors are equal: 1 - η λmin = η λmax - 1. Solve for η."),
        ),
        explanation=N_(
            "Only the two ends of the list of eigenvalues matter: the largest sets the limit, and both "
            "together set the best rate. The diagonal of H will do only when H is diagonal. (With a "
            "negative eigenvalue there is no minimum, and no rate converges.)"
        ),
    ),
    code_exercise(
        name="momentum-step",
        task=N_("Write `momentum_step(w, v, g, eta, beta)`, one step of momentum. Return the new w and the "
                "new v."),
        solution="def momentum_step(w, v, g, eta, beta):\n    v = beta * v + g\n    return w - eta * v, v\n",
        cases=[
                  (np.array([5.0, 1.0]), np.zeros(2), np.array([10.0, 50.0]), 0.02, 0.9),
                  (np.array([4.8, -0.5]), np.array([-10.0, 50.0]), np.array([9.6, -20.0]), 0.05, 0.8),
              ],
        names=("w", "v"),
        in_place=("w", "v"),
        again=by_hand(
            _momentum,
            asks=N_("With pencil and paper: what does `momentum_step(w, v, g, eta, beta)` return for `w = {w}`, `v = {v}`, `g = {g}`, "
                    "`eta = {eta}`, `beta = {beta}`? Here v is a sum of gradients that fades, not an average, and eta has no part in it."),
        ),
        slips={
            "old-velocity": slip("Your step uses the velocity from before. Compute v first, and then w with the new v.",
                "return w - eta * v, beta * v + g"),
            "average": slip("That is an average, such as Adam keeps. Momentum here keeps a sum, so which factor has the "
                            "new gradient in it?",
                {"+ g": "+ (1 - beta) * g"}, {"beta * v + g": "(1 - beta) * v + beta * g"}),
            "no-momentum": slip("That is a step of plain gradient descent, and v stays as it was. Momentum brings "
                                "v up to date and steps with it.",
                "return w - eta * g, v"),
            "beta-on-both": slip("Beta is the share of the old velocity that is left. You applied it to the new "
                                 "gradient as well.",
                {"beta * v + g": "beta * (v + g)"}),
            "nesterov": slip("Your v is right. Your step adds beta times the new velocity to the gradient and "
                             "moves by their sum, as a variant of momentum named after Nesterov does. Plain "
                             "momentum steps with the new v.",
                {"w - eta * v": "w - eta * (beta * v + g)"}),
            "rate-twice": slip("The rate is in your velocity and in your step. It belongs only in the step.", {"+ g": "+ eta * g"}),
            "gradient-twice": slip("Your v is right, and it holds the new gradient already. Your step subtracts "
                                   "that gradient once more.",
                {"w - eta * v": "w - eta * v - eta * g"}),
            "exchanged": slip("eta and beta have changed places here. Which of them says how long a step is?",
                "v = eta * v + g\nreturn w - beta * v, v"),
            "uphill": slip("Your v is right, and your step goes uphill. Which way does a gradient point?",
                {"w - eta": "w + eta"}),
            "two-minus": slip("You subtract g from the velocity, and then the velocity from w. Two minus signs make w go "
                              "uphill.", {"+ g": "- g"}),
            "sign-in-velocity": slip("The minus sign is in your velocity. Here v is a sum of gradients, and the sign comes when "
                                     "w moves.",
                {"+ g": "- g", "w - eta": "w + eta"}),
            "uphill-with-rate-in-velocity": slip("Your v is a step, with eta inside, and it goes uphill. Here v holds gradients only.",
                {"+ g": "+ eta * g", "w - eta * v": "w + v"}),
            "gradient-alone": slip("You keep a velocity and then step with the gradient alone.", {"- eta * v": "- eta * g"}),
            "rate-in-velocity": slip("Your w is right, but your v is a step, with eta inside. Here eta multiplies v when w moves, and v holds "
                                     "gradients only.", {"+ g": "+ eta * g", "w - eta * v": "w - v"}),
            "rate-and-sign-in-velocity": slip("Your w is right, but your v is a step, with eta and the sign inside. Here v holds gradients only.",
                {"+ g": "- eta * g", "w - eta * v": "w + v"}),
            "no-rate": slip("Your v is right. eta decides how long a step is, so where is it?", {"- eta * v": "- v"}),
            "no-beta": slip("Your v never fades. Which share of the old velocity is left?", {"beta * v": "v"}),
            "old-velocity-returned": slip("Your w is right, but you return the old v. The next step needs the new one.",
                "return w - eta * (beta * v + g), v"),
            "beta-on-gradient": slip("Beta is the share of the old velocity that is left. You applied it to the gradient.",
                {"beta * v + g": "v + beta * g"}),
        },
        hints=(
            N_("It takes two lines, as in `Momentum.update`: first the velocity, then the step."),
            N_("What is left of the old velocity after a step, and what is added to it? With which of the two velocities does w move?"),
            N_("The new velocity is `beta * v + g`, and with this velocity the new weights are `w - eta * "
               "v`. Make new arrays, because `v += g` would change the caller's."),
        ),
        explanation=N_(
            "The order matters: velocity first. And the form matters: with an average instead of a sum, the same eta makes steps "
            "ten times as short at beta = 0.9, so rates from one program do not fit the other."
        ),
    ),
]  # fmt: skip

PREDICTIONS = [
    prediction(
        name="slope-of-a",
        question=N_("A program has `a = sigmoid(z)` and then takes the slope as `sigmoid(a) * (1 - sigmoid(a))`. At "
                    "z = 2 it should be 0.105. What does the program get?"),
        options={
            "a": (N_("0.105, as it should be"),
                  N_("The sigmoid is applied twice, once in `a` and once more to `a`. The next cell computes it "
                     "three ways.")),
            "b": (N_("0.207, about twice as much"),
                  N_("It is twice too much here, and at other places it is wrong by another factor, so no rate "
                     "makes up for it. See the next cell.")),
            "c": (N_("0.011, about a tenth"),
                  N_("That is the square of 0.105, but nothing is squared here. The slope is taken at the wrong place, at a = 0.881 instead of z = 2. "
                     "See the next cell.")),
        },
        right="b",
        cells=("slopes",),
    ),
    prediction(
        name="steepest",
        question=N_("We make 10,000 short steps from one point, all of equal length and in random directions. "
                    "How many of them lower the loss more than the step along minus the gradient?"),
        options={
            "a": (N_("about half"),
                  N_("About half of them go downhill. How far down is another question. The next cell counts.")),
            "b": (N_("a few lucky ones"),
                  N_("For long steps that can happen. For short ones the cosine decides. The next cell counts.")),
            "c": (N_("none of them"),
                  N_("The fall is the norm of the gradient times a cosine, and no cosine exceeds 1. The next cell counts.")),
        },
        right="c",
        cells=("steepest",),
    ),
    prediction(
        name="condition",
        question=N_("The condition number κ = λmax/λmin grows from 10 to 100. Each time gradient descent uses its "
                    "best rate. How many times as many steps does it need?"),
        options={
            "a": (N_("as many as before"),
                  N_("The best rate does all it can, and the flat direction still waits for the steep one. The next cell counts.")),
            "b": (N_("about three times as many"),
                  N_("The factor is (κ - 1)/(κ + 1), about 1 - 2/κ for large κ. There is no root in it. The next "
                     "cell counts.")),
            "c": (N_("about ten times as many"),
                  N_("The factor is (κ - 1)/(κ + 1), about 1 - 2/κ. The next cell counts.")),
        },
        right="c",
        cells=("condition",),
    ),
    prediction(
        name="which-remedy",
        question=N_("One input has the mean 5 and the standard deviation 1, the other the mean 50 and the standard "
                    "deviation 10. Which remedy alone lowers the condition number of a linear fit more?"),
        options={
            "a": (N_("scaling, because one input is ten times as large as the other"),
                  N_("After scaling both inputs are equally wide, and still far from 0 compared with their width. The next "
                     "cell measures what that costs.")),
            "b": (N_("centring, because both inputs lie far from 0"),
                  N_("As long as an input stays far from 0, its weight and the bias do nearly the same, however wide it "
                     "is. The next cell measures it.")),
            "c": (N_("about the same, because each repairs one of two faults"),
                  N_("Both help, but one of the two faults costs far more than the other. The next cell measures both.")),
        },
        right="b",
        cells=("standardise",),
    ),
    prediction(
        name="loss-scale",
        question=N_("Someone measures the loss in cents instead of euros, so every gradient is 100 times as "
                    "large. Whose first step stays the same?"),
        options={
            "a": (N_("gradient descent"),
                  N_("Its step is eta g, so it is 100 times as long. The next cell prints all four.")),
            "b": (N_("momentum"),
                  N_("The velocity is a sum of gradients, so it is 100 times as long. The next cell prints all "
                     "four.")),
            "c": (N_("Adam"),
                  N_("It divides by the root of the squared gradient, so the unit of the loss cancels. The same "
                     "holds for RMSProp.")),
        },
        right="c",
        cells=("loss-scale",),
    ),
    prediction(
        name="first-to-arrive",
        question=N_("Four optimizers start at (5, 1) in the valley u² + 25v², each at its own best rate, momentum with "
                    "the usual β = 0.9. Who reaches the minimum in the fewest steps?"),
        options={
            "a": (N_("Adam"),
                  N_("Adam joins both ideas, and in this valley it still comes behind. Run the race in the lab below.")),
            "b": (N_("momentum"),
                  N_("A valley alone does not let momentum win. It depends on how narrow the valley is, and on β. Run the race "
                     "in the lab below.")),
            "c": (N_("plain gradient descent"),
                  N_("With κ = 25 this valley is still wide enough for plain descent at its best rate. Run the race in the lab "
                     "below, and then choose a narrower valley.")),
            "d": (N_("RMSProp"),
                  N_("Its steps do not become shorter near the minimum, so it arrives only with a tiny rate. Run the "
                     "race in the lab below.")),
        },
        right="c",
        cells=("race",),
    ),
    prediction(
        name="best-momentum-steps",
        question=N_("The condition number grows from 100 to 10,000, and plain descent needs 100 times as many "
                    "steps. We give momentum the best rate and β for each. How many times as many steps does "
                    "momentum need?"),
        options={
            "a": (N_("about 100 times as many"),
                  N_("Its factor per step is the root of β. What is 1 minus that root, for large κ? The next "
                     "cell counts.")),
            "b": (N_("about 10 times as many"),
                  N_("The factor is (√κ - 1)/(√κ + 1), so the root of κ takes the place of κ. The next cell counts a "
                     "little more than the root of 100, because with critical damping the distance after k steps is k "
                     "times a power.")),
            "c": (N_("about as many as before"),
                  N_("The best β comes nearer to 1 as κ grows, so each step leaves more of the distance. The next cell counts.")),
        },
        right="b",
        cells=("momentum-condition",),
    ),
    prediction(
        name="noise-floor",
        question=N_("We train with mini-batches of 8 and a constant rate of 0.1, far below the limit. Where "
                    "does the loss of the whole data set end?"),
        options={
            "a": (N_("at its minimum, with noise in the targets and without"),
                  N_("If no line fits all targets, what are the gradients of single batches at the minimum? The "
                     "figure below shows the end.")),
            "b": (N_("above its minimum with noise in the targets, at its minimum without"),
                  N_("With noise in the targets, descent at a constant rate goes on following batches that pull "
                     "somewhere else. Without noise no batch pulls once descent is at the minimum. The figure below "
                     "shows how far above the minimum the loss ends.")),
            "c": (N_("above its minimum, with noise in the targets and without"),
                  N_("Batches differ, but if one line fits all targets, what do they ask for at the minimum? The "
                     "figure below shows the end.")),
            "d": (N_("it diverges"),
                  N_("The rate is below the limit, so the path converges on average. The figure below shows what "
                     "the noise does.")),
        },
        right="b",
        cells=("schedules-figure",),
    ),
]  # fmt: skip

chapter = Chapter(4, EXERCISES, PREDICTIONS)
check, hint, solution, predict = chapter.functions
worked = worked_function(chapter, MOMENTUM)
