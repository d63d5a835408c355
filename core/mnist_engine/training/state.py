"""All that training goes on from: taken from a trainer at a step boundary, given back to another.

A trainer of the same recipe, data and threads that was given a state does the same steps, to the
bit, as the one that it was taken from.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from mnist_engine.nn.module import StateError
from mnist_engine.training.events import Intervened
from mnist_engine.training.examiner import Costs
from mnist_engine.training.randomness import Purpose, StreamState, restore, state_of

if TYPE_CHECKING:
    from mnist_engine.training.trainer import Trainer


LATER_STREAMS = frozenset({"pixel noise"})
"""Random streams that older checkpoints lack: nothing was drawn from them then."""


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """What is not an array: how far training is, and where chance stands.

    ``seconds`` is training time. ``streams`` are the random ones, that of the order of images as it
    was when the epoch began. ``factors`` are people's factors of learning rates, by network, and
    ``settings`` the other numbers that they have changed: network, name and value. ``updates``
    counts the steps of each optimizer and of each moving average. ``fid`` is what a GAN's FID has
    cost, and ``alarms`` what those who raise them remember.
    """

    steps: int
    seconds: float
    streams: dict[Purpose, StreamState]
    factors: dict[str, float]
    updates: dict[str, int]
    interventions: tuple[Intervened, ...] = ()
    fid: Costs = Costs()
    settings: tuple[tuple[str, str, float], ...] = ()
    alarms: Mapping[str, Any] = {}


class TrainerState(NamedTuple):
    """``arrays`` are weights, buffers, the optimizers' moments and the losses of the epoch so far.

    They are named ``network/weight``, ``network/optimizer/moment`` and ``network/losses``, and are
    to be written down, or copied, before the trainer goes on.
    """

    arrays: dict[str, NDArray[Any]]
    progress: Progress


def take_state(trainer: Trainer) -> TrainerState:
    """The state of a trainer that stands at a step boundary."""
    streams = {purpose: state_of(stream) for purpose, stream in trainer.random.items()}
    if trainer.steps_done % trainer.batches.per_epoch and trainer.order_of_epoch is not None:
        streams["order"] = trainer.order_of_epoch
    updates = {name: learner.optimizer.steps for name, learner in trainer.learners.items()}
    updates |= {name: average.steps for name, average in trainer.averages.items()}
    progress = Progress(
        steps=trainer.steps_done,
        seconds=trainer.seconds,
        streams=streams,
        factors={name: learner.factor for name, learner in trainer.learners.items()},
        updates=updates,
        interventions=tuple(trainer.interventions.done),
        fid=trainer.fid_costs,
        settings=tuple(
            (network, name, value) for (network, name), value in trainer.settings.changed.items()
        ),
        alarms=trainer.alarms.memory(),
    )
    losses = {
        f"{name}/losses": np.array(values) for name, values in trainer.losses_of_epoch.items()
    }
    return TrainerState(_weights(trainer) | _moments(trainer) | losses, progress)


def give_state(trainer: Trainer, state: TrainerState) -> None:
    """Let a trainer that has not begun go on from ``state``.

    Raises StateError, naming what does not fit, where the state is that of other networks or
    another data set; the trainer must not be used then.
    """
    arrays, progress = state
    _check_names(trainer, state)
    for name, network in trainer.saved_networks().items():
        network.load_state_dict(_part(arrays, f"{name}/", network.state_dict().keys()))
    for name, moment in _moments(trainer).items():
        moment[...] = arrays[name]
    for name, losses in trainer.losses_of_epoch.items():
        losses[:] = arrays[f"{name}/losses"].tolist()
    for name, learner in trainer.learners.items():
        learner.optimizer.steps = progress.updates[name]
        learner.factor = progress.factors[name]
    for name, average in trainer.averages.items():
        average.steps = progress.updates[name]
    for purpose, stream in progress.streams.items():
        try:
            restore(trainer.random[purpose], stream)
        except ValueError as error:
            raise StateError(str(error)) from None
    for owner, setting, value in progress.settings:
        try:
            trainer.settings.change(owner, setting, value)
        except (KeyError, ValueError):
            raise StateError(f"the setting {owner} {setting} cannot be {value:g}") from None
    trainer.steps_done = progress.steps
    trainer.interventions.take_over(progress.interventions)


def _weights(trainer: Trainer) -> dict[str, NDArray[Any]]:
    """Parameters and buffers of all networks, averaged ones too."""
    return {
        f"{name}/{key}": array
        for name, network in trainer.saved_networks().items()
        for key, array in network.state_dict().items()
    }


def _moments(trainer: Trainer) -> dict[str, NDArray[Any]]:
    """What the optimizers remember: the arrays themselves."""
    return {
        f"{name}/optimizer/{key}": array
        for name, learner in trainer.learners.items()
        for key, array in learner.optimizer.state.items()
    }


def _part(arrays: Mapping[str, NDArray[Any]], prefix: str, keys: Any) -> dict[str, NDArray[Any]]:
    return {key: arrays[prefix + key] for key in keys}


def _check_names(trainer: Trainer, state: TrainerState) -> None:
    """StateError unless the state has just what the trainer has, in the same shapes."""
    arrays, progress = state
    needed = _weights(trainer) | _moments(trainer)
    losses = {f"{name}/losses" for name in trainer.losses_of_epoch}
    faults = [f"missing {name}" for name in (*needed, *sorted(losses)) if name not in arrays]
    faults += [f"unexpected {name}" for name in arrays if name not in needed and name not in losses]
    faults += [
        f"{name} is {arrays[name].dtype} of shape {arrays[name].shape}, "
        f"needs {array.dtype} of shape {array.shape}"
        for name, array in needed.items()
        if name in arrays and (arrays[name].shape, arrays[name].dtype) != (array.shape, array.dtype)
    ]
    networks = {*trainer.learners, *trainer.averages}
    if progress.updates.keys() != networks or progress.factors.keys() != trainer.learners.keys():
        faults.append("the networks have other names")
    streams = progress.streams.keys()
    if not trainer.random.keys() - LATER_STREAMS <= streams <= trainer.random.keys():
        faults.append("the random streams are others")
    if not 0 <= progress.steps <= trainer.total_steps:
        faults.append(f"step {progress.steps} is none of {trainer.total_steps}")
    if faults:
        raise StateError("the state does not fit the recipe: " + "; ".join(faults))
