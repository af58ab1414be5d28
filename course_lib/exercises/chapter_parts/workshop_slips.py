"""What readers write instead, step by step: the slips of the workshop, as patches of the steps in `workshop_code`."""

from functools import cache

from ...text import say
from ..machinery.slips import Slips, slip
from .reader_class import ReaderClass
from .workshop_code import STEPS, build
from .workshop_programs import same_outcome

AS_FOUND = (
    STEPS["backward"].replace("values = order(last)", "values = found_order(last)")
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
RECURSIVE = """\
def backward(last):
    for each in order(last):
        each.grad = np.zeros_like(each.value)
    last.grad = np.ones_like(last.value)
    pass_on(last)

def pass_on(each):
    if each.rule:
        for parent, g in zip(each.parents, each.rule(each.grad)):
            parent.grad = parent.grad + g
            pass_on(parent)
"""
ADD_A, ADD_B = {"unbroadcast(g, a.value.shape)": "g"}, {"unbroadcast(g, b.value.shape)": "g"}
TIMES_A = {"unbroadcast(g * b.value, a.value.shape)": "g * b.value"}
TIMES_B = {"unbroadcast(g * a.value, b.value.shape)": "g * a.value"}

SLIPS = {
    "add": {
        "no-message": slip("The rule ignores `g`, which is what has come back to the sum and goes on from there.",
            {"g, g": "1.0, 1.0"}),
        "rule-of-product": slip("Those are the messages of a product. What is d(a + b)/da?",
            {"g, g": "g * b.value, g * a.value"}),
        "times-own-number": slip("The messages are multiplied by the numbers. What is d(a + b)/da?",
            {"g, g": "g * a.value, g * b.value"}),
        "shared-out": slip("The message is shared out. How much does the sum grow when `a` grows by 1?",
            {"g, g": "g / 2, g / 2"}),
        "numbers": slip("Those are the numbers themselves. How much does the sum grow when `a` grows by 1?",
            {"g, g": "a.value, b.value"}),
        "rule-of-difference": slip("The second sign is that of a difference.", {"g, g": "g, -g"}),
        "times-sum": slip("The messages are multiplied by the sum. What is d(a + b)/da?",
            {"g, g": "g * (a.value + b.value), g * (a.value + b.value)"}),
    },
    "multiply": {
        "own-number": slip("Each value gets its own number as the factor. How much does the product grow when `a` grows by 1?",
            {"g * b.value, g * a.value": "g * a.value, g * b.value"}),
        "no-message": slip("The factors are right, but `g` is missing. It is what has come back to the product.",
            {"g * b.value, g * a.value": "b.value, a.value"}),
        "rule-of-sum": slip("Those are the messages of a sum. What is d(ab)/da?", {"g * b.value, g * a.value": "g, g"}),
        "no-message-no-factor": slip("The rule ignores `g` and the factors. What is d(ab)/da?",
            {"g * b.value, g * a.value": "1.0, 1.0"}),
        "product": slip("The messages hold the product itself. Which factor is left when you differentiate by `a`?",
            {"g * b.value, g * a.value": "g * a.value * b.value, g * a.value * b.value"}),
        "added": slip("The chain rule multiplies: the message is a local derivative times what has come back.",
            {"g * b.value, g * a.value": "g + b.value, g + a.value"}),
        "second-from-first": slip("The second message begins with the first one. But both should begin with `g`, so `g` may "
                                  "not change in between.",
            {"g * a.value": "g * b.value * a.value"}),
    },
    "backward": {
        "overwritten": slip("A value that is used twice keeps only the last message, because the one before is "
                            "overwritten.",
            {"parent.grad + g": "g"}),
        "oldest-first": slip("You walk from the oldest value to the newest. When a value's turn comes, has anything reached it yet?",
            {"for each in values:\n        if": "for each in reversed(values):\n        if"}),
        "as-found": slip("A value passes on what it has before all of it has arrived. Which values have to have had their turn first?",
            AS_FOUND),
        "at-each-message": slip("A value passes on its gradient each time a message arrives, so what has arrived "
                                "before goes on once more. Which values have to have had their turn first?",
            RECURSIVE),
        "local-alone": slip("Each rule gets the 1 of L, so the messages are local derivatives alone. What has arrived at the value itself?",
            {"each.rule(each.grad)": "each.rule(np.ones_like(each.value))"}),
        "no-start": slip("Every gradient is 0. Either nothing starts at L (what is dL/dL?), or what arrives is multiplied by a 0.",
            {"last.grad = np.ones_like(last.value)": "pass"}),
        "begins-with-one": slip("A gradient holds something before anything has arrived. What should it begin with?",
            {"np.zeros_like": "np.ones_like"}),
        "first-parent-alone": slip("Only the first parent gets a message. The rule returns one message for each parent.",
            {"zip(each.parents,": "zip(each.parents[:1],"}),
        "multiplied": slip("Messages are multiplied. Factors multiply along a path, but what happens where two paths "
                           "meet?",
            {"parent.grad + g": "parent.grad * g", "np.zeros_like": "np.ones_like"}),
        "shared": slip("Two values hold the same array, and `+=` writes into it. Look at the gradient of L in the "
                       "drawing. A sum makes a new array, but `+=` does not.",
            SHARED),
        "sign": slip("The messages arrive with the wrong sign.", {"parent.grad + g": "parent.grad - g"}),
    },
    "total": {
        "no-message": slip("The rule ignores `g`, which is dL/d(sum). What follows after the sum has to come through.",
            {"g * np": "np"}),
        "times-numbers": slip("The message is multiplied by the numbers themselves. What is d(a + b)/da?",
            {"np.ones_like(a.value)": "a.value"}),
        "rule-of-mean": slip("The message is divided by how many numbers there are. That is the rule of a mean.",
            {"np.ones_like(a.value)": "np.ones_like(a.value) / a.value.size"}),
        "mean": slip("Those are the mean and its rule. A sum is not divided.",
            {"np.ones_like(a.value)": "np.ones_like(a.value) / a.value.size", ".sum()": ".mean()"}),
        "value-of-mean": slip("The value is the mean, not the sum.", {".sum()": ".mean()"}),
        "times-sum": slip("The message is multiplied by the sum. What is d(a + b)/da?",
            {"np.ones_like(a.value)": "a.value.sum()"}),
    },
    "tanh": {
        "slope-at-z": slip("1 - a^2 is right for the output `a`, but you put in the input `z`.",
            {"a * a": "z.value * z.value"}),
        "tanh-twice": slip("The tanh was applied twice, because `a` is already its output.",
            {"a * a": "np.tanh(a) ** 2"}),
        "no-message": slip("The slope is right. The chain rule multiplies it by `g`, which came back to this value.",
            {"g * (1 - a * a)": "1 - a * a"}),
        "no-slope": slip("The message went through unchanged, because the slope of tanh is missing.",
            {"g * (1 - a * a)": "g"}),
        "slope-of-sigmoid": slip("a (1 - a) is the slope of the sigmoid.", {"(1 - a * a)": "a * (1 - a)"}),
        "not-squared": slip("Differentiate again. Where is the square?", {"a * a": "a"}),
        "plus": slip("One sign in the slope is wrong. Where tanh is flat, its slope has to be 0.",
            {"1 - a * a": "1 + a * a"}),
        "output-for-slope": slip("That is the output, not its slope.", {"(1 - a * a)": "a"}),
        "subtracted": slip("The slope is a factor, so `g` multiplies all of it.", {"g * (1 - a * a)": "g - a * a"}),
    },
    "matmul": {
        "no-transpose": slip("A transpose is missing in both messages. Write the shape behind each array. What has to "
                             "come out?",
            {".T": ""}),
        "no-transpose-in-second": slip("The first message is right, but in the second a transpose is missing.",
            {"x.value.T": "x.value"}),
        "no-transpose-in-first": slip("The second message is right, but in the first a transpose is missing.",
            {"W.value.T": "W.value"}),
        "sides": slip("The transposes are right, but the sides are not. `W` stood on the right, so its transpose "
                      "comes back on the right of `g`.",
            {"g @ W.value.T, x.value.T @ g": "W.value.T @ g, g @ x.value.T"}),
        "exchanged": slip("The two messages are exchanged. The first parent should get the first one.",
            {"g @ W.value.T, x.value.T @ g": "x.value.T @ g, g @ W.value.T"}),
        "rule-of-product": slip("That is the rule of `*`. Here every entry of the result is a sum of products.",
            {"g @ W.value.T, x.value.T @ g": "g * W.value, g * x.value"}),
        "no-message": slip("Both messages lack `g`, which came back to the product.",
            {"g @ W.value.T, x.value.T @ g": "W.value.T, x.value.T"}),
        "entry-by-entry": slip("The forward line multiplies entry by entry. `@` is the product of matrices.",
            {"x.value @ W.value": "x.value * W.value"}),
        "second-transposed": slip("The second message is transposed. Compare its shape with that of `W`.",
            {"x.value.T @ g": "g.T @ x.value"}),
    },
    "broadcast": {
        "without-sum": slip("A gradient has the shape of the result, not that of its value, because the messages of "
                            "`add` and `multiply` do not pass through `unbroadcast` yet.",
            ADD_A | ADD_B | TIMES_A | TIMES_B),
        "add-without-sum": slip("`multiply` is right. In `add` the messages do not pass through `unbroadcast`.",
            ADD_A | ADD_B),
        "multiply-without-sum": slip("`add` is right. In `multiply` the messages do not pass through `unbroadcast`.",
            TIMES_A | TIMES_B),
        "one-message-of-add": slip("`multiply` is right. In `add` one of the two messages does not pass through "
                                   "`unbroadcast`.",
            ADD_A, ADD_B),
        "one-message-of-multiply": slip("`add` is right. In `multiply` one of the two messages does not pass "
                                        "through `unbroadcast`.",
            TIMES_A, TIMES_B),
        "second-alone": slip("Only the second message passes through `unbroadcast`. But in another call it may be "
                             "the first value that was repeated.",
            ADD_A | TIMES_A),
        "first-alone": slip("Only the first message passes through `unbroadcast`. But in another call it may be "
                            "the second value that was repeated.",
            ADD_B | TIMES_B),
        "sum-before-product": slip("In `multiply` you sum `g` and multiply afterwards. But each repetition has its own factor, "
                                   "so take the product first and then the sum.",
            {"g * b.value, a.value.shape)": "g, a.value.shape) * b.value", "g * a.value, b.value.shape)": "g, b.value.shape) * a.value"},
            {"g * b.value, a.value.shape)": "g, a.value.shape) * b.value"}, {"g * a.value, b.value.shape)": "g, b.value.shape) * a.value"}),
        "shapes-exchanged": slip("In `add` each message is brought to the shape of the other value.",
            {"(g, a.value.shape), unbroadcast(g, b.value.shape)": "(g, b.value.shape), unbroadcast(g, a.value.shape)"}),
    },
    "cross-entropy": {
        "no-mean": slip("The loss is a mean over all entries. What does that do to each message?",
            {" / y.size": ""}),
        "sign": slip("The sign is wrong. Where `p` is above `y`, a larger `z` makes the loss larger.",
            {"(p - y)": "(y - p)"}),
        "no-message": slip("The message lacks `g`, which came back to the loss.", {"g * (p - y)": "(p - y)"}),
        "slope-again": slip("The slope of the sigmoid is in it once more, although it cancels. Differentiate log(1 + "
                            "e^z) - y z by z.",
            {"(p - y)": "(p - y) * p * (1 - p)"}),
        "z-for-p": slip("You wrote `z` where its sigmoid belongs.", {"(p - y)": "(z.value - y)"}),
        "divided-by-rows": slip("The mean is over all entries, and `len(y)` counts only the rows.",
            {"y.size": "len(y)"}),
        "sum": slip("Those are the sum over the entries and its rule. This loss is their mean.",
            {" / y.size": "", "np.mean": "np.sum"}),
        "value-of-sum": slip("The value is the sum over the entries, but the rule is that of their mean.",
            {"np.mean": "np.sum"}),
        "sign-of-value": slip("The value has the wrong sign. It has to be small where `p` and `y` agree.",
            {"np.mean": "-np.mean"}),
        "tanh-for-p": slip("You wrote tanh where the sigmoid of `z` belongs.",
            {"(p - y)": "(np.tanh(z.value) - y)"}),
    },
    "step": {
        "uphill": slip("Your step goes uphill. Which way does the gradient point?", {"- eta": "+ eta"}),
        "no-rate": slip("Your step has the length of the whole gradient. What is `eta` for?", {"eta * p.grad": "p.grad"}),
        "rate-alone": slip("Your step does not depend on the gradient.", {"eta * p.grad": "eta"}),
        "replaced": slip("Here the numbers are replaced. A step should start from where p is.", {"p.value - eta": "-eta"}),
        "divided": slip("Your step divides by `eta`.", {"eta * p.grad": "p.grad / eta"}),
        "sign-alone": slip("The gradient of p changes p in proportion, so take it as it is, with sign and size.",
            {"p.grad": "np.sign(p.grad)"}),
    },
}  # fmt: skip


@cache
def slips_of_step(step):
    """The `Slips` of a step, of which the answers are classes."""
    return Slips(STEPS[step], SLIPS.get(step, {}), lambda source: build(source)["Value"])


@cache
def _engines(step):
    """(name of the slip, the reader's class that has it, sentence) for each slip of a step."""
    return [(name, ReaderClass(made), sentence) for name, made, sentence in slips_of_step(step)]


def known_slip(step, mine, outcomes):
    """The slip of a step whose class has the outcomes that the reader's has, and its sentence, or ""s.

    outcomes   outcomes(engine) -> those of a class, as `same_outcome` takes them
    """
    for name, engine, sentence in _engines(step):
        if all(map(same_outcome, mine, outcomes(engine))):
            return name, say(sentence)
    return "", ""
