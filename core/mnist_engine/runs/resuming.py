"""Where a run that ended too early goes on."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from mnist_engine.errors import BadInput, reason_of
from mnist_engine.nn.module import StateError
from mnist_engine.recipes import AnyRecipe, recipe_from_text
from mnist_engine.runs.checkpoints import Saved, newest_whole, start_of
from mnist_engine.runs.directory import RunDirectory
from mnist_engine.runs.tail import tail_of
from mnist_engine.training.events import (
    CheckpointSaved,
    Event,
    Finished,
    Intervened,
    StepDone,
)
from mnist_engine.training.trainer import Trainer


@dataclass(frozen=True)
class Whereabouts:
    """Where a run stands on disk.

    ``saved`` is its newest whole checkpoint. Where it has none of its own it begins ``anew``: then
    ``saved`` is the ``start`` of a run that branched off, and None of any other. ``faults`` tell
    what was found damaged. ``known`` are the events that the log has from there on, and
    ``interventions`` what people did since then.
    """

    recipe: AnyRecipe
    saved: Saved | None
    anew: bool
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
    anew = saved is None
    if anew:
        saved = start_of(run)
    begin = 0 if saved is None else saved.details.progress.steps
    known, damaged = tail_of(run.events, begin)
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
    recipe, recipe_faults = _recipe_of(run, saved)
    faults = (*faults, *recipe_faults)
    done = () if saved is None else saved.details.progress.interventions
    interventions, gap = _since(done, known)
    if saved is not None and not anew and not _has_lines(run.events):
        faults = (*faults, f"{run.events}: is lost; curves begin at step {begin}")
    if gap or damaged:
        faults = (*faults, _log_fault(run.events, damaged, gap))
    return Whereabouts(recipe, saved, anew, faults, known, interventions)


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
            if whereabouts.anew:
                trainer.begin_from(saved.state)
            else:
                trainer.resume(saved.state, whereabouts.faults)
        except StateError as error:
            raise BadInput(f"the checkpoint at step {whereabouts.step}: {error}") from None
    if whereabouts.anew and (whereabouts.known or whereabouts.faults):
        trainer.announce_resuming(whereabouts.faults)  # it had begun before
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


def _recipe_of(run: RunDirectory, saved: Saved | None) -> tuple[AnyRecipe, tuple[str, ...]]:
    """The run's recipe; with a line, where its file is not what was trained and ``saved`` has it.

    Raises BadInput where there is no checkpoint to take it from.
    """
    try:
        content = run.recipe.read_bytes()
    except OSError as error:
        content, fault = None, f"{run.recipe}: cannot be read ({reason_of(error)})"
    else:
        fault = f"{run.recipe}: is damaged or was changed"
    if saved is not None:
        if content == saved.details.recipe.encode():
            return run.read_recipe(), ()
        recipe = recipe_from_text(saved.details.recipe, run.recipe.name)
        return recipe, (f"{fault}; the checkpoint's recipe is taken",)
    if content is None:
        raise BadInput(f"{fault}, and there is no checkpoint to take the recipe from")
    if hashlib.sha256(content).hexdigest() != run.read_info().recipe_sha256:
        raise BadInput(
            f"{fault}, its checksum is another than {run.info.name} says, and there is no "
            "checkpoint to take the recipe from"
        )
    return run.read_recipe(), ()


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


def _has_lines(path: Path) -> bool:
    return path.exists() and path.stat().st_size > 0


def _log_fault(path: Path, damaged: int, gap: int) -> str:
    lines = f"{damaged} damaged line{'s are' if damaged != 1 else ' is'} passed over"
    missing = f"what people did is not repeated from intervention {gap} on, which is missing"
    return f"{path}: " + "; ".join([lines] * bool(damaged) + [missing] * bool(gap))
