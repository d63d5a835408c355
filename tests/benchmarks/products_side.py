"""The matrix products of a step and nothing else: what no engine on this BLAS can beat by much.

Each convolution counts as one product of its matrix of windows, which lies ready.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np
from workloads import Workload

from mnist_engine import nn
from mnist_engine.recipes import ClassifierRecipe, GanRecipe

Product = tuple[int, int, int]


def steps(workload: Workload) -> Callable[[], None]:
    """A function that does all products (rows, inner, columns) of one step of ``workload``."""
    trainer = workload.trainer()
    recipe = trainer.recipe
    size = trainer.batches.batch_size
    layers = {name: list(_layers(network)) for name, network in trainer.networks.items()}
    if isinstance(recipe, ClassifierRecipe):
        products = _forward(layers["classifier"], size) + _backward(layers["classifier"], size)
    else:
        products = _game(recipe, layers["generator"], layers["discriminator"], size)
    rng = np.random.default_rng(0)
    shapes = {(m, k) for m, k, _ in products} | {(k, n) for _, k, n in products}
    operands = {shape: rng.standard_normal(shape, dtype=np.float32) for shape in shapes}
    results = {(m, n): np.empty((m, n), np.float32) for m, _, n in products}

    def step() -> None:
        for m, k, n in products:
            np.matmul(operands[m, k], operands[k, n], out=results[m, n])

    return step


Layer = tuple[int, int, int]
"""Rows of a product for each example, and the two sides of the weight matrix."""


def _layers(network: nn.Module) -> Iterator[Layer]:
    pixels = 0
    for module in network.modules():
        if isinstance(module, nn.Unflatten):
            pixels = math.prod(module.shape[1:])
        elif isinstance(module, nn.Pool2d):
            pixels //= math.prod(module.kernel_size)
        elif isinstance(module, nn.Linear):
            yield 1, module.weight.shape[1], module.weight.shape[0]
        elif isinstance(module, nn.Conv2d):
            outputs, *window = module.weight.shape
            pixels //= math.prod(module.stride)
            yield pixels, math.prod(window), outputs
        elif isinstance(module, nn.ConvTranspose2d):
            inputs, *window = module.weight.shape
            yield pixels, inputs, math.prod(window)
            pixels *= math.prod(module.stride)


def _forward(layers: list[Layer], size: int) -> list[Product]:
    return [(rows * size, inputs, outputs) for rows, inputs, outputs in layers]


def _to_weights(layers: list[Layer], size: int) -> list[Product]:
    return [(inputs, rows * size, outputs) for rows, inputs, outputs in layers]


def _to_inputs(layers: list[Layer], size: int) -> list[Product]:
    return [(rows * size, outputs, inputs) for rows, inputs, outputs in layers]


def _backward(layers: list[Layer], size: int) -> list[Product]:
    return _to_weights(layers, size) + _to_inputs(layers[1:], size)


def _game(
    recipe: GanRecipe, generator: list[Layer], discriminator: list[Layer], size: int
) -> list[Product]:
    """The products of one round of the game."""
    game = recipe.game
    judging = _forward(discriminator, 2 * size)
    if game.first == "discriminator":
        judging += _forward(generator, size)
    learning = _backward(discriminator, 2 * size)
    if game.gradient_penalty:  # forward, its gradient, and the derivative of both for the weights
        learning += _forward(discriminator, size) + _to_inputs(discriminator, size)
        learning += _forward(discriminator, size) + _to_weights(discriminator, size)
    generating = _forward(generator, size) + _forward(discriminator, size)
    generating += _to_inputs(discriminator, size) + _backward(generator, size)
    every = game.skip_discriminator_every
    if every:
        return every * (judging + generating) + (every - 1) * learning
    return game.generator_every * (judging + learning) + generating
