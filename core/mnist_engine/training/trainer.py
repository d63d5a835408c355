"""The loop that both tasks share: epochs, batches, interventions, events.

A trainer is an iterator of events; what it trains is moved only between two of them. ::

    for event in make_trainer(recipe, dataset, control):
        ...
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

from threadpoolctl import threadpool_limits

from mnist_engine import nn
from mnist_engine.data.batches import Batch, Batches
from mnist_engine.data.dataset import Dataset, Examples, split_validation
from mnist_engine.data.pixels import PixelScaling
from mnist_engine.recipes.networks import Sizes
from mnist_engine.recipes.schema import AnyRecipe
from mnist_engine.training.clock import Clock
from mnist_engine.training.control import Request, TrainControl
from mnist_engine.training.events import (
    Diverged,
    Ending,
    EpochDone,
    Event,
    Finished,
    Intervened,
    SamplesDrawn,
    Started,
    StepDone,
)
from mnist_engine.training.learner import Learner
from mnist_engine.training.randomness import streams
from mnist_engine.training.threads import thread_count


class StepResult(NamedTuple):
    """What one step leaves: each network's loss, and by-products; see StepDone."""

    losses: dict[str, float]
    measures: dict[str, float]


class Trainer:
    """Trains what ``recipe`` describes on ``dataset``, obeying ``control``; iterate over it, once.

    A subclass makes ``learners`` (networks that are trained, by name) in its constructor and fills in
    :meth:`step`, :meth:`evaluate`, :meth:`finish` and :meth:`draw_samples`. Given recipe, seed and thread
    count, and the same interventions at the same steps, the weights come out the same to the bit.

    Raises BadInput where the recipe does not fit the data.
    """

    learners: dict[str, Learner]

    def __init__(self, recipe: AnyRecipe, dataset: Dataset, control: TrainControl) -> None:
        self.recipe = recipe
        self.control = control
        self.image_shape = dataset.image_shape
        self.random = streams(recipe.seed)
        self.sizes = Sizes(dataset.pixel_count, dataset.class_count)
        data = recipe.data
        if data.validation == "test":
            training = split_validation(dataset, 0, data.limit).training
            validation = Examples(dataset.test_images, dataset.test_labels)
        else:
            training, validation = split_validation(dataset, data.held_out, data.limit)
        self.training, self.validation = training, validation
        self.test = Examples(dataset.test_images, dataset.test_labels)
        self.scaling = PixelScaling.named(data.pixels, training.images)
        self.batches = Batches(
            training, data.batch_size, self.scaling, self.random["order"] if data.shuffle else None
        )
        self.steps_done = 0
        self.epoch = 0
        self.total_steps = recipe.epochs * self.batches.per_epoch
        self._clock = Clock()
        self._paused = False
        self._single_steps = 0
        self._stopped = False

    # -- what a task fills in --------------------------------------------------------------------

    def saved_networks(self) -> dict[str, nn.Module]:
        """Networks whose weights make up the result of the run, by name."""
        return {name: learner.network for name, learner in self.learners.items()}

    def step(self, batch: Batch, number: int) -> StepResult:
        """Train on ``batch``, the ``number``-th of its epoch, counted from 0."""
        raise NotImplementedError

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
        with threadpool_limits(self.recipe.threads, user_api="blas"):
            self._clock.go()
            yield self._started()
            yield self.draw_samples(epoch_end=False)
            ending: Ending = "completed"
            for event in self._epochs():
                if isinstance(event, Diverged):
                    ending = "diverged"
                yield event
            if self._stopped:
                ending = "stopped"
                yield self.draw_samples(epoch_end=True)
            measures, accuracy = ({}, None) if ending == "diverged" else self.finish()
            self._clock.halt()
            yield Finished(
                step=self.steps_done,
                seconds=self._clock.seconds,
                epoch=self.epoch,
                ending=ending,
                measures=measures,
                test_accuracy=accuracy,
            )

    def _epochs(self) -> Iterator[Event]:
        per_epoch = self.batches.per_epoch
        sample_every = max(1, per_epoch // self.recipe.samples_per_epoch)
        for epoch in range(1, self.recipe.epochs + 1):
            self.epoch = epoch
            for number, batch in enumerate(self.batches.epoch()):
                yield from self._boundary()
                if self._stopped:
                    return
                done = self._one_step(batch, number)
                yield done
                for name, loss in done.losses.items():
                    if not math.isfinite(loss):
                        yield Diverged(
                            step=done.step, seconds=done.seconds, network=name, value=str(loss)
                        )
                        return
                if (number + 1) % sample_every == 0 and number + 1 < per_epoch:
                    yield self.draw_samples(epoch_end=False)
            yield EpochDone(
                step=self.steps_done,
                seconds=self._clock.seconds,
                epoch=epoch,
                measures=self.evaluate(),
            )
            kept = epoch % self.recipe.keep_samples_every == 0 or epoch == self.recipe.epochs
            yield self.draw_samples(epoch_end=kept)

    def _one_step(self, batch: Batch, number: int) -> StepDone:
        rates = {
            name: learner.set_learning_rate(
                self.steps_done, self.total_steps, self.batches.per_epoch
            )
            for name, learner in self.learners.items()
        }
        result = self.step(batch, number)
        self.steps_done += 1
        return StepDone(
            step=self.steps_done,
            seconds=self._clock.seconds,
            epoch=self.epoch,
            losses=result.losses,
            learning_rates=rates,
            measures=result.measures,
        )

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
        for name in request.networks or tuple(self.learners):
            learner = self.learners[name]
            before = learner.factor
            learner.factor = 1.0 if request.factor is None else before * request.factor
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
