"""Takes the README's pictures: the real program, training for real, seen at one moment.

    .venv/bin/python assets/pictures/take_pictures.py

Needs headless Chromium to turn Textual's SVG into PNG. Training runs for the seconds given below,
so the pictures show what anyone sees after that time.
"""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from mnist_tui.cli import resolve
from mnist_tui.launch import Launch
from mnist_tui.monitor.apps.training import MonitorApp

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Picture:
    """What is shown: ``keys`` are pressed by the way, each at so many seconds of training."""

    name: str
    task: str
    recipe: str
    seconds: float
    size: tuple[int, int] = (160, 45)
    theme: str = "mnist-dark"
    keys: tuple[tuple[float, str], ...] = ()


PICTURES = (Picture("gan", "gan", "conditional-dense", 60, keys=((40, "d"),)),)


async def take(picture: Picture, folder: Path) -> Path:
    """Run the program until the moment comes; the SVG of its screen."""
    recipe = resolve(picture.task, picture.recipe, *[None] * 7)  # type: ignore[arg-type]
    launch = Launch(recipe, folder / picture.name)
    app = MonitorApp(
        launch.events, launch.control, launch.path, title=recipe.name, theme=picture.theme
    )
    keys = list(picture.keys)
    async with app.run_test(size=picture.size) as pilot:
        while True:
            await pilot.pause(0.2)
            snapshot = app.session.latest
            if keys and snapshot.seconds >= keys[0][0]:
                await pilot.press(keys.pop(0)[1])
            if snapshot.seconds >= picture.seconds or snapshot.finished:
                break
        await pilot.pause(0.5)
        svg = folder / f"{picture.name}.svg"
        svg.write_text(app.export_screenshot(title=f"mnist-tui {picture.task}"), encoding="utf-8")
        launch.control.stop()
        while app.session.latest.finished is None:
            await pilot.pause(0.1)
    return svg


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


def main() -> None:
    """Take every picture and put it beside this file."""
    with tempfile.TemporaryDirectory() as folder:
        for picture in PICTURES:
            svg = asyncio.run(take(picture, Path(folder)))
            to_png(svg, HERE / f"{picture.name}.png")
            print(f"{picture.name}.png")


if __name__ == "__main__":
    main()
