"""The training lab in words: where a run stands, and what its picture shows."""

from ...text import N_, capitalised, say
from ..base.words import format_loss
from .data import CURVE


def status(model):
    """One sentence: where the run of a `TrainingModel` stands."""
    loss = format_loss(model.loss)
    if model.held_loss is not None:
        loss = say("{loss}, held out {held}", loss=loss, held=format_loss(model.held_loss))
    epoch, epochs = model.looking_at, model.settings["epochs"]
    if epoch <= epochs:
        facts = say("epoch {epoch:,} of {epochs:,}: loss {loss}", epoch=epoch, epochs=epochs, loss=loss)
    else:  # the number was set when the run had come so far
        facts = say(
            "epoch {epoch:,}, beyond the {epochs:,} set now: loss {loss}", epoch=epoch, epochs=epochs, loss=loss
        )
    if model.accuracy is not None:
        percent = 100 * model.accuracy
        facts = (
            say("{facts}, accuracy {percent:.3g}%", facts=facts, percent=percent)
            if model.held_loss is None
            else say("{facts}, training accuracy {percent:.3g}%", facts=facts, percent=percent)
        )
    rate = model.told("rate") if model.looking_at == model.epoch else f"{model.rate_at(model.looking_at):g}"
    facts = say("{facts}, learning rate {rate}", facts=facts, rate=rate)
    if model.lower == "sharpness":
        facts = say("{facts}, {curved}", facts=facts, curved=_curvature(model))
    if model.looking_at != model.epoch:
        return say("looking back at {facts}; the run stands at epoch {epoch:,}", facts=facts, epoch=model.epoch)
    if model.problem:
        return model.problem
    if model.solved:
        facts = say("{facts} (solved)", facts=facts)
    return say("{facts}; {rises}", facts=facts, rises=_rises(model)) if model.rises else facts


def _rises(model):
    """How often the loss has risen, and what it means where the steps are too long."""
    rose, of = model.late_rises
    if not model.too_long:
        if model.rises < 0.001:  # it would read 0.0%
            return say("the loss rose in {rose} of the epochs", rose=round(model.rises * model.epoch))
        return say("the loss rose in {share:.1%} of the epochs", share=model.rises)
    sharp, epoch = model.sharpness_lately()
    if not sharp * model.used("rate")[-1] > 2:
        return say("the steps are too long: the loss rose in {rose} of the last {of} epochs", rose=rose, of=of)
    return say(
        "the steps are too long: the loss rose in {rose} of the last {of} epochs, and the sharpness {sharp:.3g} at epoch "
        "{epoch:,} allows rates up to 2/{sharp:.3g} = {most:.3g}",
        rose=rose,
        of=of,
        sharp=sharp,
        epoch=epoch,
        most=2 / sharp,
    )


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
    largest = max((abs(float(w)), number, float(w)) for number, (W, _) in enumerate(layers, 1) for w in W.ravel())
    if s.data == CURVE:
        output = say("the curve of its output through the {examples} examples", examples=len(model.x))
    else:
        output = say("its output with the {examples} examples", examples=len(model.x))
        if model.lines is not None:
            output = say("{output} and a dashed line for each unit of layer 1", output=output)
    if len(model.x_held):
        output = say(
            "{output}, and hollow marks for what is held out (number of examples: {held})",
            output=output,
            held=len(model.x_held),
        )
    curves = {
        "norms": N_("the loss and the gradient norm of each layer"),
        "sharpness": N_("the loss and the sharpness"),
        None: N_("the loss"),
    }
    return say(
        "Training lab: {data} data, {network}, {optimizer}, seed {seed}. {status}. "
        "Left: the network, each unit with a small picture of its answers, {edges} edges as thick as their weights, the "
        "thickest {weight:.2f} in layer {layer}; right: {output}; below: {curves}, by epoch.",
        data=say(s.data),
        network=network(model)
        if model.settings["inputs"] == "x1, x2"
        else say("inputs {inputs}, {network}", inputs=", ".join(model.inputs), network=network(model)),
        optimizer=s.optimizer,
        seed=s.seed,
        status=capitalised(status(model)),
        edges=sum(W.size for W, _ in layers),
        weight=largest[2],
        layer=largest[1],
        output=output,
        curves=say(curves[model.lower]),
    )
