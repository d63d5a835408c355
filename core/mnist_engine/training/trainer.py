"""The loop that both tasks share: epochs, batches, interventions, events.

A trainer is an iterator of events; what it trains is moved only between two of them. ::

    for event in make_trainer(recipe, dataset, control):
        ...
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Generator, Iterator, Mapping
from functools import cached_property
from typing import NamedTuple

import numpy as np

from mnist_engine import nn
from mnist_engine.autograd import GradientTape, Tensor
from mnist_engine.autograd.threads import limit_threads, thread_count
from mnist_engine.data.augmentation import RandomShift
from mnist_engine.data.batches import Batch, Batches
from mnist_engine.data.dataset import Dataset, Examples
from mnist_engine.data.pixels import PixelScaling
from mnist_engine.errors import BadInput
from mnist_engine.metrics.generated import spread
from mnist_engine.optim import MovingAverage
from mnist_engine.optim.clipping import gradient_norm
from mnist_engine.recipes.layers import Sizes
from mnist_engine.recipes.networks import build_networks
from mnist_engine.recipes.schema import AnyRecipe
from mnist_engine.training.alarms import Alarms
from mnist_engine.training.answers import Answers
from mnist_engine.training.clock import Clock
from mnist_engine.training.control import TrainControl
from mnist_engine.training.events import (
    CheckpointDue,
    Diverged,
    Ending,
    EpochDone,
    Event,
    Finished,
    Inspected,
    Measured,
    Resumed,
    SamplesDrawn,
    Stage,
    Staged,
    Started,
    StepDone,
    finite,
)
from mnist_engine.training.examiner import Costs
from mnist_engine.training.inspection import INSPECT_EVERY, Inspection
from mnist_engine.training.interventions import Interventions
from mnist_engine.training.learner import Learner
from mnist_engine.training.randomness import StreamState, state_of, streams
from mnist_engine.training.remarks import remarks_on
from mnist_engine.training.settings import Setting, Settings, dropout_settings
from mnist_engine.training.splitting import split_for
from mnist_engine.training.state import TrainerState, give_state, take_state


class StepResult(NamedTuple):
    """What one step leaves: each network's loss, and by-products; see StepDone."""

    losses: dict[str, float]
    measures: dict[str, float]


class Trainer:
    """Trains what ``recipe`` describes on ``dataset``, obeying ``control``; iterate over it, once.

    ``learners`` are the networks that are trained, by name, and ``settings`` the numbers that a
    person may turn. A subclass fills in :meth:`step`, :meth:`evaluate`, :meth:`finish` and
    :meth:`draw_samples`. Given recipe, seed and thread count, and the same interventions at the
    same steps, the weights come out the same to the bit; and so they do where one trainer goes on
    from the :meth:`state` of another.

    Events carry finite numbers only, since JSON has no others: what is NaN or infinite is left out,
    and Diverged tells it. Training has diverged where a loss is not finite, or at the end of an
    epoch a weight.

    Raises BadInput where the recipe does not fit the data.
    """

    @property
    def bounded_losses(self) -> tuple[str, ...]:
        """The networks whose losses have run away where they are large; see Alarms."""
        return ()

    def __init__(self, recipe: AnyRecipe, dataset: Dataset, control: TrainControl) -> None:
        self.recipe = recipe
        self.control = control
        self.image_shape = dataset.image_shape
        self.random = streams(recipe.seed)
        self.sizes = Sizes(*dataset.image_shape, dataset.class_count)
        self.training, self.validation = split_for(recipe, dataset)
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
        self._remarks = remarks_on(recipe, dataset, self.training.labels)
        self.steps_done = 0
        self.epoch = 0
        self.total_steps = recipe.epochs * self.batches.per_epoch
        self.alarms = Alarms(self.bounded_losses, spread(self.training.images))
        self._clock = Clock()
        self.learners = self._make_learners()
        self.settings = Settings(*self._make_settings())
        self.interventions = Interventions(
            control, self._clock, self.learners, self.settings, self._answer
        )
        self._inspection: Inspection | None = None  # of the step that is being done
        self._batch: Batch | None = None  # of that step, or of the last
        self.losses_of_epoch: dict[str, list[float]] = {name: [] for name in self.networks}
        self.order_of_epoch: StreamState | None = None
        self._resumed: Resumed | None = None

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

    def _make_learners(self) -> dict[str, Learner]:
        """The networks of the recipe with what moves them, in the order in which they are told."""
        raise NotImplementedError

    def _make_settings(self) -> Iterator[Setting]:
        """What a person may turn, besides learning rates."""
        yield from dropout_settings(self.networks)

    def _own_setting(
        self,
        name: str,
        attribute: str,
        meaning: str,
        highest: float,
        lowest: float = 0.0,
        whole: bool = False,
    ) -> Setting:
        """A setting that is an attribute of this trainer."""

        def write(value: float) -> None:
            setattr(self, attribute, int(value) if whole else value)

        return Setting(
            name, "", meaning, lambda: getattr(self, attribute), write, lowest, highest, whole
        )

    def saved_networks(self) -> dict[str, nn.Module]:
        """Networks whose weights make up the result of the run, by name."""
        return {name: learner.network for name, learner in self.learners.items()}

    def step(self, batch: Batch, number: int) -> Generator[Staged, None, StepResult]:
        """Train on ``batch``, the ``number``-th of its epoch, counted from 0.

        In slow motion each stage is told as soon as it is done; see :meth:`_tell`.
        """
        raise NotImplementedError

    def record(self, network: str) -> tuple[GradientTape, Tensor]:
        """What a step of ``network`` on the :attr:`last_batch` records, and its loss.

        Nothing is learnt by it, but chance is drawn from, and batch statistics move.
        """
        raise NotImplementedError

    def measure(self) -> Measured | None:
        """The measures that are due after the step just done, if any."""
        return None

    def evaluate(self) -> dict[str, float]:
        """The measures of an epoch that has just ended; see EpochDone."""
        raise NotImplementedError

    def finish(self) -> tuple[dict[str, float], float | None]:
        """Measures on the test set and the test accuracy, if there is such a thing; called once."""
        raise NotImplementedError

    def take_answers(self) -> Answers | None:
        """What each picture was taken for in the measuring just done; None where none was."""
        return None

    def draw_samples(self, epoch_end: bool) -> SamplesDrawn:
        """A grid of pictures that shows what the networks can do now."""
        raise NotImplementedError

    # -- where it stands -------------------------------------------------------------------------

    @property
    def averages(self) -> dict[str, MovingAverage]:
        """Moving averages of networks, by the name of the averaged one."""
        return {}

    @property
    def fid_costs(self) -> Costs:
        """What FID has cost so far."""
        return Costs()

    @property
    def last_batch(self) -> Batch:
        """The images of the last step; before the first those that come first in the data."""
        if self._batch is not None:
            return self._batch
        count = self.batches.batch_size
        pixels = self.scaling.apply(self.training.images[:count])
        return Batch(pixels.reshape(count, -1), self.training.labels[:count])

    @property
    def seconds(self) -> float:
        """Training time so far."""
        return self._clock.seconds

    @cached_property
    def data_digest(self) -> str:
        """Tells the training images and labels from all others."""
        digest = hashlib.sha256(self.training.images.tobytes())
        digest.update(self.training.labels.tobytes())
        return digest.hexdigest()

    def state(self) -> TrainerState:
        """All that another trainer needs to go on from here.

        To be asked between two events when the trainer says that it stands at a step boundary (see
        CheckpointDue), and to be kept before the next event is asked for.
        """
        return take_state(self)

    def resume(self, state: TrainerState, faults: tuple[str, ...] = ()) -> None:
        """Go on from ``state`` instead of beginning; the first event is Resumed, with ``faults``.

        Raises StateError where it is the state of other networks or data.
        """
        self.begin_from(state)
        self.alarms.recall(state.progress.alarms)  # a new run has none of what its parent has told
        self._clock.set(state.progress.seconds)
        self.announce_resuming(faults)

    def announce_resuming(self, faults: tuple[str, ...] = ()) -> None:
        """Let the first event be Resumed: this training was begun before, be it from here."""
        self._resumed = Resumed(step=self.steps_done, seconds=self.seconds, faults=faults)

    def begin_from(self, state: TrainerState) -> None:
        """Begin a new run from the ``state`` of another."""
        give_state(self, state)
        self.epoch = -(-self.steps_done // self.batches.per_epoch)

    # -- the loop --------------------------------------------------------------------------------

    def __iter__(self) -> Iterator[Event]:
        with limit_threads(self.recipe.threads):
            self._clock.go()
            yield self._opening()
            yield self._samples(epoch_end=False)
            ending: Ending = "completed"
            for event in self._epochs():
                yield event
                if isinstance(event, Diverged):
                    ending = "diverged"  # it speaks for itself
                else:
                    yield from self.alarms.see(event)
            if self.interventions.stopped:
                ending = "stopped"
                # The next one does not begin any more.
                self.epoch = max(1, -(-self.steps_done // self.batches.per_epoch))
                yield self._samples(epoch_end=True)
            yield self._finished(ending)
            self.control.questions.rest(self)

    def _epochs(self) -> Iterator[Event]:
        per_epoch = self.batches.per_epoch
        sample_every = max(1, per_epoch // self.recipe.samples_per_epoch)
        epochs_done, begin = divmod(self.steps_done, per_epoch)
        for epoch in range(epochs_done + 1, self.recipe.epochs + 1):
            self.epoch = epoch
            self.order_of_epoch = state_of(self.random["order"])
            batches = self.batches.epoch(begin)
            for number in range(begin, per_epoch):
                yield from self.interventions.boundary(self.steps_done)
                if self.interventions.stopped:
                    return
                for event in self._one_step(next(batches), number):
                    yield event
                    if isinstance(event, Diverged):
                        return
                yield from self._measured()
                if (number + 1) % sample_every == 0 and number + 1 < per_epoch:
                    yield self._samples(epoch_end=False)
            begin = 0
            yield self._epoch_done()
            for name, learner in self.learners.items():
                broken = learner.broken_number()
                if broken is not None:
                    yield self._diverged(name, broken)
                    return
            kept = epoch % self.recipe.keep_samples_every == 0 or epoch == self.recipe.epochs
            yield self._samples(epoch_end=kept)
            with self._clock.standing():
                yield CheckpointDue(step=self.steps_done, seconds=self.seconds, reason="epoch")

    def _one_step(self, batch: Batch, number: int) -> Iterator[Event]:
        rates = {
            name: learner.set_learning_rate(
                self.steps_done, self.total_steps, self.batches.per_epoch
            )
            for name, learner in self.learners.items()
        }
        self._batch = batch
        looks = (self.steps_done + 1) % INSPECT_EVERY == 0 or self.interventions.in_stages
        self._inspection = Inspection() if looks else None
        with np.errstate(all="ignore"):  # what overflows shows in the loss, and Diverged reports it
            result = yield from self.step(batch, number)
        self.steps_done += 1
        for name, loss in result.losses.items():
            self.losses_of_epoch[name].append(loss)
        yield StepDone(
            step=self.steps_done,
            seconds=self._clock.seconds,
            epoch=self.epoch,
            losses=finite(result.losses),
            learning_rates=finite(rates),
            measures=finite(result.measures),
        )
        if self._inspection is not None:
            yield self._inspected(self._inspection)
        for name, loss in result.losses.items():
            if not math.isfinite(loss):
                yield self._diverged(name, loss)
                return

    def _move(self, name: str, objective: Tensor) -> Iterator[Staged]:
        """One step of the network of that name down the slope of ``objective``.

        The same whether anybody looks or not, to the bit.
        """
        optimizer = self.learners[name].optimizer
        if self._inspection is None:
            optimizer.minimise(objective)
            return
        optimizer.zero_grad()
        objective.backward(optimizer.parameters)
        norm = gradient_norm(optimizer.flat)
        self._inspection.gradient_norms[name] = norm
        yield from self._tell("gradients", name, lambda: {"gradient norm": norm})
        before = optimizer.flat.values.copy() if self.interventions.in_stages else None
        optimizer.step()
        if before is not None:
            moved = np.linalg.norm(optimizer.flat.values - before)
            numbers = {
                "learning rate": optimizer.learning_rate,
                "change": float(moved / np.linalg.norm(before)),
            }
            yield from self._tell("update", name, lambda: numbers)

    def _tell(
        self, stage: Stage, network: str, numbers: Callable[[], Mapping[str, float]], turn: str = ""
    ) -> Iterator[Staged]:
        """In slow motion: say that a stage is done, and wait until the next is asked for.

        Not while a tape records, for questions may be answered meanwhile.
        """
        if self.interventions.in_stages:
            yield Staged(
                step=self.steps_done,
                seconds=self._clock.seconds,
                stage=stage,
                network=network,
                turn=turn or network,
                numbers=finite(numbers()),
            )
            self.interventions.wait()

    def _answer(self) -> None:
        self.control.questions.answer(self)

    # -- events ----------------------------------------------------------------------------------

    def _inspected(self, inspection: Inspection) -> Inspected:
        inspection.see_units(self.learners)
        return Inspected(
            step=self.steps_done,
            seconds=self._clock.seconds,
            gradient_norms=finite(inspection.gradient_norms),
            verdicts=inspection.verdicts,
            verdict_range=inspection.verdict_range,
            boundary=inspection.boundary,
            silent=inspection.silent,
        )

    def _opening(self) -> Started | Resumed:
        if self._resumed is not None:
            return self._resumed
        return self.started(self.steps_done)

    def started(self, step: int) -> Started:
        """What is to be known of this training; see Started."""
        return Started(
            step=step,
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
            remarks=self._remarks,
            factors={
                name: learner.factor
                for name, learner in self.learners.items()
                if learner.factor != 1
            },
            settings=tuple(setting.told() for setting in self.settings),
        )

    def _measured(self) -> Iterator[Measured]:
        with self._clock.standing(), np.errstate(all="ignore"):
            measured = self.measure()
        if measured is not None:
            yield measured

    @np.errstate(all="ignore")
    def _samples(self, epoch_end: bool) -> SamplesDrawn:
        return self.draw_samples(epoch_end)

    @np.errstate(all="ignore")
    def _epoch_done(self) -> EpochDone:
        return EpochDone(
            step=self.steps_done,
            seconds=self._clock.seconds,
            epoch=self.epoch,
            measures=finite(self._mean_losses() | self.evaluate()),
            answers=self.take_answers(),
        )

    def _mean_losses(self) -> dict[str, float]:
        """Each network's mean loss over the epoch; none of one that did not move in so few steps.

        They begin anew with the next epoch.
        """
        means = {
            "training loss" if name == "classifier" else f"{name} loss": float(np.mean(losses))
            for name, losses in self.losses_of_epoch.items()
            if losses
        }
        for losses in self.losses_of_epoch.values():
            losses.clear()
        return means

    @np.errstate(all="ignore")
    def _finished(self, ending: Ending) -> Finished:
        self._clock.halt()
        measures, accuracy = ({}, None) if ending == "diverged" else self.finish()
        return Finished(
            step=self.steps_done,
            seconds=self._clock.seconds,
            epoch=self.epoch,
            ending=ending,
            measures=finite(measures),
            test_accuracy=accuracy,
            answers=self.take_answers(),
        )

    def _diverged(self, network: str, value: float) -> Diverged:
        return Diverged(
            step=self.steps_done, seconds=self._clock.seconds, network=network, value=str(value)
        )


def has_batch_norm(network: nn.Module) -> bool:
    """Whether the network looks at a batch as a whole."""
    return any(isinstance(module, nn.BatchNorm) for module in network.modules())
