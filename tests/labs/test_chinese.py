"""Every lab in Chinese: no box in its picture, and no English word on it."""

import html
import re

import chinese
import pytest
from every_lab import ROOMS, noted
from matplotlib.text import Text
from test_labs import widgets_below

from course_lib.datasets.number_words import ENGLISH
from course_lib.datasets.speech import DIGITS
from course_lib.labs.base.artists import Label
from course_lib.text import set_language


@pytest.fixture
def in_chinese():
    set_language("zh")
    yield
    set_language("en")


def words_of(lab):
    """What a reader sees of a lab, and what a screen reader says."""
    yield lab.model.status()
    yield lab.model.description()
    for artist in lab.canvas.figure.findobj(lambda artist: isinstance(artist, Text | Label)):
        yield artist.get_text() if isinstance(artist, Text) else artist.text
    for widget in widgets_below(lab.panel):
        for name in ("description", "tooltip", "placeholder", "value"):
            value = getattr(widget, name, "")
            if isinstance(value, str) and not (name == "value" and hasattr(widget, "options")):
                yield html.unescape(re.sub(r"<(code|pre|style)\b.*?</\1>|<[^>]*>", " ", value, flags=re.DOTALL))
        for option in getattr(widget, "options", ()):
            yield str(option[0] if isinstance(option, tuple) else option)


@pytest.mark.slow
@pytest.mark.parametrize("room", ROOMS)
@pytest.mark.filterwarnings("error:Glyph")
def test_a_picture_has_no_boxes_in_either_renderer(room, worked, in_chinese, caplog):
    lab = worked(room)
    lab.canvas.frame()  # by Agg
    noted(lab)  # for the page
    assert [record.getMessage() for record in caplog.records if "glyph" in record.getMessage()] == []


@pytest.mark.parametrize("room", ROOMS)
def test_a_lab_says_nothing_in_english(room, worked, in_chinese):
    lab = worked(room)
    foreign = {"listen": DIGITS, "language": ENGLISH}.get(
        room, ()
    )  # of English voices; what the network reads and writes
    spoken = {f"the English word {word!r}" for word in foreign}
    left = sorted({text for text in words_of(lab) if {*chinese.english_left(text)} - spoken})
    assert not left, "\n".join([*left, "translate these in course_lib/locale/zh, after `make catalogue`"])
