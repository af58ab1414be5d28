"""Claims of chapter 6b. A seed draws the initial weights, the order of the batches, and the strings of words."""

from functools import cache

import numpy as np

from course_lib import GRU, Adam, Dense, GradientDescent, Layer, Sequential, Tensor, functional, ops, train
from course_lib.datasets import spoken_digits
from course_lib.datasets.speech import slices, word_strings
from course_lib.labs.voices.model import Recogniser
from course_lib.layers import glorot_uniform, orthogonal
from course_lib.schedules import Clipped

from .ledger import Claim

DATA = spoken_digits()
HEARD, ACCENTS, FLITE = (DATA.part(name) for name in ("train", "held-out accents", "other synthesiser"))
WITH_KAL16 = DATA.of_voice("en-us", "en-gb", "en-gb-x-rp", "en-029", "kal16")
THREE = DATA.of_voice("awb", "rms", "slt")
FIFTH = DATA.part("validation")
MEAN, STD = (f(HEARD.features[HEARD.mask == 1], axis=0) for f in (np.mean, np.std))
OPTIONS = {"dtype": np.float32}
GUESSING = np.log(10)


def standard(part):
    return (part.features - MEAN) / STD


def centred(part):
    return (part.features - part.average()[:, None]) / STD


def trained(model, inputs, labels, optimizer, epochs, seed):
    steps = train(
        model,
        (*inputs, labels),
        loss=functional.softmax_cross_entropy,
        optimizer=optimizer,
        epochs=epochs,
        batch_size=32,
        rng=np.random.default_rng(seed),
    )
    *_, last = steps
    return model, last.loss


def share(model, inputs, labels):
    return (model(*inputs).value.argmax(axis=1) == labels).mean()


@cache
def gru(seed, prepare=standard, with_kal16=False):
    part = WITH_KAL16 if with_kal16 else HEARD
    model = Recogniser(16, 48, np.random.default_rng(seed))
    optimizer = Clipped(Adam(0.01), largest=1.0)
    return trained(model, (prepare(part), part.mask), part.labels, optimizer, 5, seed)[0]


@cache
def linear(seed, prepare=standard, with_kal16=False):
    part = WITH_KAL16 if with_kal16 else HEARD
    model = Dense(160, 10, rng=np.random.default_rng(seed), **OPTIONS)
    return trained(model, (slices(prepare(part), part.mask, 10),), part.labels, Adam(0.01), 30, seed)[0]


def gru_share(seed, part, prepare=standard, with_kal16=False):
    return share(gru(seed, prepare, with_kal16), (prepare(part), part.mask), part.labels)


def linear_share(seed, part, prepare=standard, with_kal16=False):
    return share(linear(seed, prepare, with_kal16), (slices(prepare(part), part.mask, 10),), part.labels)


# Three words without a pause: is one of them a seven?


class Spotter(Layer):
    """A GRU and a dense layer on its last state, with two answers: no, yes."""

    def __init__(self, rng):
        self.layers = [GRU(16, 48, rng=rng, **OPTIONS), Dense(48, 2, rng=rng, **OPTIONS)]
        self.parameters = [p for layer in self.layers for p in layer.parameters]

    def __call__(self, x, mask):
        return self.layers[1](self.layers[0](x, mask=mask)[:, -1])


def spotting(seed):
    """By how much the GRU leads the better of two models of 20 slices, linear or with a hidden layer, on new accents."""
    rng = np.random.default_rng(seed)
    x, mask, labels = word_strings(HEARD, centred(HEARD), 7, 1200, rng)
    x_test, mask_test, y_test = word_strings(ACCENTS, centred(ACCENTS), 7, 600, rng)
    optimizer = Clipped(Adam(0.01), largest=1.0)
    model, _ = trained(Spotter(np.random.default_rng(seed)), (x, mask), labels, optimizer, 6, seed)
    ours = share(model, (x_test, mask_test), y_test)
    cut, cut_test = slices(x, mask, 20), slices(x_test, mask_test, 20)
    rng = np.random.default_rng(seed)
    hidden = Sequential(Dense(320, 48, "relu", rng=rng, **OPTIONS), Dense(48, 2, rng=rng, **OPTIONS))
    rivals = (hidden, Dense(320, 2, rng=rng, **OPTIONS))
    theirs = [share(trained(m, (cut,), labels, Adam(0.003), 30, seed)[0], (cut_test,), y_test) for m in rivals]
    return ours - max(theirs)


# The plain network, and what is left of a gradient


class PlainRNN(Layer):
    def __init__(self, rng):
        self.W, self.b = Tensor(glorot_uniform((16, 48), rng)), Tensor(np.zeros(48))
        self.U, self.out = Tensor(orthogonal((48, 48), rng)), Dense(48, 10, rng=rng)
        self.parameters = [self.W, self.U, self.b, *self.out.parameters]

    def __call__(self, x, mask):
        h = np.zeros((len(x), 48))
        for t in range(x.shape[1]):
            m = mask[:, t : t + 1]
            h = m * ops.tanh(x[:, t] @ self.W + h @ self.U + self.b) + (1 - m) * h
        return self.out(h)


def clipping(seed):
    """Whether the plain network at rate 2 ends worse than guessing without a limit, and well below it with one."""
    losses = []
    for largest in (np.inf, 0.5):
        model, optimizer = PlainRNN(np.random.default_rng(seed)), Clipped(GradientDescent(2.0), largest)
        losses.append(trained(model, (standard(HEARD), HEARD.mask), HEARD.labels, optimizer, 4, seed)[1])
    return losses[0] > GUESSING and losses[1] < GUESSING / 2


def gradient_left(layers):
    """The share of the gradient norm that is left 29 steps back, on 64 utterances."""
    cell, out = layers
    long = HEARD[HEARD.mask[:, :30].sum(axis=1) == 30][:64]
    x, states = standard(long)[:, :30], [Tensor(np.zeros((64, 48)))]
    for t in range(30):
        states.append(functional.gru_cell(x[:, t], states[-1], *cell.parameters))
    functional.softmax_cross_entropy(out(states[-1]), long.labels).backward()
    return np.linalg.norm(states[1].grad) / np.linalg.norm(states[-1].grad)


def training_keeps_more(seed):
    """The logarithm to base 10 of (gradient left after training / before)."""
    before = Recogniser(16, 48, np.random.default_rng(seed))
    return np.log10(gradient_left(gru(seed).layers) / gradient_left(before.layers))


def scottish_two(seed):
    """The linear model's share right of the Scottish *two* minus the GRU's; -1 unless the sentence's other facts hold."""
    scots, others = ACCENTS.of_voice("en-gb-scotland"), ACCENTS.of_voice("en-gb-x-gbclan", "en-us-nyc")
    two = scots[scots.labels == 2]
    facts = gru_share(seed, two) < 0.5 and min(gru_share(seed, others), linear_share(seed, others)) >= 0.99
    return linear_share(seed, two) - gru_share(seed, two) if facts else -1.0


def on_flite(seed):
    """The linear model's share right minus the GRU's; -1 unless the linear model loses a quarter or more."""
    ours = linear_share(seed, FLITE)
    return ours - gru_share(seed, FLITE) if ours <= 0.75 else -1.0


def gain_by_centring(seed, share):
    return share(seed, THREE, centred) - share(seed, THREE)


def gain_by_kal16(seed, share):
    return share(seed, THREE, centred, True) - share(seed, THREE, centred)


CLAIMS = [
    Claim(
        "clipping-lets-it-learn", "06b_speech", "gru-text",
        "Without a limit, single steps throw the weights so far that the network ends worse than guessing. With it, the same "
        "rate learns.",
        clipping, seeds=5,
    ),
    Claim(
        "tenths-lead-on-accents", "06b_speech", "predict-unheard-text",
        "A pass for both, and the linear model gets more right here.",
        lambda seed: linear_share(seed, ACCENTS) - gru_share(seed, ACCENTS),
        "share right on three new accents, the linear model's minus the GRU's", seeds=8, paired=True,
    ),
    Claim(
        "training-keeps-more-gradient", "06b_speech", "predict-unheard-text",
        "A trained GRU keeps over ten times as much gradient as an untrained one.",
        training_keeps_more, "log10 of (gradient left 29 steps back, after training / before)",
        seeds=8, share=0.9, holds=lambda effect: effect > 1,
    ),
    Claim(
        "scottish-two", "06b_speech", "unheard-reply",
        "The GRU loses more than half of their *twos*, the linear model fewer; both get the other two accents right.",
        scottish_two, "share right of the Scottish two, the linear model's minus the GRU's", seeds=8, paired=True,
    ),
    Claim(
        "flite-costs-more-with-a-gru", "06b_speech", "unheard-reply",
        "And a synthesiser never heard costs the linear model a quarter of its answers or more, the GRU still more.",
        on_flite, "share right on flite, the linear model's minus the GRU's", seeds=8, share=0.9, paired=True,
    ),
    Claim(
        "centring-helps-the-gru", "06b_speech", "remedies-reply",
        "A remedy suits a model: centring helps the GRU",
        lambda seed: gain_by_centring(seed, gru_share), "gain of the GRU on three new voices by centring",
        seeds=8, share=0.9, paired=True,
    ),
    Claim(
        "centring-costs-the-tenths", "06b_speech", "remedies-reply",
        "and costs the linear model.",
        lambda seed: -gain_by_centring(seed, linear_share), "loss of the linear model on three new voices by centring",
        seeds=8, share=0.9, paired=True,
    ),
    Claim(
        "kal-helps-the-tenths", "06b_speech", "remedies-reply",
        "One more voice helps the linear model,",
        lambda seed: gain_by_kal16(seed, linear_share), "gain of the linear model on three new voices by a fourth one",
        seeds=8, share=0.9, paired=True,
    ),
    Claim(
        "kal-mostly-helps-the-gru", "06b_speech", "remedies-reply",
        "and with most seeds the GRU.",
        lambda seed: gain_by_kal16(seed, gru_share), "gain of the GRU on three new voices by a fourth one",
        seeds=10, share=0.6,
    ),
    Claim(
        "the-lead-is-gone", "06b_speech", "remedies-reply",
        "With the GRU centred, the lead on the three accents is gone, on average:",
        lambda seed: linear_share(seed, ACCENTS) - gru_share(seed, ACCENTS, centred),
        "share right on three new accents, the linear model's as it was minus the centred GRU's", seeds=8, share=0.5,
        holds=lambda lead: abs(lead) < 0.01, within=(-0.015, 0.015),
    ),
    Claim(
        "centring-costs-the-tenths-there", "06b_speech", "remedies-reply",
        "there centring costs the linear model points",
        lambda seed: linear_share(seed, FIFTH) - linear_share(seed, FIFTH, centred),
        "loss of the linear model on the fifth accent by centring", seeds=8, share=0.9, holds=lambda loss: loss > 0.01,
        paired=True,
    ),
    Claim(
        "gru-spots-better", "06b_speech", "spotting-reply",
        "In most runs the GRU, with fewer parameters:",
        spotting, "share of strings right, the GRU's minus that of the better of two models of slices", share=0.8,
    ),
]  # fmt: skip
