"""Spectral normalisation (Miyato et al., 2018): a layer that stretches nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_engine.autograd import Array, Tensor
from mnist_engine.nn.arguments import check_generator
from mnist_engine.nn.convolution import Conv2d, ConvTranspose2d
from mnist_engine.nn.linear import Linear
from mnist_engine.nn.module import Module

FIRST_ITERATIONS = 15
"""Of the power iteration, when a layer is made; later one a step is enough, for W moves slowly."""

EPSILON = 1e-12
"""What a vector is divided by at least when it is brought to length 1."""


class SpectralNorm(Module):
    """``layer`` with the weight W / σ, σ = uᵀ W v being W's largest singular value

    W is read as a matrix with one row for each output. Each training step moves the singular
    vectors by one power iteration, u ← Wv / |Wv| and then v ← Wᵀu / |Wᵀu|; for the gradient they
    are constants, so that dσ/dW = u vᵀ. Names and numbers of the state are those of PyTorch's
    ``parametrizations.spectral_norm``.

    Raises TypeError unless ``layer`` is a Linear, Conv2d or ConvTranspose2d and ``rng`` a random
    generator.
    """

    def __init__(self, layer: Module, rng: np.random.Generator) -> None:
        super().__init__()
        if not isinstance(layer, Linear | Conv2d | ConvTranspose2d):
            raise TypeError(
                f"SpectralNorm: got a {type(layer).__name__}; "
                "give a Linear, Conv2d or ConvTranspose2d"
            )
        check_generator("SpectralNorm", rng)
        self.layer = layer
        self.axis = 1 if isinstance(layer, ConvTranspose2d) else 0  # where the outputs stand
        matrix = self._matrix()
        outputs, inputs = matrix.shape
        self.u = _normalised(rng.standard_normal((outputs,), dtype=np.float32))
        self.v = _normalised(rng.standard_normal((inputs,), dtype=np.float32))
        for _ in range(FIRST_ITERATIONS):
            self._iterate(matrix)

    def own_state(self) -> Iterator[tuple[str, Tensor | NDArray[Any]]]:
        if self.layer.bias is not None:
            yield "bias", self.layer.bias
        yield "parametrizations.weight.original", self.layer.weight
        yield "parametrizations.weight.0._u", self.u
        yield "parametrizations.weight.0._v", self.v

    def parts(self) -> Iterator[tuple[str, Module]]:
        return iter(())  # the layer's state is in own_state, under other names

    def forward(self, x: Tensor) -> Tensor:
        if self.training:
            self._iterate(self._matrix())
        original = self.layer.weight
        self.layer.weight = original / (original * self._slope()).sum()
        try:
            return self.layer(x)
        finally:
            self.layer.weight = original

    def settings(self) -> str:
        return repr(self.layer)

    def _matrix(self) -> Array:
        """W, (outputs, all else)."""
        weight = np.moveaxis(self.layer.weight.data, self.axis, 0)
        return weight.reshape(len(weight), -1)

    def _iterate(self, matrix: Array) -> None:
        """One power iteration, in place: whoever holds u and v sees it."""
        self.u[...] = _normalised(matrix @ self.v)
        self.v[...] = _normalised(matrix.T @ self.u)

    def _slope(self) -> Array:
        """u vᵀ in shape and memory order of the weight; a new array, which a tape may keep."""
        weight = self.layer.weight.data
        u = self.u.reshape([-1 if i == self.axis else 1 for i in range(weight.ndim)])
        v = self.v.reshape([1 if i == self.axis else n for i, n in enumerate(weight.shape)])
        return np.multiply(u, v, out=np.empty_like(weight))


def _normalised(vector: Array) -> Array:
    result: Array = vector / max(float(np.linalg.norm(vector)), EPSILON)
    return result
