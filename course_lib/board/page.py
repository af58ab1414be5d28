"""The teacher's page of a lesson: its HTML, and the sentences that `page.js` says. All else is in `page.js` and `page.css`."""

from html import escape

from ..text import say
from .lesson import PATIENCE

_HTML = """<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="page.css">
<script src="page.js" defer></script>
</head>
<body>
<header><select id="chapters" aria-label="{chapter}"></select><select id="items" aria-label="{item}"></select>
<p id="class"></p></header>
<p id="lost" role="alert" hidden>{lost}</p>
<main><p id="said" role="status"></p><div id="view" tabindex="-1"></div></main>
<footer aria-label="{keys}"></footer>
<dialog></dialog>
</body>
</html>
"""
_HOLES = ("count", "name", "right", "seats")


def html(language):
    """The page, in "en" or "zh"; it takes nothing but `page.css`, `page.js` and `state` from its server."""
    texts = {
        "title": say("Board"),
        "chapter": say("Chapter"),
        "item": say("Question or exercise"),
        "keys": say("Keys"),
        "lost": say("No connection to the board: these are the last figures. The page goes on trying."),
    }
    names = {name: escape(text) for name, text in texts.items()}
    return _HTML.format(language={"zh": "zh-Hans"}.get(language, language), **names)


def words():
    """{name: sentence that the page shows}, for `state["words"]`; the page fills in what stands in braces."""
    holes = {name: f"{{{name}}}" for name in _HOLES}
    return {
        "lobby": say("Lobby"),
        "join": say("Join the lesson"),
        "join_how": say('Open the notebook "Start here" and type:'),
        "join_hub": say('Open the notebook "Start here" and click Join.'),
        "qr": say("QR code of the address with the code"),
        "joined": say("have joined"),
        "door_open": say("The door is open: whoever has the code can join."),
        "door_shut": say("The door is shut: nobody else can join."),
        "few_seats": say("Results are shown once five have joined."),
        "over": say("No lesson is being held, and nothing is kept of earlier lessons."),
        "here": say("{count} here", **holes),
        "minutes": say("{count} min", **holes),
        "question_named": say("Question: {name}", **holes),
        "exercise_named": say("Exercise: {name}", **holes),
        "first": say("First vote: everyone alone"),
        "talk": say("Talk to your neighbours. To change your vote, click again"),
        "closed": say("The vote is closed"),
        "result": say("The result. The right answer is {right}", **holes),
        "result_open": say("The result"),
        "voted": say("of {seats} have voted", **holes),
        "few_votes": say("Fewer than five have voted. You can count hands."),
        "first_column": say("first vote, n = {count}", **holes),
        "second_column": say("after talking, n = {count}", **holes),
        "typed": say("Hands, counted in the room."),
        "sure_wrong": say("Sure at first, and wrong: {count}", **holes),
        "right": say("right"),
        "trying": say("trying"),
        "new": say("not begun"),
        "waiting": say("over {count} min", count=round(PATIENCE / 60)),
        "waiting_for": say("{count} min", **holes),
        "progress": say("Exercises: where the class is"),
        "few_row": say("fewer than five have begun it"),
        "few_tries": say("Fewer than five have begun it."),
        "slips": say("{name}: common mistakes", **holes),
        "no_slips": say("No mistake has been made twice."),
        "previous": say("Back"),
        "next": say("Next"),
        "step_first": say("Close the first vote"),
        "step_talk": say("Close the vote"),
        "reveal": say("Reveal"),
        "cover": say("Cover"),
        "show_slips": say("Show mistakes"),
        "exercises": say("Exercises"),
        "question": say("Question"),
        "hands": say("Count hands"),
        "save": say("Save picture"),
        "shut": say("Shut the door"),
        "open": say("Open the door"),
        "dark": say("Dark or light"),
        "larger": say("Larger"),
        "smaller": say("Smaller"),
        "keys": say("Keys"),
        "space": say("Space"),
        "end": say("End the lesson"),
        "end_sure": say("End the lesson? Nothing of it is kept."),
        "another": say("Begin a lesson"),
        "close": say("Close"),
        "cancel": say("Cancel"),
        "type_hands": say("How many hands?"),
        "hands_first": say("first vote"),
        "hands_second": say("after talking"),
        "take": say("Take these counts"),
        "refused": say("The board did not take this."),
    }
