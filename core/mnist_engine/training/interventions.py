"""What people ask of a run while it trains, carried out between two steps."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping

from mnist_engine.training.clock import Clock
from mnist_engine.training.control import Request, TrainControl
from mnist_engine.training.events import (
    CheckpointDue,
    Due,
    Event,
    Intervened,
    Task,
    moves_weights,
)
from mnist_engine.training.learner import Learner
from mnist_engine.training.remedies import remedy_for
from mnist_engine.training.settings import Settings


class Interventions:
    """Carries out what ``control`` is asked, at step boundaries.

    ``done`` is all that people ever did to the run, oldest first, and ``stopped`` whether they
    ended it. ``alone`` is the one network that the coming step moves, empty where it moves all.
    Given the same interventions at the same steps a run comes out the same to the bit, so they can
    be repeated: see :meth:`repeat`. ``answer`` is called when questions may be answered.
    """

    def __init__(
        self,
        control: TrainControl,
        clock: Clock,
        learners: Mapping[str, Learner],
        settings: Settings,
        answer: Callable[[], None],
    ) -> None:
        self.done: list[Intervened] = []
        self.stopped = False
        self.alone = ""
        self._control = control
        self._clock = clock
        self._learners = learners
        self._settings = settings
        self._answer = answer
        self._paused = False
        self._steps: deque[Request] = deque()  # to be done one by one, while paused
        self._in_stages = False
        self._held: list[Request] = []  # asked in the midst of a step
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

        Only what moves weights is repeated. Before step ``known_until`` the course of the run is
        settled, and what would change it waits.
        """
        earlier = list(earlier)
        numbers = {done.number for done in self.done}
        self._numbered = max(self._numbered, *(done.number for done in earlier), 0)
        self._to_repeat = deque(
            sorted(
                (done for done in earlier if done.moves_weights and done.number not in numbers),
                key=lambda done: (done.step, done.number),
            )
        )
        self._known_until = known_until

    # -- between two steps -----------------------------------------------------------------------

    def boundary(self, step: int) -> Iterator[Event]:
        """After ``step`` steps: carry out what was asked, and stay here while paused."""
        self.alone = ""
        self._in_stages = False
        while self._to_repeat and self._to_repeat[0].step <= step:
            yield self._again(self._to_repeat.popleft())
        while True:
            wait = self._paused and not self._steps
            if wait:
                self._clock.halt()
            due: Due | None = None
            for request in self._requests(step, wait):
                yield from self._carry_out(request, step)
                due = _due(request) or due
            if due is not None:
                with self._clock.standing():
                    yield CheckpointDue(step=step, seconds=self._clock.seconds, reason=due)
            if self._control.questions:
                with self._clock.standing():
                    self._answer()
            if self.stopped or not self._paused:
                break
            if self._steps:
                yield from self._begin_step(self._steps.popleft(), step)
                break
        self._clock.go()

    def _requests(self, step: int, wait: bool) -> list[Request]:
        held, self._held = self._held, []
        requests = held + self._control.take(wait=wait and not held)
        if step >= self._known_until:
            waiting, self._waiting = self._waiting, []
            return waiting + requests
        at_once: list[Request] = []
        for request in requests:
            later = moves_weights(request.what, alone=bool(request.networks))
            (self._waiting if later else at_once).append(request)
        return at_once

    def _carry_out(self, request: Request, step: int) -> Iterator[Intervened]:
        if self.stopped or request.what == "checkpoint":
            return  # nothing comes after the end; and to save is to change nothing
        match request.what:
            case "pause" | "resume":
                paused = request.what == "pause"
                if paused == self._paused:
                    return
                self._paused = paused
                self._steps.clear()
            case "step" | "stage":
                if request.networks and request.networks[0] not in self._learners:
                    return
                self._steps.append(request)
                return
            case "stop":
                self.stopped = True
            case "learning rate":
                yield from self._change_learning_rate(request, step)
                return
            case "setting":
                yield from self._change_setting(request, step)
                return
            case "remedy":
                yield from self._help(request, step)
                return
        yield self._note(request, step)

    def _begin_step(self, request: Request, step: int) -> Iterator[Intervened]:
        """The step that comes next is done alone, and perhaps by one network or in stages."""
        self._in_stages = request.what == "stage"
        self.alone = request.networks[0] if request.networks else ""
        if not self._in_stages:
            yield self._note(request, step, self.alone)

    def _change_learning_rate(self, request: Request, step: int) -> Iterator[Intervened]:
        """Turn the networks asked for; those that this task does not have are passed over."""
        for name, learner in self._learners.items():
            if not request.networks or name in request.networks:
                before = learner.factor
                learner.scale(request.factor)
                yield self._note(request, step, name, before, learner.factor)

    def _change_setting(self, request: Request, step: int) -> Iterator[Intervened]:
        """What this training has not, or cannot take, is passed over: it came from elsewhere."""
        network = request.networks[0] if request.networks else ""
        setting = self._settings.find(network, request.setting)
        if setting is None:
            return
        before = setting.read()
        try:
            self._settings.change(network, request.setting, request.value)
        except ValueError:
            return
        yield self._note(request, step, network, before, setting.read())

    def _help(self, request: Request, step: int) -> Iterator[Intervened]:
        """Carry out what helps against a trouble; nothing where this task cannot have it."""
        task: Task = "gan" if "generator" in self._learners else "classify"
        remedy = remedy_for(task, request.trouble) if request.trouble else None
        factors = {name: learner.factor for name, learner in self._learners.items()}
        for one in remedy.requests(self._settings, factors) if remedy else ():
            yield from self._carry_out(one, step)

    # -- between two stages of a step ------------------------------------------------------------

    @property
    def in_stages(self) -> bool:
        """Whether the step is to be done stage by stage, with a :meth:`wait` after each."""
        return self._in_stages

    def wait(self) -> None:
        """Sleep until the next stage is asked for, or the rest of the step at once.

        What else is asked meanwhile is carried out when the step is done.
        """
        self._clock.halt()
        while self._in_stages and not self._go_on():
            self._held += self._control.take(wait=True)
            if self._control.questions:
                self._answer()
        self._clock.go()

    def _go_on(self) -> bool:
        """Whether somebody has asked for more of the step."""
        for number, request in enumerate(self._held):
            if request.what in ("resume", "stop") or (request.what == "step" and request.networks):
                self._in_stages = False
                return True
            if request.what in ("stage", "step"):
                del self._held[number]
                self._in_stages = request.what == "stage"
                return True
        return False

    # -- what is told ----------------------------------------------------------------------------

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
                setting=request.setting,
                before=before,
                after=after,
            )
        )

    def _again(self, earlier: Intervened) -> Intervened:
        match earlier.what:
            case "learning rate":
                if earlier.network in self._learners:
                    self._learners[earlier.network].factor = earlier.after
            case "setting":
                if self._settings.find(earlier.network, earlier.setting) is not None:
                    self._settings.change(earlier.network, earlier.setting, earlier.after)
            case "step":
                self.alone = earlier.network
        return self._keep(earlier)

    def _keep(self, done: Intervened) -> Intervened:
        self.done.append(done)
        return done


def _due(request: Request) -> Due | None:
    """Why a checkpoint is due after this request; None where nothing would be lost.

    To go on after a pause, and to do a single step, changes nothing that was not saved with it.
    """
    match request.what:
        case "pause" | "learning rate" | "setting" | "remedy":
            return "intervention"
        case "stop":
            return "stop"
        case "checkpoint":
            return "clock" if request.source == "clock" else "request"
    return None
