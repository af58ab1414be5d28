"""The cheap half of what `make lite` promises: the lock file is right, Pyodide is what was pinned, answers need no lock."""

import ast
import hashlib
import json
import re
import shutil
import sys
import tomllib
import types
import zipfile
from contextlib import ExitStack
from importlib import reload
from pathlib import Path

import pytest
from lite import pyodide, wheels
from lite.lock import COURSE, FONTS, LEFT_OUT, LOOPS, entry, lock
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from course_lib.answers import file as answers_file
from course_lib.answers import store as answers
from tests.browser.jupyter import chromium

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / ".ci" / "lite" / "index.html").read_text(encoding="utf-8")


def wheel(folder, name, *needs, files=()):
    """A wheel of version 1 of this name that needs others; returns its path."""
    path = folder / f"{name}-1-py3-none-any.whl"
    metadata = "".join(f"{line}\n" for line in (f"Name: {name}", "Version: 1", *(f"Requires-Dist: {n}" for n in needs)))
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{name}-1.dist-info/METADATA", f"Metadata-Version: 2.1\n{metadata}")
        for file in files or (f"{name}/__init__.py",):
            archive.writestr(file, "")
    return path


def test_an_entry_says_what_pyodide_must_know_of_a_wheel(tmp_path):
    needs = ("numpy>=2", "jupyterlab>=4", 'tomli; python_version < "3.11"', 'rich; extra == "cli"', "Some.Thing")
    path = wheel(tmp_path, "own_part", *needs, files=("own_part/__init__.py", "own_more.py", "own_part-1.data/data/x"))
    name, found = entry(path, "abc/")
    assert name == found["name"] == "own-part"
    assert found["file_name"] == "abc/own_part-1-py3-none-any.whl"
    assert found["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert found["imports"] == ["own_more", "own_part"]
    assert found["depends"] == ["numpy", "some-thing"] and "jupyterlab" in LEFT_OUT


def test_the_lock_holds_pyodides_own_packages_where_they_are_now_and_the_course(tmp_path):
    course = wheel(tmp_path, "backprop_course", "numpy", "matplotlib", files=("course_lib/__init__.py",))
    fonts = wheel(tmp_path, "course_fonts", "matplotlib", files=("matplotlib/fontlist.json",))
    loops = wheel(tmp_path, "course_loops", "numpy", files=("course_loops/__init__.py", "course_loops/loops.wasm"))
    six = tmp_path / pyodide.PINS["packages"]["six"]["file_name"]
    six.write_bytes(b"compiled")
    found = lock({course: "a/", fonts: "b/", loops: "c/", six: "d/"})
    assert found["info"] == pyodide.PINS["info"]
    now = {"six": {"file_name": f"d/{six.name}", "sha256": pyodide.sha256(six)}}
    for name, known in pyodide.PINS["packages"].items():
        assert found["packages"][name] == known | now.get(name, {})
    own = found["packages"][COURSE]
    assert own["imports"] == ["course_lib"] and own["depends"] == ["matplotlib", "numpy", FONTS, LOOPS]
    assert found["packages"][FONTS]["imports"] == []  # `import matplotlib` still means Matplotlib itself
    assert found["packages"][LOOPS]["imports"] == ["course_loops"]
    json.dumps(found)


def test_a_package_that_needs_an_unknown_one_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"^own: expected all that it needs in the lock file, missing scipy$"):
        lock({wheel(tmp_path, "own", "scipy"): ""})


def test_all_that_the_course_needs_is_in_the_browser_or_left_out_on_purpose():
    course = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    needs = {canonicalize_name(Requirement(line).name) for line in course["dependencies"]}
    assert needs <= {*pyodide.PINS["packages"], *wheels.FROM_PYPI, *wheels.KERNEL, *LEFT_OUT}


def test_all_that_the_pinned_packages_need_is_pinned():
    packages = pyodide.PINS["packages"]
    assert {canonicalize_name(need) for known in packages.values() for need in known["depends"]} <= packages.keys()
    assert all(re.fullmatch("[0-9a-f]{64}", digest) for digest in pyodide.HASHES.values())


def test_pyodide_is_taken_file_by_file_and_a_changed_one_is_refused(tmp_path, monkeypatch):
    source = tmp_path / "source"
    source.mkdir()
    (source / "a.whl").write_bytes(b"right")
    (source / "b.whl").write_bytes(b"right too")
    hashes = {path.name: pyodide.sha256(path) for path in source.iterdir()}
    monkeypatch.setattr(pyodide, "HASHES", hashes)
    pyodide.gather(source, tmp_path / "target")
    (source / "a.whl").write_bytes(b"wrong")
    pyodide.gather(source, tmp_path / "target")  # what is there is not fetched again
    assert (tmp_path / "target" / "a.whl").read_bytes() == b"right"
    with pytest.raises(pyodide.NoPyodide, match=r"a.whl of Pyodide .*: expected the SHA-256"):
        pyodide.gather(source, tmp_path / "anew")
    assert not (tmp_path / "anew" / "a.whl").exists()
    (source / "b.whl").unlink()
    with pytest.raises(pyodide.NoPyodide, match=r"b.whl of Pyodide .* cannot be had"):
        shutil.copy(tmp_path / "target" / "a.whl", source)
        pyodide.gather(source, tmp_path / "anew")


def test_where_pyodide_comes_from(tmp_path, monkeypatch):
    assert pyodide.source("cdn") == "cdn" and pyodide.source(str(tmp_path)) == tmp_path
    with pytest.raises(pyodide.NoPyodide, match=r"expected cdn or a folder"):
        pyodide.source(str(tmp_path / "none"))
    monkeypatch.setattr(pyodide, "find_spec", lambda name: None)
    with pytest.raises(pyodide.NoPyodide, match=r"cannot be installed any more. With a network, say PYODIDE=cdn"):
        pyodide.source()


def test_the_first_page_says_the_same_in_both_languages():
    assert PAGE.count("{{FILES}}") == 1
    figures = [
        re.findall(r"{{MEGABYTES}}|\d+ MB", text) for text in re.findall(r'<p lang="..">(.*?)</p>', PAGE, re.DOTALL)
    ]
    assert figures[0] == figures[1] and len(figures[0]) == 2
    for language in ("en", "zh"):
        (start,) = re.findall(rf'path=(notebooks/{language}/[^"]+)"', PAGE)
        assert (ROOT / start).exists()


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


@pytest.mark.parametrize(
    ("locale", "address", "language"),
    [
        ("zh-CN", "", "zh"),
        ("en-GB", "", "en"),
        ("fr-FR", "", "en"),
        ("zh-CN", "?path=notebooks/en/05_practice.ipynb", "en"),
        ("en-GB", "?path=notebooks/zh/05_practice.ipynb", "zh"),
    ],
)
def test_the_first_page_is_in_the_reader_s_language_and_leads_to_both(browser, locale, address, language):
    with browser.new_page(locale=locale) as page:
        page.route("**/*", lambda route: route.fulfill(body=PAGE.replace("{{FILES}}", "{}"), content_type="text/html"))
        page.route("**/lab/**", lambda route: route.fulfill(status=204))  # where it leads, nothing is: it stays
        page.goto(f"http://127.0.0.1/{address}", wait_until="commit")
        seen = "language => [...document.querySelectorAll(`[lang=${language}]`)].map(node => node.checkVisibility())"
        shown, hidden = (page.evaluate(seen, each) for each in (language, {"en": "zh", "zh": "en"}[language]))
        # the page itself, its heading, a paragraph, a link; of the other language the link alone
        assert shown == [True] * 4 and hidden == [False, False, True]
        assert page.title() == page.locator("h1:visible").inner_text()
        assert "[*]" in page.locator("p:visible").first.inner_text()


@pytest.mark.parametrize("module", [None, types.ModuleType("fcntl")], ids=["no fcntl", "an empty one"])
def test_answers_are_kept_where_no_file_can_be_locked(tmp_path, monkeypatch, module):
    """As in Pyodide, whose kernel puts an empty module in the place of the missing one."""
    with ExitStack() as afterwards, monkeypatch.context() as patch:
        afterwards.callback(reload, answers_file)
        patch.setitem(sys.modules, "fcntl", module)
        patch.setitem(sys.modules, "msvcrt", None)
        reload(answers_file)
        kept = answers_file.AnswersFile(tmp_path / "answers.json")
        with kept.locked() as exclusive:
            kept.replace({}, exclusive)
        assert exclusive is False and kept.path.exists()


def test_a_window_that_keeps_no_files_says_so_once(tmp_path, monkeypatch):
    """JupyterLite keeps what lies below its drive; in a private window there is none."""
    monkeypatch.setattr(answers.sys, "platform", "emscripten")
    exercise = {"outcome": "right", "tries": 1, "hints": 0, "solution": False}
    lost = answers.Store(tmp_path / "answers.json")
    lost.put("1/exercises/a", exercise)
    assert "lets no page keep files" in lost.take_notice()
    lost.put("1/exercises/b", exercise)
    assert lost.take_notice() == ""
    monkeypatch.setattr(answers, "DRIVE", tmp_path)
    kept = answers.Store(tmp_path / "en" / "answers.json")
    kept.path.parent.mkdir()
    kept.put("1/exercises/a", exercise)
    assert kept.take_notice() == ""


def nodes_of(kind, words):
    """(place, node) of each node of a kind in the library's modules in which one of the words stands."""
    for path in (ROOT / "course_lib").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        if any(word in text for word in words):
            yield from (
                (f"{path.name}:{node.lineno}", node) for node in ast.walk(ast.parse(text)) if isinstance(node, kind)
            )


def test_nothing_is_shown_by_setting_a_layout_to_none():
    """Pyodide sends None as "undefined", which the page takes for no change: what was hidden would stay hidden."""
    found = []
    for place, node in nodes_of(ast.Assign, [".layout."]):
        if re.search(r"\.layout\.\w+$", ast.unparse(node.targets[0])):
            nones = [part for part in ast.walk(node.value) if isinstance(part, ast.Constant) and part.value is None]
            compares = [each for each in ast.walk(node.value) if isinstance(each, ast.Compare)]
            compared = [part for each in compares for part in ast.walk(each)]
            found += [place for part in nones if part not in compared]
    assert found == []


def test_no_span_of_an_axes_is_kept_to_be_changed():
    """axvspan gives a rectangle since Matplotlib 3.9, and Pyodide's older one a polygon, which has no bounds to set."""
    spans = ("axvspan", "axhspan")
    nodes = list(nodes_of(ast.Expr | ast.Call, spans))
    drawn = [node.value for _, node in nodes if isinstance(node, ast.Expr)]
    calls = [(place, node) for place, node in nodes if getattr(getattr(node, "func", None), "attr", "") in spans]
    assert [place for place, node in calls if node not in drawn] == []
