"""A GAN's recipe trained in PyTorch from its own numbers, and judged as ours are.

    python tests/benchmarks/torch_quality.py RECIPE [--seeds N] [--first-seed N] [--epochs N]

Where ``tests/parity`` holds single steps to PyTorch's, this holds whole trainings to them: networks
and settings are the recipe's, but PyTorch draws the weights, the order and the noise. So figures
agree but for chance, and each side's spread over seeds says how large that is. Ours, after as many
epochs, are printed beside them from the results that ship. It takes minutes to hours.

The loop is the plain one that tutorials have. A recipe with a setting that it does not know is
refused: ``dense-adam``, ``dense-batchnorm``, ``lsgan`` and ``hinge`` fit.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

# Before NumPy and PyTorch, as in the program.
import mnist_engine  # noqa: F401  # isort: skip
import msgspec
import numpy as np
import torch

from mnist_engine.data.dataset import Dataset, Examples, load_dataset, split_validation
from mnist_engine.errors import BadInput
from mnist_engine.metrics.classes import class_shares, kl_divergence, score
from mnist_engine.metrics.generated import Standard
from mnist_engine.metrics.judge import shipped_judge
from mnist_engine.recipes import AnyRecipe, GanRecipe, load_recipe
from mnist_engine.recipes.layers import Sizes
from mnist_engine.recipes.networks import build_networks
from mnist_engine.recipes.schema import (
    AdamTable,
    DataTable,
    GameTable,
    GeneratorTable,
    NetworkTable,
    Table,
)
from mnist_tui.results import measured_results

sys.path.append(str(Path(__file__).parents[1] / "parity"))
from games import GAMES
from twins import empty_twin

DIGITS = 10_000
AT_ONCE = 1000


def main() -> None:
    """Train, judge, print beside ours."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("recipe")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--epochs", type=int, help="the recipe's own by default")
    arguments = parser.parse_args()
    try:
        recipe = plain(load_recipe(arguments.recipe))
    except BadInput as error:
        parser.error(str(error))
    epochs = arguments.epochs or recipe.epochs
    dataset = load_dataset()
    standard = Standard.of(shipped_judge(), Examples(dataset.test_images, dataset.test_labels))
    distances = []
    for seed in range(arguments.first_seed, arguments.first_seed + arguments.seeds):
        torch.manual_seed(seed)
        begin = time.perf_counter()
        generator = trained(recipe, dataset, epochs)
        seconds = time.perf_counter() - begin
        opinion = shipped_judge().look(drawn(generator, recipe.generator.latent))
        shares = class_shares(opinion.probabilities)
        distances.append(standard.frechet_distance(opinion))
        print(
            f"{recipe.name}, seed {seed}, {epochs} epochs, {seconds:.0f} s: "
            f"FID {distances[-1]:.2f}, MNIST score {score(opinion.probabilities):.2f}, "
            f"class KL {kl_divergence(shares, standard.shares):.3f}",
            flush=True,
        )
    print(f"PyTorch: FID {described(distances)}")
    ours = list(distances_after(epochs, measured_results().get(recipe.name, {})))
    print(f"ours: FID {described(ours)}" if ours else f"ours: not measured after {epochs} epochs")


def plain(recipe: AnyRecipe) -> GanRecipe:
    """The recipe, if the loop below does all that it says; else BadInput."""
    if not isinstance(recipe, GanRecipe):
        raise BadInput(f"{recipe.name} is no GAN")
    tables = {"generator": recipe.generator, "discriminator": recipe.discriminator}
    unknown = [
        *unknown_settings("data", recipe.data, DataTable(), {"batch_size", "held_out"}),
        *unknown_settings("game", recipe.game, GameTable(), {"loss"}),
    ]
    for name, table in tables.items():
        known = {"layers": table.layers, "optimizer": table.optimizer}
        usual = (GeneratorTable if name == "generator" else NetworkTable)(**known)
        unknown += unknown_settings(name, table, usual, {"latent"})
        if not isinstance(table.optimizer, AdamTable):
            unknown.append(f"{name}.optimizer")
    if not isinstance(recipe.data.batch_size, int):
        unknown.append("data.batch_size")
    if recipe.game.loss not in ("non-saturating", "least-squares", "hinge"):
        unknown.append("game.loss")
    if unknown:
        raise BadInput(f"{recipe.name} has what this loop does not know: {', '.join(unknown)}")
    return recipe


def unknown_settings(name: str, table: Table, usual: Table, known: set[str]) -> list[str]:
    """The keys of ``table`` that are neither ``known`` nor as ``usual``."""
    wanted = msgspec.structs.asdict(usual)
    return [
        f"{name}.{key}"
        for key, value in msgspec.structs.asdict(table).items()
        if key not in known and value != wanted[key]
    ]


def distances_after(epochs: int, result: dict[str, Any]) -> Iterator[float]:
    """The FID of each of our runs after so many epochs, where it was measured then."""
    for run in result.get("runs", {}).values():
        for when, measures in run.items():
            if when == f"{epochs} epochs" or (when == "end" and measures.get("epochs") == epochs):
                yield measures["FID"]


def described(values: list[float]) -> str:
    """Mean, deviation and the values themselves."""
    deviation = statistics.stdev(values) if len(values) > 1 else 0.0
    each = ", ".join(f"{value:.2f}" for value in values)
    return f"{statistics.mean(values):.2f} ± {deviation:.2f} ({each})"


def trained(recipe: GanRecipe, dataset: Dataset, epochs: int) -> torch.nn.Module:
    """The generator after so many epochs of the plain loop that tutorials have."""
    sizes = Sizes(*dataset.image_shape, dataset.class_count)
    rng = np.random.default_rng(0)
    networks = {
        name: empty_twin(net) for name, net in build_networks(recipe, sizes, rng, rng).items()
    }
    draw, judge = networks["generator"], networks["discriminator"]
    generator = adam(draw, recipe.generator)
    discriminator = adam(judge, recipe.discriminator)
    discriminator_loss, generator_loss = GAMES[recipe.game.loss]
    training = split_validation(dataset, recipe.data.held_out, None).training
    pixels = torch.tensor(training.images.reshape(len(training), -1))
    size = recipe.data.batch_size
    assert isinstance(size, int)
    for _ in range(epochs):
        order = torch.randperm(len(pixels))
        for begin in range(0, len(pixels) - size + 1, size):
            real = pixels[order[begin : begin + size]].float() / 127.5 - 1
            fakes = draw(torch.randn(size, recipe.generator.latent)).detach()
            discriminator.zero_grad()
            discriminator_loss(judge(real), judge(fakes)).backward()
            discriminator.step()
            generator.zero_grad()
            judge.requires_grad_(False)
            noise = torch.randn(size, recipe.generator.latent)
            generator_loss(judge(draw(noise))).backward()
            judge.requires_grad_(True)
            generator.step()
    return draw


def adam(network: torch.nn.Module, table: NetworkTable) -> torch.optim.Optimizer:
    """PyTorch's Adam, as the recipe has it."""
    settings = table.optimizer
    assert isinstance(settings, AdamTable)
    return torch.optim.Adam(
        network.parameters(),
        lr=settings.learning_rate,
        betas=settings.betas,
        eps=settings.epsilon,
        fused=True,
    )


@torch.no_grad()
def drawn(generator: torch.nn.Module, latent: int) -> np.ndarray:
    """(DIGITS, pixels) bytes, in evaluation mode."""
    generator.eval()
    parts = [generator(torch.randn(AT_ONCE, latent)) for _ in range(DIGITS // AT_ONCE)]
    return ((torch.cat(parts) + 1) * 127.5).round().to(torch.uint8).numpy()


if __name__ == "__main__":
    main()
