"""Optimizers as a reader may write them: a rule of random lines, whose state has whatever names they chose."""

import numpy as np

from course_lib.optimizers import Optimizer

NAMES = (
    "total", "m", "running_average", "lambda_", "x", "y", "W1", "p", "eta", "steps", "t", "epoch", "weights", "order",
    "np_", "loss", "step_size", "_hidden", "delta2", "speed", "s", "averages", "rng", "z2", "gradients", "numbers",
)  # fmt: skip
AVERAGES = (  # of the gradient g: in place, or as a new array
    "self.{a} *= 0.9\n        self.{a} += g",
    "self.{a} = 0.5 * self.{a} + g",
    "self.{a} = self.{a} + g * g",
    "self.{a} = np.maximum(0.9 * self.{a}, np.abs(g))",
    "self.{a} += {b} - self.{a} / 2",
)
COUNTS = ("self.{n} += 1", "self.{n} = 0.5 * self.{n} + 1", "self.{n} = 2.0 - self.{n}")


def own_optimizer(seed):
    """A class with one to three averages and up to two numbers, and an `update` that uses the new and the old ones."""
    rng = np.random.default_rng(seed)
    a, b, c, n, k = rng.permutation(NAMES)[:5]
    averages, counts = [a, b, c][: rng.integers(1, 4)], [n, k][: rng.integers(0, 3)]
    begins = [f"self.{each} = np.full_like(self._w, {rng.choice([0.0, 0.25])})" for each in averages]
    begins += [f"self.{each} = {rng.choice(['0', '1.5'])}" for each in counts]
    old = rng.choice([f"self.{averages[-1]}.copy()", f"0.5 * self.{averages[-1]}", "w * 0.1", "g - w"])
    lines = [
        rng.choice(AVERAGES).format(a=each, b=rng.choice(["g", f"self.{averages[0]}", "old"])) for each in averages
    ]
    lines += [rng.choice(COUNTS).format(n=each) for each in counts]
    terms = ["g", "0.1 * old", *(f"0.1 * self.{each}" for each in averages), *(f"g / (self.{n} + 3)" for n in counts)]
    text = "\n        ".join
    source = f"""
class Own(Optimizer):
    def reset(self):
        {text(begins)}

    def update(self, w, g):
        old = {old}
        {text(rng.permutation(lines))}
        w -= self._rate * np.tanh({" + ".join(terms)})
"""
    namespace = {"np": np, "Optimizer": Optimizer}
    exec(source, namespace)
    return namespace["Own"]
