"""Training a classifier."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mnist_engine.autograd import Tensor
from mnist_engine.data.batches import Batch
from mnist_engine.data.dataset import Dataset, Examples
from mnist_engine.recipes.schema import ClassifierRecipe
from mnist_engine.training.answers import Answers, caption_of
from mnist_engine.training.control import TrainControl
from mnist_engine.training.events import SamplesDrawn
from mnist_engine.training.learner import Learner
from mnist_engine.training.measuring import Measures, loss_on, measure, outputs_of
from mnist_engine.training.trainer import StepResult, Trainer

SAMPLES = 60


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
            loss = loss_on(outputs, batch.labels, self.recipe.loss)
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
        return SamplesDrawn(
            step=self.steps_done,
            seconds=self._clock.seconds,
            epoch=self.epoch,
            count=len(answers),
            image_shape=self.image_shape,
            columns=10,
            images=self._shown.images.tobytes(),
            captions=tuple(map(caption_of, self._shown.labels, answers)),
            wrong=tuple(map(bool, wrong)),
            epoch_end=epoch_end,
        )

    def _outputs(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        network = self._learner.network.eval()
        outputs = outputs_of(network, images, self.scaling)
        network.train()
        return outputs

    def _measure(self, examples: Examples) -> Measures:
        found = measure(self._outputs(examples.images), examples.labels, self.recipe.loss)
        self._answers = found.answers
        return found
