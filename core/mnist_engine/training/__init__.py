"""Trainers: iterators of events, steered through TrainControl."""

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
