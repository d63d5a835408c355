"""Training steps against a second implementation: plain NumPy, float64, every formula by hand.

Both begin with the same weights and draw the same random numbers. What is compared is how far the
weights have moved, since that is all that a step does.
"""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray

from mnist_engine.data.dataset import Dataset
from mnist_engine.recipes import ClassifierRecipe, GanRecipe, load_recipe
from mnist_engine.recipes.overrides import override
from mnist_engine.recipes.schema import SGDTable
from mnist_engine.training import TrainControl, Trainer, make_trainer
from mnist_engine.training.randomness import Purpose, streams

Array = NDArray[np.float64]
State = dict[str, NDArray[Any]]


def sigmoid(x: Array) -> Array:
    return 1 / (1 + np.exp(-x))


class Net:
    """A dense network by hand: layers by name, ``values`` the parameters by PyTorch's keys."""

    def __init__(self, layers: list[str], state: State, momentum: float = 0.1) -> None:
        self.layers = layers
        self.momentum = momentum
        self.values = {key: array.astype(np.float64) for key, array in state.items()}
        self.gradients: State = {}
        self._seen: list[tuple[Array, ...]] = []
        self._passed: list[Array] = []

    def forward(self, x: Array) -> Array:
        self._seen = []
        for number, layer in enumerate(self.layers):
            v = {name: self.values.get(f"{number}.{name}") for name in ("weight", "bias")}
            if layer == "linear":
                self._seen.append((x,))
                x = x @ v["weight"].T + v["bias"]
            elif layer == "batch_norm":
                mean, variance = x.mean(0), x.var(0)
                normal = (x - mean) / np.sqrt(variance + 1e-5)
                self._seen.append((normal, np.sqrt(variance + 1e-5)))
                n = len(x)
                for name, value in (("mean", mean), ("var", variance * n / (n - 1))):
                    running = f"{number}.running_{name}"
                    former = self.values[running]
                    self.values[running] = former + self.momentum * (value - former)
                x = v["weight"] * normal + v["bias"]
            else:
                functions = {
                    "tanh": np.tanh,
                    "sigmoid": sigmoid,
                    "relu": lambda x: np.where(x > 0, x, 0),
                    "leaky": lambda x: np.where(x > 0, x, 0.2 * x),
                }
                before, x = x, functions[layer](x)
                self._seen.append((before, x))
        return x

    def backward(self, g: Array) -> Array:
        """From the gradient of the outputs to that of the inputs; leaves those of the weights."""
        self._passed = [g]
        for number in reversed(range(len(self.layers))):
            layer, seen = self.layers[number], self._seen[number]
            if layer == "linear":
                self.gradients[f"{number}.weight"] = g.T @ seen[0]
                self.gradients[f"{number}.bias"] = g.sum(0)
                g = g @ self.values[f"{number}.weight"]
            elif layer == "batch_norm":
                normal, deviation = seen
                self.gradients[f"{number}.weight"] = (g * normal).sum(0)
                self.gradients[f"{number}.bias"] = g.sum(0)
                g = g * self.values[f"{number}.weight"]
                g = (g - g.mean(0) - normal * (g * normal).mean(0)) / deviation
            else:
                x, y = seen
                slopes = {
                    "tanh": 1 - y**2,
                    "sigmoid": y * (1 - y),
                    "relu": (x > 0).astype(float),
                    "leaky": np.where(x > 0, 1, 0.2),
                }
                g = g * slopes[layer]
            self._passed.append(g)
        return g

    def add_penalty(self, weight: float, columns: int) -> None:
        """Add the gradients of ``weight`` E (‖v‖ - 1)².

        v are the first ``columns`` columns of what ``backward`` returned last.
        Follows a backward pass of ones through a network of linear and leaky layers. There each
        layer's factor depends on no other's, so v is a product in which the weights stand once:
        the gradient h of the penalty with respect to v runs through it from the other end.
        """
        *passed, v = self._passed
        v = v * (np.arange(v.shape[1]) < columns)
        norm = np.linalg.norm(v, axis=1, keepdims=True)
        h = weight * 2 / len(v) * (norm - 1) * v / norm
        for number, g in enumerate(reversed(passed)):
            if self.layers[number] == "linear":
                self.gradients[f"{number}.weight"] += g.T @ h
                h = h @ self.values[f"{number}.weight"].T
            else:
                h = h * np.where(self._seen[number][0] > 0, 1, 0.2)

    def descend(self, rate: float) -> None:
        for key, gradient in self.gradients.items():
            self.values[key] = self.values[key] - rate * gradient


class Adam:
    """Adam, or AdamW with ``decay``, by hand."""

    def __init__(self, net: Net, betas: tuple[float, float], decay: float = 0.0) -> None:
        self.net, self.betas, self.decay, self.t = net, betas, decay, 0
        self.m: dict[str, Any] = {}
        self.v: dict[str, Any] = {}

    def step(self, rate: float) -> None:
        self.t += 1
        b1, b2 = self.betas
        for key, g in self.net.gradients.items():
            self.m[key] = b1 * self.m.get(key, 0) + (1 - b1) * g
            self.v[key] = b2 * self.v.get(key, 0) + (1 - b2) * g**2
            m, v = self.m[key] / (1 - b1**self.t), self.v[key] / (1 - b2**self.t)
            decayed = self.net.values[key] * (1 - rate * self.decay)
            self.net.values[key] = decayed - rate * m / (np.sqrt(v) + 1e-8)


def states(trainer: Trainer) -> dict[str, State]:
    return {name: module.state_dict() for name, module in trainer.saved_networks().items()}


def assert_moved_alike(before: State, after: State, net: State, tolerance: float = 0.01) -> None:
    """The engine moved each array as far and in the direction that ``net`` did."""
    assert after.keys() == before.keys()
    for key in after:
        if key.endswith("num_batches_tracked"):
            continue
        moved, wanted = after[key] - before[key], net[key] - before[key]
        size = np.linalg.norm(wanted)
        assert size > 0, f"{key} should move, or nothing is tested"
        assert np.linalg.norm(moved - wanted) < tolerance * size, key


# --- classifiers --------------------------------------------------------------------------------


def test_sigmoid_mlp_steps_by_the_sum_of_squared_errors(briefly_tested: Dataset) -> None:
    recipe = override(load_recipe("sigmoid-mlp"), epochs=2, limit=200, threads=1)
    assert isinstance(recipe, ClassifierRecipe)
    trainer = make_trainer(recipe, briefly_tested, TrainControl())
    before = states(trainer)["classifier"]
    net = Net(["linear", "sigmoid", "linear", "sigmoid"], before)
    list(trainer)
    for step in range(8):
        part = slice(step % 4 * 50, step % 4 * 50 + 50)
        x = briefly_tested.train_images[part].reshape(50, 784) / 127.5 - 1
        target = np.eye(10)[briefly_tested.train_labels[part]]
        net.backward(2 * (net.forward(x) - target))
        net.descend(0.008)
    assert_moved_alike(before, states(trainer)["classifier"], net.values)


def test_mlp_steps_by_adamw_and_one_cycle(briefly_tested: Dataset) -> None:
    recipe = override(load_recipe("mlp"), epochs=2, limit=1024, threads=1, seed=5)
    trainer = make_trainer(recipe, briefly_tested, TrainControl())
    before = states(trainer)["classifier"]
    net = Net(["linear", "relu", "linear"], before)
    adam = Adam(net, (0.9, 0.999), decay=0.01)
    list(trainer)
    images = briefly_tested.train_images[:1024].reshape(1024, 784)
    images = (images - images.mean()) / images.std()
    rng = streams(5)["order"]
    peak, last = 0.3 * 8 - 1, 7
    for step in range(8):
        if step % 4 == 0:
            order = rng.permutation(1024)
        chosen = order[step % 4 * 256 :][:256]
        logits = net.forward(images[chosen])
        odds = np.exp(logits - logits.max(1, keepdims=True))
        p = odds / odds.sum(1, keepdims=True)
        net.backward((p - np.eye(10)[briefly_tested.train_labels[chosen]]) / 256)
        if step <= peak:
            factor = 1 + (1 / 25 - 1) * (1 + np.cos(np.pi * step / peak)) / 2
        else:
            way = (step - peak) / (last - peak)
            factor = 4e-6 + (1 - 4e-6) * (1 + np.cos(np.pi * way)) / 2
        adam.step(4e-3 * factor)
    assert_moved_alike(before, states(trainer)["classifier"], net.values)


# --- GANs ---------------------------------------------------------------------------------------


def larger_weights(recipe: GanRecipe) -> GanRecipe:
    """dense-tanh from weights at which gradients are large enough to tell right from wrong."""
    change = msgspec.structs.replace
    return change(
        recipe,
        generator=change(recipe.generator, weights="uniform 0.08"),
        discriminator=change(recipe.discriminator, weights="uniform 0.08"),
    )


def dense_tanh(
    briefly_tested: Dataset, skip_every: int, order: str
) -> tuple[dict[str, State], ...]:
    """Twelve steps in three epochs: states before, after, and by hand.

    By hand the discriminator rests in batches 0, n, 2n of an epoch, n = ``skip_every``; ``order``
    tells which network moves first.
    """
    recipe = override(load_recipe("dense-tanh"), epochs=3, limit=400, threads=1, seed=11)
    assert isinstance(recipe, GanRecipe)
    trainer = make_trainer(larger_weights(recipe), briefly_tested, TrainControl())
    before = states(trainer)
    generator = Net(["linear", "tanh"] * 3, before["generator"])
    judge = Net(["linear", "leaky", "linear", "leaky", "linear"], before["discriminator"])
    list(trainer)
    rng = streams(11)["noise"]

    def move_generator(noise: Array) -> None:
        logits = judge.forward(generator.forward(noise))
        generator.backward(judge.backward(sigmoid(logits) - 1))  # no 1/N
        generator.descend(3e-4)

    def move_judge(real: Array, fakes: Array, rate: float) -> None:
        judge.backward(0.5 * (sigmoid(judge.forward(real)) - 1))
        of_real = dict(judge.gradients)
        judge.backward(0.5 * sigmoid(judge.forward(fakes)))
        judge.gradients = {key: judge.gradients[key] + of_real[key] for key in of_real}
        judge.descend(rate)

    for step in range(12):
        epoch, batch = divmod(step, 4)
        part = slice(batch * 100, batch * 100 + 100)
        real = briefly_tested.train_images[part].reshape(100, 784) / 127.5 - 1
        noise = 2 * rng.random((100, 100), np.float32).astype(np.float64) - 1
        fakes = generator.forward(noise)
        rate = 3e-4 if epoch < 2 else 1.5e-4
        if order == "generator":
            move_generator(noise)
        if batch % skip_every != 0:
            move_judge(real, fakes, rate)
        if order == "discriminator":
            move_generator(noise)
    return before, states(trainer), {"generator": generator.values, "discriminator": judge.values}


def test_dense_tanh_moves_as_its_reference_did(briefly_tested: Dataset) -> None:
    """G first; D judges the same fakes, rests in every third batch; sums, not means."""
    before, after, by_hand = dense_tanh(briefly_tested, skip_every=3, order="generator")
    for network in ("generator", "discriminator"):
        assert_moved_alike(before[network], after[network], by_hand[network])


@pytest.mark.parametrize(("skip_every", "order"), [(3, "discriminator"), (2, "generator")])
def test_the_comparison_would_notice_another_game(
    skip_every: int, order: str, briefly_tested: Dataset
) -> None:
    before, after, by_hand = dense_tanh(briefly_tested, skip_every, order)
    with pytest.raises(AssertionError):
        assert_moved_alike(before["generator"], after["generator"], by_hand["generator"])


def test_conditional_dense_moves_as_by_hand(briefly_tested: Dataset) -> None:
    """D first on real and fake of the same classes, then G on new noise and drawn classes."""
    recipe = override(load_recipe("conditional-dense"), epochs=2, limit=320, threads=1, seed=2)
    trainer = make_trainer(recipe, briefly_tested, TrainControl())
    before = states(trainer)
    hidden = ["linear", "batch_norm", "leaky"]
    generator = Net([*hidden, *hidden, "linear", "tanh"], before["generator"])
    judge = Net(["linear", "leaky", "linear", "leaky", "linear"], before["discriminator"])
    average = {key: array.astype(np.float64) for key, array in before["generator"].items()}
    adams = Adam(generator, (0.5, 0.999)), Adam(judge, (0.5, 0.999))
    list(trainer)

    rngs: dict[Purpose, np.random.Generator] = streams(2)
    images = briefly_tested.train_images[:320].reshape(320, 784) / 127.5 - 1
    labels, one_hot = briefly_tested.train_labels[:320], np.eye(10)
    shares = np.cumsum(np.bincount(labels, minlength=10) / 320)

    def noise() -> Array:
        return rngs["noise"].standard_normal((64, 100), np.float32).astype(np.float64)

    for step in range(10):
        if step % 5 == 0:
            order = rngs["order"].permutation(320)
        chosen = order[step % 5 * 64 :][:64]
        factor = 1 - max(0, step - 0.5) / 9.5  # held for 5% of 10 steps, then to 0
        classes = one_hot[labels[chosen]]
        fakes = generator.forward(np.hstack([noise(), classes]))
        both = np.vstack([np.hstack([images[chosen], classes]), np.hstack([fakes, classes])])
        target = np.repeat([1.0, 0.0], 64)[:, None]
        judge.backward((sigmoid(judge.forward(both)) - target) / 64)
        adams[1].step(1e-3 * factor)

        z = noise()
        drawn = [int((shares[:-1] <= u).sum()) for u in rngs["labels"].random(64)]
        classes = one_hot[drawn]
        fakes = generator.forward(np.hstack([z, classes]))
        logits = judge.forward(np.hstack([fakes, classes]))
        generator.backward(judge.backward((sigmoid(logits) - 1) / 64)[:, :784])
        adams[0].step(4e-3 * factor)
        decay = min(0.9995, (1 + step) / (10 + step))
        for key, value in generator.values.items():
            average[key] = decay * average[key] + (1 - decay) * value

    after = states(trainer)
    # A bias before a batch normalisation has no effect, so its gradient is rounding alone.
    for key in ("0.bias", "3.bias"):
        for state in (before["generator"], after["generator"], after["generator-average"]):
            del state[key]
    assert_moved_alike(before["generator"], after["generator"], generator.values, 0.03)
    assert_moved_alike(before["discriminator"], after["discriminator"], judge.values, 0.03)
    assert_moved_alike(before["generator"], after["generator-average"], average, 0.03)
    assert after["generator"]["1.num_batches_tracked"] == 20, "both moves pass through it"


@pytest.mark.parametrize("conditional", [False, True])
def test_wgan_gp_moves_as_the_paper_says(conditional: bool, briefly_tested: Dataset) -> None:
    """Five moves of the critic, penalised between real and fake, for one of the generator."""
    recipe = override(load_recipe("wgan-gp"), epochs=2, limit=320, threads=1, seed=7)
    assert isinstance(recipe, GanRecipe)
    change = msgspec.structs.replace
    recipe = change(recipe, game=change(recipe.game, conditional=conditional))
    trainer = make_trainer(recipe, briefly_tested, TrainControl())
    before = states(trainer)
    generator = Net([*["linear", "relu"] * 3, "linear", "tanh"], before["generator"])
    critic = Net([*["linear", "leaky"] * 3, "linear"], before["discriminator"])
    adams = Adam(generator, (0.5, 0.9)), Adam(critic, (0.5, 0.9))
    list(trainer)

    rngs: dict[Purpose, np.random.Generator] = streams(7)
    images = briefly_tested.train_images[:320].reshape(320, 784) / 127.5 - 1
    labels = briefly_tested.train_labels[:320]
    shares = np.cumsum(np.bincount(labels, minlength=10) / 320)
    one_hot = np.eye(10)[:, : 10 if conditional else 0]  # without classes: no columns

    def noise() -> Array:
        return rngs["noise"].standard_normal((64, 100), np.float32).astype(np.float64)

    for step in range(10):
        if step % 5 == 0:
            order = rngs["order"].permutation(320)
        chosen = order[step % 5 * 64 :][:64]
        classes = one_hot[labels[chosen]]
        fakes = generator.forward(np.hstack([noise(), classes]))
        epsilon = rngs["penalty"].random((64, 1), np.float32).astype(np.float64)
        mixtures = epsilon * images[chosen] + (1 - epsilon) * fakes

        real_and_fake = np.vstack([images[chosen], fakes])
        critic.forward(np.hstack([real_and_fake, np.vstack([classes, classes])]))
        critic.backward(np.repeat([-1 / 64, 1 / 64], 64)[:, None])
        of_distance = critic.gradients
        critic.gradients = {}
        critic.forward(np.hstack([mixtures, classes]))
        critic.backward(np.ones((64, 1)))
        critic.gradients = of_distance
        critic.add_penalty(10, columns=784)
        adams[1].step(1e-4)

        if step in (4, 9):
            z = noise()
            drawn = [int((shares[:-1] <= u).sum()) for u in rngs["labels"].random(64)]
            classes = one_hot[drawn]
            fakes = generator.forward(np.hstack([z, classes]))
            critic.forward(np.hstack([fakes, classes]))
            generator.backward(critic.backward(np.full((64, 1), -1 / 64))[:, :784])
            adams[0].step(1e-4)

    after = states(trainer)
    last = [state.pop("6.bias") for state in (before["discriminator"], after["discriminator"])]
    assert last[0] == last[1], "it cancels out of the distance, and has no slope"
    assert_moved_alike(before["generator"], after["generator"], generator.values, 0.03)
    assert_moved_alike(before["discriminator"], after["discriminator"], critic.values, 0.03)


def by_plain_descent(recipe: GanRecipe, rate: float) -> GanRecipe:
    """With steps as long as the gradients: Adam's hide how long these are."""
    change, descent = msgspec.structs.replace, SGDTable(learning_rate=rate)
    return change(
        recipe,
        generator=change(recipe.generator, optimizer=descent),
        discriminator=change(recipe.discriminator, optimizer=descent),
    )


GRADIENTS = {  # of D's loss with respect to its outputs for real and fake, and of G's, times N
    "lsgan": (lambda d: d - 1, lambda d: d, lambda d: d - 1),
    "hinge": (lambda d: -1.0 * (d < 1), lambda d: 1.0 * (d > -1), lambda d: -np.ones_like(d)),
}


@pytest.mark.parametrize("name", GRADIENTS)
def test_other_losses_move_both_networks_as_by_hand(name: str, briefly_tested: Dataset) -> None:
    recipe = override(load_recipe(name), epochs=2, limit=320, threads=1, seed=9)
    assert isinstance(recipe, GanRecipe)
    trainer = make_trainer(by_plain_descent(recipe, 0.05), briefly_tested, TrainControl())
    before = states(trainer)
    hidden = ["linear", "leaky", "batch_norm"]
    generator = Net([*hidden * 3, "linear", "tanh"], before["generator"], momentum=0.2)
    judge = Net([*["linear", "leaky"] * 2, "linear"], before["discriminator"])
    list(trainer)

    rngs: dict[Purpose, np.random.Generator] = streams(9)
    images = briefly_tested.train_images[:320].reshape(320, 784) / 127.5 - 1
    of_real, of_fake, of_generator = GRADIENTS[name]

    def noise() -> Array:
        return rngs["noise"].standard_normal((64, 100), np.float32).astype(np.float64)

    for step in range(10):
        if step % 5 == 0:
            order = rngs["order"].permutation(320)
        real = images[order[step % 5 * 64 :][:64]]
        outputs = judge.forward(np.vstack([real, generator.forward(noise())]))
        judge.backward(np.vstack([of_real(outputs[:64]), of_fake(outputs[64:])]) / 64)
        judge.descend(0.05)
        outputs = judge.forward(generator.forward(noise()))
        generator.backward(judge.backward(of_generator(outputs) / 64))
        generator.descend(0.05)

    after = states(trainer)
    assert_moved_alike(before["generator"], after["generator"], generator.values)
    assert_moved_alike(before["discriminator"], after["discriminator"], judge.values)
