"""Whatever is pressed and clicked: the program ends well, and the run can go on."""

from __future__ import annotations

import random
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pexpect
import pytest

from mnist_engine.runs.directory import RunDirectory

from ..small_images import write_data
from .conftest import Terminal
from .monkey import events
from .small_runs import ENVIRONMENT, assert_as_if_uninterrupted, program, write_recipe

COLUMNS, LINES = 120, 36
BURST = 20
"""Events that are sent without looking at what they do."""

PATIENCE = 1.0
"""Seconds that a burst may take until something is drawn."""

REST = 0.02
"""Seconds without a word of the program that mean that it has nothing more to draw now."""

MOST_SEEN = 200_000
"""Bytes of what was drawn that are kept: a screen or two."""

SESSION = 1000
"""Events after which the program is left and started again, if it was not left before."""

DEADLINE = 120.0


class Monkey:
    """Presses ``count`` keys on the programs that ``start`` starts, each as long as it lives."""

    def __init__(self, start: Callable[[], Terminal], seed: int, lines: int = LINES) -> None:
        self._start = start
        self._rng = random.Random(seed)
        self.sent: list[str] = []

    def play(self, count: int) -> None:
        """Send so many events, then leave."""
        while len(self.sent) < count:
            self._session(min(count - len(self.sent), SESSION))

    def _session(self, count: int) -> None:
        terminal = self._start()
        wait_for_screen(terminal)
        session: list[str] = []
        source = events(self._rng, COLUMNS, LINES)
        alive = True
        while alive and len(session) < count:
            burst = [next(source) for _ in range(BURST)]
            session += burst
            alive = send(terminal, "".join(burst)) and drain(terminal, PATIENCE)
        self.sent += session
        assert_left_well(terminal, session)


def wait_for_screen(terminal: Terminal) -> None:
    """Until the program draws; what is typed before, a terminal holds back."""
    end = time.monotonic() + DEADLINE
    while b"help" not in terminal.output.rpartition(b"[?1049h")[2]:
        assert drain(terminal), terminal.output.decode()
        assert time.monotonic() < end, "it draws nothing"


def send(terminal: Terminal, text: str) -> bool:
    """Type; False where the program is gone."""
    try:
        terminal.press(text)
    except OSError:
        return False
    return True


def drain(terminal: Terminal, longest: float = 0.2) -> bool:
    """Take in what the program draws, until it has drawn and rests; False once it has ended.

    ``longest`` are the seconds after which it is left alone all the same: not all keys draw.
    """
    end = time.monotonic() + longest
    rest = longest
    while (left := end - time.monotonic()) > 0:
        try:
            drawn = terminal.program.read_nonblocking(1 << 16, timeout=min(rest, left))
            terminal.output = (terminal.output + drawn)[-MOST_SEEN:]
            rest = REST
        except pexpect.TIMEOUT:
            return True
        except pexpect.EOF:
            return False
    return True


def assert_left_well(terminal: Terminal, session: list[str]) -> None:
    """Leave, if it was not left before: with a good status and a terminal as it was."""
    end = time.monotonic() + DEADLINE
    asked = 0.0
    while drain(terminal):
        assert time.monotonic() < end, f"it does not end after {session[-50:]}"
        if time.monotonic() > asked + 1:
            asked = time.monotonic()
            send(terminal, "\x11")  # ctrl+q: leave; and a second time: yes
    terminal.program.wait()
    status, tail = terminal.program.exitstatus, terminal.output.decode(errors="replace")
    told = (
        f"{status}, signal {terminal.program.signalstatus} after {session[-50:]}:\n{tail[-4000:]}"
    )
    assert "Traceback" not in tail, told
    assert status == 0 or (status == 1 and "diverged" in tail), told
    assert terminal.restored, told


class Runs:
    """The runs of a small recipe of ``task`` in ``folder``, one after the other."""

    def __init__(self, folder: Path, task: str, epochs: int) -> None:
        self.folder = folder
        self._task = task
        self._data = write_data(folder / "data")
        self._recipe = write_recipe(folder / "recipe.toml", task, epochs)
        self._number = 1

    @property
    def run(self) -> RunDirectory:
        """The newest."""
        return RunDirectory(self.folder / f"run-{self._number}")

    def command(self) -> tuple[str, ...]:
        """What begins the newest run or goes on with it; a new one where it has come to its end."""
        if self.run.exists() and self.ending in ("completed", "diverged"):
            self._number += 1
        if self.run.exists() and self.run.recipe.exists():
            return ("resume", self.run.path.name)
        return (
            self._task, "--recipe", str(self._recipe), "--data", str(self._data),
            "--run-dir", self.run.path.name,
        )  # fmt: skip

    @property
    def ending(self) -> str:
        """How the newest one ended; empty while it has not."""
        last = self.run.events.read_bytes().splitlines()[-1:] if self.run.events.exists() else []
        return next(
            (word for word in ("completed", "diverged") for line in last
             if f'"ending":"{word}"'.encode() in line),
            "",
        )  # fmt: skip

    def finish(self) -> None:
        """Train the newest to its end without a screen."""
        done = subprocess.run(
            program(*self.command(), "--no-ui"), cwd=self.folder, env=ENVIRONMENT,
            capture_output=True, text=True, timeout=DEADLINE,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr

    @contextmanager
    def trained_elsewhere(self) -> Iterator[Callable[[], tuple[str, ...]]]:
        """What watches the newest run, which a process without a screen trains meanwhile."""
        processes: list[subprocess.Popen[bytes]] = []

        def watch() -> tuple[str, ...]:
            if not processes or processes[-1].poll() is not None:
                command = program(*self.command(), "--no-ui")
                processes.append(
                    subprocess.Popen(
                        command, cwd=self.folder, env=ENVIRONMENT, stdout=subprocess.DEVNULL
                    )
                )
                end = time.monotonic() + DEADLINE
                while not self.run.events.exists() or processes[-1].poll() is None:
                    if self.run.events.exists() and self.run.events.stat().st_size:
                        break
                    assert time.monotonic() < end
                    time.sleep(0.02)
            return ("watch", self.run.path.name)

        try:
            yield watch
        finally:
            for one in processes:
                one.send_signal(signal.SIGTERM)
                assert one.wait(DEADLINE) in (0, 1, 128 + signal.SIGTERM)


EVENTS = [
    pytest.param(200, id="some"),
    pytest.param(None, id="many", marks=pytest.mark.slow),
]


@pytest.fixture
def count(request: pytest.FixtureRequest) -> int:
    """How many events a test sends: a share of --events where it is slow."""
    return request.param or request.config.getoption("--events") // 4


def assert_goes_on(runs: Runs) -> None:
    """The newest run can be trained to its end, and is what nobody's looking would have made it."""
    if not runs.ending:
        runs.finish()
    if runs.ending == "completed":
        assert_as_if_uninterrupted(runs.run)


@pytest.mark.parametrize("count", EVENTS, indirect=True)
@pytest.mark.parametrize("task", ["gan", pytest.param("classify", marks=pytest.mark.slow)])
def test_live(open_terminal, tmp_path, task, count):
    runs = Runs(tmp_path, task, epochs=60 if count < 1000 else 300)
    Monkey(lambda: open_terminal(*runs.command()), seed=1).play(count)
    assert_goes_on(runs)


@pytest.mark.slow
@pytest.mark.parametrize("count", EVENTS[1:], indirect=True)
def test_attached(open_terminal, tmp_path, count):
    runs = Runs(tmp_path, "gan", epochs=300)
    with runs.trained_elsewhere() as watch:
        Monkey(lambda: open_terminal(*watch()), seed=2).play(count)
    assert_goes_on(runs)


@pytest.mark.slow
@pytest.mark.parametrize("count", EVENTS[1:], indirect=True)
def test_replay(open_terminal, tmp_path, count):
    runs = Runs(tmp_path, "gan", epochs=60)
    runs.finish()
    kept = {path: path.read_bytes() for path in runs.run.path.rglob("*.safetensors")}
    Monkey(lambda: open_terminal("watch", runs.run.path.name), seed=3).play(count)
    assert kept == {path: path.read_bytes() for path in runs.run.path.rglob("*.safetensors")}
