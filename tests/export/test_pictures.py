"""``--to png`` and ``--to gif``: the digits as they were kept."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mnist_engine.errors import BadInput
from mnist_engine.runs.directory import RunDirectory
from mnist_tui.export import animation
from mnist_tui.export.animation import CAPTION_HEIGHT, HELD_MILLISECONDS, write_animation
from mnist_tui.export.captioned import captioned
from mnist_tui.export.last_grid import write_last_grid
from mnist_tui.export.pictures import ENLARGED, kept_grids
from mnist_tui.render.digits import Digits


def test_grids_come_in_the_order_of_their_steps(damaged: RunDirectory) -> None:
    """Nine steps make an epoch: one that was stopped in its midst lies between two epochs."""
    steps = kept_grids(damaged)[0].step
    (damaged.samples / "epoch-0002.png").rename(damaged.samples / f"step-{2 * steps - 1:06}.png")
    assert [(grid.step, grid.caption) for grid in kept_grids(damaged)] == [
        (steps, "epoch 1"),
        (2 * steps - 1, f"step {2 * steps - 1}"),
        (3 * steps, "epoch 3"),
    ]


def test_the_picture_is_the_last_grid_enlarged(gan: RunDirectory, tmp_path: Path) -> None:
    assert write_last_grid(gan, tmp_path / "a" / "x.png") == "the digits after epoch 3"
    with (
        Image.open(tmp_path / "a" / "x.png") as large,
        Image.open(gan.samples / "epoch-0003.png") as small,
    ):
        np.testing.assert_array_equal(np.array(large)[::ENLARGED, ::ENLARGED], np.array(small))
        assert large.size == (ENLARGED * small.width, ENLARGED * small.height)


def test_the_animation_has_a_frame_a_grid_and_holds_the_last(
    gan: RunDirectory, tmp_path: Path
) -> None:
    assert write_animation(gan, tmp_path / "x.gif") == "3 frames, to epoch 3"
    with Image.open(tmp_path / "x.gif") as movie:
        assert movie.n_frames == 3  # type: ignore[attr-defined]
        for number in range(3):
            movie.seek(number)
            with Image.open(gan.samples / f"epoch-{number + 1:04}.png") as grid:
                shown = np.array(movie.convert("L"))[:-CAPTION_HEIGHT:ENLARGED, ::ENLARGED]
                assert np.abs(shown.astype(int) - np.array(grid)).max() <= 5, "32 greys"
        assert movie.info["duration"] == HELD_MILLISECONDS
        assert movie.info["loop"] == 0


def test_of_a_long_run_frames_are_left_out_but_not_the_last(
    gan: RunDirectory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(animation, "MOST_FRAMES", 2)
    assert write_animation(gan, tmp_path / "x.gif") == "2 frames, to epoch 3"


def test_a_classifier_has_no_animation(classifier: RunDirectory, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"is a classifier's run, whose digits stay the same"):
        write_animation(classifier, tmp_path / "x.gif")


def test_a_damaged_picture_is_named(damaged: RunDirectory, tmp_path: Path) -> None:
    path = damaged.samples / "epoch-0003.png"
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(BadInput, match=r"epoch-0003.png: is no picture, or a damaged one"):
        write_last_grid(damaged, tmp_path / "x.png")


def test_a_run_without_pictures_says_so(damaged: RunDirectory, tmp_path: Path) -> None:
    for path in damaged.samples.iterdir():
        path.unlink()
    with pytest.raises(BadInput, match=r"samples: holds no pictures; a run keeps them at the ends"):
        write_last_grid(damaged, tmp_path / "x.png")


def test_a_classifier_is_seen_with_its_answers(
    classifier: RunDirectory, gan: RunDirectory, tmp_path: Path
) -> None:
    """Its grid has words below the digits and red around some; a generator's is grey."""
    assert re.fullmatch(
        r"the digits after epoch 2, \d+ of 60 taken for others",
        write_last_grid(classifier, tmp_path / "answers.png"),
    )
    write_last_grid(gan, tmp_path / "digits.png")
    for name, coloured in (("answers", True), ("digits", False)):
        with Image.open(tmp_path / f"{name}.png") as picture:
            red, green, _ = np.moveaxis(np.array(picture.convert("RGB"), int), -1, 0)
        assert ((red - green) > 50).any() == coloured


def test_a_mistake_alone_is_framed_and_every_digit_has_its_word() -> None:
    digits = Digits(np.zeros((3, 28, 28), np.uint8), 2, ("7", "7→9", "1"), (False, True, False))
    sheet = np.array(captioned(digits), int)
    height, width = sheet.shape[0] // 2, sheet.shape[1] // 2
    cells = [sheet[:height, :width], sheet[:height, width:], sheet[height:, :width]]
    assert [(cell[..., 0] - cell[..., 1] > 50).any() for cell in cells] == [False, True, False]
    assert all((cell > 120).all(axis=-1).sum() > 5 for cell in (cells[0], cells[2])), "a word"
    assert (sheet[height + 4 :, width + 4 :] == sheet[-1, -1]).all(), "no fourth digit"


def test_a_damaged_picture_of_a_classifier_is_named(
    classifier: RunDirectory, tmp_path: Path
) -> None:
    copy = RunDirectory(Path(shutil.copytree(classifier.path, tmp_path / "copy")))
    path = copy.samples / "epoch-0002.png"
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(BadInput, match=r"epoch-0002.png: is no picture, or a damaged one"):
        write_last_grid(copy, tmp_path / "x.png")
