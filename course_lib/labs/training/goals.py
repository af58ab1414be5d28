"""What a reader of the training lab is asked to reach, and the records that are kept."""

from typing import NamedTuple

from ...text import say
from ..base.checks import check_choice
from ..base.settings import Number, in_one_word

LARGEST = 10**6  # number of a record


class Goal(NamedTuple):
    """A task that is to be solved with few epochs, or with few parameters.

    data, units    of the task; units None: any network
    counts, most   "epochs" or "parameters", and how many of them are few enough
    """

    data: str
    units: tuple | None
    counts: str
    most: int


GOALS = {
    "4 units": Goal("xor", (4,), "epochs", 30),
    "2 units": Goal("xor", (2,), "epochs", 30),
    "spirals": Goal("spirals", None, "parameters", 45),
}


class Records:
    """The kind of note that holds the reader's records: name of a goal -> whole number."""

    def checked(self, name, value):
        return {goal: value[goal] for goal in GOALS if goal in value}

    def write(self, value):
        return ",".join(f"{in_one_word(goal)}:{count}" for goal, count in value.items())

    def read(self, text):
        """Raises ValueError, with a sentence, for what `write` does not write."""
        goals, records = {in_one_word(goal): goal for goal in GOALS}, {}
        for word, _, count in (part.partition(":") for part in text.split(",")):
            check_choice(say("record"), word, goals)
            counts = Number(1, LARGEST, 1, whole=True)
            records[goals[word]] = counts.checked(word, counts.read(count))
        return records
