"""Moves all that a reader can move in a lab."""


def move_every_control(lab):
    """Move each control of a lab to its ends and back, press each button, and raise if anything went wrong: an error, a
    control or a model that has another value, or another seed with which everything looks the same.

    A run that a button begins goes on for a few pieces: its end is looked at by the tests of the lab.

    Returns a sentence that says how much was moved.
    """
    lab.keeps = False
    for name, control in lab.controls.items():
        before, looks = control.value, set()
        for value in [*control.ends(), before]:
            control.set(value)
            _expect_no_error(lab, name)
            if control.value != value:
                raise AssertionError(f"{name}: set to {value}, shows {control.value}")
            if name in lab.controls_of_settings and lab.model.settings[name] != value:
                raise AssertionError(f"{name}: set to {value}, the model has {lab.model.settings[name]}")
            looks.add((lab.canvas.image.value, lab.status_line.value))
        if name == "seed" and len(looks) == 1:
            raise AssertionError(f"seed: from {control.ends()} to {before}, and everything looks the same")
    work = lab.work
    for name, pressed in lab.buttons.items():
        pieces = iter(range(3))
        lab.work = lambda pieces=pieces: next(pieces, None) is not None and work()
        pressed.click()
        _expect_no_error(lab, name)
    lab.stop()
    lab.work = work
    return f"moved {len(lab.controls)} controls to their ends and pressed {len(lab.buttons)} buttons: no error"


def _expect_no_error(lab, name):
    if lab.error_line.value:
        raise AssertionError(f"{name}: {lab.error_line.value}")
