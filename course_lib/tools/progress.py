"""A progress bar for training: which epoch runs, what the loss is, how long it will still take.

`train` is a generator, so a bar needs no place inside it: `show_progress` passes each `Progress` on to the loop and says
in between what it has seen, in a panel of a notebook or in one line of a terminal. What a notebook stores of it is the
same after every run: times and losses stand in the live panel only.
"""

import html
import signal
import sys
import threading
import time
from contextlib import contextmanager
from numbers import Integral

from ..pictures import style
from ..pictures.live import Widgets, until_run_again, with_panel
from ..text import capitalised, say

PERIOD = 0.1  # seconds from one update to the next: faster than that nobody reads
FONT = "line-height:1.5;font-size:var(--jp-content-font-size1,14px);font-variant-numeric:tabular-nums"
TRACK = "height:10px;max-width:640px;background:rgba(128,128,128,0.25);border-radius:5px;overflow:hidden"
COLOURS = {"running": style.BLUE, "finished": style.GREEN, "stopped": style.VERMILLION}


def show_progress(training, epochs):
    """The same `Progress` objects as `training` yields, with a bar that shows how far it is.

    training   what `train(...)` returns, or several such one after the other (`itertools.chain`)
    epochs     the number of epochs that it was asked for, a whole number >= 1

    An interrupt (the kernel's stop button, Ctrl-C) ends the loop with a sentence instead of an error: the weights and
    the history stay as they are, and training can go on from there. When training diverges, or the model raises another
    error, the bar shows its sentence and the error is raised.

    >>> for progress in show_progress(train(model, data, epochs=30, **options), epochs=30):
    ...     pass                                                                            # doctest: +SKIP

    Raises ValueError when epochs is not a whole number of at least 1.
    """
    if not isinstance(epochs, Integral) or epochs < 1:
        raise ValueError(say("show_progress: expected epochs to be a whole number >= 1, got {got!r}", got=epochs))
    return _shown(training, epochs)


def _shown(training, epochs):
    draw = _view(epochs)
    done, before, began, drawn = 0, 0, time.perf_counter(), 0.0
    try:
        draw(say("epoch 1 of {epochs} is running", epochs=epochs), 0, "running")
        for done, progress in enumerate(training, 1):
            with _interrupt_noted() as noted:
                if done == 1:
                    before = progress.epoch - 1  # training that goes on counts from where it stood
                now = time.perf_counter()
                if now - drawn >= PERIOD:
                    drawn = now
                    left = say("about {time} left", time=_time((now - began) / done * max(epochs - done, 0)))
                    draw(_line(before + done, before + epochs, progress.loss, left), done / epochs, "running")
                yield progress
            if noted:
                raise KeyboardInterrupt
        if done:
            took = say("took {time}", time=_time(time.perf_counter() - began))
            draw(_line(before + done, before + epochs, progress.loss, took), done / epochs, "finished")
        else:
            draw(say("nothing left to train: this training had already come to its end"), 1, "finished")
    except KeyboardInterrupt:
        draw(_stopped(before + done, before + epochs), done / epochs, "stopped")
    except GeneratorExit:  # the loop was left, by break or by an error in its body
        left = say("the loop was left after epoch {epoch} of {epochs}", epoch=before + done, epochs=before + epochs)
        draw(left, done / epochs, "finished")
        raise
    except Exception as problem:
        draw(str(problem), done / epochs, "failed")
        raise


@contextmanager
def _interrupt_noted():
    """A list that gets an element instead of the KeyboardInterrupt, so that the body of the reader's loop can finish.

    A second interrupt is one as always. Only the main thread can do this; elsewhere nothing changes.
    """
    noted = []
    if threading.current_thread() is not threading.main_thread():
        yield noted
        return

    def note(number, frame):
        noted.append(number)
        signal.signal(signal.SIGINT, before)

    before = signal.signal(signal.SIGINT, note)
    try:
        yield noted
    finally:
        if signal.getsignal(signal.SIGINT) is note:  # Jupyter sets its own when the next cell runs
            signal.signal(signal.SIGINT, before)


# The sentences


def _line(epoch, epochs, loss, time):
    return say(
        "epoch {epoch} of {epochs} \N{MIDDLE DOT} loss {loss:#.3g} \N{MIDDLE DOT} {time}",
        epoch=epoch,
        epochs=epochs,
        loss=loss,
        time=time,
    )


def _stopped(epoch, epochs):
    if not epoch:
        return say("stopped before the end of the first epoch; the weights up to here are kept")
    return say(
        "stopped after epoch {epoch} of {epochs}; the weights and the history up to here are kept",
        epoch=epoch,
        epochs=epochs,
    )


def _time(seconds):
    if seconds < 90:
        return say("{seconds} s", seconds=max(1, round(seconds)))
    return say("{minutes} min", minutes=round(seconds / 60))


# Where it is shown


def _view(epochs):
    """A function draw(text, share, state) for the place where this runs: terminal, notebook, or neither."""
    if sys.stdout.isatty():
        return _draw_in_terminal
    if "IPython" in sys.modules:  # else this is no notebook, and IPython need not be there
        from IPython import get_ipython
        from IPython.display import display

        if get_ipython() is not None:
            panel = Panel(epochs)
            display(panel)
            if panel.widget is not None:
                return panel.draw
    return _draw_last_word


def _draw_in_terminal(text, share, state):
    if state != "failed":  # the error says it
        print(f"\r{text:79}", end="" if state == "running" else "\n", flush=True)


def _draw_last_word(text, share, state):
    """No place to draw over: only the sentence after an interrupt, for which there is no other sign."""
    if state == "stopped":
        print(text)


class Panel:
    """The bar in a notebook. Stored with the notebook is one sentence, which says how many epochs there are.

    widget   an ipywidgets.HTML; None where ipywidgets is missing or broken
    """

    def __init__(self, epochs):
        self.text = say("Training, {epochs} epochs: while the cell runs, a bar shows how far it is.", epochs=epochs)
        try:
            import ipywidgets

            self._widgets = Widgets(ipywidgets)
            self.widget = self._widgets.HTML(layout={"width": "100%"})
        except Exception:
            self.widget = None

    def draw(self, text, share, state):
        """Show the sentence and the bar. Only the last one is read aloud unasked."""
        percent = min(100, round(100 * share))
        colour = COLOURS.get(state, style.VERMILLION)
        role = "" if state == "running" else ' role="status"'
        text = html.escape(capitalised(text))
        self.widget.value = (
            f'<div style="{FONT}"><div role="progressbar" aria-label="{html.escape(say("Training"))}" '
            f'aria-valuemin="0" aria-valuemax="100" aria-valuenow="{percent}" aria-valuetext="{text}" style="{TRACK}">'
            f'<div style="width:{percent}%;height:100%;background:{colour}"></div></div><div{role}>{text}</div></div>'
        )

    def __repr__(self):
        return self.text

    def _repr_mimebundle_(self, include=None, exclude=None):
        bundle = {"text/plain": self.text, "text/html": f'<div style="{FONT}">{html.escape(self.text)}</div>'}
        if self.widget is None:
            return bundle
        until_run_again(self._widgets)
        return with_panel(bundle, self.widget)
