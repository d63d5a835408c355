"""Training a generator against a discriminator (Goodfellow et al., 2014)."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from mnist_engine import nn
from mnist_engine.autograd import Array, GradientTape, Tensor
from mnist_engine.autograd.tensor import concatenate
from mnist_engine.data.batches import Batch
from mnist_engine.data.dataset import Dataset, Examples
from mnist_engine.metrics.judge import shipped_judge
from mnist_engine.optim import MovingAverage
from mnist_engine.recipes.checks import WITH_LABELS
from mnist_engine.recipes.networks import AVERAGE
from mnist_engine.recipes.schema import GanRecipe
from mnist_engine.training.conditioning import Labels, with_class
from mnist_engine.training.control import TrainControl
from mnist_engine.training.events import Measured, SamplesDrawn, Staged, Started, finite
from mnist_engine.training.examiner import Costs, Examiner
from mnist_engine.training.games import GAMES, gradient_penalty
from mnist_engine.training.latent import draw_noise, fill_with_noise, with_noise
from mnist_engine.training.learner import Learner
from mnist_engine.training.settings import Setting
from mnist_engine.training.state import TrainerState
from mnist_engine.training.trainer import StepResult, Trainer, has_batch_norm

EVALUATED = 1000
"""Real and generated digits on which the discriminator's accuracy is measured after an epoch."""

SAMPLES = 100
"""Generated digits in a grid, more only where there are more classes."""

COLUMNS = 10
WIDEST_GRID = 20

T = TypeVar("T")
Stages = Generator[Staged, None, T]


class GanTrainer(Trainer):
    """Two learners that move in turn, as the recipe's game says.

    ``shown_noise`` (n, latent) and ``shown_labels`` (n,) are those of the pictures that samples
    show, the same for the whole run.
    """

    recipe: GanRecipe

    def __init__(self, recipe: GanRecipe, dataset: Dataset, control: TrainControl) -> None:
        super().__init__(recipe, dataset, control)
        self._rules = recipe.game
        self.game = GAMES[recipe.game.loss]
        self._generator = self.learners["generator"]
        self._discriminator = self.learners["discriminator"]
        self.generator_every = recipe.game.generator_every
        self.label_smoothing = recipe.game.label_smoothing
        self.instance_noise = recipe.game.instance_noise
        decay = recipe.generator.average
        self._average = (
            None
            if decay is None
            else MovingAverage(self._generator.network, self._generator.optimizer, decay)
        )
        counts = np.bincount(self.training.labels, minlength=self.sizes.classes)
        shares = counts / counts.sum()
        self._shares = tuple(map(float, shares))
        self._cumulative_shares = np.cumsum(shares)
        # Batch normalisation in a discriminator must see real and fake images apart.
        self._judge_together = not has_batch_norm(self._discriminator.network)
        self._columns, self.shown_labels = sample_labels(self.sizes.classes)
        self.shown_noise = draw_noise(
            len(self.shown_labels), recipe.generator, self.random["samples"]
        )
        self._noise = np.empty((self.batches.batch_size, recipe.generator.latent), np.float32)
        self.measured_by = shipped_judge() if dataset.is_mnist else None
        self._examiner = Examiner(
            self.draw_digits,
            self.measured_by,
            self.test,
            shares,
            recipe.measures,
            recipe.seed,
        )

    @property
    def bounded_losses(self) -> tuple[str, ...]:
        return GAMES[self.recipe.game.loss].bounded_losses

    @property
    def averages(self) -> dict[str, MovingAverage]:
        return {} if self._average is None else {AVERAGE: self._average}

    @property
    def fid_costs(self) -> Costs:
        return self._examiner.costs

    def saved_networks(self) -> dict[str, nn.Module]:
        averaged = {name: average.module for name, average in self.averages.items()}
        return super().saved_networks() | averaged

    def started(self, step: int) -> Started:
        started = super().started(step)
        if self.measured_by is None:
            return started
        return msgspec.structs.replace(
            started,
            class_shares=self._shares,
            judge=self.measured_by.version,
            measured_every=self.recipe.measures.every,
        )

    def resume(self, state: TrainerState, faults: tuple[str, ...] = ()) -> None:
        super().resume(state, faults)
        self._examiner.costs = state.progress.fid

    # -- a step ----------------------------------------------------------------------------------

    def _make_learners(self) -> dict[str, Learner]:
        recipe = self.recipe
        return {
            "discriminator": Learner(self.networks["discriminator"], recipe.discriminator),
            "generator": Learner(self.networks["generator"], recipe.generator),
        }

    def _make_settings(self) -> Iterator[Setting]:
        yield from super()._make_settings()
        yield self._own_setting(
            "generator every",
            "generator_every",
            "steps of the discriminator for one of the generator",
            lowest=1,
            highest=100,
            whole=True,
        )
        if self.recipe.game.loss in WITH_LABELS:
            yield self._own_setting(
                "label smoothing",
                "label_smoothing",
                "how far the discriminator's label of real images is below 1",
                highest=0.5,
            )
        yield self._own_setting(
            "instance noise",
            "instance_noise",
            "the deviation of random numbers added to all images judged",
            highest=10.0,
        )

    def step(self, batch: Batch, number: int) -> Stages[StepResult]:
        rules, size, alone = self._rules, len(batch.labels), self.interventions.alone
        labels: NDArray[np.integer] = batch.labels
        every = rules.skip_discriminator_every
        rests = alone == "generator" or (not alone and every > 0 and number % every == 0)
        generator_moves = alone == "generator" or (
            not alone and (self.steps_done + 1) % self.generator_every == 0
        )
        losses: dict[str, float] = {}
        fakes: Tensor | None = None

        yield from self._tell("sample", "", lambda: {"images": size})
        if generator_moves and rules.first == "generator":
            losses["generator"], fakes = yield from self._train_generator(
                self._draw_noise(), labels
            )
        if fakes is None or rules.fresh_noise:
            noise = self._draw_noise()
            fakes = self._generate_on_tape(noise, labels).detach()
            yield from self._tell(
                "generate", "generator", lambda: {"images": size}, turn="discriminator"
            )
        losses["discriminator"], measures = yield from self._train_discriminator(
            batch, fakes, rests
        )
        if generator_moves and rules.first == "discriminator":
            if rules.fresh_noise:
                noise, labels = self._draw_noise(), self._draw_labels(size, self.random["labels"])
            losses["generator"], _ = yield from self._train_generator(noise, labels)

        ordered = {name: losses[name] for name in self.learners if name in losses}
        return StepResult(ordered, measures)

    def _train_discriminator(
        self, batch: Batch, fakes: Tensor, rests: bool
    ) -> Stages[tuple[float, dict[str, float]]]:
        """One step of the discriminator, none where it ``rests``: its loss and its verdicts."""
        learner, rules = self._discriminator, self._rules
        images, fakes = self._to_be_judged(Tensor.wrap(batch.pixels)), self._to_be_judged(fakes)
        with learner.tape:
            loss, real, fake, penalties = self._discriminator_loss(
                learner.tape, images, fakes, batch.labels
            )
            objective = loss * float(len(images)) if rules.gradient == "sum" else loss
        verdicts = self.game.verdicts(real.data, fake.data)
        if self._inspection is not None:
            self._inspection.see_outputs(self.game, real.data, fake.data)
        yield from self._tell("judge", "discriminator", lambda: verdicts)
        yield from self._tell("loss", "discriminator", lambda: {"loss": loss.item()} | penalties)
        if not rests:
            yield from self._move("discriminator", objective)
        return loss.item(), verdicts | penalties

    def _discriminator_loss(
        self, tape: GradientTape, images: Tensor, fakes: Tensor, labels: NDArray[np.integer]
    ) -> tuple[Tensor, Tensor, Tensor, dict[str, float]]:
        """On a ``tape`` that records: the loss, the outputs on both kinds, and what was added."""
        rules, penalties = self._rules, {}
        real, fake = self._judge_both(images, fakes, labels)
        loss = self.game.discriminator_loss(real, fake, self.label_smoothing)
        if rules.half_discriminator_loss:
            loss = loss * 0.5
        if rules.gradient_penalty:
            slopes = self._gradient_penalty(tape, images, fakes, labels)
            penalty = rules.gradient_penalty * slopes
            loss = loss + penalty
            penalties["gradient penalty"] = penalty.item()
        return loss, real, fake, penalties

    def _gradient_penalty(
        self, tape: GradientTape, real: Tensor, fakes: Tensor, labels: NDArray[np.integer]
    ) -> Tensor:
        """How far the discriminator's slopes are from 1 between real and fake images of a class."""

        def critic(mixtures: Tensor) -> Tensor:
            return self.judge(mixtures, labels)

        shares = self.random["penalty"].random((len(labels), 1), dtype=np.float32)
        return gradient_penalty(tape, critic, real, fakes, Tensor.wrap(shares))

    def _train_generator(
        self, noise: Array, labels: NDArray[np.integer]
    ) -> Stages[tuple[float, Tensor]]:
        """One step of the generator: its loss, and the images that were judged."""
        learner = self._generator
        fake = "D(fake)" if self.game.scores_are_probabilities else "critic(fake)"
        with learner.tape:
            fakes = self._generate(learner.network, noise, labels)
            outputs = self.judge(self._to_be_judged(fakes), labels)
            loss = self.game.generator_loss(outputs)
            objective = loss * float(len(noise)) if self._rules.gradient == "sum" else loss
        yield from self._tell("generate", "generator", lambda: {"images": len(noise)})
        yield from self._tell(
            "judge",
            "discriminator",
            lambda: {fake: float(self.game.scores(outputs.data).mean())},
            turn="generator",
        )
        yield from self._tell("loss", "generator", lambda: {"loss": loss.item()})
        yield from self._move("generator", objective)
        if self._average is not None:
            self._average.update()
        return loss.item(), fakes.detach()

    def record(self, network: str) -> tuple[GradientTape, Tensor]:
        pixels, labels = self.last_batch
        noise = draw_noise(len(labels), self.recipe.generator, self.random["evaluation"])
        tape = GradientTape()
        if network == "generator":
            with tape:
                fakes = self._generate(self._generator.network, noise, labels)
                outputs = self.judge(self._to_be_judged(fakes), labels)
                return tape, self.game.generator_loss(outputs)
        fakes = self._generate(self._generator.network, noise, labels)
        images, fakes = self._to_be_judged(Tensor.wrap(pixels)), self._to_be_judged(fakes)
        with tape:
            return tape, self._discriminator_loss(tape, images, fakes, labels)[0]

    # -- the two networks ------------------------------------------------------------------------

    def _generate_on_tape(self, noise: Array, labels: NDArray[np.integer]) -> Tensor:
        """Fakes for the discriminator's step.

        The generator's tape records them for the sake of its memory alone: nothing is
        differentiated.
        """
        with self._generator.tape:
            return self._generate(self._generator.network, noise, labels)

    def _generate(self, generator: nn.Module, noise: Array, labels: Labels) -> Tensor:
        """(n, latent) noise and classes -> (n, pixels) images."""
        return generator(self._with_class(Tensor.wrap(noise), labels))

    def generate_shown(self, noise: Array, labels: Labels) -> Tensor:
        """The images of the averaged generator where there is one, else of the generator itself.

        Both in evaluation mode, as nobody trains on them.
        """
        if self._average is not None:
            return self._generate(self._average.module, noise, labels)
        with nn.evaluating(self._generator.network) as (generator,):
            return self._generate(generator, noise, labels)

    def _to_be_judged(self, images: Tensor) -> Tensor:
        """``images`` (n, pixels) as the discriminator is shown them in training."""
        if not self.instance_noise:
            return images
        noise = np.zeros(images.shape, np.float32)
        return images + with_noise(noise, self.instance_noise, self.random["pixel noise"])

    def judge(self, images: Tensor, labels: NDArray[np.integer]) -> Tensor:
        """(n, pixels) images and (n,) classes -> (n, 1) outputs, high for "real".

        A gradient with respect to the images holds the classes fixed.
        """
        return self._discriminator.network(self._with_class(images, labels))

    def _judge_both(
        self, real: Tensor, fakes: Tensor, labels: NDArray[np.integer]
    ) -> tuple[Tensor, Tensor]:
        """Outputs for real and for fake images of the same classes."""
        if not self._judge_together:
            return self.judge(real, labels), self.judge(fakes, labels)
        outputs = self.judge(concatenate([real, fakes]), np.concatenate([labels, labels]))
        return outputs[: len(labels)], outputs[len(labels) :]

    def _with_class(self, rows: Tensor, labels: Labels) -> Tensor:
        """Noise or pixels as a network is given them: with the class where the game tells it."""
        return with_class(rows, labels, self.sizes.classes) if self._rules.conditional else rows

    # -- chance ----------------------------------------------------------------------------------

    def _draw_noise(self) -> NDArray[np.float32]:
        """(batch, latent) random numbers for a step; the next draw overwrites the array."""
        return fill_with_noise(self._noise, self.recipe.generator, self.random["noise"])

    def _draw_labels(self, count: int, rng: np.random.Generator) -> NDArray[np.integer]:
        """(count,) classes, as frequent as in the training images."""
        drawn = rng.random(count)
        return np.searchsorted(self._cumulative_shares[:-1], drawn, "right")

    # -- measures and pictures -------------------------------------------------------------------

    def draw_digits(
        self, count: int, rng: np.random.Generator
    ) -> tuple[NDArray[np.uint8], NDArray[np.integer] | None]:
        """Generated pictures as they are shown, (count, pixels) bytes, by chance of ``rng`` alone.

        And the classes that were asked for, (count,), as frequent as in the training images; None
        where none are.
        """
        labels = self._draw_labels(count, rng)
        noise = draw_noise(count, self.recipe.generator, rng)
        images = self.scaling.bytes_of(self.generate_shown(noise, labels).data)
        return images, labels if self._rules.conditional else None

    def measure(self) -> Measured | None:
        if not self._examiner.is_due(self.steps_done):
            return None
        values, shares = self._examiner.few(self.steps_done)
        return Measured(
            step=self.steps_done,
            seconds=self._clock.seconds,
            values=finite(values),
            class_shares=shares,
        )

    def evaluate(self) -> dict[str, float]:
        with self._clock.standing():
            seconds = self._clock.seconds
            measures = self._examiner.many(self.steps_done, seconds)
        return self._held_out_judgement(self.validation) | self._judgement_of_known() | measures

    def finish(self) -> tuple[dict[str, float], float | None]:
        measures = (
            {} if self.interventions.stopped else self._examiner.frechet_distance(self.steps_done)
        )
        judgement = self._held_out_judgement(self.test).items()
        return {f"test {name}": value for name, value in judgement} | measures, None

    def _held_out_judgement(self, examples: Examples) -> dict[str, float]:
        """How often D is right on real digits it has not seen, and on as many generated ones.

        Its mean outputs on both where the game has no boundary between right and wrong.
        """
        labels = examples.labels[:EVALUATED]
        images = Tensor.wrap(self.scaling.apply(examples.images[:EVALUATED]))
        noise = draw_noise(len(labels), self.recipe.generator, self.random["evaluation"])
        with nn.evaluating(self._generator.network, self._discriminator.network) as (generator, _):
            real = self.judge(images, labels).data
            fake = self.judge(self._generate(generator, noise, labels), labels).data
        return self.game.accuracies(real, fake) or self.game.verdicts(real, fake)

    def _judgement_of_known(self) -> dict[str, float]:
        """How often D is right on real digits that it has been trained on, where it can be."""
        boundary = self.game.boundary
        if boundary is None:
            return {}
        labels = self.training.labels[:EVALUATED]
        images = Tensor.wrap(self.scaling.apply(self.training.images[:EVALUATED]))
        with nn.evaluating(self._discriminator.network):
            real = self.judge(images, labels).data
        return {"accuracy known": float((real > boundary).mean())}

    def draw_samples(self, epoch_end: bool) -> SamplesDrawn:
        images = self.generate_shown(self.shown_noise, self.shown_labels)
        return SamplesDrawn(
            step=self.steps_done,
            seconds=self._clock.seconds,
            epoch=self.epoch,
            count=len(self.shown_noise),
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
