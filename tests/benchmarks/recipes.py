"""What the shipped recipes reach: trained over seeds, judged, and written down for all to read.

    python tests/benchmarks/recipes.py [RECIPE ...] [--seeds N] [--first-seed N] [--write]

Trains each recipe, by the program's own trainer, with as many seeds, as long as ``PLANS`` says. At
the marks, in seconds or epochs of training, and at the end GANs are measured by the judge on 10,000
digits against the test set; classifiers on the test set at the end. ``--write`` puts the results
where ``mnist-tui recipes NAME`` and the README show them, beside those of real training digits;
recipes that were not trained keep theirs. So do seeds: what was measured of others in the same
conditions is counted with the new ones.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import statistics
import time
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

# Before NumPy, as in the program: what it tells OpenBLAS halves the time of some recipes.
import mnist_engine  # noqa: F401  # isort: skip
import msgspec
import numpy as np
from rich.console import Console

from mnist_engine.autograd.threads import thread_count
from mnist_engine.data.dataset import Dataset, Examples, load_dataset
from mnist_engine.metrics.generated import Standard, compare
from mnist_engine.metrics.judge import shipped_judge
from mnist_engine.recipes import AnyRecipe, GanRecipe, load_recipe, shipped_recipes
from mnist_engine.recipes.differences import PROSE
from mnist_engine.training import make_trainer
from mnist_engine.training.control import TrainControl
from mnist_engine.training.events import Alarm, EpochDone, Event, Finished, StepDone
from mnist_engine.training.gan import GanTrainer
from mnist_tui.results import RESULTS, results_table

DIGITS = 10_000
REAL = "real digits"
RESULTS_FILE = Path(str(files("mnist_tui_assets") / RESULTS))
README = Path(__file__).parents[2] / "README.md"
BEGIN, END = "<!-- results -->", "<!-- end of results -->"


Runs = dict[str, dict[str, dict[str, float]]]
"""Measures by seed and by when they were taken: "60 s", "10 epochs", "end"."""


@dataclass(frozen=True)
class Plan:
    """``marks`` are seconds of training after which a GAN is measured, besides its end.

    ``epochs`` are such marks for all recipes; classifiers have their validation accuracy there.
    ``seconds`` is when it ends, where that is before its last epoch; ``seeds`` the most.
    ``timed`` says whether seconds count: what is not may run beside other work.
    """

    marks: tuple[float, ...] = ()
    epochs: tuple[int, ...] = ()
    seconds: float | None = None
    seeds: int = 3
    timed: bool = False


PLANS = {
    "conditional-dense": Plan((60.0,), seconds=300.0, timed=True),
    "dense": Plan(seconds=60.0, timed=True),
    "dense-tanh-tuned": Plan(seconds=120.0, timed=True),
    "dense-tanh": Plan(epochs=(45,), seeds=1),
    "dense-batchnorm": Plan(epochs=(10,)),
    "dcgan": Plan((60.0,), epochs=(13,), seeds=1, timed=True),
    "conditional-dcgan": Plan((60.0, 300.0), epochs=(14,), seconds=600.0, timed=True),
    "wgan-gp": Plan(seeds=1),
    "wgan-gp-dcgan": Plan(seeds=1),
    "sigmoid-mlp": Plan(epochs=(20,)),
    "mlp": Plan(timed=True),
    "mlp-best": Plan(timed=True),
    "cnn": Plan(timed=True),
}
"""Recipes that are timed, not trained by their own number of epochs, or slow."""


def main() -> None:
    """Train, print, write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("recipes", nargs="*", metavar="RECIPE", help="all by default")
    parser.add_argument("--seeds", type=int, default=3, help="at most so many seeds of each")
    parser.add_argument("--first-seed", type=int, default=0, help="they begin with this one")
    parser.add_argument("--write", action="store_true", help="keep the results")
    arguments = parser.parse_args()
    console = Console()
    dataset = load_dataset()
    for name in arguments.recipes or shipped_recipes():
        plan = PLANS.get(name, Plan())
        begin = arguments.first_seed
        seeds = range(begin, min(begin + arguments.seeds, plan.seeds))
        if not seeds:
            console.print(f"{name}: its plan ends with seed {plan.seeds - 1}, nothing to train")
            continue
        conditions = conditions_of(load_recipe(name), plan)
        runs = kept_runs(name, conditions)
        for seed in seeds:
            runs[str(seed)] = trained(name, seed, plan, dataset, console)
        result = summary(runs, conditions)
        console.print_json(json.dumps({name: result}))
        if arguments.write:
            floor = kept_runs(REAL, conditions_of()) or {"0": {"ever": real_digits(dataset)}}
            write({name: result, REAL: summary(floor, conditions_of())})


def trained(
    name: str, seed: int, plan: Plan, dataset: Dataset, console: Console
) -> dict[str, dict[str, float]]:
    """Measures by when they were taken, with the number of alarms that were raised until the end.

    The clock does not stand still while a GAN is judged, so that time is taken off.
    """
    recipe = msgspec.structs.replace(load_recipe(name), seed=seed)
    trainer = make_trainer(recipe, dataset, TrainControl())
    marks = list(plan.marks)
    measures: dict[str, dict[str, float]] = {}
    alarms, judging = 0, 0.0
    for event in trainer:
        seconds = event.seconds - judging
        due = ""
        if isinstance(event, EpochDone):
            console.print(f"{name}, seed {seed}: epoch {event.epoch}, {event.measures}")
            due = f"{event.epoch} epochs" if event.epoch in plan.epochs else ""
        if isinstance(event, Alarm):
            alarms += 1
            console.print(f"{name}, seed {seed}: {event.level} at {event.step}: {event.text}")
        if isinstance(event, StepDone) and marks and seconds >= marks[0]:
            due = f"{marks.pop(0):g} s"
        if due:
            begin = time.perf_counter()
            measures[due] = measured(trainer, event, dataset)
            judging += time.perf_counter() - begin
        if isinstance(event, StepDone) and plan.seconds is not None and seconds >= plan.seconds:
            break
        if isinstance(event, Finished) and event.test_accuracy is not None:
            measures["end"] = {"test accuracy": event.test_accuracy}
    if isinstance(recipe, GanRecipe):
        measures["end"] = measured(trainer, event, dataset)
    length = {"seconds": seconds} if plan.timed else {"epochs": float(trainer.epoch)}
    measures["end"] |= length | {"steps": float(event.step), "alarms": float(alarms)}
    return measures


def measured(trainer: Any, event: Event, dataset: Dataset) -> dict[str, float]:
    """A GAN's digits as they are judged, a classifier's validation accuracy."""
    if isinstance(event, EpochDone) and not isinstance(trainer, GanTrainer):
        return {"validation accuracy": event.measures["validation accuracy"]}
    return judged(trainer, dataset)


def real_digits(dataset: Dataset) -> dict[str, float]:
    """The floor of all measures: training digits against the test set."""
    judge = shipped_judge()
    standard = Standard.of(judge, Examples(dataset.test_images, dataset.test_labels))
    return compare(judge, standard, dataset.train_images[:DIGITS], dataset.train_labels[:DIGITS])


def judged(trainer: Any, dataset: Dataset) -> dict[str, float]:
    """All measures of DIGITS generated digits against as many of the test set."""
    assert isinstance(trainer, GanTrainer)
    judge = shipped_judge()
    standard = Standard.of(judge, Examples(dataset.test_images, dataset.test_labels))
    rng = np.random.default_rng(trainer.recipe.seed)
    parts = [trainer.draw_digits(1000, rng) for _ in range(DIGITS // 1000)]
    labels = [some for _, some in parts if some is not None]
    return compare(
        judge,
        standard,
        np.concatenate([images for images, _ in parts]),
        np.concatenate(labels) if labels else None,
        trainer.training.images,
    )


def conditions_of(recipe: AnyRecipe | None = None, plan: Plan | None = None) -> dict[str, Any]:
    """What figures must have in common to be counted together; the recipe by a hash of it.

    Of the plan all counts but the number of seeds.
    """
    conditions: dict[str, Any] = {
        "judge": shipped_judge().version,
        "threads": (recipe and recipe.threads) or thread_count(),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "numpy": np.__version__,
    }
    if plan is not None:
        conditions["plan"] = {
            "marks": list(plan.marks),
            "epochs": list(plan.epochs),
            "seconds": plan.seconds,
            "timed": plan.timed,
        }
    if recipe is not None:
        settings = chosen(msgspec.structs.replace(recipe, **dict.fromkeys(PROSE, "")))
        encoded = msgspec.json.encode(settings, order="sorted")
        conditions["recipe"] = hashlib.sha256(encoded).hexdigest()[:12]
    return conditions


def chosen(table: Any) -> Any:
    """A table of a recipe without what is as it is where nothing is said.

    So that a setting that recipes come to have one day leaves the hashes of others alone.
    """
    if not isinstance(table, msgspec.Struct):
        return table
    kind = table.__struct_config__.tag
    given = {
        field.encode_name: chosen(getattr(table, field.name))
        for field in msgspec.structs.fields(table)
        if getattr(table, field.name) != field.default
    }
    return given if kind is None else {"kind": kind, **given}


def kept_runs(name: str, conditions: dict[str, Any]) -> Runs:
    """What was measured of a recipe before in the same conditions, if anything."""
    result = kept_results().get(name, {})
    return dict(result.get("runs", {})) if result.items() >= conditions.items() else {}


def summary(runs: Runs, conditions: dict[str, Any]) -> dict[str, Any]:
    """Mean and spread (the sample deviation, 0 for one run) of each measure, and the conditions."""
    some = next(iter(runs.values()))
    return {
        "seeds": len(runs),
        "measures": {
            when: {
                name: spread_of([run[when][name] for run in runs.values() if name in run[when]])
                for name in some[when]
            }
            for when in some
        },
        **conditions,
        "runs": dict(sorted(runs.items())),
    }


def spread_of(values: list[float]) -> dict[str, float]:
    """Mean and deviation of a measure over the runs."""
    deviation = statistics.stdev(values) if len(values) > 1 else 0.0
    return {"mean": statistics.mean(values), "deviation": deviation}


def kept_results() -> dict[str, Any]:
    """The file of results as it is now; empty where there is none."""
    return dict(json.loads(RESULTS_FILE.read_text())) if RESULTS_FILE.exists() else {}


def write(new: dict[str, Any]) -> None:
    """Keep ``new`` results with the program, and renew the README's table."""
    results = dict(sorted((kept_results() | new).items()))
    RESULTS_FILE.write_text(json.dumps(results, indent=1) + "\n")
    text = README.read_text()
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    table = "\n".join(results_table(results))
    README.write_text(f"{before}{BEGIN}\n{table}\n{END}{after}")


if __name__ == "__main__":
    main()
