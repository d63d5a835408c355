"""The wheel: what is in it, and that it trains where nothing of the source tree can be seen."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
import sysconfig
import venv
from email import message_from_bytes
from importlib.metadata import packages_distributions
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


@pytest.fixture(scope="module", params=["lent", pytest.param("all", marks=pytest.mark.slow)])
def programs(
    request: pytest.FixtureRequest, wheel: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The directory of programs of a new environment that holds the wheel and what it asks for.

    What it asks for is lent by this environment, or all is installed, which takes a while.
    """
    environment = tmp_path_factory.mktemp("environment")
    venv.create(environment, with_pip=True)
    programs = environment / ("Scripts" if sys.platform == "win32" else "bin")
    flags = ["--quiet", "--disable-pip-version-check"]
    if request.param == "lent":
        flags += ["--no-index", "--no-deps"]
        here = sysconfig.get_path("purelib")  # without the links in it that lead to the source
        at = {"base": str(environment), "platbase": str(environment)}
        (Path(sysconfig.get_path("purelib", "venv", at)) / "lent.pth").write_text(here)
    run(programs / "python", "-m", "pip", "install", *flags, wheel, cwd=environment)
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


def test_what_is_imported_is_asked_for_and_nothing_else(wheel: Path) -> None:
    names: set[str] = set()
    with ZipFile(wheel) as archive:
        for path in archive.namelist():
            if path.endswith(".py"):
                names |= imported(archive.read(path))
            if path.endswith(".dist-info/METADATA"):
                metadata = message_from_bytes(archive.read(path))
    asked = {
        normal(re.split(r"[^\w.-]", line)[0])
        for line in metadata.get_all("Requires-Dist", [])
        if "extra ==" not in line or "extra == 'tensorboard'" in line
    }
    distributions = packages_distributions()
    others = names - set(PACKAGES) - sys.stdlib_module_names
    assert {normal(distributions[name][0]) for name in others} == asked


def normal(distribution: str) -> str:
    """The name as package indexes compare it."""
    return re.sub(r"[-_.]+", "-", distribution).lower()


def imported(source: bytes) -> set[str]:
    """The packages that a module imports, at its top or later."""
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        if isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names.add(node.module.partition(".")[0])
    return names


def test_the_installed_program_trains(programs: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    printed = run(
        programs / "mnist-tui",
        *("classify", "--no-ui", "--json", "--limit", "2000", "--epochs", "1", "--threads", "1"),
        *("--run-dir", tmp_path / "r"),
        cwd=elsewhere,
    )
    found = "import mnist_engine, mnist_tui; print(mnist_engine.__file__, mnist_tui.__file__)"
    places = run(programs / "python", "-c", found, cwd=elsewhere).split()
    assert all(Path(place).is_relative_to(programs.parent) for place in places), places
    last = json.loads(printed.splitlines()[-1])
    assert last["event"] == "finished"
    assert 0.5 < last["test_accuracy"] <= 1
    assert list((tmp_path / "r").rglob("*.safetensors"))
    assert not list(elsewhere.iterdir())
