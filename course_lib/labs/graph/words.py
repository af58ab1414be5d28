"""Numbers of a graph as they are written: with few digits, arrays by their shapes, and sums with their parts."""

import numpy as np


def text(value, digits=4):
    """A number with few digits, or the shape of an array."""
    if np.size(value) != 1:
        return str(np.shape(value))
    number = float(np.squeeze(value))
    return f"{0.0 if abs(number) < 1e-12 else number:.{digits}g}"


def sum_text(parts, digits=4, most=8):
    """The parts and their sum; of more than `most` parts the first ones and the last."""
    if len(parts) < 2 or np.size(parts[0]) > 1:
        return ""
    terms = [f"{'-' if part < 0 else '+'} {text(abs(part), digits)}" for part in parts]
    terms[0] = text(parts[0], digits)
    shown = terms if len(terms) <= most else [*terms[: most - 1], "+ ...", terms[-1]]
    return f"{' '.join(shown)} = {text(sum(parts), digits)}"
