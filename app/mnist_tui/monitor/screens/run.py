"""What every screen of a run shows: its panels, and where the run stands."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from textual.app import ComposeResult
from textual.widget import Widget

from mnist_engine.errors import BadInput
from mnist_engine.runs.state import Snapshot
from mnist_engine.training.events import Task
from mnist_engine.training.questions import Question
from mnist_engine.training.trainer import Trainer
from mnist_tui.monitor.board.board import Board
from mnist_tui.monitor.commands.command import Command
from mnist_tui.monitor.commands.guiding import CARD
from mnist_tui.monitor.guiding.box import CardBox
from mnist_tui.monitor.guiding.card import KEYS, STATUS
from mnist_tui.monitor.looking import Looker
from mnist_tui.monitor.panels.digits import DigitGrid
from mnist_tui.monitor.screens.draw import DrawScreen
from mnist_tui.monitor.screens.guided import GuidedScreen
from mnist_tui.monitor.screens.over_run import OverRunScreen
from mnist_tui.monitor.screens.tape import TapeScreen
from mnist_tui.monitor.screens.walk import WalkScreen
from mnist_tui.monitor.standing import TRAINING, Place, Standing
from mnist_tui.monitor.widgets.headline import Headline
from mnist_tui.monitor.widgets.key_line import KeyLine
from mnist_tui.monitor.widgets.stage_strip import StageStrip
from mnist_tui.monitor.widgets.status_line import StatusLine
from mnist_tui.monitor.widgets.too_small import TooSmall
from mnist_tui.terminal import RenderMode

T = TypeVar("T")


class RunScreen(GuidedScreen):
    """Shows snapshots of a run. What a person may do with the run is for the subclasses.

    Networks are looked into through ``looker``, where there is one.

    A snapshot of the ``whole`` run goes with it where the run is known to its end: the plots then
    keep their axes and show how far the snapshot is.
    """

    CSS_PATH = "run.tcss"

    def __init__(self, mode: RenderMode, standing: Standing, looker: Looker | None = None) -> None:
        super().__init__(mode)
        self.looker = looker
        self._unanswered = ""  # why there was no answer to the last question
        self._looked_into: int | None = None  # the step of the networks that panels saw last
        self.snapshot = Snapshot()
        self.standing = standing
        self._headline = Headline(mode, standing)
        self._status = StatusLine(mode, standing)
        self._stages = StageStrip(mode)
        self.board = Board(mode, standing.task)
        self._keys = KeyLine(mode)
        self._too_small = TooSmall(mode)
        lines: dict[str, Widget] = {STATUS: self._status, KEYS: self._keys}
        self.cards = CardBox(mode, self.board, lines, self.hold)

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
        yield self._stages
        yield self.board
        yield self._keys
        yield self._too_small
        yield self.cards

    def on_mount(self) -> None:
        """The frame that is seen while data is being loaded."""
        names = {one.id: one.key_names(self.mode.unicode) for one in self.commands if one.keys}
        self.standing = replace(self.standing, keys={id: keys[0] for id, keys in names.items()})
        self.show(self.snapshot, "", False)

    def show(self, snapshot: Snapshot, failure: str, ended: bool) -> None:
        """Show the newest state of the run; ``failure`` says why it broke off, if it did."""
        self.show_run(snapshot)
        self.stand(failure=failure, ended=ended)

    def show_run(self, snapshot: Snapshot, whole: Snapshot | None = None) -> None:
        """Show the run, all but its standing."""
        self.snapshot = snapshot
        self._headline.show(snapshot)
        self._stages.show(snapshot, self.standing.key)
        self.board.show(snapshot, whole)

    def show_reading(self, reading: bool) -> None:
        """Say that the log is being read, or no more."""
        self.board.show_reading(reading)

    def expect_digits(self, step: int | None) -> None:
        """Say at which step the first digits are."""
        digits = self.board.panel("digits")
        assert isinstance(digits, DigitGrid)
        digits.expect(step)

    def hear(self, lines: list[str]) -> None:
        """Write down in the log what was printed."""
        self.board.hear(lines)

    def stand(self, **changes: Any) -> None:
        """Change the standing, and show it."""
        self.standing = replace(self.standing, **changes)
        self._status.show(self.snapshot, self.standing)
        self._too_small.show(self._meanwhile())
        self._tell_networks()
        self.cards.show(self.snapshot, self.standing)
        self._headline.offer(self.standing.key("tour") if self.offers_tour else "")
        self._keys.show(self.offered_commands(), self.held)

    def offered_commands(self) -> tuple[Command[Any], ...]:
        """The commands that make sense now, those of a card and of the chosen panel first."""
        chosen = self.board.chosen
        name = chosen.name if chosen else ""
        offered = [
            one
            for one in super().offered_commands()
            if one.panel in ("", name, self.card_place)
            and (self.looker is not None or not one.looking)
            and one.id not in self._cards_let_be
        ]
        return tuple(sorted(offered, key=lambda one: (one.panel != CARD, not one.panel)))

    @property
    def _cards_let_be(self) -> tuple[str, ...]:
        """What cannot be done with the card: its key does then what it does without one.

        A zoomed panel is left before the cards are.
        """
        unread = () if self.cards.is_for_reading else ("next-card",)
        return unread if self.board.zoomed is None else (*unread, "leave-cards")

    def look(
        self,
        question: Question[T],
        then: Callable[[T], object],
        otherwise: Callable[[], object] = lambda: None,
        quietly: bool = False,
    ) -> None:
        """Ask the networks something, and go on with the answer in this thread.

        Nothing happens where there are none that could be asked. Where there is no answer
        ``otherwise`` is called: after a training that broke off, whose networks are in no good
        state, and for other reasons, which are said once before; where none was ever saved
        ``quietly`` leaves that out. Of which step the networks are that a panel looks into is said
        where they are not the ones that train.
        """
        if self.looker is None:
            return
        if self.place == "live" and self.standing.failure:
            otherwise()
            return

        def asked(trainer: Trainer) -> tuple[int, T]:
            return trainer.steps_done, question(trainer)

        def tell(done: Future[tuple[int, T]]) -> None:
            if done.cancelled() or not self.is_attached:
                return
            if error := done.exception():
                if not (quietly and isinstance(error, BadInput)):
                    self._say_no_answer(error)
                otherwise()
                return
            self._unanswered = ""
            step, answer = done.result()
            if not isinstance(self.app.screen, OverRunScreen):  # that says it itself
                self._looked_into = step
                self._tell_networks()
            then(answer)

        answer, app = self.looker.ask(asked), self.app  # this screen may be gone by then
        answer.add_done_callback(lambda done: app.call_later(tell, done))

    def _tell_networks(self) -> None:
        """Say of which step the networks are that panels look into, so long as one does."""
        looks = any(self.board.panel(kind.name).looks for kind in self.board.seen)
        told = self.place != "live" and looks
        self._headline.look_into(self._looked_into if told else None)

    def action_key(self, key: str) -> None:
        """Do what ``key`` stands for; a panel may look into networks now, or no more."""
        super().action_key(key)
        self._tell_networks()

    def _say_no_answer(self, error: BaseException) -> None:
        text = str(error) if isinstance(error, BadInput) else f"{type(error).__name__}: {error}"
        if text != self._unanswered:
            self._unanswered = text
            self.notify(text, title="No answer", severity="error", markup=False)

    # What a person can do: see ``Inspecting``.

    def walk(self) -> None:
        """Walk through the generator's latent space, from the chosen digit if there is one."""
        samples, digits = self.snapshot.samples, self.board.panel("digits")
        assert isinstance(digits, DigitGrid)
        count = samples.count if samples else 1
        first = min(digits.wish.chosen or 0, count - 1)
        self.app.push_screen(WalkScreen(self, first, (first + 1) % count))

    def draw_digit(self) -> None:
        """Draw a digit and see what it is taken for."""
        self.app.push_screen(DrawScreen(self))

    def read_tape(self) -> None:
        """See what a step computes, and check its derivatives."""
        self.app.push_screen(TapeScreen(self))

    # What a person can do: see ``Arranging``.

    def toggle_panel(self, number: int) -> None:
        """Show the panel of that number, or put it away."""
        self.board.toggle(number)
        self.stand()

    def zoom_panel(self) -> None:
        """Give a panel all of the room, or take it back."""
        self.board.zoom()
        self.stand()

    def leave_panel(self) -> None:
        """Go back to all panels; from there, to the newest values of the plots."""
        if not self.board.leave():
            self.turn_plots(lambda view, extent: view.reading(None, extent))
        self.stand()

    def next_panel(self) -> None:
        """Choose the next panel; the keys of its own then work."""
        self.focus_next()
        self.stand()

    def on_descendant_focus(self) -> None:
        """A click chooses a panel too."""
        self.stand()

    def _meanwhile(self) -> str:
        """How the run is, for whoever sees nothing else."""
        if self.place not in TRAINING:
            return ""
        if not self.standing.ended:
            return "Training is paused." if self.held else "Training goes on."
        ends = {"finished": "has finished", "stopped": "was stopped", "diverged": "has diverged"}
        return f"Training {ends.get(self.snapshot.phase, 'has crashed')}."
