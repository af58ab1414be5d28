"""Draw the Mermaid charts of the chapters: boxes and arrows as SVG, and the same in words for a screen reader.

Mermaid itself is a library of some megabytes, and needs a browser. The chapters use little of it: boxes `A["text"]` and
`A((text))`, chains of arrows `A --> B -- label --> C` and `A -->|label| B`, subgraphs that frame boxes, and arrows back.

    drawing = draw(read_chart(source))        # source: what stands between the fences
    drawing.svg()                             # lengths in units of which UNIT are the size of the page's letters
    CHART.sub(drawn, text)                    # Markdown, with a drawing in place of each chart

Slides, exported pages, sheets and the website show these drawings. A page that is dark gives them other colours by the
class of each part: frame, label, box, arrow.

A chart runs from left to right, if its words can be broken so that it is no wider than WIDEST. A chain that is too wide goes
on in a second row, and anything else from top to bottom. So no chart must be scaled down: its letters are those of the text.
"""

import re
from dataclasses import dataclass, field
from html import escape
from itertools import combinations, pairwise
from math import ceil, hypot

from course_lib.labs.base.graph_places import layered

UNIT = 24  # the size of a letter
WIDEST = 37 * UNIT  # a page of slides has 37.6 times the size of a letter, where it has least
WRAPS = range(14 * UNIT, 3 * UNIT, -UNIT // 2)  # how wide a line in a box may be, from the widest
LINE, PADDING = 28, (11, 5)  # height of a line; between text and box
GAP, BESIDE, ROW = 30, 20, 32  # between layers, boxes of a layer, and rows of a chain that goes on below
FRAME, AROUND = 12, 24  # between a group and its frame; between a chart and an arrow that leads back round it
SEEN, ROOM = 44, 8  # how much of an arrow is seen beside its label; between texts
HEAD = 11  # the length of an arrow's head
CHART = re.compile(r"```mermaid\n(.*?)\n```", re.DOTALL)
ARROW = re.compile(r"\s*-->\|(.+?)\|\s*|\s*--\s+(\S.*?)\s+-->\s*|\s*-->\s*")
BOX = re.compile(r'(\w+) ?(?:\(\("?(.+?)"?\)\)|\["?(.+?)"?\])')  # x1((x1)), S["step"], D[step]
# DejaVu Sans is the widest font that a browser may take.
NARROW, WIDE = set("iljtfrI.,:;'|!()[]- "), set("mwMWQO@%—…")


@dataclass
class Chart:
    """names: {box: its text, with newlines}; round: boxes without corners; edges: (from, to, label); groups: {title: boxes}."""

    names: dict = field(default_factory=dict)
    round: set = field(default_factory=set)
    edges: list = field(default_factory=list)
    groups: dict = field(default_factory=dict)

    def in_words(self):
        """The chart as a text: what leads to what, chain by chain."""
        chains = []
        for source, target, label in self.edges:
            step = f" → {f'({label}) ' if label else ''}{self._word(target)}"
            if chains and chains[-1][0] == source:
                chains[-1] = (target, chains[-1][1] + step)
            else:
                chains.append((target, self._word(source) + step))
        frames = [f"{title}: {', '.join(map(self._word, boxes))}" for title, boxes in self.groups.items()]
        return "; ".join([words for _, words in chains] + frames)

    def _word(self, box):
        return self.names[box].replace("\n", " ")


def read_chart(source):
    """The `Chart` of a Mermaid text, its first line included. Raises ValueError for a line that it does not know."""
    chart, inside = Chart(), None
    first, *lines = source.strip().splitlines()
    if first.split() not in (["graph", "LR"], ["flowchart", "LR"]):
        raise ValueError(f"expected a chart that begins with graph LR or flowchart LR, got {first!r}")
    for line in map(str.strip, lines):
        if line.startswith("subgraph "):
            _, _, inside = BOX.fullmatch(line.removeprefix("subgraph ")).groups()
            chart.groups[inside] = []
            continue
        if line == "end":
            inside = None
            continue
        for box, round_name, name in BOX.findall(line):
            chart.names[box] = re.sub(r"<br ?/?>", "\n", round_name or name)
            if round_name:
                chart.round.add(box)
        ids, *rest = ARROW.split(BOX.sub(r"\1", line))
        boxes, labels = [ids, *rest[2::3]], [a or b or "" for a, b in zip(rest[::3], rest[1::3], strict=True)]
        for box in boxes:
            if not re.fullmatch(r"\w+", box):
                raise ValueError(f"expected boxes and arrows between them, got {line!r}")
            chart.names.setdefault(box, box)
            if inside and not any(box in members for members in chart.groups.values()):
                chart.groups[inside].append(box)
        chart.edges += [(a, b, label.strip('"')) for (a, b), label in zip(pairwise(boxes), labels, strict=True)]
    return chart


@dataclass
class Rectangle:
    """Something with a text in it, round its middle."""

    x: float
    y: float
    width: float
    height: float
    lines: list = ()
    is_round: bool = False

    @property
    def ends(self):
        """left, top, right, bottom"""
        w, h = self.width / 2, self.height / 2
        return self.x - w, self.y - h, self.x + w, self.y + h

    def side(self, number):
        """The middle of a side, counted as in `ends`."""
        return (self.x, self.ends[number]) if number % 2 else (self.ends[number], self.y)

    def overlaps(self, other, room=0):
        """Whether less than `room` lies between the two."""
        a, b = self.ends, other.ends
        return all(a[i] < b[i + 2] + room and b[i] < a[i + 2] + room for i in (0, 1))


@dataclass
class Drawing:
    """boxes, labels, frames and their titles: lists of `Rectangle`; arrows: lists of points; words: the chart as a text."""

    boxes: list
    arrows: list
    words: str
    labels: list = field(default_factory=list)
    frames: list = field(default_factory=list)
    titles: list = field(default_factory=list)

    @property
    def ends(self):
        """left, top, right, bottom of all"""
        ends = [part.ends for part in (*self.boxes, *self.labels, *self.frames, *self.titles)]
        ends += [(x, y, x, y) for arrow in self.arrows for x, y in arrow]
        return *(min(end[i] for end in ends) - 2 for i in (0, 1)), *(max(end[i] for end in ends) + 2 for i in (2, 3))

    @property
    def width(self):
        return self.ends[2] - self.ends[0]

    @property
    def height(self):
        return self.ends[3] - self.ends[1]

    def overlaps(self):
        """Whether two texts, or a text and an arrow that does not belong to it, lie on each other."""
        texts = [*self.boxes, *self.labels, *self.titles]
        if any(a.overlaps(b, room=ROOM) for a, b in combinations(texts, 2)):
            return True
        return any(_crosses(arrow, text) for arrow in self.arrows for text in (*self.boxes, *self.titles))

    def svg(self):
        left, top, right, bottom = self.ends
        size = f'viewBox="{left:.0f} {top:.0f} {right - left:.0f} {bottom - top:.0f}" style="width: {self.width / UNIT:.2f}rem"'
        parts = [f'<svg aria-label="{escape(self.words)}" role="img" {size}>']
        for frame in self.frames:
            parts.append(_rectangle(frame, 6, 'class="frame" fill="none" stroke="#888" stroke-dasharray="6 5"'))
        parts += map(_arrow, self.arrows)
        for label in (*self.labels, *self.titles):
            parts.append(
                _rectangle(label, 0, 'class="label" fill="#fff"') + _text(label.lines, label.x, label.y, "#444")
            )
        for box in self.boxes:
            radius = min(box.width, box.height) / 2 if box.is_round else 4
            parts.append(_rectangle(box, radius, 'class="box" fill="#eaf3fa" stroke="#0072b2" stroke-width="2"'))
            parts.append(_text(box.lines, box.x, box.y, "#111"))
        return "".join([*parts, "</svg>"])


def drawn(found):
    """A Mermaid chart, found by CHART, as HTML in one line, which Markdown leaves alone."""
    return f'<div class="chart">{draw(read_chart(found[1])).svg()}</div>'


def draw(chart):
    """The `Drawing` of a `Chart`."""
    plan = _Plan(chart)
    folds = [1] if plan.branches else [1, 2]
    for rows in folds:
        for wrap in WRAPS:
            drawing = plan.drawn(wrap, ceil(plan.layers / rows))
            if drawing.width <= WIDEST:
                return drawing
    return plan.drawn(WRAPS[0], plan.layers, down=True)


class _Plan:
    """Which layer and row each box of a chart is in, and by which places its arrows go."""

    def __init__(self, chart):
        self.chart, back, forward = chart, [], []
        for edge in chart.edges:
            (back if _leads(forward, edge[1], edge[0]) else forward).append(edge)
        self.back = back
        self.order = sorted(chart.names, key=lambda box: len([a for a in chart.names if _leads(forward, a, box)]))
        places = layered(len(self.order), [(self.order.index(a), self.order.index(b)) for a, b, _ in forward])
        self.layers, self.forward = places.layers, forward
        self.place = dict(zip(self.order, places.places, strict=True))
        self.routes = places.routes
        self.branches = bool(back or chart.groups) or len(self.order) > self.layers

    def drawn(self, wrap, columns, down=False):
        """The drawing with lines of at most `wrap` and rows of `columns` layers; or from top to bottom."""
        unit = 0
        while True:
            drawing = self._drawn(wrap, columns, down, unit)
            if not drawing.overlaps():
                return drawing
            unit += UNIT / 4

    def _drawn(self, wrap, columns, down, more):
        # Along a chart is the way of its arrows, across it lie the boxes of one layer.
        along, across = (1, 0) if down else (0, 1)
        names, lines = self.chart.names, {box: _wrapped(name, wrap) for box, name in self.chart.names.items()}
        sizes = {box: _size(lines[box], box in self.chart.round) for box in names}
        extent = [0] * columns
        for box, (layer, _) in self.place.items():
            extent[layer % columns] = max(extent[layer % columns], sizes[box][along])
        groups = [(_wrapped(title, wrap), members) for title, members in self.chart.groups.items()]
        gaps = [0, *[GAP] * (columns - 1), 0]  # before each layer
        for a, b, label in self.forward:
            if label and self.place[b][0] == self.place[a][0] + 1:
                need = (LINE if down else _wide(label)) + 2 * HEAD + SEEN
                gaps[self.place[b][0]] = max(gaps[self.place[b][0]], need)
        for title, members in groups:
            layers = sorted({self.place[box][0] for box in members})
            gaps[layers[0]] += FRAME
            gaps[layers[-1] + 1] += FRAME
            if not down:  # the title is no wider than its frame
                inner = sum(extent[k] for k in layers) + sum(gaps[layers[0] + 1 : layers[-1] + 1])
                for layer in layers:
                    extent[layer] += max(0, _title(title, 0, 0).width - inner - 2 * FRAME) / len(layers)
        middle = [sum(extent[:k]) + sum(gaps[: k + 1]) + extent[k] / 2 for k in range(columns)]
        unit = max(size[across] for size in sizes.values()) + BESIDE + more
        heights = [0] * ceil(self.layers / columns)
        for box, (layer, _) in self.place.items():
            heights[layer // columns] = max(heights[layer // columns], sizes[box][1])
        below = [ROW * k + (heights[k] - heights[0]) / 2 + sum(heights[:k]) for k in range(len(heights))]

        def point(layer, row, ahead=0.0):
            """Where a place is; ahead: -1 and 1 are the ends of its layer."""
            here = middle[layer % columns] + ahead * extent[layer % columns] / 2, row * unit + below[layer // columns]
            return here[::-1] if down else here

        boxes = {
            box: Rectangle(*point(*self.place[box]), *sizes[box], lines[box], box in self.chart.round) for box in names
        }
        drawing = Drawing(list(boxes.values()), arrows := [], self.chart.in_words(), labels := [])
        for (a, b, label), route in zip(self.forward, self.routes, strict=True):
            if self.place[a][0] // columns < self.place[b][0] // columns:  # on to the next row
                half = (boxes[a].y + boxes[b].y) / 2
                arrows.append([boxes[a].side(3), (boxes[a].x, half), (boxes[b].x, half), boxes[b].side(1)])
                continue
            between = [point(*place, ahead) for place in route[1:-1] for ahead in (-1, 1)]
            start, end = boxes[a].side(along + 2), boxes[b].side(along)
            arrows.append([start, *between, end])
            if label:
                labels.append(_label(label, *(point(*route[1]) if between else _half_way(start, end))))
        for title, members in groups:
            ends = [boxes[box].ends for box in members]
            left, top = min(end[0] for end in ends) - FRAME, min(end[1] for end in ends) - FRAME
            right, bottom = max(end[2] for end in ends) + FRAME, max(end[3] for end in ends) + FRAME
            shown = _title(title, (left + right) / 2, 0)
            if down:  # beside the frame, for an arrow comes from above
                shown.x, shown.y = left - shown.width / 2 - 4, (top + bottom) / 2
            else:
                left, right = min(left, shown.ends[0]), max(right, shown.ends[2])
                shown.y = top + FRAME - ROOM - shown.height / 2
                top = shown.ends[1]
            frame = Rectangle((left + right) / 2, (top + bottom) / 2, right - left, bottom - top)
            drawing.frames.append(frame)
            drawing.titles.append(shown)
        for a, b, label in self.back:  # round the chart
            start, end = boxes[a].side(across + 2), boxes[b].side(across + 2)
            outside = drawing.ends[across + 2] + AROUND + (_wide(label) / 2 if down else 0)
            corners = [(outside, y) if down else (x, outside) for x, y in (start, end)]
            arrows.append([start, *corners, end])
            if label:
                labels.append(_label(label, *_half_way(*corners)))
        return drawing


def _half_way(start, end):
    return (start[0] + end[0]) / 2, (start[1] + end[1]) / 2


def _leads(edges, source, target):
    """Whether arrows lead from source to target, or the two are the same."""
    return source == target or any(_leads(edges, b, target) for a, b, _ in edges if a == source)


def _crosses(points, box):
    """Whether a way goes through a box, and not only up to its border."""
    left, top, right, bottom = (end + inward for end, inward in zip(box.ends, (2, 2, -2, -2), strict=True))
    for (x, y), (u, v) in pairwise(points):
        for step in range(1, 40):
            at, high = x + (u - x) * step / 40, y + (v - y) * step / 40
            if left < at < right and top < high < bottom:
                return True
    return False


def _wide(text):
    """The width of a line of text."""
    return UNIT * sum(1 if ord(c) > 0x2E80 else 0.41 if c in NARROW else 0.98 if c in WIDE else 0.65 for c in text)


def _wrapped(text, wrap):
    """Lines of a text, broken where it has spaces or Chinese commas, no wider than `wrap` where that can be."""
    lines = []
    for part in text.split("\n"):
        lines.append("")
        for word in re.findall(r"[^\s：，、]+[：，、]?\s*", part):
            if lines[-1] and _wide((lines[-1] + word).rstrip()) > wrap:
                lines.append("")
            lines[-1] += word
    return [line.rstrip() for line in lines]


def _size(lines, is_round):
    width, height = max(map(_wide, lines)) + 2 * PADDING[0], LINE * len(lines) + 2 * PADDING[1]
    return (max(width, height) if is_round else width), height


def _label(text, x, y):
    return Rectangle(x, y, _wide(text) + 4, LINE, [text])


def _title(lines, x, y):
    return Rectangle(x, y, max(map(_wide, lines)) + 12, LINE * len(lines), lines)


def _rectangle(part, radius, look):
    left, top, _, _ = part.ends
    size = f'x="{left:.0f}" y="{top:.0f}" width="{part.width:.0f}" height="{part.height:.0f}"'
    return f'<rect {size} rx="{radius:.0f}" {look}/>'


def _text(lines, x, y, colour):
    first = y - LINE / 2 * (len(lines) - 1) + UNIT * 0.36  # the base line of the first
    spans = [f'<tspan x="{x:.0f}" y="{first + LINE * i:.0f}">{escape(line)}</tspan>' for i, line in enumerate(lines)]
    return f'<text text-anchor="middle" font-size="{UNIT}" fill="{colour}">{"".join(spans)}</text>'


def _arrow(points):
    """A line through the points, and a head at its end."""
    (x, y), (u, v) = points[-2:]
    along, across = (u - x) / hypot(u - x, v - y), (v - y) / hypot(u - x, v - y)
    foot = u - HEAD * along, v - HEAD * across
    sides = [(foot[0] + side * across, foot[1] - side * along) for side in (HEAD / 2, -HEAD / 2)]
    line = " ".join(f"{x:.0f},{y:.0f}" for x, y in [*points[:-1], foot])
    head = " ".join(f"{x:.1f},{y:.1f}" for x, y in [(u, v), *sides])
    look = 'fill="none" stroke="#444" stroke-width="2"'
    return f'<polyline class="arrow" points="{line}" {look}/><polygon class="arrow" points="{head}" fill="#444"/>'
