"""The board at a hub: the service of jupyterhub_config.py, which says what it needs in the environment.

A JupyterHub ends when one of its services does not answer. A class without a board is better than no class: when the
board cannot start, this program answers in its place, and the hub's log says what was wrong.
"""

import os
import traceback
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import urlsplit

NOBODY = 65534


class NoBoard(BaseHTTPRequestHandler):
    """What the hub, and a teacher who opens the board, hear instead of it."""

    def do_GET(self):
        self.send_error(404, "There is no board: it could not start, and the log of the hub says why")

    def log_message(self, *_):
        """Keep no log of who asked."""


try:
    from course_lib.exercises.board import main

    main(["--hub"])
except KeyboardInterrupt:  # this is how a hub ends its services
    pass
except Exception:
    traceback.print_exc()
    place = urlsplit(os.environ["JUPYTERHUB_SERVICE_URL"])
    server = HTTPServer((place.hostname, place.port), NoBoard)
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
    server.serve_forever()
