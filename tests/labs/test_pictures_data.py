"""What stands in the pictures of labs, against the data of their models: each curve by its look in the legend."""

import numpy as np
import pytest
from artists import LabPicture
from matplotlib.colors import to_rgba

from course_lib import labs
from course_lib.labs.panel import base
from course_lib.pictures import style


@pytest.fixture(autouse=True)
def only_my_labs():
    yield
    for lab in [*base._open.values()]:
        lab.close()


def states(name, configured, pieces=3):
    """The lab as it opens, after some work, and configured: (lab, its picture, read anew each time)."""
    lab = getattr(labs, name)()
    yield lab.model, LabPicture(lab)
    for _ in range(pieces):
        lab.work()
    lab.redraw()
    yield lab.model, LabPicture(lab)
    lab.model.configure(**configured)
    lab.work()
    lab.redraw()
    yield lab.model, LabPicture(lab)


def test_through_time():
    for model, picture in states("through_time_lab", {"cell": "GRU", "bias": 2.0}):
        norm, factor = picture.panels
        color, marker = (style.BLUE, "o") if model.settings["cell"] == "plain" else (style.VERMILLION, "s")
        steps = np.arange(len(model.norms))
        norm.curve(steps, np.clip(model.norms, 1e-13, 1e13), color=color, marker=marker)
        factor.curve(steps, model.factors, color=color, marker=marker)
        norm.frame(
            title="Gradient norm, relative to the last step", xlabel="steps back", yscale="log", ylim=(1e-12, 1e12)
        )
        title = "Mean slope of tanh" if model.settings["cell"] == "plain" else "Mean update gate"
        assert [text.get_text() for text in factor.axes.texts if text.get_visible()] == [title]


def test_overfitting():
    for model, picture in states("overfitting_lab", {"noise": 0.1}):
        fit, losses = picture.panels
        fit.curve(model.x[:, 0], model.y[:, 0], like="training points")
        fit.curve(model.x_validation[:, 0], model.y_validation[:, 0], like="validation")
        [grid] = [line.get_xdata() for line in fit.axes.lines if line.get_label() == "without noise"]
        fit.curve(grid, np.sin(np.pi * grid), label="without noise", linestyle=":")
        fit.curve(grid, model.curve(), like="network")
        if model.epoch:
            fit.curve(grid, model.best_curve(), like="at the best epoch")
        epochs = np.maximum(model.epochs, 1)
        losses.curve(epochs, np.clip(model.training, 0.008, 2.5), like="training")
        losses.curve(epochs, np.clip(model.validation, 0.008, 2.5), like="validation")
        losses.curve(losses.axes.get_xlim(), [model.settings["noise"] ** 2] * 2, like="noise alone")
        lowest = np.argmin(model.validation)
        losses.curve([epochs[lowest]], [np.clip(model.validation[lowest], 0.008, 2.5)], marker="*", color=style.GREEN)
        ticks = {1: "1", 10: "10", 100: "100", 1000: "1,000"}
        losses.frame(
            title="Loss",
            xlabel="epoch (0 is drawn at 1)",
            xscale="log",
            yscale="log",
            xlim=losses.axes.get_xlim(),
            xticks=ticks,
        )
        losses.nothing_else()


def test_rises():
    for model, picture in states("rises_lab", {"shown": 3}):
        losses, shares = picture.panels
        values, shown = np.clip(np.array(model.losses), 1e-3, 40), model.settings["shown"] - 1
        losses.curve(range(len(values)), values[:, shown], like="the network shown")
        rose = [
            k for k in range(1, len(values)) if np.array(model.losses)[k, shown] > np.array(model.losses)[k - 1, shown]
        ]
        losses.curve(rose, values[rose, shown], like="it rose")
        shares.curve([model.settings["rate"]] * 2, [-0.03, 0.68], like="the rate now")
        shares.frame(
            title="Share of rises",
            xlabel="learning rate",
            xscale="log",
            xlim=shares.axes.get_xlim(),
            ylim=(-0.03, 0.98),
            yticks={0: "0", 0.1: "1/10", 1 / 3: "1/3", 0.5: "1/2"},
        )


def test_depth():
    for model, picture in states("depth_lab", {"depth": 5}):
        gradients, losses = picture.panels
        layers = range(1, len(model.norms) + 1)
        now = next(text for text in gradients._entries() if text.endswith(": now"))
        start = next(text for text in gradients._entries() if text.endswith(": start") and "before" not in text)
        gradients.curve(layers, np.clip(model.norms_at_start, 1e-7, 1e4), like=start)
        gradients.curve(layers, np.clip(model.norms, 1e-7, 1e4), like=now)
        per_epoch = model.steps // 10 if model.steps % 10 == 0 else None
        [steps] = [line for line in losses.axes.lines if line.get_color() == style.SKY]
        assert np.allclose(steps.get_ydata(), np.minimum(model.losses, 3.0))
        if per_epoch and len(model.losses):
            assert np.isclose(steps.get_xdata()[-1], losses.axes.get_xlim()[1] * len(model.losses) / model.steps)


def test_attention():
    for model, picture in states("attention_lab", {"masked": False}):
        plane, bars = picture.panels
        for place, weight in enumerate(model.weights):
            bars.curve([0, weight], [place, place], color=style.GREEN)
            assert f"{weight:.1%}" in picture.labels
        plane.curve([0, model.context[0]], [0, model.context[1]], color=style.VERMILLION)
        plane.curve([model.context[0]], [model.context[1]], marker="D", color=style.VERMILLION)
        looks = plane._entries()
        assert {name: looks[name][2] for name in ("query", "context")} == {"query": "o", "context": "D"}
        bars.frame(
            title="Weights",
            xlim=(0, 1),
            ylim=(len(model.words) - 0.5, -0.5),
            yticks=dict(enumerate(model.words)),
            upside_down=True,
        )


def test_bias():
    for model, picture in states("bias_lab", {"added": 20}):
        bars, curve = picture.panels
        names = model.data.names
        accuracies = [model.accuracy(name) for name in names]
        colors = [style.ORANGE if name == model.left_out else style.SKY for name in names]
        bars.bars(range(len(names)), accuracies, width=0.72, colors=colors)
        bars.curve([-0.5, len(names) - 0.5], [model.overall()] * 2, linestyle="--", color=style.VERMILLION)
        ends = [(place, end) for place, name in enumerate(names) for end in (*model.interval(name), np.nan)]
        xs = [np.nan if np.isnan(end) else place for place, end in ends]
        bars.curve(xs, [end for _, end in ends], color=style.BLACK)
        ticks = {0: "0", 0.25: "25 %", 0.5: "50 %", 0.75: "75 %", 1: "100 %"}
        bars.frame(
            title="Test accuracy by group, with 95 % intervals",
            ylim=(0, 1.09),
            xticks=dict(enumerate(names)),
            yticks=ticks,
        )
        added = [count for count, _ in model.swept]
        curve.curve(added, [model.accuracy(model.left_out, right) for _, right in model.swept], label="left out")
        curve.curve(added, [model.others(right) for _, right in model.swept], label="the others")
        curve.curve(added, [model.overall(right) for _, right in model.swept], label="overall")
        curve.curve([model.settings["added"]], [model.accuracy(model.left_out)], like="at present")
        curve.legend("left out", "the others", "overall", "at present")
        for accuracy in accuracies:
            assert f"{accuracy:.0%}" in picture.labels
        assert f"overall {model.overall():.1%}" in picture.labels


def test_fit():
    for model, picture in states("fit_lab", {}):
        plane, losses, push = picture.panels
        [line] = [line for line in plane.axes.lines if len(line.get_xdata()) == 121]
        v, w, b = model.params.values()
        plane.curve(line.get_xdata(), v / (1 + np.exp(-w * line.get_xdata() - b)), like="curve")
        plane.curve(model.x, model.y, like="points")
        fitted, gap = v / (1 + np.exp(-w * model.x - b)), np.full(len(model.x), np.nan)
        plane.curve(np.repeat(model.x, 3), np.ravel([model.y, fitted, gap], order="F"), like="residuals")
        losses.curve(range(len(model.losses)), np.clip(model.losses, 0.01, 20), color=style.BLUE, marker="None")
        for place, slope in enumerate(model.gradient.values()):
            push.curve([0, np.clip(-np.sign(slope) * abs(slope) ** 0.5, -1.3, 1.3)], [place] * 2, color=style.GREEN)
        push.frame(
            title="Downhill: minus each slope (root scale)",
            xlim=(-1.3, 1.3),
            ylim=(2.6, -0.6),
            yticks={0: "v", 1: "w", 2: "b"},
            upside_down=True,
        )


def test_voices():
    for model, picture in states("voices_lab", {"clip": 2.0}, pieces=1):
        share, loss, norm = picture.panels
        bars = [bar for bar in share.axes.patches if bar.get_animated()]
        assert np.allclose([bar.get_width() for bar in bars], [shares[-1] for shares in model.shares.values()])
        assert [bar.get_y() + bar.get_height() / 2 for bar in bars] == pytest.approx(range(len(bars)))
        steps = range(1, len(model.losses) + 1)
        loss.curve(steps, np.clip(model.losses, 1e-3, 10), color=style.BLUE, linestyle="-")
        norm.curve(steps, np.clip(model.norms, 1e-3, 100), color=style.BLUE, linestyle="-")
        norm.curve(norm.axes.get_xlim(), [model.settings["clip"]] * 2, like="limit")
        for group, bar in zip(model.shares, bars, strict=True):
            heard = group in model.settings["voices"]
            assert bool(bar.get_hatch()) == heard, f"{group}: hatched {bar.get_hatch()!r}"
            text = [text.get_text() for text in share.axes.texts]
            assert f"{model.shares[group][-1]:.0%}" in text


def test_cost():
    lab = labs.cost_lab()
    while not lab.model.times[2]:
        lab.work()
    lab.redraw()
    picture, model = LabPicture(lab), lab.model
    cost, quotient = picture.panels
    known = [i for i, times in enumerate(model.times) if times]
    sizes = cost.axes.get_xticks()[known]
    slow, fast = zip(*[model.seconds(i) for i in known], strict=True)
    cost.curve(sizes, slow, color=style.VERMILLION, marker="s", linestyle="None")
    cost.curve(sizes, fast, color=style.BLUE, marker="o", linestyle="None")
    looks = cost._entries()
    assert {name: look[2] for name, look in looks.items()} == {"finite differences": "s", "backprop": "o"}
    quotient.curve(sizes, [model.ratio(i) for i in known], marker="D", linestyle="None")
    lab.close()


def test_success():
    for model, picture in states("success_map", {"rate": 0.5}, pieces=2):
        [panel] = picture.panels
        known = np.where(model.solved < 0, np.nan, model.solved)
        image = panel.image(known, limits=(0, 30), origin="lower")
        few, many = image.get_cmap()([0.0, 1.0]).mean(axis=1)
        assert few > many  # darker where more seeds solve it, as the white numbers ask for
        texts = {(j, i): "·" if count < 0 else str(count) for (i, j), count in np.ndenumerate(model.solved)}
        panel.words(texts)
        rates, epochs = (axis.get_ticklabels() for axis in (panel.axes.yaxis, panel.axes.xaxis))
        chosen = [text.get_text() for text in epochs].index(f"{model.settings['epochs']:,}")
        row = [text.get_text() for text in rates].index(f"{model.settings['rate']:g}")
        x, y = np.array([-1, 1, 1, -1, -1]) * 0.485, np.array([-1, -1, 1, 1, -1]) * 0.485
        panel.curve(chosen + x, row + y, color=style.VERMILLION)


def test_cnn():
    for model, picture in states("cnn_lab", {"epochs": 5}, pieces=2):
        loss, accuracy, bars = picture.panels
        x = np.arange(1, len(model.losses) + 1) / model.steps_per_epoch
        loss.curve(x, np.clip(model.losses, *loss.axes.get_ylim()), color=style.BLUE)
        steps, shares = zip(*model.validations, strict=True)
        accuracy.curve(np.divide(steps, model.steps_per_epoch), shares, color=style.GREEN, marker="o")
        maps, probabilities = model.look()
        image, label = model.image()
        bars.bars(range(10), np.nan_to_num(probabilities), width=0.7, colors=[style.BLUE] * 10)
        height = min(np.nan_to_num(probabilities)[label] + 0.12, 0.95)
        bars.curve([label], [height], like="true class")
        view = picture.view
        assert np.array_equal(view.image.values, image[None])
        assert np.allclose(view.maps.values, maps / (maps.max() or 1))
        kernels = model.kernels()
        assert np.array_equal(np.sign(view.kernels.values - 0.5), np.sign(kernels))  # orange above 0, blue below


def test_translation_training():
    for model, picture in states("translation_training_lab", {"rate": 0.02}, pieces=2):
        loss, exact = picture.panels
        loss.curve(
            range(1, model.step + 1), np.clip(model.losses, *loss.axes.get_ylim()), color=style.BLUE, marker="None"
        )
        steps, shares = zip(*model.exact, strict=True)
        exact.curve(steps, shares, color=style.BLUE, marker="o")
        rows = [[label.text for label in row] for row in picture.view.rows]
        for row, symbols in zip(rows, (model.right, model.forced, model.alone), strict=True):
            assert [text for text in row if text] == [symbol.strip("<>") for symbol in symbols if symbol]
        for row in picture.view.rows:
            for label, symbol in zip(row, model.right, strict=False):
                right = label.text == symbol.strip("<>")
                assert not label.text or (label.background is None) == right, label.text


def test_rate_theory():
    for model, picture in states("rate_theory_lab", {"rate": 0.05}):
        error, factor = picture.panels
        for which, name in enumerate(("flat", "steep")):
            predicted = model.predicted()[:, which]
            low, high = error.axes.get_ylim()
            line = error.curve(range(len(predicted)), np.clip(predicted, low / 10, high * 10))
            color = line.get_color()
            rates = next(c.get_xdata() for c in factor.axes.lines if len(c.get_xdata()) == 400)
            factor.curve(rates, model.factors(rates)[which], color=color)
            factor.curve([model.rate], [model.factors()[which]], color=color)
            assert factor._entries()[name][0][:3] == to_rgba(color)[:3]
        factor.curve([model.rate] * 2, [0, factor.axes.get_ylim()[1]], color=style.BLACK)
