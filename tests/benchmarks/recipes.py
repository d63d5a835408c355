"""What the shipped recipes reach: trained over seeds, judged, and written down for all to read.

    python tests/benchmarks/recipes.py [RECIPE ...] [--seeds N] [--write]

Trains each recipe, by the program's own trainer, with seeds 0 to N - 1, as long as ``PLANS`` says.
At the marks, in seconds of training, and at the end GANs are measured by the judge on 10,000 digits
against the test set; classifiers on the test set at the end alone. ``--write`` puts the results
where ``mnist-tui recipes NAME`` and the README show them, beside those of real training digits;
recipes that were not trained keep theirs.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from rich.console import Console

from mnist_engine.autograd.threads import thread_count
from mnist_engine.data.dataset import Dataset, Examples, load_dataset
from mnist_engine.metrics.generated import Standard, compare
from mnist_engine.metrics.judge import shipped_judge
from mnist_engine.recipes import GanRecipe, load_recipe, shipped_recipes
from mnist_engine.training import make_trainer
from mnist_engine.training.control import TrainControl
from mnist_engine.training.events import Alarm, EpochDone, Finished, StepDone
from mnist_engine.training.gan import GanTrainer
from mnist_tui.results import RESULTS, results_table

DIGITS = 10_000
REAL = "real digits"
README = Path(__file__).parents[2] / "README.md"
BEGIN, END = "<!-- results -->", "<!-- end of results -->"


@dataclass(frozen=True)
class Plan:
    """``marks`` are seconds of training after which a GAN is measured, besides its end.

    ``seconds`` is when it ends, where that is before its last epoch; ``seeds`` the most.
    """

    marks: tuple[float, ...] = ()
    seconds: float | None = None
    seeds: int = 3


PLANS = {
    "conditional-dense": Plan((60.0,), 300.0),
    "dense": Plan((60.0,), 120.0),
    "dense-tanh-tuned": Plan((), 120.0),
    "dense-tanh": Plan(seeds=1),
    "dcgan": Plan((60.0,), 300.0, seeds=1),
    "conditional-dcgan": Plan((60.0, 300.0), 600.0, seeds=1),
    "wgan-gp": Plan(seeds=1),
    "wgan-gp-dcgan": Plan(seeds=1),
}
"""Recipes that are not trained by their own number of epochs, or are too slow for three seeds."""


def main() -> None:
    """Train, print, write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("recipes", nargs="*", metavar="RECIPE", help="all by default")
    parser.add_argument("--seeds", type=int, default=3, help="at most so many seeds of each")
    parser.add_argument("--write", action="store_true", help="keep the results")
    arguments = parser.parse_args()
    console = Console()
    dataset = load_dataset()
    for name in arguments.recipes or shipped_recipes():
        plan = PLANS.get(name, Plan())
        seeds = range(min(arguments.seeds, plan.seeds))
        runs = [trained(name, seed, plan, dataset, console) for seed in seeds]
        result = summary(runs)
        console.print_json(json.dumps({name: result}))
        if arguments.write:
            write({name: result, REAL: summary([{"ever": real_digits(dataset)}])})


def trained(
    name: str, seed: int, plan: Plan, dataset: Dataset, console: Console
) -> dict[str, dict[str, float]]:
    """Measures by when they were taken: "60 s", "end"; and the alarms that were raised."""
    recipe = msgspec.structs.replace(load_recipe(name), seed=seed)
    trainer = make_trainer(recipe, dataset, TrainControl())
    marks = list(plan.marks)
    measures: dict[str, dict[str, float]] = {}
    alarms = 0
    for event in trainer:
        seconds = event.seconds
        if isinstance(event, EpochDone):
            console.print(f"{name}, seed {seed}: epoch {event.epoch}, {seconds:.0f} s", end="\r")
            measures[f"epoch {event.epoch}"] = event.measures
        if isinstance(event, Alarm):
            alarms += 1
            console.print(f"{name}, seed {seed}: {event.level} at {event.step}: {event.text}")
        if isinstance(event, StepDone) and marks and seconds >= marks[0]:
            measures[f"{marks.pop(0):g} s"] = judged(trainer, dataset)
        if isinstance(event, StepDone) and plan.seconds is not None and seconds >= plan.seconds:
            break
        if isinstance(event, Finished) and event.test_accuracy is not None:
            measures["end"] = {"test accuracy": event.test_accuracy}
    if isinstance(recipe, GanRecipe):
        measures["end"] = judged(trainer, dataset)
    measures["end"] |= {"seconds": seconds, "steps": float(event.step), "alarms": float(alarms)}
    return {when: found for when, found in measures.items() if not when.startswith("epoch")}


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
    )


def summary(runs: list[dict[str, dict[str, float]]]) -> dict[str, Any]:
    """Mean and spread (the sample deviation, 0 for one run) of each measure, and the conditions."""
    return {
        "seeds": len(runs),
        "measures": {
            when: {
                name: spread_of([run[when][name] for run in runs if name in run[when]])
                for name in runs[0][when]
            }
            for when in runs[0]
        },
        "judge": shipped_judge().version,
        "threads": thread_count(),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "numpy": np.__version__,
    }


def spread_of(values: list[float]) -> dict[str, float]:
    """Mean and deviation, and the values themselves."""
    deviation = statistics.stdev(values) if len(values) > 1 else 0.0
    return {"mean": statistics.mean(values), "deviation": deviation}


def write(new: dict[str, Any]) -> None:
    """Keep ``new`` results with the program, and renew the README's table."""
    path = Path(str(files("mnist_tui_assets") / RESULTS))
    results = json.loads(path.read_text()) if path.exists() else {}
    results = dict(sorted((results | new).items()))
    path.write_text(json.dumps(results, indent=1) + "\n")
    text = README.read_text()
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    table = "\n".join(results_table(results))
    README.write_text(f"{before}{BEGIN}\n{table}\n{END}{after}")


if __name__ == "__main__":
    main()
