"""A number of the reader's own, from which exercises with numbers of their own are drawn, so that neighbours differ."""

import re
import secrets

from .format import SEED as KEY
from .store import store

_of_kernel = secrets.randbelow(2**31)


def reader_seed():
    """The reader's integer, 0 to 2^31 - 1: kept in the answers file, or the kernel's own where nothing is kept.

    What stands there and is no such number is replaced by a new one.
    """
    kept = store()
    if kept is None:
        return _of_kernel
    kept.sync()
    record = kept.items.get(KEY)
    if record and re.fullmatch("[0-9]{1,10}", record["state"]) and int(record["state"]) < 2**31:
        return int(record["state"])
    kept.put(KEY, {"state": str(_of_kernel)})
    return _of_kernel
