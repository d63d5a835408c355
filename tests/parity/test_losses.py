"""Every loss: value, gradient and gradient of the gradient as PyTorch's, in float64."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pytest
import torch
from torch.nn import functional

from mnist_engine import nn
from mnist_engine.autograd import GradientTape, Tensor
from mnist_engine.nn.losses import (
    binary_cross_entropy_with_logits,
    softmax_cross_entropy,
    squared_error,
)
from mnist_engine.training import games

from .comparison import assert_alike, assert_same_derivatives, normals
from .games import GAMES, penalty
from .twins import twin

Reduction = Literal["mean", "sum"]
both_reductions = pytest.mark.parametrize("reduction", ["mean", "sum"])


@both_reductions
def test_squared_error(reduction: Reduction) -> None:
    targets = normals(7, 4, seed=1)
    assert_same_derivatives(
        lambda y: squared_error(y, targets, reduction),
        lambda y: functional.mse_loss(y, torch.from_numpy(targets), reduction=reduction),
        [normals(7, 4)],
    )


@both_reductions
@pytest.mark.parametrize("targets", [0.0, 1.0, "probabilities"])
def test_binary_cross_entropy_with_logits(reduction: Reduction, targets: float | str) -> None:
    logits = normals(7, 1) * 5
    wanted = np.linspace(0, 1, 7)[:, None] if isinstance(targets, str) else np.float64(targets)
    full = torch.from_numpy(np.broadcast_to(wanted, logits.shape).copy())
    assert_same_derivatives(
        lambda z: binary_cross_entropy_with_logits(z, wanted, reduction),
        lambda z: functional.binary_cross_entropy_with_logits(z, full, reduction=reduction),
        [logits],
    )


@both_reductions
def test_softmax_cross_entropy(reduction: Reduction) -> None:
    labels = np.array([0, 3, 3, 1, 2, 0, 1])
    assert_same_derivatives(
        lambda z: softmax_cross_entropy(z, labels, reduction),
        lambda z: functional.cross_entropy(z, torch.from_numpy(labels), reduction=reduction),
        [normals(7, 4) * 5],
    )


# -- games ---------------------------------------------------------------------------------------


def test_all_games_are_compared() -> None:
    assert GAMES.keys() == games.GAMES.keys()


@pytest.mark.parametrize("name", GAMES)
def test_game(name: str) -> None:
    game, (discriminator_loss, generator_loss) = games.GAMES[name], GAMES[name]
    curved = name in ("non-saturating", "least-squares")
    real, fake = normals(9, 1, seed=1) * 2, normals(9, 1, seed=2) * 2
    assert_same_derivatives(
        game.discriminator_loss, discriminator_loss, [real, fake], curved=curved
    )
    assert_same_derivatives(game.generator_loss, generator_loss, [fake], curved=curved)


@pytest.mark.parametrize("hidden", [nn.LeakyReLU(0.2), nn.Tanh()])
def test_gradient_penalty(hidden: nn.Module) -> None:
    rng = np.random.default_rng(0)
    critic = nn.Sequential(nn.Linear(6, 5, rng), hidden, nn.Linear(5, 4, rng), hidden,
                           nn.Linear(4, 1, rng, bias=False)).astype(np.float64)  # fmt: skip
    real, fake, shares = normals(7, 6, seed=1), normals(7, 6, seed=2), rng.random((7, 1))
    with GradientTape() as tape:
        ours = games.gradient_penalty(tape, critic, Tensor(real), Tensor(fake), Tensor(shares))
    gradients = tape.gradient(ours, critic.parameters())

    other = twin(critic)
    theirs = penalty(other, *map(torch.from_numpy, (real, fake, shares)))
    theirs.backward()
    assert_alike(ours.data, theirs)
    for (name, _), found in zip(critic.named_parameters(), gradients, strict=True):
        expected = other.get_parameter(name).grad
        if expected is None:  # a bias before a kink moves no slope
            expected = torch.zeros(found.shape)
        assert_alike(found.data, expected, name)
        assert np.any(found.data) == (name.endswith("weight") or isinstance(hidden, nn.Tanh))
