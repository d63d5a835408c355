"""PyTorch in its fastest eager form, on the same networks, losses and batch sizes.

Fused optimizers, channels-last convolutions, real and fake images in one pass where nothing forbids
it, no gradients of the discriminator's weights in the generator's step, none of the generator's in
the discriminator's, in-place activations, and a batch that lies ready in memory.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import nn
from torch.nn import functional
from workloads import Workload

from mnist_engine.data.dataset import load_dataset
from mnist_engine.recipes import ClassifierRecipe, GanRecipe
from mnist_engine.recipes.schema import AdamTable, AdamWTable, AnyOptimizer, NetworkTable, SGDTable

CLASSES = 10
PIXELS = 784


def steps(workload: Workload) -> Callable[[], None]:
    """A function that makes one step of ``workload``."""
    recipe = workload.recipe()
    images = torch.tensor(load_dataset().train_images.reshape(-1, PIXELS))
    labels = torch.tensor(load_dataset().train_labels)
    count = len(images) if workload.batch_size == "full" else int(workload.batch_size)
    pixels = images[:count].float() / 127.5 - 1
    side = Classifier if isinstance(recipe, ClassifierRecipe) else Gan
    step = side(recipe, pixels, labels[:count].long()).step

    def several() -> None:
        for _ in range(workload.steps):
            step()

    return several


# -- from a recipe -------------------------------------------------------------------------------


def build(table: NetworkTable, inputs: int) -> nn.Sequential:
    """The layers of a recipe, as torch's."""
    layers: list[nn.Module] = []
    shape: tuple[int, ...] = (inputs,)
    for text in table.layers:
        name, *words = text.split()
        sizes = {"pixels": PIXELS, "classes": CLASSES, "height": 28, "width": 28}
        numbers = [float(sizes.get(word, word)) for word in words]
        whole = [int(number) for number in numbers]
        match name:
            case "linear":
                layer: nn.Module = nn.Linear(shape[0], whole[0])
            case "conv":
                layer = nn.Conv2d(shape[0], *whole)
            case "conv_transpose":
                layer = nn.ConvTranspose2d(shape[0], *whole)
            case "batch_norm":
                momentum = numbers[0] if numbers else 0.1
                layer = (nn.BatchNorm1d if len(shape) == 1 else nn.BatchNorm2d)(
                    shape[0], momentum=momentum
                )
            case "max_pool":
                layer = nn.MaxPool2d(whole[0])
            case "leaky_relu":
                layer = nn.LeakyReLU(numbers[0], inplace=True)
            case "relu":
                layer = nn.ReLU(inplace=True)
            case "dropout":
                layer = nn.Dropout(numbers[0])
            case "flatten":
                layer = nn.Flatten()
            case "unflatten":
                layer = nn.Unflatten(1, tuple(whole))
            case _:
                layer = {"tanh": nn.Tanh, "sigmoid": nn.Sigmoid}[name]()
        layers.append(layer)
        with torch.no_grad():
            shape = tuple(layer.eval()(torch.zeros(2, *shape)).shape[1:])
    network = nn.Sequential(*layers).train()
    if any(isinstance(layer, nn.Conv2d | nn.ConvTranspose2d) for layer in layers):
        network = network.to(memory_format=torch.channels_last)
    return network


def make_optimizer(table: AnyOptimizer, network: nn.Module) -> torch.optim.Optimizer:
    """The optimizer of a recipe, fused."""
    parameters, rate = network.parameters(), table.learning_rate
    if isinstance(table, SGDTable):
        return torch.optim.SGD(parameters, rate, table.momentum, fused=True)
    if isinstance(table, AdamTable):
        return torch.optim.Adam(parameters, rate, table.betas, table.epsilon, fused=True)
    assert isinstance(table, AdamWTable)
    return torch.optim.AdamW(
        parameters, rate, table.betas, table.epsilon, table.weight_decay, fused=True
    )


# -- steps ---------------------------------------------------------------------------------------


class Classifier:
    """A step of a classifier."""

    def __init__(self, recipe: ClassifierRecipe, pixels: torch.Tensor, labels: torch.Tensor):
        self.network = build(recipe.classifier, PIXELS)
        self.optimizer = make_optimizer(recipe.classifier.optimizer, self.network)
        self.pixels, self.labels = pixels, labels
        self.targets = functional.one_hot(labels, CLASSES).float()
        self.loss = recipe.loss

    def step(self) -> None:
        self.optimizer.zero_grad(set_to_none=True)
        outputs = self.network(self.pixels)
        if self.loss == "cross-entropy":
            loss = functional.cross_entropy(outputs, self.labels)
        else:
            loss = functional.mse_loss(outputs, self.targets, reduction="sum")
            if self.loss == "mean-squared-error":
                loss = loss / len(outputs)
        loss.backward()
        self.optimizer.step()
        loss.item()


class Gan:
    """A step of each network, as the recipe's game says."""

    def __init__(self, recipe: GanRecipe, pixels: torch.Tensor, labels: torch.Tensor):
        self.game = recipe.game
        classes = CLASSES if self.game.conditional else 0
        self.latent = recipe.generator.latent
        self.uniform = recipe.generator.noise == "uniform"
        self.generator = build(recipe.generator, self.latent + classes)
        self.discriminator = build(recipe.discriminator, PIXELS + classes)
        self.generator_optimizer = make_optimizer(recipe.generator.optimizer, self.generator)
        self.discriminator_optimizer = make_optimizer(
            recipe.discriminator.optimizer, self.discriminator
        )
        self.real = pixels
        self.classes = functional.one_hot(labels, CLASSES).float()
        self.ones, self.zeros = torch.ones(len(pixels), 1), torch.zeros(len(pixels), 1)
        self.together = not any(
            isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d)
            for module in self.discriminator.modules()
        )
        self.average: list[torch.Tensor] | None = None
        if recipe.generator.average is not None:
            self.weights = [p.detach() for p in self.generator.parameters()]
            self.weights += [b for b in self.generator.buffers() if b.is_floating_point()]
            self.average = [weight.clone() for weight in self.weights]
        self.number = 0

    def step(self) -> None:
        number, self.number = self.number, self.number + 1
        game = self.game
        generator_moves = (number + 1) % game.generator_every == 0
        skipped = game.skip_discriminator_every and number % game.skip_discriminator_every == 0
        if game.first == "generator":
            fakes = self.train_generator().detach()
            self.train_discriminator(fakes, bool(skipped))
            return
        with torch.no_grad():
            fakes = self.generate()
        self.train_discriminator(fakes, bool(skipped))
        if generator_moves:
            self.train_generator()

    def generate(self) -> torch.Tensor:
        shape = (len(self.real), self.latent)
        noise = torch.rand(shape) * 2 - 1 if self.uniform else torch.randn(shape)
        return self.generator(
            torch.cat([noise, self.classes], 1) if self.game.conditional else noise
        )

    def judge(self, images: torch.Tensor, classes: torch.Tensor) -> torch.Tensor:
        inputs = torch.cat([images, classes], 1) if self.game.conditional else images
        return self.discriminator(inputs)

    def train_discriminator(self, fakes: torch.Tensor, skipped: bool) -> None:
        size = len(fakes)
        if self.together:
            classes = torch.cat([self.classes, self.classes])
            logits = self.judge(torch.cat([self.real, fakes]), classes)
            real, fake = logits[:size], logits[size:]
        else:
            real, fake = self.judge(self.real, self.classes), self.judge(fakes, self.classes)
        if self.game.loss == "wasserstein":
            loss = fake.mean() - real.mean() + self.penalty(fakes)
        else:
            loss = functional.binary_cross_entropy_with_logits(real, self.ones)
            loss = loss + functional.binary_cross_entropy_with_logits(fake, self.zeros)
        if not skipped:
            self.discriminator_optimizer.zero_grad(set_to_none=True)
            loss.backward()
            self.discriminator_optimizer.step()
        loss.item()

    def penalty(self, fakes: torch.Tensor) -> torch.Tensor:
        share = torch.rand(len(fakes), 1)
        between = torch.lerp(fakes, self.real, share).requires_grad_(True)
        outputs = self.judge(between, self.classes).sum()
        (slope,) = torch.autograd.grad(outputs, between, create_graph=True)
        return self.game.gradient_penalty * ((slope.norm(dim=1) - 1) ** 2).mean()

    def train_generator(self) -> torch.Tensor:
        self.discriminator.requires_grad_(False)
        fakes = self.generate()
        logits = self.judge(fakes, self.classes)
        if self.game.loss == "wasserstein":
            loss = -logits.mean()
        else:
            loss = functional.binary_cross_entropy_with_logits(logits, self.ones)
        self.generator_optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.generator_optimizer.step()
        self.discriminator.requires_grad_(True)
        if self.average is not None:
            torch._foreach_lerp_(self.average, self.weights, 1e-3)
        loss.item()
        return fakes
