"""What can be done with generated digits: choose one, and ask what the networks make of them."""

from __future__ import annotations

from typing import Protocol

from mnist_tui.monitor.board.board import Board
from mnist_tui.monitor.commands.command import Command
from mnist_tui.monitor.commands.viewing import Viewing
from mnist_tui.monitor.panels.digits import DigitGrid
from mnist_tui.monitor.standing import RUNS


class Paneled(Viewing, Protocol):
    """A screen with panels."""

    @property
    def board(self) -> Board:
        """Where they lie."""


def _grid(screen: Paneled) -> DigitGrid:
    panel = screen.board.panel("digits")
    assert isinstance(panel, DigitGrid)
    return panel


def _choose(key: str, columns: int, rows: int) -> Command[Paneled]:
    direction = key if rows == 0 else {"up": "above", "down": "below"}[key]
    return Command(
        f"Digit {direction}" if rows else f"Digit to the {direction}",
        (key,),
        "",
        f"choose the digit {direction}" if rows else f"choose the next digit to the {direction}",
        lambda screen, _: _grid(screen).choose(columns, rows),
        places=RUNS,
        task="gan",
        panel="digits",
        looking=True,
    )


def _toggle(name: str, key: str, label: str, help: str, what: str) -> Command[Paneled]:
    return Command(
        name,
        (key,),
        label,
        help,
        lambda screen, _: _grid(screen).toggle(what),
        places=RUNS,
        task="gan",
        panel="digits",
        looking=True,
    )


DIGITS: tuple[Command[Paneled], ...] = (
    _toggle(
        "D's verdicts",
        "v",
        "verdicts",
        "frame each digit by D's verdict: how surely it is taken for real",
        "verdicts",
    ),
    _toggle("Real digits", "o", "real", "show real digits in place of generated ones", "real"),
    _toggle(
        "Nearest training image",
        "m",
        "nearest",
        "the training image nearest to the chosen digit: was it memorised?",
        "nearest",
    ),
    _toggle(
        "Pixels that G would change",
        "w",
        "wanted",
        "which pixels of the chosen digit G would change to please D",
        "change",
    ),
    _choose("left", -1, 0),
    _choose("right", 1, 0),
    _choose("up", 0, -1),
    _choose("down", 0, 1),
)
