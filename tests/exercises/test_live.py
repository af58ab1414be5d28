"""An output with a panel: one bundle where no page names its cells, else two, of which one is to be seen."""

import re
from configparser import ConfigParser
from pathlib import Path
from types import SimpleNamespace

import IPython.display
import ipywidgets
import pytest

from course_lib.pictures import live

BUNDLE = {"text/plain": "a picture", "text/html": "<figure>it</figure>"}


@pytest.fixture
def published(monkeypatch):
    """What is displayed on the way."""
    seen = []
    monkeypatch.setattr(IPython.display, "display", lambda *data, **options: seen.append((*data, options)))
    return seen


def kernel(monkeypatch, metadata):
    shell = SimpleNamespace(kernel=SimpleNamespace(get_parent=lambda: {"metadata": metadata}))
    monkeypatch.setattr(IPython, "get_ipython", lambda: shell)


@pytest.mark.parametrize("metadata", [None, {}, {"cellId": None}])
def test_where_no_page_names_its_cells_one_output_holds_all(monkeypatch, published, metadata):
    if metadata is not None:  # None: no kernel at all
        kernel(monkeypatch, metadata)
    widget = ipywidgets.VBox()
    bundle = live.with_panel(BUNDLE, widget)
    assert bundle == BUNDLE | {live.WIDGET_VIEW: widget._repr_mimebundle_()[live.WIDGET_VIEW]} and published == []


def test_where_a_page_names_its_cells_the_panel_comes_first(monkeypatch, published):
    kernel(monkeypatch, {"cellId": "a1"})
    widget = ipywidgets.VBox()
    bundle = live.with_panel(BUNDLE, widget)
    assert published == [({live.WIDGET_VIEW: widget._repr_mimebundle_()[live.WIDGET_VIEW]}, {"raw": True})]
    assert bundle.keys() == BUNDLE.keys() and bundle["text/plain"] == BUNDLE["text/plain"]
    assert bundle["text/html"].endswith(f"run this cell again.</p>{BUNDLE['text/html']}")


def test_nbval_compares_what_a_reader_saved_with_what_is_stored(monkeypatch, published):
    kernel(monkeypatch, {"cellId": "a1"})
    saved = live.with_panel(BUNDLE, ipywidgets.VBox())["text/html"]
    rules = ConfigParser(interpolation=None)
    rules.read(Path(__file__).parents[1] / "nbval_sanitize.cfg")
    for name in rules.sections():
        saved = re.sub(rules[name]["regex"], rules[name].get("replace", ""), saved)
    assert saved == BUNDLE["text/html"]
