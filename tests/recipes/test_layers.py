"""Layers by name: what they make of what comes in, and what is said where they do not fit."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import pytest

from mnist_engine import nn
from mnist_engine.autograd import Tensor
from mnist_engine.errors import BadInput
from mnist_engine.recipes import AnyRecipe, load_recipe
from mnist_engine.recipes.files import recipe_from
from mnist_engine.recipes.layers import Sizes
from mnist_engine.recipes.networks import build_networks

IMAGE = "unflatten 1 height width"
MLP = load_recipe("mlp")
DENSE_ADAM = load_recipe("dense-adam")


def classifier(*layers: str, **settings: Any) -> AnyRecipe:
    """The recipe mlp with other layers."""
    tree = msgspec.to_builtins(MLP)
    tree["classifier"] |= {"layers": list(layers), **settings}
    return recipe_from(tree, "mine.toml")


def gan(name: str, *layers: str, conditional: bool = False, **settings: Any) -> AnyRecipe:
    """The recipe dense-adam with another generator or discriminator."""
    tree = msgspec.to_builtins(DENSE_ADAM)
    tree[name] |= {"layers": list(layers), **settings}
    tree["game"]["conditional"] = conditional
    return recipe_from(tree, "mine.toml")


def built(recipe: AnyRecipe, sizes: Sizes = Sizes()) -> dict[str, nn.Sequential]:  # noqa: B008
    rng = np.random.default_rng(0)
    return build_networks(recipe, sizes, rng, rng)


def refused(*layers: str) -> str:
    with pytest.raises(BadInput) as fault:
        classifier(*layers)
    message = str(fault.value)
    assert message.isprintable()
    return message.removeprefix("mine.toml: ")


def refused_discriminator(*layers: str, conditional: bool) -> str:
    with pytest.raises(BadInput) as fault:
        gan("discriminator", *layers, conditional=conditional)
    return str(fault.value).removeprefix("mine.toml: ")


def outputs(network: nn.Sequential, numbers: int, examples: int = 3) -> tuple[int, ...]:
    x = np.random.default_rng(1).standard_normal((examples, numbers), dtype=np.float32)
    return network(Tensor(x)).shape


# -- layers that fit -----------------------------------------------------------------------------

CONVOLUTIONAL = (
    IMAGE,
    *("conv 4 3 1 1", "batch_norm", "relu", "max_pool 2"),
    *("conv 6 5 2", "leaky_relu 0.2", "dropout", "avg_pool 2"),
    *("flatten", "batch_norm", "linear classes"),
)


@pytest.mark.parametrize("sizes", [Sizes(), Sizes(20, 31, 3)])
def test_a_convolutional_classifier_fits_images_of_any_size(sizes: Sizes) -> None:
    network = built(classifier(*CONVOLUTIONAL), sizes)["classifier"]
    assert outputs(network, sizes.pixels) == (3, sizes.classes)
    norms = [layer for layer in network.modules() if isinstance(layer, nn.BatchNorm)]
    assert [type(norm) for norm in norms] == [nn.BatchNorm2d, nn.BatchNorm1d]


def test_a_generator_grows_images_and_ends_in_their_pixels() -> None:
    recipe = gan(
        "generator",
        *("linear 392", "batch_norm", "relu", "unflatten 8 7 7"),
        *("conv_transpose 4 4 2 1", "batch_norm", "relu", "conv_transpose 1 4 2 1", "tanh"),
        "flatten",
    )
    assert outputs(built(recipe)["generator"], 100) == (3, 784)


def test_numbers_of_a_convolution_are_outputs_kernel_stride_and_padding() -> None:
    network = built(classifier(IMAGE, "conv 2 5 3 1", "flatten", "linear 10"))["classifier"]
    conv = network.layers[1]
    assert isinstance(conv, nn.Conv2d)
    assert (conv.weight.shape, conv.stride, conv.padding) == ((2, 1, 5, 5), (3, 3), (1, 1))
    recipe = gan("generator", "unflatten 4 5 5", "conv_transpose 1 4 6", "flatten")
    spread = built(recipe)["generator"].layers[1]
    assert isinstance(spread, nn.ConvTranspose2d)
    assert (spread.weight.shape, spread.stride, spread.padding) == ((4, 1, 4, 4), (6, 6), (0, 0))


def test_spectral_normalises_the_layer_that_it_stands_before() -> None:
    recipe = gan(
        "discriminator",
        *(IMAGE, "spectral conv 4 4 2 1", "leaky_relu 0.2", "spectral conv_transpose 2 4 2 1"),
        *("flatten", "spectral linear 1"),
    )
    network = built(recipe)["discriminator"]
    normalised = [part for part in network.layers if isinstance(part, nn.SpectralNorm)]
    kinds = [type(part.layer) for part in normalised]
    assert kinds == [nn.Conv2d, nn.ConvTranspose2d, nn.Linear]
    assert outputs(network, 784) == (3, 1)


CLASS_PLANE = "class_plane height width classes"


@pytest.mark.parametrize("sizes", [Sizes(), Sizes(20, 31, 3)])
def test_a_discriminator_that_is_told_the_class_may_begin_with_a_convolution(sizes: Sizes) -> None:
    layers = (CLASS_PLANE, "conv 4 4 2 1", "leaky_relu 0.2", "flatten", "linear 1")
    network = built(gan("discriminator", *layers, conditional=True), sizes)["discriminator"]
    assert outputs(network, sizes.pixels + sizes.classes) == (3, 1)
    plane, conv = network.layers[:2]
    assert isinstance(plane, nn.ClassPlane)
    assert isinstance(conv, nn.Conv2d)
    assert plane.weight.shape == (sizes.classes, sizes.pixels)
    assert conv.weight.shape == (4, 2, 4, 4)


def test_pictures_of_classes_begin_as_the_recipe_says() -> None:
    layers = (CLASS_PLANE, "flatten", "linear 1")
    recipe = gan("discriminator", *layers, conditional=True, weights="normal 0.02")
    weight = built(recipe)["discriminator"].state_dict()["0.weight"]
    assert weight.std() == pytest.approx(0.02, rel=0.05)


def test_a_dense_network_takes_the_class_with_the_pixels_and_may_make_images_later() -> None:
    layers = ("linear 49", "leaky_relu 0.2", "unflatten 1 7 7", "conv 2 3", "flatten", "linear 1")
    network = built(gan("discriminator", *layers, conditional=True))["discriminator"]
    assert outputs(network, 794) == (3, 1)


@pytest.mark.parametrize(
    ("layers", "conditional", "message"),
    [
        (
            [CLASS_PLANE],
            False,
            "'class_plane height width classes' takes 794 numbers, 28 x 28 pixels and one for each "
            "of 10 classes, and gets 784 numbers an example; they must be as many; the class "
            "comes with them in the discriminator of a GAN alone, where conditional = true",
        ),
        (
            ["class_plane 28 28 9"],
            True,
            "'class_plane 28 28 9' takes 793 numbers, 28 x 28 pixels and one for each of 9 "
            "classes, and gets 794 numbers an example; they must be as many",
        ),
        (
            [IMAGE],
            True,
            "'unflatten 1 height width' makes images of 784 numbers and gets 794 numbers an "
            "example; they must be as many; pixels with their class after them take "
            '"class_plane height width classes"',
        ),
        ([CLASS_PLANE, CLASS_PLANE], True, "gets images of 2 x 28 x 28 and needs numbers in a row"),
        (["class_plane 28 28"], True, 'it is written "class_plane HEIGHT WIDTH CLASSES"'),
        (["class_plane 0 28 10"], True, "has height 0; a whole number from 1 to 100,000,000"),
        (["class_plane 28 1.5 10"], True, "has width 1.5; a whole number from 1 to 100,000,000"),
        (["class_plane 28 28 0"], True, "has 0 classes; a whole number from 1 to 100,000,000"),
        (["class_plan 28 28 10"], True, "is no layer; did you mean class_plane? known are linear"),
        (
            [CLASS_PLANE, "conv 1 28"],
            True,
            'ends in images of 1 x 1 x 1, 1 numbers in a row are needed; end it with "flatten"',
        ),
    ],
)
def test_a_class_plane_that_does_not_fit_is_named_with_what_would(
    layers: list[str], conditional: bool, message: str
) -> None:
    line = refused_discriminator(*layers, conditional=conditional)
    assert line.startswith("discriminator.layers")
    assert line.isprintable()
    assert message in line


@pytest.mark.parametrize(
    "layers",
    [
        CONVOLUTIONAL,
        ("linear 30", "batch_norm", "linear classes"),
        ("linear 31", "class_plane 4 7 3", "flatten", "linear classes"),
    ],
)
def test_parameters_are_counted_before_the_network_is_built(
    layers: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    count = built(classifier(*layers))["classifier"].parameter_count()
    monkeypatch.setattr("mnist_engine.recipes.networks.MOST_PARAMETERS", count)
    classifier(*layers)
    monkeypatch.setattr("mnist_engine.recipes.networks.MOST_PARAMETERS", count - 1)
    assert f"the network has {count:,} parameters" in refused(*layers)


def test_dcgan_begins_weights_around_zero_and_scales_around_one() -> None:
    layers = (IMAGE, "conv 400 3 2", "batch_norm", "flatten", "linear 10")
    network = built(classifier(*layers, weights="dcgan", biases="zeros"))["classifier"]
    state = network.state_dict()
    for name, mean in (("1.weight", 0), ("2.weight", 1), ("4.weight", 0)):
        assert state[name].mean() == pytest.approx(mean, abs=4e-3)
        assert state[name].std() == pytest.approx(0.02, rel=0.1)
    assert not any(state[name].any() for name in ("1.bias", "2.bias", "4.bias"))
    plain = built(classifier(*layers))["classifier"].state_dict()
    assert (plain["2.weight"] == 1).all()


# -- layers that do not --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        (
            ["conv 4 3"],
            "classifier.layers[0]: 'conv 4 3' gets 784 numbers an example and needs images; put "
            '"unflatten CHANNELS HEIGHT WIDTH" before it, "unflatten 1 height width" where the '
            "pixels come in",
        ),
        (["max_pool 2"], "gets 784 numbers an example and needs images"),
        (
            [IMAGE, "conv 4 3", "linear 10"],
            "classifier.layers[2]: 'linear 10' gets images of 4 x 26 x 26 and needs numbers in a "
            'row; put "flatten" before it',
        ),
        ([IMAGE, "softmax", "flatten"], "gets images of 1 x 28 x 28 and needs numbers in a row"),
        ([IMAGE, IMAGE], "gets images of 1 x 28 x 28 and needs numbers in a row"),
        (
            ["linear 10", "unflatten 2 2 2"],
            "'unflatten 2 2 2' makes images of 8 numbers and gets 10 numbers an example; they must "
            "be as many",
        ),
        (
            [IMAGE, "conv 4 31 1 1"],
            "'conv 4 31 1 1' has a kernel of 31 x 31 for images of 28 x 28 pixels with 1 around "
            "them; it must fit in",
        ),
        (
            [IMAGE, "avg_pool 29"],
            "'avg_pool 29' has windows of 29 x 29 for images of 28 x 28 pixels; they must fit in",
        ),
        (
            [IMAGE, "conv_transpose 4 2 1 15"],
            "has padding 15, which leaves nothing of what it makes of images of 28 x 28 pixels",
        ),
        (
            [IMAGE, "conv_transpose 4 4 1000"],
            "makes images of 4 x 27004 x 27004; more than 10,000,000 numbers an example are too",
        ),
        ([IMAGE, "conv 0 3"], "has 0 outputs; a whole number from 1 to 100,000,000"),
        ([IMAGE, "conv 4 0"], "has kernel 0; a whole number from 1 to 100,000,000"),
        ([IMAGE, "conv 4 3 0.5"], "has stride 0.5; a whole number from 1 to 100,000,000"),
        ([IMAGE, "conv 4 3 1 -1"], "has padding -1; a whole number from 0 to 100,000,000"),
        ([IMAGE, "conv_transpose 4 nan"], "has kernel nan; a whole number from 1"),
        ([IMAGE, "max_pool 0"], "has size 0; a whole number from 1 to 100,000,000"),
        (["unflatten 0 28 28"], "has 0 channels; a whole number from 1 to 100,000,000"),
        (["unflatten 1 inf 28"], "has height inf; a whole number from 1 to 100,000,000"),
        (["conv 4"], 'has 1 number; it is written "conv OUTPUTS KERNEL [STRIDE [PADDING]]"'),
        (["unflatten 28 28"], 'has 2 numbers; it is written "unflatten CHANNELS HEIGHT WIDTH"'),
        ([IMAGE, "conv x 3"], "has 'x' where a number, pixels, classes, height or width should"),
        (["linear ٣٢"], "where a number, "),
        (["linear 1_0"], "where a number, "),
        (["spectrel linear 3"], "is no layer; did you mean spectral? known are linear OUTPUTS"),
        (["spectral"], "'spectral' is no layer; after \"spectral\" there must be one of linear"),
        (["spectral relu"], "there must be one of linear, conv, conv_transpose"),
        (["spectral spectral linear 3"], "there must be one of linear, conv, conv_transpose"),
        (["spectral linear"], 'has 0 numbers; it is written "linear OUTPUTS"'),
        (
            [IMAGE, "conv 4 28"],
            "classifier.layers: the network ends in images of 4 x 1 x 1, 10 numbers in a row are "
            'needed; end it with "flatten", "linear classes"',
        ),
        (
            [IMAGE, "conv classes 28"],
            "the network ends in images of 10 x 1 x 1, 10 numbers in a row are needed; "
            'end it with "flatten"',
        ),
    ],
)
def test_what_does_not_fit_is_named_with_what_would(layers: list[str], message: str) -> None:
    line = refused(*layers)
    assert line.startswith("classifier.layers")
    assert message in line


def test_what_comes_in_is_left_to_the_data_where_a_recipe_names_other_data() -> None:
    tree = msgspec.to_builtins(MLP)
    layers = ["unflatten 1 50 60", "conv 4 40", "flatten", "linear classes"]
    tree["classifier"]["layers"] = layers
    tree["data"]["directory"] = "elsewhere"
    recipe = recipe_from(tree, "mine.toml")
    network = built(recipe, Sizes(50, 60, 7))["classifier"]
    assert outputs(network, 3000) == (3, 7)
    with pytest.raises(BadInput, match=r"classifier.layers\[0\]: 'unflatten 1 50 60' makes images"):
        built(recipe, Sizes(50, 50, 7))
    tree["classifier"]["layers"] = ["conv 4 0"]
    with pytest.raises(BadInput, match=r"classifier.layers\[0\]: 'conv 4 0' gets 784 numbers"):
        recipe_from(tree, "mine.toml")
