"""``--to report``: a page whose pictures are there, with all that the run was."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import msgspec
import numpy as np
import pytest
from PIL import Image

from mnist_engine.errors import BadInput
from mnist_engine.recipes.files import recipe_from
from mnist_engine.runs.directory import RunDirectory
from mnist_engine.runs.history import History
from mnist_engine.training.events import Alarm, Intervened
from mnist_tui.export.curves import save_confusion, save_curves
from mnist_tui.export.report import PAGE, write_report
from mnist_tui.render.plot import Mark, Series


@pytest.fixture(scope="module")
def page(gan: RunDirectory, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report on the GAN's run, in which somebody intervened and something went wrong."""
    import shutil

    run = RunDirectory(Path(shutil.copytree(gan.path, tmp_path_factory.mktemp("report") / "named")))
    with run.events.open("ab") as log:
        for event in (
            Intervened(step=4, seconds=0.1, what="learning rate", source="key", before=1.0,
                       after=0.5, network="generator"),
            Alarm(step=5, level="warning", name="collapse", text="a bar | in a table"),
        ):  # fmt: skip
            log.write(msgspec.json.encode(event) + b"\n")
    write_report(run, run.path.parent / "out")
    return run.path.parent / "out" / PAGE


def test_every_picture_of_the_page_is_there_and_shows_something(page: Path) -> None:
    files = re.findall(r"!\[.*?\]\((.*?)\)", page.read_text(encoding="utf-8"))
    assert {path.name for path in page.parent.iterdir()} == {PAGE, *files}
    assert "loss.png" in files
    assert "digits.png" in files
    for file in files:
        with Image.open(page.parent / file) as picture:
            assert np.ptp(np.array(picture.convert("L"))) > 100, file


def test_its_settings_are_the_recipe_of_the_run(page: Path, gan: RunDirectory) -> None:
    (settings,) = re.findall(r"```toml\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    assert recipe_from(tomllib.loads(settings), "report") == gan.read_recipe()


def test_it_tells_what_people_did_and_what_went_wrong(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert "| learning rate of the generator: schedule × 1 → × 0.5 | key |" in text
    assert r"| 5 | warning | collapse: a bar \| in a table |" in text


def test_a_classifier_has_its_accuracy_and_its_mistakes(
    classifier: RunDirectory, tmp_path: Path
) -> None:
    write_report(classifier, tmp_path)
    text = (tmp_path / PAGE).read_text(encoding="utf-8")
    assert re.search(r"\| test accuracy \| \d\d\.\d\d% \| the end \|", text)
    assert re.search(r"Most frequent: \d taken for \d \(\d+ times\)", text)
    assert (tmp_path / "mistakes.png").is_file()


def test_a_log_without_a_beginning_is_named(damaged: RunDirectory, tmp_path: Path) -> None:
    damaged.events.write_bytes(b"\n")
    with pytest.raises(BadInput, match=r"events.jsonl: does not say how the run began"):
        write_report(damaged, tmp_path / "report")
    assert not (tmp_path / "report").exists()


def curve(values: list[float]) -> Series:
    history = History()
    for step, value in enumerate(values):
        history.append(step, value)
    return Series("D", history.curve(), "#1f66c9")


@pytest.mark.parametrize(
    "values", [[1.0], [2.0] * 900, [0.0, -1.0], [*np.linspace(1, 2, 999), 1e9]]
)
def test_curves_of_any_kind_are_drawn(values: list[float], tmp_path: Path) -> None:
    marks = [Mark(step, "pause") for step in range(20)]
    save_curves(tmp_path / "x.png", "Loss", [curve(values)], logarithmic=True, marks=marks)
    assert (tmp_path / "x.png").is_file()


def test_one_value_far_out_does_not_flatten_the_rest(tmp_path: Path) -> None:
    values = [float(value) for value in np.linspace(1, 2, 999)]
    for name, last in (("far", 1e9), ("near", 2.0)):
        save_curves(tmp_path / f"{name}.png", "", [curve([*values, last])])
    far, near = (np.array(Image.open(tmp_path / f"{name}.png")) for name in ("far", "near"))
    assert (far != near).any(axis=2).mean() < 0.02


def test_a_confusion_without_mistakes_is_drawn(tmp_path: Path) -> None:
    save_confusion(tmp_path / "x.png", [[3, 0], [0, 4]])
    assert (tmp_path / "x.png").is_file()
