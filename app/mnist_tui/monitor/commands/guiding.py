"""What can be done with cards: to begin a tour, to turn them, to put them away."""

from __future__ import annotations

from typing import Protocol

from mnist_tui.monitor.commands.command import Command
from mnist_tui.monitor.commands.viewing import Viewing
from mnist_tui.monitor.standing import RUNS

CARD = "card"
"""Stands for the panel of what can be done while a card lies on the screen."""


class Guided(Viewing, Protocol):
    """What a screen with cards offers."""

    def take_tour(self) -> None:
        """Begin with the first card of the tour; a lesson that was put away goes on instead."""

    def next_card(self) -> None:
        """The card was read."""

    def leave_cards(self) -> None:
        """Put the cards away."""


GUIDING: tuple[Command[Guided], ...] = (
    Command(
        "Take the tour",
        ("T",),
        "",
        "five cards that say what is to be seen here; a lesson's card back",
        lambda screen, _: screen.take_tour(),
        places=RUNS,
        id="tour",
    ),
    Command(
        "Next card",
        ("enter",),
        "next card",
        "turn a card that was read",
        lambda screen, _: screen.next_card(),
        places=RUNS,
        panel=CARD,
        id="next-card",
    ),
    Command(
        "Put the cards away",
        ("escape",),
        "put away",
        "put the cards of a tour or a lesson away",
        lambda screen, _: screen.leave_cards(),
        places=RUNS,
        panel=CARD,
        id="leave-cards",
    ),
)
