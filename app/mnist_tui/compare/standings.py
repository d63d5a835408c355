"""The runs that are compared, a line each: the legend of the charts, with the values in figures."""

from __future__ import annotations

from collections.abc import Sequence
from string import ascii_uppercase

from rich.cells import cell_len, set_cell_size
from textual.strip import Strip

from mnist_engine.runs.best import has_best
from mnist_engine.runs.state import Snapshot
from mnist_tui.compare.colours import run_colours
from mnist_tui.compare.values import best_value, curves_of, final_value
from mnist_tui.figures import duration, measured, speed
from mnist_tui.monitor.widgets.canvas import Canvas
from mnist_tui.render.text import Piece, line
from mnist_tui.tables import GAP, Column, fitting, padded, widths_of
from mnist_tui.terminal import RenderMode

SHORTEST_NAME = 18
"""Cells of a name that are worth more than the least important columns."""

HEADS = {
    "discriminator loss": "D loss",
    "generator loss": "G loss",
    "training loss": "train loss",
    "validation loss": "val loss",
    "validation accuracy": "accuracy",
}
"""Titles of columns; the charts call the values by their full names."""

PROGRESS = (
    Column("state", importance=2),
    Column("step", right=True, importance=3),
    Column("time", right=True, importance=4),
    Column("steps/s", right=True, importance=5),
)


class Standings(Canvas):
    """Letter, name, state and progress of each run, and the last and the best of the values."""

    def __init__(self, names: Sequence[str], mode: RenderMode, *, id: str | None = None) -> None:
        super().__init__(mode, id=id)
        self._names = names
        self._snapshots: Sequence[Snapshot] = ()
        self._states: Sequence[str] = ()
        self._values: Sequence[str] = ()

    def show(
        self, snapshots: Sequence[Snapshot], states: Sequence[str], values: Sequence[str]
    ) -> None:
        """Show where the runs stand, and how they do in ``values``."""
        self._snapshots, self._states, self._values = snapshots, states, values
        self.redraw()

    def draw(self, width: int, height: int) -> list[Strip]:
        """A head line, then a line a run."""
        palette, ellipsis = self.palette, self.mode.ellipsis
        columns = [*PROGRESS, *self._value_columns()]
        rows = [self._figures(*run) for run in zip(self._snapshots, self._states, strict=True)]
        longest = max(map(cell_len, self._names))
        shown = fitting(columns, rows, width - 2 - GAP - min(longest, SHORTEST_NAME))
        widths = widths_of(columns, rows)
        rest = width - 2 - sum(GAP + widths[number] for number in shown)
        room = max(min(longest, rest), 1)

        def cells(texts: Sequence[str], colour: str) -> list[Piece]:
            return [Piece(padded(columns[n], texts[n], widths[n]), colour, gap=GAP) for n in shown]

        titles = [column.title for column in columns]
        strips = [line([Piece(" " * (room + 2)), *cells(titles, palette.quiet)], width, ellipsis)]
        colours = run_colours(self.app.current_theme.dark)
        for letter, colour, name, row in zip(
            ascii_uppercase, colours, self._names, rows, strict=False
        ):
            head = [
                Piece(letter, colour, bold=True),
                Piece(_shortened(name, room, ellipsis), colour, gap=1),
            ]
            strips.append(line([*head, *cells(row, palette.text)], width, ellipsis))
        return (strips + [line([], width)] * height)[:height]

    def _value_columns(self) -> list[Column]:
        columns = []
        for name in self._values:
            columns.append(Column(HEADS.get(name, name), right=True))
            if has_best(name):
                columns.append(Column("best", right=True, importance=1))
        return columns

    def _figures(self, snapshot: Snapshot, state: str) -> list[str]:
        seconds = snapshot.seconds
        figures = [
            state,
            f"{snapshot.step:,}",
            duration(seconds),
            speed(snapshot.mean_speed) if seconds > 0 else "",
        ]
        curves = curves_of(snapshot)
        for name in self._values:
            curve = curves.get(name)
            known = curve is not None and len(curve.x) > 0
            figures.append(measured(name, final_value(name, curve)) if known and curve else "-")
            if has_best(name):
                best = best_value(name, curve) if curve is not None else None
                figures.append("-" if best is None else measured(name, best))
        return figures


def _shortened(name: str, width: int, ellipsis: str) -> str:
    """``name`` in so many cells; where that is too few without its middle.

    Names begin with the time, by which runs of one recipe are told apart, and end in the recipe.
    """
    if cell_len(name) > width > len(ellipsis):
        end = (width - len(ellipsis)) // 3
        name = name[: width - len(ellipsis) - end] + ellipsis + name[len(name) - end :]
    return set_cell_size(name, width)
