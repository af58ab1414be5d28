"""What tests of labs share."""

from collections import Counter
from functools import cache

import matplotlib as mpl
import pytest
from every_lab import make, moved
from replayer import Slow

from course_lib.canvas.canvas import Canvas
from course_lib.canvas.page import Page
from course_lib.canvas.recorder import Recorder
from course_lib.labs.base import lab as base

kept = []  # labs of `worked`, which outlive a test


@pytest.fixture(autouse=True)
def only_my_labs():
    """Labs that a test leaves open are closed after it."""
    yield
    for lab in [*base._open.values()]:
        if lab not in kept:
            lab.close()


@pytest.fixture
def drawn_at_once():
    """For tests about when a picture is drawn, and what is kept from one to the next."""


@pytest.fixture(autouse=True)
def drawn_when_looked_at(request, monkeypatch):
    """Agg draws a picture when a test looks at it: most tests are about what a lab says and does, which takes less.

    So what is seen is what the artists show by then, and an error in drawing comes only where somebody looks.
    """
    if "drawn_at_once" in request.fixturenames:
        return
    draw, made = Canvas.draw, Canvas.image.func

    def note(self, now=True, at=None):
        if self.page_draws:
            draw(self, now, at)
        else:
            self.is_behind = True

    def image(self):
        known = vars(self)
        if "image" not in known:
            known["image"] = made(self)
        if known.pop("is_behind", False):
            known["image"].value = self.frame()
        return known["image"]

    monkeypatch.setattr(Canvas, "draw", note)
    monkeypatch.setattr(Canvas, "image", property(image))


@pytest.fixture(scope="module")
def worked():
    """worked(room): a lab that has moved, one for all tests that leave it so."""

    @cache
    def lab(room):
        kept.append(moved(make(room, f"{room}, moved")))
        return kept[-1]

    yield lab
    while kept:
        kept.pop().close()


@pytest.fixture
def unhinted():
    """Agg's letters are not fitted to pixels, as the page's are not."""
    with mpl.rc_context({"text.hinting": "none"}):
        yield


@pytest.fixture
def compared(monkeypatch):
    """Each recorder has a slow one beside it, and notes the same, or the test fails at its end, for a lab catches errors of
    its controls. How often it did is counted, and how often a layer was sent as it had been noted before."""
    forget, record, news, count = Recorder.forget, Recorder.record, Recorder.news, Counter()
    note_layer = Page._note_layer

    def forget_both(self):
        forget(self)
        if not isinstance(self, Slow):
            self.slow = Slow(self.width, self.height, 125)

    def record_both(self, artists, moved=False):
        noted = record(self, artists, moved)
        if not isinstance(self, Slow):
            count["different"] += noted != self.slow.record(artists)
            count["noted"] += 1
        return noted

    def news_of_both(self):
        found = news(self)
        count["different"] += not isinstance(self, Slow) and found != self.slow.news()
        return found

    def note_layer_both(self, layer, look):
        count["kept"] += (layer, look) in self._noted
        noted = note_layer(self, layer, look)
        artists = self._canvas.layers[layer]
        stale = [artist.stale for artist in artists]  # of what was sent as before: it has not been asked to draw
        with self._canvas.styled():
            count["different"] += noted != self._recorder.slow.record(artists)
        for artist, was in zip(artists, stale, strict=True):
            artist.stale = was
        return noted

    monkeypatch.setattr(Page, "_note_layer", note_layer_both)
    monkeypatch.setattr(Recorder, "forget", forget_both)
    monkeypatch.setattr(Recorder, "record", record_both)
    monkeypatch.setattr(Recorder, "news", news_of_both)
    yield count
    assert count["different"] == 0
