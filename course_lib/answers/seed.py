"""A number that is drawn once for each reader, and kept in the answers file: what chance decides stays decided."""

import re
import secrets

from . import store as answers
from .format import SEED as KEY

LIMIT = 2**31
_of_this_kernel = []  # where no file keeps it


def reader_seed():
    """The reader's number, from 0 to 2**31 - 1: the one that is kept, or a new one, which is kept from then on.

    Where nothing is kept it is the same as long as the kernel lives. A record that holds no such number is replaced.
    """
    store = answers.store()
    if store is None:
        _of_this_kernel[:] = _of_this_kernel or [secrets.randbelow(LIMIT)]
        return _of_this_kernel[0]
    store.sync()
    kept = store.items.get(KEY, {"state": ""})["state"]
    if re.fullmatch("[0-9]{1,10}", kept) and int(kept) < LIMIT:
        return int(kept)
    seed = secrets.randbelow(LIMIT)
    store.put(KEY, {"state": str(seed)})
    return seed
