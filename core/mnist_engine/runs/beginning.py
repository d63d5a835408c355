"""How a run begins, branches off another and goes on: each in the one order that loses nothing.

Whoever calls has made the trainer of a run that begins. That of a run that goes on is made here, by
a :data:`MakeTrainer` of the caller's, who knows the data and keeps the trainer's control.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec

from mnist_engine.errors import BadInput, CannotRecord, reason_of
from mnist_engine.nn.module import StateError
from mnist_engine.recipes import AnyRecipe, GanRecipe, recipe_from_text, recipe_text
from mnist_engine.runs.checkpoints import START, Saved, checkpoints_of, clear_away, write_checkpoint
from mnist_engine.runs.directory import Parent, RunDirectory, create_run
from mnist_engine.runs.inbox import listening
from mnist_engine.runs.lock import locked
from mnist_engine.runs.log import repair
from mnist_engine.runs.record import Keeping, record
from mnist_engine.runs.resuming import Whereabouts, find_whereabouts, put
from mnist_engine.training.events import Event
from mnist_engine.training.trainer import Trainer

MakeTrainer = Callable[[AnyRecipe], Trainer]
"""A new trainer of a recipe, on the data that it names."""


def begin_run(trainer: Trainer, run: RunDirectory, keeping: Keeping) -> Iterator[Event]:
    """Train the new ``run``, and write it down.

    ``trainer`` is a new one, or one that :func:`put_on_branch` has put where the run begins.
    """
    with locked(run):
        yield from _recorded(trainer, run, keeping)


class Restored(NamedTuple):
    """A trainer that stands where its run was, and where that is."""

    trainer: Trainer
    whereabouts: Whereabouts


def restore(run: RunDirectory, make: MakeTrainer) -> Restored:
    """Put a new trainer where ``run`` was, and the run's files right; to be called under its lock.

    Raises BadInput where there is nothing to go on with, and then changes no file.
    """
    whereabouts = find_whereabouts(run)
    trainer = make(whereabouts.recipe)
    put(trainer, whereabouts)
    clear_away(run)
    repair(run.events)
    return Restored(trainer, whereabouts)


def resume_run(run: RunDirectory, make: MakeTrainer, keeping: Keeping) -> Iterator[Event]:
    """Train on from where ``run`` was; raises what :func:`restore` and a record raise."""
    with locked(run):
        trainer, whereabouts = restore(run, make)
        yield from _recorded(trainer, run, keeping, whereabouts.known)


def _recorded(
    trainer: Trainer, run: RunDirectory, keeping: Keeping, known: Iterable[Event] = ()
) -> Iterator[Event]:
    """Train, listening to the run's inbox, and write everything down; its lock must be held."""
    with listening(run, trainer.control):
        yield from record(trainer, run, keeping, known)


# -- branches ------------------------------------------------------------------------------------


def put_on_branch(
    trainer: Trainer, parent: RunDirectory, saved: Saved, scheduled: Collection[str] = ()
) -> None:
    """Let a new ``trainer`` begin from ``saved``, a checkpoint of ``parent``.

    What people had multiplied a learning rate by is forgotten for the networks that are
    ``scheduled``, and for those whose rate the recipe has otherwise than the checkpoint's.

    Raises BadInput where its recipe has other networks, or nothing is left to be trained.
    """
    step, epochs = saved.details.progress.steps, trainer.recipe.epochs
    if step >= trainer.total_steps:
        where = "the end of" if step == trainer.total_steps else "behind the end of"
        raise BadInput(
            f"{parent.path}: step {step} is {where} {epochs} epoch{'s' * (epochs != 1)} already; "
            "train longer with more epochs (--epochs), or branch off earlier (--step); "
            f"{saved_steps(parent)}"
        )
    old = recipe_from_text(saved.details.recipe, parent.recipe.name)
    check_branch(trainer.recipe, old)
    try:
        trainer.begin_from(saved.state)
    except StateError as error:
        raise BadInput(
            f"{parent.path}: this recipe cannot go on from its checkpoint: {error}"
        ) from None
    for name in {*scheduled, *changed_rates(trainer.recipe, old)}:
        trainer.learners[name].scale(None)


def changed_rates(recipe: AnyRecipe, old: AnyRecipe) -> list[str]:
    """The networks whose learning rate is not that of the ``old`` recipe."""
    before = old.networks
    return [
        name
        for name, table in recipe.networks.items()
        if name in before and table.optimizer.learning_rate != before[name].optimizer.learning_rate
    ]


def check_branch(recipe: AnyRecipe, old: AnyRecipe) -> None:
    """Raises BadInput where ``recipe`` asks for what no checkpoint of the ``old`` one can give."""
    if recipe.seed != old.seed:
        raise BadInput(
            f"seed: chance goes on from where the checkpoint has it, so {old.seed} cannot become "
            f"{recipe.seed} in a branch; a new run can begin with it (--seed)"
        )
    if isinstance(recipe, GanRecipe) and isinstance(old, GanRecipe):
        averages = recipe.generator.average, old.generator.average
        if (averages[0] is None) != (averages[1] is None):
            has = "has no" if averages[1] is None else "has an"
            raise BadInput(
                f"generator.average: the checkpoint {has} averaged generator, so it cannot be "
                f"switched {'on' if averages[1] is None else 'off'} in a branch; leave it as it is"
            )


def create_branch(
    recipe: AnyRecipe, path: Path, parent: RunDirectory, saved: Saved
) -> RunDirectory:
    """Make ``path`` the directory of a run that begins from ``saved``, a checkpoint of ``parent``.

    It has that checkpoint as its start, with its own recipe in it: that is what it goes on with.
    Raises BadInput where it cannot be made, and CannotRecord where the disk does not take the
    checkpoint.
    """
    origin = Parent(run=str(parent.path.absolute()), step=saved.details.progress.steps)
    run = create_run(recipe, path, origin)
    start = run.checkpoints / f"{START}.safetensors"
    details = msgspec.structs.replace(saved.details, recipe=recipe_text(recipe))
    try:
        write_checkpoint(start, saved._replace(details=details))
    except OSError as error:
        raise CannotRecord(f"{start}: cannot be written ({reason_of(error)})") from error
    return run


def saved_steps(run: RunDirectory) -> str:
    """At which steps ``run`` can be branched off, in words."""
    steps = dict.fromkeys(f"{checkpoint.step}" for checkpoint in checkpoints_of(run))
    return f"its checkpoints are of steps {', '.join(steps)}"
