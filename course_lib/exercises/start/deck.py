"""What comes back on the start page, in hands of five cards: the questions of the chapters, and exercises with other numbers.

    every = cards(course, store.items)      # each with the day from which on it is due
    five = hand(due(every))

The rule. A chapter's questions come up FIRST_WAIT after the last work on it, once an exercise in it is right, and so does
each exercise that has forms (`again.py`) after it was solved: as the first form that is not finished. What the reader knew
comes back after the next of WAITS, what not after FIRST_WAIT. To know a form is to have it right at the first try, with no
hint and no solution; practice before its day counts its wait anew and makes it no longer.
"""

import html
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import groupby

from ...answers import store as answers
from ...answers.format import is_right, time_of, time_solved
from ...pictures.live import Widgets
from ...text import joined, say
from ..machinery import display
from ..machinery.exam import exam
from ..machinery.exercise import MOST_FORMS
from .pages import Page, Question, link, standing

FIRST_WAIT = timedelta(days=2)
WAITS = tuple(timedelta(days=days) for days in (7, 21, 60))
FIVE = 5


@dataclass(frozen=True)
class Card:
    """A question of a chapter, or one of its exercises (`name`) in the form `form` ("slope 2"), due from `day` on.

    The other of the two is None or "".
    """

    page: Page
    day: datetime
    question: Question | None = None
    name: str = ""
    form: str = ""

    @property
    def source(self):
        """What stays the same from one time to the next."""
        return self.page.number, self.question.key if self.question else self.name

    @property
    def call(self):
        """How it is asked for by typing, or the question."""
        return self.question.text if self.question else f'`check("{self.form}")`'


def cards(course, items, time=None):
    """The `Card` of everything that comes back to a reader with these items of an answers file; in an exam no exercises."""
    time, found = time or answers.now(), []
    for page in course:
        done = standing(page, items)
        for question in page.questions if done.right else ():
            asked = items.get(question.key)
            then, known = (time_of(asked), asked["known"]) if asked else (done.last, 0)
            found.append(Card(page, _comes_back(then, known, time), question))
        if done.right and not exam():
            found += filter(None, (_exercise(page, name, items, time) for name in page.exercises.exercises))
    return found


def _exercise(page, name, items, time):
    """The card of an exercise; None where it is not solved, or has no form left."""
    key = f"{page.number}/exercises/{name}"
    first = items.get(key)
    if page.exercises.exercises[name].again is None or not first or not is_right(first):
        return None
    forms = {number: items.get(f"{key} {number}") for number in range(2, MOST_FORMS + 1)}
    finished = {number: form for number, form in forms.items() if form and (is_right(form) or form["solution"])}
    left = [number for number in forms if number not in finished]
    known, day = 0, _comes_back(time_solved(first), 0, time)
    for then, knew in sorted((time_solved(form), _knew(form)) for form in finished.values()):
        if then <= time:  # of what is dated in the future nothing counts but that its numbers are used up
            known = known + (then >= day) if knew else 0
            day = _comes_back(then, known, time)
    return Card(page, day, name=name, form=f"{name} {left[0]}") if left else None


def _comes_back(then, known, time):
    """When something comes back that the reader knew `known` times in a row, the last time then."""
    if then > time:  # the clock of another computer may have been ahead
        return time
    return then + (WAITS[min(known, len(WAITS)) - 1] if known else FIRST_WAIT)


def _knew(form):
    return is_right(form) and form["tries"] <= 1 and not form["hints"] and not form["solution"]


def due(every, time=None):
    """The cards that are due."""
    time = time or answers.now()
    return [card for card in every if card.day <= time]


def hand(due):
    """Up to five of the cards that are due, in the order in which they are asked.

    The day that is longest ago comes first, but no chapter follows itself while another one has a card; of one day, questions
    and exercises take turns.
    """
    left, chosen = list(due), []
    while left and len(chosen) < FIVE:
        page, form = (chosen[-1].page, chosen[-1].form) if chosen else (None, None)

        def turn(card, page=page, form=form):
            return card.page is page, card.day.date(), form is not None and bool(card.form) == bool(form), card.day

        chosen.append(min(left, key=turn))
        left.remove(chosen[-1])
    return chosen


# What a reader sees


def deck_box(every):
    """How many cards are due, and how to go on without buttons; or when the next one is due."""
    ready = due(every)
    if ready:
        words = say(
            "Questions and exercises from the chapters that you have read, five at a time. First think, or calculate with "
            "pencil and paper, and only then look."
        )
        calls = [say("Chapter {number}: {card}", number=card.page.number, card=card.call) for card in hand(ready)]
        return display.Box("question", say("From memory"), say("{count} due", count=len(ready)), (words, *calls))
    words = (
        say("The next card comes back on {day}.", day=_date(min(card.day for card in every)))
        if every
        else say("Once you have solved an exercise, the first cards come up {days} days later.", days=FIRST_WAIT.days)
    )
    return display.Box("question", say("From memory"), say("none due"), (joined(say("Nothing is due now."), words),))


def end_box(asked, every):
    """When the cards that were asked come back, and how many are due now."""
    ready, sources = due(every), {card.source for card in asked}
    later = sorted(card.day for card in every if card.source in sources and card not in ready)
    days = say(", ").join(say("{count} on {day}", count=len([*same]), day=day) for day, same in groupby(later, _date))
    words = (
        say("These cards come back: {days}.", days=days) if days else "",
        say("What you left open stays due.") if any(card.source in sources for card in ready) else "",
    )
    name = say("{count} due", count=len(ready)) if ready else say("none due")
    return display.Box("progress", say("From memory"), name, words)


def _date(day):
    return day.astimezone().date().isoformat()


class DeckPanel:
    """A button that begins; then up to five cards, one after the other; then when they come back. `root` is the widget.

    start   what knows the cards: `start.cards()`, `start.store`
    """

    def __init__(self, widgets, start):
        self._widgets, self._start, self._made, self._cards, self._asked = widgets, start, None, [], 0
        self._place, problem = widgets.VBox(), display.hidden(widgets)
        self._go, self._knew, self._not_yet = self._buttons = [
            display.button(widgets, words) for words in ("", say("I knew it"), say("Not yet"))
        ]
        actions = (lambda: self._on(), lambda: self._note(True), lambda: self._note(False))
        for button, action in zip(self._buttons, actions, strict=True):
            display.on_click(button, partial(self._clicked, action), problem)
        self.root = widgets.VBox([self._place, widgets.HBox(self._buttons, layout={"margin": "8px 0 0 0"}), problem])
        self.open()

    def open(self):
        """Show how many cards are due now; a hand that is being asked ends."""
        every = self._start.cards()
        box = deck_box(every)
        self._show_box(box.without(*box.parts[1:]), say("Begin") if due(every) else "")

    def _show_box(self, box, words):
        made = Widgets(self._widgets)
        self._show(made, [made.HTML(box.html())], words, self._begin)

    def _show(self, made, parts, words, on):
        """Show widgets in the place of those before, and a button with these words, if any, that leads on."""
        earlier, self._made, self._on = self._made, made, on
        self._place.children = parts
        self._offer(self._go if words else None)
        self._go.description = words
        if earlier:
            earlier.close()

    def _offer(self, *offered):
        for button in self._buttons:
            button.layout.display = "" if button in offered else "none"

    def _clicked(self, action):
        """Do what a button does, and give the focus of the keyboard to what is to be done next."""
        notice = action()
        shown = [button for button in self._buttons if not button.layout.display]
        for widget in [*_fields(self._place), *shown][:1]:
            widget.focus()
        return notice

    def _begin(self):
        self._cards, self._asked = hand(due(self._start.cards())), 0
        return self._next()

    def _next(self):
        if self._asked == len(self._cards):
            every = self._start.cards()
            more = say("{count} more", count=min(FIVE, len(due(every)))) if due(every) else ""
            self._show_box(end_box(self._cards, every), more)
            return ""
        card, made = self._cards[self._asked], Widgets(self._widgets)
        self._asked += 1
        count = say("Card {number} of {total}", number=self._asked, total=len(self._cards))
        head = made.HTML(
            f'<p style="{display.PARAGRAPH}"><strong>{html.escape(count)}</strong> · {link(card.page)}</p>'
        )
        if card.question:
            return self._ask(card, made, head)
        chapter = card.page.exercises
        feedback = chapter.check(card.form)
        panel = display.check_panel(made, chapter, card.form, feedback.box, leads_on=False)
        last = self._asked == len(self._cards)
        self._show(made, [head, panel], say("Finish") if last else say("Next card"), self._next)
        return feedback.notice

    def _ask(self, card, made, head):
        def box(look, title, sentence):
            words = display.Box(look, title, say("from memory"), (sentence,)).html()
            return made.HTMLMath(words, layout={"display": "block"})  # else it is only as wide as its words

        def show_answer():
            self._place.children = [*self._place.children, box("hint", say("Answer"), card.question.answer)]
            self._offer(self._knew, self._not_yet)

        self._show(
            made, [head, box("question", say("Question"), card.question.text)], say("Show the answer"), show_answer
        )
        return ""

    def _note(self, known):
        key, store = self._cards[self._asked - 1].question.key, self._start.store
        before = store.items.get(key, {"known": 0})["known"]
        store.put(key, {"known": before + 1 if known else 0})
        return self._next() or store.take_notice()


def _fields(widget):
    """The text fields in a widget."""
    inside = [field for child in getattr(widget, "children", ()) for field in _fields(child)]
    return [widget] if type(widget).__name__ == "Text" else inside
