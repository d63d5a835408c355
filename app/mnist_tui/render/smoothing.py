"""Curves without their jitter: exponential averages, free of the bias towards their beginning."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mnist_engine.runs.history import Curve

NEGLIGIBLE = 1e-12
"""A value with less weight than this is as good as forgotten."""


def smoothed(curve: Curve, weight: float) -> Curve:
    """The curve's exponential moving average; ``low`` and ``high`` become its mean as well.

    A value that lies d steps back weighs ``weight`` to the power of d, so that the average does not
    depend on how many values a point of the curve stands for. The sum is divided by that of the
    weights, as in Adam's bias correction (Kingma and Ba, 2015), where the first value would weigh
    too much otherwise. With a ``weight`` of 0 nothing is averaged; it must be below 1.
    """
    if not 0 <= weight < 1:
        raise ValueError(f"weight is {weight:g}; it must be at least 0 and below 1")
    kept = np.isfinite(curve.x) & np.isfinite(curve.mean)
    x, values = curve.x[kept], curve.mean[kept]
    if weight == 0 or len(x) < 2:
        return Curve(x, values, values, values)
    decay = np.zeros_like(x)  # how much of the sum so far is left at each point
    decay[1:] = weight ** np.maximum(np.diff(x), 0.0)
    # The largest value is 1: sums of numbers near the largest that there is would overflow.
    largest = float(np.abs(values).max()) or 1.0
    sums = _decaying_sums(decay, np.stack((values / largest, np.ones_like(values))))
    mean = sums[0] / sums[1] * largest
    return Curve(x, mean, mean, mean)


def _decaying_sums(decay: NDArray[np.float64], terms: NDArray[np.float64]) -> NDArray[np.float64]:
    """s[i] = decay[i] s[i-1] + terms[i] along the last axis.

    By doubling (Hillis and Steele, 1986): each round adds the sum of twice as many terms before.
    """
    sums, decay = terms.copy(), decay.copy()
    reach = 1
    while reach < len(decay) and decay[reach:].max() > NEGLIGIBLE:
        sums[:, reach:] += decay[reach:] * sums[:, :-reach]
        decay[reach:] = decay[reach:] * decay[:-reach]
        reach *= 2
    return sums
