"""What comes back on the start page: when a card is due, which five are asked, and a reader at the panel."""

import json
import random
import re
import time
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import ipywidgets
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_exercise_display import Reader, button, click, within

from course_lib.answers import seed
from course_lib.answers import store as answers
from course_lib.answers.format import checked, parse, to_bytes
from course_lib.exercises.machinery.again import written
from course_lib.exercises.machinery.exercise import MOST_FORMS
from course_lib.exercises.start.deck import FIRST_WAIT, FIVE, WAITS, cards, due, hand
from course_lib.exercises.start.page import Start
from course_lib.exercises.start.pages import pages

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
COURSE = pages(NOTEBOOKS / "en")
REFRESHER = next(page for page in COURSE if page.number == "0b")
THEN = datetime(2026, 11, 2, 8, tzinfo=UTC)
DAY, MOMENT = timedelta(days=1), timedelta(seconds=1)
RIGHT = {"outcome": "right", "tries": 1, "hints": 0, "solution": False}
SLOPE = "0b/exercises/slope"


def at(days, **changes):
    """The record of an exercise that was right at the first try, so many days after THEN."""
    when = (THEN + days * DAY).isoformat()
    return RIGHT | {"when": when, "solved": when} | changes


def slope(items, days=0.0):
    """(days after THEN from which on it is due, form) of the exercise `slope`, as seen so many days after THEN."""
    found = [card for card in cards([REFRESHER], items, THEN + days * DAY) if card.name == "slope"]
    return ((found[0].day - THEN) / DAY, found[0].form) if found else None


FIRST, (SECOND, THIRD, LAST) = FIRST_WAIT / DAY, (wait / DAY for wait in WAITS)
# The forms 2, 3, ... of a reader who has solved the exercise on day 0, as records; and when which form comes next.
RULE = {
    "solved": ([], FIRST, 2),
    "right at once": ([at(2)], 2 + SECOND, 3),
    "right at once, twice": ([at(2), at(9)], 9 + THIRD, 4),
    "right at once, thrice": ([at(2), at(9), at(30)], 30 + LAST, 5),
    "right at once, four times": ([at(2), at(9), at(30), at(90)], 90 + LAST, 6),
    "at the second try": ([at(2), at(9, tries=2)], 9 + FIRST, 4),
    "with a hint": ([at(2), at(9, hints=1)], 9 + FIRST, 4),
    "with the solution": ([at(2), at(9, solution=True)], 9 + FIRST, 4),
    "solution read, and left": ([at(2), at(9, outcome="wrong", solution=True)], 9 + FIRST, 4),
    "known again after that": ([at(2), at(9, tries=2), at(11)], 11 + SECOND, 5),
    "unfinished": ([at(2), at(9, outcome="wrong", tries=3)], 2 + SECOND, 3),
    "a hint, and left": ([at(2), at(9, outcome="not tried", tries=0, hints=1)], 2 + SECOND, 3),
    "practised at once, before its day": ([at(0), at(0)], FIRST, 4),
    "practised before its day later on": ([at(2), at(8)], 8 + SECOND, 4),
    "late": ([at(50)], 50 + SECOND, 3),
}


@pytest.mark.parametrize("case", RULE)
def test_when_an_exercise_comes_back_and_as_which_form(case):
    forms, day, number = RULE[case]
    items = {SLOPE: at(0)} | {f"{SLOPE} {number}": form for number, form in enumerate(forms, 2)}
    found, form = slope(items, 100)
    assert (round(found, 6), form) == (day, f"slope {number}")


def test_only_what_is_solved_and_has_forms_comes_back():
    assert slope({SLOPE: at(0, outcome="wrong")}) is None
    assert slope({f"{SLOPE} 2": at(0)}) is None
    assert slope({SLOPE: at(0)} | {f"{SLOPE} {n}": at(0) for n in range(2, MOST_FORMS + 1)}) is None
    formless = [(p.number, name) for p in COURSE for name, each in p.exercises.exercises.items() if each.again is None]
    items = {f"{number}/exercises/{name}": at(0) for number, name in formless}
    assert formless and not [card for card in cards(COURSE, items, THEN) if card.form]


def test_questions_come_back_after_days():
    first, second = REFRESHER.questions
    items = {"0b/exercises/layer": at(0)}

    def ready(after, **known):
        asked = {first.key: {"when": THEN.isoformat()} | known} if known else {}
        every = cards([REFRESHER], items | asked, THEN + after)
        return [card.question for card in due(every, THEN + after) if card.question]

    assert ready(FIRST_WAIT - MOMENT) == []
    assert ready(FIRST_WAIT) == ready(FIRST_WAIT, known=0) == [first, second]
    for known, wait in enumerate([*WAITS, WAITS[-1]], 1):
        assert first not in ready(wait - MOMENT, known=known)
        assert first in ready(wait, known=known)
    assert first in ready(-DAY, known=1)  # answered on a computer whose clock was ahead
    predicted = {f"0b/predictions/{next(iter(REFRESHER.exercises.predictions))}": {"choice": "a", "replied": False}}
    assert cards([REFRESHER], {key: each | {"when": THEN.isoformat()} for key, each in predicted.items()}) == []


def test_a_clock_that_was_ahead_neither_hides_an_exercise_nor_asks_it_for_ever():
    assert slope({SLOPE: at(999)}) == (0, "slope 2")
    ahead = {SLOPE: at(0), f"{SLOPE} 2": at(999)}
    assert slope(ahead, 2) == (FIRST, "slope 3")
    assert slope(ahead | {f"{SLOPE} 3": at(2)}, 2) == (2 + SECOND, "slope 4")


def test_the_page_says_after_how_many_days_cards_come_back():
    for language in ("en", "zh"):
        cells = json.loads((NOTEBOOKS / language / "00_start_here.ipynb").read_text(encoding="utf-8"))["cells"]
        [text] = ["".join(cell["source"]) for cell in cells if cell["id"] == "about-progress"]
        rule = text.split("\n\n")[-1]
        assert [int(days) * DAY for days in re.findall(r"\d+", rule)] == [FIRST_WAIT, *WAITS, FIRST_WAIT]


# A hand


def solved(number, days=0.0):
    """The items of a reader who has solved all of a chapter."""
    page = next(page for page in COURSE if page.number == number)
    return {f"{number}/exercises/{name}": at(days) for name in page.exercises.exercises}


def test_a_hand_mixes_chapters_and_kinds():
    every = cards(COURSE, solved("0b") | solved("1", 1) | solved("2", 2), THEN + 9 * DAY)
    five = hand(every)
    assert len({card.source for card in five}) == len(five) == FIVE
    assert all(one.page is not other.page for one, other in pairwise(five))
    assert five[0].day == min(card.day for card in every)
    alone = hand(cards([REFRESHER], solved("0b"), THEN + 9 * DAY))
    assert [bool(card.form) for card in alone[:4]] in ([True, False] * 2, [False, True] * 2)


def test_the_longest_due_of_a_chapter_comes_first():
    items = {SLOPE: at(5), "0b/exercises/layer": at(3), "0b/exercises/share-wrong": at(1)}
    exercises = [card for card in cards([REFRESHER], items, THEN + 30 * DAY) if card.form]
    assert [card.name for card in hand(exercises)] == ["share-wrong", "layer", "slope"]


# Forged files

TIMES = st.datetimes(datetime(1971, 1, 1), datetime(2999, 1, 1)).map(lambda time: time.replace(tzinfo=UTC).isoformat())
RECORDS = st.fixed_dictionaries(
    {
        "outcome": st.sampled_from(["not tried", "wrong", "right"]),
        "tries": st.integers(0, 10**6 - 1),
        "hints": st.integers(0, 10**6 - 1),
        "solution": st.booleans(),
        "when": TIMES,
    },
    optional={"solved": TIMES, "first": TIMES},
)
NAMES = st.sampled_from(
    ["slope", "layer", "nothing", *(f"slope {number}" for number in (0, 1, 2, 3, 4, 9, 98, 99, 100, "x"))]
)
QUESTIONS = st.fixed_dictionaries({"known": st.integers(0, 10**6 - 1), "when": TIMES})


@settings(max_examples=100, deadline=None)
@given(
    st.dictionaries(NAMES.map("0b/exercises/{}".format), RECORDS, max_size=13),
    st.dictionaries(st.integers(0, 3).map("0b/questions/{}".format), QUESTIONS),
    st.booleans(),
)
def test_whatever_a_file_holds_each_card_can_be_asked_and_is_new(exercises, questions, right):
    items = {key: checked(key, record) for key, record in (exercises | questions).items()}
    if right and SLOPE in items:
        items[SLOPE]["outcome"] = "right"
    every = cards([REFRESHER], items, THEN)
    assert len({card.source for card in every}) == len(every)
    assert all(card.day <= THEN + WAITS[-1] for card in every)
    for card in hand(due(every, THEN)):
        if card.form:
            kept = items.get(f"0b/exercises/{card.form}", {"outcome": "not tried", "solution": False})
            assert kept["outcome"] != "right" and not kept["solution"]
            assert REFRESHER.exercises.first(card.form).name == card.name


@pytest.fixture
def store(path, monkeypatch):
    for page in COURSE:  # what another test has answered is not known here
        monkeypatch.setattr(page.exercises, "_forms", {})
    kept = answers.store()
    kept.put(seed.KEY, {"state": "7"})
    return kept


def test_a_full_file_does_not_make_the_page_slow(store, monkeypatch):
    """The page takes little more than reading the file, which nothing can do without."""
    everything = {f"{page.number}/exercises/{name}": at(0) for page in COURSE for name in page.exercises.exercises}
    forms = {f"{key} {n}": at(0, solution=True) for key in everything for n in range(2, MOST_FORMS)}
    store.path.write_bytes(to_bytes(everything | forms))
    times = {"read": [], "page": []}
    for _ in range(3):
        monkeypatch.setattr(answers, "_stores", {})
        began = time.process_time()
        parse(store.path.read_bytes())
        has_read = time.process_time()
        start = Start(NOTEBOOKS / "en")
        start._progress().html()
        feedback = start.questions()
        assert f"slope {MOST_FORMS}" in {card.form for card in start.cards()} and feedback.panel(ipywidgets)
        times["page"].append(time.process_time() - has_read)
        times["read"].append(has_read - began)
    assert min(times["page"]) < 2.5 * min(times["read"]), times


# Thirty days

READ = {"0b": 0, "1": 1, "2": 2, "3": 3}  # chapter: the day on which the reader reads it


@pytest.mark.parametrize("share", [0.0, 0.6, 1.0])
def test_thirty_days_of_a_reader_who_reads_four_chapters_and_does_ten_cards_a_day(share, store):
    """Nothing before its day, none of the last nine numbers again, nothing forgotten; who knows all is asked less and less."""
    chance, items, asked, numbers = random.Random(1), {}, [], {}
    for day in range(31):
        now = THEN + day * DAY
        items |= {key: each for number, on in READ.items() if on == day for key, each in solved(number, on).items()}
        for _ in range(2):
            five = hand(due(cards(COURSE, items, now), now))
            chapters = {card.page.number for card in due(cards(COURSE, items, now), now)}
            assert len(chapters) < 3 or all(one.page is not other.page for one, other in pairwise(five))
            for card in five:
                knew, earlier = chance.random() < share, [on for on, source, _ in asked if source == card.source]
                least = min((FIRST_WAIT, *WAITS)) / DAY
                assert day - (earlier[-1] if earlier else READ[card.page.number]) >= least
                asked.append((day, card.source, knew))
                if card.question:
                    known = items.get(card.question.key, {"known": 0})["known"]
                    items[card.question.key] = {"known": known + 1 if knew else 0, "when": now.isoformat()}
                    continue
                form = card.page.exercises.exercise(card.form)
                before = numbers.setdefault(card.source, [])
                assert form.says(form.task) not in before[-9:]
                before.append(form.says(form.task))
                items[f"{card.page.number}/exercises/{card.form}"] = at(day, tries=1 if knew else 2)
    every = cards(COURSE, items, THEN + 30 * DAY)
    assert {card.source for card in every} == {source for _, source, _ in asked}
    first = {source: day for day, source, _ in reversed(asked)}
    assert all(day <= READ[source[0]] + FIRST_WAIT.days + len(every) // 5 for source, day in first.items())
    each = len(asked) / len(every)  # how often a card was asked
    assert share or each > 3
    assert share < 1 or 2 <= each <= 3


# A reader at the panel


def opened(store, *items, days=3):
    """The start page and its panel's root, for a reader who did these things so many days ago."""
    earlier = (answers.now() - days * DAY).isoformat()
    store.merge({key: each | {"when": earlier, "solved": earlier} for part in items for key, each in part.items()})
    start = Start(NOTEBOOKS / "en")
    return start, start.questions().panel(ipywidgets)


def shown(root):
    """The text of what the panel shows."""
    kinds = ipywidgets.HTML, ipywidgets.HTMLMath
    places = [each for each in within(root) if isinstance(each, kinds) and each.layout.display != "none"]
    return "".join(Reader(each.value).text for each in places)


def test_five_cards_and_then_when_they_come_back(store):
    _, root = opened(store, solved("0b"))
    count = len(REFRESHER.questions) + len([e for e in REFRESHER.exercises.exercises.values() if e.again])
    assert f"{count} due" in shown(root) and "Card 1" not in shown(root)
    assert "check(" not in shown(root)  # buttons make it superfluous
    click(within(root), "Begin")
    for number in range(1, FIVE + 1):
        assert f"Card {number} of {FIVE}" in shown(root)
        fields = [each for each in within(root) if isinstance(each, ipywidgets.Text)]
        if not fields:
            [question] = [each for each in REFRESHER.questions if each.text in shown(root)]
            assert question.answer not in shown(root)
            click(within(root), "Show the answer")
            assert question.answer in shown(root)
            click(within(root), "Not yet" if question is REFRESHER.questions[0] else "I knew it")
            continue
        [name] = re.findall(r"pencil and paper · ([a-z-]+ 2)", shown(root))
        fields[0].value = "12345"
        fields[0].value = written(REFRESHER.exercises.exercise(name).judge.expected)
        assert "Right" in shown(root)
        assert "Another one like this" not in [
            each.description for each in within(root) if hasattr(each, "description")
        ]
        click(within(root), "Finish" if number == FIVE else "Next card")
    text = shown(root)
    assert store.items["0b/questions/1"]["known"] == 0 and store.items["0b/questions/2"]["known"] == 1
    in_days = {days: (answers.now() + days * DAY).astimezone().date().isoformat() for days in (2, 7)}
    assert f"These cards come back: {FIVE - 1} on {in_days[2]}, 1 on {in_days[7]}." in text
    assert "What you left open" not in text and f"{count - FIVE} due" in text
    click(within(root), f"{count - FIVE} more")
    assert f"Card 1 of {count - FIVE}" in shown(root)


def test_what_is_left_open_stays_due_and_is_taken_up_again_with_its_hints(store):
    start, root = opened(store, {SLOPE: at(0)}, {"0b/questions/1": {"known": 3}, "0b/questions/2": {"known": 3}})
    click(within(root), "Begin")
    numbers = shown(root)
    [hint] = [each for each in within(root) if getattr(each, "description", "").startswith("Hint 1")]
    hint.click()
    click(within(root), "Finish")
    assert "What you left open stays due." in shown(root) and "1 due" in shown(root)
    click(within(root), "1 more")
    form = REFRESHER.exercises.exercise("slope 2")
    assert form.says(form.task).split("`")[0] in numbers
    assert "Hint 2" in button(within(root), "Hint 2 of 3").description
    assert form.says(form.hints[0]).split("`")[0] in shown(root)
    start.refresh()  # as after a copy is restored
    assert "Card 1" not in shown(root) and "1 due" in shown(root)


def test_where_nothing_is_due_the_page_says_when_the_next_card_comes_and_offers_nothing(store):
    _, root = opened(store, {SLOPE: at(0)}, days=1)
    day = (answers.now() + DAY).astimezone().date().isoformat()
    assert f"The next card comes back on {day}." in shown(root)
    assert all(each.layout.display == "none" for each in within(root) if isinstance(each, ipywidgets.Button))


def test_without_buttons_the_text_says_which_call_asks_in_which_chapter(store):
    start, _ = opened(store, {SLOPE: at(0)})
    text = repr(start.questions())
    assert 'Chapter 0b: `check("slope 2")`' in text and f"Chapter 0b: {REFRESHER.questions[0].text}" in text


def test_an_exam_asks_no_exercises(store, monkeypatch):
    monkeypatch.setenv("COURSE_EXAM", "1")
    start, _ = opened(store, solved("0b"))
    assert {card.form for card in start.cards()} == {""}
