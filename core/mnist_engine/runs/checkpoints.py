"""Checkpoints: all that training goes on from, in files that are whole or not there.

::

    checkpoints/
        step-00000940.safetensors   arrays, and the rest as JSON in the file's metadata
        step-00000940.sha256        its checksum, as ``sha256sum -c`` reads it; written last
        start.safetensors           that of another run from which this one branched off, and
        start.sha256                its checksum

A checkpoint without its checksum does not exist yet, one with another checksum is damaged. Nothing
else says which checkpoints there are, so nothing can contradict them; mnist_engine.runs.kept says
which of them stay. Several of one step (a learning rate that is turned while training is paused)
are numbered: ``step-00000940-2``.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np
import safetensors.numpy
from numpy.typing import NDArray
from safetensors import SafetensorError

from mnist_engine.errors import BadInput, reason_of
from mnist_engine.files import UNFINISHED, write_whole
from mnist_engine.runs.best import score_of
from mnist_engine.runs.directory import RunDirectory
from mnist_engine.training.state import Progress, TrainerState

FORMAT = 1
"""Raised when a reader of the old format could not read the new one."""

START = "start"
"""The checkpoint of another run from which this one branched off; it always stays."""

LONGEST_HEADER = 1 << 20
"""Bytes; what is longer is no header of a checkpoint."""

NAME = re.compile(r"step-(\d{8,12})(?:-(\d{1,6}))?")


class Details(msgspec.Struct, frozen=True, kw_only=True):
    """What stands beside the arrays.

    ``recipe`` is the resolved recipe as TOML, ``data`` the digest of the data set, and ``measures``
    are those of the epoch that ended here, if one did.
    """

    progress: Progress
    recipe: str
    data: str
    measures: dict[str, float] = {}
    format: int = FORMAT


class Saved(NamedTuple):
    """What a checkpoint holds."""

    arrays: dict[str, NDArray[Any]]
    details: Details

    @property
    def state(self) -> TrainerState:
        """What a trainer goes on from."""
        return TrainerState(self.arrays, self.details.progress)


@dataclass(frozen=True, order=True)
class Checkpoint:
    """A checkpoint on disk, in the order in which they were made."""

    step: int
    number: int
    path: Path

    @property
    def checksum(self) -> Path:
        """The file with the checksum."""
        return self.path.with_suffix(".sha256")


def checkpoints_of(run: RunDirectory) -> list[Checkpoint]:
    """All that were completed, oldest first; they may have been damaged since."""
    found = []
    try:
        paths = list(run.checkpoints.iterdir())
    except OSError:
        return []
    for path in paths:
        name = NAME.fullmatch(path.stem)
        if path.suffix == ".sha256" and name is not None:
            step, number = int(name[1]), int(name[2] or 1)
            found.append(Checkpoint(step, number, path.with_suffix(".safetensors")))
    return sorted(found)


def save_checkpoint(run: RunDirectory, saved: Saved) -> Checkpoint:
    """Write a checkpoint. OSError where the disk does not take it; the earlier ones stay good."""
    step = saved.details.progress.steps
    of_this_step = [one.number for one in checkpoints_of(run) if one.step == step]
    number = max(of_this_step, default=0) + 1
    name = f"step-{step:08}" + (f"-{number}" if number > 1 else "")
    checkpoint = Checkpoint(step, number, run.checkpoints / f"{name}.safetensors")
    write_checkpoint(checkpoint.path, saved)
    return checkpoint


def write_checkpoint(path: Path, saved: Saved) -> None:
    """Write ``path`` and its checksum. OSError where the disk does not take it."""
    metadata = {"details": msgspec.json.encode(saved.details).decode()}
    # safetensors takes memory as it lies, whatever the order of the axes in it
    arrays = {name: np.asarray(array, order="C") for name, array in saved.arrays.items()}
    content = safetensors.numpy.save(arrays, metadata)
    path.parent.mkdir(exist_ok=True)
    write_whole(path, content)
    line = f"{hashlib.sha256(content).hexdigest()}  {path.name}\n"
    write_whole(path.with_suffix(".sha256"), line.encode())


def read_checkpoint(path: Path) -> Saved:
    """What :func:`write_checkpoint` wrote.

    Raises BadInput, one line that names the file, where it is damaged or of a newer format.
    """
    try:
        content = path.read_bytes()
        checksum = path.with_suffix(".sha256").read_bytes()
    except OSError as error:
        raise BadInput(f"{path}: cannot be read ({reason_of(error)})") from None
    if checksum != f"{hashlib.sha256(content).hexdigest()}  {path.name}\n".encode():
        raise BadInput(f"{path}: is damaged, its checksum is another")
    try:
        arrays = safetensors.numpy.load(content)
    except SafetensorError as error:
        raise BadInput(f"{path}: is no checkpoint of this program ({error})") from None
    length = int.from_bytes(content[:8], "little")
    return Saved(arrays, _details_in(content[8 : 8 + length], path))


def read_own(run: RunDirectory, checkpoint: Checkpoint) -> Saved:
    """What ``checkpoint`` holds, if it is one of ``run``.

    Raises BadInput as :func:`read_checkpoint` does, and where it was copied from another run or
    renamed: to go on from it would quietly make another run of this one.
    """
    saved = read_checkpoint(checkpoint.path)
    step = saved.details.progress.steps
    if step != checkpoint.step:
        raise BadInput(f"{checkpoint.path}: holds step {step}, which is not what its name says")
    if not _is_recipe_of(run, saved.details.recipe):
        raise BadInput(f"{checkpoint.path}: is of another run, with another recipe than this one")
    return saved


def _is_recipe_of(run: RunDirectory, text: str) -> bool:
    """Whether ``run`` was begun with the recipe ``text``, as far as can be known.

    Two of three must agree: the checkpoint, ``recipe.toml`` and the checksum in ``run.json``.
    """
    try:
        expected = run.read_info().recipe_sha256
        content = run.recipe.read_bytes()
    except (BadInput, OSError):
        return True
    digests = [hashlib.sha256(each).hexdigest() for each in (text.encode(), content)]
    return not expected or digests[0] in (expected, digests[1]) or digests[1] != expected


def read_details(path: Path) -> Details:
    """What stands before the arrays of a checkpoint, whether these are whole or not.

    Raises BadInput as :func:`read_checkpoint` does.
    """
    try:
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            return _details_in(file.read(min(length, LONGEST_HEADER)), path)
    except OSError as error:
        raise BadInput(f"{path}: cannot be read ({reason_of(error)})") from None


def _details_in(header: bytes, path: Path) -> Details:
    """The details in the JSON with which a safetensors file begins."""
    try:
        metadata = msgspec.json.decode(header)["__metadata__"]
        details = msgspec.json.decode(metadata["details"], type=Details)
    except (msgspec.DecodeError, KeyError, TypeError, UnicodeDecodeError, RecursionError) as error:
        raise BadInput(f"{path}: is no checkpoint of this program ({error})") from None
    if details.format > FORMAT:
        raise BadInput(
            f"{path}: was made by a newer mnist-tui (format {details.format}, this one reads up to "
            f"{FORMAT}); upgrade it"
        )
    return details


def newest_whole(run: RunDirectory) -> tuple[Saved | None, tuple[str, ...]]:
    """The newest checkpoint that is not damaged, and a line about each that was passed over.

    None where there is none at all.
    """
    return _first_whole(run, reversed(checkpoints_of(run)))


def best_whole(run: RunDirectory) -> tuple[Saved | None, tuple[str, ...]]:
    """The whole checkpoint with the best measure, the later of equals, and lines as above.

    None where none has a measure.
    """
    scores: list[tuple[float, Checkpoint]] = []
    unreadable: list[str] = []
    for checkpoint in reversed(checkpoints_of(run)):
        try:
            score = score_of(read_details(checkpoint.path).measures)
        except BadInput as error:
            unreadable.append(str(error))
        else:
            if score is not None:
                scores.append((score, checkpoint))
    saved, faults = _first_whole(run, [one for _, one in sorted(scores, reverse=True)])
    return saved, (*unreadable, *faults)


def nearest_whole(run: RunDirectory, step: int | None = None, end: int | None = None) -> Saved:
    """The whole checkpoint that is nearest to ``step``, the earlier of two; else the newest.

    One from step ``end`` on, where nothing is left to be trained, only where there is no other.
    Raises BadInput where there is none at all.
    """
    found = checkpoints_of(run)[::-1]
    if step is not None:
        found.sort(key=lambda one: (abs(one.step - step), one.step))
    if end is not None:
        found.sort(key=lambda one: one.step >= end)
    saved, faults = _first_whole(run, found)
    if saved is None:
        raise BadInput(faults[0] if faults else f"{run.checkpoints}: holds no checkpoint")
    return saved


def _first_whole(
    run: RunDirectory, checkpoints: Iterable[Checkpoint]
) -> tuple[Saved | None, tuple[str, ...]]:
    """The first of ``checkpoints`` that is whole, and what is wrong with those before it."""
    faults: list[str] = []
    for checkpoint in checkpoints:
        try:
            return read_own(run, checkpoint), tuple(faults)
        except BadInput as error:
            faults.append(str(error))
    return None, tuple(faults)


def start_of(run: RunDirectory) -> Saved | None:
    """Where a run that branched off began; None for one that began by itself.

    Raises BadInput where it is damaged: then nobody knows.
    """
    path = run.checkpoints / f"{START}.safetensors"
    if path.exists() or (run.info.exists() and run.read_info().parent):
        return read_checkpoint(path)
    return None


def remove(checkpoint: Checkpoint) -> None:
    """Delete it, the checksum first: half a checkpoint is none."""
    checkpoint.checksum.unlink(missing_ok=True)
    checkpoint.path.unlink(missing_ok=True)


def clear_away(run: RunDirectory) -> None:
    """Delete what a process that was killed left half written; to be called under the run's lock.

    That are files that never got their name, and arrays that never got, or lost, their checksum.
    """
    names = {path.stem for path in run.checkpoints.glob("*.sha256")}
    arrays = [path for path in run.checkpoints.glob("step-*.safetensors") if path.stem not in names]
    for path in (*run.path.glob(f"*{UNFINISHED}"), *run.path.glob(f"*/*{UNFINISHED}"), *arrays):
        with suppress(OSError):  # it is in nobody's way
            path.unlink()
