"""Two small runs, a classifier's and a GAN's, made by the program itself, and ways to call it."""

from __future__ import annotations

import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from mnist_engine.data.dataset import (
    TEST_IMAGES,
    TEST_LABELS,
    TRAIN_IMAGES,
    TRAIN_LABELS,
    load_dataset,
)
from mnist_engine.runs.directory import RunDirectory
from mnist_tui.cli import main

Call = Callable[..., tuple[int, str, str]]

CLASSIFIER = """\
task = "classify"
summary = "one of every layer"
epochs = 2
[data]
held_out = 100
pixels = "standardised"
[classifier]
layers = [
    "unflatten 1 height width", "conv 4 3 2 1", "batch_norm", "relu", "max_pool 2",
    "flatten", "dropout 0.1", "linear classes",
]
optimizer = { kind = "adam", learning_rate = 1e-2 }
"""
GAN = """\
task = "gan"
summary = "a conditional one, with an average"
epochs = 3
[data]
held_out = 100
[generator]
latent = 8
layers = ["linear 16", "batch_norm", "leaky_relu 0.2", "linear pixels", "tanh"]
average = 0.9
optimizer = { kind = "adam", learning_rate = 4e-3 }
[discriminator]
layers = [
    "class_plane height width classes", "spectral conv 4 4 4", "leaky_relu 0.2",
    "flatten", "spectral linear 1",
]
optimizer = { kind = "adam", learning_rate = 1e-3 }
[game]
conditional = true
[measures]
every = 5
"""
SEED = 3


def idx(values: NDArray[np.uint8]) -> bytes:
    """The content of an IDX file."""
    header = struct.pack(f">4B{values.ndim}I", 0, 0, 8, values.ndim, *values.shape)
    return header + values.tobytes()


@pytest.fixture(scope="session")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with the runs ``classifier`` and ``gan``: two epochs of some hundred digits."""
    folder = tmp_path_factory.mktemp("export")
    mnist, data = load_dataset(), folder / "data"
    data.mkdir()
    for name, values in {
        TRAIN_IMAGES: mnist.train_images[:740],
        TRAIN_LABELS: mnist.train_labels[:740],
        TEST_IMAGES: mnist.test_images[:300],
        TEST_LABELS: mnist.test_labels[:300],
    }.items():
        (data / name).write_bytes(idx(values))
    for command, name, recipe in (("classify", "classifier", CLASSIFIER), ("gan", "gan", GAN)):
        file = folder / f"{name}.toml"
        file.write_text(recipe, encoding="utf-8")
        subprocess.run(
            [
                *(sys.executable, "-c", "from mnist_tui.cli import main; main()"),
                *(command, "--no-ui", "--recipe", file, "--data", data, "--threads", "1"),
                *("--seed", str(SEED), "--run-dir", folder / name),
            ],
            check=True,
            capture_output=True,
        )
    return folder


@pytest.fixture(scope="session")
def classifier(runs: Path) -> RunDirectory:
    """The classifier's run."""
    return RunDirectory(runs / "classifier")


@pytest.fixture(scope="session")
def gan(runs: Path) -> RunDirectory:
    """The GAN's run."""
    return RunDirectory(runs / "gan")


@pytest.fixture
def call(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Call:
    """Call the program in this process, in an empty directory: its status, output and errors."""
    monkeypatch.chdir(tmp_path)

    def called(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["mnist-tui", *map(str, arguments)])
        with pytest.raises(SystemExit) as left:
            main()
        captured = capsys.readouterr()
        return int(left.value.code or 0), captured.out, captured.err

    return called


@pytest.fixture
def damaged(gan: RunDirectory, tmp_path: Path) -> RunDirectory:
    """A copy of the GAN's run to be damaged."""
    import shutil

    return RunDirectory(Path(shutil.copytree(gan.path, tmp_path / "copy")))
