"""What a card says, and how one follows another; nothing is drawn here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mnist_engine.runs.state import Snapshot

Condition = Callable[[Snapshot, Snapshot], bool]
"""Of the run when the card was turned up, and now."""

Tell = Callable[[Snapshot, Snapshot], str]
"""A few words on how far things are, from the run when the card was turned up, and now."""

STATUS, KEYS = "status", "keys"
"""What a card may point at besides panels: the lines above them, and the footer."""


@dataclass(frozen=True)
class Card:
    """A title and a few sentences, beside what they are about.

    ``text`` names keys by the ids of their commands, in braces: "{pause} pauses". ``at`` are the
    panels it points at by their names, or STATUS or KEYS; none of them is covered where that can be
    helped. A card without ``until`` is there to be read, and turned by a person; others are turned
    when that holds. ``press`` are the commands, by id, that then have to be given. ``tell`` says
    how far things are. While a card lies there training waits where ``holds``, goes on where that
    is False, and does what it likes where it is None.
    """

    title: str
    text: str
    at: tuple[str, ...]
    until: Condition | None = None
    press: tuple[str, ...] = ()
    tell: Tell | None = None
    holds: bool | None = None


class Course:
    """Cards one after another."""

    def __init__(self, name: str, cards: Sequence[Card]) -> None:
        self.name = name
        self.cards = tuple(cards)
        self.number = 0
        self._then: Snapshot | None = None

    @property
    def card(self) -> Card | None:
        """The one that lies there; None after the last."""
        return self.cards[self.number] if self.number < len(self.cards) else None

    @property
    def is_for_reading(self) -> bool:
        """Whether a person turns the card."""
        return self.card is not None and self.card.until is None

    def see(self, snapshot: Snapshot) -> bool:
        """Look at the run; True where the card was turned by what happened."""
        card = self.card
        if card is None:
            return False
        self._then = self._then or snapshot
        if card.until is None or not card.until(self._then, snapshot):
            return False
        self._turn(snapshot)
        return True

    def read(self, snapshot: Snapshot) -> None:
        """A person has read the card; one that waits for something stays."""
        if self.is_for_reading:
            self._turn(snapshot)

    def told(self, snapshot: Snapshot) -> str:
        """How far things are; empty where there is nothing to be told."""
        card = self.card
        if card is None or card.tell is None or snapshot.started is None:
            return ""
        if card.until is not None and snapshot.finished is not None:
            return "The run has ended before that."
        return card.tell(self._then or snapshot, snapshot)

    def _turn(self, snapshot: Snapshot) -> None:
        self.number += 1
        self._then = snapshot
