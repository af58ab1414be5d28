"""What readers write instead, step by step: the source of a slip, and what to say to whoever gets its results."""

from ...text import N_
from .workshop_code import STEPS

_RECEIVE, _SENT, _WALK = "parent.grad = parent.grad + g", "each.grad", "for each in values:\n        if"


def _backward(receive=_RECEIVE, sent=_SENT, walk=_WALK):
    text = STEPS["backward"].replace(f"each.rule({_SENT})", f"each.rule({sent})")
    return text.replace(_RECEIVE, receive).replace(_WALK, walk)


def _operation(name, arguments, rule, value, parents):
    return f"def {name}({arguments}):\n    def rule(g):\n        {rule}\n    return Value({value}, {parents}, rule)\n"


def _total(rule, value="a.value.sum()"):
    return _operation("total", "a", rule, value, "(a,)")


def _tanh(slope, value="np.tanh(z.value)"):
    return f"def tanh(z):\n    x, a = z.value, np.tanh(z.value)\n    def rule(g):\n        return ({slope},)\n    return Value({value}, (z,), rule)\n"


def _matmul(rule, value="x.value @ W.value"):
    return _operation("matmul", "x, W", f"return {rule}", value, "(x, W)")


def _add(a, b):
    return _operation("add", "a, b", f"return {a}, {b}", "a.value + b.value", "(a, b)")


def _multiply(a, b):
    return _operation("multiply", "a, b", f"return {a}, {b}", "a.value * b.value", "(a, b)")


def _cross_entropy(error, mean="np.mean", value="np.logaddexp(0, z.value) - y * z.value"):
    return (
        "def cross_entropy(z, y):\n    def rule(g):\n        p = np.exp(-np.logaddexp(0, -z.value))\n"
        f"        return ({error},)\n    return Value({mean}({value}), (z,), rule)\n"
    )


_SUM_A, _SUM_B = "unbroadcast({0}, a.value.shape)", "unbroadcast({0}, b.value.shape)"

OVERWRITTEN = _backward("parent.grad = g")
AS_FOUND = (
    _backward().replace("values = order(last)", "values = found_order(last)")
    + """
def found_order(last):
    found, waiting = [], [last]
    while waiting:
        each = waiting.pop(0)
        if each not in found:
            found.append(each)
            waiting += each.parents
    return found
"""
)
SHARED = """\
def backward(last):
    values = order(last)
    for each in values:
        each.grad = None
    last.grad = np.ones_like(last.value)
    for each in values:
        if each.rule:
            for parent, g in zip(each.parents, each.rule(each.grad)):
                if parent.grad is None:
                    parent.grad = g
                else:
                    parent.grad += g
"""
WITHOUT_SUM = _add("g", "g") + "\n" + _multiply("g * b.value", "g * a.value")

SLIPS = {
    "backward": {
        OVERWRITTEN: N_("A value that is used twice keeps only the last message: the one before is overwritten."),
        _backward(walk="for each in reversed(values):\n        if"): N_(
            "You walk from the oldest value to the newest. When a value's turn comes, has anything reached it yet?"
        ),
        AS_FOUND: N_(
            "A value passes on what it has before all of it has arrived. Which values have to have had their turn first?"
        ),
        _backward(sent="np.ones_like(each.value)"): N_(
            "Each rule gets the 1 of L, so the messages are local derivatives alone. What has arrived at the value itself?"
        ),
        _backward().replace("last.grad = np.ones_like(last.value)", "pass"): N_(
            "Every gradient is 0. Either nothing starts at L (what is dL/dL?), or what arrives is multiplied by a 0."
        ),
        _backward().replace("np.zeros_like", "np.ones_like"): N_(
            "A gradient holds something before anything has arrived. What should it begin with?"
        ),
        _backward().replace("zip(each.parents,", "zip(each.parents[:1],"): N_(
            "Only the first parent gets a message. The rule returns one for each of them."
        ),
        _backward("parent.grad = parent.grad * g").replace("np.zeros_like", "np.ones_like"): N_(
            "Messages are multiplied. Factors multiply along a path; what happens where two paths meet?"
        ),
        SHARED: N_(
            "Two values hold the same array, and `+=` writes into it: look at the gradient of L in the drawing. A sum makes a new "
            "array, `+=` does not."
        ),
        _backward("parent.grad = parent.grad - g"): N_("The messages arrive with the wrong sign."),
    },
    "total": {
        _total("return (np.ones_like(a.value),)"): N_(
            "The rule ignores `g`: it is dL/d(sum), and what follows on the sum has to come through."
        ),
        _total("return (g * a.value,)"): N_("The message is multiplied by the numbers themselves. What is d(a + b)/da?"),
        _total("return (g * np.ones_like(a.value) / a.value.size,)"): N_(
            "The message is divided by how many there are: that is the rule of a mean."
        ),
        _total("return (g * np.ones_like(a.value) / a.value.size,)", "a.value.mean()"): N_(
            "That is the mean, and its rule. A sum is not divided."
        ),
        _total("return (g * np.ones_like(a.value),)", "a.value.mean()"): N_("The value is the mean, not the sum."),
        _total("return (g * a.value.sum(),)"): N_("The message is multiplied by the sum. What is d(a + b)/da?"),
    },
    "tanh": {
        _tanh("g * (1 - x * x)"): N_("1 - a^2 is right for the output `a`; you put in the input `z`."),
        _tanh("g * (1 - np.tanh(a) ** 2)"): N_("The tanh was applied twice: `a` is already its output."),
        _tanh("1 - a * a"): N_("The slope is right. The chain rule multiplies it by `g`, which came back to this value."),
        _tanh("g"): N_("The message went through as it came: the slope of tanh is missing."),
        _tanh("g * a * (1 - a)"): N_("a (1 - a) is the slope of the sigmoid."),
        _tanh("g * (1 - a)"): N_("Differentiate again: where is the square?"),
        _tanh("g * (1 + a * a)"): N_("One sign in the slope is wrong: where tanh is flat, its slope has to be 0."),
        _tanh("g * a"): N_("That is the output, not its slope."),
        _tanh("g - a * a"): N_("The slope is a factor: `g` multiplies all of it."),
    },
    "matmul": {
        _matmul("g @ W.value, x.value @ g"): N_(
            "A transpose is missing in both messages. Write the shape behind each array: what has to come out?"
        ),
        _matmul("g @ W.value.T, x.value @ g"): N_("The first message is right; in the second a transpose is missing."),
        _matmul("g @ W.value, x.value.T @ g"): N_("The second message is right; in the first a transpose is missing."),
        _matmul("W.value.T @ g, g @ x.value.T"): N_(
            "The transposes are there, the sides are not: `W` stood on the right, so its transpose comes back on the right of `g`."
        ),
        _matmul("x.value.T @ g, g @ W.value.T"): N_("The two messages are exchanged: the first parent gets the first one."),
        _matmul("g * W.value, g * x.value"): N_("That is the rule of `*`. Here every entry of the result is a sum of products."),
        _matmul("W.value.T, x.value.T"): N_("Both messages lack `g`, which came back to the product."),
        _matmul("g @ W.value.T, x.value.T @ g", "x.value * W.value"): N_("The forward line multiplies entry by entry: `@` is the product of matrices."),
        _matmul("g @ W.value.T, g.T @ x.value"): N_("The second message is transposed: compare its shape with that of `W`."),
    },
    "broadcast": {
        WITHOUT_SUM: N_(
            "A gradient has the shape of the result, not that of its value: the messages of `add` and `multiply` do not pass "
            "through `unbroadcast` yet."
        ),
        _add("g", "g") + _multiply(_SUM_A.format("g * b.value"), _SUM_B.format("g * a.value")): N_(
            "`multiply` is right. In `add` the messages do not pass through `unbroadcast`."
        ),
        _multiply("g * b.value", "g * a.value"): N_("`add` is right. In `multiply` the messages do not pass through `unbroadcast`."),
        _add("g", _SUM_B.format("g")) + _multiply("g * b.value", _SUM_B.format("g * a.value")): N_(
            "Only the second message passes through `unbroadcast`. Which of the two was repeated depends on who calls."
        ),
        _add(_SUM_A.format("g"), "g") + _multiply(_SUM_A.format("g * b.value"), "g * a.value"): N_(
            "Only the first message passes through `unbroadcast`. Which of the two was repeated depends on who calls."
        ),
        _multiply(_SUM_A.format("g") + " * b.value", _SUM_B.format("g") + " * a.value"): N_(
            "In `multiply` you sum `g` and multiply afterwards. Each repetition has its own factor: first the product, then the sum."
        ),
        _add(_SUM_B.format("g"), _SUM_A.format("g")): N_("In `add` each message is brought to the shape of the other value."),
    },
    "cross-entropy": {
        _cross_entropy("g * (p - y)"): N_("The loss is a mean over all entries. What does that do to each message?"),
        _cross_entropy("g * (y - p) / y.size"): N_("The sign is wrong: where `p` is above `y`, a larger `z` makes it worse."),
        _cross_entropy("(p - y) / y.size"): N_("The message lacks `g`, which came back to the loss."),
        _cross_entropy("g * (p - y) * p * (1 - p) / y.size"): N_(
            "The slope of the sigmoid is in it once more. It cancels: differentiate log(1 + e^z) - y z by z."
        ),
        _cross_entropy("g * (z.value - y) / y.size"): N_("You wrote `z` where its sigmoid belongs."),
        _cross_entropy("g * (p - y) / len(y)"): N_("The mean is over all entries; `len(y)` counts the rows alone."),
        _cross_entropy("g * (p - y)", "np.sum"): N_("That is the sum over the entries, and its rule. This loss is their mean."),
        _cross_entropy("g * (p - y) / y.size", "np.sum"): N_("The value is the sum over the entries, the rule that of their mean."),
        _cross_entropy("g * (p - y) / y.size", "-np.mean"): N_("The value has the wrong sign: it has to be small where `p` and `y` agree."),
        _cross_entropy("g * (np.tanh(z.value) - y) / y.size"): N_("You wrote tanh where the sigmoid of `z` belongs."),
    },
}  # fmt: skip
