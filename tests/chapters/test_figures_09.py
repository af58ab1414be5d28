"""What the figures of chapter 9 show."""

import numpy as np
from figures import beside, chapter, side

from course_lib.tools.evaluation import mean_interval

KNOWN_MAP = """\
loss_map = ValidationMap("weight decay", table=np.random.default_rng(3).uniform(0.2, 3, ValidationMap().table.shape))"""
SHORTER = {
    "train-all": {
        '(0.003, 160), "CNN": (0.01, 20), "GRU": (0.03, 20), "residual": (0.03, 80)': (
            '(0.003, 1), "CNN": (0.01, 1), "GRU": (0.03, 1), "residual": (0.03, 1)'
        )
    },
    "deep": {"range(5)": "range(3)", "epochs=10": "epochs=2"},
    "map": {'loss_map = ValidationMap("weight decay")': KNOWN_MAP},
    "searches-figure": {"40": "4"},
    "noise-floor": {"range(20)": "range(3)", "size=(8000, ": "size=(4000, "},
    "patience": {
        "epochs=5000": "epochs=50",
        "(20, 50, 100, 200, 500, 1000, 2000, 5000)": "(20, 50)",
    },
}
shown = chapter("09_faq", shorter=SHORTER)
NETWORKS, TASKS = ["MLP", "CNN", "GRU", "residual"], 4


def test_table(shown):
    with shown("table") as (names, [panel]):
        share, tasks, cost = names["share"], names["tasks"], names["cost"]
        assert list(names["makers"]) == NETWORKS
        panel.image(share.mean(axis=2), limits=(0, 1.4))
        panel.words({(n, t): f"{100 * share[t, n].mean():.0f}" for t, n in np.ndindex(TASKS, 4)})
        choice = []
        for t in range(TASKS):  # the cheapest of those that are near the best
            near = [n for n in range(4) if share[t, n].mean() > share[t].mean(axis=1).max() - 0.04]
            choice.append(min(near, key=lambda n: cost[t, n]))
        panel.curve(choice, range(TASKS))
        panel.frame(xticks=dict(enumerate(NETWORKS)), yticks=dict(enumerate(tasks)))
    mean = share.mean(axis=2)
    shown.says("table", f"choose the {NETWORKS[choice[0]]} for images and the {NETWORKS[choice[3]]} for commands.")
    shown.says(
        "table",
        f"the CNN gets {side(mean[0, 1], '60%')} right and the MLP {side(mean[0, 0], '50%')}",
        f"the best network gets {side(max(mean[1]), '50%')}. On commands the GRU gets {side(mean[3, 2], '98%')}.",
    )


def test_leads(shown):
    rows = [  # task, the one, the other
        *((0, "CNN", "MLP"), (0, "CNN", "GRU"), (1, "CNN", "MLP"), (2, "CNN", "GRU")),
        *((3, "GRU", "CNN"), (0, "residual", "MLP"), (3, "residual", "MLP"), (2, "residual", "MLP")),
    ]
    with shown("leads") as (names, [panel]):
        kinds, sure = list(names["tasks"]), []
        leads, words = [], [f"{kinds[task]}: {one} over {other}" for task, one, other in rows]
        for task, one, other in rows:
            share = dict(zip(NETWORKS, names["share"][task], strict=True))
            leads.append(100 * (share[one] - share[other]))
        hurried = dict(zip(names["hurry"], names["hurried"], strict=True))
        leads.append(100 * (hurried["residual"] - hurried["MLP"]))
        words.append("spoken digits: residual over MLP, 8 epochs")
        for row, lead in enumerate(leads):
            sure.append(mean_interval(lead))
            panel.curve(lead, [row] * len(lead))
            panel.curve(sure[-1], [row] * 2)
        assert [len(lead) for lead in leads] == [5] * 8 + [20]
        panel.level(0, axis="x")
        panel.frame(yticks=dict(enumerate(words)))
    shown.says(
        "leads",
        f"leads the MLP by {beside(sure[0], '20')} on images",
        f"the interval begins at {beside(sure[2][0], '0')}",
        f"the GRU leads the CNN by {beside(sure[4], '5')}",
    )
    shown.says(
        "leads", f"is {beside(sure[8], '0')} after eight epochs, and {beside(np.mean(leads[7]), '3')} on average"
    )


def test_deep_figure(shown):
    kinds = ["5 layers", "20 layers", "20, He, Adam", "20, residual", "20, residual, He, Adam"]
    with shown("deep-figure") as (names, [left, right]):
        assert list(names["deep_runs"]) == kinds
        for name in kinds:
            norms, losses = np.array(names["norms"][name]), np.array(names["deep_losses"][name])
            assert norms.shape == (3, names["deep_runs"][name][0])
            for panel, values, label in ((left, norms, name), (right, losses, name)):
                places = range(1, values.shape[1] + 1)
                panel.curve(places, np.median(values, axis=0), label=label)
                for run in values:
                    panel.curve(places, run)
    five, plain = (np.array(names["norms"][name])[:, 1] for name in ("5 layers", "20 layers"))
    few, many, adam, *both = (np.array(names["deep_losses"][name])[:, -1] for name in kinds)
    shown.says(
        "deep-figure",
        f"With 20 layers, the second layer gets {side(max(plain / five), '2%')} of the gradient that it gets with 5 layers.",
        f"{side(max(few), '1')} with 5 layers",
        f"{side(min(many), '2.2')}, as by guessing, with 20 layers",
    )
    shown.says(
        "deep-figure",
        f"{side(max(adam), '1.5')} with He and Adam",
        f"{side(np.max(both), '0.4')} with shortcut and normalisation, with either optimizer.",
    )


def test_range_test_figure(shown):
    with shown("range-test-figure") as (names, [left, right]):
        ramp, losses = np.geomspace(0.001, 10, 100), np.array(names["ramp_losses"])
        smooth = [losses[max(0, k - 2) : k + 3].sum() for k in range(95)]
        rule = ramp[np.argmin(smooth)] / 2
        left.curve(ramp, losses)
        left.level(rule, axis="x")
        ends = []
        for factor, runs in names["runs"].items():
            right.curve(range(1, 6), np.median(runs, axis=0), label=f"× {factor:.2g}")
            ends.append(runs[:, -1])
    third, one, three, ten = ends
    shown.says(
        "range-test-figure",
        f"at most {beside(max(one), '0.4')}",
        f"a third of the rule's rate the loss is {beside(third / one, '2')} times",
    )
    shown.says(
        "range-test-figure",
        f"three times the rule's rate it is {beside(three / one, '1')} times",
        f"the loss itself is {side(min(ten), '3')}.",
    )


def test_searches_figure(shown):
    with shown("searches-figure") as (names, [panel]):
        shares = names["shares"]
        for name in ("grid", "random", "Bayesian"):
            low, middle, high = np.quantile(shares[name] + 0.003, [0.25, 0.5, 0.75], axis=0)
            panel.curve(range(1, 26), middle, label=name)
            panel.band(range(1, 26), low, high)
    gap = {name: mean_interval((shares[name] - shares["Bayesian"])[:, -1]) for name in ("grid", "random")}
    for rival in ("random search", "the grid"):
        shown.says(
            "searches-figure", f"{beside(gap[rival.removeprefix('the ').split()[0]], '0%', form='.1%')} over {rival}"
        )


def test_batch_size_figure(shown):
    with shown("batch-size-figure") as (names, panels):
        losses = names["equal"]
        for panel, (name, found) in zip(panels, losses.items(), strict=True):
            for size, runs in zip((10, 50, 250), found, strict=True):
                panel.curve(names["rates"], runs, label=f"batches of {size}")
            panel.frame(title=f"Validation loss after {name}")
    at_a_tenth = np.array(losses["100 steps"])[:, 1]
    by_steps, by_epochs = (np.min(found, axis=1) for found in losses.values())
    shown.says(
        "batch-size-figure",
        f"at rate 0.1, the largest loss divided by the smallest is {side(max(at_a_tenth) / min(at_a_tenth), '1.15')}.",
        f"the loss with batches of 250 is {side(by_steps[2] / by_steps[0], '0.7')} times that with batches of 10.",
        f"at the best rates, it is {side(by_epochs[2] / by_epochs[0], '2')} times that.",
    )


def test_noise_floor(shown):
    with shown("noise-floor") as (names, [panel]):
        quotients, floors = np.array([0.0005, 0.001, 0.002, 0.004]), names["floors"]
        for size in (4, 16, 64):
            label = f"batches of {size}, rates up to {0.004 * size:g}"
            panel.curve(quotients, floors[size], label=label)
        panel.curve(quotients, 6 * quotients, label="6 · rate / batch size")
    times = [floors[size] / (6 * quotients) for size in (4, 16)]
    shown.says(
        "noise-floor", f"they lie at {beside(times, '0.75', '1.25')} times", beside(floors[64][3] / 0.024, "1.2")
    )


def test_patience(shown):
    looks = [20, 50]
    with shown("patience") as (names, [panel]):
        noisy, exact = zip(*names["medians"].values(), strict=True)
        assert list(names["medians"]) == looks
        panel.curve(looks, noisy, label="20 noisy points")
        panel.curve(looks, exact, label="20 exact points")
    best = looks[np.argmin(noisy)]
    shown.says(
        "patience",
        f"lowest after {beside(best, '200', '2000', form=',')} epochs",
        f"it is {beside(noisy[-1] / min(noisy), '2')} times",
    )
