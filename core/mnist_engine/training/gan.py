"""Training a generator against a discriminator (Goodfellow et al., 2014)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mnist_engine import nn
from mnist_engine.autograd import Array, Tensor
from mnist_engine.autograd.activations import sigmoid
from mnist_engine.autograd.tensor import concatenate
from mnist_engine.data.batches import Batch
from mnist_engine.data.dataset import Dataset, Examples
from mnist_engine.nn.losses import binary_cross_entropy_with_logits, one_hot
from mnist_engine.optim import MovingAverage
from mnist_engine.recipes.schema import GanRecipe
from mnist_engine.training.control import TrainControl
from mnist_engine.training.events import SamplesDrawn
from mnist_engine.training.learner import Learner
from mnist_engine.training.trainer import StepResult, Trainer, has_batch_norm

EVALUATED = 1000
"""Real and generated digits on which the discriminator's accuracy is measured after an epoch."""

SAMPLES = 100
"""Generated digits in a grid, more only where there are more classes."""

COLUMNS = 10
WIDEST_GRID = 20


class GanTrainer(Trainer):
    """Two learners, one step each a batch, in the order that the recipe's game sets."""

    recipe: GanRecipe

    def __init__(self, recipe: GanRecipe, dataset: Dataset, control: TrainControl) -> None:
        super().__init__(recipe, dataset, control)
        self._game = recipe.game
        self._generator = Learner(self.networks["generator"], recipe.generator)
        self._discriminator = Learner(self.networks["discriminator"], recipe.discriminator)
        self.learners = {"discriminator": self._discriminator, "generator": self._generator}
        decay = recipe.generator.average
        self._average = (
            None
            if decay is None
            else MovingAverage(self._generator.network, self._generator.optimizer, decay)
        )
        counts = np.bincount(self.training.labels, minlength=self.sizes.classes)
        self._class_shares = np.cumsum(counts / counts.sum())
        # Batch normalisation in a discriminator must see real and fake images apart.
        self._judge_together = not has_batch_norm(self._discriminator.network)
        self._columns, self._shown_labels = sample_labels(self.sizes.classes)
        self._shown_noise = self._draw_noise(len(self._shown_labels), self.random["samples"])
        self._losses_of_epoch: list[tuple[float, float]] = []

    def saved_networks(self) -> dict[str, nn.Module]:
        networks = super().saved_networks()
        if self._average is not None:
            networks["generator-average"] = self._average.module
        return networks

    # -- a step ----------------------------------------------------------------------------------

    def step(self, batch: Batch, number: int) -> StepResult:
        game, size = self._game, len(batch.labels)
        skipped = game.skip_discriminator_every and number % game.skip_discriminator_every == 0
        noise = self._draw_noise(size)
        labels: NDArray[np.integer] = batch.labels
        if game.first == "discriminator":
            fakes = self._generate_on_tape(noise, batch.labels).detach()
            judged = self._train_discriminator(batch, fakes, skip=bool(skipped))
            if game.fresh_noise:
                noise, labels = self._draw_noise(size), self._draw_labels(size)
            generator_loss = self._train_generator(noise, labels)
        else:
            generator_loss = self._train_generator(noise, batch.labels)
            fakes = self._fakes.detach()
            if game.fresh_noise:
                fakes = self._generate_on_tape(self._draw_noise(size), batch.labels).detach()
            judged = self._train_discriminator(batch, fakes, skip=bool(skipped))
        discriminator_loss, real, fake = judged
        self._losses_of_epoch.append((discriminator_loss, generator_loss))
        return StepResult(
            {"discriminator": discriminator_loss, "generator": generator_loss},
            {"D(real)": real, "D(fake)": fake},
        )

    def _train_discriminator(
        self, batch: Batch, fakes: Tensor, skip: bool
    ) -> tuple[float, float, float]:
        """One step of the discriminator, none with ``skip``.

        Returns its loss and its mean probability of "real" for real and for fake images.
        """
        learner, size = self._discriminator, len(batch.labels)
        with learner.tape:
            real_logits, fake_logits = self._judge_both(
                Tensor.wrap(batch.pixels), fakes, batch.labels
            )
            real_loss = binary_cross_entropy_with_logits(real_logits, 1.0)
            fake_loss = binary_cross_entropy_with_logits(fake_logits, 0.0)
            loss = real_loss + fake_loss
            if self._game.half_discriminator_loss:
                loss = loss * 0.5
            objective = loss * float(size) if self._game.gradient == "sum" else loss
        if not skip:
            learner.optimizer.minimise(objective)
        return (
            loss.item(),
            float(sigmoid(real_logits.data).mean()),
            float(sigmoid(fake_logits.data).mean()),
        )

    def _train_generator(self, noise: Array, labels: NDArray[np.integer]) -> float:
        """One step of the generator: its loss -ln D(G(z)), the non-saturating form."""
        learner = self._generator
        with learner.tape:
            self._fakes = self._generate(learner.network, noise, labels)
            logits = self._judge(self._fakes, labels)
            loss = binary_cross_entropy_with_logits(logits, 1.0)
            objective = loss * float(len(noise)) if self._game.gradient == "sum" else loss
        learner.optimizer.minimise(objective)
        if self._average is not None:
            self._average.update()
        return loss.item()

    # -- the two networks ------------------------------------------------------------------------

    def _generate_on_tape(self, noise: Array, labels: NDArray[np.integer]) -> Tensor:
        """Fakes for the discriminator's step.

        The generator's tape records them for the sake of its memory alone: nothing is
        differentiated.
        """
        with self._generator.tape:
            return self._generate(self._generator.network, noise, labels)

    def _generate(self, generator: nn.Module, noise: Array, labels: NDArray[np.integer]) -> Tensor:
        """(n, latent) noise and (n,) classes -> (n, pixels) images."""
        return generator(Tensor.wrap(self._with_class(noise, labels)))

    def _judge(self, images: Tensor, labels: NDArray[np.integer]) -> Tensor:
        """(n, pixels) images and (n,) classes -> (n, 1) logits, high for "real"."""
        network = self._discriminator.network
        if not self._game.conditional:
            return network(images)
        return network(concatenate([images, Tensor.wrap(self._one_hot(labels))], axis=1))

    def _judge_both(
        self, real: Tensor, fakes: Tensor, labels: NDArray[np.integer]
    ) -> tuple[Tensor, Tensor]:
        """Logits of real and of fake images of the same classes."""
        if not self._judge_together:
            return self._judge(real, labels), self._judge(fakes, labels)
        logits = self._judge(concatenate([real, fakes]), np.concatenate([labels, labels]))
        return logits[: len(labels)], logits[len(labels) :]

    def _with_class(self, noise: Array, labels: NDArray[np.integer]) -> Array:
        if not self._game.conditional:
            return noise
        return np.concatenate([noise, self._one_hot(labels)], axis=1)

    def _one_hot(self, labels: NDArray[np.integer]) -> Array:
        return one_hot(labels, self.sizes.classes)

    # -- chance ----------------------------------------------------------------------------------

    def _draw_noise(
        self, count: int, rng: np.random.Generator | None = None
    ) -> NDArray[np.float32]:
        """(count, latent) numbers, N(0, 1) or U(-1, 1) as the recipe says."""
        rng = rng or self.random["noise"]
        shape = (count, self.recipe.generator.latent)
        if self.recipe.generator.noise == "normal":
            return rng.standard_normal(shape, dtype=np.float32)
        return rng.random(shape, dtype=np.float32) * np.float32(2) - np.float32(1)

    def _draw_labels(self, count: int) -> NDArray[np.integer]:
        """(count,) classes, as frequent as in the training images."""
        drawn = self.random["labels"].random(count)
        return np.searchsorted(self._class_shares[:-1], drawn, "right")

    # -- measures and pictures -------------------------------------------------------------------

    def evaluate(self) -> dict[str, float]:
        discriminator, generator = np.mean(self._losses_of_epoch, axis=0)
        self._losses_of_epoch.clear()
        return {
            "discriminator loss": float(discriminator),
            "generator loss": float(generator),
            **self._discriminator_accuracy(self.validation),
        }

    def finish(self) -> tuple[dict[str, float], float | None]:
        return self._discriminator_accuracy(self.test), None

    def _discriminator_accuracy(self, examples: Examples) -> dict[str, float]:
        """How often D is right on real digits it has not seen, and on as many generated ones."""
        labels = examples.labels[:EVALUATED]
        images = Tensor.wrap(self.scaling.apply(examples.images[:EVALUATED]))
        generator, discriminator = self._generator.network, self._discriminator.network
        noise = self._draw_noise(len(labels), self.random["evaluation"])
        generator.eval()
        discriminator.eval()
        real = self._judge(images, labels).data
        fake = self._judge(self._generate(generator, noise, labels), labels).data
        generator.train()
        discriminator.train()
        return {
            "accuracy real": float((real > 0).mean()),
            "accuracy fake": float((fake <= 0).mean()),
        }

    def draw_samples(self, epoch_end: bool) -> SamplesDrawn:
        if self._average is not None:
            images = self._generate(self._average.module, self._shown_noise, self._shown_labels)
        else:
            network = self._generator.network.eval()
            images = self._generate(network, self._shown_noise, self._shown_labels)
            network.train()
        return SamplesDrawn(
            step=self.steps_done,
            seconds=self._clock.seconds,
            epoch=self.epoch,
            count=len(self._shown_noise),
            image_shape=self.image_shape,
            columns=self._columns,
            images=self.scaling.bytes_of(images.data).tobytes(),
            epoch_end=epoch_end,
        )


def sample_labels(classes: int) -> tuple[int, NDArray[np.intp]]:
    """How a grid of samples shows ``classes`` classes: its columns, and the class of each picture.

    Every column is one class where the classes fit into a row; else they follow each other.
    """
    if classes <= COLUMNS:
        columns = COLUMNS // classes * classes
    else:
        columns = classes if classes <= WIDEST_GRID else COLUMNS
    rows = max(SAMPLES // columns, -(-classes // columns))
    return columns, np.arange(rows * columns) % classes
