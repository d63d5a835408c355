"""Generated digits, one by one: what the discriminator thinks of them, and what else there is."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mnist_engine.autograd import GradientTape, Tensor
from mnist_engine.nn import evaluating
from mnist_engine.training.gan import GanTrainer


class Verdicts(NamedTuple):
    """The discriminator's outputs for pictures, (n,), and from where on they say "real".

    They are probabilities in games whose outputs are; ``boundary`` is None in games where only
    differences between outputs mean anything.
    """

    scores: NDArray[np.float32]
    boundary: float | None


def real_digits(trainer: GanTrainer) -> NDArray[np.uint8]:
    """Real pictures, held out from training, to be set beside the generated ones that are shown.

    (n, height, width): as many, of the same classes; of any class where one has none.
    """
    held_out, wanted = trainer.validation, trainer.shown_labels
    chosen = np.zeros(len(wanted), np.int64)
    for label in np.unique(wanted):
        places = np.flatnonzero(wanted == label)
        found = np.flatnonzero(held_out.labels == label)
        chosen[places] = np.resize(found if len(found) else np.arange(len(held_out)), len(places))
    return held_out.images[chosen]


def verdicts_on(
    trainer: GanTrainer, pictures: NDArray[np.uint8], labels: NDArray[np.integer]
) -> Verdicts:
    """What the discriminator says of ``pictures`` (n, pixels) of classes ``labels`` (n,)."""
    images = Tensor.wrap(trainer.scaling.apply(pictures))
    with evaluating(trainer.networks["discriminator"]):
        outputs = trainer.judge(images, labels).data[:, 0]
    return Verdicts(trainer.game.scores(outputs), trainer.game.score_boundary)


def wanted_change(
    trainer: GanTrainer, picture: NDArray[np.uint8], label: int
) -> NDArray[np.float32]:
    """Which pixels the generator would change to please the discriminator: (pixels,).

    Minus the gradient of the generator's loss by the image, so that above 0 more light would lower
    the loss and below 0 less; divided by its largest size, 0 throughout where it is flat.
    """
    image = Tensor(trainer.scaling.apply(picture[None]), requires_grad=True)
    with evaluating(trainer.networks["discriminator"]):
        with GradientTape() as tape:
            loss = trainer.game.generator_loss(trainer.judge(image, np.array([label])))
        (gradient,) = tape.gradient(loss, [image])
    change: NDArray[np.float32] = -gradient.numpy()[0]
    largest = np.abs(change).max()
    return change / largest if largest > 0 and np.isfinite(largest) else np.zeros_like(change)
