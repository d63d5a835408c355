"""Trainers: iterators of events, steered through TrainControl.

In the order in which they are best read:

- what a training is made of: ``events`` and ``control``; ``learner``, ``randomness``, ``clock``
- the loop and its two tasks: ``trainer``, ``classifier``, and ``gan`` with ``games``,
  ``conditioning`` and ``latent``; ``splitting`` and ``remarks`` at its beginning
- what people do to it: ``interventions`` and ``settings``, and ``questions`` to its networks
- how well it goes: ``measuring``, ``answers``, ``examiner``, and ``inspection`` of single steps
- what goes wrong: ``alarms`` and ``learning`` by the thresholds of ``limits``; ``remedies``
- going on: ``state``, and ``remembering`` for observers
- ``train_judge``, a program of its own
"""

from mnist_engine.data.dataset import Dataset
from mnist_engine.recipes.schema import AnyRecipe, GanRecipe
from mnist_engine.training.classifier import ClassifierTrainer
from mnist_engine.training.control import TrainControl
from mnist_engine.training.gan import GanTrainer
from mnist_engine.training.trainer import Trainer


def make_trainer(recipe: AnyRecipe, dataset: Dataset, control: TrainControl) -> Trainer:
    """The trainer of the recipe's task; BadInput where recipe and data do not fit."""
    if isinstance(recipe, GanRecipe):
        return GanTrainer(recipe, dataset, control)
    return ClassifierTrainer(recipe, dataset, control)
