"""PyTorch in its fastest eager form, with the weights, the batch and the steps of our trainers.

Fused optimizers, channels-last convolutions, real and fake images in one pass where nothing forbids
it, no gradients of the discriminator's weights in the generator's step, none of the generator's in
the discriminator's, in-place activations, and labels that lie ready as one-hot vectors. It computes
the losses, not the other figures that our trainers report at each step.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional
from workloads import Losses, Workload

from mnist_engine.data.batches import Batch
from mnist_engine.recipes.schema import (
    AdamTable,
    AdamWTable,
    ClassifierRecipe,
    GanRecipe,
    NetworkTable,
    SGDTable,
)
from mnist_engine.training import Trainer
from mnist_engine.training.trainer import has_batch_norm

sys.path.append(str(Path(__file__).parents[1] / "parity"))
from twins import twin


def steps(workload: Workload) -> Callable[[], list[Losses]]:
    """A function that makes one step of ``workload``, always on the same batch of real digits."""
    trainer = workload.trainer()
    batch = next(trainer.batches.epoch())
    kind = Classifier if isinstance(trainer.recipe, ClassifierRecipe) else Gan
    side = kind(trainer, batch)
    return lambda: [side.step() for _ in range(workload.steps)]


class Player:
    """A trainer's network, as it is before its first step, and its optimizer."""

    def __init__(self, trainer: Trainer, name: str) -> None:
        learner = trainer.learners[name]
        self.network = twin(learner.network).to(memory_format=torch.channels_last)
        for module in self.network.modules():
            if isinstance(module, nn.ReLU | nn.LeakyReLU):
                module.inplace = True
        self.optimizer = make_optimizer(
            learner.table, list(self.network.parameters()), learner.optimizer.learning_rate
        )

    def minimise(self, loss: torch.Tensor, slope: torch.Tensor | None = None) -> None:
        """One step down ``loss``, or ``slope`` times it."""
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward(slope)
        self.optimizer.step()


def make_optimizer(
    table: NetworkTable, parameters: list[nn.Parameter], rate: float
) -> torch.optim.Optimizer:
    """The optimizer of a recipe, fused, at the learning rate ``rate``."""
    if table.clip_norm is not None:
        raise NotImplementedError("torch_side: clip_norm is not known here")
    match table.optimizer:
        case SGDTable(momentum=momentum, nesterov=nesterov):
            return torch.optim.SGD(parameters, rate, momentum, nesterov=nesterov, fused=True)
        case AdamTable(betas=betas, epsilon=epsilon):
            return torch.optim.Adam(parameters, rate, betas, epsilon, fused=True)
        case AdamWTable(betas=betas, epsilon=epsilon, weight_decay=decay):
            return torch.optim.AdamW(parameters, rate, betas, epsilon, decay, fused=True)
        case other:
            raise NotImplementedError(
                f"torch_side: {type(other).__name__} is not known here; SGD, Adam and AdamW are"
            )


# -- classifiers ---------------------------------------------------------------------------------


class Classifier:
    """The steps of a ClassifierTrainer."""

    def __init__(self, trainer: Trainer, batch: Batch) -> None:
        assert isinstance(trainer.recipe, ClassifierRecipe)
        self.player = Player(trainer, "classifier")
        self.pixels = torch.from_numpy(batch.pixels)
        self.labels = torch.tensor(batch.labels).long()
        self.targets = functional.one_hot(self.labels, trainer.sizes.classes).float()
        self.kind = trainer.recipe.loss

    def step(self) -> Losses:
        """One step; its loss."""
        loss = self.loss(self.player.network(self.pixels))
        self.player.minimise(loss)
        return {"classifier": loss.item()}

    def loss(self, outputs: torch.Tensor) -> torch.Tensor:
        """The recipe's loss."""
        if self.kind == "cross-entropy":
            return functional.cross_entropy(outputs, self.labels)
        total = functional.mse_loss(outputs, self.targets, reduction="sum")
        return total if self.kind == "sum-squared-error" else total / len(outputs)


# -- GANs ----------------------------------------------------------------------------------------


class NonSaturating:
    """``training.games.NonSaturating`` for batches of one size."""

    def __init__(self, size: int) -> None:
        self.ones, self.zeros = torch.ones(size, 1), torch.zeros(size, 1)

    def discriminator_loss(self, real: torch.Tensor, fake: torch.Tensor) -> torch.Tensor:
        loss = functional.binary_cross_entropy_with_logits
        return loss(real, self.ones) + loss(fake, self.zeros)

    def generator_loss(self, fake: torch.Tensor) -> torch.Tensor:
        return functional.binary_cross_entropy_with_logits(fake, self.ones)


class Wasserstein:
    """``training.games.Wasserstein``."""

    def __init__(self, size: int) -> None:
        pass

    def discriminator_loss(self, real: torch.Tensor, fake: torch.Tensor) -> torch.Tensor:
        return fake.mean() - real.mean()

    def generator_loss(self, fake: torch.Tensor) -> torch.Tensor:
        return -fake.mean()


GAMES = {"non-saturating": NonSaturating, "wasserstein": Wasserstein}


class Gan:
    """The steps of a GanTrainer, ``trainer``, which itself never makes one."""

    def __init__(self, trainer: Trainer, batch: Batch) -> None:
        recipe, size = trainer.recipe, len(batch.labels)
        assert isinstance(recipe, GanRecipe)
        self.trainer, self.rules, self.table = trainer, recipe.game, recipe.generator
        if self.rules.loss not in GAMES:
            known = " and ".join(GAMES)
            raise NotImplementedError(
                f"torch_side: the loss {self.rules.loss} is not known here; {known} are"
            )
        self.game = GAMES[self.rules.loss](size)
        self.generator = Player(trainer, "generator")
        self.discriminator = Player(trainer, "discriminator")
        self.real = torch.from_numpy(batch.pixels)
        self.one_hot = torch.eye(trainer.sizes.classes)
        self.classes = self.one_hot[torch.tensor(batch.labels).long()]
        self.classes_of_both = torch.cat([self.classes, self.classes])
        counts = torch.bincount(torch.tensor(trainer.training.labels))
        self.class_shares = torch.cumsum(counts / counts.sum(), 0)[:-1]
        self.slope = torch.tensor(float(size)) if self.rules.gradient == "sum" else None
        self.together = not has_batch_norm(trainer.networks["discriminator"])
        network = self.generator.network
        self.weights = [parameter.detach() for parameter in network.parameters()]
        self.weights += [buffer for buffer in network.buffers() if buffer.is_floating_point()]
        self.average = [weight.clone() for weight in self.weights]
        self.updates = 0
        self.steps_done = 0

    def step(self) -> Losses:
        """One step of each network, or of one, as the rules say; their losses."""
        rules, number = self.rules, self.steps_done
        rests = rules.skip_discriminator_every > 0 and number % rules.skip_discriminator_every == 0
        generator_moves = (number + 1) % rules.generator_every == 0
        classes, losses, fakes = self.classes, {}, None

        if generator_moves and rules.first == "generator":
            losses["generator"], fakes = self.train_generator(self.draw_noise(), classes)
        if fakes is None or rules.fresh_noise:
            noise = self.draw_noise()
            with torch.no_grad():
                fakes = self.generate(noise, classes)
        losses["discriminator"] = self.train_discriminator(fakes, rests)
        if generator_moves and rules.first == "discriminator":
            if rules.fresh_noise:
                noise = self.draw_noise()
                if rules.conditional:
                    classes = self.draw_classes()
            losses["generator"], _ = self.train_generator(noise, classes)
        self.steps_done += 1
        return losses

    def train_discriminator(self, fakes: torch.Tensor, rests: bool) -> float:
        """One step of the discriminator, none where it ``rests``; its loss."""
        penalised = self.rules.gradient_penalty > 0
        with torch.set_grad_enabled(penalised or not rests):
            loss = self.game.discriminator_loss(*self.judge_both(fakes))
            if self.rules.half_discriminator_loss:
                loss = loss * 0.5
            if penalised:
                loss = loss + self.rules.gradient_penalty * self.penalty(fakes)
        if not rests:
            self.discriminator.minimise(loss, self.slope)
        return loss.item()

    def penalty(self, fakes: torch.Tensor) -> torch.Tensor:
        """``training.games.gradient_penalty``."""
        between = torch.lerp(fakes, self.real, self.draw_shares()).requires_grad_(True)
        outputs = self.judge(between, self.classes).sum()
        (slopes,) = torch.autograd.grad(outputs, between, create_graph=True)
        return ((slopes.norm(dim=1) - 1) ** 2).mean()

    def train_generator(
        self, noise: torch.Tensor, classes: torch.Tensor
    ) -> tuple[float, torch.Tensor]:
        """One step of the generator: its loss, and the images that were judged."""
        self.discriminator.network.requires_grad_(False)
        fakes = self.generate(noise, classes)
        loss = self.game.generator_loss(self.judge(fakes, classes))
        self.generator.minimise(loss, self.slope)
        self.discriminator.network.requires_grad_(True)
        if self.table.average is not None:
            decay = min(self.table.average, (1 + self.updates) / (10 + self.updates))
            torch._foreach_lerp_(self.average, self.weights, 1 - decay)
            self.updates += 1
        return loss.item(), fakes.detach()

    def generate(self, noise: torch.Tensor, classes: torch.Tensor) -> torch.Tensor:
        """Images of these classes."""
        return self.generator.network(self.beside(noise, classes))

    def judge(self, images: torch.Tensor, classes: torch.Tensor) -> torch.Tensor:
        """The discriminator's outputs."""
        return self.discriminator.network(self.beside(images, classes))

    def judge_both(self, fakes: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """Outputs for real and for fake images."""
        if not self.together:
            return self.judge(self.real, self.classes), self.judge(fakes, self.classes)
        images = torch.cat([self.real, fakes])
        return self.judge(images, self.classes_of_both).chunk(2)

    def beside(self, inputs: torch.Tensor, classes: torch.Tensor) -> torch.Tensor:
        """What a network of this game gets: ``inputs``, and the classes where it knows them."""
        return torch.cat([inputs, classes], 1) if self.rules.conditional else inputs

    # -- chance: a test puts our trainer's numbers in the place of these -------------------------

    def draw_noise(self) -> torch.Tensor:
        """(n, latent) numbers N(0, 1) or U(-1, 1)."""
        shape = (len(self.real), self.table.latent)
        if self.table.noise == "normal":
            return torch.randn(shape)
        return torch.empty(shape).uniform_(-1, 1)

    def draw_classes(self) -> torch.Tensor:
        """(n, classes) one-hot vectors, classes as frequent as in the training images."""
        drawn = torch.searchsorted(self.class_shares, torch.rand(len(self.real)), right=True)
        return self.one_hot[drawn]

    def draw_shares(self) -> torch.Tensor:
        """(n, 1) numbers U(0, 1)."""
        return torch.rand(len(self.real), 1)
