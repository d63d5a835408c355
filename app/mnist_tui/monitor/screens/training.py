"""The screen of a run that is being trained, here or by another process."""

from __future__ import annotations

from collections.abc import Callable

from mnist_engine.errors import BadInput, CannotRecord
from mnist_engine.runs.state import Snapshot
from mnist_engine.training.control import Control
from mnist_tui.monitor.looking import Looker
from mnist_tui.monitor.screens.quit import QuitDialog
from mnist_tui.monitor.screens.run import RunScreen
from mnist_tui.monitor.screens.settings import SettingsDialog
from mnist_tui.monitor.settings import Turnable, turnables_of
from mnist_tui.monitor.standing import Standing
from mnist_tui.monitor.trouble import offered
from mnist_tui.terminal import RenderMode


class TrainingScreen(RunScreen):
    """Shows snapshots of a run and hands what a person asks to its ``Control``."""

    def __init__(
        self,
        control: Control,
        mode: RenderMode,
        standing: Standing,
        looker: Looker | None = None,
    ) -> None:
        super().__init__(mode, standing, looker)
        self._control = control
        self._wants_checkpoint = False
        self._settings: SettingsDialog | None = None  # while it is open

    def show(self, snapshot: Snapshot, failure: str, ended: bool) -> None:
        """Show the newest state of the run; ``failure`` says why it broke off, if it did."""
        saved = snapshot.checkpoint
        if self._wants_checkpoint and saved is not None and saved != self.snapshot.checkpoint:
            self._wants_checkpoint = False
            self.notify(f"at step {saved.step:,}", title="Checkpoint saved", markup=False)
        asked = self.standing.asked
        if ended or (asked == "pausing" and snapshot.phase == "paused"):
            asked = ""
        elif not asked and self._control.pause_wanted and snapshot.phase == "training":
            asked = "pausing"
        elif asked == "pausing" and not self._control.pause_wanted:
            asked = ""
        if self.place == "live" and snapshot.started != self.snapshot.started:
            for remark in snapshot.started.remarks if snapshot.started else ():
                self.notify(remark, title="Note", timeout=15, markup=False)
        resumed = snapshot.resumed
        if self.place == "live" and resumed is not None and resumed != self.snapshot.resumed:
            for fault in resumed.faults:
                self.notify(
                    fault, title="Passed over", severity="warning", timeout=15, markup=False
                )
        self.show_run(snapshot)
        if self._settings is not None and self._settings.is_attached:
            self._settings.show(snapshot)
        self.stand(asked=asked, failure=failure, ended=ended)

    def hold(self, waits: bool) -> None:
        """Let training wait for a person who reads, or go on."""
        if not self.busy and self._control.pause_wanted != waits:
            self._ask(lambda: self._control.toggle_pause(source="lesson"))

    # What a person can do: see ``Steering``.

    def toggle_pause(self, source: str) -> None:
        """Pause, or go on."""
        if self._ask(lambda: self._control.toggle_pause(source=source)):
            # The trainer may be in the middle of a long step: say at once that the key was heard.
            wanted, phase = self._control.pause_wanted, self.snapshot.phase
            self.stand(asked="pausing" if wanted and phase == "training" else "")

    def step_once(self, source: str) -> None:
        """Do one step, then stay paused."""
        self._ask(lambda: self._control.step(source=source))

    def step_network(self, network: str, source: str) -> None:
        """Do a step that moves one network alone, then stay paused."""
        self._ask(lambda: self._control.step(source=source, networks=(network,)))

    def next_stage(self, source: str) -> None:
        """Do the next stage of a step, then wait in the midst of it."""
        self._ask(lambda: self._control.stage(source=source))

    def show_settings(self) -> None:
        """List the numbers that can be turned, to turn them."""
        turnables = turnables_of(self.snapshot)
        if not turnables:
            self.notify("Training has not begun yet.", title="No settings", markup=False)
        elif self._settings is None:
            self._settings = SettingsDialog(self.mode, turnables, self.snapshot, self._turn)
            self.app.push_screen(self._settings, self._on_settings_closed)

    def apply_remedy(self, source: str) -> None:
        """Do what helps against the trouble that the status line names.

        Where training has diverged: go back to before that, where this can be done here.
        """
        if self.standing.ended:
            if self.standing.way_back:
                self.app.call_later(self.app.run_action, "app.go_back")
            return
        help = offered(self.snapshot)
        if help is None:
            self.notify("There is no trouble to be mended.", title="No remedy", markup=False)
        else:
            self._ask(lambda: self._control.remedy(help[0].name, source=source))

    def _on_settings_closed(self, _nothing: None) -> None:
        self._settings = None

    def _turn(self, turnable: Turnable, value: float, now: float) -> bool:
        return self._ask(lambda: turnable.turn(self._control, value, now))

    def scale_learning_rate(self, factor: float, source: str) -> None:
        """Multiply the learning rate of the networks that the keys turn."""
        turned = self.standing.turned
        self._ask(lambda: self._control.scale_learning_rate(factor, turned, source=source))

    def reset_learning_rate(self, source: str) -> None:
        """Take their learning rate back to the schedule."""
        turned = self.standing.turned
        self._ask(lambda: self._control.reset_learning_rate(turned, source=source))

    def turn_next_network(self) -> None:
        """Let the keys turn both networks, then D, then G."""
        choices: tuple[tuple[str, ...], ...] = ((), ("discriminator",), ("generator",))
        following = choices[(choices.index(self.standing.turned) + 1) % len(choices)]
        self.stand(turned=following)

    def save_checkpoint(self, source: str) -> None:
        """Save all that training goes on from, and tell when that is done."""
        self._wants_checkpoint = self._ask(lambda: self._control.checkpoint(source=source))

    def ask_to_stop(self, source: str) -> None:
        """End training, after a question."""

        def on_answer(stop: bool | None) -> None:
            if (
                stop
                and not self.standing.ended
                and self._ask(lambda: self._control.stop(source=source))
            ):
                self.stand(asked="saving")

        self.app.push_screen(QuitDialog(self.mode, self.standing.run_directory), on_answer)

    def _ask(self, request: Callable[[], None]) -> bool:
        """Pass a request on; False where it cannot get through, which the screen then says."""
        try:
            request()
        except (BadInput, CannotRecord) as error:
            self.notify(str(error), title="Not heard", severity="error", markup=False)
            return False
        return True
