"""What the pictures of labs say beside their data: titles, axes and legends by name, ticks, colours and arrows by meaning."""

import io
import re
from types import SimpleNamespace

import numpy as np
import pytest
from artists import LabPicture, _title
from matplotlib.colors import to_rgba
from matplotlib.text import Annotation
from PIL import Image
from test_pictures import opened

from course_lib.labs.base import lab as base
from course_lib.labs.base.artists import Canvas, pale
from course_lib.labs.cost import SIZES
from course_lib.labs.rises import ENOUGH
from course_lib.labs.stepper.lab import MADE, USED
from course_lib.pictures import style


@pytest.fixture(autouse=True)
def only_my_labs():
    yield
    for lab in [*base._open.values()]:
        lab.close()


# Frames: title, label of x, label of y, legend; and the words on axes that name things instead of measuring them

DIGITS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
FRAMES = {
    "attention_lab": [
        ("", "", "", ["query", "context", "keys, also the values"]),
        ("Weights", "", "", []),
    ],
    "bias_lab": [
        ("Test accuracy by group, with 95 % intervals", "", "", []),
        (
            "... as examples are added",
            "examples of slt added",
            "",
            ["this group", "the others", "overall", "at present"],
        ),
    ],
    "cnn_lab": [
        ("Loss of each batch", "", "", []),
        ("Accuracy on the validation part", "epoch", "", []),
        ("Probability of each class", "", "", ["true class"]),
    ],
    "compute_lab": [
        ("Operations, as a multiple", "factor", "", []),
        ("Seconds a step, measured", "multiply-adds a step", "", []),
        ("Time", "", "", []),
        ("Energy", "", "", []),
    ],
    "cost_lab": [
        ("Time for one gradient, in seconds", "parameters N", "", ["finite differences", "backprop"]),
        ("Finite differences / backprop", "parameters N", "", ["your prediction"]),
    ],
    "depth_lab": [
        ("Gradient norm of each layer", "layer", "", ["Plain: start", "Plain: now"]),
        ("Training loss", "epoch", "", []),
    ],
    "descent_lab": [
        ("$L$ = u² + 25v²", "u", "v", ["minimum", "minus the gradient", "way to the minimum"]),
        ("$L$ above its minimum", "", "", []),
        ("Steps needed, by learning rate", "learning rate", "", []),
    ],
    "drawing_lab": [("Probability of each class, in %", "class", "", ["before your changes"])],
    "fit_lab": [
        ("", "input $x$", "target $y$", ["points", "curve", "residuals"]),
        ("Loss by steps of gradient descent", "", "", ["your best by hand", "earlier descents"]),
        ("Downhill: minus each slope (root scale)", "", "", []),
    ],
    "listen_lab": [
        ("What it hears: log-mel", "", "mel band", []),
        ("What it thinks after each frame", "seconds", "", []),
        ("After this frame (▶ is said)", "probability", "", []),
    ],
    "overfitting_lab": [
        ("The fit", "x", "", ["without noise", "training points", "validation", "network", "at the best epoch"]),
        ("Loss", "epoch (0 is drawn at 1)", "", ["training", "validation", "noise alone"]),
    ],
    "rate_theory_lab": [
        ("Error left", "steps", "", ["flat, predicted", "flat, measured", "steep, predicted", "steep, measured"]),
        ("Factor a step", "learning rate", "", ["flat", "steep"]),
    ],
    "rises_lab": [
        ("Loss of all four examples", "epoch", "", ["the network shown", "it rose", "the others"]),
        (
            "Share of rises",
            "learning rate",
            "",
            [
                *("epochs, all 4 a step", "epochs, 2 a step", "epochs, 1 a step"),
                *("steps", "the rate now", f"{ENOUGH} solved or more", "fewer"),
            ],
        ),
    ],
    "search_lab": [
        ("Validation loss: rate and weight decay", "learning rate", "", []),
        ("Share of the map that is better", "trial", "", []),
    ],
    "speed_lab": [
        (
            "Processor time of a training step, course_lib = 1",
            "width of the hidden layers",
            "",
            ["course_lib", "PyTorch (recorded)", "TensorFlow (recorded)", "JAX (recorded)"],
        ),
        ("Our step, width 8 = 1", "width of the hidden layers", "", []),
    ],
    "success_map": [("Seeds that solve XOR, out of 30", "epochs", "learning rate", [])],
    "through_time_lab": [
        ("Gradient norm, relative to the last step", "steps back", "", []),
        ("", "steps back", "", []),
    ],
    "training_lab": [
        ("Output", "$x_1$", "$x_2$", ["0", "1"]),
        ("Loss $L$", "", "", ["held out", "earlier runs", "new rate"]),
        ("Gradient norm", "", "", ["layer 1", "2"]),
    ],
    "translation_lab": [("", "", "", [])] * 2,
    "translation_training_lab": [
        ("Loss $L$, a mean over the symbols", "", "", ["new rate"]),
        ("Exact match on validation numbers", "", "", ["goal", "earlier runs"]),
    ],
    "voices_lab": [
        ("Share right", "", "", ["guessing", "never heard", "in the training data"]),
        ("Loss", "", "", []),
        ("Gradient norm, before clipping", "steps", "", ["limit"]),
    ],
    **{name: [] for name in ("autograd_lab", "graph_lab", "kernel_lab", "stepper_lab")},  # drawn on an empty page
}
NAMED = {  # (lab, panel, axis): the words at the places
    ("attention_lab", 1, "y"): dict(enumerate(["three", "hundred", "forty", "thousand", "padding"])),
    ("bias_lab", 0, "x"): dict(enumerate(["en-us", "en-gb", "en-gb-x-rp", "kal16", "awb", "rms", "slt"])),
    ("compute_lab", 2, "y"): {
        **{1: "1 s", 3600: "1 h", 86_400: "1 day", 3.156e7: "1 year"},
        **{3.156e10: "1,000 years", 3.156e13: "1 million years"},
    },
    ("compute_lab", 3, "y"): {
        **{1e-5: "10 mWh", 1e-2: "a phone charged", 10: "a home, a day", 3500: "a home, a year"},
        **{1e6: "1 GWh", 1e9: "1,000 GWh"},
    },
    ("descent_lab", 2, "y"): {1: "1", 100: "100", 1e4: "10,000", 3e5: "never"},
    ("fit_lab", 2, "x"): {-1.05: "← less", 0: "0", 1.05: "more →"},
    ("fit_lab", 2, "y"): dict(enumerate("vwb")),
    ("listen_lab", 0, "y"): {band - 1: f"{band}" for band in (1, 6, 11, 16)},  # the first band is drawn at 0
    ("listen_lab", 1, "y"): dict(enumerate(DIGITS)),
    ("listen_lab", 2, "y"): dict(enumerate(DIGITS)),
    ("search_lab", 0, "x"): {0: "0.01", 6: "0.1", 12: "1", 18: "10"},
    ("search_lab", 0, "y"): {0: "0.0001", 4: "0.001", 8: "0.01", 12: "0.1"},
    ("search_lab", 1, "y"): {0.01: "1 %", 0.02: "2 %", 0.1: "10 %", 1: "all"},
    ("success_map", 0, "x"): dict(
        enumerate(["10", "20", "50", "100", "200", "500", "1,000", "2,000", "5,000", "10,000"])
    ),
    ("success_map", 0, "y"): dict(enumerate(["0.01", "0.02", "0.05", "0.1", "0.2", "0.5", "1", "2", "5", "10", "20"])),
    ("voices_lab", 0, "y"): dict(
        enumerate(["held-out accents", *(f"flite, {v}" for v in ("kal16", "awb", "rms", "slt"))])
    ),
}

SHARED = {("listen_lab", 0, "x"), ("voices_lab", 1, "x")}  # numbered by the panel below


def measured(label):
    """The number that a tick's label says: "1/4", "25 %", "10,000", a power of ten."""
    label = label.replace("\N{MINUS SIGN}", "-").replace(",", "")
    power = re.search(r"10\^\{(-?\d+)\}", label)
    if power:
        return 10.0 ** int(power[1])
    number, percent, _ = label.partition("%")
    upper, _, lower = number.partition("/")
    return float(upper) / float(lower or 1) / (100 if percent else 1)


@pytest.mark.parametrize("name", FRAMES)
def test_the_frames_say_what_stands_in_them(name):
    drawn = [panel.axes for panel in LabPicture(opened(name)).panels if panel.axes.axison]
    frames = []
    for axes in drawn:
        legend = axes.get_legend()
        entries = [text.get_text() for text in legend.get_texts()] if legend else []
        frames.append((_title(axes), axes.get_xlabel(), axes.get_ylabel(), entries))
    assert frames == FRAMES[name]
    for number, axes in enumerate(drawn):
        for axis in "xy":
            line = getattr(axes, f"{axis}axis")
            labels = [text.get_text() for text in line.get_ticklabels()]
            assert bool(labels) != ((name, number, axis) in SHARED or not len(line.get_ticklocs()))
            ticks = dict(zip(line.get_ticklocs()[: len(labels)], labels, strict=True))
            named = NAMED.get((name, number, axis))
            if named:
                assert list(ticks.values()) == list(named.values()) and np.allclose(list(ticks), list(named))
            else:
                assert np.allclose([measured(label) for label in ticks.values()], list(ticks), rtol=0.01), ticks


# Signs of single labs


def picture_of(name, pieces=0, **configured):
    lab = opened(name)
    lab.model.configure(**configured)
    for _ in range(pieces):
        lab.work()
    lab.redraw()
    return lab.model, LabPicture(lab)


def same_direction(one, other):
    """Whether two arrows of the plane point the same way."""
    return one @ other == pytest.approx(np.linalg.norm(one) * np.linalg.norm(other))


def test_attention_arrows_point_to_the_keys():
    model, picture = picture_of("attention_lab")
    plane = picture.panels[0].axes
    arrows = [text for text in plane.texts if isinstance(text, Annotation)]
    assert np.allclose([arrow.xy for arrow in arrows], model.keys[: len(arrows)]) and len(arrows) == 4
    assert all(arrow.xyann == (0, 0) for arrow in arrows)
    for word, key in zip(model.words[:-1], model.keys, strict=False):
        [text] = [text for text in plane.texts if text.get_text() == word]
        assert np.dot(text.get_position(), key) > np.dot(key, key)  # beyond the tip
    (head,) = picture.view.heads[0].get_xydata()
    assert same_direction(head, model.query)
    assert np.allclose(picture.view.query.get_xydata(), [(0, 0), head])


def test_attention_scores_stand_beside_their_weights():
    for masked in (False, True):
        model, picture = picture_of("attention_lab", masked=masked)
        scores = [f"{score + 0.0:.2f}" for score in np.round(model.scores, 2)]
        wanted = [*scores[:-1], "masked"] if masked else scores
        assert [label.text for label in picture.view.scores] == wanted
        assert [label.text for label in picture.view.percents] == [f"{weight:.1%}" for weight in model.weights]
        heights = [label.place[1] for label in picture.view.percents]
        assert heights == sorted(heights, reverse=True)


def test_cnn_writes_below_its_tiles_what_their_colours_mean():
    _, picture = picture_of("cnn_lab")
    figure, view = picture.panels[0].axes.figure, picture.view
    width = figure.get_size_inches()[0] * figure.dpi / 1.25
    at = {text.get_text(): text.get_position()[0] * 960 for text in figure.texts}
    for words, tiles in (
        (("16 kernels, 3 x 3", "blue below 0, orange above 0"), view.kernels),
        (("Their feature maps, 8 x 8", "what each kernel finds, after relu"), view.maps),
    ):
        assert [at[text] for text in words] == pytest.approx([tiles.place[0]] * 2)
    assert len(at) == 4 and width > 0


def test_cost_draws_the_counted_passes():
    lab = opened("cost_lab")
    lab.counted, canvas = True, Canvas(960, 380)
    lab.make(canvas)
    cost, quotient = [axes for axes in canvas.figure.axes if axes.get_visible()]
    passes = {line.get_label(): line for line in cost.lines}
    assert np.allclose(passes["finite differences"].get_xydata(), [(size, 2 * size) for size in SIZES])
    assert np.allclose(passes["backprop"].get_xydata(), [(size, 2) for size in SIZES])
    assert np.allclose(quotient.lines[0].get_xydata(), [(size, size) for size in SIZES])
    assert (_title(cost), _title(quotient)) == ("Passes for one gradient", "Finite differences / backprop")


def test_depth_shows_the_run_before_in_grey():
    lab = opened("depth_lab")
    lab.model.before = (
        {"shortcut": True, "normalisation": False, "optimizer": "GradientDescent"},
        [2.0] * lab.model.steps,
        [0.1, 0.2, 0.3],
    )
    lab.redraw()
    gradients, losses = LabPicture(lab).panels
    gradients.curve([1, 2, 3], [0.1, 0.2, 0.3], like="the run before, shortcut: start", color=style.GREY)
    layers = range(1, len(lab.model.norms) + 1)
    gradients.curve(layers, np.clip(lab.model.norms_at_start, 1e-7, 1e4), like="Plain: start", color=style.BLUE)
    before = lab.loss_before
    assert before.get_color() == style.GREY and np.allclose(before.get_ydata(), 2.0)
    guessing = [
        line for line in losses.axes.lines if np.allclose(line.get_ydata(), np.log(10)) and len(line.get_ydata())
    ]
    assert len(guessing) == 1
    [words] = losses.axes.texts
    assert words.get_text() == "guessing" and np.log(10) < words.get_position()[1] < np.log(10) + 0.2


def test_rate_theory_shades_where_the_error_grows():
    _, picture = picture_of("rate_theory_lab")
    factor = picture.panels[1].axes
    [field] = factor.patches
    assert (field.get_y(), field.get_y() + field.get_height()) == (1, factor.get_ylim()[1])
    grows = next(text for text in factor.texts if text.get_text() == "grows")
    assert grows.get_position()[1] > 0.9


def test_rate_theory_shades_it_red_in_the_image_too():
    """Its palette is fixed: a colour that is not in it becomes the nearest one, which was yellow."""
    lab = opened("rate_theory_lab")
    with Image.open(io.BytesIO(lab.canvas.frame())) as image:
        right, top = lab.factor.bbox.corners()[3].round().astype(int)
        seen = image.convert("RGB").getpixel((right - 5, image.height - top + 5))
    assert np.abs(np.array(seen) / 255 - pale(style.VERMILLION)).max() < 0.01


def test_rises_marks_the_rates_that_solve():
    lab = opened("rises_lab")
    lab.model.tried = {(4, 0.1): (0.2, 0.0, ENOUGH), (4, 5.0): (0.4, 0.0, ENOUGH - 1), (1, 0.1): (0.3, 0.5, ENOUGH)}
    lab.redraw()
    points, panel = lab.points, LabPicture(lab).panels[1]
    now = lab.model.settings["rate"]  # the run that is shown is among them
    where = {key: [point for point in line.get_xydata().tolist() if point[0] != now] for key, line in points.items()}
    where = {key: found for key, found in where.items() if found}
    assert where == {(4, True): [[0.1, 0.2]], (4, False): [[5.0, 0.4]], (1, True): [[0.1, 0.3]]}
    looks = panel._entries()
    for (batch, solved), line in points.items():
        entry = f"{ENOUGH} solved or more" if solved else "fewer"
        assert to_rgba(line.get_color()) == looks[entry][0]
        assert line.get_marker() == looks[f"epochs, {'all 4' if batch == 4 else batch} a step"][2]
    assert lab.steps.get_xydata().tolist() == [[0.1, 0.5]]  # with all four, steps are epochs


def test_search_marks_the_last_and_the_best_trial():
    model, picture = picture_of("search_lab", method="random")
    model.advance(6)
    picture.view.show()
    last, best = model.trials[-1], min(model.trials, key=lambda trial: trial[2])
    assert last[:2] != model.trials[0][:2] != best[:2]
    assert picture.view.last.get_xydata().tolist() == [[last[1], last[0]]]
    assert picture.view.best.get_xydata().tolist() == [[best[1], best[0]]]
    assert (picture.view.best.get_marker(), picture.view.best.get_color()) == ("*", style.ORANGE)


def test_through_time_says_where_it_explodes_and_where_it_vanishes():
    _, picture = picture_of("through_time_lab")
    heights = {text.get_text(): text.get_position()[1] for text in picture.panels[0].axes.texts}
    assert heights == {"explodes": pytest.approx(0.98), "vanishes": pytest.approx(0.03)}


class Painter:
    """A renderer that keeps the images that it is given."""

    _raster_depth, _rasterizing = 0, False  # Matplotlib asks each renderer

    def __init__(self):
        self.images = []

    def new_gc(self):
        return SimpleNamespace(restore=lambda: None)

    def draw_image(self, graphics, x, y, image):
        self.images.append((y, x, image))


def test_translation_fields_are_the_greener_the_larger_the_weight():
    _, picture = picture_of("translation_lab")
    fields = picture.view.fields
    fields.weights = np.zeros_like(fields.weights)
    fields.weights[0, :3] = 0.3, 0.6, 1.0
    painter = Painter()
    fields.draw(painter)
    row = [image[0, 0] for _, _, image in sorted(painter.images, key=lambda drawn: drawn[1])]
    green = 255 * np.array(to_rgba(style.GREEN)[:3])
    for colour, weight in zip(row, (0.3, 0.6, 1.0), strict=True):
        assert np.allclose(colour[:3], 255 + weight * (green - 255), atol=1) and colour[3] == 255


def luminance(colour):
    """Of light, 0 to 1, as the guidelines for accessibility measure it (WCAG 2)."""
    parts = np.array(to_rgba(colour)[:3])
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4) @ [0.2126, 0.7152, 0.0722]


def test_translation_weights_can_be_read_on_their_fields():
    model, picture = picture_of("translation_lab", pieces=1)
    for weight in np.linspace(0.05, 1, 20):
        model.weights = np.full_like(model.weights, weight)
        picture.view.show()
        label = picture.view.weights[0][0]
        field = 1 + weight * (np.array(to_rgba(style.GREEN)[:3]) - 1)
        dark, light = sorted([luminance(label.colour), luminance(field)])
        assert label.text == f"{weight:.2f}" and (light + 0.05) / (dark + 0.05) >= 4.5, f"{label.colour} on {field}"


def test_translation_marks_the_symbols_that_are_not_those_of_the_rule():
    model, picture = picture_of("translation_lab")
    while not model.finished:
        model.advance()
    picture.view.show()
    wanted, wrong = [*model.expected, "end"], 0
    for label, symbol in zip(picture.view.symbols, wanted, strict=False):
        same = label.text == symbol
        wrong += not same
        assert label.colour == (style.BLACK if same else style.VERMILLION)
    assert wrong  # the network was not trained


def test_voices_explain_their_hatches():
    model, picture = picture_of("voices_lab", voices=["awb"])
    looks = {
        bar.get_label(): bar for bar in picture.panels[0].axes.containers if not str(bar.get_label()).startswith("_")
    }
    [heard], [unheard] = (looks[label].patches for label in ("in the training data", "never heard"))
    for group, bar in zip(model.shares, picture.view.bars, strict=True):
        same = heard if group in model.settings["voices"] else unheard
        assert bar.get_hatch() == same.get_hatch() and bar.get_facecolor() == same.get_facecolor()


def test_stepper_marks_what_goes_in_and_what_comes_out():
    model, picture = picture_of("stepper_lab")
    signs = {label.text: label.background for label in picture.labels.values()}
    assert (signs["goes in"], signs["comes out"]) == (USED, MADE)
    seen = set()
    while model.iteration == 1 and len(seen) < 2:
        model.advance()
        picture.view.show()
        made = {line.result for line in model.lines}
        used = {key for line in model.lines for key in line.uses} - made
        for key, (label, _) in picture.view.numbers.items():
            background = MADE if key in made else USED if key in used else "#FFFFFF"
            assert label.background == background, key
            seen |= {label.background} - {"#FFFFFF"}


def test_stepper_names_each_number_by_its_symbol():
    _, picture = picture_of("stepper_lab")
    for key, (label, prefix) in picture.view.numbers.items():
        signs = {"delta": "δ ", "d": "∂ ", "new ": "→ ", "b": "b ", "z": "z ", "y": "y = ", "L": "L = "}
        wanted = next((sign for start, sign in signs.items() if key.startswith(start)), "")
        assert prefix == wanted, key
        colour = {"δ ": style.VERMILLION, "∂ ": style.VERMILLION, "→ ": style.GREEN}.get(prefix, style.BLACK)
        assert label.colour == colour, key


def test_graph_writes_the_chain_rule_beside_the_edge():
    lab = opened("graph_lab")
    lab.model.configure(expression="(x + y) * (x - y)")
    seen = 0
    while not lab.model.finished:
        lab.model.advance()
        lab.redraw()
        kind, what = lab.model.current
        if kind == "back":
            edge, (_, first, second) = lab.model.edges[what], lab.view.note
            factors, _, product = second.text.replace("\N{MINUS SIGN}", "-").partition(" = ")
            g, local = (float(factor) for factor in factors.split(" × "))
            assert (g, local) == pytest.approx((float(lab.model.gradient(edge.target)), float(edge.local)), rel=5e-3)
            assert first.text == "g × local =" and float(product) == pytest.approx(g * local, rel=1e-2)
            seen += 1
    assert seen == len(lab.model.edges)


def test_autograd_lights_the_boxes_that_the_gradient_has_reached():
    lab = opened("autograd_lab")
    reached = set()
    while not lab.model.finished:
        lab.model.advance()
        lab.redraw()
        for number, (box, _) in enumerate(lab._boxes[0]):
            met, now = bool(lab.model.met(number)), number == lab.model.current
            white = to_rgba(box.get_facecolor()) == to_rgba("white")
            assert to_rgba(box.get_edgecolor()) == to_rgba(style.VERMILLION if met else style.GREY)
            assert white == (met and not now)
            assert box.get_linewidth() == (2.4 if now else 1.4 if met else 1)
            reached |= {number} if met else set()
    assert reached == set(range(len(lab.model.ours.labels)))


def test_descent_explains_its_arrows():
    _, picture = picture_of("descent_lab")
    looks, view = picture.panels[0]._entries(), picture.view
    assert looks["minus the gradient"][0] == to_rgba(view.downhill.get_color())
    assert looks["way to the minimum"][0] == to_rgba(view.way.get_color()) != to_rgba(view.downhill.get_color())
    assert looks["minimum"][2] == view.star.get_marker()
    start, tip = view.way.get_xydata()
    assert same_direction(tip - start, -start)  # to the minimum, which lies at 0


def test_descent_contours_are_lighter_where_the_loss_is_lower():
    _, picture = picture_of("descent_lab")
    filled = next(c for c in picture.panels[0].axes.collections if getattr(c, "filled", False))
    brightness = np.array([colour[:3] for colour in filled.get_facecolor()]).sum(axis=1)
    assert (np.diff(filled.levels) > 0).all() and (np.diff(brightness) < 0).all()


def test_descent_rates_that_arrived_are_green():
    lab = opened("descent_lab")
    lab.model.tried = {lab.model.settings["surface"]: {"GradientDescent": {0.02: 40, 0.05: None}}}
    lab.redraw()
    settled, failed = lab.view.settled, lab.view.failed
    assert settled.get_xydata().tolist() == [[0.02, 40]] and failed.get_xydata().tolist() == [[0.05, 3e5]]
    assert (settled.get_color(), settled.get_marker()) == (style.GREEN, "o")
    assert (failed.get_color(), failed.get_marker()) == (style.VERMILLION, "x")


def test_descent_heads_point_along_the_steps():
    model, picture = picture_of("descent_lab", pieces=3)
    racer = model.racers[0]
    path = np.array(racer.path)
    heads = picture.view.heads[racer.name].get_xydata().reshape(-1, 4, 2)
    assert len(heads)
    scale = picture.view._pixels()
    steps = np.diff(path, axis=0)
    for left, tip, right, _ in heads:
        middle = (left + right) / 2
        nearest = np.argmin(np.linalg.norm(((path[1:] + path[:-1]) / 2 - tip) * scale, axis=1))
        assert ((tip - middle) * scale) @ (steps[nearest] * scale) > 0
