"""The start page: how far the reader has come, the questions that are due, and copies of the answers.

    start = Start()
    start.begin()               # one large button that leads to the next chapter
    start.before_after()        # a test before the course, in the middle and at the end
    start.chapters()            # the chapters with links and what is done in each
    start.questions()           # what to answer from memory today, five cards at a time
    start.copies()              # save and restore
    start.classroom()           # join the lesson of a class

Its notebook is `00_start_here.ipynb`.
"""

import html
from pathlib import Path

from IPython.display import display as show

from ...answers import store as answers
from ...pictures import style
from ...text import say
from ..before_after.panel import before_after
from ..machinery import display
from .classroom import classroom_box, classroom_panel
from .deck import DeckPanel, cards, deck_box
from .pages import link, pages, standing
from .transfer import transfer_panel

CELL = "padding: 5px 14px 5px 0; text-align: left; border: none; vertical-align: middle"
FIGURES = f"{CELL}; white-space: nowrap"
TABLE = (
    "border-collapse: collapse; margin: 8px 0; font-size: var(--jp-content-font-size1, 14px); "
    "color: var(--jp-content-font-color1, inherit)"
)
BAR = "display: inline-block; width: 64px; height: 8px; border-radius: 4px; background: rgba(128, 128, 128, 0.25)"
BUTTON = (
    "display: inline-block; padding: 12px 28px; border-radius: 6px; background-color: #0072B2; color: white; "
    "font-size: 1.4em; font-weight: bold; text-decoration: none"
)


class Start:
    """The start page of the notebooks in a folder, by default the running notebook's.

    store   of the answers; where no file is kept, it holds nothing of the chapters, which have kernels of their own
    """

    def __init__(self, folder="."):
        self.course, self.store = pages(Path(folder)), answers.kept()
        self._shown = {}

    def begin(self):
        """Show where to go on as one large button; what changes on this page later changes it too."""
        self._show("begin", lambda: self._progress().button(), raw=True)

    def chapters(self):
        """Show the table of chapters; what changes on this page later changes it too."""
        self._show("chapters", self._progress)

    def _show(self, name, content, **options):
        output = show(content(), display_id=name, **options)
        if output is not None:  # it is outside of IPython
            self.when_changed(name, lambda: output.update(content(), **options))

    def before_after(self):
        """The test of what a reader knows before the course, in the middle and at the end."""
        return before_after(lambda show_again: self.when_changed("before and after", show_again))

    def questions(self):
        """The questions and exercises that are due now."""
        return display.Feedback(deck_box(self.cards()), panel=self._deck)

    def _deck(self, widgets):
        panel = DeckPanel(widgets, self)
        self.when_changed("questions", panel.open)
        return panel.root

    def copies(self):
        """Save a copy of the answers, or restore one."""
        is_file = isinstance(self.store, answers.Store)
        panel = (lambda widgets: transfer_panel(widgets, self.store, self.refresh)) if is_file else None
        return display.Feedback(copies_box(), panel=panel)

    def classroom(self):
        """Join the lesson of a class, or leave it."""
        return display.Feedback(classroom_box(), panel=classroom_panel)

    def refresh(self):
        """Show all that stands on the page as it is now."""
        for show_again in self._shown.values():
            show_again()

    def cards(self):
        """What comes back, due or not, as the `Card` of each."""
        self.store.sync()
        return cards(self.course, self.store.items)

    def when_changed(self, name, show_again):
        """Call show_again() of what is shown under this name after each change that this page makes to the answers."""
        self._shown[name] = show_again

    def _progress(self):
        self.store.sync()
        standings = [standing(page, self.store.items) for page in self.course]
        return Progress(self.course, standings, self.store.take_notice())


class Progress:
    """The chapters of a course and the `Standing` of the reader in each, as text and as HTML."""

    def __init__(self, course, standings, notice=""):
        self.rows, self.notice = list(zip(course, standings, strict=True)), notice

    def summary(self):
        """One sentence: how much is done."""
        fields = "right", "exercises", "made", "predictions"
        totals = {field: sum(getattr(done, field) for _, done in self.rows) for field in fields}
        return say("{right} of {exercises} exercises right, {made} of {predictions} predictions made.", **totals)

    def next_page(self):
        """The page to go on with: where the reader was last, or else the first, but for optional ones, that is not finished;
        None at the end."""
        open_rows = [(page, done) for page, done in self.rows if not done.finished]
        begun = [row for row in open_rows if row[1].last]
        if begun:
            return max(begun, key=lambda row: row[1].last)[0]
        return next((page for page, _ in open_rows if not page.exercises.optional), None)

    def button(self):
        """The link to the next page that looks like a button, below the notice, as the data of an output."""
        page = self.next_page()
        if page is None:
            words = say("You have finished the course.")
            shown = f"<p><strong>{html.escape(words)}</strong></p>"
        else:
            facts = {"number": page.number, "name": page.name}
            words = (
                say("Go on with chapter {number}: {name}", **facts)
                if self._begun()
                else say("Begin chapter {number}: {name}", **facts)
            )
            link = f'<a href="{html.escape(page.file)}" style="{BUTTON}">{html.escape(words)} \N{RIGHTWARDS ARROW}</a>'
            shown = f'<p style="margin: 4px 0 16px 0">{link}</p>'
        return {"text/plain": f"{self.notice}\n{words}".strip(), "text/html": self._notice_html() + shown}

    def _begun(self):
        return any(done.last for _, done in self.rows)

    def _notice_html(self):
        return display.notice_box(self.notice).html() if self.notice else ""

    def __repr__(self):
        lines = [self.notice] if self.notice else []
        for page, done in self.rows:
            counts = say("{right} of {exercises} exercises, {made} of {predictions} predictions", **vars(done))
            lines.append(f"{page.number:>2}  {page.title}: {counts}")
        return "\n".join([*lines, self.summary()])

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {"text/plain": repr(self), "text/html": self.html()}

    def html(self):
        headings = (say("chapter"), say("minutes"), say("exercises"), say("predictions"), "")
        head = "".join(f'<th scope="col" style="{CELL}">{html.escape(heading)}</th>' for heading in headings)
        rows = "".join(self._row(page, done) for page, done in self.rows)
        return (
            f'{self._notice_html()}<p style="margin: 4px 0">{self._go_on()}</p>'
            f'<table style="{TABLE}"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'
        )

    def _go_on(self):
        page = self.next_page()
        if page is None:
            return html.escape(f"{self.summary()} {say('You have finished the course.')}")
        chapter = link(page)
        words = (
            say("Go on with {chapter}.", chapter=chapter)
            if self._begun()
            else say("Begin with {chapter}.", chapter=chapter)
        )
        return f"<strong>{html.escape(self.summary())}</strong> {words}"

    def _row(self, page, done):
        figures = (
            "–".join(map(str, page.minutes)),
            _bar(done.right, done.exercises, style.GREEN),
            _bar(done.made, done.predictions, style.BLUE),
            html.escape(_state(done)),
        )
        cells = "".join(f'<td style="{FIGURES}">{cell}</td>' for cell in figures)
        about = f'<br><span style="opacity: 0.75">{html.escape(page.subject)}</span>' if page.subject else ""
        return f'<tr><td style="{CELL}">{link(page)}{about}</td>{cells}</tr>'


def _bar(done, total, colour):
    """How much of something is done, as a bar and in figures."""
    part = f"width: {100 * done // max(total, 1)}%; height: 100%; border-radius: 4px; background: {colour}"
    words = html.escape(say("{done} of {total}", done=done, total=total))
    return f'<span style="{BAR}" aria-hidden="true"><span style="display: block; {part}"></span></span>&ensp;{words}'


def _state(done):
    if done.finished:
        return say("\N{CHECK MARK} finished")
    return say("last on {day}", day=done.last.astimezone().date()) if done.last else say("not begun")


def copies_box():
    """What stands in the place of the buttons where none can be shown."""
    words = say(
        "Your answers are kept in the file `{name}`. In a running notebook, buttons stand here that save a copy of it to your "
        "computer and restore one.",
        name=answers.NAME,
    )
    return display.Box("message", say("Copies"), say("your answers"), (words,))
