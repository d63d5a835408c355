"""A run that was killed, to be damaged and healed again and again."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from mnist_engine.data.dataset import Dataset, load_dataset
from mnist_engine.recipes import AnyRecipe, load_recipe
from mnist_engine.runs.beginning import restore
from mnist_engine.runs.checkpoints import checkpoints_of
from mnist_engine.runs.directory import RunDirectory, create_run
from mnist_engine.runs.inbox import ask
from mnist_engine.runs.lock import locked
from mnist_engine.runs.log import Log
from mnist_engine.runs.record import record
from mnist_engine.runs.summary import summarise
from mnist_engine.training import TrainControl, make_trainer
from mnist_engine.training.control import Request
from mnist_engine.training.events import StepDone

from ..small_images import write_data
from .small_runs import write_recipe

KILLED_AT = 17
TURNED_AT = (3, 12, 14)
"""Steps after which somebody turns the learning rate, which is saved."""


class Places(NamedTuple):
    """Where files are damaged: one byte of ``distance``, or nearer by each other in a small file.

    That has ``least`` such places, or as many as it has bytes.
    """

    distance: int
    least: int


class Resumed(NamedTuple):
    """What training goes on from, in a form that can be compared."""

    step: int
    recipe: AnyRecipe
    state: Any
    interventions: tuple[Any, ...]
    faults: tuple[str, ...]


class Damage(NamedTuple):
    """What was done to a file, and what is in it then."""

    path: Path
    what: str
    content: bytes
    truncated: bool


class Patient:
    """The run at ``path``; ``whole`` is what goes on while nothing is damaged."""

    def __init__(self, path: Path, dataset: Dataset) -> None:
        self.run = RunDirectory(path)
        self._dataset = dataset
        self._files = {path: path.read_bytes() for path in path.rglob("*") if path.is_file()}
        self.whole = self.resume()
        self.heal()

    @property
    def files(self) -> list[Path]:
        """All that is read when a run goes on."""
        run, saved = self.run, checkpoints_of(self.run)[-1:]
        files = [run.info, run.recipe, run.events, run.control]
        return [*files, *(path for one in saved for path in (one.path, one.checksum))]

    def damages(self, paths: list[Path], places: Places) -> Iterator[Damage]:
        """Flipped bits and lost ends, each there while it is looked at."""
        chance = random.Random(0)
        for path in paths:
            content = self._files[path]
            distance = min(places.distance, -(-len(content) // places.least))
            for place in range(chance.randrange(distance), len(content), distance):
                flipped = bytearray(content)
                bit = chance.randrange(8)
                flipped[place] ^= 1 << bit
                for damage in (
                    Damage(path, f"bit {bit} of byte {place} flipped", bytes(flipped), False),
                    Damage(path, f"{place} bytes left", content[:place], True),
                ):
                    write_anew(path, damage.content)
                    yield damage
                    self.heal()

    def heal(self) -> None:
        """Let all files be as they were."""
        for path, content in self._files.items():
            if not path.exists() or path.read_bytes() != content:
                write_anew(path, content)

    def write_requests(self, requests: Iterable[Request]) -> Path:
        """Let these be all that was ever asked of the run; the file that has them."""
        content = b"".join(msgspec.json.encode(request) + b"\n" for request in requests)
        self._files[self.run.control] = content
        self.heal()
        return self.run.control

    def forget_checkpoints(self, newest: int) -> None:
        """As if so many of the newest had never been."""
        for checkpoint in checkpoints_of(self.run)[-newest:]:
            for path in (checkpoint.checksum, checkpoint.path):
                path.unlink()
                del self._files[path]

    def resume(self) -> Resumed:
        """All that the command does before it trains, after lists and screens have read the run."""
        summarise(self.run)
        list(Log(self.run.events).events())
        with locked(self.run):
            trainer, whereabouts = restore(
                self.run, lambda recipe: make_trainer(recipe, self._dataset, TrainControl())
            )
        arrays, progress = trainer.state()
        rest = progress.streams, progress.factors, progress.updates
        people = (*progress.interventions, *whereabouts.interventions)
        return Resumed(
            progress.steps,
            whereabouts.recipe,
            ({name: array.tobytes() for name, array in arrays.items()}, repr(rest)),
            tuple((each.number, each.step, each.network, each.after) for each in people),
            whereabouts.faults,
        )


def write_anew(path: Path, content: bytes) -> None:
    """Replace a file by a new one; writing over it waits for the disk, each time."""
    path.unlink(missing_ok=True)
    path.write_bytes(content)


def killed_run(folder: Path, task: str) -> Patient:
    """A run of ``task`` that was killed in its second epoch; it has three checkpoints."""
    data = write_data(folder / "data")
    dataset = load_dataset(data)
    written = write_recipe(folder / "recipe.toml", task, epochs=3, width=2)
    recipe = load_recipe(str(written), data)
    run = create_run(recipe, folder / "run")
    trainer = make_trainer(recipe, dataset, TrainControl())
    with locked(run):
        for event in record(trainer, run):
            if isinstance(event, StepDone) and event.step in TURNED_AT:
                trainer.control.scale_learning_rate(0.5)
            if isinstance(event, StepDone) and event.step == KILLED_AT:
                ask(run, Request("learning rate", factor=0.5))
                ask(run, Request("stop"))
                shutil.copytree(run.path, folder / "killed")  # what SIGKILL would leave
                break
    return Patient(folder / "killed", dataset)
