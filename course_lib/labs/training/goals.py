"""What a reader of the training lab is asked to reach, and the records that are kept."""

from typing import NamedTuple

from ..panel.settings import in_one_word


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
        return {goal: int(count) for goal, count in value.items() if goal in GOALS and count > 0}

    def write(self, value):
        return ",".join(f"{in_one_word(goal)}:{count}" for goal, count in value.items())

    def read(self, text):
        counts = dict(part.split(":") for part in text.split(","))
        return {goal: int(counts[in_one_word(goal)]) for goal in GOALS if in_one_word(goal) in counts}
