"""The screen of a comparison: losses beside another value, and the runs in figures."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Horizontal

from mnist_engine.recipes import AnyRecipe
from mnist_engine.runs.best import FOREMOST
from mnist_engine.runs.state import Snapshot
from mnist_tui.compare.chart import Chart
from mnist_tui.compare.differences import DifferencesDialog
from mnist_tui.compare.extents import EXTENTS, Extent, first_extent
from mnist_tui.compare.heading import Heading
from mnist_tui.compare.standings import Standings
from mnist_tui.compare.values import curves_of, is_loss
from mnist_tui.monitor.axes import AXES, Axis
from mnist_tui.monitor.screens.viewing import ViewingScreen
from mnist_tui.monitor.standing import Place
from mnist_tui.monitor.widgets.key_line import KeyLine
from mnist_tui.monitor.widgets.too_small import TooSmall
from mnist_tui.terminal import RenderMode


class CompareScreen(ViewingScreen):
    """Shows the newest snapshots of several runs; what is drawn of them is a person's choice.

    ``names`` and ``recipes`` are the runs', in the order of the snapshots.
    """

    CSS_PATH = "screen.tcss"

    def __init__(
        self, names: Sequence[str], recipes: Sequence[AnyRecipe], mode: RenderMode
    ) -> None:
        super().__init__(mode)
        self._recipes = recipes
        self._snapshots: Sequence[Snapshot] = ()
        self._states: Sequence[str] = ()
        self._loss = self._value = ""
        self._axis: Axis = "step"
        self._chosen: Extent | None = None  # what a person chose; else what the runs' lengths ask
        self._heading = Heading(mode, len(names))
        self._losses = Chart(mode, id="losses")
        self._values = Chart(mode, id="values")
        self._standings = Standings(names, mode)
        self._standings.styles.height = len(names) + 1
        self._keys = KeyLine(mode)
        self._too_small = TooSmall(mode)

    @property
    def place(self) -> Place:
        """Beside other runs."""
        return "comparison"

    def compose(self) -> ComposeResult:
        """Every widget, once."""
        yield self._heading
        with Horizontal(id="body"):
            yield self._losses
            yield self._values
        yield self._standings
        yield self._keys
        yield self._too_small

    def on_mount(self) -> None:
        """The keys, which stay the same."""
        self._keys.show(self.offered_commands(), held=False)

    def show(self, snapshots: Sequence[Snapshot], states: Sequence[str]) -> None:
        """Show the newest snapshots of the runs, and a word for where each stands."""
        self._snapshots, self._states = snapshots, states
        losses, values = self._losses_known(), self._values_known()
        if self._loss not in losses:
            self._loss = losses[0] if losses else ""
        if self._value not in values:
            foremost = [name for name in FOREMOST if name in values]
            self._value = (foremost or values or [""])[0]
        self._draw()

    def next_loss(self) -> None:
        """Show another loss in the left chart."""
        self._loss = _after(self._loss, self._losses_known())
        self._draw()

    def next_value(self) -> None:
        """Show another value in the right chart."""
        self._value = _after(self._value, self._values_known())
        self._draw()

    def next_axis(self) -> None:
        """Draw over steps, over epochs or over time."""
        self._axis = AXES[(AXES.index(self._axis) + 1) % len(AXES)]
        self._draw()

    def next_extent(self) -> None:
        """See the axis to the longest run's end, the same logarithmically, or to the shortest's."""
        self._chosen = EXTENTS[(EXTENTS.index(self._extent) + 1) % len(EXTENTS)]
        self._draw()

    def show_differences(self) -> None:
        """Say in which settings the recipes differ."""
        self.app.push_screen(DifferencesDialog(self._recipes, self.mode))

    def _draw(self) -> None:
        self._losses.show(self._snapshots, self._loss, self._axis, self._extent)
        self._values.show(self._snapshots, self._value, self._axis, self._extent)
        shown = [name for name in (self._loss, self._value) if name]
        self._standings.show(self._snapshots, self._states, shown)

    @property
    def _extent(self) -> Extent:
        return self._chosen or first_extent(self._snapshots)

    def _losses_known(self) -> list[str]:
        return [name for name in self._known() if is_loss(name)]

    def _values_known(self) -> list[str]:
        return [name for name in self._known() if not is_loss(name)]

    def _known(self) -> list[str]:
        return list(dict.fromkeys(name for one in self._snapshots for name in curves_of(one)))


def _after(name: str, names: Sequence[str]) -> str:
    """The name behind ``name``, the first one behind the last."""
    return names[(names.index(name) + 1) % len(names)] if name in names else name
