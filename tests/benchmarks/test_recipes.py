"""What was measured of recipes is counted together where it was measured in the same way."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

import recipes
from mnist_engine.recipes import load_recipe
from recipes import PLANS, REAL, Plan, conditions_of, kept_results, kept_runs

PLAN = Plan((60.0,), epochs=(13,), seconds=300.0, timed=True)
RUNS = {"0": {"end": {"FID": 2.0}}}


@pytest.fixture
def keep(monkeypatch: pytest.MonkeyPatch) -> None:
    """A result of dense, measured by PLAN."""
    result = {"seeds": 1, "runs": RUNS, **conditions_of(load_recipe("dense"), PLAN)}
    monkeypatch.setattr(recipes, "kept_results", lambda: {"dense": result})


@pytest.mark.usefixtures("keep")
def test_runs_of_the_same_plan_are_counted_together_whatever_the_number_of_seeds() -> None:
    same = conditions_of(load_recipe("dense"), replace(PLAN, seeds=PLAN.seeds + 1))
    assert kept_runs("dense", same) == RUNS


@pytest.mark.parametrize(
    "change",
    [{"seconds": 60.0}, {"seconds": None}, {"marks": ()}, {"epochs": (14,)}, {"timed": False}],
)
@pytest.mark.usefixtures("keep")
def test_runs_of_another_plan_are_not(change: dict[str, Any]) -> None:
    other = conditions_of(load_recipe("dense"), replace(PLAN, **change))
    assert kept_runs("dense", other) == {}


@pytest.mark.usefixtures("keep")
def test_nor_are_those_of_another_recipe() -> None:
    assert kept_runs("dense", conditions_of(load_recipe("lsgan"), PLAN)) == {}


def test_a_recipe_is_measured_on_the_threads_it_asks_for() -> None:
    assert conditions_of(load_recipe("judge"))["threads"] == 2


def test_results_that_ship_were_measured_as_the_plans_say_now() -> None:
    for name, result in kept_results().items():
        if name != REAL:
            plan = conditions_of(load_recipe(name), PLANS.get(name, Plan()))["plan"]
            assert result["plan"] == plan, f"{name}: measure it anew"


def test_seeds_beyond_the_plan_are_said_to_be(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["recipes.py", "wgan-gp", "--first-seed", "1"])
    recipes.main()
    assert capsys.readouterr().out == "wgan-gp: its plan ends with seed 0, nothing to train\n"
