"""What commands make for readers in the folder `build`, which git ignores: pages of HTML that load nothing, and other files."""

import os
import re
from html import escape

from execute_notebooks import ROOT

BUILD = ROOT / "build"
NOTEBOOK_LINK = re.compile(r'(<a\b[^>]*\bhref="[\w./]+)\.ipynb(?=["#])')  # in HTML, up to the ending
_PAGE = """\
<!DOCTYPE html>
<html lang="{language}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>
{style}</style></head>
<body>
{body}
</body>
</html>
"""


def html_page(language, title, style, body):
    """A page as one HTML text. title: plain text; style: CSS; body: HTML."""
    return _PAGE.format(language=language, title=escape(title), style=style, body=body)


def store(place, content):
    """Write a text, or bytes, to a place in that folder, or to any other place; returns the path, and says it."""
    file = BUILD / place
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    print(os.path.relpath(file, BUILD.parent), flush=True)
    return file
