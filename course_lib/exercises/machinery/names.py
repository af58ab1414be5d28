"""Notes which cell of a notebook has made each name, so that a reply can say when the reader has overwritten one; and says
below a cell's error what to do about it.

A name belongs to the cell that bound it first. When another cell binds it, what was there is gone (`np = 3`, `x = None`),
and code that relies on it fails somewhere else. Run the first cell again, and the name is as it was.
"""

import ast
import inspect
import re

from ...pictures.live import running_shell
from ...text import joined, say

LONGEST_LINE = 60  # characters of a cell's first line in a sentence


class Names:
    """The names of one kernel: `makers`, name -> (id of the cell, its first line), and `overwritten`, a set of names."""

    def __init__(self):
        self.makers, self.overwritten = {}, set()

    def ran(self, cell_id, source):
        """Note what a cell binds that runs, or has run."""
        for name in bound_names(source):
            maker, _ = self.makers.setdefault(name, (cell_id, first_line(source)))
            if maker == cell_id:
                self.overwritten.discard(name)
            else:
                self.overwritten.add(name)

    def note(self, answer):
        """A sentence about a name that the answer's code uses and that was overwritten; "" when there is none."""
        functions = [
            part for part in (answer if isinstance(answer, list | tuple) else [answer]) if inspect.isfunction(part)
        ]
        answered = {function.__name__ for function in functions}
        return self.sentence(*[name for function in functions for name in _used(function) if name not in answered])

    def sentence(self, *names):
        """The sentence about the first of these names that was overwritten; "" when none was."""
        for name in names:
            if name in self.overwritten:
                return say(
                    "`{name}` was made by the cell that begins with `{line}`, and another cell has overwritten it "
                    "since. If you did not mean to overwrite it, run the cell that begins with `{line}` again.",
                    name=name,
                    line=self.makers[name][1].replace("`", "'"),
                )
        return ""


_names = None


def names():
    """The `Names` of this kernel, which watch its cells; outside of a notebook they know nothing."""
    global _names
    if _names is None:
        _names = Names()
        shell = running_shell()
        if shell is not None:
            shell.events.register("pre_run_cell", _ran)
            shell.events.register("post_run_cell", say_what_to_do)
    return _names


def bound_names(source):
    """The names that a cell's own lines bind: assignments, loops, imports, definitions; none when it is no Python."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # the latter two: of what is nested too deep
        return set()
    found = set()
    for node in _own_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            found |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
    return found


def _own_nodes(node):
    """The nodes below, without what stands in functions, classes and comprehensions, whose names are their own."""
    for child in ast.iter_child_nodes(node):
        yield child
        scopes = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda | ast.GeneratorExp
        if not isinstance(child, scopes | ast.ListComp | ast.SetComp | ast.DictComp):
            yield from _own_nodes(child)


def first_line(source):
    """The first line of a cell that is neither empty nor a comment."""
    lines = [line.strip() for line in source.splitlines()]
    line = next((line for line in lines if line and not line.startswith("#")), "")
    return line if len(line) <= LONGEST_LINE else f"{line[:LONGEST_LINE]}..."


def _used(function, seen=None):
    """The global names that a function and the functions which it calls by name use, in no order that matters."""
    seen = set() if seen is None else seen
    found = []
    for name in function.__code__.co_names:
        if name in seen:
            continue
        seen.add(name)
        found.append(name)
        value = function.__globals__.get(name)
        if inspect.isfunction(value) and value.__globals__ is function.__globals__:
            found += _used(value, seen)
    return found


def _ran(info):
    if getattr(info, "cell_id", None):
        _names.ran(info.cell_id, info.raw_cell)


def say_what_to_do(result):
    """After a cell: note it; and when it failed over a name, say below the error what a reader can do about it."""
    _ran(result.info)
    error = result.error_in_exec or result.error_before_exec
    if error is None or not result.info.cell_id:
        return
    if result.error_in_exec is None:
        sentence = _decimal_comma(error)
    else:
        sentence = joined(_unquoted(error), _not_made(error)) or _names.sentence(*_read_names(result.info.raw_cell))
    if sentence:
        from . import display

        display.show(display.message_box(type(error).__name__, sentence))


def _decimal_comma(error):
    """The sentence about a decimal number with a comma, such as 0,05, or ""."""
    if not re.search(r"\d,0\d", getattr(error, "text", None) or "") or "leading zeros" not in str(error):
        return ""
    return say("Python writes a decimal number with a point and not with a comma, as in 0.05.")


def _unquoted(error):
    """The sentence about a letter that stands for an option and was written without quotation marks, or ""."""
    name = getattr(error, "name", None) if isinstance(error, NameError) else None
    if name is None or not re.fullmatch("[a-hA-H]", name):
        return ""
    return say('If `{letter}` is the letter of your choice, put it in quotation marks: `"{letter}"`.', letter=name)


def _not_made(error):
    """The sentence about a name that no cell has made since the kernel was started, or "": a cell was run alone."""
    name = error.name if type(error) is NameError else None
    if name is None or name in _names.makers:
        return ""
    return say(
        "No cell that was run since this kernel started makes `{name}`. If a cell above does, choose `Run`, then `Run All "
        "Above Selected Cell`, and run this cell again.",
        name=name,
    )


def _read_names(source):
    try:
        return [node.id for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)]
    except (SyntaxError, ValueError):
        return []
