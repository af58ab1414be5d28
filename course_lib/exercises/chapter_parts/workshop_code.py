"""The engine of the workshop as source, step by step: what is given, and what each step adds.

Sources, because a step's code finds the other steps by name where it runs: in the reader's notebook, or in a namespace
of its own that `build` makes.
"""

import linecache
from functools import cache

GIVEN = """\
births = count()                                   # 0, 1, 2, ...: who is newer

def wrap(x):
    return x if isinstance(x, Operators) else Value(x)

class Operators:
    __array_ufunc__ = None                         # array + value: NumPy leaves it to us
    def __add__(self, other): return add(self, wrap(other))
    def __mul__(self, other): return multiply(self, wrap(other))
    def __sub__(self, other): return self + wrap(other) * -1
    def __rsub__(self, other): return wrap(other) - self
    def __matmul__(self, other): return matmul(self, wrap(other))
    def __rmatmul__(self, other): return matmul(wrap(other), self)
    __radd__, __rmul__ = __add__, __mul__
    def graph(self): return order(self)
    def backward(self): backward(self)
    def total(self): return total(self)
    def tanh(self): return tanh(self)
    def cross_entropy(self, y): return cross_entropy(self, y)
    def step(self, eta): step(self, eta)
"""

STEPS = {
    "remember": """\
class Value(Operators):
    def __init__(self, value, parents=(), rule=None):
        self.value = np.asarray(value, dtype=float)
        self.parents = parents
        self.rule = rule
        self.grad = None
        self.number = next(births)                 # given
""",
    "add": """\
def add(a, b):
    def rule(g):
        return g, g
    return Value(a.value + b.value, (a, b), rule)
""",
    "multiply": """\
def multiply(a, b):
    def rule(g):
        return g * b.value, g * a.value
    return Value(a.value * b.value, (a, b), rule)
""",
    "order": """\
def order(last):
    found, waiting = {last}, [last]
    while waiting:
        for parent in waiting.pop().parents:
            if parent not in found:
                found.add(parent)
                waiting.append(parent)
    return sorted(found, key=lambda each: each.number, reverse=True)
""",
    "backward": """\
def backward(last):
    values = order(last)
    for each in values:
        each.grad = np.zeros_like(each.value)
    last.grad = np.ones_like(last.value)
    for each in values:
        if each.rule:
            for parent, g in zip(each.parents, each.rule(each.grad)):
                parent.grad = parent.grad + g
""",
    "total": """\
def total(a):
    def rule(g):
        return (g * np.ones_like(a.value),)
    return Value(a.value.sum(), (a,), rule)
""",
    "tanh": """\
def tanh(z):
    a = np.tanh(z.value)
    def rule(g):
        return (g * (1 - a * a),)
    return Value(a, (z,), rule)
""",
    "matmul": """\
def matmul(x, W):
    def rule(g):
        return g @ W.value.T, x.value.T @ g
    return Value(x.value @ W.value, (x, W), rule)
""",
    "unbroadcast": """\
def unbroadcast(g, shape):
    while np.ndim(g) > len(shape):
        g = np.sum(g, axis=0)
    for axis, size in enumerate(shape):
        if size == 1:
            g = np.sum(g, axis=axis, keepdims=True)
    return g
""",
    "broadcast": """\
def add(a, b):
    def rule(g):
        return unbroadcast(g, a.value.shape), unbroadcast(g, b.value.shape)
    return Value(a.value + b.value, (a, b), rule)

def multiply(a, b):
    def rule(g):
        return unbroadcast(g * b.value, a.value.shape), unbroadcast(g * a.value, b.value.shape)
    return Value(a.value * b.value, (a, b), rule)
""",
    "cross-entropy": """\
def cross_entropy(z, y):
    def rule(g):
        p = np.exp(-np.logaddexp(0, -z.value))     # the sigmoid, for any z
        return (g * (p - y) / y.size,)
    return Value(np.mean(np.logaddexp(0, z.value) - y * z.value), (z,), rule)
""",
    "step": """\
def step(p, eta):
    p.value = p.value - eta * p.grad
""",
}


def before(name):
    """The source on which a step builds: what is given, and the steps before it."""
    names = list(STEPS)
    return "\n\n".join([IMPORTS, GIVEN, *(STEPS[step] for step in names[: names.index(name)])])


IMPORTS = "from itertools import count\n\nimport numpy as np\n"


def build(*sources):
    """The namespace in which the given part, all steps and then the sources have run, one after the other."""
    namespace = {"__name__": __name__}
    for number, source in enumerate([IMPORTS, GIVEN, *STEPS.values(), *sources]):
        run(source, f"<workshop {number}>", namespace)
    return namespace


def run(source, file, namespace):
    """Run a source of this module in a namespace; errors in it show their line."""
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    exec(compile(source, file, "exec"), namespace)


@cache
def finished_class():
    """The class that the workshop arrives at."""
    return build()["Value"]
