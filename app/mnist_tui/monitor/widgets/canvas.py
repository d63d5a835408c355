"""The base of our own widgets: strips are drawn when something changed, and kept until then."""

from __future__ import annotations

import time
from collections.abc import Sequence

from textual.filter import ANSIToTruecolor, LineFilter
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.timer import Timer
from textual.widget import Widget

from mnist_engine.runs.state import Phase
from mnist_tui.monitor.themes import palette_of
from mnist_tui.render.colours import style
from mnist_tui.render.ground import on_ground
from mnist_tui.render.palette import Palette
from mnist_tui.terminal import RenderMode

DRAWING_SHARE = 0.02
"""How much of one core's time a widget may spend on redrawing what merely grows, such as a curve.
The rest is training's."""

LONGEST_REST = 0.5
"""Seconds after which a curve is drawn again all the same: a first drawing, which has modules to
load, would else earn itself a pause of many seconds."""


class Canvas(Widget):
    """A widget that draws itself as strips, one a line."""

    def __init__(self, mode: RenderMode, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.mode = mode
        self._strips: list[Strip] = []
        self._drawn: Size | None = None  # the size that the strips are good for
        self._rested_at = 0.0  # when the last drawing's share of the time is paid back
        self._later: Timer | None = None

    @property
    def palette(self) -> Palette:
        """The colours of the theme that is on."""
        return palette_of(self.app.theme_variables, self.app.current_theme.dark)

    def draw(self, width: int, height: int) -> list[Strip]:
        """``height`` strips of ``width`` cells; every segment has a style."""
        raise NotImplementedError

    def redraw_grown(self, phase: Phase) -> None:
        """Draw anew what merely grew: while training as soon as :data:`DRAWING_SHARE` allows.

        In any other phase there is no training to disturb, and the last word is wanted at once.
        """
        wait = self._rested_at - time.monotonic()
        if wait <= 0 or phase != "training":
            self.redraw()
        elif self._later is None:
            self._later = self.set_timer(wait, self.redraw)

    def redraw(self) -> None:
        """Draw anew: at once if this is seen and has room already, else as soon as that is so."""
        if self._later is not None:
            self._later.stop()
            self._later = None
        self._drawn = None
        if self.size and self.is_attached and self.display:
            self._paint(self.size)
        self.refresh()

    def notify_style_update(self) -> None:
        """The theme may have changed, and with it every colour."""
        super().notify_style_update()
        self._drawn = None

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Those of the app, but for one that looks for ANSI's colours: strips have none of them."""
        return [one for one in super().get_line_filters() if not isinstance(one, ANSIToTruecolor)]

    def render_lines(self, crop: Region) -> list[Strip]:
        """The lines within ``crop``, drawn anew where they were drawn for another size."""
        size = self.size
        if self._drawn != size:
            self._paint(size)
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        """One line, from what was drawn last."""
        return self._strips[y]

    def _paint(self, size: Size) -> None:
        began = time.thread_time()
        palette = self.palette
        ground = style(palette.text, palette.background)
        strips = self.draw(*size) if size else [Strip.blank(size.width)] * size.height
        self._strips = on_ground(strips, ground)
        self._drawn = size
        rest = min((time.thread_time() - began) / DRAWING_SHARE, LONGEST_REST)
        self._rested_at = time.monotonic() + rest
