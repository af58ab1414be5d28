"""What the website makes of notebooks and pages, before Sphinx reads them."""

import base64
import io
import subprocess

import numpy as np
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output, writes
from PIL import Image
from website import addresses
from website.pictures import CARD, Pictures, card, darken
from website.sources import Edition


def png(colour, size=(8, 4)):
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, "png")
    return file.getvalue()


def shown(html):
    return new_output("display_data", {"text/html": html})


@pytest.fixture
def figure():
    data = base64.b64encode(png("white")).decode()
    return f'<figure><img alt="Loss: 0.21." width="16" src="data:image/png;base64,{data}"></figure>'


@pytest.fixture
def course(tmp_path, figure, monkeypatch):
    """A course of one chapter and one page in both languages, and a page in English only."""
    for name in ("GITHUB_REPOSITORY", "SITE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LIVE", "../lite/index.html")
    monkeypatch.setattr(addresses, "remote", lambda folder=None: "git@github.com:reader/course.git")
    for language, title, section in (("en", "# 1. A chapter", "## The *loss*"), ("zh", "# 1. 一章", "## 损失")):
        cells = [
            new_markdown_cell(f"{title}\n\n[page](page.md#terms)", id="header"),
            new_markdown_cell(f"{section}\n\n```\n[code](gone.md)\n```\n\n### More", id="loss"),
            new_code_cell("training_lab()", id="lab", outputs=[shown(figure)]),
            new_code_cell("train()", id="answer", metadata={"jupyter": {"outputs_hidden": True}}, outputs=[shown("5")]),
            new_code_cell("train = 5", id="solution", metadata={"jupyter": {"source_hidden": True}}),
            new_code_cell("figure()", id="plot", outputs=[shown(figure)]),
        ]
        folder = tmp_path / language
        folder.mkdir()
        (folder / "01_one.ipynb").write_text(writes(new_notebook(cells=cells)), encoding="utf-8")
    (tmp_path / "en" / "page.md").write_text("# Page\n\n## Terms\n\n[lab](01_one.ipynb#The-*loss*)\n", encoding="utf-8")
    (tmp_path / "zh" / "page.md").write_text(
        '# 页\n<!-- translates page 1 -->\n\n<a id="terms"></a>\n\n## 术语\n<!-- translates terms 2 -->\n\n'
        "[实验台](01_one.ipynb#cell-id=loss)、[英文](../en/01_one.ipynb)\n",
        encoding="utf-8",
    )
    (tmp_path / "en" / "record.md").write_text("# Record\n\nNumbers.\n", encoding="utf-8")
    return tmp_path


def edition(course, language="en"):
    return Edition(course, language, Pictures(course / "pictures", "../pictures"))


def test_pages_are_found_and_a_page_in_english_only_says_so(course):
    assert list(edition(course).paths) == ["01_one", "page", "record"]
    chinese = edition(course, "zh")
    assert list(chinese.paths) == ["01_one", "page", "record"] and chinese.borrowed == {"record"}
    assert "这一页只有英文版" in chinese.page("record") and "只有英文版" not in chinese.page("page")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_both_languages_have_the_same_anchors(course, language):
    notebook = edition(course, language).notebook("01_one")
    marks = [cell.source.splitlines()[0] for cell in notebook.cells if cell.source.startswith("% ")]
    assert marks == ["% anchor header", "% anchor loss"]
    assert [cell.metadata.get("anchor") for cell in notebook.cells if cell.cell_type == "code"] == [
        "lab",
        "answer",
        "solution",
        "plot",
    ]
    page = edition(course, language).page("page")
    assert [line for line in page.splitlines() if line.startswith("% ")] == ["% anchor page", "% anchor terms"]
    assert "translates" not in page and "<a id" not in page


@pytest.mark.parametrize(
    ("text", "description"),
    [
        (
            "*On the article.*\n\n**You will be able to** say $z$, in `code`.\n\nMore.",
            "You will be able to say z, in code.",
        ),
        ("**English** · [中文](page.md)\n\nFor [all\nof you](page.md#terms). Is it?", "For all of you. Is it?"),
        ("```\nA program.\n```\n\n| a | table. |\n\n- A list.\n\nVersion 1.2 of it.", "Version 1.2 of it."),
        (f"One. {'two ' * 80}ends. Three.", "One."),
        ("A heading alone", ""),
    ],
)
def test_a_page_is_described_by_its_goals_or_by_its_first_sentences_as_many_as_fit(course, text, description):
    (course / "en" / "record.md").write_text(f"# Record\n\n{text}\n", encoding="utf-8")
    assert edition(course).description("record") == description
    assert edition(course).page("record").startswith(f'---\ndescription: "{description}"\n---\n\n% anchor record\n')


def test_links_lead_to_the_pages_of_the_site_and_code_stays_as_it_is(course):
    assert "[page](page.html#terms)" in edition(course).notebook("01_one").cells[0].source
    assert "[code](gone.md)" in edition(course).notebook("01_one").cells[1].source
    assert "[lab](01_one.html#loss)" in edition(course).page("page")
    assert "[实验台](01_one.html#loss)、[英文](../en/01_one.html)" in edition(course, "zh").page("page")


@pytest.mark.parametrize("link", ["gone.md", "01_one.ipynb#Gone", "#gone"])
def test_a_link_that_leads_nowhere_is_named(course, link):
    (course / "en" / "page.md").write_text(f"# Page\n\n[x]({link})\n", encoding="utf-8")
    with pytest.raises(ValueError, match=f"en/page: expected a link to a page and its place, got .*{link}"):
        edition(course).page("page")


def test_answers_are_folded_and_what_drives_the_labs_is_left_out(course):
    cells = edition(course).notebook("01_one").cells
    assert [cell.id for cell in cells] == ["header", "loss", "lab", "lab-live", "answer", "solution", "plot"]
    assert [cell.id for cell in cells if "hide-input" in cell.metadata.get("tags", [])] == ["solution"]
    assert [cell.id for cell in cells if "hide-output" in cell.metadata.get("tags", [])] == ["answer"]


def test_a_picture_becomes_two_files_with_its_alternative_text(course):
    [output] = edition(course).notebook("01_one").cells[2].outputs
    html = output.data["text/html"]
    assert html.count('alt="Loss: 0.21."') == html.count('height="8"') == 2 and "base64" not in html
    light, dark = sorted((course / "pictures").iterdir(), key=lambda path: "dark" in path.name)
    assert f'class="only-light" height="8" loading="lazy" src="../pictures/{light.name}"' in html
    assert light.read_bytes() == png("white") and max(np.asarray(Image.open(dark)).ravel()) < 30


def test_dark_paper_keeps_the_hue_and_lets_lines_be_seen():
    white, black, grey, blue = np.array([[1, 1, 1], [0, 0, 0], [0.5, 0.5, 0.5], [0, 0.45, 0.7]], dtype=float)
    assert darken(white).max() < 0.08 < 0.99 < darken(black).min()
    assert np.ptp(darken(grey)) < 1e-12
    on_dark = darken(blue)
    assert np.array_equal(np.argsort(on_dark), np.argsort(blue)) and on_dark.mean() > blue.mean()


def test_a_card_has_the_size_that_networks_ask_for_and_shows_the_end_of_an_animation(tmp_path):
    frames = [Image.new("RGB", (300, 200), colour) for colour in ("red", "blue")]
    frames[0].save(tmp_path / "moving.webp", save_all=True, append_images=frames[1:], lossless=True)
    card(tmp_path / "moving.webp", tmp_path / "card.png")
    with Image.open(tmp_path / "card.png") as image:
        assert image.size == CARD
        assert image.getpixel((600, 315)) == (0, 0, 255) and image.getpixel((5, 5)) == (255, 255, 255)


def test_the_ways_to_run_a_chapter_open_that_chapter(course):
    first = edition(course, "zh").notebook("01_one").cells[0].source
    assert 'href="../lite/index.html?path=notebooks/zh/01_one.ipynb"' in first
    assert 'href="https://mybinder.org/v2/gh/reader/course/HEAD?labpath=notebooks%2Fzh%2F01_one.ipynb"' in first
    assert first.startswith("% anchor header\n\n# 1. 一章\n\n<p class=")


@pytest.mark.parametrize("remote", [None, "/srv/course.git"])
def test_without_a_remote_that_binder_reaches_there_is_no_button(course, monkeypatch, remote):
    monkeypatch.setattr(addresses, "remote", lambda folder=None: remote)
    ways = edition(course).ways("01_one")
    assert "lite" in ways and "binder" not in ways.lower()
    monkeypatch.delenv("LIVE")
    assert edition(course).ways("01_one") == ""
    assert "<span>Do it. Open <code>notebooks/en/01_one.ipynb</code> in JupyterLab.</span>" in edition(course).ways(
        "01_one", "Do it."
    )


@pytest.mark.parametrize(
    ("remote", "site", "page"),
    [
        (
            "https://github.com/Reader/course.git",
            "https://reader.github.io/course/",
            "https://github.com/Reader/course",
        ),
        ("git@github.com:reader/course", "https://reader.github.io/course/", "https://github.com/reader/course"),
        (
            "ssh://git@github.com/reader/course.git",
            "https://reader.github.io/course/",
            "https://github.com/reader/course",
        ),
        (
            "https://token@github.com/reader/reader.github.io",
            "https://reader.github.io/",
            "https://github.com/reader/reader.github.io",
        ),
        ("https://gitlab.com/reader/course.git", None, None),
        (None, None, None),
    ],
)
def test_the_addresses_come_from_the_remote(monkeypatch, remote, site, page):
    monkeypatch.delenv("SITE_URL", raising=False)
    monkeypatch.setattr(addresses, "remote", lambda folder=None: remote)
    assert addresses.site() == site and addresses.repository() == page
    monkeypatch.setenv("SITE_URL", "https://course.example")
    assert addresses.site() == "https://course.example/"


def test_the_remote_is_that_of_the_workflow_or_of_the_clone(monkeypatch, tmp_path):
    monkeypatch.delenv("GITHUB_REPOSITORY", raising=False)
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    assert addresses.remote(tmp_path) is None
    subprocess.run(["git", "-C", tmp_path, "remote", "add", "origin", "https://example.org/a.git"], check=True)
    assert addresses.remote(tmp_path) == "https://example.org/a.git"
    monkeypatch.setenv("GITHUB_REPOSITORY", "reader/course")
    monkeypatch.delenv("GITHUB_SERVER_URL", raising=False)
    assert addresses.remote(tmp_path) == "https://github.com/reader/course"
