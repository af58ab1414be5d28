"""The figures of chapter 6b: sounds as pictures, gradients through time, and who is understood, with their facts in words."""

import numpy as np

from ..text import measured, say
from . import parts
from .figures import figure, show


def of_a_word(wave, spectrogram, log_mel, rate=8000):
    """The word seven as a wave (samples,), a spectrogram (frames, frequencies) and log-mel (frames, bands)."""
    titles, seconds = [say("wave"), say("spectrogram"), say("log-mel")], len(wave) / rate
    fig, axes = figure(3, width=9.6, height=2.9, title=titles, xlabel=say("seconds"))
    axes[0].plot(np.arange(len(wave)) / rate, wave, linewidth=0.6)
    (frames, bands), frequencies = log_mel.shape, spectrogram.shape[1]
    heights = ((axes[1], spectrogram, rate // 2, "Hz"), (axes[2], log_mel, bands, say("mel band")))
    for ax, picture, top, label in heights:
        ax.imshow(picture.T, origin="lower", aspect="auto", cmap="Greens", extent=(0, seconds, 0, top))
        ax.set_ylabel(label)
        ax.grid(False)
    fact = say(
        "The word seven, {samples:,} samples: wave, spectrogram of {frequencies} frequencies, log-mel of {frames} frames and "
        "{bands} bands. {hissing} frames, the s, are loudest on top.",
        samples=len(wave),
        frequencies=frequencies,
        frames=frames,
        bands=bands,
        hissing=(log_mel.argmax(axis=1) >= 12).sum(),  # in the highest bands
    )
    return show(fig, fact)


def vanishing(norms, starts):
    """The gradient's norm by steps back, relative to the last step: {name: (steps,)}, medians of so many starts."""
    labels = {"title": say("Norm of dL/dh, relative to the last step"), "xlabel": say("steps back")}
    fig, ax = figure(width=8, yscale="log", **labels)
    steps = len(next(iter(norms.values())))
    parts.curves(ax, range(steps), norms)
    parts.legend_beside(ax)
    facts = [say("{name}: {norm:.0e}", name=name, norm=norm[-1]) for name, norm in norms.items()]
    fact = say(
        "Gradient norm that is left {steps} steps back, median of {starts} starts. {facts}.",
        steps=steps - 1,
        starts=starts,
        facts=say("; ").join(facts),
    )
    return show(fig, fact)


def clipping(norms, losses, title):
    """The gradient's norm by step: without clipping, with it, and without it at a smaller rate.

    norms: {name: (steps,)}; losses: {name: at the end}
    """
    fig, ax = figure(height=2.8, title=title, xlabel=say("step"), yscale="log")
    for name, each in norms.items():
        ax.plot(each, linewidth=1, label=say("{name}:\nloss {loss:.2g} at the end", name=name, loss=losses[name]))
    parts.legend_beside(ax)
    bounds = dict(zip(losses, (2.31, 1.15, 1.15), strict=True))
    ends = [say("{name}: {loss}", name=name, loss=measured(loss, bounds[name])) for name, loss in losses.items()]
    fact = say(
        "Norm of the gradient before clipping, by step. Guessing has a loss of {guessing:.2f}. Loss at the end: {ends}.",
        guessing=np.log(10),
        ends=say("; ").join(ends),
    )
    return show(fig, fact)


def _shares(rows, title):
    """The share right of each network of two kinds, a row for each {name: {kind: (seeds,)}}."""
    labels = {"title": title, "xlabel": say("share right of each network; the number is their average")}
    fig, ax = figure(height=1.3 + 0.36 * len(rows), xlim=(0, 1.02), **labels)
    for kind, mark, shift in zip(next(iter(rows.values())), "os", (-0.2, 0.2), strict=True):
        shares = np.array([kinds[kind] for kinds in rows.values()])
        heights = np.arange(len(rows)) + shift
        (dots,) = ax.plot(shares.ravel(), np.repeat(heights, shares.shape[1]), mark, markersize=5, label=kind)
        for each, height in zip(shares, heights, strict=True):
            look = {"va": "center", "fontsize": 9, "color": dots.get_color(), "annotation_clip": False}
            beside = {"xytext": (6, 0), "textcoords": "offset points"}
            ax.annotate(f"{each.mean():.0%}", (each.max(), height), **beside, **look)
    ax.set_yticks(range(len(rows)), rows)
    ax.set_ylim(len(rows) - 0.5, -0.5)
    ax.legend(loc="center left", bbox_to_anchor=(1.08, 0.5), frameon=False)
    return fig


def voices(by_voice, flite, scots):
    """The share right by voice: {voice: {kind: (seeds,)}}, and {kind: (seeds,)} on all of flite and on the Scottish two.

    The kinds are a GRU and a network that hears tenths of an utterance.
    """
    rows = {
        **by_voice,
        say("all of flite"): flite,
        say("Scottish \u201ctwo\u201d"): scots,
    }
    fig = _shares(rows, say("Never heard, five seeds"))
    (gru, tenths), (gru_two, tenths_two) = ([share.mean() for share in kinds.values()] for kinds in (flite, scots))
    fact = say(
        "Share right by voice. On all of flite the GRU gets {gru} on average, and the linear model {tenths}. On the "
        "word “two” in the Scottish voice the GRU gets {gru_two}, and the linear model {tenths_two}.",
        gru=measured(gru, 0.25, 0.55, form=".0%"),
        tenths=measured(tenths, 0.5, 0.75, form=".0%"),
        gru_two=measured(gru_two, 0.34, form=".0%"),
        tenths_two=measured(tenths_two, 0.34, form=".0%"),
    )
    return show(fig, fact)


def remedies(rows):
    """The share right as before, with each utterance centred, and with the voice kal16 as well: {name: {kind: (seeds,)}}."""
    fig = _shares(rows, say("Three voices never heard"))
    gru, tenths = 100 * np.diff([[share.mean() for share in kinds.values()] for kinds in rows.values()], axis=0).T
    fact = say(
        "Share right on three voices never heard, five seeds. Points gained by centring: {gru} for the GRU, {tenths} "
        "for the linear model. Further points gained by training on the voice kal16 as well: {more_gru} for the GRU, "
        "{more_tenths} for the linear model.",
        gru=measured(gru[0], 8),
        tenths=measured(tenths[0], 0),
        more_gru=measured(gru[1], 3),
        more_tenths=measured(tenths[1], 3),
    )
    return show(fig, fact)
