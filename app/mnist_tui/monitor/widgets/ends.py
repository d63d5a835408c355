"""The digits between which a walk goes."""

from __future__ import annotations

from collections.abc import Callable

from textual import events
from textual.strip import Strip

from mnist_engine.runs.pictures import pictures_of
from mnist_engine.training.events import SamplesDrawn
from mnist_tui.monitor.widgets.panel import Panel
from mnist_tui.render.digits import Digits, Frame
from mnist_tui.render.pixels import DigitColours
from mnist_tui.render.sheet import Sheet, sheet_of
from mnist_tui.terminal import RenderMode


class Ends(Panel):
    """The shown digits, both ends of the way framed; one is chosen by keys, or taken by a click.

    ``walk_to`` is called with the number of the one that was taken.
    """

    can_focus = True

    def __init__(
        self, mode: RenderMode, walk_to: Callable[[int], None], *, id: str | None = None
    ) -> None:
        super().__init__(mode, id=id)
        self._walk_to = walk_to
        self._samples: SamplesDrawn | None = None
        self._ends = (0, 0)
        self._sheet = Sheet(0, 0, None)
        self.chosen = 0

    @property
    def count(self) -> int:
        """How many digits there are."""
        return self._samples.count if self._samples and self._samples.images else 0

    def show(self, samples: SamplesDrawn | None, ends: tuple[int, int]) -> None:
        """Show the pictures of ``samples``, and between which of them the way goes."""
        if samples is not self._samples or ends != self._ends:
            self._samples, self._ends = samples, ends
            self.redraw()

    def draw(self, width: int, height: int) -> list[Strip]:
        """The grid."""
        self.set_title(("Digits to walk to", "Digits"))
        samples = self._samples
        if samples is None or not samples.images:
            return self.message("no digits yet", width, height)
        frames = tuple(_frame(number in self._ends) for number in range(samples.count))
        digits = Digits(pictures_of(samples), 1, frames=frames, chosen=self.chosen)
        self._sheet = sheet_of(digits, width, height, self.mode)
        return self._sheet.strips(digits, DigitColours.of(self.palette), self.mode)

    def choose(self, columns: int, rows: int) -> None:
        """Choose the digit so far on from the chosen one, as one reads, and so far below."""
        number = self._sheet.moved(self.chosen, columns, rows)
        if 0 <= number < self.count:
            self.chosen = number
            self.redraw()

    def take(self) -> None:
        """Walk to the chosen digit."""
        if self.chosen < self.count:
            self._walk_to(self.chosen)

    def on_click(self, event: events.Click) -> None:
        """Walk to a digit."""
        place = event.get_content_offset(self)
        number = None if place is None else self._sheet.number_at(*place)
        if number is not None and number < self.count:
            self.chosen = number
            self.take()
            self.redraw()


def _frame(is_end: bool) -> Frame:
    return "good" if is_end else ""
