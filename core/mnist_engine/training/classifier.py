"""Training a classifier."""

from __future__ import annotations

from collections.abc import Generator, Iterator

import numpy as np
from numpy.typing import NDArray

from mnist_engine import nn
from mnist_engine.autograd import GradientTape, Tensor
from mnist_engine.data.batches import Batch
from mnist_engine.data.dataset import Dataset, Examples
from mnist_engine.recipes.schema import ClassifierRecipe
from mnist_engine.training.answers import Answers, caption_of
from mnist_engine.training.control import TrainControl
from mnist_engine.training.events import SamplesDrawn, Staged
from mnist_engine.training.latent import with_noise
from mnist_engine.training.learner import Learner
from mnist_engine.training.measuring import Measures, loss_on, measure, outputs_of
from mnist_engine.training.settings import Setting
from mnist_engine.training.trainer import StepResult, Trainer

SAMPLES = 60


class ClassifierTrainer(Trainer):
    """Follows the gradient of the recipe's loss on the classifier's outputs."""

    recipe: ClassifierRecipe

    def __init__(self, recipe: ClassifierRecipe, dataset: Dataset, control: TrainControl) -> None:
        super().__init__(recipe, dataset, control)
        self._learner = self.learners["classifier"]
        self.label_smoothing = recipe.label_smoothing
        self.input_noise = recipe.input_noise
        self._answers: Answers | None = None  # to the examples that were measured last
        chosen = self.random["samples"].permutation(len(self.validation))[:SAMPLES]
        self._shown = Examples(self.validation.images[chosen], self.validation.labels[chosen])

    def _make_learners(self) -> dict[str, Learner]:
        return {"classifier": Learner(self.networks["classifier"], self.recipe.classifier)}

    def _make_settings(self) -> Iterator[Setting]:
        yield from super()._make_settings()
        if self.recipe.loss == "cross-entropy":
            yield self._own_setting(
                "label smoothing",
                "label_smoothing",
                "how much of a label's probability is spread over all classes",
                highest=0.5,
            )
        yield self._own_setting(
            "input noise",
            "input_noise",
            "the deviation of the random numbers that are added to pixels",
            highest=10.0,
        )

    def step(self, batch: Batch, number: int) -> Generator[Staged, None, StepResult]:
        learner, labels = self._learner, batch.labels
        pixels = with_noise(batch.pixels, self.input_noise, self.random["pixel noise"])
        yield from self._tell("sample", "", lambda: {"images": len(pixels)})
        with learner.tape:
            outputs = learner.network(Tensor.wrap(pixels))
            loss = loss_on(outputs, labels, self.recipe.loss, self.label_smoothing)
        yield from self._tell(
            "judge",
            "classifier",
            lambda: {"right": float((outputs.data.argmax(axis=1) == labels).mean())},
        )
        yield from self._tell("loss", "classifier", lambda: {"loss": loss.item()})
        yield from self._move("classifier", loss)
        return StepResult({"classifier": loss.item()}, {})

    def record(self, network: str) -> tuple[GradientTape, Tensor]:
        batch = self.last_batch
        pixels = with_noise(batch.pixels, self.input_noise, self.random["pixel noise"])
        tape = GradientTape()
        with tape:
            outputs = self.networks[network](Tensor.wrap(pixels))
            return tape, loss_on(outputs, batch.labels, self.recipe.loss, self.label_smoothing)

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
        with nn.evaluating(self._learner.network) as (network,):
            return outputs_of(network, images, self.scaling)

    def _measure(self, examples: Examples) -> Measures:
        found = measure(self._outputs(examples.images), examples.labels, self.recipe.loss)
        self._answers = found.answers
        return found
