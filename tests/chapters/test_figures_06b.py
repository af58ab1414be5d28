"""What the figures of chapter 6b show."""

import numpy as np
from figures import beside, chapter

from course_lib.datasets import digit_clip
from course_lib.tools.audio import decibels, log_mel, spectrogram

SHORTER = {
    "baseline": {"30)": "2)"},
    "clip-compare": {"epochs=4": "epochs=1"},
    "five": {"1.0), 5)": "1.0), 1)", "Adam(0.03), 90)": "Adam(0.03), 3)"},
}
shown = chapter("06b_speech", shorter=SHORTER)
LABELS_OF_CLIPPING = {"no clipping, rate 2": "2.31", "clipped at 0.5, rate 2": "1.15", "no clipping, rate 0.1": "1.15"}


def test_pictures(shown):
    wave = digit_clip(7, "espeak-ng-en-us-m3")
    seconds = len(wave) / 8000
    with shown("pictures") as (_, [samples, frequencies, bands]):
        samples.curve(np.arange(len(wave)) / 8000, wave)
        for panel, picture, top in ((frequencies, decibels(spectrogram(wave)), 4000), (bands, log_mel(wave), 16)):
            panel.image(picture.T, origin="lower", extent=(0, seconds, 0, top))
    loudest = np.argmax(log_mel(wave), axis=1)
    shown.says("pictures", f"{len(wave):,} samples", f"{len(loudest)} frames and 16 bands")
    shown.says("pictures", f"{np.sum(loudest >= 12)} frames, the s")


def test_vanish_figure(shown):
    names_of = ["plain, U × 0.5", "plain, U × 1", "plain, U × 2", "GRU, gate bias 0", "GRU, gate bias 4"]
    with shown("vanish-figure") as (names, [panel]):
        for name in names_of:
            left = names["curves"][name]
            panel.curve(range(30), left, label=name)
            shown.says("vanish-figure", f"{name}: {left[-1]:.0e}")
    assert names["curves"]["GRU, gate bias 4"][-1] > names["curves"]["GRU, gate bias 0"][-1]


def test_clip_compare(shown):
    with shown("clip-compare") as (names, [panel]):
        norms = names["lengths"]
        for label, bound in LABELS_OF_CLIPPING.items():
            loss = names["losses"][label]
            panel.curve(range(len(norms[label])), norms[label], label=f"{label}:\nloss {loss:.2g} at the end")
            shown.says("clip-compare", f"{label}: {beside(loss, bound)}")
    assert not np.allclose(norms["no clipping, rate 2"], norms["clipped at 0.5, rate 2"])
    shown.says("clip-compare", f"a loss of {np.log(10):.2f}")


def assert_draws(panel, rows):
    """Five networks of each kind in every row, the GRU above the tenths, and beside the best of them their average; rows:
    name -> kind -> shares.
    """
    averages = {}
    for kind, shift in (("GRU", -0.2), ("tenths", 0.2)):
        shares = np.concatenate([kinds[kind] for kinds in rows.values()])
        places = np.repeat(np.arange(len(rows)), 5) + shift
        panel.curve(shares, places, label=kind)
        averages |= {
            (max(kinds[kind]), row + shift): f"{np.mean(kinds[kind]):.0%}" for row, kinds in enumerate(rows.values())
        }
    panel.words(averages)
    panel.frame(yticks=dict(enumerate(rows)))


def test_unheard(shown):
    with shown("unheard") as (names, [panel]):
        together = {"all of flite": names["all_of_flite"], "Scottish “two”": names["scottish_two"]}
        rows = names["by_voice"] | together
        assert_draws(panel, rows)
    gru, tenths = (np.mean(rows["all of flite"][kind]) for kind in ("GRU", "tenths"))
    shown.says(
        "unheard",
        f"the GRU gets {beside(gru, '25%', '55%', form='.0%')} on average",
        f"the linear model {beside(tenths, '50%', '75%', form='.0%')}",
    )


def test_remedies(shown):
    with shown("remedies") as (names, [panel]):
        rows = names["remedies"]
        assert set(names["others"].voice.tolist()) == {"awb", "rms", "slt"}
        assert_draws(panel, rows)
    (gru, more_gru), (tenths, more_tenths) = (
        np.diff([np.mean(kinds[kind]) for kinds in rows.values()]) for kind in ("GRU", "tenths")
    )
    shown.says("remedies", f"centring: {beside(100 * gru, '8')} for the GRU, {beside(100 * tenths, '0')} for")
    shown.says("remedies", f"as well: {beside(100 * more_gru, '3')} for the GRU, {beside(100 * more_tenths, '3')} for")
