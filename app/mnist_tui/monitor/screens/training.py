"""The screen of a run that is being trained, here or by another process."""

from __future__ import annotations

from collections.abc import Callable

from mnist_engine.errors import BadInput, CannotRecord
from mnist_engine.runs.state import Snapshot
from mnist_engine.training.control import Control
from mnist_tui.monitor.screens.quit import QuitDialog
from mnist_tui.monitor.screens.run import RunScreen
from mnist_tui.monitor.standing import Standing
from mnist_tui.terminal import RenderMode


class TrainingScreen(RunScreen):
    """Shows snapshots of a run and hands what a person asks to its ``Control``."""

    def __init__(self, control: Control, mode: RenderMode, standing: Standing) -> None:
        super().__init__(mode, standing)
        self._control = control
        self._wants_checkpoint = False

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
        self.stand(asked=asked, failure=failure, ended=ended)

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
