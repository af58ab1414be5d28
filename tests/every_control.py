"""Moves all that a reader can move in a lab."""


def move_every_control(lab):
    """Move each control of a lab to its ends and back, press each button, and raise if anything went wrong.

    A run that a button begins goes on for a few pieces: its end is looked at by the tests of the lab.

    Returns a sentence that says how much was moved.
    """
    lab.keeps = False
    for name, control in lab.controls.items():
        before = control.value
        for value in [*control.ends(), before]:
            control.set(value)
            _expect_no_error(lab, name)
            if control.value != value:
                raise AssertionError(f"{name}: set to {value}, shows {control.value}")
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
