"""What can be done with the plots of a run's screen: all of them at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from mnist_tui.monitor.commands.command import Command
from mnist_tui.monitor.commands.viewing import Viewing
from mnist_tui.monitor.plot_view import PlotView
from mnist_tui.monitor.standing import RUNS, TRAINING, Place
from mnist_tui.render.columns import Range

Turn = Callable[[PlotView, Range], PlotView]
"""A choice: the view after it, of the one before and the first and the last step."""


class Plotting(Viewing, Protocol):
    """What a screen with plots offers."""

    def turn_plots(self, turn: Turn) -> None:
        """Look at the curves in another way."""


def _turning(
    name: str,
    keys: tuple[str, ...],
    help: str,
    turn: Turn,
    id: str,
    places: tuple[Place, ...] = RUNS,
) -> Command[Plotting]:
    return Command(
        name,
        keys,
        "",
        help,
        lambda screen, _: screen.turn_plots(turn),
        places=places,
        id=id,
    )


PLOTS: tuple[Command[Plotting], ...] = (
    _turning(
        "Smoother curves",
        ("plus", "equals_sign"),
        "average curves over more steps",
        lambda view, _: view.smoother(1),
        "smoother",
    ),
    _turning(
        "Less smooth curves",
        ("minus",),
        "average curves over fewer steps, or not at all",
        lambda view, _: view.smoother(-1),
        "rougher",
    ),
    _turning(
        "Logarithmic or linear",
        ("y",),
        "draw values on a logarithmic axis where they need it, always or never",
        lambda view, _: view.with_next_scale(),
        "scale",
    ),
    _turning(
        "Steps, epochs or time",
        ("x",),
        "draw over steps, over epochs or over training time",
        lambda view, _: view.over_next_axis(),
        "axis",
    ),
    _turning(
        "Fewer steps",
        ("up",),
        "see half as many steps, the recent ones; so does the mouse's wheel",
        lambda view, extent: view.closer(extent),
        "closer",
    ),
    _turning(
        "More steps",
        ("down",),
        "see twice as many steps, or all",
        lambda view, extent: view.farther(extent),
        "farther",
    ),
    _turning(
        "Read earlier values",
        ("left",),
        "read the curves at an earlier step; so does the mouse",
        lambda view, extent: view.moved(-1, extent),
        "read-earlier",
        TRAINING,
    ),
    _turning(
        "Read later values",
        ("right",),
        "read the curves at a later step, and behind the last the newest values",
        lambda view, extent: view.moved(1, extent),
        "read-later",
        TRAINING,
    ),
)
