"""The clinic of chapter 5: a program of four functions and two settings, examined from its first line to its last."""

import numpy as np

from ... import datasets
from ...gradient_check import GradientError, compare_gradients, numerical_gradient
from ...text import capitalised, say
from ..machinery import compare
from ..machinery.limits import in_time
from ..machinery.reader_code import Wrong, judge, misfit, mistake, watched

FUNCTIONS = ("start", "forward", "gradients", "step")
SEEDS = 30
FEWEST = 5  # seeds, where 4 seconds of the processor, or 20 on a busy computer, do not last for all
LONGEST = 20_000  # epochs
LONGEST_RUN = 8.0  # seconds of processor time for one seed; it takes less than one
STEP_RATE = 0.1  # of the one step that is looked at closely
FIRST_STEPS = 100  # of a run, in which steps that are too long show themselves
FLAT = 0.1  # mean slope of the hidden sigmoids below which a start counts as flat; it is 0.25 at most
LONG_PATH = 1000  # rate x epochs: 0.5 x 2,000 solves all seeds with four hidden units
x, y = datasets.xor()  # (4, 2), (4, 1)


@judge
def examine(answer):
    """Judge (start, forward, gradients, step, eta, epochs): the first fault that the evidence shows, or none."""
    if not isinstance(answer, tuple | list) or len(answer) != 6:
        raise mistake("Expected (start, forward, gradients, step, eta, epochs): four functions and two numbers.")
    for name, function in zip(FUNCTIONS, answer, strict=False):
        if not callable(function):
            raise mistake(
                "`{name}` has to be a function, got {got}. Run the cell that defines it again.",
                name=name,
                got=compare.describe(function),
            )
    start, forward, gradients = (watched(function, returns=True) for function in answer[:3])
    step = watched(answer[3])
    eta, epochs = _settings(*answer[4:])
    params = list(start(np.random.default_rng(1)))
    a2 = _expect_forward(forward, params)
    _expect_gradients(forward, gradients, params)
    _expect_descent(forward, gradients, step, params)
    _expect_biases(forward, params, a2)
    runs = [
        _train(start, forward, gradients, step, eta, epochs, seed)
        for seed in in_time(range(SEEDS), 4.0, FEWEST, by_the_clock=20.0)
    ]
    solved, loss = sum(run["solved"] for run in runs), np.mean([run["loss"] for run in runs])
    facts = say(
        "{solved} of {seeds} seeds solved, mean loss {loss:.3f}, rate x epochs = {product:g}",
        solved=solved,
        seeds=len(runs),
        loss=loss,
        product=eta * epochs,
    )
    if solved < 0.9 * len(runs):
        cause = _cause([run for run in runs if not run["solved"]], eta * epochs)
        raise mistake(
            "Evidence 7 of 7, the result: {facts}. Every gradient is right, and yet the program has not "
            "got there. {cause}",
            slip="not-arrived",
            facts=facts,
            cause=cause,
        )
    _expect_seeds(start)
    return say("All seven faults are repaired: {facts}.", facts=facts)


def _expect_seeds(start):
    """Another seed has to give other weights, and the same seed the same: else 30 runs are one run, or no experiment."""
    one, again, other = (list(start(np.random.default_rng(seed))) for seed in (1, 1, 2))
    if not all(map(np.array_equal, one, again)):
        raise mistake("The same seed gives other weights the second time. In `start`, draw all numbers from `rng`.")
    if all(map(np.array_equal, one, other)):
        raise mistake(
            "`start` returns the same weights for every seed, so this is one run, {seeds} times over. Which of its "
            "lines should draw from `rng`?",
            seeds=SEEDS,
        )


def _settings(eta, epochs):
    """The rate as a float and the epochs as an int."""
    try:
        eta = compare.one_number(eta)
    except Wrong as difference:
        raise mistake("The learning rate: {problem}", problem=difference.message) from None
    if not 0 < eta < np.inf:
        raise mistake("The learning rate: expected a positive number, got {got}.", got=compare.number_text(eta))
    whole = isinstance(epochs, int | np.integer) and not isinstance(epochs, bool)
    if not whole or not 1 <= epochs <= LONGEST:
        raise mistake("The epochs: expected a whole number from 1 to {most:,}, got {got!r}.", most=LONGEST, got=epochs)
    return eta, int(epochs)


def _expect_forward(forward, params):
    """The outputs a2 of a forward pass that runs and has one output for each example."""
    try:
        result = forward(params, x)
    except ValueError as error:
        problem = capitalised(misfit(forward.__wrapped__, error) or str(error))
        shapes = ", ".join(str(np.shape(p)) for p in params)
        if "unpack" in str(error) and f"expected {len(params)}" not in str(error):
            raise mistake(
                "The forward pass stops: {error}. `start` returns {count} arrays, which `forward` and "
                "`gradients` take apart, so these two need a name for each.",
                error=error,
                count=len(params),
            ) from None
        if len(params) <= 2 and not _runs_with_square_weights(forward, len(params)):
            raise mistake(
                "Evidence 1 of 7: the forward pass stops. {error}. x has one example per row, shape (4, 2), "
                "and W has shape {shape}. In which order do they fit?",
                slip="operands",
                error=problem,
                shape=np.shape(params[0]) if params else (),
            ) from None
        if len(params) <= 2:
            raise mistake(
                "Evidence 2 of 7: every product has its operands in order now, but the forward pass still "
                "stops. {error}. W leads from 2 inputs to the hidden layer. What leads from there to the "
                "output?",
                slip="layers",
                error=problem,
            ) from None
        raise mistake(
            "The forward pass stops. {error}. The parameters have shapes {shapes}.", error=problem, shapes=shapes
        ) from None
    _, a2 = compare.parts(result, ("a1", "a2"), say("what `forward` returns"))
    if np.shape(a2) != y.shape:
        raise mistake(
            "Expected outputs of shape {expected}, one for each example, got {got}.", expected=y.shape, got=np.shape(a2)
        )
    return a2


def _runs_with_square_weights(forward, number):
    """Whether the operand order is right: with W of shape (2, 2) the same matrix would fit both layers."""
    try:
        forward([np.full((2, 2), 0.5), np.zeros(2)][:number], x[:3])
    except ValueError:
        return False
    return True


def _loss(forward, params):
    return float(np.sum((forward(params, x)[1] - y) ** 2) / 2)


def _expect_gradients(forward, gradients, params):
    grads = gradients(params, x, y)
    if len(grads) != len(params):
        raise mistake(
            "Evidence 3 of 7: there are {params} parameter arrays and {grads} gradients. Which arrays have none, "
            "and which error do their gradients need?",
            slip="gradients-missing",
            params=len(params),
            grads=len(grads),
        )
    for number, (got, wanted) in enumerate(zip(map(np.shape, grads), map(np.shape, params), strict=True)):
        if got != wanted:
            shown = say(
                "`params[{number}]` has the shape {expected}, and its gradient has the shape {got}.",
                number=number,
                got=got,
                expected=wanted,
            )
            summed = say("What was added to every row gets the sum over the rows.") if got[1:] == wanted else ""
            raise Wrong(shown, summed)
    expected = numerical_gradient(lambda p: _loss(forward, p), params)
    try:
        compare_gradients(grads, expected, tolerance=1e-6)
    except GradientError as error:
        entry = f"[{error.argument}][{', '.join(map(str, error.index))}]"
        facts = say(
            "Entry {entry} of the gradients is {got:.6g}, but finite differences give {expected:.6g}.",
            entry=entry,
            got=error.got,
            expected=error.expected,
        )
        unused = not np.any(np.abs(expected[error.argument]) > 1e-9)
        if unused and error.argument > 0:
            raise mistake(
                "{facts} Finite differences give 0 for every entry of this array, because L does not depend on "
                "`params[{number}]` at all. Does `forward` use it?",
                facts=facts,
                number=error.argument,
            ) from None
        if _other_of_layer_is_right(error.argument, grads, expected):
            raise mistake(
                "{facts} The gradient of the other array of this layer is right, so the error of the layer is right, "
                "too. What becomes of it on its way into `params[{number}]`?",
                facts=facts,
                number=error.argument,
            ) from None
        if error.argument < 2 <= len(params) - 1 and _close(grads[2:], expected[2:]):
            raise mistake(
                "Evidence 4 of 7: the gradients of the output layer are right, but those of the hidden "
                "layer are not. {facts} What did the signal pass between z1 and z2 on its way forward? Each "
                "thing that it passed is a factor of the hidden error.",
                slip="hidden-gradients",
                facts=facts,
            ) from None
        raise mistake(
            "A gradient is not the slope of the loss L = 1/2 sum (a2 - y)^2. {facts} Begin at the output: is "
            "delta2 the slope of L with respect to z2?",
            facts=facts,
        ) from None


def _other_of_layer_is_right(number, grads, expected):
    """Whether a wrong gradient of a weight or a bias stands beside a right one of the same layer, in the order (W, b)."""
    first = number // 2 * 2
    pair = slice(first, first + 2)
    shapes = [np.shape(wanted) for wanted in expected[pair]]
    one_layer = len(shapes) == 2 and len(shapes[0]) == 2 and shapes[1] == shapes[0][1:]
    return one_layer and any(_close([got], [wanted]) for got, wanted in zip(grads[pair], expected[pair], strict=True))


def _close(grads, expected):
    pairs = list(zip(grads, expected, strict=True))
    return all(np.shape(got) == np.shape(wanted) and np.allclose(got, wanted, atol=1e-6) for got, wanted in pairs)


def _expect_descent(forward, gradients, step, params):
    """One step has to change each parameter by minus the rate times its gradient."""
    moved = _copies(params)
    before = _loss(forward, moved)
    step(moved, gradients(moved, x, y), STEP_RATE)
    after = _loss(forward, moved)
    rng = np.random.default_rng(0)
    grads = [rng.normal(size=np.shape(p)) for p in params]  # of both signs, so that no slip hides
    moved = _copies(params)
    step(moved, _copies(grads), STEP_RATE)
    change = np.concatenate([(new - old).ravel() for new, old in zip(moved, _copies(params), strict=True)])
    flat = np.concatenate([g.ravel() for g in grads])
    if not change.any():
        raise mistake(
            "The step changes nothing. It has to change the arrays in `params` themselves, as `p -= ...` does."
        )
    if change @ flat > 0 and after > before:
        raise mistake(
            "Evidence 5 of 7: the gradients are right, and one step of rate {rate:g} makes the loss climb from "
            "{before:.4f} to {after:.4f}. Which way does a gradient point?",
            slip="uphill",
            rate=STEP_RATE,
            before=before,
            after=after,
        )
    off = ~np.isclose(change, -STEP_RATE * flat, rtol=1e-6, atol=1e-12)
    if off.any():
        raise mistake(
            "A step of rate {rate:g} changes a weight by {got:.4g} where its gradient is {gradient:.4g}. By how "
            "much should it change?",
            rate=STEP_RATE,
            got=change[off][0],
            gradient=flat[off][0],
        )


def _copies(params):
    return [np.array(p, dtype=float) for p in params]


def _expect_biases(forward, params, a2):
    """Both layers need a bias, wherever it is kept: in an array of its own, or in a weight of an input that is always 1."""
    rng = np.random.default_rng(0)
    one, other = ([rng.normal(size=np.shape(p)) for p in params] for _ in range(2))
    if not _shifts_output(forward, one):
        slope = float(np.sum((a2 - y) * a2 * (1 - a2)))
        raise mistake(
            "Evidence 6 of 7: the program descends. But the output layer has no bias. Shifting all four "
            "z2 alike would change the loss at a rate of {slope:.3f}, and no parameter can do that.",
            slip="biases",
            slope=slope,
        )
    if np.allclose(*(np.asarray(forward(p, x)[0])[0] for p in (one, other))):  # a1 for (0, 0)
        raise mistake(
            "Evidence 6 of 7: the program descends. But the hidden layer has no bias, so where x is (0, "
            "0), every z1 is 0, whatever the weights are.",
            slip="biases",
        )


def _shifts_output(forward, params):
    """Whether there is a parameter that shifts z2 of all examples alike."""

    def z2(entry, change):
        changed = [p.copy() for p in params]
        changed[entry[0]][entry[1:]] += change
        a2 = np.clip(forward(changed, x)[1], 1e-12, 1 - 1e-12)
        return np.log(a2 / (1 - a2))

    entries = [(number, *index) for number, p in enumerate(params) for index in np.ndindex(p.shape)]
    shifts = [z2(entry, 1e-3) - z2(entry, -1e-3) for entry in entries]
    return any(np.ptp(shift) < 1e-6 < abs(shift.mean()) for shift in shifts)


def _train(start, forward, gradients, step, eta, epochs, seed):
    """One run: whether it classifies all four points right, and what tells why if not. A solved run stops early."""
    params = list(start(np.random.default_rng(seed)))
    a1, first = np.asarray(forward(params, x)[0]), _loss(forward, params)
    facts = {
        "hidden": np.shape(a1)[-1],
        "different": len(np.unique(_units(params, np.shape(a1)[-1]), axis=1).T),
        "slope": float(np.mean(a1 * (1 - a1))) if np.all((a1 >= 0) & (a1 <= 1)) else 0.25,
        "rises": 0,
    }
    for epoch in in_time(range(epochs), LONGEST_RUN):
        step(params, gradients(params, x, y), eta)
        if epoch < FIRST_STEPS:
            before, first = first, _loss(forward, params)
            facts["rises"] += first > before + 1e-9
        if epoch % 100 == 99 and _right(forward, params):
            break
    else:
        if epoch < epochs - 1:
            raise mistake(
                "This check has {seconds:g} seconds for a run, and your program came to epoch {epoch:,} of {epochs:,}. Take "
                "fewer epochs with a larger rate, or make a step of your program faster.",
                seconds=LONGEST_RUN,
                epoch=epoch + 1,
                epochs=epochs,
            )
    return facts | {"solved": _right(forward, params), "loss": _loss(forward, params)}


def _units(params, hidden):
    """(weights of a unit, hidden units): what goes into each hidden unit and out of it."""
    sides = [p if np.shape(p)[-1] == hidden else np.transpose(p) for p in params if hidden in np.shape(p)]
    return np.concatenate([np.reshape(side, (-1, hidden)) for side in sides])


def _cause(failed, product):
    """The sentence that says what the failed runs have in common."""
    different, hidden = failed[0]["different"], failed[0]["hidden"]
    rises, slope = (float(np.mean([run[name] for run in failed])) for name in ("rises", "slope"))
    if different < hidden:
        return say(
            "Of the {hidden} hidden units only {different} start different, and equal units get equal "
            "gradients. Where do the first weights come from?",
            hidden=hidden,
            different=different,
        )
    if rises >= 1:
        return say(
            "In the failed runs {rises:.0f} of the first {steps} steps made the loss rise, on average, "
            "although each step goes against the gradient. Are the steps too long?",
            rises=rises,
            steps=FIRST_STEPS,
        )
    if slope < FLAT:
        return say(
            "The hidden sigmoids of the failed runs start with a mean slope of {slope:.3f}, while the "
            "steepest slope of a sigmoid is 0.25. How large are the first weights?",
            slope=slope,
        )
    if product < LONG_PATH:
        return say("No step was too long. How far can the program walk with this rate in so many steps?")
    if hidden < 3:
        return say(
            "With two hidden units about one seed in five fails even after a long walk, and with one "
            "hidden unit every seed fails. Take four."
        )
    return say(
        "With random first weights of size 1, so many steps at this rate are enough. What are your first weights like?"
    )


def _right(forward, params):
    return bool(np.all((forward(params, x)[1] > 0.5) == (y > 0.5)))
