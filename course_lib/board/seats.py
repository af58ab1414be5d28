"""Who may add to a lesson, and how fast: seats, codes, and buckets.

A seat is an id and a signature, "0123456789abcdef.0123...": whoever has the key can tell without a table that it was made
with this key, and nobody without the key can make one. A seat can add answers of its own, and nothing else.
"""

import hashlib
import hmac
import secrets

LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # none that looks like another: no 0 O, no 1 I L
LENGTH = 6  # of a code: one of 890 million


def seat(key, name):
    """The seat of a name; the name cannot be had from it. A hub makes each student's so (binder/hub/jupyterhub_config.py)."""
    id_ = _signed(key, "name" + name)[:16]
    return f"{id_}.{_signed(key, 'seat' + id_)[:32]}"


def new_seat(key):
    """A seat of nobody's."""
    return seat(key, secrets.token_hex(16))


def seat_id(key, text):
    """The id of a seat that was made with this key; None for any other text."""
    id_, _, signature = text.partition(".")
    right = _signed(key, "seat" + id_)[:32]
    return id_ if hmac.compare_digest(signature.encode(), right.encode()) else None


def _signed(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def new_code():
    """What the screen shows to the room, as "K7P-4QX"."""
    letters = "".join(secrets.choice(LETTERS) for _ in range(LENGTH))
    return f"{letters[:3]}-{letters[3:]}"


def same_code(one, other):
    """Whether two codes are the same; capitals, hyphens and spaces do not matter."""
    plain = [code.upper().replace("-", "").replace(" ", "").encode() for code in (one, other)]
    return hmac.compare_digest(*plain)


class Buckets:
    """One bucket for each key, of `most` drops, which fill up again at a `rate` each second; full ones are forgotten."""

    def __init__(self, rate, most, clock):
        self._rate, self._most, self._clock = rate, most, clock
        self._levels = {}  # key: (drops that were left, then)

    def drops(self, key):
        level, then = self._levels.get(key, (self._most, 0.0))
        return min(self._most, level + (self._clock() - then) * self._rate)

    def take(self, key):
        """Take a drop; returns whether there was one."""
        if len(self._levels) >= 1000:
            self._levels = {each: self._levels[each] for each in self._levels if self.drops(each) < self._most}
        drops = self.drops(key)
        self._levels[key] = (drops - 1 if drops >= 1 else drops), self._clock()
        return drops >= 1
