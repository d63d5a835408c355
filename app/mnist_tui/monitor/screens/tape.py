"""The screen that shows what a step computes, and checks its derivatives on the spot."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from textual.app import ComposeResult

from mnist_engine.inspection.checked import Check, checks_of
from mnist_engine.inspection.recorded import Row, rows_of
from mnist_engine.training.trainer import Trainer
from mnist_tui.monitor.screens.over_run import OverRunScreen
from mnist_tui.monitor.widgets.derivative import Derivative
from mnist_tui.monitor.widgets.key_line import KeyLine
from mnist_tui.monitor.widgets.tape_table import TapeTable
from mnist_tui.monitor.widgets.too_small import TooSmall
from mnist_tui.monitor.widgets.words import Words

if TYPE_CHECKING:
    from mnist_tui.monitor.screens.run import RunScreen

NETWORKS = {"gan": ("discriminator", "generator"), "classify": ("classifier",)}


class Recorded(NamedTuple):
    """The tape of ``network``, with the weights of ``step``."""

    network: str
    step: int
    rows: Sequence[Row]


class TapeScreen(OverRunScreen):
    """A table of the operations of a step; below it the chosen one, explained and checked.

    A step is recorded when the screen opens, when somebody asks for it, and where training is
    paused after each of its steps: it costs training about as much as a step.
    """

    OWN_PLACE = "tape"
    CSS_PATH = "tape.tcss"

    def __init__(self, below: RunScreen) -> None:
        super().__init__(below)
        self._heading = Words(below.mode)
        self._table = TapeTable(below.mode, id="table")
        self._derivative = Derivative(below.mode, id="derivative")
        self._keys = KeyLine(below.mode)
        self._too_small = TooSmall(below.mode)
        self._network = 0
        self._recorded: Recorded | None = None
        self._waiting = False  # for a tape
        self._checking: tuple[str, int] | None = None  # a network, and a number on its tape

    @property
    def busy(self) -> bool:
        """Whether nobody trains that could be paused from here."""
        return self.below.busy or self.below.place == "replay"

    @property
    def network(self) -> str:
        """Whose tape is shown."""
        return NETWORKS[self.run_task or "gan"][self._network]

    def compose(self) -> ComposeResult:
        """Every widget, once."""
        yield self._heading
        yield self._table
        yield self._derivative
        yield self._keys
        yield self._too_small

    def on_mount(self) -> None:
        """Record a first step."""
        self.record()
        self.look_again()

    # What a person can do: see ``Reading``.

    def choose(self, rows: int) -> None:
        """Choose an operation so many rows below, or above."""
        self._table.choose(self._table.chosen + rows)
        self._explain()

    def on_tape_table_chosen(self) -> None:
        """The mouse chooses too."""
        self._explain()

    def check(self) -> None:
        """Check the derivatives of the chosen operation."""
        row = self._table.row
        if row is None or self._checking is not None or row.gradient_norm is None:
            return
        asked = row.network, row.number

        def told(checks: list[Check]) -> None:
            self._checking = None
            if self.is_attached:
                row = self._table.row
                if row is not None and (row.network, row.number) == asked:
                    self._derivative.show(row, checks, waits=False)
                else:
                    self._explain()

        def not_told() -> None:
            self._checking = None
            self._explain()

        self._checking = asked
        self._explain()
        self.below.look(lambda trainer: checks_of(trainer, *asked), told, not_told)

    def next_tape(self) -> None:
        """Show the tape of the other network."""
        self._network = (self._network + 1) % len(NETWORKS[self.run_task or "gan"])
        self._table.choose(0)
        self.record()

    def record(self) -> None:
        """Record a step with the weights as they are now."""
        if self._waiting:
            return
        network = self.network

        def read(trainer: Trainer) -> Recorded:
            return Recorded(network, trainer.steps_done, rows_of(trainer, network))

        self._waiting = True
        self._show()
        self.below.look(read, self._told, self._not_told)

    def toggle_pause(self, source: str) -> None:
        """Pause training, or go on."""
        self._steer("toggle_pause", source)

    def step_once(self, source: str) -> None:
        """Do one step of training, then stay paused."""
        self._steer("step_once", source)

    def look_again(self) -> None:
        """While training is paused the tape is that of where it stands."""
        snapshot, recorded = self.below.snapshot, self._recorded
        if (
            self.below.place == "live"
            and snapshot.phase == "paused"
            and recorded is not None
            and recorded.step < snapshot.step
        ):
            self.record()
        self._keys.show(self.offered_commands(), self.below.held)
        self._head()

    def _steer(self, what: str, source: str) -> None:
        steer = getattr(self.below, what, None)
        if steer is not None:
            steer(source)

    def _told(self, recorded: Recorded) -> None:
        self._waiting = False
        if not self.is_attached:
            return
        if recorded.network != self.network:  # tab was pressed meanwhile
            self.record()
            return
        self._recorded = recorded
        self._show()

    def _not_told(self) -> None:
        self._waiting = False
        if self.is_attached:
            self._show()

    # -- words -----------------------------------------------------------------------------------

    def _show(self) -> None:
        recorded = self._recorded
        fits = recorded is not None and recorded.network == self.network
        rows = recorded.rows if recorded is not None and fits else ()
        name = f"Tape of the {self.network}'s loss"
        count = f"{name}: {len(rows)} operations" if rows else name
        waits = f"recording a step{self.mode.ellipsis}" if self._waiting else "no networks to ask"
        self._table.show(rows, count, waits)
        self._explain()
        self._head()

    def _explain(self) -> None:
        row = self._table.row
        waits = row is not None and self._checking == (row.network, row.number)
        self._derivative.show(row, None, waits)

    def _head(self) -> None:
        recorded = self._recorded
        others = [] if recorded is None else [self.whose(recorded.step)]
        if self.below.place == "live" and self.below.snapshot.phase == "training":
            others.append("training goes on")
        self._heading.show("What a step computes", others)
