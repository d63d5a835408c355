"""What every screen of a run shows: losses, accuracy, digits, and where the run stands."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import Screen

from mnist_engine.runs.state import Snapshot
from mnist_engine.training.events import Task
from mnist_tui.monitor.commands import COMMANDS, Command, bindings
from mnist_tui.monitor.screens.help import HelpScreen
from mnist_tui.monitor.standing import Standing
from mnist_tui.monitor.widgets.accuracy_plot import AccuracyPlot
from mnist_tui.monitor.widgets.digit_grid import DigitGrid
from mnist_tui.monitor.widgets.headline import Headline
from mnist_tui.monitor.widgets.key_line import KeyLine
from mnist_tui.monitor.widgets.loss_plot import LossPlot
from mnist_tui.monitor.widgets.status_line import StatusLine
from mnist_tui.monitor.widgets.too_small import MIN_HEIGHT, MIN_WIDTH, TooSmall
from mnist_tui.terminal import RenderMode


class RunScreen(Screen[None]):
    """Shows snapshots of a run. What a person may do with the run is for the subclasses.

    A snapshot of the ``whole`` run goes with it where the run is known to its end: the plots then
    keep their axes and show how far the snapshot is.
    """

    CSS_PATH = "run.tcss"
    BINDINGS: ClassVar[list[BindingType]] = bindings()
    AUTO_FOCUS = ""

    def __init__(self, mode: RenderMode, standing: Standing) -> None:
        super().__init__()
        self.mode = mode
        self.snapshot = Snapshot()
        self.standing = standing
        self._headline = Headline(mode, standing)
        self._status = StatusLine(mode, standing)
        self._losses = LossPlot(mode)
        self._accuracy = AccuracyPlot(mode)
        self._digits = DigitGrid(mode)
        self._keys = KeyLine(mode)
        self._too_small = TooSmall(mode, standing.place)
        self.set_class(not mode.unicode, "-ascii")

    @property
    def trained(self) -> Task | None:
        """What the run is, once that is known."""
        return self.snapshot.started.task if self.snapshot.started else None

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

    def on_resize(self, event: events.Resize) -> None:
        """Give margins away where room is short, and everything where there is too little."""
        width, height = event.size
        self.set_class(width < MIN_WIDTH or height < MIN_HEIGHT, "-too-small")
        self.set_class(width < 100 or height < 30, "-tight")
        self.set_class(height >= 40, "-roomy")

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

    def stand(self, **changes: Any) -> None:
        """Change the standing, and show it."""
        self.standing = replace(self.standing, **changes)
        self._status.show(self.snapshot, self.standing)
        self._keys.show(self.offered_commands(), self.held)

    # What a person can do: see ``Viewing``.

    def action_key(self, key: str) -> None:
        """Do what ``key`` stands for, if it makes sense now."""
        for command in self.offered_commands():
            if key in command.keys:
                command.do(self, "key")
                return

    def offered_commands(self) -> tuple[Command[Any], ...]:
        """The commands that make sense now."""
        busy = self.standing.ended or self.standing.asked == "saving"
        place = self.standing.place
        return tuple(one for one in COMMANDS if one.offered(place, self.trained, busy))

    def ask_to_quit(self) -> None:
        """Leave, after a question if that would end training."""
        self.app.call_later(self.app.run_action, "app.ask_to_quit")

    def show_help(self) -> None:
        """List the keys."""
        self.app.push_screen(HelpScreen(self.mode, self.standing.place, self.trained))

    def open_palette(self) -> None:
        """Open the command palette."""
        self.app.action_command_palette()

    def choose_theme(self) -> None:
        """Open the list of themes."""
        self.app.search_themes()

    def save_screenshot(self) -> None:
        """Write the screen to an SVG file in the run's directory."""
        folder = self.standing.run_directory
        try:
            path = self.app.save_screenshot(path=str(folder) if folder.is_dir() else None)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            self.notify(reason, title="No screenshot", severity="error", markup=False)
        else:
            self.notify(path, title="Screenshot saved", markup=False)
