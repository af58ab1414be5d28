"""Collect the library's sentences, the arguments of `say` and `N_`, in course_lib/locale/course_lib.pot."""

import ast
import io
from pathlib import Path

from babel.messages import Catalog
from babel.messages.pofile import write_po

PACKAGE = Path(__file__).resolve().parent.parent / "course_lib"
TEMPLATE = PACKAGE / "locale" / "course_lib.pot"
KEYWORDS = {"say", "N_"}  # N_ marks a sentence that a variable brings to say later


def calls(package=PACKAGE):
    """Yields (place, first argument) of every call of a keyword, inside f-strings too."""
    for path in sorted(package.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in KEYWORDS:
                yield f"{path.relative_to(package).as_posix()}:{node.lineno}", node.args[0]


def catalogue_text(package=PACKAGE):
    """The template as bytes: sorted, without line numbers and dates; it changes only when a sentence does."""
    catalogue = Catalog()
    for _, argument in calls(package):
        if isinstance(argument, ast.Constant):
            catalogue.add(argument.value)
    buffer = io.BytesIO()
    write_po(buffer, catalogue, no_location=True, omit_header=True, sort_output=True, width=110)
    return buffer.getvalue()


if __name__ == "__main__":
    TEMPLATE.parent.mkdir(exist_ok=True)
    TEMPLATE.write_bytes(catalogue_text())
    print(f"{TEMPLATE.name}: {TEMPLATE.read_bytes().count(b'msgid ')} sentences")
