"""What the figures of chapter 9 show."""

import numpy as np
from figures import chapter, side

from course_lib import Adam, GradientDescent, functional, stack, train
from course_lib.pictures.style import BLUE, CYCLE, GREEN, VERMILLION
from course_lib.tools.evaluation import mean_interval
from course_lib.tools.operations_count import count_operations

KNOWN_MAP = """\
loss_map = ValidationMap("weight decay", table=np.random.default_rng(3).uniform(0.2, 3, ValidationMap().table.shape))"""
SHORTER = {
    "train-all": {"epochs=8": "epochs=1"},
    "deep": {"range(5)": "range(3)", "epochs=10": "epochs=2"},
    "map": {'loss_map = ValidationMap("weight decay")': KNOWN_MAP},
    "searches-figure": {"40": "4"},
    "patience": {
        "epochs=5000": "epochs=50",
        "(20, 50, 100, 200, 500, 1000, 2000, 5000)": "(20, 50)",
        "medians[5000]": "medians[50]",
    },
}
shown = chapter("09_faq", shorter=SHORTER)
NETWORKS, TASKS = ["MLP", "CNN", "GRU", "residual"], 4
entropy = functional.softmax_cross_entropy


def test_table(shown):
    with shown("table") as (names, [panel]):
        share, tasks = names["share"], names["tasks"]
        assert list(names["makers"]) == NETWORKS
        panel.image(share.mean(axis=2), cmap="Blues", limits=(0, 1.4))
        panel.words({(n, t): f"{100 * share[t, n].mean():.0f}" for t, n in np.ndindex(TASKS, 4)})
        choice = []
        for t, (a, b, *_) in enumerate(tasks.values()):
            networks = [
                names["widest"](make, a.shape[1:3], np.random.default_rng(0)) for make in names["makers"].values()
            ]
            cost = [count_operations(entropy(network(a[:1]), b[:1])).step for network in networks]
            near = [n for n in range(4) if share[t, n].mean() > share[t].mean(axis=1).max() - 0.04]
            choice.append(min(near, key=lambda n: cost[n]))
        panel.curve(choice, range(TASKS), marker="s", linestyle="None", fillstyle="none", color=VERMILLION)
        panel.frame(
            title="Accuracy in %, mean of 5 seeds; framed: the choice",
            xticks=dict(enumerate(NETWORKS)),
            yticks=dict(enumerate(tasks)),
            upside_down=True,
        )
    mean = share.mean(axis=2)
    shown.says("table", f"images and commands: {NETWORKS[choice[0]]}, {NETWORKS[choice[3]]}.")
    shown.says(
        "table",
        f"the CNN gets {side(mean[0, 1], '60%')}, the MLP {side(mean[0, 0], '50%')}",
        f"the best gets {side(max(mean[1]), '50%')}. On commands the GRU gets {side(mean[3, 2], '98%')}.",
    )


def test_leads(shown):
    rows = [  # task, the one, the other
        *((0, "CNN", "MLP"), (0, "CNN", "GRU"), (1, "CNN", "MLP"), (2, "CNN", "GRU")),
        *((3, "GRU", "CNN"), (0, "residual", "MLP"), (3, "residual", "MLP"), (2, "residual", "MLP")),
    ]
    with shown("leads") as (names, [panel]):
        sure, words = [], []
        for row, (task, one, other) in enumerate(rows):
            share = dict(zip(NETWORKS, names["share"][task], strict=True))
            lead = 100 * (share[one] - share[other])
            sure.append(mean_interval(lead))
            words.append(f"{list(names['tasks'])[task]}: {one} over {other}")
            panel.curve(lead, [row] * 5, marker="o", linestyle="None")
            panel.curve(sure[-1], [row] * 2, color="black", linewidth=4)
        panel.level(0, axis="x", color="grey", linestyle="--")
        panel.frame(
            title="Lead in points: five seeds, 95 % interval",
            ylim=(7.5, -0.5),
            yticks=dict(enumerate(words)),
            upside_down=True,
        )
    zero = [low < 0 < high for low, high in sure]
    shown.says(
        "leads", f"the MLP by {side(sure[0][0], '25')} points", f"shuffled images: {zero[2]};", f"on speech: {zero[3]};"
    )
    shown.says(
        "leads",
        f"over the MLP: {zero[5]} and {zero[6]}",
        f"the CNN by {side(sure[4][0], '5')} points",
        f"zero, too: {zero[7]}",
    )


def test_deep_figure(shown):
    looks = {"5 layers": (":", BLUE), "20 layers": ("--", VERMILLION), "20, residual": ("-", GREEN)}
    with shown("deep-figure") as (names, [left, right]):
        for name, (line, color) in looks.items():
            norms, losses = np.array(names["norms"][name]), np.array(names["deep_losses"][name])
            assert norms.shape == (3, 5 if name == "5 layers" else 20)
            for panel, values, label in ((left, norms, name), (right, losses, name)):
                places = range(1, values.shape[1] + 1)
                panel.curve(places, np.median(values, axis=0), label=label, linestyle=line, marker=".", color=color)
                for run in values:
                    panel.curve(places, run, color=color, alpha=0.2)
        right.legend(*looks)
        left.frame(title="Gradient norm", xlabel="layer", yscale="log", xticks=[1, 5, 10, 15, 20])
        right.frame(title="Loss", xlabel="epoch", ylim=(0, 4))
    five, plain = (np.array(names["norms"][name])[:, 1] for name in ("5 layers", "20 layers"))
    few, many, residual = (np.array(names["deep_losses"][name])[:, -1] for name in looks)
    shown.says(
        "deep-figure",
        f"With 20 layers, the second gets {side(max(plain / five), '2%')} of the gradient it gets with 5 layers.",
        f"{side(max(few), '1')} with 5 layers",
    )
    shown.says(
        "deep-figure",
        f"{side(min(many), '2.2')}, as by guessing, with 20 layers",
        f"{side(max(residual), '0.4')} with shortcut",
    )


def test_range_test_figure(shown):
    with shown("range-test-figure") as (names, [left, right]):
        ramp, losses = np.geomspace(0.001, 10, 100), np.array(names["ramp_losses"])
        smooth = [losses[max(0, k - 2) : k + 3].sum() for k in range(95)]
        rule = ramp[np.argmin(smooth)] / 2
        left.curve(ramp, losses, linestyle="-")
        left.level(rule, axis="x", color=GREEN, linestyle="--")
        ends, labels = [], []
        x, y = names["x"], names["y"]
        for factor, line in ((1 / 3, ":"), (1, "--"), (3, "-."), (10, "-")):
            runs = []
            for seed in range(1, 6):
                setting = {"loss": entropy, "epochs": 5, "batch_size": 50, "rng": np.random.default_rng(seed)}
                steps = train(names["small"](seed), (x, y), optimizer=GradientDescent(factor * rule), **setting)
                runs.append([progress.loss for progress in steps])
            labels.append(f"× {factor:.2g}")
            right.curve(range(1, 6), np.median(runs, axis=0), label=labels[-1], linestyle=line)
            ends.append(np.array(runs)[:, -1])
        right.legend(*labels)
        left.frame(title="Loss in the range test", xlabel="learning rate", xscale="log", ylim=(0, 5))
        right.frame(title="Loss in training", xlabel="epoch", yscale="log", xticks=range(1, 6), ylim=(0.1, 5000))
    third, one, three, ten = ends
    shown.says("range-test-figure", f"lowest loss: {side(max(one), '0.4')}", f"as high: {(third > 2 * one).all()}")
    shown.says("range-test-figure", f"lower: {(three < one).all()}", f"ten times: {side(min(ten), '3')}")


def test_searches_figure(shown):
    with shown("searches-figure") as (names, [panel]):
        shares, table = {}, names["loss_map"].table
        for color, (name, line) in zip(CYCLE, {"grid": "--", "random": ":", "Bayesian": "-"}.items(), strict=False):
            sampler, repeats = names[{"Bayesian": "bayesian"}.get(name, name)], []
            for seed in range(4):
                study = names["optuna"].create_study(sampler=sampler(seed))
                study.optimize(names["objective"], n_trials=25)
                lowest = np.minimum.accumulate([trial.value for trial in study.trials])
                repeats.append([(table < loss).mean() for loss in lowest])
            shares[name] = np.array(repeats)
            low, middle, high = np.quantile(shares[name] + 0.003, [0.25, 0.5, 0.75], axis=0)
            panel.curve(range(1, 26), middle, label=name, linestyle=line, color=color)
            panel.band(range(1, 26), low, high, color=color)
        panel.legend("grid", "random", "Bayesian")
        ticks = {"xticks": [1, 5, 10, 15, 20, 25], "yticks": {0.01: "1 %", 0.1: "10 %", 1: "all"}}
        panel.frame(title="Share of the map that is better", xlabel="trial", yscale="log", **ticks)
    gap = {name: mean_interval((shares[name] - shares["Bayesian"])[:, -1]) for name in ("grid", "random")}
    shown.says(
        "searches-figure", f"above zero: {gap['random'][0] > 0}", f"holds zero: {gap['grid'][0] < 0 < gap['grid'][1]}"
    )


def test_batch_size_figure(shown):
    with shown("batch-size-figure") as (names, [panel]):
        x, y = names["x"][:1000], names["y"][:1000]
        losses = {"5 epochs": [], "500 steps": []}
        for name, found in losses.items():
            for size in (10, 50, 250):
                model, rng = stack([names["small"](seed) for seed in range(5)]), np.random.default_rng(0)
                epochs = 5 if name == "5 epochs" else 500 // (1000 // size)
                setting = {"loss": entropy, "optimizer": GradientDescent(0.1), "batch_size": size, "rng": rng}
                for _ in train(model, (x, y), epochs=epochs, **setting):
                    pass
                found.append(entropy(model(names["x_validation"]).value, names["y_validation"]) / 5)
        for (name, found), (marker, line) in zip(losses.items(), ("o-", ("s", "--")), strict=True):
            panel.curve([10, 50, 250], found, label=name, marker=marker, linestyle=line)
        panel.legend("5 epochs", "500 steps")
        panel.frame(
            title="Validation loss at rate 0.1", xlabel="batch size", xscale="log", xticks={10: 10, 50: 50, 250: 250}
        )
    small, _, large = losses["5 epochs"]
    ratio = max(losses["500 steps"]) / min(losses["500 steps"])
    shown.says("batch-size-figure", f"Batches of 250, not 10, for as many epochs: {side(large / small, '4')} times")
    shown.says("batch-size-figure", f"largest / smallest {side(ratio, '1.1')}.")


def test_patience(shown):
    looks = [20, 50]
    with shown("patience") as (names, [panel]):
        medians, axis = {epoch: [] for epoch in looks}, np.linspace(-1, 1, 101)[:, None]
        for noise in (0.2, 0):
            rngs = [np.random.default_rng(seed) for seed in range(10)]
            points = np.array([rng.uniform(-1, 1, (20, 1)) for rng in rngs])
            targets = np.sin(np.pi * points) + noise * np.array([rng.normal(size=(20, 1)) for rng in rngs])
            curves = stack([names["bend"](rng) for rng in rngs])
            setting = {"loss": functional.mean_squared_error, "optimizer": Adam(0.01), "epochs": 50}
            for progress in train(curves, (points, targets), **setting):
                if progress.epoch in looks:
                    distance = ((curves(axis).value - np.sin(np.pi * axis)) ** 2).mean(axis=(1, 2))
                    medians[progress.epoch].append(np.median(distance))
        noisy, exact = zip(*names["medians"].values(), strict=True)
        found = list(medians.values())  # of two stacks, not of one: the same but for Adam's epsilon
        assert list(names["medians"]) == looks
        assert np.allclose(np.transpose([noisy, exact]), found, rtol=1e-4)
        panel.curve(looks, noisy, label="20 noisy points", marker="o")
        panel.curve(looks, exact, label="20 exact points", marker="o")
        panel.legend("20 noisy points", "20 exact points")
        panel.frame(title="Squared distance to the sine", xlabel="epoch", xscale="log", yscale="log")
    best = looks[np.argmin(noisy)]
    shown.says(
        "patience",
        f"lowest: {side(best, '200')} and {side(best, '2,000')} epochs",
        f"{side(noisy[-1] / min(noisy), '2')} times",
    )
