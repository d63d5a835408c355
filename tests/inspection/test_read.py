"""What a drawing is taken for, by the networks that are trained and by those of a checkpoint."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from mnist_engine.autograd import Tensor
from mnist_engine.data.dataset import Dataset, load_dataset
from mnist_engine.inspection.read import Reader
from mnist_engine.metrics.judge import shipped_judge
from mnist_engine.nn.module import StateError
from mnist_engine.training import make_trainer
from mnist_engine.training.control import TrainControl
from mnist_engine.training.trainer import Trainer

PICTURE = np.arange(16, dtype=np.uint8) * 10
LAYERS = ["linear 8", "batch_norm", "relu", "dropout 0.5", "linear classes"]
JUDGING = ["linear 6", "leaky_relu 0.2", "dropout 0.5", "linear 1"]


@pytest.fixture(scope="session")
def mnist() -> Dataset:
    return load_dataset()


@pytest.fixture
def make(make_recipe: Any, make_dataset: Any) -> Callable[..., Trainer]:
    def trainer(task: str, dataset: Dataset | None = None, **changes: Any) -> Trainer:
        return make_trainer(make_recipe(task, **changes), dataset or make_dataset(), TrainControl())

    return trainer


@pytest.mark.parametrize("loss", ["cross-entropy", "mean-squared-error"])
def test_a_classifier_s_answer_is_a_probability_for_each_class(make: Any, loss: str) -> None:
    trainer = make("classify", loss=loss, classifier={"layers": LAYERS})
    opinion = Reader(trainer).opinion(PICTURE)
    assert opinion.probabilities.shape == (3,)
    assert opinion.probabilities.sum() == pytest.approx(1)
    assert opinion.score is None
    outputs = trainer._outputs(PICTURE[None])
    assert opinion.probabilities.argmax() == outputs.argmax()


def test_networks_that_diverged_have_no_answer(make: Any) -> None:
    trainer = make("classify")
    trainer.networks["classifier"].parameters()[0].data[...] = np.nan
    assert Reader(trainer).opinion(PICTURE).probabilities.tolist() == [0, 0, 0]


@pytest.mark.parametrize("conditional", [True, False])
@pytest.mark.parametrize(
    ("loss", "boundary"), [("non-saturating", 0.5), ("hinge", 0.0), ("wasserstein", None)]
)
def test_a_discriminator_says_how_real_it_looks(
    make: Any, loss: str, boundary: float | None, conditional: bool
) -> None:
    trainer = make("gan", game={"loss": loss, "conditional": conditional})
    opinion = Reader(trainer).opinion(PICTURE)
    image = Tensor.wrap(trainer.scaling.apply(PICTURE[None]))
    (output,) = trainer.judge(image, np.array([0])).data[0]
    assert opinion.score == pytest.approx(float(trainer.game.scores(np.array([output]))[0]))
    assert opinion.boundary == boundary
    assert opinion.probabilities.size == 0  # nobody knows what these pictures are


def test_with_mnist_the_judge_tells_the_digits(make: Any, mnist: Dataset) -> None:
    gan = Reader(make("gan", mnist, data={"limit": 100, "directory": None}))
    for picture, label in zip(mnist.test_images[:5], mnist.test_labels[:5], strict=True):
        assert gan.opinion(picture.reshape(-1)).probabilities.argmax() == label


@pytest.mark.parametrize(
    ("task", "changes"),
    [
        ("classify", {"classifier": {"layers": LAYERS}}),
        ("gan", {"discriminator": {"layers": JUDGING}}),
    ],
)
def test_to_ask_moves_nothing(make: Any, task: str, changes: Any) -> None:
    trainer = make(task, **changes)
    before = trainer.state()
    arrays = {name: array.tobytes() for name, array in before.arrays.items()}
    reader = Reader(trainer)
    reader.opinion(PICTURE)
    reader.copy().opinion(PICTURE)
    after = trainer.state()
    assert after.progress == before.progress
    assert {name: array.tobytes() for name, array in after.arrays.items()} == arrays
    assert all(network.training for network in trainer.networks.values())


@pytest.mark.parametrize("task", ["classify", "gan"])
def test_a_copy_takes_the_weights_of_a_checkpoint(make: Any, task: str) -> None:
    trainer, other = make(task), make(task, seed=2)
    twin = Reader(trainer).copy()
    twin.load({name: array.copy() for name, array in other.state().arrays.items()})
    found, expected = twin.opinion(PICTURE), Reader(other).opinion(PICTURE)
    np.testing.assert_array_equal(found.probabilities, expected.probabilities)
    assert found.score == expected.score
    own = Reader(trainer).opinion(PICTURE)
    assert (own.score, own.probabilities.tolist()) != (found.score, found.probabilities.tolist())


def test_weights_of_another_network_are_refused(make: Any) -> None:
    with pytest.raises(StateError):
        Reader(make("classify")).copy().load(make("gan").state().arrays)


def test_several_threads_may_ask_the_judge() -> None:
    pictures = np.zeros((40, 784), np.uint8)
    expected = shipped_judge().look(pictures).probabilities
    found: list[bool] = []

    def ask() -> None:
        for _ in range(5):
            probabilities = shipped_judge().look(pictures).probabilities
            # Not to the bit: a product has as many threads as others leave it.
            found.append(np.allclose(probabilities, expected, atol=1e-5))

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [True] * 15
