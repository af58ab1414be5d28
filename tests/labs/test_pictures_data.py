"""What stands in the pictures of labs, against the data of their models."""

import numpy as np
import pytest
from artists import LabPicture
from every_lab import opened
from matplotlib.colors import to_rgba

from course_lib import labs
from course_lib.pictures import style


def states(name, configured, pieces=3):
    """The lab as it opens, after some work, and configured: (its model, its picture, read anew each time)."""
    lab = opened(name)
    yield lab.model, LabPicture(lab)
    for _ in range(pieces):
        lab.work()
    lab.redraw()
    yield lab.model, LabPicture(lab)
    lab.model.configure(**configured)
    lab.work()
    lab.redraw()
    yield lab.model, LabPicture(lab)


def each_step(name, **configured):
    """The lab as it opens, or configured, and after each of its steps to the last."""
    lab = opened(name)
    lab.model.configure(**configured)
    lab.redraw()
    yield lab.model, LabPicture(lab)
    while not lab.model.finished:
        lab.model.advance()
        lab.redraw()
        yield lab.model, LabPicture(lab)


def test_through_time():
    for model, picture in states("through_time_lab", {"cell": "GRU", "bias": 2.0}):
        norm, factor = picture.panels
        steps = np.arange(len(model.norms))
        norm.curve(steps, np.clip(model.norms, 1e-13, 1e13))
        factor.curve(steps, model.factors)
        (field,) = norm.axes.patches
        assert (field.get_y(), field.get_y() + field.get_height()) == (0.1, 10)  # neither vanished nor exploded
        title = "Mean slope of tanh" if model.settings["cell"] == "plain" else "Mean update gate"
        assert [text.get_text() for text in factor.axes.texts if text.get_visible()] == [title]


def test_overfitting():
    for model, picture in states("overfitting_lab", {"noise": 0.1}):
        fit, losses = picture.panels
        fit.curve(model.x[:, 0], model.y[:, 0], like="training points")
        fit.curve(model.x_validation[:, 0], model.y_validation[:, 0], like="validation")
        [grid] = [line.get_xdata() for line in fit.axes.lines if line.get_label() == "without noise"]
        fit.curve(grid, np.sin(np.pi * grid), label="without noise")
        fit.curve(grid, model.curve(), like="network")
        if model.epoch:
            fit.curve(grid, model.best_curve(), like="at the best epoch")
        epochs = np.maximum(model.epochs, 1)
        losses.curve(epochs, np.clip(model.training, 0.008, 2.5), label="training")
        losses.curve(epochs, np.clip(model.validation, 0.008, 2.5), label="validation")
        losses.curve(losses.axes.get_xlim(), [model.settings["noise"] ** 2] * 2, like="noise alone")
        lowest = np.argmin(model.validation)
        losses.curve([epochs[lowest]], [np.clip(model.validation[lowest], 0.008, 2.5)])
        losses.nothing_else()


def test_rises():
    for model, picture in states("rises_lab", {"shown": 3, "rate": 8.0}):
        losses, every_rise, shares = picture.panels
        values, shown = np.clip(np.array(model.losses), 1e-3, 40), model.settings["shown"] - 1
        losses.curve(range(len(values)), values[:, shown], like="the network shown")
        rose = [
            k for k in range(1, len(values)) if np.array(model.losses)[k, shown] > np.array(model.losses)[k - 1, shown]
        ]
        losses.curve(rose, values[rose, shown], like="it rose")
        every_rise.curve([0, 100], [shown + 1] * 2)
        epochs, networks = np.nonzero(np.diff(np.array(model.losses), axis=0) > 0)
        if len(epochs):
            every_rise.curve(epochs + 0.5, networks + 1, like="epoch")
        every_rise.curve([101.5] * (30 - model.solved), np.flatnonzero(~model.is_solved) + 1, like="not solved")
        shares.curve([model.settings["rate"]] * 2, [-0.03, 0.85])
        assert f"{model.share_of_epochs:.1%} of the epochs" in picture.labels
        assert any("of the steps" in words for words in picture.labels) == (model.settings["batch"] != 4)


def test_depth():
    for model, picture in states("depth_lab", {"depth": 5}):
        gradients, losses = picture.panels
        layers = range(1, len(model.norms) + 1)
        now = next(text for text in gradients.entries() if text.endswith(": now"))
        start = next(text for text in gradients.entries() if text.endswith(": start") and "before" not in text)
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
            bars.curve([0, weight], [place, place])
            assert f"{weight:.1%}" in picture.labels
        plane.curve([0, model.context[0]], [0, model.context[1]])
        plane.curve([model.context[0]], [model.context[1]])
        bars.frame(yticks=dict(enumerate(model.words)))


def test_bias():
    for model, picture in states("bias_lab", {"added": 20}):
        bars, curve = picture.panels
        names = model.data.names
        accuracies = [model.accuracy(name) for name in names]
        bars.bars(range(len(names)), accuracies)
        bars.curve([-0.5, len(names) - 0.5], [model.overall()] * 2)
        ends = [(place, end) for place, name in enumerate(names) for end in (*model.interval(name), np.nan)]
        xs = [np.nan if np.isnan(end) else place for place, end in ends]
        bars.curve(xs, [end for _, end in ends])
        bars.frame(xticks=dict(enumerate(names)))
        added = [count for count, _ in model.swept]
        curve.curve(added, [model.accuracy(model.left_out, right) for _, right in model.swept], label="this group")
        curve.curve(added, [model.others(right) for _, right in model.swept], label="the others")
        curve.curve(added, [model.overall(right) for _, right in model.swept], label="overall")
        curve.curve([model.settings["added"]], [model.accuracy(model.left_out)], like="at present")
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
        losses.curve(range(len(model.losses)), np.clip(model.losses, 0.01, 20))
        (dot,) = picture.view.dot.get_xydata()
        assert dot == pytest.approx([model.steps, np.clip(model.loss, 0.01, 20)])
        for place, slope in enumerate(model.gradient.values()):
            push.curve([0, np.clip(-np.sign(slope) * abs(slope) ** 0.5, -1.3, 1.3)], [place] * 2)
        push.frame(yticks={0: "v", 1: "w", 2: "b"})


def test_voices():
    for model, picture in states("voices_lab", {"clip": 2.0, "voices": ["awb"]}, pieces=1):
        share, loss, norm = picture.panels
        bars = [bar for bar in share.axes.patches if bar.get_animated()]
        assert np.allclose([bar.get_width() for bar in bars], [shares[-1] for shares in model.shares.values()])
        assert [bar.get_y() + bar.get_height() / 2 for bar in bars] == pytest.approx(range(len(bars)))
        steps = range(1, len(model.losses) + 1)
        loss.curve(steps, np.clip(model.losses, 0.001, 10))
        norm.curve(steps, np.clip(model.norms, 0.001, 100))
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
    cost.curve(sizes, slow)
    cost.curve(sizes, fast)
    quotient.curve(sizes, [model.ratio(i) for i in known])
    slopes = np.polyfit(np.log(sizes), np.log(np.transpose([slow, fast, np.divide(slow, fast)])), 1)[0]
    assert [label.text for label in picture.view.slopes] == [f"slope {slope:.2f}" for slope in slopes]


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
        panel.curve(chosen + x, row + y)


def test_cnn():
    for model, picture in states("cnn_lab", {"epochs": 5}, pieces=2):
        loss, accuracy, bars = picture.panels
        x = np.arange(1, len(model.losses) + 1) / model.steps_per_epoch
        loss.curve(x, np.clip(model.losses, *loss.axes.get_ylim()))
        steps, shares = zip(*model.validations, strict=True)
        accuracy.curve(np.divide(steps, model.steps_per_epoch), shares)
        maps, probabilities = model.look()
        image, label = model.image()
        bars.bars(range(10), np.nan_to_num(probabilities))
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
        loss.curve(range(1, model.done + 1), np.clip(model.losses, *loss.axes.get_ylim()))
        steps, shares = zip(*model.exact, strict=True)
        exact.curve(steps, shares)
        rows = [[label.text for label in row] for row in picture.view.symbols]
        for row, symbols in zip(rows, (model.right, model.forced, model.alone), strict=True):
            assert [text for text in row if text] == [symbol.strip("<>") for symbol in symbols if symbol]
        for row in picture.view.symbols:
            for label, symbol in zip(row, model.right, strict=False):
                right = label.text == symbol.strip("<>")
                assert not label.text or (label.background is None) == right, label.text


def test_rate_theory():
    for model, picture in states("rate_theory_lab", {"rate": 0.05}):
        error, factor = picture.panels
        for which in (0, 1):
            predicted = model.predicted()[:, which]
            low, high = error.axes.get_ylim()
            error.curve(range(len(predicted)), np.clip(predicted, low / 10, high * 10))
            rates = next(c.get_xdata() for c in factor.axes.lines if len(c.get_xdata()) == 400)
            factor.curve(rates, model.factors(rates)[which])
            factor.curve([model.rate], [model.factors()[which]])
        factor.curve([model.rate] * 2, [0, factor.axes.get_ylim()[1]])


def test_listen():
    for model, picture in states("listen_lab", {}, pieces=12):
        sound, thought, bars = picture.panels
        seconds = model.frame * thought.axes.images[0].get_extent()[1] / model.frames
        sound.image(model.features.T, origin="lower", extent=sound.axes.images[0].get_extent())
        thought.image(
            model.probabilities.T, limits=(0, 1), extent=(*thought.axes.images[0].get_extent()[:2], 9.5, -0.5)
        )
        for panel in (sound, thought):
            panel.curve([seconds] * 2, panel.axes.get_ylim())
        assert [bar.get_width() for bar in picture.view.likely] == pytest.approx(list(model.now))
        for digit, bar in enumerate(picture.view.likely):
            assert bar.get_y() + bar.get_height() / 2 == pytest.approx(digit)
        bars.curve([-0.035], [model.digit])
        few, many = thought.axes.images[0].get_cmap()([0.0, 1.0]).mean(axis=1)
        assert few > many


def test_kernel():
    for model, picture in states("kernel_lab", {}, pieces=8):
        view, (i, j) = picture.view, model.place
        window = model.image[i : i + 3, j : j + 3]
        assert np.array_equal(view.image.values, model.image[None] / 16)
        assert np.array_equal(view.products.values, window[None] / 16)
        pairs = zip(window.ravel(), model.weights.ravel(), strict=True)
        assert [term.text for term in view.terms] == [f"{ink:.0f} × {weight:g}" for ink, weight in pairs]
        assert float(view.sum.text.rpartition("= ")[2]) == pytest.approx(np.sum(window * model.weights), abs=1e-3)
        written = model.written()
        assert [number.text for number in view.numbers] == ["" if np.isnan(z) else f"{z:.3g}" for z in written.ravel()]
        assert np.array_equal(np.sign(view.map.values[0] - 0.5), np.sign(np.nan_to_num(written)))
        for frame, tile, size in zip(view.outlines, (view.image, view.map), (3, 1), strict=True):
            middle = np.mean([tile.middle(i, j), tile.middle(i + size - 1, j + size - 1)], axis=0)
            found = np.mean([[min(d), max(d)] for d in (frame.get_xdata(), frame.get_ydata())], axis=1)
            assert found == pytest.approx(middle)


def test_translation():
    for model, picture in states("translation_lab", {}, pieces=4):
        view, symbols = picture.view, [symbol.strip("<>") for symbol in model.symbols[: model.done]]
        weights = np.zeros_like(view.fields.weights)
        weights[: model.done, : len(model.words)] = model.weights[: model.done]
        assert np.array_equal(view.fields.weights, weights)
        assert [label.text for label in view.words if label.text] == list(model.words)
        assert [label.text for label in view.symbols if label.text] == symbols
        for labels, row in zip(view.weights, weights, strict=True):
            for label, weight in zip(labels, row, strict=True):
                assert label.text in ("", f"{weight:.2f}") and (label.text or weight < 0.2)
        for rank, (symbol, probability) in enumerate(model.candidates(len(view.lengths)) if model.done else ()):
            picture.panels[1].curve([0, probability], [rank, rank])
            assert view.likely[rank].text == symbol.strip("<>")


def test_compute():
    for model, picture in states("compute_lab", {}):
        growth, clock, *ladders = picture.panels
        for place, name in enumerate(("width", "depth", "data")):
            power = model.exponents().get(name)
            if power is not None:
                factors = [0.25, 0.5, 1, 2, 4]
                growth.curve(factors, model.relative(name, factors))
                assert picture.view.words[place].text == f"{name}: power {power:.2f}"
        sizes, seconds = zip(*model.measured, strict=True) if model.measured else ((), ())
        clock.curve(sizes, seconds)
        for ladder, value in zip(ladders, (model.seconds(), model.kilowatt_hours()), strict=True):
            low, high = ladder.axes.get_ylim()
            ladder.curve([0.5, 0.5], [low, np.clip(value, 2 * low, high)])


def test_search():
    for model, picture in states("search_lab", {"method": "random"}, pieces=5):
        fields, course = picture.panels
        table, low = model.map.table, np.nanmin(model.map.table)
        [image] = fields.axes.images
        shade = np.sqrt((np.minimum(table, 2 * low) - low) / low)
        assert np.allclose(np.ma.filled(image.get_array(), np.nan), shade) and image.origin == "lower"
        assert image.get_cmap()(0.0)[:3] == pytest.approx(to_rgba(style.GREEN)[:3], abs=0.01)  # the lowest losses
        rows = [row for row, *_ in model.trials]
        columns = [column for _, column, *_ in model.trials]
        assert list(picture.view.trials.get_xdata()) == columns and list(picture.view.trials.get_ydata()) == rows
        shares = [
            (table < min(table[place] for place in list(zip(rows, columns, strict=True))[: n + 1])).mean()
            for n in range(len(rows))
        ]
        course.curve(range(1, len(rows) + 1), np.maximum(shares, 0.003))


def test_drawing():
    for model, picture in states("drawing_lab", {}):
        view = picture.view
        gradient = view.tile.values[0] - 0.5
        assert np.array_equal(np.sign(gradient), np.sign(model.gradient))  # orange: more ink helps
        assert np.argmax(abs(gradient)) == np.argmax(abs(model.gradient))
        for line, sign in ((view.more, 1), (view.less, -1)):
            marked = {tuple(np.round(place)) for place in zip(*line.get_data(), strict=True)}
            places = {tuple(np.round(view.tile.middle(*place))) for place in np.argwhere(sign * model.gradient > 0)}
            assert marked <= places
        bars = picture.panels[1]
        bars.bars(range(10), 100 * model.probabilities)
        texts = [number.text for number in view.numbers]
        assert texts == [f"{100 * p:.0f}" if p >= 0.005 else "" for p in model.probabilities]
        assert view.title.get_text() == f"More like a {model.target}"


def test_drawing_marks_where_the_bars_stood_before_the_changes():
    lab = opened("drawing_lab")
    lab.model.load(3)
    lab.redraw()
    assert not len(lab.before.get_ydata())
    for line in range(4):
        lab.model.paint(line, line, 16)
    lab.redraw()
    assert np.allclose(lab.before.get_ydata(), 100 * lab.model.first_probabilities)
    assert not np.allclose(lab.model.probabilities, lab.model.first_probabilities)


def test_training():
    for model, picture in states("training_lab", {"hidden": 3}, pieces=4):
        plane, loss, norm, *_ = picture.panels
        for which in (0, 1):
            plane.curve(*model.x[model.y[:, 0] == which].T)
            points, (mark, name) = picture.view.classes[which], picture.view.marks[2 * which : 2 * which + 2]
            assert name.text == f"{which}"  # above the output, beside a mark that looks as the points do
            assert (mark.get_marker(), mark.get_color()) == (points.get_marker(), points.get_color())
        low, high = plane.axes.get_xlim()
        rows, columns = picture.view.surface.values.shape
        x1, x2 = np.meshgrid(np.linspace(low, high, columns), np.linspace(low, high, rows))
        W1, b1, W2, b2 = model.weights()
        z = np.tanh(np.stack([x1, x2], axis=-1) @ W1 + b1) @ W2 + b2
        assert np.allclose(picture.view.surface.values, 1 / (1 + np.exp(-z[..., 0])), atol=1e-6)
        x, y = picture.view.boundary.get_data()
        places = np.column_stack([x, y])[~np.isnan(np.column_stack([x, y])).any(axis=1)]
        assert np.allclose(np.tanh(places @ W1 + b1) @ W2 + b2, 0, atol=0.3)  # a line on a coarse grid
        epochs, losses = picture.view.curve.get_data()
        low, high = loss.axes.get_ylim()
        assert np.allclose(losses, np.clip(np.array(model.losses)[np.asarray(epochs, int)], low, high))
        dot = np.clip(model.losses[model.looking_at], low, high)
        loss.curve([model.looking_at], [dot])
        if model.norms:
            when, *norms = np.array(model.norms).T
            for layer, values in enumerate(norms, 1):
                norm.curve(when, values, like=f"{layer}")
        if model.epoch:
            assert epochs[-1] == model.epoch


def test_training_with_the_sharpness_below_the_loss():
    lab = opened("training_lab")
    lab.controls["lower"].set("sharpness")
    lab.model.configure(rate=2.0)
    for rate in (2.0, 0.5):
        lab.model.configure(rate=rate)
        lab.model.advance(15)
    lab.redraw()
    _, _, panel, *_ = LabPicture(lab).panels
    curved = lab.model.sharpnesses()
    assert len(curved) == 31 and len(set(curved.values())) > 20
    panel.curve([*curved], [*curved.values()])
    panel.curve([0, 15, 30], [1.0, 4.0, 4.0], like="2 / rate")
    assert lab.view.longest.get_drawstyle() == "steps-post"
    before = lab.canvas.frame()
    lab.controls["lower"].set("norms")
    assert [panel.axes.get_title(loc="left") for panel in LabPicture(lab).panels][2] == "Gradients"
    lab.controls["lower"].set("sharpness")
    assert lab.canvas.frame() == before
    lab.model.configure(optimizer="Adam")
    lab.model.advance(5)
    lab.redraw()
    assert not len(lab.view.longest.get_xdata())  # 2 / rate is no limit there


def test_descent():
    for model, picture in states("descent_lab", {}, pieces=4):
        view, racer = picture.view, model.racers[0]
        path = np.array(racer.path)
        x, y = view.paths[racer.name].get_data()
        ends = np.array([[x[0], y[0]], [x[-1], y[-1]]])
        assert np.allclose(ends, path[[0, -1]])
        assert np.allclose(view.dots[racer.name].get_xydata(), racer.point)
        steps, values = view.losses[racer.name].get_data()
        excess = np.asarray(model.excess(racer))[np.asarray(steps, int)]
        low, high = np.min(values), np.max(values)
        assert np.allclose(values, np.clip(excess, low, high))
        assert (values[-1] < values[0]) == (excess[-1] < excess[0])
        if not racer.outcome and len(view.downhill.get_xdata()):
            start, tip = view.downhill.get_xydata()[:2]
            assert np.allclose(start, racer.point)
            assert (tip - start) @ racer.gradients[-1] < 0  # downhill
            assert (tip - start)[0] * racer.gradients[-1][1] == pytest.approx((tip - start)[1] * racer.gradients[-1][0])


@pytest.mark.parametrize("expression", ["x*x + x", "(x + y) * (x - y)"])
def test_graph(expression):
    several = False
    for model, picture in each_step("graph_lab", expression=expression):
        view, sent = picture.view, set(model.sent())
        for number, node in enumerate(model.nodes):
            value, gradient, _ = view._texts[number]
            assert value.text == (
                f"{node.value:.4g}".replace("-", "\N{MINUS SIGN}") if model.known(number) else ""
            ) or (float(value.text.replace("\N{MINUS SIGN}", "-")) == pytest.approx(float(node.value), rel=1e-3))
            arrived = [edge.message for n, edge in enumerate(model.edges) if n in sent and edge.source == number]
            if number == len(model.nodes) - 1 and not arrived:
                continue  # the result's own gradient is 1
            written = gradient.text.removeprefix("grad ").replace("\N{MINUS SIGN}", "-")
            assert bool(written) == bool(arrived)
            assert not arrived or float(written) == pytest.approx(float(sum(arrived)), rel=1e-3)
        for number, label in enumerate(view._labels):
            assert label.colour == (style.VERMILLION if number in sent else style.BLUE)
            edge = model.edges[number]
            if label.text:
                value = edge.message if number in sent else model.nodes[edge.source].value
                written = label.text.removeprefix("= ").replace("\N{MINUS SIGN}", "-")
                assert float(written) == pytest.approx(float(value), rel=5e-3)
        heads = ((style.BLUE, "target", -1), (style.VERMILLION, "source", 1))
        for head, (colour, end, side), backward in zip(view.heads, heads, (False, True), strict=True):
            assert to_rgba(head.get_facecolor()) == to_rgba(colour)
            known = {n for n, edge in enumerate(model.edges) if model.known(edge.target)} - sent
            nodes = [getattr(model.edges[n], end) for n in sorted(sent if backward else known)]
            edges_of_boxes = [view._centres[node][0] + side * view.box[0] / 2 for node in nodes]
            tips, corners, _, _ = head.get_path().vertices.reshape(-1, 4, 2).transpose(1, 0, 2)
            assert np.allclose(tips[:, 0], edges_of_boxes, atol=1)  # a head points into the node that it reaches
            assert np.allclose(corners[:, 0], np.array(edges_of_boxes) + side * 10.5)
        several |= any(len(model.arrived(number)) > 1 for number in range(len(model.nodes)))
    assert several  # so that a sum is not taken for its first part


def test_stepper():
    for model, picture in states("stepper_lab", {}, pieces=5):
        view = picture.view
        for key, (label, prefix) in view.numbers.items():
            assert bool(label.text) == (key in model.known), key
            if label.text:
                number = label.text.removeprefix(prefix).replace("\N{MINUS SIGN}", "-")
                value = np.ravel(model.values[key])[0]
                assert float(number) == pytest.approx(value, rel=5e-3, abs=6e-5), key
        assert view.iteration.text == f"iteration {model.iteration}"
        white = [place for place, step in enumerate(view.steps) if step.colour == "#FFFFFF"]
        assert white == ([] if model.phase is None else [model.phase])
        assert view.mark.get_visible() == (model.phase is not None)
        if model.phase is not None:
            places = [label.place[0] for label in view.steps]
            left = view.box.get_x()
            assert left < places[model.phase] < left + view.box.get_width()
            lines = [label.place[1] for label in view.code]
            bottom = view.mark.get_y()
            assert bottom < lines[model.phase] < bottom + view.mark.get_height()


def test_autograd():
    for model, picture in each_step("autograd_lab"):
        view = picture.view
        for number in range(len(view._gradients)):
            written = view._gradients[number].text
            assert bool(written) == bool(model.met(number))
            if written:
                gradient = model.gradients[number][0]
                assert written == f"grad {f'{gradient.item():.3g}' if gradient.size == 1 else gradient.shape}"
        for number, (box, _) in enumerate(view._boxes[1]):
            assert box.get_visible() == bool(model.met(model.groups[number]))
        boxes = [box.get_facecolor() for box, _ in view._boxes[0]]
        met = [bool(model.met(number)) for number in range(len(boxes))]
        assert not any(met) or all(met) or len(set(boxes)) > 1
        sent = sum(bool(model.met(source)) for source, _ in model.ours.edges)
        sent += sum(bool(model.met(model.groups[source])) for source, _ in model.theirs.edges)
        tips = view.heads.get_path().vertices[::4]
        assert len(tips) == sent
        way = view.ways.get_xydata()  # of each gradient, with gaps between them: it ends where its head stands
        starts = [way[0], *way[1:][np.isnan(way[:-1, 0])]] if sent else way
        assert np.isnan(way[:, 0]).sum() == sent and np.allclose(tips, starts)


def test_speed():
    for model, picture in states("speed_lab", {}, pieces=2):
        ratios, growth = picture.panels
        low, high = ratios.axes.get_ylim()
        for name in ("PyTorch", "TensorFlow", "JAX"):
            values = [np.clip(model.ratio(name, width), low, high) for width in model.widths]
            ratios.curve(model.widths, values, like=next(text for text in ratios.entries() if text.startswith(name)))
        if 8 in model.widths:
            growth.curve(model.widths, [model.growth(width) for width in model.widths])
        ratios.level(1)
