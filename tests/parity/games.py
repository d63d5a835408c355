"""The games between discriminator and generator in PyTorch."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch.nn import functional


def bce(logits: torch.Tensor, target: float) -> torch.Tensor:
    return functional.binary_cross_entropy_with_logits(logits, torch.full_like(logits, target))


GAMES: dict[str, tuple[Callable[..., torch.Tensor], Callable[..., torch.Tensor]]] = {
    "non-saturating": (
        lambda real, fake: bce(real, 1.0) + bce(fake, 0.0),
        lambda fake: bce(fake, 1.0),
    ),
    "wasserstein": (lambda real, fake: fake.mean() - real.mean(), lambda fake: -fake.mean()),
    "least-squares": (
        lambda real, fake: 0.5 * ((real - 1) ** 2).mean() + 0.5 * (fake**2).mean(),
        lambda fake: 0.5 * ((fake - 1) ** 2).mean(),
    ),
    "hinge": (
        lambda real, fake: functional.relu(1 - real).mean() + functional.relu(1 + fake).mean(),
        lambda fake: -fake.mean(),
    ),
}
"""The losses of discriminator and generator."""


def penalty(
    critic: torch.nn.Module, real: torch.Tensor, fakes: torch.Tensor, shares: torch.Tensor
) -> torch.Tensor:
    """Gulrajani et al., 2017, algorithm 1, line 7."""
    mixtures = (shares * real + (1 - shares) * fakes).requires_grad_()
    (slopes,) = torch.autograd.grad(critic(mixtures).sum(), mixtures, create_graph=True)
    return ((slopes.norm(2, dim=1) - 1) ** 2).mean()
