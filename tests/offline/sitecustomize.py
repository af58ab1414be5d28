"""No network while tests run: a connection or a name look-up beyond this machine raises NetworkBlocked.

Python imports a module of this name at its start. tests/conftest.py and the Makefile put this folder into PYTHONPATH, so
each kernel and program that a test starts is bound as the tests themselves are, and `make outputs` shows that no
notebook fetches anything.

It is an audit hook, which sees what asyncio, urllib and all other Python code asks of sockets, and cannot be taken off.

Nor is jsonschema's grammar of international addresses there: each program that imports nbformat, as a Jupyter server
does, would build it for more than a second, and no notebook and no setting holds such an address.
"""

import sys

sys.modules["rfc3987_syntax"] = None  # an import of it fails, with which jsonschema reckons

LOOPBACK = ("127.", "::1", "localhost", "0.0.0.0", "::")  # the last two are for binding, not for reaching others


class NetworkBlocked(Exception):
    """Not an OSError, which programs take for a network that is down, and pass over."""


def _refuse_network(event, arguments):
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else None  # the others: a socket file, or connected already
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        host = arguments[0]
    else:
        return
    host = host.decode() if isinstance(host, bytes) else host
    if host and not host.startswith(LOOPBACK):
        raise NetworkBlocked(
            f"{event}: expected an address of this machine, because tests and notebooks run without a network, "
            f"got {host!r}"
        )


sys.addaudithook(_refuse_network)
