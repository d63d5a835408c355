"""The recipes that ship: all load, and the references' have the references' settings."""

from __future__ import annotations

import json
import tomllib
from importlib.resources import files
from typing import Literal

import msgspec
import numpy as np
import pytest

from mnist_engine.optim.schedules import Constant, Linear, OneCycle, Steps
from mnist_engine.recipes import (
    ClassifierRecipe,
    GanRecipe,
    load_recipe,
    recipe_source,
    recipe_text,
    shipped_recipes,
)
from mnist_engine.recipes.files import recipe_from
from mnist_engine.recipes.layers import Sizes
from mnist_engine.recipes.networks import build_networks, plan_networks
from mnist_engine.recipes.schema import AdamTable, AdamWTable, GameTable, SGDTable

NAMES = [
    "autograd-mlp",
    "cnn",
    "conditional-dcgan",
    "conditional-dense",
    "dcgan",
    "dense",
    "dense-adam",
    "dense-batchnorm",
    "dense-tanh",
    "dense-tanh-tuned",
    "fashion-cnn",
    "fashion-conditional-dense",
    "fashion-mlp",
    "hinge",
    "judge",
    "lsgan",
    "mlp",
    "mlp-best",
    "scratch-mlp",
    "sigmoid-mlp",
    "wgan-gp",
    "wgan-gp-dcgan",
]


def gan(name: str) -> GanRecipe:
    recipe = load_recipe(name)
    assert isinstance(recipe, GanRecipe)
    return recipe


def classifier(name: str) -> ClassifierRecipe:
    recipe = load_recipe(name)
    assert isinstance(recipe, ClassifierRecipe)
    return recipe


def weight_shapes(name: str) -> dict[str, list[tuple[int, ...]]]:
    """Shapes of the weights of a recipe's networks for MNIST, batch normalisation left out."""
    rng = np.random.default_rng(0)
    networks = build_networks(load_recipe(name), Sizes(), rng, rng)
    return {
        network: [p.shape for key, p in module.named_parameters() if "weight" in key and p.ndim > 1]
        for network, module in networks.items()
    }


def test_these_recipes_ship() -> None:
    assert shipped_recipes() == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_recipe_says_what_it_is_and_where_it_comes_from(name: str) -> None:
    recipe = load_recipe(name)
    assert recipe.name == name
    assert 0 < len(recipe.summary) <= 60
    assert len(recipe.provenance.split()) >= 10


@pytest.mark.parametrize("name", NAMES)
def test_the_text_of_a_recipe_reads_back_as_the_same_recipe(name: str) -> None:
    recipe = load_recipe(name)
    again = recipe_from(tomllib.loads(recipe_text(recipe)), "copy")
    assert again == recipe
    assert recipe_text(again) == recipe_text(recipe)


@pytest.mark.parametrize("name", NAMES)
def test_the_source_of_a_recipe_is_its_file(name: str) -> None:
    tree = tomllib.loads(recipe_source(name))
    assert recipe_from({**tree, "name": name}, "source") == load_recipe(name)


def test_dense_tanh_is_the_first_projects_gan() -> None:
    recipe = gan("dense-tanh")
    assert weight_shapes("dense-tanh") == {
        "generator": [(200, 100), (400, 200), (784, 400)],
        "discriminator": [(400, 784), (50, 400), (1, 50)],
    }
    assert (recipe.generator.latent, recipe.generator.noise) == (100, "uniform")
    assert [layer for layer in recipe.generator.layers if "linear" not in layer] == ["tanh"] * 3
    judge = [layer for layer in recipe.discriminator.layers if "linear" not in layer]
    assert judge == ["leaky_relu 0.2"] * 2
    for network in (recipe.generator, recipe.discriminator):
        assert (network.weights, network.biases) == ("uniform 0.001", "zeros")
        assert network.optimizer == SGDTable(learning_rate=3e-4)
    assert recipe.generator.schedule == Constant()
    assert recipe.discriminator.schedule == Steps(after_epochs=(2,), by=0.5)
    game = recipe.game
    assert (game.first, game.fresh_noise, game.skip_discriminator_every) == ("generator", False, 3)
    assert (game.half_discriminator_loss, game.gradient, game.conditional) == (True, "sum", False)
    data = recipe.data
    assert (recipe.epochs, data.batch_size, data.pixels) == (75, 100, "signed")
    assert (data.shuffle, data.validation) == (False, "test")


def test_dense_adam_is_the_tutorials_gan() -> None:
    recipe = gan("dense-adam")
    assert weight_shapes("dense-adam") == {
        "generator": [(256, 100), (512, 256), (1024, 512), (784, 1024)],
        "discriminator": [(1024, 784), (512, 1024), (256, 512), (1, 256)],
    }
    assert recipe.generator.layers[1::2] == ("relu", "relu", "relu", "tanh")
    assert recipe.discriminator.layers[1::2] == ("leaky_relu 0.2",) * 3
    for network in (recipe.generator, recipe.discriminator):
        assert network.optimizer == AdamTable(learning_rate=2e-4, betas=(0.5, 0.999))
        assert network.schedule == Constant()
    assert (recipe.epochs, recipe.data.batch_size, recipe.data.shuffle) == (20, 128, True)


def test_dense_batchnorm_is_the_keras_tutorials_gan() -> None:
    recipe = gan("dense-batchnorm")
    assert weight_shapes("dense-batchnorm") == {
        "generator": [(256, 100), (512, 256), (1024, 512), (784, 1024)],
        "discriminator": [(512, 784), (256, 512), (1, 256)],
    }
    hidden = ("leaky_relu 0.2", "batch_norm 0.2")
    assert recipe.generator.layers == (
        *("linear 256", *hidden, "linear 512", *hidden, "linear 1024", *hidden),
        *("linear pixels", "tanh"),
    )
    assert recipe.discriminator.layers[1::2] == ("leaky_relu 0.2",) * 2
    for network in (recipe.generator, recipe.discriminator):
        assert network.optimizer == AdamTable(learning_rate=2e-4, betas=(0.5, 0.999))
        assert network.schedule == Constant()
    assert recipe.game == GameTable()
    assert recipe.data.batch_size == 64


@pytest.mark.parametrize(("name", "loss"), [("lsgan", "least-squares"), ("hinge", "hinge")])
def test_games_that_differ_from_dense_batchnorm_in_their_loss_alone(
    name: Literal["lsgan", "hinge"], loss: Literal["least-squares", "hinge"]
) -> None:
    recipe, model = gan(name), gan("dense-batchnorm")
    assert recipe.game == GameTable(loss=loss)
    alike = ("generator", "discriminator", "data", "epochs")
    assert all(getattr(recipe, part) == getattr(model, part) for part in alike)


def test_wgan_gp_is_the_papers_game_and_its_programs_adam_with_the_networks_of_dense_adam() -> None:
    recipe, model = gan("wgan-gp"), gan("dense-adam")
    assert recipe.generator.layers == model.generator.layers
    assert recipe.discriminator.layers == model.discriminator.layers
    for network in (recipe.generator, recipe.discriminator):
        assert network.optimizer == AdamTable(learning_rate=1e-4, betas=(0.5, 0.9))
        assert network.schedule == Constant()
    assert recipe.game == GameTable(loss="wasserstein", gradient_penalty=10, generator_every=5)
    assert recipe.data.batch_size == 64


def test_dcgan_is_conditional_dcgan_without_labels() -> None:
    recipe, model, dense = gan("dcgan"), gan("conditional-dcgan"), gan("dense")
    assert recipe.game == dense.game
    latent, average = dense.generator.latent, dense.generator.average
    assert recipe.generator == msgspec.structs.replace(
        model.generator, latent=latent, average=average
    )
    layers = ("unflatten 1 height width", *model.discriminator.layers[1:])
    assert recipe.discriminator == msgspec.structs.replace(model.discriminator, layers=layers)
    assert recipe.data == model.data


def test_conditional_dense_is_what_the_study_found_but_for_its_schedule_and_average() -> None:
    recipe = gan("conditional-dense")
    assert weight_shapes("conditional-dense") == {
        "generator": [(128, 110), (256, 128), (784, 256)],
        "discriminator": [(256, 794), (128, 256), (1, 128)],
    }
    hidden = ("batch_norm", "leaky_relu 0.2")
    layers = ("linear 128", *hidden, "linear 256", *hidden, "linear pixels", "tanh")
    assert recipe.generator.layers == layers
    assert (recipe.generator.noise, recipe.generator.average) == ("normal", 0.9995)
    assert recipe.generator.optimizer == AdamTable(learning_rate=4e-3, betas=(0.5, 0.999))
    assert recipe.discriminator.optimizer == AdamTable(learning_rate=1e-3, betas=(0.5, 0.999))
    for network in (recipe.generator, recipe.discriminator):
        assert (network.weights, network.biases) == ("fan_in_uniform", "fan_in_uniform")
        assert network.schedule == Linear(hold=0.05)
    game = recipe.game
    assert (game.conditional, game.first, game.fresh_noise) == (True, "discriminator", True)
    assert (game.half_discriminator_loss, game.gradient) == (False, "mean")
    assert game.skip_discriminator_every == 0
    assert (recipe.data.batch_size, recipe.data.shuffle) == (64, True)


def test_dense_is_conditional_dense_without_labels() -> None:
    recipe, model = gan("dense"), gan("conditional-dense")
    assert recipe.game == msgspec.structs.replace(model.game, conditional=False, loss="hinge")
    held = Linear(hold=0.2)
    generator = msgspec.structs.replace(model.generator, latent=32, schedule=held)
    assert recipe.generator == generator
    assert recipe.discriminator == msgspec.structs.replace(model.discriminator, schedule=held)
    alike = ("data", "epochs")
    assert all(getattr(recipe, part) == getattr(model, part) for part in alike)


def test_conditional_dcgan_learns_as_conditional_dense_does_by_one_convolution_a_side() -> None:
    recipe, model = gan("conditional-dcgan"), gan("conditional-dense")
    assert weight_shapes("conditional-dcgan") == {
        "generator": [(256, 110), (3136, 256), (64, 1, 8, 8)],
        "discriminator": [(10, 784), (64, 2, 8, 8), (128, 3136), (1, 128)],
    }
    assert recipe.generator.layers.count("batch_norm") == 2, "not where images come out"
    assert "batch_norm" not in recipe.discriminator.layers
    assert recipe.generator.weights == model.generator.weights
    assert recipe.generator.schedule == recipe.discriminator.schedule == Linear(hold=0.3)
    assert model.generator.schedule == Linear(hold=0.05), "held for longer here"
    assert recipe.generator.optimizer == model.generator.optimizer
    assert recipe.discriminator.optimizer == model.discriminator.optimizer
    assert (recipe.game, recipe.data) == (model.game, model.data)


def test_wgan_gp_dcgan_is_wgan_gps_game_with_convolutions() -> None:
    recipe, dense = gan("wgan-gp-dcgan"), gan("wgan-gp")
    assert weight_shapes("wgan-gp-dcgan") == {
        "generator": [(3136, 100), (64, 32, 4, 4), (32, 1, 4, 4)],
        "discriminator": [(32, 1, 4, 4), (64, 32, 4, 4), (1, 3136)],
    }
    assert recipe.generator.layers.count("batch_norm") == 2, "not where images come out"
    assert "batch_norm" not in recipe.discriminator.layers, "the penalty is on each image by itself"
    assert recipe.game == dense.game
    for network in (recipe.generator, recipe.discriminator):
        assert network.optimizer == dense.generator.optimizer


def test_autograd_mlp_is_scratch_mlp_trained_as_one_would_today() -> None:
    recipe, model = classifier("autograd-mlp"), classifier("scratch-mlp")
    assert recipe.classifier.layers == model.classifier.layers
    assert isinstance(recipe.classifier.optimizer, AdamTable)
    assert recipe.loss == "cross-entropy"
    assert (recipe.data.batch_size, recipe.data.shuffle) == (64, True)


def test_mlp_best_is_the_studys_network_on_wider_shifts_and_trained_for_longer() -> None:
    recipe = classifier("mlp-best")
    hidden = ("batch_norm", "relu", "dropout 0.2")
    layers = ("linear 512", *hidden, "linear 512", *hidden, "linear classes")
    assert recipe.classifier.layers == layers
    assert recipe.classifier.optimizer == AdamWTable(learning_rate=4e-3, weight_decay=1e-2)
    assert recipe.classifier.schedule == OneCycle(up=0.3)
    data = recipe.data
    assert (recipe.epochs, data.batch_size, data.pixels, data.shift) == (40, 256, "standardised", 2)


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith("fashion-")])
def test_recipes_for_other_data_say_what_to_give_and_fit_other_classes(name: str) -> None:
    recipe = load_recipe(name)
    assert recipe.summary.endswith("give --data")
    plan_networks(recipe, Sizes(28, 28, 7))


def test_fashion_mlp_is_mlp_best_with_twice_the_dropout_and_one_pixel_of_shift() -> None:
    recipe, model = classifier("fashion-mlp"), classifier("mlp-best")
    layers = [layer.replace("dropout 0.4", "dropout 0.2") for layer in recipe.classifier.layers]
    classifier_alike = msgspec.structs.replace(recipe.classifier, layers=tuple(layers))
    assert classifier_alike == model.classifier
    assert recipe.data == msgspec.structs.replace(model.data, shift=1)
    assert (recipe.epochs, model.epochs) == (32, 40)


def test_fashion_cnn_is_cnn_with_twice_the_channels_and_dropout() -> None:
    recipe, model = classifier("fashion-cnn"), classifier("cnn")
    kept = [layer for layer in recipe.classifier.layers if not layer.startswith("dropout")]
    assert [width(layer) for layer in kept] == [2 * width(x) for x in model.classifier.layers]
    assert recipe.data == msgspec.structs.replace(model.data, shift=1)
    assert (recipe.epochs, model.epochs) == (12, 5)


def width(layer: str) -> int:
    """The channels or units that a layer makes; 0 where it takes what comes."""
    name, *sizes = layer.split()
    return int(sizes[0]) if name in ("conv", "linear") and sizes[0].isdigit() else 0


def test_sigmoid_mlp_is_the_first_projects_classifier() -> None:
    recipe = classifier("sigmoid-mlp")
    assert weight_shapes("sigmoid-mlp") == {"classifier": [(392, 784), (10, 392)]}
    assert recipe.classifier.layers[1::2] == ("sigmoid", "sigmoid")
    assert (recipe.classifier.weights, recipe.classifier.biases) == ("uniform 0.01", "zeros")
    assert recipe.classifier.optimizer == SGDTable(learning_rate=8e-3)
    assert recipe.classifier.schedule == Steps(after_epochs=(100,), by=0.7)
    assert recipe.loss == "sum-squared-error"
    data = recipe.data
    assert (data.batch_size, data.pixels, data.shuffle, data.validation) == (
        50,
        "signed",
        False,
        "test",
    )


def test_scratch_mlp_is_the_hand_coded_network() -> None:
    recipe = classifier("scratch-mlp")
    assert weight_shapes("scratch-mlp") == {"classifier": [(10, 784), (10, 10)]}
    assert recipe.classifier.layers == ("linear 10", "relu", "linear classes")
    assert (recipe.classifier.weights, recipe.classifier.biases) == ("uniform 0.5", "uniform 0.5")
    assert recipe.classifier.optimizer == SGDTable(learning_rate=0.1)
    assert (recipe.epochs, recipe.data.batch_size, recipe.data.pixels) == (500, "full", "unit")


def test_mlp_is_what_the_study_found() -> None:
    recipe = classifier("mlp")
    assert weight_shapes("mlp") == {"classifier": [(512, 784), (10, 512)]}
    assert recipe.classifier.optimizer == AdamWTable(learning_rate=4e-3, weight_decay=1e-2)
    assert recipe.classifier.schedule == OneCycle(up=0.3)
    assert (recipe.data.batch_size, recipe.data.pixels) == (256, "standardised")


def test_cnn_and_judge_are_one_network() -> None:
    recipe, judge = classifier("cnn"), classifier("judge")
    assert weight_shapes("cnn") == {
        "classifier": [
            (16, 1, 3, 3), (32, 16, 3, 3), (48, 32, 3, 3), (64, 48, 3, 3), (64, 576), (10, 64),
        ],
    }  # fmt: skip
    assert recipe.classifier == judge.classifier
    assert recipe.data == judge.data
    assert (
        judge.threads
        == json.loads((files("mnist_tui_assets") / "judge.json").read_text())["threads"]
    )
    assert recipe.classifier.optimizer == AdamWTable(learning_rate=1e-2, weight_decay=1e-2)
    assert recipe.classifier.schedule == OneCycle(up=0.25)
    assert (recipe.data.batch_size, recipe.data.pixels, recipe.data.shift) == (128, "unit", 2)
