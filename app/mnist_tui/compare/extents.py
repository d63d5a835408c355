"""How much of an axis is seen where runs are of different lengths."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

from mnist_engine.runs.state import Snapshot
from mnist_tui.monitor.axes import Axis, places

Extent = Literal["whole", "logarithmic", "shortest"]
EXTENTS: tuple[Extent, ...] = ("whole", "logarithmic", "shortest")
"""All of the longest run; the same, with as much room for the first tenth as for the rest and so
on; as much as the shortest run has, where that is less."""

FAR_APART = 4.0
"""A run so many times as long as another leaves that one a corner of a linear axis."""


def ends(axis: Axis, snapshots: Sequence[Snapshot]) -> list[float]:
    """Where each of the runs ends on ``axis``; infinity for one that has not begun."""
    return [_end(axis, one) if one.step > 0 else math.inf for one in snapshots]


def first_extent(snapshots: Sequence[Snapshot]) -> Extent:
    """Logarithmic where the lengths of runs are far apart, so that each has its room."""
    lengths = [length for length in ends("step", snapshots) if length < math.inf]
    far_apart = lengths and max(lengths) >= FAR_APART * min(lengths)
    return "logarithmic" if far_apart else "whole"


def _end(axis: Axis, snapshot: Snapshot) -> float:
    return snapshot.seconds if axis == "time" else float(places(axis, snapshot.step, snapshot))
