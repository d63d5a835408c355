"""The wheel: what is in it, and that it trains where nothing of the source tree can be seen."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
from pathlib import Path
from zipfile import ZipFile

import pytest

PROJECT = Path(__file__).parents[2]
PACKAGES = {
    "mnist_tui": PROJECT / "app",
    "mnist_engine": PROJECT / "core",
    "mnist_tui_assets": PROJECT / "assets",
}


def run(*command: str | Path, cwd: Path) -> str:
    """Run a command as a newcomer would, untouched by this environment; return what it prints."""
    ours = {"PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV"}
    result = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env={name: value for name, value in os.environ.items() if name not in ours},
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert result.returncode == 0, f"{command}\n{result.stdout}\n{result.stderr}"
    return result.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built once."""
    directory = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "build", "--wheel", "--outdir", directory, PROJECT, cwd=directory)
    (wheel,) = directory.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def contents(wheel: Path) -> set[str]:
    """The paths in the wheel, its own metadata left out."""
    with ZipFile(wheel) as archive:
        names = set(archive.namelist())
    return {name for name in names if ".dist-info/" not in name}


@pytest.fixture(scope="module")
def programs(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of programs of a new environment that holds the wheel and what it asks for."""
    environment = tmp_path_factory.mktemp("environment")
    venv.create(environment, with_pip=True)
    programs = environment / ("Scripts" if sys.platform == "win32" else "bin")
    quiet = ("--quiet", "--disable-pip-version-check")
    run(programs / "python", "-m", "pip", "install", *quiet, wheel, cwd=environment)
    return programs


def test_the_wheel_holds_three_packages_and_nothing_else(contents: set[str]) -> None:
    assert {name.partition("/")[0] for name in contents} == set(PACKAGES)


@pytest.mark.parametrize("package", PACKAGES)
def test_every_file_of_a_package_is_in_the_wheel(contents: set[str], package: str) -> None:
    """An ignore rule that swallows a folder of the source leaves it out of the wheel too."""
    root = PACKAGES[package]
    files = {
        path.relative_to(root).as_posix()
        for path in (root / package).rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }
    assert {name for name in contents if name.startswith(f"{package}/")} == files
    assert f"{package}/py.typed" in files


def test_the_assets_are_in_the_wheel(contents: set[str]) -> None:
    assets = {name.removeprefix("mnist_tui_assets/") for name in contents}
    assert {
        "mnist/train-images-idx3-ubyte.gz",
        "mnist/train-labels-idx1-ubyte.gz",
        "mnist/t10k-images-idx3-ubyte.gz",
        "mnist/t10k-labels-idx1-ubyte.gz",
        "mnist/LICENSE.txt",
    } <= assets
    assert any(name.startswith("recipes/") and name.endswith(".toml") for name in assets)


def test_the_installed_program_trains(programs: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    printed = run(
        programs / "mnist-tui",
        *("classify", "--no-ui", "--json", "--limit", "2000", "--epochs", "1"),
        *("--run-dir", tmp_path / "r"),
        cwd=elsewhere,
    )
    last = json.loads(printed.splitlines()[-1])
    assert last["event"] == "finished"
    assert 0.5 < last["test_accuracy"] <= 1
    assert list((tmp_path / "r").rglob("*.safetensors"))
    assert not list(elsewhere.iterdir())
