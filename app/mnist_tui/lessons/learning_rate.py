"""The learning rate: too small, right, too large, and what too large leaves behind.

Measured with seed 0: after 500 steps at 0.01 the loss is 0.91, after 500 more at 0.16 it is 0.23.
Within 300 steps at 5.12 it is 2.31, and after 500 more at 0.01 it still is 2.30. Where keys are
pressed some steps later the last two are 2.0 to 2.5, with 99 to 100% of the hidden units silent.
"""

from __future__ import annotations

from mnist_engine.runs.state import Snapshot
from mnist_tui.lessons.lesson import (
    Lesson,
    as_scheduled,
    epoch_measure,
    factor_of,
    key_card,
    mean_loss,
    read_card,
    steps_more,
    telling,
    turned_up,
    watch_card,
)

RECIPE = """
task = "classify"
name = "lesson-learning-rate"
summary = "plain gradient descent, with a rate that is too small to begin with"
epochs = 40
threads = 1

[data]
batch_size = 128
pixels = "unit"
limit = 20000
held_out = 2000

[classifier]
layers = ["linear 512", "relu", "linear classes"]
optimizer = { kind = "sgd", learning_rate = 0.01 }
"""

_LOSS = telling(
    training_loss=mean_loss("classifier"),
    validation_accuracy=epoch_measure("validation accuracy", ".1%"),
)


def _silent_units(snapshot: Snapshot) -> str:
    looked = snapshot.inspected
    return f"{looked.silent['classifier.1']:.0%}" if looked and looked.silent else ""


_AFTERWARDS = telling(
    training_loss=mean_loss("classifier"),
    validation_accuracy=epoch_measure("validation accuracy", ".1%"),
    hidden_units_that_are_0_for_all_images=_silent_units,
)

_TURNED = telling(learning_rate=factor_of("classifier"))

LEARNING_RATE = Lesson(
    "learning-rate",
    "gradient descent with a learning rate that is too small, right, and too large",
    RECIPE,
    (
        watch_card(
            "Downhill, in small steps",
            "Each step moves every weight against its gradient, by the learning rate times the "
            "gradient: here 0.01. That is the right direction, but watch how slowly the loss "
            "falls. 500 steps.",
            ("losses",),
            steps_more(500),
            _LOSS,
        ),
        key_card(
            "Longer steps",
            "Press {raise} four times: each doubles the learning rate, so that it becomes 0.16.",
            ("raise",) * 4,
            turned_up("classifier", 16.0),
            _TURNED,
        ),
        watch_card(
            "As many steps again",
            "The same downhill, sixteen times faster: see the loss bend down where you turned it.",
            ("losses",),
            steps_more(500),
            _LOSS,
        ),
        key_card(
            "If more is better ...",
            "... then press {raise} five times more: 5.12.",
            ("raise",) * 5,
            turned_up("classifier", 512.0),
            _TURNED,
        ),
        watch_card(
            "Too long",
            "The gradient is right only near the point where it was taken. A step this long jumps "
            "across the valley and up the other side, further each time. 300 steps.",
            ("losses",),
            steps_more(300),
            _AFTERWARDS,
        ),
        key_card(
            "Back",
            "Take the learning rate back: {schedule} is the schedule's, 0.01.",
            ("schedule",),
            as_scheduled("classifier"),
            _TURNED,
        ),
        watch_card(
            "Does it recover?",
            "500 steps at 0.01.",
            ("losses",),
            steps_more(500),
            _AFTERWARDS,
        ),
        read_card(
            "What is left",
            "The loss stays near 2.30 = ln 10, that of guessing: the long steps pushed the weights "
            "so far that nearly all hidden units are 0 for every image. A unit that is always 0 "
            "has no gradient, and never comes back. So: begin small, watch for the first jump of "
            "the loss, keep checkpoints. The run goes on; {quit} leaves.",
            ("losses",),
            _AFTERWARDS,
        ),
    ),
)
