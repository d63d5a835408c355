"""The lines of Python that an export brings along, run as they stand."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from mnist_engine import nn
from mnist_engine.data.dataset import load_dataset
from mnist_engine.recipes import GanRecipe, load_recipe
from mnist_engine.recipes.layers import Sizes
from mnist_engine.recipes.networks import AVERAGE, build_networks
from mnist_engine.runs.directory import RunDirectory, create_run
from mnist_engine.runs.log import Log
from mnist_engine.runs.networks import networks_of
from mnist_engine.runs.trained import draw_digits, scaling_of
from mnist_engine.training.events import Finished
from mnist_tui.export.torch_code import imports_of, loading_code
from mnist_tui.export.weights import README, write_weights

from .comparison import normals
from .test_weights import NETWORKS, assert_same_answers


@pytest.mark.parametrize("name", NETWORKS)
def test_the_code_makes_the_equal_network(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    network, length = NETWORKS[name]
    nn.save_weights(network, tmp_path / "x.safetensors")
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    exec(imports_of({"x": network}) + "\n" + loading_code("x", network, "x.safetensors"), names)
    assert not names["x"].training
    assert_same_answers(network, names["x"], normals(5, length))


def blocks(folder: Path) -> list[str]:
    """The Python in the README of an export."""
    text = (folder / README).read_text(encoding="utf-8")
    return re.findall(r"```python\n(.*?)```", text, re.DOTALL)


def test_pytorch_reaches_the_test_accuracy_to_the_image(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = "from mnist_tui.cli import main; main()"
    training = ("classify", "--no-ui", "--recipe", "mlp-best", "--limit", "4000", "--epochs", "1")
    subprocess.run(
        [sys.executable, "-c", command, *training, "--run-dir", tmp_path / "run"],
        check=True,
        capture_output=True,
    )
    run = RunDirectory(tmp_path / "run")
    (tmp_path / "out").mkdir()
    write_weights(run, tmp_path / "out")
    *loading, use = blocks(tmp_path / "out")
    monkeypatch.chdir(tmp_path / "out")
    names: dict[str, Any] = {}
    exec("\n".join(loading), names)
    dataset = load_dataset()
    exec(use.replace("torch.zeros(1, 28, 28, dtype=torch.uint8)", "given"),
         names | {"given": torch.from_numpy(dataset.test_images.copy())}, found := {})  # fmt: skip
    right = int((found["answers"].numpy() == dataset.test_labels).sum())
    (end,) = (event for event in Log(run.events).every() if isinstance(event, Finished))
    assert right == round(10_000 * (end.test_accuracy or 0)) > 5000


def test_pytorch_draws_the_same_digits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recipe, dataset = load_recipe("conditional-dense"), load_dataset()
    assert isinstance(recipe, GanRecipe)
    run, rng = create_run(recipe, tmp_path / "run"), np.random.default_rng(0)
    networks = build_networks(recipe, Sizes(), rng, rng)
    generator = networks["generator"]
    for name, network in (networks | {AVERAGE: generator}).items():
        nn.save_weights(network, run.weights / f"{name}.safetensors")
    (tmp_path / "out").mkdir()
    write_weights(run, tmp_path / "out")
    monkeypatch.chdir(tmp_path / "out")
    *loading, use = blocks(tmp_path / "out")
    noise = np.random.default_rng(1).standard_normal((100, 100), dtype=np.float32)
    names: dict[str, Any] = {"given": torch.from_numpy(noise)}
    exec("\n".join([*loading, use.replace("torch.randn(count, 100)", "given")]), names)

    averaged, scaling = networks_of(run, dataset).networks[AVERAGE], scaling_of(recipe, dataset)
    labels = np.arange(100) % 10
    (pixels,) = draw_digits(averaged, recipe, labels, 10, np.random.default_rng(1))
    expected = scaling.bytes_of(pixels)
    drawn = names["pictures"].numpy().reshape(100, 784).astype(int)
    assert np.ptp(drawn) > 50
    assert np.abs(drawn - expected).max() <= 1
    assert (drawn == expected).mean() > 0.999
