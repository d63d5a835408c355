"""A moving average of a network's weights: calmer than the network itself."""

from __future__ import annotations

import numpy as np

from mnist_engine.autograd import Array, Tensor
from mnist_engine.nn import Module
from mnist_engine.optim.flat import FlatParameters, for_each_chunk
from mnist_engine.optim.optimizer import Optimizer


class MovingAverage:
    """a ← d a + (1 - d) θ after each step of ``optimizer``, where d = min(decay, (1 + t)/(10 + t)).

    ``module`` is the averaged twin of ``network``, in evaluation mode. Buffers that a module names
    in its ``statistics`` (the running ones of batch normalisation) are averaged too, and all others
    are copied: an average of the singular vectors of spectral normalisation would be shorter than
    1, and its weights too large. The warm-up by t, which counts updates from 0, lets the average
    follow quickly while the network still changes fast (Polyak & Juditsky, 1992; the warm-up is
    TensorFlow's).

    ValueError where ``optimizer`` does not train exactly the parameters of ``network``.
    """

    def __init__(self, network: Module, optimizer: Optimizer, decay: float) -> None:
        if not 0 <= decay < 1:
            raise ValueError(f"MovingAverage: decay is {decay}; it must be in [0, 1)")
        if optimizer.parameters != network.parameters():
            raise ValueError("MovingAverage: the optimizer must train this network and no other")
        self.network = network
        self.decay = decay
        self.steps = 0
        self.module = network.copy().eval()
        self._source = optimizer.flat
        self._average = FlatParameters(self.module.parameters())
        self._buffers = list(zip(_buffers(self.module), _buffers(network), strict=True))

    def update(self) -> None:
        """Take in the network's weights as they are now."""
        weight = 1 - min(self.decay, (1 + self.steps) / (10 + self.steps))
        self.steps += 1
        average, source = self._average.values, self._source.values

        def blend(chunk: slice) -> None:
            difference = self._average.scratch(chunk.stop - chunk.start)
            np.subtract(source[chunk], average[chunk], out=difference)
            difference *= weight
            average[chunk] += difference

        for_each_chunk(len(average), blend)
        for (mine, is_statistic), (theirs, _) in self._buffers:
            if is_statistic:
                mine += weight * (theirs - mine)
            else:
                mine[...] = theirs


def _buffers(network: Module) -> list[tuple[Array, bool]]:
    """All buffers, in order, and of each whether it may be averaged."""
    return [
        (value, name in module.statistics)
        for module in network.modules()
        for name, value in module.own_state()
        if not isinstance(value, Tensor)
    ]
