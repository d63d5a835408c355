"""From what was asked for to events: data, trainer and record, made when first asked for.

A run is begun (:class:`Launch`), goes on where it was (:class:`Continuation`), or begins from the
checkpoint of another (:class:`Branch`). After a divergence a new run takes its place: from a
checkpoint of it (:class:`WayBack`), or where none is good from step 0 (:class:`BeginningAnew`). All
are used alike: ``recipe``, ``control``, the ``path`` of the run's directory, and ``events``. What
takes its time, such as reading the data, is left to ``events``, which the monitor calls in its
worker thread.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from mnist_engine.recipes import AnyRecipe
from mnist_engine.runs.directory import (
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
        from mnist_engine.runs.beginning import begin_run

        try:
            trainer = make_trainer_of(self.recipe, self.control)
            self._prepare(trainer)
        except BaseException:
            self._release()
            raise
        yield from begin_run(trainer, self._create(), self.keeping)

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
    """A new run of ``recipe`` from ``saved``, a checkpoint of the run ``parent``.

    For networks that are ``scheduled`` what people had multiplied learning rates by is forgotten.
    """

    def __init__(
        self,
        recipe: AnyRecipe,
        run_dir: Path | None,
        keeping: Keeping,
        parent: RunDirectory,
        saved: Saved,
        scheduled: Collection[str] = (),
    ) -> None:
        super().__init__(recipe, run_dir, keeping)
        self._parent = parent
        self._saved = saved
        self._scheduled = scheduled

    def _prepare(self, trainer: Trainer) -> None:
        from mnist_engine.runs.beginning import put_on_branch

        put_on_branch(trainer, self._parent, self._saved, self._scheduled)

    def _create(self) -> RunDirectory:
        from mnist_engine.runs.beginning import create_branch

        return create_branch(self.recipe, self.path, self._parent, self._saved)


class WayBack(Branch):
    """A branch from where the run ``parent``, which diverged, was good, with lower learning rates.

    A screen goes on with what it showed until then.
    """

    def __init__(
        self, recipe: AnyRecipe, keeping: Keeping, parent: RunDirectory, saved: Saved
    ) -> None:
        from mnist_engine.runs.going_back import slow_down

        super().__init__(recipe, None, keeping, parent, saved)
        slow_down(self.control, saved)

    def history(self) -> Iterator[Event]:
        """The parent's, up to the checkpoint."""
        from mnist_engine.runs.log import Log

        step = self._saved.details.progress.steps
        return (event for event in Log(self._parent.events).events() if event.step <= step)


class BeginningAnew(Launch):
    """A new run of the recipe of one that diverged, with lower learning rates from step 0 on."""

    def __init__(self, recipe: AnyRecipe, keeping: Keeping) -> None:
        from mnist_engine.runs.going_back import slow_down

        super().__init__(recipe, None, keeping)
        slow_down(self.control)


def way_back(parent: RunDirectory, saved: Saved | None, keeping: Keeping) -> Start:
    """The run that takes the place of ``parent``, from its checkpoint ``saved`` or from nothing."""
    recipe = parent.read_recipe()
    if saved is None:
        return BeginningAnew(recipe, keeping)
    return WayBack(recipe, keeping, parent, saved)


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
        from mnist_engine.runs.beginning import resume_run

        def make(recipe: AnyRecipe) -> Trainer:
            return make_trainer_of(recipe, self.control)

        yield from resume_run(self._run, make, self.keeping)


def make_trainer_of(recipe: AnyRecipe, control: TrainControl) -> Trainer:
    """A trainer of the recipe on its data; BadInput where one does not fit the other."""
    from mnist_engine.data.dataset import load_dataset
    from mnist_engine.training import make_trainer

    return make_trainer(recipe, load_dataset(recipe.data.directory), control)
