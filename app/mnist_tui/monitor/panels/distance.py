"""How far generated digits are from real ones, as a judge sees them."""

from __future__ import annotations

from mnist_engine.runs.state import Snapshot
from mnist_tui.monitor.curves import frechet_distances
from mnist_tui.monitor.panels.plot import PlotPanel
from mnist_tui.render.plot import Series


class DistancePlot(PlotPanel):
    """FID at the ends of epochs, with the version of the judge that measured it."""

    def names(self, snapshot: Snapshot) -> tuple[str, ...]:
        """Always the same."""
        return "FID per epoch", "FID"

    def series(self, snapshot: Snapshot) -> list[Series]:
        """Figures of different judges cannot be compared: the curve has the judge's name."""
        judge = snapshot.started.judge if snapshot.started else ""
        label = f"judge {judge}" if judge else "FID"
        return [Series(label, frechet_distances(snapshot), self.palette.second)]

    def figure(self, value: float, alone: bool) -> str:
        """As the summary of a run has it."""
        return f"{value:.2f}"

    def show_news(self, before: Snapshot, now: Snapshot) -> None:
        """It is measured at the ends of some epochs, and at the end of the run."""
        if _length(before) != _length(now) or before.started != now.started:
            self.redraw()

    @property
    def waits_for(self) -> str:
        """It is measured when an epoch ends, if that takes no more than its share of the time."""
        started = self.snapshot.started
        if started is None or started.judge:
            return "at an epoch's end, as time allows"
        return "the judge knows MNIST's digits only"


def _length(snapshot: Snapshot) -> tuple[int, bool]:
    curve = snapshot.epochs.get("FID")
    return len(curve.x) if curve is not None else 0, snapshot.finished is not None
