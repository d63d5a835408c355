"""``export``, ``sample`` and ``evaluate`` as they are called."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mnist_engine import nn
from mnist_engine.recipes.networks import AVERAGE
from mnist_engine.runs.checkpoints import checkpoints_of
from mnist_engine.runs.directory import RunDirectory
from mnist_engine.runs.networks import networks_of

from .conftest import Call

Spoil = Callable[[RunDirectory, str, float], RunDirectory]


@pytest.mark.parametrize(
    ("form", "left"),
    [
        ("safetensors", "gan-safetensors/README.md"),
        ("csv", "gan-csv/steps.csv"),
        ("png", "gan.png"),
        ("gif", "gan.gif"),
        ("report", "gan-report/README.md"),
        ("tensorboard", "gan-tensorboard"),
    ],
)
def test_a_run_is_exported_beside_the_person_and_never_over_something(
    form: str, left: str, gan: RunDirectory, call: Call, tmp_path: Path
) -> None:
    status, output, errors = call("export", gan.path, "--to", form)
    assert (status, errors) == (0, "")
    assert output.startswith(f"{left.partition('/')[0]}: ")
    assert (tmp_path / left).exists()

    status, output, errors = call("export", gan.path, "--to", form)
    assert (status, output, errors.count("\n")) == (2, "", 1)
    assert "--force" in errors


@pytest.mark.parametrize("form", ["png", "csv"])
def test_force_writes_over_what_is_there(form: str, gan: RunDirectory, call: Call) -> None:
    first = call("export", gan.path, "--to", form)
    assert call("export", gan.path, "--to", form, "--force") == first


def test_out_says_where_to(gan: RunDirectory, call: Call, tmp_path: Path) -> None:
    assert call("export", gan.path, "--to", "png", "--out", "a/b/c.png")[0] == 0
    assert (tmp_path / "a/b/c.png").is_file()
    assert call("export", gan.path, "--to", "csv", "--out", "a/tables")[0] == 0
    assert (tmp_path / "a/tables/steps.csv").is_file()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--to", "png", "--out", "taken"), "taken: is a directory; give the path of a file"),
        (("--to", "gif", "--out", "x.png"), "x.png: it will be a GIF; end its name in .gif"),
        (("--to", "png", "--out", "x"), "x: it will be a PNG; end its name in .png"),
        (("--to", "csv", "--out", "file"), "file: is a file; give the path of a folder"),
        (("--to", "csv", "--out", "file/x"), "file/x: cannot be made (Not a directory); give"),
        (("--to", "png", "--out", "file/x.png"), "file: cannot be made (File exists); give"),
    ],
)
def test_a_place_that_cannot_be_is_status_2_and_one_line(
    arguments: tuple[str, ...], message: str, gan: RunDirectory, call: Call, tmp_path: Path
) -> None:
    (tmp_path / "taken").mkdir()
    (tmp_path / "file").touch()
    status, output, errors = call("export", gan.path, *arguments)
    assert (status, output, errors.count("\n")) == (2, "", 1)
    assert errors.startswith(f"mnist-tui: {message}")


def test_a_disk_that_takes_nothing_is_status_1_and_one_line(
    gan: RunDirectory, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr("mnist_tui.export.destination.write_whole", full)
    status, _, errors = call("export", gan.path, "--to", "png")
    assert (status, errors) == (
        1,
        "mnist-tui: gan.png: cannot be written (No space left on device)\n",
    )


def test_the_best_weights_are_chosen_for_what_has_weights(
    classifier: RunDirectory, call: Call
) -> None:
    assert call("export", classifier.path, "--to", "safetensors", "--best")[0] == 0
    assert call("evaluate", classifier.path, "--best", "--json")[0] == 0
    status, _, errors = call("export", classifier.path, "--to", "csv", "--best")
    assert (status, errors.count("\n")) == (2, 1)
    assert errors.startswith("mnist-tui: --best: chooses weights, and --to csv has none")


def test_an_unknown_form_is_named_with_those_that_exist(gan: RunDirectory, call: Call) -> None:
    status, _, errors = call("export", gan.path, "--to", "pdf")
    assert status == 2
    assert "pdf" in errors
    assert "safetensors" in errors


@pytest.mark.parametrize("command", [("export", "--to", "png"), ("sample",), ("evaluate",)])
def test_a_run_that_is_none_is_named(command: tuple[str, ...], call: Call) -> None:
    status, output, errors = call(*command, "nowhere")
    assert (status, output, errors.count("\n")) == (2, "", 1)
    assert "nowhere is a path of no run" in errors


def test_a_sample_is_shown_in_the_terminal(gan: RunDirectory, call: Call) -> None:
    status, output, errors = call("sample", gan.path, "-n", 20, "--ascii")
    assert (status, errors) == (0, "")
    lines = output.splitlines()
    assert len({len(line) for line in lines}) == 1
    assert max(map(len, lines)) <= 80
    assert len(lines) == 4 * 8, "twenty digits in five columns"
    assert len(set(output)) > 5, "greys are characters"


def test_a_sample_is_written_as_a_picture(gan: RunDirectory, call: Call, tmp_path: Path) -> None:
    arguments = ("sample", gan.path, "-n", 9, "--label", 7, "--seed", 1, "--out", "x.png")
    status, output, errors = call(*arguments)
    assert (status, errors) == (0, "")
    assert output == f"x.png: 9 digits of {gan.path}, seed 1\n"
    with Image.open(tmp_path / "x.png") as picture:
        assert picture.size == (2 * (3 * 30 + 2),) * 2
    assert call(*arguments)[0] == 2, "it is not overwritten"


def test_a_classifier_is_told_in_words(classifier: RunDirectory, call: Call) -> None:
    status, output, errors = call("evaluate", classifier.path)
    assert (status, errors) == (0, "")
    assert output.startswith("test accuracy ")
    assert "calibration error" in output
    assert "Worst mistakes" in output
    assert "→" in output
    assert max(map(len, output.splitlines())) <= 80


@pytest.mark.parametrize("run", ["classifier", "gan"])
def test_json_is_what_a_machine_reads(run: str, runs: Path, call: Call) -> None:
    status, output, errors = call("evaluate", runs / run, "--json", "-n", 100)
    assert (status, errors) == (0, "")
    found = json.loads(output)
    if run == "gan":
        assert found["digits"] == 100
        assert found["real digits"].keys() <= found["generated"].keys()
    else:
        assert sum(map(sum, found["confusion"])) == found["test images"] == 300
        right = sum(row[label] for label, row in enumerate(found["confusion"]))
        assert right == round(300 * found["test accuracy"])


@pytest.fixture
def spoil(tmp_path: Path) -> Spoil:
    """Copy a run, and overwrite the newest weights of a network with one and the same value."""

    def spoilt(run: RunDirectory, network: str, value: float) -> RunDirectory:
        copy = RunDirectory(shutil.copytree(run.path, tmp_path / "spoilt"))
        for file in copy.checkpoints.glob(f"{checkpoints_of(copy)[-1].path.stem}.*"):
            file.unlink()  # those in ``weights`` are newer then
        changed = networks_of(copy).networks[network]
        for parameter in changed.parameters():
            parameter.data[...] = value
        nn.save_weights(changed, copy.weights / f"{network}.safetensors")
        return copy

    return spoilt


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    ("value", "what"), [(np.nan, "weights"), (np.inf, "weights"), (3e38, "digits")]
)
@pytest.mark.parametrize("command", ["evaluate", "sample"])
def test_a_generator_that_diverged_is_said_to_have(
    command: str, value: float, what: str, gan: RunDirectory, spoil: Spoil, call: Call
) -> None:
    """Finite weights may be too large for finite digits."""
    run = spoil(gan, AVERAGE, value)
    assert call(command, run.path, "-n", 100) == (
        2,
        "",
        f"mnist-tui: {run.path}: its {AVERAGE} has diverged, its {what} are not all finite; "
        "train again with a lower learning rate, --lr\n",
    )


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(("value", "what"), [(np.nan, "weights"), (3e38, "answers")])
def test_of_a_classifier_that_diverged_the_best_checkpoint_is_offered(
    value: float, what: str, classifier: RunDirectory, spoil: Spoil, call: Call
) -> None:
    run = spoil(classifier, "classifier", value)
    assert call("evaluate", run.path) == (
        2,
        "",
        f"mnist-tui: {run.path}: its classifier has diverged, its {what} are not all finite; "
        "its best checkpoint may be from before that: add --best\n",
    )
    status, _, errors = call("evaluate", run.path, "--best")
    assert (status, errors) == (0, "")
