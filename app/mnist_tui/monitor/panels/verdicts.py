"""The game as it stands: what the discriminator makes of real and of generated digits."""

from __future__ import annotations

from textual.strip import Strip

from mnist_engine.runs.state import Snapshot
from mnist_engine.training.events import Inspected
from mnist_engine.training.inspection import INSPECT_EVERY
from mnist_tui.monitor.curves import HELD_OUT, verdict_series
from mnist_tui.monitor.panels.panel import RunPanel
from mnist_tui.monitor.widgets.panel import LegendEntry
from mnist_tui.render.histogram import Mirrored, mirrored_histogram
from mnist_tui.render.parts import PlotColours
from mnist_tui.render.text import Piece, line

LEAST_HEIGHT = 5
"""Rows of which one may be given to words."""


class VerdictPlot(RunPanel):
    """D's outputs on the images of one batch: real ones upwards, generated ones downwards.

    A line stands where the verdict changes, 0.5 where D's outputs are probabilities. Above it is
    how often D was right on digits that it was not trained with.
    """

    def show_news(self, before: Snapshot, now: Snapshot) -> None:
        """Looks come every so many steps."""
        if before.inspected is not now.inspected or before.epochs.keys() != now.epochs.keys():
            self.redraw_grown(now.phase)

    def draw(self, width: int, height: int) -> list[Strip]:
        """The histograms, or what they wait for."""
        now = self.snapshot
        looked = now.inspected
        self.set_title(self._titles(), self._legend())
        if looked is None or not looked.verdicts:
            return self.message(f"after step {INSPECT_EVERY}", width, height)
        strips = []
        if height > LEAST_HEIGHT:
            strips.append(line(self._held_out(), width, self.mode.ellipsis))
        palette = self.palette
        histogram = Mirrored(
            looked.verdicts["real"],
            looked.verdicts["generated"],
            looked.verdict_range,
            (palette.first, palette.second),
            _labels(looked),
            looked.boundary,
            "" if looked.boundary is None else f"{looked.boundary:g}",
        )
        colours = PlotColours.of(palette)
        return strips + mirrored_histogram(
            histogram, width, height - len(strips), colours, self.mode
        )

    def _titles(self) -> tuple[str, ...]:
        if "critic(real)" in self.shown.measures:
            return ("D's outputs on a batch", "D's outputs")
        return ("D's verdicts on a batch", "D's verdicts")

    def _legend(self) -> list[LegendEntry]:
        glyphs = "▲▼" if self.mode.unicode else "#o"
        return [
            LegendEntry(glyph, one.colour, one.label, f"{one.curve.recent:.2f}")
            for glyph, one in zip(
                glyphs, verdict_series(self.snapshot, self.palette)[:2], strict=False
            )
        ]

    def _held_out(self) -> list[Piece]:
        """How D did on other digits, as long ago as the last epoch ended."""
        quiet, epochs = self.palette.quiet, self.snapshot.epochs
        for of_real, of_generated, what, form in HELD_OUT:
            real, generated = epochs.get(of_real), epochs.get(of_generated)
            if real is not None and generated is not None:
                return [
                    Piece("held out:", quiet),
                    Piece(f"{real.last:{form}}", gap=1),
                    Piece("real,", quiet, gap=1),
                    Piece(f"{generated.last:{form}}", gap=1),
                    Piece(f"generated {what}".rstrip(), quiet, gap=1),
                    Piece(f"epoch {real.x[-1]:.0f}", quiet, importance=1),
                ]
        return [Piece("held-out digits after the first epoch", quiet)]


def _labels(looked: Inspected) -> tuple[str, str]:
    low, high = looked.verdict_range
    return (f"{low:.3g}", f"{high:.3g}")
