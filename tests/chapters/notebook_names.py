"""Which names a notebook's cells bind and read: what makes a cell safe to run again, whatever has run since.

A cell may read a name of another cell only when no third cell binds it, and may not draw from another cell's generator.
"""

import ast
import builtins
import symtable

GENERATORS = ("default_rng",)


def bound_and_read(source):
    """(names that a cell binds, names that it needs from other cells), both sets.

    A name that the cell binds before it reads it is not needed. What its functions read counts from where they stand.
    """
    bound, needed = set(), set()
    for statement in _AsGenerators().visit(ast.parse(source)).body:
        reads, binds = _of_statement(statement)
        needed |= reads - bound
        bound |= binds
    return bound, {name for name in needed if not hasattr(builtins, name)}


def needed(cells, wanted):
    """Of {id: source}, the cells, in order, whose names the wanted ones read, directly or through others."""
    bound, read = {}, {}
    for cell_id, source in cells.items():
        binds, read[cell_id] = bound_and_read(source)
        for name in binds:
            bound.setdefault(name, cell_id)
    open_, found = list(wanted), set()
    while open_:
        cell_id = open_.pop()
        if cell_id not in found:
            found.add(cell_id)
            open_ += [bound[name] for name in read[cell_id] if name in bound]
    return [cell_id for cell_id in cells if cell_id in found]


class _AsGenerators(ast.NodeTransformer):
    """Comprehensions as generator expressions: newer Pythons list the names of the others with those around them."""

    def visit_ListComp(self, node):
        self.generic_visit(node)
        return ast.GeneratorExp(node.elt, node.generators)

    visit_SetComp = visit_ListComp

    def visit_DictComp(self, node):
        self.generic_visit(node)
        return ast.GeneratorExp(ast.Tuple([node.key, node.value], ast.Load()), node.generators)


def _of_statement(statement):
    """(names read, names bound) in the cell's own scope by one statement and the functions inside it."""
    reads, binds = set(), set()
    inner = symtable.symtable(ast.unparse(statement), "statement", "exec")
    for scope in _scopes(inner):
        for symbol in scope.get_symbols():
            if scope is inner:
                if symbol.is_assigned() or symbol.is_imported():
                    binds.add(symbol.get_name())
                if symbol.is_referenced():
                    reads.add(symbol.get_name())
            elif symbol.is_global() and symbol.is_referenced():
                reads.add(symbol.get_name())
    first = _bound_before_read(statement)
    return reads - first, binds


def _scopes(table):
    yield table
    for child in table.get_children():
        yield from _scopes(child)


def _bound_before_read(statement):
    """Names that a statement binds before anything in it reads them: loop variables, `with ... as`, imports, definitions."""
    if isinstance(statement, ast.For | ast.AsyncFor):
        outside = {node.id for node in ast.walk(statement.iter) if isinstance(node, ast.Name)}
        names = {node.id for node in ast.walk(statement.target) if isinstance(node, ast.Name)}
        return (names | _assigned_in_order(statement.body, names)) - outside
    if isinstance(statement, ast.Try):
        caught = {handler.name for handler in statement.handlers if handler.name}
        return _assigned_in_order(statement.body, set()) | caught
    if isinstance(statement, ast.With | ast.If | ast.While):
        return _assigned_in_order(statement.body, set())
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        return {statement.name}
    return set()


def _assigned_in_order(body, known):
    """Names that a block assigns in a statement before any statement that reads them."""
    read, assigned = set(), set(known)
    for statement in body:
        names = [node for node in ast.walk(statement) if isinstance(node, ast.Name)]
        if isinstance(statement, ast.For):
            assigned |= {n.id for n in ast.walk(statement.target) if isinstance(n, ast.Name)} - read
            assigned |= _assigned_in_order(statement.body, assigned) - read
        if isinstance(statement, ast.With | ast.Try):
            assigned |= _assigned_in_order(statement.body, assigned) - read
        if isinstance(statement, ast.AugAssign):
            read |= {node.id for node in ast.walk(statement.target) if isinstance(node, ast.Name)}
        read |= {node.id for node in names if isinstance(node.ctx, ast.Load)} - assigned
        if isinstance(statement, ast.Assign | ast.AnnAssign | ast.Import | ast.ImportFrom | ast.FunctionDef):
            assigned |= {node.id for node in names if isinstance(node.ctx, ast.Store)} - read
            assigned |= {alias.asname or alias.name for alias in getattr(statement, "names", [])}
            assigned |= {statement.name} if isinstance(statement, ast.FunctionDef) else set()
    return assigned - read


def overwritten_names(notebook):
    """Yields (cell id, name, ids of all cells that bind it) where a cell needs a name that two cells or more bind."""
    cells = {cell.id: bound_and_read(cell.source) for cell in notebook.cells if cell.cell_type == "code"}
    for cell_id, (_, needed) in cells.items():
        for name in sorted(needed):
            binders = [other for other, (bound, _) in cells.items() if name in bound]
            if len(binders) > 1:
                yield cell_id, name, binders


def borrowed_generators(notebook):
    """Yields (cell id, name, id of its cell) where a cell draws from a generator that another cell has made."""
    makers = {}
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        for node in ast.walk(ast.parse(cell.source)):
            if isinstance(node, ast.Assign) and _is_generator(node.value):
                for target in node.targets:
                    for name in ast.walk(target):
                        if isinstance(name, ast.Name):
                            makers.setdefault(name.id, cell.id)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            for name in sorted(bound_and_read(cell.source)[1] & makers.keys()):
                yield cell.id, name, makers[name]


def _is_generator(value):
    return isinstance(value, ast.Call) and ast.unparse(value.func).split(".")[-1] in GENERATORS
