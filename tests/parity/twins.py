"""Networks of the engine rebuilt in PyTorch, with the same names and the same numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import nn as torch_nn
from torch.nn.utils.parametrizations import spectral_norm

from mnist_engine import nn


class ClassPlane(torch_nn.Module):
    """The pixels and the picture of their class, a channel each."""

    def __init__(self, height: int, width: int, classes: int) -> None:
        super().__init__()
        self.image = (1, height, width)
        self.weight = torch_nn.Parameter(torch.randn(classes, height * width))

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        classes, size = self.weight.shape
        pixels, one_hot = rows.split([size, classes], dim=1)
        channels = [pixels, one_hot @ self.weight]
        return torch.cat([channel.unflatten(1, self.image) for channel in channels], dim=1)


TWINS: dict[type[nn.Module], Callable[[Any], torch_nn.Module]] = {
    nn.Linear: lambda layer: torch_nn.Linear(
        layer.weight.shape[1], layer.weight.shape[0], bias=layer.bias is not None
    ),
    nn.Conv2d: lambda layer: torch_nn.Conv2d(
        layer.weight.shape[1],
        layer.weight.shape[0],
        layer.weight.shape[2:],
        layer.stride,
        layer.padding,
        bias=layer.bias is not None,
    ),
    nn.ConvTranspose2d: lambda layer: torch_nn.ConvTranspose2d(
        layer.weight.shape[0],
        layer.weight.shape[1],
        layer.weight.shape[2:],
        layer.stride,
        layer.padding,
        layer.output_padding,
        bias=layer.bias is not None,
    ),
    nn.SpectralNorm: lambda norm: spectral_norm(empty_twin(norm.layer)),
    nn.ClassPlane: lambda layer: ClassPlane(layer.height, layer.width, len(layer.weight)),
    nn.Embedding: lambda layer: torch_nn.Embedding(*layer.weight.shape),
    nn.BatchNorm1d: lambda layer: torch_nn.BatchNorm1d(
        len(layer.weight), eps=layer.epsilon, momentum=layer.momentum
    ),
    nn.BatchNorm2d: lambda layer: torch_nn.BatchNorm2d(
        len(layer.weight), eps=layer.epsilon, momentum=layer.momentum
    ),
    nn.MaxPool2d: lambda pool: torch_nn.MaxPool2d(pool.kernel_size, pool.stride),
    nn.AvgPool2d: lambda pool: torch_nn.AvgPool2d(pool.kernel_size, pool.stride),
    nn.Flatten: lambda layer: torch_nn.Flatten(),
    nn.Unflatten: lambda layer: torch_nn.Unflatten(1, layer.shape),
    nn.Dropout: lambda layer: torch_nn.Dropout(layer.probability),
    nn.Sigmoid: lambda layer: torch_nn.Sigmoid(),
    nn.Tanh: lambda layer: torch_nn.Tanh(),
    nn.ReLU: lambda layer: torch_nn.ReLU(),
    nn.LeakyReLU: lambda layer: torch_nn.LeakyReLU(layer.slope),
    nn.Softmax: lambda layer: torch_nn.Softmax(dim=-1),
    nn.Sequential: lambda network: torch_nn.Sequential(*map(empty_twin, network.layers)),
}
"""What PyTorch calls each module here."""


def empty_twin(module: nn.Module) -> torch_nn.Module:
    """PyTorch's module of the same kind and size, with weights of its own."""
    return TWINS[type(module)](module)


def twin(module: nn.Module) -> torch_nn.Module:
    """PyTorch's module with the state, dtype and mode of ``module``.

    The state dict is loaded strictly: every name and every shape must be PyTorch's.
    """
    state = {name: torch.from_numpy(array) for name, array in module.state_dict().items()}
    other = empty_twin(module)
    if state:
        other = other.to(next(value.dtype for value in state.values() if value.is_floating_point()))
    other.load_state_dict(state, strict=True)
    return other.train(module.training)
