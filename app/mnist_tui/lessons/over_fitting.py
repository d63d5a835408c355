"""Over-fitting: a network learns 500 images by heart.

Measured with seed 0: the validation loss is lowest in epoch 19, 0.374 at a training loss of 0.100;
in epoch 67 it is a quarter above that, at 0.004, and at the end 0.634, at 0.0001. The validation
accuracy is 89.6% in epoch 19 and 89.7% later. (That of the test set is 85.5% in the end: the images
that are held out here, the last of the training set, are easier.)
"""

from __future__ import annotations

from mnist_engine.runs.history import Curve
from mnist_engine.runs.state import Snapshot
from mnist_tui.lessons.lesson import Lesson, epoch_measure, read_card, telling, watch_card
from mnist_tui.monitor.guiding.card import Card, Condition

RECIPE = """
task = "classify"
name = "lesson-over-fitting"
summary = "670,000 weights for 500 images"
epochs = 300
threads = 1

[data]
batch_size = 50
pixels = "unit"
limit = 500
held_out = 2000

[classifier]
layers = ["linear 512", "relu", "linear 512", "relu", "linear classes"]
optimizer = { kind = "adam", learning_rate = 2e-4 }
"""

_BOTH = telling(
    training_loss=epoch_measure("training loss", ".3f"),
    validation_loss=epoch_measure("validation loss", ".3f"),
    validation_accuracy=epoch_measure("validation accuracy", ".1%"),
)


def validation_loss_rose(share: float) -> Condition:
    """The validation loss lies above its lowest by so much of it."""

    def holds(then: Snapshot, now: Snapshot) -> bool:
        curve = now.epochs.get("validation loss")
        return curve is not None and curve.last > (1 + share) * lowest(curve)

    return holds


def lowest(curve: Curve) -> float:
    """The smallest value that a curve ever had."""
    return float(curve.low.min())


def _lowest_validation_loss(snapshot: Snapshot) -> str:
    curve = snapshot.epochs.get("validation loss")
    if curve is None or not len(curve.x):
        return ""
    return f"{lowest(curve):.3f}, about epoch {curve.x[int(curve.low.argmin())]:.0f}"


_AFTER = telling(
    lowest_validation_loss=_lowest_validation_loss,
    training_loss=epoch_measure("training loss", ".4f"),
    validation_loss=epoch_measure("validation loss", ".3f"),
    validation_accuracy=epoch_measure("validation accuracy", ".1%"),
)

OVER_FITTING = Lesson(
    "over-fitting",
    "a network learns 500 images by heart",
    RECIPE,
    (
        Card(
            "Much to learn with, little to learn from",
            "This network has 670,000 weights and 500 images; each epoch shows it all of them. "
            "The training loss is measured on them, the validation loss on 2,000 others. Both "
            "fall. Press {pause} when you think that more training will not help.",
            at=("losses", "accuracy"),
            until=lambda then, now: now.phase == "paused",
            press=("pause",),
            tell=_BOTH,
        ),
        read_card(
            "You stopped here",
            "Remember the validation loss. Now see what more training would have brought.",
            ("losses", "accuracy"),
            _AFTER,
        ),
        watch_card(
            "More of the same",
            "The training loss goes on falling, by ever smaller steps to nothing. Watch the "
            "validation loss, until it is a quarter above its lowest.",
            ("losses", "accuracy"),
            validation_loss_rose(0.25),
            _AFTER,
        ),
        read_card(
            "Over-fitting",
            "It knows its 500 images by heart, and has become surer about all others, also where "
            "it is wrong: its accuracy hardly changes, but its mistakes cost more. To stop where "
            "the validation loss is lowest is called early stopping. What helps besides: more "
            "images, shifted copies, dropout, weight decay (see: mnist-tui recipes mlp-best). The "
            "run goes on; {quit} leaves.",
            ("losses", "accuracy"),
            _AFTER,
        ),
    ),
)
