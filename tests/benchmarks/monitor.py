"""What the monitor takes from training, and how soon it answers.

    python tests/benchmarks/monitor.py [--only PART ...] [--threads N] [--presses N] [--rounds N]
                                       [--seconds N] [--steps N]

Four parts, on MNIST, in a terminal of 120 x 36 (see ``in_terminal``):

keys     time from a key to its effect on the screen, while ``dense-adam`` trains at full speed
redraw   processor time of drawing all of the screen anew, and of each panel
speed    steps a second with the screen and without, in turn, as in ``viewer``
memory   resident memory after 10,000 recorded steps and after ``--steps``
"""

from __future__ import annotations

import argparse
import asyncio
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from in_terminal import InTerminal
from redraw import redraws
from viewer import SETTLING_SECONDS, events_between, outcome, steps_a_second, training

from mnist_engine.recipes import load_recipe
from mnist_engine.training.events import StepDone, decode_event

LONGEST_WAIT = 0.100
"""Seconds from a key to its effect that 99 of 100 may take."""

MOST_CPU = 0.025
"""Seconds of processor time for a whole screen."""

LARGEST_LOSS = {"dense-adam": 8.0, "autograd-mlp": 15.0}
"""By how many per cent the screen may lower the steps a second of which recipe."""

LARGEST_GROWTH = 20 * 2**20
"""Bytes that a long run may have more than a short one."""

SHORT_RUN = 10_000
PARTS = ("keys", "redraw", "speed", "memory")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, help="parts to measure")
    parser.add_argument("--threads", type=int, default=2, help="threads of the linear algebra")
    parser.add_argument("--presses", type=int, default=500, help="keys that are pressed")
    parser.add_argument("--rounds", type=int, default=12, help="pairs of times that are compared")
    parser.add_argument("--seconds", type=float, default=10.0, help="how long each of them takes")
    parser.add_argument("--steps", type=int, default=1_000_000, help="steps of the long run")
    parser.add_argument("--recipes", nargs="+", default=LARGEST_LOSS, help="for the part speed")
    arguments = parser.parse_args()
    if arguments.presses < 10 or arguments.rounds < 2 or arguments.steps <= SHORT_RUN:
        parser.error(f"at least 10 --presses, 2 --rounds, more than {SHORT_RUN} --steps")
    parts: dict[str, Callable[[argparse.Namespace], None]] = {
        "keys": print_keys,
        "redraw": print_redraws,
        "speed": print_speed,
        "memory": print_memory,
    }
    for part in arguments.only:
        parts[part](arguments)


def trained(folder: Path, recipe: str, threads: int) -> InTerminal:
    """The screen of an endless training of ``recipe``."""
    return InTerminal(
        folder, load_recipe(recipe).task, "--recipe", recipe, "--threads", str(threads),
        "--epochs", "100000", "--run-dir", "run", threads=threads,
    )  # fmt: skip


# -- keys ----------------------------------------------------------------------------------------

PRESSES = (
    ("t", "turn D"),
    ("9", "What happened"),
    ("t", "turn G"),
    ("9", ""),
    ("?", "esc closes"),
    ("?", ""),
    ("t", "turn both"),
)
"""Keys, and words that are seen nowhere before: of networks that are turned, a panel, a dialog."""

LONGEST_REST = 0.3
"""Seconds between two keys, at most: they come at any moment of the screen's and training's."""


def print_keys(arguments: argparse.Namespace) -> None:
    """The distribution of waiting times."""
    rng, waits = random.Random(0), []
    with (
        tempfile.TemporaryDirectory() as folder,
        trained(Path(folder), "dense-adam", arguments.threads) as screen,
    ):
        time.sleep(SETTLING_SECONDS)
        while len(waits) < arguments.presses:
            for key, effect in PRESSES:
                waited = screen.press(key, effect)
                if effect and waited is None:
                    raise SystemExit(f"{key!r} never showed {effect!r}")
                if waited is not None:
                    waits.append(waited)
                time.sleep(rng.uniform(LONGEST_REST / 3, LONGEST_REST))
    waits.sort()
    shares = ((0.5, "median"), (0.9, "90th"), (0.99, "99th percentile"), (1.0, "longest"))
    told = ", ".join(f"{name} {1000 * at(waits, share):.0f} ms" for share, name in shares)
    print(f"keys: {len(waits)} to their effect: {told} {verdict(at(waits, 0.99), LONGEST_WAIT)}")


def at(values: list[float], share: float) -> float:
    """The smallest of the sorted ``values`` below or at which that share of them lies."""
    return values[max(-(-len(values) * round(1000 * share) // 1000) - 1, 0)]


def verdict(found: float, most: float) -> str:
    """Whether a figure is what it must be."""
    return "(good)" if found < most else "(TOO MUCH)"


# -- redraw --------------------------------------------------------------------------------------


def print_redraws(arguments: argparse.Namespace) -> None:
    """Medians, of the whole and by panel."""
    for recipe in LARGEST_LOSS:
        whole, panels = asyncio.run(redraws(recipe, arguments.threads))
        print(f"redraw: {recipe}, a full one {1000 * whole:.1f} ms {verdict(whole, MOST_CPU)}")
        for name, seconds in panels.items():
            print(f"    {name:24} {1000 * seconds:5.1f} ms")


# -- speed ---------------------------------------------------------------------------------------


def print_speed(arguments: argparse.Namespace) -> None:
    """A line a round, and the loss, of each recipe."""
    for recipe in arguments.recipes:
        with (
            tempfile.TemporaryDirectory() as seen,
            tempfile.TemporaryDirectory() as unseen,
            training(Path(unseen), recipe, arguments.threads) as headless,
            trained(Path(seen), recipe, arguments.threads) as screen,
        ):
            pairs = []
            for number in range(arguments.rounds):
                speeds = {}
                for shown in (number % 2 == 1, number % 2 == 0):
                    log = Path(seen) / "run" / "events.jsonl" if shown else headless.log
                    with screen.held(not shown), headless.held(shown):
                        time.sleep(SETTLING_SECONDS)
                        begin = log.stat().st_size
                        time.sleep(arguments.seconds)
                        end = log.stat().st_size
                    speeds[shown] = steps_a_second(events_between(log, begin, end))
                pairs.append((speeds[False], speeds[True]))
        print(f"speed: {recipe}, {arguments.threads} threads, {arguments.seconds:g} s each")
        print("\n".join(outcome(pairs, "screen")))
        loss = 100 * (1 - statistics.median(seen / unseen for unseen, seen in pairs))
        most = LARGEST_LOSS.get(recipe, 100.0)
        print(f"{loss:.1f}% fewer steps/s with the screen {verdict(loss, most)}")


# -- memory --------------------------------------------------------------------------------------


def print_memory(arguments: argparse.Namespace) -> None:
    """Resident memory of the smallest MLP's training with its screen."""
    with (
        tempfile.TemporaryDirectory() as folder,
        trained(Path(folder), "autograd-mlp", 1) as screen,
    ):
        log = Path(folder) / "run" / "events.jsonl"
        resident = []
        for steps in (SHORT_RUN, arguments.steps):
            while (done := last_step(log)) < steps:
                time.sleep(1.0)
            resident.append(screen.resident)
            print(f"memory: {resident[-1] / 2**20:.1f} MB after {done:,} steps", flush=True)
    growth = resident[1] - resident[0]
    print(f"{growth / 2**20:+.1f} MB {verdict(growth, LARGEST_GROWTH)}")


def last_step(log: Path) -> int:
    """The last step of which the log tells."""
    with log.open("rb") as file:
        file.seek(max(log.stat().st_size - 65536, 0))
        lines = file.read().split(b"\n")[:-1]
    events = map(decode_event, lines)
    return max((event.step for event in events if isinstance(event, StepDone)), default=0)


if __name__ == "__main__":
    main()
