"""What every lab is built on: its model, its declarations, its panel, its picture.

`base.artists`, `base.controls` and `base.panel` need widgets or Matplotlib: they are imported when they are first asked for.
"""

import importlib


def __getattr__(name):
    if name in ("artists", "controls", "panel"):
        return importlib.import_module(f".{name}", __name__)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
