"""The one way in which a person, a signal or another program steers a training thread."""

from __future__ import annotations

import math
import threading
from collections import deque

import msgspec

from mnist_engine.training.events import Action


class Request(msgspec.Struct, frozen=True):
    """Something asked of the trainer, carried out at the next step boundary.

    ``factor`` multiplies the learning rate of ``networks`` (all of the recipe's where empty); None
    takes it back to the schedule.
    """

    what: Action
    source: str = "key"
    networks: tuple[str, ...] = ()
    factor: float | None = None


class TrainControl:
    """Requests on their way to a trainer; every method may be called from any thread.

    The trainer calls :meth:`take` once a step. While it is paused that call sleeps until something
    is asked, so a request is never polled for and :meth:`stop` always gets through.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()  # its lock is re-entrant: methods below nest
        self._requests: deque[Request] = deque()
        self._pause_wanted = False
        self._stop_wanted = False

    @property
    def pause_wanted(self) -> bool:
        """Whether the last word was "pause"; the trainer follows at its next step boundary."""
        return self._pause_wanted

    @property
    def stop_wanted(self) -> bool:
        """Whether the run was asked to end."""
        return self._stop_wanted

    def pause(self, source: str = "key") -> None:
        """Pause before the next step."""
        self._ask(Request("pause", source))

    def resume(self, source: str = "key") -> None:
        """Go on."""
        self._ask(Request("resume", source))

    def toggle_pause(self, source: str = "key") -> None:
        """Pause if running, go on if paused; two calls in a row cancel out."""
        with self._changed:
            self._ask(Request("resume" if self._pause_wanted else "pause", source))

    def step(self, source: str = "key") -> None:
        """Do one step and stay paused; pauses first where training runs."""
        with self._changed:
            if not self._pause_wanted:
                self._ask(Request("pause", source))
            self._ask(Request("step", source))

    def scale_learning_rate(
        self, factor: float, networks: tuple[str, ...] = (), source: str = "key"
    ) -> None:
        """Multiply the learning rate of ``networks`` (of all where empty) by ``factor`` > 0."""
        if not 0 < factor < math.inf:
            raise ValueError(f"learning rate factor is {factor}; it must be above 0 and finite")
        self._ask(Request("learning rate", source, networks, factor))

    def reset_learning_rate(self, networks: tuple[str, ...] = (), source: str = "key") -> None:
        """Take the learning rate of ``networks`` (of all where empty) back to the schedule."""
        self._ask(Request("learning rate", source, networks, None))

    def stop(self, source: str = "key") -> None:
        """End the run at the next step boundary, paused or not."""
        self._ask(Request("stop", source))

    def take(self, wait: bool = False) -> list[Request]:
        """Hand over what was asked since the last call, oldest first.

        With ``wait`` (a paused trainer) the call sleeps until there is at least one request.
        """
        if not wait and not self._requests:  # the usual case costs no lock
            return []
        with self._changed:
            while wait and not self._requests:
                self._changed.wait()
            # One by one: a signal handler in this very thread may add another meanwhile.
            return [self._requests.popleft() for _ in range(len(self._requests))]

    def _ask(self, request: Request) -> None:
        with self._changed:
            if request.what in ("pause", "resume"):
                self._pause_wanted = request.what == "pause"
            self._stop_wanted |= request.what == "stop"
            self._requests.append(request)
            self._changed.notify_all()
