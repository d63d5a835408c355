"""A disk that takes no more: what was saved stays good, and nothing ends without a word."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from mnist_engine.runs.checkpoints import checkpoints_of, read_checkpoint
from mnist_engine.runs.directory import RunDirectory
from mnist_engine.runs.lock import is_locked, locked

from ..small_images import write_data
from .small_runs import (
    ENVIRONMENT,
    assert_as_if_uninterrupted,
    program,
    write_recipe,
)

Start = Callable[..., subprocess.Popen[str]]

DEADLINE = 60.0
NEW_MOUNTS = 0x00020000
"""CLONE_NEWNS of Linux's unshare(2)."""

SIZE = 4 << 20
"""Bytes of the disk: a dozen checkpoints of the run below."""


class Disk:
    """A small one, with a run on it that takes a while."""

    def __init__(self, path: Path, elsewhere: Path) -> None:
        self.path = path
        self.run = RunDirectory(path / "run")
        self._filler = path / "filler"
        self._data = write_data(elsewhere / "data")
        self._recipe = write_recipe(elsewhere / "recipe.toml", "classify", epochs=150, width=64)

    def begin(self, *arguments: object) -> tuple[object, ...]:
        """The arguments that begin the run."""
        return (
            "classify", "--recipe", self._recipe, "--data", self._data, "--run-dir", self.run.path,
            "--checkpoint-every", 0.05, *arguments,
        )  # fmt: skip

    def fill(self) -> None:
        """Leave no room."""
        with self._filler.open("wb", buffering=0) as file:
            for size in (1 << 12, 1):
                try:
                    while file.write(b"x" * size) == size:
                        pass
                except OSError:
                    continue

    def make_room(self) -> None:
        """Take away what filled it."""
        self._filler.unlink()

    def has_checkpoints(self) -> bool:
        """Whether there are some to be kept whole."""
        return len(checkpoints_of(self.run)) > 1

    def assert_checkpoints_are_good(self) -> None:
        """All that are there are whole."""
        found = checkpoints_of(self.run)
        assert found
        for checkpoint in found:
            read_checkpoint(checkpoint.path)


@pytest.fixture(scope="session")
def own_mounts() -> None:
    """What is mounted from here on is there for this process and its children alone.

    So it is gone with them, however they end.
    """
    if not sys.platform.startswith("linux") or os.geteuid() != 0:
        pytest.skip("only root of Linux can mount")
    if ctypes.CDLL(None, use_errno=True).unshare(NEW_MOUNTS) != 0:
        pytest.skip(f"nothing can be mounted here: {os.strerror(ctypes.get_errno())}")
    _mount("--make-rprivate", "/")


@pytest.fixture
def mount(own_mounts: None) -> Iterator[Callable[..., None]]:
    """Mounts something for the time of a test: ``mount(path, "-t", "tmpfs", "none")``."""
    with ExitStack() as mounted:

        def do(path: Path, *arguments: str) -> None:
            _mount(*arguments, str(path))
            mounted.callback(subprocess.run, ["umount", "--lazy", path], check=True)

        yield do


def _mount(*arguments: str) -> None:
    done = subprocess.run(["mount", *arguments], capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"nothing can be mounted here: {done.stderr.strip()}")


@pytest.fixture
def disk(tmp_path: Path, mount: Callable[..., None]) -> Disk:
    path = tmp_path / "disk"
    path.mkdir()
    mount(path, "-t", "tmpfs", "-o", f"size={SIZE}", "none")
    return Disk(path, tmp_path)


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts the program: ``start("resume", run)``. What a test leaves running is ended."""
    with ExitStack() as started:

        def do(*arguments: object) -> subprocess.Popen[str]:
            process = subprocess.Popen(
                program(*arguments), env=ENVIRONMENT, text=True,
                stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            )  # fmt: skip
            started.enter_context(process)
            started.callback(process.kill)
            return process

        yield do


def wait_for_checkpoints(process: subprocess.Popen[str], disk: Disk) -> None:
    end = time.monotonic() + DEADLINE
    while not disk.has_checkpoints():
        assert process.poll() is None, f"it has ended: {process.communicate()}"
        assert time.monotonic() < end, "it saves nothing"
        time.sleep(0.001)


def end_of(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    """The exit status, the output and the errors of a process that comes to its end."""
    output, errors = process.communicate(timeout=DEADLINE)
    return process.returncode, output, errors


def test_without_a_screen_a_full_disk_ends_training_in_a_line(disk: Disk, start: Start) -> None:
    process = start(*disk.begin("--no-ui"))
    wait_for_checkpoints(process, disk)
    disk.fill()
    status, _, errors = end_of(process)
    assert status == 1
    assert errors.count("\n") == 1
    assert "cannot be written (No space left on device); training has ended" in errors
    assert f"`mnist-tui resume {disk.run.path}` goes on" in errors
    disk.assert_checkpoints_are_good()
    disk.make_room()
    status, output, errors = end_of(start("resume", disk.run.path, "--no-ui"))
    assert (status, errors) == (0, "")
    assert "goes on from step" in output
    assert_as_if_uninterrupted(disk.run)


def test_training_goes_on_without_a_disk_where_that_is_wanted(disk: Disk, start: Start) -> None:
    process = start(*disk.begin("--no-ui", "--on-disk-full", "continue"))
    wait_for_checkpoints(process, disk)
    disk.fill()
    status, output, errors = end_of(process)
    assert status == 1  # what it has learnt is not saved
    assert "cannot be written (No space left on device); training goes on without" in output
    assert "finished at step 1500" in output
    assert "weights saved" not in output
    assert errors.count("\n") == 1
    assert "not all of the run is saved" in errors
    assert f"`mnist-tui resume {disk.run.path}` does the rest" in errors
    disk.assert_checkpoints_are_good()
    disk.make_room()
    assert end_of(start("resume", disk.run.path, "--no-ui"))[0] == 0
    assert_as_if_uninterrupted(disk.run)


def test_what_a_disk_refused_for_a_while_is_all_there_in_the_end(disk: Disk, start: Start) -> None:
    process = start(*disk.begin("--no-ui", "--on-disk-full", "continue"))
    wait_for_checkpoints(process, disk)
    disk.fill()
    assert process.stdout is not None
    assert any("training goes on without" in line for line in process.stdout)
    disk.make_room()
    status, _, errors = end_of(process)
    assert (status, errors) == (0, "")
    assert_as_if_uninterrupted(disk.run)


def test_a_directory_of_checkpoints_that_becomes_read_only(
    disk: Disk, start: Start, mount: Callable[..., None]
) -> None:
    process = start(*disk.begin("--no-ui"))
    wait_for_checkpoints(process, disk)
    folder = disk.run.checkpoints
    mount(folder, "--bind", str(folder))
    remount = ["mount", "-o", "remount,ro,bind", str(folder)]
    while subprocess.run(remount, capture_output=True).returncode:  # a file is being written there
        assert process.poll() is None
    status, _, errors = end_of(process)
    assert status == 1
    assert errors.count("\n") == 1
    assert f"{folder}: cannot be written (Read-only file system); training has ended" in errors
    disk.assert_checkpoints_are_good()


@pytest.mark.parametrize("command", ["begin", "resume"])
def test_a_disk_that_is_read_only_is_one_line(disk: Disk, start: Start, command: str) -> None:
    arguments = disk.begin("--no-ui")
    if command == "resume":
        process = start(*arguments)
        wait_for_checkpoints(process, disk)
        process.terminate()
        end_of(process)
        arguments = ("resume", disk.run.path, "--no-ui")
    _mount("-o", "remount,ro", str(disk.path))
    status, output, errors = end_of(start(*arguments))
    assert status in (1, 2)
    assert output == ""
    assert errors.count("\n") == 1
    assert "Read-only file system" in errors


def test_whoever_can_only_read_a_run_sees_whether_it_is_trained(
    disk: Disk, mount: Callable[..., None], tmp_path: Path
) -> None:
    disk.run.path.mkdir()
    view = tmp_path / "view"
    view.mkdir()
    mount(view, "--bind", str(disk.path))
    _mount("-o", "remount,ro,bind", str(view))
    seen = RunDirectory(view / "run")
    with locked(disk.run):
        assert is_locked(seen)
    assert not is_locked(seen)


@pytest.mark.parametrize("columns", [80, 120])
def test_on_a_screen_training_pauses_until_there_is_room(
    disk: Disk, open_terminal: Callable[..., Any], columns: int
) -> None:
    terminal = open_terminal(*map(str, disk.begin()), columns=columns, lines=24)
    terminal._read_until(disk.has_checkpoints, "saved anything")
    disk.fill()
    screen = terminal.wait_for("paused", "not saved")
    assert "not saved: No space left on device" in screen
    assert "make room, then space goes on" in screen
    disk.assert_checkpoints_are_good()
    disk.make_room()
    terminal.press(" ")
    terminal.wait_for("finished")
    assert "not saved" not in terminal.text
    terminal.press("q")
    assert terminal.wait_for_end() == 0
    assert_as_if_uninterrupted(disk.run)


def test_who_leaves_while_the_disk_is_full_is_told_what_is_not_saved(
    disk: Disk, open_terminal: Callable[..., Any], start: Start
) -> None:
    terminal = open_terminal(*map(str, disk.begin()), columns=120, lines=24)
    terminal._read_until(disk.has_checkpoints, "saved anything")
    disk.fill()
    terminal.wait_for("paused", "not saved")
    terminal.press("q")
    terminal.wait_for("Stop training?", "The disk takes nothing: No space left on device.")
    terminal.press("s")
    assert terminal.wait_for_end() == 1
    told = " ".join(terminal.output.decode(errors="replace").split())
    assert "cannot be written (No space left on device); not all of the run is saved" in told
    assert "resume" in told.rpartition("cannot be written")[2]
    disk.assert_checkpoints_are_good()
    disk.make_room()
    status, _, errors = end_of(start("resume", disk.run.path, "--no-ui"))
    assert (status, errors) == (0, "")
    assert_as_if_uninterrupted(disk.run)
