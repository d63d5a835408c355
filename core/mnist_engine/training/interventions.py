"""What people ask of a run while it trains, carried out between two steps."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping

from mnist_engine.training.clock import Clock
from mnist_engine.training.control import Request, TrainControl
from mnist_engine.training.events import CheckpointDue, Due, Event, Intervened
from mnist_engine.training.learner import Learner


class Interventions:
    """Carries out what ``control`` is asked, at step boundaries.

    ``done`` is all that people ever did to the run, oldest first, and ``stopped`` whether they
    ended it. Given the same interventions at the same steps a run comes out the same to the bit, so
    they can be repeated: see :meth:`repeat`.
    """

    def __init__(self, control: TrainControl, clock: Clock) -> None:
        self.done: list[Intervened] = []
        self.stopped = False
        self._control = control
        self._clock = clock
        self._paused = False
        self._single_steps = 0
        self._numbered = 0  # the largest number of an intervention, in an earlier life too
        self._to_repeat: deque[Intervened] = deque()
        self._known_until = 0
        self._waiting: list[Request] = []  # for the step from which on the run is new

    def take_over(self, done: Iterable[Intervened]) -> None:
        """Begin with what was ``done`` to a run before it was saved: its effects are in its state.

        Whoever stopped it then does not stop it now.
        """
        self.done = list(done)
        self._numbered = max((each.number for each in self.done), default=0)

    def repeat(self, earlier: Iterable[Intervened], known_until: int = 0) -> None:
        """Do again what was done in ``earlier`` life of this run, each at its step.

        Only what moves weights is repeated: changes of learning rates. Before step ``known_until``
        the course of the run is settled, and new changes wait.
        """
        earlier = list(earlier)
        numbers = {done.number for done in self.done}
        self._numbered = max(self._numbered, *(done.number for done in earlier), 0)
        self._to_repeat = deque(
            sorted(
                (
                    done
                    for done in earlier
                    if done.what == "learning rate" and done.number not in numbers
                ),
                key=lambda done: (done.step, done.number),
            )
        )
        self._known_until = known_until

    def boundary(self, step: int, learners: Mapping[str, Learner]) -> Iterator[Event]:
        """After ``step`` steps: carry out what was asked, and stay here while paused."""
        while self._to_repeat and self._to_repeat[0].step <= step:
            yield self._again(self._to_repeat.popleft(), learners)
        while True:
            wait = self._paused and not self._single_steps
            if wait:
                self._clock.halt()
            due: Due | None = None
            for request in self._requests(step, wait):
                yield from self._carry_out(request, step, learners)
                due = _due(request) or due
            if due is not None:
                with self._clock.standing():
                    yield CheckpointDue(step=step, seconds=self._clock.seconds, reason=due)
            if self.stopped or not self._paused:
                break
            if self._single_steps:
                self._single_steps -= 1
                break
        self._clock.go()

    def _requests(self, step: int, wait: bool) -> list[Request]:
        requests = self._control.take(wait=wait)
        if step >= self._known_until:
            if self._waiting:
                requests = self._waiting + requests
                self._waiting = []
            return requests
        self._waiting += [request for request in requests if request.what == "learning rate"]
        return [request for request in requests if request.what != "learning rate"]

    def _carry_out(
        self, request: Request, step: int, learners: Mapping[str, Learner]
    ) -> Iterator[Intervened]:
        if self.stopped or request.what == "checkpoint":
            return  # nothing comes after the end; and to save is to change nothing
        match request.what:
            case "pause" | "resume":
                paused = request.what == "pause"
                if paused == self._paused:
                    return
                self._paused = paused
                self._single_steps = 0
            case "step":
                self._single_steps += 1
            case "stop":
                self.stopped = True
            case "learning rate":
                yield from self._change_learning_rate(request, step, learners)
                return
        yield self._note(request, step)

    def _change_learning_rate(
        self, request: Request, step: int, learners: Mapping[str, Learner]
    ) -> Iterator[Intervened]:
        """Turn the networks asked for; those that this task does not have are passed over."""
        for name, learner in learners.items():
            if not request.networks or name in request.networks:
                before = learner.factor
                learner.scale(request.factor)
                yield self._note(request, step, name, before, learner.factor)

    def _note(
        self,
        request: Request,
        step: int,
        network: str = "",
        before: float = 1.0,
        after: float = 1.0,
    ) -> Intervened:
        self._numbered += 1
        return self._keep(
            Intervened(
                step=step,
                seconds=self._clock.seconds,
                number=self._numbered,
                what=request.what,
                source=request.source,
                network=network,
                before=before,
                after=after,
            )
        )

    def _again(self, earlier: Intervened, learners: Mapping[str, Learner]) -> Intervened:
        learner = learners.get(earlier.network)
        if learner is not None:
            learner.factor = earlier.after
        return self._keep(earlier)

    def _keep(self, done: Intervened) -> Intervened:
        self.done.append(done)
        return done


def _due(request: Request) -> Due | None:
    """Why a checkpoint is due after this request; None where nothing would be lost.

    To go on after a pause, and to do a single step, changes nothing that was not saved with it.
    """
    match request.what:
        case "pause" | "learning rate":
            return "intervention"
        case "stop":
            return "stop"
        case "checkpoint":
            return "clock" if request.source == "clock" else "request"
    return None
