"""The one way in which a person, a signal or another program steers a training thread."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections import deque

import msgspec

from mnist_engine.training.events import Action, Trouble
from mnist_engine.training.learner import LARGEST_FACTOR
from mnist_engine.training.questions import Questions

NETWORKS = frozenset({"discriminator", "generator", "classifier"})
"""What networks are called, in whatever task."""


class Request(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Something asked of the trainer, carried out at the next step boundary.

    ``factor`` multiplies the learning rate of ``networks`` (all of the recipe's where empty); None
    takes it back to the schedule. A "step" moves ``networks`` alone where any are named. The
    ``setting`` of that name, and of the network that is named, becomes ``value``. A "remedy" is
    what helps against ``trouble``. Raises ValueError where there can be no such factor or network.
    """

    what: Action
    source: str = "key"
    networks: tuple[str, ...] = ()
    factor: float | None = None
    setting: str = ""
    value: float = 0.0
    trouble: Trouble | None = None

    def __post_init__(self) -> None:
        """A request may come from a file that anybody can write to."""
        if self.factor is not None and not 1 / LARGEST_FACTOR <= self.factor <= LARGEST_FACTOR:
            raise ValueError(
                f"learning rate factor is {self.factor}; it must be from {1 / LARGEST_FACTOR:g} to "
                f"{LARGEST_FACTOR:g}"
            )
        for name in self.networks:
            if name not in NETWORKS:
                known = ", ".join(sorted(NETWORKS))
                raise ValueError(f"there is no network {name!r}; there are {known}")


class Control(ABC):
    """What can be asked of a trainer, be it in this process or in another one.

    Every method may be called from any thread. ``source`` says who asks: it is what the log has.
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()  # methods below nest
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
        self.submit(Request("pause", source))

    def resume(self, source: str = "key") -> None:
        """Go on."""
        self.submit(Request("resume", source))

    def toggle_pause(self, source: str = "key") -> None:
        """Pause if running, go on if paused; two calls in a row cancel out."""
        with self._lock:
            self.submit(Request("resume" if self._pause_wanted else "pause", source))

    def step(self, source: str = "key", networks: tuple[str, ...] = ()) -> None:
        """Do one step and stay paused; pauses first where training runs.

        Where ``networks`` are named, it moves those alone.
        """
        self._while_paused(Request("step", source, networks))

    def stage(self, source: str = "key") -> None:
        """Do the next stage of a step; pauses first where training runs."""
        self._while_paused(Request("stage", source))

    def _while_paused(self, request: Request) -> None:
        with self._lock:
            if not self._pause_wanted:
                self.submit(Request("pause", request.source))
            self.submit(request)

    def change_setting(
        self, name: str, value: float, network: str = "", source: str = "key"
    ) -> None:
        """Give the setting of that name, of ``network`` if it is one's, another value."""
        networks = (network,) if network else ()
        self.submit(Request("setting", source, networks, setting=name, value=value))

    def scale_learning_rate(
        self, factor: float, networks: tuple[str, ...] = (), source: str = "key"
    ) -> None:
        """Multiply the learning rate of ``networks`` (of all where empty) by ``factor`` > 0."""
        self.submit(Request("learning rate", source, networks, factor))

    def reset_learning_rate(self, networks: tuple[str, ...] = (), source: str = "key") -> None:
        """Take the learning rate of ``networks`` (of all where empty) back to the schedule."""
        self.submit(Request("learning rate", source, networks, None))

    def remedy(self, trouble: Trouble, source: str = "key") -> None:
        """Do what helps against ``trouble``; see :mod:`mnist_engine.training.remedies`."""
        self.submit(Request("remedy", source, trouble=trouble))

    def checkpoint(self, source: str = "key") -> None:
        """Save what training can go on from, at the next step boundary."""
        self.submit(Request("checkpoint", source))

    def stop(self, source: str = "key") -> None:
        """End the run at the next step boundary, paused or not."""
        self.submit(Request("stop", source))

    def submit(self, request: Request) -> None:
        """Ask for what ``request`` says."""
        with self._lock:
            self._hand_over(request)
            if request.what in ("pause", "resume"):
                self._pause_wanted = request.what == "pause"
            self._stop_wanted |= request.what == "stop"

    @abstractmethod
    def _hand_over(self, request: Request) -> None:
        """Bring ``request`` to the trainer; what it raises says that it was not asked."""


class TrainControl(Control):
    """Requests on their way to a trainer in this process.

    The trainer calls :meth:`take` once a step. While it is paused that call sleeps until something
    is asked, so a request is never polled for and :meth:`stop` always gets through. ``questions``
    go another way, for they change nothing.
    """

    def __init__(self) -> None:
        super().__init__()
        self._changed = threading.Condition(self._lock)
        self._requests: deque[Request] = deque()
        self.questions = Questions(self._wake)

    def take(self, wait: bool = False) -> list[Request]:
        """Hand over what was asked since the last call, oldest first.

        With ``wait`` (a paused trainer) the call sleeps until there is at least one request, or a
        question.
        """
        if not wait and not self._requests:  # the usual case costs no lock
            return []
        with self._changed:
            while wait and not self._requests and not self.questions:
                self._changed.wait()
            # One by one: a signal handler in this very thread may add another meanwhile.
            return [self._requests.popleft() for _ in range(len(self._requests))]

    def _hand_over(self, request: Request) -> None:
        self._requests.append(request)
        self._changed.notify_all()

    def _wake(self) -> None:
        with self._changed:
            self._changed.notify_all()
