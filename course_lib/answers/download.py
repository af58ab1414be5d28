"""Links that carry the answers themselves: the browser saves them, whatever the server can do."""

import base64
import html
import re

from ..text import say
from .file import now
from .format import to_bytes

LINK = (
    "display: inline-block; padding: 6px 14px; border-radius: 3px; font-weight: bold; text-decoration: none; "
    "color: #FFFFFF; background-color: #0072B2"
)
PART = 1_000_000  # bytes that one link carries: browsers refuse links of more than 2 MB


def download_links(items, name=""):
    """HTML: a link that carries the whole file; several, with a part of it each, where it is too large for one.

    name   of the reader, to be a part of the file's name; what file systems dislike is left out
    """
    owner = "-".join(re.findall(r"\w+", name))[:40]
    stem = f"backprop-answers{'-' if owner else ''}{owner}-{now().astimezone().date()}"
    parts = list(_parts(items))
    names = [f"{stem}-{number}-of-{len(parts)}" for number in range(1, len(parts) + 1)] if len(parts) > 1 else [stem]
    return "<br>".join(_link(f"{file}.json", part) for file, part in zip(names, parts, strict=True))


def _parts(items):
    """The items in pieces, each small enough for a link."""
    part, size = {}, 0
    for key, record in sorted(items.items()):
        length = len(to_bytes({key: record}))
        if part and size + length > PART:
            yield part
            part, size = {}, 0
        part[key], size = record, size + length
    yield part


def _link(file, items):
    content = to_bytes(items)
    data = base64.b64encode(content).decode()
    text = say("Download {file}", file=file)
    size = say("{items} entries, {size:.1f} kB", items=len(items), size=len(content) / 1000)
    return (
        f'<a style="{LINK}" download="{html.escape(file)}" href="data:application/json;base64,{data}">'
        f"{html.escape(text)}</a>&ensp;{html.escape(size)}"
    )
