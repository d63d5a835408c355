"""Where to write: beside the person, under the run's name, and over nothing that is there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mnist_engine.errors import BadInput, CannotRecord, reason_of
from mnist_engine.files import write_whole
from mnist_engine.runs.directory import RunDirectory


def default_path(run: RunDirectory, ending: str) -> Path:
    """The run's name and ``ending``, in the current directory."""
    return Path(f"{run.path.resolve().name}{ending}")


def check_file(path: Path, force: bool, ending: str) -> None:
    """BadInput where ``path`` is taken, unless it is a file that ``force`` may replace.

    And where its name has not the ``ending`` that tells what it holds: ".png".
    """
    if path.is_dir():
        raise BadInput(f"{path}: is a directory; give the path of a file with --out")
    if path.suffix.lower() != ending:
        raise BadInput(f"{path}: it will be a {ending[1:].upper()}; end its name in {ending}")
    if path.exists() and not force:
        raise BadInput(f"{path}: exists already; replace it with --force, or give another --out")


def check_folder(path: Path, force: bool) -> None:
    """BadInput where ``path`` is a file, or a folder that holds anything and no ``force`` is used.

    With it files of the same names are replaced, and all others stay.
    """
    if path.exists() and not path.is_dir():
        raise BadInput(f"{path}: is a file; give the path of a folder with --out")
    if path.is_dir() and any(path.iterdir()) and not force:
        raise BadInput(f"{path}: is not empty; write into it with --force, or give another --out")


def make_folder(path: Path) -> None:
    """Make ``path`` and the folders above it; BadInput where that cannot be."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInput(
            f"{path}: cannot be made ({reason_of(error)}); give another place with --out"
        ) from None


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn an error of the system into CannotRecord, which says what could not be written."""
    try:
        yield
    except OSError as error:
        raise CannotRecord(f"{path}: cannot be written ({reason_of(error)})") from error


def write_picture(path: Path, content: bytes) -> None:
    """Write ``content`` to ``path``, in a folder that is made where it is not there.

    Raises BadInput where the folder cannot be made, CannotRecord where the disk takes nothing.
    """
    make_folder(path.parent)
    with writing(path):
        write_whole(path, content)
