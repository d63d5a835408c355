"""The program as it is called, in a process of its own, and runs that it left."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Done = subprocess.CompletedProcess[str]
Run = Callable[..., Done]
MAIN = "from mnist_tui.cli import main; main()"

SHORT = ("--limit", "600", "--threads", "1", "--no-ui", "--run-dir")


def called(folder: Path, *arguments: str, code: str = MAIN, **options: object) -> Done:
    """Run ``mnist-tui`` with these arguments in ``folder``; its status and its outputs."""
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        timeout=120,
        text=True,
        encoding="utf-8",
        **{"cwd": folder, "stdin": subprocess.DEVNULL, "capture_output": True, **options},  # type: ignore[call-overload]
    )


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run ``mnist-tui`` with these arguments in an empty directory; its status and its outputs."""
    return lambda *arguments, **options: called(tmp_path, *arguments, **options)


@pytest.fixture(scope="session")
def trained_gan(tmp_path_factory: pytest.TempPathFactory) -> tuple[Done, Path]:
    """What ``gan --run-dir mine`` printed, and the directory in which it trained."""
    folder = tmp_path_factory.mktemp("gan")
    flags = ("--epochs", "2", "--lr", "1e-3,2e-3", "--batch-size", "100")
    settings = ("--set", "data.held_out=100", "--set", 'generator.noise = "uniform"')
    return called(folder, "gan", *SHORT, "mine", *flags, *settings), folder


@pytest.fixture(scope="session")
def trained_classifier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A classifier's run of three epochs of 3 steps, to be copied: see ``stem``."""
    folder = tmp_path_factory.mktemp("classifier")
    assert called(folder, "classify", *SHORT, "stem", "--epochs", "3").returncode == 0
    return folder / "stem"


@pytest.fixture
def stem(trained_classifier: Path, tmp_path: Path) -> Path:
    """That run, in the directory in which commands are called, where it may be damaged."""
    return shutil.copytree(trained_classifier, tmp_path / "stem")
