"""``--to png``: the last digits that a run has kept, a classifier's with its answers."""

from __future__ import annotations

from pathlib import Path

from mnist_engine.runs.directory import RunDirectory
from mnist_engine.runs.pictures import pictures_of, with_images
from mnist_tui.export.captioned import save_captioned
from mnist_tui.export.events import samples_in
from mnist_tui.export.pictures import kept_grids, read_grid, save_picture
from mnist_tui.render.digits import Digits


def write_last_grid(run: RunDirectory, path: Path) -> str:
    """Write the newest grid of ``run``, enlarged; which it is, in words.

    Raises BadInput where there is none or it is damaged, CannotRecord where it cannot be written.
    """
    newest = kept_grids(run)[-1]
    what = f"the digits after {newest.caption}"
    answered = _answered(run, newest.path)
    if answered is None:
        save_picture(read_grid(newest.path), path)
        return what
    save_captioned(answered, path)
    return f"{what}, {sum(answered.wrong)} of {len(answered.images)} taken for others"


def _answered(run: RunDirectory, file: Path) -> Digits | None:
    """The digits in a grid with a classifier's answers; None where the log has none of it."""
    samples = samples_in(run, file)
    if samples is None or not samples.captions:
        return None
    samples = with_images(samples, run)
    if not samples.images:
        return None
    return Digits(pictures_of(samples), samples.columns, samples.captions, samples.wrong)
