"""What the arrays of a recorded step are called: as in the lines of the engine, and of the reader, that made them."""

import ast
import linecache
from functools import lru_cache
from itertools import pairwise

from .operations import Number, Place


class Names:
    """names(part): a name for a Place or a Number of the record, not yet unique.

    known   Place or Number -> its name, for data, parameters and gradients
    """

    def __init__(self, record, known):
        self._names = {**known, record.loss: "loss"}
        for operation, following in pairwise([*record.load, *record.operations, None]):
            if operation.out is not None and (following is None or following.line != operation.line):
                self._names.setdefault(operation.out, assigned_name(*operation.line))

    def __call__(self, part):
        name = self._names.get(part)
        if name:
            return name
        if type(part) is Number:
            return (part.attribute or "number").strip("_")
        if part.memory.external and part.shape == ():
            return "constant"
        transposed = part._replace(shape=part.shape[::-1], strides=part.strides[::-1])
        if self._names.get(transposed):
            return f"{self._names[transposed]}_T"
        for other, name in self._names.items():
            if name and type(other) is Place and other.memory is part.memory:
                return f"{name}_part"
        return "constant" if part.memory.external else "array"


@lru_cache(maxsize=4096)
def assigned_name(file, line):
    """The name that a line assigns to, if it is a single one: "z" for z = x.dot(W) + b."""
    return _assignments(file).get(line)


@lru_cache(maxsize=64)
def _assignments(file):
    """line -> name, for all assignments of a file."""
    try:
        tree = ast.parse("".join(linecache.getlines(file)))
    except SyntaxError:
        return {}
    names = {}
    for node in ast.walk(tree):
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AugAssign) else []
        )
        if len(targets) == 1 and isinstance(targets[0], ast.Name) and not _holds_functions(node.value):
            names.update(dict.fromkeys(range(node.lineno, node.end_lineno + 1), targets[0].id))
    return names


def _holds_functions(value):
    """Whether lines of an assigned value are those of functions, which assign elsewhere."""
    return any(isinstance(part, ast.Lambda) for part in ast.walk(value))
