"""The network as the training lab draws it: units' pictures, edges, buttons on the drawing, several hidden layers."""

import numpy as np
import pytest
from matplotlib.backend_bases import GraphicsContextBase, RendererBase
from matplotlib.colors import to_rgba
from replayer import answered
from sentences import says
from test_hand import pixels, touch
from test_labs import text_of
from test_training_data import chosen

from course_lib import functional
from course_lib.labs import training_lab
from course_lib.labs.training.model import TrainingModel
from course_lib.labs.training.network import FurtherLayers, Inputs, with_units
from course_lib.labs.training.picture import STEP, THICKEST, Edges
from course_lib.pictures import style


def trained(epochs=40, **settings):
    model = TrainingModel(**{"epochs": 500} | settings)
    model.advance(epochs)
    return model


# Several hidden layers


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("", ""), ("3", "3"), (" 8 4", "8, 4"), ("8;4,2", "8, 4, 2"), ((16, 1), "16, 1"), ("\uff18, 4", "8, 4")],
)
def test_further_layers_are_read_as_they_are_typed(typed, kept):
    kind = FurtherLayers()
    assert kind.checked("deeper", typed) == kept
    assert kind.read(kind.write(kept)) == kept and " " not in kind.write(kept)


@pytest.mark.parametrize("typed", ["0", "17", "4, 4, 4, 4", "four", "4.0", "-4", "4 -", "[4]"])
def test_what_is_no_layer_is_refused(typed):
    model = trained(3)
    before = model.state()
    sentence = "further hidden layers: expected at most 3 whole numbers from 1 to 16, such as 8, 4; got " + repr(typed)
    says(ValueError, sentence, lambda: model.configure(deeper=typed))
    assert model.state() == before


def test_lines_of_earlier_versions_are_complete_and_one_layer_writes_them_still():
    model = trained(5)
    assert "deeper" not in model.state()
    deep = trained(5, deeper="3, 2")
    assert " deeper=3-2 " in deep.state()
    again = TrainingModel()
    again.resume(deep.state())
    again.advance(10**9)
    assert again.units == (4, 3, 2) and again.loss == deep.loss
    again.resume(model.state())  # which does not speak of further layers: there are none
    assert again.units == (4,)


# Inputs

ALL = "x1, x2, x1^2, x2^2, x1*x2, sin(4x1), sin(4x2)"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("x2,x1", "x1, x2"), ("x2**2 ; x1 ^ 2", "x1^2, x2^2"), (("x1*x2", "x1"), "x1, x1*x2"), (ALL, ALL)],
)
def test_inputs_are_read_as_they_are_typed(typed, kept):
    kind = Inputs()
    assert kind.checked("inputs", typed) == kept
    assert kind.read(kind.write(kept)) == kept and " " not in kind.write(kept)


@pytest.mark.parametrize("typed", ["", " , ", "x3", "x1, y", "x1 x2"])
def test_what_is_no_input_is_refused(typed):
    model = trained(3)
    before = model.state()
    with pytest.raises(ValueError, match="inputs: expected at least one of x1, x2, x1\\^2"):
        model.configure(inputs=typed)
    assert model.state() == before


def seen(x):
    """All inputs of points x (examples, 2), by hand."""
    x1, x2 = x.T
    return np.stack([x1, x2, x1**2, x2**2, x1 * x2, np.sin(4 * x1), np.sin(4 * x2)], axis=1)


@pytest.mark.parametrize(("inputs", "columns"), [("x1^2, x2^2", [2, 3]), ("x2", [1]), (ALL, [*range(7)])])
def test_the_surface_is_that_of_the_chosen_inputs(inputs, columns):
    model = trained(40, data="moons", hidden=3, inputs=inputs, rate=1.0)
    line = np.linspace(-1.5, 1.5, 9)
    plane = np.stack(np.meshgrid(line, line), axis=-1)
    for epoch in (40, 5):
        model.look_at(epoch)
        W1, b1, W2, b2 = model.weights()
        z = np.tanh(seen(plane.reshape(-1, 2))[:, columns] @ W1 + b1) @ W2 + b2
        assert np.allclose(model.surface(plane), 1 / (1 + np.exp(-z.reshape(9, 9))), atol=1e-12)


def test_the_two_coordinates_need_no_line_in_state_and_program():
    model = trained(5)
    assert "inputs" not in model.state() and "inputs" not in model.program()
    curve = trained(5, data="curve", inputs="x2^2, x1*x2")  # of these a curve has none: it gets its one coordinate
    assert curve.inputs == ("x1",) and "inputs" not in curve.program()


def test_with_squares_one_unit_solves_the_circles():
    model = trained(500, data="circles", hidden=1, inputs="x1^2, x2^2", rate=3.0, held=20)
    assert model.best == {"circles": 5} and "circles" in model.reached
    assert trained(500, data="circles", hidden=1, rate=3.0).best == {}


# What is drawn


@pytest.mark.parametrize("activation", ["tanh", "sigmoid", "relu"])
def test_each_unit_shows_its_answers_over_the_plane(activation):
    lab = training_lab(activation=activation, hidden=3, deeper="2", seed=4)
    lab.model.advance(30)
    lab.refresh()
    pictures = lab.view.network.pictures
    assert pictures.values.shape == (7, 16, 16) and len(pictures.corners) == len(pictures.sides) == 7
    line = np.linspace(-0.5, 1.5, 64)[2::4]
    x = np.stack(np.meshgrid(line, line), axis=-1).reshape(-1, 2)
    first, second = lab.model.activations(x)[:2]
    for number, answers in enumerate(np.concatenate([first, second], axis=1).T, 2):
        shown = pictures.values[number]
        if activation == "tanh":
            assert np.allclose(shown.ravel(), (answers + 1) / 2, atol=1e-12)
        elif activation == "sigmoid":
            assert np.allclose(shown.ravel(), answers, atol=1e-12)
        else:  # white is 0, and the strongest orange the largest answer
            assert np.allclose((shown.ravel() - 0.5) * 2 * max(answers.max(), 1e-9), answers, atol=1e-9)
    assert (np.diff(pictures.values[0], axis=1) > 0).all() and (np.diff(pictures.values[1], axis=0) > 0).all()


def test_edges_are_as_thick_as_weights_and_negative_ones_are_dashed():
    lab = training_lab(hidden=2)
    lab.model.advance(50)
    lab.refresh()
    edges = lab.view.network.edges
    W1, _, W2, _ = lab.model.weights()
    assert np.array_equal(edges.values, [*W1.ravel(), *W2.ravel()])
    assert np.array_equal(
        np.sign(edges.thickness[abs(edges.values) > 0.3]), np.sign(edges.values[abs(edges.values) > 0.3])
    )
    assert (abs(abs(edges.thickness) - np.minimum(1.2 * abs(edges.values), THICKEST)) <= STEP / 2 + 1e-12).all()
    seen = []

    class Renderer(RendererBase):
        def new_gc(self):
            return GraphicsContextBase()

        def draw_path(self, graphics, path, transform, face=None):
            seen.append((graphics.get_rgb(), graphics.get_dashes()[1] is not None, len(path.vertices) // 2))

    edges.draw(Renderer())
    assert {(rgb, dashed) for rgb, dashed, _ in seen} == {(to_rgba(style.ORANGE), False), (to_rgba(style.BLUE), True)}
    assert sum(count for *_, count in seen) == np.count_nonzero(edges.thickness)


def test_edges_of_numbers_that_are_not_finite_are_drawn_as_nothing():
    edges = Edges(None)
    edges.values = np.array([np.nan, np.inf, -np.inf, 1.0])
    assert edges.thickness[0] == 0 and abs(edges.thickness).max() <= THICKEST


def test_the_gradients_on_the_edges_are_those_of_finite_differences():
    lab = training_lab(hidden=3, deeper="2", seed=2)
    lab.model.advance(20)
    lab.controls["edges"].set("gradients")
    edges, network = lab.view.network.edges, lab.model.network

    def loss():
        return float(functional.binary_cross_entropy(network(lab.model.x), lab.model.y).value)

    matrices = [p for p in network.parameters if p.value.ndim == 2]
    expected = []
    for p in matrices:
        for place in np.ndindex(p.shape):
            kept = p.value[place]
            p.value[place] = kept + 1e-6
            above = loss()
            p.value[place] = kept - 1e-6
            below = loss()
            p.value[place] = kept
            expected.append((above - below) / 2e-6)
    assert np.allclose(edges.values, expected, atol=1e-8)
    assert abs(edges.thickness).max() == THICKEST  # the largest one of the moment
    lab.model.look_at(0)
    lab.refresh()
    assert not np.allclose(edges.values, expected, atol=1e-4)  # those of the weights that are looked at


# The hand


@pytest.fixture
def lab():
    return answered(training_lab())


def buttons(lab):
    return {handle["name"]: handle for handle in lab.canvas._page.handles if handle.get("sign")}


def test_buttons_on_the_drawing_change_the_network(lab):
    assert {name: each["sign"] for name, each in buttons(lab).items()} == {
        "more layers": "+",
        "fewer 0": "\N{MINUS SIGN}",
        "more 0": "+",
    }
    assert buttons(lab)["more 0"]["label"] == "layer 1: one more unit"
    for name, units in (
        ("more 0", (5,)),
        ("more layers", (5, 5)),
        ("fewer 1", (5, 4)),
        ("fewer 0", (4, 4)),
        ("more layers", (4, 4, 4)),
        ("fewer layers", (4, 4)),
    ):
        touch(lab, press=name)
        assert lab.model.units == units and not lab.error_line.value
    assert lab.controls["hidden"].value == 4 and lab.controls["deeper"].value == "4"
    assert [number.text for number in lab.view.network.numbers] == ["4", "4", "", ""]


def test_no_button_leads_beyond_the_limits(lab):
    lab.model.configure(**with_units((16, 1, 2, 3)))
    lab.refresh()
    names = {*buttons(lab)}
    assert "more layers" not in names and "fewer layers" in names
    assert "more 0" not in names and "fewer 1" not in names and {"fewer 0", "more 1", "fewer 3"} <= names
    touch(lab, press="more 0")  # a press that comes too late
    assert lab.model.units == (16, 1, 2, 3) and not lab.error_line.value


def test_the_largest_gradient_is_written_where_gradients_are_drawn(lab):
    assert lab.view.network.largest.text == ""
    lab.controls["edges"].set("gradients")
    largest = max(abs(gradient).max() for gradient in lab.model.gradients()[::2])
    assert lab.view.network.largest.text == f"largest gradient {largest:.2g}"


def parts(lab):
    """What is seen of a lab: names of its buttons on the picture, and of its axes that are drawn."""
    axes = {name for name in ("plane", "loss", "norm", "sharp") if getattr(lab.view, name).get_visible()}
    return {handle["name"] for handle in lab.canvas._page.handles}, axes


def test_a_plain_lab_shows_network_output_and_loss_until_more_is_asked_for():
    lab, whole = answered(training_lab("plain", plain=True)), answered(training_lab("whole"))
    [fold] = lab.folds
    row = lab.panel.children[1]
    assert (
        row.children == (lab.buttons["train"], lab.buttons["reset"], lab.controls["rate"].widget) and not fold.is_open
    )
    assert parts(lab) == (set(), {"plane", "loss"})
    touch(lab, click=pixels(lab, lab.view.plane, 0.5, 0.5))
    assert lab.model.settings.data == "xor"
    few = lab.canvas.frame()
    fold.button.click()
    assert parts(lab) == parts(whole) and fold.is_open and lab.canvas.frame() == whole.canvas.frame()
    lab.model.advance(3)
    fold.button.click()
    lab.model.reset()
    lab.refresh()
    assert parts(lab) == (set(), {"plane", "loss"})
    lab.model.ghosts.clear()
    lab.refresh()
    assert lab.canvas.frame() == few
    static, words = lab.static()
    assert words.endswith("below: the loss, by epoch.")
    live = lab.static_model()
    live.lower = "norms"  # as in the lab itself, where the fold hides them
    assert static == lab.picture(live)[0]


def names(axes):
    legend = axes.get_legend()
    return [text.get_text() for text in legend.get_texts()] if legend.get_visible() else []


def test_legends_name_the_lines_that_are_there_and_no_others(lab):
    view = lab.view
    assert names(view.loss) == [] and names(view.norm) == ["1", "2"]
    lab.model.advance(10)
    lab.controls["rate"].set(1.0)
    lab.model.advance(1)
    lab.refresh()
    assert names(view.loss) == ["new rate"]
    lab.model.reset()
    lab.refresh()
    assert names(view.loss) == ["earlier runs"]
    lab.model.configure(data="moons", held=20, deeper="3, 2")
    lab.refresh()
    assert names(view.loss) == ["training", "held out"] and names(view.norm) == ["1", "2", "3", "4"]


def test_inputs_are_chosen_from_small_pictures(lab):
    def on():
        return chosen(lab, "input ")[0]

    assert chosen(lab, "input ") == (["input x1", "input x2"], [f"input {name}" for name in ALL.split(", ")])
    touch(lab, press="input x1*x2")
    assert on() == ["input x1", "input x2", "input x1*x2"] and lab.controls["inputs"].value == "x1, x2, x1*x2"
    assert len(lab.view.network.pictures.values) == 7 and len(lab.view.network.edges.values) == 3 * 4 + 4
    assert not len(lab.view.units.get_xdata())  # a unit's border is no straight line now
    for name in ("x1", "x2"):
        touch(lab, press=f"input {name}")
    touch(lab, press="input x1*x2")  # the last one stays
    assert "inputs: expected at least one of" in text_of(lab.error_line) and on() == ["input x1*x2"]
    lab.model.advance(100)
    lab.refresh()
    touch(lab, press="input x2")
    assert len(lab.view.units.get_xdata()) == 0
    touch(lab, press="input x1*x2")
    assert len(lab.view.units.get_xdata()) == 12
    lab.controls["data"].set("curve")
    touch(lab, shown=lab.canvas._page._frame)
    assert len(chosen(lab, "input ")[1]) == 3 and on() == ["input x1"]


def test_units_and_edges_are_read_under_the_pointer(lab):
    lab.model.advance(20)
    lab.refresh()
    network, read = lab.view.network, lab.canvas.hand.touched
    W1, b1, W2, _ = lab.model.weights()

    def reading(x, y):
        return read({"look": pixels(lab, network.axes, x, y)})["reading"]

    assert reading(*network.places[0]) == "input x₁"
    assert reading(*network.places[3]) == f"layer 1, unit 2: bias {b1[1]:.3g}"
    for number, (layer, start, end, weight) in {
        1: (1, "x₁", "2", W1[0, 1]),
        10: (2, "3", "the output", W2[2, 0]),
    }.items():
        place = network.edges.ends[number] @ np.eye(2)
        text = reading(*(0.85 * place[0] + 0.15 * place[1]) if layer == 2 else 0.15 * place[0] + 0.85 * place[1])
        assert text.startswith(f"layer {layer}, from {start} to {end}: weight {weight:.3g}, gradient ")
    assert reading(300, 392 - 1) == ""
