"""From what was asked for to events: data, trainer and record, made when first asked for.

A run begins anew (:class:`Launch`), goes on where it was (:class:`Continuation`), or begins from
the checkpoint of another (:class:`Branch`). All three are used alike: ``recipe``, ``control``, the
``path`` of the run's directory, and ``events``. What takes its time, such as reading the data, is
left to ``events``, which the monitor calls in its worker thread.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from mnist_engine.errors import BadInput
from mnist_engine.recipes import AnyRecipe
from mnist_engine.runs.directory import (
    Parent,
    RunDirectory,
    check_unused,
    create_run,
    reserve_run_path,
)
from mnist_engine.runs.record import Keeping
from mnist_engine.training.control import TrainControl
from mnist_engine.training.events import Event

if TYPE_CHECKING:
    from mnist_engine.runs.checkpoints import Saved
    from mnist_engine.training.trainer import Trainer


class Start(Protocol):
    """A run that is about to begin, or to go on."""

    recipe: AnyRecipe
    control: TrainControl
    path: Path

    def events(self) -> Iterator[Event]:
        """Train, and yield what happens.

        Raises BadInput where data or recipe are at fault, and CannotRecord where the disk does not
        take the run.
        """

    def history(self) -> Iterator[Event]:
        """What happened before, for a screen; to be asked for before :meth:`events`."""


class Launch:
    """A new run of ``recipe``. Raises BadInput where ``run_dir`` is taken already."""

    def __init__(self, recipe: AnyRecipe, run_dir: Path | None, keeping: Keeping) -> None:
        self.recipe = recipe
        self.control = TrainControl()
        self.keeping = keeping
        self._reserved = run_dir is None
        if run_dir is None:
            self.path = reserve_run_path(recipe.name)
        else:
            self.path = run_dir
            check_unused(run_dir)

    def history(self) -> Iterator[Event]:
        """Nothing happened before."""
        return iter(())

    def events(self) -> Iterator[Event]:
        """Load the data, make the run's directory and train; see Start.

        Where data or recipe are at fault no directory was made.
        """
        from mnist_engine.runs.lock import locked

        try:
            trainer = make_trainer_of(self.recipe, self.control)
            self._prepare(trainer)
        except BaseException:
            self._release()
            raise
        run = self._create()
        with locked(run):
            yield from recorded(trainer, run, self.keeping)

    def _prepare(self, trainer: Trainer) -> None:
        """Nothing: a new run begins as its seed says."""

    def _create(self) -> RunDirectory:
        return create_run(self.recipe, self.path)

    def _release(self) -> None:
        """Give back the directory of a run that came to nothing, and ``runs`` if that is empty."""
        if self._reserved:
            with suppress(OSError):
                self.path.rmdir()
                self.path.parent.rmdir()


class Branch(Launch):
    """A new run of ``recipe`` from ``saved``, a checkpoint of the run ``parent``."""

    def __init__(
        self,
        recipe: AnyRecipe,
        run_dir: Path | None,
        keeping: Keeping,
        parent: RunDirectory,
        saved: Saved,
    ) -> None:
        super().__init__(recipe, run_dir, keeping)
        self._parent = parent
        self._saved = saved

    def _prepare(self, trainer: Trainer) -> None:
        from mnist_engine.nn.module import StateError

        try:
            trainer.begin_from(self._saved.state)
        except StateError as error:
            raise BadInput(
                f"{self._parent.path}: this recipe cannot go on from its checkpoint: {error}"
            ) from None
        step = self._saved.details.progress.steps
        if step >= trainer.total_steps:
            raise BadInput(
                f"{self._parent.path}: step {step} is the end of {self.recipe.epochs} epochs "
                "already; train longer with --epochs, or branch off earlier with --step; "
                f"{saved_steps(self._parent)}"
            )

    def _create(self) -> RunDirectory:
        from mnist_engine.runs.checkpoints import START, write_checkpoint

        step = self._saved.details.progress.steps
        parent = Parent(run=str(self._parent.path.absolute()), step=step)
        run = create_run(self.recipe, self.path, parent)
        write_checkpoint(run.checkpoints / f"{START}.safetensors", self._saved)
        return run


def saved_steps(run: RunDirectory) -> str:
    """At which steps ``run`` can be branched off, in words."""
    from mnist_engine.runs.checkpoints import checkpoints_of

    steps = dict.fromkeys(f"{checkpoint.step}" for checkpoint in checkpoints_of(run))
    return f"its checkpoints are of steps {', '.join(steps)}"


class Continuation:
    """A run that goes on from its newest checkpoint.

    Raises BadInput where another process trains it, or where there is nothing to go on with.
    """

    def __init__(self, run: RunDirectory, keeping: Keeping) -> None:
        from mnist_engine.runs.lock import locked
        from mnist_engine.runs.resuming import find_whereabouts

        with locked(run):
            self.recipe = find_whereabouts(run).recipe
        self.control = TrainControl()
        self.path = run.path
        self.keeping = keeping
        self._run = run

    def history(self) -> Iterator[Event]:
        """What the log has, thinned out where it is long."""
        from mnist_engine.runs.log import Log

        return Log(self._run.events).events()

    def events(self) -> Iterator[Event]:
        """Load the data, put a trainer where the run was, and train; see Start."""
        from mnist_engine.runs.checkpoints import clear_away
        from mnist_engine.runs.lock import locked
        from mnist_engine.runs.log import repair
        from mnist_engine.runs.resuming import find_whereabouts, put

        with locked(self._run):
            whereabouts = find_whereabouts(self._run)
            trainer = make_trainer_of(self.recipe, self.control)
            put(trainer, whereabouts)
            clear_away(self._run)
            repair(self._run.events)
            yield from recorded(trainer, self._run, self.keeping, whereabouts.known)


def make_trainer_of(recipe: AnyRecipe, control: TrainControl) -> Trainer:
    """A trainer of the recipe on its data; BadInput where one does not fit the other."""
    from mnist_engine.data.dataset import load_dataset
    from mnist_engine.training import make_trainer

    directory = recipe.data.directory
    dataset = load_dataset(None if directory is None else Path(directory))
    return make_trainer(recipe, dataset, control)


def recorded(
    trainer: Trainer, run: RunDirectory, keeping: Keeping, known: list[Event] | None = None
) -> Iterator[Event]:
    """Train, listening to the run's inbox, and write everything down; its lock must be held."""
    from mnist_engine.runs.inbox import listening
    from mnist_engine.runs.record import record

    with listening(run, trainer.control):
        yield from record(trainer, run, keeping, known or [])
