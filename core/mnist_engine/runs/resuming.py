"""Where a run that ended too early goes on."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mnist_engine.errors import BadInput
from mnist_engine.nn.module import StateError
from mnist_engine.recipes import AnyRecipe, recipe_from_text
from mnist_engine.runs.checkpoints import Saved, newest_whole, start_of
from mnist_engine.runs.directory import RunDirectory
from mnist_engine.training.events import (
    Event,
    Finished,
    Intervened,
    Started,
    StepDone,
    decode_event,
)
from mnist_engine.training.trainer import Trainer

BLOCK = 1 << 20
"""Bytes of the log that are read together, from its end."""


@dataclass(frozen=True)
class Whereabouts:
    """Where a run stands on disk.

    ``saved`` is its newest whole checkpoint, or its ``start`` where it branched off and has no
    other; None where it begins anew. ``faults`` tell what was found damaged. ``known`` are the
    events that the log has from there on.
    """

    recipe: AnyRecipe
    saved: Saved | None
    is_start: bool
    faults: tuple[str, ...]
    known: list[Event]

    @property
    def step(self) -> int:
        """The step from which training goes on."""
        return 0 if self.saved is None else self.saved.details.progress.steps

    @property
    def interventions(self) -> list[Intervened]:
        """What people did from there on, as the log has it."""
        return [event for event in self.known if isinstance(event, Intervened)]

    @property
    def logged(self) -> int:
        """The last step of the log; no more than there are lines, should one name a wild step."""
        steps = [event.step for event in self.known if isinstance(event, StepDone)]
        return min(max(steps, default=0), self.step + len(steps))


def find_whereabouts(run: RunDirectory) -> Whereabouts:
    """Where the run stands; to be asked under its lock.

    Raises BadInput where it came to its own end, for there is nothing to go on with, or where what
    it began from is damaged and there is no checkpoint.
    """
    saved, faults = newest_whole(run)
    is_start = saved is None
    if saved is None:
        saved = start_of(run)
    begin = 0 if saved is None else saved.details.progress.steps
    known = list(events_since(run.events, begin))
    for event in known:
        if isinstance(event, Finished) and event.ending == "completed":
            raise BadInput(
                f"{run.path}: the run has finished, at step {event.step}; to train longer, "
                f"branch off: `mnist-tui branch {run.path} --epochs N`"
            )
        if isinstance(event, Finished) and event.ending == "diverged":
            raise BadInput(
                f"{run.path}: the run diverged at step {event.step}, and would again; branch off "
                f"with a lower rate: `mnist-tui branch {run.path} --lr RATE`"
            )
    recipe = _recipe_of(run, saved)
    if isinstance(recipe, str):
        assert saved is not None
        faults = (*faults, recipe)
        recipe = recipe_from_text(saved.details.recipe, run.recipe.name)
    return Whereabouts(recipe, saved, is_start, faults, known)


def put(trainer: Trainer, whereabouts: Whereabouts) -> None:
    """Let a new ``trainer`` of the run's recipe go on from there.

    Raises BadInput where the checkpoint does not fit the data.
    """
    saved = whereabouts.saved
    if saved is not None:
        if saved.details.data != trainer.data_digest:
            raise BadInput(
                f"recipe {whereabouts.recipe.name}: the images are not those that the run was "
                "trained on; put them back where --data said they were"
            )
        try:
            if whereabouts.is_start:
                trainer.begin_from(saved.state)
            else:
                trainer.resume(saved.state, whereabouts.faults)
        except StateError as error:
            raise BadInput(f"the checkpoint at step {whereabouts.step}: {error}") from None
    if any(isinstance(event, Started) for event in whereabouts.known):
        trainer.announce_resuming(whereabouts.faults)  # without a checkpoint, from the beginning
    trainer.interventions.repeat(whereabouts.interventions, whereabouts.logged)


def _recipe_of(run: RunDirectory, saved: Saved | None) -> AnyRecipe | str:
    """The run's recipe; or, where its file is not what was trained, a line that says so.

    Raises BadInput where there is no checkpoint that has it too.
    """
    try:
        content = run.recipe.read_bytes()
    except OSError as error:
        content = (error.strerror or type(error).__name__).encode()
    if saved is None:
        if hashlib.sha256(content).hexdigest() != run.read_info().recipe_sha256:
            raise BadInput(
                f"{run.recipe}: is damaged or was changed, its checksum is another than "
                f"{run.info.name} says, and there is no checkpoint to take the recipe from"
            )
        return run.read_recipe()
    if content != saved.details.recipe.encode():
        return f"{run.recipe}: is damaged or was changed; the checkpoint's recipe is taken"
    return run.read_recipe()


def events_since(path: Path, step: int) -> Iterator[Event]:
    """The events of a log from ``step`` on, found from its end; damaged lines are passed over."""
    try:
        content = _end_of(path, step)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise BadInput(f"{path}: cannot be read ({reason})") from None
    for line in content.split(b"\n"):
        event = decode_event(line)
        if event is not None and event.step >= step:
            yield event


def _end_of(path: Path, step: int) -> bytes:
    """Whole lines at the end of the log that hold all events from ``step`` on."""
    if not path.exists():
        return b""
    blocks: list[bytes] = []
    with path.open("rb") as file:
        end = file.seek(0, os.SEEK_END)
        while end > 0:
            begin = max(0, end - BLOCK)
            file.seek(begin)
            blocks.insert(0, file.read(end - begin))
            end = begin
            if _reaches_back(blocks[0], step):
                break
    content = b"".join(blocks)
    return content if end == 0 else content.partition(b"\n")[2]


def _reaches_back(block: bytes, step: int) -> bool:
    """Whether a step before ``step`` is in the block, so that no later one is before it."""
    for line in block.split(b"\n")[1:]:
        event = decode_event(line)
        if isinstance(event, StepDone):
            return event.step < step
    return False
