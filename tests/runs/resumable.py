"""Small runs that are ended at any moment, and what is left of them."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from mnist_engine.data.dataset import Dataset
from mnist_engine.recipes import AnyRecipe
from mnist_engine.runs.beginning import resume_run
from mnist_engine.runs.checkpoints import Saved, newest_whole
from mnist_engine.runs.directory import RunDirectory, create_run
from mnist_engine.runs.record import Keeping, record
from mnist_engine.training import TrainControl, Trainer, make_trainer
from mnist_engine.training.events import Event, Intervened, StepDone, decode_event

Ask = Callable[[TrainControl, Event], None]


def alone(control: TrainControl, event: Event) -> None:
    """Leave the run alone."""


def steered(control: TrainControl, event: Event) -> None:
    """Turn learning rates after steps 2 and 6, and pause for a moment after step 3."""
    if isinstance(event, StepDone) and event.step in (2, 6):
        control.scale_learning_rate(0.5 if event.step == 2 else 4.0)
    if isinstance(event, StepDone) and event.step == 3:
        control.pause()
        control.resume()


class Desk:
    """Where a small recipe is trained, again and again."""

    def __init__(self, recipe: AnyRecipe, dataset: Dataset) -> None:
        self.recipe = recipe
        self.dataset = dataset

    def trainer(self) -> Trainer:
        return make_trainer(self.recipe, self.dataset, TrainControl())

    def begin(self, path: Path, ask: Ask = alone, until: int = 8) -> RunDirectory:
        """A run that was killed right after the line of step ``until``, or came to its end."""
        run = create_run(self.recipe, path)
        trainer = self.trainer()
        for event in record(trainer, run, Keeping(on_disk_full="continue")):
            ask(trainer.control, event)
            if isinstance(event, StepDone) and event.step == until < 8:
                killed = path.with_name(f"{path.name}-killed")
                shutil.copytree(path, killed)
                return RunDirectory(killed)
        return run

    def resume(self, run: RunDirectory, ask: Ask = alone) -> list[Event]:
        """Go on with ``run`` to its end."""
        control = TrainControl()
        events = []

        def make(recipe: AnyRecipe) -> Trainer:
            return make_trainer(recipe, self.dataset, control)

        for event in resume_run(run, make, Keeping()):
            events.append(event)
            ask(control, event)
        return events


def log_of(run: RunDirectory) -> list[Event]:
    lines = run.events.read_bytes().splitlines()
    events = [decode_event(line) for line in lines]
    assert None not in events
    return [event for event in events if event is not None]


def steps_of(events: Sequence[Event]) -> list[StepDone]:
    steps = [event for event in events if isinstance(event, StepDone)]
    return [msgspec.structs.replace(event, seconds=0.0) for event in steps]


def interventions_of(events: Sequence[Event]) -> list[tuple[int, int, str, str, float]]:
    return [
        (each.number, each.step, each.what, each.network, each.after)
        for each in events
        if isinstance(each, Intervened)
    ]


def newest(run: RunDirectory) -> Saved:
    saved, _ = newest_whole(run)
    assert saved is not None
    return saved


def same_weights(one: RunDirectory, other: RunDirectory) -> bool:
    """Whether both came to their ends with the same bits."""
    first, second = newest(one), newest(other)
    assert first.details.progress.steps == second.details.progress.steps == 8
    assert first.arrays.keys() == second.arrays.keys()
    return all(
        array.tobytes() == second.arrays[name].tobytes() for name, array in first.arrays.items()
    )
