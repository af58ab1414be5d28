"""What the figures of chapter 8 show."""

import numpy as np
from figures import chapter, side

from course_lib.tools.evaluation import mean_interval

SHORTER = {
    "equal-care": {
        "rates=(0.003, 0.01, 0.03, 0.1)": "rates=(0.01, 0.03)",
        "zeros((10,": "zeros((2,",
        "rates, 10,": "rates, 2,",
    },
    "medicine-test": {"every, 0)": "area, 0)", "every, 32)": "area, 32)"},
    "finance-test": {"([0.03], 30)": "([0.03], 5)"},
    "remedies": {"16_000": "4_000"},
}
shown = chapter("08_outlook", shorter=SHORTER)


def assert_compares(panel, gaps):
    """A row for each name: five dots and the 95 % interval of their mean; a dashed line at 0."""
    for row, gap in enumerate(gaps.values()):
        panel.curve(gap, [row] * 5, marker="o", linestyle="None")
        panel.curve(mean_interval(gap), [row, row], color="black", linewidth=4, linestyle="-")
    panel.level(0, axis="x", color="grey", linestyle="--")


def test_finance_figure(shown):
    with shown("finance-figure") as (names, panels):
        plain = names["rivals"]["logistic regression"]
        rivals = {name: names["rivals"][name] for name in ("network, untuned", "network, tuned")}
        ahead = {name: 100 * (right - plain[0]) for name, (right, _) in rivals.items()}
        dearer = {name: cost - plain[1] for name, (_, cost) in rivals.items()}
        frame = {"yticks": {0: "network, untuned", 1: "network, tuned"}, "ylim": (1.5, -0.5), "upside_down": True}
        titles = "Points ahead of logistic regression", "Dearer a loan"
        for panel, gaps, title in zip(panels, (ahead, dearer), titles, strict=True):
            assert_compares(panel, gaps)
            panel.frame(title=title, **frame)
    level = all(low < 0 < high for low, high in (mean_interval(gaps["network, tuned"]) for gaps in (ahead, dearer)))
    behind, dear = mean_interval(ahead["network, untuned"])[1] < 0, mean_interval(dearer["network, untuned"])[0]
    shown.says(
        "finance-figure",
        f"Untuned, behind: {behind}",
        f"dearer a loan by {side(dear, '0.15')}",
        f"both hold zero: {level}",
    )


def test_more_epochs_figure(shown):
    epochs = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000]
    with shown("more-epochs-figure") as (names, [panel]):
        training, validation = zip(*[names["sine_losses"][epoch] for epoch in epochs], strict=True)
        panel.curve(epochs, training, label="training (mean)", marker="o", linestyle="-")
        panel.curve(epochs, validation, label="validation (median)", marker="s", linestyle="--")
        panel.legend("training (mean)", "validation (median)")
        panel.frame(title="20 noisy points, 40 units", xlabel="epoch", ylabel="loss", xscale="log")
    assert training[-1] < validation[-1]
    rise, best = validation[-1] / min(validation), epochs[np.argmin(validation)]
    shown.says("more-epochs-figure", f"an epoch {side(best, '1,000')}", f"{side(rise, '1.5')} times as large")
    shown.says("more-epochs-figure", f"below the noise: {training[-1] < 0.3**2}")


def test_remedies_figure(shown):
    with shown("remedies-figure") as (names, [panel]):
        plain, learned, saved = names["plain"], names["learned"], {}
        options = [{}], *names["strengths"].values()
        for name, settings in zip(["stopped early", *names["strengths"]], options, strict=True):
            tried = [np.array([learned(seed, **setting) for seed in range(5)]) for setting in settings]
            if name == "stopped early":
                test = [run[np.argmin(run[:, 0]), 1] for run in tried[0]]
            else:
                test = tried[np.argmin([runs[:, -1, 0].mean() for runs in tried])][:, -1, 1]
            saved[name] = 100 * (1 - np.array(test) / plain[:, -1, 1])
        assert_compares(panel, saved)
        ticks = dict(enumerate(saved))
        assert list(saved) == ["stopped early", "dropout", "moved copies", "weight decay", "400 images"]
        title = "Test loss saved against the plain run, in %"
        panel.frame(title=title, yticks=ticks, ylim=(4.5, -0.5), upside_down=True)
    low = {name: mean_interval(gap)[0] for name, gap in saved.items()}
    early, decay, more = low["stopped early"], low["weight decay"], low["400 images"]
    shown.says("remedies-figure", f"stopping early: {early > 0}", f"decay {side(decay, '10')} %")
    shown.says("remedies-figure", f"images {side(more, '25')} %", f"beyond doubt: {low['dropout'] > 0}")
