"""The questions of the test: pairs that ask the same, with other numbers or about something else, one for each form.

Nothing of this is printed elsewhere in the course, and no page says what is right: a reader meets each form again. Wrong
options are beliefs that people really hold. The test is not validated; `notebooks/en/teaching.md` says what that would take.
"""

from dataclasses import dataclass, field

from ...text import N_, say

FORMS, LETTERS = "ab", "abcd"


@dataclass(frozen=True)
class Item:
    """A question of one form.

    question, options   as they are translated; the options in the order of LETTERS
    right               the letter of the right option
    values              what is filled into the `{names}` of the question
    """

    question: str
    options: tuple
    right: str
    values: dict = field(default_factory=dict)

    def asked(self):
        """The question in the reader's language."""
        return say(self.question, **self.values)

    def choices(self):
        """{letter: option} in the reader's language."""
        return {letter: say(option) for letter, option in zip(LETTERS, self.options, strict=True)}


@dataclass(frozen=True)
class Pair:
    """One thing to know, asked in two forms. name: words joined by hyphens; about: in words, for the teacher's table."""

    name: str
    about: str
    a: Item
    b: Item

    def form(self, letter):
        """The `Item` of form "a" or "b"."""
        return {"a": self.a, "b": self.b}[letter]


def _numbers(name, about, question, a, b):
    """A pair whose forms differ in their numbers alone; a, b: (values, options, right)."""
    forms = (Item(question, options, right, values) for values, options, right in (a, b))
    return Pair(name, about, *forms)


PAIRS = (
    _numbers(
        "chain",
        N_("slopes along a chain are multiplied"),
        N_(
            "When x grows a little, y grows {p} times as much. When y grows a little, z grows {q} times as much as y. "
            "How much does z grow, compared with x?"
        ),
        a=(
            {"p": 3, "q": 4},
            (N_("3 times as much"), N_("4 times as much"), N_("7 times as much"), N_("12 times as much")),
            "d",
        ),
        b=(
            {"p": 2, "q": 7},
            (N_("14 times as much"), N_("9 times as much"), N_("7 times as much"), N_("2 times as much")),
            "a",
        ),
    ),
    _numbers(
        "step",
        N_("sign and size of a step"),
        N_(
            "A weight is {w}. There the slope of the loss with respect to this weight is {g}, and the learning rate is "
            "{rate}. What is the weight after one step of gradient descent?"
        ),
        a=({"w": 2, "g": -4, "rate": 0.1}, ("-2", "1.6", "2.4", "6"), "c"),
        b=({"w": 5, "g": -3, "rate": 0.2}, ("8", "5.6", "4.4", "2"), "b"),
    ),
    Pair(
        "who-steps",
        N_("backpropagation computes the gradient, descent takes the step"),
        a=Item(
            N_("A program has run backpropagation for one batch, and nothing else. What has become of the weights?"),
            (
                N_("Each has moved a little, in the direction in which the loss falls."),
                N_("They have the values that give the right output for this batch."),
                N_("Those to blame for the error were corrected, the others not."),
                N_("They have the values that they had before this program ran."),
            ),
            "d",
        ),
        b=Item(
            N_(
                "Somebody runs backpropagation ten times on the same image, and nothing else. What has become of the loss "
                "for this image?"
            ),
            (
                N_("It has the value that it had before the first run."),
                N_("It is lower, because the weights went downhill ten times."),
                N_("It is 0, because ten runs are enough to learn one image."),
                N_("It is lower if the learning rate is small, otherwise higher."),
            ),
            "a",
        ),
    ),
    Pair(
        "valley",
        N_("the negative gradient crosses the contour and seldom points at the minimum"),
        a=Item(
            N_(
                "The lines of equal loss are long, narrow ellipses around the minimum. Gradient descent starts at a place on "
                "a long side of such an ellipse, away from the middle of this side. In which direction does its first step "
                "go?"
            ),
            (
                N_("straight at the minimum, however far away it is"),
                N_("at right angles to the line, missing the minimum"),
                N_("along the line, around the minimum"),
                N_("parallel to the long axis, towards the middle"),
            ),
            "b",
        ),
        b=Item(
            N_(
                "On a map of the loss the lines of equal loss are ovals around the minimum, ten times as long as wide. "
                "Gradient descent starts on such an oval, halfway between its tip and the middle of its long side. In which "
                "direction does its first step go?"
            ),
            (
                N_("along the line, around the minimum"),
                N_("parallel to the long axis, towards the middle"),
                N_("at right angles to the line, missing the minimum"),
                N_("straight at the minimum, however far away it is"),
            ),
            "c",
        ),
    ),
    _numbers(
        "largest-rate",
        N_("a rate of more than 2 / curvature diverges"),
        N_(
            "The loss is {half} times w squared, so its slope at w is {curvature} times w. Gradient descent starts at "
            "w = 1. With some of these learning rates it comes closer and closer to the minimum, w = 0. Which is the "
            "largest of them?"
        ),
        a=({"half": 4, "curvature": 8}, ("0.1", "0.2", "0.3", "1"), "b"),
        b=({"half": 2, "curvature": 4}, ("2", "0.6", "0.4", "0.2"), "c"),
    ),
    Pair(
        "zero-gradient",
        N_("a gradient of zero may be a saddle"),
        a=Item(
            N_(
                "At one setting of the weights the loss has the slope 0 along each weight. What do you know of this place?"
            ),
            (
                N_("It is the lowest place of the loss."),
                N_("It is the lowest place of its surroundings, perhaps not of all."),
                N_("The loss is 0 there, and nothing is left to learn."),
                N_("It need not be a lowest place, not even of its surroundings."),
            ),
            "d",
        ),
        b=Item(
            N_(
                "Training has come to a stop, because the loss has the slope 0 along each weight. The loss is still "
                "high. Where have the weights come to rest?"
            ),
            (
                N_("at a place that need not be lowest, even nearby"),
                N_("at a place that is lowest nearby, perhaps not everywhere"),
                N_("at the lowest loss that this network can have"),
                N_("nowhere: with a high loss the slopes cannot all be 0"),
            ),
            "a",
        ),
    ),
    _numbers(
        "two-ways",
        N_("what is used twice adds its gradients"),
        N_(
            "A program uses x in two places. On its way back, backpropagation reaches x with the derivative {p} from the "
            "first place, and with the derivative {q} from the second. What is the derivative of the result with respect "
            "to x?"
        ),
        a=({"p": 4, "q": 5}, ("4.5", "5", "9", "20"), "c"),
        b=({"p": 8, "q": 3}, ("24", "11", "5.5", "3"), "b"),
    ),
    _numbers(
        "backward-cost",
        N_("one backward pass costs about as much as two forward passes"),
        N_(
            "A network has {n:,} weights, and to compute its loss for a batch takes {t} milliseconds. About how many "
            "milliseconds does backpropagation take for the derivatives with respect to all weights?"
        ),
        a=({"n": 1000, "t": 2}, ("2,000", "4", "2,000,000", "4,000"), "b"),
        b=({"n": 2000, "t": 3}, ("12,000,000", "6,000", "6", "12,000"), "c"),
    ),
    _numbers(
        "output-error",
        N_("the output error has the slope of the sigmoid as a factor"),
        N_(
            "An output unit has the weighted sum z and gives the activation a = 1 / (1 + e^-z), the sigmoid of z. Here a "
            "is {a}, the target y is {y}, and the loss is half the square of a - y. What is the derivative of the loss "
            "with respect to z?"
        ),
        a=({"a": 0.8, "y": 0}, ("0.128", "0.16", "0.64", "0.8"), "a"),
        b=({"a": 0.6, "y": 0}, ("0.6", "0.36", "0.24", "0.144"), "d"),
    ),
    _numbers(
        "hidden-error",
        N_("a hidden error is a sum over all ways, times the slope"),
        N_(
            "A hidden sigmoid unit has the activation {a}. Its weights to two output units are {w1} and {w2}, and the "
            "derivatives of the loss with respect to the weighted sums of these units are {d1} and {d2}. What is the "
            "derivative of the loss with respect to the hidden unit's own weighted sum?"
        ),
        a=({"a": 0.5, "w1": 2, "w2": -1, "d1": 0.4, "d2": 0.2}, ("0.15", "0.2", "0.3", "0.6"), "a"),
        b=({"a": 0.5, "w1": 3, "w2": -2, "d1": 0.4, "d2": 0.2}, ("0.8", "0.4", "0.3", "0.2"), "d"),
    ),
    _numbers(
        "weight-gradient",
        N_("the gradient of a weight is its input times the error behind it"),
        N_(
            "A weight of {w} leads from a unit with the activation {a} to another unit. The derivative of the loss "
            "with respect to the weighted sum of that other unit is {d}. What is the derivative of the loss with respect "
            "to the weight?"
        ),
        a=({"w": 0.5, "a": 2, "d": 0.6}, ("1.2", "1", "0.6", "0.3"), "a"),
        b=({"w": 0.2, "a": 3, "d": 0.4}, ("0.08", "0.4", "0.6", "1.2"), "d"),
    ),
    Pair(
        "bias",
        N_("a bias learns although the input is zero"),
        a=Item(
            N_(
                "A sigmoid unit has one input, a weight and a bias. In an example the input is 0, and the unit's output is "
                "too large. What does a step of gradient descent on this example change?"
            ),
            (
                N_("the weight and the bias"),
                N_("the weight alone"),
                N_("the bias alone"),
                N_("neither of the two"),
            ),
            "c",
        ),
        b=Item(
            N_(
                "A sigmoid unit gets the outputs of all hidden units and has a bias. For an image all these outputs are 0, "
                "and its own output is too small. What of this unit does a step of gradient descent on this image change?"
            ),
            (
                N_("its weights alone"),
                N_("its bias alone"),
                N_("its weights and its bias"),
                N_("none of its parameters"),
            ),
            "b",
        ),
    ),
    _numbers(
        "batch",
        N_("the gradient of a mean loss is the mean of the gradients"),
        N_(
            "The loss of a batch is the mean of the losses of its four examples. The derivatives of these four with "
            "respect to a weight are {g1}, {g2}, {g3} and {g4}. What is the derivative of the loss of the batch?"
        ),
        a=({"g1": 4, "g2": 2, "g3": 3, "g4": -1}, ("-1", "2", "4", "8"), "b"),
        b=({"g1": 6, "g2": 3, "g3": 5, "g4": -2}, ("12", "6", "3", "-2"), "c"),
    ),
    Pair(
        "falling-loss",
        N_("a falling loss does not show that the gradient is right"),
        a=Item(
            N_(
                "A friend has written backpropagation by hand. In training the loss falls from epoch to epoch. What "
                "does that show about the derivatives that this program computes?"
            ),
            (
                N_("They may be wrong, because wrong ones can lower the loss, too."),
                N_("They are right, or else the loss would rise."),
                N_("They are right in the output layer, perhaps not in others."),
                N_("They are right but for the digits lost by rounding."),
            ),
            "a",
        ),
        b=Item(
            N_(
                "With backpropagation that you have written, a network learns to get 97 % of the training images right. "
                "What does that show about the derivatives that your program computes?"
            ),
            (
                N_("They are right, or else it would not learn."),
                N_("They are right in the output layer, perhaps not before it."),
                N_("They are right apart from rounding."),
                N_("They may be wrong, because wrong ones can do as well."),
            ),
            "d",
        ),
    ),
    _numbers(
        "two-losses",
        N_("finite differences judge a gradient"),
        N_(
            "You raise one weight from {w} to {up} and get the loss {above}; you lower it to {down} and get {below}. "
            "About what should backpropagation give as the derivative with respect to this weight?"
        ),
        a=(
            {"w": "1.00", "up": 1.01, "down": 0.99, "above": "2.06", "below": "2.00"},
            ("0.06", "2.03", "3", "6"),
            "c",
        ),
        b=(
            {"w": "2.00", "up": 2.01, "down": 1.99, "above": "3.10", "below": "3.02"},
            ("8", "4", "3.06", "0.08"),
            "b",
        ),
    ),
    Pair(
        "saturated",
        N_("a saturated sigmoid hardly learns with squared error"),
        a=Item(
            N_(
                "Two networks end in a sigmoid and learn with squared error. For an example with the target 0, one "
                "gives 0.99 and the other 0.6. For which is the derivative of the loss with respect to the weighted sum "
                "before the sigmoid further from 0?"
            ),
            (
                N_("for 0.99, because its error is larger"),
                N_("for 0.99, because a derivative grows with the output"),
                N_("for neither, because the target is the same"),
                N_("for 0.6, because 0.99 lies where the sigmoid is flat"),
            ),
            "d",
        ),
        b=Item(
            N_(
                "A sigmoid unit is trained with squared error, and for an example its target is 1. It begins one run with "
                "the output 0.02 and another with 0.4. For which is the derivative of the loss with respect to its weighted "
                "sum further from 0?"
            ),
            (
                N_("for 0.4, because the sigmoid is flat at 0.02"),
                N_("for 0.02, because its error is larger"),
                N_("for neither, because the target is the same"),
                N_("for 0.02, because the smallest output can grow most"),
            ),
            "a",
        ),
    ),
    _numbers(
        "softmax",
        N_("softmax with cross-entropy has the gradient p - y"),
        N_(
            "A network gives the probabilities {p1}, {p2} and {p3} to three classes, by softmax. The second class is "
            "the right one, and the loss is cross-entropy. What is the derivative of the loss with respect to the "
            "second logit, the number that goes into the softmax?"
        ),
        a=({"p1": 0.7, "p2": 0.2, "p3": 0.1}, ("-5", "-1.6", "-0.8", "0.8"), "c"),
        b=({"p1": 0.6, "p2": 0.3, "p3": 0.1}, ("0.7", "-0.7", "-1.2", "-3.3"), "b"),
    ),
    Pair(
        "no-hidden-layer",
        N_("without a nonlinear hidden layer no training solves XOR"),
        a=Item(
            N_(
                "A network whose inputs lead straight to one sigmoid output is to learn XOR: 1 if just one of its two "
                "inputs is 1, otherwise 0. After 1,000 epochs it has not. What does it need?"
            ),
            (
                N_("many more epochs"),
                N_("a hidden layer with a nonlinear activation"),
                N_("another layer that only forms weighted sums"),
                N_("luckier weights to start from"),
            ),
            "b",
        ),
        b=Item(
            N_(
                "One class lies inside a circle, the other all around it. A network of weighted sums with one sigmoid "
                "at the end does not separate them after long training. What does it need?"
            ),
            (
                N_("more weighted sums, one after the other"),
                N_("a better place to start from"),
                N_("units in between with a nonlinear activation"),
                N_("far longer training"),
            ),
            "c",
        ),
    ),
    Pair(
        "same-start",
        N_("hidden units that start alike stay alike"),
        a=Item(
            N_(
                "A network has one hidden layer of four units, and all its weights and biases start at 0.1. What do the "
                "hidden units become in training?"
            ),
            (
                N_("four copies of one and the same unit"),
                N_("four different units, since the examples differ"),
                N_("different ones, only later than from a random start"),
                N_("what they were: no weight changes"),
            ),
            "a",
        ),
        b=Item(
            N_(
                "The three units of a hidden layer start with the same weights, from the inputs and to the output, and with "
                "the same bias. What do they do in training?"
            ),
            (
                N_("They grow apart, because the examples differ."),
                N_("They stay as they are: their weights do not change."),
                N_("They grow apart, only later than from a random start."),
                N_("They change, all three in the same way."),
            ),
            "d",
        ),
    ),
    _numbers(
        "momentum",
        N_("momentum adds up steps in one direction"),
        N_(
            "Momentum keeps a velocity. At each step it becomes {beta} times what it was, plus the gradient, and the step "
            "is the learning rate times the velocity. The gradient has been the same for a long time. How long are the "
            "steps, compared with plain gradient descent at the same learning rate?"
        ),
        a=(
            {"beta": 0.75},
            (N_("0.75 times as long"), N_("just as long"), N_("1.75 times as long"), N_("4 times as long")),
            "d",
        ),
        b=(
            {"beta": 0.8},
            (N_("5 times as long"), N_("1.8 times as long"), N_("just as long"), N_("0.8 times as long")),
            "a",
        ),
    ),
    Pair(
        "held-out",
        N_("held-out data choose, the training loss does not"),
        a=Item(
            N_(
                "On the images that it learns from, a network's loss is lowest at the end, after epoch 300. On images that "
                "it does not learn from, it is lowest after epoch 80. Which weights would you use for new images?"
            ),
            (
                N_("those after epoch 300"),
                N_("those after epoch 190, halfway"),
                N_("those where the sum of both losses is lowest"),
                N_("those after epoch 80"),
            ),
            "d",
        ),
        b=Item(
            N_(
                "A network for spoken words learns for 500 epochs. On the recordings that it learns from, its loss falls to "
                "the end; on others it is lowest after epoch 120. Which weights would you use for new recordings?"
            ),
            (
                N_("those after epoch 120"),
                N_("those where the sum of both losses is lowest"),
                N_("those after epoch 310, halfway"),
                N_("those after epoch 500"),
            ),
            "a",
        ),
    ),
    Pair(
        "accuracy",
        N_("accuracy and loss measure different things"),
        a=Item(
            N_(
                "On the same test images a network gets 90 % right, before and after more training. Meanwhile the loss on "
                "them, the cross-entropy, has risen from 0.3 to 0.5. How can that be?"
            ),
            (
                N_("It cannot: both count the mistakes."),
                N_("It is surer of its mistakes than it was."),
                N_("The loss adds up from epoch to epoch."),
                N_("One of the two losses must have been computed wrongly."),
            ),
            "b",
        ),
        b=Item(
            N_(
                "Two networks hear the same spoken words, and each gets 80 % of them right. The loss on them, the "
                "cross-entropy, is 0.6 for the first and 0.9 for the second. How can that be?"
            ),
            (
                N_("One of the two losses must have been computed wrongly."),
                N_("It cannot, because networks that get as many right have the same loss."),
                N_("The second is surer where it is wrong."),
                N_("The second has a loss that added up over more epochs."),
            ),
            "c",
        ),
    ),
    _numbers(
        "shared-weight",
        N_("a shared weight adds up its gradients over all places"),
        N_(
            "A convolution uses the same weight at three places of a picture. There its inputs are {x1}, {x2} and {x3}, "
            "and the derivatives of the loss with respect to the three weighted sums are {d1}, {d2} and {d3}. What is the "
            "derivative of the loss with respect to this weight?"
        ),
        a=(
            {"x1": 1, "x2": 2, "x3": 3, "d1": 0.5, "d2": 0.1, "d3": 0.2},
            ("0.43", "0.6", "1.3", "4.8"),
            "c",
        ),
        b=(
            {"x1": 2, "x2": 1, "x3": 3, "d1": 0.4, "d2": 0.3, "d3": 0.1},
            ("4.8", "1.4", "0.47", "0.3"),
            "b",
        ),
    ),
    _numbers(
        "through-time",
        N_("through time a gradient is multiplied at every step"),
        N_(
            "A recurrent unit without an activation function multiplies its state by {w} at each time step. By about what "
            "is a derivative multiplied on its way back over {steps} steps?"
        ),
        a=({"w": 0.5, "steps": 10}, ("0.001", "0.05", "0.5", "5"), "a"),
        b=({"w": 0.4, "steps": 8}, ("3.2", "0.4", "0.05", "0.0007"), "d"),
    ),
)
