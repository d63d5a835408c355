"""The log of a run has each event once, in whatever order the disk takes them."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from mnist_engine.runs import writing
from mnist_engine.runs.writing import LogWriter
from mnist_engine.training.events import (
    Alarm,
    CheckpointSaved,
    EpochDone,
    Event,
    Finished,
    Intervened,
    Measured,
    Resumed,
    SamplesDrawn,
    Started,
    StepDone,
    decode_event,
)


def step(number: int, loss: float = 0.5) -> StepDone:
    return StepDone(
        step=number,
        epoch=1,
        losses={"classifier": loss},
        learning_rates={"classifier": 0.1},
    )


def pause(number: int) -> Intervened:
    return Intervened(step=3, number=number, what="pause", source="key")


STARTED = Started(
    step=0,
    task="classify",
    recipe="small",
    summary="",
    epochs=2,
    steps_per_epoch=4,
    seed=0,
    threads=1,
    parameters={"classifier": 10},
    image_shape=(4, 4),
)
COURSE: list[Event] = [
    STARTED,
    step(1),
    Measured(step=1, values={"pairwise distance": 1.0}),
    Alarm(step=1, name="collapse", level="alarm", text="few kinds"),
    step(2),
    pause(1),
    pause(2),
    step(3),
    EpochDone(step=3, epoch=1, measures={"validation accuracy": 0.5}),
    SamplesDrawn(step=3, epoch=1, count=1, image_shape=(4, 4), columns=1, epoch_end=True),
    CheckpointSaved(step=3, file="checkpoints/a.safetensors"),
    CheckpointSaved(step=3, file="weights"),
]
"""What a run can have in its log before its end, each event once."""


def written(path: Path) -> list[Event | None]:
    return [decode_event(line) for line in path.read_bytes().splitlines()]


def write(path: Path, events: list[Event], known: list[Event] | None = None) -> None:
    log = LogWriter(path, known or [])
    for event in events:
        log.write(event)
    log.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "events.jsonl"


# --- once ---------------------------------------------------------------------------------------


def test_what_is_written_reads_back(path: Path) -> None:
    write(path, COURSE)
    write(path, [step(4)])
    assert written(path) == [*COURSE, step(4)]


@pytest.mark.parametrize("begin", range(len(COURSE)))
def test_what_the_log_has_is_not_written_again(begin: int, path: Path) -> None:
    """A second life that begins anywhere comes to the same events, later and with new numbers."""
    write(path, COURSE)
    again = [msgspec.structs.replace(event, seconds=event.seconds + 9) for event in COURSE]
    write(path, [*again[begin:], step(4)], known=COURSE[begin:])
    assert written(path) == [*COURSE, step(4)]


def test_what_the_log_lost_is_written_again(path: Path) -> None:
    known = [event for event in COURSE if event not in (step(2), pause(2))]
    write(path, [*COURSE], known=known)
    assert written(path) == [step(2), pause(2)]


def test_measures_that_differ_by_the_time_are_the_same_event(path: Path) -> None:
    """How often FID is measured depends on how fast the machine is."""
    epoch = EpochDone(step=4, epoch=1, measures={"FID": 3.0})
    write(path, [msgspec.structs.replace(epoch, measures={})], known=[epoch])
    assert written(path) == []


@pytest.mark.parametrize(
    "event",
    [
        Resumed(step=3, logged=5),
        Finished(step=3, epoch=1, ending="stopped"),
        CheckpointSaved(step=3, file="checkpoints/b.safetensors"),
        pause(3),
        step(3, loss=0.5),
    ],
)
def test_what_is_new_is_written_beside_what_is_like_it(event: Event, path: Path) -> None:
    """A run may be stopped twice at one step, and saved, and paused, and go on from there."""
    known = [
        Resumed(step=3, logged=4),
        Finished(step=3, epoch=1, ending="stopped"),
        CheckpointSaved(step=3, file="checkpoints/a.safetensors"),
        pause(2),
        step(2),
    ]
    write(path, [event], known=known)
    assert written(path) == [event]


def test_an_event_that_the_log_has_twice_is_passed_over_twice(path: Path) -> None:
    write(path, [step(1), step(1), step(1)], known=[step(1), step(1)])
    assert written(path) == [step(1)]


# --- when ---------------------------------------------------------------------------------------


def test_steps_wait_for_each_other_and_all_else_does_not(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]
    monkeypatch.setattr(writing.time, "monotonic", lambda: now[0])
    log = LogWriter(path)
    log.write(step(1))
    assert written(path) == []
    now[0] += writing.FLUSH_SECONDS + 0.1
    log.write(step(2))
    assert written(path) == [step(1), step(2)]
    log.write(step(3))
    log.write(pause(1))
    assert written(path) == [step(1), step(2), step(3), pause(1)]
    log.write(step(4))
    log.sync()
    assert written(path)[-1] == step(4)
    log.write(step(5))
    log.close()
    assert written(path)[-1] == step(5)


# --- a disk that takes nothing ------------------------------------------------------------------


class Disk:
    """``os.write`` with so much ``room``."""

    def __init__(self, room: int) -> None:
        self.room = room
        self._write: Callable[[int, Any], int] = os.write

    def write(self, file: int, content: Any) -> int:
        part = bytes(content)[: self.room]
        if not part:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self.room -= len(part)
        return self._write(file, part)


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    disk = Disk(room=1 << 30)
    monkeypatch.setattr(writing.os, "write", disk.write)
    return disk


def test_what_the_disk_refused_follows_with_the_next_that_it_takes(path: Path, disk: Disk) -> None:
    log = LogWriter(path)
    log.write(STARTED)
    disk.room = 0
    log.write(step(1))
    for event in (pause(1), pause(2)):
        with pytest.raises(OSError, match="No space left"):
            log.write(event)
    assert written(path) == [STARTED]
    disk.room = 1 << 30
    log.write(step(2))
    log.write(pause(3))
    assert written(path) == [STARTED, step(1), pause(1), pause(2), step(2), pause(3)]
    log.close()


@pytest.mark.parametrize("room", [1, 50, 119])
def test_a_line_that_was_torn_by_a_full_disk_is_completed(
    room: int, path: Path, disk: Disk
) -> None:
    log = LogWriter(path)
    disk.room = room
    with pytest.raises(OSError, match="No space left"):
        log.write(STARTED)
    assert path.stat().st_size == room
    disk.room = 1 << 30
    log.write(pause(1))
    log.close()
    assert written(path) == [STARTED, pause(1)]


def test_steps_do_not_fill_the_memory_while_they_wait(
    path: Path, disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "MOST_WAITING", 1000)
    monkeypatch.setattr(writing, "FLUSH_SECONDS", 1e9)
    log = LogWriter(path)
    for number in range(1, 101):
        log.write(step(number))
    log.write(pause(1))
    *steps, last = written(path)
    assert last == pause(1), "what is no step is kept in any case"
    assert 5 < len(steps) < 20
    assert steps == [step(number) for number in range(1, len(steps) + 1)]
    log.close()


def test_a_log_is_closed_even_if_the_disk_takes_nothing(
    path: Path, disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = LogWriter(path)
    closed: list[int] = []
    close = os.close
    monkeypatch.setattr(writing.os, "close", lambda file: closed.append(file) or close(file))
    disk.room = 0
    log.write(step(1))
    with pytest.raises(OSError, match="No space left"):
        log.close()
    assert len(closed) == 1
