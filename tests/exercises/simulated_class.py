"""Invented classes whose true gain is known: what the test of before and after could show of forty students.

python -m tests.exercises.simulated_class      the table of the teacher's guide
"""

from functools import cache
from statistics import NormalDist

import numpy as np

from course_lib.exercises.before_after.items import PAIRS
from course_lib.exercises.before_after.tables import gain

STUDENTS, CLASSES, GAINS = 40, 200, (0.0, 0.05, 0.1, 0.2)
GUESS = 0.25  # of four options
BEFORE = -0.7  # mean ability; students and questions both spread by 1 around their means
UNLIKE = 0.5  # deviation of how much one student learns more than another
APART = 0.3  # deviation by which the two forms of a question differ in difficulty
POPULATION = np.array([NormalDist().inv_cdf((place + 0.5) / 101) for place in range(101)])


def chance(ability, difficulty):
    """The probability of a right answer, (students, questions): a guess among four, else a logistic curve."""
    return GUESS + (1 - GUESS) / (1 + np.exp(difficulty - ability[:, None]))


def learnt(forms, wanted):
    """By how much ability has to rise, on average, so that the population has so much more right, over both forms."""
    low, high, wide = 0.0, 8.0, np.hypot(1, UNLIKE)
    now = chance(BEFORE + POPULATION, forms.ravel()).mean()
    for _ in range(30):
        middle = (low + high) / 2
        risen = chance(BEFORE + middle + wide * POPULATION, forms.ravel()).mean() - now
        low, high = (low, middle) if risen > wanted else (middle, high)
    return low


def gains_of_a_class(rng, wanted, students=STUDENTS):
    """[gains from form A to B, gains from form B to A] of one class; who begins with which form is drawn for each student."""
    forms = rng.normal(size=len(PAIRS)) + APART * rng.normal(size=(2, len(PAIRS)))
    ability = BEFORE + rng.normal(size=students)
    later = ability + (learnt(forms, wanted) + UNLIKE * rng.normal(size=students) if wanted else 0)
    first = rng.integers(2, size=students)

    def share_right(ability, form):
        chances = np.where(form[:, None] == 0, chance(ability, forms[0]), chance(ability, forms[1]))
        return (rng.random(chances.shape) < chances).mean(axis=1)

    gained = share_right(later, 1 - first) - share_right(ability, first)
    return [gained[first == form].tolist() for form in (0, 1)]


@cache
def simulated(wanted, students=STUDENTS):
    """(share of classes whose interval holds the true gain, their mean half width, the share whose interval is above 0)."""
    rng = np.random.default_rng(2026)
    found = np.array([gain(*gains_of_a_class(rng, wanted, students)) for _ in range(CLASSES)])
    _, low, high = found.T
    return np.mean((low <= wanted) & (wanted <= high)), np.mean(high - low) / 2, np.mean(low > 0)


def rows():
    """The rows of the guide's table."""
    for wanted in GAINS:
        held, half, above = simulated(wanted)
        yield f"| {100 * wanted:.0f} | {100 * held:.0f} % | ± {100 * half:.1f} | {100 * above:.0f} % |"


if __name__ == "__main__":
    print(*rows(), sep="\n")
