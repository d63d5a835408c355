"""Where a run that ended too early goes on."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from mnist_engine.errors import BadInput
from mnist_engine.nn.module import StateError
from mnist_engine.recipes import AnyRecipe, recipe_from_text
from mnist_engine.runs.checkpoints import Saved, newest_whole, start_of
from mnist_engine.runs.directory import RunDirectory
from mnist_engine.training.events import (
    CheckpointSaved,
    Event,
    Finished,
    Intervened,
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
    events that the log has from there on, and ``interventions`` what people did since then.
    """

    recipe: AnyRecipe
    saved: Saved | None
    is_start: bool
    faults: tuple[str, ...]
    known: list[Event]
    interventions: list[Intervened]

    @property
    def step(self) -> int:
        """The step from which training goes on."""
        return 0 if self.saved is None else self.saved.details.progress.steps

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
    known, damaged = _read_since(run.events, begin)
    for event in known:
        if _is_kept_end(event, saved, known):
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
    done = () if saved is None else saved.details.progress.interventions
    interventions, gap = _since(done, known)
    if gap or damaged:
        faults = (*faults, _log_fault(run.events, damaged, gap))
    return Whereabouts(recipe, saved, is_start, faults, known, interventions)


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
    if whereabouts.known or whereabouts.faults:
        trainer.announce_resuming(whereabouts.faults)  # without a checkpoint, from the beginning
    trainer.interventions.repeat(whereabouts.interventions, whereabouts.logged)


def _is_kept_end(event: Event, saved: Saved | None, known: list[Event]) -> bool:
    """Whether the run came to its end here, and what it has learnt was kept.

    A disk that was full may have taken the line that says so, and nothing else.
    """
    if not isinstance(event, Finished) or event.ending != "completed":
        return False
    if saved is None or saved.details.progress.steps >= event.step:
        return True
    return any(isinstance(each, CheckpointSaved) and each.step == event.step for each in known)


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


def _since(done: Iterable[Intervened], known: list[Event]) -> tuple[list[Intervened], int]:
    """What people did after what was ``done``, and the number of the first that is missing.

    That is 0 where none is. They are numbered one by one, and none that follows a gap is believed:
    who turned a learning rate back had turned it before.
    """
    last = max((each.number for each in done), default=0)
    since: list[Intervened] = []
    for event in known:
        if isinstance(event, Intervened) and event.number > last:
            if event.number != last + 1:
                return since, last + 1
            since.append(event)
            last += 1
    return since, 0


def _log_fault(path: Path, damaged: int, gap: int) -> str:
    lines = f"{damaged} damaged line{'s are' if damaged != 1 else ' is'} passed over"
    missing = f"what people did is not repeated from intervention {gap} on, which is missing"
    return f"{path}: " + "; ".join([lines] * bool(damaged) + [missing] * bool(gap))


def events_since(path: Path, step: int) -> Iterator[Event]:
    """The events of a log from ``step`` on, found from its end; damaged lines are passed over."""
    yield from _read_since(path, step)[0]


def _read_since(path: Path, step: int) -> tuple[list[Event], int]:
    """The events of a log from ``step`` on, and how many lines there are none."""
    try:
        content = _end_of(path, step)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise BadInput(f"{path}: cannot be read ({reason})") from None
    *lines, torn = content.split(b"\n")
    events: list[Event] = []
    damaged = 0
    for line in lines:
        event = decode_event(line)
        if event is None:
            damaged += 1
        elif event.step >= step:
            events.append(event)
        elif not events:
            damaged = 0  # before that step nobody misses them
    event = decode_event(torn)
    if event is not None and event.step >= step:
        events.append(event)  # it lacks nothing but the end of its line
    return events, damaged


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
