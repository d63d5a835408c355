"""From a resolved recipe to events: data, trainer and record, made when first asked for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from mnist_engine.recipes import AnyRecipe
from mnist_engine.runs.directory import check_unused, create_run, reserve_run_path
from mnist_engine.training.control import TrainControl
from mnist_engine.training.events import Event


class Launch:
    """A run that is about to begin: ``recipe``, ``control`` and the ``path`` of its directory.

    Raises BadInput where ``run_dir`` is taken already. Reading the data may take a second, so that
    is left to :meth:`events`, which the monitor calls in its worker thread.
    """

    def __init__(self, recipe: AnyRecipe, run_dir: Path | None) -> None:
        self.recipe = recipe
        self.control = TrainControl()
        self._reserved = run_dir is None
        if run_dir is None:
            self.path = reserve_run_path(recipe.name)
        else:
            self.path = run_dir
            check_unused(run_dir)

    def events(self) -> Iterator[Event]:
        """Load the data, make the run's directory and train.

        Raises BadInput where data or recipe are at fault (then no directory was made), and
        CannotRecord where the disk does not take the run.
        """
        from mnist_engine.data.dataset import load_dataset
        from mnist_engine.runs.record import record
        from mnist_engine.training import make_trainer

        directory = self.recipe.data.directory
        try:
            dataset = load_dataset(None if directory is None else Path(directory))
            trainer = make_trainer(self.recipe, dataset, self.control)
        except BaseException:
            self._release()
            raise
        yield from record(trainer, create_run(self.recipe, self.path))

    def _release(self) -> None:
        """Give back the directory of a run that came to nothing, and ``runs`` if that is empty."""
        if self._reserved:
            with suppress(OSError):
                self.path.rmdir()
                self.path.parent.rmdir()
