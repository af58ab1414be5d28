"""A language model: a network that reads the beginning of a text and says how likely each symbol is to come next.

That is classification, with a class for each symbol, at every place of the text at once. What it writes is one such answer
after the other: a symbol is drawn, put at the end of the text, and the network is asked again.
"""

from collections import Counter

import numpy as np

from .. import functional
from ..autodiff import value_of
from ..checks import check_generator, check_sizes
from ..layers import Block, Dense, Embedding, LayerNorm, Positions, Sequential
from ..text import say

INITIAL = (
    0.1  # standard deviation of the rows for symbols and positions: with 1, blocks would have to add a lot to be heard
)


class LanguageModel(Sequential):
    """Symbols and their positions, blocks with causal attention, and logits: model(x) -> (batch, time, symbols).

    symbols, longest   how many symbols there are, and how many of them a text has at most
    features, heads, blocks   numbers for each step, heads of the attention in each block, and how many blocks
    positions          False: it does not learn at which place a symbol stands
    causal             False: no mask, so that a step sees the symbol that it is to predict
    rng, dtype         as in Dense; float32 is exact enough here, and quicker

    x (batch, time) are the numbers of symbols; the logits at a step are for the symbol behind it. Without the mask, training
    fails in an instructive way: the loss falls to nothing, and what it writes is useless.
    Source: Radford et al. (2019), Language models are unsupervised multitask learners, on a very small scale.
    """

    def __init__(
        self, symbols, longest, features=32, heads=2, blocks=1, *, positions=True, causal=True, rng, dtype=np.float32
    ):
        check_sizes("LanguageModel", blocks=blocks)
        options = {"rng": rng, "dtype": dtype}
        self.symbols, self.longest = symbols, longest
        super().__init__(
            Embedding(symbols, features, scale=INITIAL, **options),
            *([Positions(longest, features, scale=INITIAL, **options)] if positions else []),
            *(Block(features, heads, blocks=blocks, causal=causal, **options) for _ in range(blocks)),
            LayerNorm(features, dtype=dtype),
            Dense(features, symbols, **options),
        )

    @property
    def blocks(self):
        return [layer for layer in self.layers if isinstance(layer, Block)]

    def attention_maps(self, x):
        """The weights of every head over texts x (batch, time): an array (batch, heads, time, time) for each block."""
        maps = []
        for layer in self.layers:
            if isinstance(layer, Block):
                norm, attention = layer.layers[0].layers
                maps.append(attention.weights(norm(x)))
            x = value_of(layer(x))
        return maps


class Bigrams:
    """The baseline: how often each symbol followed on each other one. It looks at the last symbol alone.

    x, y      texts and the symbols behind, as for `next_symbol_loss`       symbols   how many there are
    added     is added to every count, so that no symbol is impossible

    bigrams(x) gives logits (batch, time, symbols), the logarithms of the shares: `next_symbol_loss` and `write` take them.
    """

    def __init__(self, x, y, symbols, added=0.1):
        check_sizes("Bigrams", symbols=symbols)
        counts = np.full((symbols, symbols), float(added))
        np.add.at(counts, (x[y >= 0], y[y >= 0]), 1)
        self.table = np.log(counts / counts.sum(axis=1, keepdims=True))  # (symbols, symbols)

    def __call__(self, x):
        return self.table[x]


def letter_table_loss(learned, held_out, symbols, letters=5, strength=5.0):
    """The loss on held-out lines of a longer table: it counts what followed on the last `letters` - 1 symbols.

    learned, held_out   (x, y) each, as for `next_symbol_loss`        symbols   how many there are
    letters             whole number >= 1; 2 is a table of pairs, and 1 counts the symbols alone
    strength            how many observations the table of one letter less counts for, where few have been seen

    p(c | context) = (count of c + strength p(c | context without its first symbol)) / (count of all + strength), and at the
    very bottom each symbol has 1 / symbols. Returns the mean of -log p over all places of held_out that count.
    Source: MacKay and Peto (1995), A hierarchical Dirichlet language model.
    """
    check_sizes("letter_table_loss", symbols=symbols, letters=letters)
    p = {place: 1 / symbols for place, _, _ in _contexts(*held_out, 0)}
    for length in range(letters):
        pairs, totals = Counter(), Counter()
        for _, context, behind in _contexts(*learned, length):
            pairs[context, behind] += 1
            totals[context] += 1
        for place, context, behind in _contexts(*held_out, length):
            p[place] = (pairs[context, behind] + strength * p[place]) / (totals[context] + strength)
    return float(-np.log([*p.values()]).mean())


def _contexts(x, y, length):
    """Each place that counts and has `length` symbols up to it: (line, step), these symbols, and the one behind them."""
    for line, (symbols, behind) in enumerate(zip(x.tolist(), y.tolist(), strict=True)):
        for step, symbol in enumerate(behind):
            if symbol >= 0 and step + 1 >= length:
                yield (line, step), tuple(symbols[step + 1 - length : step + 1]), symbol


def parameters_of_language_model(symbols, longest, features, blocks, shared_output=False):
    """How many numbers a LanguageModel of these sizes learns, whatever its heads.

    shared_output   True: the table of symbols is used a second time as the last matrix, without biases, as in GPT-2
    """
    output = 0 if shared_output else features * symbols + symbols
    # 4 d^2 + 4 d for attention, 8 d^2 + 5 d for its dense layers, 4 d for norms
    block = 12 * features**2 + 13 * features
    return symbols * features + longest * features + blocks * block + 2 * features + output


def next_symbol_loss(logits, y):
    """The mean cross-entropy over all places that count.

    logits (batch, time, symbols)      y (batch, time), the symbol behind each place; -1 where it does not count
    """
    return functional.softmax_cross_entropy(logits, y, mask=y >= 0)


def probabilities(logits, temperature=1.0):
    """softmax(logits / temperature) over the last axis, in double precision.

    temperature   1: as the network means it; smaller: more of the likeliest; larger: more even. A positive number
    Raises ValueError for another temperature.
    """
    if not temperature > 0:
        raise ValueError(say("temperature: expected a positive number, got {got!r}", got=temperature))
    z = np.asarray(value_of(logits), np.float64) / temperature
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def sample(logits, temperature, rng):
    """A symbol for each row of logits (..., symbols), drawn with `probabilities`; at temperature 0 the likeliest one."""
    if temperature == 0:
        return np.asarray(value_of(logits)).argmax(axis=-1)
    check_generator("sample", rng)
    sums = probabilities(logits, temperature).cumsum(axis=-1)  # (..., symbols), the last one is 1
    drawn = rng.random((*sums.shape[:-1], 1)) * sums[..., -1:]
    return (sums <= drawn).sum(axis=-1)


def write(model, beginnings, steps, *, temperature=0.0, rng=None, padding=-1):
    """Texts that go on from beginnings, symbol by symbol.

    model         a language model, or any function from texts (batch, time) to logits (batch, time, symbols)
    beginnings    (batch, time) numbers of symbols, filled up with `padding` where one is shorter
    steps         how many symbols the longest beginning gets; all texts are as long as that in the end
    temperature, rng   as in `sample`
    returns       (batch, time + steps), of which the model has written what the beginnings do not have

    Raises ValueError when a beginning is empty.
    """
    check_sizes("write", steps=steps)
    beginnings = np.asarray(beginnings)
    batch, time = beginnings.shape
    written = np.full((batch, time + steps), padding)
    written[:, :time] = beginnings
    if time == 0 or (written[:, 0] == padding).any():
        raise ValueError(say("write: expected at least one symbol in each beginning"))
    for t in range(1, time + steps):
        missing = written[:, t] == padding
        if missing.any():
            logits = value_of(model(written[missing, :t]))[:, -1]  # (missing, symbols)
            written[missing, t] = sample(logits, temperature, rng)
    return written
