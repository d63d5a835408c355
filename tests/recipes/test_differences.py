"""What two recipes differ in, key by key."""

from __future__ import annotations

from mnist_engine.recipes import load_recipe
from mnist_engine.recipes.differences import recipe_differences
from mnist_engine.recipes.overrides import override


def test_equal_recipes_differ_in_nothing() -> None:
    assert recipe_differences([load_recipe("mlp"), load_recipe("mlp")]) == {}


def test_flags_are_differences_under_the_keys_of_the_file() -> None:
    plain = load_recipe("conditional-dense")
    changed = override(plain, learning_rates="0.002,0.001", seed=7, limit=640)
    assert recipe_differences([plain, changed, plain]) == {
        "seed": [0, 7, 0],
        "data.limit": [None, 640, None],
        "generator.optimizer.learning_rate": [0.004, 0.002, 0.004],
    }


def test_layers_are_compared_as_lists_and_prose_is_not_compared() -> None:
    one, other = load_recipe("mlp"), load_recipe("mlp-best")
    differences = recipe_differences([one, other])
    assert differences["classifier.layers"] == [
        list(one.classifier.layers),
        list(other.classifier.layers),
    ]
    assert differences["name"] == ["mlp", "mlp-best"]
    assert not {"summary", "provenance"} & differences.keys()


def test_of_different_tasks_only_what_both_have_is_compared() -> None:
    differences = recipe_differences([load_recipe("mlp"), load_recipe("dense")])
    assert differences["task"] == ["classify", "gan"]
    assert differences["data.pixels"] == ["standardised", "signed"]
    assert not [key for key in differences if key.startswith(("generator", "classifier", "loss"))]
