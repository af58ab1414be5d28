"""Live labs, a folder each: `model.py` is plain Python with the whole state, `view.py` shows it and only reads it.

    from course_lib.labs import training_lab                        the lab, to be shown by a notebook
    from course_lib.labs.training.model import TrainingModel        its model alone: no widgets, no Matplotlib

A lab's function is named like its folder, `training_lab` in training/, but for `success_map`. It is imported when it is asked
for, so that a model can be used without what only the page needs. `panel/` is what every lab is built on.
"""

import importlib
import pkgutil

_MAPS = {"success": "success_map"}
_HOMES = {
    _MAPS.get(room.name, f"{room.name}_lab"): f".{room.name}.view"
    for room in pkgutil.iter_modules(__path__)
    if room.name != "panel"
}
_HOMES["move_every_control"] = ".panel.base"
__all__ = sorted(_HOMES)


def __getattr__(name):
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name], __name__), name)


def __dir__():
    return sorted([*globals(), *__all__])
