"""What a run tells without a screen: JSON lines, plain lines, or lines above a progress bar."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TextIO

import numpy as np

from mnist_engine.runs.state import RunState, Snapshot
from mnist_engine.training.answers import Answers
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
    encode_event,
)
from mnist_tui.figures import counted, deed, duration, measured, number, speed

if TYPE_CHECKING:
    from rich.console import RenderableType

Describer = Callable[[Snapshot], Iterable[str]]
"""Tells in lines what is to be seen."""

OutputStyle = Literal["bar", "lines", "json"]

FLUSH_SECONDS = 0.1  # a reader of JSON lines never lags more, and fast steps share a write
REFRESH_SECONDS = 0.2  # more often costs training time and shows nothing more
DESCRIBE_SECONDS = 15.0
"""Whoever is read to needs time to listen; short epochs in between have their line."""

BAR_WIDTH = 100
CONFUSIONS = 3
"""Of a classifier's confusions so many are told at its end."""

LEFT_OUT = {"calibration error", "accuracy known"}
"""Measures that the line of an epoch has no room for."""


def output_style(stream: TextIO, json: bool = False) -> OutputStyle:
    """How to write to ``stream``: a bar on a terminal that can redraw one, else plain lines."""
    if json:
        return "json"
    can_redraw = stream.isatty() and os.environ.get("TERM", "").lower() not in ("dumb", "unknown")
    return "bar" if can_redraw else "lines"


def reporter(
    style: OutputStyle, output: TextIO, errors: TextIO, describes: Describer | None = None
) -> JsonLines | PlainLines:
    """What writes in that style; what is no part of it goes to ``errors``.

    ``describes`` tells what the pictures of a screen would show, where that is wanted.
    """
    if style == "json":
        return JsonLines(output, errors)
    kind = Bar if style == "bar" and not describes else PlainLines  # bars are read over and over
    return kind(output, errors, describes)


class JsonLines:
    """Every event as one line of JSON."""

    def __init__(self, output: TextIO, errors: TextIO) -> None:
        self._output = output
        self._errors = errors
        # JSON is UTF-8 whatever the locale says, hence the bytes below the text if there are any.
        self._bytes = output.buffer if isinstance(output, TextIOWrapper) else None
        self._flushed = time.monotonic()

    def show(self, event: Event, _state: RunState) -> None:
        line = encode_event(event) + b"\n"
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


class PlainLines:
    """A line about the run, one an epoch, an alarm or a trouble with the disk, one at the end.

    Where something ``describes`` pictures in words, these follow an epoch's line, unless they were
    told a moment ago, and the last.
    """

    def __init__(self, output: TextIO, errors: TextIO, describes: Describer | None = None) -> None:
        self._describes = describes
        self._described = -DESCRIBE_SECONDS
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
                for remark in event.remarks:
                    self._print(f"note: {remark}")
            case Resumed():
                now = state.snapshot()
                self._epochs = now.started.epochs if now.started else 0
                for line in _resumed_lines(event, now):
                    self._print(line)
            case EpochDone():
                self._print(_epoch_line(event, self._epochs))
                self._describe(state)
            case Alarm(step=step, level=level, name=name, text=text):
                self._print(f"step {step}: {level}: {name}: {text}")
            case Intervened(step=step, source=source):
                self._print(f"step {step}: {deed(event)} (by {source})")
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
        self._print_pictures(end)

    def _describe(self, state: RunState) -> None:
        now = time.monotonic()
        if self._describes and now - self._described >= DESCRIBE_SECONDS:
            self._print_pictures(state.snapshot())
            self._described = time.monotonic()

    def _print_pictures(self, now: Snapshot) -> None:
        for line in self._describes(now) if self._describes else ():
            self._print(f"  {line}")

    def _print(self, line: str) -> None:
        print(line, file=self._output, flush=True)


class Bar(PlainLines):
    """The same lines above a progress bar with each network's loss and learning rate."""

    def __init__(self, output: TextIO, errors: TextIO, describes: Describer | None = None) -> None:
        from rich.console import Console
        from rich.live import Live

        super().__init__(output, errors, describes)
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
        f"{speed(now.steps_per_second)} steps/s" if now.steps_per_second else "",
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
        f"{counted(started.epochs, 'epoch')} of {counted(started.steps_per_epoch, 'step')}, "
        f"seed {started.seed}, {counted(started.threads, 'thread')}"
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
        f"{label} for {answer} ({counted(times, 'time')})"
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


def unsaved(end: Snapshot, run_directory: Path | None) -> str:
    """What the disk did not take of a run that has ended, and the cure; empty where it has all."""
    failed = end.saving_failed
    if failed is None:
        return ""
    rest = f"; once it can be, `mnist-tui resume {run_directory}` does the rest"
    return (
        f"step {end.step}: {failed.file}: cannot be written ({failed.reason}); not all of the run "
        f"is saved{rest if run_directory else ''}"
    )


def _summary_line(end: Snapshot, finished: Finished, run_directory: Path | None) -> str:
    verb = "finished" if finished.ending == "completed" else finished.ending
    rate = f" ({speed(end.mean_speed)} steps/s)" if end.seconds > 0 else ""
    parts = [f"{verb} at step {end.step} after {end.seconds:.1f} s{rate}"]
    measures = dict(finished.measures)
    if finished.test_accuracy is not None:
        measures["test accuracy"] = finished.test_accuracy
    parts += [_measure(*item) for item in measures.items()]
    if end.weights and not end.saving_failed:
        parts.append(f"weights saved in {(run_directory or Path()) / end.weights.file}")
    return "; ".join(parts)


def _measure(name: str, value: float) -> str:
    return f"{name} {measured(name, value)}"
