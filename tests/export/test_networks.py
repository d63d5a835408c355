"""The networks of a run, and what they are put to: answers and digits."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from mnist_engine import nn
from mnist_engine.data.dataset import TRAIN_LABELS
from mnist_engine.errors import BadInput
from mnist_engine.recipes.networks import AVERAGE
from mnist_engine.runs.checkpoints import best_whole, checkpoints_of
from mnist_engine.runs.directory import RunDirectory
from mnist_engine.runs.log import Log
from mnist_engine.runs.networks import dataset_of, networks_of
from mnist_engine.training.events import Finished
from mnist_tui.export.evaluation import ClassifierResult, GanResult, evaluate
from mnist_tui.export.sampling import sample_of

from .conftest import Call


def end_of(run: RunDirectory) -> Finished:
    *_, last = Log(run.events).every()
    assert isinstance(last, Finished)
    return last


def test_all_networks_are_there_in_evaluation_mode(gan: RunDirectory) -> None:
    networks = networks_of(gan).networks
    assert set(networks) == {"generator", "discriminator", AVERAGE}
    assert not any(layer.training for one in networks.values() for layer in one.modules())


def test_weights_that_are_newer_than_any_whole_checkpoint_are_taken(
    classifier: RunDirectory, tmp_path: Path
) -> None:
    run = RunDirectory(shutil.copytree(classifier.path, tmp_path / "run"))
    at_the_end = networks_of(run).networks["classifier"].state_dict()
    *earlier, last = checkpoints_of(run)
    assert earlier
    last.path.write_bytes(b"")
    for name, array in networks_of(run).networks["classifier"].state_dict().items():
        np.testing.assert_array_equal(array, at_the_end[name])


def test_a_classifier_is_as_good_as_it_was_when_it_was_trained(classifier: RunDirectory) -> None:
    result, end = evaluate(classifier, 100, 0), end_of(classifier)
    assert isinstance(result, ClassifierResult)
    assert result.accuracy == end.test_accuracy
    assert result.loss == pytest.approx(end.measures["test loss"], rel=1e-5)
    assert result.calibration_error == pytest.approx(end.measures["calibration error"], rel=1e-5)
    assert result.answers.confusion == (end.answers and end.answers.confusion)


def test_digits_are_those_of_the_averaged_generator_and_the_seed(gan: RunDirectory) -> None:
    generator = networks_of(gan).networks[AVERAGE]
    labels = np.arange(12) % 10
    noise = np.random.default_rng(5).standard_normal((12, 8), dtype=np.float32)
    rows = np.hstack([noise, nn.losses.one_hot(labels, 10)])
    levels = (generator(rows).data + 1).reshape(12, 28, 28) * 127.5  # type: ignore[operator]
    # What lies between two bytes is rounded to either: a processor's last bit decides.
    np.testing.assert_allclose(sample_of(gan, 12, 5, None).images, levels, rtol=0, atol=0.5001)


def test_classes_come_in_turn_or_one_alone(gan: RunDirectory) -> None:
    assert sample_of(gan, 64, 0, None).columns == 10
    sevens = sample_of(gan, 8, 0, 7)
    assert (len(sevens.images), sevens.columns) == (8, 3)
    in_turn = sample_of(gan, 8, 0, None)
    np.testing.assert_array_equal(sevens.images[7], in_turn.images[7])
    assert (sevens.images[0] != in_turn.images[0]).any()


def test_data_that_the_judge_does_not_know_have_distances_alone(gan: RunDirectory) -> None:
    result = evaluate(gan, 100, 0)
    assert isinstance(result, GanResult)
    assert result.judge is None
    assert {"pairwise distance", "novelty"} <= result.generated.keys()
    assert "FID" not in result.generated
    assert result.real["pairwise distance"] == pytest.approx(10, abs=1)


def test_mnist_s_generators_are_judged_beside_real_digits(
    gan: RunDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    from mnist_engine.data.dataset import MNIST

    few = replace(dataset_of(gan), name=MNIST)
    monkeypatch.setattr("mnist_tui.export.evaluation.dataset_of", lambda _: few)
    result = evaluate(gan, 100, 0)
    assert isinstance(result, GanResult)
    assert {"FID", "KID x 1000", "MNIST score", "precision", "recall", "class KL",
            "label agreement", "novelty"} <= result.generated.keys()  # fmt: skip
    assert {"FID", "MNIST score", "label agreement"} <= result.real.keys()
    assert result.real["FID"] < result.generated["FID"]
    assert result.real["label agreement"] > 0.9


def test_a_run_without_weights_says_so(damaged: RunDirectory) -> None:
    for path in (*damaged.weights.iterdir(), *damaged.checkpoints.iterdir()):
        path.unlink()
    with pytest.raises(BadInput, match=r"copy: has no weights to read: a run saves them at"):
        networks_of(damaged)


def test_weights_come_from_the_newest_whole_checkpoint(damaged: RunDirectory) -> None:
    """Those of the end lie in ``weights`` too; a run that was killed has its checkpoints alone."""
    at_the_end = networks_of(damaged).networks["generator"].state_dict()
    for path in damaged.weights.iterdir():
        path.unlink()
    again = networks_of(damaged).networks["generator"].state_dict()
    for key, array in at_the_end.items():
        np.testing.assert_array_equal(again[key], array)

    checkpoints_of(damaged)[-1].path.write_bytes(b"")
    before = networks_of(damaged).networks["generator"].state_dict()
    assert (before["0.weight"] != at_the_end["0.weight"]).any()


def test_the_best_checkpoint_is_taken_where_it_is_asked_for(classifier: RunDirectory) -> None:
    best, _ = best_whole(classifier)
    assert best is not None
    network = networks_of(classifier, which="best").networks["classifier"]
    for key, array in network.state_dict().items():
        np.testing.assert_array_equal(best.arrays[f"classifier/{key}"], array)


def test_a_run_without_a_best_checkpoint_says_so(gan: RunDirectory) -> None:
    with pytest.raises(BadInput, match=r"gan: has no best checkpoint: none that is whole was"):
        networks_of(gan, which="best")


def test_a_checkpoint_of_another_recipe_is_refused(damaged: RunDirectory) -> None:
    text = damaged.recipe.read_text(encoding="utf-8")
    damaged.recipe.write_text(text.replace("linear 16", "linear 17"), encoding="utf-8")
    with pytest.raises(BadInput, match=r"checkpoints: generator: .*0.weight has shape") as raised:
        networks_of(damaged)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("content", "fault"),
    [(b"", "is no safetensors file"), (None, "state does not fit"), ("absent", "cannot be read")],
)
def test_weights_that_are_damaged_or_another_s_are_named(
    content: bytes | str | None, fault: str, damaged: RunDirectory
) -> None:
    for path in damaged.checkpoints.iterdir():
        path.unlink()
    path = damaged.weights / "generator.safetensors"
    if content == "absent":
        path.unlink()
    elif isinstance(content, bytes):
        path.write_bytes(content)
    else:
        path.write_bytes((damaged.weights / "discriminator.safetensors").read_bytes())
    with pytest.raises(BadInput, match=rf"generator.safetensors: .*{fault}") as raised:
        networks_of(damaged)
    assert "\n" not in str(raised.value)


def test_a_label_that_is_none_is_refused(gan: RunDirectory) -> None:
    with pytest.raises(BadInput, match=r"--label: is 10; it must be a class, 0 to 9"):
        sample_of(gan, 1, 0, 10)


def test_a_label_of_which_no_image_was_seen_is_refused(
    damaged: RunDirectory, runs: Path, tmp_path: Path
) -> None:
    data = Path(shutil.copytree(runs / "data", tmp_path / "data"))
    content = (data / TRAIN_LABELS).read_bytes()
    (data / TRAIN_LABELS).write_bytes(content[:8] + content[8:].replace(b"\x07", b"\x01"))
    text = damaged.recipe.read_text(encoding="utf-8")
    damaged.recipe.write_text(text.replace(str(runs / "data"), str(data)))
    with pytest.raises(BadInput, match=r"--label: is 7; .* was trained on no image of that class"):
        sample_of(damaged, 1, 0, 7)
    assert len(sample_of(damaged, 3, 0, 8).images) == 3


def test_a_label_is_refused_where_the_generator_is_not_told_it(damaged: RunDirectory) -> None:
    text = damaged.recipe.read_text(encoding="utf-8")
    damaged.recipe.write_text(text.replace("conditional = true", "conditional = false"))
    with pytest.raises(BadInput, match=r"its generator is not told which class to draw"):
        sample_of(damaged, 1, 0, 7)


def test_a_classifier_draws_nothing(classifier: RunDirectory, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"is a classifier's run, which draws nothing"):
        sample_of(classifier, 1, 0, None)


@pytest.mark.parametrize(
    "command", [("evaluate", "-n", 100), ("sample",), ("export", "--to", "csv")]
)
def test_a_checkpoint_that_is_passed_over_is_named(
    command: tuple[object, ...], damaged: RunDirectory, call: Call
) -> None:
    """Whatever needs the networks says so; a table needs none."""
    newest = checkpoints_of(damaged)[-1].path
    newest.write_bytes(newest.read_bytes()[:-1])
    status, output, errors = call(command[0], damaged.path, *command[1:])
    line = f"mnist-tui: {newest}: is damaged, its checksum is another; it is passed over\n"
    assert (status, bool(output)) == (0, True)
    assert errors == ("" if "csv" in command else line)
