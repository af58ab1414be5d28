"""Where the graph lab draws a graph: as large as it fits into the picture."""

from ..base.graph_layout import layered
from ..base.graph_places import Arrangement

SIZE = (960, 380)  # of the picture, in CSS pixels
BOX = (92, 58)  # a node
SPACING = (300, 140)  # between layers and rows at most, at scale 1
APART = (160, 84)  # at least
GAP = (34, 26)  # of a node that is moved from the others
MARGIN = (20, 33)  # between a node and the edge of the picture
SCALES = (1.35, 1.2, 1.1, 1, 0.9, 0.8, 0.7, 0.6)  # of the nodes: the largest at which the graph fits, else the last


def arranged(count, edges):
    """The `Arrangement` of a graph of so many nodes, with edges (source, target)."""
    layout = layered(count, edges)
    lowest, highest = layout.rows
    for scale in SCALES:
        across, down = (
            min(scale * spacing, (size - scale * box - 2 * margin) / max(0.01, steps))
            for spacing, size, box, margin, steps in zip(
                SPACING, SIZE, BOX, MARGIN, (layout.layers - 1, highest - lowest), strict=True
            )
        )
        if across >= scale * APART[0] and down >= scale * APART[1]:
            break
    middle = ((layout.layers - 1) / 2, (lowest + highest) / 2)

    def pixels(place):
        return SIZE[0] / 2 + across * (place[0] - middle[0]), SIZE[1] / 2 - down * (place[1] - middle[1])

    centres = [pixels(place) for place in layout.places]
    routes = [[pixels(place) for place in route] for route in layout.routes]
    box, gap = ((scale * across, scale * up) for across, up in (BOX, GAP))
    area = (*MARGIN, SIZE[0] - MARGIN[0], SIZE[1] - MARGIN[1])
    return Arrangement(centres, edges, routes, box, gap, area)
