"""The chain rule over graphs that nobody drew: random expressions that use their parts again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mnist_engine.autograd import Array, GradientTape, Tensor, check_gradients
from mnist_engine.autograd.tensor import concatenate

SIDE = 3
"""Every node is a square matrix, so that any two fit together in any way."""

UNARY: dict[str, Callable[[Tensor], Tensor]] = {
    "tanh": lambda x: x.tanh(),
    "sigmoid": lambda x: x.sigmoid(),
    "softmax": lambda x: x.softmax(),
    "bent": lambda x: (x * x + 0.1).sqrt(),
    "turned": lambda x: x.T,
    "backwards": lambda x: x[::-1, ::-1],
    "first row": lambda x: x[0],
    "column mean": lambda x: x.mean(axis=0),
    "row sum": lambda x: x.sum(axis=1, keepdims=True),
    "a row again and again": lambda x: x[1].broadcast_to((SIDE, SIDE)),
    "reshaped": lambda x: x.T.reshape(SIDE, SIDE),
    "constant": lambda x: x.detach(),
}

BINARY: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "x + y": lambda x, y: x + y,
    "x - y": lambda x, y: x - y,
    "x y": lambda x, y: (x * y).tanh(),
    "x / y": lambda x, y: x / (y * y + 1.0),
    "x @ y": lambda x, y: (x @ y).tanh(),
    "halves": lambda x, y: concatenate([x[:1], y[1:]]),
}


@dataclass(frozen=True)
class Expression:
    """Lines of a program: each applies a function to earlier nodes, the first two being inputs."""

    lines: tuple[tuple[str, tuple[int, ...]], ...]

    def __call__(self, *inputs: Tensor) -> Tensor:
        nodes = list(inputs)
        for name, places in self.lines:
            arguments = [nodes[place] for place in places]
            node = UNARY[name](*arguments) if name in UNARY else BINARY[name](*arguments)
            nodes.append(node if node.shape == (SIDE, SIDE) else node.broadcast_to((SIDE, SIDE)))
        return nodes[-1] + nodes[-2] * 0.5


@st.composite
def expressions(draw: st.DrawFn, without: str = "") -> Expression:
    lines: list[tuple[str, tuple[int, ...]]] = []
    for count in range(2, 2 + draw(st.integers(2, 8))):
        name = draw(st.sampled_from([name for name in [*UNARY, *BINARY] if name != without]))
        earlier = st.integers(0, count - 1)
        places = (draw(earlier),) if name in UNARY else (draw(earlier), draw(earlier))
        lines.append((name, places))
    return Expression(tuple(lines))


some = settings(max_examples=150, deadline=None, derandomize=True)


def inputs() -> list[Array]:
    rng = np.random.default_rng(9)
    return [rng.uniform(-1, 1, (SIDE, SIDE)) for _ in range(2)]


@some
@given(expressions(without="constant"))  # a difference moves what a derivative takes to rest
def test_any_expression_agrees_with_finite_differences(expression: Expression) -> None:
    check_gradients(expression, inputs(), tolerance=1e-4)


@some
@given(expressions())
def test_all_ways_to_a_gradient_lead_to_the_same(expression: Expression) -> None:
    def variables() -> Sequence[Tensor]:
        return [Tensor(array, requires_grad=True) for array in inputs()]

    x = variables()
    with GradientTape() as tape:
        total = (expression(*x) * np.arange(9.0).reshape(SIDE, SIDE)).sum()
        assume(total.requires_grad)
        expected = [g.numpy() for g in tape.gradient(total, x, create_graph=True)]

    def compare(gradients: Sequence[Array | None]) -> None:
        for gradient, right in zip(gradients, expected, strict=True):
            assert gradient is not None
            np.testing.assert_allclose(gradient, right, rtol=1e-10, atol=1e-12)

    compare([g.data for g in tape.gradient(total, x)])
    total.backward(x)
    compare([source.grad for source in x])
    for source in x:
        assert source.grad is not None
        source.grad.fill(np.nan)
        source.grad_is_stale = True
    total.backward(x)  # into arrays of which nothing may be left
    compare([source.grad for source in x])

    kept, again = GradientTape(), variables()
    for _ in range(3):
        with kept:
            total = (expression(*again) * np.arange(9.0).reshape(SIDE, SIDE)).sum()
        compare([g.data for g in kept.gradient(total, again)])
