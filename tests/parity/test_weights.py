"""Weights on disk, both ways: what one side writes the other loads strictly and answers alike."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import safetensors.torch
import torch

from mnist_engine import nn
from mnist_engine.autograd import Array, Tensor
from mnist_engine.nn.weights import load_weights, save_weights
from mnist_engine.recipes import GanRecipe, load_recipe, shipped_recipes
from mnist_engine.recipes.layers import Sizes
from mnist_engine.recipes.networks import build_networks

from .comparison import assert_alike, normals
from .twins import empty_twin


def of_every_kind() -> nn.Sequential:
    """A network with all layers that have a state or a form."""
    rng = np.random.default_rng(0)
    spectral = nn.SpectralNorm
    return nn.Sequential(
        nn.Unflatten(1, 6, 6), spectral(nn.Conv2d(1, 4, 3, rng, padding=1), rng),
        nn.BatchNorm2d(4), nn.LeakyReLU(0.2), nn.MaxPool2d(2),
        nn.ConvTranspose2d(4, 3, 4, rng, stride=2, padding=1, bias=False), nn.ReLU(),
        spectral(nn.ConvTranspose2d(3, 2, 2, rng), rng), nn.AvgPool2d(3, 2), nn.Flatten(),
        nn.Linear(18, 8, rng, bias=False), nn.BatchNorm1d(8), nn.Sigmoid(), nn.Dropout(0.3, rng),
        spectral(nn.Linear(8, 5, rng), rng), nn.Tanh(), nn.Softmax(),
    )  # fmt: skip


def networks() -> dict[str, tuple[nn.Sequential, int]]:
    """By name a network and the length of its inputs: one of every layer, and all that ship."""
    found = {"every kind": (of_every_kind(), 36)}
    for name in shipped_recipes():
        recipe, sizes = load_recipe(name), Sizes()
        lengths = {"classifier": sizes.pixels}
        if isinstance(recipe, GanRecipe):
            label = sizes.classes if recipe.game.conditional else 0
            lengths["generator"] = recipe.generator.latent + label
            lengths["discriminator"] = sizes.pixels + label
        rng = np.random.default_rng(0)
        for part, network in build_networks(recipe, sizes, rng, rng).items():
            found[f"{name}, {part}"] = network, lengths[part]
    return found


NETWORKS = networks()


def assert_same_answers(network: nn.Module, other: torch.nn.Module, x: Array) -> None:
    """In evaluation, computed in float64 so that nothing but the weights could differ."""
    ours = network.copy().astype(np.float64).eval()(Tensor(x)).data
    assert np.ptp(ours) > 0, "one answer for everything tests nothing"
    with torch.no_grad():
        assert_alike(ours, other.to(torch.float64).eval()(torch.from_numpy(x)))


@pytest.mark.parametrize("name", NETWORKS)
def test_pytorch_loads_what_is_written_here(name: str, tmp_path: Path) -> None:
    network, length = NETWORKS[name]
    for seed, array in enumerate(network.buffers()):  # statistics as if it had been trained
        if array.dtype.kind == "f":
            array[...] = 0.1 * np.abs(normals(*array.shape, seed=seed)) + 0.01  # no unit dies of it
    save_weights(network, tmp_path / "weights.safetensors")
    other = empty_twin(network)
    other.load_state_dict(safetensors.torch.load_file(tmp_path / "weights.safetensors"))
    assert_same_answers(network, other, normals(5, length))


@pytest.mark.parametrize("name", NETWORKS)
def test_what_pytorch_writes_is_loaded_here(name: str, tmp_path: Path) -> None:
    network, length = NETWORKS[name]
    torch.manual_seed(0)
    other = empty_twin(network)
    safetensors.torch.save_file(other.state_dict(), tmp_path / "weights.safetensors")
    loaded = network.copy()
    load_weights(loaded, tmp_path / "weights.safetensors")
    assert_same_answers(loaded, other, normals(5, length))


def test_embeddings_too(tmp_path: Path) -> None:
    layer = nn.Embedding(4, 3, np.random.default_rng(0))
    save_weights(layer, tmp_path / "weights.safetensors")
    other = empty_twin(layer)
    other.load_state_dict(safetensors.torch.load_file(tmp_path / "weights.safetensors"))
    labels = np.array([3, 0, 0, 1])
    assert_alike(layer(labels).data, other(torch.from_numpy(labels)))


def test_float64_stays_float64(tmp_path: Path) -> None:
    layer = nn.Linear(3, 2, np.random.default_rng(0)).astype(np.float64)
    layer.weight.data[...] = np.pi + normals(2, 3)
    save_weights(layer, tmp_path / "weights.safetensors")
    state = safetensors.torch.load_file(tmp_path / "weights.safetensors")
    np.testing.assert_array_equal(state["weight"].numpy(), layer.weight.data)
