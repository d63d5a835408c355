"""The numbers of a run that can be turned while it trains: learning rates, and its settings."""

from __future__ import annotations

import math
from dataclasses import dataclass

from mnist_engine.runs.state import Snapshot
from mnist_engine.training.control import Control
from mnist_engine.training.events import Intervened
from mnist_engine.training.learner import LARGEST_FACTOR
from mnist_tui.figures import setting_label
from mnist_tui.monitor.rates import next_rates

SOURCE = "settings"
"""What the log has as the source of a change that was made here."""

RATE = "learning rate"


@dataclass(frozen=True)
class Turnable:
    """A number from ``lowest`` to ``highest``, a ``whole`` one perhaps; ``value`` at first.

    ``network`` is the one it belongs to, empty where it is the game's or the data's.
    """

    name: str
    network: str
    meaning: str
    value: float
    lowest: float
    highest: float
    whole: bool = False

    @property
    def label(self) -> str:
        """What it is, and whose."""
        label = setting_label(self.name)
        return f"{label} of the {self.network}" if self.network else label

    @property
    def is_rate(self) -> bool:
        """Whether it is a learning rate, which follows a schedule."""
        return self.name == RATE

    @property
    def range(self) -> str:
        """What is allowed, in words; how far a rate may go at once, :meth:`read` says."""
        if self.is_rate:
            return "above 0"
        whole = ", whole" if self.whole else ""
        return f"{self.lowest:g} to {self.highest:g}{whole}"

    def now(self, snapshot: Snapshot) -> float:
        """Its value at the next step, as far as the run has told."""
        if self.is_rate:
            return next_rates(snapshot).get(self.network, self.value)
        return snapshot.settings.get((self.network, self.name), self.value)

    def is_turned(self, snapshot: Snapshot) -> bool:
        """Whether somebody has changed it."""
        if self.is_rate:
            return snapshot.factors.get(self.network, 1.0) != 1.0
        return (self.network, self.name) in snapshot.settings

    def read(self, text: str, now: float) -> float:
        """The number that ``text`` is; ``now`` is in force. ValueError, one line, if it cannot be.

        >>> noise = Turnable("instance noise", "", "", 0.0, 0.0, 10.0)
        >>> noise.read("0.1", 0.0)
        0.1
        """
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if math.isnan(value):
            raise ValueError(f"{text!r} is no number")
        lowest, highest = self.lowest, self.highest
        if self.is_rate:  # by a factor that a request can ask for
            lowest, highest = now / LARGEST_FACTOR, now * LARGEST_FACTOR
        if not (math.isfinite(value) and lowest <= value <= highest):
            raise ValueError(f"it must be from {lowest:.3g} to {highest:.3g}")
        if self.whole and value != int(value):
            raise ValueError("it must be a whole number")
        return value

    def turn(self, control: Control, value: float, now: float) -> None:
        """Ask for ``value`` instead of ``now``; raises what ``control`` raises."""
        if self.is_rate:
            control.scale_learning_rate(value / now, (self.network,), source=SOURCE)
        else:
            control.change_setting(self.name, value, self.network, source=SOURCE)

    def is_of(self, mark: Intervened) -> bool:
        """Whether ``mark`` tells of a change of it."""
        if self.is_rate:
            return mark.what == RATE and mark.network == self.network
        return (mark.what, mark.network, mark.setting) == ("setting", self.network, self.name)


def turnables_of(snapshot: Snapshot) -> tuple[Turnable, ...]:
    """All of a run's, as far as it has told: rates are known from the first step on."""
    rates = [
        Turnable(
            RATE,
            name,
            "how far each step goes; its schedule goes on from there",
            rate,
            0.0,
            math.inf,
        )
        for name, rate in next_rates(snapshot).items()
    ]
    told = snapshot.started.settings if snapshot.started else ()
    settings = [
        Turnable(one.name, one.network, one.meaning, one.value, one.lowest, one.highest, one.whole)
        for one in told
    ]
    return (*rates, *settings)
