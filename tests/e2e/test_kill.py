"""Whatever kills the process that trains: resumed, the run ends as if nothing had happened."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from mnist_engine.runs.directory import RunDirectory

from ..small_images import write_data
from .killing import AIMS, Aim, train_and_kill
from .small_runs import assert_as_if_uninterrupted, program, write_recipe

KILLS_OF_A_RUN = 8
"""After so many a run is let live to its end, and looked at."""

RUNS_PER_KILL = 10
"""A fast machine ends a run before the moment comes; so many in a row it does not."""


def kill(
    folder: Path, tasks: tuple[str, ...], wanted: int, epochs: int, needed: tuple[Aim, ...] = ()
) -> None:
    """Train runs of ``tasks`` in turn and kill each a few times, ``wanted`` times in all.

    And then until each of the aims ``needed`` was met. Of each run is seen that nothing was lost.
    With half of them people interfere.
    """
    met: Counter[Aim] = Counter()
    for number in range(wanted * RUNS_PER_KILL):
        left = wanted - met.total()
        missing = [aim for aim in needed if not met[aim]]
        if left <= 0 and not missing:
            return
        task = tasks[number % len(tasks)]
        met += kill_some(
            folder / f"{number:03d}-{task}", task,
            aims=AIMS if left > 0 else missing,
            kills=min(KILLS_OF_A_RUN, left if left > 0 else len(missing)),
            epochs=epochs, seed=number, meddle=number // len(tasks) % 2 == 0,
        )  # fmt: skip
        told = {aim.__name__: count for aim, count in met.items()}
        print(f"{met.total()} kills, {number + 1} runs: {told}")
    raise AssertionError(f"only {met.total()} of {wanted} kills were met, or not each aim")


def kill_some(
    folder: Path,
    task: str,
    aims: Sequence[Aim],
    kills: int,
    epochs: int,
    seed: int,
    meddle: bool,
) -> Counter[Aim]:
    """Train a run of ``task``, kill it up to ``kills`` times, and see that nothing was lost."""
    folder.mkdir()
    data = write_data(folder / "data")
    recipe = write_recipe(folder / "recipe.toml", task, epochs)
    run = RunDirectory(folder / "run")
    begin = program(
        task, "--recipe", recipe, "--data", data, "--run-dir", run.path,
        "--no-ui", "--checkpoint-every", 0.05,
    )  # fmt: skip
    met = train_and_kill(begin, run, aims, kills, random.Random(seed), meddle)
    assert_as_if_uninterrupted(run)
    left = [path.name for path in run.path.rglob("*.unfinished")]
    assert not left, f"half of {left} was never cleared away"
    return met


@pytest.mark.parametrize("task", ["classify", "gan"])
def test_a_killed_run_goes_on_to_the_same_bits(tmp_path: Path, task: str) -> None:
    kill(tmp_path, (task,), wanted=2, epochs=30)


@pytest.mark.slow
def test_kills_at_all_kinds_of_moments_lose_nothing(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    wanted = request.config.getoption("--kills")
    kill(tmp_path, ("classify", "gan"), wanted, epochs=150, needed=AIMS)
