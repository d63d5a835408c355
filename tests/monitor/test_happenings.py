"""What happened, in words."""

from __future__ import annotations

import pytest

from mnist_engine.training.events import (
    Alarm,
    CheckpointSaved,
    Cleared,
    Diverged,
    EpochDone,
    Event,
    Finished,
    Intervened,
    Resumed,
    SavingFailed,
)
from mnist_tui.monitor.happenings import happening, latest_happenings

EPOCH = EpochDone(step=40, epoch=2, measures={"validation accuracy": 0.9876})
SAVED = CheckpointSaved(step=40, file="checkpoints/step-00000040.safetensors")


@pytest.mark.parametrize(
    ("event", "tone", "text"),
    [
        (EPOCH, "plain", "epoch 2: accuracy 98.76%"),
        (EpochDone(step=1, epoch=1, measures={"training loss": 1.0}), "plain", "epoch 1"),
        (
            EpochDone(
                step=1,
                epoch=1,
                measures={"accuracy real": 0.6, "accuracy generated": 0.7, "FID": 3.5},
            ),
            "plain",
            "epoch 1: D right on 60% real, 70% generated, FID 3.50",
        ),
        (
            EpochDone(step=1, epoch=1, measures={"critic(real)": 6.0, "critic(fake)": -5.9}),
            "plain",
            "epoch 1: D 6.00 real, -5.90 generated",
        ),
        (SAVED, "quiet", "checkpoint saved"),
        (CheckpointSaved(step=1, file="weights"), "quiet", "weights saved"),
        (
            SavingFailed(step=1, file="events.jsonl", reason="disk full"),
            "trouble",
            "events.jsonl is not saved: disk full",
        ),
        (
            Alarm(step=1, name="collapse", level="alarm", text="all digits are alike"),
            "trouble",
            "alarm: collapse: all digits are alike",
        ),
        (Cleared(step=1, name="collapse"), "plain", "over: collapse"),
        (
            Diverged(step=1, network="generator", value="nan"),
            "trouble",
            "diverged: a number of the generator became nan",
        ),
        (Intervened(step=1, what="pause", source="key"), "hand", "pause (by key)"),
        (
            Intervened(step=1, what="step", source="key", network="generator"),
            "hand",
            "step of the generator (by key)",
        ),
        (
            Intervened(
                step=1, what="setting", source="key", setting="label smoothing", before=0, after=0.1
            ),
            "hand",
            "label smoothing: 0 → 0.1 (by key)",
        ),
        (
            Resumed(step=1, logged=2, faults=("step-2: damaged",)),
            "hand",
            "training goes on from here; passed over: step-2: damaged",
        ),
        (
            Finished(step=1, epoch=1, ending="completed", test_accuracy=0.98),
            "plain",
            "finished: test accuracy 98.00%",
        ),
        (Finished(step=1, epoch=1, ending="stopped"), "plain", "stopped"),
    ],
)
def test_an_event_in_words(event: Event, tone: str, text: str) -> None:
    told = happening(event)
    assert told is not None
    assert (told.step, told.tone, told.text) == (event.step, tone, text)


def test_the_newest_comes_first_and_a_checkpoint_of_an_epoch_with_it() -> None:
    later = CheckpointSaved(step=55, file="checkpoints/step-00000055.safetensors")
    told = [(one.step, one.text) for one in latest_happenings((EPOCH, SAVED, later))]
    assert told == [(55, "checkpoint saved"), (40, "epoch 2: accuracy 98.76%; saved")]


def test_a_checkpoint_beside_something_else_stands_alone() -> None:
    pause = Intervened(step=40, what="pause", source="key")
    told = [one.text for one in latest_happenings((EPOCH, pause, SAVED))]
    assert told == ["checkpoint saved", "pause (by key)", "epoch 2: accuracy 98.76%"]
