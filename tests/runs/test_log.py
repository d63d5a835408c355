"""Reading a log: all of it, a first picture of it, what is added to it, and what a disk made of it.

The logs are written here, a step a line as a trainer writes it.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterable
from itertools import pairwise
from pathlib import Path

import pytest

from mnist_engine.errors import BadInput, CannotRecord
from mnist_engine.runs import log as reading
from mnist_engine.runs.directory import RunDirectory
from mnist_engine.runs.log import BLOCK, Log, repair
from mnist_engine.runs.state import RunState
from mnist_engine.runs.timeline import Timeline
from mnist_engine.training.events import (
    Alarm,
    CheckpointSaved,
    Diverged,
    EpochDone,
    Event,
    Finished,
    Intervened,
    Measured,
    Resumed,
    SamplesDrawn,
    Started,
    StepDone,
    encode_event,
)

DEADLINE = 30.0  # seconds; far more than needed, so that only a hang meets it

STARTED = Started(
    step=0,
    task="gan",
    recipe="x",
    summary="",
    epochs=4,
    steps_per_epoch=5,
    seed=0,
    threads=1,
    parameters={"generator": 1},
    image_shape=(28, 28),
)


def step(number: int) -> StepDone:
    return StepDone(
        step=number,
        seconds=number / 8,
        epoch=-(-number // 5),
        losses={"discriminator": 1.5, "generator": 1 / number},
        learning_rates={"discriminator": 1e-3, "generator": 4e-3},
        measures={"D(real)": 0.5},
    )


RARE: list[Event] = [
    Intervened(step=4, number=1, what="learning rate", source="key", network="generator"),
    EpochDone(step=4, seconds=0.7, epoch=1, measures={"generator loss": 0.7}),
    Measured(step=4, values={"class KL": 2.2}),
    SamplesDrawn(step=4, epoch=1, count=2, image_shape=(28, 28), columns=2, file="samples/x.png"),
    Alarm(step=4, name="collapse", level="alarm", text="the digits are all alike"),
    CheckpointSaved(step=4, file="checkpoints/step-00000004.safetensors"),
]
END: list[Event] = [
    Diverged(step=6, network="generator", value="nan"),
    Finished(step=6, seconds=1.2, epoch=2, ending="diverged"),
]
EVENTS: list[Event] = [STARTED, *map(step, (1, 2, 3, 4)), *RARE, *map(step, (5, 6)), *END]


def lines_of(events: Iterable[Event]) -> bytes:
    return b"".join(encode_event(event) + b"\n" for event in events)


def log_of(path: Path, content: bytes | Iterable[Event]) -> Log:
    """A log with the events, or with these very bytes."""
    file = path / "events.jsonl"
    file.unlink(missing_ok=True)  # anew: writing over a file waits for the disk
    file.write_bytes(content if isinstance(content, bytes) else lines_of(content))
    return Log(file)


def append(log: Path, content: bytes) -> None:
    with log.open("ab") as file:
        file.write(content)


def steps_in(events: Iterable[Event]) -> list[int]:
    return [event.step for event in events if isinstance(event, StepDone)]


def looks(count: int) -> Callable[[], bool]:
    """For ``follow``: it looks ``count`` times."""
    left = iter(range(count - 1))
    return lambda: next(left, None) is None


def largest_gap(steps: list[int]) -> int:
    return max(after - before for before, after in pairwise(steps))


# --- from the beginning to the end ----------------------------------------------------------------


def test_a_log_reads_back_to_its_events(tmp_path: Path) -> None:
    log = log_of(tmp_path, EVENTS)
    assert list(log.events()) == EVENTS
    assert log.damaged == 0
    assert list(log.sketch()) == EVENTS, "a short one is sketched whole"
    assert log.first() == STARTED
    assert log.end() == EVENTS


def test_a_log_that_is_not_there_yet_is_empty(tmp_path: Path) -> None:
    for log in (Log(tmp_path / "events.jsonl"), log_of(tmp_path, b"")):
        assert log.first() is None
        assert list(log.events()) == list(log.sketch()) == log.end() == []
        assert list(log.follow(looks(1))) == []


def test_a_log_that_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "events.jsonl").mkdir()
    expected = f"{re.escape(str(tmp_path))}/events.jsonl: cannot be read"
    for look in (Log.events, Log.sketch, Log.end, lambda log: log.follow(looks(1))):
        with pytest.raises(BadInput, match=expected):
            list(look(Log(tmp_path / "events.jsonl")))


@pytest.fixture
def long_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Log:
    """A log of 20,000 steps, with another event after every thousandth; too long to be read whole.

    The learning rate changes after step 7,777.
    """
    monkeypatch.setattr(reading, "STEPS_READ", 500)
    events: list[Event] = [STARTED]
    for number in range(1, 20_001):
        events.append(step(number))
        if number % 1000 == 0:
            events.append(EpochDone(step=number, epoch=number // 1000, measures={}))
        if number == 7_777:
            events.append(Intervened(step=number, number=1, what="pause", source="key"))
    return log_of(tmp_path, events)


def test_of_a_long_log_rare_events_are_all_read_and_steps_evenly(long_log: Log) -> None:
    events = list(long_log.events())
    assert [e.epoch for e in events if isinstance(e, EpochDone)] == list(range(1, 21))
    steps = steps_in(events)
    assert 400 < len(steps) < 600
    assert largest_gap(steps) <= 50
    assert (steps[0], steps[-1]) == (1, 20_000)
    assert {7_777, 7_778} <= set(steps), "a rate that somebody changed is seen at once"
    assert long_log.damaged == 0
    assert [e.step for e in events] == sorted(e.step for e in events)


def test_every_event_of_a_long_log_can_be_had(long_log: Log) -> None:
    lengths: list[int] = []
    assert steps_in(long_log.every(lengths.append)) == list(range(1, 20_001))
    assert len(lengths) == 20_022
    assert sum(lengths) == long_log._path.stat().st_size


def test_a_long_log_is_sketched_by_its_beginning_its_end_and_steps_between(long_log: Log) -> None:
    events = list(long_log.sketch())
    assert events[0] == STARTED
    steps = steps_in(events)
    assert 700 < len(steps) < 2_000
    assert steps == sorted(set(steps))
    assert largest_gap(steps) <= 50
    assert events[-2:] == list(long_log.events())[-2:]


def test_the_end_of_a_long_log_is_whole(long_log: Log) -> None:
    end = steps_in(long_log.end())
    assert end == list(range(end[0], 20_001))
    assert len(end) > 300


# --- as it grows ----------------------------------------------------------------------------------


def test_following_goes_on_where_reading_ended(tmp_path: Path) -> None:
    log = log_of(tmp_path, EVENTS[:4])
    assert list(log.events()) == EVENTS[:4]
    assert list(log.follow(looks(1))) == []
    append(tmp_path / "events.jsonl", lines_of(EVENTS[4:9]))
    assert list(log.follow(looks(1))) == EVENTS[4:9]
    append(tmp_path / "events.jsonl", lines_of(EVENTS[9:]))
    assert list(log.follow(looks(2))) == EVENTS[9:]


def test_whoever_leaves_in_the_midst_misses_nothing(tmp_path: Path) -> None:
    log = log_of(tmp_path, EVENTS)
    seen = [next(log.events()) for _ in range(3)]
    seen += [next(log.follow(looks(1))) for _ in range(3)]
    assert seen + list(log.follow(looks(1))) == EVENTS


def test_a_line_is_there_when_all_of_it_is(tmp_path: Path) -> None:
    line = lines_of([step(1)])
    log = log_of(tmp_path, lines_of([STARTED]) + line[:20])
    assert list(log.events()) == [STARTED]
    append(tmp_path / "events.jsonl", line[20:-1])
    assert list(log.follow(looks(1))) == []
    append(tmp_path / "events.jsonl", b"\n")
    assert list(log.follow(looks(1))) == [step(1)]
    assert log.damaged == 0


def test_what_is_written_is_seen_within_half_a_second(tmp_path: Path) -> None:
    log = log_of(tmp_path, [STARTED])
    deadline = time.monotonic() + DEADLINE
    seen = log.follow(lambda: time.monotonic() > deadline)
    assert next(seen) == STARTED
    for number in range(1, 4):
        wait = threading.Timer(0.05, append, (tmp_path / "events.jsonl", lines_of([step(number)])))
        begin = time.monotonic()
        wait.start()
        assert next(seen) == step(number)
        assert time.monotonic() - begin < 0.55


def test_a_log_whose_torn_end_was_cut_off_is_followed_on(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    log = log_of(tmp_path, lines_of(EVENTS[:4]) + b'{"event":"st')
    assert list(log.events()) == EVENTS[:4]
    repair(path)
    append(path, lines_of([Resumed(step=2, logged=3), step(4)]))
    assert list(log.follow(looks(1))) == [Resumed(step=2, logged=3), step(4)]
    path.write_bytes(lines_of(EVENTS[:2]))
    assert list(log.follow(looks(1))) == [], "shorter than it was: from its end on"
    append(path, lines_of([step(5), step(6)]))
    assert list(log.follow(looks(1))) == [step(5), step(6)]


@pytest.mark.parametrize(
    ("torn", "left"),
    [
        (b"", b""),
        (b'{"event":"step","st', b""),
        (b"\x00" * (BLOCK + 7), b""),
        (lines_of([step(3)])[:-1], lines_of([step(3)])),
    ],
    ids=["whole", "torn", "zeros", "no-newline"],
)
def test_a_torn_last_line_is_repaired(torn: bytes, left: bytes, tmp_path: Path) -> None:
    path, whole = tmp_path / "events.jsonl", lines_of(EVENTS[:3])
    for before in (b"", whole):
        path.write_bytes(before + torn)
        repair(path)
        assert path.read_bytes() == before + left


def test_what_cannot_be_repaired_is_one_line(tmp_path: Path) -> None:
    repair(tmp_path / "events.jsonl")
    assert not (tmp_path / "events.jsonl").exists(), "there is nothing to be repaired"
    with pytest.raises(CannotRecord, match=r": cannot be repaired \(Is a directory\)$"):
        repair(tmp_path)


# --- what a disk made of it -----------------------------------------------------------------------


def can_be_shown(events: list[Event], path: Path) -> bool:
    """Whether all that shows a run can do with these events."""
    state, timeline = RunState(), Timeline(RunDirectory(path))
    for event in events:
        state.apply(event)
        timeline.apply(event)
    now, end = state.snapshot(), timeline.at(timeline.last_step)
    assert 0 <= timeline.at(timeline.first_step).step <= end.step <= now.step <= 6
    for curve in (*now.losses.values(), *now.measures.values(), now.clock):
        assert (curve.x[1:] > curve.x[:-1]).all()
    return True


def test_a_log_that_breaks_off_anywhere_has_the_lines_before(tmp_path: Path) -> None:
    content = lines_of(EVENTS)
    for length in range(len(content)):
        log = log_of(tmp_path, content[:length])
        assert list(log.events()) == EVENTS[: content[:length].count(b"\n")]
        assert log.damaged == 0
    assert all(can_be_shown(EVENTS[:count], tmp_path) for count in range(len(EVENTS)))


def test_a_flipped_bit_anywhere_costs_two_events_at_most(tmp_path: Path) -> None:
    content = lines_of(EVENTS)
    shown = set()
    for place in range(len(content)):
        damaged = bytearray(content)
        damaged[place] ^= 1 << place % 8
        log = log_of(tmp_path, bytes(damaged))
        events = [*log.events(), *log.follow(looks(1))]
        assert len(events) >= len(EVENTS) - 2
        assert steps_in(events) == sorted(set(steps_in(events)))
        assert list(log.sketch()) == events
        assert log.first() in (STARTED, None) or place < content.index(b"\n")
        if (lines := lines_of(events)) not in shown:
            shown.add(lines)
            assert can_be_shown(events, tmp_path)


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"no JSON",
        b'{"event":"dance","step":4}',
        b'{"event":"finished","step":-4,"epoch":1,"ending":"completed"}',
        b'{"event":"finished","step":1000000000000000000,"epoch":1,"ending":"completed"}',
        b'{"event":"finished","step":1' + b"0" * 400 + b',"epoch":1,"ending":"completed"}',
        b'{"event":"finished","step":4,"seconds":1e300,"epoch":1,"ending":"completed"}',
        b'{"event":"finished","step":4,"seconds":NaN,"epoch":1,"ending":"completed"}',
        b'{"event":"epoch","step":4,"epoch":1,"measures":{"loss":1e200}}',
        b'{"event":"samples","step":4,"epoch":1,"count":0,"image_shape":[28,28],"columns":1}',
        b'{"event":"samples","step":4,"epoch":1,"count":1,"image_shape":[0,28],"columns":1}',
        b'{"event":"samples","step":4,"epoch":1,"count":2,"image_shape":[28,28],"columns":1,'
        b'"captions":["7"]}',
        b'{"event":"samples","step":4,"epoch":1,"count":1,"image_shape":[28,28],"columns":1,'
        b'"images":"AAAA"}',
        b"\xff\xfe\x00",
        b"[" * 100_000,
        b"\x00" * (2 * BLOCK),
    ],
    ids=lambda line: line[:70].decode("ascii", "replace").replace("\x00", "0"),
)
def test_a_line_that_no_trainer_wrote_is_skipped_and_counted(line: bytes, tmp_path: Path) -> None:
    before, after = EVENTS[:5], EVENTS[5:]
    log = log_of(tmp_path, lines_of(before) + line + b"\n" + lines_of(after))
    assert list(log.events()) == EVENTS
    assert 1 <= log.damaged <= 2


@pytest.mark.parametrize("wild", [3, 900, 10**14])
def test_a_step_that_stands_alone_where_it_cannot_be_is_none(wild: int, tmp_path: Path) -> None:
    log = log_of(tmp_path, [STARTED, *map(step, (1, 2, 3, 4, wild, 6, 7))])
    assert steps_in(log.events()) == [1, 2, 3, 4, 6, 7]
    assert log.damaged == 1


def test_after_a_hole_in_the_log_it_is_read_on(tmp_path: Path) -> None:
    log = log_of(tmp_path, [STARTED, step(1), step(2), step(900), step(901), step(902)])
    assert steps_in(log.events()) == [1, 2, 900, 901, 902]
    assert log.damaged == 0


def test_a_training_that_went_back_may_meet_new_things_there(tmp_path: Path) -> None:
    """It notes no step again, but somebody may pause it before it is where it was."""
    pause = Intervened(step=3, number=1, what="pause", source="key")
    events = [STARTED, *map(step, range(1, 6)), Resumed(step=2, logged=5), pause, step(6)]
    assert list(log_of(tmp_path, events).events()) == events


# --- a long log -----------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_log_of_200_megabytes_is_sketched_in_a_moment_and_folded_in_seconds(
    tmp_path: Path,
) -> None:
    path, number = tmp_path / "events.jsonl", 0
    line = encode_event(step(7)).replace(b'"step":7', b'"step":%d')
    with path.open("wb") as file:
        file.write(lines_of([STARTED]))
        while file.tell() < 200_000_000:
            file.write(b"".join(line % (number + k) + b"\n" for k in range(1, 10_001)))
            number += 10_000
    begin = time.perf_counter()
    state = RunState()
    for event in Log(path).sketch():
        state.apply(event)
    sketched = time.perf_counter()
    assert state.snapshot().step == number
    timeline = Timeline(RunDirectory(tmp_path))
    for event in Log(path).events():
        timeline.apply(event)
    assert timeline.last_step == number
    assert sketched - begin < 1.0
    assert time.perf_counter() - sketched < 10.0
