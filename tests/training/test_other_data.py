"""Data that are not MNIST: other sizes, other classes, too few of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from mnist_engine.data.dataset import load_dataset
from mnist_engine.errors import BadInput
from mnist_engine.recipes import load_recipe
from mnist_engine.recipes.overrides import override
from mnist_engine.training import TrainControl, make_trainer
from mnist_engine.training.events import Finished, SamplesDrawn
from mnist_engine.training.gan import sample_labels


@pytest.mark.parametrize("classes", [1, 4, 62])
@pytest.mark.parametrize("name", ["conditional-dense", "mlp"])
def test_shipped_recipes_fit_other_images_and_classes(
    name: str, classes: int, make_dataset: Any
) -> None:
    recipe = override(load_recipe(name), epochs=1, batch_size="50", threads=1)
    dataset = make_dataset(count=5100, shape=(14, 14), classes=classes, tests=100)
    events = list(make_trainer(recipe, dataset, TrainControl()))
    assert isinstance(events[-1], Finished)
    assert events[-1].ending == "completed"
    samples = [event for event in events if isinstance(event, SamplesDrawn)]
    assert all(len(s.images) == s.count * 14 * 14 for s in samples)


@pytest.fixture(scope="module")
def like_fashion(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory of IDX files as Fashion-MNIST has them, of noise."""
    directory = tmp_path_factory.mktemp("clothes")
    rng = np.random.default_rng(0)
    for part, count in (("train", 220), ("t10k", 50)):
        images = rng.integers(0, 256, (count, 28, 28), dtype=np.uint8)
        sizes = np.array(images.shape, ">u4").tobytes()
        (directory / f"{part}-images-idx3-ubyte").write_bytes(
            b"\0\0\x08\x03" + sizes + bytes(images)
        )
        labels = np.arange(count, dtype=np.uint8) % 10
        sizes = np.array(labels.shape, ">u4").tobytes()
        (directory / f"{part}-labels-idx1-ubyte").write_bytes(
            b"\0\0\x08\x01" + sizes + bytes(labels)
        )
    return directory


@pytest.mark.parametrize("name", ["fashion-cnn", "fashion-mlp", "fashion-conditional-dense"])
def test_recipes_for_fashion_mnist_train_on_files_of_its_form(
    name: str, like_fashion: Path
) -> None:
    recipe = override(load_recipe(name, like_fashion), epochs=1, batch_size="50", threads=1)
    data = msgspec.structs.replace(recipe.data, held_out=20)
    recipe = msgspec.structs.replace(recipe, data=data)
    events = list(make_trainer(recipe, load_dataset(like_fashion), TrainControl()))
    assert isinstance(events[-1], Finished)
    assert (events[-1].ending, events[-1].step) == ("completed", 4)


@pytest.mark.parametrize(
    ("classes", "columns"),
    [(1, 10), (2, 10), (3, 9), (4, 8), (7, 7), (10, 10), (11, 11), (20, 20), (26, 10), (200, 10)],
)
def test_a_grid_shows_all_classes_each_in_its_columns(classes: int, columns: int) -> None:
    width, labels = sample_labels(classes)
    assert width == columns
    assert len(labels) % width == 0, "rows are full"
    assert set(labels) == set(range(classes))
    if classes <= 20:
        rows = labels.reshape(-1, width)
        assert (rows == rows[0]).all()
    assert 80 <= len(labels) <= max(100, classes + 9)


def refused(recipe: Any, dataset: Any) -> str:
    with pytest.raises(BadInput) as fault:
        make_trainer(recipe, dataset, TrainControl())
    assert str(fault.value).isprintable()
    return str(fault.value)


def test_a_network_made_for_other_sizes_is_refused(make_recipe: Any, make_dataset: Any) -> None:
    layers = ["linear 5", "relu", "linear 10"]
    message = refused(make_recipe("classify", classifier={"layers": layers}), make_dataset())
    assert message == (
        "recipe small with dots (4 x 4 pixels, 3 classes): classifier.layers: the network ends in "
        '10 numbers an example, 3 are needed; end it with "linear classes"'
    )


def test_too_few_images_to_hold_any_out_are_refused(make_recipe: Any, make_dataset: Any) -> None:
    message = refused(make_recipe("classify"), make_dataset(count=15))
    assert message.startswith("dots: cannot hold out 20 of 15 training images")
    assert message.endswith("; lower data.held_out, with --set data.held_out=1, say")


def test_fewer_images_than_a_batch_are_refused(make_recipe: Any, make_dataset: Any) -> None:
    message = refused(make_recipe("gan"), make_dataset(count=29))
    assert message.startswith("a batch of 10 images needs at least that many to train on, there")


@pytest.mark.parametrize("network", ["generator", "discriminator"])
def test_batch_normalisation_of_one_image_is_refused(
    network: str, make_recipe: Any, make_dataset: Any
) -> None:
    last = {"generator": "linear pixels", "discriminator": "linear 1"}[network]
    changes = {network: {"layers": ["linear 4", "batch_norm", last]}}
    data = {"batch_size": "full", "held_out": 20, "directory": "/anywhere"}
    message = refused(make_recipe("gan", data=data, **changes), make_dataset(count=21))
    assert message.startswith(f"{network}.layers: batch_norm needs batches of at least 2 images")


def test_pictures_of_one_grey_train_all_the_same(make_recipe: Any, make_dataset: Any) -> None:
    dataset = make_dataset()
    dataset.train_images[:] = 7
    data = {"batch_size": 10, "held_out": 20, "directory": "/x", "pixels": "standardised"}
    trainer = make_trainer(make_recipe("classify", data=data), dataset, TrainControl())
    assert isinstance(list(trainer)[-1], Finished)
    assert np.isfinite(trainer.learners["classifier"].optimizer.flat.values).all()
