"""The numbers in a figure's alternative text that nothing computes: those that stand in the words themselves.

    show(fig, f"Loss after 20 epochs: {loss:.2f}")       # 20 is written beside the figure, and true only by luck
    show(fig, f"Loss after {epochs} epochs: {loss:.2f}")

Texts that a cell assigns to a name, or appends to a list, count where `show` is given the name.
"""

import ast
import re

FORMULAS = ("x^2", "u^2 + 25 v^2", "2/rate", "2/学习率")  # symbols, no measurements
NAMES = ("kal16",)  # of a voice
LEVEL = ("95 %",)  # of every interval of the course
ALLOWED = re.compile("|".join(map(re.escape, (*FORMULAS, *NAMES, *LEVEL))), re.IGNORECASE)


def written_numbers(source):
    """The words in a cell's alternative text that hold a number which is not computed."""
    tree = ast.parse(source)
    texts, todo, names = [], [node.args[1] for node in ast.walk(tree) if _is_show(node)], set()
    while todo:
        for node in _outside_formats(todo.pop()):
            if isinstance(node, ast.JoinedStr):
                texts += [part.value for part in node.values if isinstance(part, ast.Constant)]
                texts += [ast.unparse(hole.value) for hole in node.values if _is_constant(hole)]
            elif isinstance(node, ast.Name) and node.id not in names:
                names.add(node.id)
                todo += _texts_of(node.id, tree)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value.strip():
                texts.append(node.value)  # a sentence without anything to fill in; others are formats and keys
    return [text for text in dict.fromkeys(texts) if re.search(r"\d", ALLOWED.sub("", text))]


def _is_show(node):
    return isinstance(node, ast.Call) and getattr(node.func, "id", "") == "show"


def _is_constant(part):
    return isinstance(part, ast.FormattedValue) and not any(
        isinstance(node, (ast.Name, ast.Call)) for node in ast.walk(part.value)
    )


def _outside_formats(tree):
    """The nodes of an expression, without what is said of how a value is written, and without keys such as x["5 layers"]."""
    for node in [tree]:
        yield node
        for name, value in ast.iter_fields(node):
            if name in ("format_spec", "slice"):
                continue
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.AST):
                    yield from _outside_formats(child)


def _texts_of(name, tree):
    """What a cell assigns to a name, or appends to it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and any(
            isinstance(part, ast.Name) and part.id == name for target in node.targets for part in ast.walk(target)
        ):
            kinds = ast.JoinedStr if not isinstance(node.value, ast.Constant) else ast.Constant
            yield from (part for part in _outside_formats(node.value) if isinstance(part, kinds))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == f"{name}.append":
            yield node.args[0]
