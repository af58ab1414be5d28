"""One catalogue holds every sentence that the library shows, and translates it."""

import ast
import io
from pathlib import Path

import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from catalogue import TEMPLATE, calls, catalogue_text

from course_lib.text import say, set_language

TRANSLATED = "dense: x has {got} features, but W expects {expected}"
TRANSLATION = f"""
msgid "{TRANSLATED}"
msgstr "dense：x 有 {{got}} 个特征，而 W 需要 {{expected}} 个"
"""


def test_the_template_is_up_to_date():
    stored, fresh = (set(text.decode().split("\n\n")) for text in (TEMPLATE.read_bytes(), catalogue_text()))
    assert stored == fresh, "run `make catalogue` and commit course_lib/locale/course_lib.pot"
    assert TEMPLATE.read_bytes() == catalogue_text()


def test_every_sentence_can_be_translated():
    """A literal or a variable: no catalogue can hold what an f-string or a sum would ask for."""
    found = list(calls())
    assert found
    for place, argument in found:
        assert not isinstance(argument, ast.JoinedStr | ast.BinOp), f"{place}: expected one literal sentence"


SENTENCES = """
TASK = N_("a marked sentence")
print(f"{say('inside an f-string')}", say("{n} of " "{total}", n=1, total=2), say(TASK), other("not one"))
"""


def test_the_template_holds_the_sentences_of_say_and_n(tmp_path):
    (tmp_path / "module.py").write_text(SENTENCES)
    sentences = [message.id for message in read_po(io.BytesIO(catalogue_text(tmp_path))) if message.id]
    assert sentences == ["a marked sentence", "inside an f-string", "{n} of {total}"]


@pytest.fixture
def chinese(tmp_path):
    """A folder with a compiled Chinese catalogue of one sentence; then the language is English again."""
    folder = tmp_path / "zh" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with Path(folder, "course_lib.mo").open("wb") as file:
        write_mo(file, read_po(io.BytesIO(TRANSLATION.encode()), locale="zh"))
    yield tmp_path
    set_language("en")


def test_say_without_a_translation_is_english():
    assert say(TRANSLATED, got=64, expected=128) == "dense: x has 64 features, but W expects 128"


def test_say_in_another_language(chinese):
    set_language("zh", chinese)
    assert say(TRANSLATED, got=64, expected=128) == "dense：x 有 64 个特征，而 W 需要 128 个"
    assert say("not translated: {value}", value=3) == "not translated: 3"


def test_an_unknown_language_is_english(chinese):
    set_language("zh", chinese)
    set_language("eo", chinese)
    assert say(TRANSLATED, got=64, expected=128) == "dense: x has 64 features, but W expects 128"
