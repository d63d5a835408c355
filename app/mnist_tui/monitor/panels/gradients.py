"""How strongly networks are pulled, and how many of their units no longer answer."""

from __future__ import annotations

from textual.strip import Strip

from mnist_engine.runs.state import Snapshot
from mnist_engine.training.inspection import INSPECT_EVERY
from mnist_tui.monitor.curves import NETWORK_LETTERS
from mnist_tui.monitor.panels.panel import RunPanel
from mnist_tui.monitor.widgets.panel import LegendEntry
from mnist_tui.render.bars import Bar, BarColours, bar_strips
from mnist_tui.render.plot import Axes, PlotColours, Series, curve_glyph, plot
from mnist_tui.render.text import Piece, line
from mnist_tui.render.ticks import plain_labels

LEAST_PLOT = 6
"""Rows that the curves keep for themselves."""

LEAST_BAR = 18
"""Cells that a layer with its bar takes."""


class GradientPlot(RunPanel):
    """The length of each network's gradient, and below it the share of dead units of each layer.

    A unit is dead where a ReLU puts out 0 for every image of a batch.
    """

    def show_news(self, before: Snapshot, now: Snapshot) -> None:
        """Looks come every so many steps."""
        if before.inspected is not now.inspected:
            self.redraw_grown(now.phase)

    def draw(self, width: int, height: int) -> list[Strip]:
        """The curves, or what they wait for."""
        palette, shown = self.palette, self.shown
        series = gradient_series(shown, (palette.first, palette.second))
        now = gradient_series(self.snapshot, (palette.first, palette.second))
        newest = {one.label: f"{one.curve.recent:.2g}" for one in now}
        self.set_title(
            ("Gradient norms, log", "Gradient norms", "Gradient"),
            [
                LegendEntry(
                    curve_glyph(number, self.mode),
                    one.colour,
                    one.label,
                    newest.get(one.label, ""),
                )
                for number, one in enumerate(series)
            ],
        )
        if not series:
            return self.message(f"after step {INSPECT_EVERY}", width, height)
        bars = self._dead_units(width, height)
        axes = Axes(
            x_range=(0.0, max(float(shown.step), 1.0)),
            y_labels=plain_labels,
            whole_x=True,
            logarithmic_y=True,
            cursor=self.snapshot.step if self.whole else None,
        )
        colours = PlotColours.of(palette)
        return plot(series, width, height - len(bars), colours, self.mode, axes) + bars

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


def gradient_series(snapshot: Snapshot, colours: tuple[str, str]) -> list[Series]:
    """Lengths of gradients over steps, D's before G's."""
    names = sorted(snapshot.gradient_norms)
    return [
        Series(
            NETWORK_LETTERS.get(name, name),
            snapshot.gradient_norms[name],
            colours[number % 2],
            ribbon=True,
        )
        for number, name in enumerate(names)
    ]


def _layer(name: str, several: bool) -> str:
    """ "generator.3" as "G 3", and that of the only network as "3"."""
    network, _, layer = name.rpartition(".")
    return f"{NETWORK_LETTERS.get(network, network)} {layer}" if several else layer
