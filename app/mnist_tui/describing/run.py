"""``mnist-tui describe``: a run that is on disk, at its end or at any of its steps, in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from mnist_engine.errors import BadInput
from mnist_engine.inspection.generated import verdicts_on
from mnist_engine.inspection.weights import first_weights
from mnist_engine.runs.directory import RunDirectory
from mnist_engine.runs.log import Log
from mnist_engine.runs.pictures import pictures_of, with_images
from mnist_engine.runs.restoring import RestoredTrainer
from mnist_engine.runs.state import Snapshot
from mnist_engine.runs.timeline import Timeline
from mnist_engine.training.events import SamplesDrawn
from mnist_engine.training.gan import GanTrainer
from mnist_tui.describing.pictures import describe
from mnist_tui.describing.weights import first_layer


def describe_run(run: RunDirectory, step: int | None = None) -> Iterator[str]:
    """Every picture of ``run`` in a line or a few; what cannot be known is left out.

    ``step`` None is its end. Raises BadInput where the log cannot be read, or tells of no run.
    """
    timeline = Timeline(run)
    for event in Log(run.events).events():
        timeline.apply(event)
    now = timeline.at(timeline.last_step if step is None else step)
    if now.started is None:
        raise BadInput(f"{run.path}: nothing of it is known yet; its log does not tell of a start")
    if now.samples is not None:
        now = replace(now, samples=with_images(now.samples, run))
    yield from describe(now, rows=True)
    yield from _networks(run, now, step)


def _networks(run: RunDirectory, now: Snapshot, step: int | None) -> Iterator[str]:
    """What only the networks themselves can tell, those of the nearest checkpoint."""
    try:
        trainer = RestoredTrainer(run).at(step)
        network = "discriminator" if isinstance(trainer, GanTrainer) else "classifier"
        weights = first_weights(trainer, network)
    except (BadInput, ValueError) as error:
        yield f"networks: {error}."
        return
    yield f"networks: those of the checkpoint at step {trainer.steps_done:,}."
    with np.errstate(all="ignore"):  # networks that diverged are looked at, too
        if isinstance(trainer, GanTrainer) and now.samples is not None and now.samples.images:
            yield from _verdict(trainer, now.samples)
        yield from first_layer(weights, network)


def _verdict(trainer: GanTrainer, samples: SamplesDrawn) -> Iterator[str]:
    """What D makes of the digits that are shown."""
    rows = pictures_of(samples).reshape(samples.count, -1)
    labels = trainer.shown_labels[: samples.count]
    if len(labels) < samples.count:
        return
    scores, boundary = verdicts_on(trainer, rows, labels)
    told = f"D's mean verdict on the digits shown: {scores.mean():.2f}"
    if boundary is not None:
        told += f"; it takes {int((scores > boundary).sum())} of {len(scores)} for real"
    yield f"{told}."
