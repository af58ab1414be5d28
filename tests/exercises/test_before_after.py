"""The test before and after: its questions are right and stand nowhere else, its panel gives nothing away, and what a class
shows is counted exactly, whatever is in the files.
"""

import json
import math
import re
from pathlib import Path

import ipywidgets
import numpy as np
import pytest
from simulated_class import CLASSES, GAINS, STUDENTS, gains_of_a_class, rows, simulated
from test_exercise_display import button, click, options, panel, visible

from course_lib.answers import seed
from course_lib.answers import store as answers
from course_lib.answers.format import checked, combined, parse, to_bytes
from course_lib.board import share
from course_lib.exercises import export, results
from course_lib.exercises.before_after import tables
from course_lib.exercises.before_after.items import FORMS, LETTERS, PAIRS
from course_lib.exercises.before_after.panel import before_after
from course_lib.exercises.before_after.sittings import KEYS, OTHER, TIMES, first_form, taken
from course_lib.exercises.look import look
from course_lib.exercises.start.page import Start
from course_lib.exercises.start.pages import pages, standing
from course_lib.text import set_language

ROOT = Path(__file__).parents[2]
NOW = "2026-11-02T08:00:00+00:00"
ITEMS = [(pair.name, form) for pair in PAIRS for form in FORMS]


@pytest.fixture(params=["en", "zh"])
def language(request):
    set_language(request.param)
    yield request.param
    set_language("en")


# The questions


def item(name, form):
    [pair] = [pair for pair in PAIRS if pair.name == name]
    return pair.form(form)


def _descends(v, option):
    """Whether descent on half * w^2 from 1 comes to the minimum at the rate of an option."""
    w = 1.0
    for _ in range(2000):
        w -= float(option) * v["curvature"] * w
    return abs(w) < 1e-9


def _numerically(function, at, h=1e-5):
    return (function(at + h) - function(at - h)) / (2 * h)


def _sigmoid(z):
    return 1 / (1 + math.exp(-z))


def _logit(a):
    return math.log(a / (1 - a))


def _hidden_error(v):
    """By a whole network, in which the deltas of the two outputs are what the question says."""
    targets = [v[f"w{i}"] * v["a"] - v[f"d{i}"] for i in (1, 2)]  # of two linear outputs with half the squared error
    loss = lambda z: sum((v[f"w{i}"] * _sigmoid(z) - targets[i - 1]) ** 2 / 2 for i in (1, 2))  # noqa: E731
    return _numerically(loss, _logit(v["a"]))


def _softmax_loss(v, z):
    logits = [math.log(v["p1"]), z, math.log(v["p3"])]
    return math.log(sum(map(math.exp, logits))) - z


def _velocity(v):
    velocity = 0.0
    for _ in range(1000):
        velocity = v["beta"] * velocity + 1
    return velocity


COMPUTED = {  # what is right, from the question's numbers alone and by another way than the formula that a reader would use
    "chain": lambda v: _numerically(lambda x: v["q"] * (v["p"] * x), 1.0),
    "step": lambda v: v["w"] - v["rate"] * v["g"],
    "two-ways": lambda v: _numerically(lambda x: v["p"] * x + v["q"] * x, 1.0),
    "output-error": lambda v: _numerically(lambda z: (_sigmoid(z) - v["y"]) ** 2 / 2, _logit(v["a"])),
    "hidden-error": _hidden_error,
    "weight-gradient": lambda v: v["d"] * _numerically(lambda w: w * v["a"], v["w"]),
    "batch": lambda v: np.mean([v[f"g{i}"] for i in (1, 2, 3, 4)]),
    "two-losses": lambda v: (float(v["above"]) - float(v["below"])) / (v["up"] - v["down"]),
    "softmax": lambda v: _numerically(lambda z: _softmax_loss(v, z), math.log(v["p2"])),
    "momentum": _velocity,
    "shared-weight": lambda v: _numerically(lambda w: sum(v[f"d{i}"] * w * v[f"x{i}"] for i in (1, 2, 3)), 1.0),
    "through-time": lambda v: math.prod([v["w"]] * v["steps"]),
    "backward-cost": lambda v: 2 * v["t"],  # milliseconds, as chapter 8 counts them
}


def in_numbers(option):
    if option == "just as long":
        return 1.0
    return float(re.fullmatch(r"(-?[\d,.]+)(?: times as \w+)?", option)[1].replace(",", ""))


@pytest.mark.parametrize(("name", "form"), [each for each in ITEMS if each[0] in COMPUTED])
def test_the_right_number_is_what_computing_gives_and_no_other_option_is_near(name, form):
    asked = item(name, form)
    value = COMPUTED[name](asked.values)
    near = [
        letter
        for letter, option in zip(LETTERS, asked.options, strict=True)
        if math.isclose(in_numbers(option), value, rel_tol=0.07)
    ]
    assert near == [asked.right]


@pytest.mark.parametrize("form", FORMS)
def test_the_largest_rate_that_descends_is_the_right_one(form):
    asked = item("largest-rate", form)
    works = [float(option) for option in asked.options if _descends(asked.values, option)]
    assert max(works) == float(asked.options[LETTERS.index(asked.right)]) and len(works) == 2


def test_the_numbers_in_questions_without_formulas_are_right():
    for outer, inner, target in ((0.99, 0.6, 0), (0.02, 0.4, 1)):  # saturated, both forms
        slopes = [
            abs(_numerically(lambda z, target=target: (_sigmoid(z) - target) ** 2, _logit(a))) for a in (outer, inner)
        ]
        assert slopes[0] < slopes[1] / 5
    for pair in PAIRS:  # each belief has its place in both forms
        if pair.name in COMPUTED:
            assert pair.a.question == pair.b.question and pair.a.values.keys() == pair.b.values.keys()


def test_letters_are_spread_and_neither_place_nor_length_gives_the_right_one_away():
    assert len(PAIRS) == len({pair.name for pair in PAIRS}) == 24
    for form in FORMS:
        rights = [pair.form(form).right for pair in PAIRS]
        assert {rights.count(letter) for letter in LETTERS} == {6}
        for which in (max, min):
            extreme = [which(pair.form(form).options, key=len) for pair in PAIRS]
            texts = [pair.form(form).options[LETTERS.index(pair.form(form).right)] for pair in PAIRS]
            assert sum(text == other for text, other in zip(texts, extreme, strict=True)) <= 9
    assert all(pair.a.right != pair.b.right for pair in PAIRS)


HEDGED = re.compile(r"\b(may|perhaps|about|hardly|most often|open|not sure|usually)\b")


@pytest.mark.parametrize("form", FORMS)
def test_caution_and_a_missing_reason_do_not_give_the_right_option_away(form):
    for marked in (HEDGED.search, lambda option: not re.search("because|since", option)):
        lucky, of = 0, 0
        for asked in (pair.form(form) for pair in PAIRS):
            found = [letter for letter, option in zip(LETTERS, asked.options, strict=True) if marked(option)]
            if 0 < len(found) < len(LETTERS):
                lucky, of = lucky + (asked.right in found) / len(found), of + 1
        assert lucky <= max(2, of / 2), (form, lucky, of)


def test_a_question_is_whole_in_both_languages(language):
    for asked in (item(*each) for each in ITEMS):
        question, choices = asked.asked(), asked.choices()
        assert [*choices] == [*LETTERS] and len({*choices.values()}) == 4, question
        assert question.endswith("?" if language == "en" else "？") and not re.search(r"[{}$]", question)
        assert bool(re.search(r"[\u4e00-\u9fff]", question)) == (language == "zh"), question


def test_nothing_of_it_stands_elsewhere_in_the_course(language):
    texts = {
        path: path.read_text(encoding="utf-8") for path in (ROOT / "notebooks").glob("*/*.[im]*") if path.is_file()
    }
    for file in (ROOT / "course_lib").rglob("*"):
        own = "before_after" in file.as_posix() or "locale" in file.parts
        if file.suffix in (".py", ".js", ".po") and not own:
            texts[file] = file.read_text(encoding="utf-8")
    assert len(texts) > 150
    words = [
        text
        for pair in PAIRS
        for form in FORMS
        for text in (pair.form(form).asked(), *pair.form(form).choices().values())
        if len(text) > (30 if language == "en" else 12)
    ]
    assert len(words) > 80
    for file, text in texts.items():
        assert not [each for each in words if each in text or each.replace('"', '\\"') in text], file


# What is kept


def test_each_key_and_record_can_be_kept_and_of_two_copies_the_later_holds():
    assert len(KEYS) == len(TIMES) * len(FORMS) * len(PAIRS)
    early, late = ({"state": state, "when": f"2026-11-0{day}T08:00:00+00:00"} for state, day in (("a1", 2), ("c3", 3)))
    for key in KEYS:
        assert checked(key, early) == early
        assert combined(key, early, late) == combined(key, late, early) == late


def part(time, form, answer=None, count=24, when=NOW):
    """The records of a part; answer(item) gives letter and sure, else all are right and sure."""
    answer = answer or (lambda asked: f"{asked.right}3")
    return {
        key: {"state": answer(item(name, form)), "when": when}
        for key, (at, of, name) in KEYS.items()
        if (at, of) == (time, form) and name in [pair.name for pair in PAIRS[:count]]
    }


def wrong(asked, sure=1):
    return f"{LETTERS[LETTERS.index(asked.right) - 1]}{sure}"


def test_the_form_that_comes_first_follows_from_any_part_and_two_forms_are_not_mixed():
    for time in TIMES:
        for form in FORMS:
            first = first_form(taken(part(time, form, count=2)))
            assert first == (OTHER[form] if time == "middle" else form)
    both = part("before", "a", count=3) | part("before", "b", count=9)
    assert [(form, len(found)) for form, found in taken(both).values()] == [("b", 9)]
    assert taken({}) == {} and first_form({}) is None


@pytest.mark.parametrize("state", ["", "e1", "a4", "a", "a1 ", "a1\n", "Ａ1", "a٣", "a1" * 9000, "=1+1"])
def test_a_record_that_holds_no_answer_is_left_out(state):
    broken = {key: {"state": state, "when": NOW} for key in part("after", "a")}
    assert taken(broken) == {}
    handed = {"Ada": export.Handed(broken)}
    assert tables.results_of(handed) == {} and [*tables.in_short(handed)] == ["Nobody has finished a part of the test."]


def test_the_seed_is_drawn_once_and_a_forged_one_is_replaced(path, monkeypatch):
    drawn = seed.reader_seed()
    assert 0 <= drawn < 2**31
    monkeypatch.setattr(answers, "_stores", {})  # a new kernel
    assert seed.reader_seed() == drawn == int(parse(path.read_bytes())[seed.KEY]["state"])
    for forged in ("", "-1", str(2**31), "9" * 300, "1e3", "٣", "0x1", "1\n"):
        answers.store().put(seed.KEY, {"state": forged})
        new = seed.reader_seed()
        assert new == seed.reader_seed() and str(new) != forged and 0 <= new < 2**31


def test_without_a_file_a_kernel_has_one_seed(monkeypatch):
    monkeypatch.setenv(answers.VARIABLE, "off")
    assert seed.reader_seed() == seed.reader_seed()


def test_half_of_a_class_begins_with_each_form(path, monkeypatch):
    forms = []
    for drawn in range(10):
        monkeypatch.setattr(seed.secrets, "randbelow", lambda limit, drawn=drawn: drawn)
        path.unlink(missing_ok=True)
        monkeypatch.setattr(answers, "_stores", {})
        widgets = panel(before_after())
        click(widgets, "before chapter 1")
        forms.append(next(f for f in FORMS if PAIRS[0].form(f).asked() in visible(widgets)))
    assert forms.count("a") == forms.count("b") == 5


# The panel


def answer(widgets, letter="a", sure="guess"):
    options(widgets)[letter].click()
    click(widgets, sure)
    found = [w for w in widgets if isinstance(w, ipywidgets.Button) and w.description in ("Next", "Finish")]
    assert not found[0].disabled
    found[0].click()


def shown(widgets):
    """The number of the question that is open."""
    return int(re.search(r"Question (\d+) of 24", visible(widgets))[1])


def test_nothing_is_kept_before_a_reader_answers(path):
    widgets = panel(before_after())
    assert "It has not been validated" in visible(widgets) and "not graded" in visible(widgets)
    assert not path.exists()
    click(widgets, "before chapter 1")
    assert "Words of the field" in visible(widgets)  # who has not taken the course may look them up
    options(widgets)["b"].click()
    click(widgets, "Next")
    assert shown(widgets) == 1 and "say how sure you are" in visible(widgets)
    assert path.exists() and [*parse(path.read_bytes())] == [seed.KEY]
    click(widgets, "fairly sure")
    assert "say how sure you are" not in visible(widgets)
    assert [record["state"] for key, record in parse(path.read_bytes()).items() if key in KEYS] == ["b2"]


def test_an_answer_may_be_changed_and_the_test_goes_on_after_a_restart(path, monkeypatch):
    widgets = panel(before_after())
    click(widgets, "before chapter 1")
    answer(widgets, "a", "guess")
    assert shown(widgets) == 2
    click(widgets, "Back")
    assert options(widgets)["a"].description.endswith("\N{LEFTWARDS ARROW} your answer")
    options(widgets)["d"].click()
    click(widgets, "Next")
    answer(widgets, "c", "sure")
    click(widgets, "Stop for now")
    assert button(widgets, "before chapter 1").description == "before chapter 1: 2 of 24"
    monkeypatch.setattr(answers, "_stores", {})
    again = panel(before_after())
    click(again, "before chapter 1")
    assert shown(again) == 3
    states = [record["state"] for key, record in sorted(parse(path.read_bytes()).items()) if key in KEYS]
    assert sorted(states) == ["c3", "d1"]


def test_no_part_says_what_is_right_and_the_board_is_told_nothing(path, monkeypatch):
    told = []
    monkeypatch.setattr(share, "_seat", lambda: "a seat")  # the reader has joined a lesson
    monkeypatch.setattr(share._sender, "add", lambda *about: told.append(about))
    for words in TIMES.values():
        widgets = panel(before_after())
        click(widgets, words)
        seen = ""
        for number in range(1, 25):
            assert shown(widgets) == number
            answer(widgets, LETTERS[number % 4], "sure")
            seen += visible(widgets)
        assert "Thank you" in visible(widgets) and button(widgets, words).disabled
        marks = [w.description for w in widgets if isinstance(w, ipywidgets.Button)]
        assert not re.search(r"[✓✗] (Right|Not)|\bright answer", seen + "".join(marks))
    assert told == []
    found = taken(parse(path.read_bytes()))
    assert [len(answered) for _, answered in found.values()] == [24, 24, 24]
    assert found["before"][0] == found["after"][0] == OTHER[found["middle"][0]]


def test_where_no_file_is_kept_it_says_so(monkeypatch):
    monkeypatch.setenv(answers.VARIABLE, "off")
    widgets = panel(before_after())
    click(widgets, "after chapter 9")
    for _ in PAIRS:
        answer(widgets)
    assert "This kernel saves no file" in visible(widgets) and button(widgets, "after chapter 9").disabled


def test_without_buttons_there_is_a_sentence_and_a_restored_copy_shows_at_once(path, language):
    start = Start(ROOT / "notebooks" / "en")
    text = repr(start.before_after())
    assert ("In a running notebook" if language == "en" else "在运行的笔记本里") in text
    widgets = panel(start.before_after())
    starts = [w for w in widgets if isinstance(w, ipywidgets.Button) and w.description][:3]
    answers.store().merge(part("before", "a", count=7))
    start.refresh()
    assert starts[0].description.endswith("7 of 24" if language == "en" else "7 / 24")


# Other readers of the records


def test_no_other_count_changes(tmp_path):
    records = part("before", "a") | part("middle", "b") | part("after", "a") | {seed.KEY: {"state": "7", "when": NOW}}
    work = {"1/exercises/neuron": {"outcome": "right", "tries": 1, "hints": 0, "solution": False, "when": NOW}}
    for page in pages(ROOT / "notebooks" / "en"):
        assert standing(page, work | records) == standing(page, work)
    tables_of = []
    for number, items in enumerate((work, work | records)):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "Ada.json").write_bytes(to_bytes(items))
        students, problems = export.read_class(folder)
        assert not problems and not any(look(students).values())
        chapters = export.all_chapters()
        made = [[*by(students, chapters)] for name, by in results.TABLES.items() if name not in ("test", "item")]
        tables_of.append([*made, [*export.rows(students, chapters)], [*export.summary(students, chapters)]])
        tables_of[-1] += [[*results.gradebook.gradebook(students, chapters)], [*results.in_short(students, chapters)]]
    assert tables_of[0] == tables_of[1]


# A class


def lucky(chance, rng, sure=2):
    return lambda asked: f"{asked.right}{sure}" if rng.random() < chance else wrong(asked, sure)


def made_class(folder, students=12):
    """Students who know nothing but guess rightly in 6 of 24, then 12, then 18; the last has finished none."""
    for number in range(students):
        first, items = FORMS[number % 2], {}
        for time, right in zip(TIMES, (6, 12, 18), strict=True):
            names = [pair.name for pair in PAIRS[:right]]
            form = OTHER[first] if time == "middle" else first
            for key, record in part(time, form, lambda asked: f"{asked.right}1").items():
                known = KEYS[key][2] in names
                items[key] = record if known else record | {"state": wrong(item(KEYS[key][2], form), 3)}
        if number == students - 1:
            items = part("before", "a", count=23)
        (folder / f"S{number}.json").write_bytes(to_bytes(items))


def values_of(rows):
    return [[*row.values()] for row in rows]


def test_a_class_of_which_all_is_known(tmp_path, capsys, language):
    made_class(tmp_path)
    to = tmp_path / "tables"
    to.mkdir()
    for by in ("test", "item"):
        assert results.main([str(tmp_path), "--by", by, "--to", str(to), "--language", language]) == 0
    lines = capsys.readouterr().out.splitlines()
    told = "+25.0 percentage points" if language == "en" else "+25.0 个百分点"
    assert any(told in line for line in lines) and any("+50.0" in line for line in lines)
    students, _ = export.read_class(tmp_path)
    found = {tuple(row[:3]): row[3:] for row in values_of(tables.by_test(students))}
    # All alike: an interval of no width would claim certainty.
    assert found["share right", "all", "before"] == [11, 0.25, "", ""]
    assert found["share right", "A", "middle"] == [6, 0.5, "", ""]
    assert found["gain", "all", "before to after"] == [11, 0.5, "", ""]
    assert found["right where guess", "all", "after"] == [11, 1, "", ""]
    assert found["right where sure", "all", "after"] == [11, 0, "", ""]
    assert found["right where fairly sure", "all", "after"] == [0, "", "", ""]
    assert found["sure and wrong", "all", "before"] == [11, 0.75, "", ""]
    assert found["not finished", "all", "before"] == [1, "", "", ""]
    items = tables.by_item(students)
    assert [each["right after"] for each in items] == [0] * 6 + [1] * 18
    assert {each["item"]: each["right before"] for each in items}["chain"] == 1
    assert all(each["sure and wrong after"] == 11 for each in items[:6])


def test_a_harder_form_makes_no_gain_and_few_students_get_no_interval():
    rng = np.random.default_rng(5)
    students = {}
    for number in range(60):
        first = FORMS[number < 20]  # twice as many begin with form A, of which they know far more
        items = {}
        for time in ("before", "middle"):
            form = OTHER[first] if time == "middle" else first
            items |= part(time, form, lucky({"a": 0.8, "b": 0.4}[form], rng))
        students[f"S{number}"] = export.Handed(items)
    found = {tuple(row[:3]): row[3:] for row in values_of(tables.by_test(students))}
    _, middle, low, high = found["gain", "all", "before to middle"]
    assert low < 0 < high and high - low < 0.12 and abs(middle) < 0.05
    assert found["gain", "A", "before to middle"][1] < -0.3 < 0.3 < found["gain", "B", "before to middle"][1]
    few = dict(list(students.items())[:4])
    assert all(row[5:] == ["", ""] for row in values_of(tables.by_test(few)))
    assert any("too few or too much alike for an interval" in line for line in tables.in_short(few))


def test_where_the_forms_may_have_made_the_gain_it_says_so():
    rng = np.random.default_rng(7)

    def told(firsts, times=("before", "middle")):
        students = {}
        for number, first in enumerate(firsts):
            forms = {time: OTHER[first] if time == "middle" else first for time in times}
            parts = [part(time, form, lucky(0.5, rng)) for time, form in forms.items()]
            students[f"S{number}"] = export.Handed({key: record for each in parts for key, record in each.items()})
        return any("one of the two forms may be harder" in line for line in tables.in_short(students))

    assert told("a" * 12) and told("a" * 8 + "b" * 4) and not told("ab" * 5)
    assert not told("a" * 12, ("before", "after"))


def test_different_students_before_and_after_make_no_gain_and_forms_that_do_not_fit_are_left_out():
    alone = {f"S{n}": export.Handed(part("before" if n < 6 else "after", "a")) for n in range(12)}
    lines = [*tables.in_short(alone)]
    assert any("no gain can be told" in line for line in lines) and not any("who took both" in line for line in lines)
    mixed = {"Ada": export.Handed(part("before", "a") | part("after", "b"))}
    assert [*tables.results_of(mixed)["Ada"][1]] == ["before"]
    # The finished part tells the form.
    begun = {"Ada": export.Handed(part("before", "a", count=3) | part("after", "b"))}
    assert {(each["students A"], each["students B"], each["right B"]) for each in tables.by_item(begun)} == {(0, 1, 1)}


@pytest.mark.parametrize("students", [29, 60])
def test_discrimination_tells_which_question_goes_with_the_others_but_not_of_few_students(students):
    rng, handed = np.random.default_rng(2), {}
    for number in range(students):
        known = rng.random() < 0.5
        records = part("before", "ab"[number % 2], lucky(0.8 if known else 0.3, rng))
        form = "ab"[number % 2]
        for name, right in (("chain", known), ("step", not known)):
            asked = item(name, form)
            records[f"test/labs/before-{form}-{name}"]["state"] = f"{asked.right}2" if right else wrong(asked, 2)
        handed[f"S{number}"] = export.Handed(records)
    found = {row["item"]: row["discrimination"] for row in tables.by_item(handed)}
    assert found["step"] < -0.5 < 0.5 < found["chain"] if students == 60 else {*found.values()} == {""}


def test_a_first_part_that_came_late_is_told():
    early, late = (part("before", "a", when=f"2026-11-02T{hour}:00:00+00:00") for hour in ("08", "10"))
    right = {"outcome": "right", "tries": 1, "hints": 0, "solution": False, "when": "2026-11-02T09:00:00+00:00"}
    work = {"1/exercises/neuron": right, "0b/exercises/any": right | {"when": "2026-11-02T07:00:00+00:00"}}
    students = {name: export.Handed(items | work) for name, items in (("Ada", early), ("Bob", late))}
    late = [row["students"] for row in tables.by_test(students) if row["what"] == "after an exercise was right"]
    assert late == [1]
    assert any(line.startswith("1 of the students took the first part when") for line in tables.in_short(students))


def test_an_interval_that_holds_0_is_called_chance():
    rng = np.random.default_rng(1)
    students = {
        f"S{number}": export.Handed(part("before", "a", lucky(0.5, rng)) | part("after", "a", lucky(0.5, rng)))
        for number in range(9)
    }
    assert any("The interval contains 0" in line for line in tables.in_short(students))
    assert any("not validated" in line for line in tables.in_short(students))


@pytest.mark.parametrize("wanted", GAINS)
def test_the_interval_holds_the_true_gain_about_as_often_as_it_says(wanted):
    held, half, above = simulated(wanted)
    assert held >= 0.91 and 0.03 < half < 0.06
    assert above < 0.06 if wanted == 0 else above > 0.4


def test_what_the_guide_says_of_ten_students_and_of_one():
    assert 0.08 < simulated(0.0, 10)[1] < simulated(0.1, 10)[1] < 0.12
    rng = np.random.default_rng(3)
    alone = np.abs(np.concatenate([gains for _ in range(100) for gains in gains_of_a_class(rng, 0.0)]))
    assert 0.35 < np.mean(alone >= 0.1) < 0.5


@pytest.mark.parametrize("edition", ["en", "zh"])
def test_the_guide_says_what_was_simulated_and_what_is_not_validated(edition):
    guide = (ROOT / "notebooks" / edition / "teaching.md").read_text(encoding="utf-8")
    assert all(row in guide for row in rows()) and str(STUDENTS) in guide and str(CLASSES) in guide
    assert ("not validated" if edition == "en" else "效度") in guide


def test_the_start_page_and_two_chapters_lead_there():
    for edition in ("en", "zh"):
        for name, cell in (("00_start_here", "before-after"), ("05_practice", "next"), ("09_faq", "next")):
            notebook = json.loads((ROOT / "notebooks" / edition / f"{name}.ipynb").read_text(encoding="utf-8"))
            [source] = ["".join(each["source"]) for each in notebook["cells"] if each["id"] == cell]
            assert "start.before_after()" in source or "(00_start_here.ipynb)" in source
