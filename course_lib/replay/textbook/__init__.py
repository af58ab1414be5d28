"""A recorded step as a textbook writes it: a1 = np.tanh(x @ W1 + b1), delta1 = ..., dW1 = x.T @ delta1.

Forward and backward pass are written from the graph of the step, each operation by its rule in `rules`, `images` and
`sequences`: forward from the oldest to the newest, then back. What the optimizer does is read from the record: the flat
vector of all parameters is taken apart again. A number n behind a name is that of the layer. The program needs NumPy alone.
"""

from .book import Textbook, constant_of

__all__ = ["Textbook", "constant_of"]
