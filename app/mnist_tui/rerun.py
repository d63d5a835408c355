"""Doing a run again: a progress bar, and one line that says whether it came out the same."""

from __future__ import annotations

import os
import platform
import sys

import numpy as np

from mnist_engine.errors import BadInput
from mnist_engine.runs.directory import RunDirectory
from mnist_engine.runs.rerunning import Rerun, rerun_of
from mnist_engine.training.control import TrainControl
from mnist_engine.training.events import StepDone
from mnist_tui.export.progress import progress
from mnist_tui.figures import counted
from mnist_tui.launch import make_trainer_of

REFRESH_EVERY = 20
"""Steps between two looks at the progress bar."""


def run_again(run: RunDirectory) -> int:
    """Train ``run`` again and compare; 0 where all bits are the same, 1 where they are not."""
    rerun = rerun_of(run)
    for fault in rerun.faults:
        print(f"mnist-tui: {fault}", file=sys.stderr)
    trainer = make_trainer_of(rerun.recipe, TrainControl())
    begin = 0 if rerun.start is None else rerun.start.details.progress.steps
    with progress(f"training {run.path.name} again", rerun.step - begin) as advance:
        for event in rerun.events(trainer):
            if isinstance(event, StepDone) and event.step % REFRESH_EVERY == 0:
                advance(REFRESH_EVERY)
    print(verdict(run, rerun))
    return 1 if rerun.differing else 0


def verdict(run: RunDirectory, rerun: Rerun) -> str:
    """How it came out, in a line; where it differs, what else does."""
    count = sum(not name.endswith("/losses") for name in rerun.saved.arrays)
    number = len(rerun.saved.details.progress.interventions)
    what = f"{run.path.name} at step {rerun.step}, {counted(number, 'intervention')}"
    if not rerun.differing:
        return f"identical to the bit: {what}, {count} arrays of weights and moments"
    some = ", ".join(rerun.differing[:3])
    return (
        f"different: {what}: {len(rerun.differing)} of {count} arrays ({some}...); "
        f"{_surroundings(run)}"
    )


def _surroundings(run: RunDirectory) -> str:
    """What may explain a difference."""
    try:
        info = run.read_info()
    except BadInput as error:
        return str(error)
    here = f"NumPy {np.__version__} on {platform.system()} {platform.machine()}"
    there = f"NumPy {info.numpy} on {info.machine}"
    threads = f"{info.threads} threads, {os.cpu_count()} processors here"
    return f"trained with {there} and {threads}; this is {here}"
