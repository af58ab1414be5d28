"""The data of the training lab: formulas, own points, noise, examples held out, a curve; and what regularises."""

import asyncio
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from replayer import answered
from sentences import says
from test_hand import pixels, touch
from test_labs import text_of

from course_lib import functional
from course_lib.labs import training_lab
from course_lib.labs.training import data as points
from course_lib.labs.training.data import DATA, EDGE, MOST, FormulaText, Points, examples, read_table, written
from course_lib.labs.training.formula import Formula
from course_lib.labs.training.model import TrainingModel
from course_lib.labs.training.picture import DATA_SIDE, SHOWN
from course_lib.tools.curvature import sharpness


def model_of(**changes):
    return TrainingModel(**{"epochs": 400} | changes)


def trained(epochs, /, **changes):
    model = model_of(**changes)
    model.advance(epochs)
    return model


# Formulas

X = np.array([-1.3, -0.4, 0.2, 1.1])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x", X),
        ("0.8*sin(2*x)", 0.8 * np.sin(2 * X)),
        ("-x^2 + 1", 1 - X * X),
        ("2 ** -x", 2.0**-X),
        ("2**3**0.5", np.full(4, 2 ** (3**0.5))),
        ("1 - 2 - 3", np.full(4, -4.0)),
        ("8 / 4 / 2", np.full(4, 1.0)),
        ("abs(x) - .5", np.abs(X) - 0.5),
        ("exp(x)/(1 + exp(x))", 1 / (1 + np.exp(-X))),
        ("tanh(pi*x) * e", np.tanh(np.pi * X) * np.e),
        ("--x", X),
        ("1e-1*x", 0.1 * X),
        ("\uff12*x", 2 * X),
    ],
)
def test_a_formula_has_the_values_that_mathematics_gives_it(text, expected):
    formula = Formula(text)
    assert np.allclose(formula(X), expected, rtol=1e-12)
    assert np.allclose(eval(formula.numpy, {"np": np, "x": X}) + 0 * X, expected, rtol=1e-12)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("", "after '...'"),
        ("sin x", "after 'sin' expected (, got 'x'"),
        ("x +", "after 'x+'"),
        ("(x", "after '(x' expected ), got 'the end'"),
        ("x y", "after 'x'"),
        ("y", "got 'y'"),
        ("x[0]", "got '['"),
        ("x.real", "got '.'"),
        ("__import__('os').abort()", "got '__import__'"),
        ("lambda x: x", "got 'lambda'"),
        ("sin(x", "expected )"),
        ("x; x", "got ';'"),
        ("x/1e400", "after 'x/' expected a number"),
    ],
)
def test_what_is_no_formula_is_refused_with_its_place(text, place):
    with pytest.raises(ValueError, match=r"^formula: ") as problem:
        Formula(text)
    assert place in str(problem.value)
    with pytest.raises(ValueError, match=r"^formula: "):
        model_of().configure(formula=text)


def test_a_formula_is_short_and_has_a_value_everywhere():
    with pytest.raises(ValueError, match="at most 80 characters, got 81"):
        Formula("x" + " + x" * 20)
    for text, place in (("sqrt(x)", "-1.40"), ("1/x", "0.00"), ("log(x - 1)", "-1.40")):
        with pytest.raises(ValueError, match=f"got none at x = {place}"):
            FormulaText("x").checked("formula", text)
    for text, got in (("1e308*x", r"-1\.4e\+308 at x = -1\.40"), ("x**100", r"4\.1e\+14 at x = -1\.40")):
        with pytest.raises(ValueError, match=f"expected values from -1,000,000 to 1,000,000, got {got}"):
            FormulaText("x").checked("formula", text)


@settings(max_examples=200)
@given(st.text(st.sampled_from("x0123456789.+-*/^() episncotabh_[]"), max_size=30))
def test_any_text_is_a_formula_or_a_sentence(text):
    try:
        formula = Formula(text)
    except ValueError as problem:
        assert str(problem).startswith("formula: ")
    else:
        assert formula(X).shape == X.shape


# Tables of points


def test_a_table_is_read_whatever_separates_its_cells():
    points = ((0.1, 0.2, 0), (-0.5, 1.0, 1))
    for text in (
        "0.1,0.2,0\n-0.5,1,1",
        "0.1; 0.2; 0\n-0.5; 1; 1\n",
        "0.1\t0.2\t0\n-0.5\t1\t1",
        "0.1 0.2 0\n\n-0.5 1 1",
    ):
        assert read_table(text) == (points, [])
    assert read_table("x1, x2, label\n" + written(points)) == (points, [])
    assert read_table("\n \nx1, x2, label\n" + written(points)) == (points, [])
    assert read_table('"a","b","c"\n0.1,0.2,"no"\n-0.5,1,"yes"') == (points, ["class 0 is no, class 1 is yes"])


@pytest.mark.parametrize("count", [2, MOST])
def test_as_many_points_as_are_allowed_are_read(count):
    assert len(read_table("1,1,0\n0,1,1\n" * (count // 2))[0]) == count


def test_columns_beyond_the_plane_are_scaled_and_that_is_said():
    points, notes = read_table("150,0.5,1\n190,0.25,0\n170,-1,1")
    assert points == ((-1.2, 0.5, 1), (1.2, 0.25, 0), (0.0, -1.0, 1))
    assert notes == ["x1 was scaled from 150..190 to -1.2..1.2"]
    points, notes = read_table("1e308,7,1\n-1e308,7,0\n5e307,7,0")
    assert points == ((1.2, -1.2, 1), (-1.2, -1.2, 0), (0.6, -1.2, 0))
    assert notes[0] == "x1 was scaled from -1e+308..1e+308 to -1.2..1.2"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "expected rows of two numbers and a label, got none at all"),
        (" \n,,\n", "expected rows of two numbers and a label, got none at all"),
        ("x1,x2,label", "expected rows of two numbers and a label, got a heading alone: 'x1, x2, label'"),
        ("0,0,0;0,1,1", "expected rows of two numbers and a label, got a heading alone: '0,0,0, 0,1,1'"),
        ("1,1,a\n1,0,b\n0,1,c", "expected rows with two labels, got 3: a, b, c"),
        ("1,1,a\n1,0,a", "expected rows with two labels, got 1: a"),
        (
            "x,y,z\n1,1,0\n1,1\n1,two,0\n0,nan,1\n,,\n1,1,1,1",
            "expected two numbers and a label in each row; 4 cannot be read: row 3: '1, 1'; row 4: '1, two, 0'; "
            "row 5: '0, nan, 1'",
        ),
        ("nan,1,0\n1,1,1", "expected two numbers and a label in each row; 1 cannot be read: row 1: 'nan, 1, 0'"),
        ("1,5;2;0\n1;2;1", "expected two numbers and a label in each row; 1 cannot be read: row 1: '1,5, 2, 0'"),
        (
            "0,1,a\n" + '"' + "a" * 140_000 + '",1,b',
            "expected two numbers and a label in each row; 1 cannot be read: row 2: '\"" + "a" * 39 + "'",
        ),
        ("1,1,0", "own points: expected 2 to 500 of them, got 1"),
        ("1,1,0\n" * (MOST + 1), f"own points: expected 2 to 500 of them, got more than {MOST}"),
    ],
)
def test_rows_that_cannot_be_used_are_named(text, sentence):
    says(ValueError, sentence, lambda: read_table(text))


@settings(max_examples=60)
@given(st.lists(st.tuples(st.floats(-EDGE, EDGE), st.floats(-EDGE, EDGE), st.integers(0, 1)), min_size=2, max_size=9))
def test_points_come_back_from_the_line_and_from_the_box(points):
    kind = Points()
    kept = kind.checked("points", points)
    assert kind.checked("points", kind.read(kind.write(kept))) == kept
    assert read_table(written(kept))[0] == kept
    assert np.allclose(np.array(kept), np.array(points), atol=6e-4)


# Data


def test_a_border_divides_the_classes_and_noise_moves_points_across():
    model = model_of(data="border", formula="x**2 - 0.5")
    above = model.x[:, 1] > model.x[:, 0] ** 2 - 0.5
    assert np.array_equal(model.y[:, 0], above) and 0.3 < above.mean() < 0.8
    noisy = model_of(data="border", formula="x**2 - 0.5", noise=0.3)
    assert np.array_equal(noisy.y, model.y) and not np.array_equal(noisy.x, model.x)
    assert np.std(noisy.x - model.x) == pytest.approx(0.3, rel=0.1)


@pytest.mark.parametrize(("held", "count"), [(0, 0), (25, 50), (50, 100)])
def test_held_out_examples_are_not_trained_on(held, count):
    model, (x, _) = model_of(data="moons", held=held), examples(model_of(data="moons").settings)[0]
    assert len(model.x_held) == count and len(model.x) == 200 - count
    together = np.concatenate([model.x, model.x_held])
    assert np.array_equal(np.sort(together, axis=0), np.sort(x, axis=0))
    model.advance(30)
    losses = model.held_out_losses()
    if not count:
        assert losses == {} and model.held_loss is None and "held out" not in model.status()
        return
    assert [*losses] == [*model.snapshots]
    z = model.network(model.x_held).value
    assert losses[30] == pytest.approx(float(functional.binary_cross_entropy(z, model.y_held)))
    assert f", held out {model.held_loss:.4f}, training accuracy" in model.status() and model.held_loss == losses[30]
    model.look_at(10)
    assert model.held_loss == losses[10]


def test_noise_leaves_a_reader_s_own_points_where_they_were_put():
    model = model_of(data="moons", noise=0.5)
    seen = np.concatenate([model.x, model.x_held]).clip(-EDGE, EDGE)
    assert np.abs(model.x).max() > EDGE
    model.add_point(0.5, 0.25, 1)
    assert np.allclose(model.x[:-1], seen, atol=1e-3) and model.x[-1].tolist() == [0.5, 0.25]
    assert "normal" not in model.program() and "normal" not in model.numpy_program().split("rng =")[0]


def test_a_curve_is_fitted_with_the_squared_error():
    model = trained(300, data="curve", optimizer="Adam", rate=0.03, hidden=6, formula="x**2 - 0.5")
    assert model.x.shape == (40, 1) and np.allclose(model.y, model.x**2 - 0.5)
    error = model.network(model.x).value - model.y
    assert model.loss == pytest.approx(float(np.mean(error**2))) and model.loss < 0.01
    assert model.accuracy is None and not model.solved and "accuracy" not in model.status()
    noisy = model_of(data="curve", formula="x**2 - 0.5", noise=0.1)
    assert np.array_equal(noisy.x, model.x) and np.std(noisy.y - model.y) == pytest.approx(0.1, rel=0.4)


# What is said of the steps


def test_steps_that_are_too_long_are_said_early_with_the_rate_that_is_not():
    model = model_of(rate=30.0)
    model.advance(25)
    rose, of = model.late_rises
    assert of == 20 and rose == int(np.sum(np.diff(model.losses[5:26]) > 0)) >= 5 and model.too_long
    assert f"the steps are too long: the loss rose in {rose} of the last 20 epochs" in model.status()
    sharpest = []
    for epochs in (399, 400):  # steps between two sides of a valley; on which one an epoch ends, rounding decides
        sharp = trained(epochs, data="border", formula="x**2 - 0.5", held=25, deeper="4")
        value, _ = sharpness(sharp.network, (sharp.x, sharp.y), loss=functional.binary_cross_entropy)
        said, epoch = sharp.sharpness_lately()
        assert sharp.too_long and said == pytest.approx(value, rel=0.05) and epoch == epochs
        allowed = f"at epoch {epochs} allows rates up to 2/{said:.3g} = {2 / said:.3g}"
        assert (allowed in sharp.status()) == (value > 2 / 0.5)
        sharpest.append(value)
    assert min(sharpest) < 2 / 0.5 < max(sharpest)


def test_a_sharpness_is_said_with_the_epoch_at_which_it_was_measured():
    model = trained(200, data="spirals", rate=2.0, hidden=8)
    true, said = {}, 0
    for epoch in range(201, 260):
        model.advance()
        true[epoch], _ = sharpness(model.network, (model.x, model.y), loss=functional.binary_cross_entropy)
        sentence = re.search(r"the sharpness (\S+) at epoch (\d+) allows", model.status())
        if sentence:
            said += 1
            assert float(sentence[1]) == pytest.approx(true[int(sentence[2])], rel=0.02)
    assert said > 10


def test_the_sharpness_is_that_of_the_epoch_shown_also_between_two_that_are_stored():
    model = trained(401, data="curve", formula="x**2 - 0.5", epochs=1000)  # steps between two sides of a valley
    model.lower = "sharpness"
    value, _ = sharpness(model.network, (model.x, model.y), loss=functional.mean_squared_error)
    assert 401 not in model.snapshots and model.sharpness == pytest.approx(value, rel=0.02)
    assert f"sharpness {model.sharpness:.3g}, {'above' if value > 4 else 'below'} 2/rate = 4" in model.status()


@pytest.mark.parametrize("seed", [2, 5])
@pytest.mark.parametrize("deeper", ["", "3"])
def test_the_sharpness_with_relu_is_that_of_the_piece_where_the_weights_lie(seed, deeper):
    """Not of the jump to the next one, which lies at the weights where a unit has never answered."""
    model = trained(5, activation="relu", rate=0.3, seed=seed, deeper=deeper)
    on, shapes = [answers > 0 for answers in model.activations(model.x)[:-1]], [w.shape for w in model.weights()]

    def loss(flat):
        parts = np.split(flat, np.cumsum([np.prod(shape) for shape in shapes])[:-1])
        *hidden, W, b = (part.reshape(shape) for part, shape in zip(parts, shapes, strict=True))
        x = model.x
        for W_hidden, b_hidden, answering in zip(hidden[::2], hidden[1::2], on, strict=True):
            x = (x @ W_hidden + b_hidden) * answering
        z = x @ W + b
        return np.mean(np.logaddexp(0, z) - model.y * z)

    w, nudges, signs = (
        model.flat_weights(),
        1e-4 * np.eye(len(model.flat_weights())),
        [(1, 1), (1, -1), (-1, 1), (-1, -1)],
    )
    hessian = [[sum(s * t * loss(w + s * u + t * v) for s, t in signs) / 4e-8 for u in nudges] for v in nudges]
    assert model.sharpness == pytest.approx(np.linalg.eigvalsh(hessian).max(), rel=0.01)


def test_steps_are_called_too_long_only_of_one_rate():
    """The rate that is set now did not raise the loss in the epochs before."""
    model = TrainingModel(seed=1, rate=20.0, epochs=100)
    model.advance(40)
    assert model.too_long
    model.configure(rate=0.1)
    assert "the steps are too long" in model.status()  # no step has used it
    model.advance(1)
    assert model.late_rises[0] >= 5 and not model.too_long and "too long" not in model.status()
    assert "the loss rose in" in model.status()


def test_a_diverged_run_is_told_the_largest_of_its_rates():
    model = TrainingModel(activation="relu", scale=10.0, hidden=8, seed=0, rate=30.0)
    while model.loss < 500:
        model.advance(1)
    model.configure(rate=0.001)
    model.advance(1)
    if not model.problem:
        model.configure(rate=30.0)
        model.advance(1000)
    assert model.problem and "try a learning rate smaller than 30" in model.problem


def test_weight_decay_belongs_to_the_sharpness_of_gradient_descent_alone():
    """Its step follows loss + decay/2 |w|^2; the other rules scale the slopes of the loss, and let the weights decay beside."""
    for optimizer, share in (("GradientDescent", 1.0), ("Momentum", 0.0), ("RMSProp", 0.0), ("Adam", 0.0)):
        model = TrainingModel(optimizer=optimizer, decay=0.1, rate=0.01)
        direct, _ = sharpness(model.network, (model.x, model.y), loss=functional.binary_cross_entropy)
        assert model.sharpness == pytest.approx(direct + 0.1 * share, rel=1e-3)


def test_steps_are_not_called_too_long_where_weight_decay_raises_the_loss():
    model = trained(200, decay=0.05)
    assert model.late_rises[0] >= 5 and model.sharpness < 2 / 0.5
    assert "too long" not in model.status() and "the loss rose in" in model.status()


def test_rounding_at_rest_is_no_rise():
    model = trained(40)
    rest = model.losses[40]
    model.losses[:41] = [rest, rest + 3 * np.spacing(rest)] * 20 + [rest]
    assert np.sum(np.diff(model.losses[:41]) > 0) == 20
    assert model.late_rises == (0, 20) and "rose" not in model.status()


def test_one_rise_in_thousands_of_epochs_is_not_said_to_be_none():
    model = trained(5000, rate=3.0, epochs=5000)
    rises = int(np.sum(np.diff(model.losses[:5001]) > 0))
    assert 0 < rises < 5 and model.status().endswith(f"; the loss rose in {rises} of the epochs")


def test_one_wrong_point_of_many_is_not_rounded_away():
    points = [(0.006 * number - 0.6, 0.0, int(number > 100)) for number in range(200)]
    model = trained(300, data="own", points=[(-1.2, 0, 1), *points[1:]], rate=1.0, hidden=1)
    assert model.accuracy == 199 / 200 and ", accuracy 99.5%," in model.status()


def test_the_share_of_rises_counts_all_epochs():
    model = trained(100, rate=3.0)
    share = np.mean(np.diff(model.losses[:101]) > 0)
    assert 0 < share < 0.2 and model.rises == share and not model.too_long
    assert model.status().endswith(f"; the loss rose in {share:.1%} of the epochs")
    assert trained(100).rises == 0 and "rose" not in trained(100).status()
    noisy = trained(60, data="moons", batch=1, rate=1.0)
    assert noisy.rises > 0.1 and not noisy.too_long  # steps on single examples do rise


@pytest.mark.parametrize("changes", [{"batch": 16}, {"dropout": 0.2}])
def test_the_loss_under_the_pointer_is_that_of_the_epoch_or_of_what_it_is_the_mean(changes):
    lab = training_lab(data="moons", **changes)
    lab.model.advance(30)
    lab.model.look_at(20)
    assert f"{lab.model.loss:.4f}" != f"{lab.model.losses[20]:.4f}"
    assert lab._loss_at(20.3, 0.5) == f"during epoch 21: mean loss {lab.model.history.loss[20]:.4f}"
    lab.model.look_at(30)
    assert lab._loss_at(30, 0.5) == f"epoch 30: loss {lab.model.loss:.4f}" and not lab._loss_at(31, 0.5)


# Ghosts


def test_ghosts_carry_their_rates_and_belong_to_their_data():
    model = trained(20)
    model.configure(rate=3.0)
    model.advance(20)
    model.reset()
    model.advance(10)
    model.configure(hidden=2)
    assert [(len(ghost.losses) - 1, ghost.rates) for ghost in model.ghosts] == [
        (40, "0.5\N{RIGHTWARDS ARROW}3"),
        (10, "3"),
    ]
    model.advance(10)
    for changes in ({"data": "moons"}, {"noise": 0.1}, {"held": 20}):
        model.advance(5)
        model.reset()
        assert model.ghosts
        model.configure(**changes)
        assert model.ghosts == []
    model.advance(5)
    model.configure(formula="x")  # which these data do not use
    assert len(model.ghosts) == 1


# The hand, the box, the clipboard


@pytest.fixture
def lab():
    return answered(training_lab())


def click(lab, x1, x2):
    touch(lab, click=pixels(lab, lab.view.plane, x1, x2))


def test_a_click_does_nothing_when_it_is_told_to(lab):
    lab.controls["click"].set("nothing")
    lab.model.advance(5)
    click(lab, 0.5, 0.5)
    assert lab.model.settings.data == "xor" and lab.model.epoch == 5


def test_clicks_add_points_of_the_chosen_class_to_those_that_are_there(lab):
    assert lab.canvas._page.clickable
    click(lab, 0.5, 0.5)
    assert lab.model.settings.data == lab.controls["data"].value == "own" and len(lab.model.x) == 5
    assert lab.model.settings.points[4] == (0.5, 0.5, 1) and lab.model.settings.points[1] == (0.0, 1.0, 1)
    touch(lab, press="class 0")
    assert lab.controls["click"].value == 0
    click(lab, -1.25, 1.0)
    assert lab.model.settings.points[5] == (-1.25, 1.0, 0)
    click(lab, -1.25, 1.02)  # on a point: it is taken, and no other one put onto it
    assert len(lab.model.settings.points) == 6
    lab.controls["click"].set("delete")
    click(lab, 0.5, 0.5)
    click(lab, 0.75, -0.75)  # where nothing is
    assert len(lab.model.settings.points) == 5 and (0.5, 0.5, 1) not in lab.model.settings.points
    assert lab.own_points.text.value == written(lab.model.settings.points)


def chosen(lab, group):
    """The names of the pictures of a group that are on, and of all that one can press."""
    shown = [each for each in lab.canvas._page.handles if each["name"].startswith(group)]
    return [each["name"] for each in shown if each["chosen"]], [each["name"] for each in shown]


def test_data_are_chosen_from_small_pictures(lab):
    assert chosen(lab, "data ") == (["data xor"], [f"data {name}" for name in DATA])
    for name in (*DATA, "xor"):
        touch(lab, press=f"data {name}")
        assert lab.model.settings.data == lab.controls["data"].value == name
        assert chosen(lab, "data ")[0] == [f"data {name}"] and not lab.error_line.value
        held = 0 if name in ("xor", "own") else 20
        assert lab.model.settings.held == held and bool(len(lab.view.held_out.get_xdata())) == bool(held)
    touch(lab, press="data moons")
    lab.controls["held"].set(50)
    touch(lab, press="data circles")  # what the reader has chosen stays
    assert lab.model.settings.held == 50


def test_the_pictures_of_data_show_their_points(lab):
    for name in DATA:
        lab.controls["data"].set(name)
        x, y = lab.view.data.chosen.get_data()
        middle = np.array([np.nanmean(x[:4]), np.nanmean(y[:4])])
        assert np.allclose(middle, lab.view.data.places[name])
        points = np.concatenate([drawn.get_xydata() for drawn in lab.view.data.points])
        inside = np.abs(points - lab.view.data.places[name]).max(axis=1) <= DATA_SIDE / 2
        assert inside.sum() == min(SHOWN, len(lab.model.x) + len(lab.model.x_held))
    before = np.concatenate([drawn.get_xydata() for drawn in lab.view.data.points])
    lab.model.configure(data="own", points=((1.0, 1.0, 0), (-1.0, 0.5, 1), (0.0, -1.0, 1)))
    lab.refresh()
    assert len(np.concatenate([drawn.get_xydata() for drawn in lab.view.data.points])) == len(before) - 1


def test_the_classes_above_the_output_say_what_a_click_adds(lab):
    assert chosen(lab, "class ") == (["class 1"], ["class 0", "class 1"])
    touch(lab, press="class 0")
    assert chosen(lab, "class ")[0] == ["class 0"] and lab.view.clicks.text == "a click adds"
    lab.controls["click"].set("delete")
    assert chosen(lab, "class ")[0] == [] and lab.view.clicks.text == ""
    lab.controls["data"].set("curve")
    assert chosen(lab, "class ") == ([], []) and not any(mark.get_visible() for mark in lab.view.marks)


def test_points_are_dragged_pushed_and_deleted_by_their_handle(lab):
    lab.controls["data"].set("own")
    touch(lab, look=pixels(lab, lab.view.plane, 0.02, 0.98))  # the handle comes to the point under the pointer
    [handle] = [each for each in lab.canvas._page.handles if each["name"] == "point"]
    assert handle["label"].startswith("point 2 of class 1 at 0, 1")
    touch(lab, drag="point", to=pixels(lab, lab.view.plane, 0.3, 1.2))
    assert lab.model.settings.points[1] == (0.3, 1.2, 1)
    touch(lab, drag="point", to=[9999, -9999])
    assert lab.model.settings.points[1] == (EDGE, EDGE, 1)
    touch(lab, push="point", by=[-1, 0])
    assert lab.model.settings.points[1] == (EDGE - 0.03, EDGE, 1)
    touch(lab, remove="point")
    assert len(lab.model.settings.points) == 3 and (EDGE - 0.03, EDGE, 1) not in lab.model.settings.points
    touch(lab, remove="point")
    touch(lab, remove="point")
    assert text_of(lab.error_line) == "own points: expected 2 to 500 of them, got 1"
    lab.controls["data"].set("moons")
    touch(lab, shown=lab.canvas._page._frame)
    assert not [each for each in lab.canvas._page.handles if each["name"] == "point"]
    touch(lab, drag="point", to=[0, 0])  # a message that comes too late
    assert lab.model.settings.data == "moons"


def test_the_formula_is_shown_for_what_it_describes_and_noise_for_all_but_own_points(lab):
    shown, both = {}, ["noise", "formula"]
    for data in DATA:
        lab.controls["data"].set(data)
        shown[data] = [name for name in both if lab.controls[name].widget.layout.visibility == "visible"]
    assert shown == {data: ["noise"] for data in DATA} | {"border": both, "curve": both, "own": []}


def test_points_in_the_box_are_used_and_bad_rows_lose_nothing(lab):
    box = lab.own_points
    box.text.value = "1,1,yes\n150,0,no\noops"
    lab.buttons["use points"].click()
    assert "row 3: 'oops'" in text_of(lab.error_line) and lab.model.settings.data == "xor"
    assert box.text.value == "1,1,yes\n150,0,no\noops"
    box.text.value = "1,1,yes\n150,0,no"
    lab.buttons["use points"].click()
    assert lab.model.settings.points == ((-1.2, 1.0, 1), (1.2, 0.0, 0)) and not lab.error_line.value
    assert "class 0 is no, class 1 is yes; x1 was scaled from 1..150" in text_of(box.notes)
    assert box.notes.value.startswith('<div role="status">')  # read aloud


def test_what_was_done_to_points_is_said_of_these_points_alone(lab):
    box, rows = lab.own_points, "1,1,yes\n150,0,no"
    for other in (lambda: lab.controls["data"].set("moons"), lambda: lab.own_points.use.click()):
        box.text.value = rows
        box.use.click()
        assert "class 0 is no" in text_of(box.notes)
        box.text.value = "1,1,yes\noops"
        other()
        lab.refresh()
        assert not box.notes.value


def test_rows_that_are_not_yet_used_stay_in_the_box(lab):
    lab.own_points.text.value = "0.1, 0.2, 0\n0.3, 0.4, 1"
    lab.controls["data"].set("own")
    assert lab.own_points.text.value == "0.1, 0.2, 0\n0.3, 0.4, 1"
    lab.buttons["use points"].click()
    assert lab.model.settings.points == ((0.1, 0.2, 0), (0.3, 0.4, 1))


def test_a_file_is_loaded(lab):
    lab.own_points._loaded([{"content": memoryview("\ufeff0.5,0.5,0\n-0.5,0,1\n".encode())}])
    assert lab.model.settings.points == ((0.5, 0.5, 0), (-0.5, 0.0, 1))


def test_of_a_file_without_end_a_table_is_read_and_no_more(lab, monkeypatch):
    read, before = [], lab.model.settings.points
    monkeypatch.setattr(points, "_cells", lambda line, divide=points._cells: read.append(line) or divide(line))
    too_many = "own points: expected 2 to 500 of them, got more than 500"
    for content, sentence in (
        ("0.5,1,1\n" * 10**6, too_many),
        ("x1,x2,label\r\n" + "0.5,1,1\r\n\r\n" * 10**5, too_many),
        ("0,1,1\n" + "what\n" * 10**6, too_many),
        ("0,1,1\n" + "1," * 10**6 + "\n1,1,0", "in each row; 1 cannot be read: row 2: '1,1"),
        ("0.5 " * 10**6, "expected rows of two numbers and a label, got a heading alone: '0.5 0.5"),
    ):
        read.clear()
        lab.safely(lab.own_points._loaded)([{"content": memoryview(content.encode())}])
        assert len(list(filter(None, read))) <= MOST + 2 and max(map(len, read)) <= points.LONGEST + 1
        assert sentence in text_of(lab.error_line) and lab.model.settings.points == before
        assert lab.own_points.text.value == "\n".join(read)


def test_held_out_points_are_hollow_and_have_a_curve(lab):
    lab.controls["data"].set("circles")
    lab.controls["held"].set(40)
    lab.model.advance(20)
    lab.refresh()
    for which in (0, 1):
        drawn = np.array(lab.view.held[which].get_data()).T
        assert np.array_equal(drawn, lab.model.x_held[lab.model.y_held[:, 0] == which])
        assert lab.view.held[which].get_color() == "white"
    epochs, losses = lab.view.held_out.get_data()
    assert dict(zip(epochs, losses, strict=True)) == lab.model.held_out_losses() and len(epochs) == 21


def test_state_and_program_go_to_the_clipboard_with_a_word(lab):
    lab.model.advance(7)
    assert lab.program_text.layout.display == "none"
    lab.buttons["write numpy"].click()
    assert lab.program_text.value == lab.model.numpy_program() and not lab.program_text.layout.display
    lab.sent.clear()
    lab.buttons["write down"].click()
    assert lab.program_text.value == lab.model.program() and lab.state_text.value == lab.model.state()
    [sent] = [each["copy"] for each in lab.sent if "copy" in each]
    assert sent == f"# {lab.model.state()}\n{lab.model.program()}"
    assert not lab.copied.value
    lab.canvas._page._handle_custom_msg({"copied": True}, [])
    assert text_of(lab.copied) == "State and program are on the clipboard."
    lab.canvas._page._handle_custom_msg({"copied": False}, [])
    assert text_of(lab.copied) == "Copy the text from the box."
    lab.state_text.value = sent  # what was copied can be pasted as it is
    lab.model.reset()
    lab.buttons["restore"].click()
    assert lab.model.epoch == 7 and not lab.error_line.value


def test_a_restored_run_jumps_to_where_it_stood():
    async def restored():
        lab, epochs = training_lab(), []
        lab.keeps = False
        lab.view.show = lambda model, show=lab.view.show: (epochs.append(model.epoch), show(model))
        lab.resume(TrainingModel(epochs=20_000).state().replace("done=0", "done=12000"))
        while lab.model.behind or lab.running:
            await asyncio.sleep(0.01)
        assert lab.model.epoch == 12_000 and set(epochs) == {12_000}

    asyncio.run(asyncio.wait_for(restored(), 120))


# Goals


def test_records_are_kept_in_the_state_and_the_best_one_stays():
    model = TrainingModel(epochs=100, optimizer="Momentum", rate=2.0)
    model.advance(100)
    fewest = model.best["4 units"]
    assert fewest <= 30 and model.reached == {"4 units"} and f" best=4_units:{fewest} " in model.state()
    again = TrainingModel()
    again.resume(model.state())
    assert again.best == {"4 units": fewest} and again.reached == {"4 units"}
    model.configure(rate=0.5)
    model.advance(100)
    assert model.best["4 units"] == fewest


def test_the_spirals_count_parameters_and_only_plain_tasks_count():
    model = TrainingModel(data="spirals", hidden=16, optimizer="Adam", rate=0.1, epochs=300)
    while not model.solved:
        model.advance(10)
    assert model.best == {"spirals": 65} and model.reached == set()
    others = {"data": "moons"}, {"hidden": 3}
    for changes in (*others, {"hidden": 4, "deeper": "2"}, {"hidden": 4, "noise": 0.01}, {"hidden": 4, "held": 25}):
        easy = TrainingModel(optimizer="Momentum", rate=2.0, **changes)
        easy.advance(100)
        assert easy.best == {}
    whole = TrainingModel(optimizer="Momentum", rate=2.0, held=10)  # a tenth of four points is none
    whole.advance(100)
    assert len(whole.x) == 4 and {*whole.best} == {"4 units"}
