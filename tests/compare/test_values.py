"""What is compared of a run, over which axis, and which of its values are best."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

from mnist_engine.runs.history import History
from mnist_engine.runs.state import RunState, Snapshot
from mnist_engine.training.events import EpochDone, Event, Finished, Measured, Started, StepDone
from mnist_tui.compare.values import best_value, curves_of, final_value, results_of
from mnist_tui.monitor.axes import over, unit_of_time

STARTED = Started(
    step=0,
    task="gan",
    recipe="dense",
    summary="",
    epochs=3,
    steps_per_epoch=4,
    seed=0,
    threads=1,
    parameters={"generator": 1, "discriminator": 1},
    image_shape=(28, 28),
)


def step(number: int) -> StepDone:
    return StepDone(
        step=number,
        seconds=number**2,
        epoch=1,
        losses={"generator": 1.0 / number, "discriminator": float(number)},
        learning_rates={},
        measures={"D(real)": 0.5},
    )


def epoch(number: int, **measures: float) -> EpochDone:
    return EpochDone(step=4 * number, epoch=number, measures={"generator loss": 9.0, **measures})


def folded(*events: Event) -> Snapshot:
    state = RunState()
    for event in (STARTED, *(step(number) for number in range(1, 13)), *events):
        state.apply(event)
    return state.snapshot()


def test_losses_come_first_and_are_those_of_every_step() -> None:
    curves = curves_of(folded(epoch(1, FID=5.0), Measured(step=4, values={"class KL": 0.1})))
    assert list(curves) == ["discriminator loss", "generator loss", "FID", "D(real)", "class KL"]
    assert len(curves["generator loss"].x) == 12


def test_a_classifiers_loss_of_a_batch_and_that_of_an_epoch_have_names_of_their_own() -> None:
    losses = [0.9, 0.7, 0.5, 0.3]
    state = RunState()
    for event in (
        msgspec.structs.replace(STARTED, task="classify", parameters={"classifier": 1}),
        *(
            StepDone(step=at, epoch=1, losses={"classifier": loss}, learning_rates={})
            for at, loss in enumerate(losses, 1)
        ),
        EpochDone(step=4, epoch=1, measures={"training loss": 0.6, "validation loss": 0.4}),
    ):
        state.apply(event)
    curves = curves_of(state.snapshot())
    assert list(curves) == ["batch loss", "training loss", "validation loss"]
    assert [final_value(name, curve) for name, curve in curves.items()] == [0.3, 0.6, 0.4]


def test_values_of_single_steps_are_averaged_at_the_end() -> None:
    history = History()
    for step in range(1, 1001):
        history.append(step, float(step % 2))
    for name in ("generator loss", "D(real)", "critic(fake)"):
        assert final_value(name, history.curve()) == pytest.approx(0.5, abs=0.1)
    assert final_value("accuracy real", history.curve()) == 0.0


def test_what_is_measured_at_ends_of_epochs_stands_at_their_steps() -> None:
    curve = curves_of(folded(epoch(1, FID=5.0), epoch(3, FID=4.0)))["FID"]
    np.testing.assert_array_equal(curve.x, [4, 12])
    np.testing.assert_array_equal(curve.mean, [5, 4])


@pytest.mark.parametrize("epochs", [(), (1,), (1, 2), (1, 3)])
def test_the_fid_of_the_end_of_a_run_ends_the_curve(epochs: tuple[int, ...]) -> None:
    end = Finished(step=12, epoch=3, ending="completed", measures={"FID": 3.0})
    curve = curves_of(folded(*(epoch(number, FID=5.0) for number in epochs), end))["FID"]
    before = [4 * number for number in epochs if number < 3]
    np.testing.assert_array_equal(curve.x, [*before, 12])
    np.testing.assert_array_equal(curve.mean, [*(5.0 for _ in before), 3.0])


def test_the_best_is_the_lowest_fid_the_highest_accuracy_and_no_loss_of_a_game() -> None:
    measured = [
        epoch(1, **{"FID": 3.0, "validation accuracy": 0.9}),
        epoch(2, **{"FID": 5.0, "validation accuracy": 0.8}),
    ]
    curves = curves_of(folded(*measured))
    assert best_value("FID", curves["FID"]) == 3.0
    assert best_value("validation accuracy", curves["validation accuracy"]) == 0.9
    assert best_value("generator loss", curves["generator loss"]) is None
    assert final_value("FID", curves["FID"]) == 5.0


def test_the_test_set_has_its_say_at_the_end_alone() -> None:
    assert results_of(folded()) == {}
    measures = {"test loss": 0.5, "FID": 3.0}
    end = Finished(step=12, epoch=3, ending="completed", measures=measures, test_accuracy=0.75)
    assert results_of(folded(end)) == {"test loss": 0.5, "test accuracy": 0.75}


def test_a_curve_can_be_drawn_over_epochs_and_over_time() -> None:
    snapshot = folded(epoch(1, FID=5.0), epoch(3, FID=4.0))
    fid = curves_of(snapshot)["FID"]
    np.testing.assert_array_equal(over("step", fid, snapshot).x, [4, 12])
    np.testing.assert_array_equal(over("epoch", fid, snapshot).x, [1, 3])
    np.testing.assert_array_equal(over("time", fid, snapshot).x, [16, 144])


@pytest.mark.parametrize(
    ("seconds", "unit"),
    [(0.5, (1, "s")), (179, (1, "s")), (180, (60, "min")), (7200, (3600, "h"))],
)
def test_time_is_counted_in_a_unit_that_suits(seconds: float, unit: tuple[float, str]) -> None:
    assert unit_of_time(seconds) == unit
