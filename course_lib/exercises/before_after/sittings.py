"""What is kept of the test: one record for each answer, so that a reader can leave at any time and go on later.

    "test/labs/before-a-chain": {"state": "c2", ...}     option c, fairly sure, to the pair `chain` in form a, before chapter 1

It is kept as the state of a lab is, of which the last holds: an answer may be changed until the test is finished, while of a
prediction the first counts. No other page counts these records, and the board of a class is not told of them.
"""

import re
from collections import defaultdict

from ...answers import store as answers
from ...text import N_
from .items import FORMS, LETTERS, PAIRS

TIMES = {"before": N_("before chapter 1"), "middle": N_("after chapter 5"), "after": N_("after chapter 9")}
OTHER = {"a": "b", "b": "a"}
KEYS = {
    f"test/labs/{time}-{form}-{pair.name}": (time, form, pair.name)
    for time in TIMES
    for form in FORMS
    for pair in PAIRS
}
_KEY_OF = {place: key for key, place in KEYS.items()}
_STATE = re.compile(f"([{LETTERS}])([123])")


def items():
    """The reader's records as they are now."""
    answers.kept().sync()
    return answers.kept().items


def keep(time, form, name, letter, sure):
    """Keep an answer: the letter of an option, and how sure the reader is, 1 to 3. Returns a notice about the file, or ""."""
    answers.kept().put(_KEY_OF[time, form, name], {"state": f"{letter}{sure}"})
    return answers.kept().take_notice()


def taken(items):
    """{time: (form, {name of a pair: (letter, sure)})} of the records, for each time at which something was answered.

    Who has answered in both forms at one time, on two computers perhaps, took the one in which more was answered. A record
    that holds no answer is left out.
    """
    found = defaultdict(lambda: defaultdict(dict))
    for key, (time, form, name) in KEYS.items():
        if answer := _STATE.fullmatch(items.get(key, {}).get("state", "")):
            found[time][form][name] = answer[1], int(answer[2])
    return {time: max(forms.items(), key=lambda each: len(each[1])) for time, forms in found.items()}


def first_form(sittings):
    """The form with which a reader began, "a" or "b", by what was `taken`; None where nothing was.

    The same form comes before and after, the other one in the middle, so each of them tells.
    """
    return next((OTHER[form] if time == "middle" else form for time, (form, _) in sittings.items()), None)
