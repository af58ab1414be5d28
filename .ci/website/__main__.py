"""Build the website: PYTHONPATH=.ci python -m website [FOLDER], by default into build/site, with what `recordings.py` has made.

Both languages are built at once, each by a Sphinx of its own. A warning fails the build.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from html import escape
from pathlib import Path

from . import addresses
from .pictures import Pictures, card
from .sources import ANIMATIONS, Edition
from .words import WORDS

HERE = Path(__file__).parent
NOTEBOOKS, RECORDED = addresses.ROOT / "notebooks", addresses.ROOT / "build" / "recordings"
START = """\
<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title>
<meta name="description" content="{description}">
<meta property="og:title" content="{title}">
<meta property="og:description" content="{description}">
<meta property="og:image" content="{root}cards/en/index.png">
<meta name="twitter:card" content="summary_large_image">
<link rel="icon" href="en/_static/favicon.svg">
<script>location.replace((navigator.language.startsWith("zh") ? "zh" : "en") + "/index.html");</script>
</head>
<body><main><h1>{title}</h1><ul>{links}</ul></main></body>
</html>
"""
SITEMAP = """\
<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml">
{}</urlset>
"""


def build(folder):
    """Build the whole site in this folder. Raises RuntimeError where Sphinx fails or warns, or recordings are missing."""
    if not RECORDED.exists():
        raise RuntimeError(f"expected recordings in {RECORDED}, as python -m website.recordings makes them")
    for part in (*WORDS, "pictures", "cards", "recordings"):
        shutil.rmtree(folder / part, ignore_errors=True)
    shutil.copytree(RECORDED, folder / "recordings", ignore=shutil.ignore_patterns("*.json"))
    pictures = Pictures(folder / "pictures", "../pictures")
    with tempfile.TemporaryDirectory() as sources:
        for language in WORDS:
            edition = Edition(NOTEBOOKS, language, pictures, RECORDED / language)
            edition.write(Path(sources, language))
            _cards(folder / "cards" / language, edition)
        failed = [language for language, run in _sphinx(Path(sources), folder).items() if run.wait() != 0]
    if failed:
        raise RuntimeError(f"Sphinx found faults in: {', '.join(failed)}")
    _start(folder)
    _sitemap(folder, ["index", *edition.paths])


def _sphinx(sources, folder):
    """Start one Sphinx for each language: {language: process}."""
    path = os.pathsep.join(filter(None, [str(HERE.parent), os.environ.get("PYTHONPATH")]))
    command = [sys.executable, "-m", "sphinx", "--fail-on-warning", "--keep-going", "--quiet", "-c", HERE]
    started = {}
    for language in WORDS:
        places = [sources / f"doctrees-{language}", sources / language, folder / language]
        environment = os.environ | {"PYTHONPATH": path}
        started[language] = subprocess.Popen([*command, "-t", language, "-d", *places], env=environment)
    return started


def _cards(folder, edition):
    """What other sites show of the landing page and of each chapter that has a picture."""
    folder.mkdir(parents=True)
    card(ANIMATIONS[edition.language], folder / "index.png")
    for name in edition.chapters:
        if picture := edition.picture(name):
            card(picture, folder / f"{name}.png")


def _start(folder):
    """The page that leads to the reader's language."""
    links = "".join(
        f'<li><a href="{language}/index.html" lang="{language}" hreflang="{language}">{escape(words["title"])}</a></li>'
        for language, words in WORDS.items()
    )
    words = WORDS["en"]
    text = START.format(
        title=escape(words["title"]), description=words["description"], root=addresses.site() or "", links=links
    )
    (folder / "index.html").write_text(text, encoding="utf-8")


def _sitemap(folder, names):
    """Where the site's address is known: every page, with the same page in the other language."""
    if not (site := addresses.site()):
        return print("sitemap.xml: left out, for the site's address is not known (SITE_URL, or a remote on GitHub)")
    entries = ""
    for name in names:
        places = {language: f"{site}{language}/{name}.html" for language in WORDS}
        others = "".join(
            f'<xhtml:link rel="alternate" hreflang="{language}" href="{place}"/>' for language, place in places.items()
        )
        entries += "".join(f"<url><loc>{place}</loc>{others}</url>\n" for place in places.values())
    (folder / "sitemap.xml").write_text(SITEMAP.format(entries), encoding="utf-8")


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else addresses.ROOT / "build" / "site"
    target.mkdir(parents=True, exist_ok=True)
    try:
        build(target.resolve())
    except (RuntimeError, ValueError) as reason:
        sys.exit(f"site: {reason}")
    print(f"the site is in {target}: python -m http.server -d {target}")
