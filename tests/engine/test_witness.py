"""Backpropagation derived by hand for whole networks: a witness that knows no tape."""

from __future__ import annotations

import numpy as np
import pytest

from mnist_engine import nn
from mnist_engine.autograd import Array, GradientTape, Tensor
from mnist_engine.nn import initialisers
from mnist_engine.nn.losses import (
    binary_cross_entropy_with_logits,
    one_hot,
    softmax_cross_entropy,
    squared_error,
)
from mnist_engine.optim import SGD

N, INPUTS, HIDDEN, OUTPUTS = 8, 7, 5, 4

rng = np.random.default_rng(3)
X = rng.standard_normal((N, INPUTS))
LABELS = rng.integers(0, OUTPUTS, N)
Y = one_hot(LABELS, OUTPUTS, np.float64)


def network(hidden: nn.Module) -> nn.Sequential:
    draw = np.random.default_rng(4)
    layers = nn.Linear(INPUTS, HIDDEN, draw), hidden, nn.Linear(HIDDEN, OUTPUTS, draw)
    return nn.Sequential(*layers).astype(np.float64)


def weights_of(model: nn.Module) -> tuple[Array, Array, Array, Array]:
    w1, b1, w2, b2 = (parameter.numpy() for parameter in model.parameters())
    return w1, b1, w2, b2


def assert_gradients(model: nn.Module, loss: Tensor, expected: list[Array]) -> None:
    loss.backward()
    for parameter, right in zip(model.parameters(), expected, strict=True):
        assert parameter.grad is not None
        np.testing.assert_allclose(parameter.grad, right, rtol=1e-12, atol=1e-14)


def test_two_layers_with_relu_and_softmax() -> None:
    model = network(nn.ReLU())
    with GradientTape():
        loss = softmax_cross_entropy(model(Tensor(X)), LABELS)

    W1, b1, W2, b2 = weights_of(model)
    Z1 = X @ W1.T + b1
    A1 = np.maximum(Z1, 0)
    Z2 = A1 @ W2.T + b2
    A2 = np.exp(Z2) / np.exp(Z2).sum(axis=1, keepdims=True)
    assert loss.item() == pytest.approx(-np.log(A2[np.arange(N), LABELS]).mean())

    dZ2 = A2 - Y
    dW2 = dZ2.T @ A1 / N
    db2 = dZ2.sum(axis=0) / N
    dZ1 = dZ2 @ W2 * (Z1 > 0)
    dW1 = dZ1.T @ X / N
    db1 = dZ1.sum(axis=0) / N
    assert_gradients(model, loss, [dW1, db1, dW2, db2])


class HandCoded:
    """The two-layer network as courses write it by hand: a column for each example.

    Z1 = W1 X + b1, A1 = ReLU(Z1), Z2 = W2 A1 + b2, A2 = softmax(Z2), with X (features, m), Y
    (classes, m) and b1, b2 columns; the loss is the mean of -ln A2 at the right class.
    """

    def __init__(self, W1: Array, b1: Array, W2: Array, b2: Array) -> None:
        self.W1, self.b1, self.W2, self.b2 = W1, b1.reshape(-1, 1), W2, b2.reshape(-1, 1)

    def gradients(self, X: Array, Y: Array) -> tuple[Array, Array, Array, Array]:
        """dW1, db1, dW2 and db2 for the columns X with one-hot columns Y."""
        m = X.shape[1]
        Z1 = self.W1 @ X + self.b1
        A1 = np.maximum(Z1, 0)
        Z2 = self.W2 @ A1 + self.b2
        A2 = np.exp(Z2 - Z2.max(axis=0)) / np.exp(Z2 - Z2.max(axis=0)).sum(axis=0)

        dZ2 = A2 - Y
        dW2 = dZ2 @ A1.T / m
        db2 = dZ2.sum(axis=1, keepdims=True) / m
        dZ1 = self.W2.T @ dZ2 * (Z1 > 0)
        dW1 = dZ1 @ X.T / m
        db1 = dZ1.sum(axis=1, keepdims=True) / m
        return dW1, db1, dW2, db2

    def descend(self, X: Array, Y: Array, learning_rate: float) -> None:
        """One step of gradient descent on the whole batch."""
        dW1, db1, dW2, db2 = self.gradients(X, Y)
        self.W1 = self.W1 - learning_rate * dW1
        self.b1 = self.b1 - learning_rate * db1
        self.W2 = self.W2 - learning_rate * dW2
        self.b2 = self.b2 - learning_rate * db2


def test_the_hand_coded_network_descends_the_same_way_for_twenty_steps() -> None:
    """784-10-10 on a full batch, learning rate 0.1: with columns there, rows and a tape here."""
    draw = np.random.default_rng(10)
    pixels = draw.uniform(0, 1, (200, 784))
    labels = draw.integers(0, 10, 200)
    half = initialisers.uniform(0.5)
    model = nn.Sequential(
        nn.Linear(784, 10, draw, weights=half, biases=half),
        nn.ReLU(),
        nn.Linear(10, 10, draw, weights=half, biases=half),
    ).astype(np.float64)
    by_hand = HandCoded(*weights_of(model))
    start = weights_of(model)

    optimizer = SGD(model.parameters(), 0.1)
    tape = GradientTape()
    Y = one_hot(labels, 10, np.float64)
    for _ in range(20):
        with tape:
            loss = softmax_cross_entropy(model(Tensor(pixels)), labels)
        optimizer.minimise(loss)
        by_hand.descend(pixels.T, Y.T, 0.1)

    hand = by_hand.W1, by_hand.b1.ravel(), by_hand.W2, by_hand.b2.ravel()
    for found, right, before in zip(weights_of(model), hand, start, strict=True):
        assert np.abs(right - before).max() > 1e-3
        np.testing.assert_allclose(found, right, rtol=1e-10, atol=1e-12)


def test_two_layers_with_sigmoids_and_the_sum_of_squares() -> None:
    model = network(nn.Sigmoid())
    with GradientTape():
        loss = squared_error(model(Tensor(X)).sigmoid(), Y, "sum")

    W1, b1, W2, b2 = weights_of(model)
    A1 = 1 / (1 + np.exp(-(X @ W1.T + b1)))
    A2 = 1 / (1 + np.exp(-(A1 @ W2.T + b2)))
    assert loss.item() == pytest.approx(((A2 - Y) ** 2).sum())

    dZ2 = 2 * (A2 - Y) * A2 * (1 - A2)
    dZ1 = dZ2 @ W2 * A1 * (1 - A1)
    assert_gradients(model, loss, [dZ1.T @ X, dZ1.sum(axis=0), dZ2.T @ A1, dZ2.sum(axis=0)])


def test_two_layers_with_tanh_and_binary_cross_entropy() -> None:
    model = network(nn.Tanh())
    with GradientTape():
        loss = binary_cross_entropy_with_logits(model(Tensor(X)), Y)

    W1, b1, W2, b2 = weights_of(model)
    A1 = np.tanh(X @ W1.T + b1)
    P = 1 / (1 + np.exp(-(A1 @ W2.T + b2)))
    assert loss.item() == pytest.approx(-(Y * np.log(P) + (1 - Y) * np.log(1 - P)).mean())

    dZ2 = (P - Y) / Y.size
    dZ1 = dZ2 @ W2 * (1 - A1**2)
    assert_gradients(model, loss, [dZ1.T @ X, dZ1.sum(axis=0), dZ2.T @ A1, dZ2.sum(axis=0)])


def test_the_generators_gradient_goes_through_a_discriminator_that_gets_none() -> None:
    generator = nn.Linear(3, INPUTS, np.random.default_rng(5)).astype(np.float64)
    discriminator = network(nn.Tanh())
    noise = rng.standard_normal((N, 3))
    with GradientTape():
        fakes = generator(Tensor(noise)).tanh()
        logits = discriminator(fakes)
        loss = binary_cross_entropy_with_logits(logits, 1.0)
    loss.backward(generator.parameters())
    assert all(parameter.grad is None for parameter in discriminator.parameters())

    W1, b1, W2, _ = weights_of(discriminator)
    F = fakes.data
    A1 = np.tanh(F @ W1.T + b1)
    dZ2 = (1 / (1 + np.exp(-logits.data)) - 1) / logits.size
    dF = (dZ2 @ W2 * (1 - A1**2)) @ W1
    dZ = dF * (1 - F**2)
    for parameter, right in zip(
        generator.parameters(), [dZ.T @ noise, dZ.sum(axis=0)], strict=True
    ):
        assert parameter.grad is not None
        np.testing.assert_allclose(parameter.grad, right, rtol=1e-12)
