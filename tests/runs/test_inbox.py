"""What viewers ask reaches the trainer, soon and once; what is no request never does."""

from __future__ import annotations

import os
import stat
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import msgspec
import pytest

from mnist_engine.errors import BadInput, CannotRecord
from mnist_engine.runs.directory import RunDirectory
from mnist_engine.runs.inbox import LONGEST_READ, Inbox, RemoteControl, listening
from mnist_engine.runs.lock import locked
from mnist_engine.training.control import Request, TrainControl
from mnist_engine.training.events import Intervened, Started

LATENCY = 0.5
"""Seconds within which the trainer must know."""


@pytest.fixture
def run(tmp_path: Path) -> Iterator[RunDirectory]:
    """A run that this process trains."""
    directory = RunDirectory(tmp_path)
    with locked(directory):
        yield directory


def heard_of(run: RunDirectory, content: bytes) -> list[Request]:
    """What a trainer hears where ``content`` is written to its inbox, and all looks it takes."""
    inbox = Inbox(run)
    with run.control.open("ab") as file:
        file.write(content)
    return [
        request for _ in range(len(content) // LONGEST_READ + 1) for request in inbox.requests()
    ]


def test_all_that_can_be_asked_reaches_the_trainer_in_order(run: RunDirectory) -> None:
    inbox, remote = Inbox(run), RemoteControl(run)
    remote.pause()
    remote.step("palette")
    remote.step(networks=("generator",))
    remote.stage()
    remote.remedy("collapse")
    remote.change_setting("dropout", 0.25, "discriminator", source="settings")
    remote.scale_learning_rate(0.5, ("generator",))
    remote.reset_learning_rate()
    remote.checkpoint()
    remote.resume()
    remote.stop("signal")
    assert inbox.requests() == [
        Request("pause", "viewer key"),
        Request("step", "viewer palette"),
        Request("step", "viewer key", ("generator",)),
        Request("stage", "viewer key"),
        Request("remedy", "viewer key", trouble="collapse"),
        Request("setting", "viewer settings", ("discriminator",), setting="dropout", value=0.25),
        Request("learning rate", "viewer key", ("generator",), 0.5),
        Request("learning rate", "viewer key"),
        Request("checkpoint", "viewer key"),
        Request("resume", "viewer key"),
        Request("stop", "viewer signal"),
    ]
    assert inbox.requests() == []


def test_the_trainers_own_control_knows_what_a_viewer_asked(run: RunDirectory) -> None:
    control = TrainControl()
    with listening(run, control):
        RemoteControl(run).pause()
        control.take(wait=True)
        assert control.pause_wanted
        RemoteControl(run).stop()
        control.take(wait=True)
        assert control.stop_wanted


def test_the_trainer_knows_within_half_a_second(run: RunDirectory) -> None:
    control, remote = TrainControl(), RemoteControl(run)
    with listening(run, control):
        for _ in range(5):
            begin = time.monotonic()
            remote.scale_learning_rate(2.0)
            assert control.take(wait=True)
            assert time.monotonic() - begin < LATENCY


def test_what_was_asked_of_an_earlier_trainer_is_not_done_again(run: RunDirectory) -> None:
    RemoteControl(run).stop()
    assert heard_of(run, b"") == []


def test_a_line_that_a_dying_viewer_left_unfinished_harms_no_other(run: RunDirectory) -> None:
    pause = msgspec.json.encode(Request("pause"))
    run.control.write_bytes(pause[:9])
    inbox = Inbox(run)
    RemoteControl(run).resume()
    with run.control.open("ab") as file:
        file.write(pause[:9])
        assert inbox.requests() == [Request("resume", "viewer key")]
        file.write(pause[9:] + b"\n")
    assert inbox.requests() == [Request("pause", "viewer key")], "it was not dying, but slow"


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"pause",
        b'"pause"',
        b'{"what":"dance"}',
        b'{"what":"pause","when":"now"}',
        b'{"what":"learning rate","factor":0}',
        b'{"what":"learning rate","factor":-1.0}',
        b'{"what":"learning rate","factor":1e999}',
        b'{"what":"learning rate","factor":NaN}',
        b'{"what":"learning rate","factor":"2"}',
        b'{"what":"learning rate","networks":["judge"]}',
        b'{"what":"step","networks":["judge"]}',
        b'{"what":"setting","setting":7}',
        b'{"what":"remedy","trouble":"boredom"}',
        b'{"what":"setting","setting":"dropout","value":"much"}',
        b'{"what":"pause","source":"\\u001b[2J"}',
        b'{"what":"pa\xffse"}',
        b"\x00" * 100,
        b"[" * 20_000,
        b"x" * (2 * LONGEST_READ + 1),
    ],
    ids=lambda line: repr(line[:40]),
)
def test_what_is_no_request_is_skipped(line: bytes, run: RunDirectory) -> None:
    good = b'{"what":"pause"}\n'
    assert heard_of(run, line + b"\n" + good) == [Request("pause", "viewer key")]


def test_a_flipped_bit_anywhere_never_silences_the_inbox(run: RunDirectory) -> None:
    line = msgspec.json.encode(Request("learning rate", "key", ("generator",), 0.5)) + b"\n"
    flipped = bytearray()
    for place in range(len(line)):
        for bit in range(8):
            damaged = bytearray(line)
            damaged[place] ^= 1 << bit
            flipped += damaged + b"\n"
    requests = heard_of(run, bytes(flipped))
    assert {request.what for request in requests} == {"learning rate"}
    assert {request.networks for request in requests} == {("generator",)}
    assert all(request.factor is not None for request in requests)


def test_an_inbox_that_is_emptied_is_read_on(run: RunDirectory) -> None:
    RemoteControl(run).stop()
    inbox = Inbox(run)
    run.control.write_bytes(b"")
    assert inbox.requests() == []
    RemoteControl(run).pause()
    assert inbox.requests() == [Request("pause", "viewer key")]
    run.control.unlink()
    assert inbox.requests() == []


def test_requests_of_many_viewers_never_mix(run: RunDirectory) -> None:
    inbox = Inbox(run)
    start = threading.Barrier(4)

    def view(name: str) -> None:
        remote = RemoteControl(run)
        start.wait()
        for number in range(1, 26):
            remote.scale_learning_rate(float(number), source=name)

    viewers = [threading.Thread(target=view, args=(name,)) for name in "abcd"]
    for viewer in viewers:
        viewer.start()
    for viewer in viewers:
        viewer.join()
    requests = inbox.requests()
    for name in "abcd":
        factors = [r.factor for r in requests if r.source == f"viewer {name}"]
        assert factors == list(range(1, 26))


# --- the viewer's side --------------------------------------------------------------------------


def test_a_viewers_toggle_follows_what_it_asked_and_what_it_saw(run: RunDirectory) -> None:
    remote = RemoteControl(run)
    remote.toggle_pause()
    assert remote.pause_wanted
    remote.toggle_pause()
    assert not remote.pause_wanted
    remote.see(Intervened(step=3, what="pause", source="key"))
    assert remote.pause_wanted, "somebody else paused it"
    remote.toggle_pause()
    remote.stop()
    assert remote.stop_wanted
    asked = [msgspec.json.decode(line)["what"] for line in run.control.read_bytes().splitlines()]
    assert asked == ["pause", "resume", "resume", "stop"]


def test_a_run_that_goes_on_is_neither_paused_nor_stopped(run: RunDirectory) -> None:
    remote = RemoteControl(run)
    remote.pause()
    remote.stop()
    remote.see(
        Started(
            step=0,
            task="gan",
            recipe="x",
            summary="",
            epochs=1,
            steps_per_epoch=1,
            seed=0,
            threads=1,
            parameters={},
            image_shape=(28, 28),
        )
    )
    assert not remote.pause_wanted
    assert not remote.stop_wanted


def test_a_trainer_that_is_dead_is_named_with_the_way_to_go_on(tmp_path: Path) -> None:
    remote = RemoteControl(RunDirectory(tmp_path))
    with pytest.raises(BadInput) as fault:
        remote.toggle_pause()
    assert str(fault.value) == (
        f"{tmp_path}: no process trains this run, so nothing can be asked of it; "
        f"go on with `mnist-tui resume {tmp_path}`"
    )
    assert not remote.pause_wanted, "it was not asked"


def test_an_inbox_that_cannot_be_written_to_is_one_line(run: RunDirectory) -> None:
    with ExitStack() as after:
        if os.geteuid() == 0:
            run.control.mkdir()  # a read-only directory does not stop root
        else:
            run.path.chmod(stat.S_IRUSR | stat.S_IXUSR)
            after.callback(run.path.chmod, stat.S_IRWXU)
        with pytest.raises(
            CannotRecord, match=r"control\.jsonl: cannot be written \(.*nothing can"
        ):
            RemoteControl(run).pause()


@pytest.mark.parametrize("factor", [0.0, -1.0, float("inf"), float("nan")])
def test_a_factor_that_makes_no_learning_rate_is_refused(factor: float, run: RunDirectory) -> None:
    with pytest.raises(ValueError, match=r"it must be from 9\.53674e-07 to"):
        RemoteControl(run).scale_learning_rate(factor)
    with pytest.raises(ValueError, match="there is no network 'judge'; there are classifier, "):
        RemoteControl(run).scale_learning_rate(0.5, ("judge",))
