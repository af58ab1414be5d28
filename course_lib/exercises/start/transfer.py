"""Save the answers to the reader's own computer and bring them back: on Binder the server forgets, the reader need not."""

from ...answers.download import download_links
from ...answers.format import FORMAT, LARGEST, NewerVersion, combined, kind_of, salvage, to_bytes
from ...text import say
from ..machinery import display


def restore(store, content, name):
    """Merge an uploaded file into the store; returns whether it could be, and the sentence that tells what came of it.

    content   its bytes         name   of the file, for sentences
    """
    try:
        found = salvage(content)
    except NewerVersion:
        return False, say(
            "{name} comes from a newer version of this course. Update the course, then restore the "
            "file. Nothing was changed here.",
            name=name,
        )
    items = found.items
    if not items and (found.damage or found.lost):
        return False, say(
            "{name} cannot be restored: {reason}. Expected a file that this page has saved (JSON, "
            '"{format}", at most {most:,} bytes). Nothing was changed here.',
            name=name,
            reason=found.damage,
            format=FORMAT,
            most=LARGEST,
        )
    lost = ""
    if found.damage:
        lost = say(
            "The file is damaged ({reason}). What could be read was taken, but {lost} entries could not be read.",
            reason=found.damage,
            lost=found.lost_in_words,
        )
    store.sync()
    before = store.items
    after = before | {key: combined(key, before.get(key), record) for key, record in items.items()}
    size = len(to_bytes(after))
    if size > LARGEST:  # such a file could not be written, nor anything after it
        return False, say(
            "{name} cannot be restored: together with what is here already, expected at most {most:,} "
            "bytes, got {got:,}. Nothing was changed here.",
            name=name,
            most=LARGEST,
            got=size,
        )
    store.merge(items)
    new = [key for key in items if after[key] != before.get(key)]
    if not new:
        known = say("{name} holds nothing that was not here already ({all} entries).", name=name, all=len(items))
        return True, f"{known} {lost}".strip()
    counts = [sum(kind_of(key) == kind for key in new) for kind in ("exercises", "predictions")]
    told = say(
        "Restored from {name}: {exercises} exercises, {predictions} predictions, {rest} other entries. What "
        "was here before is still here.",
        name=name,
        exercises=counts[0],
        predictions=counts[1],
        rest=len(new) - sum(counts),
    )
    return True, f"{told} {lost}".strip()


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
        display.fill(link, download_links(store.items, name.value))
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
