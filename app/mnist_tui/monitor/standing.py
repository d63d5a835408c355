"""What a screen knows of a run besides its snapshot: where it is seen, what was asked of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from mnist_engine.errors import BadInput
from mnist_engine.runs.directory import RunDirectory
from mnist_engine.runs.finding import name_of
from mnist_engine.runs.state import Snapshot
from mnist_engine.training.events import Task

Place = Literal["live", "attached", "replay", "comparison", "drawing", "tape", "walk"]
"""Where a run is seen: in the process that trains it, from another one, when nobody trains, or
beside other runs; and what lies over these, where digits are drawn, where a tape is read, and where
one walks through latent space."""

TRAINING: tuple[Place, ...] = ("live", "attached")
"""Where something can be done to a run."""

RUNS: tuple[Place, ...] = (*TRAINING, "replay")
"""Where one run is seen, with its panels."""


@dataclass(frozen=True)
class Standing:
    """``title`` is what the headline calls the run, and ``name`` what a command finds it by.

    ``task`` is what is trained, where that is known before the log says so. ``turned`` are the
    networks that the keys turn, none meaning all of them. ``asked`` is what was asked of the
    trainer and has not happened yet ("pausing", "saving"), and ``failure`` why training broke off;
    both are empty otherwise. ``ended`` tells that nothing more comes. In a replay ``whole`` is the
    run at its end, and ``playing`` tells that time passes by itself. ``way_back`` says what the
    remedy's key does where training has diverged. ``keys`` are the first ones of commands, by id,
    as people write them.
    """

    run_directory: Path
    title: str = ""
    place: Place = "live"
    name: str = ""
    turned: tuple[str, ...] = ()
    asked: str = ""
    failure: str = ""
    ended: bool = False
    whole: Snapshot | None = None
    playing: bool = False
    task: Task | None = None
    way_back: str = ""
    keys: Mapping[str, str] = field(default_factory=dict)

    def key(self, command: str) -> str:
        """How people write the key of the command of that id; empty where it has none."""
        return self.keys.get(command, "")


def standing_of(run: RunDirectory, place: Place) -> Standing:
    """How things stand with a run that another process trains, or none, before it was read."""
    return Standing(run.path, run.path.resolve().name, place, name_of(run), task=_task_of(run))


def _task_of(run: RunDirectory) -> Task | None:
    try:
        return run.read_recipe().task
    except BadInput:
        return None  # the log will say, and whoever needs the recipe what is wrong with it
