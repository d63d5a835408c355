"""``--to csv``: every number of the log, in tables that a spreadsheet reads."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from mnist_engine.runs.directory import RunDirectory
from mnist_engine.runs.log import Log
from mnist_engine.training.events import (
    Alarm,
    AnyEvent,
    EpochDone,
    Finished,
    Intervened,
    Measured,
    StepDone,
    encode_event,
)
from mnist_tui.export.tables import write_tables


def table(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / f"{name}.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def events_of_a_run() -> list[AnyEvent]:
    """A generator that moves in every other step, and a person who turns and pauses."""
    return [
        StepDone(step=1, seconds=0.5, epoch=1, losses={"discriminator": 1.25},
                 learning_rates={"discriminator": 1e-3, "generator": 2e-3}),
        Intervened(step=1, seconds=0.5, what="learning rate", source="key", network="generator",
                   before=1.0, after=0.5),
        Intervened(step=1, seconds=0.5, what="pause", source="signal"),
        StepDone(step=2, seconds=1.0, epoch=1, losses={"discriminator": 1.0, "generator": 0.7},
                 learning_rates={"discriminator": 1e-3, "generator": 1e-3},
                 measures={"D(real)": 0.6}),
        Measured(step=2, seconds=1.0, values={"class KL": 0.3}),
        Alarm(step=2, name="collapse", level="warning", text='one class, "7", in all of them'),
        EpochDone(step=2, seconds=1.0, epoch=1, measures={"FID": 12.5}),
        Finished(step=2, seconds=1.0, epoch=1, ending="stopped", measures={"FID": 12.0}),
    ]  # fmt: skip


@pytest.fixture
def run(tmp_path: Path) -> RunDirectory:
    """A run with these events, and a line that cannot be read."""
    lines = [encode_event(event) for event in events_of_a_run()]
    lines.insert(3, b'{"event":"step","st\xff')  # what a bit flip or a torn write leaves
    (tmp_path / "events.jsonl").write_bytes(b"\n".join(lines) + b'\n{"event":"st')
    return RunDirectory(tmp_path)


@pytest.fixture
def written(run: RunDirectory, tmp_path: Path) -> Path:
    """The tables of these events."""
    write_tables(run, tmp_path / "tables")
    return tmp_path / "tables"


def test_what_cannot_be_read_is_told(run: RunDirectory, tmp_path: Path) -> None:
    told = write_tables(run, tmp_path / "tables")
    assert told.endswith("results.csv (1 row); 1 line of the log left out, being damaged")
    sound = [encode_event(event) + b"\n" for event in events_of_a_run()]
    run.events.write_bytes(b"".join(sound))
    assert write_tables(run, tmp_path / "tables").endswith("results.csv (1 row)")


def test_a_row_a_step_with_a_column_for_each_number(written: Path) -> None:
    assert table(written, "steps") == [
        {"step": "1", "seconds": "0.5", "epoch": "1", "discriminator loss": "1.25",
         "discriminator learning rate": "0.001", "generator learning rate": "0.002",
         "generator loss": "", "D(real)": ""},
        {"step": "2", "seconds": "1.0", "epoch": "1", "discriminator loss": "1.0",
         "discriminator learning rate": "0.001", "generator learning rate": "0.001",
         "generator loss": "0.7", "D(real)": "0.6"},
    ]  # fmt: skip


def test_epochs_measures_alarms_and_the_end_have_tables_of_their_own(written: Path) -> None:
    assert table(written, "epochs") == [
        {"epoch": "1", "step": "2", "seconds": "1.0", "FID": "12.5"}
    ]
    assert table(written, "measures") == [{"step": "2", "seconds": "1.0", "class KL": "0.3"}]
    (alarm,) = table(written, "alarms")
    assert alarm["text"] == 'one class, "7", in all of them'
    (end,) = table(written, "results")
    assert (end["ending"], end["FID"]) == ("stopped", "12.0")


def test_interventions_tell_what_who_and_by_how_much(written: Path) -> None:
    turned, paused = table(written, "interventions")
    assert (turned["network"], turned["before"], turned["after"]) == ("generator", "1.0", "0.5")
    assert (paused["what"], paused["source"], paused["after"]) == ("pause", "signal", "")


def test_a_real_run_is_all_there(gan: RunDirectory, tmp_path: Path) -> None:
    told = write_tables(gan, tmp_path)
    steps = [event for event in Log(gan.events).every() if isinstance(event, StepDone)]
    rows = table(tmp_path, "steps")
    assert f"steps.csv ({len(steps)} rows)" in told
    assert [float(row["generator loss"]) for row in rows] == [e.losses["generator"] for e in steps]
    assert not (tmp_path / "interventions.csv").exists(), "there were none"
