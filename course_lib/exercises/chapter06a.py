"""Chapter 6a: images. Exercises and predictions."""

import numpy as np

from ..text import N_
from .chapter_parts.worked_examples import CONVOLUTION
from .machinery.again import by_hand, fields, numbers_of, one_of
from .machinery.exercise import Chapter
from .machinery.letter import prediction
from .machinery.slips import code_exercise, gradient_exercise, number_exercise, slip
from .machinery.worked import worked_function

_rng = np.random.default_rng(6)
X, W = _rng.normal(size=(8, 8)), _rng.normal(size=(3, 3))
TARGET = _rng.normal(size=(6, 6))


def convolve(x, W):
    """z: at each place, the sum of the window of x under the kernel, times the kernel; (8, 8) and (3, 3) give (6, 6)."""
    m, n = W.shape
    z = np.zeros((x.shape[0] - m + 1, x.shape[1] - n + 1))
    for i, j in np.ndindex(z.shape):
        z[i, j] = np.sum(x[i : i + m, j : j + n] * W)
    return z


def _loss(x, W):
    return np.sum((convolve(x, W) - TARGET) ** 2) / 2


DELTA = convolve(X, W) - TARGET  # dL/dz of this loss


_images = _rng.uniform(size=(3, 8, 8, 1))


EXERCISES = [
    gradient_exercise(
        name="kernel-gradient",
        task=N_("Write `kernel_gradient(x, delta)`, which returns dL/dW (3, 3) from the image x (8, 8) and "
                "delta = dL/dz (6, 6)."),
        solution=(
            "def kernel_gradient(x, delta):\n"
            "    dW = np.zeros((3, 3))\n"
            "    for i, j in np.ndindex(delta.shape):\n"
            "        dW += delta[i, j] * x[i:i+3, j:j+3]\n"
            "    return dW\n"
        ),
        loss=lambda params: _loss(X, params[0]),
        params=[W],
        names=("W",),
        arguments=(X, DELTA),
        again=by_hand(
            lambda rng: (numbers_of(rng, (4, 4), 0, 1, 2), numbers_of(rng, (2, 2), -1, 0, 1, 2, 3)),
            without=("no-last-places", "last-place"),
            asks=N_("With pencil and paper: a kernel W of 3 x 3 went over the small image `x = {x}`, pixel by pixel, not flipped and "
                    "without padding. This gave a map z of 2 x 2, and `delta = {delta}` is dL/dz. What is dL/dW?"),
            whole=True,
            hints=(
                N_("At each of the four places the kernel lay on a window of the image. How much does z grow there when a weight "
                   "grows a little?"),
                N_("All places use the same nine weights. What do you do with the gradients of a value that is used many times?"),
                N_("Multiply each of the four windows by the number of `delta` that belongs to it, and add up the four."),
            ),
        ),
        given={"convolve": convolve},
        slips={
            "last-place": slip("That is the last place alone. `dW = ...` overwrites what the others gave, and "
                               "`dW += ...` adds to it.", {"+=": "="}),
            "mean": slip("You took the mean over all places. L depends on W through each of them, so what they "
                         "give adds up.", {"return dW": "return dW / delta.size"}),
            "flipped": slip("Your kernel is turned by half a turn. W[k, l] met x[i + k, j + l], so nothing is flipped "
                            "here.",
                {"return dW": "return dW[::-1, ::-1]"}),
            "transposed": slip("Rows and columns of the result are exchanged. In the kernel as in the image, k counts down "
                               "the rows and l along the columns.", {"return dW": "return dW.T"}),
            "delta-transposed": slip("Row and column of delta are exchanged, because the place (i, j) belongs to "
                                     "delta[i, j].",
                {"delta[i, j]": "delta[j, i]"}),
            "no-delta": slip("This is the sum of dz/dW. Each place counts with its delta[i, j] = dL/dz[i, j].",
                {"delta[i, j] * ": ""}),
            "one-pixel": slip("All nine numbers are the same, because you took x[i, j] for every weight. Which pixel did "
                              "W[k, l] meet at the place i, j?", {"x[i:i+3, j:j+3]": "x[i, j]"}),
            "no-last-places": slip("The last row and column of places are missing. i and j go from 0 to 5.",
                {"delta.shape": "(5, 5)"}),
        },
        hints=(
            N_("At one place, z[i, j] is the sum of `x[i:i+3, j:j+3] * W`. What is dz[i, j]/dW, and what "
               "is it times dL/dz[i, j]?"),
            N_("All places use the same nine weights. What do you do with the gradients of a value that is used many times?"),
            N_("Begin with `dW = np.zeros((3, 3))`, go through all i, j from 0 to 5, and add `delta[i, j] * x[i:i+3, j:j+3]`."),
        ),
        explanation=N_(
            "The usual slips are `=` in place of `+=`, so that only the last place counts, the mean in "
            "place of the sum, and a kernel turned by half a turn. Look at the result: it is itself a "
            "convolution, of the image with delta as the kernel. `convolve(x, delta)` gives the same."
        ),
    ),
    gradient_exercise(
        name="image-gradient",
        task=N_("Write `image_gradient(W, delta)`, which returns dL/dx (8, 8) from the kernel W (3, 3) and "
                "delta = dL/dz (6, 6)."),
        solution=(
            "def image_gradient(W, delta):\n"
            "    dx = np.zeros(np.add(delta.shape, 2))    # (8, 8)\n"
            "    for i, j in np.ndindex(delta.shape):\n"
            "        dx[i:i+3, j:j+3] += delta[i, j] * W\n"
            "    return dx\n"
        ),
        loss=lambda params: _loss(params[0], W),
        params=[X],
        names=("x",),
        arguments=(W, DELTA),
        again=by_hand(
            lambda rng: (numbers_of(rng, (3, 3), -2, -1, 0, 1, 2, 3), numbers_of(rng, one_of(rng, (1, 2), (2, 1)), -2, -1, 1, 2, 3)),
            without=("no-last-places", "wrapped", "too-small"),
            asks=N_("With pencil and paper: the kernel `W = {W}` went over a small image x, not flipped. It fits at two places, side by "
                    "side or one below the other, and `delta = {delta}` is dL/dz there. What is dL/dx?"),
            whole=True,
            hints=(
                N_("Forward, each place read nine pixels through W. Backward, it sends its number of `delta`, times W, to the same nine "
                   "pixels."),
                N_("Some pixels get something from both places, because the windows overlap. Add that up."),
            ),
        ),
        given={"convolve": convolve},
        slips={
            "overwritten": slip("The windows overlap, and your later windows overwrite the earlier ones. A pixel that "
                                "several places use should get the sum of what they send.", {"+=": "="}),
            "turned": slip("Your kernel is turned by half a turn. Try one row: x[i + k] met W[k] in z[i]. Through which weight did "
                           "the pixel p go into z[p], and through which into z[p - 2]?",
                "return convolve(np.pad(delta, 2), W)"),
            "turned-down": slip("Along the rows this is right, but down the columns your kernel is upside down.",
                "return convolve(np.pad(delta, 2), W[:, ::-1])"),
            "turned-right": slip("Down the columns this is right, but along the rows your kernel reads backwards.",
                "return convolve(np.pad(delta, 2), W[::-1])"),
            "too-small": slip("A convolution makes a map smaller, and the image has 8 x 8 pixels, more than delta "
                              "has places. What stands around delta?",
                *(f"return convolve(np.pad(delta, {frame}), {kernel})" for frame in (0, 1) for kernel in ("W", "W[::-1, ::-1]"))),
            "delta-transposed": slip("Row and column of delta are exchanged, because the place (i, j) belongs to "
                                     "delta[i, j].",
                {"delta[i, j]": "delta[j, i]"}),
            "no-last-places": slip("The last row and column of places are missing. i and j go from 0 to 5.",
                {"delta.shape": "(5, 5)"}),
            "transposed": slip("The kernel is transposed. k counts down the rows, and l along the columns.", {"* W": "* W.T"}),
            "wrapped": slip("In Python a negative index counts from the end. Where p - k or q - l is below 0, "
                            "your function takes a delta from the other side. Outside the map delta is 0.",
                "dx = np.zeros((8, 8))\nfor p, q, k, l in np.ndindex(8, 8, 3, 3):\n    if p - k < 6 and q - l < 6:\n        dx[p, q] += delta[p - k, q - l] * W[k, l]\nreturn dx"),
            "no-delta": slip("This is the sum of dz/dx. What a place sends is its delta[i, j] times the kernel.",
                {"delta[i, j] * ": ""}),
        },
        hints=(
            N_("Forward, place (i, j) read the window `x[i:i+3, j:j+3]` through W. Backward, that place "
               "sends `delta[i, j] * W` to the same nine pixels."),
            N_("Begin with `dx = np.zeros((8, 8))` and use `+=`, because the windows overlap."),
        ),
        explanation=N_(
            "Forward reads, and backward sends along the same nine connections. Collected for one "
            "pixel, this is a convolution of delta, with zeros around it, with the kernel flipped in "
            "both directions. The usual slip is to forget the flip."
        ),
    ),
    number_exercise(
        name="receptive-field",
        task=N_("A network has a convolution {k} x {k}, then one of {m} x {m}, then {p} x {p} pooling. Away from the border, on how "
                "many pixels of the image does one number after the pooling depend?"),
        ask=N_("Count along one direction first. How long is the stretch of pixels after each of the three "
               "operations?"),
        tolerance=1e-9, unit=N_("pixels"),
        wrong={
            "{p} ** 2": N_("That is how many numbers the pooling itself looks at. Each of them depends on a window of "
                  "pixels of its own."),
            "{k} ** 2": N_("That is one convolution. The second one looks at several numbers, each of which has its own window."),
            "{k}": N_("That is one convolution, along one direction. What does the second one add, and what does "
                  "the pooling add?"),
            "{before}": N_("That is before the pooling, along one direction. What does the pooling add? And how many "
                  "pixels are that in the plane?"),
            "{field}": N_("Along one direction that is right. How many pixels does the number see in the plane?"),
            "{before} + {p}": N_("The numbers that are pooled lie side by side. How far apart are the stretches of "
                  "pixels that they see?"),
            "{before} ** 2": N_("That is right before the pooling. The pooling looks at {p} x {p} such windows, which overlap."),
            ("{k} ** 2 + {m} ** 2", "{k} ** 2 + {m} ** 2 + {p} ** 2"): N_("The windows overlap, so their pixels do not add up like this. Count along one direction "
                   "first."),
            "({p} + ({k} - 1) / 2 + ({m} - 1) / 2) ** 2": N_("A number in a corner sees no more than that, because the rest is padding. How many does a "
                   "number see away from the border?"),
            "({before} + {p}) ** 2": N_("The pooling adds less than that. How far apart are the stretches of pixels that neighbours see?"),
            "({k} + {m} + {p}) ** 2": N_("You added the three sizes. But neighbours see nearly the same pixels. What does each operation add to "
                   "the stretch?"),
            "{k} ** 2 * {m} ** 2": N_("That is one window of {k} x {k} for each weight of the second kernel, but these windows overlap. Count along one direction: "
                   "how long is the stretch of pixels?"),
            "{p} ** 2 * {before} ** 2": N_("That is right for windows that lie side by side, but these overlap, because each is shifted by one pixel."),
            ("(({k} + {m}) * {p}) ** 2", "{k} ** 2 * {m} ** 2 * {p} ** 2"): N_("Did you count the windows one by one? They overlap, so count each pixel once, and along "
                    "one direction first."),
            "16 * {field} ** 2": N_("Sixteen feature maps look at the same pixels. Count pixels of the image, each once."),
        },
        numbers=fields(
            {"k": 3, "m": 3, "p": 2}, {"k": (3, 5, 7, 9, 11), "m": (3, 5, 7, 9, 11), "p": (2, 3, 4)},
            lambda k, m, p: {"before": k + m - 1, "field": k + m + p - 2},
        ),
        hints=(
            N_("Count along one direction. One number after the first convolution sees {k} pixels. How many "
               "does one number after the second see?"),
            N_("After the second convolution it is {before}. The pooling takes {p} neighbours, whose stretches of "
               "{before} are shifted by one."),
        ),
        solution="receptive_field = {field} * {field}",
        explanation=N_(
            "It is {k}, then {before}, then {field} along one direction, and the square of that in the plane. This is the receptive "
            "field. You can measure it: change one pixel at a time, and only these can move the "
            "number. (One input gradient shows at most {before} x {before} of them, because the maximum lets only one of "
            "its numbers through.) Deep networks see far with small kernels."
        ),
    ),
    code_exercise(
        name="shifted",
        task=N_("Write `shifted(x, down, right)`. It returns the images x (batch, 8, 8, 1) moved by that many pixels "
                "(negative numbers move up and left). What leaves the image is lost, and the pixels that become free "
                "are 0."),
        solution=(
            "def shifted(x, down, right):\n"
            "    framed = np.pad(x, [(0, 0), (8, 8), (8, 8), (0, 0)])\n"
            "    return framed[:, 8 - down:16 - down, 8 - right:16 - right]\n"
        ),
        cases=[(_images, 0, 1), (_images, 1, 0), (_images, -2, 1), (_images, 0, 0), (_images, 0, -3)],
        slips={
            "unmoved": slip("The images come back unchanged, so nothing moves yet.", "return x"),
            "rolled": slip("What leaves the image on one side comes back on the other, as with `np.roll`. When a "
                           "drawing is moved on paper, white comes in behind it.",
                "return np.roll(x, (down, right), axis=(1, 2))"),
            "rolled-back": slip("With right = 1 the first column should become the second, but yours goes the other way. "
                                "And what leaves the image must not come back on the other side.",
                "return np.roll(x, (-down, -right), axis=(1, 2))"),
            "other-axes": slip("Axis 0 counts the images. Rows are axis 1 (down), columns are axis 2 (right).",
                "return np.roll(x, (down, right), axis=(0, 1))"),
            "negative-cut": slip("For positive numbers it is right. For a negative one zeros stand in the wrong "
                                 "place, because `[:-2]` is all but the last two.",
                "y = np.roll(x, (down, right), axis=(1, 2))\ny[:, :down] = 0\ny[:, :, :right] = 0\nreturn y"),
            "negative-wrapped": slip("For positive numbers it is right. In Python a negative index counts from "
                                     "the end, so what leaves above or on the "
                                     "left comes back on the other side.",
                "y = np.zeros_like(x)\nfor i, j in np.ndindex(8, 8):\n    if i + down < 8 and j + right < 8:\n        y[:, i + down, j + right] = x[:, i, j]\nreturn y"),
            "other-way": slip("You moved the images the other way. With right = 1, the first column should become the "
                              "second.",
                {"- ": "+ "}),
            "axes-exchanged": slip("Rows and columns are exchanged. Axis 1 counts rows (down), and axis 2 counts columns "
                                   "(right).",
                {"8 - down:16 - down, 8 - right:16 - right": "8 - right:16 - right, 8 - down:16 - down"}),
            "axes-exchanged-other-way": slip("Rows and columns are exchanged, and the images move the other way. With right = 1, the "
                                             "first column should become the second.",
                {"8 - down:16 - down, 8 - right:16 - right": "8 + right:16 + right, 8 + down:16 + down"}),
            "right-alone": slip("Sideways it is right, but up and down nothing moves yet.", {"8 - down:16 - down": "8:16"}),
            "down-alone": slip("Up and down it is right, but sideways nothing moves yet.", {"8 - right:16 - right": "8:16"}),
        },
        hints=(
            N_("Surround the images with a frame of zeros that is wide enough, `np.pad(x, ...)`, and cut out a window of 8 x 8."),
            N_("With a frame of 8 it is `framed = np.pad(x, [(0, 0), (8, 8), (8, 8), (0, 0)])`. Where does "
               "the window begin for down = 1?"),
            N_("The window begins at row 8 - down and column 8 - right, because moving the image down is "
               "moving the window up. With `x[:, :-down]` and the like, down = 0 and negative numbers need "
               "cases of their own."),
        ),
        explanation=N_(
            "The usual slips are `np.roll`, which lets the left edge come in again on the right, a "
            "direction that is turned round, and rows and columns that are exchanged."
        ),
    ),
]  # fmt: skip

PREDICTIONS = [
    prediction(
        name="parameter-count",
        question=N_("A convolutional layer makes 16 feature maps of 8 x 8 from one image, 1,024 numbers. A dense layer makes 132 "
                    "numbers from the 64 pixels. Which has more parameters?"),
        options={
            "a": (N_("the dense layer, more than 50 times as many"),
                  N_("The 16 kernels, of nine weights and a bias each, serve all places, so there are 160. The "
                     "next cell counts both.")),
            "b": (N_("the convolution, about eight times as many"),
                  N_("It does make about eight times as many numbers. But do the 64 numbers of a feature map need weights of their own? The next "
                     "cell counts.")),
            "c": (N_("neither, both have about the same number"),
                  N_("The kernels are used again at each place. The next cell counts what is stored.")),
        },
        right="a",
        cells=("networks",),
    ),
    prediction(
        name="shared-weight",
        question=N_("One weight of the kernel is used at 36 places, and each place has its own gradient for it. What is dL/dw?"),
        options={
            "a": (N_("the last of the 36"),
                  N_("If you nudge w, all 36 places change, not only the last. The exercise below is judged by "
                     "such nudges.")),
            "b": (N_("the mean of the 36"),
                  N_("If you nudge w by h, each place changes z by x h. The effects on L add up, and nothing "
                     "divides them by 36. The exercise below is judged by such nudges.")),
            "c": (N_("the sum of the 36"),
                  N_("A value that is used many times gets the sum, as in chapter 2. The exercise below makes you write it, and "
                     "finite differences judge it.")),
        },
        right="c",
        cells=("library-gradients",),
    ),
    prediction(
        name="equal-size",
        question=N_("A CNN and an MLP have about 9,900 parameters each. The learning rate and the epochs of "
                    "both are chosen with the same care, on re-divisions of the first two parts. Which of the two makes fewer "
                    "mistakes on the test part, on average over five seeds?"),
        options={
            "a": (N_("no difference that five seeds can show, because the number of parameters decides"),
                  N_("That number decides what can be stored, not what is easy to find. The figure below "
                     "compares five seeds of each, and says what they can show.")),
            "b": (N_("the CNN, by a few images, because it need not learn an edge again at each place"),
                  N_("The CNN need not learn the same edge once for each place. But centred digits need little "
                     "of that. The figure below compares five seeds of each.")),
            "c": (N_("the MLP, because it sees the whole image at once"),
                  N_("It sees all pixels, but it must learn each stroke again for every place. The figure below "
                     "compares five seeds of each.")),
            "d": (N_("the CNN, by far, because an MLP loses the picture when it flattens it"),
                  N_("These digits stand centred, so each pixel is always in the same place, and flattening "
                     "costs less than one thinks. The figure below compares five seeds of each.")),
        },
        right="b",
        cells=("test",),
    ),
    prediction(
        name="designed-kernels",
        question=N_("Where do the kernels of a trained network come from?"),
        options={
            "a": (N_("somebody designed them, so every network has the same kernels"),
                  N_("Nobody wrote one of these numbers. The next cell shows the kernels before and after training.")),
            "b": (N_("the data alone shaped them, so every run finds the same kernels"),
                  N_("Another seed ends with other kernels that work as well. The next cell shows a second run.")),
            "c": (N_("gradient descent shaped random numbers, so every run finds other kernels"),
                  N_("They begin as random numbers, and a few hundred steps shape them. The next cell shows "
                     "both, and a second run.")),
        },
        right="c",
        cells=("kernels",),
    ),
    prediction(
        name="shift-by-one",
        question=N_("All test images are moved one pixel to the right. What happens to the accuracy?"),
        options={
            "a": (N_("both lose, and the MLP loses much more"),
                  N_("The feature maps move with the digit, and the dense layer behind them looks at fixed places. The figure "
                     "after the exercise measures ten networks.")),
            "b": (N_("the CNN keeps it, and the MLP loses some of it"),
                  N_("The convolution does treat every place in the same way, but the dense layer behind it does not. "
                     "The figure after the exercise measures ten networks.")),
            "c": (N_("both keep it, or lose one per cent at most"),
                  N_("The networks have only seen centred digits. The figure after the exercise measures ten of "
                     "them.")),
        },
        right="a",
        cells=("shift-test", "commute"),
    ),
]  # fmt: skip

chapter = Chapter("6a", EXERCISES, PREDICTIONS)
check, hint, solution, predict = chapter.functions
worked = worked_function(chapter, CONVOLUTION)
