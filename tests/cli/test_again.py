"""Going on with runs, doing them again, branching off: from the command line."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import msgspec
import pytest

from mnist_engine.runs.checkpoints import checkpoints_of, read_checkpoint, write_checkpoint
from mnist_engine.runs.directory import RunDirectory


def steps(run: Path) -> list[dict[str, Any]]:
    """The steps that the run has done itself, as its log tells them."""
    events = map(json.loads, (run / "events.jsonl").read_text().splitlines())
    return [event for event in events if event["event"] == "step"]


def losses(run: Path) -> list[tuple[int, dict[str, float]]]:
    return [(event["step"], event["losses"]) for event in steps(run)]


def cut_off(run: Path, step: int) -> None:
    """Make a finished run look as if its process was killed soon after ``step``."""
    for checkpoint in checkpoints_of(RunDirectory(run)):
        if checkpoint.step > step:
            checkpoint.path.unlink()
            checkpoint.checksum.unlink()
    kept = []
    for line in (run / "events.jsonl").read_text().splitlines(keepends=True):
        kept.append(line)
        if json.loads(line)["step"] > step + 1:
            break
    (run / "events.jsonl").write_text("".join(kept)[:-20])  # the last line is torn


def test_a_run_that_was_cut_off_goes_on_as_if_it_had_not_been(run: Any, stem: Path) -> None:
    expected, weights = losses(stem), (stem / "weights/classifier.safetensors").read_bytes()
    cut_off(stem, step=checkpoints_of(RunDirectory(stem))[0].step)
    (stem / "weights/classifier.safetensors").unlink()
    done = run("resume", "stem", "--no-ui")
    assert (done.returncode, done.stderr) == (0, "")
    assert losses(stem) == expected
    assert (stem / "weights/classifier.safetensors").read_bytes() == weights
    again = run("resume", "stem", "--no-ui")
    assert again.returncode == 2
    assert again.stderr.startswith("mnist-tui: stem: the run has finished, at step ")


def test_a_run_is_done_again_and_compared(
    run: Any, trained_gan: tuple[object, Path], tmp_path: Path
) -> None:
    shutil.copytree(trained_gan[1] / "mine", tmp_path / "one")
    same = run("rerun", "one")
    assert same.returncode == 0
    assert same.stderr == ""
    assert same.stdout.startswith("identical to the bit: one at step 12, ")
    newest = checkpoints_of(RunDirectory(tmp_path / "one"))[-1]
    saved = read_checkpoint(newest.path)
    saved.arrays["generator/0.bias"][0] += 1e-3
    write_checkpoint(newest.path, saved)
    other = run("rerun", "one")
    assert other.returncode == 1
    assert "different: one at step 12" in other.stdout
    assert "1 of 42 arrays (generator/0.bias...)" in other.stdout


def test_a_branch_begins_at_a_checkpoint_with_other_settings(
    run: Any, stem: Path, tmp_path: Path
) -> None:
    first = checkpoints_of(RunDirectory(stem))[0].step
    setting = "classifier.optimizer.learning_rate = 1e-4"
    done = run("branch", "stem", "--step", "1", "--set", setting, "--no-ui", "--run-dir", "twig")
    assert done.returncode == 0
    twig = RunDirectory(tmp_path / "twig")
    parent = twig.read_info().parent
    assert parent is not None
    assert (parent.run, parent.step) == (str(stem), first)
    assert "learning_rate = 0.0001" in twig.recipe.read_text()
    steps = losses(twig.path)
    assert steps[0][0] == first + 1
    assert steps[1] != losses(stem)[first + 1]  # the first step still has the old weights' loss
    assert run("rerun", "twig").returncode == 0


@pytest.mark.usefixtures("stem")
def test_what_cannot_branch_off_is_told(run: Any) -> None:
    for options, words in (
        ((), "is the end of 3 epochs already; train longer with more epochs (--epochs), or branch"),
        (("--set", "classifier.optimizer.speed = 3"), "classifier.optimizer.speed"),
        (("--set", "epochs"), "is not TOML"),
        (("--epochs", "4", "--set", 'classifier.layers = ["linear 10"]'), "cannot go on from its"),
    ):
        done = run("branch", "stem", "--no-ui", *options)
        assert done.returncode == 2
        assert words in done.stderr
        assert len(done.stderr.splitlines()) <= 2  # where it branches off, and why not


def test_what_cannot_be_done_again_is_told(run: Any, stem: Path) -> None:
    for checkpoint in checkpoints_of(RunDirectory(stem)):
        checkpoint.path.write_bytes(checkpoint.path.read_bytes()[:-1])
    done = run("rerun", "stem")
    assert done.returncode == 2
    assert "is damaged, its checksum is another; there is nothing to compare with" in done.stderr
    nothing = run("resume", "nowhere", "--no-ui")
    assert nothing.returncode == 2
    assert nothing.stderr.startswith("mnist-tui: nowhere is a path of no run, and runs holds none")


def test_other_images_are_refused(run: Any, stem: Path) -> None:
    newest = checkpoints_of(RunDirectory(stem))[-1]
    saved = read_checkpoint(newest.path)
    details = msgspec.structs.replace(saved.details, data="0" * 64)
    write_checkpoint(newest.path, saved._replace(details=details))
    done = run("rerun", "stem")
    assert done.returncode == 2
    assert "the images are not those that the run was trained on" in done.stderr


def test_a_branch_says_which_checkpoints_there_are(run: Any, stem: Path, tmp_path: Path) -> None:
    steps = [checkpoint.step for checkpoint in checkpoints_of(RunDirectory(stem))]
    listed = f"its checkpoints are of steps {', '.join(map(str, steps))}"
    near = run("branch", "stem", "--step", "3", "--no-ui", "--run-dir", "twig")
    assert near.returncode == 0
    assert f"at step {steps[0]}, the nearest to 3; {listed}\n" in near.stderr
    late = run("branch", "stem", "--no-ui", "--run-dir", "other")
    assert late.returncode == 2
    assert late.stderr.endswith(f"or branch off earlier (--step); {listed}\n")
    assert not (tmp_path / "other").exists()


def test_a_branch_says_which_factor_it_takes_over(run: Any, stem: Path, tmp_path: Path) -> None:
    newest = checkpoints_of(RunDirectory(stem))[-1]
    saved = read_checkpoint(newest.path)
    progress = msgspec.structs.replace(saved.details.progress, factors={"classifier": 0.5})
    details = msgspec.structs.replace(saved.details, progress=progress)
    write_checkpoint(newest.path, saved._replace(details=details))
    branch = run("branch", "stem", "--epochs", "4", "--no-ui", "--run-dir", "twig")
    assert branch.returncode == 0
    factor = "; the rate of the classifier is its schedule × 0.5 there, and "
    assert branch.stderr.endswith(f"{factor}stays so; --lr takes it back\n")
    other = run("branch", "stem", "--epochs", "4", "--lr", "0.02", "--no-ui", "--run-dir", "other")
    assert other.returncode == 0
    assert other.stderr.endswith(f"{factor}that is taken back\n")
    halved, given = (
        steps(tmp_path / name)[0]["learning_rates"]["classifier"] for name in ("twig", "other")
    )
    recipe = RunDirectory(stem).read_recipe()
    scheduled = recipe.networks["classifier"].optimizer.learning_rate
    assert halved / given == pytest.approx(0.5 * scheduled / 0.02)
