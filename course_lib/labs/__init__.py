"""Live labs, a folder each: `model.py` is plain Python with the whole state, `view.py` shows it and only reads it.

    from course_lib.labs import training_lab                        the lab, to be shown by a notebook
    from course_lib.labs.training.model import TrainingModel        its model alone: no widgets, no Matplotlib

A lab's function is named like its folder, `training_lab` in training/, but for `success_map`. It is imported when it is asked
for, so that a model can be used without what only the page needs. `base/` is what every lab is built on.
"""

import importlib
import pkgutil

_MAPS = {"success": "success_map"}
_ROOMS = [room.name for room in pkgutil.iter_modules(__path__) if room.name != "base"]
_HOMES = {_MAPS.get(room, f"{room}_lab"): f".{room}.view" for room in _ROOMS} | {"move_every_control": ".base.base"}
__all__ = sorted(_HOMES)


def __getattr__(name):
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name], __name__), name)
    room, _, kind = name.rpartition("_")
    if kind == "model" and room in _ROOMS:  # speed_model is speed/model.py
        return importlib.import_module(f".{room}.model", __name__)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    return sorted([*globals(), *__all__])
