"""Layers by name: the texts of a recipe become modules.

A layer's text is its name and its numbers: "linear 256". The word ``pixels`` stands for the number of
pixels of an image and ``classes`` for the number of classes, so that a recipe fits other datasets.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mnist_engine import nn
from mnist_engine.errors import BadInput
from mnist_engine.nn import initialisers
from mnist_engine.recipes.schema import AnyRecipe, GanRecipe, NetworkTable


@dataclass(frozen=True)
class Sizes:
    """What the words in a layer's text stand for."""

    pixels: int = 784
    classes: int = 10


@dataclass
class Draft:
    """A network while it is built: the width so far, and what new layers draw their weights from."""

    width: int
    weights: initialisers.Initialiser
    biases: initialisers.Initialiser
    rng: np.random.Generator
    dropout_rng: np.random.Generator


class _Fault(ValueError):
    """What is wrong with one text; the caller knows where it stands."""


def _linear(draft: Draft, outputs: float) -> nn.Module:
    if outputs < 1 or outputs != int(outputs):
        raise _Fault(f"has {outputs:g} outputs; a whole number of at least 1 is needed")
    layer = nn.Linear(draft.width, int(outputs), draft.rng, draft.weights, draft.biases)
    draft.width = int(outputs)
    return layer


def _leaky_relu(draft: Draft, slope: float = 0.01) -> nn.Module:
    if not 0 <= slope <= 1:
        raise _Fault(f"has slope {slope:g}; it must lie between 0 and 1")
    return nn.LeakyReLU(slope)


def _dropout(draft: Draft, probability: float = 0.5) -> nn.Module:
    if not 0 <= probability < 1:
        raise _Fault(f"has probability {probability:g}; it must be at least 0 and below 1")
    return nn.Dropout(probability, draft.dropout_rng)


def _batch_norm(draft: Draft, momentum: float = 0.1) -> nn.Module:
    if not 0 < momentum <= 1:
        raise _Fault(f"has momentum {momentum:g}; it must be above 0 and at most 1")
    return nn.BatchNorm1d(draft.width, momentum)


@dataclass(frozen=True)
class LayerKind:
    """How a layer is written, and how many numbers it needs at least and takes at most."""

    usage: str
    build: Callable[..., nn.Module]
    least: int = 0
    most: int = 0


LAYERS = {
    "linear": LayerKind("linear OUTPUTS", _linear, 1, 1),
    "sigmoid": LayerKind("sigmoid", lambda draft: nn.Sigmoid()),
    "tanh": LayerKind("tanh", lambda draft: nn.Tanh()),
    "relu": LayerKind("relu", lambda draft: nn.ReLU()),
    "leaky_relu": LayerKind("leaky_relu [SLOPE]", _leaky_relu, 0, 1),
    "softmax": LayerKind("softmax", lambda draft: nn.Softmax()),
    "dropout": LayerKind("dropout [PROBABILITY]", _dropout, 0, 1),
    "batch_norm": LayerKind("batch_norm [MOMENTUM]", _batch_norm, 0, 1),
}

_PLAIN_INITIALISERS: dict[str, initialisers.Initialiser] = {
    "zeros": initialisers.zeros,
    "fan_in_uniform": initialisers.fan_in_uniform,
    "kaiming_uniform": initialisers.kaiming_uniform,
}
_SCALED_INITIALISERS: dict[str, Callable[[float], initialisers.Initialiser]] = {
    "uniform": initialisers.uniform,
    "normal": initialisers.normal,
}


def build_network(
    table: NetworkTable,
    inputs: int,
    outputs: int,
    sizes: Sizes,
    rng: np.random.Generator,
    dropout_rng: np.random.Generator,
    where: str,
) -> nn.Sequential:
    """The network of ``table`` for ``inputs`` numbers an example; weights are drawn from ``rng``.

    Raises BadInput, beginning with ``where`` (the network's key in the recipe), where a text is wrong or
    the network does not end in ``outputs`` numbers.
    """
    draft = Draft(
        inputs,
        _initialiser(table.weights, f"{where}.weights"),
        _initialiser(table.biases, f"{where}.biases"),
        rng,
        dropout_rng,
    )
    layers = []
    for number, text in enumerate(table.layers):
        try:
            layers.append(_build_layer(draft, text, sizes))
        except _Fault as fault:
            raise BadInput(f"{where}.layers[{number}]: {text!r} {fault}") from None
    if draft.width != outputs:
        raise BadInput(
            f"{where}.layers: the network ends in {draft.width} numbers an example, {outputs} are needed; "
            f'end it with "linear {outputs}"'
        )
    return nn.Sequential(*layers)


def check_layers(recipe: AnyRecipe, source: str) -> None:
    """Build the networks of ``recipe`` once, as if for MNIST, to find mistakes before data is read.

    Raises BadInput beginning with ``source``.
    """
    try:
        build_networks(recipe, Sizes(), np.random.default_rng(0), np.random.default_rng(0))
    except BadInput as error:
        raise BadInput(f"{source}: {error}") from None


def build_networks(
    recipe: AnyRecipe, sizes: Sizes, rng: np.random.Generator, dropout_rng: np.random.Generator
) -> dict[str, nn.Sequential]:
    """All networks of a recipe, by name: generator and discriminator, or classifier.

    Raises BadInput naming the key where a layer is wrong or sizes do not fit.
    """
    if isinstance(recipe, GanRecipe):
        label = sizes.classes if recipe.game.conditional else 0
        latent = recipe.generator.latent
        shapes = {
            "generator": (recipe.generator, latent + label, sizes.pixels),
            "discriminator": (recipe.discriminator, sizes.pixels + label, 1),
        }
    else:
        shapes = {"classifier": (recipe.classifier, sizes.pixels, sizes.classes)}
    return {
        name: build_network(table, inputs, outputs, sizes, rng, dropout_rng, name)
        for name, (table, inputs, outputs) in shapes.items()
    }


def _build_layer(draft: Draft, text: str, sizes: Sizes) -> nn.Module:
    name, *words = text.split() or [""]
    kind = LAYERS.get(name)
    if kind is None:
        close = difflib.get_close_matches(name, LAYERS, 1)
        hint = f"did you mean {close[0]}? " if close else ""
        known = ", ".join(k.usage for k in LAYERS.values())
        raise _Fault(f"is no layer; {hint}known are {known}")
    if not kind.least <= len(words) <= kind.most:
        raise _Fault(f'has {len(words)} numbers; it is written "{kind.usage}"')
    return kind.build(draft, *(_number(word, sizes) for word in words))


def _number(word: str, sizes: Sizes) -> float:
    if word in ("pixels", "classes"):
        return float(getattr(sizes, word))
    try:
        return float(word)
    except ValueError:
        raise _Fault(f"has {word!r} where a number, pixels or classes should stand") from None


def _initialiser(text: str, where: str) -> initialisers.Initialiser:
    name, *words = text.split() or [""]
    try:
        if name in _PLAIN_INITIALISERS and not words:
            return _PLAIN_INITIALISERS[name]
        if name in _SCALED_INITIALISERS and len(words) == 1 and float(words[0]) >= 0:
            return _SCALED_INITIALISERS[name](float(words[0]))
    except ValueError:
        pass  # not a number: the message below says what is right
    known = [*_PLAIN_INITIALISERS, *(f"{name} NUMBER" for name in _SCALED_INITIALISERS)]
    raise BadInput(f"{where}: {text!r} is no initialiser; allowed: {', '.join(known)}")
