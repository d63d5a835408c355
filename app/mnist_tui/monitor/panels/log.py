"""The log of a run: what happened, the newest last."""

from __future__ import annotations

import textwrap
from collections import deque
from collections.abc import Sequence
from heapq import merge
from itertools import islice

from textual import events
from textual.strip import Strip

from mnist_engine.runs.state import Snapshot
from mnist_engine.training.events import Event, Task
from mnist_tui.monitor.happenings import Happening, Tone, latest_happenings
from mnist_tui.monitor.panels.panel import RunPanel
from mnist_tui.render.palette import Palette
from mnist_tui.render.spelling import spelled
from mnist_tui.render.text import Piece, line
from mnist_tui.terminal import RenderMode

Row = tuple[Piece, ...]

WHEEL_LINES = 3

PRINTED_KEPT = 500
"""As many as of what else happened."""


class LogPanel(RunPanel):
    """Epochs, checkpoints, alarms, what people did, and what others printed; it scrolls.

    The newest line is seen until somebody scrolls back; then the same lines stay in sight.
    """

    def __init__(
        self, mode: RenderMode, task: Task | None = None, *, id: str | None = None
    ) -> None:
        super().__init__(mode, task, id=id)
        self._below = 0  # lines that are newer than those in sight
        self._printed: deque[Happening] = deque(maxlen=PRINTED_KEPT)

    def show_news(self, before: Snapshot, now: Snapshot) -> None:
        """Whatever happens is a line."""
        if self._newest(before) is not self._newest(now):
            self._keep_in_sight(before, now)
            self.redraw()

    def hear(self, lines: Sequence[str]) -> None:
        """Add what was printed just now, at the step that is shown."""
        width = self.size.width
        known = len(self._rows(self.snapshot, width)) if self._below and width else 0
        self._printed.extend(Happening(self.snapshot.step, text, "printed") for text in lines)
        if known:
            self._below += max(len(self._rows(self.snapshot, width)) - known, 0)
        self.redraw()

    def draw(self, width: int, height: int) -> list[Strip]:
        """The lines that are in sight."""
        rows = self._rows(self.snapshot, width, self._below + height)
        self._below = max(min(self._below, len(rows) - height), 0)
        sign = "↓" if self.mode.unicode else "v"
        newer = f", {self._below} newer {sign}" if self._below else ""
        self.set_title((f"What happened{newer}", "What happened"))
        if not rows:
            return self.message("nothing happened yet", width, height)
        seen = rows[max(len(rows) - self._below - height, 0) : len(rows) - self._below]
        strips = [line(row, width, self.mode.ellipsis) for row in seen]
        return strips + [line([], width)] * (height - len(strips))

    def scroll_lines(self, lines: int = 0, pages: int = 0) -> None:
        """Go on by so many lines and pages, or back."""
        self._below = max(self._below - lines - pages * max(self.size.height - 1, 1), 0)
        self.redraw()

    def scroll_to_end(self, newest: bool) -> None:
        """Go to the newest line, or to the oldest."""
        self._below = 0 if newest else len(self._rows(self.snapshot, self.size.width))
        self.redraw()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Back."""
        event.stop()
        self.scroll_lines(-WHEEL_LINES)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """On."""
        event.stop()
        self.scroll_lines(WHEEL_LINES)

    def _newest(self, snapshot: Snapshot) -> Event | None:
        return snapshot.happened[-1] if snapshot.happened else None

    def _keep_in_sight(self, before: Snapshot, now: Snapshot) -> None:
        """Where somebody reads what is older, count what has come below it."""
        if self._below and (width := self.size.width):
            known = self._rows(before, width)
            self._below += max(len(self._rows(now, width)) - len(known), 0)

    def _rows(self, snapshot: Snapshot, width: int, most: int | None = None) -> list[Row]:
        """The newest rows, oldest first; ``most`` of them at least, if there are as many."""
        palette, mode = self.palette, self.mode
        digits = len(f"{snapshot.step:,}")
        rows: list[Row] = []
        happenings = merge(
            reversed(self._printed),
            latest_happenings(snapshot.happened),
            key=lambda one: -one.step,
        )
        for one in islice(happenings, most):  # each has a row at least
            rows.extend(reversed(_rows_of(one, digits, width, palette, mode)))
        return rows[::-1]


def _rows_of(
    one: Happening, digits: int, width: int, palette: Palette, mode: RenderMode
) -> list[Row]:
    """A happening: its step, and its words in as many rows as they take."""
    colour, sign = _look_of(one.tone, palette, mode)
    room = max(width - digits - 3, 8)
    told = textwrap.wrap(spelled(one.text, mode), room) or [""]
    steps = [f"{one.step:,}", *[""] * (len(told) - 1)]
    signs = [sign, *[" "] * (len(told) - 1)]
    return [
        (
            Piece(step.rjust(digits), palette.quiet),
            Piece(mark, colour, bold=True, gap=1),
            Piece(text, colour, gap=1),
        )
        for step, mark, text in zip(steps, signs, told, strict=True)
    ]


def _look_of(tone: Tone, palette: Palette, mode: RenderMode) -> tuple[str, str]:
    """The colour of a line, and the sign that says the same."""
    signs = {
        "plain": " ",
        "quiet": " ",
        "hand": "▸" if mode.unicode else ">",
        "trouble": "!",
        "printed": "|",
    }
    colours = {
        "plain": palette.text,
        "quiet": palette.quiet,
        "hand": palette.accent,
        "trouble": palette.bad,
        "printed": palette.text,
    }
    return colours[tone], signs[tone]
