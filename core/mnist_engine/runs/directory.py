"""The directory of a run: what lies where.

::

    runs/2026-11-21-143015-conditional-dense/
        run.json            format, versions, threads, when it began
        recipe.toml         the resolved recipe: every setting spelled out
        events.jsonl        one event a line, see mnist_engine.training.events
        control.jsonl       what viewers ask of the process that trains, see mnist_engine.runs.inbox
        run.lock            held by that process
        output.log          what that process printed while a screen had its terminal
        checkpoints/        all that training goes on from, see mnist_engine.runs.checkpoints
        samples/            epoch-0001.png, ...; step-001234.png where it was stopped in between
        weights/            one safetensors file a network, with PyTorch's names and layouts
"""

from __future__ import annotations

import hashlib
import platform
import re
import time
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np

from mnist_engine.autograd.threads import thread_count
from mnist_engine.errors import BadInput, reason_of
from mnist_engine.files import write_whole
from mnist_engine.recipes import AnyRecipe, load_recipe, recipe_text

RUNS = Path("runs")
"""Where runs lie unless somebody says otherwise."""

LONGEST_NAME = 40
"""Letters of a recipe's name in a directory's name, which may have 255 bytes."""

FORMAT = 1
"""Raised when a reader of the old format could not read the new one."""


class Parent(msgspec.Struct, frozen=True, kw_only=True):
    """The run, and the step of it, from which a run branched off."""

    run: str
    step: int


class RunInfo(msgspec.Struct, frozen=True, kw_only=True):
    """``run.json``: where and with what a run was made, and the checksum of its ``recipe.toml``."""

    format: int
    recipe: str
    began: str
    python: str
    numpy: str
    machine: str
    threads: int
    recipe_sha256: str = ""
    parent: Parent | None = None


@dataclass(frozen=True)
class RunDirectory:
    """The paths inside a run's directory."""

    path: Path

    @property
    def info(self) -> Path:
        """``run.json``."""
        return self.path / "run.json"

    @property
    def recipe(self) -> Path:
        """The resolved recipe."""
        return self.path / "recipe.toml"

    @property
    def events(self) -> Path:
        """The log of events."""
        return self.path / "events.jsonl"

    @property
    def control(self) -> Path:
        """The inbox of the process that trains."""
        return self.path / "control.jsonl"

    @property
    def output(self) -> Path:
        """What was printed while a screen had the terminal, by anything in the process."""
        return self.path / "output.log"

    @property
    def lock(self) -> Path:
        """The file that is locked while a process trains the run."""
        return self.path / "run.lock"

    @property
    def checkpoints(self) -> Path:
        """The folder of checkpoints."""
        return self.path / "checkpoints"

    @property
    def samples(self) -> Path:
        """The folder of sample grids."""
        return self.path / "samples"

    @property
    def weights(self) -> Path:
        """The folder of weights."""
        return self.path / "weights"

    def exists(self) -> bool:
        """Whether there is a run here: one that lost its ``run.json`` has the rest."""
        return self.info.is_file() or (self.recipe.is_file() and self.checkpoints.is_dir())

    def make_folders(self) -> None:
        """Make those that are missing. OSError where the disk does not take them."""
        for folder in (self.path, self.samples, self.checkpoints, self.weights):
            folder.mkdir(parents=True, exist_ok=True)

    @property
    def began(self) -> str:
        """When it began, in a form that sorts; empty where its ``run.json`` does not say."""
        try:
            return self.read_info().began
        except BadInput:
            return ""

    def read_info(self) -> RunInfo:
        """What ``run.json`` says; BadInput where it cannot be read or is of a newer format."""
        try:
            info = msgspec.json.decode(self.info.read_bytes(), type=RunInfo)
        except OSError as error:
            raise BadInput(f"{self.info}: cannot be read ({reason_of(error)})") from None
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise BadInput(f"{self.info}: is damaged ({error})") from None
        if info.format > FORMAT:
            raise BadInput(
                f"{self.info}: the run was made by a newer mnist-tui (format {info.format}, this "
                f"one reads up to {FORMAT}); upgrade it"
            )
        return info

    def read_recipe(self) -> AnyRecipe:
        """The resolved recipe; BadInput where it cannot be read."""
        return load_recipe(str(self.recipe))


def reserve_run_path(name: str, parent: Path = RUNS) -> Path:
    """Make the empty directory ``parent/<time>-<name>``, numbered where two runs begin in a second.

    Of ``name`` only letters, digits and what is harmless in a file's name stay. The directory is
    made at once, so that no other program takes it. Raises BadInput where it cannot be made.
    """
    harmless = re.sub(r"[^\w.+-]+", "-", name).strip("-.")[:LONGEST_NAME] or "recipe"
    stem = f"{time.strftime('%Y-%m-%d-%H%M%S')}-{harmless}"
    number = 1
    path = parent / stem
    while True:
        try:
            path.mkdir(parents=True)
        except FileExistsError:
            if not parent.is_dir():
                raise BadInput(
                    f"{parent}: is not a directory; give another with --run-dir"
                ) from None
            number += 1
            path = parent / f"{stem}-{number}"
        except OSError as error:
            raise _unusable(path, error) from None
        else:
            return path


def check_unused(path: Path) -> None:
    """Raises BadInput where ``path`` holds a run or anything else already."""
    run = RunDirectory(path)
    try:
        if run.path.exists() and (not run.path.is_dir() or any(run.path.iterdir())):
            what = "holds a run already" if run.exists() else "is not an empty directory"
            raise BadInput(f"{run.path}: {what}; give a new directory with --run-dir")
    except OSError as error:
        raise _unusable(path, error) from None


def create_run(recipe: AnyRecipe, path: Path, parent: Parent | None = None) -> RunDirectory:
    """Make ``path`` the directory of a new run and write down its recipe and surroundings.

    ``parent`` is the run that it branches off from, if it does.

    Raises BadInput where it holds a run or anything else already, or cannot be made.
    """
    check_unused(path)
    run = RunDirectory(path)
    try:
        run.make_folders()
        text = recipe_text(recipe).encode()
        info = msgspec.json.format(msgspec.json.encode(_info(recipe, text, parent)), indent=2)
        with run.info.open("xb") as file:  # of two runs that begin at once, one is refused here
            file.write(info + b"\n")
        write_whole(run.recipe, text)
    except OSError as error:
        raise _unusable(path, error) from None
    return run


def _unusable(path: Path, error: OSError) -> BadInput:
    return BadInput(
        f"{path}: a run cannot be kept here ({reason_of(error)}); give a directory that can be "
        "written to with --run-dir"
    )


def _info(recipe: AnyRecipe, text: bytes, parent: Parent | None) -> RunInfo:
    return RunInfo(
        format=FORMAT,
        recipe=recipe.name,
        began=time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        python=platform.python_version(),
        numpy=np.__version__,
        machine=f"{platform.system()} {platform.machine()}",
        threads=recipe.threads or thread_count(),
        recipe_sha256=hashlib.sha256(text).hexdigest(),
        parent=parent,
    )
