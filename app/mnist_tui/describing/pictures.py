"""All pictures of a run, in the order of the panels."""

from __future__ import annotations

from collections.abc import Iterator

from mnist_engine.runs.directory import RunDirectory
from mnist_engine.runs.pictures import with_images
from mnist_engine.runs.state import Snapshot
from mnist_tui.describing.answers import classification, shown_digits
from mnist_tui.describing.course import gradients, interventions, losses, standing, troubles
from mnist_tui.describing.game import game, generated_digits


def describe(now: Snapshot, run: RunDirectory | None = None, rows: bool = False) -> Iterator[str]:
    """What the screen of a run would show now, a line a picture; nothing before it has begun.

    Digits that only ``run`` holds are read from there; ``rows`` asks for each of them.
    """
    started = now.started
    if started is None:
        return
    yield standing(now)
    yield from troubles(now)
    yield from losses(now)
    yield from game(now) if started.task == "gan" else classification(now)
    if now.samples is not None:
        samples = now.samples if run is None else with_images(now.samples, run)
        if started.task == "gan":
            yield from generated_digits(samples, bool(started.judge), rows)
        else:
            yield from shown_digits(samples)
    yield from gradients(now)
    yield from interventions(now)
