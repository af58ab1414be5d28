"""How a textbook writes a recurrent network: a loop over the time steps, and one back (backpropagation through time)."""

import operator
from itertools import pairwise

from ..graph import Node
from ..operations import Place
from .rules import Rule, no_textbook, place_of, tidy


def _gru_forward(book, node):
    x, h0, W, U, b, c = _operands(book, node)
    if node.operation == "gru" and book.is_written_by(node.inside["v"], operator.setitem):
        raise no_textbook("mask")
    batch, time, hidden = place_of(x).shape[0], place_of(x).shape[1], c.out.size
    names = [book.free(name) for name in "hruns"]
    h, r, u, n, s = names
    book.notes[node] = names
    book.line(f"{r}, {u}, {n}, {s} = np.zeros({(4, batch, time, hidden)})")
    book.line(f"{h} = np.zeros({(batch, time + 1, hidden)})")
    if type(h0) is Node or not book.text(h0).endswith(" 0.0)"):
        book.line(f"{h}[:, 0] = {book.text(h0)}")
    for line in (
        f"for t in range({time}):",
        f"    zr, zu, zn = np.split({book.text(x)}[:, t] @ {book.text(W)} + {book.text(b)}, 3, axis=1)",
        f"    ar, au, an = np.split({h}[:, t] @ {book.text(U)}, 3, axis=1)",
        f"    {r}[:, t] = 1 / (1 + np.exp(-zr - ar))",
        f"    {u}[:, t] = 1 / (1 + np.exp(-zu - au))",
        f"    {s}[:, t] = an + {book.text(c)}",
        f"    {n}[:, t] = np.tanh(zn + {r}[:, t] * {s}[:, t])",
        f"    {h}[:, t + 1] = (1 - {u}[:, t]) * {n}[:, t] + {u}[:, t] * {h}[:, t]",
    ):
        book.line(line)
    book.name(node, f"{h}[:, 1:]" if node.operation == "gru" else f"{h}[:, {time}]")


def _gru_backward(book, node):
    x, h0, W, U, b, c = _operands(book, node)
    h, r, u, n, s = book.notes[node]
    (batch, time), hidden = place_of(x).shape[:2], c.out.size
    all_steps = node.operation == "gru"
    g = book.named_gradient(node) if all_steps else book.gradient(node)
    delta_x, delta_h, dh = book.free("delta_x"), book.free("delta_h"), book.free("dh")
    book.line(f"{delta_x}, {delta_h} = np.zeros({(2, batch, time, 3 * hidden)})")
    book.let(dh, f"np.zeros({(batch, hidden)})" if all_steps else g)
    for line in (
        f"for t in reversed(range({time})):",
        *([f"    {dh} = {dh} + {g}[:, t]"] if all_steps else []),
        f"    delta_n = {dh} * (1 - {u}[:, t]) * (1 - {n}[:, t] * {n}[:, t])",
        f"    delta_u = {dh} * ({h}[:, t] - {n}[:, t]) * {u}[:, t] * (1 - {u}[:, t])",
        f"    delta_r = delta_n * {s}[:, t] * {r}[:, t] * (1 - {r}[:, t])",
        f"    {delta_x}[:, t] = np.hstack([delta_r, delta_u, delta_n])",
        f"    {delta_h}[:, t] = np.hstack([delta_r, delta_u, delta_n * {r}[:, t]])",
        f"    {dh} = {dh} * {u}[:, t] + {delta_h}[:, t] @ {book.text(U)}.T",
    ):
        book.line(line)
    book.send(W, f"sum([{book.text(x)}[:, t].T @ {delta_x}[:, t] for t in range({time})])")
    book.send(U, f"sum([{h}[:, t].T @ {delta_h}[:, t] for t in range({time})])")
    book.send(b, f"{delta_x}.sum(axis=(0, 1))")
    book.send(c, f"{delta_h}[:, :, {2 * hidden}:].sum(axis=(0, 1))")
    book.send(x, f"{delta_x} @ {book.text(W)}.T")
    book.send(h0, dh)


def _embedding_forward(book, node):
    table, indices = node.parents
    book.let(book.new(node, "rows"), f"{book.text(table)}[{book.text(indices)}]")


def _embedding_backward(book, node):
    table, indices = node.parents
    g = book.gradient(node)
    book.line(tidy(f"np.add.at({book.sum_name(table)}, {book.text(indices)}, {g})"), "gradients")


def step_number(part, place):
    """t, where a part is place[:, t]; None where it is something else."""
    if type(part) is not Place or part.memory is not place.memory or len(place.shape) < 2 or not place.strides[1]:
        return None
    number = (part.offset - place.offset) // place.strides[1]
    others = place.shape[:1] + place.shape[2:], place.strides[:1] + place.strides[2:]
    return number if (part.shape, part.strides) == others and 0 <= number < place.shape[1] else None


def loop_of_cells(nodes, inputs):
    """The GRU cells of the graph, if they are one loop over x[:, 0], x[:, 1], ...: (cells, place of x); otherwise ([], None).

    Each cell goes on from the state of the last one, which nothing else reads.
    """
    users = {}
    for node in nodes:
        for parent in node.parents:
            users.setdefault(parent, []).append(node)
    cells = [node for node in nodes if node.operation == "gru_cell"]
    chained = all(
        before is after.parents[1] and users[before] == [after] and before.parents[2:] == after.parents[2:]
        for before, after in pairwise(cells)
    )
    for place in inputs if cells and chained else ():
        numbers = [step_number(cell.parents[0], place) for cell in cells]
        if None not in numbers and numbers == list(range(place.shape[1])):
            return cells, place
    return [], None


def _cells_forward(book, node):
    if node not in book.cells:
        raise no_textbook("gru_cell")
    if node is book.cells[-1]:
        _gru_forward(book, node)


def _cells_backward(book, node):
    if node is book.cells[-1]:
        _gru_backward(book, node)


def _operands(book, node):
    """What a GRU gets; a loop of cells as if it were one."""
    if node.operation == "gru":
        return node.parents
    return book.cell_inputs, *book.cells[0].parents[1:]


SEQUENCES = {
    "embedding": Rule(_embedding_forward, _embedding_backward),
    "gru": Rule(_gru_forward, _gru_backward),
    "gru_cell": Rule(_cells_forward, _cells_backward),
}
