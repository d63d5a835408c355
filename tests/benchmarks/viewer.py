"""What a viewer costs the process that trains: steps a second with one and without, in turn.

    python tests/benchmarks/viewer.py [--recipe NAME] [--rounds N] [--seconds N] [--threads N]

One process trains without a screen, another watches it in a terminal of 120 x 36. Each round has a
time in which the viewer looks on and one in which it is held (SIGSTOP), the one or the other first,
so that whatever else the machine does hits both alike. What counts are the ratios within a round.
The log of the run tells how long each step took; nothing of this program runs in between. What it
takes to start a viewer, a second or two of one core, is not in these figures.
"""

from __future__ import annotations

import argparse
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from in_terminal import DEADLINE, PROGRAM, InTerminal

from mnist_engine.recipes import load_recipe
from mnist_engine.training.events import Event, StepDone, decode_event

SETTLING_SECONDS = 2.0
"""Before each time that counts: the log is up to a second late, and a viewer that was held has to
read what it missed."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--recipe", default="conditional-dense", help="what is trained")
    parser.add_argument("--rounds", type=int, default=12, help="pairs of times that are compared")
    parser.add_argument("--seconds", type=float, default=10.0, help="how long each of them takes")
    parser.add_argument("--threads", type=int, default=2, help="threads of the linear algebra")
    arguments = parser.parse_args()
    if arguments.rounds < 2 or arguments.seconds < 1 or arguments.threads < 1:
        parser.error("--rounds must be at least 2, --seconds and --threads at least 1")
    with (
        tempfile.TemporaryDirectory() as folder,
        training(Path(folder), arguments.recipe, arguments.threads) as trained,
        InTerminal(Path(folder), "watch", "run") as viewer,
    ):
        pairs = [
            one_round(viewer, trained.log, arguments.seconds, viewer_first=number % 2 == 1)
            for number in range(arguments.rounds)
        ]
        share = viewer.share
    title = f"{arguments.recipe}, {arguments.threads} threads, {arguments.seconds:g} s each"
    print("\n".join([title, *outcome(pairs)]))
    if share is not None:
        print(f"the viewer takes {share:.1%} of one core while it looks on")


Pair = tuple[float, float]
"""Steps a second without a viewer, and with one."""


def one_round(viewer: InTerminal, log: Path, seconds: float, viewer_first: bool) -> Pair:
    """The two speeds of a round."""
    speeds = {}
    for watched in (viewer_first, not viewer_first):
        with viewer.held(not watched):
            time.sleep(SETTLING_SECONDS)
            begin = log.stat().st_size
            time.sleep(seconds)
            end = log.stat().st_size
        speeds[watched] = steps_a_second(events_between(log, begin, end))
    return speeds[False], speeds[True]


def events_between(log: Path, begin: int, end: int) -> list[Event]:
    """The events whose lines lie whole between two bytes of the log."""
    with log.open("rb") as file:
        file.seek(begin)
        lines = file.read(end - begin).split(b"\n")[1:-1]
    return [event for line in lines if (event := decode_event(line)) is not None]


def steps_a_second(events: Sequence[Event]) -> float:
    """How fast steps follow each other where nothing is logged between them."""
    times = [
        after.seconds - before.seconds
        for before, after in pairwise(events)
        if isinstance(before, StepDone) and isinstance(after, StepDone)
    ]
    if not times:
        raise SystemExit("no two steps were logged in that time; give more --seconds")
    return len(times) / sum(times)


def outcome(pairs: Sequence[Pair], what: str = "viewer") -> list[str]:
    """A line a round, the medians, and by how much a viewer, or a screen, slows steps down."""
    slower = [100 * (without / watched - 1) for without, watched in pairs]
    lines = [f"round   without {what}   with {what}   a step takes longer by"]
    lines += [
        f"{number:5}   {without:14.2f}   {watched:11.2f}   {percent:+21.2f}%"
        for number, ((without, watched), percent) in enumerate(zip(pairs, slower, strict=True), 1)
    ]
    medians = [statistics.median(speeds) for speeds in zip(*pairs, strict=True)]
    error = statistics.stdev(slower) / len(slower) ** 0.5
    mean = statistics.mean(slower)
    verdict = "nothing measurable" if abs(mean) <= 2 * error else "that is more than chance"
    return [
        *lines,
        f"median {medians[0]:15.2f}   {medians[1]:11.2f}   {statistics.median(slower):+21.2f}%",
        f"mean difference {mean:+.2f}% ± {error:.2f}% (standard error): {verdict}",
    ]


# -- the two processes -----------------------------------------------------------------------------


class Training(NamedTuple):
    """A process that trains without a screen."""

    process: subprocess.Popen[bytes]
    log: Path

    @contextmanager
    def held(self, held: bool) -> Iterator[None]:
        """While this is entered it stands still, or trains."""
        self.process.send_signal(signal.SIGSTOP if held else signal.SIGCONT)
        yield


@contextmanager
def training(folder: Path, recipe: str, threads: int) -> Iterator[Training]:
    """A process that trains ``folder / "run"`` without end."""
    limits = {f"{name}_NUM_THREADS": str(threads) for name in ("OPENBLAS", "OMP", "MKL")}
    command = [load_recipe(recipe).task, "--recipe", recipe, "--threads", str(threads)]
    process = subprocess.Popen(
        [sys.executable, *PROGRAM, *command, "--no-ui", "--epochs", "100000", "--run-dir", "run"],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        env={**os.environ, **limits, "TERM": "dumb"},
    )
    log = folder / "run" / "events.jsonl"
    try:
        end = time.monotonic() + DEADLINE
        while not (log.exists() and b'"step"' in log.read_bytes()):
            if process.poll() is not None or time.monotonic() > end:
                raise SystemExit("no training came about; its message is above")
            time.sleep(0.1)
        yield Training(process, log)
    finally:
        process.kill()
        process.wait()


if __name__ == "__main__":
    main()
