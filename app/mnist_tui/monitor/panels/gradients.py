"""How strongly networks are pulled, and how many of their units no longer answer."""

from __future__ import annotations

from textual.strip import Strip

from mnist_engine.runs.state import Snapshot
from mnist_engine.training.inspection import INSPECT_EVERY
from mnist_tui.monitor.curves import NETWORK_LETTERS, marks
from mnist_tui.monitor.panels.plot import PlotPanel
from mnist_tui.render.bars import Bar, BarColours, bar_strips
from mnist_tui.render.plot import Mark, Series
from mnist_tui.render.text import Piece, line

LEAST_PLOT = 6
"""Rows that the curves keep for themselves."""

LEAST_BAR = 18
"""Cells that a layer with its bar takes."""


class GradientPlot(PlotPanel):
    """The length of each network's gradient, and below it the share of dead units of each layer.

    A unit is dead where a ReLU puts out 0 for every image of a batch.
    """

    prefers_logarithms = True
    waits_for = f"after step {INSPECT_EVERY}"

    def names(self, snapshot: Snapshot) -> tuple[str, ...]:
        """Always the same."""
        return ("Gradient norms",)

    def series(self, snapshot: Snapshot) -> list[Series]:
        """Those of all its parameters, taken as one vector; D's before G's."""
        colours = (self.palette.first, self.palette.second)
        return [
            Series(
                NETWORK_LETTERS.get(name, name),
                snapshot.gradient_norms[name],
                colours[number % 2],
                ribbon=True,
            )
            for number, name in enumerate(sorted(snapshot.gradient_norms))
        ]

    def marks(self, snapshot: Snapshot) -> list[Mark]:
        """What people did."""
        return marks(snapshot)

    def figure(self, value: float, alone: bool) -> str:
        """Two digits: they jump."""
        return f"{value:.2g}"

    def show_news(self, before: Snapshot, now: Snapshot) -> None:
        """Looks come every so many steps."""
        if len(before.marks) != len(now.marks) or before.started != now.started:
            self.redraw()
        elif before.inspected is not now.inspected:
            self.redraw_grown(now.phase)

    def draw(self, width: int, height: int) -> list[Strip]:
        """The curves, and the bars where there is room for them."""
        bars = self._dead_units(width, height)
        return super().draw(width, height - len(bars)) + bars

    def _dead_units(self, width: int, height: int) -> list[Strip]:
        """A headline and a bar a layer, where there is room for that."""
        looked, palette = self.snapshot.inspected, self.palette
        if looked is None or not looked.silent:
            return []
        bars = [
            Bar(_layer(name, self.is_gan), share, f"{share:.0%}")
            for name, share in looked.silent.items()
        ]
        columns = max(1, min(width // LEAST_BAR, len(bars)))
        rows = -(-len(bars) // columns)
        if height - rows - 1 < LEAST_PLOT:
            return []
        headline = line([Piece("dead ReLU units by layer", palette.quiet)], width)
        colours = BarColours(
            palette.background, palette.text, palette.text, palette.quiet, palette.text
        )
        return [headline, *bar_strips(bars, width, rows, colours, self.mode)]


def _layer(name: str, several: bool) -> str:
    """ "generator.3" as "G 3", and that of the only network as "3"."""
    network, _, layer = name.rpartition(".")
    return f"{NETWORK_LETTERS.get(network, network)} {layer}" if several else layer
