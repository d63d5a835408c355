"""The main screen: losses, accuracy, digits, and where the run stands."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import Screen

from mnist_engine.runs.state import Snapshot
from mnist_engine.training.control import TrainControl
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


class TrainingScreen(Screen[None]):
    """Shows snapshots of a run and hands what a person asks to its ``TrainControl``."""

    CSS_PATH = "training.tcss"
    BINDINGS: ClassVar[list[BindingType]] = bindings()
    AUTO_FOCUS = ""

    def __init__(self, control: TrainControl, mode: RenderMode, standing: Standing) -> None:
        super().__init__()
        self._control = control
        self._mode = mode
        self._snapshot = Snapshot()
        self._standing = standing
        self._headline = Headline(mode, standing.title)
        self._status = StatusLine(mode, standing)
        self._losses = LossPlot(mode)
        self._accuracy = AccuracyPlot(mode)
        self._digits = DigitGrid(mode)
        self._keys = KeyLine(mode)
        self._too_small = TooSmall(mode)
        self.set_class(not mode.unicode, "-ascii")

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
        self.show(self._snapshot, "", False)

    def on_resize(self, event: events.Resize) -> None:
        """Give margins away where room is short, and everything where there is too little."""
        width, height = event.size
        self.set_class(width < MIN_WIDTH or height < MIN_HEIGHT, "-too-small")
        self.set_class(width < 100 or height < 30, "-tight")
        self.set_class(height >= 40, "-roomy")

    def show(self, snapshot: Snapshot, failure: str, ended: bool) -> None:
        """Show the newest state of the run; ``failure`` says why it broke off, if it did."""
        self._snapshot = snapshot
        asked = self._standing.asked
        if ended or (asked == "pausing" and snapshot.phase == "paused"):
            asked = ""
        elif not asked and self._control.pause_wanted and snapshot.phase == "training":
            asked = "pausing"
        elif asked == "pausing" and not self._control.pause_wanted:
            asked = ""
        self._standing = replace(self._standing, asked=asked, failure=failure, ended=ended)
        self._headline.show(snapshot)
        self._losses.show(snapshot)
        self._accuracy.show(snapshot)
        self._digits.show(snapshot)
        self._show_standing()

    def ask(self, what: str) -> None:
        """Show that something was asked of the trainer and is being waited for."""
        self._standing = replace(self._standing, asked=what)
        self._show_standing()

    def _show_standing(self) -> None:
        self._status.show(self._snapshot, self._standing)
        self._keys.show(self._snapshot, self.offered_commands())

    # What a person can do: see ``Steering``.

    def action_command(self, number: int) -> None:
        """Do what the ``number``-th command says, if it makes sense now."""
        command = COMMANDS[number]
        if command in self.offered_commands():
            command.do(self, "key")

    def offered_commands(self) -> tuple[Command, ...]:
        """The commands that make sense now."""
        task: Task | None = self._snapshot.started.task if self._snapshot.started else None
        busy = self._standing.ended or self._standing.asked == "saving"
        return tuple(command for command in COMMANDS if command.offered(task, busy))

    def toggle_pause(self, source: str) -> None:
        """Pause, or go on."""
        self._control.toggle_pause(source=source)
        # The trainer may be in the middle of a long step: say at once that the key was heard.
        wanted, phase = self._control.pause_wanted, self._snapshot.phase
        self.ask("pausing" if wanted and phase == "training" else "")

    def step_once(self, source: str) -> None:
        """Do one step, then stay paused."""
        self._control.step(source=source)

    def scale_learning_rate(self, factor: float, source: str) -> None:
        """Multiply the learning rate of the networks that the keys turn."""
        self._control.scale_learning_rate(factor, self._standing.turned, source=source)

    def reset_learning_rate(self, source: str) -> None:
        """Take their learning rate back to the schedule."""
        self._control.reset_learning_rate(self._standing.turned, source=source)

    def turn_next_network(self) -> None:
        """Let the keys turn both networks, then D, then G."""
        choices: tuple[tuple[str, ...], ...] = ((), ("discriminator",), ("generator",))
        following = choices[(choices.index(self._standing.turned) + 1) % len(choices)]
        self._standing = replace(self._standing, turned=following)
        self._show_standing()

    def ask_to_quit(self) -> None:
        """Leave, after a question where training still runs."""
        self.app.call_later(self.app.run_action, "app.ask_to_quit")

    def show_help(self) -> None:
        """List the keys."""
        task = self._snapshot.started.task if self._snapshot.started else None
        self.app.push_screen(HelpScreen(self._mode, task))

    def open_palette(self) -> None:
        """Open the command palette."""
        self.app.action_command_palette()

    def choose_theme(self) -> None:
        """Open the list of themes."""
        self.app.search_themes()

    def save_screenshot(self) -> None:
        """Write the screen to an SVG file in the run's directory."""
        folder = self._standing.run_directory
        try:
            path = self.app.save_screenshot(path=str(folder) if folder.is_dir() else None)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            self.notify(reason, title="No screenshot", severity="error", markup=False)
        else:
            self.notify(path, title="Screenshot saved", markup=False)
