"""Training a classifier."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mnist_engine.autograd import Tensor
from mnist_engine.data.batches import Batch
from mnist_engine.data.dataset import Dataset, Examples
from mnist_engine.metrics.classification import calibration_error
from mnist_engine.nn.losses import one_hot, softmax_cross_entropy, squared_error
from mnist_engine.recipes.schema import ClassifierRecipe
from mnist_engine.training.answers import (
    Answers,
    answers_of,
    least_squares_probabilities,
    softmax_probabilities,
)
from mnist_engine.training.control import TrainControl
from mnist_engine.training.events import SamplesDrawn
from mnist_engine.training.learner import Learner
from mnist_engine.training.trainer import StepResult, Trainer

EVALUATION_BATCH = 1000
SAMPLES = 60


class Measures(NamedTuple):
    """How good a classifier is on a set: its mean loss an example, and two fractions.

    ``calibration_error`` is NaN where an output is not finite.
    """

    loss: float
    accuracy: float
    calibration_error: float


class ClassifierTrainer(Trainer):
    """Follows the gradient of the recipe's loss on the classifier's outputs."""

    recipe: ClassifierRecipe

    def __init__(self, recipe: ClassifierRecipe, dataset: Dataset, control: TrainControl) -> None:
        super().__init__(recipe, dataset, control)
        self._learner = Learner(self.networks["classifier"], recipe.classifier)
        self.learners = {"classifier": self._learner}
        self._answers: Answers | None = None  # to the examples that were measured last
        chosen = self.random["samples"].permutation(len(self.validation))[:SAMPLES]
        self._shown = Examples(self.validation.images[chosen], self.validation.labels[chosen])

    def step(self, batch: Batch, number: int) -> StepResult:
        learner = self._learner
        with learner.tape:
            outputs = learner.network(Tensor.wrap(batch.pixels))
            loss = self._loss(outputs, batch.labels)
        learner.optimizer.minimise(loss)
        return StepResult({"classifier": loss.item()}, {})

    def evaluate(self) -> dict[str, float]:
        found = self._measure(self.validation)
        return {
            "validation loss": found.loss,
            "validation accuracy": found.accuracy,
            "calibration error": found.calibration_error,
        }

    def finish(self) -> tuple[dict[str, float], float | None]:
        found = self._measure(self.test)
        measures = {"test loss": found.loss, "calibration error": found.calibration_error}
        return measures, found.accuracy

    def take_answers(self) -> Answers | None:
        answers, self._answers = self._answers, None
        return answers

    def draw_samples(self, epoch_end: bool) -> SamplesDrawn:
        answers = self._outputs(self._shown.images).argmax(axis=1)
        wrong = answers != self._shown.labels
        captions = [
            f"{label}→{answer}" if label != answer else str(label)
            for label, answer in zip(self._shown.labels, answers, strict=True)
        ]
        return SamplesDrawn(
            step=self.steps_done,
            seconds=self._clock.seconds,
            epoch=self.epoch,
            count=len(answers),
            image_shape=self.image_shape,
            columns=10,
            images=self._shown.images.tobytes(),
            captions=tuple(captions),
            wrong=tuple(map(bool, wrong)),
            epoch_end=epoch_end,
        )

    def _loss(self, outputs: Tensor, labels: NDArray[np.uint8]) -> Tensor:
        """The recipe's loss, on a batch."""
        if self.recipe.loss == "cross-entropy":
            return softmax_cross_entropy(outputs, labels)
        total = squared_error(outputs, one_hot(labels, self.sizes.classes), "sum")
        return total if self.recipe.loss == "sum-squared-error" else total * (1 / len(labels))

    def _outputs(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        network = self._learner.network.eval()
        outputs = network(Tensor.wrap(self.scaling.apply(images))).data
        network.train()
        return outputs

    def _measure(self, examples: Examples) -> Measures:
        loss, parts = 0.0, []
        for begin in range(0, len(examples), EVALUATION_BATCH):
            part = slice(begin, begin + EVALUATION_BATCH)
            outputs, labels = self._outputs(examples.images[part]), examples.labels[part]
            batch_loss = self._loss(Tensor.wrap(outputs), labels).item()
            loss += batch_loss * (1 if self.recipe.loss == "sum-squared-error" else len(labels))
            parts.append(outputs)
        outputs, labels = np.concatenate(parts), examples.labels
        error = math.nan
        if np.isfinite(outputs).all():
            probabilities = (
                softmax_probabilities(outputs)
                if self.recipe.loss == "cross-entropy"
                else least_squares_probabilities(outputs)
            )
            self._answers = answers_of(probabilities, labels)
            error = calibration_error(probabilities, labels)
        accuracy = float((outputs.argmax(axis=1) == labels).mean())
        return Measures(loss / len(examples), accuracy, error)
