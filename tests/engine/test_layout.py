"""Matrices seen as fewer and longer rows are the same matrices."""

from __future__ import annotations

import numpy as np
import pytest

from mnist_engine.autograd.layout import long_rows


@pytest.mark.parametrize("shape", [(4096, 24), (4096, 1), (3136, 128), (50, 3), (256, 9000)])
def test_a_vector_meets_the_columns_that_it_belongs_to(shape: tuple[int, int]) -> None:
    matrix = np.arange(shape[0] * shape[1], dtype=np.float32).reshape(shape)
    vector = np.arange(shape[1], dtype=np.float32)
    (seen,), (repeated,) = long_rows([matrix], [vector])
    np.testing.assert_array_equal((seen * repeated).reshape(shape), matrix * vector)


def test_many_short_rows_are_seen_as_few_long_ones() -> None:
    (seen,), _ = long_rows([np.zeros((12544, 64), np.float32)], [])
    assert seen.shape == (98, 8192)


def test_rows_that_are_long_stay_as_they_are() -> None:
    matrix = np.zeros((64, 9000), np.float32)
    (seen,), _ = long_rows([matrix], [])
    assert seen.shape == matrix.shape


def test_what_is_written_to_long_rows_is_written_to_the_matrix() -> None:
    matrix = np.zeros((4096, 24), np.float32)
    (seen,), _ = long_rows([matrix], [])
    seen[...] = 1
    assert len(seen) < len(matrix)
    assert matrix.all()


def test_matrices_that_lie_otherwise_stay_as_they_are() -> None:
    matrix, plain = np.zeros((24, 4096), np.float32).T, np.zeros((4096, 24), np.float32)
    (seen, other), _ = long_rows([matrix, plain], [])
    assert seen is matrix
    assert other is plain
