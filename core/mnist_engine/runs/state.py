"""The one state behind every screen: events folded into what is shown.

Live training, a run that another process trains and a finished run that is replayed are three
sources of the same events; each feeds a :class:`RunState` and shows its :class:`Snapshot`.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Literal

import msgspec

from mnist_engine.runs.history import Curve, History
from mnist_engine.runs.troubles import Troubles
from mnist_engine.training.answers import Answers
from mnist_engine.training.events import (
    Alarm,
    CheckpointSaved,
    Cleared,
    Diverged,
    EpochDone,
    Event,
    Finished,
    Inspected,
    Intervened,
    Measured,
    Resumed,
    SamplesDrawn,
    SavingFailed,
    Staged,
    Started,
    StepDone,
)

Phase = Literal["starting", "training", "paused", "finished", "diverged", "stopped", "replay"]
"""What a run does; "replay" where it is over and seen at one of its steps."""

UNDER_WAY = ("training", "paused")

RATE_WINDOW_SECONDS = 2.0
"""Steps are counted over windows of so many seconds of training time."""

RATE_FORGETTING = 0.3
"""The newest window's share in the speed that is shown: a slow moment must not double the ETA."""


@dataclass(frozen=True)
class Snapshot:
    """All that a screen shows, at one moment. Immutable, so any thread may hold it.

    ``version`` grows with every event; equal versions mean equal contents. ``losses`` and
    ``measures`` are curves over steps, by name; ``epochs`` are curves over epoch numbers. ``clock``
    is the training time over steps; ``high`` of its points is that at their steps.
    ``learning_rates`` are those of the last step, by network, and ``factors`` what people
    multiplied the schedule by. ``seconds`` is training time, pauses left out. ``marks`` are the
    interventions and ``alarms`` the alarms so far, oldest first; ``troubles`` are those alarms that
    are not over. ``happened`` is all that is worth a line: these, ends of epochs (without their
    answers), checkpoints, and how training went on or ended. ``answers`` are a classifier's to the
    validation images, at the end of the last epoch; those to the test set are in ``finished``.
    ``gradient_norms`` are curves over steps, by network; ``inspected`` is the last look into the
    networks, and ``class_shares`` those of generated digits when they were last measured.
    ``settings`` are the numbers that people changed, by network and name. ``stages`` are those of
    the step that is done, or was done last, in slow motion.
    ``saving_failed`` is what the disk did not take, until it takes a checkpoint, and ``resumed``
    where training went on from a checkpoint the last time. ``checkpoint`` is the newest, and
    ``weights`` the folder of those that are taken away.
    """

    version: int = 0
    phase: Phase = "starting"
    started: Started | None = None
    step: int = 0
    epoch: int = 0
    seconds: float = 0.0
    steps_per_second: float = 0.0
    losses: dict[str, Curve] = field(default_factory=dict)
    measures: dict[str, Curve] = field(default_factory=dict)
    epochs: dict[str, Curve] = field(default_factory=dict)
    clock: Curve = field(default_factory=lambda: History(2).curve())
    learning_rates: dict[str, float] = field(default_factory=dict)
    factors: dict[str, float] = field(default_factory=dict)
    settings: dict[tuple[str, str], float] = field(default_factory=dict)
    gradient_norms: dict[str, Curve] = field(default_factory=dict)
    inspected: Inspected | None = None
    class_shares: tuple[float, ...] = ()
    stages: tuple[Staged, ...] = ()
    marks: tuple[Intervened, ...] = ()
    alarms: tuple[Alarm, ...] = ()
    troubles: tuple[Alarm, ...] = ()
    happened: tuple[Event, ...] = ()
    samples: SamplesDrawn | None = None
    answers: Answers | None = None
    checkpoint: CheckpointSaved | None = None
    weights: CheckpointSaved | None = None
    saving_failed: SavingFailed | None = None
    resumed: Resumed | None = None
    diverged: Diverged | None = None
    finished: Finished | None = None

    @property
    def own_steps(self) -> int:
        """The steps that this run has done: a branch has the first of all from its parent."""
        return self.step - (self.started.step if self.started else 0)

    @property
    def mean_speed(self) -> float:
        """Steps a second since the run began; 0 where no time has passed."""
        return self.own_steps / self.seconds if self.seconds > 0 else 0.0

    @property
    def seconds_left(self) -> float | None:
        """Estimated training time to the end of the run; None while there is no speed to go by."""
        if self.started is None or self.steps_per_second <= 0:
            return None
        return max(self.started.total_steps - self.step, 0) / self.steps_per_second

    @property
    def again(self) -> tuple[int, int] | None:
        """The first and the last of the steps that are being done once more; None if all is new."""
        resumed = self.resumed
        if resumed is None or self.step >= resumed.logged or self.phase not in UNDER_WAY:
            return None
        return resumed.step + 1, resumed.logged


class RunState:
    """Folds events, oldest first, with :meth:`apply`; :meth:`snapshot` freezes the result.

    Where training went back to a checkpoint, steps may come once more: they take the place of those
    that were done before.

    It belongs to the thread that folds. Its memory is bounded: curves are decimated, and of the
    marks, the alarms and what else happened only the newest ``marks_kept`` stay.
    """

    def __init__(self, marks_kept: int = 500) -> None:
        self._version = 0
        self._phase: Phase = "starting"
        self._started: Started | None = None
        self._step = self._epoch = 0
        self._stepped = 0  # the number of the last StepDone
        self._seconds = 0.0
        self._losses: dict[str, History] = {}
        self._measures: dict[str, History] = {}
        self._epochs: dict[str, History] = {}
        self._clock = History()
        self._learning_rates: dict[str, float] = {}
        self._factors: dict[str, float] = {}
        self._settings: dict[tuple[str, str], float] = {}
        self._gradient_norms: dict[str, History] = {}
        self._inspected: Inspected | None = None
        self._class_shares: tuple[float, ...] = ()
        self._stages: tuple[Staged, ...] = ()
        self._marks: deque[Intervened] = deque(maxlen=marks_kept)
        self._alarms: deque[Alarm] = deque(maxlen=marks_kept)
        self._troubles = Troubles()
        self._happened: deque[Event] = deque(maxlen=marks_kept)
        self._samples: SamplesDrawn | None = None
        self._answers: Answers | None = None
        self._checkpoint: CheckpointSaved | None = None
        self._weights: CheckpointSaved | None = None
        self._saving_failed: SavingFailed | None = None
        self._resumed: Resumed | None = None
        self._diverged: Diverged | None = None
        self._finished: Finished | None = None
        self._rate_from = (0, 0.0)  # step and seconds at which the current rate window began
        self._steps_per_second = 0.0

    @property
    def version(self) -> int:
        """How many events were taken in."""
        return self._version

    def apply(self, event: Event) -> None:
        """Take in the next event."""
        self._version += 1
        self._step = event.step
        self._seconds = event.seconds or self._seconds
        self._troubles.see(event)
        match event:
            case StepDone():
                self._apply_step(event)
            case EpochDone():
                _append(self._epochs, event.epoch, event.measures)
                self._answers = event.answers
                self._happened.append(msgspec.structs.replace(event, answers=None))
            case Measured():
                _append(self._measures, event.step, event.values)
                self._class_shares = event.class_shares
            case Inspected():
                _append(self._gradient_norms, event.step, event.gradient_norms)
                self._inspected = event
            case Staged():
                begun = self._stages[-1:]
                self._stages = (*(self._stages if _of_one_step(begun, event) else ()), event)
            case Alarm():
                self._alarms.append(event)
                self._happened.append(event)
            case Cleared():
                self._happened.append(event)
            case SamplesDrawn():
                self._samples = event
            case Intervened():
                self._apply_intervention(event)
            case Started():
                self._started = event
                # A branch does not begin at 0, nor with what its recipe alone says.
                self._rate_from = (event.step, event.seconds)
                self._factors = dict(event.factors)
                self._go_on()
            case Resumed():
                self._resumed = event
                self._happened.append(event)
                self._go_on()
            case CheckpointSaved(is_weights=True):  # they come last, and mend nothing
                self._weights = event
                self._happened.append(event)
            case CheckpointSaved():
                self._checkpoint = event
                self._happened.append(event)
                self._saving_failed = None
            case SavingFailed():
                if not _is_known(event, self._saving_failed):  # it may come back with every step
                    self._happened.append(event)
                self._saving_failed = event
            case Diverged():
                self._diverged = event
                self._happened.append(event)
            case Finished(ending=ending):
                self._finished = event
                self._happened.append(msgspec.structs.replace(event, answers=None))
                self._phase = "finished" if ending == "completed" else ending

    def snapshot(self) -> Snapshot:
        """The state now, independent of what is applied later."""
        return Snapshot(
            version=self._version,
            phase=self._phase,
            started=self._started,
            step=self._step,
            epoch=self._epoch,
            seconds=self._seconds,
            steps_per_second=self._steps_per_second,
            losses=_curves(self._losses),
            measures=_curves(self._measures),
            epochs=_curves(self._epochs),
            clock=self._clock.curve(),
            learning_rates=dict(self._learning_rates),
            factors=dict(self._factors),
            settings=dict(self._settings),
            gradient_norms=_curves(self._gradient_norms),
            inspected=self._inspected,
            class_shares=self._class_shares,
            stages=self._stages,
            marks=tuple(self._marks),
            alarms=tuple(self._alarms),
            troubles=self._troubles.open,
            happened=tuple(self._happened),
            samples=self._samples,
            answers=self._answers,
            checkpoint=self._checkpoint,
            weights=self._weights,
            saving_failed=self._saving_failed,
            resumed=self._resumed,
            diverged=self._diverged,
            finished=self._finished,
        )

    def _go_on(self) -> None:
        """Train, whatever the log said of an end before."""
        self._phase = "training"
        self._diverged = self._finished = None

    def _apply_step(self, event: StepDone) -> None:
        if self._phase not in UNDER_WAY:
            self._go_on()  # the line that said so is damaged
        if event.step <= self._stepped:
            self._go_back(event)
        self._stepped = event.step
        self._epoch = event.epoch
        self._learning_rates = event.learning_rates
        _append(self._losses, event.step, event.losses)
        _append(self._measures, event.step, event.measures)
        self._clock.append(event.step, event.seconds)
        first_step, first_seconds = self._rate_from
        window = event.seconds - first_seconds
        if window >= RATE_WINDOW_SECONDS or (window > 0 and not self._steps_per_second):
            newest = (event.step - first_step) / window
            former = self._steps_per_second or newest
            self._steps_per_second = former + RATE_FORGETTING * (newest - former)
            self._rate_from = (event.step, event.seconds)

    def _go_back(self, event: StepDone) -> None:
        """Forget what follows from steps that are done once more; curves do so by themselves."""
        while self._alarms and self._alarms[-1].step >= event.step:
            self._alarms.pop()
        self._troubles.forget(event.step)
        self._happened = deque(
            (
                past
                for past in self._happened
                if past.step < event.step or not isinstance(past, Alarm | Cleared | EpochDone)
            ),
            self._happened.maxlen,
        )
        self._rate_from = (event.step, event.seconds)

    def _apply_intervention(self, event: Intervened) -> None:
        if event.number and event in self._marks:
            return  # it was repeated, at its step
        self._marks.append(event)
        self._happened.append(event)
        match event.what:
            case "pause":
                self._phase = "paused"
            case "resume":
                self._phase = "training"
                self._stages = ()
            case "step":
                self._stages = ()
            case "setting":
                self._settings[event.network, event.setting] = event.after
            case "learning rate":
                self._factors[event.network] = event.after


def _is_known(event: SavingFailed, before: SavingFailed | None) -> bool:
    return before is not None and (before.file, before.reason) == (event.file, event.reason)


def _of_one_step(begun: tuple[Staged, ...], event: Staged) -> bool:
    return bool(begun) and begun[0].step == event.step


def _append(histories: dict[str, History], x: float, values: dict[str, float]) -> None:
    for name, value in values.items():
        if name not in histories:
            histories[name] = History()
        histories[name].append(x, value)


def _curves(histories: dict[str, History]) -> dict[str, Curve]:
    return {name: history.curve() for name, history in histories.items()}
