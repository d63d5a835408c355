"""Values, gradients and gradients of gradients of one function, computed by us and by PyTorch.

Both get the same float64 numbers. ``s = Σ w y`` with fixed random ``w`` makes one number of the
output, ``t = Σ u ds/dx`` with fixed random ``u`` one number of all gradients; what is compared is
y, ds/dx and dt/dx for each x: the inputs, then the parameters.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from mnist_engine.autograd import GradientTape, Tensor
from mnist_engine.nn import Module

Array = NDArray[np.float64]

RELATIVE = 1e-9
ABSOLUTE = 1e-12
"""What is left of numbers of size 1 that cancel."""


class Derivatives(NamedTuple):
    """The output, and the gradients of first and second order for each input and parameter."""

    value: Array
    first: list[Array]
    second: list[Array]


def assert_alike(ours: Array, theirs: object, what: str = "", relative: float = RELATIVE) -> None:
    """Equal shapes, and equal numbers to nine digits."""
    expected = np.asarray(theirs.detach() if isinstance(theirs, torch.Tensor) else theirs)
    assert np.shape(ours) == expected.shape, what
    np.testing.assert_allclose(ours, expected, relative, ABSOLUTE, err_msg=what)


def assert_same_derivatives(
    ours: Callable[..., Tensor],
    theirs: Callable[..., torch.Tensor],
    inputs: Sequence[Array],
    parameters: Sequence[Tensor] = (),
    twins: Sequence[torch.Tensor] = (),
    curved: bool = True,
) -> None:
    """``ours`` and ``theirs`` agree on ``inputs`` and in both orders of derivatives.

    ``parameters`` are those of ``ours``, ``twins`` the same of ``theirs``. No gradient may be all
    zeros, nor, for a ``curved`` function, all second ones: zeros would agree with anything wrong.
    """
    found = our_derivatives(ours, inputs, parameters)
    expected = their_derivatives(theirs, inputs, twins)
    assert_alike(found.value, expected.value, "output")
    for number, (mine, right) in enumerate(zip(found.first, expected.first, strict=True)):
        assert np.any(right), f"gradient {number} is zero: nothing is tested"
        assert_alike(mine, right, f"gradient {number}")
    assert any(map(np.any, expected.second)) == curved, "is the function curved or is it not?"
    for number, (mine, right) in enumerate(zip(found.second, expected.second, strict=True)):
        assert_alike(mine, right, f"second gradient {number}")


def assert_same_layer(
    layer: Module, twin: torch.nn.Module, *inputs: Array, curved: bool = True
) -> None:
    """:func:`assert_same_derivatives` of two layers, by the inputs and by all parameters."""
    names = [name for name, _ in layer.named_parameters()]
    twins = dict(twin.named_parameters())
    assert set(names) == set(twins)
    by_name = [twins[name] for name in names]
    assert_same_derivatives(layer, twin, inputs, layer.parameters(), by_name, curved)


def our_derivatives(
    function: Callable[..., Tensor], inputs: Sequence[Array], parameters: Sequence[Tensor]
) -> Derivatives:
    """The engine's answer; both its ways to a first derivative must give the same."""
    variables = [Tensor(array, requires_grad=True) for array in inputs]
    sources = [*variables, *parameters]
    with GradientTape() as tape:
        y = function(*variables)
        s = (y * projection(y.shape, 1)).sum()
        first = tape.gradient(s, sources, create_graph=True)
        t = Tensor(0.0, dtype=np.float64)
        for number, gradient in enumerate(first):
            t = t + (gradient * projection(gradient.shape, 2 + number)).sum()
    fast = tape.gradient(s, sources)
    for number, (gradient, recorded) in enumerate(zip(fast, first, strict=True)):
        assert_alike(gradient.data, recorded.data, f"gradient {number}, fast path and formula")
    second = tape.gradient(t, sources) if t.requires_grad else [g * 0.0 for g in first]
    return Derivatives(y.numpy(), [g.numpy() for g in first], [g.numpy() for g in second])


def their_derivatives(
    function: Callable[..., torch.Tensor],
    inputs: Sequence[Array],
    parameters: Sequence[torch.Tensor],
) -> Derivatives:
    """PyTorch's answer."""
    variables = [torch.tensor(array, requires_grad=True) for array in inputs]
    sources = [*variables, *parameters]
    y = function(*variables)
    s = (y * torch.from_numpy(projection(tuple(y.shape), 1))).sum()
    first = torch.autograd.grad(s, sources, create_graph=True)
    t = sum(
        (gradient * torch.from_numpy(projection(tuple(gradient.shape), 2 + number))).sum()
        for number, gradient in enumerate(first)
    )
    assert isinstance(t, torch.Tensor)
    if t.requires_grad:
        second = torch.autograd.grad(t, sources, materialize_grads=True)
    else:
        second = tuple(map(torch.zeros_like, first))
    return Derivatives(
        y.detach().numpy(), [g.detach().numpy() for g in first], [g.numpy() for g in second]
    )


def projection(shape: tuple[int, ...], seed: int) -> Array:
    """Fixed random weights of a shape."""
    return np.asarray(np.random.default_rng(seed).standard_normal(shape))


def normals(*shape: int, seed: int = 0) -> Array:
    """Fixed random inputs: nowhere at a kink, no two alike."""
    return np.random.default_rng(100 + seed).standard_normal(shape)
