"""The loop that both tasks share: epochs, batches, interventions, events.

A trainer is an iterator of events; what it trains is moved only between two of them. ::

    for event in make_trainer(recipe, dataset, control):
        ...
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np

from mnist_engine import nn
from mnist_engine.autograd.threads import limit_threads, thread_count
from mnist_engine.data.augmentation import RandomShift
from mnist_engine.data.batches import Batch, Batches
from mnist_engine.data.dataset import Dataset, Examples, split_validation
from mnist_engine.data.pixels import PixelScaling
from mnist_engine.errors import BadInput
from mnist_engine.metrics.generated import spread
from mnist_engine.recipes.layers import Sizes
from mnist_engine.recipes.networks import build_networks
from mnist_engine.recipes.schema import AnyRecipe
from mnist_engine.training.alarms import Alarms
from mnist_engine.training.clock import Clock
from mnist_engine.training.control import Request, TrainControl
from mnist_engine.training.events import (
    Diverged,
    Ending,
    EpochDone,
    Event,
    Finished,
    Intervened,
    Measured,
    SamplesDrawn,
    Started,
    StepDone,
)
from mnist_engine.training.learner import Learner
from mnist_engine.training.randomness import streams


class StepResult(NamedTuple):
    """What one step leaves: each network's loss, and by-products; see StepDone."""

    losses: dict[str, float]
    measures: dict[str, float]


class Trainer:
    """Trains what ``recipe`` describes on ``dataset``, obeying ``control``; iterate over it, once.

    A subclass makes ``learners`` (networks that are trained, by name) in its constructor and fills
    in :meth:`step`, :meth:`evaluate`, :meth:`finish` and :meth:`draw_samples`. Given recipe, seed
    and thread count, and the same interventions at the same steps, the weights come out the same to
    the bit.

    Events carry finite numbers only, since JSON has no others: what is NaN or infinite is left out,
    and Diverged tells it. Training has diverged where a loss is not finite, or at the end of an
    epoch a weight.

    Raises BadInput where the recipe does not fit the data.
    """

    learners: dict[str, Learner]

    @property
    def boundary(self) -> float | None:
        """What tells right from wrong in the discriminator's outputs; None where nothing does."""
        return None

    def __init__(self, recipe: AnyRecipe, dataset: Dataset, control: TrainControl) -> None:
        self.recipe = recipe
        self.control = control
        self.image_shape = dataset.image_shape
        self.random = streams(recipe.seed)
        self.sizes = Sizes(*dataset.image_shape, dataset.class_count)
        self.training, self.validation = _split(recipe, dataset)
        self.test = Examples(dataset.test_images, dataset.test_labels)
        data = recipe.data
        self.scaling = PixelScaling.named(data.pixels, self.training.images)
        self.batches = Batches(
            self.training,
            data.batch_size,
            self.scaling,
            self.random["order"] if data.shuffle else None,
            RandomShift(data.shift, self.image_shape, self.random["shift"]) if data.shift else None,
        )
        self.networks = self._build_networks(dataset)
        self.steps_done = 0
        self.epoch = 0
        self.total_steps = recipe.epochs * self.batches.per_epoch
        self._alarms = Alarms(self.boundary, spread(self.training.images))
        self._clock = Clock()
        self._paused = False
        self._single_steps = 0
        self._stopped = False

    def _build_networks(self, dataset: Dataset) -> dict[str, nn.Sequential]:
        """The networks of the recipe; BadInput where they do not fit the data."""
        try:
            networks = build_networks(
                self.recipe, self.sizes, self.random["weights"], self.random["dropout"]
            )
        except BadInput as error:
            height, width = dataset.image_shape
            raise BadInput(
                f"recipe {self.recipe.name} with {dataset.name} ({height} x {width} pixels, "
                f"{dataset.class_count} classes): {error}"
            ) from None
        for name, network in networks.items():
            if self.batches.batch_size == 1 and has_batch_norm(network):
                raise BadInput(
                    f"{name}.layers: batch_norm needs batches of at least 2 images, these have 1; "
                    "raise the batch size (--batch-size)"
                )
        return networks

    # -- what a task fills in --------------------------------------------------------------------

    def saved_networks(self) -> dict[str, nn.Module]:
        """Networks whose weights make up the result of the run, by name."""
        return {name: learner.network for name, learner in self.learners.items()}

    def step(self, batch: Batch, number: int) -> StepResult:
        """Train on ``batch``, the ``number``-th of its epoch, counted from 0."""
        raise NotImplementedError

    def measure(self) -> dict[str, float]:
        """The measures that are due after the step just done, if any; see Measured."""
        return {}

    def evaluate(self) -> dict[str, float]:
        """The measures of an epoch that has just ended; see EpochDone."""
        raise NotImplementedError

    def finish(self) -> tuple[dict[str, float], float | None]:
        """Measures on the test set and the test accuracy, if there is such a thing; called once."""
        raise NotImplementedError

    def draw_samples(self, epoch_end: bool) -> SamplesDrawn:
        """A grid of pictures that shows what the networks can do now."""
        raise NotImplementedError

    # -- the loop --------------------------------------------------------------------------------

    def __iter__(self) -> Iterator[Event]:
        with limit_threads(self.recipe.threads):
            self._clock.go()
            yield self._started()
            yield self._samples(epoch_end=False)
            ending: Ending = "completed"
            for event in self._epochs():
                yield event
                if isinstance(event, Diverged):
                    ending = "diverged"  # it speaks for itself
                else:
                    yield from self._alarms.see(event)
            if self._stopped:
                ending = "stopped"
                yield self._samples(epoch_end=True)
            yield self._finished(ending)

    def _epochs(self) -> Iterator[Event]:
        per_epoch = self.batches.per_epoch
        sample_every = max(1, per_epoch // self.recipe.samples_per_epoch)
        for epoch in range(1, self.recipe.epochs + 1):
            self.epoch = epoch
            for number, batch in enumerate(self.batches.epoch()):
                yield from self._boundary()
                if self._stopped:
                    return
                for event in self._one_step(batch, number):
                    yield event
                    if isinstance(event, Diverged):
                        return
                yield from self._measured()
                if (number + 1) % sample_every == 0 and number + 1 < per_epoch:
                    yield self._samples(epoch_end=False)
            yield self._epoch_done()
            for name, learner in self.learners.items():
                broken = learner.broken_number()
                if broken is not None:
                    yield self._diverged(name, broken)
                    return
            kept = epoch % self.recipe.keep_samples_every == 0 or epoch == self.recipe.epochs
            yield self._samples(epoch_end=kept)

    def _one_step(self, batch: Batch, number: int) -> Iterator[StepDone | Diverged]:
        rates = {
            name: learner.set_learning_rate(
                self.steps_done, self.total_steps, self.batches.per_epoch
            )
            for name, learner in self.learners.items()
        }
        with np.errstate(all="ignore"):  # what overflows shows in the loss, and Diverged reports it
            result = self.step(batch, number)
        self.steps_done += 1
        yield StepDone(
            step=self.steps_done,
            seconds=self._clock.seconds,
            epoch=self.epoch,
            losses=_finite(result.losses),
            learning_rates=_finite(rates),
            measures=_finite(result.measures),
        )
        for name, loss in result.losses.items():
            if not math.isfinite(loss):
                yield self._diverged(name, loss)
                return

    # -- events ----------------------------------------------------------------------------------

    def _started(self) -> Started:
        return Started(
            step=0,
            task="gan" if "generator" in self.learners else "classify",
            recipe=self.recipe.name,
            summary=self.recipe.summary,
            epochs=self.recipe.epochs,
            steps_per_epoch=self.batches.per_epoch,
            seed=self.recipe.seed,
            threads=thread_count(),
            parameters={
                name: learner.network.parameter_count() for name, learner in self.learners.items()
            },
            image_shape=self.image_shape,
        )

    def _measured(self) -> Iterator[Measured]:
        with self._clock.standing(), np.errstate(all="ignore"):
            values = _finite(self.measure())
        if values:
            yield Measured(step=self.steps_done, seconds=self._clock.seconds, values=values)

    @np.errstate(all="ignore")
    def _samples(self, epoch_end: bool) -> SamplesDrawn:
        return self.draw_samples(epoch_end)

    @np.errstate(all="ignore")
    def _epoch_done(self) -> EpochDone:
        return EpochDone(
            step=self.steps_done,
            seconds=self._clock.seconds,
            epoch=self.epoch,
            measures=_finite(self.evaluate()),
        )

    @np.errstate(all="ignore")
    def _finished(self, ending: Ending) -> Finished:
        self._clock.halt()
        measures, accuracy = ({}, None) if ending == "diverged" else self.finish()
        return Finished(
            step=self.steps_done,
            seconds=self._clock.seconds,
            epoch=self.epoch,
            ending=ending,
            measures=_finite(measures),
            test_accuracy=accuracy,
        )

    def _diverged(self, network: str, value: float) -> Diverged:
        return Diverged(
            step=self.steps_done, seconds=self._clock.seconds, network=network, value=str(value)
        )

    # -- interventions ---------------------------------------------------------------------------

    def _boundary(self) -> Iterator[Event]:
        """Between two steps: carry out what was asked, and stay here while paused."""
        while True:
            waiting = self._paused and not self._single_steps
            if waiting:
                self._clock.halt()
            for request in self.control.take(wait=waiting):
                yield from self._carry_out(request)
            if self._stopped or not self._paused:
                break
            if self._single_steps:
                self._single_steps -= 1
                break
        self._clock.go()

    def _carry_out(self, request: Request) -> Iterator[Intervened]:
        if self._stopped:
            return  # nothing comes after the end
        match request.what:
            case "pause" | "resume":
                paused = request.what == "pause"
                if paused == self._paused:
                    return
                self._paused = paused
                self._single_steps = 0
            case "step":
                self._single_steps += 1
            case "stop":
                self._stopped = True
            case "learning rate":
                yield from self._change_learning_rate(request)
                return
        yield self._intervened(request)

    def _change_learning_rate(self, request: Request) -> Iterator[Intervened]:
        """Turn the networks asked for; those that this task does not have are passed over."""
        for name, learner in self.learners.items():
            if not request.networks or name in request.networks:
                before = learner.factor
                learner.scale(request.factor)
                yield self._intervened(request, name, before, learner.factor)

    def _intervened(
        self, request: Request, network: str = "", before: float = 1.0, after: float = 1.0
    ) -> Intervened:
        return Intervened(
            step=self.steps_done,
            seconds=self._clock.seconds,
            what=request.what,
            source=request.source,
            network=network,
            before=before,
            after=after,
        )


def _split(recipe: AnyRecipe, dataset: Dataset) -> tuple[Examples, Examples]:
    """Training and validation images; BadInput where there are too few to hold any out."""
    data = recipe.data
    if data.validation == "test":
        training = split_validation(dataset, 0, data.limit).training
        return training, Examples(dataset.test_images, dataset.test_labels)
    try:
        split = split_validation(dataset, data.held_out, data.limit)
    except BadInput as error:
        raise BadInput(f"{error}: set held_out in the table [data] of a recipe") from None
    return split.training, split.validation


def has_batch_norm(network: nn.Module) -> bool:
    """Whether the network looks at a batch as a whole."""
    return any(isinstance(module, nn.BatchNorm) for module in network.modules())


def _finite(values: Mapping[str, float]) -> dict[str, float]:
    return {name: value for name, value in values.items() if math.isfinite(value)}
