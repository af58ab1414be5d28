"""One catalogue holds every sentence that the library shows, and translates it."""

import ast
import io
import re
import string
from functools import cache

import catalogue
import chinese as rules
import pytest
from babel.messages.pofile import read_po
from catalogue import LOCALE, TEMPLATE, calls, catalogue_text, counts, language_files, part_of, parts, renew, stored

from course_lib.text import capitalised, say, set_language, translations, typed

CHINESE_FILES = sorted((LOCALE / "zh").glob("*.po"))
TRANSLATED = "dense: x has {got} features, but W expects {expected}"
TRANSLATION = f"""
#: functional/fully_connected.py
#, python-brace-format
msgid "{TRANSLATED}"
msgstr ""
"dense：x 有 {{got}} 个特征，\\"W\\" "
"需要 {{expected}} 个"

#, fuzzy
msgid "guessed"
msgstr "猜的"

msgid "empty"
msgstr ""
"""


def test_the_template_is_up_to_date():
    same = TEMPLATE.read_bytes() == catalogue_text()  # outside the assertion: pytest would search for what differs
    assert same, "run `make catalogue` and commit course_lib/locale"


def test_the_files_of_each_language_are_up_to_date():
    for folder in catalogue.languages():
        now = {path.name: path.read_bytes() for path in folder.glob("*.po")}
        assert now == language_files(folder), "run `make catalogue` and commit course_lib/locale"


def test_every_sentence_can_be_translated():
    """A literal or a variable: no catalogue can hold what an f-string or a sum would ask for."""
    found = list(calls())
    assert found
    for place, argument in found:
        assert not isinstance(argument, ast.JoinedStr | ast.BinOp), f"{place}: expected one literal sentence"


def run_by_the_import(node):
    """What of a module is run when it is imported: all but the bodies of functions."""
    yield node
    is_function = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
    for name, value in ast.iter_fields(node):
        if not (is_function and name == "body"):
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.AST):
                    yield from run_by_the_import(child)


def test_no_sentence_is_made_while_the_library_is_imported():
    """It would stay in the language of that moment: what is said later is marked with N_."""
    for path in sorted(catalogue.PACKAGE.rglob("*.py")):
        for node in run_by_the_import(ast.parse(path.read_text(encoding="utf-8"))):
            said = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "say"
            assert not said, f"{path}:{node.lineno}"


SENTENCES = """
TASK = N_("a marked sentence")
print(f"{say('inside an f-string')}", say("{n} of " "{total}", n=1, total=2), say(TASK), other("not one"))
"""


def test_the_template_holds_the_sentences_of_say_and_n(tmp_path):
    (tmp_path / "module.py").write_text(SENTENCES)
    sentences = [message.id for message in read_po(io.BytesIO(catalogue_text(tmp_path))) if message.id]
    assert sentences == ["a marked sentence", "inside an f-string", "{n} of {total}"]


# The files of a language


@pytest.fixture
def library(tmp_path):
    """A library of two modules, and a folder for one language."""
    (tmp_path / "labs" / "fit").mkdir(parents=True)
    (tmp_path / "labs" / "fit" / "view.py").write_text('say("Turn the three sliders")\nsay("both")', encoding="utf-8")
    (tmp_path / "ops.py").write_text('say("expected a number, got {got}")\nsay("both")', encoding="utf-8")
    (tmp_path / "locale" / "zh").mkdir(parents=True)
    renew(tmp_path / "locale", tmp_path)
    return tmp_path


def put(path, sentence, translation):
    text = path.read_text(encoding="utf-8")
    assert f'msgid "{sentence}"\nmsgstr ""' in text
    path.write_text(
        text.replace(f'msgid "{sentence}"\nmsgstr ""', f'msgid "{sentence}"\nmsgstr "{translation}"'), "utf-8"
    )


def test_each_part_has_a_file_and_what_several_say_has_one(library):
    assert parts(library) == {
        "engine": {"expected a number, got {got}": ["ops.py"]},
        "lab_fit": {"Turn the three sliders": ["labs/fit/view.py"]},
        "shared": {"both": ["labs/fit/view.py", "ops.py"]},
    }
    assert {path.name for path in (library / "locale" / "zh").iterdir()} == {"engine.po", "lab_fit.po", "shared.po"}
    assert part_of("exercises/machinery/judges.py") == part_of("exercises/export.py") == "machinery"
    assert part_of("labs/base/lab.py") == "labs" and part_of("exercises/chapter05b.py") == "chapter05b"


def test_a_translation_follows_its_sentence_into_another_part(library):
    folder = library / "locale" / "zh"
    put(folder / "lab_fit.po", "Turn the three sliders", "转动三个滑块")
    (library / "ops.py").write_text('say("Turn the three sliders")', encoding="utf-8")
    further = renew(library / "locale", library)
    assert further == [("zh", "Turn the three sliders", "转动三个滑块", ["labs/fit/view.py", "ops.py"])]
    assert renew(library / "locale", library) == [], "it is said once"
    assert translations((folder / "shared.po").read_text(encoding="utf-8")) == {
        "Turn the three sliders": "转动三个滑块"
    }
    assert counts(folder, library) == {"lab_fit": (1, ["both"]), "shared": (1, [])}


def test_a_changed_sentence_keeps_its_translation_as_fuzzy(library):
    folder = library / "locale" / "zh"
    put(folder / "lab_fit.po", "Turn the three sliders", "转动三个滑块")
    (library / "labs" / "fit" / "view.py").write_text('say("Turn the four sliders")', encoding="utf-8")
    renew(library / "locale", library)
    assert stored(folder) == {"Turn the four sliders": ("转动三个滑块", {"fuzzy"})}
    assert translations((folder / "lab_fit.po").read_text(encoding="utf-8")) == {}
    assert counts(folder, library)["lab_fit"] == (1, ["Turn the four sliders"])


# The Chinese one


def test_the_chinese_catalogue_is_complete():
    missing = {part: len(without) for part, (_, without) in counts(LOCALE / "zh").items() if without}
    assert not missing, f"course_lib/locale/zh: sentences without a translation in {missing}"


@cache
def messages(path):
    """What Babel reads in a file of a language."""
    return list(read_po(io.BytesIO(path.read_bytes())))


def fields(sentence):
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None}


@pytest.mark.parametrize("path", CHINESE_FILES, ids=lambda path: path.stem)
def test_the_chinese_sentences_keep_the_rules(path):
    """The same {names}, nothing fuzzy, no English words, full-width marks, the glossary's terms."""
    breaches = []
    for message in messages(path):
        if message.id and message.string:
            breaches += [f"{message.id!r}: {sentence}" for sentence in sentence_breaches(message.id, message.string)]
            if message.fuzzy:
                breaches.append(f"{message.id!r}: fuzzy: read it again, and take the mark away")
    assert not breaches, "\n".join(breaches)


def sentence_breaches(english, own):
    if fields(own) != fields(english):
        yield f"expected the names {sorted(fields(english))}, got {sorted(fields(own))}"
    if own == english and not re.search("[A-Za-z]{2,} [A-Za-z]{2,}", rules.prose(english)):
        return  # a formula, a name
    raised_by = re.match(r"(\w+): ", english)
    if raised_by and own.startswith(f"{raised_by[1]}："):  # the function's name is code, and stays
        english, own = english[raised_by.end() :], own[raised_by.end() - 1 :]
    yield from rules.breaches(own, english)


# What a reader sees


@pytest.fixture
def chinese(tmp_path):
    """A folder with a Chinese catalogue of one sentence; then the language is English again."""
    (tmp_path / "zh").mkdir()
    (tmp_path / "zh" / "part.po").write_text(TRANSLATION, encoding="utf-8")
    yield tmp_path
    set_language("en")


def test_say_without_a_translation_is_english():
    assert say(TRANSLATED, got=64, expected=128) == "dense: x has 64 features, but W expects 128"


def test_say_in_another_language(chinese):
    set_language("zh", chinese)
    assert say(TRANSLATED, got=64, expected=128) == 'dense：x 有 64 个特征，"W" 需要 128 个'
    assert say("not translated: {value}", value=3) == "not translated: 3"
    assert (say("guessed"), say("empty")) == ("guessed", "empty")


def test_an_unknown_language_is_english(chinese):
    set_language("zh", chinese)
    set_language("eo", chinese)
    assert say(TRANSLATED, got=64, expected=128) == "dense: x has 64 features, but W expects 128"


def test_a_file_is_read_as_babel_reads_it():
    for path in CHINESE_FILES:
        expected = {message.id: message.string for message in messages(path) if message.id and message.string}
        assert translations(path.read_text(encoding="utf-8")) == expected


def test_a_sentence_that_begins_with_a_variable_leaves_its_case():
    pairs = {}
    for path in LOCALE.glob("zh/*.po"):
        pairs |= translations(path.read_text(encoding="utf-8"))
    assert len(pairs) > 1000
    for english, own in pairs.items():
        assert capitalised(own) == own or not re.search("[\u4e00-\u9fff]", own)
        assert capitalised(english)[1:] == english[1:]
        for name in ("x", "W", "dW", "b1", "a =", "x_train", "z.tanh()", "f(x)", "eta", "course_lib"):
            for sentence in (english, own):
                filled = re.sub(r"^\{[^{}]*\}", name, sentence)
                assert filled == sentence or capitalised(filled) == filled
    assert capitalised("entry [0]: expected 1") == "Entry [0]: expected 1" and capitalised("a sum of x") == "A sum of x"


def test_what_is_typed_on_a_chinese_keyboard_is_understood():
    assert typed("０．５，（ａ）；１。２、−３：“Ｗ”") == '0.5,(a);1.2,-3:"W"'
