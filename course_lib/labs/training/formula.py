"""A function y = f(x) that a reader types, as a border between classes or as a curve: read, never evaluated as Python.

expression  = term, then any number of + or - and a term
term        = factor, then any number of * or / and a factor
factor      = + or - and a factor; or an atom, then perhaps ** (or ^) and a factor
atom        = a number, x, pi, e, a function and its argument in brackets, or an expression in brackets
"""

import re

import numpy as np

from ...text import say, typed

FUNCTIONS = ("sin", "cos", "tan", "exp", "log", "sqrt", "abs", "tanh")
CONSTANTS = {"pi": np.pi, "e": np.e}
LONGEST = 80  # characters
_TOKENS = re.compile(r"\s*(\d+\.?\d*(?:e[-+]?\d+)?|\.\d+|[A-Za-z_]+|\*\*|[-+*/^()]|\S)")


class Formula:
    """f(x) from its text. Raises ValueError, with a sentence that names the place, for any other text.

    text      as it was typed, without spaces at its ends
    numpy     the same as an expression of NumPy
    f(x)      the values at an array of numbers; not finite where there are none
    """

    def __init__(self, text):
        self.text = " ".join(typed(text).split())
        if len(self.text) > LONGEST:
            raise ValueError(
                say("formula: expected at most {most} characters, got {got}", most=LONGEST, got=len(self.text))
            )
        self._tokens, self._next = _TOKENS.findall(self.text), 0
        self._value, self.numpy = self._expression()
        if self._next < len(self._tokens):
            self._refuse()

    def __call__(self, x):
        with np.errstate(all="ignore"):
            return self._value(np.asarray(x, float)) + np.zeros(np.shape(x))

    # Each of these reads on from the present token, and returns (function of x, text for NumPy).

    def _expression(self):
        return self._chain({"+": np.add, "-": np.subtract}, self._term, " {} ")

    def _term(self):
        return self._chain({"*": np.multiply, "/": np.divide}, self._factor, " {} ")

    def _chain(self, operators, part, between):
        left, text = part()
        while self._seen in operators:
            sign = self._take()
            right, more = part()
            left, text = _combined(operators[sign], left, right), f"{text}{between.format(sign)}{more}"
        return left, text

    def _factor(self):
        if self._seen in ("+", "-"):
            sign = self._take()
            value, text = self._factor()
            return (value if sign == "+" else lambda x: -value(x)), f"{sign}{text}"
        base, text = self._atom()
        if self._seen in ("**", "^"):
            self._take()
            exponent, more = self._factor()
            return _combined(np.power, base, exponent), f"{text}**{more}"
        return base, text

    def _atom(self):
        token = self._take()
        if re.fullmatch(r"[\d.].*", token) and token != "." and np.isfinite(float(token)):
            number = float(token)
            return (lambda x: number), repr(number)
        if token == "x":
            return (lambda x: x), "x"
        if token in CONSTANTS:
            return (lambda x: CONSTANTS[token]), f"np.{token}"
        if token in FUNCTIONS:
            function, (argument, text) = getattr(np, token), self._in_brackets()
            return (lambda x: function(argument(x))), f"np.{token}({text})"
        if token == "(":
            self._next -= 1
            value, text = self._in_brackets()
            return value, f"({text})"
        self._next -= bool(token)
        return self._refuse()

    def _in_brackets(self):
        self._expect("(")
        inside = self._expression()
        self._expect(")")
        return inside

    @property
    def _seen(self):
        """The present token; "" at the end."""
        return self._tokens[self._next] if self._next < len(self._tokens) else ""

    def _take(self):
        token = self._seen
        self._next += bool(token)
        return token

    def _expect(self, token):
        if self._seen != token:
            self._refuse(token)
        self._take()

    def _refuse(self, wanted=None):
        read = "".join(self._tokens[: self._next]) or "..."
        raise ValueError(
            say(
                "formula: after '{read}' expected {wanted}, got {got!r}",
                read=read,
                wanted=wanted
                or say("a number, x, pi, e, {functions}, or a sign between them", functions=", ".join(FUNCTIONS)),
                got=self._seen or say("the end"),
            )
        )


def _combined(operation, left, right):
    return lambda x: operation(left(x), right(x))
