"""What is said of single digits, and that to ask for it moves nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from mnist_engine.inspection.generated import real_digits, verdicts_on, wanted_change
from mnist_engine.inspection.latent import Way, effects, walk
from mnist_engine.inspection.neighbour import nearest_training_image
from mnist_engine.inspection.weights import first_weights
from mnist_engine.training import TrainControl, Trainer, make_trainer
from mnist_engine.training.events import SamplesDrawn
from mnist_engine.training.gan import GanTrainer

GAMES = ["non-saturating", "wasserstein", "least-squares", "hinge"]
NORMED = {"layers": ["linear 6", "batch_norm", "relu", "linear pixels", "tanh"], "average": 0.9}
LAYERS = ["linear 6", "leaky_relu 0.2", "dropout 0.5", "linear 1"]


@pytest.fixture
def make_gan(make_recipe: Any, make_dataset: Any) -> Callable[..., GanTrainer]:
    """Makes the trainer of a small GAN; see ``make_recipe``."""

    def make(**changes: Any) -> GanTrainer:
        recipe = make_recipe("gan", **changes)
        trainer = make_trainer(recipe, make_dataset(), TrainControl())
        assert isinstance(trainer, GanTrainer)
        return trainer

    return make


def weights(trainer: Trainer) -> dict[str, bytes]:
    return {
        f"{name}.{key}": np.ascontiguousarray(array).tobytes()
        for name, module in trainer.saved_networks().items()
        for key, array in module.state_dict().items()
    }


def test_verdicts_are_of_the_digits_on_the_screen(make_gan: Any) -> None:
    trainer = make_gan(discriminator={"layers": LAYERS})
    event = trainer.draw_samples(True)
    pictures = np.frombuffer(event.images, np.uint8).reshape(event.count, -1)
    found = verdicts_on(trainer, pictures, trainer.shown_labels)
    alone = verdicts_on(trainer, pictures[7:8], trainer.shown_labels[7:8])
    assert len(found.scores) == event.count
    assert found.scores[7] == pytest.approx(alone.scores[0], rel=1e-4)
    assert 0 < found.scores.min() < found.scores.max() < 1
    assert found.boundary == 0.5


def test_a_real_digit_stands_for_each_generated_one(make_gan: Any) -> None:
    trainer = make_gan()
    pictures = real_digits(trainer)
    images, labels = trainer.validation.images, trainer.validation.labels
    held_out = {image.tobytes(): label for image, label in zip(images, labels, strict=True)}
    assert [held_out[image.tobytes()] for image in pictures] == trainer.shown_labels.tolist()
    assert len({image.tobytes() for image in pictures}) == len(images)


@pytest.mark.parametrize("game", GAMES)
@pytest.mark.parametrize("conditional", [False, True])
def test_the_wanted_change_pleases_the_discriminator(
    make_gan: Any, game: str, conditional: bool
) -> None:
    trainer = make_gan(
        game={"loss": game, "conditional": conditional}, discriminator={"layers": LAYERS}
    )
    picture = np.full(16, 100, np.uint8)
    change = wanted_change(trainer, picture, 1)
    assert np.abs(change).max() == 1
    changed = np.clip(picture + 30 * change, 0, 255).astype(np.uint8)
    before, after = verdicts_on(trainer, np.stack([picture, changed]), np.array([1, 1])).scores
    assert after > before


def test_a_training_image_is_its_own_neighbour(make_gan: Any) -> None:
    trainer = make_gan()
    images = trainer.training.images.reshape(len(trainer.training), -1)
    found = nearest_training_image(trainer, images[23])
    assert (found.number, found.distance) == (23, 0)
    assert found.label == trainer.training.labels[23]


def test_the_neighbour_is_the_nearest_of_all(make_gan: Any) -> None:
    trainer = make_gan()
    picture = np.random.default_rng(1).integers(0, 256, 16, dtype=np.uint8)
    images = trainer.training.images.reshape(len(trainer.training), -1) / 255
    distances = np.linalg.norm(images - picture / 255, axis=1)
    found = nearest_training_image(trainer, picture)
    assert found.number == distances.argmin()
    assert found.distance == pytest.approx(distances.min(), rel=1e-5)
    assert np.array_equal(found.picture, images[found.number] * 255)


def everything(trainer: GanTrainer) -> None:
    """Ask all that can be asked."""
    event: SamplesDrawn = trainer.draw_samples(False)
    pictures = np.frombuffer(event.images, np.uint8).reshape(event.count, -1)
    verdicts_on(trainer, pictures, trainer.shown_labels)
    wanted_change(trainer, pictures[0], 0)
    nearest_training_image(trainer, pictures[0])
    real_digits(trainer)
    walk(trainer, Way(0, 1, 5))
    effects(trainer)
    first_weights(trainer, "discriminator")


@pytest.mark.parametrize("average", [None, 0.9])
def test_who_asks_does_not_move_training(make_gan: Any, average: float | None) -> None:
    settings = {
        "generator": {**NORMED, "average": average},
        "discriminator": {"layers": LAYERS},
        "game": {"conditional": True},
    }
    asked, plain = make_gan(**settings), make_gan(**settings)
    questions = asked.control.questions
    answers = []
    for _ in asked:
        answers.append(questions.ask(everything))
    for _ in plain:
        pass
    assert [answer.result(0) for answer in answers] == [None] * len(answers)
    assert len(answers) > 8
    assert weights(asked) == weights(plain)
