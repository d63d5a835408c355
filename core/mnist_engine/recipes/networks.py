"""Layers by name: the texts of a recipe become modules.

A layer's text is its name and its numbers: "linear 256". The word ``pixels`` stands for the number
of pixels of an image and ``classes`` for the number of classes, so that a recipe fits other
datasets.

A network is planned first and then built: planning finds every mistake and costs nothing, building
draws the weights.
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

MOST_PARAMETERS = 100_000_000
"""More than that in a network would need gigabytes, and days a run."""


@dataclass(frozen=True)
class Sizes:
    """What the words in a layer's text stand for."""

    pixels: int = 784
    classes: int = 10


@dataclass(frozen=True)
class Chance:
    """Where a network's random numbers come from, when it is built and while it trains."""

    weights: np.random.Generator
    dropout: np.random.Generator


Build = Callable[[Chance], nn.Module]


@dataclass
class Draft:
    """A network while it is planned: how wide it is so far, how many parameters it has so far."""

    width: int
    weights: initialisers.Initialiser
    biases: initialisers.Initialiser
    parameters: int = 0


class _LayerError(ValueError):
    """What is wrong with one text; the caller knows where it stands."""


def _linear(draft: Draft, outputs: float) -> Build:
    if not 1 <= outputs <= MOST_PARAMETERS or outputs != int(outputs):
        raise _LayerError(f"has {outputs:g} outputs; a whole number of at least 1 is needed")
    inputs, draft.width = draft.width, int(outputs)
    draft.parameters += (inputs + 1) * draft.width
    return lambda chance: nn.Linear(
        inputs, int(outputs), chance.weights, draft.weights, draft.biases
    )


def _leaky_relu(draft: Draft, slope: float = 0.01) -> Build:
    if not 0 <= slope <= 1:
        raise _LayerError(f"has slope {slope:g}; it must lie between 0 and 1")
    return lambda chance: nn.LeakyReLU(slope)


def _dropout(draft: Draft, probability: float = 0.5) -> Build:
    if not 0 <= probability < 1:
        raise _LayerError(f"has probability {probability:g}; it must be at least 0 and below 1")
    return lambda chance: nn.Dropout(probability, chance.dropout)


def _batch_norm(draft: Draft, momentum: float = 0.1) -> Build:
    if not 0 < momentum <= 1:
        raise _LayerError(f"has momentum {momentum:g}; it must be above 0 and at most 1")
    features = draft.width
    draft.parameters += 2 * features
    return lambda chance: nn.BatchNorm1d(features, momentum)


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
    "softmax": LayerKind("softmax", lambda draft: lambda chance: nn.Softmax()),
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


@dataclass(frozen=True)
class _Ends:
    """A network of a recipe: how many numbers go in, and what size, by name, comes out."""

    table: NetworkTable
    inputs: int
    output_size: str


def build_networks(
    recipe: AnyRecipe, sizes: Sizes, rng: np.random.Generator, dropout_rng: np.random.Generator
) -> dict[str, nn.Sequential]:
    """All networks of a recipe, by name: generator and discriminator, or classifier.

    Weights are drawn from ``rng``. Raises BadInput naming the key where a layer is wrong or sizes
    do not fit.
    """
    plans = plan_networks(recipe, sizes)
    chance = Chance(rng, dropout_rng)
    return {name: nn.Sequential(*(build(chance) for build in plan)) for name, plan in plans.items()}


def plan_networks(
    recipe: AnyRecipe, sizes: Sizes, check_outputs: bool = True
) -> dict[str, list[Build]]:
    """The layers of all networks of a recipe, yet to be built.

    Raises BadInput naming the key where a layer is wrong, or with ``check_outputs`` where a network
    does not end in as many numbers as ``sizes`` ask for.
    """
    if isinstance(recipe, GanRecipe):
        label = sizes.classes if recipe.game.conditional else 0
        networks = {
            "generator": _Ends(recipe.generator, recipe.generator.latent + label, "pixels"),
            "discriminator": _Ends(recipe.discriminator, sizes.pixels + label, "1"),
        }
    else:
        networks = {"classifier": _Ends(recipe.classifier, sizes.pixels, "classes")}
    return {name: _plan(name, ends, sizes, check_outputs) for name, ends in networks.items()}


def _plan(where: str, ends: _Ends, sizes: Sizes, check_outputs: bool) -> list[Build]:
    table = ends.table
    draft = Draft(
        ends.inputs,
        _initialiser(table.weights, f"{where}.weights"),
        _initialiser(table.biases, f"{where}.biases"),
    )
    plan = []
    for number, text in enumerate(table.layers):
        try:
            plan.append(_plan_layer(draft, text, sizes))
        except _LayerError as fault:
            raise BadInput(f"{where}.layers[{number}]: {text!r} {fault}") from None
    outputs = int(_number(ends.output_size, sizes))
    if check_outputs and draft.width != outputs:
        raise BadInput(
            f"{where}.layers: the network ends in {draft.width} numbers an example, {outputs} are "
            f'needed; end it with "linear {ends.output_size}"'
        )
    if not 0 < draft.parameters <= MOST_PARAMETERS:
        raise BadInput(
            f"{where}.layers: the network has {draft.parameters:,} parameters; there must be at "
            f"least 1 to train and at most {MOST_PARAMETERS:,}"
        )
    return plan


def _plan_layer(draft: Draft, text: str, sizes: Sizes) -> Build:
    name, *words = text.split() or [""]
    kind = LAYERS.get(name)
    if kind is None:
        close = difflib.get_close_matches(name, LAYERS, 1)
        hint = f"did you mean {close[0]}? " if close else ""
        known = ", ".join(k.usage for k in LAYERS.values())
        raise _LayerError(f"is no layer; {hint}known are {known}")
    if not kind.least <= len(words) <= kind.most:
        numbers = "1 number" if len(words) == 1 else f"{len(words)} numbers"
        raise _LayerError(f'has {numbers}; it is written "{kind.usage}"')
    return kind.plan(draft, *(_number(word, sizes) for word in words))


def _number(word: str, sizes: Sizes) -> float:
    if word in ("pixels", "classes"):
        return float(getattr(sizes, word))
    try:
        return float(word)
    except ValueError:
        raise _LayerError(f"has {word!r} where a number, pixels or classes should stand") from None


def _initialiser(text: str, where: str) -> initialisers.Initialiser:
    name, *words = text.split() or [""]
    if name in _PLAIN_INITIALISERS and not words:
        return _PLAIN_INITIALISERS[name]
    if name in _SCALED_INITIALISERS and len(words) == 1 and _is_scale(words[0]):
        return _SCALED_INITIALISERS[name](float(words[0]))
    known = [*_PLAIN_INITIALISERS, *(f"{name} NUMBER" for name in _SCALED_INITIALISERS)]
    raise BadInput(f"{where}: {text!r} is no initialiser; allowed: {', '.join(known)}")


LARGEST_SCALE = 1e6
"""Initial weights beyond this overflow in the first step, whatever the network."""


def _is_scale(word: str) -> bool:
    try:
        return 0 <= float(word) <= LARGEST_SCALE
    except ValueError:
        return False
