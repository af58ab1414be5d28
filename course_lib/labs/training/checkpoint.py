"""Where a run of the training lab stands, to the last bit: taken before it goes on, put back when it is interrupted."""

from copy import copy

from .network import split

_COPIED = (
    "epoch", "looking_at", "settings", "courses", "losses", "loss", "held_loss", "accuracy", "norms", "stride",
    "snapshots", "problem", "records",
)  # fmt: skip


def checkpoint(model):
    """What `restore_checkpoint` needs."""
    values = {name: copy(getattr(model, name)) for name in _COPIED}
    return values, model.flat_weights(), model.optimizer.state(), model.rng.bit_generator.state


def restore_checkpoint(model, taken):
    """Put a `TrainingModel` back to where it stood."""
    values, weights, averages, random_state = taken
    vars(model).update(values)
    for p, value in zip(model.network.parameters, split(weights, model.network.parameters), strict=True):
        p.value[...] = value
    model.optimizer.restore(averages)
    model.rng.bit_generator.state = random_state
    del model.history.loss[model.epoch :], model.history.learning_rate[model.epoch :]
    model.begin_again()
