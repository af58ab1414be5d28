"""Figures as files: as they are stored, in the colours of a dark page, and as the card that other sites show of a page."""

import base64
import hashlib
import io
import re
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

PAPER = np.array([18, 18, 18]) / 255  # the dark page of the theme
GRID = 33  # places of the colour table along red, green and blue
CARD = (1200, 630)  # pixels: what social networks show of a link
DATA = re.compile(r'(<img\b[^>]*?) src="data:image/png;base64,([^"]+)"([^>]*>)')


def darken(colours):
    """Colours in [0, 1], shape (..., 3), on dark paper: light and dark change places, and the hue stays.

    Strong colours of lines are not made darker, for they are to be seen: the rule of `course_lib/canvas/page.js`.
    """
    most, least = colours.max(axis=-1, keepdims=True), colours.min(axis=-1, keepdims=True)
    shift = 1 - most - least
    strong = np.clip((most - least) * 255 / 80, 0, 1) * np.clip((shift * 255 + 127) / 51, 0, 1)
    shift = np.where(shift < 0, shift * (1 - strong), shift)
    return PAPER + (colours + shift) * (1 - PAPER)


def _table():
    steps = np.linspace(0, 1, GRID)
    blue, green, red = np.meshgrid(steps, steps, steps, indexing="ij")  # red runs fastest
    return ImageFilter.Color3DLUT(GRID, darken(np.stack([red, green, blue], axis=-1)).reshape(-1))


DARK = _table()


class Pictures:
    """The folder of the site's pictures. A file is named after what it shows, so that both languages share it."""

    def __init__(self, folder, address):
        self.folder, self.address = Path(folder), address
        self.folder.mkdir(parents=True, exist_ok=True)

    def both(self, data, tag, rest=">"):
        """HTML of a picture, given as the bytes of a file: the light one, and for dark pages the dark one.

        tag and rest are what stands before and after the `src` of its `<img`: alternative text, width.
        """
        with Image.open(io.BytesIO(data)) as image:
            ending = image.format.lower()
            width = re.search(r'width="(\d+)"', tag + rest)
            height = round(int(width[1]) * image.height / image.width) if width else image.height
            image = image.convert("RGB")
        name = hashlib.sha256(data).hexdigest()[:16]
        light, dark = f"{name}.{ending}", f"{name}-dark.{ending}"
        if not (self.folder / dark).exists():
            (self.folder / light).write_bytes(data)
            image.filter(DARK).save(self.folder / dark, quality=90)
        return "".join(
            f'{tag} class="only-{kind}" height="{height}" loading="lazy" src="{self.address}/{file}"{rest}'
            for kind, file in (("light", light), ("dark", dark))
        )

    def in_html(self, html):
        """The HTML of an output with its pictures in files."""
        return DATA.sub(lambda found: self.both(base64.b64decode(found[2]), found[1], found[3]), html)


def card(picture, path):
    """Write the picture, a path, on white paper in the size of a social card."""
    with Image.open(picture) as image:
        image.seek(getattr(image, "n_frames", 1) - 1)  # of an animation the end: the network has learned
        frame = image.convert("RGB")
    scale = min((CARD[0] - 80) / frame.width, (CARD[1] - 60) / frame.height)
    frame = frame.resize((round(frame.width * scale), round(frame.height * scale)), Image.Resampling.LANCZOS)
    paper = Image.new("RGB", CARD, "white")
    paper.paste(frame, tuple((whole - part) // 2 for whole, part in zip(CARD, frame.size, strict=True)))
    paper.save(path)
