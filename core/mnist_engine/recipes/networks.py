"""Networks of a recipe: how their weights begin, what goes in, what must come out.

A network is planned first and then built: planning finds every mistake and costs nothing, building
draws the weights.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mnist_engine import nn
from mnist_engine.errors import BadInput
from mnist_engine.nn import initialisers
from mnist_engine.recipes.layers import (
    MOST_PARAMETERS,
    Build,
    Chance,
    Draft,
    LayerError,
    SizeError,
    Sizes,
    number,
    plan_layer,
)
from mnist_engine.recipes.schema import AnyRecipe, GanRecipe, NetworkTable
from mnist_engine.recipes.words import did_you_mean, shown

AVERAGE = "generator-average"
"""The name of the generator with averaged weights, in recipes that have one."""


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
    recipe: AnyRecipe, sizes: Sizes, check_sizes: bool = True
) -> dict[str, list[Build]]:
    """The layers of all networks of a recipe, yet to be built.

    Raises BadInput naming the key where a layer is wrong, or with ``check_sizes`` where layers do
    not fit each other or a network does not end in as many numbers as ``sizes`` ask for. Without
    it, a plan ends at the first layer that does not fit.
    """
    if isinstance(recipe, GanRecipe):
        label = sizes.classes if recipe.game.conditional else 0
        networks = {
            "generator": _Ends(recipe.generator, recipe.generator.latent + label, "pixels"),
            "discriminator": _Ends(recipe.discriminator, sizes.pixels + label, "1"),
        }
    else:
        networks = {"classifier": _Ends(recipe.classifier, sizes.pixels, "classes")}
    return {name: _plan(name, ends, sizes, check_sizes) for name, ends in networks.items()}


def _plan(where: str, ends: _Ends, sizes: Sizes, check_sizes: bool) -> list[Build]:
    table = ends.table
    draft = Draft(
        (ends.inputs,),
        weights=_initialiser(table.weights, f"{where}.weights"),
        biases=_initialiser(table.biases, f"{where}.biases"),
        scales=initialisers.dcgan_scale if table.weights == "dcgan" else initialisers.ones,
    )
    plan: list[Build] = []
    drawn: tuple[int, ...] = ()  # the form of the images that nothing was made of since
    for position, text in enumerate(table.layers):
        before = draft.parameters
        try:
            plan.append(plan_layer(draft, text, sizes))
        except LayerError as fault:
            if isinstance(fault, SizeError) and not check_sizes:
                return plan
            raise BadInput(f"{where}.layers[{position}]: {shown(text)} {fault}") from None
        if len(draft.shape) == 3:
            drawn = draft.shape
        elif draft.parameters > before:
            drawn = ()
    if check_sizes:
        if drawn and ends.output_size == "pixels":
            _check_drawn(where, drawn, sizes)
        _check_end(where, draft, ends.output_size, int(number(ends.output_size, sizes)))
    if not 0 < draft.parameters <= MOST_PARAMETERS:
        raise BadInput(
            f"{where}.layers: the network has {draft.parameters:,} parameters; there must be at "
            f"least 1 to train and at most {MOST_PARAMETERS:,}"
        )
    return plan


def _check_drawn(where: str, drawn: tuple[int, ...], sizes: Sizes) -> None:
    """BadInput unless a network that ends in images draws them as large as those of the data.

    A linear layer would mend the number, but not the picture.
    """
    wanted = (1, sizes.height, sizes.width)
    if drawn != wanted:
        forms = [" x ".join(map(str, form)) for form in (drawn, wanted)]
        raise BadInput(
            f"{where}.layers: the network draws images of {forms[0]}, {forms[1]} are needed "
            "(channels x height x width); change its last channels, kernels, strides or padding"
        )


def _check_end(where: str, draft: Draft, size: str, outputs: int) -> None:
    """BadInput unless the network ends in ``outputs`` numbers, which ``size`` names."""
    if draft.shape == (outputs,):
        return
    flat = len(draft.shape) == 1
    missing = [] if flat else ['"flatten"']
    if draft.numbers != outputs:
        missing.append(f'"linear {size}"')
    raise BadInput(
        f"{where}.layers: the network ends in {draft.form}, "
        f"{outputs}{'' if flat else ' numbers in a row'} are needed; "
        f"end it with {', '.join(missing)}"
    )


# -- how weights begin ---------------------------------------------------------------------------

INITIALISERS: dict[str, initialisers.Initialiser] = {
    "zeros": initialisers.zeros,
    "fan_in_uniform": initialisers.fan_in_uniform,
    "kaiming_uniform": initialisers.kaiming_uniform,
    "kaiming_normal": initialisers.kaiming_normal,
    "xavier_uniform": initialisers.xavier_uniform,
    "xavier_normal": initialisers.xavier_normal,
    "dcgan": initialisers.dcgan,
}
SCALED_INITIALISERS: dict[str, Callable[[float], initialisers.Initialiser]] = {
    "uniform": initialisers.uniform,
    "normal": initialisers.normal,
}

LARGEST_SCALE = 1e6
"""Initial weights beyond this overflow in the first step, whatever the network."""


def _initialiser(text: str, where: str) -> initialisers.Initialiser:
    name, *words = text.split() or [""]
    if name in INITIALISERS and not words:
        return INITIALISERS[name]
    if name in SCALED_INITIALISERS and len(words) == 1 and _is_scale(words[0]):
        return SCALED_INITIALISERS[name](float(words[0]))
    names = [*INITIALISERS, *SCALED_INITIALISERS]
    guess = "" if name in names else did_you_mean(name, names)
    known = [*INITIALISERS, *(f"{name} NUMBER" for name in SCALED_INITIALISERS)]
    raise BadInput(
        f"{where}: {shown(text)} is no initialiser; {guess}allowed: {', '.join(known)} "
        f"(from 0 to {LARGEST_SCALE:g})"
    )


def _is_scale(word: str) -> bool:
    try:
        return 0 <= float(word) <= LARGEST_SCALE
    except ValueError:
        return False
