"""A number that is drawn once for each reader, and kept in the answers file: what chance decides stays decided."""

import re
import secrets

from . import store as answers
from .format import SEED as KEY

LIMIT = 2**31


def reader_seed():
    """The reader's number, from 0 to 2**31 - 1: the one that is kept, or a new one, which is kept from then on.

    Where no file keeps it, it is the same as long as the kernel lives. A record that holds no such number is replaced.
    """
    kept = answers.kept()
    kept.sync()
    number = kept.items.get(KEY, {"state": ""})["state"]
    if re.fullmatch("[0-9]{1,10}", number) and int(number) < LIMIT:
        return int(number)
    seed = secrets.randbelow(LIMIT)
    kept.put(KEY, {"state": str(seed)})
    return seed
