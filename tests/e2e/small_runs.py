"""Runs that are small and have everything: what must be saved of them is all that there is."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.numpy

from mnist_engine.data.dataset import load_dataset
from mnist_engine.recipes import load_recipe
from mnist_engine.runs.directory import RunDirectory
from mnist_engine.training import TrainControl, make_trainer
from mnist_engine.training.events import (
    Alarm,
    CheckpointDue,
    EpochDone,
    Event,
    Intervened,
    Measured,
    SamplesDrawn,
    StepDone,
    decode_event,
)

RECIPES = {
    "classify": """
task = "classify"
epochs = {epochs}
threads = 1
samples_per_epoch = 2
keep_samples_every = 5
data = {{ batch_size = 16, held_out = 40, shift = 1 }}
[classifier]
layers = ["linear {width}", "batch_norm", "relu", "dropout 0.2", "linear classes"]
optimizer = {{ kind = "adamw", learning_rate = 4e-3, weight_decay = 1e-2 }}
schedule = {{ kind = "one-cycle", up = 0.3 }}
""",
    "gan": """
task = "gan"
epochs = {epochs}
threads = 1
samples_per_epoch = 2
keep_samples_every = 5
data = {{ batch_size = 16, held_out = 40 }}
measures = {{ every = 10 }}
[generator]
latent = 8
layers = ["linear {width}", "batch_norm", "leaky_relu 0.2", "linear pixels", "tanh"]
average = 0.99
optimizer = {{ kind = "adam", learning_rate = 4e-3, betas = [0.5, 0.999] }}
schedule = {{ kind = "linear", hold = 0.2 }}
[discriminator]
layers = ["spectral linear {width}", "leaky_relu 0.2", "dropout 0.1", "linear 1"]
optimizer = {{ kind = "rmsprop", learning_rate = 1e-3 }}
[game]
conditional = true
""",
}
"""Chance, moments, averages and schedules of every kind that the recipes have."""

KEPT_GRIDS = 50
"""A grid of pictures is kept every so many steps, and wherever somebody stops the run."""

ENVIRONMENT = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "TERM": "dumb"}


def write_recipe(path: Path, task: str, epochs: int, width: int = 16) -> Path:
    """A recipe that takes ``epochs`` of 10 steps with the data above."""
    path.write_text(RECIPES[task].format(epochs=epochs, width=width), encoding="utf-8")
    return path


def program(*arguments: object) -> list[str]:
    """The command that runs ``mnist-tui`` with ``arguments``."""
    return [sys.executable, "-m", "mnist_tui.cli", *map(str, arguments)]


def logged(run: RunDirectory) -> list[Event]:
    """All events of the log, of which no line may be damaged."""
    events = [decode_event(line) for line in run.events.read_bytes().splitlines()]
    assert None not in events
    return [event for event in events if event is not None]


def course(events: Iterable[Event]) -> Counter[tuple[Any, ...]]:
    """What happened in training, and how often; times, pauses and saving left out."""
    happened = Counter(filter(None, map(_happening, events)))
    return Counter({what: 1 if what[0] == "SamplesDrawn" else n for what, n in happened.items()})


def _happening(event: Event) -> tuple[Any, ...] | None:
    kind = type(event).__name__
    match event:
        case StepDone(losses=losses, learning_rates=rates, measures=measures):
            return kind, event.step, *losses.items(), *rates.items(), *measures.items()
        case EpochDone(measures=measures):
            return kind, event.step, *((k, v) for k, v in measures.items() if k != "FID")
        case Measured(values=values):
            return kind, event.step, *values.items()
        case Alarm(name=name, level=level):
            return kind, event.step, name, level
        case SamplesDrawn(epoch_end=True) if event.step % KEPT_GRIDS == 0:
            return kind, event.step
        case Intervened(what="learning rate"):
            return kind, event.step, event.number, event.network, event.before, event.after
    return None


def uninterrupted(run: RunDirectory) -> tuple[Counter[tuple[Any, ...]], dict[str, Any]]:
    """The course and the final weights of the run, had nobody but people interfered."""
    recipe = load_recipe(str(run.recipe))
    trainer = make_trainer(recipe, load_dataset(recipe.data.directory), TrainControl())
    trainer.interventions.repeat(event for event in logged(run) if isinstance(event, Intervened))
    events: list[Event] = []
    for event in trainer:
        events.append(event)
        if isinstance(event, CheckpointDue) and event.step == trainer.total_steps:
            break
    weights = {
        f"{name}/{key}": array.copy()
        for name, network in trainer.saved_networks().items()
        for key, array in network.state_dict().items()
    }
    return course(events), weights


def assert_as_if_uninterrupted(run: RunDirectory) -> None:
    """Every step, epoch and measure once, with the same numbers; and the same weights."""
    expected, weights = uninterrupted(run)
    happened = course(logged(run))
    wrong, missing = list(happened - expected), list(expected - happened)
    assert not wrong, f"{len(wrong)} happened otherwise or too often: {wrong[:3]}"
    assert not missing, f"{len(missing)} are missing: {missing[:3]}"
    saved = {
        f"{path.stem}/{key}": array
        for path in run.weights.iterdir()
        for key, array in safetensors.numpy.load_file(path).items()
    }
    assert saved.keys() == weights.keys()
    for name, array in weights.items():
        assert saved[name].tobytes() == np.ascontiguousarray(array).tobytes(), name
