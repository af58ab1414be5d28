"""Live labs: each is a file, or a folder where it has several parts, with a model, which is plain Python and holds the whole
state, and a lab, which shows it in a panel of controls around one picture.

    from course_lib.labs import training_lab                        the lab, to be shown by a notebook
    from course_lib.labs.training.model import TrainingModel        its model alone: no widgets, no Matplotlib

A lab is called like its file or folder, `training_lab` in training/, but for `success_map`. It is imported when it is asked
for, so that a model can be used without what only the page needs. `base/` is what every lab is built on.
"""

import importlib
import pkgutil

_MAPS = {"success": "success_map"}
_ROOMS = {room.name: f".{room.name}.lab" if room.ispkg else f".{room.name}" for room in pkgutil.iter_modules(__path__)}
del _ROOMS["base"]
_HOMES = {_MAPS.get(room, f"{room}_lab"): home for room, home in _ROOMS.items()}
__all__ = sorted(_HOMES)


def __getattr__(name):
    if name in __all__:
        base, home = (importlib.import_module(part, __name__) for part in (".base.lab", _HOMES[name]))
        return base.lab_in(home)
    room, _, kind = name.rpartition("_")
    if kind == "model" and room in _ROOMS:  # speed_model is where the model of the speed lab is
        return importlib.import_module(_ROOMS[room].replace(".lab", ".model"), __name__)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    return sorted([*globals(), *__all__])
