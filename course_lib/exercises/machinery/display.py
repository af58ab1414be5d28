"""What a reader sees of an exercise: a box, as text for terminals, as HTML for notebooks, and with buttons.

A `Box` says what stands in it; its `text` and `html` draw it. `Feedback` is what check, hint, solution and
predict return: it shows itself as text and HTML, and where ipywidgets works also as a panel with buttons.
Panels know nothing of their own: each button calls the chapter, and the box that comes back is shown.
"""

import html
import re
import textwrap
from dataclasses import dataclass, replace
from functools import partial

from ...answers import store as answers
from ...answers.download import download_links
from ...pictures import style
from ...pictures.live import Widgets, cell_of_page, until_run_again, with_panel
from ...text import N_, joined, say
from .exam import exam

# Sign and colour of the left edge. The title says the same in words: no meaning rests on colour alone.
LOOKS = {
    "right": ("✓", style.GREEN), "wrong": ("✗", style.VERMILLION), "not tried": ("○", style.GREY),
    "question": ("?", style.BLUE), "hint": ("→", style.ORANGE), "solution": ("=", style.PURPLE),
    "message": ("!", style.ORANGE), "progress": ("•", style.SKY),
}  # fmt: skip
VERDICTS = {"right": N_("Right"), "wrong": N_("Not yet"), "not tried": N_("Not tried yet")}
SURE = {1: N_("guess"), 2: N_("fairly sure"), 3: N_("sure")}
# JupyterLab's theme gives the colours; elsewhere the page does. The grey veils suit light and dark pages.
INK = (
    "line-height: 1.5; overflow-wrap: anywhere; white-space: normal; "
    "font-size: var(--jp-content-font-size1, 14px); color: var(--jp-content-font-color1, inherit)"
)
BOX = (
    "border-left: 4px solid {colour}; background-color: rgba(128, 128, 128, 0.09); padding: 8px 16px; "
    f"margin: 4px 0 8px 0; {INK}"
)
PARAGRAPH = "margin: 6px 0 0 0"
PRE = (
    "margin: 8px 0 4px 0; padding: 8px 12px; overflow-x: auto; line-height: 1.4; white-space: pre; "
    "background-color: rgba(128, 128, 128, 0.12); font-family: var(--jp-code-font-family, monospace); "
    "font-size: var(--jp-code-font-size, 13px); color: inherit"
)
CODE = (
    "font-family: var(--jp-code-font-family, monospace); font-size: 92%; padding: 0 3px; color: inherit; "
    "background-color: rgba(128, 128, 128, 0.15)"
)
# What an option's button looks like: a line to read, not a form to fill in.
OPTION, CHOSEN, LINE = "course-option", "course-chosen", "course-line"
OPTION_STYLE = f"""<style>
.jupyter-button.{OPTION} {{
  height: auto; min-height: 36px; margin: 3px 0; padding: 7px 14px; overflow: visible; text-align: left;
  white-space: pre-wrap; overflow-wrap: anywhere; line-height: 1.4; font-size: var(--jp-content-font-size1, 14px);
  color: var(--jp-content-font-color1, inherit); background-color: rgba(128, 128, 128, 0.09);
  border: 1px solid rgba(128, 128, 128, 0.9); border-radius: 6px; opacity: 1;
}}
.jupyter-button.{OPTION}:hover:enabled {{ background-color: rgba(128, 128, 128, 0.22); box-shadow: none; }}
.jupyter-button.{OPTION}:disabled {{
  background-color: transparent; border-color: transparent; cursor: default; opacity: 0.85;
}}
.jupyter-button.{OPTION}.{CHOSEN} {{ border: 2px solid {style.BLUE}; padding: 6px 13px; font-weight: 600; }}
.jupyter-button.{LINE} {{ font-family: var(--jp-code-font-family, monospace); font-size: var(--jp-code-font-size, 13px); }}
</style>"""


class Code(str):
    """Lines that are shown as they are, in a fixed-width font."""


class Html(str):
    """A part that only a page can show; known to be safe, so not escaped."""


@dataclass(frozen=True)
class Box:
    """What stands in a box.

    look         a key of LOOKS
    title, name  the first line: what it is, and of which exercise
    parts        sentences, `Code`, `Html`, and dicts letter -> option; empty ones are left out
    calls        how to go on by typing: a sentence that buttons make superfluous
    """

    look: str
    title: str
    name: str
    parts: tuple = ()
    calls: str = ""

    def without(self, *parts):
        """The box without these parts, the options and the calls: what else a panel shows with widgets of its own."""
        kept = tuple(part for part in self.parts if part not in parts and not isinstance(part, dict))
        return replace(self, parts=kept, calls="")

    def text(self):
        sign, _ = LOOKS[self.look]
        parts = [_part_text(part) for part in self._shown(True) if not isinstance(part, Html)]
        return "\n".join([f"{sign} {self.title}: {self.name}", *parts])

    def html(self, calls=True, aloud=True):
        """The box as HTML. aloud: whether a screen reader is to say it when it comes."""
        sign, colour = LOOKS[self.look]
        role = ' role="status"' if aloud else ""
        title = f"<strong>{sign} {html.escape(self.title)}</strong> · {html.escape(self.name)}"
        parts = "".join(map(_part_html, self._shown(calls)))
        return f'<div{role} style="{BOX.format(colour=colour)}"><div>{title}</div>{parts}</div>'

    def _shown(self, calls):
        return [part for part in (*self.parts, self.calls if calls else "") if part]


def _part_text(part):
    if isinstance(part, Code):
        return "\n" + textwrap.indent(part.strip("\n"), "    ") + "\n"
    if isinstance(part, dict):
        return "\n".join(f"  {letter.upper()}  {option}" for letter, option in part.items())
    return part


def _part_html(part):
    if isinstance(part, Html):
        return f'<p style="{PARAGRAPH}">{part}</p>'
    if isinstance(part, Code):
        return f'<pre style="{PRE}">{html.escape(part.strip(chr(10)))}</pre>'
    if isinstance(part, dict):
        options = [f"<strong>{letter.upper()}</strong>&ensp;{inline(text)}" for letter, text in part.items()]
        return "".join(f'<p style="{PARAGRAPH}; padding-left: 12px">{option}</p>' for option in options)
    return f'<p style="{PARAGRAPH}">{inline(part)}</p>'


def inline(sentence):
    return re.sub(r"`([^`]+)`", rf'<code style="{CODE}">\1</code>', html.escape(sentence, quote=False))


def sentence(words, outcome=""):
    """A sentence as HTML, outside of a box; with an outcome it is a verdict, and read aloud when it comes."""
    if not outcome:
        return f'<p style="{PARAGRAPH}; {INK}">{inline(words)}</p>'
    sign, colour = LOOKS[outcome]
    said = f"<strong>{sign} {html.escape(say(VERDICTS[outcome]))}</strong> · {inline(words)}"
    return f'<p role="status" style="border-left: 4px solid {colour}; padding-left: 8px; {PARAGRAPH}; {INK}">{said}</p>'


# The boxes


def verdict_box(exercise, verdict, hints, earlier=(), another=""):
    """The verdict on an answer; with the explanation when it is right, with the task when it is not tried.

    hints     how many were given
    earlier   parts about an answer that was right on another day
    another   the name of another form

    In an exam it says the outcome alone: a sentence about a mistake is a hint.
    """
    title, parts = say(VERDICTS[verdict.outcome]), [verdict.message, Code(verdict.details)]
    task = exercise.says(exercise.task), options_of(exercise)
    if exam():
        shown = task if verdict.outcome == "not tried" else ()
        return Box(verdict.outcome, title, exercise.name, shown)
    if verdict.outcome == "right":
        calls = say('`check("{name}")` asks for another one like this.', name=another) if another else ""
        return Box("right", title, exercise.name, (*parts, exercise.says(exercise.explanation)), calls)
    if verdict.outcome == "not tried" and earlier:
        return Box("right", say("Solved before"), exercise.name, (*task, *earlier))
    if verdict.outcome == "not tried":
        parts = [*task, *parts]
    parts += earlier
    calls = say(
        '`hint("{name}")` gives a hint ({given} of {total} given), `solution("{name}")` shows the solution.',
        name=exercise.name,
        given=hints,
        total=len(exercise.hints),
    )
    return Box(verdict.outcome, title, exercise.name, tuple(parts), calls)


def hint_box(exercise, number):
    """The hint with this number, counted from 1."""
    total = len(exercise.hints)
    title = say("Hint {number} of {total}", number=number, total=total)
    if number < total:
        calls = say('`hint("{name}")` again gives the next one.', name=exercise.name)
    else:
        calls = say('That was the last hint; `solution("{name}")` shows the solution.', name=exercise.name)
    return Box("hint", title, exercise.name, (exercise.says(exercise.hints[number - 1]),), calls)


def solution_box(exercise):
    """The solution's code, or the option that is right, and the explanation."""
    solution = (
        {exercise.right: exercise.says(exercise.options[exercise.right])}
        if exercise.options
        else Code(exercise.solution)
    )
    parts = solution, exercise.says(exercise.explanation)
    return Box("solution", say("Solution"), exercise.name, parts)


def options_of(item):
    """The options of a prediction or of an exercise, letter -> text in the reader's language; none of other exercises."""
    return {letter: say(option) for letter, option in item.options.items()}


def prediction_box(prediction, choice="", answered=False):
    """The question with its options, and the reader's choice when there is one.

    answered   whether a cell that shows what happens has run
    """
    parts = [say(prediction.question), options_of(prediction)]
    example = f'`predict("{prediction.name}", "{choice or "a"}")`'
    if choice:
        noted = say("Noted: {letter}.", letter=choice.upper())
        parts.append(noted if answered else joined(noted, say("Run the cells below.")))
        calls = say("{example} shows the reply.", example=example)
    else:
        if answered:
            parts.append(say("The cell that answers has run already. Say what you expected all the same."))
        calls = say("Commit to one letter before you go on, for example {example}.", example=example)
    return Box("question", say("Your prediction"), prediction.name, tuple(parts), calls)


def reply_box(prediction, letter, choice, outcome):
    """The reply to the option `letter`; `choice` is the option to which the reader committed."""
    title = say("Right") if outcome == "right" else say("Not what happens")
    noted = ""
    if letter != choice:
        noted = say("Your prediction stays {choice}, your first choice.", choice=choice.upper())
    parts = {letter: say(prediction.options[letter])}, say(prediction.replies[letter]), noted
    return Box(outcome, title, prediction.name, parts)


def outcome_box(prediction, choice, outcome, place=None):
    """Whether what the reader chose is what happens; the reply stands in the panel. place: the id of the panel's cell."""
    title = say("Right") if outcome == "right" else say("Not what happens")
    where = html.escape(say("The reply stands under your prediction."))
    link = Html(f'<a href="#cell-id={html.escape(place)}">{where}</a>' if place else where)
    return Box(outcome, title, prediction.name, ({choice: say(prediction.options[choice])}, link))


def message_box(name, message):
    """A sentence about a call that cannot work."""
    return Box("message", say("Please check"), name, (message,))


def notice_box(notice):
    """A sentence about the file in which answers are kept; with links to what is in no file, if it is a `Notice`."""
    unsaved = getattr(notice, "unsaved", {})
    parts = (str(notice), Html(download_links(unsaved)) if unsaved else "")
    return Box("message", say("Please note"), say("your answers"), parts)


# What the functions return


class Feedback:
    """A box that shows itself: as text, as HTML, and where ipywidgets works as a panel with buttons.

    outcome   "right", "wrong", "not tried", or "" where nothing was judged
    panel     None, or panel(ipywidgets) -> a widget with the same content and buttons
    notice    a sentence about the reader's answers that could not be kept or read, shown above; usually ""
    """

    def __init__(self, box, outcome="", panel=None, notice=""):
        self.box, self.outcome, self.panel, self.notice = box, outcome, panel, notice
        self.boxes = [*([notice_box(notice)] if notice else []), box]

    def __repr__(self):
        return "\n\n".join(box.text() for box in self.boxes)

    def _repr_mimebundle_(self, include=None, exclude=None):
        bundle = {"text/plain": repr(self), "text/html": "".join(box.html() for box in self.boxes)}
        if self.panel is None:
            return bundle
        try:
            import ipywidgets

            widgets = Widgets(ipywidgets)
            panel = self.panel(widgets)
            notices = [widgets.HTML(box.html()) for box in self.boxes[:-1]]
            panel.children = (*notices, *panel.children)
            if cell_of_page():
                from ...canvas.into_view import IntoView

                panel.children = (*panel.children, widgets.keep(IntoView()))
            until_run_again(widgets)
            return with_panel(bundle, panel)
        except Exception:  # ipywidgets is missing or broken
            return bundle


def show(box):
    """Show a box below the cell that has just run, without buttons."""
    from IPython.display import display

    display({"text/plain": box.text(), "text/html": box.html()}, raw=True)


def check_panel(widgets, chapter, name, box, leads_on=True):
    """The verdict, with buttons for the next hint and for the solution; above it the options of an exercise that has some,
    and a field for the answer to a form that is worked out by hand. What is right leads on to another form if it may.

    In an exam there are no buttons but these options.
    """
    exercise = chapter.exercise(name)
    total, is_first = len(exercise.hints), name in chapter.exercises
    question, verdict, shown, problem = (hidden(widgets) for _ in range(4))
    hint, solution, row = button(widgets), button(widgets, say("Show solution")), widgets.HBox()
    boxes = [] if exam() else [hint_box(exercise, n) for n in range(1, chapter.kept.done(name)["hints"] + 1)]

    tried = []

    def judged(box):
        task_above = bool(exercise.options) or not is_first
        if task_above:
            box = box.without(exercise.says(exercise.task))
        fill(verdict, "" if task_above and box.look == "not tried" and not tried else box.html(calls=False))
        if not exam():
            further = [forward] if leads_on and chapter.next_form(name) else []
            row.children = [solution, *further] if box.look == "right" else [hint, solution]

    def refresh():
        done = chapter.kept.done(name)
        fill(shown, "".join(box.html(calls=False, aloud=box is boxes[-1]) for box in boxes))
        hint.description = say("Hint {number} of {total}", number=min(done["hints"] + 1, total), total=total)
        earned = done["tries"] or done["hints"] == total
        solution.disabled = not earned or any(box.look == "solution" for box in boxes)
        hint.disabled = done["hints"] == total  # last: whoever has just pressed it goes on to the solution

    def show(feedback):
        boxes.append(feedback.box)
        refresh()
        return feedback.notice

    def check(answer):
        feedback = chapter.check(name, answer)
        judged(feedback.box)
        refresh()
        return feedback.notice

    def choose(letter):
        options.show({letter: say("your answer")})
        return check(letter)

    def type_in():
        typed = field.value.strip()
        if not typed or typed in tried[-1:]:  # Enter, leaving the field, and the button come one after the other
            return ""
        tried.append(typed)
        return check(typed)

    def go_on():
        another = chapter.next_form(name)
        feedback = chapter.check(another)
        following.children = [check_panel(widgets, chapter, another, feedback.box)]
        forward.disabled = True
        return feedback.notice

    following = widgets.VBox()
    forward = button(widgets, say("Another one like this"))
    field = widgets.Text(
        description=say("Your answer"), continuous_update=False, style={"description_width": "initial"}
    )
    enter = button(widgets, say("Check"))
    field.observe(lambda _: guarded(type_in, problem), "value")
    on_click(enter, type_in, problem)
    on_click(forward, go_on, problem)
    on_click(hint, lambda: show(chapter.hint(name)), problem)
    on_click(solution, lambda: show(chapter.solution(name)), problem)
    options = Options(widgets, options_of(exercise), choose, problem)
    if exercise.options or not is_first:
        title = say("Choose") if exercise.options else say("With pencil and paper")
        fill(question, OPTION_STYLE + Box("question", title, name, (exercise.says(exercise.task),)).html(aloud=False))
    judged(box)
    refresh()
    typing = [] if is_first else [widgets.HBox([field, enter])]
    return widgets.VBox([question, *options.shown, *typing, verdict, row, shown, problem, following])


def prediction_panel(widgets, chapter, name):
    """The question, a button for each option, and below them the reply, once the reader has chosen and seen what happens.

    The first click is the prediction. While a class talks it over, another click is the second vote; when the reply is there,
    it is a second thought.
    """
    prediction = chapter.predictions[name]
    question, below, problem = widgets.HTML(), hidden(widgets), hidden(widgets)
    place = cell_of_page()  # if there is one, the page also tells when the cell that answers has run
    if place:
        chapter.places[name] = place
    show_reply = button(widgets, say("Show the reply"))

    def refresh(letter=""):
        done = chapter.kept.said(name)
        choice, second = done["choice"], done.get("second", "")
        is_open = bool(choice) and (done["replied"] or name in chapter.answered)
        talks = not is_open and chapter.talks(name)
        if is_open:
            fill(below, chapter.reply(name, letter or second or choice).box.html())
        elif choice:
            noted = say("Noted: {letter}.", letter=(second or choice).upper())
            run_on = say("Run the cells below, and the reply opens here.") if place else say("Run the cells below.")
            if talks and not second:
                run_on = say("Talk it over; another click is your second vote.")
            words = html.escape(joined(noted, run_on))
            fill(below, f'<p role="status" style="{PARAGRAPH}; padding-left: 16px">{words}</p>')
        again = say("your second vote") if done.get("after") == "talk" else say("your second thought")
        marks = {second: again, choice: say("your prediction")}
        closed = bool(choice) and not is_open and not talks
        options.show({letter: mark for letter, mark in marks.items() if letter}, closed=closed)
        how_sure.show(done.get("sure"))
        how_sure.row.layout.display = "" if choice and not is_open else "none"
        box = Box("question", say("Your prediction"), name, (say(prediction.question), ask(choice, second, is_open)))
        question.value = OPTION_STYLE + box.html(aloud=False)
        show_reply.layout.display = "" if choice and not is_open and not place else "none"

    def ask(choice, second, is_open):
        if not choice and name in chapter.answered:
            return say("The cell that answers has run already. Click what you expected all the same.")
        if not choice:
            return say("Click what you expect before you run the cells that follow.")
        if not is_open or second:
            return ""
        if choice == prediction.right:
            return say("A click on another option shows what speaks against it.")
        return say("Having seen it, what do you say now?")

    def choose(letter):
        done = chapter.kept.said(name)
        if not done["choice"]:
            chapter.commit(name, letter)
        elif done["replied"]:
            chapter.reply(name, letter)
        else:
            chapter.rethink(name, letter)
        refresh(letter if chapter.kept.said(name)["replied"] else "")
        return answers.kept().take_notice()

    def open_reply():
        notice = chapter.reply(name, chapter.kept.said(name)["choice"]).notice
        refresh()
        return notice

    def say_sure(level):
        chapter.sure(name, level)
        refresh()
        return answers.kept().take_notice()

    options = Options(widgets, options_of(prediction), choose, problem)
    how_sure = HowSure(widgets, say_sure, problem, {"padding": "0 0 0 16px", "flex_flow": "row wrap"})
    chapter.panels[name] = lambda: guarded(refresh, problem)
    on_click(show_reply, open_reply, problem)
    refresh()
    return widgets.VBox([question, *options.shown, how_sure.row, below, show_reply, problem])


# Parts of panels


class Options:
    """A button for each option, as wide as the panel, one below the other. `shown` are the widgets.

    choose   choose(letter) is run on a click, as `guarded` runs it
    """

    def __init__(self, widgets, options, choose, problem):
        self._buttons = {letter: wide_button(widgets) for letter in options}
        for letter, option in self._buttons.items():
            on_click(option, lambda letter=letter: choose(letter), problem)
            if options[letter].startswith("`") and options[letter].endswith("`"):
                option.add_class(LINE)
        self.ask(options)
        layout = {"padding": "0 0 0 16px", "margin": "0 0 6px 0"}
        self.shown = [widgets.VBox([*self._buttons.values()], layout=layout)] if options else []

    def ask(self, options):
        """Put these options on the buttons, one for each letter, none of them chosen."""
        self._texts = {
            letter: f"{letter.upper()}\N{EN SPACE}\N{EN SPACE}{option.replace('`', '')}"
            for letter, option in options.items()
        }
        self.show({})

    def show(self, marks, closed=False):
        """Show the options. A click on the one that was chosen must leave the focus where it is, so it stays a button.

        marks    letter -> words behind the option; the colour of its edge never stands alone
        closed   whether only the options with a mark stay buttons
        """
        for letter, option in self._buttons.items():
            mark = marks.get(letter, "")
            option.description = f"{self._texts[letter]}  \N{LEFTWARDS ARROW} {mark}" if mark else self._texts[letter]
            option.disabled = closed and not mark
            (option.add_class if mark else option.remove_class)(CHOSEN)


class HowSure:
    """A button for each level of SURE behind the question, all in a `row`; choose(level) is run on a click."""

    def __init__(self, widgets, choose, problem, layout):
        self._buttons = {level: button(widgets) for level in SURE}
        for level, each in self._buttons.items():
            on_click(each, partial(choose, level), problem)
        self.row = widgets.HBox([widgets.Label(say("How sure are you?")), *self._buttons.values()], layout=layout)

    def show(self, chosen):
        """Mark the level that was chosen; 0 or None for none."""
        for level, each in self._buttons.items():
            words = say(SURE[level])
            each.description = f"\N{CHECK MARK} {words}" if chosen == level else words


def wide_button(widgets):
    """A button as wide as the panel, whose words may take several lines: `OPTION_STYLE` has to stand in the panel."""
    return widgets.Button(layout={"width": "auto", "height": "auto"}).add_class(OPTION)


def button(widgets, description=""):
    """A button as wide as its words."""
    return widgets.Button(description=description, layout={"width": "auto"})


def hidden(widgets):
    """A place for HTML that takes no room while it is empty."""
    return widgets.HTML(layout={"display": "none"})


def fill(place, content):
    """Show HTML in a `hidden` place, or nothing."""
    place.value = content
    # Not None: on its way to a page in Pyodide that becomes "undefined", and the page leaves everything as it was.
    place.layout.display = "" if content else "none"


def on_click(button, action, problem):
    """Run the action on a click, as `guarded` does."""
    button.on_click(lambda _: guarded(action, problem))


def guarded(action, problem):
    """Run the action of a callback. An error there would vanish unseen, so it is written into the panel.

    The action may return a notice, which is shown in the same place.
    """
    try:
        notice = action()
        fill(problem, notice_box(notice).html() if notice else "")
    except Exception as error:
        fill(problem, message_box(type(error).__name__, str(error)).html())
