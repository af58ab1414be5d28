"""An encoder-decoder with attention: a network that reads one sequence and writes another.

The encoder, a GRU, reads the source and keeps a state for each of its symbols. The decoder, another GRU, starts from the
last of these states and writes the target symbol by symbol; each of its states looks back at all states of the encoder
through attention. While training, the decoder gets the right symbols as its input (teacher forcing), so that all its
steps are one operation; when it translates, it gets its own.
"""

import numpy as np

from .. import functional, ops
from ..datasets.number_words import END, PAD, START
from ..layers import GRU, Attention, Dense, Embedding, Layer
from ..text import say


class Translator(Layer):
    """Encoder, decoder and attention (after the decoder's GRU, as in Luong et al.): translator(source, target) -> logits.

    source_symbols, target_symbols   sizes of the vocabularies, marks included
    features, hidden                 numbers for each symbol, and in each state
    attention                        False for a decoder that knows the source by its first state alone
    rng, dtype                       as in Dense; float32 is exact enough here, and quicker

    source (batch, time) and target (batch, steps) are places in the vocabularies, filled up with PAD at the end; the
    logits are (batch, steps, target_symbols): at each step, for the symbol that comes next.

    Source: Luong, Pham and Manning (2015), Effective approaches to attention-based neural machine translation.
    """

    def __init__(
        self, source_symbols, target_symbols, features=32, hidden=64, attention=True, *, rng, dtype=np.float32
    ):
        options = {"rng": rng, "dtype": dtype}
        self.source_embedding = Embedding(source_symbols, features, **options)
        self.encoder = GRU(features, hidden, **options)
        self.target_embedding = Embedding(target_symbols, features, **options)
        self.decoder = GRU(features, hidden, **options)
        self.attention = Attention(hidden, hidden, hidden, **options) if attention else None
        self.output = Dense(2 * hidden if attention else hidden, target_symbols, **options)

    def __call__(self, source, target):
        keys, state, mask = self.encode(source)
        states = self.decoder(self.target_embedding(target), state)  # teacher forcing: (batch, steps, hidden)
        return self.logits(states, self.attention and self.attention(states, keys, mask))

    def encode(self, source):
        """All states of the encoder (batch, time, hidden), the last one (batch, hidden), and the mask (batch, time)."""
        source = np.asanyarray(source)
        mask = source != PAD
        keys = self.encoder(self.source_embedding(source), mask=mask)
        return keys, keys[:, -1], mask  # over padding the state stays, so the last one is that of the last word

    def logits(self, states, found):
        """Logits for the next symbol (batch, steps, target_symbols) from states of the decoder (batch, steps, hidden), and
        what each of them found through attention, or None without it."""
        if found is not None:
            states = ops.concat([states, found])  # (batch, steps, 2*hidden)
        return self.output(states)

    def translate(self, source, longest):
        """Greedy decoding: at each step the most likely symbol, which is the input of the next step.

        source    (batch, time)                 longest  the most symbols to write, a whole number >= 1
        returns   (batch, longest) places in the target vocabulary; after END only PAD

        Raises ValueError for another `longest`.
        """
        if not isinstance(longest, int | np.integer) or longest < 1:
            raise ValueError(say("translate: expected longest to be a whole number >= 1, got {got!r}", got=longest))
        keys, state, mask = self.encode(source)
        look = self.attention and self.attention.over(keys, mask)
        written = np.full((len(mask), longest), PAD)
        symbol, unfinished = np.full((len(mask), 1), START), np.ones((len(mask), 1), dtype=bool)
        for step in range(longest):
            states = self.decoder(self.target_embedding(symbol), state)  # one step: (batch, 1, hidden)
            symbol = self.logits(states, look and look(states)).value.argmax(axis=-1)  # (batch, 1)
            written[:, [step]] = np.where(unfinished, symbol, PAD)
            unfinished &= symbol != END
            if not unfinished.any():
                break
            state = states[:, 0]
        return written

    def attention_map(self, source, target):
        """Where the decoder looks while it writes a target: weights (batch, steps, time), each row adds up to 1.

        target   what the decoder has read when it writes, (batch, steps), beginning with START
        Raises ValueError for a translator without attention.
        """
        if self.attention is None:
            raise ValueError(say("attention_map: expected a translator with attention, this one has none"))
        keys, state, mask = self.encode(source)
        states = self.decoder(self.target_embedding(target), state)
        return self.attention.weights(states, keys, mask).value


def masked_loss(logits, target):
    """The mean cross-entropy over the symbols of the target; its padding does not count.

    logits (batch, steps, symbols)      target (batch, steps), filled up with PAD
    """
    return functional.softmax_cross_entropy(logits, target, mask=target != PAD)


def exact_match(written, target):
    """Which rows are right in every symbol up to END: truth values (batch,).

    written, target   (batch, steps) each, filled up with PAD

    Raises ValueError when their shapes differ.
    """
    if np.shape(written) != np.shape(target):
        raise ValueError(
            say(
                "exact_match: expected written and target in one shape, got {written} and {target}",
                written=np.shape(written),
                target=np.shape(target),
            )
        )
    return (written == target).all(axis=1)
