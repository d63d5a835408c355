"""Twenty steps of our trainers beside plain PyTorch loops, from the same weights and noise.

The engine trains in float32; here all that goes into a tensor is made float64, and nothing else is
changed. PyTorch's side takes weights, batches and noise from a second trainer that is never run.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest
import torch
from torch.nn import functional

from mnist_engine import nn
from mnist_engine.autograd import Array, Tensor
from mnist_engine.data.dataset import Dataset, load_dataset
from mnist_engine.recipes import AnyRecipe, load_recipe
from mnist_engine.recipes.overrides import override
from mnist_engine.recipes.schema import (
    AdamTable,
    AdamWTable,
    ClassifierRecipe,
    GanRecipe,
    NetworkTable,
    RMSpropTable,
    SGDTable,
)
from mnist_engine.training import TrainControl, Trainer, gan, make_trainer, trainer
from mnist_engine.training.events import StepDone

from .games import GAMES, bce, penalty
from .twins import twin

EPOCHS, PER_EPOCH, BATCH = 2, 10, 16
STEPS = EPOCHS * PER_EPOCH
HELD_OUT = 50
IMAGES = PER_EPOCH * BATCH + HELD_OUT

PAPERS_DCGAN = Path(__file__).parents[1] / "benchmarks" / "dcgan-64-128.toml"
"""Batch normalisation in the discriminator, which no recipe that ships has."""

LOSSES = 1e-9
"""By what losses may differ in proportion."""

MOVES = 1e-8
"""By what movements of weights may: Adam divides by gradients, however small they are."""


@pytest.fixture(scope="module")
def mnist() -> Dataset:
    """The first of MNIST, few to train on and few to evaluate on."""
    full = load_dataset()
    return replace(
        full,
        train_images=full.train_images[:IMAGES],
        train_labels=full.train_labels[:IMAGES],
        test_images=full.test_images[:HELD_OUT],
        test_labels=full.test_labels[:HELD_OUT],
    )


@pytest.fixture(autouse=True)
def in_float64(monkeypatch: pytest.MonkeyPatch) -> None:
    """Networks in float64, and everything that trainers feed to them; and no float32 judge."""
    build, wrap = trainer.build_networks, Tensor.wrap

    def build_in_float64(*inputs: object) -> dict[str, nn.Sequential]:
        return {name: network.astype(np.float64) for name, network in build(*inputs).items()}

    def wrap_in_float64(array: Array) -> Tensor:
        return wrap(array.astype(np.float64, copy=False))

    monkeypatch.setattr(gan, "shipped_judge", lambda: None)
    monkeypatch.setattr(trainer, "build_networks", build_in_float64)
    monkeypatch.setattr(Tensor, "wrap", staticmethod(wrap_in_float64))


def short(name: str) -> AnyRecipe:
    """A shipped recipe for twenty steps of few images, of all of them where it says "full"."""
    recipe = override(load_recipe(name), epochs=EPOCHS, threads=1, seed=3)
    if recipe.data.batch_size == "full":
        recipe = override(recipe, epochs=STEPS)
    else:
        recipe = override(recipe, batch_size=str(BATCH))
    data = msgspec.structs.replace(recipe.data, validation="held-out", held_out=HELD_OUT)
    return msgspec.structs.replace(recipe, data=data, samples_per_epoch=1)


class Ours:
    """Our trainer, run to its end: the losses of each step, and the weights before and after."""

    def __init__(self, recipe: AnyRecipe, mnist: Dataset) -> None:
        run = make_trainer(recipe, mnist, TrainControl())
        self.networks = run.networks
        self.before = states(run)
        self.losses = [event.losses for event in run if isinstance(event, StepDone)]
        self.after = states(run)

    def assert_same_losses(self, losses: list[dict[str, float]]) -> None:
        assert len(self.losses) == len(losses) == STEPS
        for step, (found, expected) in enumerate(zip(self.losses, losses, strict=True)):
            assert found == pytest.approx(expected, rel=LOSSES), f"step {step}"

    def assert_same_moves(
        self, name: str, state: dict[str, torch.Tensor], without: Collection[str] = ()
    ) -> None:
        """Every array of a network, ``without`` some, has moved as PyTorch's has."""
        assert list(self.after[name]) == list(state)
        for key, begin in self.before[name].items():
            if key in without:
                continue
            moved, right = self.after[name][key] - begin, state[key].numpy() - begin
            assert np.linalg.norm(right) > 0, f"{name} {key} should move, or nothing is tested"
            assert np.linalg.norm(moved - right) < MOVES * np.linalg.norm(right), f"{name} {key}"


def without_effect(network: nn.Sequential) -> set[str]:
    """Biases right before a batch normalisation, which takes them off again.

    Their gradients are rounding alone, of which Adam makes steps; the running means follow these.
    """
    return {
        key
        for number, following in enumerate(network.layers[1:])
        if isinstance(following, nn.BatchNorm)
        for key in (f"{number}.bias", f"{number + 1}.running_mean")
    }


class Player:
    """A network in PyTorch and its optimizer, as a recipe's table describes it."""

    def __init__(self, network: nn.Module, table: NetworkTable, per_epoch: int) -> None:
        self.network = twin(network)
        self._table = table
        self._per_epoch = per_epoch
        settings, parameters = table.optimizer, self.network.parameters()
        self._optimizer: torch.optim.Optimizer
        match settings:
            case SGDTable(learning_rate=rate, momentum=momentum, nesterov=nesterov):
                self._optimizer = torch.optim.SGD(parameters, rate, momentum, nesterov=nesterov)
            case AdamTable(learning_rate=rate, betas=betas, epsilon=epsilon):
                self._optimizer = torch.optim.Adam(parameters, rate, betas, epsilon)
            case AdamWTable(learning_rate=rate, betas=betas, epsilon=epsilon, weight_decay=decay):
                self._optimizer = torch.optim.AdamW(parameters, rate, betas, epsilon, decay)
            case RMSpropTable(learning_rate=rate, alpha=alpha, epsilon=epsilon, momentum=momentum):
                self._optimizer = torch.optim.RMSprop(
                    parameters, rate, alpha, epsilon, momentum=momentum
                )

    def minimise(self, loss: torch.Tensor, step: int, slope: float = 1.0) -> float:
        """One step down ``slope`` times the loss at the scheduled rate; the loss before it."""
        factor = self._table.schedule.factor(step, STEPS, self._per_epoch)
        self._optimizer.param_groups[0]["lr"] = self._table.optimizer.learning_rate * factor
        self._optimizer.zero_grad()
        (slope * loss).backward()
        if self._table.clip_norm is not None:
            torch.nn.utils.clip_grad_norm_(self.network.parameters(), self._table.clip_norm)
        self._optimizer.step()
        return loss.item()


class Theirs:
    """What PyTorch begins with: networks, and the batches and random numbers of a run."""

    def __init__(self, recipe: AnyRecipe, mnist: Dataset) -> None:
        self._source = make_trainer(recipe, mnist, TrainControl())
        self.random = self._source.random
        self._latent = recipe.generator.latent if isinstance(recipe, GanRecipe) else 0
        self.losses: list[dict[str, float]] = []

    def player(self, name: str, table: NetworkTable) -> Player:
        """The untrained network of that name."""
        return Player(self._source.networks[name], table, self._source.batches.per_epoch)

    def batches(self) -> Iterator[tuple[int, torch.Tensor, torch.Tensor]]:
        """The step, (n, pixels) and (n,) labels."""
        step = 0
        while step < STEPS:
            for batch in self._source.batches.epoch():
                yield step, wide(batch.pixels), torch.from_numpy(batch.labels.astype(np.int64))
                step += 1

    def noise(self, count: int) -> torch.Tensor:
        """(count, latent) from N(0, 1)."""
        return wide(self.random["noise"].standard_normal((count, self._latent), np.float32))

    def uniform_noise(self, count: int) -> torch.Tensor:
        """(count, latent) from U(-1, 1)."""
        return wide(self.random["noise"].random((count, self._latent), np.float32) * 2 - 1)


def states(run: Trainer) -> dict[str, dict[str, Array]]:
    return {name: network.state_dict() for name, network in run.saved_networks().items()}


def wide(array: Array) -> torch.Tensor:
    return torch.from_numpy(array.astype(np.float64))


# -- GANs ----------------------------------------------------------------------------------------


def train_gan(recipe: AnyRecipe, mnist: Dataset) -> None:
    """By us and by PyTorch, and compare."""
    assert isinstance(recipe, GanRecipe)
    rules = recipe.game
    ours, theirs = Ours(recipe, mnist), Theirs(recipe, mnist)
    discriminator_loss, generator_loss = GAMES[rules.loss]
    discriminator = theirs.player("discriminator", recipe.discriminator)
    generator = theirs.player("generator", recipe.generator)
    judge, draw = discriminator.network, generator.network
    for step, real, _ in theirs.batches():
        fakes = draw(theirs.noise(len(real))).detach()
        loss = discriminator_loss(judge(real), judge(fakes))
        if rules.gradient_penalty:
            shares = wide(theirs.random["penalty"].random((len(real), 1), np.float32))
            loss = loss + rules.gradient_penalty * penalty(judge, real, fakes, shares)
        theirs.losses.append({"discriminator": discriminator.minimise(loss, step)})
        if (step + 1) % rules.generator_every == 0:
            loss = generator_loss(judge(draw(theirs.noise(len(real)))))
            theirs.losses[-1]["generator"] = generator.minimise(loss, step)
    ours.assert_same_losses(theirs.losses)
    without = {name: without_effect(network) for name, network in ours.networks.items()}
    if rules.loss == "wasserstein":  # a constant cancels in the difference of two means
        without["discriminator"].add(f"{len(judge) - 1}.bias")
    ours.assert_same_moves("discriminator", judge.state_dict(), without["discriminator"])
    ours.assert_same_moves("generator", draw.state_dict(), without["generator"])


@pytest.mark.parametrize(
    "name",
    [
        "dense-adam",
        "dense-batchnorm",
        "lsgan",
        "hinge",
        "wgan-gp",
        "dcgan",
        pytest.param(str(PAPERS_DCGAN), id="the paper's dcgan"),
        "wgan-gp-dcgan",
    ],
)
def test_gan(name: str, mnist: Dataset) -> None:
    train_gan(short(name), mnist)


@pytest.mark.parametrize("name", ["conditional-dense", "conditional-dcgan"])
def test_conditional_gan_with_an_average(name: str, mnist: Dataset) -> None:
    recipe = short(name)
    assert isinstance(recipe, GanRecipe)
    ours, theirs = Ours(recipe, mnist), Theirs(recipe, mnist)
    discriminator = theirs.player("discriminator", recipe.discriminator)
    generator = theirs.player("generator", recipe.generator)
    judge, draw = discriminator.network, generator.network
    average = {key: value.clone() for key, value in draw.state_dict().items()}
    counts = np.bincount(mnist.train_labels[:-HELD_OUT], minlength=10)
    shares = np.cumsum(counts) / counts.sum()
    for step, real, labels in theirs.batches():
        classes = functional.one_hot(labels, 10)
        fakes = draw(torch.cat([theirs.noise(len(real)), classes], 1)).detach()
        verdicts = judge(torch.cat([real, classes], 1)), judge(torch.cat([fakes, classes], 1))
        loss = bce(verdicts[0], 1.0) + bce(verdicts[1], 0.0)
        theirs.losses.append({"discriminator": discriminator.minimise(loss, step)})

        noise = theirs.noise(len(real))
        drawn = [int((shares[:-1] <= u).sum()) for u in theirs.random["labels"].random(len(real))]
        classes = functional.one_hot(torch.tensor(drawn), 10)
        fakes = draw(torch.cat([noise, classes], 1))
        loss = bce(judge(torch.cat([fakes, classes], 1)), 1.0)
        theirs.losses[-1]["generator"] = generator.minimise(loss, step)
        decay = min(recipe.generator.average or 0, (1 + step) / (10 + step))
        for key, value in draw.state_dict().items():
            average[key] = decay * average[key] + (1 - decay) * value
    ours.assert_same_losses(theirs.losses)
    without = without_effect(ours.networks["discriminator"])
    ours.assert_same_moves("discriminator", judge.state_dict(), without)
    without = without_effect(ours.networks["generator"])
    ours.assert_same_moves("generator", draw.state_dict(), without)
    without |= {key for key in average if key.endswith("num_batches_tracked")}  # not averaged
    ours.assert_same_moves("generator-average", average, without)


def test_gan_whose_generator_moves_first(mnist: Dataset) -> None:
    """The discriminator judges the same fakes, by half its loss, and rests in every third batch.

    The gradients are sums over the batch.
    """
    recipe = short("dense-tanh")
    assert isinstance(recipe, GanRecipe)
    ours, theirs = Ours(recipe, mnist), Theirs(recipe, mnist)
    discriminator = theirs.player("discriminator", recipe.discriminator)
    generator = theirs.player("generator", recipe.generator)
    judge, draw = discriminator.network, generator.network
    for step, real, _ in theirs.batches():
        fakes = draw(theirs.uniform_noise(len(real)))
        loss = generator.minimise(bce(judge(fakes), 1.0), step, slope=len(real))
        theirs.losses.append({"generator": loss})
        half = 0.5 * (bce(judge(real), 1.0) + bce(judge(fakes.detach()), 0.0))
        rests = step % PER_EPOCH % 3 == 0
        loss = half.item() if rests else discriminator.minimise(half, step, slope=len(real))
        theirs.losses[-1]["discriminator"] = loss
    ours.assert_same_losses(theirs.losses)
    ours.assert_same_moves("discriminator", judge.state_dict())
    ours.assert_same_moves("generator", draw.state_dict())


# -- classifiers ---------------------------------------------------------------------------------


def classifier_loss(
    recipe: ClassifierRecipe, outputs: torch.Tensor, labels: torch.Tensor
) -> torch.Tensor:
    """The recipe's loss in PyTorch."""
    if recipe.loss == "cross-entropy":
        return functional.cross_entropy(outputs, labels)
    targets = functional.one_hot(labels, 10).to(torch.float64)
    total = functional.mse_loss(outputs, targets, reduction="sum")
    return total if recipe.loss == "sum-squared-error" else total / len(labels)


def train_classifier(recipe: AnyRecipe, mnist: Dataset) -> None:
    """By us and by PyTorch, and compare."""
    assert isinstance(recipe, ClassifierRecipe)
    ours, theirs = Ours(recipe, mnist), Theirs(recipe, mnist)
    classifier = theirs.player("classifier", recipe.classifier)
    for step, pixels, labels in theirs.batches():
        loss = classifier_loss(recipe, classifier.network(pixels), labels)
        theirs.losses.append({"classifier": classifier.minimise(loss, step)})
    ours.assert_same_losses(theirs.losses)
    without = without_effect(ours.networks["classifier"])
    ours.assert_same_moves("classifier", classifier.network.state_dict(), without)


@pytest.mark.parametrize("name", ["mlp", "cnn", "sigmoid-mlp", "scratch-mlp"])
def test_classifier(name: str, mnist: Dataset) -> None:
    train_classifier(short(name), mnist)


def test_classifier_with_rmsprop_and_clipped_gradients(mnist: Dataset) -> None:
    recipe = short("mlp")
    assert isinstance(recipe, ClassifierRecipe)
    optimizer = RMSpropTable(learning_rate=1e-3, momentum=0.5)
    table = msgspec.structs.replace(recipe.classifier, optimizer=optimizer, clip_norm=0.8)
    train_classifier(msgspec.structs.replace(recipe, classifier=table), mnist)


# -- the comparison itself -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "value"), [("half_discriminator_loss", True), ("fresh_noise", False)]
)
def test_another_game_would_be_noticed(
    key: str, value: bool, mnist: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = short("lsgan")
    assert isinstance(recipe, GanRecipe)
    rules = msgspec.structs.replace(recipe.game, **{key: value})
    other = msgspec.structs.replace(recipe, game=rules)
    right, wrong = Ours(recipe, mnist), Ours(other, mnist)
    with pytest.raises(AssertionError, match="step 0"):
        right.assert_same_losses(wrong.losses)
    state = {key: torch.from_numpy(array) for key, array in wrong.after["generator"].items()}
    with pytest.raises(AssertionError, match=r"generator 0\.weight"):
        right.assert_same_moves("generator", state)
