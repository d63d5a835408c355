"""``--to report``: a page whose pictures are there, with all that the run was."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from mnist_engine.errors import BadInput
from mnist_engine.recipes.files import recipe_from
from mnist_engine.runs.directory import RunDirectory
from mnist_engine.runs.history import History
from mnist_engine.runs.networks import dataset_of
from mnist_engine.training.answers import Answers, Mistake
from mnist_engine.training.events import (
    Alarm,
    Finished,
    Intervened,
    Resumed,
    encode_event,
)
from mnist_tui.export.curves import logarithmic_ticks, save_confusion, save_curves
from mnist_tui.export.mistakes import write_worst_mistakes
from mnist_tui.export.report import PAGE, write_report
from mnist_tui.render.plot import Mark, Series


@pytest.fixture(scope="module")
def page(gan: RunDirectory, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report on the GAN's run, in which somebody intervened and something went wrong."""
    import shutil

    run = RunDirectory(Path(shutil.copytree(gan.path, tmp_path_factory.mktemp("report") / "named")))
    events = [
        Intervened(step=4, seconds=0.1, what="learning rate", source="key", before=1.0,
                   after=0.5, network="generator"),
        Alarm(step=4, level="warning", name="collapse", text="a bar | in a table"),
        Finished(step=4, seconds=0.1, epoch=1, ending="stopped"),
        Resumed(step=4, seconds=0.1, logged=4),
        Resumed(step=2, seconds=0.1, logged=4, faults=("step-4: is damaged",)),
    ]  # fmt: skip
    lines = run.events.read_bytes().splitlines(keepends=True)
    fourth = next(place for place, line in enumerate(lines) if b'"step","step":4' in line)
    lines[fourth + 1 : fourth + 1] = [encode_event(event) + b"\n" for event in events]
    run.events.write_bytes(b"".join(lines))
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
    assert r"| 4 | warning | collapse: a bar \| in a table |" in text


def test_it_tells_where_the_run_was_interrupted(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert "| 4 | stopped | training went on from the checkpoint at step 4 |" in text
    assert (
        "| 4 | cut off | training went on from the checkpoint at step 2; step-4: is damaged |"
    ) in text


def test_a_classifier_has_its_accuracy_and_its_mistakes(
    classifier: RunDirectory, tmp_path: Path
) -> None:
    write_report(classifier, tmp_path)
    text = (tmp_path / PAGE).read_text(encoding="utf-8")
    assert re.search(r"\| test accuracy \| \d\d\.\d\d% \| the end \|", text)
    assert re.search(r"Most frequent: \d taken for \d \(\d+ times\)", text)
    assert (tmp_path / "mistakes.png").is_file()
    assert "![The worst mistakes](worst-mistakes.png)" in text
    assert (tmp_path / "worst-mistakes.png").is_file()


def test_worst_mistakes_are_drawn_of_the_very_images_alone(
    classifier: RunDirectory, tmp_path: Path
) -> None:
    labels = dataset_of(classifier).test_labels
    for label, drawn in ((int(labels[7]), True), (int(labels[7]) + 1, False)):
        mistakes = (Mistake(index=7, label=label, answer=0, probability=0.9),)
        answers = Answers(confusion=(), mistakes=mistakes)
        assert write_worst_mistakes(classifier, answers, tmp_path / f"{label}.png") == drawn
        assert (tmp_path / f"{label}.png").exists() == drawn


def test_a_log_without_a_beginning_is_named(damaged: RunDirectory, tmp_path: Path) -> None:
    damaged.events.write_bytes(b"\n")
    with pytest.raises(BadInput, match=r"events.jsonl: does not say how the run began"):
        write_report(damaged, tmp_path / "report")
    assert not (tmp_path / "report").exists()


def test_what_of_the_log_cannot_be_read_is_told(damaged: RunDirectory, tmp_path: Path) -> None:
    whole = write_report(damaged, tmp_path / "whole")
    lines = damaged.events.read_bytes().splitlines(keepends=True)
    damaged.events.write_bytes(b"".join([*lines[:5], b"no event\n", *lines[5:]]))
    told = write_report(damaged, tmp_path / "rest")
    assert told == f"{whole}; 1 line of the log left out, being damaged"


def test_a_single_point_is_no_curve(damaged: RunDirectory, tmp_path: Path) -> None:
    lines = damaged.events.read_bytes().splitlines(keepends=True)
    epochs = [place for place, line in enumerate(lines) if b'"event":"epoch"' in line]
    for kept, drawn in ((epochs[0] + 1, False), (epochs[1] + 1, True)):
        damaged.events.write_bytes(b"".join(lines[:kept]))
        write_report(damaged, tmp_path / f"{kept}")
        assert (tmp_path / f"{kept}" / "loss.png").is_file()
        assert (tmp_path / f"{kept}" / "the-discriminators-accuracy.png").exists() == drawn


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (1e-4, 3.0, [1e-4, 1e-3, 1e-2, 0.1, 1.0]),
        (0.29, 2.2, [0.5, 1.0, 2.0]),
        (0.29, 0.46, [0.3, 0.35, 0.4, 0.45]),
        (2.301, 2.304, [2.301, 2.302, 2.303, 2.304]),
    ],
)
def test_a_logarithmic_axis_has_numbers_however_short_it_is(
    low: float, high: float, ticks: list[float]
) -> None:
    assert logarithmic_ticks(low, high) == pytest.approx(ticks)


def test_epochs_are_whole_numbers_each_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = []
    monkeypatch.setattr(Figure, "savefig", lambda figure, _: drawn.append(figure))
    save_curves(tmp_path / "x.png", "", [curve([9.0])], "epoch")
    save_curves(tmp_path / "x.png", "", [curve([9.0, 8.0, 7.0])], "epoch")
    for figure, epochs in zip(drawn, (["0"], ["0", "1", "2"]), strict=True):
        (axes,) = figure.axes
        low, high = axes.get_xlim()
        shown = [tick for tick in axes.get_xticks() if low <= tick <= high]
        assert [axes.xaxis.get_major_formatter()(tick, 0) for tick in shown] == epochs


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
