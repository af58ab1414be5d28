"""All parameters of a model in one flat vector, of which the tensors hold views.

What an optimizer does to the vector, it does to every parameter: its update is a handful of NumPy calls, however deep the
network; only the gradients are collected one by one.
"""

import math
from operator import is_not

import numpy as np

from .autodiff import Tensor, next_order
from .checks import check_gradient_shapes
from .text import say


class FlatVector:
    """The parameters of one optimizer, and their gradients.

    name         the optimizer's class, for sentences
    parameters   list of tensors; they keep their values until `bind`
    w            the numbers of all parameters, one after the other
    gradient     in the same order, the gradients that `gather` has found
    views        the pieces of w that belong to each parameter, in its shape

    Raises ValueError when there is no parameter, one is listed twice, their dtypes differ, or a gradient has a wrong shape;
    TypeError for what is no list of tensors.
    """

    def __init__(self, name, parameters):
        if not isinstance(parameters, list | tuple) or not all(isinstance(p, Tensor) for p in parameters):
            raise TypeError(
                say(
                    "{name}.step: expected a list of tensors, such as model.parameters, got {got!r}",
                    name=name,
                    got=parameters,
                )
            )
        if not parameters:
            raise ValueError(say("{name}.step: expected at least one parameter, got none", name=name))
        if len(set(parameters)) < len(parameters):
            raise ValueError(
                say(
                    "{name}.step: a parameter is listed twice; course_lib.layers.parameters_of(layers) lists each once",
                    name=name,
                )
            )
        dtypes = sorted({p.dtype.name for p in parameters})
        if len(dtypes) > 1:
            raise ValueError(
                say("{name}.step: expected parameters of one dtype, got {got}", name=name, got=", ".join(dtypes))
            )
        check_gradient_shapes(f"{name}.step", parameters)
        self.name, self.parameters = name, list(parameters)
        self.w = np.concatenate([p.value for p in parameters], axis=None)
        self.gradient = np.empty_like(self.w)
        self._shapes = [p.shape for p in parameters]
        self.views, self._gradient_views = self._pieces(self.w), self._pieces(self.gradient)
        self._used = [None] * len(parameters)  # the gradients of the last step

    def __getstate__(self):
        """For a copy, or a file (pickle): copies of views would be arrays of their own, so they are made anew."""
        return {name: value for name, value in vars(self).items() if name not in ("views", "_gradient_views")}

    def __setstate__(self, state):
        vars(self).update(state)
        self.views, self._gradient_views = self._pieces(self.w), self._pieces(self.gradient)

    def _pieces(self, flat):
        """Consecutive pieces of a flat vector, in the shapes of the parameters, sharing its memory."""
        ends = np.cumsum([math.prod(shape) for shape in self._shapes])
        return [piece.reshape(shape) for piece, shape in zip(np.split(flat, ends[:-1]), self._shapes, strict=True)]

    def bind(self):
        """From now on, the values of the parameters are views of w."""
        for p, view in zip(self.parameters, self.views, strict=True):
            p.value = view

    def rebind(self):
        """Take over values that were replaced since. Raises ValueError for one of another shape or dtype."""
        for i, (p, view) in enumerate(zip(self.parameters, self.views, strict=True)):
            if p.value.shape != view.shape or p.value.dtype != view.dtype:
                raise ValueError(
                    say(
                        "{name}.step: parameter {index} had shape {expected} and dtype {dtype} at the last step, now it has "
                        "{got} and {now}",
                        name=self.name,
                        index=i,
                        expected=view.shape,
                        dtype=view.dtype,
                        got=p.value.shape,
                        now=p.value.dtype,
                    )
                )
            if p.value is not view:
                view[...] = p.value
                p.value = view

    def holds(self, parameters):
        """Whether the values of these tensors are the views."""
        if len(parameters) != len(self.views):
            return False
        # At every step, so without what all(...) and zip(..., strict=True) cost, here and in `gather`.
        for p, view in zip(parameters, self.views):  # noqa: B905, SIM110
            if p.value is not view:
                return False
        return True

    def differs(self, parameters):
        """Whether these are other tensors, or more or fewer of them."""
        return len(parameters) != len(self.parameters) or any(map(is_not, parameters, self.parameters))

    def gather(self, parameters):
        """w, and the flat gradient: copies of the `.grad` of each parameter. The parameters count as changed from now on.

        Raises ValueError when a parameter has no gradient, or still the one of the last time.
        """
        gradients = [p.grad for p in parameters]
        for view, gradient, used in zip(self._gradient_views, gradients, self._used):  # noqa: B905
            if gradient is None or gradient is used:
                self.check_new(parameters)
            view[...] = gradient
        self._used = gradients
        now = next_order()
        for p in parameters:
            p.order_of_last_step = now
        return self.w, self.gradient

    def check_new(self, parameters):
        """Raise ValueError when a parameter has no gradient, or still the one of the last time."""
        for i, (p, used) in enumerate(zip(parameters, self._used, strict=True)):
            if p.grad is None or p.grad is used:
                raise ValueError(
                    say(
                        "{name}.step: parameter {index} ({label} {shape}) has no new gradient: call loss.backward() "
                        "before each step, on a loss that depends on it",
                        name=self.name,
                        index=i,
                        label=p.name or "tensor",
                        shape=p.shape,
                    )
                )

    def spread(self, rate):
        """A learning rate for w: a number as it is; of one rate a stacked network, each as often as the network has numbers.

        Raises ValueError unless there is one for each network.
        """
        if np.ndim(rate) == 0:
            return rate
        rates = np.asarray(rate)
        if any(p.shape[:1] != rates.shape for p in self.parameters):
            first = self.parameters[0]
            raise ValueError(
                say(
                    "{name}: expected one learning rate for each of {expected} stacked networks, got {got}",
                    name=self.name,
                    expected=len(first) if first.ndim else 1,
                    got=len(rates),
                )
            )
        return np.concatenate([np.repeat(rates.astype(p.dtype), p.size // len(rates)) for p in self.parameters])
