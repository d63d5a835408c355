"""How a run goes, whatever is trained: where it stands, its curves, its troubles."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from mnist_engine.runs.history import Curve
from mnist_engine.runs.state import Snapshot
from mnist_engine.training.remedies import remedy_for
from mnist_tui.describing.trends import trend_of
from mnist_tui.figures import counted, deed, duration, loss, measured


def standing(now: Snapshot) -> str:
    """What is trained, and how far it is."""
    started = now.started
    if started is None:
        return "run: nothing is known yet."
    what = "GAN" if started.task == "gan" else "classifier"
    rates = [f"{name} {rate:.3g}" for name, rate in now.learning_rates.items()]
    told = [
        f"{what} {started.recipe}, {'recorded' if now.phase == 'replay' else now.phase}",
        f"step {now.step:,} of {started.total_steps:,}",
        f"epoch {now.epoch} of {started.epochs}",
        f"{duration(now.seconds)} of training",
        *([f"learning rate {' and '.join(rates)}"] if rates else []),
    ]
    return f"run: {', '.join(told)}."


def losses(now: Snapshot) -> Iterator[str]:
    """Of each network: the loss, and where it goes; a classifier's validation loss by epochs."""
    for name, curve in sorted(now.losses.items()):
        yield f"loss of the {name}: {course_of(curve, 'step', loss)}."
    if (validation := now.epochs.get("validation loss")) is not None:
        lowest = int(validation.mean.argmin())
        told = course_of(validation, "epoch", loss)
        best = f"lowest {loss(float(validation.mean[lowest]))}"
        yield f"validation loss: {told}; {best} after epoch {int(validation.x[lowest])}."


def gradients(now: Snapshot) -> Iterator[str]:
    """How long the gradients are, and which units are dead."""
    for name, curve in sorted(now.gradient_norms.items()):
        told = course_of(curve, "step", lambda value: f"{value:.2g}")
        yield f"gradient norm of the {name}: {told}."
    silent = now.inspected.silent if now.inspected else {}
    if silent:
        layers = [
            f"layer {name.rpartition('.')[2]} of the {name.rpartition('.')[0]} {share:.0%}"
            for name, share in silent.items()
        ]
        yield f"dead ReLU units, of the last batch looked at: {', '.join(layers)}."


def troubles(now: Snapshot) -> Iterator[str]:
    """What goes wrong, with what is known to help."""
    if now.diverged is not None:
        yield f"trouble: training has diverged: {now.diverged.text}."
    for alarm in now.troubles:
        remedy = remedy_for(now.started.task, alarm.name) if now.started else None
        help = f" The remedy {remedy.text}." if remedy else ""
        yield f"trouble: {alarm.name}, {alarm.level} at step {alarm.step:,}: {alarm.text}.{help}"
    if not now.troubles and now.diverged is None:
        past = ", ".join(f"{one.name} at step {one.step:,}" for one in now.alarms[-3:])
        yield f"trouble: none{f' now; there was {past}' if past else ''}."


def interventions(now: Snapshot) -> Iterator[str]:
    """What people did, the newest few."""
    deeds = [f"step {one.step:,} {deed(one)} (by {one.source})" for one in now.marks[-3:]]
    if deeds:
        spoken = "; ".join(deeds).replace("×", "times").replace("→", "to")
        yield f"interventions: {len(now.marks):,}, the last: {spoken}."


def epoch_measure(now: Snapshot, name: str) -> str:
    """A measure that is taken at the ends of epochs, and where it goes; empty without one."""
    curve = now.epochs.get(name)
    if curve is None:
        return ""
    return course_of(curve, "epoch", lambda value: measured(name, value))


def course_of(curve: Curve, unit: str, form: Callable[[float], str]) -> str:
    """ "0.913, falling: 0.921 over the last 1,200 steps, 0.955 over as many before"."""
    told = form(curve.last)
    trend = trend_of(curve)
    if trend is not None:
        length = counted(max(round(trend.length), 1), unit)
        return (
            f"{told}, {trend.course}: on average {form(trend.now)} over the last {length}, "
            f"{form(trend.before)} over as many before"
        )
    if len(curve.x) > 1:
        return f"{told}, after {form(float(curve.mean[-2]))} before"
    return told
