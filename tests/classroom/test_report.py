"""The plan's arithmetic, and the page for teachers: both editions hold the tables of one run."""

import re
from dataclasses import replace

import pytest
from translation import CHINESE, ENGLISH, page_path

from tests.classroom import report
from tests.classroom.report import CHAPTERS, PAGE, PLANS, SYSTEM, WHOLE, Result, classes, measured, planned
from tests.generated import table_in

END = "<!-- end -->"

RESULT = Result(
    students=WHOLE,
    cores=2,
    server=(100, 200),
    lab=(150, 250),
    frames=(6, 5.5),
    epochs=(60, 59),
    answer=(0.25, 0.6),
    memory={"hub": 200, "board": 50, "server": 100, "kernel": 100},
    starting={"hub": 0.5, "proxy": 0.1, "server": 4.0, "kernel": 3.4},
    frame={"hub": 0.0, "proxy": 0.001, "server": 0.003, "kernel": 0.006},
    message={"kernel": 0.0012, "board": 0.0008},
    network=(60, 70),
    disk=30,
    lost=0,
    chapters={"05_practice": 200},
)


def test_a_class_waits_for_its_cores_or_for_the_hub_which_is_one_process():
    assert RESULT.ready(50, 8) == pytest.approx(50 * 8.0 / 8)
    assert RESULT.ready(50, 100) == 50 * 0.5


def test_frames_share_the_cores_and_no_lab_makes_more_than_it_can_alone():
    assert RESULT.rate(50, 8) == pytest.approx(8 / 50 / 0.010)
    assert RESULT.rate(1, 8) == 50


def test_memory_is_for_two_chapters_each():
    assert CHAPTERS == 2 and RESULT.gigabytes(50) == pytest.approx(SYSTEM + (200 + 50 + 50 * 500) / 1024)


@pytest.mark.parametrize(
    "name, value, words",
    [
        ("frames", (6, 4.9), "frames a second"),
        ("answer", (0.31, 0.6), "another cell"),
        ("epochs", (60, 50), "training"),
        ("memory", RESULT.memory | {"kernel": 105}, "a kernel"),
        ("memory", RESULT.memory | {"server": 108}, "a server"),
        ("message", RESULT.message | {"kernel": 0.0021}, "a message"),
        ("lost", 1, "nothing is lost"),
    ],
)
def test_what_is_missed_is_named(name, value, words):
    assert RESULT.missed() == []
    [sentence] = Result(**vars(RESULT) | {name: value}).missed()
    assert words in sentence


def test_a_class_of_another_size_adds_its_row_and_changes_nothing_else(tmp_path, monkeypatch):
    parts = [f"<!-- {name} -->\nold\n<!-- end -->\n" for name in ("planned", "measured", "classes")]
    for edition in ("en", "zh"):
        (tmp_path / edition).mkdir()
        (tmp_path / edition / PAGE).write_text("# A class\n" + "".join(parts), encoding="utf-8")
    monkeypatch.setattr(report, "ENGLISH", tmp_path / "en")
    monkeypatch.setattr(report, "CHINESE", tmp_path / "zh")
    monkeypatch.setattr(report, "pairs", lambda page: [])
    monkeypatch.setattr(report, "write", lambda *_: None)

    def page(edition="en"):
        return (tmp_path / edition / PAGE).read_text(encoding="utf-8")

    fifty = replace(RESULT, students=50, lab=(200, 400))
    for result in (fifty, replace(RESULT, students=100), replace(fifty, lab=(200, 401))):
        report.write_pages(result)
    assert "".join(parts[:2]) in page()
    row = "| 2.0 | 401 | 6.0 | 10.0 | 50 | 1.2 | 0.8 |"
    assert page().splitlines()[-3:] == [
        f"| 50 {row}",
        f"| 100 {row.replace('401', '250').replace('10.0', '19.8')}",
        END,
    ]
    report.write_pages(RESULT)
    assert "old" not in page() and measured(RESULT, "en") in page() and planned(RESULT, "zh") in page("zh")
    assert [line.split()[1] for line in page("zh").splitlines()[-4:-1]] == ["25", "50", "100"]


def part(folder, name):
    return table_in(page_path(folder, PAGE).read_text(encoding="utf-8"), name)


def cells(text):
    """The cells of a text's tables, row by row, without their headings."""
    return [line.strip("| ").split(" | ")[1:] for line in text.splitlines() if re.match(r"\| [^-]", line)]


def numbers(text):
    return re.findall(r"[\d.]*\d", text)


@pytest.mark.parametrize("name, write", [("measured", measured), ("planned", planned), ("classes", classes)])
def test_both_editions_hold_the_numbers_of_one_run_in_the_program_s_words(name, write):
    english, chinese = part(ENGLISH, name), part(CHINESE, name)
    assert [numbers(row) for row in map(str, cells(english))] == [numbers(row) for row in map(str, cells(chinese))]
    for text, language in ((english, "en"), (chinese, "zh")):
        assert re.findall(r"^\| \D+? \|", text, re.MULTILINE) == re.findall(
            r"^\| \D+? \|", write(RESULT, language), re.MULTILINE
        )


def test_the_plan_of_the_page_is_that_of_a_class_without_chapters_that_needs_as_much():
    """Memory for the chapters is that of the page's table then, as in a quick class."""
    text = part(ENGLISH, "measured")
    hub, server, kernel = map(int, re.search(r"^\| memory, MB \| (\d+) \| (\d+) \| (\d+) \|$", text, re.M).groups())
    quick = replace(RESULT, memory=RESULT.memory | {"hub": hub, "server": server, "kernel": kernel}, chapters={})
    rows = re.findall(r"^\| (\d+) \| (\d+) \| (\d+) \|", part(ENGLISH, "planned"), re.MULTILINE)
    assert [(int(students), int(cores)) for students, cores, _ in rows] == list(PLANS)
    for students, _, gigabytes in rows:
        assert int(gigabytes) == pytest.approx(quick.gigabytes(int(students)), abs=0.6)
