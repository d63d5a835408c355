"""The tensor itself: what it holds, and how it meets numbers and arrays."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import ArrayLike

from mnist_engine.autograd import Tensor

FLOAT32, FLOAT64 = np.dtype(np.float32), np.dtype(np.float64)


@pytest.mark.parametrize(
    "data", [2.0, 3, True, [1.0, 2.0], [[1], [2]], np.arange(3), np.ones(2, np.float16)]
)
def test_whatever_is_not_a_float_array_becomes_float32(data: ArrayLike) -> None:
    tensor = Tensor(data)
    assert tensor.dtype == FLOAT32
    np.testing.assert_array_equal(tensor.data, data)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_float_arrays_stay_what_they_are_without_a_copy(dtype: type) -> None:
    array = np.ones(3, dtype)
    assert Tensor(array).data is array


def test_a_dtype_is_obeyed_or_refused() -> None:
    assert Tensor([1, 2], dtype=np.float64).dtype == FLOAT64
    assert Tensor(np.ones(2), dtype=np.float32).dtype == FLOAT32
    for dtype in (np.float16, np.int64):
        with pytest.raises(TypeError, match="holds float32 or float64"):
            Tensor([1, 2], dtype=dtype)


def test_a_tensor_of_a_tensor_is_refused() -> None:
    with pytest.raises(TypeError, match="detach"):
        Tensor(Tensor([1.0]))  # type: ignore[arg-type]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("number", [2, 2.0, True, np.float64(2), np.float32(2), np.int64(2)])
def test_numbers_take_the_dtype_of_the_tensor(number: float, dtype: type) -> None:
    x = Tensor(np.full(2, 3, dtype))
    results = [x + number, number + x, x - number, number - x, x * number, number * x]
    results += [x / number, number / x, x**number]
    assert {result.dtype for result in results} == {np.dtype(dtype)}
    n = float(number)
    expected = [3 + n, n + 3, 3 - n, n - 3, 3 * n, n * 3, 3 / n, n / 3, 3**n]
    np.testing.assert_allclose([result.data[0] for result in results], expected, rtol=1e-6)


def test_arrays_may_stand_on_either_side() -> None:
    x, array = Tensor([[1.0, 2.0]]), np.array([[3.0, 4.0]], np.float32)
    assert (array * x).data.tolist() == (x * array).data.tolist() == [[3, 8]]
    assert (array - x).data.tolist() == [[2, 2]]
    assert (array @ x.T).data.tolist() == [[11]]
    assert (x @ array.T).data.tolist() == [[11]]


def test_numpy_is_a_copy_and_data_is_not() -> None:
    x = Tensor(np.zeros((2, 3), np.float32).T)
    copy = x.numpy()
    x.data[0, 0] = 5
    assert copy[0, 0] == 0
    assert copy.flags.c_contiguous


def test_item_is_for_one_number() -> None:
    assert Tensor([[2.5]]).item() == 2.5
    with pytest.raises(ValueError, match="size 1"):
        Tensor([1.0, 2.0]).item()


def test_shape_size_and_length() -> None:
    x = Tensor(np.zeros((2, 3)))
    assert (x.shape, x.ndim, x.size, len(x)) == ((2, 3), 2, 6, 2)


def test_representation() -> None:
    assert repr(Tensor([1.0, 2.0])) == "Tensor([1., 2.], dtype=float32)"
    assert repr(Tensor([1.5], dtype=np.float64, requires_grad=True)) == (
        "Tensor([1.5], dtype=float64, requires_grad=True)"
    )


def test_functions_do_not_overflow_where_their_values_are_finite() -> None:
    x = Tensor([-1e4, 0.0, 1e4])
    with np.errstate(all="raise", under="ignore"):
        assert x.sigmoid().data.tolist() == pytest.approx([0, 0.5, 1], abs=1e-30)
        assert x.softmax().data.tolist() == [0, 0, 1]
        assert x.log_softmax().data.tolist() == [-2e4, -1e4, 0]
        assert x.tanh().data.tolist() == [-1, 0, 1]


def test_not_a_number_passes_through_every_activation() -> None:
    x = Tensor([float("nan"), 1.0])
    for y in (x.relu(), x.leaky_relu(), x.sigmoid(), x.tanh(), x.softmax()):
        assert np.isnan(y.data[0])
