"""The order of the tests: the longest first, and all that looks at one chapter in the browser one after the other.

Two workers share the tests. Whoever is free takes the next unit, so that long ones at the end would leave the other
worker idle. Units that need the browser come first, since it is closed when the first test comes that does not: all that
`make test` has of them is one, so that it starts one JupyterLab, and each chapter that `make test-all` adds; then
notebooks, which take up to a minute each, and two in `make test-all`, where each cell is run again; then what opens labs,
whose tests take some ten times as long as the rest; then the rest. Modules and classes with many tests come before those
with few.
"""

import re
from collections import Counter

from xdist.scheduler import LoadScopeScheduling

# What `make test` does in the browser: a chapter with its labs; `make test-all` does all.
IN_EACH_RUN = re.compile(r"/test_browser_chapter01\.py|/test_browser_everywhere\.py::Test01_")
# Three quarters of what the English notebooks take, and their figures
TRAINS_LONG = re.compile(r"(notebooks/en/|tests/chapters/test_figures_)(06|08|09|10)")
TRANSLATED = re.compile(r"notebooks/(?!en/)\w+/\d\d[a-z]?_\w+\.ipynb")
IN_BROWSER = "/test_browser_"
CHAPTER = re.compile(r"/test_browser_(?:chapter(\d\d[a-z]?)\.py|everywhere\.py::Test(\d\d[a-z]?)_)")
OPENS_LABS = re.compile(r"tests/(labs/|browser/test_robustness\.py)")


def unit_of(nodeid):
    """What a test belongs to: what is opened in the browser, else its class, module or notebook."""
    if IN_BROWSER not in nodeid:
        return nodeid.rpartition("::")[0]
    chapter = chapter_of(nodeid)
    return f"browser {chapter}" if chapter and is_slow(nodeid) else "browser"


def chapter_of(nodeid):
    """The number of the chapter that a test opens in the browser; None for another test."""
    chapter = CHAPTER.search(nodeid)
    return chapter and (chapter[1] or chapter[2])


def is_slow(nodeid):
    """Whether `make test` leaves a test out: a notebook whose networks train long, and its figures; a translated one, whose
    code is that of the English one (`tests/chapters/test_translation.py`); and most of what needs a browser.
    """
    if "tests/browser/" in nodeid:
        return not IN_EACH_RUN.search(nodeid)
    return bool(TRAINS_LONG.search(nodeid) or TRANSLATED.search(nodeid))


def rank(items):
    """A key for sorting the items of a run."""
    sizes = Counter(unit_of(item.nodeid) for item in items)

    def key(item):
        unit = unit_of(item.nodeid)
        if "jupyter" in getattr(item, "fixturenames", ()):
            # A chapter's own tests come after those that only look, and before the guide's picture of one of its labs.
            stage = 1 if "everywhere" not in item.nodeid else 2 if "guide_shows" in item.nodeid else 0
            return 0, -sizes[unit], unit, chapter_of(item.nodeid) or "", stage
        kind = 1 if unit.endswith(".ipynb") else 2 if OPENS_LABS.match(unit) else 3
        return kind, -sizes[unit], unit, "", 0

    return key


class ByChapter(LoadScopeScheduling):
    """pytest-xdist's distribution by module and class, but what is opened in the browser is one unit, whichever file asks."""

    def _split_scope(self, nodeid):
        return unit_of(nodeid)

    def remove_node(self, node):
        """As pytest-xdist does, but a test that ended its worker (it crashed, or took for ever) is not run once more."""
        units = self.assigned_work.pop(node)
        left = [nodeid for unit in units.values() for nodeid, done in unit.items() if not done]
        if not left:
            return None
        units[unit_of(left[0])][left[0]] = True
        self.workqueue.update({name: unit for name, unit in units.items() if not all(unit.values())})
        for other in self.assigned_work:
            self._reschedule(other)
        return left[0]
