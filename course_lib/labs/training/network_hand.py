"""The small buttons on the drawn network: one unit more or less in a layer, one layer more or less."""

from functools import partial

from ...text import say
from .network import MOST_LAYERS, MOST_UNITS, with_units
from .network_picture import NUMBERS

MINUS = "\N{MINUS SIGN}"
ASIDE, ASIDE_LAYERS = 26, 86  # of a button from the number that it changes, in CSS pixels


class NetworkHand:
    """The buttons on the drawing of a `TrainingLab`: declared once, placed where there is something to change."""

    def __init__(self, lab, canvas):
        self._lab, self._hand, self._units = lab, canvas.hand, None
        self._declare("fewer layers", MINUS, lambda units: units[:-1])
        self._declare("more layers", "+", lambda units: [*units, units[-1]])
        for layer in range(MOST_LAYERS):
            self._declare(f"fewer {layer}", MINUS, partial(_stepped, layer, -1))
            self._declare(f"more {layer}", "+", partial(_stepped, layer, 1))

    def _declare(self, name, sign, change):
        """change(list of units) -> another list."""

        def press():
            model = self._lab.model
            model.configure(**with_units(change(list(model.units))))
            self._lab.redraw()

        self._hand.button(name, sign, self._lab.safely(press))

    def place(self, picture):
        """Put the buttons where the units of a `NetworkPicture` can be changed."""
        units = self._lab.model.units
        if units == self._units:
            return
        self._units = units
        x, y = picture.layers.place
        self._put("fewer layers", len(units) > 1, say("one hidden layer less"), x - ASIDE_LAYERS, y)
        self._put("more layers", len(units) < MOST_LAYERS, say("one more hidden layer"), x + ASIDE_LAYERS, y)
        for layer in range(MOST_LAYERS):
            count = units[layer] if layer < len(units) else None
            x = picture.across[layer + 1] if count else 0
            fewer, more = bool(count) and count > 1, bool(count) and count < MOST_UNITS
            number = layer + 1
            self._put(f"fewer {layer}", fewer, say("layer {layer}: one unit less", layer=number), x - ASIDE, NUMBERS)
            self._put(f"more {layer}", more, say("layer {layer}: one more unit", layer=number), x + ASIDE, NUMBERS)

    def _put(self, name, there, label, x, y):
        if there:
            self._hand.place_button(name, label, x, y)
        else:
            self._hand.remove_button(name)


def _stepped(layer, step, units):
    return [*units[:layer], units[layer] + step, *units[layer + 1 :]]
