"""The losses, step by step, with a mark wherever somebody changed the course."""

from __future__ import annotations

from mnist_engine.runs.state import Snapshot
from mnist_tui.figures import loss
from mnist_tui.monitor.curves import loss_series, marks
from mnist_tui.monitor.panels.plot import PlotPanel
from mnist_tui.render.plot import Mark, Series


class LossPlot(PlotPanel):
    """Loss of each network per step; for a classifier also the validation loss of each epoch."""

    def names(self, snapshot: Snapshot) -> tuple[str, ...]:
        """Always the same."""
        return "Loss per step", "Loss"

    def series(self, snapshot: Snapshot) -> list[Series]:
        """D's and G's, or the training's and the validation's."""
        return loss_series(snapshot, self.palette)

    def marks(self, snapshot: Snapshot) -> list[Mark]:
        """What people did."""
        return marks(snapshot)

    def figure(self, value: float, alone: bool) -> str:
        """Three decimals, unless it has run away."""
        return loss(value)
