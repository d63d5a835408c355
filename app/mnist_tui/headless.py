"""Training without a screen: a progress bar, plain lines or JSON lines, and an orderly end.

Nothing here needs Textual, so a batch job never waits for it or fails on it.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TextIO

from mnist_engine.errors import reason_of
from mnist_engine.runs.state import RunState, Snapshot
from mnist_engine.training.control import TrainControl
from mnist_engine.training.events import Event
from mnist_tui.endings import discard, on_signals
from mnist_tui.reporting import Describer, OutputStyle, output_style, reporter, unsaved

STOPPING = "stopping after this step; saving the weights (Ctrl-C again quits at once)"


def run_headless(
    events: Iterable[Event],
    control: TrainControl,
    style: OutputStyle | None = None,
    *,
    history: Iterable[Event] = (),
    run_directory: Path | None = None,
    watching: str = "",
    describes: bool = False,
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
    ``describes`` asks for the pictures of a screen in words.
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
        describer = _describer(run_directory) if describes else None
        report = reporter(style or output_style(output), output, errors, describer)
        try:
            for event in events:
                state.apply(event)
                if lost:
                    continue
                try:
                    report.show(event, state)
                    if (
                        signals.received and not told and not watching
                    ):  # not in the handler: prints may not nest
                        told = True
                        report.notice(STOPPING)
                except OSError as error:
                    lost = error
                    control.stop(source="closed output")
                    discard(output)
        finally:
            end = state.snapshot() if state.version > known else Snapshot()
            try:
                report.close(end, run_directory)
            except OSError as error:
                lost = lost or error
                discard(output)
    left = bool(watching and signals.received)  # what nobody waited for is no fault
    fault = "" if left else _fault(end, lost, watching, run_directory)
    if fault:
        try:
            print(fault, file=errors, flush=True)
        except OSError:
            discard(errors)
    return signals.status or (1 if fault else 0)


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

    A second SIGINT raises SystemExit(130). For the rest see :func:`on_signals`.
    """
    signals = StopSignals(control)
    with on_signals(signals.handle):
        yield signals


def _describer(run_directory: Path | None) -> Describer:
    from mnist_engine.runs.directory import RunDirectory
    from mnist_tui.describing.pictures import describe

    run = None if run_directory is None else RunDirectory(run_directory)
    return lambda now: describe(now, run)


def _fault(end: Snapshot, lost: OSError | None, watching: str, run_directory: Path | None) -> str:
    """Why the run is no success, in a line; empty where it is one."""
    if end.diverged:
        return f"step {end.diverged.step}: {end.diverged.text}; lower the learning rate (--lr)"
    if lost:
        return f"step {end.step}: the output cannot be written any more ({reason_of(lost)})"
    if watching and end.phase not in ("finished", "stopped"):
        return f"step {end.step}: training crashed; `mnist-tui resume {watching}` goes on"
    if end.saving_failed and not watching:
        return unsaved(end, run_directory)
    if not end.finished:
        return f"step {end.step}: training ended without its last event; this is a bug"
    return ""
