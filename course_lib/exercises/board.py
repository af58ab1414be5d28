"""The board of a class at work: `make board` on a teacher's laptop, a service of JupyterHub at a hub.

    python -m course_lib.exercises.board                    prints the teacher's link, and what the room needs to join
    python -m course_lib.exercises.board --hub              with the environment that JupyterHub gives a service, and the
                                                            path of the key that signs seats in COURSE_BOARD_KEY

What the board knows of the course is made here, once; `course_lib/board` knows no chapter.
"""

import argparse
import asyncio
import os
import re
import secrets
import socket
import sys
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from ..board import page, qr, server
from ..board.lesson import Exercise, Lesson, Question
from ..text import say, set_language
from .export import all_chapters
from .machinery.slips import sentences_of
from .start.pages import pages

PORT = 8765  # of the students; the teacher's is the one before it
NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
HERE = "127.0.0.1"


def catalogue(language):
    """(chapters, items) as a `Lesson` takes them, in the language that is set; titles are those of the notebooks, if there."""
    folder = NOTEBOOKS / language
    titles = {each.number: f"{each.number}. {each.title}" for each in (pages(folder) if folder.is_dir() else ())}
    chapters, items = {}, {}
    for chapter in all_chapters():
        number = str(chapter.number)
        chapters[number] = titles.get(number) or say("Chapter {number}", number=number)
        for key, asked in chapter.keyed("predictions"):
            options = {letter: say(text) for letter, text in asked.options.items()}
            items[key] = Question(asked.name, say(asked.question), options, asked.right)
        for key, exercise in chapter.keyed("exercises"):
            items[key] = Exercise(exercise.name, exercise.says(exercise.task), sentences_of(exercise.judge))
    return chapters, items


def made_board(language, key, address=""):
    """A `Board` with all of the course."""
    set_language(language)
    files = {name: Path(page.__file__).with_name(name).read_text(encoding="utf-8") for name in ("page.js", "page.css")}
    files["page.html"] = page.html(language)
    return server.Board(Lesson(*catalogue(language)), key, files, page.words(), address)


def own_address():
    """This machine's address in its network; loopback where it has none. Nothing is sent."""
    with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.connect(("192.0.2.1", 9))  # an address that is nobody's
        return line.getsockname()[0]
    return HERE


async def on_laptop(language, port, address):
    """Serve a lesson until it is interrupted. Raises OSError where a port is taken."""
    where, key = f"{address}:{port}", secrets.token_urlsafe(16)
    board = made_board(language, secrets.token_bytes(32), where)
    network = HERE if address == HERE else "0.0.0.0"
    servers = [
        server.listen(server.students(board), port, network),
        server.listen(server.teacher(board, key, port - 1), port - 1, HERE),
    ]
    timer = server.watch(board)
    print(announcement(board, f"http://{HERE}:{port - 1}/?key={key}"), flush=True)
    try:
        await asyncio.Event().wait()
    finally:
        timer.stop()
        for each in servers:
            each.stop()


def announcement(board, link):
    """What the teacher reads in the terminal."""
    lines = [say("Your page, which this computer alone can open: {link}", link=link), ""]
    lines += [say("The class opens the start page and types {line}", line=f"{board.address}/{board.code}"), ""]
    if board.address.startswith(HERE):
        lines += [say("No network was found, so nobody else can join. `ADDRESS=` says which address others see."), ""]
    lines += [qr.as_text(f"http://{board.address}/{board.code}"), ""]
    lines += [
        say(
            "In this network whoever listens can read what is sent. `Control-C` ends the lesson, and all of it is gone."
        )
    ]
    return "\n".join(lines)


async def at_hub(language):
    """Serve JupyterHub's service until it is ended."""
    place = urlsplit(os.environ["JUPYTERHUB_SERVICE_URL"])
    board = made_board(language, Path(os.environ["COURSE_BOARD_KEY"]).read_bytes())
    application = server.at_hub(board, os.environ["JUPYTERHUB_SERVICE_PREFIX"])
    kept = server.listen(application, place.port, place.hostname, each=server.ALL), server.watch(board)
    server.become_nobody()
    await asyncio.Event().wait()
    del kept


def _language():
    """The language of the reader's locale, as the Makefile's."""
    names = (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return "zh" if next(filter(None, names), "").startswith("zh") else "en"


def main(arguments=None):
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(encoding="utf-8")  # the QR code's blocks, on Windows too
    parser = argparse.ArgumentParser(
        prog="course_lib.exercises.board", description=say("The board of a class at work.")
    )
    parser.add_argument(
        "--port",
        type=int,
        default=PORT,
        help=say("the port of the students' page; the teacher's page has the port one below it"),
    )
    parser.add_argument("--address", default="", help=say("of this computer, as the class sees it"))
    parser.add_argument("--language", choices=("en", "zh"), default=_language())
    parser.add_argument("--hub", action="store_true", help=say("as a service of JupyterHub"))
    options = parser.parse_args(arguments)
    server.keep_no_log()
    server.make_room()
    if options.hub:
        asyncio.run(at_hub(options.language))
    address = options.address or own_address()
    if not re.fullmatch(r"[A-Za-z0-9.-]{1,57}", address) or not 2 <= options.port <= 65535:
        parser.error(say("expected an address without its port, and a port from 2 to 65535"))
    try:
        asyncio.run(on_laptop(options.language, options.port, address))
    except OSError as problem:
        return say(
            "Port {port} or {before} cannot be used ({reason}). `PORT=` names another one.",
            port=options.port,
            before=options.port - 1,
            reason=problem.strerror,
        )
    except KeyboardInterrupt:
        print("\n" + say("The lesson is over, and nothing of it is left."))
    return 0


if __name__ == "__main__":
    sys.exit(main())
