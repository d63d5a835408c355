"""Takes the README's pictures: the real program, training for real, seen at chosen steps.

    .venv/bin/python assets/pictures/take_pictures.py [NAME ...]

Without names all of them. Needs headless Chromium to turn Textual's SVG into PNG.
"""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from mnist_engine.runs.record import Keeping
from mnist_tui.launch import Launch
from mnist_tui.monitor.apps.training import MonitorApp
from mnist_tui.train import resolve

HERE = Path(__file__).parent

LARGE = (160, 45)
MIDDLE = (120, 36)

COLOURS = 256
"""Of a picture: a screen has hardly more, and so a file is a third as large."""

SETTLING_SECONDS = 3.0
"""What is asked of networks that train is answered by then."""

SEVEN = (
    *["left"] * 5,
    *["up"] * 8,
    "space",
    *["right"] * 10,
    *["down", "down", "left"] * 5,
    *["down"] * 4,
)
"""The pen's way from the middle of the sheet."""


@dataclass(frozen=True)
class Picture:
    """What is seen when at ``step`` these ``keys`` have been pressed; ``back`` leads back."""

    name: str
    step: int
    keys: tuple[str, ...] = ()
    back: tuple[str, ...] = ()
    size: tuple[int, int] = MIDDLE


@dataclass(frozen=True)
class Training:
    """A run, and the pictures that are taken of it, in order."""

    task: Any
    recipe: str
    pictures: tuple[Picture, ...]


TRAININGS = (
    Training(
        "gan",
        "conditional-dense",
        (
            Picture("turned", 2_500, keys=("d",), size=LARGE),
            Picture("gan", 4_000, size=LARGE),
            Picture("walk", 4_000, keys=("k",), back=("escape",)),
            Picture("inspector", 4_000, keys=("i", "down", "down", "enter"), back=("escape",) * 2),
        ),
    ),
    Training(
        "classify",
        "mlp",
        (
            Picture("classify", 700, size=LARGE),
            Picture("draw", 700, keys=("a", *SEVEN), back=("escape",)),
        ),
    ),
)
"""The picture "turned" is by the way: its key leaves a mark on the plots of the next ones."""

BY_THE_WAY = {"turned"}


async def take(training: Training, wanted: set[str], folder: Path) -> list[Path]:
    """Run the program until the last picture is taken; their SVG files."""
    recipe = resolve(training.task, training.recipe, *[None] * 7, [])  # type: ignore[arg-type]
    launch = Launch(recipe, folder / training.task, Keeping())
    app = MonitorApp(
        launch.events, launch.control, launch.path, title=recipe.name, task=training.task
    )
    taken: list[Path] = []
    async with app.run_test(size=LARGE) as pilot:
        for picture in training.pictures:
            while app.session.latest.step < picture.step and not app.session.ended:
                await pilot.pause(0.2)
            if app.session.latest.step < picture.step:
                raise SystemExit(f"take_pictures: training ended before step {picture.step:,}")
            await pilot.resize_terminal(*picture.size)
            for key in picture.keys:
                await pilot.press(key)
                await pilot.pause(0.1)
            await pilot.pause(SETTLING_SECONDS)
            if picture.name in wanted:
                taken.append(folder / f"{picture.name}.svg")
                taken[-1].write_text(
                    app.export_screenshot(title=f"mnist-tui {training.task}"), encoding="utf-8"
                )
            await pilot.press(*picture.back)
        launch.control.stop()
        while not app.session.ended:
            await pilot.pause(0.1)
    return taken


def to_png(svg: Path, png: Path) -> None:
    """Render with headless Chromium at the picture's own size."""
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        raise SystemExit("take_pictures: Chromium is needed to make PNG files; install it")
    found = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg.read_text(encoding="utf-8"))
    assert found is not None, "Textual's SVG has a viewBox"
    width, height = found.groups()
    page = svg.with_suffix(".html")
    page.write_text(
        '<body style="margin:0;overflow:hidden;background:transparent">'
        f'<img src="{svg.name}" width="{width}">'
    )
    size = f"{round(float(width))},{round(float(height))}"
    subprocess.run(
        [
            browser, "--headless", "--no-sandbox", "--disable-gpu",
            "--disable-background-networking", "--default-background-color=00000000",
            f"--window-size={size}",
            f"--user-data-dir={svg.parent / 'browser'}", f"--screenshot={png}", page.as_uri(),
        ],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    with Image.open(png) as picture:
        picture.quantize(COLOURS).save(png, optimize=True)


def main() -> None:
    """Take the pictures that are named, or every one, and put them beside this file."""
    known = {picture.name for training in TRAININGS for picture in training.pictures} - BY_THE_WAY
    wanted = set(sys.argv[1:]) or known
    if not wanted <= known:
        raise SystemExit(f"take_pictures: known are {', '.join(sorted(known))}")
    with tempfile.TemporaryDirectory() as folder:
        for training in TRAININGS:
            if not wanted & {picture.name for picture in training.pictures}:
                continue
            for svg in asyncio.run(take(training, wanted, Path(folder))):
                to_png(svg, HERE / f"{svg.stem}.png")
                print(f"{svg.stem}.png")


if __name__ == "__main__":
    main()
