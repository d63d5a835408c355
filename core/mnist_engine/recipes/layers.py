"""Layers by name: a text of a recipe becomes a module.

A layer's text is its name and its numbers: "linear 256". The words ``pixels``, ``height`` and
``width`` stand for the size of an image and ``classes`` for the number of classes, so that a recipe
fits other datasets.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mnist_engine import nn
from mnist_engine.nn.initialisers import Fans, Initialiser
from mnist_engine.recipes.words import did_you_mean, shown

MOST_PARAMETERS = 100_000_000
"""More than that in a network would need gigabytes, and days a run."""

MOST_NUMBERS = 10_000_000
"""More than that between two layers, for each example, would do so too."""

WORDS = ("pixels", "classes", "height", "width")


@dataclass(frozen=True)
class Sizes:
    """What the words in a layer's text stand for."""

    height: int = 28
    width: int = 28
    classes: int = 10

    @property
    def pixels(self) -> int:
        """The number of pixels of an image."""
        return self.height * self.width


@dataclass(frozen=True)
class Chance:
    """Where a network's random numbers come from, when it is built and while it trains."""

    weights: np.random.Generator
    dropout: np.random.Generator


Build = Callable[[Chance], nn.Module]


@dataclass
class Draft:
    """A network while it is planned: the form of one example and the parameters so far.

    ``shape`` is (numbers,) or, for images, (channels, height, width). ``weights``, ``biases`` and
    ``scales`` (the weights of batch normalisation) are how these begin.
    """

    shape: tuple[int, ...]
    weights: Initialiser
    biases: Initialiser
    scales: Initialiser
    parameters: int = 0

    @property
    def numbers(self) -> int:
        """How many numbers an example has so far."""
        return math.prod(self.shape)

    @property
    def form(self) -> str:
        """The shape in words."""
        if len(self.shape) == 1:
            return f"{self.numbers} numbers an example"
        return f"images of {' x '.join(map(str, self.shape))}"


class LayerError(ValueError):
    """What is wrong with one text; the caller knows where it stands."""


class SizeError(LayerError):
    """A text that is right in itself, but not for what comes in; with other data it may be."""


def plan_layer(draft: Draft, text: str, sizes: Sizes) -> Build:
    """Add the layer that ``text`` describes to ``draft``; what will build it.

    Raises LayerError.
    """
    name, *words = text.split() or [""]
    if name == "spectral":
        return _spectral(draft, words, sizes)
    kind = LAYERS.get(name)
    if kind is None:
        hint = did_you_mean(name, [*LAYERS, "spectral"])
        known = ", ".join([*(k.usage for k in LAYERS.values()), "spectral LAYER"])
        raise LayerError(f"is no layer; {hint}known are {known}")
    if not kind.least <= len(words) <= kind.most:
        numbers = "1 number" if len(words) == 1 else f"{len(words)} numbers"
        raise LayerError(f'has {numbers}; it is written "{kind.usage}"')
    return kind.plan(draft, *(number(word, sizes) for word in words))


def number(word: str, sizes: Sizes) -> float:
    """The number that ``word`` is or stands for; LayerError where it is none."""
    if word in WORDS:
        return float(getattr(sizes, word))
    try:
        if not re.fullmatch(r"[-+.0-9a-zA-Z]+", word):  # Python reads 1_0 and other scripts' digits
            raise ValueError
        return float(word)
    except ValueError:
        *words, last = WORDS
        raise LayerError(
            f"has {shown(word)} where a number, {', '.join(words)} or {last} should stand"
        ) from None


# -- what is said of numbers and shapes ----------------------------------------------------------


def _whole(value: float, said: str, least: int = 1) -> int:
    """``value`` as an integer, at least ``least``; ``said`` is how a message speaks of it."""
    if not least <= value <= MOST_PARAMETERS or value != int(value):
        raise LayerError(
            f"has {said.format(f'{value:g}')}; a whole number from {least} to "
            f"{MOST_PARAMETERS:,} is needed"
        )
    return int(value)


def _row(draft: Draft) -> int:
    """How many numbers a layer gets that wants them in a row."""
    if len(draft.shape) != 1:
        raise LayerError(f'gets {draft.form} and needs numbers in a row; put "flatten" before it')
    return draft.numbers


def _image(draft: Draft) -> tuple[int, int, int]:
    """Channels, height and width of the images that a layer gets."""
    if len(draft.shape) != 3:
        raise LayerError(
            f'gets {draft.form} and needs images; put "unflatten CHANNELS HEIGHT WIDTH" before it, '
            '"unflatten 1 height width" where the pixels come in'
        )
    channels, height, width = draft.shape
    return channels, height, width


def _give_images(draft: Draft, channels: int, height: int, width: int) -> None:
    """Let these be what the next layer gets."""
    if channels * height * width > MOST_NUMBERS:
        raise SizeError(
            f"makes images of {channels} x {height} x {width}; "
            f"more than {MOST_NUMBERS:,} numbers an example are too many"
        )
    draft.shape = (channels, height, width)


# -- the layers ----------------------------------------------------------------------------------


def _linear(draft: Draft, outputs: float) -> Build:
    inputs, features = _row(draft), _whole(outputs, "{} outputs")
    draft.shape = (features,)
    draft.parameters += (inputs + 1) * features
    return lambda chance: nn.Linear(
        inputs, features, chance.weights, weights=draft.weights, biases=draft.biases
    )


def _convolution(
    layer: type[nn.Conv2d] | type[nn.ConvTranspose2d],
    side: Callable[[int, int, int, int], int],
    refusal: str,
) -> Callable[..., Build]:
    """``side(pixels, size, step, edge)`` is how long a side becomes; ``refusal`` is for none."""

    def plan(
        draft: Draft, outputs: float, kernel: float, stride: float = 1, padding: float = 0
    ) -> Build:
        inputs, height, width = _image(draft)
        channels, size = _whole(outputs, "{} outputs"), _whole(kernel, "kernel {}")
        step, edge = _whole(stride, "stride {}"), _whole(padding, "padding {}", least=0)
        after = [side(pixels, size, step, edge) for pixels in (height, width)]
        if min(after) < 1:
            raise SizeError(refusal.format(size=size, edge=edge, height=height, width=width))
        _give_images(draft, channels, *after)
        draft.parameters += (inputs * size**2 + 1) * channels
        return lambda chance: layer(
            inputs,
            channels,
            size,
            chance.weights,
            stride=step,
            padding=edge,
            weights=draft.weights,
            biases=draft.biases,
        )

    return plan


_conv = _convolution(
    nn.Conv2d,
    lambda pixels, size, step, edge: (pixels + 2 * edge - size) // step + 1,
    "has a kernel of {size} x {size} for images of {height} x {width} pixels with {edge} around "
    "them; it must fit in",
)
_conv_transpose = _convolution(
    nn.ConvTranspose2d,
    lambda pixels, size, step, edge: (pixels - 1) * step - 2 * edge + size,
    "has padding {edge}, which leaves nothing of what it makes of images of {height} x {width} "
    "pixels; a smaller one is needed",
)


def _pool(layer: type[nn.Pool2d]) -> Callable[..., Build]:
    def plan(draft: Draft, window: float) -> Build:
        channels, height, width = _image(draft)
        size = _whole(window, "size {}")
        if size > min(height, width):
            raise SizeError(
                f"has windows of {size} x {size} for images of {height} x {width} pixels; "
                "they must fit in"
            )
        _give_images(draft, channels, height // size, width // size)
        return lambda chance: layer(size)

    return plan


def _flatten(draft: Draft) -> Build:
    draft.shape = (draft.numbers,)
    return lambda chance: nn.Flatten()


def _unflatten(draft: Draft, channels: float, height: float, width: float) -> Build:
    gets = _row(draft)
    shape = (
        _whole(channels, "{} channels"),
        _whole(height, "height {}"),
        _whole(width, "width {}"),
    )
    if math.prod(shape) != gets:
        cure = ""
        if shape[0] == 1 and math.prod(shape) < gets:
            cure = '; pixels with their class after them take "class_plane height width classes"'
        raise SizeError(
            f"makes images of {math.prod(shape)} numbers and gets {gets} numbers an example; "
            f"they must be as many{cure}"
        )
    _give_images(draft, *shape)
    return lambda chance: nn.Unflatten(*shape)


def _class_plane(draft: Draft, height: float, width: float, classes: float) -> Build:
    gets = _row(draft)
    rows, columns = _whole(height, "height {}"), _whole(width, "width {}")
    count = _whole(classes, "{} classes")
    needed = rows * columns + count
    if needed != gets:
        only_pixels = gets == rows * columns
        cure = ""
        if only_pixels:
            cure = (
                "; the class comes with them in the discriminator of a GAN alone, where "
                "conditional = true in [game]"
            )
        raise SizeError(
            f"takes {needed} numbers, {rows} x {columns} pixels and one for each of {count} "
            f"classes, and gets {gets} numbers an example; they must be as many{cure}"
        )
    _give_images(draft, 2, rows, columns)
    draft.parameters += count * rows * columns
    return lambda chance: nn.ClassPlane(rows, columns, count, chance.weights, weights=draft.weights)


def _batch_norm(draft: Draft, momentum: float = 0.1) -> Build:
    if not 0 < momentum <= 1:
        raise LayerError(f"has momentum {momentum:g}; it must be above 0 and at most 1")
    layer: type[nn.BatchNorm] = nn.BatchNorm1d if len(draft.shape) == 1 else nn.BatchNorm2d
    features = draft.shape[0]
    draft.parameters += 2 * features

    def build(chance: Chance) -> nn.Module:
        built = layer(features, momentum=momentum)
        built.weight.data[...] = draft.scales(chance.weights, (features,), Fans(1, 1))
        return built

    return build


def _softmax(draft: Draft) -> Build:
    _row(draft)
    return lambda chance: nn.Softmax()


def _leaky_relu(draft: Draft, slope: float = 0.01) -> Build:
    if not 0 <= slope <= 1:
        raise LayerError(f"has slope {slope:g}; it must lie between 0 and 1")
    return lambda chance: nn.LeakyReLU(slope)


def _dropout(draft: Draft, probability: float = 0.5) -> Build:
    if not 0 <= probability < 1:
        raise LayerError(f"has probability {probability:g}; it must be at least 0 and below 1")
    return lambda chance: nn.Dropout(probability, chance.dropout)


def _spectral(draft: Draft, words: list[str], sizes: Sizes) -> Build:
    allowed = ("linear", "conv", "conv_transpose")
    if words[:1] not in [[name] for name in allowed]:
        raise LayerError(f'is no layer; after "spectral" there must be one of {", ".join(allowed)}')
    build = plan_layer(draft, " ".join(words), sizes)
    return lambda chance: nn.SpectralNorm(build(chance), chance.weights)


@dataclass(frozen=True)
class LayerKind:
    """How a layer is written, and how many numbers it needs at least and takes at most."""

    usage: str
    plan: Callable[..., Build]
    least: int = 0
    most: int = 0


LAYERS = {
    "linear": LayerKind("linear OUTPUTS", _linear, 1, 1),
    "sigmoid": LayerKind("sigmoid", lambda draft: lambda chance: nn.Sigmoid()),
    "tanh": LayerKind("tanh", lambda draft: lambda chance: nn.Tanh()),
    "relu": LayerKind("relu", lambda draft: lambda chance: nn.ReLU()),
    "leaky_relu": LayerKind("leaky_relu [SLOPE]", _leaky_relu, 0, 1),
    "softmax": LayerKind("softmax", _softmax),
    "dropout": LayerKind("dropout [PROBABILITY]", _dropout, 0, 1),
    "batch_norm": LayerKind("batch_norm [MOMENTUM]", _batch_norm, 0, 1),
    "unflatten": LayerKind("unflatten CHANNELS HEIGHT WIDTH", _unflatten, 3, 3),
    "class_plane": LayerKind("class_plane HEIGHT WIDTH CLASSES", _class_plane, 3, 3),
    "conv": LayerKind("conv OUTPUTS KERNEL [STRIDE [PADDING]]", _conv, 2, 4),
    "conv_transpose": LayerKind(
        "conv_transpose OUTPUTS KERNEL [STRIDE [PADDING]]", _conv_transpose, 2, 4
    ),
    "max_pool": LayerKind("max_pool SIZE", _pool(nn.MaxPool2d), 1, 1),
    "avg_pool": LayerKind("avg_pool SIZE", _pool(nn.AvgPool2d), 1, 1),
    "flatten": LayerKind("flatten", _flatten),
}
