"""The graph behind the graph lab: layout, both passes, numbers that agree with `backward` and with finite differences."""

from itertools import pairwise

import numpy as np
import pytest

from course_lib import Dense, Sequential, Tensor, functional, ops
from course_lib.labs.base.graph_places import layered
from course_lib.labs.graph.model import EXPRESSIONS, NUDGE, GraphModel, sum_text

each_expression = pytest.mark.parametrize("label", EXPRESSIONS)


def walked(model):
    model.advance(model.most)
    return model


@each_expression
def test_gradients_are_those_of_backward(label):
    function, values = EXPRESSIONS[label]
    leaves = {name: Tensor(value, name=name) for name, value in values.items()}
    function(**leaves).backward()
    model = walked(GraphModel(label))
    found = {n.label: sum(model.arrived(i)) for i, n in enumerate(model.nodes) if n.kind == "leaf"}
    assert found == {name: pytest.approx(float(leaf.grad), rel=1e-12) for name, leaf in leaves.items()}


@each_expression
def test_each_message_is_gradient_times_local_derivative(label):
    model = GraphModel(label)
    for edge in model.edges:
        if edge.message is not None:
            assert float(edge.message) == pytest.approx(float(model.gradient(edge.target)) * edge.local, rel=1e-12)


@each_expression
def test_a_nudge_agrees_with_the_gradient(label):
    model = GraphModel(label)
    for number, node in enumerate(model.nodes):
        if node.kind == "leaf":
            assert model.nudged(node.label) / NUDGE == pytest.approx(float(model.gradient(number)), rel=0.02, abs=0.01)


@each_expression
def test_passes_go_forward_then_back_and_never_meet_an_unfinished_sum(label):
    model = GraphModel(label)
    assert not model.back_step(), "expected no backward step before the values are known"
    for number in model.operations:
        assert not model.known(number)
        assert all(model.known(edge.source) for edge in model.edges if edge.target == number)
        assert model.forward_step()
        assert model.current == ("forward", number)
    assert not model.forward_step()
    assert model.back_step() and model.current[0] == "seed"
    while model.back_step():
        edge = model.edges[model.current[1]]
        assert model.complete(edge.target)
    assert model.finished and all(model.complete(i) for i, n in enumerate(model.nodes) if n.kind != "constant")


def test_a_value_used_twice_shows_the_sum():
    model = walked(GraphModel("x*x + x"))
    assert sum_text(model.arrived(0)) == "1 + 3 + 3 = 7"
    assert (
        "The gradient of x is complete: 1 + 3 + 3 = 7. Check: x + 0.001 changes the result by 0.007001."
        in model.status()
    )
    assert "x 1 + 3 + 3 = 7" in model.description()
    assert "Gradients backward: none so far" in GraphModel("x*x + x").description()


def test_changed_values_keep_the_position():
    model = walked(GraphModel("x*y + y"))
    model.set_value("x", 4)
    assert model.finished and sum_text(model.arrived(1)) == "1 + 4 = 5"
    with pytest.raises(ValueError, match="leaf: expected one of x, y, got 'nobody'"):
        model.set_value("nobody", 1)
    assert model.values == {"x": 4.0, "y": 2.0}


def test_a_value_that_an_expression_refuses_changes_nothing():
    def picky(x):
        if x.value > 3:
            raise ValueError("too large")
        return x * x

    model = GraphModel(picky, {"x": 2.0})
    before = model.state(), model.description()
    for change in (lambda: model.set_value("x", 4), lambda: model.resume(before[0].replace("x:2.0", "x:4.0"))):
        with pytest.raises(ValueError, match="too large"):
            change()
        assert (model.state(), model.description()) == before


def test_a_prediction_counts_when_it_comes_in_time():
    model = GraphModel("x*x + x")
    model.predict(7)
    assert not model.reached
    assert walked(model).reached
    with pytest.raises(ValueError, match="the gradient of x has been shown already"):
        model.predict(7)
    model.reset()
    with pytest.raises(ValueError, match="has been shown already"):
        model.predict(7)
    model.set_value("x", 2)
    model.predict(4)
    assert not walked(model).reached
    with pytest.raises(ValueError, match="finite"):
        GraphModel().predict(np.inf)


@pytest.mark.parametrize(("guess", "right"), [(7.06, True), (7.08, False), (-7, False)])
def test_a_prediction_is_right_within_one_percent(guess, right):
    model = GraphModel("x*x + x")
    model.predict(guess)
    assert bool(walked(model).reached) == right


def test_arrays_are_shown_by_their_shapes(rng):
    model = Sequential(Dense(2, 4, "tanh", rng=rng), Dense(4, 1, rng=rng))
    loss = functional.binary_cross_entropy(model(np.ones((4, 2))), np.ones((4, 1)))
    loss.backward()
    before = [p.grad.copy() for p in model.parameters]
    graph = walked(GraphModel(loss))
    shapes = {n.label: np.shape(sum(graph.arrived(i))) for i, n in enumerate(graph.nodes) if n.kind == "leaf"}
    assert shapes == {"W 1": (2, 4), "b 1": (4,), "W 2": (4, 1), "b 2": (1,)}
    assert "W 1 = (2, 4)" in graph.description() and graph.values == {}
    assert all(np.array_equal(p.grad, g) for p, g in zip(model.parameters, before, strict=True)), (
        "expected grad untouched"
    )


def test_a_constant_gets_no_gradient():
    model = walked(GraphModel(Tensor(3.0, name="x") * 2))
    assert [node.kind for node in model.nodes] == ["leaf", "constant", "operation"]
    assert model.arrived(1) == [] and float(model.gradient(0)) == 2
    assert not model.reached


@pytest.mark.parametrize(
    "expression",
    [Tensor(3.0), Tensor(np.ones(3)) * 2, 5.0, lambda x: 5.0, lambda x: x, "no such label"],
    ids=["leaf", "array", "number", "constant function", "identity", "label"],
)
def test_what_has_no_graph_of_one_number_is_refused(expression):
    values = {"x": 1.0} if callable(expression) else {}
    with pytest.raises((ValueError, TypeError), match=r"expected|not callable"):
        GraphModel(expression, values)


def random_graph(rng, size):
    edges = [(int(rng.integers(v)), v) for v in range(1, size)]
    return edges + [(int(rng.integers(v)), v) for v in range(2, size) if rng.random() < 0.5]


@pytest.mark.parametrize("size", [2, 5, 9, 15])
def test_layout_goes_left_to_right_and_leaves_room(rng, size):
    for _ in range(20):
        edges = random_graph(rng, size)
        layout = layered(size, edges)
        assert all(layout.places[a][0] < layout.places[b][0] for a, b in edges)
        for layer in range(layout.layers):
            rows = sorted(row for at, row in layout.places if at == layer)
            assert all(b - a > 0.99 for a, b in pairwise(rows))
        for (a, b), route in zip(edges, layout.routes, strict=True):
            assert route[0] == layout.places[a] and route[-1] == layout.places[b]
            for at, row in route[1:-1]:  # an edge that passes a layer passes none of its nodes
                assert all(abs(row - other) > 0.6 for layer, other in layout.places if layer == at)


def test_layout_refuses_edges_that_lead_back():
    with pytest.raises(ValueError, match="expected edges to later nodes"):
        layered(2, [(1, 0)])


def test_the_chain_that_the_course_promises():
    x = Tensor(0.5, name="x")
    for _ in range(12):
        x = ops.tanh(x)
    centres = walked(GraphModel(x)).arrangements["places"].centres
    assert len(centres) == 13 and (np.diff(centres[:, 0]) > 0).all() and np.ptp(centres[:, 1]) == 0


def test_a_leaf_that_is_complete_early_cannot_be_predicted_later():
    x, y = Tensor(2.0, name="x"), Tensor(np.ones(3), name="y")
    model = GraphModel(ops.sum(y * 2) + x)  # the gradient of x comes first, those of y are arrays
    assert model.nodes[model.asked].label == "x"
    model.predict(1)
    while not model.answered:
        model.advance()
    assert model.reached and not model.finished
    with pytest.raises(ValueError, match="the gradient of x has been shown already"):
        model.predict(1)


def test_every_sentence_of_a_graph_of_arrays(rng):
    model = GraphModel(ops.sum(Tensor(rng.normal(size=(2, 3)), name="W") * np.ones(3)))
    sentences = [model.status()]
    while not model.finished:
        model.advance()
        sentences.append(model.status())
    assert len(set(sentences)) == model.length + 1
    assert "g has shape (2, 3), the gradient that goes back has shape (2, 3)" in sentences[-1]


def test_a_long_sum_is_shortened():
    x = Tensor(2.0, name="x")
    model = walked(GraphModel(((x + x) + (x + x)) + ((x + x) + (x + x)) + x + x))
    assert sum_text(model.arrived(0), most=4) == "1 + 1 + 1 + ... + 1 = 10"
    assert float(model.gradient(0)) == 10


def test_one_operation_is_an_operation():
    assert GraphModel(ops.exp, {"x": 2.0}).status() == "Only the leaves have values. Forward: 1 operation."
    two = GraphModel(lambda x: ops.exp(x) + x, {"x": 2.0})
    assert "Forward: 2 operations, oldest first." in two.status()


def test_a_result_that_is_no_number_is_not_checked_by_a_change_of_it():
    with np.errstate(invalid="ignore"):
        model = walked(GraphModel(ops.log, {"x": -1.0}))
        assert "is complete" in model.status() and "Check" not in model.status()
    assert "Check" in walked(GraphModel(ops.log, {"x": 1.0})).status()
