"""What networks take a picture for that a person drew."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mnist_engine.autograd import Tensor
from mnist_engine.metrics.judge import shipped_judge
from mnist_engine.nn import evaluating
from mnist_engine.recipes.schema import ClassifierRecipe
from mnist_engine.training.conditioning import with_class
from mnist_engine.training.games import GAMES
from mnist_engine.training.gan import GanTrainer
from mnist_engine.training.measuring import probabilities_of
from mnist_engine.training.trainer import Trainer


class Opinion(NamedTuple):
    """``probabilities`` (classes,) of the classes; none where nobody tells digits apart.

    In a GAN ``score`` is what the discriminator says of the picture, as one of the class that is
    most probable, and ``boundary`` the score from which on it says "real"; both are None elsewhere,
    and the boundary in games without one.
    """

    probabilities: NDArray[np.float64]
    score: float | None = None
    boundary: float | None = None


class Reader:
    """The network of ``trainer`` that looks at pictures: the classifier, or the discriminator.

    With GANs of MNIST's digits the judge tells the classes. It is the network that is trained, so
    :meth:`opinion` is for where nobody moves it; a :meth:`copy` stays as it is.
    """

    def __init__(self, trainer: Trainer) -> None:
        name = "discriminator" if isinstance(trainer, GanTrainer) else "classifier"
        self._name = name
        self._network = trainer.networks[name]
        self._recipe = trainer.recipe
        self._scaling = trainer.scaling
        self._classes = trainer.sizes.classes
        self._is_judged = isinstance(trainer, GanTrainer) and trainer.measured_by is not None

    def copy(self) -> Reader:
        """Another with a network of its own, whose weights are the same."""
        twin = copy.copy(self)
        twin._network = self._network.copy()
        return twin

    def load(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Take the weights of a checkpoint; StateError where they are another network's."""
        keys = self._network.state_dict().keys()
        found = {key: f"{self._name}/{key}" for key in keys}
        self._network.load_state_dict(
            {key: arrays[name] for key, name in found.items() if name in arrays}
        )

    def opinion(self, picture: NDArray[np.uint8]) -> Opinion:
        """What ``picture`` (pixels,), bytes, is taken for."""
        if isinstance(self._recipe, ClassifierRecipe):
            return Opinion(self._class_probabilities(self._recipe, picture))
        probabilities = np.zeros(0)
        if self._is_judged:
            (found,) = shipped_judge().look(picture[None]).probabilities
            probabilities = found.astype(np.float64)
        game = GAMES[self._recipe.game.loss]
        images = Tensor.wrap(self._scaling.apply(picture[None]))
        if self._recipe.game.conditional:
            label = int(probabilities.argmax()) if len(probabilities) else 0
            images = with_class(images, np.array([label]), self._classes)
        (score,) = game.scores(self._outputs(images)[0])
        return Opinion(probabilities, float(score), game.score_boundary)

    def _class_probabilities(
        self, recipe: ClassifierRecipe, picture: NDArray[np.uint8]
    ) -> NDArray[np.float64]:
        outputs = self._outputs(Tensor.wrap(self._scaling.apply(picture[None])))
        if not np.isfinite(outputs).all():
            return np.zeros(outputs.shape[1])
        probabilities: NDArray[np.float64] = probabilities_of(outputs, recipe.loss)[0]
        return probabilities

    def _outputs(self, images: Tensor) -> NDArray[np.float32]:
        with evaluating(self._network):
            outputs: NDArray[np.float32] = self._network(images).data
        return outputs
