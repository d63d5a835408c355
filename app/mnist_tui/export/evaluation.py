"""``mnist-tui evaluate``: how good the networks of a run are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_engine.data.dataset import Dataset, Examples
from mnist_engine.metrics.generated import Standard, compare, memorisation, spread
from mnist_engine.metrics.judge import shipped_judge
from mnist_engine.recipes import ClassifierRecipe, GanRecipe
from mnist_engine.runs.directory import RunDirectory
from mnist_engine.runs.networks import Which, dataset_of
from mnist_engine.runs.trained import scaling_of
from mnist_engine.training.answers import Answers
from mnist_engine.training.measuring import measure, outputs_of
from mnist_engine.training.splitting import split_for
from mnist_tui.export.networks import divergence, is_finite, trained_networks
from mnist_tui.export.progress import progress
from mnist_tui.export.sampling import generated


@dataclass(frozen=True, eq=False)
class ClassifierResult:
    """A classifier on the test set. ``loss`` is the recipe's, a mean over the examples."""

    examples: Examples
    accuracy: float
    loss: float
    calibration_error: float
    answers: Answers

    def as_json(self) -> dict[str, Any]:
        """The same in what JSON knows; a class that never occurs has no precision or recall."""
        return {
            "task": "classify",
            "test images": len(self.examples),
            "test accuracy": self.accuracy,
            "test loss": self.loss,
            "calibration error": self.calibration_error,
            "precision": _without_nan(self.answers.precision),
            "recall": _without_nan(self.answers.recall),
            "confusion": self.answers.confusion,
            "mistakes": [
                {"image": one.index, "label": one.label, "answer": one.answer,
                 "probability": one.probability}
                for one in self.answers.mistakes
            ],
        }  # fmt: skip


@dataclass(frozen=True)
class GanResult:
    """``digits`` generated digits and as many real training digits, against the test set.

    ``judge`` is the version of the network that measured them; None for data that it does not know,
    of which there are only distances.
    """

    digits: int
    judge: str | None
    generated: dict[str, float]
    real: dict[str, float]

    def as_json(self) -> dict[str, Any]:
        """The same in what JSON knows."""
        return {
            "task": "gan",
            "digits": self.digits,
            "judge": self.judge,
            "generated": self.generated,
            "real digits": self.real,
        }


def evaluate(
    run: RunDirectory, digits: int, seed: int, which: Which = "last"
) -> ClassifierResult | GanResult:
    """Measure the run's classifier on the test set, or ``digits`` digits of its generator.

    ``seed`` draws the digits. BadInput, one line, where the run has no weights or has diverged.
    """
    recipe, dataset = run.read_recipe(), dataset_of(run)
    if isinstance(recipe, GanRecipe):
        return _evaluate_generator(run, recipe, dataset, digits, seed, which)
    return _evaluate_classifier(run, recipe, dataset, which)


def _evaluate_classifier(
    run: RunDirectory, recipe: ClassifierRecipe, dataset: Dataset, which: Which
) -> ClassifierResult:
    classifier = trained_networks(run, dataset, which)["classifier"]
    if not is_finite(classifier):
        raise divergence(run, dataset, which, "classifier", "weights")
    examples = Examples(dataset.test_images, dataset.test_labels)
    with progress("reading the test images"), np.errstate(all="ignore"):
        outputs = outputs_of(classifier, examples.images, scaling_of(recipe, dataset))
        found = measure(outputs, examples.labels, recipe.loss)
    if found.answers is None:
        raise divergence(run, dataset, which, "classifier", "answers")
    return ClassifierResult(
        examples, found.accuracy, found.loss, found.calibration_error, found.answers
    )


def _evaluate_generator(
    run: RunDirectory, recipe: GanRecipe, dataset: Dataset, digits: int, seed: int, which: Which
) -> GanResult:
    rng = np.random.default_rng(seed)
    training = split_for(recipe, dataset).training
    labels = rng.choice(training.labels, digits)
    images = generated(run, recipe, dataset, labels, rng, which)
    real = Examples(dataset.train_images[:digits], dataset.train_labels[:digits])
    if not dataset.is_mnist:
        found = {"pairwise distance": spread(images)}
        with progress("looking for near training images"):
            found |= memorisation(images, dataset.test_images, training.images)
        return GanResult(digits, None, found, {"pairwise distance": spread(real.images)})
    judge = shipped_judge()
    with progress("judging generated and real digits", 3) as advance:
        standard = Standard.of(judge, Examples(dataset.test_images, dataset.test_labels))
        advance(1)
        asked_for = labels if recipe.game.conditional else None
        found = compare(judge, standard, images, asked_for, training.images)
        advance(1)
        floor = compare(judge, standard, real.images, real.labels)
        advance(1)
    return GanResult(
        digits, judge.version, found, {name: floor[name] for name in found if name in floor}
    )


def _without_nan(values: NDArray[np.float64]) -> list[float | None]:
    return [None if np.isnan(value) else value for value in values.tolist()]
