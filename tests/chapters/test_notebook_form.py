"""Every English chapter keeps the form that the course promises."""

import notebook_form as form
import pytest
from chapter_files import CHAPTERS, NOTEBOOKS, START_PAGE, read


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_keeps_its_form(path):
    notebook = read(path)
    rules = form.START_PAGE_RULES if path == START_PAGE else form.RULES
    breaches = [breach for rule in rules for breach in rule(notebook)]
    if path != START_PAGE:
        breaches += form.belongs_to_its_file(notebook, path)
    assert not breaches, "\n".join(["", *breaches])


def test_what_a_prediction_asks_stands_open_nowhere_in_chinese_either():
    for path in CHAPTERS:
        chinese = read(path.parents[1] / "zh" / path.name)
        assert [*form.folds_what_is_predicted(chinese), *form.answers_nothing_in_the_open(chinese)] == []


def test_each_text_that_may_stand_open_does():
    """What was folded since, or is gone, leaves the list."""
    texts = {
        (form.exercises_of(notebook).number, cell.id): cell.source
        for notebook in (read(path) for path in CHAPTERS)
        for cell in form.markdown_cells(notebook)
    }
    texts = {(str(number), cell): text for (number, cell), text in texts.items()}
    assert [
        place for place in form.OPEN if form.FOLD.match(texts.get(place, "<details><summary>gone</summary>\n\n"))
    ] == []
