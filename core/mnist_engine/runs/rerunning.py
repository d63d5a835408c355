"""Training a run once more, to see whether it comes out the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from mnist_engine.errors import BadInput
from mnist_engine.nn.module import StateError
from mnist_engine.recipes import AnyRecipe, recipe_from_text
from mnist_engine.runs.checkpoints import Saved, newest_whole, start_of
from mnist_engine.runs.directory import RunDirectory
from mnist_engine.training.events import Event, StepDone
from mnist_engine.training.trainer import Trainer


@dataclass
class Rerun:
    """``saved`` is the newest whole checkpoint of the run that is done again.

    After :meth:`events` was iterated to its end ``differing`` names the arrays (weights, buffers
    and moments) that are not the same to the bit.
    """

    recipe: AnyRecipe
    saved: Saved
    start: Saved | None
    faults: tuple[str, ...]
    differing: list[str] = field(default_factory=list)

    @property
    def step(self) -> int:
        """The step at which the two are compared."""
        return self.saved.details.progress.steps

    def events(self, trainer: Trainer) -> Iterator[Event]:
        """Train as far as the run was saved, with its interventions at their steps, and compare.

        ``trainer`` is a new one of ``recipe``. Raises BadInput where its data are not the run's.
        """
        if self.saved.details.data != trainer.data_digest:
            raise BadInput("the images are not those that the run was trained on")
        try:
            if self.start is not None:
                trainer.begin_from(self.start.state)
        except StateError as error:
            raise BadInput(f"where the run branched off: {error}") from None
        trainer.interventions.repeat(self.saved.details.progress.interventions)
        for event in trainer:
            yield event
            if isinstance(event, StepDone) and event.step == self.step:
                break
        self.differing = self._compare(trainer)

    def _compare(self, trainer: Trainer) -> list[str]:
        again = trainer.state().arrays
        return [
            name
            for name, array in self.saved.arrays.items()
            if not name.endswith("/losses")  # forgotten at the end of an epoch
            and (name not in again or not _same_bits(array, again[name]))
        ]


def rerun_of(run: RunDirectory) -> Rerun:
    """What it takes to do ``run`` again; BadInput where no checkpoint says how it came out."""
    saved, faults = newest_whole(run)
    if saved is None or saved.details.progress.steps == 0:
        why = faults[0] if faults else f"{run.checkpoints}: holds no checkpoint"
        raise BadInput(f"{why}; there is nothing to compare with")
    recipe = recipe_from_text(saved.details.recipe, f"{run.path}: the checkpoint's recipe")
    return Rerun(recipe, saved, start_of(run), faults)


def _same_bits(one: np.ndarray, other: np.ndarray) -> bool:
    return (
        one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()
    )
