"""What a screen with plots does with keys and the mouse: it looks at all of them in one way."""

from __future__ import annotations

from mnist_engine.runs.state import Snapshot
from mnist_tui.monitor.axes import extent_of
from mnist_tui.monitor.board.board import Board
from mnist_tui.monitor.commands.plots import Turn
from mnist_tui.monitor.panels.plot import PlotPanel
from mnist_tui.monitor.plot_view import PlotView
from mnist_tui.monitor.screens.viewing import ViewingScreen
from mnist_tui.monitor.standing import Standing


class PlottingScreen(ViewingScreen):
    """Shows the plots of ``board`` as ``view`` says. In a replay its moment is what is read."""

    board: Board
    snapshot: Snapshot
    standing: Standing
    view = PlotView()

    def turn_plots(self, turn: Turn) -> None:
        """Look at the curves in another way."""
        whole = self.standing.whole
        extent = extent_of(whole or self.snapshot)
        self.view = turn(self.view, extent)
        if whole is not None:
            self.view = self.view.following(self.snapshot.step, extent)
        for panel in self.board.panels:
            if isinstance(panel, PlotPanel):
                panel.show_view(self.view)

    def on_plot_panel_wheeled(self, message: PlotPanel.Wheeled) -> None:
        """The wheel shows fewer steps, or more."""
        self.turn_plots(
            lambda view, extent: view.closer(extent) if message.closer else view.farther(extent)
        )

    def on_plot_panel_pointed(self, message: PlotPanel.Pointed) -> None:
        """The curves are read where the mouse is; a click holds that step, or lets go of it."""
        step = message.step
        if message.clicked:
            pinned = not (self.view.pinned and self.view.cursor == step)
            self.turn_plots(lambda view, extent: view.reading(step, extent, pinned=pinned))
        elif not self.view.pinned and step != self.view.cursor:
            self.turn_plots(lambda view, extent: view.reading(step, extent, pinned=False))
