"""A run that ended too early goes on where it was, whatever has happened to its files."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mnist_engine.errors import BadInput
from mnist_engine.runs.checkpoints import (
    checkpoints_of,
    newest_whole,
    read_checkpoint,
)
from mnist_engine.runs.directory import RunDirectory, create_run
from mnist_engine.runs.record import record
from mnist_engine.runs.resuming import find_whereabouts, put
from mnist_engine.training import TrainControl, make_trainer
from mnist_engine.training.events import (
    Diverged,
    EpochDone,
    Event,
    Finished,
    Intervened,
    Resumed,
    SamplesDrawn,
    Started,
    StepDone,
    encode_event,
)

from .resumable import (
    Ask,
    Desk,
    alone,
    interventions_of,
    log_of,
    same_weights,
    steered,
    steps_of,
)

pytestmark = pytest.mark.usefixtures("every_epoch_is_saved")
# --- whatever ends it ---------------------------------------------------------------------------


def test_a_run_killed_after_any_event_ends_as_if_nothing_had_been(
    desk: Desk, tmp_path: Path
) -> None:
    whole = create_run(desk.recipe, tmp_path / "whole")
    trainer = desk.trainer()
    killed = []
    for number, event in enumerate(record(trainer, whole)):
        if not isinstance(event, SamplesDrawn | Finished):
            shutil.copytree(whole.path, tmp_path / str(number))  # what SIGKILL would leave
            killed.append(RunDirectory(tmp_path / str(number)))
        steered(trainer.control, event)
    assert len(killed) > 16
    log = log_of(whole)
    for run in killed:
        desk.resume(run, after_step(newest_step(run), steered))
        again = log_of(run)
        assert steps_of(again) == steps_of(log)
        done = {each[1:] for each in interventions_of(again)}
        assert done >= {each[1:] for each in interventions_of(log) if each[2] == "learning rate"}
        assert sum(isinstance(event, EpochDone) for event in again) == 2
        assert isinstance(again[-1], Finished)
        assert same_weights(run, whole)


def newest_step(run: RunDirectory) -> int:
    """The last step of which anything is known: people act on what they have not done yet."""
    done = [each[1] for each in interventions_of(log_of(run))]
    saved, _ = newest_whole(run)
    if saved is not None:
        done += [each.step for each in saved.details.progress.interventions]
    return max(done, default=0)


def after_step(step: int, ask: Ask) -> Ask:
    """``ask``, once more than ``step`` steps were done."""
    return lambda control, event: ask(control, event) if event.step > step else None


def test_a_stopped_run_goes_on_and_may_be_stopped_at_the_same_step_again(
    desk: Desk, tmp_path: Path
) -> None:
    def stop_at_six(control: TrainControl, event: Event) -> None:
        if isinstance(event, StepDone | Resumed) and event.step == 6:
            control.stop()

    run = desk.begin(tmp_path / "run", stop_at_six)
    for _ in range(2):
        desk.resume(run, stop_at_six)
    desk.resume(run)
    log = log_of(run)
    lives = [event for event in log if isinstance(event, Started | Resumed | Finished)]
    assert [(type(event).__name__, event.step) for event in lives] == [
        ("Started", 0),
        ("Finished", 6),
        *[("Resumed", 6), ("Finished", 6)] * 2,
        ("Resumed", 6),
        ("Finished", 8),
    ]
    stops = [each[:3] for each in interventions_of(log)]
    assert stops == [(1, 6, "stop"), (2, 6, "stop"), (3, 6, "stop")]
    assert [step.step for step in steps_of(log)] == list(range(1, 9))
    assert same_weights(run, desk.begin(tmp_path / "whole"))


def test_each_life_is_told_even_if_it_begins_where_the_last_one_began(
    classifier: Desk, tmp_path: Path
) -> None:
    run = classifier.begin(tmp_path / "run", until=6)
    for life in range(2):
        whereabouts = find_whereabouts(run)
        trainer = classifier.trainer()
        put(trainer, whereabouts)
        first = next(record(trainer, run, known=whereabouts.known))
        assert isinstance(first, Resumed)
        assert [e.step for e in log_of(run) if isinstance(e, Resumed)] == [4] * (life + 1)


def test_an_intervention_whose_line_was_lost_is_noted_when_the_run_goes_on(
    classifier: Desk, tmp_path: Path
) -> None:
    """Its checkpoint is written first; a process may be killed between the two."""
    run = classifier.begin(tmp_path / "run", steered, until=4)
    log = log_of(run)
    lines = [encode_event(event) + b"\n" for event in log]
    where = next(at for at, event in enumerate(log) if isinstance(event, Intervened))
    run.events.write_bytes(b"".join(lines[:where]))
    for checkpoint in checkpoints_of(run)[1:]:
        checkpoint.checksum.unlink()
    classifier.resume(run, lambda control, event: None)
    assert interventions_of(log_of(run)) == interventions_of(log)[:1]


# --- an older checkpoint ------------------------------------------------------------------------


def test_what_was_done_after_an_older_checkpoint_is_done_again_from_the_log(
    desk: Desk, tmp_path: Path
) -> None:
    whole = desk.begin(tmp_path / "whole", steered)
    run = desk.begin(tmp_path / "run", steered, until=7)
    before = interventions_of(log_of(run))
    *_, at_four, at_six = checkpoints_of(run)
    assert (at_four.step, at_six.step) == (4, 6)
    at_six.path.write_bytes(at_six.path.read_bytes()[:-1])
    events = desk.resume(run)
    resumed = events[0]
    assert isinstance(resumed, Resumed)
    assert (resumed.step, resumed.logged) == (4, 6)
    assert resumed.faults == (f"{at_six.path}: is damaged, its checksum is another",)
    assert interventions_of(log_of(run)) == before, "each in the log once"
    assert steps_of(log_of(run)) == steps_of(log_of(whole))
    assert same_weights(run, whole)


def test_a_change_asked_for_meanwhile_waits_for_what_is_known_already(
    classifier: Desk, tmp_path: Path
) -> None:
    run = classifier.begin(tmp_path / "run", steered, until=7)
    checkpoints_of(run)[-1].path.write_bytes(b"")

    def at_once(control: TrainControl, event: Event) -> None:
        if isinstance(event, Resumed):
            control.scale_learning_rate(0.125)

    known = find_whereabouts(run)
    assert (known.step, known.logged) == (4, 6)
    classifier.resume(run, at_once)
    changes = [each for each in interventions_of(log_of(run)) if each[2] == "learning rate"]
    assert [(each[1], each[4]) for each in changes] == [(2, 0.5), (6, 2.0), (6, 0.25)]


def test_without_any_whole_checkpoint_a_run_begins_anew_and_says_why(
    desk: Desk, tmp_path: Path
) -> None:
    whole = desk.begin(tmp_path / "whole", steered)
    run = desk.begin(tmp_path / "run", steered, until=7)
    for checkpoint in checkpoints_of(run):
        checkpoint.path.write_bytes(b"")
    count = len(checkpoints_of(run))
    resumed = desk.resume(run)[0]
    assert isinstance(resumed, Resumed)
    assert (resumed.step, resumed.logged, len(resumed.faults)) == (0, 6, count)
    assert same_weights(run, whole)
    assert steps_of(log_of(run)) == steps_of(log_of(whole))


def test_a_run_killed_before_its_first_line_begins(classifier: Desk, tmp_path: Path) -> None:
    run = create_run(classifier.recipe, tmp_path / "run")
    assert isinstance(classifier.resume(run)[0], Started)
    assert same_weights(run, classifier.begin(tmp_path / "whole"))


@pytest.mark.parametrize(
    "torn", [b'{"event":"step","st', b"\xff\x00", b'{"event":"step","step":9}']
)
def test_a_torn_last_line_costs_nothing(torn: bytes, classifier: Desk, tmp_path: Path) -> None:
    whole = classifier.begin(tmp_path / "whole")
    run = classifier.begin(tmp_path / "run", until=6)
    with run.events.open("ab") as log:
        log.write(torn)
    classifier.resume(run)
    assert steps_of(log_of(run)) == steps_of(log_of(whole))
    assert same_weights(run, whole)


def test_a_line_may_lack_nothing_but_its_end(classifier: Desk, tmp_path: Path) -> None:
    run = classifier.begin(tmp_path / "run", until=6)
    run.events.write_bytes(run.events.read_bytes().rstrip(b"\n"))
    classifier.resume(run)
    whole = classifier.begin(tmp_path / "whole")
    assert steps_of(log_of(run)) == steps_of(log_of(whole))


# --- what is refused ----------------------------------------------------------------------------


def test_a_finished_run_is_refused_with_the_way_out(desk: Desk, tmp_path: Path) -> None:
    run = desk.begin(tmp_path / "run")
    for _ in range(2):  # with its last checkpoint, and without
        with pytest.raises(BadInput) as fault:
            find_whereabouts(run)
        assert str(fault.value) == (
            f"{run.path}: the run has finished, at step 8; to train longer, branch off: "
            f"`mnist-tui branch {run.path} --epochs N`"
        )
        checkpoints_of(run)[-1].checksum.unlink()


def test_a_finished_run_of_which_the_disk_took_the_log_alone_goes_on(
    classifier: Desk, tmp_path: Path
) -> None:
    whole = classifier.begin(tmp_path / "whole")
    run = classifier.begin(tmp_path / "run")
    checkpoints_of(run)[-1].checksum.unlink()
    lines = run.events.read_bytes().splitlines(keepends=True)
    kept = [line for line in lines if not line.startswith(b'{"event":"checkpoint","step":8')]
    assert len(lines) - len(kept) == 2, "of the checkpoint and of the weights"
    run.events.write_bytes(b"".join(kept))
    events = classifier.resume(run)
    assert (events[0].step, events[-1].step) == (4, 8)
    assert same_weights(run, whole)


def test_a_diverged_run_is_refused_with_the_way_out(
    make_recipe: Any, make_dataset: Any, tmp_path: Path
) -> None:
    optimizer = {"kind": "sgd", "learning_rate": 1e6, "momentum": 0.9}
    recipe = make_recipe(
        "classify", classifier={"optimizer": optimizer}, loss="sum-squared-error", epochs=50
    )
    run = create_run(recipe, tmp_path / "run")
    trainer = make_trainer(recipe, make_dataset(), TrainControl())
    diverged = next(event for event in list(record(trainer, run)) if isinstance(event, Diverged))
    with pytest.raises(BadInput) as fault:
        find_whereabouts(run)
    assert str(fault.value) == (
        f"{run.path}: the run diverged at step {diverged.step}, and would again; branch off "
        f"with a lower rate: `mnist-tui branch {run.path} --lr RATE`"
    )


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda text: text + b"# mine\n", "is damaged or was changed"),
        (lambda text: b"\xff", "is damaged or was changed"),
        (None, "cannot be read (No such file or directory)"),
    ],
)
def test_a_changed_recipe_is_passed_over_for_the_checkpoints(
    change: Callable[[bytes], bytes] | None, told: str, classifier: Desk, tmp_path: Path
) -> None:
    run = classifier.begin(tmp_path / "run", until=6)
    if change is None:
        run.recipe.unlink()
    else:
        run.recipe.write_bytes(change(run.recipe.read_bytes()))
    assert find_whereabouts(run).recipe == classifier.recipe
    resumed = classifier.resume(run)[0]
    assert isinstance(resumed, Resumed)
    assert resumed.faults == (f"{run.recipe}: {told}; the checkpoint's recipe is taken",)
    assert same_weights(run, classifier.begin(tmp_path / "whole"))


def test_a_changed_recipe_is_refused_where_no_checkpoint_has_it(
    classifier: Desk, tmp_path: Path
) -> None:
    run = classifier.begin(tmp_path / "run", until=2)
    assert checkpoints_of(run) == []
    content = run.recipe.read_bytes()
    told = f"^{run.recipe}: is damaged or was changed, its checksum is another than run.json says"
    for changed in (content.replace(b"0.1", b"0.2"), b""):
        run.recipe.write_bytes(changed)
        with pytest.raises(BadInput, match=told):
            find_whereabouts(run)
    run.recipe.unlink()
    with pytest.raises(BadInput, match=f"^{run.recipe}: cannot be read .*, and there is no check"):
        find_whereabouts(run)
    run.recipe.write_bytes(content)
    assert find_whereabouts(run).recipe == classifier.recipe


def test_other_images_or_labels_are_refused(
    classifier: Desk, tmp_path: Path, make_dataset: Any
) -> None:
    run = classifier.begin(tmp_path / "run", until=6)
    whereabouts = find_whereabouts(run)
    dataset = make_dataset()
    images, labels = dataset.train_images.copy(), dataset.train_labels.copy()
    images[0, 1, 1] ^= 1
    labels[:2] = labels[:2][::-1].copy()
    for change in ({"train_images": images}, {"train_labels": labels}):
        changed = dataclasses.replace(dataset, **change)
        other = make_trainer(classifier.recipe, changed, TrainControl())
        with pytest.raises(BadInput, match=r"^recipe small: the images are not those that the run"):
            put(other, whereabouts)


def test_a_checkpoint_of_other_networks_is_refused(
    classifier: Desk, tmp_path: Path, make_recipe: Any
) -> None:
    run = classifier.begin(tmp_path / "run", until=6)
    whereabouts = find_whereabouts(run)
    layers = ["linear 4", "relu", "linear classes"]
    other = make_recipe("classify", classifier={"layers": layers})
    trainer = make_trainer(other, classifier.dataset, TrainControl())
    with pytest.raises(BadInput, match=r"^the checkpoint at step 4: the state does not fit"):
        put(trainer, whereabouts)


def test_a_wild_step_in_the_log_does_not_make_people_wait_for_it(
    classifier: Desk, tmp_path: Path
) -> None:
    run = classifier.begin(tmp_path / "run", alone, until=7)
    content = run.events.read_bytes()
    run.events.write_bytes(content + b'{"event":"step","step":999999,"epoch":1,"losses":{},')
    with run.events.open("ab") as log:
        log.write(b'"learning_rates":{}}\n')
    assert find_whereabouts(run).logged <= 8
    assert read_checkpoint(checkpoints_of(run)[-1].path).details.progress.steps == 4
