"""Flipped bits and lost ends, anywhere in the files of a run: it goes on rightly, or says why not.

Wrong would be a run that goes on, without a word, from another state than it had. What only a
screen shows (the loss of a step that was done) may change with its bits.
"""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from mnist_engine.errors import BadInput
from mnist_engine.runs.checkpoints import checkpoints_of
from mnist_engine.runs.inbox import Inbox
from mnist_engine.training.control import Request

from .damaging import Patient, Places, Resumed, killed_run
from .small_runs import ENVIRONMENT, assert_as_if_uninterrupted, program

PLACES = [
    pytest.param(Places(distance=401, least=12), id="some bytes"),
    pytest.param(
        Places(distance=7, least=1300),
        id="every byte of small files and every 7th of large ones",
        marks=pytest.mark.slow,
    ),
]


@pytest.fixture(params=["classify", "gan"])
def patient(request: Any, tmp_path: Path) -> Patient:
    return killed_run(tmp_path, request.param)


@pytest.mark.parametrize("places", PLACES)
def test_a_run_goes_on_from_its_newest_whole_checkpoint(patient: Patient, places: Places) -> None:
    whole = patient.whole
    assert whole.faults == ()
    newest = checkpoints_of(patient.run)[-1]
    newest.checksum.unlink()
    earlier = patient.resume()
    patient.heal()
    assert 0 < earlier.step < whole.step
    assert earlier.interventions == whole.interventions, "the log has them too"
    fallen_back = 0
    for damage in patient.damages(patient.files, places):
        resumed = patient.resume()
        expected = whole
        if damage.path.stem == newest.path.stem:
            expected = earlier
            fallen_back += 1
            assert any(newest.path.name in fault for fault in resumed.faults), damage.what
        assert resumed[:4] == expected[:4], damage.what
    assert fallen_back


@pytest.mark.parametrize("places", PLACES)
def test_a_run_without_a_checkpoint_begins_anew_or_says_why_not(
    patient: Patient, places: Places
) -> None:
    patient.forget_checkpoints(len(checkpoints_of(patient.run)))
    whole = patient.resume()
    patient.heal()
    assert whole.step == 0
    assert whole.interventions == patient.whole.interventions
    refused = set()
    for damage in patient.damages(patient.files, places):
        resumed, refusal = resumed_or_refused(patient)
        if resumed is None:
            assert damage.path.name in refusal, damage.what
            assert refusal.isprintable(), "one line"
            refused.add(damage.path)
            continue
        assert resumed[:3] == whole[:3], damage.what
        done = resumed.interventions
        assert done == whole.interventions[: len(done)], damage.what
        if done != whole.interventions and not damage.truncated:
            assert any(damage.path.name in fault for fault in resumed.faults), damage.what
    assert refused == {patient.run.recipe, patient.run.info}


def resumed_or_refused(patient: Patient) -> tuple[Resumed | None, str]:
    try:
        return patient.resume(), ""
    except BadInput as refusal:
        return None, str(refusal)


@pytest.mark.parametrize("places", PLACES)
def test_the_inbox_hears_every_request_but_the_damaged(patient: Patient, places: Places) -> None:
    control = patient.write_requests(Request("learning rate", factor=n / 8) for n in range(1, 9))
    lines = control.read_bytes().splitlines(keepends=True)
    assert len(lines) == 8
    for damage in patient.damages([control], places):
        control.unlink()
        inbox = Inbox(patient.run)
        control.write_bytes(damage.content)
        left = damage.content.splitlines(keepends=True)
        whole = {n / 8 for n, line in enumerate(lines, 1) if line in left}
        heard = inbox.requests()
        assert whole <= {request.factor for request in heard}, damage.what
        assert len(heard) <= damage.content.count(b"\n"), damage.what
        assert all(request.source.isprintable() for request in heard), damage.what


# --- the command --------------------------------------------------------------------------------


def resume(patient: Patient) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        program("resume", patient.run.path, "--no-ui"),
        env=ENVIRONMENT, capture_output=True, text=True,
    )  # fmt: skip


def flip(path: Path, place: int) -> None:
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(bytes(content))


def test_the_command_tells_which_checkpoint_it_passed_over(patient: Patient) -> None:
    newest = checkpoints_of(patient.run)[-1].path
    flip(newest, -1)
    done = resume(patient)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"{newest}: is damaged, its checksum is another" in done.stdout
    assert_as_if_uninterrupted(patient.run)


def test_the_command_tells_that_lines_of_the_log_are_missing(patient: Patient) -> None:
    patient.forget_checkpoints(len(checkpoints_of(patient.run)))
    log = patient.run.events
    flip(log, log.read_bytes().index(b'"after":0.25') + len('"after":0.'))
    done = resume(patient)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"{log}: 1 damaged line is passed over; what people did is not repeated" in done.stdout


def test_the_command_ends_in_a_line_where_nothing_can_be_gone_on_with(patient: Patient) -> None:
    patient.forget_checkpoints(len(checkpoints_of(patient.run)))
    flip(patient.run.recipe, 100)
    done = resume(patient)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert f"{patient.run.recipe}: is damaged or was changed" in done.stderr
