"""Chapter 6b: models, data, and how rate, epochs, input and window of each were chosen, on the fifth accent."""

from functools import lru_cache, partial

import numpy as np

from course_lib import GRU, Adam, Dense, Layer, Sequential, functional, train
from course_lib.datasets import spoken_digits
from course_lib.datasets.speech import slices, word_strings
from course_lib.schedules import Clipped

from .tuning import Side, Tuning

DATA = spoken_digits()
HEARD, FIFTH, ACCENTS, FLITE = (
    DATA.part(name) for name in ("train", "validation", "held-out accents", "other synthesiser")
)
MEAN, STD = (f(HEARD.features[HEARD.mask == 1], axis=0) for f in (np.mean, np.std))
OPTIONS = {"dtype": np.float32}
BEFORE = 3  # in strings that have a seven and a three, which is first?


def standard(part):
    return (part.features - MEAN) / STD


def centred(part):
    return (part.features - part.average()[:, None]) / STD


INPUTS = {"standardised": standard, "centred": centred}


def trained(model, inputs, labels, optimizer, epochs, seed):
    """(the model, its loss in the last epoch)."""
    loss, rng = functional.softmax_cross_entropy, np.random.default_rng(seed)
    data = (*inputs, labels)
    *_, last = train(model, data, loss=loss, optimizer=optimizer, epochs=epochs, batch_size=32, rng=rng)
    return model, last.loss


def loss_on(model, inputs, labels):
    return float(functional.softmax_cross_entropy(model(*inputs), labels).value)


def share(model, inputs, labels):
    return (model(*inputs).value.argmax(axis=1) == labels).mean()


# The models: from (n, time, 16) and a mask (n, time), or from slices, to logits (n, classes).


class Recurrent(Layer):
    """A GRU and a dense layer on its last state."""

    def __init__(self, rng, classes=10):
        self.layers = [GRU(16, 48, rng=rng, **OPTIONS), Dense(48, classes, rng=rng, **OPTIONS)]

    def __call__(self, x, mask):
        return self.layers[1](self.layers[0](x, mask=mask)[:, -1])


class TimeConvolution(Layer):
    """One dense layer on every window of frames, with the same weights; then the largest answer of each unit."""

    def __init__(self, window, rng, classes=2):
        self.window = window
        self.layers = [Dense(16 * window, 32, "relu", rng=rng, **OPTIONS), Dense(32, classes, rng=rng, **OPTIONS)]

    def __call__(self, x, mask):
        windows = np.lib.stride_tricks.sliding_window_view(x, self.window, axis=1)  # (n, places, 16, window)
        answers = self.layers[0](windows.reshape(*windows.shape[:2], -1)) * mask[:, self.window - 1 :, None]
        n, _, units = answers.shape
        largest = answers.value.argmax(axis=1)  # (n, units)
        return self.layers[1](answers[np.arange(n)[:, None], largest, np.arange(units)])


def dense_on_slices(rng):
    return Sequential(Dense(320, 48, "relu", rng=rng, **OPTIONS), Dense(48, 2, rng=rng, **OPTIONS))


# One word: each with its rate and epochs


def gru_on(part, prepare, seed, rate, epochs):
    model, optimizer = Recurrent(np.random.default_rng(seed)), Clipped(Adam(rate), largest=1.0)
    return trained(model, (prepare(part), part.mask), part.labels, optimizer, epochs, seed)[0]


def tenths_on(part, prepare, seed, rate, epochs):
    model = Dense(160, 10, rng=np.random.default_rng(seed), **OPTIONS)
    return trained(model, (slices(prepare(part), part.mask, 10),), part.labels, Adam(rate), epochs, seed)[0]


def digits_loss(fit, read, seed, rate, epochs, input="standardised"):
    prepare = INPUTS[input]
    return loss_on(fit(HEARD, prepare, seed, rate, epochs), read(FIFTH, prepare), FIFTH.labels)


def frames(part, prepare):
    return prepare(part), part.mask


def tenths(part, prepare):
    return (slices(prepare(part), part.mask, 10),)


# Strings of words


@lru_cache(maxsize=4)
def strings(seed, judged, words=3, before=None):
    """(those to train with, those of the part `judged`): each (features, mask, labels)."""
    rng, part = np.random.default_rng(seed), {"fifth": FIFTH, "accents": ACCENTS}[judged]
    return [
        word_strings(each, centred(each), 7, count, rng, words=words, before=before)
        for each, count in ((HEARD, 1200), (part, 600))
    ]


def pairs(x, mask):
    """What GRU and convolution get: of each two frames the mean."""
    return (x[:, :-1:2] + x[:, 1::2]) / 2, mask[:, 1::2]


def in_slices(x, mask):
    return (slices(x, mask, 20),)


def gru_on_strings(data, seed, rate, epochs):
    x, mask, labels = data
    model, optimizer = Recurrent(np.random.default_rng(seed), 2), Clipped(Adam(rate), largest=1.0)
    return trained(model, pairs(x, mask), labels, optimizer, epochs, seed)[0]


def convolution_on_strings(data, seed, window, rate, epochs):
    x, mask, labels = data
    model = TimeConvolution(window, np.random.default_rng(seed))
    return trained(model, pairs(x, mask), labels, Adam(rate), epochs, seed)[0]


def slices_on_strings(data, seed, rate, epochs):
    x, mask, labels = data
    model = dense_on_slices(np.random.default_rng(seed))
    return trained(model, in_slices(x, mask), labels, Adam(rate), epochs, seed)[0]


def strings_loss(fit, read, kind, seed, **settings):
    heard, (x, mask, labels) = strings(seed, "fifth", **kind)
    return loss_on(fit(heard, seed, **settings), read(x, mask), labels)


SPOTTING, ORDER = {"words": 3}, {"words": 5, "before": BEFORE}
STRINGS_OF_FIFTH = "loss on 600 strings of the fifth accent"


def strings_sides(kind, windows, rates, epochs, window, rate, longest):
    """The GRU and the convolution along time; the latter's window, rate and epochs."""
    gru, convolution = (partial(strings_loss, fit, pairs, kind) for fit in (gru_on_strings, convolution_on_strings))
    tried, chosen = {"rate": rates, "epochs": epochs}, {"window": window, "rate": rate, "epochs": longest}
    return {
        "GRU": Side(tried, gru, {"rate": 0.01, "epochs": 8}, ("epochs",)),
        "convolution along time": Side({"window": windows} | tried, convolution, chosen, ("epochs",)),
    }


TUNINGS = [
    Tuning(
        "speech",
        "06b_speech",
        (
            "tenths-lead-on-accents",
            "scottish-two",
            "flite-costs-more-with-a-gru",
            "centring-helps-the-gru",
            "centring-costs-the-tenths",
            "centring-would-be-level",
            "centring-costs-the-tenths-there",
            "fifth-accent-undecided",
        ),
        "single words: GRU and linear model on tenths",
        "loss on the fifth accent",
        {
            "GRU": Side(
                {"input": tuple(INPUTS), "rate": (0.01, 0.02, 0.04, 0.08), "epochs": (3, 5)},
                partial(digits_loss, gru_on, frames),
                {"input": "standardised", "rate": 0.02, "epochs": 5},
                ends=("epochs",),
            ),
            "tenths": Side(
                {"input": tuple(INPUTS), "rate": (0.01, 0.03, 0.1), "epochs": (30, 90)},
                partial(digits_loss, tenths_on, tenths),
                {"input": "standardised", "rate": 0.03, "epochs": 90},
                ends=("epochs",),
            ),
        },
        seeds=10,
    ),
    Tuning(
        "spotting",
        "06b_speech",
        ("sharing-spots-better", "recurrence-spots-no-better"),
        "is one of three words a seven?",
        STRINGS_OF_FIFTH,
        strings_sides(SPOTTING, (4, 8, 16), (0.003, 0.01, 0.03, 0.1), (8,), 8, 0.01, 8)
        | {
            "slices": Side(
                {"rate": (0.001, 0.003, 0.01), "epochs": (3, 10, 30)},
                partial(strings_loss, slices_on_strings, in_slices, SPOTTING),
                {"rate": 0.003, "epochs": 10},
            ),
        },
    ),
    Tuning(
        "order",
        "06b_speech",
        ("gru-knows-the-order",),
        "which of two words came first, among five?",
        STRINGS_OF_FIFTH,
        strings_sides(ORDER, (8, 16, 32), (0.001, 0.003, 0.01, 0.03), (8, 24), 16, 0.003, 24),
    ),
]
