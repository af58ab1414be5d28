"""Moves all that a reader can move in a lab."""


def move_every_control(lab):
    """Move each control of a lab to its ends and back, press each button, and raise if anything went wrong.

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
    for name, pressed in lab.buttons.items():
        pressed.click()
        _expect_no_error(lab, name)
    lab.stop()
    return f"moved {len(lab.controls)} controls to their ends and pressed {len(lab.buttons)} buttons: no error"


def _expect_no_error(lab, name):
    if lab.error_line.value:
        raise AssertionError(f"{name}: {lab.error_line.value}")
