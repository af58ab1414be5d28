"""What the figures of chapter 8 show."""

import numpy as np
from claims.tuning_chapter08 import AT_ONE_RATE, AT_OWN_RATES
from figures import beside, chapter, side

from course_lib.tools.evaluation import mean_interval

SHORTER = {
    "equal-care": {
        "rates=(0.001, 0.003, 0.01, 0.03)": "rates=(0.01, 0.03)",
        "zeros((40,": "zeros((2,",
        "rates, 40,": "rates, 2,",
    },
    "medicine-test": {"every, 0)": "area, 0)", "every, 32)": "area, 32)"},
    "finance-test": {"([0.03], 30)": "([0.03], 5)"},
    "remedies": {"16_000": "4_000"},
}
shown = chapter("08_outlook", shorter=SHORTER)


def assert_compares(panel, gaps, interval=mean_interval):
    """A row for each name: five dots and the 95 % interval of their mean; a line at 0."""
    for row, gap in enumerate(gaps.values()):
        panel.curve([np.mean(each) for each in gap], [row] * 5)
        panel.curve(interval(gap), [row, row])
    panel.level(0, axis="x")


def test_finance_figure(shown):
    with shown("finance-figure") as (names, panels):
        ahead, dearer, over_loans = names["ahead"], names["dearer"], names["over_loans"]
        ticks = dict(enumerate(["network, untuned", "network, tuned", "boosted trees"]))
        titles = "Points ahead of logistic regression", "Costs more per loan"
        for panel, gaps, title in zip(panels, (ahead, dearer), titles, strict=True):
            assert_compares(panel, gaps, over_loans)
            panel.frame(title=title, yticks=ticks)
    level = [
        name
        for name in ("network, tuned", "boosted trees")
        if all(low < 0 < high for low, high in (over_loans(gaps[name]) for gaps in (ahead, dearer)))
    ]
    points, cost = (over_loans(gaps["network, untuned"]) for gaps in (ahead, dearer))
    shown.says(
        "finance-figure",
        f"by this many points: {beside(points, '0')}",
        f"more per loan by this much: {beside(cost, '0.1')}",
        f"Both intervals contain zero for these: {', '.join(level)}.",
    )


def test_more_epochs_figure(shown):
    epochs = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000]
    with shown("more-epochs-figure") as (names, [panel]):
        training, validation = zip(*[names["sine_losses"][epoch] for epoch in epochs], strict=True)
        panel.curve(epochs, training, label="training (mean)")
        panel.curve(epochs, validation, label="validation (median)")
    assert training[-1] < validation[-1]
    rise, best = validation[-1] / min(validation), epochs[np.argmin(validation)]
    shown.says(
        "more-epochs-figure", f"at epoch {beside(best, '1000', form=',')};", f"it is {beside(rise, '1.5')} times"
    )
    shown.says("more-epochs-figure", f"falls to {beside(training[-1], f'{0.3**2:g}')}")


def test_remedies_figure(shown):
    with shown("remedies-figure") as (names, panels):
        found = [names["at_one_rate"], names["at_own_rates"]]
        assert list(found[0]) == ["stopped early", "smaller rate", *list(found[1])[1:]]
        titles = "% of the test loss saved, rate 0.02", "the same, each at its own rate"
        for panel, saved, title in zip(panels, found, titles, strict=True):
            assert_compares(panel, saved)
            panel.frame(title=title, yticks=dict(enumerate(saved)))
    above = [", ".join(name for name, gap in saved.items() if mean_interval(gap)[0] > 5) for saved in found]
    shown.says("remedies-figure", f"above five per cent for these: {above[0]}.", f"it does so for these: {above[1]}.")
    smaller, twice = found[0]["smaller rate"].mean(), found[1]["200 images"].mean()
    shown.says("remedies-figure", f"alone saves {side(smaller, '20')} %", f"their own rate save {side(twice, '10')} %")
    cases = dict(shown.shown["remedies-figure"].names["cases"])
    assert cases.pop("smaller rate")[1] == AT_OWN_RATES.sides["plain"].chosen
    for name, settings in cases.items():
        assert [{"rate": 0.02} | setting for setting in settings] == [
            search.sides[name].chosen for search in (AT_ONE_RATE, AT_OWN_RATES)
        ]
