"""Where a run of the training lab stands, to the last bit: taken before it goes on, put back when it is interrupted."""

from copy import copy

from .network import split

_COPIED = (
    "epoch", "looking_at", "settings", "courses", "losses", "loss", "held_loss", "accuracy", "norms", "stride",
    "snapshots", "problem", "records",
)  # fmt: skip
_AVERAGES = ("m", "s", "v")  # of optimizers


def checkpoint(model):
    """What `restore_checkpoint` needs."""
    averages = {name: v.copy() for name, v in vars(model.optimizer).items() if name in _AVERAGES}
    return (
        {name: copy(getattr(model, name)) for name in _COPIED},
        model.flat_weights(),
        averages,
        getattr(model.optimizer, "t", None),
        model.rng.bit_generator.state,
    )


def restore_checkpoint(model, taken):
    """Put a `TrainingModel` back to where it stood."""
    values, weights, averages, steps, random_state = taken
    vars(model).update(values)
    for p, value in zip(model.network.parameters, split(weights, model.network.parameters), strict=True):
        p.value[...] = value
    if model.epoch == 0:  # what an optimizer remembers begins with its first step
        model.optimizer = model.new_optimizer()
    for name, average in averages.items():
        getattr(model.optimizer, name)[...] = average
    if steps is not None:
        model.optimizer.t = steps
    model.rng.bit_generator.state = random_state
    del model.history.loss[model.epoch :], model.history.learning_rate[model.epoch :]
    model.begin_again()
