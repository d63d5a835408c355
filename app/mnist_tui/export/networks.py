"""The networks of a run, and a word about each checkpoint that could not be taken."""

from __future__ import annotations

import sys
from contextlib import suppress

import numpy as np

from mnist_engine.data.dataset import Dataset
from mnist_engine.errors import BadInput
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


def divergence(run: RunDirectory, dataset: Dataset, which: Which, name: str, what: str) -> BadInput:
    """To be raised where ``what`` of the run's network ``name`` are not all finite numbers."""
    cure = "train again with a lower learning rate, --lr"
    if which == "last":
        with suppress(BadInput):  # there is no best one
            if is_finite(networks_of(run, dataset, "best").networks[name]):
                cure = "its best checkpoint may be from before that: add --best"
    return BadInput(f"{run.path}: its {name} has diverged, its {what} are not all finite; {cure}")


def is_finite(network: Module) -> bool:
    """Whether all weights, and what else the network remembers, are numbers."""
    return all(bool(np.isfinite(array).all()) for array in network.state_dict().values())
