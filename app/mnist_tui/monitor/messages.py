"""Rare edges, told by the training thread to the app. Everything else is pulled by a timer."""

from __future__ import annotations

from textual.message import Message


class RunChanged(Message):
    """Something happened that should be seen now: the start, an intervention, the end."""

    def can_replace(self, message: Message) -> bool:
        """One look at the latest snapshot answers any number of these."""
        return isinstance(message, RunChanged)
