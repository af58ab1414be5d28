"""Nodes of a drawn graph that the reader moves: inside the picture, off each other, kept, and their edges with them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from replayer import answered
from test_hand import touch

from course_lib import Tensor, ops
from course_lib.labs import autograd_lab, graph_lab
from course_lib.labs.autograd.model import EXPRESSIONS as PAIRS
from course_lib.labs.autograd.model import SIZE as PAIR_SIZE
from course_lib.labs.autograd.model import AutogradModel
from course_lib.labs.base.graph_places import Arrangement, Places
from course_lib.labs.base.graph_walk import drawn_edges
from course_lib.labs.graph.model import BOX, EXPRESSIONS, GAP, SIZE, GraphModel, arranged

pytestmark = pytest.mark.usefixtures("only_my_labs")

NEURON = "neuron: (sigmoid(x*w + b) - y)**2"
MODELS = [(GraphModel, label) for label in EXPRESSIONS] + [(AutogradModel, label) for label in PAIRS]


def chain(length):
    x = Tensor(0.5, name="x")
    for _ in range(length):
        x = ops.tanh(x)
    return x


def places_of(model):
    """For each graph (arrangement, its centres now)."""
    return [(a, a.with_moved(model.settings[name])[0]) for name, a in model.arrangements.items()]


def expect_apart(model):
    for arrangement, centres in places_of(model):
        for number, centre in enumerate(centres):
            away = np.abs(centres[:number] - centre)
            assert (away >= arrangement.box - 1e-9).any(axis=1).all(), f"{model.label}: node {number} lies on another"


# Where nodes may be


@settings(max_examples=30)
@given(
    which=st.sampled_from(MODELS),
    drags=st.lists(st.tuples(st.integers(0, 99), st.floats(-200, 1200), st.floats(-200, 700)), min_size=1, max_size=12),
)
def test_wherever_the_hand_goes_nodes_stay_inside_and_apart_and_the_state_goes_back_there(which, drags):
    kind, label = which
    model = kind(label)
    for number, x, y in drags:
        name = list(model.arrangements)[number % len(model.arrangements)]
        node = number % len(model.arrangements[name].centres)
        model.move_node(name, node, x, y)
        expect_apart(model)
    for arrangement, centres in places_of(model):
        assert (centres > arrangement.box / 2).all() and (centres + arrangement.box / 2 < PAIR_SIZE).all()
    other = kind()
    other.resume(model.state())
    assert other.state() == model.state() and other.description() == model.description()
    assert all(np.array_equal(a, b) for (_, a), (_, b) in zip(places_of(model), places_of(other), strict=True))
    model.lay_out()
    assert not model.is_moved and "places" not in model.state()


def test_a_free_place_is_taken_as_it_is():
    model = GraphModel("x*x + x")
    model.move_node("places", 1, 500.4, 100.6)
    assert model.settings["places"] == {1: (500, 101)} and model.state().split()[3] == "places=1:500:101"


@pytest.mark.parametrize(
    ("by", "side"),
    [((100, 5), (1, 0)), ((100, -30), (1, 0)), ((-100, 5), (-1, 0)), ((9, -60), (0, -1))],
)
def test_beside_another_node_it_slides_and_behind_its_middle_it_hops_over(by, side):
    model = GraphModel("x*x + x")
    arrangement = model.arrangements["places"]
    reach = arrangement.box + np.array(GAP) * arrangement.box[0] / BOX[0]
    model.move_node("places", 2, *(arrangement.centres[1] + by))
    away = np.array(model.settings["places"][2]) - arrangement.centres[1]
    wanted = np.where(np.array(side) != 0, side * reach, by)
    assert away == pytest.approx(wanted, abs=1), "at its side, and along it where the hand is"


def test_the_nearest_free_place_is_the_nearest_of_all(rng):
    centres = rng.uniform((100, 60), (860, 320), size=(5, 2))
    arrangement = Arrangement(centres, [], [], (92, 58), (20, 20), (0, 0, *SIZE))
    every = np.stack(np.meshgrid(np.arange(46, 915), np.arange(29, 352)), axis=-1).reshape(-1, 2)
    for node in range(5):
        others = np.delete(centres, node, axis=0)
        free = every[(np.abs(every[:, None] - others) >= (112, 78)).any(axis=2).all(axis=1)]
        for wanted in rng.integers((0, 0), SIZE, size=(20, 2)):
            best = np.hypot(*(free - wanted).T).min()
            found = arrangement.free_place(node, wanted, {})
            assert np.hypot(*np.subtract(found, wanted)) == pytest.approx(best)
            assert (np.abs(found - others) >= (112, 78)).any(axis=1).all()


def test_a_node_stays_where_it_is_when_nothing_is_free():
    centres = [(x, 50) for x in range(60, 400, 60)]
    assert Arrangement(centres, [], [], (80, 40), (60, 60), (0, 0, 420, 100)).free_place(2, (200, 50), {}) is None
    model = GraphModel(chain(30))
    model.arrangements["places"].free_place = lambda *_: None
    model.move_node("places", 3, 500, 200)
    assert not model.is_moved


# The state


def test_a_state_without_places_is_as_it_was():
    model = GraphModel()
    model.move_node("places", 0, 300, 300)
    model.resume("graph expression=x*y_+_y values=x:3.0,y:2.0 done=2")
    assert model.settings["places"] == {} and not model.is_moved


@pytest.mark.parametrize(
    "places",
    [
        "7:300:300",
        "-1:300:300",
        "0:5:300",
        "0:300:2000",
        "0:300:300,1:310:310",
        "0:480:249",
        "0:300",
        "0:a:b",
        "",
        "0:1.5:2",
    ],
)
def test_a_state_whose_places_cannot_be_gives_a_sentence_and_changes_nothing(places):
    model = GraphModel(NEURON)
    model.advance(3)
    model.move_node("places", 2, 600, 300)
    kept = model.state(), model.status(), model.description(), model.edges
    with pytest.raises(ValueError, match=r"places: expected (nodes from 0 to 2|a place of two whole numbers)"):
        model.resume(f"graph expression=x*x_+_x values=x:3.0 places={places} done=2")
    assert (model.state(), model.status(), model.description(), model.edges) == kept


@pytest.mark.parametrize("nonsense", [None, 3, [1], {0: 3}, {0: (1, 2, 3)}, {0: (1.5, 2)}, {"a": (1, 2)}])
def test_what_is_no_place_is_refused(nonsense):
    with pytest.raises(ValueError, match="expected a place of two whole numbers for each moved node"):
        GraphModel().configure(places=nonsense)
    assert Places().checked("places", {2: (1, 2), 0: (3, 4)}) == {0: (3, 4), 2: (1, 2)}


@pytest.mark.parametrize(
    ("kind", "first", "second"), [(GraphModel, "x*x + x", "x*y + y"), (AutogradModel, "x*x + x", NEURON)]
)
def test_another_expression_has_its_own_layout_and_other_numbers_keep_it(kind, first, second):
    model = kind(first)
    model.advance(2)
    model.move_node("places", 1, 500, 300)
    assert model.done == 2, "moving a node is no step, and no new start"
    model.configure(expression=first)
    assert model.is_moved
    model.reset()
    assert model.is_moved, "back to the start, in the reader's arrangement"
    if kind is GraphModel:
        model.set_value("x", -2)
        assert model.is_moved
    model.configure(expression=second)
    assert not model.is_moved


def test_a_value_that_makes_another_graph_makes_another_layout():
    model = GraphModel(lambda x: x * x if float(x.value) > 0 else x * x + x, {"x": 1.0})
    model.move_node("places", 1, 500, 300)
    model.set_value("x", 2)
    assert model.is_moved
    model.set_value("x", -2)
    assert not model.is_moved and len(model.nodes) == 3


def test_the_reader_s_own_expression_keeps_its_arrangement_in_a_twin():
    model = GraphModel(lambda W, s: ops.sum(W * W) * s, {"W": np.ones(3), "s": 2.0})
    model.move_node("places", 2, 400, 300)
    assert model.twin().settings["places"] == model.settings["places"] == {2: (400, 300)}


# Edges


def inside(curve, centre, half):
    return (np.abs(curve - centre) < half).all(axis=1)


@pytest.mark.parametrize("label", EXPRESSIONS)
def test_edges_lead_from_box_to_box_wherever_these_are(label, rng):
    model = GraphModel(label)
    arrangement = model.arrangements["places"]
    for _ in range(10):
        model.move_node("places", int(rng.integers(len(model.nodes))), *rng.uniform((0, 0), SIZE))
        centres, routes = arrangement.with_moved(model.settings["places"])
        for (source, target), (curve, way, _) in zip(
            arrangement.edges, drawn_edges(arrangement.edges, routes, arrangement.box), strict=True
        ):
            half = arrangement.box / 2
            for place, node, sign in ((curve[0], source, 1), (curve[-1], target, -1)):
                away = place - centres[node]
                axis = int(way[1] != 0)
                assert (
                    away[axis] == pytest.approx(sign * way[axis] * half[axis]) and abs(away[1 - axis]) < half[1 - axis]
                )
            for node in (source, target):
                assert not inside(curve[1:-1], centres[node], half - 1).any(), (
                    "an edge does not run through its own boxes"
                )


@pytest.mark.parametrize("moved", [{}, {0: (800, 200)}, {2: (300, 60)}])
def test_edges_that_end_at_one_side_of_a_node_end_apart(moved):
    arrangement = GraphModel("x*x + x").arrangements["places"]
    _, routes = arrangement.with_moved(moved)
    drawn = drawn_edges(arrangement.edges, routes, arrangement.box)
    ends = np.array([curve[end] for curve, _, _ in drawn for end in (0, -1)])
    gaps = [np.hypot(*(a - b)) for number, a in enumerate(ends) for b in ends[:number]]
    assert min(gaps) > 15
    if not moved:  # two edges of x end at the left side of multiply, and its own leaves from the right one's middle
        (first, second), (leaving,) = ends[[1, 3]], ends[[4]]
        assert [(first + second)[1] / 2, leaving[1]] == pytest.approx([arrangement.centres[1][1]] * 2)


def test_an_edge_gives_way_to_a_node_that_is_put_on_it():
    arrangement = arranged(3, [(0, 1), (0, 1), (1, 2), (0, 2)])
    passing = arrangement.with_moved({})[1][3]
    below = passing[1] if len(passing) > 2 else passing.mean(axis=0)
    moved = {1: (int(below[0]), int(below[1]) + 3)}
    centres, routes = arrangement.with_moved(moved)
    curve, _, _ = drawn_edges(arrangement.edges, routes, arrangement.box)[3]
    assert not inside(curve, centres[1], arrangement.box / 2).any()
    pair = Arrangement(
        [(100, 200), (500, 300), (800, 200)], [(0, 2)], [[(100, 200), (800, 200)]], (92, 58), (9, 9), (0, 0, 960, 380)
    )
    for place, passed in (((450, 190), True), ((450, 320), False)):
        centres, routes = pair.with_moved({1: place})
        assert (len(routes[0]) > 2) == passed
        assert not inside(drawn_edges(pair.edges, routes, pair.box)[0][0], centres[1], pair.box / 2).any()


@pytest.mark.parametrize("label", EXPRESSIONS)
def test_numbers_on_edges_lie_on_no_node_and_on_no_other_numbers(label):
    lab = graph_lab(label)
    view = lab
    half = np.array(view.box) / 2
    for number, label_ in enumerate(view._middles):
        place = np.array(label_[:2])
        assert not inside(np.array(view._centres), place, half + 8).any()
        others = np.array([other[:2] for other in view._middles[:number]]).reshape(-1, 2)
        assert not inside(others, place, np.array((30, 20)) * view.scale).any()


# The labs


@pytest.fixture(params=[graph_lab, autograd_lab])
def lab(request):
    lab = answered(request.param("x*x + x"))
    yield lab
    lab.close()


def handles(lab):
    return {each["name"]: each for each in lab.canvas._page.handles}


def test_a_message_from_the_page_moves_the_node_its_texts_and_its_edges(lab):
    view, density = lab, lab.canvas.figure.dpi / 100
    before, edges, static = handles(lab)["places 1"], view.edges.get_xydata().copy(), lab.static()
    assert before["label"].startswith("Node multiply at ")
    assert before["size"] == pytest.approx(density * lab.model.arrangements["places"].box)
    touch(lab, drag="places 1", to=[density * 400, density * 100])
    height = lab.size[1]
    assert not lab.error_line.value and lab.model.settings["places"] == {1: (400, height - 100)}
    assert handles(lab)["places 1"]["at"] == pytest.approx([density * 400, density * 100])
    box = view._boxes[1] if lab.model.kind() == "graph" else view._boxes[0][1][0]
    assert (box.get_x() + box.get_width() / 2, box.get_y() + box.get_height() / 2) == pytest.approx((400, height - 100))
    moved = view.edges.get_xydata()
    assert moved.shape != edges.shape or not np.allclose(np.nan_to_num(moved), np.nan_to_num(edges))
    data, text = lab.static()
    assert data != static[0] and text == f"{static[1]} Moved by hand: multiply."
    assert not lab.buttons["layout"].disabled
    lab.buttons["layout"].click()
    assert lab.buttons["layout"].disabled and lab.static() == static and handles(lab)["places 1"] == before


def test_arrow_keys_move_a_node_and_stop_at_the_edge_of_the_picture(lab):
    touch(lab, push="places 1", by=[1, 0])
    first = lab.model.settings["places"][1]
    touch(lab, push="places 1", by=[10, 0])
    assert lab.model.settings["places"][1][0] - first[0] == pytest.approx(0.1 * lab.size[0], abs=1)
    for _ in range(30):
        touch(lab, push="places 1", by=[0, -10])
    _, y = lab.model.settings["places"][1]
    assert y <= lab.size[1] - lab.model.arrangements["places"].box[1] / 2 and not lab.error_line.value


def test_moving_a_node_does_not_hasten_a_run(lab):
    lab.model.advance(1)
    lab.running, lab._next = True, 1e9
    touch(lab, push="places 0", by=[0, 5])
    assert lab._next == 1e9 and lab._wake.is_set() and lab.model.is_moved and lab.model.done == 1
    lab.running = False


def test_another_expression_takes_the_handles_of_nodes_that_are_gone_away():
    lab = answered(graph_lab(NEURON))
    assert len(handles(lab)) == len(lab.model.nodes) == 9
    lab.controls["expression"].set("x*x + x")
    assert set(handles(lab)) == {"places 0", "places 1", "places 2"}
    touch(lab, drag="places 8", to=[0, 0])  # a message that comes too late
    assert not lab.model.is_moved and not lab.error_line.value
    lab.close()


def test_nodes_of_pytorch_s_graph_are_handles_once_they_are_to_be_seen():
    lab = answered(autograd_lab("x*x + x"))
    assert set(handles(lab)) == {"places 0", "places 1", "places 2"}
    lab.buttons["step"].click()
    assert set(handles(lab)) == {"places 0", "places 1", "places 2", "their_places 2"}
    assert handles(lab)["their_places 2"]["label"].startswith("Node AddBackward0 of PyTorch at ")
    touch(lab, drag="their_places 2", to=[300, 0])
    assert lab.model.settings["their_places"][2][1] <= 206 - 26, "it stays in its half"
    lab.buttons["reset"].click()
    assert set(handles(lab)) == {"places 0", "places 1", "places 2"} and lab.model.is_moved
    lab.close()


def test_a_page_draws_arrow_heads_anew(lab):
    heads = lab.heads if lab.model.kind() == "autograd" else lab.heads[1]
    before = len(heads.get_path().vertices)
    lab.model.advance(lab.model.most)
    heads.stale = False  # as a page leaves it
    lab.show()
    assert heads.stale and len(heads.get_path().vertices) > before
