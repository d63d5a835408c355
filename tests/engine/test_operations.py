"""What holds for every operation of the engine, shown on a table of their uses.

Derivatives agree with finite differences, first and second; hand-written fast paths equal the
formulas; float32 stays float32. That a wrong derivative would be found is shown by ``mutations``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pytest

from mnist_engine.autograd import (
    Array,
    GradientTape,
    Operation,
    Tensor,
    check_gradients,
)
from mnist_engine.autograd.activations import (
    LeakyReLU,
    LogSoftmax,
    ReLU,
    Sigmoid,
    Slope,
    Softmax,
    Tanh,
)
from mnist_engine.autograd.arithmetic import (
    Abs,
    Add,
    Divide,
    Exp,
    Log,
    Multiply,
    Negate,
    Power,
    Sign,
    Sqrt,
    Subtract,
)
from mnist_engine.autograd.convolution import Conv2d, ConvTranspose2d, KernelGradient
from mnist_engine.autograd.embedding import Embedding
from mnist_engine.autograd.linear_algebra import Linear, MatMul
from mnist_engine.autograd.losses import BinaryCrossEntropyWithLogits, SoftmaxCrossEntropy
from mnist_engine.autograd.normalisation import BatchNorm
from mnist_engine.autograd.pooling import AvgPool2d, MaxPool2d
from mnist_engine.autograd.reductions import Mean, Sum
from mnist_engine.autograd.shapes import (
    Broadcast,
    Concatenate,
    Flatten,
    Reshape,
    Scatter,
    Take,
    Transpose,
    Unflatten,
)

# -- the table -----------------------------------------------------------------------------------


def off_zero(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    """As many negative numbers as positive ones, at least 0.2 from the kink or pole at 0."""
    signs = rng.permuted(np.resize([-1.0, 1.0], shape).ravel()).reshape(shape)
    return np.asarray(signs * rng.uniform(0.2, 1.5, shape))


def positive(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    """Numbers on which logarithms and roots are smooth."""
    return np.asarray(rng.uniform(0.3, 2.0, shape))


def distinct(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    """Numbers of which no two are near each other: there is one largest in any window."""
    return rng.permutation(np.linspace(-1.2, 1.2, np.prod(shape, dtype=int))).reshape(shape)


@dataclass(frozen=True)
class Case:
    """One use of an operation: how it is made, and the shapes of its inputs."""

    make: Callable[[], Operation]
    shapes: tuple[tuple[int, ...], ...]
    draw: Callable[[np.random.Generator, tuple[int, ...]], Array] = off_zero

    @property
    def operation(self) -> type[Operation]:
        return type(self.make())

    def function(self, *tensors: Tensor) -> Tensor:
        """The operation applied."""
        return self.make()(*tensors)

    def inputs(self, dtype: type = np.float64) -> list[Array]:
        """Arrays to apply it to, the same ones each time."""
        rng = np.random.default_rng(7)
        return [self.draw(rng, shape).astype(dtype) for shape in self.shapes]

    def __str__(self) -> str:
        operation = self.make()
        options = ", ".join(str(value) for value in vars(operation).values())
        return f"{operation.name}({options}) of {', '.join(map(str, self.shapes))}"


TWICE = np.array([2, 0, 2])
"""An index that takes an element twice, so that its gradient must be added up."""

EVERY_FIFTH = np.arange(12).reshape(3, 4) % 5 == 0


def table() -> Iterator[Case]:
    broadcasting = [
        ((3, 2), (3, 2)),
        ((2, 3), (3,)),
        ((2, 1), (1, 3)),
        ((2, 1, 2), (3, 1)),
        ((), (2,)),
        ((), ()),
    ]
    for make in (Add, Subtract, Multiply, Divide):
        for pair in broadcasting:
            yield Case(make, pair)
    for make in (Negate, Exp, Abs, Sign, Sigmoid, Tanh, ReLU):
        for shape in ((3, 2), (), (0, 2)):
            yield Case(make, (shape,))
    for make in (Log, Sqrt):
        for shape in ((3, 2), ()):
            yield Case(make, (shape,), positive)
    for n in (3, 2, 1, 0, -1, -2):
        yield Case(lambda n=n: Power(n), ((2, 2),))
    for n in (0.5, -1.5):
        yield Case(lambda n=n: Power(n), ((3,),), positive)
    for slope in (0.0, 0.2, 1.0):
        for shape in ((3, 2), ()):
            yield Case(lambda slope=slope: LeakyReLU(slope), (shape,))
            yield Case(lambda slope=slope: Slope(slope), (shape,))
    for make in (Softmax, LogSoftmax):
        for shape in ((3, 4), (4,), (2, 1, 3)):
            yield Case(make, (shape,))
    for kind in (Sum, Mean):
        for axis, keepdims, shape in (
            (None, False, (2, 3)),
            (None, True, (2, 3)),
            (0, False, (2, 3)),
            (-1, True, (2, 3)),
            ((0, -1), False, (2, 3, 2)),
            ((), False, (2,)),
            (None, False, ()),
        ):
            yield Case(lambda kind=kind, a=axis, k=keepdims: kind(a, k), (shape,))
    for shape in ((2, 3, 1, 2), (3, 4)):
        yield Case(Flatten, (shape,))
    for shape in ((3, 1, 2), (6,), (2, 3)):
        yield Case(lambda shape=shape: Unflatten(shape), ((2, 6),))
    for old, new in (((2, 3), (3, 2)), ((2, 1, 2), (-1,)), ((), (1, 1)), ((1,), ())):
        yield Case(lambda new=new: Reshape(new), (old,))
    for axes in ((0, 1, 2), (2, 0, 1), (1, 2, 0), (-1, 0, 1)):
        yield Case(lambda axes=axes: Transpose(axes), ((2, 3, 4),))
    for old, new in (((2, 1), (4, 2, 3)), ((), (2, 2)), ((3,), (3,))):
        yield Case(lambda new=new: Broadcast(new), (old,))
    yield Case(lambda: Concatenate(0), ((2, 2), (1, 2), (3, 2)))
    yield Case(lambda: Concatenate(-1), ((2, 2), (2, 1)))
    for index in (
        1,
        -1,
        slice(None, None, 2),
        (slice(None), 2),
        (..., slice(3, 0, -2)),
        (None, np.int64(1)),
        TWICE,
        (TWICE, TWICE),
        EVERY_FIFTH,
    ):
        yield Case(lambda index=index: Take(index), ((3, 4),))
    yield Case(lambda: Scatter(slice(1, 3), (4, 2)), ((2, 2),))
    yield Case(lambda: Scatter(TWICE, (4, 2)), ((3, 2),))
    for pair in (
        ((2, 3), (3, 4)),
        ((2, 2), (2, 2)),
        ((1, 3), (3, 1)),
        ((3, 2, 3), (3, 2)),
        ((2, 1, 2, 3), (2, 3, 1)),
    ):
        yield Case(MatMul, pair)
    for n, inputs, outputs in ((4, 3, 2), (2, 2, 2), (3, 4, 1), (1, 1, 1)):
        yield Case(Linear, ((n, inputs), (outputs, inputs), (outputs,)))
    yield Case(Linear, ((4, 3), (2, 3)))
    for labels in (TWICE, TWICE[:1], TWICE[:0]):
        yield Case(lambda labels=labels: Embedding(labels), ((4, 2),))
    yield Case(BatchNorm, ((5, 3), (3,), (3,)))
    yield Case(lambda: BatchNorm(epsilon=0.3), ((3, 1), (1,), (1,)))
    yield Case(lambda: BatchNorm(epsilon=0.3), ((2, 3, 2, 2), (3,), (3,)))
    for stride, padding, image, kernel in (
        ((1, 1), (0, 0), (3, 3), (2, 2)),
        ((2, 1), (1, 0), (4, 3), (3, 2)),
        ((2, 3), (0, 2), (3, 4), (1, 4)),
        ((1, 1), (0, 0), (2, 2), (2, 2)),
    ):
        for inputs, outputs in ((2, 3), (1, 1)):
            yield Case(
                lambda s=stride, p=padding: Conv2d(s, p),
                ((2, inputs, *image), (outputs, inputs, *kernel), (outputs,)),
            )
    yield Case(Conv2d, ((2, 2, 3, 3), (2, 2, 2, 2)))
    for stride, padding, extra, image, kernel in (
        ((1, 1), (0, 0), (0, 0), (2, 2), (2, 2)),
        ((2, 1), (1, 0), (1, 0), (2, 3), (3, 2)),
        ((3, 2), (1, 2), (2, 1), (2, 2), (2, 4)),
    ):
        for inputs, outputs in ((3, 2), (5, 1)):
            yield Case(
                lambda s=stride, p=padding, e=extra: ConvTranspose2d(s, p, e),
                ((2, inputs, *image), (inputs, outputs, *kernel), (outputs,)),
            )
    yield Case(ConvTranspose2d, ((2, 2, 2, 2), (2, 2, 2, 2)))
    yield Case(
        lambda: KernelGradient((2, 1), (1, 0), (3, 2)),
        ((2, 2, 4, 3), (2, 3, 2, 2)),
    )
    for make in (MaxPool2d, AvgPool2d):
        for size, stride, image in (
            ((2, 2), None, (4, 5)),
            ((3, 2), (1, 2), (4, 4)),
            ((1, 2), (2, 3), (3, 5)),
        ):
            yield Case(
                lambda make=make, size=size, stride=stride: make(size, stride),
                ((2, 2, *image),),
                distinct,
            )
    for pair in (((3, 2), (3, 2)), ((3, 2), (2,)), ((), ())):
        yield Case(BinaryCrossEntropyWithLogits, pair)
    for shape in ((3, 4), (1, 2)):
        yield Case(SoftmaxCrossEntropy, (shape, shape))


TABLE = list(table())
every_case = pytest.mark.parametrize("case", TABLE, ids=str)


def engine_operations(kind: type[Operation] = Operation) -> Iterator[type[Operation]]:
    """Every subclass of Operation that the engine itself defines."""
    for subclass in kind.__subclasses__():
        if subclass.__module__.startswith("mnist_engine."):
            yield subclass
        yield from engine_operations(subclass)


def test_the_table_leaves_no_operation_out() -> None:
    assert {case.operation for case in TABLE} == set(engine_operations())


# -- derivatives ---------------------------------------------------------------------------------


@every_case
def test_derivatives_agree_with_finite_differences(case: Case) -> None:
    check_gradients(case.function, case.inputs())


@every_case
def test_derivatives_hold_inside_a_larger_function(case: Case) -> None:
    def composed(*tensors: Tensor) -> Tensor:
        return (case.function(*(t * t * t for t in tensors)) * 0.5).tanh()

    inputs = [np.cbrt(array) for array in case.inputs()]
    check_gradients(composed, inputs, tolerance=1e-4)


@every_case
def test_a_derivative_is_recorded_just_as_it_is_computed(case: Case) -> None:
    variables = [Tensor(array, requires_grad=True) for array in case.inputs()]
    with GradientTape() as tape:
        y = case.function(*variables)
        target = (y * y).sum()
        recorded = tape.gradient(target, variables, create_graph=True)
    for plain, again in zip(tape.gradient(target, variables), recorded, strict=True):
        np.testing.assert_allclose(plain.data, again.data, rtol=1e-12, atol=1e-14)


# -- fast paths ----------------------------------------------------------------------------------

WITH_FAST_PATHS = [case for case in TABLE if case.operation.fast_paths]


def gradients_left_by_backward(case: Case, dtype: type = np.float64) -> list[Array]:
    variables = [Tensor(array, requires_grad=True) for array in case.inputs(dtype)]
    with GradientTape():
        y = case.function(*variables)
        (y * y * y).sum().backward()
    gradients = [variable.grad for variable in variables]
    assert all(gradient is not None for gradient in gradients)
    return [np.asarray(gradient) for gradient in gradients]


@pytest.mark.parametrize(("dtype", "rtol"), [(np.float64, 1e-12), (np.float32, 2e-5)])
@pytest.mark.parametrize("case", WITH_FAST_PATHS, ids=str)
def test_fast_paths_equal_the_formulas(
    case: Case, dtype: type, rtol: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    fast = gradients_left_by_backward(case, dtype)
    monkeypatch.setattr(case.operation, "fast_paths", {})
    for found, formula in zip(fast, gradients_left_by_backward(case, dtype), strict=True):
        np.testing.assert_allclose(found, formula, rtol=rtol, atol=rtol)


@pytest.mark.parametrize("case", [case for case in TABLE if len(case.shapes) > 1], ids=str)
def test_a_gradient_asked_for_alone_is_the_same(case: Case) -> None:
    together = gradients_left_by_backward(case)
    for number, expected in enumerate(together):
        variables = [Tensor(array, requires_grad=True) for array in case.inputs()]
        with GradientTape():
            y = case.function(*variables)
            (y * y * y).sum().backward([variables[number]])
        np.testing.assert_array_equal(np.asarray(variables[number].grad), expected)


# -- precision -----------------------------------------------------------------------------------


@every_case
def test_float32_stays_float32(case: Case) -> None:
    variables = [Tensor(array, requires_grad=True) for array in case.inputs(np.float32)]
    with GradientTape() as tape:
        y = case.function(*variables)
        target = (y * 2.0).sum()
        recorded = tape.gradient(target, variables, create_graph=True)
    plain = tape.gradient(target, variables)
    assert {operation.output.dtype for operation in tape.operations} == {np.dtype(np.float32)}
    assert {gradient.dtype for gradient in recorded + plain} == {np.dtype(np.float32)}


@every_case
def test_a_second_pass_over_the_same_memory_gives_the_same_numbers(case: Case) -> None:
    variables = [Tensor(array, requires_grad=True) for array in case.inputs()]
    tape = GradientTape()
    passes = []
    for _ in range(2):
        with tape:
            target = case.function(*variables).sum()
        gradients = tape.gradient(target, variables)
        passes.append([target.numpy(), *(gradient.numpy() for gradient in gradients)])
    for first, second in zip(*passes, strict=True):
        np.testing.assert_array_equal(first, second)


@every_case
def test_a_second_pass_leaves_the_inputs_alone(case: Case) -> None:
    variables = [Tensor(array, requires_grad=True) for array in case.inputs()]
    tape = GradientTape()
    for scale in (1.0, 2.0):
        for variable, array in zip(variables, case.inputs(), strict=True):
            variable.data = np.asarray(array * scale)
        with tape:
            target = case.function(*variables).sum()
        tape.gradient(target, variables)
        for variable, array in zip(variables, case.inputs(), strict=True):
            np.testing.assert_array_equal(variable.data, array * scale)


def test_a_misspelt_derivative_is_refused_when_the_class_is_made():
    with pytest.raises(TypeError, match=r"Double: d_y names no argument of forward \(x, out\)"):

        class Double(Operation):
            def forward(self, x, out=None):
                return np.multiply(x, 2, out=out)

            def d_y(self, g, x):
                return g * 2.0
