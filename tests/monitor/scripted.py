"""A trainer that does as many steps as a test allows."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import msgspec

from mnist_engine.runs.directory import RunDirectory
from mnist_engine.runs.pictures import save_grid
from mnist_engine.training.control import Request, TrainControl
from mnist_engine.training.events import (
    Alarm,
    CheckpointSaved,
    Diverged,
    EpochDone,
    Event,
    Finished,
    Intervened,
    SamplesDrawn,
    Staged,
    Started,
    StepDone,
    Task,
    encode_event,
)

from .looks import SHARES, answers, look, measured

DEADLINE = 10.0
NETWORKS = {"gan": ("discriminator", "generator"), "classify": ("classifier",)}
RATES = {"discriminator": 0.001, "generator": 0.004, "classifier": 0.004}


class ScriptedTrainer:
    """Yields real events, obeys a real ``TrainControl``, and waits for leave before each step.

    Step ``n`` takes 10 ms of training time and has losses like 2 / n. The digits are fixed: picture
    ``k`` has one bright row, the ``k + 4``-th.
    """

    def __init__(self, task: Task, control: TrainControl) -> None:
        self.task = task
        self.control = control
        self.networks = NETWORKS[task]
        self.critic = False
        self.judge = "c0ffee00"
        self.epochs = 3
        self.steps_per_epoch = 4
        self.remarks: tuple[str, ...] = ()
        self.may_load = threading.Event()
        self.may_load.set()
        self.may_save = threading.Event()
        self.may_save.set()
        self.fails_at: int | None = None
        self.failure: Exception = ValueError("no such thing")
        self.diverges_at: int | None = None
        self.alarms: dict[int, Alarm] = {}
        self.requests: list[Request] = []
        self.saved = False
        self._leave = threading.Semaphore(0)
        self._factors = dict.fromkeys(self.networks, 1.0)
        self._step = 0
        self._paused = False
        self._ending = "completed"

    def allow(self, steps: int) -> None:
        """Let the trainer do so many steps more."""
        for _ in range(steps):
            self._leave.release()

    def __call__(self) -> Iterator[Event]:
        """The run's events."""
        self.may_load.wait(DEADLINE)
        yield Started(
            step=0,
            task=self.task,
            recipe="scripted",
            summary="a scripted run",
            epochs=self.epochs,
            steps_per_epoch=self.steps_per_epoch,
            seed=1,
            threads=1,
            parameters=dict.fromkeys(self.networks, 10),
            image_shape=(28, 28),
            class_shares=SHARES if self.task == "gan" and self.judge else (),
            judge=self.judge if self.task == "gan" else "",
            measured_every=self.steps_per_epoch if self.task == "gan" else 0,
            remarks=self.remarks,
        )
        yield self._samples(0)
        while self._step < self.epochs * self.steps_per_epoch:
            yield from self._wait_for_leave()
            if self._ending == "stopped":
                break
            yield from self._do_step()
            if self._ending == "diverged":
                break
        self.may_save.wait(DEADLINE)
        self.saved = True
        yield CheckpointSaved(step=self._step, seconds=self._seconds, file="weights.safetensors")
        yield Finished(
            step=self._step,
            seconds=self._seconds,
            epoch=self._epoch,
            ending=self._ending,
            test_accuracy=0.9876 if self.task == "classify" else None,
        )

    @property
    def _seconds(self) -> float:
        return self._step / 100

    @property
    def _epoch(self) -> int:
        return max(1, -(-self._step // self.steps_per_epoch))

    def _wait_for_leave(self) -> Iterator[Event]:
        while True:
            for request in self.control.take(wait=self._paused):
                self.requests.append(request)
                yield from self._obey(request)
                if request.what == "step" or self._ending == "stopped":
                    return
            if not self._paused and self._leave.acquire(timeout=0.002):
                return

    def _obey(self, request: Request) -> Iterator[Event]:
        common = {"step": self._step, "seconds": self._seconds, "source": request.source}
        if request.what == "learning rate":
            for network in request.networks or self.networks:
                before = self._factors[network]
                after = 1.0 if request.factor is None else before * request.factor
                self._factors[network] = after
                yield Intervened(
                    what="learning rate", network=network, before=before, after=after, **common
                )
            return
        if request.what == "remedy":
            common["source"] = "remedy"
            yield Intervened(what="learning rate", network=self.networks[0], after=0.5, **common)
            return
        if request.what == "stage":
            network = self.networks[0]
            turn = {"network": network, "turn": network}
            common.pop("source")
            yield Staged(stage="loss", numbers={"loss": 0.125}, **turn, **common)
            return
        if request.what == "stop":
            self._ending = "stopped"
        elif request.what != "step":
            self._paused = request.what == "pause"
        yield Intervened(what=request.what, **common)

    def _do_step(self) -> Iterator[Event]:
        self._step += 1
        if self._step == self.fails_at:
            raise self.failure
        yield StepDone(
            step=self._step,
            seconds=self._seconds,
            epoch=self._epoch,
            losses={name: (n + 2) / self._step for n, name in enumerate(self.networks)},
            learning_rates={name: RATES[name] * self._factors[name] for name in self.networks},
            measures=self._verdicts(),
        )
        yield look(self.task, self.networks, self.critic, self._step, self._seconds)
        if self._step in self.alarms:
            yield self.alarms[self._step]
        if self._step == self.diverges_at:
            self._ending = "diverged"
            yield Diverged(step=self._step, network=self.networks[0], value="nan")
        elif self._step % self.steps_per_epoch == 0:
            epoch = self._epoch
            measures = self._accuracies(epoch)
            if self.task == "gan":
                yield measured(self._step, self._seconds)
            yield EpochDone(
                step=self._step,
                seconds=self._seconds,
                epoch=epoch,
                measures=measures,
                answers=answers(epoch) if self.task == "classify" else None,
            )
            yield self._samples(epoch)

    def _verdicts(self) -> dict[str, float]:
        if self.critic:
            return {"critic(real)": self._step, "critic(fake)": -self._step}
        return {"D(real)": 0.75, "D(fake)": 0.25} if self.task == "gan" else {}

    def _accuracies(self, epoch: int) -> dict[str, float]:
        if self.critic:
            return {"discriminator loss": 1.0, **self._verdicts()}
        if self.task == "gan":
            right = {"accuracy real": 0.6 + epoch / 100, "accuracy generated": 0.7 + epoch / 100}
            return right | {"FID": 8.0 / epoch}
        return {"validation loss": 1 / epoch, "validation accuracy": 0.9 + epoch / 100}

    def _samples(self, epoch: int) -> SamplesDrawn:
        pictures = bytearray(20 * 28 * 28)
        for k in range(20):
            start = k * 784 + (k + 4) * 28
            pictures[start : start + 28] = b"\xff" * 28
        judged = self.task == "classify"
        return SamplesDrawn(
            step=self._step,
            seconds=self._seconds,
            epoch=epoch,
            count=20,
            image_shape=(28, 28),
            columns=10,
            images=bytes(pictures),
            captions=tuple("7→9" if k == 1 else str(k % 10) for k in range(20)) if judged else (),
            wrong=tuple(k == 1 for k in range(20)) if judged else (),
            epoch_end=True,
        )


def write_down(trainer: ScriptedTrainer, run: RunDirectory) -> None:
    """Iterate a trainer and leave what a training process leaves."""
    run.samples.mkdir(parents=True, exist_ok=True)
    with run.events.open("ab", buffering=0) as log:
        for event in trainer():
            if isinstance(event, SamplesDrawn):
                name = f"epoch-{event.epoch:04d}.png"
                save_grid(event, run.samples / name)
                event = msgspec.structs.replace(event, images=b"", file=f"samples/{name}")
            log.write(encode_event(event) + b"\n")
