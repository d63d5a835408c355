"""The products of a linear layer, and sums, as BLAS is quickest at them. For speed alone.

With thousands of examples and few outputs BLAS spends its time on copying the examples into an
order that it likes, each number for a handful of multiplications. A few hundred examples at a time
stay in the cache meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_engine.autograd.buffers import scratch
from mnist_engine.autograd.threads import in_halves

Array = NDArray[Any]

MANY = 4096
FEW = 1 << 14
"""A layer is done in pieces for MANY examples or more, if it has at most FEW weights."""

PIECE = 6_000_000
"""Multiplications in a piece."""


def outputs(x: Array, weight: Array, bias: Array | None, out: Array | None) -> Array:
    """x Wᵀ + b: x (n, in), W (out, in), b (out,) -> (n, out)"""
    y = np.empty((len(x), len(weight)), x.dtype) if out is None else out
    if not _in_pieces(x, weight):
        np.matmul(x, weight.T, out=y)
        if bias is not None:
            y += bias
        return y

    def work(part: slice) -> None:
        for rows in _pieces(part, weight):
            some = np.matmul(x[rows], weight.T, out=y[rows])
            if bias is not None:
                some += bias

    in_halves(work, len(x))
    return y


def weight_gradient(g: Array, x: Array, out: Array) -> None:
    """out = gᵀ x: g (n, out), x (n, in) -> (out, in)"""
    if _in_pieces(x, out):
        halves = [scratch(("total", half), out.shape, out.dtype) for half in range(2)]

        def work(part: slice) -> None:
            total = halves[part.start > 0]
            product = scratch("product", out.shape, out.dtype)
            for rows in _pieces(part, out):
                total += np.matmul(g[rows].T, x[rows], out=product)

        for total in halves:
            total.fill(0)
        in_halves(work, len(x))
        np.add(halves[0], halves[1], out=out)
    elif out.flags.c_contiguous:
        np.matmul(g.T, x, out=out)
    else:  # stored as (in, out), see nn.Linear: the transposed product is written in order
        np.matmul(x.T, g, out=out.T)


def input_gradient(g: Array, weight: Array, out: Array) -> None:
    """out = g W: g (n, out), W (out, in) -> (n, in)"""
    if len(weight) == 1:
        out[...] = weight  # BLAS takes ten times as long for sums of one product
        out *= g
    else:
        np.matmul(g, weight, out=out)


def column_sums(x: Array, out: Array | None = None) -> Array:
    """Σ x over the rows: (n, columns) -> (columns,), as a product with ones."""
    sums: Array = np.matmul(_ones(len(x), x.dtype), x, out=out)
    return sums


def row_sums(x: Array, out: Array) -> None:
    """out = Σ x over the columns: (n, columns) -> (n, 1), as a product with ones."""
    np.matmul(x, _ones(x.shape[1], x.dtype)[:, None], out=out)


@lru_cache(maxsize=16)
def _ones(count: int, dtype: np.dtype[Any]) -> Array:
    return np.ones(count, dtype)


def _in_pieces(x: Array, weight: Array) -> bool:
    return len(x) >= MANY and weight.size <= FEW


def _pieces(part: slice, weight: Array) -> Iterator[slice]:
    rows = min(PIECE // weight.size, MANY)
    for begin in range(part.start, part.stop, rows):
        yield slice(begin, min(begin + rows, part.stop))
