"""The shipped judge is the one that its facts describe, and sees digits as they say."""

from __future__ import annotations

import hashlib
import json
from importlib.resources import files
from typing import Any

import numpy as np
import pytest

from mnist_engine.autograd import Tensor
from mnist_engine.data.dataset import Dataset, Examples, load_dataset
from mnist_engine.metrics.generated import Standard, class_measures, compare, spread
from mnist_engine.metrics.judge import Judge, judge_network, shipped_judge, without_batch_norm

ASSETS = files("mnist_tui_assets")


@pytest.fixture(scope="module")
def mnist() -> Dataset:
    return load_dataset()


@pytest.fixture(scope="module")
def facts() -> dict[str, Any]:
    return dict(json.loads((ASSETS / "judge.json").read_text()))


def test_the_file_is_the_one_that_was_measured(facts: dict[str, Any]) -> None:
    content = (ASSETS / "judge.safetensors").read_bytes()
    assert hashlib.sha256(content).hexdigest() == facts["sha256"]
    assert shipped_judge().version == facts["sha256"][:8]
    assert len(content) < 500_000


def test_it_is_as_right_about_the_test_set_as_its_facts_say(
    facts: dict[str, Any], mnist: Dataset
) -> None:
    answers = shipped_judge().look(mnist.test_images).probabilities.argmax(axis=1)
    accuracy = float((answers == mnist.test_labels).mean())
    assert accuracy == pytest.approx(facts["test accuracy"], abs=2e-4)  # another machine's rounding
    assert accuracy >= 0.994


def test_what_it_sees_in_a_picture_does_not_depend_on_the_others(mnist: Dataset) -> None:
    judge = shipped_judge()
    together = judge.look(mnist.test_images[:1203])
    for part in (slice(0, 1), slice(700, 707), slice(1202, 1203)):
        alone = judge.look(mnist.test_images[part])
        np.testing.assert_allclose(together.features[part], alone.features, atol=1e-4)
        np.testing.assert_allclose(together.probabilities[part], alone.probabilities, atol=1e-4)


def test_an_opinion_outlasts_the_next_one(mnist: Dataset) -> None:
    first = shipped_judge().look(mnist.test_images[:3])
    kept = first.features.copy(), first.probabilities.copy()
    shipped_judge().look(mnist.test_images[3:6])
    np.testing.assert_array_equal(first.features, kept[0])
    np.testing.assert_array_equal(first.probabilities, kept[1])


def test_without_batch_normalisation_it_is_the_same_function(mnist: Dataset) -> None:
    rng = np.random.default_rng(5)
    network = judge_network(rng).train()
    for _ in range(3):  # so that the running statistics are no longer those of the beginning
        network(Tensor.wrap(rng.random((20, 784), dtype=np.float32)))
    x = Tensor.wrap(rng.random((7, 784), dtype=np.float32))
    expected = network.eval()(x).numpy()
    np.testing.assert_allclose(without_batch_norm(network)(x).data, expected, rtol=1e-3, atol=1e-4)


def test_a_judge_leaves_its_network_alone() -> None:
    network = judge_network(np.random.default_rng(6))
    before = network.state_dict()
    Judge(network, "none").look(np.zeros((2, 784), np.uint8))
    for name, value in network.state_dict().items():
        np.testing.assert_array_equal(value, before[name])


# -- real digits, and what is none ----------------------------------------------------------------


def test_training_digits_are_as_near_to_the_test_digits_as_can_be(mnist: Dataset) -> None:
    judge = shipped_judge()
    standard = Standard.of(judge, Examples(mnist.test_images[::4], mnist.test_labels[::4]))
    real = compare(judge, standard, mnist.train_images[:2500], mnist.train_labels[:2500])
    assert real["FID"] < 0.5
    assert abs(real["KID x 1000"]) < real["KID deviation"]
    assert real["precision"] > 0.8
    assert real["recall"] > 0.8
    assert real["MNIST score"] > 9.5
    assert real["class KL"] < 0.01
    assert real["classes"] == 10
    assert real["label agreement"] > 0.99
    assert 9 < real["pairwise distance"] < 11


def test_noise_is_far_from_digits(mnist: Dataset) -> None:
    judge = shipped_judge()
    standard = Standard.of(judge, Examples(mnist.test_images[:1000], mnist.test_labels[:1000]))
    noise = np.random.default_rng(0).integers(0, 256, (1000, 784), np.uint8)
    found = compare(judge, standard, noise)
    assert found["FID"] > 50
    assert found["KID x 1000"] > 100
    assert found["precision"] < 0.1
    assert found["recall"] < 0.1


def test_one_digit_a_thousand_times_is_one_class(mnist: Dataset) -> None:
    images = np.repeat(mnist.test_images[:1], 1000, axis=0)
    shares = np.full(10, 0.1)
    measures = class_measures(shipped_judge().look(images).probabilities, shares, None)
    assert measures["class KL"] == pytest.approx(np.log(10))
    assert measures["top class"] == 1
    assert measures["rarest class"] == 0
    assert measures["classes"] == 1
    assert measures["MNIST score"] == pytest.approx(1)
    assert spread(images) == 0


def test_the_rarest_class_is_told_with_the_most_frequent_one() -> None:
    of_three = np.eye(3, dtype=np.float32)
    probabilities = of_three[[0] * 12 + [1] * 7 + [2]]
    measures = class_measures(probabilities, np.full(3, 1 / 3), None)
    assert (measures["top class"], measures["rarest class"]) == (0.6, 0.05)
