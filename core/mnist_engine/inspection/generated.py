"""Generated digits, one by one: what the discriminator thinks of them, and what else there is."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mnist_engine.autograd import GradientTape, Tensor
from mnist_engine.inspection.evaluating import evaluating
from mnist_engine.metrics.neighbours import nearest
from mnist_engine.training.gan import GanTrainer


class Verdicts(NamedTuple):
    """The discriminator's outputs for pictures, (n,), and from where on they say "real".

    They are probabilities in games whose outputs are; ``boundary`` is None in games where only
    differences between outputs mean anything.
    """

    scores: NDArray[np.float32]
    boundary: float | None


class Neighbour(NamedTuple):
    """The training image that is nearest to a picture.

    ``picture`` (pixels,) bytes, its ``label`` and ``number`` among the training images, and the
    ``distance`` |a - b| of both with pixels from 0 to 1.
    """

    picture: NDArray[np.uint8]
    label: int
    number: int
    distance: float


def pictures_of(
    trainer: GanTrainer, noise: NDArray[np.float32], labels: NDArray[np.integer]
) -> NDArray[np.uint8]:
    """The pictures (n, pixels) that are made of ``noise`` (n, latent) and classes (n,)."""
    return trainer.scaling.bytes_of(trainer.generate_shown(noise, labels).data)


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


def nearest_training_image(trainer: GanTrainer, picture: NDArray[np.uint8]) -> Neighbour:
    """Whether the generator has learnt a digit by heart shows in how near its model is."""
    images = trainer.training.images.reshape(len(trainer.training), -1)
    found = nearest(picture[None], images)
    number = int(found.indices[0])
    return Neighbour(
        images[number],
        int(trainer.training.labels[number]),
        number,
        float(found.distances[0]) / 255,
    )


def between(
    first: NDArray[np.float32], second: NDArray[np.float32], count: int
) -> NDArray[np.float32]:
    """``count`` points (count, latent) on the great arc from ``first`` to ``second`` (latent,).

    Both ends are among them. Straight lines would lead through the middle, where normal noise of
    many numbers hardly ever is (White, 2016: slerp).
    """
    lengths = np.linalg.norm(first), np.linalg.norm(second)
    shares = np.linspace(0, 1, count, dtype=np.float32)[:, None]
    if min(lengths) == 0:
        return (1 - shares) * first + shares * second
    cosine = np.clip(first @ second / (lengths[0] * lengths[1]), -1, 1)
    angle = float(np.arccos(cosine))
    if np.sin(angle) < 1e-6:
        return (1 - shares) * first + shares * second
    points: NDArray[np.float32] = (
        np.sin((1 - shares) * angle) * first + np.sin(shares * angle) * second
    ) / np.float32(np.sin(angle))
    return points.astype(np.float32)
