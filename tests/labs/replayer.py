"""What `page.js` does, in Python: a `Replayer` draws the numbers that a `Recorder` has noted, with Agg, so that a test can see
them; a `Reader` is the page of a lab, whose picture is `alike` Agg's; a `Slow` recorder notes without any short cut.
"""

import numpy as np
from every_lab import pixels
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.path import Path
from matplotlib.transforms import Affine2D, Bbox, TransformedPath
from PIL import Image

from course_lib.canvas.recorder import ANGLE, CODED, SCALE, SNAPPED, UNIT, Recorder

DPI = 72  # so that a point is a pixel


def answered(lab):
    """A lab whose page has said that it draws, and which is not kept: what it sends to the page is in lab.sent."""
    lab.keeps, lab.sent, page = False, [], lab.canvas._page
    page._handle_custom_msg({"ready": True}, [])
    page.send = lambda content, buffers=None: lab.sent.append(content)
    return lab


class Replayer:
    """A page that has got the messages of one picture.

    width, height   in picture pixels
    """

    def __init__(self, width, height):
        self.width, self.height = width, height
        self.forget()

    def forget(self):
        self.styles, self.shapes, self.layers = [], [], {}

    def take(self, message, buffers):
        """A message of a `Page`, as it comes over the wire."""
        if message.get("reset"):
            self.forget()
        self.styles += message["styles"]
        words, at = np.frombuffer(buffers[0], "<i2"), 0
        while at < len(words):
            shape, _, at = _outline(words, at)
            self.shapes.append(shape)
        parts = [np.frombuffer(part, "<i2") for part in buffers[1:]]
        self.layers |= dict(zip(message.get("layers", ()), parts, strict=False))
        if "frame" in message:  # and not one that is sent ahead
            self.moving = parts[-1]

    def pixels(self):
        """(height, width, 3) uint8: the picture as it is seen."""
        self.renderer = RendererAgg(self.width, self.height, DPI)
        for words in (*(self.layers[number] for number in sorted(self.layers)), self.moving):
            at = 0
            while at < len(words):
                kinds = self._path, self._stamps, self._letters, self._cells, self._smooth, self._small
                kind = kinds[words[at]]
                at = kind(words, at + 1)
        return np.asarray(self.renderer.buffer_rgba())[..., :3]

    def _path(self, words, at):
        path, flags, end = _outline(words, at + 1)
        self._draw(path, Affine2D(), self.styles[words[at]], snap=bool(flags & SNAPPED))
        return end

    def _stamps(self, words, at):
        count = words[at + 2]
        for x, y in words[at + 3 : at + 3 + 2 * count].reshape(-1, 2) / UNIT:
            self._draw(self.shapes[words[at + 1]], Affine2D().translate(x, y), self.styles[words[at]])
        return at + 3 + 2 * count

    def _letters(self, words, at):
        end = at + 3 + 4 * words[at + 2]
        for shape, x, y, scale in words[at + 3 : end].reshape(-1, 4):
            place = Affine2D().rotate_deg(-words[at + 1] / ANGLE).scale(scale / SCALE).translate(x / UNIT, y / UNIT)
            self._draw(self.shapes[shape], place, self.styles[words[at]])
        return end

    def _cells(self, words, at):
        columns, rows = words[at : at + 2]
        edges = np.round(words[at + 2 : at + 4 + columns + rows] / UNIT).astype(int)
        start = at + 4 + columns + rows
        end = start + 2 * columns * rows
        colours = np.frombuffer(words[start:end].tobytes(), np.uint8).reshape(rows, columns, 4)
        wide, high = np.diff(edges[: columns + 1]), np.diff(edges[columns + 1 :])
        self._paste(edges[0], edges[columns + 1], colours.repeat(high, axis=0).repeat(wide, axis=1))
        return end

    def _smooth(self, words, at):
        columns, rows = words[at + 1 : at + 3]
        left, top, width, height = np.round(words[at + 3 : at + 7] / UNIT).astype(int)
        end = at + 7 + -(-columns * rows // 2)
        levels = np.frombuffer(words[at + 7 : end].tobytes(), np.uint8)[: columns * rows].reshape(rows, columns)
        small = np.array(self.styles[words[at]]["table"], np.uint8)[levels]
        large = np.asarray(Image.fromarray(small).resize((width, height), Image.Resampling.BILINEAR))
        self._paste(left, top, np.dstack([large, np.full((height, width), 255, np.uint8)]))
        return end

    def _small(self, words, at):
        columns, rows, count = words[at + 1 : at + 4]
        start = at + 4 + 3 * count
        places = np.round(words[at + 4 : start] / UNIT).astype(int).reshape(count, 3)
        end = start + -(-columns * rows * count // 2)
        levels = np.frombuffer(words[start:end].tobytes(), np.uint8)[: columns * rows * count]
        for (left, top, side), level in zip(places, levels.reshape(count, rows, columns), strict=True):
            small = np.array(self.styles[words[at]]["table"], np.uint8)[level]
            large = np.asarray(Image.fromarray(small).resize((side, side), Image.Resampling.BILINEAR))
            self._paste(left, top, np.dstack([large, np.full((side, side), 255, np.uint8)]))
        return end

    def _paste(self, left, top, colours):
        graphics = self.renderer.new_gc()
        below = self.height - top - len(colours)
        self.renderer.draw_image(graphics, left, below, np.ascontiguousarray(colours[::-1]))

    def _draw(self, path, place, style, snap=None):
        graphics, upright = self.renderer.new_gc(), Affine2D().scale(1, -1).translate(0, self.height)
        graphics.set_linewidth(style["width"] if style["stroke"] else 0)
        graphics.set_snap(snap)
        graphics.set_capstyle("projecting" if style["cap"] == "square" else style["cap"])
        graphics.set_joinstyle(style["join"])
        if style["stroke"]:
            graphics.set_foreground(_colour(style["stroke"]), isRGBA=True)
        if "dashes" in style:
            graphics.set_dashes(style["start"], style["dashes"])
        if "clip" in style:
            left, top, width, height = style["clip"]
            graphics.set_clip_rectangle(Bbox.from_bounds(left, self.height - top - height, width, height))
        fill = _colour(style["fill"]) if style["fill"] else None
        self.renderer.draw_path(graphics, path, place + upright, fill)
        if "hatch" in style:
            self._hatch(graphics, TransformedPath(path, place + upright), upright, **style["hatch"])

    def _hatch(self, graphics, area, upright, shape, tile, stroke, width):
        graphics.set_clip_path(area)
        graphics.set_foreground(_colour(stroke), isRGBA=True)
        graphics.set_linewidth(width)
        for x in np.arange(0, self.width, tile):
            for y in np.arange(0, self.height + tile, tile):
                self.renderer.draw_path(graphics, self.shapes[shape], Affine2D().translate(x, y) + upright)


def _colour(colour):
    *shares, opacity = colour
    return (*(share / 255 for share in shares), opacity)


def _outline(words, at):
    """(path, flags, where it ends)"""
    count, flags = int(words[at]) & 0xFFFF, words[at + 1]
    end = at + 2 + 2 * count
    points, codes = words[at + 2 : end].reshape(-1, 2) / UNIT, None
    if flags & CODED:
        codes, end = words[end : end + count].astype(np.uint8), end + count
    return Path(points, codes), flags, end


class Reader:
    """A page that draws: takes a lab's messages, and answers when it is told to, or shows each frame at once.

    at_once   then the lab's image, which Agg does not draw meanwhile, holds what was sent last
    """

    def __init__(self, lab, monkeypatch, at_once=False):
        self.page, self.image = lab.canvas._page, lab.canvas.image if at_once else None
        self.replayer, self.frames, self.resets = Replayer(*self.page.size), [], []
        monkeypatch.setattr(self.page, "send", self.take)

    def take(self, message, buffers=()):
        if "frame" in message:
            self.frames.append(message["frame"])
            self.resets.append(message["reset"])
            self.layers = message["layers"]
            self.bytes = sum(map(len, buffers))
            if self.image is not None:
                self.page._shown, self.image.value = message["frame"], b"".join(buffers)
        if buffers:
            self.replayer.take(message, buffers)

    def answer(self, **content):
        self.page._handle_custom_msg(content, [])


def small(picture):
    """Pixels at an eighth of their size: what is a pixel to the left, or smoother at its edge, is nearly the same then."""
    image = Image.fromarray(picture.astype(np.uint8))
    return np.asarray(image.resize((image.width // 8, image.height // 8), Image.Resampling.BOX)).astype(int)


def apart(lab, reader):
    """(mean, largest) difference of the two pictures, where 255 is white against black."""
    apart = np.abs(small(pixels(lab.canvas.frame())) - small(reader.replayer.pixels())).max(axis=2)
    return apart.mean(), apart.max()


def alike(lab, reader):
    mean, largest = apart(lab, reader)
    return mean < 2 and largest < 64


class Slow(Recorder):
    """Asks each artist to draw, each time."""

    def _drawing_of(self, artist):
        self._noted, self._calls = bytearray(), []
        artist.draw(self)
        return bytes(self._noted)
