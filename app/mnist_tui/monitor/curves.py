"""Which curves and marks a snapshot has to show: values only, nothing is drawn here."""

from __future__ import annotations

from itertools import groupby

import numpy as np

from mnist_engine.runs.history import Curve
from mnist_engine.runs.state import Snapshot
from mnist_engine.training.events import Intervened, Resumed
from mnist_tui.figures import setting_label
from mnist_tui.render.palette import Palette
from mnist_tui.render.parts import AND, Mark, Series

HELD_OUT = (
    ("accuracy real", "accuracy generated", "right", ".0%"),
    ("critic(real)", "critic(fake)", "", ".2f"),
)
"""What is measured of D on held-out real and on generated digits: names, word, figures."""

NETWORK_LETTERS = {"discriminator": "D", "generator": "G"}


def loss_series(snapshot: Snapshot, palette: Palette) -> list[Series]:
    """Losses per step; a validation loss stands at the step where its epoch ended."""
    colours = (palette.first, palette.second)
    names = sorted(snapshot.losses)  # "discriminator" comes before "generator"
    series = [
        Series(
            NETWORK_LETTERS.get(name, "training"),
            snapshot.losses[name],
            colours[number % 2],
            ribbon=True,
        )
        for number, name in enumerate(names)
    ]
    validation = snapshot.epochs.get("validation loss")
    if validation is not None and snapshot.started is not None:
        series.append(Series("validation", over_steps(validation, snapshot), palette.second))
    return series


def over_steps(curve: Curve, snapshot: Snapshot) -> Curve:
    """A curve over epochs, each value at the step where its epoch ended."""
    per_epoch = snapshot.started.steps_per_epoch if snapshot.started else 1
    return curve._replace(x=curve.x * per_epoch)


def accuracy_series(snapshot: Snapshot, palette: Palette) -> list[Series]:
    """Accuracies, as fractions: the classifier's, or D's on both kinds of digits.

    Each stands at the step where its epoch ended.
    """
    named = (
        ("validation accuracy", "validation", palette.second),
        ("accuracy real", "real", palette.first),
        ("accuracy generated", "generated", palette.second),
    )
    return [
        Series(label, over_steps(snapshot.epochs[name], snapshot), colour)
        for name, label, colour in named
        if name in snapshot.epochs
    ]


def verdict_series(snapshot: Snapshot, palette: Palette) -> list[Series]:
    """D's mean verdict per step, on real and on generated digits.

    A probability of "real", or a critic's output, which may be any number.
    """
    named = (
        ("D(real)", "real", palette.first),
        ("D(fake)", "generated", palette.second),
        ("critic(real)", "real", palette.first),
        ("critic(fake)", "generated", palette.second),
    )
    return [
        Series(label, snapshot.measures[name], colour)
        for name, label, colour in named
        if name in snapshot.measures
    ]


def frechet_distances(snapshot: Snapshot) -> Curve:
    """FID over steps: at the ends of epochs that took the time, and at the end of the run."""
    curve = over_steps(snapshot.epochs.get("FID", Curve(*np.empty((4, 0)))), snapshot)
    finished = snapshot.finished
    if finished is None or "FID" not in finished.measures:
        return curve
    before = curve.x < finished.step  # the last epoch was measured at this step already
    end = (finished.step, *[finished.measures["FID"]] * 3)
    return Curve(*(np.append(old[before], new) for old, new in zip(curve, end, strict=True)))


def marks(snapshot: Snapshot) -> list[Mark]:
    """What people did, at its step, and where training went on from a checkpoint.

    Learning rates are multiples of the schedule. That a lesson waited for a reader is left out.
    """
    labels: dict[int, list[str]] = {}
    shown = (mark for mark in snapshot.marks if mark.source != "lesson")
    for step, group in groupby(shown, key=lambda mark: mark.step):
        labels.setdefault(step, []).extend(_labels(list(group)))
    for step in {one.step for one in snapshot.happened if isinstance(one, Resumed)}:
        labels.setdefault(step, []).append("resumed")
    return [Mark(step, AND.join(words)) for step, words in sorted(labels.items()) if words]


def _labels(marks: list[Intervened]) -> list[str]:
    rates = {mark.network: mark.after for mark in marks if mark.what == "learning rate"}
    texts = [f"×{after:g}" for after in rates.values()]
    if len(set(texts)) == 1 and (len(rates) > 1 or not rates.keys() & NETWORK_LETTERS.keys()):
        labels = texts[:1]  # one factor for all networks needs no name
    else:
        labels = [_of(network, f"×{after:g}", "") for network, after in rates.items()]
    settings = {mark.setting: mark for mark in marks if mark.what == "setting"}
    labels += [
        _of(mark.network, f"{setting_label(name)} {mark.after:g}")
        for name, mark in settings.items()
    ]
    steps = dict.fromkeys(mark.network for mark in marks if mark.what == "step" and mark.network)
    labels += [_of(network, "step") for network in steps]
    return labels + ["pause"] * any(mark.what == "pause" for mark in marks)


def _of(network: str, text: str, gap: str = " ") -> str:
    letter = NETWORK_LETTERS.get(network, "")
    return f"{letter}{gap}{text}" if letter else text
