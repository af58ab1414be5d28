"""Chapter 6b in a real JupyterLab: it runs without an error, its sound can be played, and its labs answer."""

from tests.browser.jupyter import Panel

NAME = "notebooks/en/06b_speech.ipynb"
DURATION = """audio => new Promise(known => {
    audio.onloadedmetadata = () => known(audio.duration);
    audio.preload = 'metadata';
    audio.load();
})"""


def test_sound(notebook):
    audio = Panel(notebook, "Audio(seven, rate=8000)").cell.locator("audio")
    assert abs(audio.evaluate(DURATION) - 4416 / 8000) < 0.01
    assert audio.evaluate("audio => audio.paused")  # nothing plays by itself


def test_through_time_lab(notebook):
    panel = Panel(notebook, "time_lab = through_time_lab()")
    with panel.new_picture():
        panel.type("1.75", number=1)
    panel.expect("It neither vanishes nor explodes")
    with panel.new_picture():
        panel.choose("Cell", "GRU")
    panel.expect("Mean update gate")


def test_voices_lab(notebook):
    panel = Panel(notebook, "voices = voices_lab()")
    panel.cell.get_by_label("kal16", exact=True).check()
    panel.press("Train")
    panel.expect("Epoch 8 of 8", seconds=90)
    assert notebook.value("voices.model.settings['voices']") == ["kal16"]
    assert notebook.value("voices.model.shares['held-out accents'][-1] >= 0.95")


def test_listen_lab(notebook):
    panel = Panel(notebook, "listening = listen_lab(posterior)")
    with panel.new_picture():
        panel.choose("Voice", "flite, slt")
    panel.expect("The word said is seven")
    panel.choose("Speed", "fast")
    panel.press("Listen")
    panel.expect("in the end", seconds=20)
    panel.press("Back")
    assert notebook.value("listening.model.frame") == 1
