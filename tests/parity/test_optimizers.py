"""Every optimizer, and the average of weights, over 200 steps beside PyTorch's."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np
import pytest
import torch
from torch.optim.swa_utils import AveragedModel

from mnist_engine import nn
from mnist_engine.autograd import Array, GradientTape, Tensor
from mnist_engine.optim import (
    SGD,
    Adam,
    AdamW,
    MovingAverage,
    Optimizer,
    RMSprop,
    clip_gradient_norm,
    clip_gradient_value,
)

from .comparison import assert_alike, normals
from .twins import twin

STEPS = 200
SHAPES = ((3, 4), (5,), (2, 1, 3, 2))

Ours = Callable[[Sequence[Tensor]], Optimizer]
Theirs = Callable[[Iterable[torch.Tensor]], torch.optim.Optimizer]

OPTIMIZERS: dict[str, tuple[Ours, Theirs]] = {
    "SGD": (lambda p: SGD(p, 0.05), lambda p: torch.optim.SGD(p, 0.05)),
    "momentum": (lambda p: SGD(p, 0.05, 0.9), lambda p: torch.optim.SGD(p, 0.05, 0.9)),
    "Nesterov": (
        lambda p: SGD(p, 0.05, 0.9, nesterov=True),
        lambda p: torch.optim.SGD(p, 0.05, 0.9, nesterov=True),
    ),
    "Adam": (lambda p: Adam(p), lambda p: torch.optim.Adam(p)),
    "Adam for GANs": (
        lambda p: Adam(p, 4e-3, (0.5, 0.99), 1e-4),
        lambda p: torch.optim.Adam(p, 4e-3, (0.5, 0.99), 1e-4),
    ),
    "Adam without momentum": (
        lambda p: Adam(p, 4e-3, (0.0, 0.9)),
        lambda p: torch.optim.Adam(p, 4e-3, (0.0, 0.9)),
    ),
    "AdamW": (lambda p: AdamW(p), lambda p: torch.optim.AdamW(p)),
    "AdamW, strong": (
        lambda p: AdamW(p, 1e-2, weight_decay=0.3),
        lambda p: torch.optim.AdamW(p, 1e-2, weight_decay=0.3),
    ),
    "RMSprop": (lambda p: RMSprop(p), lambda p: torch.optim.RMSprop(p)),
    "RMSprop with momentum": (
        lambda p: RMSprop(p, 5e-3, 0.9, 1e-3, momentum=0.8),
        lambda p: torch.optim.RMSprop(p, 5e-3, 0.9, 1e-3, momentum=0.8),
    ),
}


class Descent:
    """The same parameters, given the same gradients step by step, here and there."""

    def __init__(self, ours: Ours, theirs: Theirs) -> None:
        start = [normals(*shape, seed=seed) for seed, shape in enumerate(SHAPES)]
        self.ours = [Tensor(array.copy(), requires_grad=True) for array in start]
        self.theirs = [torch.tensor(array, requires_grad=True) for array in start]
        self.optimizer = ours(self.ours)
        self.twin = theirs(self.theirs)
        self._rng = np.random.default_rng(0)

    def set_gradients(self, size: float = 1.0) -> None:
        """Leave the gradients of Σ g θ, which are g of about ``size``, in every parameter."""
        gradients = [size * self._rng.standard_normal(shape) for shape in SHAPES]
        self.optimizer.zero_grad()
        with GradientTape():
            parts = [(p * g).sum() for p, g in zip(self.ours, gradients, strict=True)]
            loss = sum(parts[1:], start=parts[0])
        loss.backward()
        for parameter, gradient in zip(self.theirs, gradients, strict=True):
            parameter.grad = torch.from_numpy(gradient)

    def step(self) -> None:
        """Move both."""
        self.optimizer.step()
        self.twin.step()

    def assert_alike(self) -> None:
        """Both stand at the same place."""
        for ours, theirs in zip(self.ours, self.theirs, strict=True):
            assert_alike(ours.data, theirs)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_an_optimizer_takes_the_same_steps(name: str) -> None:
    descent = Descent(*OPTIMIZERS[name])
    for _ in range(STEPS):
        descent.set_gradients()
        descent.step()
        descent.assert_alike()


def test_another_optimizer_would_be_noticed() -> None:
    descent = Descent(OPTIMIZERS["Nesterov"][0], OPTIMIZERS["momentum"][1])
    descent.set_gradients()
    descent.step()
    with pytest.raises(AssertionError):
        descent.assert_alike()


# -- clipping ------------------------------------------------------------------------------------


def test_gradients_are_clipped_by_their_norm_alike() -> None:
    descent = Descent(*OPTIMIZERS["momentum"])
    clipped = 0
    for step in range(STEPS):
        descent.set_gradients(size=(step + 1) / 50)  # from below the limit to far above
        norm = clip_gradient_norm(descent.optimizer, max_norm=4.0)
        expected = torch.nn.utils.clip_grad_norm_(descent.theirs, max_norm=4.0)
        assert norm == pytest.approx(expected.item(), rel=1e-12)
        clipped += norm > 4
        descent.step()
        descent.assert_alike()
    assert 0 < clipped < STEPS


def test_an_optimizer_clips_by_itself() -> None:
    descent = Descent(*OPTIMIZERS["momentum"])
    descent.optimizer.clip_norm = 2.0
    for _ in range(STEPS):
        descent.set_gradients()
        torch.nn.utils.clip_grad_norm_(descent.theirs, max_norm=2.0)
        descent.step()
        descent.assert_alike()


def test_gradients_are_clipped_by_value_alike() -> None:
    descent = Descent(*OPTIMIZERS["momentum"])
    for _ in range(STEPS):
        descent.set_gradients()
        clip_gradient_value(descent.optimizer, 0.5)
        torch.nn.utils.clip_grad_value_(descent.theirs, 0.5)
        descent.step()
        descent.assert_alike()


# -- the moving average --------------------------------------------------------------------------


def test_the_average_of_weights_and_running_statistics() -> None:
    rng = np.random.default_rng(0)
    network = nn.Sequential(nn.Linear(4, 3, rng), nn.BatchNorm1d(3), nn.Linear(3, 2, rng))
    network.astype(np.float64)
    other = twin(network)
    average = MovingAverage(network, SGD(network.parameters(), 0.1), decay=0.9)

    def blend(
        averaged: torch.Tensor, current: torch.Tensor, updates: torch.Tensor | int
    ) -> torch.Tensor:
        t = int(updates) - 1  # PyTorch counts the copy at the beginning, we do not
        d = min(0.9, (1 + t) / (10 + t))
        return d * averaged + (1 - d) * current

    averaged_twin = AveragedModel(other, avg_fn=blend, use_buffers=True)
    averaged_twin.update_parameters(other)
    for step in range(STEPS):
        for number, (ours, theirs) in enumerate(
            zip(network.parameters(), other.parameters(), strict=True)
        ):
            ours.data[...] = normals(*ours.shape, seed=10 * step + number)
            theirs.data[...] = torch.from_numpy(ours.data)
        x = normals(6, 4, seed=step)
        network(Tensor(x))
        other(torch.from_numpy(x))
        average.update()
        averaged_twin.update_parameters(other)
        expected = averaged_twin.module.state_dict()
        state: dict[str, Array] = average.module.state_dict()
        assert state.keys() == expected.keys()
        for key in state:
            if not key.endswith("num_batches_tracked"):  # a count, not a statistic
                assert_alike(state[key], expected[key], key)
