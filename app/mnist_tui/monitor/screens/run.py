"""What every screen of a run shows: losses, accuracy, digits, and where the run stands."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from mnist_engine.runs.state import Snapshot
from mnist_engine.training.events import Task
from mnist_tui.monitor.screens.viewing import ViewingScreen
from mnist_tui.monitor.standing import Place, Standing
from mnist_tui.monitor.widgets.accuracy_plot import AccuracyPlot
from mnist_tui.monitor.widgets.digit_grid import DigitGrid
from mnist_tui.monitor.widgets.headline import Headline
from mnist_tui.monitor.widgets.key_line import KeyLine
from mnist_tui.monitor.widgets.loss_plot import LossPlot
from mnist_tui.monitor.widgets.status_line import StatusLine
from mnist_tui.monitor.widgets.too_small import TooSmall
from mnist_tui.terminal import RenderMode


class RunScreen(ViewingScreen):
    """Shows snapshots of a run. What a person may do with the run is for the subclasses.

    A snapshot of the ``whole`` run goes with it where the run is known to its end: the plots then
    keep their axes and show how far the snapshot is.
    """

    CSS_PATH = "run.tcss"

    def __init__(self, mode: RenderMode, standing: Standing) -> None:
        super().__init__(mode)
        self.snapshot = Snapshot()
        self.standing = standing
        self._headline = Headline(mode, standing)
        self._status = StatusLine(mode, standing)
        self._losses = LossPlot(mode)
        self._accuracy = AccuracyPlot(mode, standing.task)
        self._digits = DigitGrid(mode, standing.task)
        self._keys = KeyLine(mode)
        self._too_small = TooSmall(mode)

    @property
    def place(self) -> Place:
        """Where the run is seen."""
        return self.standing.place

    @property
    def folder(self) -> Path:
        """The run's directory."""
        return self.standing.run_directory

    @property
    def busy(self) -> bool:
        """Whether nothing can be asked of the trainer any more."""
        return self.standing.ended or self.standing.asked == "saving"

    @property
    def run_task(self) -> Task | None:
        """What is trained, once that is known."""
        return self.snapshot.started.task if self.snapshot.started else self.standing.task

    @property
    def held(self) -> bool:
        """Whether the footer says how to go on instead of how to pause."""
        return self.snapshot.phase == "paused"

    def compose(self) -> ComposeResult:
        """Every widget, once."""
        yield self._headline
        yield self._status
        with Horizontal(id="body"):
            with Vertical(id="plots"):
                yield self._losses
                yield self._accuracy
            yield self._digits
        yield self._keys
        yield self._too_small

    def on_mount(self) -> None:
        """The frame that is seen while data is being loaded."""
        self.show(self.snapshot, "", False)

    def show(self, snapshot: Snapshot, failure: str, ended: bool) -> None:
        """Show the newest state of the run; ``failure`` says why it broke off, if it did."""
        self.show_run(snapshot)
        self.stand(failure=failure, ended=ended)

    def show_run(self, snapshot: Snapshot, whole: Snapshot | None = None) -> None:
        """Show the run, all but its standing."""
        self.snapshot = snapshot
        self._headline.show(snapshot)
        self._losses.show(snapshot, whole)
        self._accuracy.show(snapshot, whole)
        self._digits.show(snapshot)

    def show_reading(self, reading: bool) -> None:
        """Say that the log is being read, or no more."""
        for panel in (self._losses, self._accuracy, self._digits):
            panel.show_reading(reading)

    def expect_digits(self, step: int | None) -> None:
        """Say at which step the first digits are."""
        self._digits.expect(step)

    def stand(self, **changes: Any) -> None:
        """Change the standing, and show it."""
        self.standing = replace(self.standing, **changes)
        self._status.show(self.snapshot, self.standing)
        self._too_small.show(self._meanwhile())
        self._keys.show(self.offered_commands(), self.held)

    def _meanwhile(self) -> str:
        """How the run is, for whoever sees nothing else."""
        if self.place not in ("live", "attached"):
            return ""
        if not self.standing.ended:
            return "Training is paused." if self.held else "Training goes on."
        ends = {"finished": "has finished", "stopped": "was stopped", "diverged": "has diverged"}
        return f"Training {ends.get(self.snapshot.phase, 'has crashed')}."
