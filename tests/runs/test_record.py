"""A run on disk: what is written, that it reads back, and that nothing is lost however it ends."""

from __future__ import annotations

import re
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
import safetensors.numpy
from PIL import Image

from mnist_engine.autograd import Tensor
from mnist_engine.data.dataset import Dataset
from mnist_engine.errors import BadInput, CannotRecord
from mnist_engine.recipes import AnyRecipe, load_recipe
from mnist_engine.recipes.files import recipe_from
from mnist_engine.recipes.layers import Sizes
from mnist_engine.recipes.networks import build_networks
from mnist_engine.recipes.overrides import override
from mnist_engine.runs import record as recording
from mnist_engine.runs.directory import (
    RunDirectory,
    RunInfo,
    check_unused,
    create_run,
    reserve_run_path,
)
from mnist_engine.runs.pictures import BACKGROUND, GAP, grid_of, save_grid
from mnist_engine.runs.record import record
from mnist_engine.training import TrainControl, Trainer, make_trainer
from mnist_engine.training.events import (
    AnyEvent,
    CheckpointSaved,
    EpochDone,
    Event,
    Finished,
    SamplesDrawn,
    Started,
    StepDone,
)

FULL_DISK = Path("/dev/full")


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    """Noise in the form of MNIST: what is learned does not matter here."""
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (5_100, 28, 28), dtype=np.uint8)
    labels = rng.integers(0, 10, 5_100, dtype=np.uint8)
    labels[:10] = np.arange(10)
    return Dataset("noise", images, labels, images[:100], labels[:100])


def recipe_of(name: str, epochs: int = 2) -> AnyRecipe:
    """Five steps an epoch."""
    return override(load_recipe(name), epochs=epochs, batch_size="20", limit=100, threads=1)


def begin(path: Path, dataset: Dataset, name: str = "mlp") -> tuple[Trainer, Iterator[Event]]:
    recipe = recipe_of(name)
    trainer = make_trainer(recipe, dataset, TrainControl())
    return trainer, record(trainer, create_run(recipe, path))


def logged(path: Path) -> list[Event]:
    lines = (path / "events.jsonl").read_bytes().splitlines()
    return [msgspec.json.decode(line, type=AnyEvent) for line in lines]


def weights_on_disk(path: Path, name: str) -> dict[str, Any]:
    return safetensors.numpy.load_file(path / "weights" / f"{name}.safetensors")


def saved_are_the_networks(path: Path, trainer: Trainer) -> bool:
    for name, network in trainer.saved_networks().items():
        on_disk, own = weights_on_disk(path, name), network.state_dict()
        assert on_disk.keys() == own.keys()
        for key, array in own.items():
            np.testing.assert_array_equal(on_disk[key], array)
    return True


# --- a whole run --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["mlp", "conditional-dense"])
def test_a_run_leaves_all_that_it_was(name: str, tmp_path: Path, dataset: Dataset) -> None:
    run = tmp_path / "run"
    trainer, events = begin(run, dataset, name)
    seen = list(events)

    files = sorted(str(path.relative_to(run)) for path in run.rglob("*") if path.is_file())
    networks = sorted(f"weights/{network}.safetensors" for network in trainer.saved_networks())
    checkpoints = [f"checkpoints/step-{step:08}" for step in (5, 10)]
    assert files == [
        *(f"{name}.{kind}" for name in checkpoints for kind in ("safetensors", "sha256")),
        "events.jsonl",
        "recipe.toml",
        "run.json",
        "samples/epoch-0001.png",
        "samples/epoch-0002.png",
        *networks,
    ]
    kept = tomllib.loads((run / "recipe.toml").read_text(encoding="utf-8"))
    assert recipe_from(kept, "recipe.toml") == recipe_of(name)
    info = msgspec.json.decode((run / "run.json").read_bytes(), type=RunInfo)
    assert (info.format, info.recipe, info.threads, info.numpy) == (1, name, 1, np.__version__)
    assert saved_are_the_networks(run, trainer)
    *_, checkpoint, finished = seen
    assert isinstance(checkpoint, CheckpointSaved)
    assert (run / checkpoint.file).is_dir()
    assert isinstance(finished, Finished)


@pytest.mark.parametrize("name", ["mlp", "conditional-dense"])
def test_the_log_reads_back_to_the_events(name: str, tmp_path: Path, dataset: Dataset) -> None:
    seen = list(begin(tmp_path / "run", dataset, name)[1])
    expected = [
        msgspec.structs.replace(event, images=b"") if isinstance(event, SamplesDrawn) else event
        for event in seen
        if not isinstance(event, SamplesDrawn) or event.epoch_end
    ]
    assert logged(tmp_path / "run") == expected
    assert sum(isinstance(event, SamplesDrawn) for event in expected) == 2
    assert sum(isinstance(event, SamplesDrawn) for event in seen) > 2, "the screen sees more"


def test_kept_grids_are_the_pictures_that_were_seen(tmp_path: Path, dataset: Dataset) -> None:
    run = tmp_path / "run"
    seen = list(begin(run, dataset, "conditional-dense")[1])
    kept = [event for event in seen if isinstance(event, SamplesDrawn) and event.file]
    assert [event.file for event in kept] == ["samples/epoch-0001.png", "samples/epoch-0002.png"]
    for event in kept:
        with Image.open(run / event.file) as picture:
            grid = np.asarray(picture)
        images = np.frombuffer(event.images, np.uint8).reshape(10, 10, 28, 28)
        for row in range(10):
            for column in range(10):
                top, left = GAP + row * (28 + GAP), GAP + column * (28 + GAP)
                part = grid[top : top + 28, left : left + 28]
                np.testing.assert_array_equal(part, images[row, column])


def test_a_grid_may_end_in_the_midst_of_a_row(tmp_path: Path) -> None:
    images = np.arange(3 * 2 * 4, dtype=np.uint8).reshape(3, 2, 4)
    samples = SamplesDrawn(
        step=0, epoch=1, count=3, image_shape=(2, 4), columns=2, images=images.tobytes()
    )
    grid = grid_of(samples)
    assert grid.shape == (2 * (2 + GAP) + GAP, 2 * (4 + GAP) + GAP)
    np.testing.assert_array_equal(grid[GAP : GAP + 2, 4 + 2 * GAP : 8 + 2 * GAP], images[1])
    np.testing.assert_array_equal(grid[4 + GAP : 6 + GAP, GAP : GAP + 4], images[2])
    assert (grid[4 + GAP :, 4 + 2 * GAP :] == BACKGROUND).all()
    save_grid(samples, tmp_path / "grid.png")
    with Image.open(tmp_path / "grid.png") as picture:
        assert picture.mode == "L"
        np.testing.assert_array_equal(np.asarray(picture), grid)


def test_weights_have_pytorchs_names_and_layouts(tmp_path: Path, dataset: Dataset) -> None:
    list(begin(tmp_path / "run", dataset, "conditional-dense")[1])
    batch_norm = {
        "weight": (),
        "bias": (),
        "running_mean": (),
        "running_var": (),
        "num_batches_tracked": None,
    }

    def norm(number: int, features: int) -> dict[str, tuple[int, ...]]:
        return {
            f"{number}.{name}": () if shape is None else (features,)
            for name, shape in batch_norm.items()
        }

    generator = {
        "0.weight": (128, 110),
        "0.bias": (128,),
        **norm(1, 128),
        "3.weight": (256, 128),
        "3.bias": (256,),
        **norm(4, 256),
        "6.weight": (784, 256),
        "6.bias": (784,),
    }
    discriminator = {
        "0.weight": (256, 794),
        "0.bias": (256,),
        "2.weight": (128, 256),
        "2.bias": (128,),
        "4.weight": (1, 128),
        "4.bias": (1,),
    }
    for name, shapes in (
        ("generator", generator),
        ("generator-average", generator),
        ("discriminator", discriminator),
    ):
        state = weights_on_disk(tmp_path / "run", name)
        assert {key: array.shape for key, array in state.items()} == shapes
        assert state.get("1.num_batches_tracked", np.int64()).dtype == np.int64
        floats = [array for key, array in state.items() if "num_batches" not in key]
        assert {array.dtype for array in floats} == {np.dtype(np.float32)}


@pytest.mark.parametrize("name", ["mlp", "conditional-dense"])
def test_loaded_weights_give_the_same_outputs(name: str, tmp_path: Path, dataset: Dataset) -> None:
    run = tmp_path / "run"
    trainer, events = begin(run, dataset, name)
    list(events)
    rng = np.random.default_rng(99)
    fresh = build_networks(recipe_of(name), Sizes(), rng, rng)
    for network, module in fresh.items():
        module.load_state_dict(weights_on_disk(run, network))
        width = module.state_dict()["0.weight"].shape[1]
        x = rng.standard_normal((7, width)).astype(np.float32)
        trained = trainer.saved_networks()[network].eval()
        np.testing.assert_array_equal(
            module.eval()(Tensor.wrap(x)).data, trained(Tensor.wrap(x)).data
        )


# --- a run that ends otherwise ------------------------------------------------------------------


def test_a_stopped_run_is_kept_whole(tmp_path: Path, dataset: Dataset) -> None:
    run = tmp_path / "run"
    trainer, events = begin(run, dataset)
    for event in events:
        if event.step == 7:
            trainer.control.stop()
    assert saved_are_the_networks(run, trainer)
    assert (run / "samples" / "step-000007.png").is_file()
    last = logged(run)[-1]
    assert isinstance(last, Finished)
    assert (last.ending, last.step) == ("stopped", 7)


def test_giving_up_the_iteration_loses_nothing(tmp_path: Path, dataset: Dataset) -> None:
    run = tmp_path / "run"
    trainer, events = begin(run, dataset)
    seen = 0
    for event in events:
        seen += isinstance(event, StepDone)
        if event.step == 7:
            break
    del events, event  # what a `for` over it would do at its end
    assert saved_are_the_networks(run, trainer)
    log = logged(run)
    assert sum(isinstance(event, StepDone) for event in log) == seen == 7
    *_, checkpoint, finished = log
    assert isinstance(checkpoint, CheckpointSaved)
    assert isinstance(finished, Finished)
    assert (finished.ending, finished.step, finished.epoch) == ("stopped", 7, 2)


def test_closing_a_run_that_is_over_adds_nothing(tmp_path: Path, dataset: Dataset) -> None:
    run = tmp_path / "run"
    _, events = begin(run, dataset)
    for event in events:
        if isinstance(event, Finished):
            break
    del events
    *_, samples, checkpoint, weights, finished = logged(run)
    assert isinstance(samples, SamplesDrawn)
    files = ["checkpoints/step-00000010.safetensors", "weights"]
    assert [each.file for each in (checkpoint, weights)] == files  # type: ignore[attr-defined]
    assert isinstance(finished, Finished)


@pytest.mark.parametrize("fault", [MemoryError("too wide"), KeyboardInterrupt()])
def test_what_breaks_training_is_passed_on_and_the_weights_are_saved(
    fault: BaseException, tmp_path: Path, dataset: Dataset
) -> None:
    run = tmp_path / "run"
    trainer, events = begin(run, dataset)
    step = trainer.step

    def breaks(*arguments: Any) -> Any:
        if trainer.steps_done == 6:
            raise fault
        return step(*arguments)

    trainer.step = breaks  # type: ignore[method-assign]
    with pytest.raises(type(fault)):
        list(events)
    assert saved_are_the_networks(run, trainer)
    log = logged(run)
    assert isinstance(log[-1], CheckpointSaved)
    assert log[-1].step == 6
    assert not any(isinstance(event, Finished) for event in log), "it did not finish"


def test_somebody_who_insists_leaves_at_once(tmp_path: Path, dataset: Dataset) -> None:
    run = tmp_path / "run"
    trainer, events = begin(run, dataset)

    def insists(*_: Any) -> Any:
        raise SystemExit(130)

    trainer.step = insists  # type: ignore[method-assign]
    with pytest.raises(SystemExit):
        list(events)
    assert list((run / "weights").iterdir()) == []
    assert isinstance(logged(run)[0], Started)


@pytest.mark.skipif(not FULL_DISK.exists(), reason="nothing here that is always full")
def test_a_full_disk_is_one_line(tmp_path: Path, dataset: Dataset) -> None:
    run = tmp_path / "run"
    trainer, events = begin(run, dataset)
    (run / "events.jsonl").symlink_to(FULL_DISK)
    with pytest.raises(CannotRecord) as fault:
        list(events)
    assert str(fault.value) == (
        f"{run / 'events.jsonl'}: cannot be written (No space left on device); training has ended; "
        f"once it can be, `mnist-tui resume {run}` goes on"
    )
    assert saved_are_the_networks(run, trainer), "there may be room for them elsewhere"


def test_a_folder_that_vanishes_is_one_line(tmp_path: Path, dataset: Dataset) -> None:
    run = tmp_path / "run"
    _, events = begin(run, dataset)
    next(iter(events))
    (run / "samples").rmdir()
    grid = re.escape(str(run / "samples" / "epoch-0001.png"))
    with pytest.raises(CannotRecord, match=f"^{grid}: cannot be written"):
        list(events)


def test_a_reader_of_the_log_is_hardly_behind(
    tmp_path: Path, dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Steps are written together; anything else, or a second, brings all to the disk."""
    now = [0.0]
    monkeypatch.setattr(recording.time, "monotonic", lambda: now[0])
    run = tmp_path / "run"
    lines = {}
    for event in begin(run, dataset)[1]:
        if isinstance(event, StepDone | EpochDone) and event.step <= 5:
            written = (run / "events.jsonl").read_bytes().count(b"\n")
            lines[type(event).__name__, event.step] = written
        now[0] += 2.0 * (event.step == 2)  # so that step 3 comes two seconds later
    assert lines == {
        ("StepDone", 1): 1,
        ("StepDone", 2): 1,
        ("StepDone", 3): 4,
        ("StepDone", 4): 4,
        ("StepDone", 5): 4,
        ("EpochDone", 5): 7,
    }


# --- directories --------------------------------------------------------------------------------


def test_a_directory_that_is_used_is_refused(tmp_path: Path) -> None:
    recipe = recipe_of("mlp")
    create_run(recipe, tmp_path / "run")
    with pytest.raises(BadInput, match=r"run: holds a run already; give a new directory"):
        create_run(recipe, tmp_path / "run")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.txt").touch()
    for path in (tmp_path / "full", tmp_path / "full" / "thesis.txt"):
        with pytest.raises(BadInput, match=r"is not an empty directory; give a new directory"):
            check_unused(path)
    assert [p.name for p in (tmp_path / "full").iterdir()] == ["thesis.txt"]


def test_an_empty_or_missing_directory_is_taken(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for path in (tmp_path / "empty", tmp_path / "a" / "new" / "one"):
        run = create_run(recipe_of("mlp"), path)
        assert run.info.is_file()


def test_a_directory_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path in (tmp_path / "file" / "below", tmp_path / ("x" * 300)):
        with pytest.raises(BadInput, match=r"a run cannot be kept here \(.*\); give a directory"):
            create_run(recipe_of("mlp"), path)


def test_of_two_runs_that_begin_at_once_one_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mnist_engine.runs.directory.check_unused", lambda path: None)
    create_run(recipe_of("mlp"), tmp_path / "run")
    with pytest.raises(BadInput, match="File exists"):
        create_run(recipe_of("mlp"), tmp_path / "run")


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("mlp", "mlp"),
        ("größer 2.0", "größer-2.0"),
        ("../../etc/passwd", "etc-passwd"),
        ("a/b\\c:d", "a-b-c-d"),
        ("...", "recipe"),
        ("", "recipe"),
        ("x" * 300, "x" * 40),
        ("日" * 300, "日" * 40),
    ],
)
def test_a_name_becomes_one_harmless_part_of_a_path(name: str, stem: str, tmp_path: Path) -> None:
    path = reserve_run_path(name, tmp_path)
    assert path.parent == tmp_path
    assert re.fullmatch(r"\d{4}-\d\d-\d\d-\d{6}-" + re.escape(stem), path.name)
    assert list(path.iterdir()) == []


def test_runs_of_one_second_are_numbered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "strftime", lambda *_: "now")
    names = []
    for _ in range(3):
        path = reserve_run_path("mlp", tmp_path)
        names.append(path.name)
    assert names == ["now-mlp", "now-mlp-2", "now-mlp-3"]


def test_the_parts_of_a_run_lie_inside_it(tmp_path: Path) -> None:
    run = RunDirectory(tmp_path)
    parts = {run.info, run.recipe, run.events, run.samples, run.weights}
    assert len(parts) == 5
    assert all(part.parent == tmp_path for part in parts)
