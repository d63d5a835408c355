"""Whatever kills the process that trains: resumed, the run ends as if nothing had happened."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import pytest

from mnist_engine.runs.directory import RunDirectory

from .killing import AIMS, train_and_kill
from .small_runs import assert_as_if_uninterrupted, program, write_data, write_recipe

KILLS_OF_A_RUN = 8
"""After so many a run is let live to its end, and looked at."""


def kill_some(
    folder: Path, task: str, kills: int, epochs: int, seed: int, meddle: bool
) -> Counter[str]:
    """Train a run of ``task``, kill it up to ``kills`` times, and see that nothing was lost."""
    folder.mkdir()
    data = write_data(folder / "data")
    recipe = write_recipe(folder / "recipe.toml", task, epochs)
    run = RunDirectory(folder / "run")
    begin = program(
        task, "--recipe", recipe, "--data", data, "--run-dir", run.path,
        "--no-ui", "--checkpoint-every", 0.05,
    )  # fmt: skip
    met = train_and_kill(begin, run, kills, random.Random(seed), meddle)
    assert_as_if_uninterrupted(run)
    left = [path.name for path in run.path.rglob("*.unfinished")]
    assert not left, f"half of {left} was never cleared away"
    return met


@pytest.mark.parametrize("task", ["classify", "gan"])
def test_a_killed_run_goes_on_to_the_same_bits(tmp_path: Path, task: str) -> None:
    assert kill_some(tmp_path / task, task, kills=2, epochs=30, seed=1, meddle=True).total() > 0


@pytest.mark.slow
def test_kills_at_many_moments_lose_nothing(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    wanted = request.config.getoption("--kills")
    met: Counter[str] = Counter()
    run = 0
    while met.total() < wanted:
        run += 1
        kills = min(KILLS_OF_A_RUN, wanted - met.total())
        task = ("classify", "gan")[run % 2]
        folder = tmp_path / f"{run:03d}-{task}"
        met += kill_some(folder, task, kills, epochs=150, seed=run, meddle=run % 4 > 1)
        print(f"{met.total()} kills, {run} runs: {dict(met)}")
    if wanted >= 20 * len(AIMS):
        assert met.keys() == {aim.__name__ for aim in AIMS}
