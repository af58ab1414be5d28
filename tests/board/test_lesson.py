"""The state of a lesson: votes go one way, nothing is shown before its time or of a few, and counts are exact."""

import json
import random
from collections import Counter
from contextlib import nullcontext

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.board.lesson import FEW, SEATS, Exercise, Lesson, NotNow, checked
from tests.board import real_board
from tests.board.real_board import CHAPTERS, OTHER, Clock, work

NEURON, SLOPE, WEIGHT = real_board.TASK, "1/exercises/slope", real_board.VOTE
COURSE = real_board.COURSE | {SLOPE: Exercise("slope", "Write `slope`.", {})}
KEYS = {"n", "lesson", "seats", "few", "minutes", "door", "here", "chapters", "items", "exercises", "question"}


def lesson(seats=0, here=WEIGHT):
    made = Lesson(CHAPTERS, COURSE, Clock())
    made.begin()
    made.do({"do": "go", "item": here})
    for seat in range(seats):
        made.sit(seat)
    return made


def vote(made, seat, first, second=None, **fields):
    return made.take(seat, {WEIGHT: {"first": first} | ({"second": second} if second else {}) | fields})


def question(made):
    return made.state()["question"]


def step(made, times=1):
    for _ in range(times):
        made.do({"do": "step"})


def row(made, item=NEURON):
    return next(each for each in made.state()["exercises"] if each["item"] == item)


# Votes


def test_a_vote_goes_from_first_to_talk_to_closed_and_never_back():
    made = lesson(6)
    for seat, letter in enumerate("aabbbc"):
        vote(made, seat, letter)
    assert (question(made)["state"], question(made)["voted"]) == ("first", 6)
    step(made)
    assert question(made)["state"] == "talk"
    vote(made, 0, "a", "b")
    vote(made, 5, "c", "b")
    step(made)
    assert question(made)["state"] == "closed"
    assert vote(made, 1, "a", "b") == 0
    assert not question(made)["shown"]
    step(made)
    shown = question(made)
    assert shown["shown"] and shown["first"] == {"a": 2, "b": 3, "c": 1} and shown["second"] == {"a": 1, "b": 5, "c": 0}
    step(made)
    assert question(made) == shown


def test_who_changes_the_first_letter_has_changed_the_second_column_alone():
    made = lesson(5)
    for seat in range(5):
        vote(made, seat, "a")
    vote(made, 0, "b")
    step(made, 3)
    assert question(made)["first"] == {"a": 5, "b": 0, "c": 0}
    assert question(made)["second"] == {"a": 4, "b": 1, "c": 0}


def test_nothing_by_letter_is_there_before_it_is_revealed():
    made = lesson(8)
    for seat in range(8):
        vote(made, seat, "c", sure=3)
    for _ in range(3):
        got = question(made)
        assert (got["first"], got["second"], got["right"], got["sure_wrong"]) == ({}, {}, "", None)
        with pytest.raises(NotNow) if got["state"] != "closed" else nullcontext():
            made.do({"do": "show"})
        if got["state"] != "closed":
            assert not question(made)["shown"]
            step(made)
    assert (question(made)["right"], question(made)["sure_wrong"]) == ("b", 8)
    made.do({"do": "cover"})
    assert (question(made)["first"], question(made)["second"], question(made)["right"]) == ({}, {}, "")


def test_how_sure_counts_with_the_first_vote():
    made = lesson(6)
    for seat, (letter, sure) in enumerate(zip("aabbcc", (3, 2, 3, 1, 3, None), strict=True)):
        vote(made, seat, letter, **({"sure": sure} if sure else {}))
    step(made)
    vote(made, 1, "a", "b", sure=3)
    step(made, 2)
    assert question(made)["sure_wrong"] == 2


def test_hands_take_the_place_of_clicks_and_may_be_few():
    made = lesson(2)
    for seat in range(2):
        vote(made, seat, "a")
    step(made, 3)
    assert (question(made)["few"], question(made)["first"]) == (True, {})
    made.do({"do": "type", "first": {"a": 1, "b": 3}, "second": {"b": 4}})
    got = question(made)
    assert (got["few"], got["typed"], got["first"], got["second"]) == (False, True, {"a": 1, "b": 3}, {"b": 4})
    assert (got["voted"], got["sure_wrong"], got["right"]) == (None, None, "b")
    made.do({"do": "type", "first": {}, "second": {}})
    assert (question(made)["few"], question(made)["typed"]) == (True, False)


def test_hands_too_are_covered_until_the_vote_is_closed():
    made = lesson()
    made.do({"do": "type", "first": {"a": 9}, "second": {}})
    assert question(made)["first"] == {}
    with pytest.raises(NotNow):
        made.do({"do": "show"})


# A few


def test_of_fewer_than_five_nothing_is_counted():
    made = lesson(FEW - 1, here=NEURON)
    assert made.state()["few"]
    for seat in range(FEW - 1):
        made.take(seat, {NEURON: work(slips=["sign"]), WEIGHT: {"first": "a"}})
    made.do({"do": "show"})
    got = row(made)
    assert got["few"] and got["slips"] == []
    assert {got[field] for field in ("right", "trying", "new", "waiting", "longest")} == {None}
    made.do({"do": "go", "item": WEIGHT})
    step(made, 3)
    assert (question(made)["few"], question(made)["voted"], question(made)["second"]) == (True, None, {})
    made.sit(FEW)
    made.take(FEW, {NEURON: work(), WEIGHT: {"first": "a"}})
    made.do({"do": "go", "item": NEURON})
    assert not made.state()["few"] and row(made)["trying"] == FEW and row(made)["slips"][0] == ["The sign is wrong.", 4]


def test_a_column_of_fewer_than_five_is_not_shown_beside_a_full_one():
    made = lesson(7)
    for seat in range(3):
        vote(made, seat, "a", sure=3)
    step(made)
    for seat in range(3, 7):
        vote(made, seat, "b")
    step(made, 2)
    assert (question(made)["first"], question(made)["sure_wrong"]) == ({}, None)
    assert question(made)["second"] == {"a": 3, "b": 4, "c": 0}


# Exercises


def test_who_is_right_who_is_trying_and_who_has_not_begun():
    made = lesson(9, here=NEURON)
    for seat in range(6):
        made.take(seat, {NEURON: work(right=seat < 2)})
    got = row(made)
    assert (got["right"], got["trying"], got["new"]) == (2, 4, 3)
    assert [each["item"] for each in made.state()["exercises"]] == [NEURON, SLOPE]
    made.leave(0)
    assert (row(made)["right"], row(made)["trying"], row(made)["new"]) == (1, 4, 3)


def test_what_a_seat_has_done_never_goes_down():
    made = lesson(5, here=NEURON)
    for seat in range(5):
        made.take(seat, {NEURON: work(right=True, tries=4, slips=["sign"])})
        made.take(seat, {NEURON: work(right=False, tries=1)})
    made.do({"do": "show"})
    assert (row(made)["right"], row(made)["slips"]) == (5, [["The sign is wrong.", 5]])


def test_a_slip_is_named_from_two_seats_on_and_the_rest_are_other_ways():
    made = lesson(6, here=NEURON)
    slips = [["no-bias"], ["no-bias", "sign"], ["no-bias", "unheard-of", ""], [""], ["unheard-of"], []]
    for seat, names in enumerate(slips):
        made.take(seat, {NEURON: work(slips=names)})
    assert row(made)["slips"] == []
    made.do({"do": "show"})
    assert row(made)["slips"] == [["The bias is missing.", 3], ["another way", 4]]
    assert [each["shown"] for each in made.state()["exercises"]] == [True, True]
    made.do({"do": "cover", "item": SLOPE})
    assert row(made)["slips"] == []
    made.do({"do": "go", "item": "2"})
    assert made.state()["here"] == OTHER and not made.state()["exercises"][0]["shown"]


def test_a_seat_waits_after_five_minutes_at_its_last_exercise_that_is_not_right():
    made = lesson(7, here=NEURON)
    for seat in range(6):
        made.take(seat, {NEURON: work()})
    made._clock.seconds += 299
    assert (row(made)["waiting"], row(made)["longest"]) == (0, 0)
    made._clock.seconds += 422
    made.take(0, {NEURON: work(right=True, tries=2)})
    made.take(1, {SLOPE: work()})
    made.take(2, {NEURON: work(tries=2)})  # tries do not begin the wait anew
    made.take(3, {NEURON: work()})
    vote(made, 4, "a")
    assert (row(made)["waiting"], row(made)["longest"]) == (3, 12)
    made.take(4, {NEURON: work()})  # nothing new: it is still at the vote
    assert row(made)["waiting"] == 3


# Lessons


def test_a_door_that_is_shut_lets_nobody_else_in():
    made = lesson(2)
    made.do({"do": "door", "open": False})
    with pytest.raises(NotNow):
        made.sit("late")
    made.sit(1)
    assert made.state()["seats"] == 2
    made.do({"do": "door", "open": True})
    made.sit("late")
    assert made.state()["seats"] == 3


def test_a_lesson_has_four_hundred_seats():
    made = lesson(SEATS)
    with pytest.raises(NotNow):
        made.sit("one more")


@pytest.mark.parametrize("over", [["end"], ["new"], ["end", "new"]])
def test_the_end_forgets_everybody_and_everything(over):
    made = lesson(6)
    for seat in range(6):
        made.take(seat, {WEIGHT: {"first": "a"}, NEURON: work()})
    step(made, 3)
    made.do({"do": "show", "item": NEURON})
    before = made.state()["lesson"]
    for wish in over:
        made.do({"do": wish})
    assert made.state()["lesson"] != before and made.state()["seats"] == 0
    assert bool(made.state()["lesson"]) == made.state()["door"] == (over[-1] == "new")
    assert (made.seats, made._votes, made._slips_shown) == ({}, {}, set())
    with pytest.raises(KeyError):
        made.take(0, {NEURON: work()})


def test_where_no_lesson_is_held_nobody_sits_and_nothing_is_done():
    made = Lesson(CHAPTERS, COURSE, Clock())
    assert made.state()["lesson"] == ""
    for attempt in (lambda: made.sit(1), lambda: made.do({"do": "go", "item": WEIGHT})):
        with pytest.raises(NotNow):
            attempt()


def test_the_state_is_what_the_page_expects_and_is_json():
    made = lesson(5)
    assert made.state().keys() == KEYS
    assert json.loads(json.dumps(made.state())) == made.state()
    assert made.state()["items"][0] == [WEIGHT, "weight"] and made.state()["chapters"] == [
        ["1", CHAPTERS["1"]],
        ["2", CHAPTERS["2"]],
    ]
    assert question(made)["options"] == [["a", "rise"], ["b", "fall"], ["c", "stay"]]
    made.do({"do": "go", "item": NEURON})
    assert made.state()["question"] is None
    made.do({"do": "go", "item": ""})
    assert (made.state()["here"], made.state()["exercises"]) == ("", [])


def test_the_revision_goes_up_with_each_change_and_each_minute_alone():
    made = lesson(5)
    n = made.state()["n"]
    assert made.state()["n"] == n
    made._clock.seconds += 61
    assert made.state()["n"] == n + 1 and made.state()["minutes"] == 1
    for change in (
        lambda: vote(made, 0, "a"),
        lambda: made.sit("new"),
        lambda: made.leave("new"),
        lambda: step(made),
        lambda: made.do({"do": "door", "open": False}),
    ):
        n = made.state()["n"]
        change()
        assert made.state()["n"] > n


@pytest.mark.parametrize(
    "wish",
    [
        *(None, [], "step", 1, {}, {"do": None}, {"do": ["step"]}, {"do": "dance"}, {"do": {}}),
        *(
            {"do": "go"},
            {"do": "go", "item": None},
            {"do": "go", "item": [WEIGHT]},
            {"do": "go", "item": "1/exercises/no"},
        ),
        *({"do": "step", "item": NEURON}, {"do": "step", "item": {}}, {"do": "show", "item": "no"}, {"do": "door"}),
        *(
            {"do": "door", "open": 1},
            {"do": "type"},
            {"do": "type", "first": {"a": 1}},
            {"do": "type", "first": [], "second": {}},
        ),
        {"do": "type", "first": {"d": 1}, "second": {}},
        {"do": "type", "first": {"a": -1}, "second": {}},
        {"do": "type", "first": {"a": True}, "second": {}},
        {"do": "type", "first": {"a": 10**6}, "second": {}},
        {"do": "type", "first": {"a": "1"}, "second": {}},
    ],
)
def test_a_wish_that_is_not_understood_changes_nothing(wish):
    made = lesson(5)
    before = made.state()
    with pytest.raises(ValueError):
        made.do(wish)
    assert made.state() == before


# Exact counts, whatever the network does to the messages

COUNT = st.integers(0, 3)
SCRIPT = st.fixed_dictionaries(  # what one seat does: the states of an exercise, its votes before and during the talk
    {
        "works": st.lists(
            st.tuples(
                st.sampled_from((NEURON, SLOPE, OTHER)), st.sets(st.sampled_from(("sign", "no-bias", "odd", "")))
            ),
            max_size=8,
        ),
        "solves": st.sets(st.sampled_from((NEURON, SLOPE, OTHER))),
        "first": st.sampled_from(("a", "b", "c", None)),
        "sure": st.sampled_from((None, 1, 2, 3)),
        "late": st.sampled_from(("a", "b", "c", None)),
        "seconds": st.lists(st.sampled_from(("a", "b", "c")), max_size=3),
    }
)


def messages(script):
    """[(item, summary)] of a seat before the talk, and during it: as an honest kernel sends them."""
    before, during, known = [], [], {}
    for tries, (item, slips) in enumerate(script["works"], 1):
        known[item] = known.get(item, set()) | slips
        before.append((item, work(tries=tries, slips=known[item])))
    for item in sorted(script["solves"] & known.keys()):
        during.append((item, work(right=True, tries=99, slips=known[item])))
    first = script["first"] or script["late"]
    if script["first"]:
        before.append((WEIGHT, {"first": first}))
        if script["sure"]:
            before.append((WEIGHT, {"first": first, "sure": script["sure"]}))
    elif first:
        during.append((WEIGHT, {"first": first}))
    for second in script["seconds"] if first else ():
        during.append((WEIGHT, {"first": first} | ({"second": second} if second != first else {})))
    return before, during


def delivered(queues, chance):
    """The messages of all seats: some doubled, some lost though not the last of an item, each seat's in its own order."""
    left = {}
    for seat, queue in queues.items():
        last = {item: place for place, (item, _) in enumerate(queue)}
        kept = [
            (item, summary)
            for place, (item, summary) in enumerate(queue)
            if last[item] == place or chance.random() < 0.6
        ]
        left[seat] = [message for message in kept for _ in range(chance.choice((1, 1, 2, 3)))]
    while any(left.values()):
        seat = chance.choice([seat for seat, queue in left.items() if queue])
        size = chance.choice((1, 1, 2, 5))
        yield seat, dict(left[seat][:size])  # several in one message: the later state of an item
        left[seat] = left[seat][size:]


def truth(scripts):
    """The counts that the scripts ask for, without the board."""
    firsts = Counter(script["first"] for script in scripts if script["first"])
    seconds, slips, right, begun, sure_wrong = Counter(), Counter(), Counter(), Counter(), 0
    for script in scripts:
        first = script["first"] or script["late"]
        if first:
            seconds[script["seconds"][-1] if script["seconds"] else first] += 1
        sure_wrong += script["sure"] == 3 and script["first"] not in (None, "b")
        for item in {item for item, _ in script["works"]}:
            begun[item] += 1
            right[item] += item in script["solves"]
        made = set().union(*[names for item, names in script["works"] if item == NEURON])
        slips.update(made & {"sign", "no-bias"})
        script["odd"] = bool(made - {"sign", "no-bias"})
        script["made"] = made
    named = {name for name, count in slips.items() if count > 1}
    others = sum(bool(script["made"] - named) for script in scripts)
    return firsts, seconds, {name: slips[name] for name in named}, others, right, begun, sure_wrong


@settings(max_examples=150)
@given(st.deferred(lambda: st.lists(SCRIPT, min_size=1, max_size=12)), st.integers(0, 10**6))
def test_counts_are_exact_whatever_is_doubled_lost_or_mixed(scripts, seed):
    chance, made = random.Random(seed), lesson(len(scripts))
    phases = [dict(enumerate(queues)) for queues in zip(*map(messages, scripts), strict=True)]
    for queues in phases:
        for seat, items in delivered(queues, chance):
            body = json.dumps({"seat": "s", "lesson": made.id, "items": items}).encode()
            made.take(seat, checked(body)[2])
        step(made)
    step(made)
    firsts, seconds, slips, others, right, begun, sure_wrong = truth(scripts)
    got = question(made)
    assert got["few"] == (seconds.total() < FEW)
    assert Counter(got["first"]) == (firsts if firsts.total() >= FEW else Counter())
    assert Counter(got["second"]) == (seconds if seconds.total() >= FEW else Counter())
    assert got["voted"] == (seconds.total() if seconds.total() >= FEW else None)
    assert got["sure_wrong"] == (sure_wrong if firsts.total() >= FEW else None)
    made.do({"do": "show", "item": NEURON})
    for item in (NEURON, SLOPE):
        got = row(made, item)
        if begun[item] < FEW:
            assert got["few"] and got["right"] is None
        else:
            assert (got["right"], got["trying"]) == (right[item], begun[item] - right[item])
            assert got["new"] == len(scripts) - begun[item]
    if begun[NEURON] >= FEW:
        sentences = {COURSE[NEURON].slips[name]: count for name, count in slips.items()}
        assert dict(row(made)["slips"]) == sentences | ({"another way": others} if others else {})
