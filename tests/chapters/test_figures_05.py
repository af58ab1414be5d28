"""What the figures of chapter 5 show."""

from figures import beside, chapter

SHORTER = {
    "thirty-seeds": {"10_000)": "20)", "2000)": "20)"},
    "initial-scale": {"solved(0.5, 2000": "solved(5, 200"},
    "capacity": {"solved(0.5, 5000": "solved(5, 200", "seeds=100": "seeds=20"},
}
shown = chapter("05_practice", shorter=SHORTER)


def test_initial_scale(shown):
    with shown("initial-scale") as (names, [panel]):
        scales, shares = names["scales"], names["shares"]
        assert len(set(shares)) > 2  # so that no order of them is as good as another
        panel.curve(scales, shares)
    shown.says("initial-scale", *(f"{share:.0%} at {scale:g}" for scale, share in zip(scales, shares, strict=True)))


def test_capacity(shown):
    with shown("capacity") as (names, [panel]):
        shares = names["shares"]
        assert len(set(shares)) > 2
        panel.bars(range(1, 7), shares)
    shown.says("capacity", *(f"{share:.0%} with {units}" for units, share in enumerate(shares, 1)))


def test_sharpness(shown):
    with shown("sharpness") as (names, [panel]):
        losses, curved = names["watched"][0]
        rises = [at for at in range(59) if losses[at + 1] > losses[at]]
        assert rises and all(curved[at] > 2 / 3 for at in rises)
        panel.curve(range(1, 61), curved, label="each epoch")
        panel.curve([at + 1 for at in rises], curved[rises], label="the next step raises the loss")
        panel.level(2 / 3, label="2 / rate")
    below = sum(bool(last[-1] < 2 / 3) for _, last in names["watched"])
    shown.says(
        "sharpness",
        f"before a rise is {beside(min(curved[rises]), '0.67')}.",
        "is above 2/rate in 10 of 10",
        f"is below 2/rate in {below} of them.",
    )
