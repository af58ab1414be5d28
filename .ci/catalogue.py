"""Collect the library's sentences, the arguments of `say` and `N_`, for translators.

course_lib/locale/course_lib.pot       all of them
course_lib/locale/zh/PART.po           those of one part of the library, in the order of its source, with their translations

python .ci/catalogue.py                    renew these files (`make catalogue`), and count what is not translated
python .ci/catalogue.py texts zh PART      print what is not translated in a part as one text, to be worked on in an editor
python .ci/catalogue.py take zh PART FILE  put such a text, now translated, into the part's file

A translation stays with its sentence, in whichever part that is now. A sentence that has been changed keeps its old
translation, marked as fuzzy, until somebody has read it and taken the mark away.
"""

import argparse
import ast
import difflib
import hashlib
import io
import re
from collections import defaultdict
from functools import cache
from pathlib import Path

from babel.messages import Catalog
from babel.messages.pofile import read_po, write_po

PACKAGE = Path(__file__).resolve().parent.parent / "course_lib"
LOCALE = PACKAGE / "locale"
TEMPLATE = LOCALE / "course_lib.pot"
KEYWORDS = {"say", "N_", "mistake", "untried", "slip"}  # N_ marks a sentence that is said later; the others take one
SHARED = "shared"  # the part of what is said in several parts
ALIKE = 0.6  # how alike a sentence has to be to one that is gone, to keep its translation as fuzzy


def calls(package=PACKAGE):
    """Yields (place, first argument) of every call of a keyword, inside f-strings too, in the order of the source."""
    for path in sorted(package.rglob("*.py")):
        for node in _calls(path.read_text(encoding="utf-8")):
            yield f"{path.relative_to(package).as_posix()}:{node.lineno}", node.args[0]


@cache
def _calls(source):
    found = [
        node
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in KEYWORDS
    ]
    return sorted(found, key=lambda node: (node.lineno, node.col_offset))


def part_of(module):
    """The part of the library to which a module belongs: chapter05, lab_training, labs, machinery, board, ... or engine.

    >>> part_of("labs/training/lab.py"), part_of("exercises/chapter_parts/greedy.py"), part_of("layers/base.py")
    ('lab_training', 'chapter_parts', 'engine')
    """
    folder, _, rest = module.partition("/")
    inner = rest.partition("/")[0].removesuffix(".py")
    if folder == "exercises":
        return "machinery" if inner in ("export", "results", "look", "gradebook") else inner
    if folder == "canvas":
        return "labs"
    if folder == "labs":
        return "labs" if inner in ("base", "__init__") else f"lab_{inner}"
    return folder if folder in ("board", "pictures") else "engine"


def parts(package=PACKAGE):
    """{part: {sentence: [modules]}}, both in order; what several parts say belongs to SHARED."""
    modules = defaultdict(list)
    for place, argument in calls(package):
        module = place.partition(":")[0]
        if isinstance(argument, ast.Constant) and module not in modules[argument.value]:
            modules[argument.value].append(module)
    found = defaultdict(dict)
    for sentence, places in modules.items():
        named = {part_of(module) for module in places}
        found[named.pop() if len(named) == 1 else SHARED][sentence] = places
    return dict(sorted(found.items()))


def catalogue_text(package=PACKAGE):
    """The template as bytes: sorted, without line numbers and dates; it changes only when a sentence does."""
    sentences = {sentence: () for part in parts(package).values() for sentence in part}
    return _po(sentences, {}, sort_output=True, no_location=True, width=110)


def _po(sentences, translated, **form):
    catalogue = Catalog()
    for sentence, modules in sentences.items():
        string, flags = translated.get(sentence, ("", ()))
        catalogue.add(sentence, string, locations=[(module, None) for module in modules], flags=flags)
    buffer = io.BytesIO()
    write_po(buffer, catalogue, omit_header=True, **form)
    return buffer.getvalue()


def languages(locale=LOCALE):
    """The folders of the languages into which the library is translated."""
    return sorted(path for path in locale.iterdir() if path.is_dir())


def messages(folder):
    """{sentence: message} of a language's files, as Babel reads them."""
    found = [message for path in sorted(folder.glob("*.po")) for message in read_po(io.BytesIO(path.read_bytes()))]
    return {message.id: message for message in found if message.id}


def stored(folder):
    """{sentence: (translation, flags)} of all that is translated in a language's files, fuzzy or not."""
    return {
        sentence: (message.string, message.flags & {"fuzzy"})
        for sentence, message in messages(folder).items()
        if message.string
    }


def language_files(folder, package=PACKAGE):
    """{name: bytes} of the files that a language should have: every sentence, each with its translation if there is one.

    A sentence that is new may take the translation of one that is gone, if they are alike, as fuzzy.
    """
    found, known = parts(package), stored(folder)
    everything = {sentence for part in found.values() for sentence in part}
    new = sorted(everything - messages(folder).keys())
    for old in sorted(known.keys() - everything):
        for sentence in difflib.get_close_matches(old, new, 1, ALIKE):
            known[sentence] = known[old][0], {"fuzzy"}
            new.remove(sentence)
    return {f"{part}.po": _po(sentences, known, width=100) for part, sentences in found.items()}


def counts(folder, package=PACKAGE):
    """{part: (number of sentences, [those without a translation])} of a language; a fuzzy one is none."""
    known = {sentence for sentence, (_, flags) in stored(folder).items() if not flags}
    return {part: (len(all_), [each for each in all_ if each not in known]) for part, all_ in parts(package).items()}


def renew(locale=LOCALE, package=PACKAGE):
    """Write the template and every language's files. Returns [(language, sentence, its translation, modules)] of each
    translated sentence that is now said in a further part, where it may mean something else."""
    locale.mkdir(exist_ok=True)
    shared, further = parts(package).get(SHARED, {}), []
    (locale / TEMPLATE.name).write_bytes(catalogue_text(package))
    for folder in languages(locale):
        files, known = language_files(folder, package), stored(folder)
        said = {sentence: {place for place, _ in message.locations} for sentence, message in messages(folder).items()}
        for sentence in shared.keys() & known.keys():
            if {*map(part_of, shared[sentence])} != {*map(part_of, said[sentence])}:
                further.append((folder.name, sentence, known[sentence][0], shared[sentence]))
        for path in folder.glob("*.po"):
            if path.name not in files:
                path.unlink()
        for name, content in files.items():
            (folder / name).write_bytes(content)
    return sorted(further)


def digest(sentence):
    """How a text for an editor names a sentence."""
    return hashlib.sha256(sentence.encode()).hexdigest()[:8]


def texts_of(folder, part):
    """The sentences of a part that are not translated, as one text."""
    return "\n".join(f"%% {digest(sentence)}\n{sentence}\n" for sentence in counts(folder)[part][1])


def take(folder, part, text):
    """Put a text made by `texts_of`, translated, into the part's file. Raises KeyError for a name that is not there."""
    sentences, known = parts()[part], stored(folder)
    by_name = {digest(sentence): sentence for sentence in sentences}
    _, *rest = re.split(r"^%% (\w+)\n", text, flags=re.MULTILINE)
    for name, translation in zip(rest[::2], rest[1::2], strict=True):
        sentence = by_name[name]
        begin = sentence[: len(sentence) - len(sentence.lstrip("\n"))]  # the empty line between two texts is nobody's
        known[sentence] = begin + translation.strip("\n"), ()
    (folder / f"{part}.po").write_bytes(_po(sentences, known, width=100))


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("command", nargs="?", default="renew", choices=("renew", "texts", "take"))
    parser.add_argument("language", nargs="?", choices=[folder.name for folder in languages()])
    parser.add_argument("part", nargs="?", choices=list(parts()))
    parser.add_argument("file", nargs="?", type=Path)
    options = parser.parse_args(arguments)
    if options.command != "renew" and (options.part is None or (options.command == "take") != bool(options.file)):
        parser.error(f"{options.command}: expected a language, a part, and with take a file")
    if options.command == "renew":
        for folder, sentence, translation, modules in renew():
            print(f"{folder}: {sentence!r} is {translation!r} in all of {', '.join(modules)}: see that it fits each")
        print(f"{TEMPLATE.name}: {sum(map(len, parts().values()))} sentences")
    elif options.command == "texts":
        print(texts_of(LOCALE / options.language, options.part), end="")
        return
    else:
        take(LOCALE / options.language, options.part, options.file.read_text(encoding="utf-8"))
    for folder in languages():
        found = counts(folder)
        for part, (number, missing) in found.items():
            if missing or part == options.part:
                print(f"{folder.name}/{part}.po: {number - len(missing)} of {number} translated")
        everything = sum(number for number, _ in found.values())
        left = sum(len(missing) for _, missing in found.values())
        print(f"{folder.name}: {everything - left} of {everything} translated")


if __name__ == "__main__":
    main()
