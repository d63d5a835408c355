"""What there is to be told of a run: its settings, and its log folded into one state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from mnist_engine.recipes import AnyRecipe
from mnist_engine.runs.directory import RunDirectory, RunInfo
from mnist_engine.runs.history import Curve, History
from mnist_engine.runs.log import Log
from mnist_engine.runs.state import RunState, Snapshot
from mnist_engine.training.events import Event, Finished, Resumed, Started, StepDone
from mnist_tui.export.events import beginning_of, left_out, log_size
from mnist_tui.export.progress import progress


class Interruption(NamedTuple):
    """Training ended before its time, and went on in another process.

    ``resumed`` says from where. ``stopped`` is the end that the log tells of, None where the
    process was cut off.
    """

    resumed: Resumed
    stopped: Finished | None

    @property
    def step(self) -> int:
        """The last step that is known from before."""
        return self.resumed.logged if self.stopped is None else self.stopped.step


@dataclass(frozen=True)
class Story:
    """All that a report tells of; ``left_out`` says what of the log is damaged."""

    run: RunDirectory
    info: RunInfo
    recipe: AnyRecipe
    started: Started
    end: Snapshot
    rates: dict[str, Curve]
    interruptions: list[Interruption]
    left_out: str


def story_of(run: RunDirectory) -> Story:
    """Read ``run``; BadInput where that cannot be done."""
    info, recipe, started = run.read_info(), run.read_recipe(), beginning_of(run)
    state, rates = RunState(), dict[str, History]()
    interruptions: list[Interruption] = []
    former: Event | None = None
    with progress("reading the log", log_size(run)) as advance:
        log = Log(run.events)
        for event in log.every(advance):
            state.apply(event)
            if isinstance(event, StepDone):
                for name, rate in event.learning_rates.items():
                    rates.setdefault(name, History()).append(event.step, rate)
            if isinstance(event, Resumed):
                stopped = former if isinstance(former, Finished) else None
                interruptions.append(Interruption(event, stopped))
            former = event
    curves = {name: history.curve() for name, history in rates.items()}
    end = state.snapshot()
    return Story(run, info, recipe, started, end, curves, interruptions, left_out(log))
