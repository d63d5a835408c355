"""``--to safetensors``: a file a network, and the lines of Python that load them into PyTorch."""

from __future__ import annotations

from pathlib import Path

from mnist_engine import nn
from mnist_engine.data.pixels import PixelScaling
from mnist_engine.files import write_whole
from mnist_engine.recipes import AnyRecipe, GanRecipe
from mnist_engine.recipes.layers import Sizes
from mnist_engine.recipes.networks import AVERAGE
from mnist_engine.runs.directory import RunDirectory
from mnist_engine.runs.networks import Which, dataset_of
from mnist_engine.runs.trained import scaling_of
from mnist_tui.export.destination import make_folder, writing
from mnist_tui.export.networks import trained_networks
from mnist_tui.export.torch_code import imports_of, loading_code

README = "README.md"


def write_weights(run: RunDirectory, folder: Path, which: Which = "last") -> str:
    """Write the run's networks and a README into ``folder``; the names of the files.

    BadInput where the run has no weights or damaged ones, CannotRecord where the disk is full.
    """
    dataset, recipe = dataset_of(run), run.read_recipe()
    networks = trained_networks(run, dataset, which)
    sizes = Sizes(*dataset.image_shape, dataset.class_count)
    text = readme(run.path.resolve().name, recipe, networks, scaling_of(recipe, dataset), sizes)
    files = {name: f"{name}.safetensors" for name in networks}
    make_folder(folder)
    with writing(folder):
        for name, network in networks.items():
            nn.save_weights(network, folder / files[name])
        write_whole(folder / README, text.encode())
    return ", ".join([*files.values(), README])


def readme(
    run: str,
    recipe: AnyRecipe,
    networks: dict[str, nn.Module],
    scaling: PixelScaling,
    sizes: Sizes,
) -> str:
    """Markdown: what each file holds, code that loads it, and what goes in and comes out."""
    loading = [
        f"## {name}\n\n```python\n"
        f"{loading_code(name.replace('-', '_'), network, f'{name}.safetensors')}\n```\n"
        for name, network in networks.items()
    ]
    use = _gan_use(recipe, networks, scaling, sizes) if isinstance(recipe, GanRecipe) else None
    return "\n".join(
        [
            f"# Weights of {run}\n",
            f"Trained by mnist-tui on the recipe `{recipe.name}`: {recipe.summary}\n",
            "Names and layouts are PyTorch's. Run this in this folder, with `torch` and "
            "`safetensors` installed:\n",
            f"```python\n{imports_of(networks)}\n```\n",
            *loading,
            "## How to use it\n",
            use or _classifier_use(scaling, sizes),
        ]
    )


def _classifier_use(scaling: PixelScaling, sizes: Sizes) -> str:
    return f"""\
It takes pictures of {sizes.height} x {sizes.width} pixels in a row, from black (0) to white (255) \
scaled as below, and gives a number for each of {sizes.classes} classes, the largest for its answer:

```python
pictures = torch.zeros(1, {sizes.height}, {sizes.width}, dtype=torch.uint8)  # put yours here
pixels = pictures.flatten(1).float() * {scaling.scale!r} {_added(scaling.offset)}
with torch.no_grad():
    answers = classifier(pixels).argmax(1)
```
"""


def _gan_use(
    recipe: GanRecipe, networks: dict[str, nn.Module], scaling: PixelScaling, sizes: Sizes
) -> str:
    latent = recipe.generator.latent
    noise = f"torch.randn(count, {latent})"
    if recipe.generator.noise == "uniform":
        noise = f"2 * torch.rand(count, {latent}) - 1"
    lines = [f"count = {10 * sizes.classes if sizes.classes <= 10 else 100}", f"noise = {noise}"]
    inputs = "noise"
    if recipe.game.conditional:
        inputs = "torch.cat([noise, one_hot], dim=1)"
        lines += [
            f"classes = torch.arange(count) % {sizes.classes}",
            f"one_hot = nn.functional.one_hot(classes, {sizes.classes}).float()",
        ]
    generator = AVERAGE if AVERAGE in networks else "generator"
    scaled = f"(pixels {_added(-scaling.offset)}) / {scaling.scale!r}"
    lines += [
        "with torch.no_grad():",
        f"    pixels = {generator.replace('-', '_')}({inputs})",
        f"pictures = ({scaled}).round().clamp(0, 255)",
        f"pictures = pictures.to(torch.uint8).reshape(count, {sizes.height}, {sizes.width})",
    ]
    code = "\n".join(lines)
    told = ", and the class that it is to draw as a one-hot vector after them"
    average = " The averaged generator draws better digits than the generator itself."
    return f"""\
The generator takes {latent} random numbers{told if recipe.game.conditional else ""}, and gives \
the pixels of a picture in a row.{average if AVERAGE in networks else ""}

```python
{code}
```
"""


def _added(number: float) -> str:
    """``number`` as it is added in source: "+ 1.0" or "- 1.0"."""
    return f"{'-' if number < 0 else '+'} {abs(number)!r}"
