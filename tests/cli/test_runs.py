"""``runs`` and ``compare`` on paper: what stands in their tables."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from mnist_engine.recipes import load_recipe
from mnist_engine.recipes.overrides import override
from mnist_engine.runs.directory import RunDirectory
from mnist_engine.training.events import EpochDone, Event, Finished, Started, StepDone

Run = Callable[..., subprocess.CompletedProcess[str]]
WriteRun = Callable[..., RunDirectory]


def training(accuracy: float, seconds: float = 4.0) -> list[Event]:
    """Two steps in one epoch."""
    started = Started(
        step=0,
        task="classify",
        recipe="mlp",
        summary="",
        epochs=1,
        steps_per_epoch=2,
        seed=0,
        threads=1,
        parameters={"classifier": 1},
        image_shape=(28, 28),
    )
    steps = [
        StepDone(
            step=number,
            seconds=seconds * number / 2,
            epoch=1,
            losses={"classifier": 1 / number},
            learning_rates={"classifier": 0.1},
        )
        for number in (1, 2)
    ]
    measures = {"validation loss": 0.25, "validation accuracy": accuracy}
    epoch = EpochDone(step=2, seconds=seconds, epoch=1, measures=measures)
    end = Finished(
        step=2,
        seconds=seconds,
        epoch=1,
        ending="completed",
        measures={"test loss": 0.5},
        test_accuracy=0.75,
    )
    return [started, *steps, epoch, end]


@pytest.fixture
def two(tmp_path: Path, write_run: WriteRun) -> None:
    """Two runs, ``runs/one`` and ``runs/other``, the second with another learning rate and seed."""
    write_run(tmp_path / "runs" / "one", training(0.9))
    recipe = override(load_recipe("mlp"), learning_rates="0.5", seed=7)
    write_run(tmp_path / "runs" / "other", training(0.875, seconds=1.0)[:-1], recipe)


@pytest.mark.usefixtures("two")
def test_runs_are_a_table_with_a_line_each(run: Run, tmp_path: Path) -> None:
    (tmp_path / "runs" / "one" / "run.json").write_text("{")
    done = run("runs")
    assert (done.returncode, done.stderr) == (0, "")
    head, damaged, other = (line.split() for line in done.stdout.splitlines())
    assert head == ["run", "recipe", "state", "step", "of", "best", "measure", "time", "began",
                    "note"]  # fmt: skip
    assert damaged[:4] == ["one", "damaged", "run.json:", "is"]
    assert other[:8] == ["other", "mlp", "crashed", "2", "2", "87.50%", "accuracy", "0:01"]


@pytest.mark.usefixtures("two")
def test_runs_in_json_are_an_object_a_line(run: Run, tmp_path: Path) -> None:
    done = run("runs", "--json", "--dir", str(tmp_path / "runs"))
    one, other = map(json.loads, done.stdout.splitlines())
    assert (one["name"], one["state"], one["seconds"]) == ("one", "finished", 4.0)
    assert one["best"] == {"measure": "validation accuracy", "value": 0.9}
    assert other["state"] == "crashed"


def test_where_there_is_no_run_a_line_says_how_to_train_one(run: Run) -> None:
    done = run("runs")
    assert (done.returncode, done.stdout) == (
        0,
        "runs: holds no run yet; train one with `mnist-tui gan`\n",
    )
    assert run("runs", "--json").stdout == ""


@pytest.mark.usefixtures("two")
def test_a_comparison_has_a_column_a_run_and_the_settings_that_differ(run: Run) -> None:
    done = run("compare", "one", "other", "--no-ui")
    assert (done.returncode, done.stderr) == (0, "")
    lines = [" ".join(line.split()) for line in done.stdout.splitlines()]
    for line in (
        "A one",
        "B other",
        "state finished crashed",
        "steps 2 2",
        "time 0:04 0:01",
        "steps/s 0.5 2.0",
        "batch loss 0.5000 0.5000",
        "validation accuracy 90.00% 87.50%",
        "best 90.00% 87.50%",
        "test accuracy 75.00% -",
        "their recipes differ in A B",
        "seed 0 7",
        "classifier.optimizer.learning_rate 0.004 0.5",
    ):
        assert line in lines
    assert lines[-1] == "classifier.optimizer.learning_rate 0.004 0.5", "and in nothing else"


@pytest.mark.usefixtures("two")
def test_without_a_terminal_a_comparison_is_printed_all_the_same(run: Run) -> None:
    printed = run("compare", "one", "other")
    assert printed.stdout == run("compare", "one", "other", "--no-ui").stdout
    assert printed.stderr.startswith("mnist-tui: no screen: standard input is not a terminal; ")


@pytest.mark.usefixtures("two")
def test_a_comparison_in_json_is_one_object(run: Run) -> None:
    report = json.loads(run("compare", "one", "other", "--json").stdout)
    assert [each["name"] for each in report["runs"]] == ["one", "other"]
    assert report["runs"][0]["final"]["test accuracy"] == 0.75
    assert report["runs"][1]["best"] == {"validation loss": 0.25, "validation accuracy": 0.875}
    assert report["differences"] == {
        "seed": [0, 7],
        "classifier.optimizer.learning_rate": [0.004, 0.5],
    }


@pytest.mark.usefixtures("two")
@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["one"], "1 run cannot be compared; name 2 to 26"),
        (["one", "runs/one"], "runs/one: is named twice; name each run once"),
        (["one", "none"], "none is a path of no run"),
    ],
)
def test_what_cannot_be_compared_is_status_2_and_one_line(
    names: list[str], message: str, run: Run
) -> None:
    done = run("compare", *names, "--no-ui")
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.usefixtures("two")
def test_a_damaged_recipe_cannot_be_compared(run: Run, tmp_path: Path) -> None:
    (tmp_path / "runs" / "one" / "recipe.toml").write_text("epochs = ")
    done = run("compare", "one", "other", "--no-ui")
    assert done.returncode == 2
    assert done.stderr.startswith("mnist-tui: runs/one/recipe.toml: ")
