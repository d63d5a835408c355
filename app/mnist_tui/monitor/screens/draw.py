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
from mnist_engine.training.questions import Question
from mnist_engine.training.trainer import Trainer
from mnist_tui.drawing import centred
from mnist_tui.monitor.drawing_reader import CheckpointReader
from mnist_tui.monitor.inquiry import Inquiry
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
        self._pad = SketchPad(below.mode, self._ask, id="pad")
        self._seen = SeenPicture(below.mode, id="seen")
        self._bars = AnswerBars(below.mode, id="answers")
        self._answer = Container(self._seen, self._bars, id="answer")
        self._keys = KeyLine(below.mode)
        self._too_small = TooSmall(below.mode)
        self._checkpoint: Checkpoint | None = None  # None: the networks as they are now
        self._reader: CheckpointReader | None = None
        self._fetching = False  # a network for the reader
        self._inquiry: Inquiry[Read] = Inquiry(self, self._answered)
        self._place_among = ""  # which of the checkpoints it is, in words
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
        self._ask()
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
        if not checkpoints:
            self.notify("no checkpoint is saved yet", title="No other networks", markup=False)
            return
        here = len(checkpoints)
        for number, one in enumerate(checkpoints):
            is_now = self._checkpoint is None and self.below.place != "live"
            if one == self._checkpoint or (is_now and one.step == self._step):
                here = number
        there = min(max(here + later, 0), len(checkpoints))
        self._checkpoint = checkpoints[there] if there < len(checkpoints) else None
        self._place_among = f"checkpoint {there + 1} of {len(checkpoints)}"
        self._ask()

    # -- questions and answers -------------------------------------------------------------------

    def look_again(self) -> None:
        """What networks say changes as they learn."""
        if self._checkpoint is None and self.below.snapshot.step != self._asked_at:
            self._ask(urgent=False)

    def _ask(self, urgent: bool = True) -> None:
        """Ask about the drawing as it is now."""
        image = self._image()
        self._seen.show(image)
        self._asked_at = self.below.snapshot.step
        picture = image.reshape(-1)
        if self._pad.is_empty:
            self._bars.show(None, judged=False)
            self._head()
        elif self._checkpoint is None:
            self._inquiry.ask(self.below, _reading(picture), urgent)
        elif self._reader is not None:
            self._ask_checkpoint(self._reader, self._checkpoint, picture)
        elif not self._fetching:
            self._fetching = True
            self.below.look(
                lambda trainer: Reader(trainer).copy(), self._fetched, self._not_fetched
            )

    def _image(self) -> NDArray[np.uint8]:
        started = self.below.snapshot.started
        return centred(self._pad.drawing, started.image_shape if started else (SIDE, SIDE))

    def _fetched(self, reader: Reader) -> None:
        """A network to be filled with the weights of checkpoints is here."""
        self._fetching = False
        if self.is_attached:
            self._reader = CheckpointReader(RunDirectory(self.folder), reader)
            self._ask()

    def _not_fetched(self) -> None:
        self._fetching = False

    def _ask_checkpoint(
        self, reader: CheckpointReader, checkpoint: Checkpoint, picture: NDArray[np.uint8]
    ) -> None:
        def tell(done: Future[Opinion]) -> None:
            if done.cancelled() or not self.is_attached or checkpoint != self._checkpoint:
                return
            if error := done.exception():
                self.notify(str(error), title="No answer", severity="error", markup=False)
                self._bars.show(None, judged=False)
            else:
                self._show(Read(checkpoint.step, done.result()))

        answer, app = reader.ask(checkpoint, picture), self.app  # this screen may be gone by then
        answer.add_done_callback(lambda done: app.call_later(tell, done))

    def _answered(self, read: Read) -> None:
        """The networks as they are now have answered."""
        if self._checkpoint is None:
            self._show(read)

    def _show(self, read: Read) -> None:
        if self.is_attached and not self._pad.is_empty:
            self._bars.show(read.opinion, judged=read.opinion.score is not None)
            self._step = read.step
            self._head()

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


def _reading(picture: NDArray[np.uint8]) -> Question[Read]:
    """What ``picture`` (pixels,) is taken for."""

    def read(trainer: Trainer) -> Read:
        return Read(trainer.steps_done, Reader(trainer).opinion(picture))

    return read
