"""PyTorch's source for a network of the engine: names, settings and state are the same there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mnist_engine import nn

INDENT = "    "

CLASS_PLANE = '''
class ClassPlane(nn.Module):
    """Pixels and the class, one-hot -> two channels: the pixels, a picture of the class."""

    def __init__(self, height, width, classes):
        super().__init__()
        self.shape = (1, height, width)
        self.weight = nn.Parameter(torch.zeros(classes, height * width))

    def forward(self, rows):
        pixels, one_hot = rows.split([self.weight.shape[1], self.weight.shape[0]], dim=1)
        channels = [pixels, one_hot @ self.weight]
        return torch.cat([channel.unflatten(1, self.shape) for channel in channels], dim=1)
'''


def imports_of(networks: dict[str, nn.Module]) -> str:
    """The lines that the source of these networks needs before it."""
    layers = [layer for network in networks.values() for layer in network.modules()]
    lines = ["import torch", "from safetensors.torch import load_file", "from torch import nn"]
    if any(isinstance(layer, nn.SpectralNorm) for layer in layers):
        lines.append("from torch.nn.utils.parametrizations import spectral_norm")
    if any(isinstance(layer, nn.ClassPlane) for layer in layers):
        lines += ["", CLASS_PLANE]
    return "\n".join(lines)


def loading_code(name: str, network: nn.Module, file: str) -> str:
    """The source that makes the variable ``name`` of the network whose weights ``file`` holds."""
    return (
        f'{name} = {source_of(network)}\n{name}.load_state_dict(load_file("{file}"))\n{name}.eval()'
    )


def source_of(module: nn.Module) -> str:
    """An expression that makes PyTorch's equal of ``module``, with weights of its own."""
    return SOURCES[type(module)](module)


def _sequential(network: nn.Sequential) -> str:
    lines = "".join(f"{INDENT}{source_of(layer)},\n" for layer in network)
    return f"nn.Sequential(\n{lines})"


def _linear(layer: nn.Linear) -> str:
    outputs, inputs = layer.weight.shape
    return f"nn.Linear({inputs}, {outputs}{_bias(layer)})"


def _conv(layer: nn.Conv2d) -> str:
    outputs, inputs, *kernel = layer.weight.shape
    return f"nn.Conv2d({inputs}, {outputs}, {_convolution(layer, kernel)})"


def _conv_transpose(layer: nn.ConvTranspose2d) -> str:
    inputs, outputs, *kernel = layer.weight.shape
    spare = _option("output_padding", layer.output_padding, 0)
    return f"nn.ConvTranspose2d({inputs}, {outputs}, {_convolution(layer, kernel)}{spare})"


def _convolution(layer: nn.Conv2d | nn.ConvTranspose2d, kernel: list[int]) -> str:
    stride, padding = _option("stride", layer.stride, 1), _option("padding", layer.padding, 0)
    return f"{_size(tuple(kernel))}{stride}{padding}{_bias(layer)}"


def _batch_norm(layer: nn.BatchNorm) -> str:
    settings = _option("eps", layer.epsilon, 1e-5) + _option("momentum", layer.momentum, 0.1)
    return f"nn.{type(layer).__name__}({len(layer.weight)}{settings})"


def _pool(layer: nn.Pool2d) -> str:
    stride = _option("stride", layer.stride, layer.kernel_size)
    return f"nn.{type(layer).__name__}({_size(layer.kernel_size)}{stride})"


def _bias(layer: nn.Linear | nn.Conv2d | nn.ConvTranspose2d) -> str:
    return "" if layer.bias is not None else ", bias=False"


def _option(name: str, value: object, default: object) -> str:
    """An argument by name, or nothing where it is what PyTorch takes anyway."""
    return "" if value in (default, (default, default)) else f", {name}={_size(value)}"


def _size(value: object) -> str:
    """A pair of equal numbers as one."""
    if isinstance(value, tuple) and len(set(value)) == 1:
        return repr(value[0])
    return repr(value)


def _plain(layer: nn.Module) -> str:
    return f"nn.{type(layer).__name__}()"


SOURCES: dict[type[nn.Module], Callable[[Any], str]] = {
    nn.Sequential: _sequential,
    nn.Linear: _linear,
    nn.Conv2d: _conv,
    nn.ConvTranspose2d: _conv_transpose,
    nn.BatchNorm1d: _batch_norm,
    nn.BatchNorm2d: _batch_norm,
    nn.MaxPool2d: _pool,
    nn.AvgPool2d: _pool,
    nn.SpectralNorm: lambda norm: f"spectral_norm({source_of(norm.layer)})",
    nn.ClassPlane: lambda layer: f"ClassPlane({layer.height}, {layer.width}, {len(layer.weight)})",
    nn.Dropout: lambda layer: f"nn.Dropout({layer.probability!r})",
    nn.LeakyReLU: lambda layer: f"nn.LeakyReLU({layer.slope!r})",
    nn.Unflatten: lambda layer: f"nn.Unflatten(1, {layer.shape})",
    nn.Softmax: lambda layer: "nn.Softmax(dim=-1)",
    nn.Flatten: _plain,
    nn.Sigmoid: _plain,
    nn.Tanh: _plain,
    nn.ReLU: _plain,
}
"""How PyTorch writes each layer that a recipe can name."""
