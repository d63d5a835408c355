"""The screen of a run that nobody trains, at a step that a person chooses."""

from __future__ import annotations

import time

from textual.timer import Timer

from mnist_engine.runs.state import Snapshot
from mnist_tui.monitor.looking import SavedNetworks
from mnist_tui.monitor.panels.plot import PlotPanel
from mnist_tui.monitor.screens.run import RunScreen
from mnist_tui.monitor.sessions.replay import Replay
from mnist_tui.monitor.standing import Standing
from mnist_tui.terminal import RenderMode

PICTURES_PER_SECOND = 12
"""While it plays."""

LONGEST_TICK = 0.5
"""Seconds; what lasted longer was a machine that slept or was busy, and nobody saw time pass."""


class ReplayScreen(RunScreen):
    """Shows the run at the cursor of ``replay``, and moves the cursor.

    ``networks`` are those of the checkpoints, and go with it.
    """

    def __init__(
        self, replay: Replay, mode: RenderMode, standing: Standing, networks: SavedNetworks
    ) -> None:
        super().__init__(mode, standing, networks)
        self._replay = replay
        self._networks = networks
        self._clock: Timer | None = None
        self._ticked_at = 0.0

    @property
    def held(self) -> bool:
        """Whether the footer says how to hold the time instead of how to let it pass."""
        return self._replay.playing

    def on_mount(self) -> None:
        """Time stands still at first."""
        self._clock = self.set_interval(1 / PICTURES_PER_SECOND, self.tick, pause=True)

    def show(self, snapshot: Snapshot, failure: str, ended: bool) -> None:
        """Show the run at the cursor; ``failure`` says why it cannot be read, if it cannot."""
        whole = self._replay.whole
        self._networks.step = snapshot.step
        self.show_reading(whole is None and not failure)
        self.expect_digits(self._replay.first_digits)
        self.show_run(snapshot, whole)
        self.stand(
            failure=failure,
            ended=ended,
            whole=whole,
            playing=self._replay.playing,
        )
        self.turn_plots(lambda view, _: view)

    def on_plot_panel_pointed(self, message: PlotPanel.Pointed) -> None:
        """A click goes to a step, and does nothing else."""
        message.prevent_default()
        if message.clicked and message.step is not None:
            self._replay.go_to_step(message.step)

    def tick(self) -> None:
        """Let as much time pass as went by since the last call."""
        now = time.monotonic()
        self._replay.advance(min(now - self._ticked_at, LONGEST_TICK))
        self._ticked_at = now
        if not self._replay.playing and self._clock is not None:
            self._clock.pause()

    # What a person can do: see ``Replaying``.

    def toggle_play(self) -> None:
        """Let time pass, from the beginning where it is over; or hold it."""
        self._replay.toggle_play()
        if self._replay.playing and self._clock is not None:
            self._ticked_at = time.monotonic()
            self._clock.resume()
        self.stand(playing=self._replay.playing)

    def scrub(self, hundredths: int) -> None:
        """Go so many hundredths of the run on, or back."""
        self._replay.scrub(hundredths)

    def scrub_epochs(self, epochs: int) -> None:
        """Go on to the end of an epoch, or back to one."""
        self._replay.scrub_epochs(epochs)

    def go_to(self, share: float) -> None:
        """Go to the beginning (0), the end (1) or between."""
        self._replay.go_to(share)

    def branch(self) -> None:
        """Leave, to train another way from this step."""
        if self._replay.whole is not None:
            self.app.call_later(self.app.run_action, f"app.branch({self.snapshot.step})")
