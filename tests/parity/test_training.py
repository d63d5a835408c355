"""Twenty steps of our trainers beside plain PyTorch loops, from the same weights and noise.

The engine trains in float32; here all that goes into a tensor is made float64, and nothing else is
changed. PyTorch's side takes weights, batches and noise from a second trainer that is never run.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import numpy as np
import pytest
import torch
from torch.nn import functional
from torch.optim import lr_scheduler

from mnist_engine import nn
from mnist_engine.autograd import Array, Tensor
from mnist_engine.data.dataset import Dataset, load_dataset
from mnist_engine.recipes import AnyRecipe, load_recipe
from mnist_engine.recipes.overrides import override
from mnist_engine.recipes.schema import GanRecipe
from mnist_engine.training import TrainControl, Trainer, make_trainer, trainer
from mnist_engine.training.events import StepDone

from .comparison import assert_alike
from .twins import twin

EPOCHS, PER_EPOCH = 2, 10
STEPS = EPOCHS * PER_EPOCH

LOSSES = 1e-9
"""By what losses may differ in proportion."""

MOVES = 1e-7
"""By what movements of weights may: Adam divides by gradients, however small they are."""


@pytest.fixture(scope="module")
def mnist() -> Dataset:
    return load_dataset()


@pytest.fixture(autouse=True)
def in_float64(monkeypatch: pytest.MonkeyPatch) -> None:
    """Networks in float64, and everything that trainers feed to them."""
    build, wrap = trainer.build_networks, Tensor.wrap

    def build_in_float64(*inputs: object) -> dict[str, nn.Sequential]:
        return {name: network.astype(np.float64) for name, network in build(*inputs).items()}

    def wrap_in_float64(array: Array) -> Tensor:
        return wrap(array.astype(np.float64, copy=False))

    monkeypatch.setattr(trainer, "build_networks", build_in_float64)
    monkeypatch.setattr(Tensor, "wrap", staticmethod(wrap_in_float64))


def short(name: str) -> AnyRecipe:
    """A shipped recipe for twenty steps."""
    recipe = load_recipe(name)
    size = recipe.data.batch_size
    assert isinstance(size, int)
    recipe = override(recipe, epochs=EPOCHS, limit=PER_EPOCH * size, threads=1, seed=3)
    return msgspec.structs.replace(recipe, samples_per_epoch=1)


class Ours:
    """Our trainer, run to its end: the losses of each step, and the weights before and after."""

    def __init__(self, recipe: AnyRecipe, mnist: Dataset) -> None:
        run = make_trainer(recipe, mnist, TrainControl())
        self.before = states(run)
        self.losses = [event.losses for event in run if isinstance(event, StepDone)]
        self.after = states(run)


class Theirs:
    """What PyTorch begins with: networks, and the batches and random numbers of a run."""

    def __init__(self, recipe: AnyRecipe, mnist: Dataset) -> None:
        self._source = make_trainer(recipe, mnist, TrainControl())
        self.networks = {name: twin(net) for name, net in self._source.networks.items()}
        self.random = self._source.random
        self.losses: list[dict[str, float]] = []

    def batches(self) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        """(n, pixels) and (n,) labels, step by step."""
        for _ in range(EPOCHS):
            for batch in self._source.batches.epoch():
                yield wide(batch.pixels), torch.from_numpy(batch.labels.astype(np.int64))

    def noise(self, count: int) -> torch.Tensor:
        """(count, 100) from N(0, 1)."""
        return wide(self.random["noise"].standard_normal((count, 100), np.float32))


def states(run: Trainer) -> dict[str, dict[str, Array]]:
    return {name: network.state_dict() for name, network in run.saved_networks().items()}


def wide(array: Array) -> torch.Tensor:
    return torch.from_numpy(array.astype(np.float64))


def minimise(loss: torch.Tensor, optimizer: torch.optim.Optimizer) -> float:
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


def bce(logits: torch.Tensor, target: float) -> torch.Tensor:
    return functional.binary_cross_entropy_with_logits(logits, torch.full_like(logits, target))


def adam(
    network: torch.nn.Module, rate: float, betas: tuple[float, float]
) -> torch.optim.Optimizer:
    return torch.optim.Adam(network.parameters(), rate, betas)


def assert_same_losses(ours: Ours, theirs: Theirs) -> None:
    assert len(ours.losses) == len(theirs.losses) == STEPS
    for step, (found, expected) in enumerate(zip(ours.losses, theirs.losses, strict=True)):
        assert found == pytest.approx(expected, rel=LOSSES), f"step {step}"


def assert_same_moves(
    ours: Ours, name: str, network: torch.nn.Module, without: tuple[str, ...] = ()
) -> None:
    """Every array of a network has moved as PyTorch's has; ``without`` are left out."""
    expected = network.state_dict()
    assert list(ours.after[name]) == list(expected)
    for key, begin in ours.before[name].items():
        if key in without:
            continue
        moved, right = ours.after[name][key] - begin, expected[key].numpy() - begin
        assert np.linalg.norm(right) > 0, f"{name} {key} should move, or nothing is tested"
        assert np.linalg.norm(moved - right) < MOVES * np.linalg.norm(right), f"{name} {key}"


# -- GANs ----------------------------------------------------------------------------------------


def test_dense_gan(mnist: Dataset) -> None:
    recipe = short("dense-adam")
    ours, theirs = Ours(recipe, mnist), Theirs(recipe, mnist)
    generator, discriminator = theirs.networks["generator"], theirs.networks["discriminator"]
    of_generator = adam(generator, 2e-4, (0.5, 0.999))
    of_discriminator = adam(discriminator, 2e-4, (0.5, 0.999))
    for real, _ in theirs.batches():
        fakes = generator(theirs.noise(len(real))).detach()
        loss = bce(discriminator(real), 1.0) + bce(discriminator(fakes), 0.0)
        discriminator_loss = minimise(loss, of_discriminator)
        loss = bce(discriminator(generator(theirs.noise(len(real)))), 1.0)
        generator_loss = minimise(loss, of_generator)
        theirs.losses.append({"discriminator": discriminator_loss, "generator": generator_loss})
    assert_same_losses(ours, theirs)
    assert_same_moves(ours, "generator", generator)
    assert_same_moves(ours, "discriminator", discriminator)
