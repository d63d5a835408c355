"""``--to tensorboard``: the numbers come back out of the event files."""

from __future__ import annotations

import struct
import sys
from pathlib import Path
from typing import Any

import pytest
from tensorboardX.proto.event_pb2 import Event  # type: ignore[import-untyped]

from mnist_engine.errors import BadInput
from mnist_engine.runs.directory import RunDirectory
from mnist_engine.runs.log import Log
from mnist_engine.training.events import Finished, StepDone
from mnist_tui.export.tensorboard import scalars_of, write_event_files


def values_in(folder: Path) -> list[tuple[int, Any]]:
    """Steps and values of the one event file: records of length, checksum, event and checksum."""
    (file,) = folder.iterdir()
    content, found = file.read_bytes(), []
    while content:
        (length,) = struct.unpack("<Q", content[:8])
        event = Event.FromString(content[12 : 12 + length])
        found += [(event.step, value) for value in event.summary.value]
        content = content[12 + length + 4 :]
    return found


def test_every_loss_is_a_scalar_at_its_step(gan: RunDirectory, tmp_path: Path) -> None:
    write_event_files(gan, tmp_path)
    written = {
        (step, value.tag): value.simple_value
        for step, value in values_in(tmp_path)
        if not (value.HasField("image") or value.HasField("tensor"))
    }
    logged = {
        (event.step, tag): value
        for event in Log(gan.events).every()
        for tag, value in scalars_of(event).items()
    }
    assert len({step for step, tag in logged if tag == "loss/generator"}) == 30
    assert written == pytest.approx(logged, rel=1e-6)


def test_the_grids_are_pictures_at_their_steps(gan: RunDirectory, tmp_path: Path) -> None:
    write_event_files(gan, tmp_path)
    pictures = [(step, value) for step, value in values_in(tmp_path) if value.HasField("image")]
    assert [step for step, _ in pictures] == [10, 20, 30]
    assert {(value.image.height, value.image.width) for _, value in pictures} == {(302, 302)}


def test_what_was_written_before_is_replaced(gan: RunDirectory, tmp_path: Path) -> None:
    first = write_event_files(gan, tmp_path)
    assert write_event_files(gan, tmp_path) == first
    assert values_in(tmp_path), "one file alone"


def test_groups_of_scalars_have_names_that_tensorboard_takes() -> None:
    step = StepDone(
        step=1, epoch=1, losses={"generator": 1.0}, learning_rates={"generator": 2.0},
        measures={"D(real)": 3.0},
    )  # fmt: skip
    assert scalars_of(step) == {"loss/generator": 1, "learning_rate/generator": 2, "step/D_real": 3}
    end = Finished(step=1, epoch=1, ending="completed", test_accuracy=0.5)
    assert scalars_of(end) == {"end/test_accuracy": 0.5}


def test_without_tensorboardx_a_line_says_what_to_install(
    gan: RunDirectory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "tensorboardX", None)
    with pytest.raises(BadInput, match=r"need tensorboardX; `pip install tensorboardX` brings it"):
        write_event_files(gan, tmp_path / "x")
    assert not (tmp_path / "x").exists()
