"""Join the lesson of a class from the start page, and leave it: what is sent then, and how, is in `course_lib.board.share`."""

import html
import sys

from ...board import share
from ...text import joined, say
from ..machinery import display

SMALL = "margin: 2px 0 4px 0; max-width: 75ch; line-height: 1.5; opacity: 0.85; white-space: normal"


def classroom_box():
    """What stands in the place of the buttons where none can be shown."""
    words = say("In a running notebook, you can join the lesson of your class here.")
    return display.Box("progress", say("In class"), say("the lesson"), (words,))


def classroom_panel(widgets):
    """A field for address and code, or at a hub none, and a button; once the reader has joined, a button to leave."""
    if sys.platform == "emscripten":
        return widgets.VBox([widgets.HTML(_small(share.join()))])
    code = widgets.Text(
        description=say("Address and code"),
        placeholder="192.168.1.5/K7P-4QX",
        style={"description_width": "initial"},
        continuous_update=False,  # else a click would find only what the kernel has heard so far
        layout={"width": "340px"},
    )
    state = widgets.HTML()
    join, leave = display.button(widgets, say("Join the lesson")), display.button(widgets, say("Leave the lesson"))
    row = widgets.HBox(layout={"flex_flow": "row wrap", "align_items": "center", "grid_gap": "4px 8px"})
    about, answer, problem = widgets.HTML(), display.hidden(widgets), display.hidden(widgets)

    def refresh(sentence=""):
        at_a_hub, is_in = share.at_a_hub(), share.joined()
        state.value = f'<span role="status">\N{CHECK MARK} {html.escape(say("You have joined the lesson."))}</span>'
        row.children = [state, leave] if is_in else [join] if at_a_hub else [code, join]
        network = "" if at_a_hub else say("Others in the same network could read what you share, too.")
        about.value = _small(joined(say(share.SHARED), network))
        box = display.Box("message", say("Please note"), say("the lesson"), (sentence,))
        display.fill(answer, box.html() if sentence else "")

    def take_part():
        sentence = share.join("" if share.at_a_hub() else code.value)
        refresh("" if share.joined() else sentence)

    display.on_click(join, take_part, problem)
    display.on_click(leave, lambda: refresh(share.leave()), problem)
    refresh()
    return widgets.VBox([row, answer, about, problem])


def _small(sentence):
    return f'<p style="{SMALL}">{html.escape(sentence)}</p>'
