"""A Jupyter server on which labs answer sooner. The pictures of a lab and the moves of its controls are small messages.

Small messages of a web socket wait for one another: the system holds the second one back until the page has confirmed the
first, for up to 40 ms, unless it is told not to (Nagle's algorithm, RFC 1122, 4.2.3.4).

With each message JupyterLab shows in the browser's tab that the kernel works, and then that it rests, by two icons that the
browser asks the server for, each time anew: a quarter of all that a move of a slider costs. The tab keeps its icon here;
the circle above the notebook tells whether the kernel works.

Kernels begin with `startup.py`, which tells a reader who runs a cell alone what to run first.

The server is told when the course is installed, by the file beside this one, which goes to
`etc/jupyter/jupyter_server_config.d`. It stands apart from `course_lib`, for a server needs no NumPy.
"""

import os
from functools import wraps
from pathlib import Path

from jupyter_server.services.kernels.websocket import KernelWebsocketHandler

STARTUP = Path(__file__).with_name("startup.py")
BUSY_ICON = "@jupyterlab/application-extension:faviconbusy"  # JupyterLab's name of what changes the icon


def _jupyter_server_extension_points():
    return [{"module": __name__}]


def _load_jupyter_server_extension(app):
    os.environ.setdefault("PYTHONSTARTUP", str(STARTUP))  # kernels inherit it; a reader's own stays
    KernelWebsocketHandler.open = _at_once(KernelWebsocketHandler.open)
    settings = app.web_app.settings
    settings["page_config_hook"] = _with_one_icon(settings.get("page_config_hook"))


def _at_once(open_socket):
    """`open` of a web socket's handler, that lets no message wait."""

    @wraps(open_socket)
    async def open_at_once(self, **arguments):
        self.set_nodelay(True)
        await open_socket(self, **arguments)

    return open_at_once


def _with_one_icon(before):
    """JupyterLab's hook for what a page is told, after the one that was there before: without the busy icon."""

    def hook(handler, told):
        told = before(handler, told) if before else told
        return told | {"disabledExtensions": [*told.get("disabledExtensions", ()), BUSY_ICON]}

    return hook
