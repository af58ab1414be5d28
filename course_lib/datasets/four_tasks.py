"""Four tasks of one form, to compare architectures on: every example is a sheet of numbers (rows, columns, 1) with a class.

They differ in what holds true of a sheet: whether neighbours belong together, whether a pattern means the same
everywhere, whether the order of the rows is what counts.
"""

import numpy as np

from ..checks import check_generator
from ..text import say
from .digits import digits
from .speech import spoken_digits

EXAMPLES = 600  # to learn from, in each task
SHEET = 12  # rows and columns of a sheet with a digit
SYMBOLS, COMMANDS = 8, 4  # of these symbols the first ones are commands


def four_tasks(rng):
    """The four tasks: {name: (x, y, x_held_out, y_held_out)}, 600 examples to learn from and others to judge by.

    The names are in the reader's language:

    images           a handwritten digit anywhere on an empty sheet           (12, 12, 1)
    shuffled images  the same sheets, their pixels moved by one permutation    (12, 12, 1)
    spoken digits    loudness in 20 moments of 40 ms and 8 bands, the word anywhere in between; judged by accents that
                     are not among those to learn from                         (20, 8, 1)
    commands         16 symbols, one-hot; the class is the last of the four commands that occurs  (16, 8, 1)

    The test part of the digits and the foreign synthesiser are not used. Raises TypeError when rng is no Generator.
    """
    check_generator("four_tasks", rng)
    (x, y), (x_validation, y_validation), _ = digits()
    sheets, labels = placed([*x, *x_validation], (SHEET, SHEET), rng), np.concatenate([y, y_validation])
    shuffled = sheets.reshape(len(sheets), -1)[:, rng.permutation(SHEET * SHEET)].reshape(sheets.shape)
    return {
        say("images"): (sheets[:EXAMPLES], labels[:EXAMPLES], sheets[EXAMPLES:], labels[EXAMPLES:]),
        say("shuffled images"): (shuffled[:EXAMPLES], labels[:EXAMPLES], shuffled[EXAMPLES:], labels[EXAMPLES:]),
        say("spoken digits"): (*_spoken("train", rng), *_spoken("held-out accents", rng)),
        say("commands"): (*commands(EXAMPLES, rng), *commands(EXAMPLES, rng)),
    }


def placed(pictures, shape, rng):
    """Each picture somewhere on an empty sheet of its own: (pictures, *shape, channels) float32.

    pictures   sequence of arrays (rows, columns, channels)      shape   (rows, columns) of a sheet
    Raises ValueError when a picture is larger than the sheet.
    """
    sheets = np.zeros((len(pictures), *shape, pictures[0].shape[2]), np.float32)
    for sheet, picture in zip(sheets, pictures, strict=True):
        rooms = [room - size for room, size in zip(shape, picture.shape, strict=False)]
        if min(rooms) < 0:
            raise ValueError(
                say(
                    "placed: expected pictures of at most {expected}, got {got}",
                    expected=tuple(shape),
                    got=picture.shape[:2],
                )
            )
        i, j = (rng.integers(0, room + 1) for room in rooms)
        sheet[i : i + picture.shape[0], j : j + picture.shape[1]] = picture
    return sheets


def commands(examples, rng, steps=16):
    """(x, y): x (examples, steps, 8, 1), one symbol a row, one-hot; y, the class: which of the commands 0..3 came last.

    The first symbol is a command; of the others one in four is.
    """
    command = rng.random((examples, steps)) < 0.25
    command[:, 0] = True
    symbols = np.where(
        command,
        rng.integers(0, COMMANDS, (examples, steps)),
        rng.integers(COMMANDS, SYMBOLS, (examples, steps)),
    )
    last = steps - 1 - command[:, ::-1].argmax(axis=1)
    return np.eye(SYMBOLS, dtype=np.float32)[symbols][..., None], symbols[np.arange(examples), last]


def _spoken(part, rng):
    """600 utterances of a part, each placed anywhere within 40 frames; then means of 2 frames x 2 bands."""
    words = spoken_digits().part(part)
    words = words[rng.permutation(len(words))[:EXAMPLES]]
    heard = [
        1 + f[: int(m.sum()), :, None] / 60 for f, m in zip(words.features, words.mask, strict=True)
    ]  # 0 = silence
    x = placed(heard, (40, 16), rng)
    return x.reshape(len(x), 20, 2, 8, 2, 1).mean(axis=(2, 4)), words.labels
