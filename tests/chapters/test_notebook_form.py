"""Every English chapter keeps the form that the course promises; and each rule is shown to catch a breach."""

import re
import shutil
import sys
from pathlib import Path

import nbformat
import notebook_form as form
import pytest
from chapter_files import CHAPTERS, FOLDER, NOTEBOOKS, START_PAGE
from execute_notebooks import METADATA, WIDGET_VIEW
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from course_lib.exercises import chapter09

FIGURE = '<figure><img alt="loss 0.01 after 200 epochs" src="data:image/png;base64,AAAA"></figure>'
HEADER = """\
# Practice
Mirrors the article's section 5.1. 75 minutes of teaching, 30 minutes of exercises.

**You will be able to** repair a training step. **You need first** chapter 4. **Misconceptions**: 4, 6."""


@pytest.mark.parametrize("rule", form.RULES, ids=lambda rule: rule.__name__)
@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_chapter(path, rule):
    notebook = nbformat.read(path, as_version=4)
    breaches = list(rule(notebook))
    assert not breaches, "\n".join(["", *breaches])


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_number_title_and_exercises_are_those_of_the_file(path):
    breaches = list(form.belongs_to_its_file(nbformat.read(path, as_version=4), path))
    assert not breaches, "\n".join(["", *breaches])


@pytest.mark.parametrize("rule", form.START_PAGE_RULES, ids=lambda rule: rule.__name__)
def test_start_page(rule):
    breaches = list(rule(nbformat.read(START_PAGE, as_version=4)))
    assert not breaches, "\n".join(["", *breaches])


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_links_lead_to_files_that_exist(path):
    text = "\n".join(cell.source for cell in form.markdown_cells(nbformat.read(path, as_version=4)))
    links = [link for link in re.findall(r"\]\(([^)\s]+)\)", text) if not re.match(r"https?:|#|mailto:", link)]
    assert links
    assert [link for link in links if not (path.parent / link.split("#")[0]).exists()] == []


def test_the_course_has_chapters():
    assert len(CHAPTERS) >= 11
    assert START_PAGE in NOTEBOOKS
    titles = [nbformat.read(path, as_version=4).cells[0].source.splitlines()[0].partition(". ")[2] for path in CHAPTERS]
    assert len(set(titles)) == len(titles)


def good_chapter():
    """The smallest chapter that keeps every rule."""
    cells = [
        new_markdown_cell(HEADER, id="header"),
        new_markdown_cell("1. What is a gradient? 2. What is a step?", id="retrieval"),
        new_code_cell(
            "import numpy as np\nfrom course_lib.labs import Lab\nfrom form_chapter import check, predict\n"
            "print(np.random.default_rng(1).normal())",
            id="imports",
        ),
    ]
    hidden, folded = {"tags": ["smoke"], "jupyter": {"source_hidden": True}}, {"jupyter": {"outputs_hidden": True}}
    for number in range(1, 4):
        cells += [
            new_markdown_cell("word " * 300, id=f"text-{number}"),
            new_code_cell(f"predict(\n    'rate-{number}',\n    0.5)", id=f"predict-{number}"),
            new_markdown_cell("Now look at the lab.", id=f"goal-{number}"),
            new_code_cell(
                f"{form.FIRST_LINE}\nlab{number} = Lab(\n    rate=0.5)\nlab{number}",
                id=f"lab-{number}",
                metadata=folded,
            ),
            new_markdown_cell("Your turn.", id=f"task-{number}"),
            new_code_cell(f"answer{number} = None\ncheck('step-{number}', answer{number})\n", id=f"check-{number}"),
            new_markdown_cell(
                f"Stuck? Call `hint('step-{number}')`, `solution('step-{number}')`.", id=f"help-{number}"
            ),
            new_code_cell("a = 1\nb = 2\nc = 3", id=f"numbers-{number}"),
            new_markdown_cell("Do they agree?", id=f"facts-{number}"),
            new_code_cell("d = 1\ne = 2\nf = 3", id=f"facts-checked-{number}"),
            new_markdown_cell("And the figure.", id=f"figure-text-{number}"),
            new_code_cell("a = 1\nb = 2\nshow(figure, alt)", id=f"figure-{number}"),
        ]
        cells[-1].outputs = [new_output("display_data", data={"text/html": FIGURE, "text/plain": "figure"})]
    cells += [new_markdown_cell(f"About {cell_id}.", id=cell_id) for cell_id in form.LAST_CELLS]
    cells.append(new_code_cell("driven = Lab(0.5)\nassert driven.moved", id=form.SMOKE, metadata=hidden))
    for count, cell in enumerate([cell for cell in cells if cell.cell_type == "code"], 1):
        cell.execution_count = count
    return new_notebook(cells=cells, metadata=METADATA)


def test_the_good_chapter_keeps_every_rule():
    chapter = good_chapter()
    assert [breach for rule in form.RULES for breach in rule(chapter)] == []


def at(chapter, cell_id):
    return next(cell for cell in chapter.cells if cell.id == cell_id)


def change_source(cell_id, old, new):
    def change(chapter):
        cell = at(chapter, cell_id)
        assert old in cell.source
        cell.source = cell.source.replace(old, new)

    return change


def set_attribute(cell_id, name, value):
    return lambda chapter: setattr(at(chapter, cell_id), name, value)


def add_output(cell_id, output_type, **content):
    return lambda chapter: at(chapter, cell_id).outputs.append(new_output(output_type, **content))


def add_tag(cell_id, tag):
    return lambda chapter: at(chapter, cell_id).metadata.update(tags=[tag])


def remove(*cell_ids):
    def change(chapter):
        chapter.cells = [cell for cell in chapter.cells if cell.id not in cell_ids]

    return change


def add_code_cells(before, count):
    def change(chapter):
        position = chapter.cells.index(at(chapter, before))
        chapter.cells[position:position] = [
            new_code_cell("a = 1\nb = 2\nc = 3", id=f"more-{number}") for number in range(count)
        ]

    return change


def html_output(html):
    return add_output("figure-1", "display_data", data={"text/html": html, "text/plain": ""})


def add_generator(chapter):
    at(chapter, "numbers-1").source = "own_rng = np.random.default_rng(2)"
    at(chapter, "figure-1").source = "show(own_rng.normal(), alt)"


FOLDED = {"jupyter": {"outputs_hidden": True}}
PNG = {"image/png": "AAAA", "text/plain": "figure"}
VIEW = {WIDGET_VIEW: {"model_id": "1"}, "text/html": FIGURE}
BREACHES = {
    form.has_fixed_metadata: [
        (lambda chapter: chapter.metadata.update(widgets={}), "expected what `make notebooks`"),
    ],
    form.is_executed_in_order: [
        (set_attribute("imports", "execution_count", None), r"got \[None, 2"),
        (set_attribute("lab-1", "execution_count", 9), r"got \[1, 2, 9"),
    ],
    form.stores_no_accident: [
        (add_output("lab-1", "error", ename="ValueError", evalue="", traceback=[]), "lab-1: ValueError"),
        (add_output("lab-1", "stream", name="stderr", text="careful"), "stderr: careful"),
    ],
    form.compares_every_output: [
        (add_tag("figure-1", "nbval-ignore-output"), "figure-1: the tag nbval-ignore-output"),
        (change_source("figure-1", "a = 1", "# NBVAL_SKIP"), "figure-1: a comment hides"),
    ],
    form.has_speaking_ids: [
        (set_attribute("lab-1", "id", "lab-2"), "lab-2: the id is used 2 times"),
        (set_attribute("lab-1", "id", "3f2a9c1d"), "3f2a9c1d: expected an id of lower-case words"),
        (set_attribute("lab-1", "id", "f02a9c1d"), "f02a9c1d: expected an id of lower-case words"),
        (set_attribute("lab-1", "id", "The_Lab"), "The_Lab: expected an id of lower-case words"),
    ],
    form.has_short_code_cells: [
        (set_attribute("figure-1", "source", "a = 1\n" * 31), "figure-1: .* got 31"),
        (set_attribute("figure-1", "source", ""), "figure-1: .* got 0"),
        (set_attribute("figure-1", "source", "a = " + "1" * 101), "figure-1: .* at most 104 characters, got 105"),
    ],
    form.talks_between_code: [
        (add_code_cells("figure-1", 4), "more-3: is number 4 of the code cells in a row"),
        (add_code_cells("goal-2", 3), "lab-2: is number 4 .* without a question"),
    ],
    form.begins_with_a_header: [
        (set_attribute("header", "id", "start"), "got the markdown cell start"),
        (change_source("header", "section", "part"), "the section of the article"),
        (change_source("header", "75 minutes", "time"), "minutes of teaching"),
        (change_source("header", "30 minutes", "time"), "minutes of exercises"),
        (change_source("header", "You need first", "Read"), "needs first"),
        (change_source("header", "You will be able to", "Learn to"), "be able to do"),
        (change_source("header", "Misconceptions", "Errors"), "the misconceptions"),
        (change_source("retrieval", "a step?", "a step."), "got 1"),
        (remove("retrieval"), "cell retrieval: .* got 0"),
    ],
    form.ends_with_what_to_remember: [
        (remove("reading"), r"got \['figure-3', 'remember', 'next'\]"),
    ],
    form.asks_for_predictions: [
        (change_source("predict-1", "predict(", "model.predict("), "got 2"),
        (change_source("predict-1", "rate-1", "rate-2"), "got 2"),
    ],
    form.gives_exercises: [
        (change_source("check-1", "check(", "check_gradients("), "got 2"),
        (change_source("check-1", "step-1", "step-2"), "got 2"),
        (change_source("help-3", "hint(", "ask("), r"exercise 'step-3': expected hint\("),
        (change_source("help-2", "solution(", "ask("), r"exercise 'step-2': expected solution\("),
    ],
    form.folds_what_is_predicted: [
        (lambda chapter: at(chapter, "lab-2").metadata.pop("jupyter"), "lab-2: .*outputs_hidden True, got False"),
        (lambda chapter: at(chapter, "figure-1").metadata.update(FOLDED), "figure-1: .*outputs_hidden False, got True"),
        (remove("lab-1"), "rate-1: expected a cell lab-1 below"),
        (change_source("lab-1", form.FIRST_LINE, "print(3)"), "lab-1: is folded, so expected print"),
        (change_source("predict-3", "rate-3", "rate-zero"), "predict-3: .* none in Prediction.cells"),
    ],
    form.keeps_names_apart: [
        (change_source("numbers-3", "a = 1", "print(answer1)\nanswer1 = 1"), "numbers-3: reads answer1, which several"),
        (
            change_source("figure-2", "a = 1", "print(d)"),
            "figure-2: reads d, which several cells bind: facts-checked-1",
        ),
        (add_generator, "figure-1: draws from own_rng of the cell numbers-1"),
    ],
    form.drives_its_labs: [
        (change_source("imports", "import Lab", "import Panel"), r"expected \(2, 4\) labs, got 0"),
        (remove(form.SMOKE), "expected one cell with the tag smoke"),
        (add_tag("numbers-1", "smoke"), r"got \['numbers-1', 'labs-driven'\]"),
        (change_source(form.SMOKE, "assert", "print"), "labs-driven: expected an assert"),
        (lambda chapter: at(chapter, form.SMOKE).metadata.pop("jupyter"), "labs-driven: .* hidden"),
        (change_source(form.SMOKE, "Lab", "Panel"), "lab-1: expected its lab in labs-driven"),
    ],
    form.describes_its_figures: [
        (add_output("lab-1", "display_data", data=PNG), "lab-1: a bare image/png"),
        (add_output("lab-1", "display_data", data=VIEW), "lab-1: stores a widget view"),
        (html_output("<img src='data:'>"), "figure-1: .* got None"),
        (html_output("<img alt='' src='data:'>"), "figure-1: .* got ''"),
        (html_output("<img alt='a loss curve' src='data:'>"), "got 'a loss curve'"),
        (change_source("text-1", "word ", "![](loss.png) "), "text-1: a picture has no alt"),
    ],
    form.seeds_every_generator: [
        (change_source("imports", "default_rng(1)", "default_rng()"), "imports: .* no seed"),
        (change_source("imports", "default_rng(1)", "seed(1)"), r"got np\.random\.seed"),
        (change_source("figure-1", "a = 1", "import random"), "got import random"),
    ],
    form.works_offline: [
        (change_source("imports", "numpy as np", "requests"), "imports: .* got requests"),
        (change_source("figure-1", "a = 1", "!ls"), "figure-1: expected no shell command"),
        (change_source("text-1", "word ", "![a](https://example.org/a.png) "), "text-1: .* network"),
        (html_output("<img alt='1' src='https://example.org/a.png'>"), "figure-1: .* network"),
        (html_output("<script>run()</script>"), "figure-1: expected no script"),
    ],
}


@pytest.mark.parametrize(
    ("rule", "change", "message"),
    [
        pytest.param(rule, change, message, id=f"{rule.__name__}-{number}")
        for rule, breaches in BREACHES.items()
        for number, (change, message) in enumerate(breaches, 1)
    ],
)
def test_a_breach_is_caught(rule, change, message):
    chapter = good_chapter()
    change(chapter)
    breaches = "\n".join(rule(chapter))
    assert re.search(message, breaches), breaches


NINE = FOLDER / "09_faq.ipynb"
TITLE, MODULE = ("# 9. ", "# 77. "), ("chapter09", "chapter77")


def copy_of_chapter_9(folder, name, *changes):
    """The notebook under another name, with pairs of old and new text changed in all cells, and its path."""
    path = Path(shutil.copy(NINE, folder / name))
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        for old, new in changes:
            cell.source = cell.source.replace(old, new)
    return notebook, path


@pytest.mark.parametrize(
    ("name", "changes", "messages"),
    [
        (NINE.name, [], []),
        ("77_copy.ipynb", [], ["title that begins with # 77. in 77_copy", r"exercises\.chapter77 .*, got .*chapter09"]),
        ("77_copy.ipynb", [TITLE], [r"expected exercises from course_lib\.exercises\.chapter77 in 77_copy.ipynb, got"]),
        ("77_copy.ipynb", [MODULE], ["title that begins with # 77", "expected a module .*chapter77, found none"]),
        ("77_copy.ipynb", [TITLE, MODULE], ["expected a module .*chapter77, found none"]),
        ("09_Faq-Copy1.ipynb", [], ["expected a name such as 10_attention.ipynb"]),
    ],
)
def test_a_copy_under_another_name_is_refused(tmp_path, name, changes, messages):
    breaches = list(form.belongs_to_its_file(*copy_of_chapter_9(tmp_path, name, *changes)))
    assert len(breaches) == len(messages), breaches
    assert all(re.search(message, breach) for message, breach in zip(messages, breaches, strict=True)), breaches


def test_copied_exercises_with_the_old_number_are_refused(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "course_lib.exercises.chapter77", chapter09)
    [breach] = form.belongs_to_its_file(*copy_of_chapter_9(tmp_path, "77_copy.ipynb", TITLE, MODULE))
    assert "expected the exercises of Chapter(77, ...), got Chapter(9, ...)" in breach


def test_a_copy_whose_exercises_are_not_written_yet_is_told_so(tmp_path):
    """By one sentence, and not by what Python says of a module that is missing."""
    notebook, path = copy_of_chapter_9(tmp_path, "77_copy.ipynb", TITLE, MODULE)
    breaches = [*form.folds_what_is_predicted(notebook), *form.belongs_to_its_file(notebook, path)]
    assert any("expected a module course_lib.exercises.chapter77, found none" in breach for breach in breaches)


def test_every_rule_has_a_breach():
    assert set(BREACHES) == set(form.RULES)
