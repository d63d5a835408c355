"""Over-fitting: a network learns 500 images by heart.

Measured with seed 0: TODO
"""

from __future__ import annotations

from mnist_engine.runs.history import Curve
from mnist_engine.runs.state import Snapshot
from mnist_tui.lessons.lesson import Lesson, epoch_measure, telling
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
        Card(
            "You stopped here",
            "Remember the validation loss. Now see what more training would have brought.",
            at=("losses", "accuracy"),
            tell=_AFTER,
            holds=True,
        ),
        Card(
            "More of the same",
            "The training loss goes on falling, by ever smaller steps to nothing. Watch the "
            "validation loss, until it is a quarter above its lowest.",
            at=("losses", "accuracy"),
            until=validation_loss_rose(0.25),
            tell=_AFTER,
            holds=False,
        ),
        Card(
            "Over-fitting",
            "It knows its 500 images by heart, and has become surer about all others, also where "
            "it is wrong: its accuracy hardly changes, but its mistakes cost more. To stop where "
            "the validation loss is lowest is called early stopping. What helps besides: more "
            "images, shifted copies, dropout, weight decay (see: mnist-tui recipes mlp-best). The "
            "run goes on; {quit} leaves.",
            at=("losses", "accuracy"),
            tell=_AFTER,
            holds=True,
        ),
    ),
)
