"""The two graphs of the autograd lab: ours is read here, PyTorch's here or from the record."""

import numpy as np
import pytest

from course_lib import Tensor, frameworks, ops
from course_lib.labs.autograd.model import EXPRESSIONS, AutogradModel
from course_lib.labs.autograd.tape import Tape

NODES = {  # label: (nodes here, nodes in PyTorch)
    "x*x + x": (3, 3),
    "b*b with b = a + a": (3, 3),
    "exp(x) / (exp(x) + 1)": (4, 4),
    "neuron: (sigmoid(x*w + b) - y)**2": (9, 9),
    "XOR net 2-4-1 with its loss": (7, 10),
}


@pytest.fixture(params=["recorded", "as installed"], autouse=True)
def state(request, monkeypatch):
    """Every test runs with the record, and again with whatever is installed."""
    if request.param == "recorded":
        monkeypatch.setenv(frameworks.RECORDED_ONLY, "recorded")
    return request.param


def finished(label):
    model = AutogradModel(label)
    model.advance(model.most)
    return model


@pytest.mark.parametrize("label", EXPRESSIONS)
def test_the_number_of_nodes(label):
    model = AutogradModel(label)
    assert (len(model.ours.labels), len(model.theirs.labels)) == NODES[label]


@pytest.mark.parametrize("label", EXPRESSIONS)
def test_each_node_of_ours_has_its_part_of_the_other_graph(label):
    model = finished(label)
    assert sorted(set(model.groups)) == list(range(len(model.ours.labels)))
    leaves = [i for i, label in enumerate(model.theirs.labels) if label == "AccumulateGrad"]
    ours = {target for _, target in model.ours.edges}
    assert {model.groups[i] for i in leaves} == set(range(len(model.ours.labels))) - ours
    assert len(leaves) == len({model.groups[i] for i in leaves})


@pytest.mark.parametrize("label", EXPRESSIONS)
def test_an_edge_here_is_a_path_there(label):
    model = AutogradModel(label)
    there = {(model.groups[a], model.groups[b]) for a, b in model.theirs.edges}
    assert {edge for edge in there if edge[0] != edge[1]} == set(model.ours.edges)


@pytest.mark.parametrize("label", EXPRESSIONS)
def test_the_gradients_are_equal(label):
    model = finished(label)
    assert max(difference for _, difference in model.gradients) < 1e-12
    assert "(below 1e-12)" in model.description()


def test_the_gradients_are_those_of_the_chain_rule():
    model = AutogradModel("exp(x) / (exp(x) + 1)")
    x = Tensor(1.0)
    ops.sigmoid(x).backward()
    assert model.gradients[0][0] == pytest.approx(float(x.grad))


def test_the_gradient_goes_from_the_loss_to_the_leaves():
    model = AutogradModel()
    seen = []
    while not model.finished:
        model.advance()
        seen.append(model.current)
        assert model.met(model.current) and model.status()
    assert sorted(seen) == list(range(len(model.ours.labels))) and model.ours.labels[seen[0]] == "binary_cross_entropy"
    assert all(seen.index(target) < seen.index(source) for source, target in model.ours.edges)


def test_a_dense_layer_is_a_product_a_sum_and_tanh():
    model = AutogradModel()
    layer = model.ours.labels.index("dense")
    assert sorted(model.members(layer)) == [
        "AddBackward0",
        "MmBackward0",
        "TanhBackward0",
    ]


def test_a_prediction_counts_only_in_time():
    model = AutogradModel()
    model.predict(10)
    assert not model.reached
    model.advance(model.most)
    assert model.reached
    with pytest.raises(ValueError, match="can be seen already"):
        model.predict(9)
    model.reset()
    assert model.predicted is None and not model.reached
    model.predict(9)
    model.advance(model.most)
    assert not model.reached


@pytest.mark.parametrize("number", [0, -3, 2.5])
def test_a_prediction_is_a_whole_number(number):
    with pytest.raises(ValueError, match="expected a whole number from 1"):
        AutogradModel().predict(number)


def test_a_pair_computes_as_its_numbers_do():
    tape, two, i = Tape(), np.full((2, 2), 2.0), np.eye(2)
    x, y, W = tape.leaf("x", 3.0), tape.leaf("y", 2.0), tape.leaf("W", two)
    made = [x + y, x - y, x * y, x / y, x**2, 1 + x, 4 * x, 2 - x]
    assert [pair.ours.value for pair in made] == [5, 1, 6, 1.5, 9, 4, 12, -1]
    assert np.array_equal((W @ tape.leaf("I", i)).ours.value, two)


def test_an_unknown_expression_is_refused():
    with pytest.raises(ValueError, match="expected one of x"):
        AutogradModel("x*y*z")


def test_an_expression_of_ones_own_needs_pytorch(state):
    if frameworks.pytorch.installed:
        model = AutogradModel(lambda x, y: (2 - x) * y + 3 * x / y - x**2 + (1 + y), {"x": 3.0, "y": 2.0})
        assert model.here and max(difference for _, difference in model.gradients) < 1e-12
        assert model.gradients[0][0] == pytest.approx(-2.0 + 1.5 - 6.0)
        assert (
            len(AutogradModel(lambda W, x: (x @ W) @ x, {"x": np.ones((1, 1)), "W": np.ones((1, 1))}).ours.labels) == 4
        )
        with pytest.raises(ValueError, match="a single number"):
            AutogradModel(lambda x: x * 2, {"x": np.ones(3)})
        with pytest.raises(ValueError, match="at least one operation"):
            AutogradModel(lambda x: x, {"x": 1.0})
    else:
        with pytest.raises(ValueError, match=r"need PyTorch\. PyTorch is not installed here"):
            AutogradModel(lambda x: x * x, {"x": 3.0})


def test_the_origin_is_said():
    model = AutogradModel()
    assert model.origin().endswith("computed here" if frameworks.pytorch.installed else "recorded")
    assert model.origin() in model.description()
