"""Which alarms are not over."""

from __future__ import annotations

from collections.abc import Iterable

from mnist_engine.training.events import Alarm, Cleared, Event, Resumed, Started, Trouble


class Troubles:
    """The alarms that are not over, as events tell of them."""

    def __init__(self, events: Iterable[Event] = ()) -> None:
        self._open: dict[Trouble, Alarm] = {}  # the newest last
        for event in events:
            self.see(event)

    def see(self, event: Event) -> None:
        """Take in an event; most tell nothing of troubles."""
        match event:
            case Alarm(name=name):
                self._open.pop(name, None)
                self._open[name] = event
            case Cleared(name=name):
                self._open.pop(name, None)
            case Started(step=step) | Resumed(step=step):
                self.forget(step + 1)

    def forget(self, step: int) -> None:
        """Those from ``step`` on; whoever raised the earlier ones remembers and clears them."""
        self._open = {name: alarm for name, alarm in self._open.items() if alarm.step < step}

    @property
    def open(self) -> tuple[Alarm, ...]:
        """Those that are not over, the newest last."""
        return tuple(self._open.values())
