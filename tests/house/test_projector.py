"""The copy for the projector: code folded, all else as it was, answers of its own, large letters in JupyterLab."""

import json
import subprocess
import sys
from pathlib import Path

import notebook_form as form
import projector
import pytest
from execute_notebooks import read, to_bytes
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

ROOT = Path(__file__).parents[2]
SCHEMA = Path(sys.prefix) / "share/jupyter/lab/schemas/@jupyterlab/apputils-extension/themes.json"


def is_folded(cell):
    return cell.metadata.get("jupyter", {}).get("source_hidden", False)


@pytest.fixture
def written(tmp_path, monkeypatch):
    """A function that writes the copy of a chapter's edition into a folder of the test, and gives the chapter's copy."""
    monkeypatch.setattr(projector, "ROOT", tmp_path)
    monkeypatch.setattr(projector, "FOLDER", tmp_path / "projector")
    monkeypatch.setattr(projector, "SETTINGS", tmp_path / "projector" / ".settings")

    def write(path):
        projector.main([str(path)])
        return tmp_path / "projector" / path.parent.name / path.name

    return write


def test_code_is_folded_where_it_asks_for_nothing():
    sources = ["import numpy", 'predict("x")', 'arrange("x")', 'a = 1\n\ncheck("x", a)', "recheck(a)\nlab.check(a)"]
    notebook = new_notebook(cells=[new_markdown_cell("check(this)"), *map(new_code_cell, sources)])
    cells = projector.folded(notebook).cells
    assert [is_folded(cell) for cell in cells] == [False, True, False, False, False, True]


def test_the_copy_is_the_edition_with_its_code_folded(written):
    copy = written(ROOT / "notebooks" / "zh" / "05_practice.ipynb")
    edition = ROOT / "notebooks" / "zh"
    for page in (path for path in edition.rglob("*") if path.is_file()):
        place = page.relative_to(edition)
        if any(part.startswith(".") for part in place.parts):  # such as JupyterLab's checkpoints
            continue
        content = (copy.parent / place).read_bytes()
        if page.suffix != ".ipynb":
            assert content == page.read_bytes(), page
            continue
        new, old = read(copy.parent / page.name), read(page)
        code = form.code_cells(new)
        assert any(map(is_folded, code)), page
        if page.stem != "00_start_here":
            asks = [cell for cell in code if "predict(" in cell.source or "check(" in cell.source]
            assert len(asks) >= 6 and not any(map(is_folded, asks)), page
        for cell, before in zip(new.cells, old.cells, strict=True):
            cell.metadata.get("jupyter", {}).pop("source_hidden", None)
            before.metadata.get("jupyter", {}).pop("source_hidden", None)
            if cell.metadata.get("jupyter") == {}:
                del cell.metadata["jupyter"]
            if before.metadata.get("jupyter") == {}:
                del before.metadata["jupyter"]
        assert to_bytes(new) == to_bytes(old), page


def test_it_begins_without_answers(written, tmp_path):
    edition = tmp_path / "notebooks" / "en"
    edition.mkdir(parents=True)
    (edition / "01_a.ipynb").write_bytes(to_bytes(new_notebook()))
    (edition / "answers.json").write_text("of the teacher")
    copy = written(edition / "01_a.ipynb")
    assert sorted(path.name for path in copy.parent.iterdir()) == ["01_a.ipynb"]
    (copy.parent / "answers.json").write_text("of the last lesson")
    (tmp_path / "projector" / ".settings" / "more").write_text("")
    written(edition / "01_a.ipynb")
    assert sorted(path.name for path in copy.parent.iterdir()) == ["01_a.ipynb"]
    assert (edition / "answers.json").read_text() == "of the teacher"


def test_the_sizes_are_settings_of_jupyterlab(written):
    known = json.loads(SCHEMA.read_text(encoding="utf-8"))["definitions"]["cssOverrides"]["properties"]
    assert set(projector.SIZES) <= set(known)
    written(ROOT / "notebooks" / "en" / "05_practice.ipynb")
    file = projector.SETTINGS / "@jupyterlab" / "apputils-extension" / "themes.jupyterlab-settings"
    assert json.loads(file.read_text()) == {"overrides": projector.SIZES}


@pytest.mark.parametrize("chapter", ["en/05_practice.ipynb", "zh/00_start_here.ipynb"])
def test_make_projector_opens_the_copy(chapter):
    given = ["START=notebooks/zh/00_start_here.ipynb"] if "zh" in chapter else [f"CHAPTER=notebooks/{chapter}"]
    shown = subprocess.run(
        ["make", "--dry-run", "projector", *given], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert f".ci/projector.py notebooks/{chapter}\n" in shown
    assert f"--ServerApp.root_dir={projector.FOLDER.relative_to(ROOT)} " in shown
    assert f"--LabApp.user_settings_dir={projector.SETTINGS.relative_to(ROOT)} " in shown
    assert f"--LabApp.default_url=/lab/tree/{chapter}\n" in shown


SHOWN = """() => {
    const size = selector => parseFloat(getComputedStyle(document.querySelector(selector)).fontSize);
    return {text: size('.jp-RenderedMarkdown p'), code: size('.cm-line'), menu: size('.lm-MenuBar-itemLabel'),
            open: [...document.querySelectorAll('.jp-CodeCell .cm-content')].filter(code => code.checkVisibility())
                .map(code => code.innerText)};
}"""


@pytest.mark.slow
def test_jupyterlab_shows_it_large_and_folded(written, monkeypatch):
    from tests.browser.jupyter import lab_page, lab_server, open_notebook

    written(ROOT / "notebooks" / "en" / "01_background.ipynb")
    monkeypatch.setenv("JUPYTERLAB_SETTINGS_DIR", str(projector.SETTINGS))
    with lab_server(projector.FOLDER) as server, lab_page(1366, 650) as page:
        notebook = open_notebook(page, server, "en/01_background.ipynb")
        notebook.run("import numpy", "double-weight")
        seen = page.evaluate(SHOWN)
        assert (seen["text"], seen["code"], seen["menu"]) == (20, 18, 15)
        assert seen["open"] and all(projector.ASKS.search(code) for code in seen["open"])
        page.get_by_role("button", name="A", exact=False).first.wait_for()
        assert notebook.errors() == []
        notebook.close()
