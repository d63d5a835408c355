"""The screen on which a person draws a digit, and sees what the networks take it for."""

from __future__ import annotations

from concurrent.futures import Future
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray
from textual import events
from textual.app import ComposeResult
from textual.containers import Container

from mnist_engine.inspection.read import Opinion, Reader
from mnist_engine.runs.checkpoints import Checkpoint, checkpoints_of
from mnist_engine.runs.directory import RunDirectory
from mnist_engine.training.trainer import Trainer
from mnist_tui.drawing import centred
from mnist_tui.monitor.reading import CheckpointReader
from mnist_tui.monitor.screens.over_run import OverRunScreen
from mnist_tui.monitor.widgets.answers import AnswerBars, SeenPicture
from mnist_tui.monitor.widgets.key_line import KeyLine
from mnist_tui.monitor.widgets.sketch_pad import SIDE, SketchPad
from mnist_tui.monitor.widgets.too_small import TooSmall
from mnist_tui.monitor.widgets.words import Words

if TYPE_CHECKING:
    from mnist_tui.monitor.screens.run import RunScreen

ROWS_AROUND = 4
"""Lines of the title, of the keys, and of the pad's frame."""

LARGEST_SCALE = 3
"""Where pixels become larger yet, the eye sees squares and no digit."""

LEAST_BARS = 20
"""Columns of the bars' panel."""


class Read(NamedTuple):
    """An answer, and the step of the networks that gave it."""

    step: int
    opinion: Opinion


class DrawScreen(OverRunScreen):
    """A sheet, the picture that the network is given, and a bar for each class."""

    OWN_PLACE = "drawing"
    CSS_PATH = "draw.tcss"

    def __init__(self, below: RunScreen) -> None:
        super().__init__(below)
        self._heading = Words(below.mode)
        self._pad = SketchPad(below.mode, self.ask, id="pad")
        self._seen = SeenPicture(below.mode, id="seen")
        self._bars = AnswerBars(below.mode, id="answers")
        self._answer = Container(self._seen, self._bars, id="answer")
        self._keys = KeyLine(below.mode)
        self._too_small = TooSmall(below.mode)
        self._checkpoint: Checkpoint | None = None  # None: the networks as they are now
        self._reader: CheckpointReader | None = None
        self._waiting = False  # for an answer
        self._place_among = ""  # which of the checkpoints it is, in words
        self._outdated = False  # whether the answer that comes is to another drawing
        self._asked_at = -1  # the step of the run at that moment
        self._step: int | None = None  # that of the networks that answered last

    def compose(self) -> ComposeResult:
        """Every widget, once."""
        yield self._heading
        with Container(id="drawing"):
            yield self._pad
            yield self._answer
        yield self._keys
        yield self._too_small

    def on_mount(self) -> None:
        """Nothing is drawn yet."""
        self.ask()
        self._show_keys()

    def on_unmount(self) -> None:
        """Let a reader's thread go."""
        if self._reader is not None:
            self._reader.close()

    def on_resize(self, event: events.Resize) -> None:
        """Make pixels as large as they fit."""
        width, height = event.size
        across = (width - LEAST_BARS - SIDE - 6) // SIDE
        down = 2 * (height - ROWS_AROUND) // SIDE
        scale = min(max(min(across, down), 1), LARGEST_SCALE)
        self._pad.set_scale(scale)
        self._answer.styles.height = self._pad.styles.height
        self.set_class(scale > 1, "-high")

    # What a person can do: see ``Drawing``.

    def move_pen(self, right: int, down: int) -> None:
        """Move the pen by so many pixels; it draws where it is down."""
        self._pad.move_pen(right, down)

    def toggle_pen(self) -> None:
        """Put the pen down, or lift it."""
        self._pad.toggle_pen()
        self._show_keys()

    def clear(self) -> None:
        """Begin anew."""
        self._pad.clear()
        self._show_keys()

    def go_through_checkpoints(self, later: int) -> None:
        """Ask an earlier checkpoint or a later one, behind the last the networks of now."""
        checkpoints = checkpoints_of(RunDirectory(self.folder))
        here = len(checkpoints)
        for number, one in enumerate(checkpoints):
            is_now = self._checkpoint is None and self.below.place != "live"
            if one == self._checkpoint or (is_now and one.step == self._step):
                here = number
        there = min(max(here + later, 0), len(checkpoints))
        self._checkpoint = checkpoints[there] if there < len(checkpoints) else None
        self._place_among = f"checkpoint {there + 1} of {len(checkpoints)}"
        self.ask()

    # -- questions and answers -------------------------------------------------------------------

    def look_again(self) -> None:
        """What networks say changes as they learn."""
        if self._checkpoint is None and self.below.snapshot.step != self._asked_at:
            self.ask()

    def ask(self) -> None:
        """Ask about the drawing as it is now; while an answer is awaited, as soon as it is here."""
        if self._waiting:
            self._outdated = True
            return
        picture = self._picture()
        self._seen.show(picture)
        self._asked_at = self.below.snapshot.step
        if self._pad.is_empty:
            self._bars.show(None, judged=False)
            self._head()
        elif self._checkpoint is None:
            self._ask_now(picture.reshape(-1))
        else:
            self._ask_checkpoint(self._checkpoint, picture.reshape(-1))

    def _picture(self) -> NDArray[np.uint8]:
        started = self.below.snapshot.started
        return centred(self._pad.drawing, started.image_shape if started else (SIDE, SIDE))

    def _ask_now(self, picture: NDArray[np.uint8]) -> None:
        def read(trainer: Trainer) -> Read:
            return Read(trainer.steps_done, Reader(trainer).opinion(picture))

        self._waiting = True
        self.below.look(read, self._answered, self._unanswered)

    def _ask_checkpoint(self, checkpoint: Checkpoint, picture: NDArray[np.uint8]) -> None:
        def begin(reader: Reader) -> None:
            self._waiting = False
            if self.is_attached:
                self._reader = CheckpointReader(RunDirectory(self.folder), reader)
                self.ask()

        def tell(done: Future[Opinion]) -> None:
            if done.cancelled() or not self.is_attached:
                return
            if error := done.exception():
                self.notify(str(error), title="No answer", severity="error", markup=False)
                self._unanswered()
            else:
                self._answered(Read(checkpoint.step, done.result()))

        self._waiting = True
        if self._reader is None:
            self.below.look(lambda trainer: Reader(trainer).copy(), begin, self._unanswered)
        else:
            answer, app = self._reader.ask(checkpoint, picture), self.app
            answer.add_done_callback(lambda done: app.call_later(tell, done))

    def _answered(self, read: Read) -> None:
        self._unanswered()
        if self.is_attached and not self._waiting and not self._pad.is_empty:
            self._bars.show(read.opinion, judged=read.opinion.score is not None)
            self._step = read.step
            self._head()

    def _unanswered(self) -> None:
        """No answer is awaited any more; if the drawing is another by now, ask about that."""
        self._waiting = False
        if self._outdated and self.is_attached:
            self._outdated = False
            self.ask()

    # -- words -----------------------------------------------------------------------------------

    def _head(self) -> None:
        if self._checkpoint is not None:
            whose = f"{self._place_among}, step {self._checkpoint.step:,}"
        else:
            whose = "" if self._step is None else self.whose(self._step)
        who = "D is " if self.run_task == "gan" else "asked is "
        self._heading.show("Draw a digit", [who + whose] if whose else [])

    def _show_keys(self) -> None:
        self._keys.show(self.offered_commands(), self._pad.pen_down)
