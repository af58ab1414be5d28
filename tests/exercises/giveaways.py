"""Does a text give an answer away? Looks for a value in every form in which a sentence could hold it."""

import re

import numpy as np
from num2words import num2words

GROUPED = r"\d{1,3}(?:[,\u00a0\u202f ]\d{3})+(?:\.\d+)?"
NUMBER = re.compile(rf"{GROUPED}|\d+\.\d+(?:e[-+]?\d+)?|\d+(?:e[-+]?\d+)?|\.\d+")
WRONG_ANSWERS = 100


def numbers_in(text):
    """Every number that stands in a text, as floats, without signs."""
    return [float(re.sub(r"[,\u00a0\u202f ]", "", found)) for found in NUMBER.findall(text)]


def forms(value):
    """The numbers that would tell a value: itself, rounded to two digits or more, and in percent."""
    value = abs(float(value))
    whole = value.is_integer()
    digits = range(2, 10)
    told = {value} if whole and value < 1000 else {float(f"{value:.{d}g}") for d in digits} | {value}
    return told if whole or value > 1 else told | {float(f"{100 * value:.{d}g}") for d in digits}


def words(value):
    """A whole number in words, with and without hyphens; none for another one or for 0 to 3, which every text uses."""
    value = float(value)
    if not value.is_integer() or abs(value) > 1e9 or abs(value) <= 3:
        return []
    spelled = num2words(abs(int(value)))
    return list({spelled, spelled.replace("-", " "), spelled.replace(" and ", " "), spelled.replace(",", "")})


def tells_number(text, value, known=""):
    """Whether a text tells a number; what stands in `known`, such as the task or the reader's own answer, tells nothing."""
    told = [n for n in numbers_in(text) if any(np.isclose(n, form, rtol=1e-9) for form in forms(value))]
    said = numbers_in(known)
    if any(not any(np.isclose(n, s, rtol=1e-9) for s in said) for n in told):
        return True
    lower = text.lower()
    return any(re.search(rf"\b{re.escape(word)}\b", lower) and word not in known.lower() for word in words(value))


def tells_letter(text, letter):
    """Whether a text names one option by its letter: (b), "b", `b`, option b."""
    marked = rf"\({letter}\)|[\"'`“‘]{letter}[\"'`”’]|\b(?:option|answer|line|letter|choice) {letter}\b"
    return re.search(marked, text, re.IGNORECASE) is not None


def wrong_numbers(value, rng):
    """WRONG_ANSWERS numbers that a reader may try: near, far, rounded, with slips of sign and of size."""
    value = float(value)
    near = [value + step for step in (-3, -2, -1, 1, 2, 3)]
    slips = [
        -value,
        2 * value,
        value / 2,
        10 * value,
        value / 10,
        100 * value,
        value / 100,
        1 / value if value else 1.0,
        1 - value,
    ]
    simple = [0.0, 1.0, -1.0, 0.5, 100.0, 1e6, 1e-6, *range(2, 40)]
    scaled = value * np.exp(rng.normal(size=WRONG_ANSWERS)) if value else rng.normal(size=WRONG_ANSWERS)
    digits = [float(f"{n:.2g}") for n in scaled]
    whole = [float(round(n)) for n in scaled] if value.is_integer() else list(scaled)
    tried = [float(n) for n in [*near, *slips, *simple, *digits, *whole]]
    return list(dict.fromkeys(tried))[:WRONG_ANSWERS]
