"""Training without a screen: a progress bar, plain lines or JSON lines, and an orderly end.

Nothing here needs Textual, so a batch job never waits for it or fails on it.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from io import TextIOWrapper
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Literal, TextIO

import msgspec
import numpy as np

from mnist_engine.runs.state import RunState, Snapshot
from mnist_engine.training.answers import Answers
from mnist_engine.training.control import TrainControl
from mnist_engine.training.events import (
    Alarm,
    CheckpointSaved,
    EpochDone,
    Event,
    Finished,
    Intervened,
    Resumed,
    SavingFailed,
    Started,
    StepDone,
)
from mnist_tui.figures import duration, in_words, measured, number

if TYPE_CHECKING:
    from rich.console import RenderableType

OutputStyle = Literal["bar", "lines", "json"]

FLUSH_SECONDS = 0.1  # a reader of JSON lines never lags more, and fast steps share a write
REFRESH_SECONDS = 0.2  # more often costs training time and shows nothing more
BAR_WIDTH = 100
CONFUSIONS = 3
"""Of a classifier's confusions so many are told at its end."""

LEFT_OUT = {"calibration error"}
"""Measures that the line of an epoch has no room for; the last line has them."""

STOPPING = "stopping after this step; saving the weights (Ctrl-C again quits at once)"


def run_headless(
    events: Iterable[Event],
    control: TrainControl,
    style: OutputStyle | None = None,
    *,
    history: Iterable[Event] = (),
    run_directory: Path | None = None,
    watching: str = "",
    output: TextIO | None = None,
    errors: TextIO | None = None,
) -> int:
    """Run ``events`` to their end, show them, and return the exit status of the program.

    0: trained to the end, or stopped by another program's request. 1: diverged, or the output or
    the end of the run could not be written (a closed pipe, a full disk); one line on ``errors``
    says which.
    128 + n: signal n asked to stop (see :func:`stop_on_signals`).

    However it ends, ``events`` is iterated to its end, since that is what saves the weights. Where
    ``style`` is None, :func:`output_style` chooses. ``history`` happened before and is not shown
    again. ``run_directory`` is what the paths in the events are relative to. ``watching`` is the
    name of a run that another process trains: a signal then ends no more than the looking on.
    ``output`` and ``errors`` are the program's own unless given. What ``events`` raises is passed
    on.
    """
    output = sys.stdout if output is None else output
    errors = sys.stderr if errors is None else errors
    state = RunState()
    for event in history:
        state.apply(event)
    known = state.version
    told = False
    lost: OSError | None = None  # what befell the output; from then on nothing is shown
    with stop_on_signals(control) as signals:
        reporter = _reporter(style or output_style(output), output, errors)
        try:
            for event in events:
                state.apply(event)
                if lost:
                    continue
                try:
                    reporter.show(event, state)
                    if (
                        signals.received and not told and not watching
                    ):  # not in the handler: prints may not nest
                        told = True
                        reporter.notice(STOPPING)
                except OSError as error:
                    lost = error
                    control.stop(source="closed output")
                    _discard(output)
        finally:
            end = state.snapshot() if state.version > known else Snapshot()
            try:
                reporter.close(end, run_directory)
            except OSError as error:
                lost = lost or error
                _discard(output)
    left = bool(watching and signals.received)  # what nobody waited for is no fault
    fault = "" if left else _fault(end, lost, watching)
    if fault:
        try:
            print(fault, file=errors, flush=True)
        except OSError:
            _discard(errors)
    return signals.status or (1 if fault else 0)


def output_style(stream: TextIO, json: bool = False) -> OutputStyle:
    """How to write to ``stream``: a bar on a terminal that can redraw one, else plain lines."""
    if json:
        return "json"
    can_redraw = stream.isatty() and os.environ.get("TERM", "").lower() not in ("dumb", "unknown")
    return "bar" if can_redraw else "lines"


class StopSignals:
    """Which signal asked to stop, if one did: ``received`` is its number."""

    def __init__(self, control: TrainControl) -> None:
        self.received: int | None = None
        self._control = control

    @property
    def status(self) -> int:
        """The exit status that tells the signal to a shell: 128 + n, or 0 without one."""
        return 128 + self.received if self.received else 0

    def handle(self, number: int, _frame: FrameType | None) -> None:
        """Ask for an orderly stop; on Ctrl-C while one is under way raise SystemExit."""
        if self.received and number == signal.SIGINT:
            raise SystemExit(128 + number)
        self.received = self.received or number
        self._control.stop(source="signal")


@contextmanager
def stop_on_signals(control: TrainControl) -> Iterator[StopSignals]:
    """While this is entered, SIGINT, SIGTERM and SIGHUP ask ``control`` to stop.

    A second SIGINT raises SystemExit(130). The former handlers come back at the end. Signals reach
    Python's main thread only, so on any other thread this changes nothing.
    """
    signals = StopSignals(control)
    former = {}
    if threading.current_thread() is threading.main_thread():
        for name in ("SIGINT", "SIGTERM", "SIGHUP"):
            number: signal.Signals | None = getattr(signal, name, None)  # Windows has no SIGHUP
            if number is None:
                continue
            if name == "SIGHUP" and signal.getsignal(number) is signal.SIG_IGN:
                continue  # nohup: the run is meant to outlive its terminal
            former[number] = signal.signal(number, signals.handle)
    try:
        yield signals
    finally:
        for number, handler in former.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)


class _JsonLines:
    """Every event as one line of JSON."""

    def __init__(self, output: TextIO, errors: TextIO) -> None:
        self._output = output
        self._errors = errors
        # JSON is UTF-8 whatever the locale says, hence the bytes below the text if there are any.
        self._bytes = output.buffer if isinstance(output, TextIOWrapper) else None
        self._encoder = msgspec.json.Encoder()
        self._flushed = time.monotonic()

    def show(self, event: Event, _state: RunState) -> None:
        line = self._encoder.encode(event) + b"\n"
        if self._bytes is None:
            self._output.write(line.decode())
        else:
            self._bytes.write(line)
        now = time.monotonic()
        if not isinstance(event, StepDone) or now - self._flushed >= FLUSH_SECONDS:
            self._flushed = now
            self._output.flush()

    def notice(self, text: str) -> None:
        print(text, file=self._errors, flush=True)

    def close(self, _end: Snapshot, _run_directory: Path | None) -> None:
        self._output.flush()


class _PlainLines:
    """A line about the run, one an epoch, an alarm or a trouble with the disk, one at the end."""

    def __init__(self, output: TextIO, errors: TextIO) -> None:
        self._output = output
        self._errors = errors
        self._epochs = 0
        self._trouble = ""
        if isinstance(output, TextIOWrapper):
            output.reconfigure(errors="replace")  # a recipe's "×" must not end an ASCII log

    def show(self, event: Event, state: RunState) -> None:
        match event:
            case Started(epochs=epochs):
                self._epochs = epochs
                self._print(_started_line(event))
            case Resumed():
                now = state.snapshot()
                self._epochs = now.started.epochs if now.started else 0
                for line in _resumed_lines(event, now):
                    self._print(line)
            case EpochDone():
                self._print(_epoch_line(event, self._epochs))
            case Alarm(step=step, level=level, name=name, text=text):
                self._print(f"step {step}: {level}: {name}: {text}")
            case SavingFailed(file=file, reason=reason):
                trouble = f"{file}: cannot be written ({reason})"
                if trouble != self._trouble:  # it may come back with every step
                    self._print(f"step {event.step}: {trouble}; training goes on without")
                self._trouble = trouble
            case CheckpointSaved():
                self._trouble = ""

    def notice(self, text: str) -> None:
        print(text, file=self._errors, flush=True)

    def close(self, end: Snapshot, run_directory: Path | None) -> None:
        if end.finished and end.finished.answers:
            self._print(_confusions_line(end.finished.answers))
        if end.finished:
            self._print(_summary_line(end, end.finished, run_directory))

    def _print(self, line: str) -> None:
        print(line, file=self._output, flush=True)


class _Bar(_PlainLines):
    """The same lines above a progress bar with each network's loss and learning rate."""

    def __init__(self, output: TextIO, errors: TextIO) -> None:
        from rich.console import Console
        from rich.live import Live

        super().__init__(output, errors)
        self._console = Console(file=output)
        # No refreshing thread: it would take time from training and draw in the midst of a line.
        self._live = Live(
            console=self._console,
            auto_refresh=False,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._live.start()
        self._refreshed = 0.0

    def show(self, event: Event, state: RunState) -> None:
        super().show(event, state)
        now = time.monotonic()
        rare = isinstance(event, Started | Resumed | EpochDone | Intervened | Alarm)
        if rare or now - self._refreshed >= REFRESH_SECONDS:
            self._refreshed = now
            self._live.update(_bar(state.snapshot(), self._console.width), refresh=True)

    def notice(self, text: str) -> None:
        self._print(text)

    def close(self, end: Snapshot, run_directory: Path | None) -> None:
        self._live.stop()
        super().close(end, run_directory)

    def _print(self, line: str) -> None:
        from rich.text import Text

        self._console.print(Text(line))  # as Text: no markup, no emoji, no highlights


def _reporter(style: OutputStyle, output: TextIO, errors: TextIO) -> _JsonLines | _PlainLines:
    if style == "json":
        return _JsonLines(output, errors)
    return _Bar(output, errors) if style == "bar" else _PlainLines(output, errors)


def _bar(now: Snapshot, width: int) -> RenderableType:
    from rich.console import Group
    from rich.progress_bar import ProgressBar
    from rich.table import Table

    if now.started is None:
        return ""
    total = now.started.total_steps
    left = now.seconds_left
    progress = Table.grid(padding=(0, 2))
    progress.width = min(width, BAR_WIDTH)
    for ratio in (None, 1, None, None, None):
        progress.add_column(ratio=ratio, no_wrap=True)
    progress.add_row(
        f"epoch {now.epoch}/{now.started.epochs}",
        ProgressBar(total=max(total, 1), completed=now.step),
        f"{now.step}/{total} steps",
        f"{now.steps_per_second:.0f} steps/s" if now.steps_per_second else "",
        now.phase if left is None or now.phase != "training" else f"ETA {duration(left)}",
    )
    networks = Table.grid(padding=(0, 2))
    for _ in range(3):
        networks.add_column(no_wrap=True)
    for network, losses in now.losses.items():
        rate = now.learning_rates.get(network)
        networks.add_row(
            network,
            f"loss {number(losses.last)}",
            "" if rate is None else f"learning rate {rate:.3g}",
        )
    return Group(progress, networks)


def _started_line(started: Started) -> str:
    what = {"gan": "GAN", "classify": "classifier"}[started.task]
    parameters = ", ".join(
        f"{count:,} parameters" if len(started.parameters) == 1 else f"{network} {count:,}"
        for network, count in started.parameters.items()
    )
    if len(started.parameters) > 1:
        parameters = f"parameters: {parameters}"
    return (
        f"training {what} {started.recipe}: {started.summary}; {parameters}; "
        f"{_count(started.epochs, 'epoch')} of {_count(started.steps_per_epoch, 'step')}, "
        f"seed {started.seed}, {_count(started.threads, 'thread')}"
    )


def _resumed_lines(resumed: Resumed, now: Snapshot) -> list[str]:
    """Where training goes on, and what was found damaged, a line each."""
    started = now.started
    of_all = f" of {started.total_steps:,}" if started else ""
    what = f"training {started.recipe}" if started else "training"
    line = f"{what} goes on from step {resumed.step:,}{of_all}"
    if now.again is not None:
        line += f", going over steps {now.again[0]:,}-{now.again[1]:,} again"
    return [line, *resumed.faults]


def _epoch_line(done: EpochDone, epochs: int) -> str:
    width = len(str(epochs))
    parts = [f"epoch {done.epoch:>{width}}/{epochs}", f"step {done.step}", f"{done.seconds:.1f} s"]
    shown = [_measure(*item) for item in done.measures.items() if item[0] not in LEFT_OUT]
    return "  ".join(parts + shown)


def _confusions_line(answers: Answers) -> str:
    """Which classes a classifier takes for which, and which it knows worst."""
    confusions = [
        f"{label} for {answer} ({_count(times, 'time')})"
        for label, answer, times in answers.confusions(CONFUSIONS)
    ]
    if not confusions:
        return "test set: no mistake"
    recall = np.nan_to_num(answers.recall, nan=1.0)
    worst = int(recall.argmin())
    return (
        f"test set: most often took {', '.join(confusions)}; "
        f"was least right about {worst} ({recall[worst]:.2%})"
    )


def _summary_line(end: Snapshot, finished: Finished, run_directory: Path | None) -> str:
    verb = "finished" if finished.ending == "completed" else finished.ending
    rate = f" ({end.step / end.seconds:.0f} steps/s)" if end.seconds > 0 else ""
    parts = [f"{verb} at step {end.step} after {end.seconds:.1f} s{rate}"]
    measures = dict(finished.measures)
    if finished.test_accuracy is not None:
        measures["test accuracy"] = finished.test_accuracy
    parts += [_measure(*item) for item in measures.items()]
    if end.checkpoint and not end.saving_failed:
        parts.append(f"weights saved in {(run_directory or Path()) / end.checkpoint.file}")
    return "; ".join(parts)


def _fault(end: Snapshot, lost: OSError | None, watching: str) -> str:
    """Why the run is no success, in a line; empty where it is one."""
    if end.diverged:
        where = f"step {end.diverged.step}: {end.diverged.network} loss is {end.diverged.value}"
        return f"{where}; lower the learning rate (--lr)"
    if lost:
        reason = lost.strerror or type(lost).__name__
        return f"step {end.step}: the output cannot be written any more ({reason})"
    if watching and end.phase not in ("finished", "stopped"):
        return f"step {end.step}: training crashed; `mnist-tui resume {watching}` goes on"
    if end.saving_failed and not watching:
        file, reason = end.saving_failed.file, end.saving_failed.reason
        return f"step {end.step}: {file}: cannot be written ({reason}); not all of the run is saved"
    if not end.finished:
        return f"step {end.step}: training ended without its last event; this is a bug"
    return ""


def _discard(stream: TextIO) -> None:
    """Send what is left in a broken stream nowhere; Python's exit would trip over it."""
    with suppress(OSError, ValueError):  # not a file of the system: nothing to do
        descriptor = stream.fileno()
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, descriptor)
        os.close(nowhere)


def _measure(name: str, value: float) -> str:
    return f"{in_words(name)} {measured(name, value)}"


def _count(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
