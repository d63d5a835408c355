"""All panels: their keys, what they are called, and how much room they want."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mnist_engine.training.events import Task
from mnist_tui.monitor.board.arranging import Slot
from mnist_tui.monitor.panels.accuracy import AccuracyPlot
from mnist_tui.monitor.panels.classes import ClassAccuracy, ClassShares
from mnist_tui.monitor.panels.confusions import ConfusionMatrix
from mnist_tui.monitor.panels.digits import DigitGrid
from mnist_tui.monitor.panels.distance import DistancePlot
from mnist_tui.monitor.panels.gradients import GradientPlot
from mnist_tui.monitor.panels.log import LogPanel
from mnist_tui.monitor.panels.losses import LossPlot
from mnist_tui.monitor.panels.mistakes import MistakeGallery
from mnist_tui.monitor.panels.panel import RunPanel
from mnist_tui.monitor.panels.verdicts import VerdictPlot
from mnist_tui.monitor.panels.weights import FirstWeights
from mnist_tui.terminal import RenderMode


@dataclass(frozen=True)
class PanelKind:
    """A panel of the runs of one ``task``, or of all.

    ``number`` is its key, of which a task has one panel each; ``name`` is what commands call it.
    """

    number: int
    name: str
    make: Callable[[RenderMode, Task | None], RunPanel]
    slot: Slot
    task: Task | None = None

    def belongs(self, task: Task | None) -> bool:
        """Whether runs of ``task`` have it; a task that nobody knows yet is taken for a GAN's."""
        return self.task in (None, task or "gan")


KINDS = (
    PanelKind(1, "losses", LossPlot, Slot((0, 0), least=8, comfortable=9, weight=3)),
    PanelKind(2, "accuracy", AccuracyPlot, Slot((0, 0), least=7, comfortable=7, weight=2)),
    PanelKind(3, "digits", DigitGrid, Slot((1, 2), least=12, comfortable=15, weight=5)),
    PanelKind(4, "verdicts", VerdictPlot, Slot((0, 1), least=7, comfortable=8, weight=2), "gan"),
    PanelKind(4, "confusions", ConfusionMatrix, Slot((1, 2), least=13, comfortable=13), "classify"),
    PanelKind(6, "classes", ClassShares, Slot((1, 1), least=7, comfortable=9, weight=2), "gan"),
    PanelKind(
        6,
        "class accuracy",
        ClassAccuracy,
        Slot((0, 1), least=7, comfortable=8, weight=2),
        "classify",
    ),
    PanelKind(5, "gradients", GradientPlot, Slot((0, 0), least=7, comfortable=9, weight=2)),
    PanelKind(7, "FID", DistancePlot, Slot((0, 0), least=7, comfortable=9, weight=2), "gan"),
    PanelKind(
        7, "mistakes", MistakeGallery, Slot((1, 1), least=8, comfortable=11, weight=2), "classify"
    ),
    PanelKind(8, "weights", FirstWeights, Slot((1, 1), least=8, comfortable=11, weight=2)),
    PanelKind(9, "log", LogPanel, Slot((0, 1), least=6, comfortable=8)),
)
"""In the order in which they are shown where nobody has asked for any."""
