"""Lets the page draw the picture of a lab: sends what a `Recorder` notes, no faster than the page shows it.

The picture begins as an image. When the page says that it can draw (`page.js`), it gets everything, and from then on what
has changed. It confirms what it has shown, and at most IN_FLIGHT frames are on their way; what changes in the meantime comes
with the next one. When the page is silent for PATIENCE, the image is shown again, until it answers.

A page that took longer than two seconds to load its modules hears nothing for good: anywidget then drops whatever the
kernel sends, though the page itself can speak. Such a page has never shown anything since it was ready, and is replaced
by a new one.
"""

import asyncio
import threading
from pathlib import Path

from anywidget import AnyWidget
from traitlets import Bool, Float, List, Unicode

from .recorder import Recorder

IN_FLIGHT = 6  # frames
PATIENCE = 2.0  # seconds
LOOKS = 200  # of layers that are kept: an axis takes one or two KB
POSITIONS = 500  # of a slider whose pictures the page keeps, at most: 7 KB each
ATTEMPTS = 3  # pages that are tried in place of one that does not hear
_HERE = Path(__file__).parent
LATE = 0.5  # seconds: so late is an alarm when the kernel itself was busy, and answers may wait to be read


class Page(AnyWidget):
    """The drawing of a `Canvas` on the page.

    draws   whether the page draws; otherwise an image is needed
    """

    # Texts: of a Path anywidget keeps each page.
    _esm = "\n".join(
        (_HERE / name).read_text(encoding="utf-8") for name in ("hand.js", "keyboard.js", "into_view.js", "page.js")
    )
    _css = (_HERE / "page.css").read_text(encoding="utf-8")
    size = List().tag(sync=True)  # in picture pixels
    name = Unicode().tag(sync=True)  # for screen readers
    handles = List().tag(sync=True)  # of `Hand.handles`
    readable = Bool().tag(sync=True)  # whether there is something to read under the pointer
    clickable = Bool().tag(sync=True)  # whether a click on the picture does something
    look = Float().tag(sync=True)  # what a phone shows of the picture at first: see `Canvas.widget`
    draws, _alarm, _copied = False, None, None

    def __init__(self, canvas, size, dpi, attempt=0, **options):
        super().__init__(size=list(size), readable=canvas.hand.can_read, clickable=canvas.hand.can_click, **options)
        self._canvas, self._recorder, self._attempt = canvas, Recorder(*size, dpi), attempt
        self._hears = False  # whether it has shown something since it was ready
        self._changed = {}  # layers that the page does not have, or not as they are now: with their looks
        self._noted = {}  # (layer, look): what was noted of it
        self._frame = self._shown = 0  # numbers of the last frame that was sent, and that was shown
        self._sent = 0  # pictures, also those that were sent ahead: so a page knows whether it has missed one
        self._moving = None  # what it drew over the layers
        self._behind = self._now = False  # whether something has changed since then; and by the reader's hand
        self._at = None  # the position of a slider that is shown
        self._kept = set()  # those positions whose pictures the page has: see `prefetch.py`
        self._thread = threading.get_ident()
        try:
            self._loop = asyncio.get_running_loop()
        except RuntimeError:
            self._loop = None  # no notebook, and no page
        self.on_msg(self._from_any_thread)

    def draw(self, now=True, at=None):
        """Send the present picture, at once or when the page has shown what is on its way.

        now   False for one of many in a run, which the page need not show before the one before it
        at    the position of the slider that alone has moved since the picture before, if it was that: see `prefetch.py`
        """
        self._behind, self._now, self._at = True, self._now or now, at
        if at is None:
            self.forget_prefetched()
        if self._frame - self._shown < IN_FLIGHT:
            self._send_frame()

    def send_to(self, take):
        """Let `take(content, buffers)` have what is sent, in place of a page that shows each frame at once."""

        def send(content, buffers=()):
            self._shown = self._frame
            take(content, buffers)

        self.send = send
        self._answered({"ready": True})

    def changed(self, layer, look=None):
        """A layer is to be sent again, with the first one all of them: see `Canvas.changed`."""
        if layer == 0:
            self._all_changed()
        else:
            self._changed[layer] = look

    def _all_changed(self):
        self._changed, self._noted = dict.fromkeys(range(len(self._canvas.layers))), {}

    @property
    def present(self):
        """The number of the frame that shows, or is going to show, the present picture."""
        return self._frame + self._behind

    def has_shown(self, frame):
        return not self.draws or self._shown >= min(frame, self._frame)

    def lacks(self, at):
        return at not in self._kept and len(self._kept) < POSITIONS

    def prefetch(self, at, slider):
        """Send what the artists draw now as the picture at a position of a slider, which the page is to keep.

        Returns False when it cannot be: something stands elsewhere there, or the page is slow.
        """
        if self._changed or self._recorder.is_full or self._frame - self._shown >= IN_FLIGHT:
            return False
        self._canvas.prepare(self._canvas.moving_artists)
        noted = self._recorder.record(self._canvas.moving_artists)
        styles, shapes = self._recorder.news()
        self._kept.add(at)
        self._sent += 1
        content = {"number": self._sent, "prefetched": at, "slider": slider.model_id, "styles": styles}
        self.send(content, buffers=[shapes, noted])
        return True

    def forget_prefetched(self):
        """The pictures that the page keeps are no longer true; one of them may be seen."""
        if self._kept:
            self._kept, self._moving = set(), None
            self.send({"forget": True})

    def draw_anew(self):
        """Agg has drawn, so that no artist knows whether it has changed since the last frame."""
        self._recorder.draw_anew()

    def _send_frame(self, reset=False):
        self._canvas.show_present()
        self.handles = self._canvas.hand.handles()
        reset = reset or self._recorder.is_full
        if reset:
            self._recorder.forget()
            self._all_changed()
            self._moving = None
        layers = sorted(self._changed)
        if layers:
            self._kept = set()  # the page forgets those over other layers
        drawn = [self._note_layer(layer, self._changed[layer]) for layer in layers]
        self._canvas.prepare(self._canvas.moving_artists)
        drawn.append(self._recorder.record(self._canvas.moving_artists, moved=bool(layers)))
        self._behind, self._changed = False, {}
        if drawn == [self._moving]:  # nothing that can be seen has changed
            return
        styles, shapes = self._recorder.news()
        self._frame, self._sent, self._moving = self._frame + 1, self._sent + 1, drawn[-1]
        content = {"number": self._sent, "frame": self._frame, "reset": reset, "now": self._now}
        content |= {"styles": styles, "layers": layers}
        if self._at is not None:
            content["position"] = self._at
            self._kept.add(self._at)
        self._now = False
        self.send(content, buffers=[shapes, *drawn])
        if self._alarm is None:
            self._expect_answer()

    def _note_layer(self, layer, look):
        """What is noted of a layer, or was when it looked like this before."""
        if (layer, look) in self._noted:
            return self._noted[layer, look]
        artists = self._canvas.layers[layer]
        self._canvas.prepare(artists)
        with self._canvas.styled():
            noted = self._recorder.record(artists, moved=True)
        if look is not None:
            if len(self._noted) == LOOKS:
                self._noted.clear()
            self._noted[layer, look] = noted
        return noted

    def copy(self, text, copied):
        """Put a text onto the clipboard; copied(True or False) is called with whether the page could."""
        self._copied = copied
        self.send({"copy": text})

    # What the page answers

    def _from_any_thread(self, _, content, buffers):
        if self._loop is None or threading.get_ident() == self._thread:
            self._answered(content)
        else:
            self._loop.call_soon_threadsafe(self._answered, content)

    def _answered(self, content):
        if "copied" in content:
            if self._copied is not None:
                self._copied(bool(content["copied"]))
            return
        if not content.keys() & {"shown", "ready"}:
            answer = self._canvas.hand.touched(content)
            self.handles = self._canvas.hand.handles()  # the hand may have taken another one
            if answer is not None:
                self.send(answer)
            return
        self._shown = max(self._shown, content.get("shown", 0))
        self._hears = "shown" in content
        self._no_alarm()
        if "ready" in content or not self.draws:
            self._shown = self._frame
            self.draws = True
            self._canvas.show_page(True)
            self._send_frame(reset=True)
        elif self._behind:
            self._send_frame()
        elif self._shown < self._frame:
            self._expect_answer()

    def _expect_answer(self):
        if self._loop is not None:
            self._alarm = self._loop.call_later(PATIENCE, self._unanswered, self._loop.time() + PATIENCE)

    def _no_alarm(self):
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None

    def _unanswered(self, due):
        self._alarm = None
        if self._loop.time() - due > LATE:
            self._expect_answer()
        else:
            self.draws = False
            self._canvas.show_page(False)
            if not self._hears and self._attempt < ATTEMPTS:
                self._canvas.renew_page(self._attempt + 1)

    def close(self):
        self._no_alarm()
        super().close()
