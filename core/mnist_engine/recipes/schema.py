"""The form of a recipe: every key of the TOML file is a field of a class here."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

import msgspec

from mnist_engine.optim.schedules import AnySchedule, Constant

# Upper bounds are far beyond sense; they keep absurd numbers from overflowing somewhere later.
Count = Annotated[int, msgspec.Meta(ge=1, le=1_000_000_000)]
NonNegative = Annotated[int, msgspec.Meta(ge=0)]
Decay = Annotated[float, msgspec.Meta(ge=0, lt=1)]
Rate = Annotated[float, msgspec.Meta(gt=0, le=1e6)]
Smoothing = Annotated[float, msgspec.Meta(ge=0, le=0.5)]
Noise = Annotated[float, msgspec.Meta(ge=0, le=10)]
Epsilon = Annotated[float, msgspec.Meta(ge=1e-30, le=1)]  # float32 takes less for 0


class Table(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of a recipe: no key but those that are named."""


class DataTable(Table, frozen=True, kw_only=True):
    """``[data]``: which images, in what form and order.

    ``batch_size`` images make a step, or all of them where it is "full". ``pixels`` is the range
    they are scaled to: "signed" [-1, 1], "unit" [0, 1], or "standardised" to mean 0 and deviation 1
    over the training images. Each time that an image is trained on it is moved by up to ``shift``
    pixels, to any side. ``validation`` is "held-out" (the last ``held_out`` training images,
    not trained on) or "test", for reference systems that validated on the test set and trained on
    everything. ``limit`` keeps the first so many training images. ``directory`` holds other IDX
    files than the shipped MNIST; in a recipe's file it is relative to that file.
    """

    batch_size: Count | Literal["full"] = 64
    pixels: Literal["signed", "unit", "standardised"] = "signed"
    shuffle: bool = True
    shift: Annotated[int, msgspec.Meta(ge=0, le=1000)] = 0
    validation: Literal["held-out", "test"] = "held-out"
    held_out: Count = 5000
    limit: Count | None = None
    directory: str | None = None


class SGDTable(Table, frozen=True, kw_only=True, tag="sgd", tag_field="kind"):
    """``kind = "sgd"``: gradient descent, with ``momentum`` and Nesterov's form if asked for."""

    learning_rate: Rate
    momentum: Decay = 0.0
    nesterov: bool = False


class AdamTable(Table, frozen=True, kw_only=True, tag="adam", tag_field="kind"):
    """``kind = "adam"``"""

    learning_rate: Rate = 1e-3
    betas: tuple[Decay, Decay] = (0.9, 0.999)
    epsilon: Epsilon = 1e-8


class AdamWTable(Table, frozen=True, kw_only=True, tag="adamw", tag_field="kind"):
    """``kind = "adamw"``: Adam with decoupled weight decay."""

    learning_rate: Rate = 1e-3
    betas: tuple[Decay, Decay] = (0.9, 0.999)
    epsilon: Epsilon = 1e-8
    weight_decay: Annotated[float, msgspec.Meta(ge=0)] = 1e-2


class RMSpropTable(Table, frozen=True, kw_only=True, tag="rmsprop", tag_field="kind"):
    """``kind = "rmsprop"``: steps divided by a running root mean square of the gradient."""

    learning_rate: Rate = 1e-2
    alpha: Decay = 0.99
    epsilon: Epsilon = 1e-8
    momentum: Decay = 0.0


AnyOptimizer = SGDTable | AdamTable | AdamWTable | RMSpropTable


class NetworkTable(Table, frozen=True, kw_only=True):
    """A network, how its weights begin and how they are trained.

    ``layers`` are texts such as "linear 256", "leaky_relu 0.2", "batch_norm" (``layers.LAYERS``
    lists them). ``weights`` and ``biases`` name an initialiser, "fan_in_uniform" or "normal 0.02",
    say (``networks.INITIALISERS`` lists them). With ``clip_norm`` gradients longer than it are
    shortened to it before each step.
    """

    layers: tuple[str, ...]
    optimizer: AnyOptimizer
    weights: str = "fan_in_uniform"
    biases: str = "fan_in_uniform"
    schedule: AnySchedule = Constant()
    clip_norm: Rate | None = None


class GeneratorTable(NetworkTable, frozen=True, kw_only=True):
    """``[generator]``: from random numbers to an image.

    It takes ``latent`` numbers of ``noise``: "normal" N(0, 1) or "uniform" U(-1, 1). With
    ``average`` a moving average of the weights with that decay is shown and saved as well.
    """

    latent: Annotated[int, msgspec.Meta(ge=1, le=100_000)] = 100
    noise: Literal["normal", "uniform"] = "normal"
    average: Decay | None = None


class GameTable(Table, frozen=True, kw_only=True):
    """``[game]``: how generator and discriminator play.

    ``loss`` is "non-saturating" (Goodfellow et al., 2014), "wasserstein", "least-squares" or
    "hinge"; ``training.games`` has their formulas. ``gradient_penalty`` is the weight λ of
    (‖∇D(x̂)‖ - 1)² in the discriminator's loss, 0 for none; with "wasserstein" it makes WGAN-GP.
    ``conditional`` gives both networks the class as a one-hot vector beside their input. ``first``
    is the network that moves first in a step; with ``fresh_noise`` the second move gets new noise,
    else the same fakes. The generator moves in every ``generator_every``-th step of the run. The
    discriminator is not updated in batches 0, n, 2n ... of an epoch where
    ``skip_discriminator_every`` is n > 0. Its loss is the sum of those on real and on fake images,
    or half of it with ``half_discriminator_loss``; the penalty comes on top. ``gradient`` "sum"
    leaves out the 1/N of the mean over a batch. ``label_smoothing`` lowers the discriminator's
    label of real images, 1, in games that have labels. With ``instance_noise`` the discriminator
    is trained on images, real and generated, to each pixel of which a number N(0, its square) was
    added (Sønderby et al., 2017).
    """

    loss: Literal["non-saturating", "wasserstein", "least-squares", "hinge"] = "non-saturating"
    gradient_penalty: Annotated[float, msgspec.Meta(ge=0, le=1e6)] = 0.0
    conditional: bool = False
    first: Literal["discriminator", "generator"] = "discriminator"
    fresh_noise: bool = True
    generator_every: Count = 1
    skip_discriminator_every: NonNegative = 0
    half_discriminator_loss: bool = False
    gradient: Literal["mean", "sum"] = "mean"
    label_smoothing: Smoothing = 0.0
    instance_noise: Noise = 0.0


class MeasuresTable(Table, frozen=True, kw_only=True):
    """``[measures]``: how often generated digits are measured while training goes on.

    The cheap measures, on 1,000 digits, are taken after ``every`` steps. FID is measured at the end
    of an epoch, unless that would bring its share of the training time above ``fid_share``. The
    shipped recipes with slow steps, convolutions or wide layers, have smaller values of ``every``,
    300 to 750: they show trouble as soon in minutes as the others do, for 1 to 3% of the time.
    """

    every: Count = 1500
    fid_share: Annotated[float, msgspec.Meta(ge=0, le=1000)] = 0.05


class Recipe(Table, frozen=True, kw_only=True, tag_field="task"):
    """What both tasks have in common.

    ``summary`` is one line for lists; ``provenance`` says where the settings come from;
    ``made_for`` names the data that they are for, where that is not MNIST.
    ``samples_per_epoch`` grids are shown in each epoch, and the last of every
    ``keep_samples_every``-th epoch is kept on disk. ``seed`` and ``threads`` (of the linear
    algebra; all cores where absent) decide the result to the bit.
    """

    name: str = ""
    summary: str = ""
    provenance: str = ""
    made_for: str = ""
    epochs: Count
    seed: NonNegative = 0
    threads: Annotated[int, msgspec.Meta(ge=1, le=1024)] | None = None
    samples_per_epoch: Count = 10
    keep_samples_every: Count = 1
    data: DataTable = DataTable()


class GanRecipe(Recipe, frozen=True, kw_only=True, tag="gan"):
    """``task = "gan"``"""

    task: ClassVar[Literal["gan"]] = "gan"

    generator: GeneratorTable
    discriminator: NetworkTable
    game: GameTable = GameTable()
    measures: MeasuresTable = MeasuresTable()

    @property
    def networks(self) -> dict[str, NetworkTable]:
        """The tables of both networks, by name."""
        return {"generator": self.generator, "discriminator": self.discriminator}


class ClassifierRecipe(Recipe, frozen=True, kw_only=True, tag="classify"):
    """``task = "classify"``

    ``loss`` "cross-entropy" takes the network's outputs as logits of a softmax; the squared errors
    compare them with one-hot targets, summed over the outputs and summed or averaged over the
    batch. ``label_smoothing`` is for "cross-entropy": so much of a label's probability is spread
    over all classes (Szegedy et al., 2016). A number N(0, ``input_noise``²) is added to each pixel
    that is trained on (Bishop, 1995: it makes the outputs smooth).
    """

    task: ClassVar[Literal["classify"]] = "classify"

    classifier: NetworkTable
    loss: Literal["cross-entropy", "sum-squared-error", "mean-squared-error"] = "cross-entropy"
    label_smoothing: Smoothing = 0.0
    input_noise: Noise = 0.0

    @property
    def networks(self) -> dict[str, NetworkTable]:
        """The table of the one network, by its name."""
        return {"classifier": self.classifier}


AnyRecipe = GanRecipe | ClassifierRecipe
