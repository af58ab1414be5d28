"""How a textbook writes each operation of the engine: a line or two forward, and where its gradient goes.

A rule has the two halves of a primitive. `forward(book, node)` writes the lines that make the value; `backward(book, node)`
writes what comes of g = dL/d(value), and sends dL/d(parent) to each parent. `book` is the `Textbook`: it knows the names.
"""

import ast
from typing import NamedTuple

from ..engine import ACTIVATIONS, say
from ..graph import Node
from ..recording import CannotReplay


def tidy(expression):
    """The expression without the brackets that it does not need."""
    return ast.unparse(ast.parse(expression, mode="eval"))


class Rule(NamedTuple):
    forward: object
    backward: object


def no_textbook(name):
    """The error that says which operation has no rule."""
    return CannotReplay(say("the textbook has no short form for {name}", name=name))


def _elementwise(name, value, *gradients):
    """A rule from formulas: {0}, {1} are the parents, {y} is the value, {g} its gradient."""

    def forward(book, node):
        texts = [f"({book.text(parent)})" for parent in node.parents]
        book.let(book.new(node, name), value.format(*texts))

    def backward(book, node):
        several = sum(formula.count("{g}") for formula in gradients) > 1
        g = book.named_gradient(node) if several else book.gradient(node)
        for parent, formula in zip(node.parents, gradients, strict=False):
            if type(parent) is Node:
                texts = [f"({book.text(each)})" for each in node.parents]
                book.send(parent, _summed(formula.format(*texts, y=book.text(node), g=g), node.out, parent.out))

    return Rule(forward, backward)


def _summed(expression, place, parent):
    """The gradient of a broadcast parent: the sum over what it was repeated along."""
    extra = len(place.shape) - len(parent.shape)
    shape = (1,) * extra + parent.shape
    axes = tuple(i for i, (size, own) in enumerate(zip(place.shape, shape, strict=True)) if size != own)
    if not axes:
        return expression
    axis = axes[0] if len(axes) == 1 else axes
    return f"({expression}).sum(axis={axis}){f'.reshape({parent.shape})' if len(axes) != extra else ''}"


# Dense layers and activations

_VALUES = {"identity": "{}", "sigmoid": "1 / (1 + np.exp(-({})))", "tanh": "np.tanh({})", "relu": "np.maximum({}, 0)"}
_SLOPES = {"sigmoid": " * {0} * (1 - {0})", "tanh": " * (1 - {0} * {0})", "relu": " * ({0} > 0)", "identity": ""}


def activation_of(node):
    """The name of the activation of a layer: that with this derivative."""
    return next(name for name, (_, slope) in ACTIVATIONS.items() if slope is node.inside["derivative"])


def activated(book, node, z):
    """The line for a = f(z)."""
    activation, n = activation_of(node), book.number(node.parents[1])
    name = book.new(node, f"z{n}" if activation == "identity" else f"a{n}")
    book.let(name, _VALUES[activation].format(z))


def delta_of(book, node):
    """The line for delta = g * f'(z); returns its name."""
    slope = _SLOPES[activation_of(node)].format(book.text(node))
    name = book.free(f"delta{book.number(node.parents[1])}")
    book.let(name, book.gradient(node) + slope)
    return name


def _dense_forward(book, node):
    x, W, b = node.parents
    bias = book.text(b) if len(W.out.shape) == 2 else f"{book.text(b)}[:, None]"
    activated(book, node, f"({book.text(x)}) @ {book.text(W)} + {bias}")


def _dense_backward(book, node):
    x, W, b = node.parents
    delta, inputs, matrix = delta_of(book, node), f"({book.text(x)})", book.text(W)
    stack, axes = len(W.out.shape) == 3, len(node.out.shape)
    if axes > 2 and not stack:  # all leading axes as one batch
        rows, deltas = (f"{each}.reshape(-1, {size})" for each, size in zip((inputs, delta), W.out.shape, strict=True))
        book.send(W, f"{rows}.T @ {deltas}")
        book.send(b, f"{delta}.sum(axis={tuple(range(axes - 1))})")
    else:
        book.send(W, f"{_transposed(inputs, x)} @ {delta}")
        book.send(b, f"{delta}.sum(axis={axes - 2})")
    dx = f"{delta} @ {_transposed(matrix, W)}"
    book.send(x, f"({dx}).sum(axis=0)" if stack and len(place_of(x).shape) == 2 else dx)


def place_of(part):
    """The Place of a node or of an array."""
    return part.out if type(part) is Node else part


def _transposed(text, part):
    return f"{text}.T" if len(place_of(part).shape) == 2 else f"{text}.swapaxes(-1, -2)"


def _matmul_forward(book, node):
    left, right = map(book.text, node.parents)
    book.let(book.new(node, "z"), f"({left}) @ ({right})")


def _matmul_backward(book, node):
    left, right = node.parents
    if len(place_of(left).shape) != len(place_of(right).shape):
        raise no_textbook("matmul")
    g = book.named_gradient(node)
    book.send(left, f"{g} @ {_transposed(f'({book.text(right)})', right)}")
    book.send(right, f"{_transposed(f'({book.text(left)})', left)} @ {g}")


# Losses: divided by the number of examples as it is in each batch


def _times(g):
    return "" if g == "1" else f" * {g}"


def _squared_error(value, gradient):
    """A rule from formulas of the error a - y and of the target y."""

    def texts(book, node):
        _, y = book.source(node.inside["error"]).args
        return {"error": f"({book.text(node.parents[0])} - {book.text(y)})", "y": book.text(y)}

    def forward(book, node):
        book.let(book.new(node, "t"), value.format(**texts(book, node)))

    def backward(book, node):
        book.send(node.parents[0], gradient.format(**texts(book, node)) + _times(book.gradient(node)))

    return Rule(forward, backward)


def _binary_forward(book, node):
    z, y = book.text(node.parents[0]), book.text(node.inside["y"])
    networks = node.parents[0].out.size // node.inside["n"]
    value = f"(np.logaddexp(0, {z}) - {y} * {z})"
    book.let(book.new(node, "t"), f"{value}.mean()" if networks == 1 else f"{value}.sum() / {y}.size")


def _binary_backward(book, node):
    z, y = book.text(node.parents[0]), book.text(node.inside["y"])
    p = book.free("p")
    book.let(p, f"1 / (1 + np.exp(-{z}))")
    book.send(node.parents[0], f"({p} - {y}) / {y}.size{_times(book.gradient(node))}")


def _softmax_forward(book, node):
    logits, labels, mask = node.parents[0], _labels(book, node), node.inside["mask"]
    z, y, e, p = book.text(logits), book.text(labels), book.free("e"), book.free("p")
    if mask is not None:
        name = book.free("mask")
        book.let(name, book.text(mask))
        book.name(mask, name)
    axis = len(logits.out.shape) - 1
    book.let(e, f"np.exp({z} - {z}.max(axis={axis}, keepdims=True))")
    book.let(p, f"{e} / {e}.sum(axis={axis}, keepdims=True)")
    book.name(node.inside["chosen"], p)
    chosen = f"np.arange(len({y})), {y}" if mask is None else f"{book.text(mask)}, {y}[{book.text(mask)}]"
    book.let(book.new(node, "t"), f"-np.log({p}[{chosen}]).mean()")


def _softmax_backward(book, node):
    logits, labels, mask = node.parents[0], _labels(book, node), node.inside["mask"]
    p, y, classes = book.text(node.inside["chosen"]), book.text(labels), logits.out.shape[-1]
    count = f"len({y})" if mask is None else f"{book.text(mask)}.sum()"
    counted = "" if mask is None else f" * {book.text(mask)}[..., None]"
    book.send(logits, f"({p} - np.eye({classes})[{y}]){counted} / {count}{_times(book.gradient(node))}")


def _labels(book, node):
    """The labels of a cross-entropy: whole numbers, one for each row of logits; what a mask leaves out may be anything."""
    labels, mask = book.source(node.inside["chosen"]).args[0], node.inside["mask"]
    if mask is not None:
        if place_of(mask).dtype != bool:
            raise no_textbook("mask")
        labels = book.source(labels).args[1]  # np.where(counts, labels, 0)
    if len(node.parents[0].out.shape) != (2 if mask is None else len(labels.shape) + 1):
        raise no_textbook(f"logits {node.parents[0].out.shape}")
    return labels


# Normalisation


def _layer_norm_forward(book, node):
    x, gain, bias = node.parents
    root = book.made_in(node.inside["std"])
    epsilon = book.text(book.source(root.args[0]).args[1])
    std, x_hat = book.notes[node] = [book.free(name) for name in ("std", "x_hat")]
    book.let(std, f"np.sqrt(({book.text(x)}).var(axis=-1, keepdims=True) + {epsilon})")
    book.let(x_hat, f"(({book.text(x)}) - ({book.text(x)}).mean(axis=-1, keepdims=True)) / {std}")
    book.let(book.new(node, "norm"), f"{x_hat} * {book.text(gain)} + {book.text(bias)}")


def _layer_norm_backward(book, node):
    x, gain, bias = node.parents
    (std, x_hat), g, delta = book.notes[node], book.named_gradient(node), book.free("dx_hat")
    axes = tuple(range(len(node.out.shape) - 1))
    axes = axes[0] if len(axes) == 1 else axes
    book.let(delta, f"{g} * {book.text(gain)}")
    book.send(gain, f"({g} * {x_hat}).sum(axis={axes})")
    book.send(bias, f"{g}.sum(axis={axes})")
    mean = "mean(axis=-1, keepdims=True)"
    book.line(f"{delta} -= {delta}.{mean} + {x_hat} * ({delta} * {x_hat}).{mean}")
    book.send(x, f"{delta} / {std}")


def _cut_forward(book, node):
    text = f"{book.text(node.parents[0])}[{_index(node.inside['index'])}]"
    book.name(node, text.replace("[:, 1:][:, -1]", "[:, -1]"))  # the last of all states


def _cut_backward(book, node):
    (x,), index, expression = node.parents, node.inside["index"], book.gradient(node)
    if x.operation == "leaf":
        book.line(f"{book.sum_name(x)}[{_index(index)}] += {tidy(expression)}", "gradients")
        return
    name = book.free("g")
    book.line(f"{name} = np.zeros({x.out.shape})")
    book.let(f"{name}[{_index(index)}]", expression)
    book.send(x, name)


def _index(index):
    """An index in NumPy's words."""
    parts = index if isinstance(index, tuple) else (index,)
    return ", ".join(_index_part(part) for part in parts)


def _index_part(part):
    if type(part) is slice:
        ends = ["" if each is None else str(each) for each in (part.start, part.stop, part.step)]
        return ":".join(ends if part.step is not None else ends[:2])
    if part is ... or part is None or type(part) is int:
        return "..." if part is ... else repr(part)
    raise no_textbook("array[array]")


def _reshape_forward(book, node):
    name = book.new(node, "flat" if len(node.out.shape) == 2 else "v")
    book.let(name, f"({book.text(node.parents[0])}).reshape({_sizes(node)})")


def _reshape_backward(book, node):
    book.send(node.parents[0], f"({book.gradient(node)}).reshape({_sizes(node.parents[0])})")


def _sizes(node):
    return ", ".join(map(str, node.out.shape))


def _reduction(call, share):
    def forward(book, node):
        axis = node.inside["axis"]
        book.let(
            book.new(node, "v"), f"({book.text(node.parents[0])}).{call}({'' if axis is None else f'axis={axis}'})"
        )

    def backward(book, node):
        (x,), axis = node.parents, node.inside["axis"]
        g = book.gradient(node) + (f" / {x.out.size // node.out.size}" if share else "")
        if axis is not None:
            g = f"np.expand_dims({g}, {axis})"
        book.send(x, f"np.full({x.out.shape}, {g})" if axis is None else f"np.broadcast_to({g}, {x.out.shape})")

    return Rule(forward, backward)


BASIC = {
    "matmul": Rule(_matmul_forward, _matmul_backward),
    "dense": Rule(_dense_forward, _dense_backward),
    "mean_squared_error": _squared_error("np.mean({error} ** 2)", "2 * {error} / {y}.size"),
    "half_squared_error": _squared_error("np.sum({error} ** 2) / 2", "{error}"),
    "binary_cross_entropy": Rule(_binary_forward, _binary_backward),
    "softmax_cross_entropy": Rule(_softmax_forward, _softmax_backward),
    "layer_norm": Rule(_layer_norm_forward, _layer_norm_backward),
    "take": Rule(_cut_forward, _cut_backward),
    "reshape": Rule(_reshape_forward, _reshape_backward),
    "sum": _reduction("sum", share=False),
    "mean": _reduction("mean", share=True),
    "add": _elementwise("v", "{0} + {1}", "{g}", "{g}"),
    "subtract": _elementwise("v", "{0} - {1}", "{g}", "-{g}"),
    "multiply": _elementwise("v", "{0} * {1}", "{g} * {1}", "{g} * {0}"),
    "divide": _elementwise("v", "{0} / {1}", "{g} / {1}", "-{g} * {y} / {1}"),
    "exp": _elementwise("v", "np.exp({0})", "{g} * {y}"),
    "log": _elementwise("v", "np.log({0})", "{g} / {0}"),
    "sqrt": _elementwise("v", "np.sqrt({0})", "{g} / (2 * {y})"),
    "tanh": _elementwise("a", "np.tanh({0})", "{g} * (1 - {y} * {y})"),
    "sigmoid": _elementwise("a", "1 / (1 + np.exp(-{0}))", "{g} * {y} * (1 - {y})"),
    "relu": _elementwise("a", "np.maximum({0}, 0)", "{g} * ({y} > 0)"),
}
