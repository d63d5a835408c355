"""The networks of a run, and a word about each checkpoint that could not be taken."""

from __future__ import annotations

import sys

from mnist_engine.data.dataset import Dataset
from mnist_engine.nn import Module
from mnist_engine.runs.directory import RunDirectory
from mnist_engine.runs.networks import Which, networks_of


def trained_networks(run: RunDirectory, dataset: Dataset, which: Which) -> dict[str, Module]:
    """The run's networks by name, as ``networks_of`` finds them, which raises BadInput.

    Damaged checkpoints that were passed over are told on standard error, a line each.
    """
    networks, faults = networks_of(run, dataset, which)
    for fault in faults:
        print(f"mnist-tui: {fault}; it is passed over", file=sys.stderr)
    return networks
