"""Trainers at rest, put where a run was when a checkpoint was saved: to be looked into."""

from __future__ import annotations

from collections.abc import Iterator

from mnist_engine.data.dataset import Dataset, load_dataset
from mnist_engine.errors import BadInput
from mnist_engine.nn.module import StateError
from mnist_engine.recipes import AnyRecipe, recipe_from_text
from mnist_engine.runs.checkpoints import Checkpoint, Saved, checkpoints_of, read_own
from mnist_engine.runs.directory import RunDirectory
from mnist_engine.training import make_trainer
from mnist_engine.training.control import TrainControl
from mnist_engine.training.trainer import Trainer


class RestoredTrainer:
    """The trainer of ``run`` as it was at one checkpoint after the other.

    There is one at a time, and the data are read once. Not for two threads at once.
    """

    def __init__(self, run: RunDirectory) -> None:
        self._run = run
        self._of: Checkpoint | None = None
        self._trainer: Trainer | None = None
        self._data: tuple[str | None, Dataset] | None = None
        self._known_data = ""  # the digest of images that were compared already

    def at(self, step: int | None = None) -> Trainer:
        """The trainer at the last whole checkpoint of ``step`` or before, None being the newest.

        Where all were saved later it is the first of them. It stands between two steps, and must be
        left as it is. Raises BadInput, one line, where there is none that could be used.
        """
        faults: list[str] = []
        for checkpoint in _in_order(checkpoints_of(self._run), step):
            if checkpoint == self._of and self._trainer is not None:
                return self._trainer
            try:
                saved = read_own(self._run, checkpoint)
            except BadInput as error:  # damaged; or a run that goes on has just deleted it
                faults.append(str(error))
                continue
            self._of = self._trainer = None  # before the next takes as much memory
            self._trainer = self._restored(saved)
            self._of = checkpoint
            return self._trainer
        why = faults[0] if faults else "no checkpoint is saved yet"
        raise BadInput(f"no networks to look into: {why}")

    def _restored(self, saved: Saved) -> Trainer:
        recipe = recipe_from_text(saved.details.recipe, f"{self._run.path}: the checkpoint")
        trainer = make_trainer(recipe, self._dataset_of(recipe), TrainControl())
        if saved.details.data != self._known_data:
            if saved.details.data != trainer.data_digest:
                raise BadInput(f"{self._run.path}: its images are no more those it was trained on")
            self._known_data = saved.details.data
        try:
            trainer.resume(saved.state)
        except StateError as error:
            raise BadInput(f"{self._run.checkpoints}: {error}") from None
        return trainer

    def _dataset_of(self, recipe: AnyRecipe) -> Dataset:
        directory = recipe.data.directory
        if self._data is None or self._data[0] != directory:
            self._data = directory, load_dataset(directory)
        return self._data[1]


def _in_order(checkpoints: list[Checkpoint], step: int | None) -> Iterator[Checkpoint]:
    """Backwards from ``step``, then forwards from there."""
    before = [one for one in checkpoints if step is None or one.step <= step]
    yield from reversed(before)
    yield from checkpoints[len(before) :]
