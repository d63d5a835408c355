"""What the panels of a run's screen have in common."""

from __future__ import annotations

from mnist_engine.runs.state import Snapshot
from mnist_engine.training.events import Task
from mnist_tui.monitor.widgets.panel import Panel
from mnist_tui.terminal import RenderMode


class RunPanel(Panel):
    """A panel that shows a part of a run's snapshots. The subclass says which and how.

    ``number`` is the key that shows it or puts it away. It is focused by tab or by a click, and the
    keys of its own work then; see ``Command.panel``.
    """

    can_focus = True

    def __init__(
        self, mode: RenderMode, task: Task | None = None, *, id: str | None = None
    ) -> None:
        super().__init__(mode, id=id)
        self.snapshot = Snapshot()
        self.whole: Snapshot | None = None
        self._known_task = task  # where it is known before a snapshot says so

    @property
    def looks(self) -> bool:
        """Whether it shows what networks answered."""
        return False

    def on_focus(self) -> None:
        """Its title says that it is chosen."""
        self.redraw()

    def on_blur(self) -> None:
        """And no more."""
        self.redraw()

    @property
    def shown(self) -> Snapshot:
        """What the axes are made for: the run to its end where that is known, else to now."""
        return self.whole or self.snapshot

    @property
    def is_gan(self) -> bool:
        """Whether a GAN is trained; so long as nobody knows, it is taken for one."""
        started = self.shown.started
        return (started.task if started else self._known_task) != "classify"

    def show(self, snapshot: Snapshot, whole: Snapshot | None = None) -> None:
        """Draw ``snapshot``, within the ``whole`` run if that is known."""
        before, known = self.snapshot, self.whole
        self.snapshot, self.whole = snapshot, whole
        if whole is not None:
            if whole is not known or snapshot.step != before.step:
                self.redraw()
        elif not before.version or before.phase != snapshot.phase:
            self.redraw()
        else:
            self.show_news(before, snapshot)

    def show_news(self, before: Snapshot, now: Snapshot) -> None:
        """Redraw where two moments of a run that goes on differ in what is seen here.

        At once what is rare, with ``redraw_grown`` what comes with every step.
        """
        raise NotImplementedError
