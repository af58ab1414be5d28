"""What the figures of chapter 3 show."""

import numpy as np
from figures import chapter

EPOCHS = 400
SHORTER = {
    "long-run": {'"epochs": 2000': f'"epochs": {EPOCHS}'},
    "rules": {"2000": str(EPOCHS), "1999": str(EPOCHS - 1)},
    "batches": {"range(10)": "range(2)"},
}
shown = chapter("03_algorithms", shorter=SHORTER)


def test_one_run(shown):
    with shown("one-run") as (names, [panel]):
        training, validation = names["training"][:, 0], names["validation"][:, 0]
        panel.curve(range(EPOCHS), training, label="training")
        panel.curve(range(EPOCHS), validation, label="validation")
    shown.says("one-run", f"Training loss falls to {training[-1]:.2f}")
    shown.says("one-run", f"falls to {min(validation):.2f}, then rises to {validation[-1]:.2f}")


def stop(rule, run, names):
    """The epoch at which a rule stops a run, and the epoch whose weights it keeps; read off the curves one by one."""
    best, lowest = 0, np.inf
    for epoch in range(EPOCHS):
        if names["validation"][epoch, run] < lowest:
            best, lowest = epoch, names["validation"][epoch, run]
        if rule == "gradient norm below 0.01" and names["norms"][epoch, run] < 0.01:
            return epoch
        if rule == "training loss below 0.2" and names["training"][epoch, run] < 0.2:
            return epoch
        if rule.startswith("patience") and epoch - best == int(rule.split()[1]):
            return best
    return best if rule.startswith("patience") else EPOCHS - 1


def test_rules_figure(shown):
    rules = ["gradient norm below 0.01", "training loss below 0.2", "patience 50", "patience 200", "2,000 epochs"]
    with shown("rules-figure") as (names, [panel]):
        for row, rule in enumerate(rules):
            kept = [names["test"][stop(rule, run, names), run] for run in range(20)]
            panel.curve(kept, [row] * 20)
            panel.curve([np.median(kept)], [row])
            shown.says("rules-figure", f"{rule} {np.median(kept):.3f}")
        panel.frame(yticks=dict(enumerate(rules)))


def test_batches_figure(shown):
    with shown("batches-figure") as (names, [panel]):
        for size in (200, 20, 1):
            label = f"batch size {size}: {20 * 200 // size:,} steps"
            median = np.median(np.array(names["ends"][size]), axis=0)
            panel.curve([0.01, 0.03, 0.1, 0.3, 1, 3, 10], median, label=label)
            shown.says("batches-figure", f"batch size {size}: {median.min():.1f}")
