"""The form of a chapter: each function looks at one rule and yields a sentence for every breach of it."""

import ast
import importlib.util
import re
from html.parser import HTMLParser

from chapter_files import number_of
from execute_notebooks import BLANK_LINE, METADATA, WIDGET_VIEW
from notebook_names import borrowed_generators, overwritten_names

CODE_COLUMNS = 104  # wider lines are cut off in a window of 1,100 pixels
PREDICTIONS = 3
EXERCISES = 3
HEADER = {
    "the section of the article": r"\bsection\b",
    "what the reader will be able to do": r"you will be able to",
    "what the reader needs first": r"you need first",
    "minutes alone and in class": r"\d+ to \d+ minutes alone, \d+ in class",
}
LAST_CELLS = ["remember", "reading", "next"]
FOLD = re.compile(r"<details><summary>[^<]+</summary>\n\n")
# Markdown that follows a cell which answers a prediction, and stands open: chapter and cell, and what it does instead.
OPEN = {
    ("2", "graph-lab-questions"): "asks about another expression",
    ("2", "valley-rate-text"): "an exercise",
    ("3", "two-causes"): "names the causes of a rise, and not who arrives",
    ("5", "equal-path-text"): "asks what stays the same on the map",
    ("6a", "loss-text"): "goes on to training",
    ("6a", "shift-test-text"): "says what is shifted",
    ("7", "digits-text"): "goes on to other data",
    ("8", "finance-figure-text"): "asks for the next figure",
    ("8", "early-stopping-text"): "an exercise",
    ("8", "compute"): "goes on to the cost of a step",
    ("8", "practice"): "asks about other tables",
    ("9", "leads-text"): "asks how sure a lead is",
}
# Outputs that say True or False: chapter and cell, and why no number says how far.
YES_OR_NO = {
    ("7b", "saved"): "loaded weights are the same or not, and the record of PyTorch keeps no more",
    ("7b", "keras"): "the same in TensorFlow",
}
HIDING_TAGS = {"nbval-skip", "nbval-ignore-output", "skip-execution"}

PREDICT = re.compile(r"(?<![\w.])predict\(\s*([\"'][^\"']+[\"'])")
CHECK = re.compile(r"(?<![\w.])check\(\s*([\"'][^\"']+[\"'])")
LAB_IMPORT = re.compile(r"^from course_lib\.labs(?:\.\w+)? import (.+)$", re.MULTILINE)


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def markdown_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "markdown"]


def tags(cell):
    return cell.metadata.get("tags", [])


def outputs(notebook):
    """Every stored output with the id of its cell."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            yield cell.id, output


def has_fixed_metadata(notebook):
    if notebook.metadata != METADATA:
        yield "notebook metadata: expected what `make notebooks` writes"


def is_executed_in_order(notebook):
    counts = [cell.execution_count for cell in notebook.cells if cell.cell_type == "code"]
    if counts != list(range(1, len(counts) + 1)):
        yield f"execution counts: expected 1 to {len(counts)} in order, as `make notebooks` leaves them, got {counts}"


def stores_no_accident(notebook):
    may_raise = {cell.id for cell in notebook.cells if "raises-exception" in tags(cell)}
    for cell_id, output in outputs(notebook):
        if output.output_type == "error" and cell_id not in may_raise:
            yield f"cell {cell_id}: {output.ename} without the tag raises-exception"
        if output.output_type == "stream" and output.name == "stderr":
            yield f"cell {cell_id}: writes to stderr: {output.text[:80]}"


def compares_every_output(notebook):
    for cell in notebook.cells:
        if hidden := HIDING_TAGS.intersection(tags(cell)):
            yield f"cell {cell.id}: the tag {', '.join(sorted(hidden))} hides its outputs from the tests"
        if cell.cell_type == "code" and re.search(r"#\s*(NBVAL|PYTEST_VALIDATE)_\w+", cell.source):
            yield f"cell {cell.id}: a comment hides its outputs from the tests"


def shows_numbers(notebook):
    """A number says how far, True only whether: `measured` prints one beside its bound."""
    chapter = exercises_of(notebook)
    for cell_id, output in outputs(notebook):
        text = output.get("text") or output.get("data", {}).get("text/plain", "")
        if re.search(r"\b(True|False)\b", text) and (chapter and str(chapter.number), cell_id) not in YES_OR_NO:
            yield f"cell {cell_id}: expected the number that is judged, got True or False: {text.strip()[:80]}"


def has_speaking_ids(notebook):
    ids = [cell.id for cell in notebook.cells]
    for cell_id in sorted(set(ids)):
        if ids.count(cell_id) > 1:
            yield f"cell {cell_id}: the id is used {ids.count(cell_id)} times"
        words = re.fullmatch(r"[a-z]+\d{0,2}(-([a-z]+\d{0,2}|\d{1,4}))*", cell_id)
        if not words or re.fullmatch(r"(?=.*\d)[0-9a-f]{8}", cell_id):
            yield f"cell {cell_id}: expected an id of lower-case words and hyphens"


def fits_into_a_window(notebook):
    for cell in code_cells(notebook):
        widest = max(map(len, cell.source.splitlines()), default=0)
        if not 1 <= widest <= CODE_COLUMNS:
            yield f"cell {cell.id}: expected lines of at most {CODE_COLUMNS} characters, got {widest}"


def begins_with_a_header(notebook):
    header = notebook.cells[0]
    if header.id != "header" or header.cell_type != "markdown":
        yield f"expected a Markdown cell `header` first, got the {header.cell_type} cell {header.id}"
    for what, pattern in HEADER.items():
        if not re.search(pattern, header.source, re.IGNORECASE):
            yield f"cell header: does not state {what}"
        if re.search(pattern, header.source.split("\n\n")[1], re.IGNORECASE):
            yield f"cell header: expected a scene below its title, got {what}"
    retrieval = next((cell for cell in markdown_cells(notebook) if cell.id == "retrieval"), None)
    questions = retrieval.source.count("?") if retrieval else 0
    if questions != 2:
        yield f"cell retrieval: expected two questions about earlier chapters, got {questions}"


def ends_with_what_to_remember(notebook):
    last = [cell.id for cell in notebook.cells][-len(LAST_CELLS) :]
    if last != LAST_CELLS:
        yield f"expected the last cells {LAST_CELLS}, got {last}"


def asks_for_predictions(notebook):
    predictions = {name for cell in code_cells(notebook) for name in PREDICT.findall(cell.source)}
    if len(predictions) < PREDICTIONS:
        yield f"expected at least {PREDICTIONS} different predict(name), got {len(predictions)}"


def folds_what_is_predicted(notebook):
    """The outputs that show what a prediction asks about are folded, and no others: `Prediction.cells` names their cells."""
    chapter = exercises_of(notebook)
    ids, asked_for = [cell.id for cell in notebook.cells], set()
    for cell in code_cells(notebook):
        for name in map(ast.literal_eval, PREDICT.findall(cell.source)):
            shown = chapter.predictions[name].cells if chapter and name in chapter.predictions else ()
            if not shown:
                yield f"cell {cell.id}: expected the cells that show what {name} asks for, got none in Prediction.cells"
            for cell_id in shown:
                if cell_id not in ids[ids.index(cell.id) + 1 :]:
                    yield f"prediction {name}: expected a cell {cell_id} below the cell {cell.id}, got none"
            asked_for |= set(shown)
    for cell in code_cells(notebook):
        folded = bool(cell.metadata.get("jupyter", {}).get("outputs_hidden"))
        if folded != (cell.id in asked_for):
            yield f"cell {cell.id}: expected jupyter.outputs_hidden {cell.id in asked_for}, got {folded}"
        elif folded and cell.outputs and not _begins_blank(cell.outputs[0]):
            yield f"cell {cell.id}: JupyterLab shows the first line of what it folds, expected a blank one (`make notebooks`)"


def _begins_blank(output):
    shown = {"text": output.get("text"), **output.get("data", {})}
    return next(filter(None, map(shown.get, ("text", "text/html", "text/plain"))), "").startswith(BLANK_LINE)


def answers_nothing_in_the_open(notebook):
    """The text behind a cell that answers a prediction is folded, or declared as `OPEN`."""
    chapter, missing = (
        exercises_of(notebook),
        "expected the text behind it to begin with <details>, or to stand in OPEN",
    )
    for prediction in chapter.predictions.values() if chapter else ():
        for place, cell in enumerate(notebook.cells):
            if cell.id in prediction.cells:
                text = next((after for after in notebook.cells[place:] if after.cell_type == "markdown"), None)
                if text and not FOLD.match(text.source) and (str(chapter.number), text.id) not in OPEN:
                    yield f"cell {cell.id}: shows what {prediction.name} asks for; {missing}, got {text.id}"


def exercises_of(notebook):
    """The `Chapter` from which the notebook imports `predict`; None when it imports none, or there is no such module."""
    source = "\n".join(cell.source for cell in code_cells(notebook))
    found = re.search(r"^from ((?:course_lib\.exercises\.)?\w*chapter\w*) import .*predict", source, re.MULTILINE)
    return importlib.import_module(found[1]).chapter if found and importlib.util.find_spec(found[1]) else None


def belongs_to_its_file(notebook, path):
    """A chapter has one number: in its file's name, its title, the module of its exercises, and their `Chapter`."""
    number, name = number_of(path), f"course_lib.exercises.chapter{path.stem.partition('_')[0]}"
    if not re.fullmatch(r"\d\d[a-z]?_[a-z]+(_[a-z]+)*", path.stem):
        yield f"{path.name}: expected a name such as 10_attention.ipynb: two digits, perhaps a letter, and lower-case words"
    title = notebook.cells[0].source.partition("\n")[0]
    if not re.match(rf"# {number}\. \S", title):
        yield f"cell header: expected a title that begins with # {number}. in {path.name}, got {title!r}"
    source = "\n".join(cell.source for cell in code_cells(notebook))
    modules = sorted(set(re.findall(r"^\s*(?:from|import) ([\w.]*\bchapter\d\w*)", source, re.MULTILINE)))
    if modules != [name]:
        yield f"expected exercises from {name} in {path.name}, got {', '.join(modules) or 'none'}"
    elif not importlib.util.find_spec(name):
        yield f"{path.name}: expected a module {name}, found none"
    elif str(found := exercises_of(notebook).number) != number:
        yield f"{path.name}: expected the exercises of Chapter({number}, ...), got Chapter({found}, ...)"


def keeps_names_apart(notebook):
    """Any cell may be run again, in any order."""
    for cell_id, name, binders in overwritten_names(notebook):
        yield f"cell {cell_id}: reads {name}, which several cells bind: {', '.join(binders)}"
    for cell_id, name, maker in borrowed_generators(notebook):
        yield f"cell {cell_id}: draws from {name} of the cell {maker}: expected a generator of its own"


def gives_exercises(notebook):
    """The text names the hints and the solution of each exercise."""
    exercises = {name for cell in code_cells(notebook) for name in CHECK.findall(cell.source)}
    if len(exercises) < EXERCISES:
        yield f"expected at least {EXERCISES} different check(name, ...), got {len(exercises)}"
    text = "\n".join(cell.source for cell in markdown_cells(notebook))
    for name in sorted(exercises):
        for help_call in (f"hint({name})", f"solution({name})"):
            if help_call not in text:
                yield f"exercise {name}: expected {help_call} in the text"


def lab_cells(notebook):
    """The code cells that show a live panel: those that call something imported from course_lib.labs."""
    source = "\n".join(cell.source for cell in code_cells(notebook))
    names = [name.strip(" ()") for names in LAB_IMPORT.findall(source) for name in names.split(",")]
    panels = "|".join([*names, r"labs\.\w+"])
    call = re.compile(rf"(?<![\w.])(?:{panels})\(")
    return [cell for cell in code_cells(notebook) if call.search(cell.source)]


def has_a_lab(notebook):
    if not lab_cells(notebook):
        yield "expected a lab, got none"


class ImageParser(HTMLParser):
    """Collects the attributes of every image in a piece of HTML."""

    def __init__(self, html):
        super().__init__()
        self.images = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        if tag == "img":
            self.images.append(dict(attrs))


def describes_its_figures(notebook):
    for cell_id, output in outputs(notebook):
        data = output.get("data", {})
        for mime in data:
            if mime.startswith("image/"):
                yield f"cell {cell_id}: a bare {mime} has no alternative text, expected a figure of course_lib.pictures"
            if mime == WIDGET_VIEW:
                yield f"cell {cell_id}: stores a widget view, expected what `make notebooks` writes"
        for image in ImageParser(data.get("text/html", "")).images:
            text = image.get("alt")
            if not re.search(r"\d", text or ""):
                yield f"cell {cell_id}: expected an alternative text with a measured fact, got {text!r}"
    for cell in markdown_cells(notebook):
        alternatives = [image.get("alt") for image in ImageParser(cell.source).images]
        if not all([*alternatives, *re.findall(r"!\[([^\]]*)\]\(", cell.source)]):
            yield f"cell {cell.id}: a picture has no alternative text"


def seeds_every_generator(notebook):
    for cell in code_cells(notebook):
        if re.search(r"default_rng\(\s*\)", cell.source):
            yield f"cell {cell.id}: expected default_rng(seed), got no seed"
        legacy = r"(?:np|numpy)\.random\.(?!default_rng\b|Generator\b|SeedSequence\b|PCG64\b)\w+"
        for call in re.findall(rf"{legacy}|^\s*import random\b|^\s*from random\b", cell.source, re.MULTILINE):
            yield f"cell {cell.id}: expected a numpy.random.Generator, got {call.strip()}"


def works_offline(notebook):
    for cell in code_cells(notebook):
        client = re.search(r"\b(?:urllib|urlopen|requests|httpx|aiohttp|wget|curl|pooch)\b", cell.source)
        if client:
            yield f"cell {cell.id}: expected nothing that reaches the network, got {client.group()}"
        if re.search(r"^\s*!", cell.source, re.MULTILINE):
            yield f"cell {cell.id}: expected no shell command"
    html = [(cell_id, output.get("data", {}).get("text/html", "")) for cell_id, output in outputs(notebook)]
    for cell_id, text in [*html, *((cell.id, cell.source) for cell in markdown_cells(notebook))]:
        if re.search(r"!\[[^\]]*\]\(\s*https?:|<(?:img|link|iframe|video|audio)\b[^>]*https?:", text):
            yield f"cell {cell_id}: expected no picture or file from the network"
        if "<script" in text.lower():
            yield f"cell {cell_id}: expected no script"


RULES = [
    has_fixed_metadata,
    is_executed_in_order,
    stores_no_accident,
    compares_every_output,
    shows_numbers,
    has_speaking_ids,
    fits_into_a_window,
    begins_with_a_header,
    ends_with_what_to_remember,
    asks_for_predictions,
    folds_what_is_predicted,
    answers_nothing_in_the_open,
    gives_exercises,
    keeps_names_apart,
    has_a_lab,
    describes_its_figures,
    seeds_every_generator,
    works_offline,
]

# The start page is no chapter: it has neither exercises nor labs.
START_PAGE_RULES = [
    has_fixed_metadata,
    is_executed_in_order,
    stores_no_accident,
    compares_every_output,
    has_speaking_ids,
    describes_its_figures,
    seeds_every_generator,
    works_offline,
]
