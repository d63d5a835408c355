"""What lies over the screen of a run for a while, and looks into its networks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mnist_engine.training.events import Task
from mnist_tui.monitor.screens.viewing import ViewingScreen
from mnist_tui.monitor.standing import Place

if TYPE_CHECKING:
    from mnist_tui.monitor.screens.run import RunScreen

LOOKS_PER_SECOND = 4
"""How often it is looked whether training has gone on."""


class OverRunScreen(ViewingScreen):
    """A screen over that of a run, which goes on below. The subclass says what it shows."""

    OWN_PLACE: Place

    def __init__(self, below: RunScreen) -> None:
        super().__init__(below.mode)
        self.below = below

    @property
    def place(self) -> Place:
        """A place of its own: other keys work here."""
        return self.OWN_PLACE

    @property
    def run_task(self) -> Task | None:
        """The run's."""
        return self.below.run_task

    @property
    def folder(self) -> Path:
        """The run's directory."""
        return self.below.folder

    def on_mount(self) -> None:
        """See now and then what training does."""
        self.set_interval(1 / LOOKS_PER_SECOND, self.look_again)

    def look_again(self) -> None:
        """See whether anything changed in the run."""
        raise NotImplementedError

    def close(self) -> None:
        """Go back to the run, where nothing else lies on top."""
        if self.is_active:
            self.dismiss()

    def whose(self, step: int) -> str:
        """Whose networks are looked into, those of ``step``."""
        name = {
            "live": "the network as it is now" if self.below.busy else "the network in training",
            "attached": "the newest checkpoint",
            "replay": "the checkpoint at the cursor",
        }[self.below.place]
        return f"{name}, step {step:,}"
