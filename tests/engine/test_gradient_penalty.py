"""WGAN-GP's penalty of a LeakyReLU network in closed form: an oracle for second derivatives.

D(x) = w_L h_{L-1} + b_L with h_l = M_l z_l, z_l = W_l h_{l-1} + b_l and h_0 = x, where M_l is the
diagonal matrix of slopes, 1 where z_l > 0 and s elsewhere. Off the kinks the M_l are constants, so

    ∇D = v = W_1ᵀ M_1 W_2ᵀ M_2 ... w_Lᵀ

and P = λ (‖v‖ - 1)² has dP/dv = u = 2 λ (‖v‖ - 1) v / ‖v‖. Each W_l is one factor of v: with what
stands before it, r_l = M_{l-1} W_{l-1} ... M_1 W_1 u, and behind it, a_l = M_l W_{l+1}ᵀ ... w_Lᵀ,
uᵀ v = r_lᵀ W_lᵀ a_l, so that dP/dW_l = a_l r_lᵀ and dP/db_l = 0. P is the mean over examples, each
of which has slopes of its own.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence

import numpy as np
import pytest

from mnist_engine import nn
from mnist_engine.autograd import Array, GradientTape, Tensor
from mnist_engine.autograd.checks import numerical_gradient
from mnist_engine.autograd.tensor import concatenate
from mnist_engine.training.games import gradient_penalty

SLOPE, LAMBDA = 0.2, 10.0

WIDTHS = [(4, 1), (4, 6, 1), (5, 7, 3, 1), (3, 6, 5, 4, 1)]
every_depth = pytest.mark.parametrize("widths", WIDTHS, ids=str)


def network(widths: Sequence[int]) -> nn.Sequential:
    rng = np.random.default_rng(6)
    layers: list[nn.Module] = []
    for inputs, outputs in itertools.pairwise(widths):
        layers += [nn.Linear(inputs, outputs, rng), nn.LeakyReLU(SLOPE)]
    return nn.Sequential(*layers[:-1]).astype(np.float64)


def examples(widths: Sequence[int]) -> Array:
    return np.random.default_rng(7).standard_normal((9, widths[0]))


def closed_form(model: nn.Module, x: Array) -> tuple[float, Array, list[Array]]:
    """P, the rows v and dP/d(parameter) for each parameter in order."""
    parameters = [parameter.numpy() for parameter in model.parameters()]
    weights, biases = parameters[::2], parameters[1::2]
    slopes, h = [], x
    for W, b in zip(weights[:-1], biases[:-1], strict=True):
        z = h @ W.T + b
        slopes.append(np.where(z > 0, 1, SLOPE))
        h = slopes[-1] * z

    behind = [np.ones((len(x), 1))]  # a_L, then a_{L-1}, ...
    for W, m in zip(weights[:0:-1], slopes[::-1], strict=True):
        behind.append(m * (behind[-1] @ W))
    v = behind[-1] @ weights[0]

    norms = np.linalg.norm(v, axis=1, keepdims=True)
    r = 2 * LAMBDA * (norms - 1) * v / norms / len(x)  # u, with the mean's 1/n
    gradients = []
    for W, b, a, m in zip(weights, biases, behind[::-1], [*slopes, None], strict=True):
        gradients += [a.T @ r, np.zeros_like(b)]
        if m is not None:
            r = m * (r @ W.T)
    return float(LAMBDA * ((norms - 1) ** 2).mean()), v, gradients


def penalty(model: Callable[[Tensor], Tensor], x: Array, tape: GradientTape) -> Tensor:
    """P by what trainers run, at ``x`` itself: a share of 1 leaves nothing of the fakes."""
    shares = Tensor(np.ones((len(x), 1)))
    return LAMBDA * gradient_penalty(tape, model, Tensor(x), Tensor(-x), shares)


@every_depth
def test_the_penalty_and_its_gradients_are_their_closed_form(widths: Sequence[int]) -> None:
    model, x = network(widths), examples(widths)
    with GradientTape() as tape:
        found = penalty(model, x, tape)
        recorded = tape.gradient(found, model.parameters(), create_graph=True)
    found.backward(model.parameters())

    value, _, gradients = closed_form(model, x)
    assert found.item() == pytest.approx(value, rel=1e-10)
    assert max(np.abs(gradient).max() for gradient in gradients) > 0.1
    for parameter, again, right in zip(model.parameters(), recorded, gradients, strict=True):
        assert parameter.grad is not None
        np.testing.assert_allclose(parameter.grad, right, rtol=1e-10, atol=1e-12)
        np.testing.assert_allclose(again.data, right, rtol=1e-10, atol=1e-12)


@every_depth
def test_the_closed_form_agrees_with_finite_differences(widths: Sequence[int]) -> None:
    model, x = network(widths), examples(widths)
    _, v, gradients = closed_form(model, x)
    numerical = numerical_gradient(lambda: float(model(Tensor(x)).data.sum()), x)
    np.testing.assert_allclose(v, numerical, rtol=1e-6, atol=1e-8)
    for parameter, right in zip(model.parameters(), gradients, strict=True):
        numerical = numerical_gradient(lambda: closed_form(model, x)[0], parameter.data)
        np.testing.assert_allclose(right, numerical, rtol=1e-5, atol=1e-7)


def test_a_step_of_the_critic_adds_the_penalty_to_its_loss() -> None:
    """d(E D(fake) - E D(real) + P)/dW on one kept tape is the sum of the parts, pass after pass."""
    widths = (5, 7, 3, 1)
    model, tape = network(widths), GradientTape()
    parameters = model.parameters()
    for seed in range(3):
        rng = np.random.default_rng(seed)
        real, fake, x = (rng.standard_normal((9, 5)) for _ in range(3))
        with tape:
            distance = model(Tensor(fake)).mean() - model(Tensor(real)).mean()
            total = distance + penalty(model, x, tape)
        for parameter in parameters:
            parameter.grad_is_stale = True
        total.backward(parameters)
        with GradientTape() as other:
            distance = model(Tensor(fake)).mean() - model(Tensor(real)).mean()
        parts = zip(other.gradient(distance, parameters), closed_form(model, x)[2], strict=True)
        for parameter, (first, second) in zip(parameters, parts, strict=True):
            assert parameter.grad is not None
            np.testing.assert_allclose(parameter.grad, first.data + second, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("first", ["unflatten", "class plane"])
def test_the_penalty_of_a_convolutional_critic_agrees_with_finite_differences(first: str) -> None:
    rng = np.random.default_rng(8)
    conditional = first == "class plane"
    critic = nn.Sequential(
        nn.ClassPlane(4, 5, 3, rng) if conditional else nn.Unflatten(1, 4, 5),
        nn.Conv2d(1 + conditional, 2, 3, rng, stride=2, padding=1),
        nn.LeakyReLU(SLOPE),
        nn.Conv2d(2, 3, 2, rng),
        nn.LeakyReLU(SLOPE),
        nn.Flatten(),
        nn.Linear(6, 1, rng),
    ).astype(np.float64)
    images, classes = rng.standard_normal((3, 20)), Tensor(np.eye(3)[[2, 0, 2]])

    def judge(x: Tensor) -> Tensor:
        return critic(concatenate([x, classes], axis=1) if conditional else x)

    def value() -> Tensor:
        with GradientTape() as tape:
            return penalty(judge, images, tape)

    value().backward(critic.parameters())
    for parameter in critic.parameters():
        numerical = numerical_gradient(lambda: value().item(), parameter.data)
        assert parameter.grad is not None
        np.testing.assert_allclose(parameter.grad, numerical, rtol=1e-5, atol=1e-8)
