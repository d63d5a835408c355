"""What is measured: shipped recipes, at the batch sizes of the study that set the goals.

``must`` and ``goal`` are PyTorch's time over ours, with two threads.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from mnist_engine.data.dataset import load_dataset
from mnist_engine.recipes import AnyRecipe, load_recipe
from mnist_engine.training import TrainControl, Trainer, make_trainer

Losses = dict[str, float]
"""Of each network that moved in a step."""


@dataclass(frozen=True)
class Workload:
    """A recipe at a batch size, and how many of the trainer's steps make one step of the table.

    ``recipe_name`` is that of a shipped recipe, or a file.
    """

    name: str
    recipe_name: str
    batch_size: int | str
    must: float
    goal: float
    steps: int = 1

    def recipe(self) -> AnyRecipe:
        """The recipe as it is measured."""
        recipe = load_recipe(self.recipe_name)
        changes: dict[str, Any] = {
            "data": msgspec.structs.replace(recipe.data, batch_size=self.batch_size)
        }
        return msgspec.structs.replace(recipe, **changes)

    def trainer(self) -> Trainer:
        """The program's own trainer of that recipe, ready for its first step on real digits."""
        trainer = make_trainer(self.recipe(), load_dataset(), TrainControl())
        for learner in trainer.learners.values():
            learner.set_learning_rate(0, trainer.total_steps, trainer.batches.per_epoch)
        return trainer


CNN = Path(__file__).with_name("cnn-32-64.toml")
"""The network of many tutorials; the recipe that ships is another one."""

DCGAN = Path(__file__).with_name("dcgan-64-128.toml")
"""The networks of the paper; the recipe that ships has faster ones."""

WORKLOADS = [
    Workload("MLP 784-392-10", "sigmoid-mlp", 32, 1.2, 1.4),
    Workload("MLP 784-392-10", "sigmoid-mlp", 64, 1.5, 1.8),
    Workload("MLP 784-392-10", "sigmoid-mlp", 128, 1.2, 1.3),
    Workload("MLP 784-10-10", "scratch-mlp", "full", 1.7, 2.0),
    Workload("GAN dense-tanh, 3 G + 2 D", "dense-tanh", 64, 1.0, 1.25, steps=3),
    Workload("GAN dense-adam", "dense-adam", 128, 1.0, 1.25),
    Workload("GAN with BatchNorm", "dense-batchnorm", 64, 1.0, 1.2),
    Workload("conditional-dense, EMA", "conditional-dense", 64, 1.0, 1.3),
    Workload("WGAN-GP MLP, 5 critic + 1 G", "wgan-gp", 64, 1.1, 1.4, steps=5),
    Workload("DCGAN 64/128", str(DCGAN), 64, 0.85, 1.1),
    Workload("CNN 32-64", str(CNN), 64, 0.8, 1.1),
]
