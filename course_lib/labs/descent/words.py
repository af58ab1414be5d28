"""The descent lab in words: its status, and the description of its picture."""

from ...text import N_, capitalised, joined, say
from ..base.words import in_turn, listed, steps_text
from .race import LONGEST, label, point_text
from .rate_scan import RATES


def status(model):
    """The present state in one or two sentences."""
    return joined(_race(model), _direction(model), _limit_text(model))


ENDS = {  # what has become of a racer that is alone
    "converged": N_("Converged after {steps}: the distance to the minimum is at most 1/1,000 of that at the start."),
    "diverged": N_(
        "Diverged: at rate {rate} each step overshoots by more than it gains, and after {steps} the "
        "point is far outside the picture."
    ),
    "rests": N_("It rests at the saddle after {steps}, where the gradient is zero, although this is no minimum."),
    "leaves": N_(
        "It slowed down at the saddle and then left: after {steps} it is outside the picture, and the "
        "loss falls without end."
    ),
}
IN_A_RACE = {
    "converged": N_("converged after {steps}"),
    "diverged": N_("diverged after {steps}"),
    "oscillates": N_("oscillates for ever"),
    "rests": N_("rests at the saddle after {steps}"),
    "leaves": N_("left the saddle after {steps}"),
}


def _race(model):
    if len(model.racers) > 1:
        if model.scanning:
            return _scanned(model)
        return say("{results}.", results=listed(_result(racer) for racer in model.racers))
    racer = model.racers[0]
    steps = steps_text(racer.steps)
    if model.surface.minima and model.distance(racer, 0) == 0:
        return say("The start is the minimum, where the gradient is zero, so no step moves.")
    if racer.outcome == "converged" and not model.good:
        return say(
            "Converged after {steps}, in a local minimum: the lowest one lies {lower:.2f} deeper.",
            steps=steps,
            lower=racer.losses[-1] - model.lowest,
        )
    if model.steepest_never_felt(racer):
        return say(
            "Converged after {steps}, although the rate is not below 2/λmax, because this start lies "
            "exactly on an axis and never feels the steepest direction. Move the start a little.",
            steps=steps,
        )
    if racer.outcome == "diverged" and not racer.one_rate:
        return say(
            "Diverged: after {steps}, at the rates {rates}, the point is far outside the picture.",
            rates=_rates(racer),
            steps=steps,
        )
    if racer.outcome == "oscillates":
        return say(
            "It oscillates for ever: from step {steps:,} on it jumps between the same two points.", steps=racer.steps
        )
    if racer.outcome:
        return say(ENDS[racer.outcome], rate=_rates(racer), steps=steps)
    if racer.steps >= LONGEST:
        return say("It has not arrived after {steps}.", steps=steps)
    return say(
        "Step {steps:,}: L = {loss:.3g} at {point}.",
        steps=racer.steps,
        loss=racer.losses[-1],
        point=point_text(racer.point),
    )


def _scanned(model):
    """What has been found so far of the best rates."""
    found = [
        say("{name}: best rate {rate:g}, {steps}", name=label(name), rate=scan.best, steps=steps_text(int(scan.fewest)))
        for name, scan in model.scans.items()
        if scan.best is not None
    ]
    return joined(say("Every optimizer tries the same {count} rates.", count=len(RATES)), listed(found))


def _result(racer):
    """An optimizer of a race, its rate, and what became of it."""
    return say(
        "{name}, rate {rate}: {outcome}",
        name=label(racer.name),
        rate=_rates(racer),
        outcome=_short(racer),
    )


def _rates(racer):
    """The learning rates of a racer's steps, one after the other; before the first one, that to come."""
    return in_turn(racer.rates or [racer.rate])


def _short(racer):
    if not racer.outcome:
        return say("step {steps:,}, L = {loss:.3g}", steps=racer.steps, loss=racer.losses[-1])
    return say(IN_A_RACE[racer.outcome], steps=steps_text(racer.steps))


def _direction(model):
    racer = model.racers[0]
    if len(model.racers) > 1 or racer.outcome:
        return ""
    if model.surface.dimensions == 1:
        return say("Slope dL/du = {slope:.3g}.", slope=racer.gradients[-1][0])
    angle = model.angle()
    return (
        ""
        if angle is None
        else say("Minus the gradient and the way to the minimum: {angle:.0f} degrees apart.", angle=angle)
    )


def _limit_text(model):
    if not model.limit_shown:
        return ""
    if len(model.racers) > 1:
        return say(
            "Limit of gradient descent 2/λmax = {limit:.4g}, of momentum 2(1 + β)/λmax = {momentum:.4g}.",
            limit=model.limit,
            momentum=(1 + model.settings["beta"]) * model.limit,
        )
    where = say("limit 2/λmax") if model.surface.quadratic else say("limit 2/λmax at the minimum")
    if len(model.surface.minima) > 1:
        where = say("limit 2/λmax at the flattest minimum")
    where = capitalised(where)
    return say(
        "{where} = {limit:.4g}; your rate is {share:.1%} of it.",
        where=where,
        limit=model.limit,
        share=model.racers[0].rate / model.limit,
    )


def description(model):
    """The facts of the picture in words."""
    surface, start = say(model.settings["surface"]), point_text(model.settings["start"])
    race = len(model.racers) > 1
    if race:
        first = say(
            "Race on the surface {surface}, L = {formula}, from {start}.",
            surface=surface,
            formula=model.surface.formula,
            start=start,
        )
    else:
        first = say(
            "Descent on the surface {surface}, L = {formula}, from {start} at rate {rate}.",
            surface=surface,
            formula=model.surface.formula,
            start=start,
            rate=_rates(model.racers[0]),
        )
    parts = [first]
    at_start = model.twin().angle() if model.surface.dimensions > 1 else None
    if at_start is not None and not race:
        parts.append(
            say(
                "At the start, minus the gradient and the way to the minimum are {angle:.0f} degrees apart.",
                angle=at_start,
            )
        )
    results = [
        _result(r) if race else say("{name}: {outcome}", name=label(r.name), outcome=_short(r)) for r in model.racers
    ]
    parts.append(say("Result: {results}.", results=listed(results)))
    if model.at_best_rates:
        parts.append(say("Each has its best of {count} rates.", count=len(RATES)))
    if model.surface.quadratic and model.racers[0].name == "GradientDescent":
        parts.append(say("The limit 2/λmax is {limit:g}.", limit=model.limit))
    return joined(*parts)
