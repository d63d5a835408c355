"""Grids of pictures on disk come back as the pictures that they were, or not at all."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from mnist_engine.runs.directory import RunDirectory
from mnist_engine.runs.pictures import grid_of, images_in, save_grid, with_images
from mnist_engine.training.events import SamplesDrawn

SIZE = st.integers(1, 7)


def drawn(count: int = 3, height: int = 2, width: int = 4, columns: int = 2) -> SamplesDrawn:
    rng = np.random.default_rng(count)
    return SamplesDrawn(
        step=7,
        epoch=1,
        count=count,
        image_shape=(height, width),
        columns=columns,
        images=rng.integers(0, 256, count * height * width, dtype=np.uint8).tobytes(),
        file="samples/grid.png",
    )


def as_logged(samples: SamplesDrawn) -> SamplesDrawn:
    return msgspec.structs.replace(samples, images=b"")


@pytest.fixture
def run(tmp_path: Path) -> RunDirectory:
    """A run with the grid that its log names."""
    directory = RunDirectory(tmp_path)
    directory.samples.mkdir()
    save_grid(drawn(), directory.samples / "grid.png")
    return directory


@given(count=SIZE, height=SIZE, width=SIZE, columns=SIZE)
def test_a_grid_holds_its_pictures(count: int, height: int, width: int, columns: int) -> None:
    samples = drawn(count, height, width, columns)
    assert images_in(grid_of(samples), samples) == samples.images


def test_samples_of_a_log_get_their_pictures_back(run: RunDirectory) -> None:
    assert with_images(as_logged(drawn()), run) == drawn()
    assert with_images(drawn(), run) == drawn()


def test_where_there_is_no_such_grid_there_are_no_pictures(run: RunDirectory) -> None:
    elsewhere = run.path / "grid.png"
    (run.samples / "grid.png").rename(elsewhere)
    for file in ("", "samples/grid.png", "grid.png", "../grid.png", str(elsewhere), "..", "a\0b"):
        samples = msgspec.structs.replace(as_logged(drawn()), file=file)
        assert with_images(samples, run) is samples


@pytest.mark.parametrize(
    "other",
    [drawn(count=5), drawn(height=3), drawn(columns=3), drawn(count=10_000, columns=1)],
    ids=["more", "higher", "wider", "thousands"],
)
def test_a_grid_of_another_form_is_none(other: SamplesDrawn, run: RunDirectory) -> None:
    assert with_images(as_logged(other), run).images == b""


def test_a_coloured_picture_is_none(run: RunDirectory) -> None:
    grid = Image.open(run.samples / "grid.png").convert("RGB")
    grid.save(run.samples / "grid.png")
    assert with_images(as_logged(drawn()), run).images == b""


def test_a_damaged_grid_is_seen_as_far_as_it_goes_or_not_at_all(run: RunDirectory) -> None:
    path = run.samples / "grid.png"
    content = path.read_bytes()
    for place in range(len(content)):
        flipped = bytearray(content)
        flipped[place] ^= 1 << place % 8
        for damaged in (content[:place], bytes(flipped)):
            path.unlink()  # anew: writing over a file waits for the disk
            path.write_bytes(damaged)
            assert len(with_images(as_logged(drawn()), run).images) in (0, 3 * 2 * 4)
