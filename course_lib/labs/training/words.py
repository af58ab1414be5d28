"""The training lab in words: where a run stands, and what its picture shows."""

from ...text import say
from ..panel.words import capitalised, format_loss


def status(model):
    """One sentence: where the run of a `TrainingModel` stands."""
    facts = say(
        "epoch {epoch:,} of {epochs:,}: loss {loss}, accuracy {accuracy:.0%}, learning rate {rate:g}",
        epoch=model.looking_at,
        epochs=model.settings["epochs"],
        loss=format_loss(model.loss),
        accuracy=model.accuracy,
        rate=model.rate_at(model.looking_at),
    )
    if model.lower == "sharpness":
        facts = say("{facts}, {curved}", facts=facts, curved=_curvature(model))
    if model.looking_at != model.epoch:
        return say("looking back at {facts}; the run stands at epoch {epoch:,}", facts=facts, epoch=model.epoch)
    if model.problem:
        return model.problem
    return say("{facts} (solved)", facts=facts) if model.solved else facts


def _curvature(model):
    value, rate = model.sharpness, model.rate_at(model.looking_at)
    if model.settings["optimizer"] != "GradientDescent":
        return say("sharpness {value:.3g}", value=value)
    if value * rate > 2:
        return say("sharpness {value:.3g}, above 2/rate = {most:.3g}", value=value, most=2 / rate)
    return say("sharpness {value:.3g}, below 2/rate = {most:.3g}", value=value, most=2 / rate)


def network(model):
    """The hidden layers: "4 hidden tanh units", or the numbers of several layers."""
    if len(model.units) == 1:
        return say("{units} hidden {activation} units", units=model.units[0], activation=model.settings["activation"])
    return say(
        "hidden layers of {units} {activation} units",
        units="-".join(map(str, model.units)),
        activation=model.settings["activation"],
    )


def description(model):
    """The facts of the picture in words, for its alternative text."""
    s = model.settings
    layers = list(zip(model.weights()[::2], model.weights()[1::2], strict=True))
    largest = max((abs(float(w)), f"{number}", w) for number, (W, _) in enumerate(layers, 1) for w in W.ravel())
    return say(
        "Training lab: {data} data, {network}, {optimizer}, seed {seed}. {status}. "
        "Left: the network, each unit with a small picture of its answers, {edges} edges as thick as their weights, the "
        "thickest {weight:.2f} in layer {layer}; right: its output with the {examples} examples and a dashed line for each "
        "unit of layer 1; below: the loss and the gradient norm of each layer, by epoch.",
        data=s.data,
        network=network(model),
        optimizer=s.optimizer,
        seed=s.seed,
        status=capitalised(status(model)),
        edges=sum(W.size for W, _ in layers),
        weight=float(largest[2]),
        layer=largest[1],
        examples=len(model.x),
    )
