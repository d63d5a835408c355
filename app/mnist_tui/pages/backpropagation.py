"""`mnist-tui lesson backpropagation`: a small network, differentiated by hand and by the tape.

The network is the hand-coded one of the recipe scratch-mlp: 784-10-10, ReLU, softmax. Both ways
take the same weights and the same images, in double precision.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from rich.console import Console
from rich.text import Text

from mnist_engine import nn
from mnist_engine.autograd import Array, GradientTape, Tensor
from mnist_engine.data.dataset import load_dataset
from mnist_engine.nn.losses import one_hot, softmax_cross_entropy
from mnist_engine.optim import SGD
from mnist_tui.pages.guide import STEP, Guide, tell

Arrays = list[Array]
Recorded = tuple[Tensor, GradientTape]

IMAGES = 1000
RATE = 0.5
LOOKS = (0, 1, 10, 50, 100)
"""Steps after which the losses are compared."""


def run_page(console: Console) -> bool:
    """Print the page on ``console``; True when the tape agreed with the hand everywhere."""
    return tell(
        console,
        (there, and_back, the_tape, downhill),
        """The network is a recipe, too: mnist-tui classify --recipe scratch-mlp. How a tape does
        this for any network is what mnist-tui autograd shows.""",
    )


class Example(NamedTuple):
    """The same network twice, and what it is shown.

    ``x`` are images (n, 784) with pixels in [0, 1], ``labels`` their digits (n,), ``y`` these as
    one-hot rows (n, 10); ``weights`` are W1 (10, 784), b1 (10,), W2 (10, 10), b2 (10,).
    """

    network: nn.Sequential
    x: Array
    labels: Array
    y: Array

    @property
    def weights(self) -> Arrays:
        """Copies, for the hand."""
        return [parameter.data.copy() for parameter in self.network.parameters()]


def example() -> Example:
    """Fresh weights, the same each time, and the first images of MNIST."""
    rng = np.random.default_rng(0)
    network = nn.Sequential(nn.Linear(784, 10, rng), nn.ReLU(), nn.Linear(10, 10, rng))
    network.astype(np.float64)
    mnist = load_dataset()
    x = mnist.train_images[:IMAGES].reshape(IMAGES, -1) / 255.0
    labels = mnist.train_labels[:IMAGES]
    return Example(network, x, labels, one_hot(labels, 10).astype(np.float64))


# -- 1 -------------------------------------------------------------------------------------------


def forward(weights: Arrays, x: Array, y: Array) -> Arrays:
    W1, b1, W2, b2 = weights
    z1 = x @ W1.T + b1
    h = np.maximum(z1, 0)
    z2 = h @ W2.T + b2
    e = np.exp(z2 - z2.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    loss = -np.log(p[y == 1]).mean()
    return [z1, h, z2, p, loss]


def there(guide: Guide) -> None:
    """The forward pass."""
    guide.chapter("There: from pixels to a loss")
    guide.say(
        f"""784 pixels become 10 hidden numbers, these become 10 outputs, and softmax makes them
        probabilities p. The loss is -ln of the one that belongs to the right digit, averaged over
        {IMAGES:,} images: x has a row for each, y has a 1 where its digit is."""
    )
    guide.show(forward)
    given = example()
    *_, loss = forward(given.weights, given.x, given.y)
    tape_loss = softmax_cross_entropy(given.network(Tensor(given.x)), given.labels).item()
    guide.table(
        "",
        "by hand",
        "by the engine",
        "gap",
        rows=[["loss", f"{loss:.12f}", f"{tape_loss:.12f}", guide.compare(tape_loss, float(loss))]],
    )


# -- 2 -------------------------------------------------------------------------------------------


def backward(weights: Arrays, x: Array, y: Array) -> Arrays:
    _, _, W2, _ = weights
    z1, h, _, p, _ = forward(weights, x, y)
    dz2 = (p - y) / len(x)
    dW2 = dz2.T @ h
    db2 = dz2.sum(axis=0)
    dh = dz2 @ W2
    dz1 = dh * (z1 > 0)
    dW1 = dz1.T @ x
    db1 = dz1.sum(axis=0)
    return [dz2, dW2, db2, dh, dz1, dW1, db1]


def and_back(guide: Guide) -> None:
    """The backward pass, line by line."""
    guide.chapter("And back: the chain rule, by hand")
    guide.say(
        """Now from the loss to the weights, in the opposite order. d... is the derivative of the
        loss with respect to ..., and has its shape. Each line is one factor of the chain rule:"""
    )
    guide.show(backward)
    guide.say(
        """The derivative of the loss with respect to the outputs of a softmax is simply what it
        said minus what is right: p - y. A matrix product passes the gradient back through the
        transposed matrix; a bias, added to every row, gets the sum of the rows; ReLU lets through
        where its input was positive, and nothing elsewhere."""
    )


# -- 3 -------------------------------------------------------------------------------------------


def recorded(network: nn.Module, x: Array, labels: Array) -> Recorded:
    with GradientTape() as tape:
        loss = softmax_cross_entropy(network(Tensor(x)), labels)
    return loss, tape


def the_tape(guide: Guide) -> None:
    """Every intermediate gradient beside the tape's."""
    guide.chapter("The tape does the same")
    guide.say("It writes down what is computed; the lines above it then finds by itself.")
    guide.show(recorded)
    given = example()
    dz2, dW2, db2, dh, dz1, dW1, db1 = backward(given.weights, given.x, given.y)
    loss, tape = recorded(given.network, given.x, given.labels)
    first, relu, second, *_ = tape.operations
    W1, b1, W2, b2 = given.network.parameters()
    by_hand = {
        "dz2 = (p - y) / n": (dz2, second.output),
        "dW2 = dz2ᵀ h": (dW2, W2),
        "db2 = sum of dz2": (db2, b2),
        "dh = dz2 W2": (dh, relu.output),
        "dz1 = dh where z1 > 0": (dz1, first.output),
        "dW1 = dz1ᵀ x": (dW1, W1),
        "db1 = sum of dz1": (db1, b1),
    }
    found = tape.gradient(loss, [tensor for _, tensor in by_hand.values()])
    rows: list[list[str | Text]] = []
    for (line, (hand, _)), tensor in zip(by_hand.items(), found, strict=True):
        place = np.unravel_index(np.abs(hand).argmax(), hand.shape)
        numbers = [f"{value[place]:+.8f}" for value in (hand, tensor.data)]
        shape = " x ".join(map(str, hand.shape))
        rows.append([line, shape, *numbers, guide.compare(tensor.data, hand)])
    guide.say("The largest number of each, and the largest gap anywhere:")
    guide.table("by hand", "shape", "its largest", "by tape", "gap", rows=rows, left=2)
    guide.say(
        """And the witness that knows neither: the loss, with that one weight a little larger and a
        little smaller."""
    )
    rows = []
    for number, (name, gradient) in enumerate(zip(("W1", "W2"), (dW1, dW2), strict=True)):
        place = np.unravel_index(np.abs(gradient).argmax(), gradient.shape)
        above, below = (nudged(given, 2 * number, place, by) for by in (STEP, -STEP))
        expected = (above - below) / (2 * STEP)
        numbers = [f"{value:+.8f}" for value in (gradient[place], expected)]
        entry = f"{name}[{', '.join(map(str, place))}]"
        rows.append([entry, *numbers, guide.compare(float(gradient[place]), expected)])
    guide.table("weight", "by hand", "finite difference", "gap", rows=rows)


def nudged(given: Example, number: int, place: tuple[np.intp, ...], by: float) -> float:
    """The loss with one weight larger ``by`` so much."""
    weights = given.weights
    weights[number][place] += by
    return float(forward(weights, given.x, given.y)[-1])


# -- 4 -------------------------------------------------------------------------------------------


def step_by_hand(weights: Arrays, x: Array, y: Array) -> float:
    *_, loss = forward(weights, x, y)
    _, dW2, db2, _, _, dW1, db1 = backward(weights, x, y)
    gradients = [dW1, db1, dW2, db2]
    for weight, gradient in zip(weights, gradients, strict=True):
        weight -= RATE * gradient
    return float(loss)


def step_by_tape(given: Example, optimizer: SGD) -> float:
    loss, _ = recorded(given.network, given.x, given.labels)
    optimizer.minimise(loss)
    return loss.item()


def downhill(guide: Guide) -> None:
    """Both train, and stay together."""
    guide.chapter("Downhill together")
    guide.say("With these gradients both go downhill, step by step, from the same weights.")
    guide.show(step_by_hand, step_by_tape)
    given = example()
    weights = given.weights
    optimizer = SGD(given.network.parameters(), RATE)
    rows: list[list[str | Text]] = []
    for step in range(LOOKS[-1] + 1):
        hand = step_by_hand(weights, given.x, given.y)
        tape = step_by_tape(given, optimizer)
        if step in LOOKS:
            numbers = [f"{value:.12f}" for value in (hand, tape)]
            rows.append([str(step), *numbers, guide.compare(tape, hand)])
    guide.table("step", "loss by hand", "loss by tape", "gap", rows=rows)
    guide.say(
        """Here the hand-made lines are as good. But another layer, another loss, and they must be
        found anew; the tape only reads what you wrote."""
    )
