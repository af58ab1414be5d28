"""The progress bar: what it says, what an interrupt leaves behind, and that a notebook stores the same after each run."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from contextlib import closing, suppress
from itertools import chain

import numpy as np
import pytest
from kernels import kernel
from operations import network
from sentences import says

from course_lib import Diverged, GradientDescent, History, train
from course_lib import functional as F
from course_lib.datasets import xor
from course_lib.pictures import live
from course_lib.tools import progress
from course_lib.tools.progress import Panel, show_progress


class Terminal:
    """What has been written to standard output."""

    def __init__(self, capsys):
        self._capsys, self._text = capsys, ""

    @property
    def text(self):
        self._text += self._capsys.readouterr().out
        return self._text

    def lines(self):
        """What each line showed, one after the other."""
        return [line.strip() for line in re.split("[\r\n]", self.text) if line.strip()]


@pytest.fixture
def terminal(monkeypatch, capsys):
    """A terminal that every epoch is written to."""
    monkeypatch.setattr(progress, "PERIOD", 0.0)
    monkeypatch.setattr(progress, "_view", lambda epochs: progress._draw_in_terminal)
    return Terminal(capsys)


@pytest.fixture
def panel(monkeypatch):
    """A panel that every epoch is shown in, as in a notebook, and what it has shown."""
    monkeypatch.setattr(progress, "PERIOD", 0.0)
    panel, shown = Panel(3), []
    panel.widget.observe(lambda change: shown.append(change["new"]), "value")
    monkeypatch.setattr(progress, "_view", lambda epochs: panel.draw)
    return shown


def training(model=None, epochs=3, rate=0.5, **options):
    options = {"loss": F.binary_cross_entropy, "optimizer": GradientDescent(rate)} | options
    return train(model or network(), xor(), epochs=epochs, **options)


def words(markup):
    return re.sub("<[^>]*>", "", markup)


# What it passes on, and what it says


def test_the_loop_sees_what_train_yields():
    expected = [(p.epoch, p.loss) for p in training()]
    assert [(p.epoch, p.loss) for p in show_progress(training(), 3)] == expected


def test_a_terminal_shows_epoch_loss_and_time(terminal):
    losses = [p.loss for p in show_progress(training(), 3)]
    first, *epochs, last = terminal.lines()
    assert first == "epoch 1 of 3 is running"
    for number, (line, loss) in enumerate(zip(epochs, losses, strict=True), 1):
        assert re.fullmatch(rf"epoch {number} of 3 · loss {loss:#.3g} · about \d+ s left", line)
    assert re.fullmatch(rf"epoch 3 of 3 · loss {losses[-1]:#.3g} · took \d+ s", last)
    assert terminal.text.endswith("\n") and terminal.text.count("\n") == 1


def test_a_shorter_line_covers_a_longer_one(terminal):
    list(show_progress(training(), 3))
    assert {len(line) for line in re.split("[\r\n]", terminal.text) if line} == {79}


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(0.0, "1 s"), (0.4, "1 s"), (1.6, "2 s"), (89.4, "89 s"), (90, "2 min"), (3600, "60 min")],
)
def test_times(seconds, expected):
    assert progress._time(seconds) == expected


def test_the_time_left_is_that_of_the_epochs_to_come(terminal, monkeypatch):
    clock = iter(np.arange(0.0, 100.0, 10.0))  # ten seconds from one look to the next
    monkeypatch.setattr(progress.time, "perf_counter", lambda: next(clock))
    list(show_progress(training(), 3))
    times = [line.rpartition(" · ")[2] for line in terminal.lines()]
    assert times == ["epoch 1 of 3 is running", "about 20 s left", "about 10 s left", "about 1 s left", "took 40 s"]


def test_at_most_ten_updates_a_second_and_one_at_the_end(terminal, monkeypatch):
    monkeypatch.setattr(progress, "PERIOD", 0.1)
    clock = iter(np.arange(0.0, 100.0, 0.03))
    monkeypatch.setattr(progress.time, "perf_counter", lambda: next(clock))
    list(show_progress(training(epochs=100), 100))
    shown = [int(line.split()[1]) for line in terminal.lines()[1:]]
    assert shown[-2:] == [100, 100] or shown[-1] == 100
    assert 100 * 0.03 / 0.2 < len(shown) <= 100 * 0.03 / 0.1 + 2


def test_training_that_goes_on_counts_on(terminal):
    history = History()
    for _ in training(history=history):
        pass
    list(show_progress(training(history=history), 3))
    assert [line.split(" ·")[0] for line in terminal.lines()[1:]] == [f"epoch {i} of 6" for i in (4, 5, 6, 6)]


def test_several_trainings_may_share_a_bar(terminal):
    list(show_progress(chain(training(), training(), training(epochs=2)), 8))
    assert [line.split(" ·")[0] for line in terminal.lines()[1:]] == [f"epoch {i} of 8" for i in (*range(1, 9), 8)]


def test_training_that_is_over_is_named(terminal):
    steps = training()
    list(steps)
    assert list(show_progress(steps, 3)) == []
    assert terminal.lines()[-1] == "nothing left to train: this training had already come to its end"


def test_the_panel_is_a_progress_bar_with_a_name_and_words(panel):
    losses = [p.loss for p in show_progress(training(), 3)]
    assert [re.search('aria-valuenow="(.*?)"', shown)[1] for shown in panel] == ["0", "33", "67", "100", "100"]
    assert [re.search('"width:(.*?)%', shown)[1] for shown in panel] == ["0", "33", "67", "100", "100"]
    for number, (shown, loss) in enumerate(zip(panel[1:4], losses, strict=True), 1):
        assert words(shown).startswith(f"Epoch {number} of 3 · loss {loss:#.3g} · about ")
        assert 'role="progressbar" aria-label="Training"' in shown
        assert f'aria-valuetext="{words(shown)}"' in shown
        assert 'role="status"' not in shown  # not read aloud ten times a second
    assert words(panel[-1]).startswith(f"Epoch 3 of 3 · loss {losses[-1]:#.3g} · took ")
    assert 'role="status"' in panel[-1]


def test_a_stored_panel_is_one_sentence():
    sentence = "Training, 30 epochs: while the cell runs, a bar shows how far it is."
    bundle = Panel(30)._repr_mimebundle_()
    assert bundle["text/plain"] == repr(Panel(30)) == sentence
    assert words(bundle["text/html"]) == sentence
    assert set(bundle) == {"text/plain", "text/html", live.WIDGET_VIEW}


@pytest.mark.parametrize("epochs", [0, -1, 2.5, "30", None])
def test_epochs_are_a_whole_number(epochs):
    sentence = f"show_progress: expected epochs to be a whole number >= 1, got {epochs!r}"
    says(ValueError, sentence, lambda: show_progress(training(), epochs))


# What ends a loop early

KEPT = "the weights and the history up to here are kept"


def interrupted(at):
    """Training of three epochs whose step after `at` of them is interrupted."""
    calls = []

    def loss(outputs, y):
        calls.append(1)
        if len(calls) > at:
            signal.raise_signal(signal.SIGINT)
        return F.binary_cross_entropy(outputs, y)

    return training(loss=loss)


def test_an_interrupt_in_the_first_epoch(terminal):
    assert list(show_progress(interrupted(at=0), 3)) == []
    assert terminal.lines()[-1] == "stopped before the end of the first epoch; the weights up to here are kept"


def test_an_interrupt_in_the_body_lets_it_finish_and_ends_the_loop(terminal):
    finished = []
    for p in show_progress(training(), 3):
        if p.epoch == 2:
            signal.raise_signal(signal.SIGINT)
        finished.append(p.epoch)
    assert finished == [1, 2]
    assert terminal.lines()[-1] == f"stopped after epoch 2 of 3; {KEPT}"
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_second_interrupt_in_the_body_is_not_held_back(terminal):
    reached = []
    with pytest.raises(KeyboardInterrupt):
        for p in show_progress(training(), 3):
            signal.raise_signal(signal.SIGINT)
            reached.append(p.epoch)
            signal.raise_signal(signal.SIGINT)
            reached.append("not reached")
    assert reached == [1]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_interrupts_are_as_always_once_the_loop_is_left(terminal):
    for _ in show_progress(training(), 3):
        break
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert terminal.lines()[-1] == "the loop was left after epoch 1 of 3"


def test_another_handler_that_came_in_the_meantime_stays(terminal):
    """A loop that is left half-way but still referred to, and the next cell, for which Jupyter sets its handler."""
    bar = show_progress(training(), 3)
    next(bar)
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        bar.close()
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    assert before.__name__ == "note"


def test_a_thread_trains_with_a_bar_too(terminal):
    seen = []
    thread = threading.Thread(target=lambda: seen.extend(p.epoch for p in show_progress(training(), 3)))
    thread.start()
    thread.join()
    assert seen == [1, 2, 3]
    assert terminal.lines()[-1].startswith("epoch 3 of 3 ")


def test_diverged_is_shown_and_raised(panel):
    history = History()
    with np.errstate(all="ignore"), pytest.raises(Diverged) as caught:
        list(show_progress(training(rate=1e300, loss=F.mean_squared_error, history=history), 3))
    assert words(panel[-1]) == "D" + str(caught.value)[1:] and str(caught.value).startswith("diverged at epoch ")
    assert 'role="status"' in panel[-1] and progress.COLOURS["stopped"] in panel[-1]
    assert caught.value.history is history and len(history) == caught.value.epoch - 1


def test_a_terminal_leaves_errors_to_python(terminal):
    def broken():
        yield from training(epochs=1)
        raise ValueError("the model is broken")

    says(ValueError, "the model is broken", lambda: list(show_progress(broken(), 3)))
    assert "broken" not in terminal.text


def test_markup_in_an_error_is_shown_as_text(panel):
    def broken():
        raise ValueError('<b>x</b> & "y"')
        yield

    with pytest.raises(ValueError, match="<b>"):
        list(show_progress(broken(), 3))
    assert "<b>" not in panel[-1] and panel[-1].count("&lt;b&gt;x&lt;/b&gt; &amp; &quot;y&quot;") == 2


# A real terminal

PROGRAM = """\
import time
from course_lib.tools.progress import show_progress
from course_lib.training import History, Progress

def training(history):
    for epoch in range(1, 501):
        time.sleep(0.02)
        history.loss.append(1 / epoch)
        yield Progress(epoch, 1 / epoch, 0.1, history)

for progress in show_progress(training(history := History()), 500):
    pass
print("loop ended after", len(history))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals")
def test_ctrl_c_in_a_terminal():
    import pty

    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        preexec_fn=lambda: os.login_tty(theirs),
    )
    os.close(theirs)
    text, pressed = b"", False
    with closing(open(ours, "rb", buffering=0)) as screen, suppress(OSError):  # its end is an OSError
        while chunk := screen.read(1000):
            text += chunk
            if not pressed and text.count(b"\r") >= 4:
                pressed = os.write(ours, b"\x03")
    assert process.wait(30) == 0
    lines = [line.strip() for line in re.split("[\r\n]", text.decode()) if line.strip()]
    last = int(lines[-1].removeprefix("loop ended after "))
    assert lines[-2].removeprefix("^C") == f"stopped after epoch {last} of 500; {KEPT}" and 1 <= last < 500


# Where nothing can be drawn over


def test_a_program_whose_output_goes_to_a_file_prints_nothing(capsys):
    assert len(list(show_progress(training(), 3))) == 3
    assert capsys.readouterr() == ("", "")


def test_but_an_interrupt_is_said_there_too(capsys):
    list(show_progress(interrupted(at=1), 3))
    assert capsys.readouterr() == (f"stopped after epoch 1 of 3; {KEPT}\n", "")


def test_where_it_is_shown(monkeypatch, capsys):
    """In a terminal, in IPython's display, or nowhere; without ipywidgets, IPython shows the sentence alone."""
    monkeypatch.setattr(sys, "stdout", sys.stdout)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    assert progress._view(5) is progress._draw_in_terminal
    monkeypatch.setattr(sys.stdout, "isatty", lambda: False, raising=False)
    monkeypatch.setattr("IPython.get_ipython", lambda: None)
    assert progress._view(5) is progress._draw_last_word
    shown = []
    monkeypatch.setattr("IPython.get_ipython", object)
    monkeypatch.setattr("IPython.display.display", shown.append)
    assert progress._view(5).__self__ is shown[0]
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    assert progress._view(5) is progress._draw_last_word
    assert set(shown[1]._repr_mimebundle_()) == {"text/plain", "text/html"}
    monkeypatch.delitem(sys.modules, "IPython")
    assert progress._view(5) is progress._draw_last_word and len(shown) == 2


def test_importing_it_needs_neither_ipywidgets_nor_ipython():
    program = "import sys; from course_lib.tools.progress import show_progress; print(*sys.modules)"
    modules = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert {"ipywidgets", "IPython", "matplotlib", "traitlets"} & set(modules) == set()
    assert "course_lib.tools.progress" in modules


# In a notebook's kernel

SETUP = """\
import time
import numpy as np
from course_lib import Dense, Diverged, GradientDescent, History, Sequential, train
from course_lib import functional as F
from course_lib.datasets import xor
from course_lib.tools.progress import show_progress

model = Sequential(Dense(2, 4, "tanh", rng=np.random.default_rng(0)), Dense(4, 1, rng=np.random.default_rng(1)))
history = History()
rate, slow = GradientDescent(0.5), lambda outputs, y: time.sleep(0.02) or F.binary_cross_entropy(outputs, y)
"""
LOOP = """\
for progress in show_progress(train(model, xor(), loss={loss}, optimizer=rate, epochs={epochs}, history=history), {epochs}):
    {body}"""
STOP = """\
import os, signal, threading

def stop():
    while len(history) < 2:
        time.sleep(0.01)
    os.kill(os.getpid(), signal.SIGINT)  # as the stop button does

threading.Thread(target=stop).start()
"""


def loop(loss="F.binary_cross_entropy", epochs=5, body="pass"):
    return LOOP.format(loss=loss, epochs=epochs, body=body)


@pytest.fixture(scope="module")
def one_kernel():
    with kernel() as run:
        yield run


@pytest.fixture
def run(one_kernel):
    """A function that runs a cell in a kernel that has just run the setup."""
    assert one_kernel(SETUP)[-1][1]["status"] == "ok"
    return one_kernel


def sentences(found):
    """Each sentence of a bar, and each printed text, of a cell's messages."""
    for kind, content in found:
        if kind == "stream":
            yield content["text"]
        if kind == "comm_msg" and "value" in content["data"].get("state", {}):
            yield words(content["data"]["state"]["value"])


def value(run, expression):
    reply = run("", user_expressions={"value": expression})[-1][1]["user_expressions"]["value"]
    assert reply["status"] == "ok", reply
    return reply["data"]["text/plain"]


@pytest.mark.parametrize(
    "cell",
    [
        loop("slow", epochs=500),
        loop(epochs=500, body="until = time.time() + 0.02\n    while time.time() < until: pass"),
    ],
    ids=["while training", "in the body"],
)
def test_the_stop_button_of_a_notebook(run, cell):
    found = run(STOP + cell)
    assert found[-1][1]["status"] == "ok"  # the next cell can be run
    epoch = int(value(run, "len(history)"))
    assert 1 <= epoch < 500
    assert [*sentences(found)][-1].strip().lower() == f"stopped after epoch {epoch} of 500; {KEPT}"
    assert value(run, "model.training") == "False"
    assert run(loop(epochs=2))[-1][1]["status"] == "ok"
    assert value(run, "len(history)") == str(epoch + 2)


def test_a_bar_is_live_while_its_cell_runs_and_one_sentence_is_stored(run):
    began = time.perf_counter()
    found = run(loop("slow", epochs=30))
    seconds, texts = time.perf_counter() - began, [*sentences(found)]
    epochs = [int(text.split()[1]) for text in texts]
    assert found[-1][1]["status"] == "ok" and epochs[0] == 1 and epochs[-1] == 30 and len(set(epochs)) >= 4
    assert len(texts) <= seconds / 0.1 + 3  # not one message an epoch, unless the machine is that slow
    [shown] = [content["data"] for kind, content in found if kind in ("display_data", "stream", "execute_result")]
    sentence = "Training, 30 epochs: while the cell runs, a bar shows how far it is."
    assert shown["text/plain"] == words(shown["text/html"]) == sentence
