"""The test as a reader meets it: three buttons, one for each time; behind them one question after the other."""

from functools import partial

from ...answers import store as answers
from ...answers.seed import reader_seed
from ...text import N_, joined, say
from ..machinery import display
from .items import FORMS, LETTERS, PAIRS
from .sittings import OTHER, TIMES, first_form, items, keep, taken

ROW = {"padding": "0 0 0 16px", "flex_flow": "row wrap", "align_items": "center", "grid_gap": "4px 8px"}
WORDS = N_(  # the test is taken before the course, too
    "A weight is a number that a network learns. A unit adds up its inputs, each times a weight, and a number of its own, the "
    "bias. Of this weighted sum an activation function, such as the sigmoid, makes the unit's output, its activation. The loss "
    "says how wrong the outputs are, and cross-entropy is one way to compute it. The gradient holds the derivative of the loss "
    "with respect to each weight and bias, and the learning rate scales a step of training. A batch is a few of the examples, "
    "and an epoch goes through all of them once."
)


def before_after(when_changed=lambda refresh: None):
    """The test, closed: nothing begins before a reader presses a button.

    when_changed   when_changed(refresh) hands on what shows anew how far the reader is
    """
    return display.Feedback(about_box(), panel=lambda widgets: before_after_panel(widgets, when_changed))


def about_box():
    """What the test is."""
    about = (
        say(
            "What do you know before the course, in the middle and at the end? {count} questions, each with four options, take "
            "about twenty minutes. The test is optional, and it is not graded. It has not been validated, which means that "
            "nobody has shown yet how well it measures.",
            count=len(PAIRS),
        ),
        say(
            "Nothing says what is right, because you will meet such questions again. Where you do not know, choose what seems "
            "likeliest, and say that it is a guess. You can stop at any time and go on later."
        ),
    )
    calls = say("In a running notebook, the buttons that begin the test stand here.")
    return display.Box("question", say("Before and after"), say("a test, if you like"), about, calls)


def end_box(time):
    """What stands there when all questions of a time are answered: where they are kept, and who sees what."""
    where = say("This kernel saves no file, so your answers are lost when it stops or restarts.")
    if answers.store():
        where = say("Your answers are kept in `{name}`, with all others.", name=answers.NAME)
    who = say(
        "If a teacher gets a copy of this file, as on the server of a class, it says which options you chose and how sure you "
        "were. The board of a class is told nothing of it."
    )
    later = {
        "before": say("The next part comes after chapter 5."),
        "middle": say("The last part comes after chapter 9."),
    }
    return display.Box("progress", say("Thank you"), say(TIMES[time]), (joined(where, who), later.get(time, "")))


def before_after_panel(widgets, when_changed):
    """The buttons that begin, and in their place the question that is open."""
    about, head, below, problem = widgets.HTML(), widgets.HTML(), display.hidden(widgets), display.hidden(widgets)
    starts = {time: display.button(widgets) for time in TIMES}
    closed = widgets.VBox([about, widgets.HBox([*starts.values()], layout=ROW)])
    back, on, stop = (display.button(widgets, words) for words in (say("Back"), "", say("Stop for now")))
    sitting = {}  # of the question that is open: time, form, place; and letter and sure, as far as they were clicked

    def refresh():
        """The buttons that begin, by what is kept."""
        done = taken(items())
        for time, start in starts.items():
            count, words = len(done[time][1]) if time in done else 0, say(TIMES[time])
            so_far = say("{done} of {total}", done=count, total=len(PAIRS))
            start.description = f"{words}: {so_far}" if count else words
            start.disabled = count == len(PAIRS)

    def begin(time):
        done = taken(items())
        form, answered = done.get(time, (_next_form(time, done), {}))
        left = (place for place, pair in enumerate(PAIRS) if pair.name not in answered)
        sitting.update(time=time, form=form)
        display.fill(below, "")
        show(next(left, 0))

    def show(place):
        """Show a question, with the answer to it that is kept."""
        pair, (_, kept) = PAIRS[place], taken(items()).get(sitting["time"], ("", {}))
        letter, sure = kept.get(pair.name, ("", 0))
        sitting.update(place=place, letter=letter, sure=sure)
        item = pair.form(sitting["form"])
        count = say("Question {number} of {total}", number=place + 1, total=len(PAIRS))
        head.value = (
            display.OPTION_STYLE + display.Box("question", count, say(TIMES[sitting["time"]]), (item.asked(),)).html()
        )
        options.ask(item.choices())
        mark()
        closed.layout.display, opened.layout.display = "none", ""

    def mark():
        options.show({sitting["letter"]: say("your answer")} if sitting["letter"] else {})
        how_sure.show(sitting["sure"])
        on.description = say("Next") if sitting["place"] + 1 < len(PAIRS) else say("Finish")

    def is_whole():
        return bool(sitting["letter"] and sitting["sure"])

    def choose(**clicked):
        sitting.update(clicked)
        mark()
        name = PAIRS[sitting["place"]].name
        return keep(sitting["time"], sitting["form"], name, sitting["letter"], sitting["sure"]) if is_whole() else ""

    def go_on():  # never disabled: a button that has the focus would lose it
        if not is_whole():
            return say("Choose an option, and say how sure you are.")
        if sitting["place"] + 1 < len(PAIRS):
            show(sitting["place"] + 1)
        else:
            close()
            display.fill(below, end_box(sitting["time"]).html())
        return ""

    def go_back():
        if sitting["place"]:
            show(sitting["place"] - 1)
        else:
            close()

    def close():
        closed.layout.display, opened.layout.display = "", "none"
        refresh()

    options = display.Options(widgets, dict.fromkeys(LETTERS, ""), lambda letter: choose(letter=letter), problem)
    how_sure = display.HowSure(widgets, lambda level: choose(sure=level), problem, ROW)
    for time, start in starts.items():
        display.on_click(start, partial(begin, time), problem)
    for each, action in ((back, go_back), (on, go_on), (stop, close)):
        display.on_click(each, action, problem)
    move = widgets.HBox([back, on, stop], layout=ROW | {"margin": "10px 0 4px 0"})
    glossary = widgets.HTML(f"<details><summary>{say('Words of the field')}</summary>{say(WORDS)}</details>")
    opened = widgets.VBox([head, *options.shown, how_sure.row, move, glossary])
    about.value = about_box().html(calls=False, aloud=False)
    when_changed(refresh)
    close()
    return widgets.VBox([closed, opened, below, problem])


def _next_form(time, done):
    """The form of a part that begins now: it was drawn once which comes first, and the other one is in the middle."""
    first = first_form(done) or FORMS[reader_seed() % 2]
    return OTHER[first] if time == "middle" else first
