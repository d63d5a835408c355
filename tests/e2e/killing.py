"""Killing the process that trains a run, at chosen moments."""

from __future__ import annotations

import random
import shutil
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from mnist_engine.errors import BadInput
from mnist_engine.runs.directory import RunDirectory
from mnist_engine.runs.inbox import ask
from mnist_engine.training.control import Request

from .small_runs import ENVIRONMENT, program

Aim = Callable[[RunDirectory, random.Random], Iterator[None]]
"""Waits for its moment: it yields as long as that has not come."""

DEADLINE = 600.0
"""Seconds that one life of a process may last, on a machine that is busy with something else."""

POLL_SECONDS = 0.0002
"""A look at the files; a checkpoint takes some milliseconds."""

REQUESTS = (
    Request("learning rate", factor=0.5),
    Request("learning rate", factor=2.0),
    Request("learning rate"),
    Request("learning rate", networks=("discriminator",), factor=0.7),
    Request("pause"),
    Request("resume"),
    Request("checkpoint"),
    Request("stop"),
)
"""What people ask; a stop ends the process, and the run is resumed all the same."""


def at_any_time(run: RunDirectory, rng: random.Random) -> Iterator[None]:
    """Perhaps before training has begun."""
    yield from _pass(rng.uniform(0.05, 2.0))


def while_training(run: RunDirectory, rng: random.Random) -> Iterator[None]:
    """A moment after the first event."""
    yield from _until(lambda: _size(run.events), changes=1)
    yield from _pass(rng.uniform(0, 0.5))


def while_a_checkpoint_is_written(run: RunDirectory, rng: random.Random) -> Iterator[None]:
    """A file is there under the name that it has until it is complete, or the checksum is not."""
    yield from _until(lambda: _half(run.checkpoints), changes=1 + rng.randrange(6))


def while_an_event_is_written(run: RunDirectory, rng: random.Random) -> Iterator[None]:
    """The log has just grown."""
    yield from _until(lambda: _size(run.events), changes=1 + rng.randrange(12))


def while_weights_are_written(run: RunDirectory, rng: random.Random) -> Iterator[None]:
    """All steps are done, or somebody has asked to stop."""
    yield from _until(lambda: _half(run.weights), changes=1 + rng.randrange(2))


AIMS: tuple[Aim, ...] = (
    at_any_time,
    while_training,
    while_a_checkpoint_is_written,
    while_an_event_is_written,
    while_weights_are_written,
)


def train_and_kill(
    begin: list[str],
    run: RunDirectory,
    aims: Sequence[Aim],
    kills: int,
    rng: random.Random,
    meddle: bool = False,
) -> Counter[Aim]:
    """Train a run to its end, killing its process up to ``kills`` times; which aims were met.

    ``begin`` is the command that begins it. With ``meddle`` people interfere through its inbox.
    """
    met: Counter[Aim] = Counter()
    log = run.path.with_suffix(".output")
    while True:
        if run.exists() and run.recipe.exists():
            command = program("resume", run.path, "--no-ui", "--checkpoint-every", 0.05)
        else:  # it was killed before there was anything to lose
            shutil.rmtree(run.path, ignore_errors=True)
            command = begin
        aim = rng.choice(aims) if met.total() < kills else None
        with log.open("ab") as output:
            process = subprocess.Popen(command, env=ENVIRONMENT, stdout=output, stderr=output)
        try:
            if aim is not None and _hit(process, aim(run, rng), run, rng, meddle):
                met[aim] += 1
            else:
                assert process.wait(DEADLINE) == 0, log.read_text()
        finally:
            process.kill()
            process.wait()
        if _is_complete(run):
            assert "Traceback" not in log.read_text()
            return met


def _hit(
    process: subprocess.Popen[bytes],
    moment: Iterator[None],
    run: RunDirectory,
    rng: random.Random,
    meddle: bool,
) -> bool:
    """Kill the process when the moment has come; False where it ended before."""
    end = time.monotonic() + DEADLINE
    meddling = time.monotonic() + rng.uniform(0.5, 2)
    for _ in moment:
        time.sleep(POLL_SECONDS)
        if process.poll() is not None:
            return False
        assert time.monotonic() < end, "it neither ends nor does what was waited for"
        if meddle and time.monotonic() > meddling and run.exists():
            meddling += rng.uniform(0, 0.3)
            with suppress(BadInput):  # nobody trains it yet, or any more
                ask(run, rng.choice(REQUESTS))
    process.kill()
    return process.wait() == -signal.SIGKILL


def _until(look: Callable[[], object], changes: int) -> Iterator[None]:
    """Until what is seen has changed so many times."""
    seen = look()
    while changes:
        yield
        now = look()
        changes -= now != seen
        seen = now


def _pass(seconds: float) -> Iterator[None]:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        yield


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _half(folder: Path) -> frozenset[str]:
    """Files that are not complete, and checkpoints without their checksum."""
    names = {path.name for path in folder.glob("*")}
    half = {name for name in names if name.endswith(".unfinished")}
    if folder.name == "checkpoints":
        arrays = {name for name in names if name.endswith(".safetensors")}
        half |= {name for name in arrays if name.replace(".safetensors", ".sha256") not in names}
    return frozenset(half)


def _is_complete(run: RunDirectory) -> bool:
    return run.events.exists() and b'"ending":"completed"' in run.events.read_bytes()
