"""Convolutions against their definitions, as each other's adjoints, and whatever their memory.

Sizes, strides and paddings are drawn by Hypothesis; the definitions are loops over single numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mnist_engine.autograd import Array, GradientTape, Tensor, check_gradients
from mnist_engine.autograd.convolution import Conv2d, ConvTranspose2d, KernelGradient
from mnist_engine.autograd.pooling import AvgPool2d, MaxPool2d

Pair = tuple[int, int]

many = settings(max_examples=60, deadline=None, derandomize=True)
few = settings(max_examples=15, deadline=None, derandomize=True)

# -- geometries ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Geometry:
    """A convolution from images x (n, c, *image) to y (n, d, *windows) and the way back."""

    n: int
    c: int
    d: int
    kernel: Pair
    stride: Pair
    padding: Pair
    windows: Pair
    left_over: Pair
    """Rows and columns of padded x behind the last window; what ConvTranspose2d calls ``extra``."""

    @property
    def image(self) -> Pair:
        height, width = (
            s * (i - 1) + k - 2 * p + more
            for s, i, k, p, more in zip(
                self.stride, self.windows, self.kernel, self.padding, self.left_over, strict=True
            )
        )
        return height, width

    def numbers(self, dtype: type = np.float64) -> tuple[Array, Array, Array]:
        """Some x, weight and y."""
        rng = np.random.default_rng(11)
        shapes = (
            (self.n, self.c, *self.image),
            (self.d, self.c, *self.kernel),
            (self.n, self.d, *self.windows),
        )
        x, weight, y = (rng.standard_normal(shape).astype(dtype) for shape in shapes)
        return x, weight, y

    def conv(self) -> Conv2d:
        return Conv2d(self.stride, self.padding)

    def transpose(self) -> ConvTranspose2d:
        return ConvTranspose2d(self.stride, self.padding, self.left_over)


@st.composite
def geometries(draw: st.DrawFn, largest: int = 9) -> Geometry:
    """Kernels of 1 to 4, strides of 1 to 3, paddings up to 3, images of at least one pixel."""

    def pair(low: int, high: int) -> Pair:
        return draw(st.integers(low, high)), draw(st.integers(low, high))

    stride = pair(1, 3)
    geometry = Geometry(
        n=draw(st.integers(1, 3)),
        c=draw(st.sampled_from([n for n in (1, 2, 3, 9) if n <= largest])),
        d=draw(st.sampled_from([n for n in (1, 2, 5, 9) if n <= largest])),
        kernel=pair(1, 4),
        stride=stride,
        padding=pair(0, 3),
        windows=pair(1, 3),
        left_over=(draw(st.integers(0, stride[0] - 1)), draw(st.integers(0, stride[1] - 1))),
    )
    if min(geometry.image) < 1:  # the padding is all there would be
        return Geometry(**{**vars(geometry), "padding": (0, 0)})
    return geometry


# -- definitions ---------------------------------------------------------------------------------


Place = tuple[int, int, int, int]


def products(g: Geometry) -> Iterator[tuple[Place, Place, Place]]:
    """Which x is multiplied with which weight for which y: pixel s i + a - p for window i."""
    height, width = g.image
    for n, d, i, j in np.ndindex(g.n, g.d, *g.windows):
        for c, a, b in np.ndindex(g.c, *g.kernel):
            row = g.stride[0] * i + a - g.padding[0]
            column = g.stride[1] * j + b - g.padding[1]
            if 0 <= row < height and 0 <= column < width:
                yield (n, c, row, column), (d, c, a, b), (n, d, i, j)


@many
@given(geometries())
def test_a_convolution_is_its_definition(g: Geometry) -> None:
    x, weight, y = g.numbers()
    bias = np.arange(1.0, g.d + 1)
    expected = np.zeros_like(y) + bias[:, None, None]
    for at_x, at_weight, at_y in products(g):
        expected[at_y] += x[at_x] * weight[at_weight]
    found = g.conv()(x, weight, bias).data
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)


OVERHANG = Geometry(
    n=1, c=1, d=5, kernel=(1, 1), stride=(3, 3), padding=(1, 1), windows=(2, 2), left_over=(2, 2)
)
"""Few channels and pixels of x behind the last window, on both axes, in spite of the padding."""


@many
@given(geometries())
@example(OVERHANG)
def test_a_transposed_convolution_is_its_definition(g: Geometry) -> None:
    x, weight, y = g.numbers()
    bias = np.arange(1.0, g.c + 1)
    expected = np.zeros_like(x) + bias[:, None, None]
    for at_x, at_weight, at_y in products(g):
        expected[at_x] += y[at_y] * weight[at_weight]
    found = g.transpose()(y, weight, bias).data
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)


@many
@given(geometries())
def test_the_gradient_of_the_kernel_is_its_definition(g: Geometry) -> None:
    x, weight, y = g.numbers()
    expected = np.zeros_like(weight)
    for at_x, at_weight, at_y in products(g):
        expected[at_weight] += x[at_x] * y[at_y]
    found = KernelGradient(g.stride, g.padding, g.kernel)(x, y).data
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)


@many
@given(geometries())
def test_no_bias_is_a_bias_of_zeros(g: Geometry) -> None:
    x, weight, y = g.numbers()
    np.testing.assert_array_equal(g.conv()(x, weight).data, g.conv()(x, weight, np.zeros(g.d)).data)
    np.testing.assert_array_equal(
        g.transpose()(y, weight).data, g.transpose()(y, weight, np.zeros(g.c)).data
    )


# -- adjoints ------------------------------------------------------------------------------------


def gradients(function: Callable[..., Tensor], inputs: list[Array], g: Array) -> list[Array]:
    """What ``function`` passes back of ``g``, by fast paths; the formulas must pass the same."""
    variables = [Tensor(array, requires_grad=True) for array in inputs]
    with GradientTape() as tape:
        target = (function(*variables) * g).sum()
        recorded = tape.gradient(target, variables, create_graph=True)
    plain = tape.gradient(target, variables)
    for one, other in zip(plain, recorded, strict=True):
        np.testing.assert_allclose(one.data, other.data, rtol=1e-12, atol=1e-12)
    return [gradient.numpy() for gradient in plain]


def inner(x: Array, y: Array) -> float:
    """<x, y>"""
    return float(np.sum(x * y))


@many
@given(geometries())
def test_the_backward_pass_of_a_convolution_is_its_adjoint(g: Geometry) -> None:
    """<A x, y> = <x, A' y>, and the same for the kernel."""
    x, weight, y = g.numbers()
    product = inner(g.conv()(x, weight).data, y)
    dx, dweight = gradients(lambda x, w: g.conv()(x, w), [x, weight], y)
    assert inner(x, dx) == pytest.approx(product, rel=1e-12, abs=1e-12)
    assert inner(weight, dweight) == pytest.approx(product, rel=1e-12, abs=1e-12)


@many
@given(geometries())
def test_the_backward_pass_of_a_transposed_convolution_is_its_adjoint(g: Geometry) -> None:
    x, weight, y = g.numbers()
    product = inner(g.transpose()(y, weight).data, x)
    dy, dweight = gradients(lambda y, w: g.transpose()(y, w), [y, weight], x)
    assert inner(y, dy) == pytest.approx(product, rel=1e-12, abs=1e-12)
    assert inner(weight, dweight) == pytest.approx(product, rel=1e-12, abs=1e-12)


@many
@given(geometries())
def test_each_backward_pass_is_the_others_forward_pass(g: Geometry) -> None:
    x, weight, y = g.numbers()
    (dx,) = gradients(lambda x: g.conv()(x, weight), [x], y)
    np.testing.assert_allclose(dx, g.transpose()(y, weight).data, rtol=1e-12, atol=1e-12)
    (dy,) = gradients(lambda y: g.transpose()(y, weight), [y], x)
    np.testing.assert_allclose(dy, g.conv()(x, weight).data, rtol=1e-12, atol=1e-12)


@few
@given(geometries(largest=2))
def test_derivatives_agree_with_finite_differences(g: Geometry) -> None:
    x, weight, y = g.numbers()
    some = Geometry(**{**vars(g), "n": 1})
    bias = np.array([0.5, -1.0])
    check_gradients(
        lambda x, w, b: some.conv()(x, w, b).tanh(), [x[:1], weight, bias[: g.d]], tolerance=1e-4
    )
    check_gradients(
        lambda y, w, b: some.transpose()(y, w, b).tanh(),
        [y[:1], weight, bias[: g.c]],
        tolerance=1e-4,
    )


# -- memory --------------------------------------------------------------------------------------

LAYOUTS: dict[str, Callable[[Array], Array]] = {
    "channels last": lambda x: np.ascontiguousarray(x.transpose(0, 2, 3, 1)).transpose(0, 3, 1, 2),
    "kernel offsets first": lambda x: np.ascontiguousarray(x.transpose(2, 3, 1, 0)).transpose(
        3, 2, 0, 1
    ),
    "Fortran": np.asfortranarray,
    "every second number": lambda x: np.repeat(np.repeat(x, 2, axis=1), 2, axis=3)[:, ::2, :, ::2],
    "backwards": lambda x: np.ascontiguousarray(x[::-1, ::-1, ::-1, ::-1])[::-1, ::-1, ::-1, ::-1],
    "read only": lambda x: np.broadcast_to(x, x.shape),
}

USES: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "Conv2d": lambda x, w: Conv2d((2, 1), (1, 2))(x, w),
    "ConvTranspose2d": lambda x, w: ConvTranspose2d((2, 1), (1, 2))(x, w.transpose(1, 0, 2, 3)),
    "MaxPool2d": lambda x, w: MaxPool2d((2, 3), (2, 1))(x),
    "AvgPool2d": lambda x, w: AvgPool2d((2, 3), (2, 1))(x),
}


@pytest.mark.parametrize(("dtype", "rtol"), [(np.float64, 1e-12), (np.float32, 1e-4)])
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("use", USES)
def test_how_numbers_lie_in_memory_changes_nothing(
    use: str, layout: str, dtype: type, rtol: float
) -> None:
    rng = np.random.default_rng(2)
    x = rng.standard_normal((3, 2, 6, 7)).astype(dtype)
    weight = rng.standard_normal((4, 2, 3, 2)).astype(dtype)

    def results(x: Array, weight: Array, lay: Callable[[Array], Array]) -> list[Array]:
        variables = [Tensor(x, requires_grad=True), Tensor(weight, requires_grad=True)]
        with GradientTape() as tape:
            y = USES[use](*variables)
            g = lay(np.random.default_rng(3).standard_normal(y.shape).astype(dtype))
            total = (y * g).sum()
            gradients = tape.gradient(total, variables) + tape.gradient(total, variables, True)
        total.backward()
        left = [variable.grad for variable in variables if variable.grad is not None]
        return [y.numpy(), *(gradient.numpy() for gradient in gradients), *left]

    found = results(LAYOUTS[layout](x), LAYOUTS[layout](weight), LAYOUTS[layout])
    for one, other in zip(found, results(x, weight, np.ascontiguousarray), strict=True):
        np.testing.assert_allclose(one, other, rtol=rtol, atol=rtol)


@pytest.mark.parametrize("use", USES)
def test_a_large_batch_is_its_images_one_by_one(use: str) -> None:
    rng = np.random.default_rng(4)
    x, weight = rng.standard_normal((70, 3, 28, 28)), rng.standard_normal((5, 3, 4, 4))
    together = Tensor(x, requires_grad=True), Tensor(weight, requires_grad=True)
    with GradientTape():
        y = USES[use](*together)
        (y * y).sum().backward()
    apart = Tensor(weight, requires_grad=True)
    for number in range(0, len(x), 7):
        image = Tensor(x[number : number + 1], requires_grad=True)
        with GradientTape():
            one = USES[use](image, apart)
            (one * one).sum().backward([image])
        np.testing.assert_allclose(y.data[number], one.data[0], rtol=1e-11, atol=1e-11)
        assert together[0].grad is not None
        assert image.grad is not None
        np.testing.assert_allclose(together[0].grad[number], image.grad[0], rtol=1e-11, atol=1e-11)


@pytest.mark.parametrize("use", ["Conv2d", "ConvTranspose2d"])
def test_the_kernels_gradient_sums_over_a_large_batch(use: str) -> None:
    rng = np.random.default_rng(4)
    x, weight = rng.standard_normal((70, 3, 28, 28)), rng.standard_normal((5, 3, 4, 4))
    if use == "ConvTranspose2d":
        weight = weight.transpose(1, 0, 2, 3)
    kernel = Tensor(weight, requires_grad=True)
    operation = {"Conv2d": Conv2d, "ConvTranspose2d": ConvTranspose2d}[use]
    parts = []
    for part in (x, x[:20], x[20:]):
        with GradientTape() as tape:
            y = operation((2, 2), (1, 1))(part, kernel)
            total = (y * y).sum()
        parts.append(tape.gradient(total, [kernel])[0].numpy())
    np.testing.assert_allclose(parts[0], parts[1] + parts[2], rtol=1e-10)
