"""Compares pictures as a reader sees them at arm's length: a stored one with that of a new run.

Both are laid on white and averaged over fields of a few pixels, in grey and in colour. Other fonts, another way of
smoothing edges and the last digits of a training on another processor change a field by little. Another curve, swapped
colours, a missing series or a picture of something else change many fields by much.

Loaded as a plugin of pytest (`-p tests.stored_pictures`), it makes nbval compare pictures, which it would skip: the new
run's are there in any case, so this costs no run.
"""

import base64
import binascii
import io
import itertools
import re

import numpy as np
from PIL import Image

SOURCE = re.compile(r'src="data:image/[a-z]+;base64,([^"]*)"')
FIELD = 8  # pixels: the side of a field over which is averaged
SHIFT = range(-16, 17, 2)  # pixels: as far may a thing have moved, as a longer tick label moves the axes
DIFFERENT = 0.15  # of the way from black to white: a field that differs by more is seen
SHARE = 0.01  # of the fields may be seen to differ
VARIES = {  # (chapter, cell): what the last digits decide, which differ from processor to processor; up to twice as measured
    ("06a_images", "mistakes"): 0.1,  # which six images a network finds hardest
    ("06b_speech", "clip-compare"): 0.2,  # how the gradient jumps from step to step in a training at rate 2
    # Of a translator after 600 steps:
    ("06c_translation", "map"): 0.07,  # how its attention is spread
    ("06c_translation", "translation-lab"): 0.026,  # the same, for another number
    ("06c_translation", "endings"): 0.032,  # which share of some numbers it gets wrong
}
BLANK = 0.004  # of the pixels at least must differ from the most frequent colour


class BrokenPicture(ValueError):
    """Bytes that are no picture, or show nothing."""


def pictures_in(html):
    """The bytes of the pictures in an HTML text. Raises BrokenPicture for what is not base64."""
    found = []
    for text in SOURCE.findall(html):
        try:
            found.append(base64.b64decode(text, validate=True))
        except binascii.Error as error:
            raise BrokenPicture(f"not base64: {error}") from error
    return found


def decoded(data):
    """(height, width, 3) numbers 0..1. Raises BrokenPicture for what cannot be read, or shows one colour alone."""
    try:
        with Image.open(io.BytesIO(data)) as image:
            image.load()
            layered = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image.convert("RGBA"))
    except (OSError, ValueError, SyntaxError) as error:  # what Pillow raises for damaged files
        raise BrokenPicture(f"it cannot be decoded: {error}") from error
    pixels = np.asarray(layered.convert("RGB"))
    _, counts = np.unique(pixels.astype(np.int32) @ [65536, 256, 1], return_counts=True)
    if counts.max() > (1 - BLANK) * counts.sum():
        raise BrokenPicture("it is blank")
    return pixels / 255


def difference(stored, new, most=SHARE):
    """A sentence on how two pictures (bytes of PNGs) differ to the eye; "" when they do not.

    most   the share of fields that may be seen to differ
    """
    try:
        old = decoded(stored)
    except BrokenPicture as error:
        return f"the stored picture is broken: {error}"
    if stored == new:
        return ""
    now = decoded(new)
    if any(abs(a - b) > 0.03 * b for a, b in zip(old.shape[:2], now.shape[:2], strict=True)):
        return f"the stored picture has {old.shape[1]} x {old.shape[0]} pixels, the new one {now.shape[1]} x {now.shape[0]}"
    far = _unlike(old, now) | _unlike(now, old)
    if far.mean() <= most:
        return ""
    place = np.argwhere(far).mean(axis=0) / far.shape
    where = f"{'upper' if place[0] < 0.5 else 'lower'} {'left' if place[1] < 0.5 else 'right'}"
    return (
        f"{far.mean():.1%} of the stored picture differ from the new run's, most of it {where} (up to {most:.1%} may)"
    )


def _unlike(a, b):
    """Which fields of a have no field of b like them at their place or around it: (rows, columns) of booleans."""
    rows, columns = (min(sides) // FIELD for sides in zip(a.shape[:2], b.shape[:2], strict=True))
    fields, most = _averages(a)[::FIELD, ::FIELD], max(SHIFT)
    around = _averages(np.pad(b, [(most, most), (most, most), (0, 0)], mode="edge"))
    unlike = np.ones((rows, columns), bool)
    for down, right in itertools.product(SHIFT, SHIFT):
        i, j = np.nonzero(unlike)
        there = around[most + down + FIELD * i, most + right + FIELD * j]
        unlike[i, j] = abs(fields[i, j] - there).max(axis=1) > DIFFERENT
    return unlike


def _averages(pixels):
    """The average over the field that begins at each pixel: (height - FIELD + 1, width - FIELD + 1, 3)."""
    sums = np.pad(pixels, [(1, 0), (1, 0), (0, 0)]).cumsum(axis=0).cumsum(axis=1)
    sums = sums[FIELD:] - sums[:-FIELD]
    return (sums[:, FIELD:] - sums[:, :-FIELD]) / FIELD**2


def html_of(outputs):
    """The HTML of a cell's outputs, one after the other."""
    return "".join("".join(output.get("data", {}).get("text/html", "")) for output in outputs)


def differences(stored, new, most=SHARE):
    """A sentence for each picture of the stored outputs of a cell that is not that of the new ones; most: as above."""
    try:
        old, now = pictures_in(html_of(stored)), pictures_in(html_of(new))
    except BrokenPicture as error:
        return [f"a picture is broken: {error}"]
    if len(old) != len(now):
        return [f"{len(old)} pictures are stored, the new run shows {len(now)}"]
    return [sentence for pair in zip(old, now, strict=True) if (sentence := difference(*pair, most))]


def pytest_configure():
    """nbval compares pictures, too."""
    from nbval.plugin import IPyNbCell

    texts = IPyNbCell.compare_outputs

    def compare_outputs(self, test, ref, skip_compare=None):
        equal = texts(self, test, ref, skip_compare)
        found = differences(ref, test, VARIES.get((self.parent.path.stem, self.cell.id), SHARE))
        if found and equal:
            self.comparison_traceback += [f"cell {self.cell.id}: {sentence}" for sentence in found]
        return equal and not found

    IPyNbCell.compare_outputs = compare_outputs
