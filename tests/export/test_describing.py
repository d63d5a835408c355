"""``describe``: a run that is on disk, in words."""

from __future__ import annotations

from mnist_engine.runs.directory import RunDirectory

from .conftest import Call


def test_a_classifier_is_described_with_its_networks(call: Call, classifier: RunDirectory) -> None:
    status, output, _ = call("describe", classifier.path)
    assert status == 0
    assert output.isascii()
    begins = [line.partition(":")[0] for line in output.splitlines()]
    assert begins[:2] == ["run", "trouble"]
    assert "confusions on the test set" in begins
    assert "worst mistakes on the test set" in begins
    assert "first layer of the classifier" in begins


def test_a_gan_is_described_with_what_d_thinks(call: Call, gan: RunDirectory) -> None:
    status, output, _ = call("describe", gan.path)
    assert status == 0
    assert output.isascii()
    assert "; no judge knows them." in output, "its data are not MNIST's"
    assert "D's mean verdict on the digits shown: " in output
    assert "first layer of the discriminator: 4 units" in output


def test_a_run_is_described_at_any_step(call: Call, classifier: RunDirectory) -> None:
    _, output, _ = call("describe", classifier.path, "--step", 3)
    assert ", step 3 of " in output
    assert "test set" not in output


def test_networks_that_are_gone_are_said_to_be(call: Call, damaged: RunDirectory) -> None:
    for file in damaged.checkpoints.iterdir():
        file.unlink()
    status, output, _ = call("describe", damaged.path)
    assert status == 0
    assert "networks: no networks to look into: no checkpoint is saved yet." in output


def test_what_is_no_run_is_refused(call: Call) -> None:
    status, output, errors = call("describe", "nowhere")
    assert (status, output) == (2, "")
    assert "nowhere" in errors
