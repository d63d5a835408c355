"""What every optimizer has in common."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mnist_engine.autograd import Array, Tensor
from mnist_engine.optim.clipping import shorten
from mnist_engine.optim.flat import FlatParameters, for_each_chunk


class Optimizer:
    """Moves parameters against their gradients.

    ``state`` holds the arrays, by name, that a checkpoint must keep besides the parameters, and
    ``steps`` counts the steps done. Where ``clip_norm`` is set, gradients longer than it, all taken
    as one vector, are shortened to it before each step.
    """

    def __init__(self, parameters: Sequence[Tensor], learning_rate: float) -> None:
        self.flat = FlatParameters(parameters)
        self.learning_rate = learning_rate
        self.clip_norm: float | None = None
        self.steps = 0
        self.state: dict[str, Array] = {}

    @property
    def parameters(self) -> list[Tensor]:
        """The parameters it moves."""
        return self.flat.parameters

    @property
    def learning_rate(self) -> float:
        """How far a step goes; may be set anew before any :meth:`step`."""
        return self._learning_rate

    @learning_rate.setter
    def learning_rate(self, rate: float) -> None:
        self._learning_rate = float(rate)  # NumPy's float64 would draw float32 updates up to it

    def zero_grad(self) -> None:
        """Forget the gradients: the next backward writes instead of adding."""
        for parameter in self.flat.parameters:
            parameter.grad_is_stale = True

    def minimise(self, loss: Tensor) -> None:
        """One whole step: gradients of ``loss`` for these parameters alone, then :meth:`step`."""
        self.zero_grad()
        loss.backward(self.parameters)
        self.step()

    def step(self) -> None:
        """Move every parameter once along its gradient.

        A parameter that no backward has reached since :meth:`zero_grad` has a gradient of 0.
        RuntimeError where a parameter was given other arrays since this optimizer was made.
        """
        self.flat.check()
        if self.clip_norm is not None:
            shorten(self.flat, self.clip_norm)
        self.steps += 1
        for parameter in self.flat.parameters:
            parameter.version += 1
        for_each_chunk(len(self.flat), self.update)

    def update(self, chunk: slice) -> None:
        """The formula, on one chunk of the flat arrays; called from more than one thread."""
        raise NotImplementedError

    def _moment(self, name: str) -> Array:
        """A new array of zeros beside the parameters, kept in ``state`` under ``name``."""
        self.state[name] = np.zeros_like(self.flat.values)
        return self.state[name]
