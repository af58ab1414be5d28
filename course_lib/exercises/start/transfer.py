"""Save the answers to the reader's own computer and bring them back: on Binder the server forgets, the reader need not."""

import base64
import html
import re

from ...answers import store as answers
from ...answers.format import FORMAT, LARGEST, NewerVersion, combined, kind_of, parse, to_bytes
from ...text import say
from ..machinery import display

LINK = (
    "display: inline-block; padding: 6px 14px; border-radius: 3px; font-weight: bold; text-decoration: none; "
    "color: #FFFFFF; background-color: #0072B2"
)


def download_link(items, name=""):
    """HTML: a link that carries the whole file, so that the browser saves it without a server.

    name   of the reader, to be a part of the file's name; what file systems dislike is left out
    """
    content = to_bytes(items)
    owner = "-".join(re.findall(r"\w+", name))[:40]
    file = f"backprop-answers{'-' if owner else ''}{owner}-{answers.now().astimezone().date()}.json"
    data = base64.b64encode(content).decode()
    text = say("Download {file}", file=file)
    size = say("{items} entries, {size:.1f} kB", items=len(items), size=len(content) / 1000)
    return (
        f'<a style="{LINK}" download="{html.escape(file)}" href="data:application/json;base64,{data}">'
        f"{html.escape(text)}</a>&ensp;{html.escape(size)}"
    )


def restore(store, content, name):
    """Merge an uploaded file into the store; returns whether it could be, and the sentence that tells what came of it.

    content   its bytes         name   of the file, for sentences
    """
    try:
        items = parse(content)
    except NewerVersion:
        return False, say(
            "{name} comes from a newer version of this course. Update the course, then restore it; nothing "
            "was changed here.",
            name=name,
        )
    except ValueError as reason:
        return False, say(
            "{name} cannot be restored: {reason}. Expected a file that this page has saved (JSON, "
            '"{format}", at most {most:,} bytes); nothing was changed here.',
            name=name,
            reason=reason,
            format=FORMAT,
            most=LARGEST,
        )
    store.sync()
    before = store.items
    after = before | {key: combined(key, before.get(key), record) for key, record in items.items()}
    size = len(to_bytes(after))
    if size > LARGEST:  # such a file could not be written, nor anything after it
        return False, say(
            "{name} cannot be restored: together with what is here already, expected at most {most:,} bytes, "
            "got {got:,}; nothing was changed here.",
            name=name,
            most=LARGEST,
            got=size,
        )
    store.merge(items)
    new = [key for key in items if after[key] != before.get(key)]
    if not new:
        return True, say("{name} holds nothing that was not here already ({all} entries).", name=name, all=len(items))
    counts = [sum(kind_of(key) == kind for key in new) for kind in ("exercises", "predictions")]
    return True, say(
        "Restored from {name}: {exercises} exercises, {predictions} predictions, {rest} other entries. What "
        "was here before is still here.",
        name=name,
        exercises=counts[0],
        predictions=counts[1],
        rest=len(new) - sum(counts),
    )


def transfer_panel(widgets, store, changed):
    """Save and restore, as widgets. changed(): what else on the page depends on the answers."""
    name = widgets.Text(
        description=say("Your name (optional)"),
        placeholder=say("for the name of the file"),
        style={"description_width": "initial"},
        layout={"width": "380px"},
    )
    save = display.button(widgets, say("Save a copy"))
    upload = widgets.FileUpload(
        accept=".json", multiple=False, description=say("Restore a copy"), layout={"width": "auto"}
    )
    link, message, problem = (display.hidden(widgets) for _ in range(3))

    def tell(look, sentence):
        title = say("Done") if look == "right" else say("Please note")
        display.fill(message, display.Box(look, title, say("your answers"), (sentence,)).html())

    def show_link():
        store.sync()
        display.fill(link, download_link(store.items, name.value))
        display.fill(message, "")
        return store.take_notice()

    def take():
        if not upload.value:  # emptied below
            return ""
        for file in upload.value:
            done, sentence = restore(store, bytes(file["content"]), file["name"])
            tell("right" if done else "message", sentence)
        notice = store.take_notice()  # before `changed` shows it elsewhere
        upload.value = ()
        display.fill(link, "")
        changed()
        return notice or store.take_notice()

    display.on_click(save, show_link, problem)
    upload.observe(lambda _: display.guarded(take, problem), "value")
    row = {"flex_flow": "row wrap", "align_items": "center", "grid_gap": "4px 8px"}
    return widgets.VBox([widgets.HBox([save, name, upload], layout=row), link, message, problem])
