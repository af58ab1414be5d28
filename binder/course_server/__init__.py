"""A Jupyter server that sends what a kernel says at once.

Small messages of a web socket wait for one another: the system holds the second one back until the page has confirmed the
first, for up to 40 ms, unless it is told not to (Nagle's algorithm, RFC 1122, 4.2.3.4). The pictures of a lab and the
moves of its controls are such messages. The server is told when the course is installed, by the file beside this one,
which goes to `etc/jupyter/jupyter_server_config.d`. It stands apart from `course_lib`, for a server needs no NumPy.
"""

from functools import wraps

from jupyter_server.services.kernels.websocket import KernelWebsocketHandler


def _jupyter_server_extension_points():
    return [{"module": __name__}]


def _load_jupyter_server_extension(app):
    KernelWebsocketHandler.open = _at_once(KernelWebsocketHandler.open)


def _at_once(open_socket):
    """`open` of a web socket's handler, that lets no message wait."""

    @wraps(open_socket)
    async def open_at_once(self, **arguments):
        self.set_nodelay(True)
        await open_socket(self, **arguments)

    return open_at_once
