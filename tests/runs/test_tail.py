"""The end of a log, from a step on."""

from __future__ import annotations

from pathlib import Path

import pytest

from mnist_engine.errors import BadInput
from mnist_engine.runs import tail
from mnist_engine.runs.tail import tail_of
from mnist_engine.training.events import (
    CheckpointSaved,
    Event,
    Finished,
    Intervened,
    Resumed,
    StepDone,
    decode_event,
    encode_event,
)


def step(number: int) -> StepDone:
    return StepDone(
        step=number, epoch=1, losses={"classifier": 0.5}, learning_rates={"classifier": 0.1}
    )


def lines_of(events: list[Event]) -> list[bytes]:
    return [encode_event(event) + b"\n" for event in events]


STOPPED: list[Event] = [
    *map(step, range(1, 6)),
    Intervened(step=5, number=1, what="stop", source="key"),
    CheckpointSaved(step=5, file="checkpoints/step-00000005.safetensors"),
    Finished(step=5, epoch=2, ending="stopped"),
    Resumed(step=4, logged=5),
    *map(step, range(6, 9)),
]
"""The log of a run that was stopped, and went on from an older checkpoint."""

GARBLED = b'{"event":"ste\xff\n'


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """With a garbled line and a torn end."""
    lines = lines_of(STOPPED)
    lines.insert(3, GARBLED)
    path = tmp_path / "events.jsonl"
    path.write_bytes(b"".join(lines) + b'{"event":"fini')
    return path


@pytest.mark.parametrize("block", [1, 7, 100, 333, 1000, 5000, 1 << 20])
def test_it_is_what_a_reader_of_the_whole_log_would_keep(
    block: int, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tail, "BLOCK", block)
    for begin in range(10):
        expected = [event for event in STOPPED if event.step >= begin]
        assert tail_of(log, begin).events == expected


def test_damaged_lines_count_from_that_step_on(log: Path) -> None:
    assert [tail_of(log, begin).damaged for begin in (0, 3, 4, 5, 8)] == [1, 1, 1, 0, 0]


def test_an_event_may_lack_the_end_of_its_line(log: Path) -> None:
    log.write_bytes(b"".join(lines_of(STOPPED)).rstrip(b"\n"))
    assert tail_of(log, 7) == ([step(7), step(8)], 0)


def test_of_a_long_log_the_end_alone_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "events.jsonl"
    path.write_bytes(b"".join(lines_of([step(number) for number in range(1, 10_001)])))
    monkeypatch.setattr(tail, "BLOCK", 4096)
    decoded = []

    def decode(line: bytes) -> Event | None:
        decoded.append(line)
        return decode_event(line)

    monkeypatch.setattr(tail, "decode_event", decode)
    assert [event.step for event in tail_of(path, 9_990).events] == list(range(9_990, 10_001))
    assert len(decoded) < 100


def test_a_log_that_is_not_there_is_empty_and_one_that_cannot_be_read_is_told(
    tmp_path: Path,
) -> None:
    assert tail_of(tmp_path / "none", 0) == ([], 0)
    with pytest.raises(BadInput, match=r"cannot be read \(it is no plain file\)"):
        tail_of(tmp_path, 0)
