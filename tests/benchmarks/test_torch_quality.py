"""Which recipes PyTorch can train as they say, and what of ours its figures are held beside."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from mnist_engine.errors import BadInput
from mnist_engine.recipes import GanRecipe, load_recipe, shipped_recipes

pytest.importorskip("torch", reason="PyTorch is not installed; it is what trains")
import torch_quality


def fits(name: str) -> bool:
    try:
        torch_quality.plain(load_recipe(name))
    except BadInput:
        return False
    return True


def test_recipes_that_need_more_than_the_plain_loop_are_refused() -> None:
    fitting = [name for name in shipped_recipes() if fits(name)]
    assert fitting == ["dense-adam", "dense-batchnorm", "hinge", "lsgan"]


@pytest.mark.parametrize(
    ("table", "key", "value"),
    [
        ("data", "pixels", "unit"),
        ("data", "shuffle", False),
        ("data", "limit", 1000),
        ("data", "batch_size", "full"),
        ("generator", "average", 0.999),
        ("generator", "noise", "uniform"),
        ("discriminator", "weights", "xavier_normal"),
        ("discriminator", "clip_norm", 5.0),
        ("game", "first", "generator"),
        ("game", "fresh_noise", False),
        ("game", "skip_discriminator_every", 3),
        ("game", "half_discriminator_loss", True),
        ("game", "gradient", "sum"),
        ("game", "loss", "wasserstein"),
    ],
)
def test_a_setting_that_it_would_leave_out_is_named(table: str, key: str, value: Any) -> None:
    recipe = load_recipe("dense-adam")
    assert isinstance(recipe, GanRecipe)
    changed = msgspec.structs.replace(getattr(recipe, table), **{key: value})
    recipe = msgspec.structs.replace(recipe, **{table: changed})
    with pytest.raises(BadInput, match=rf"{table}\.{key}$"):
        torch_quality.plain(recipe)


def test_runs_are_compared_after_as_many_epochs() -> None:
    runs = {
        "0": {"10 epochs": {"FID": 4.0}, "end": {"FID": 2.0, "epochs": 20.0}},
        "1": {"end": {"FID": 3.0, "epochs": 10.0}},
        "2": {"60 s": {"FID": 9.0}, "end": {"FID": 8.0, "seconds": 60.0}},
    }
    found = {n: list(torch_quality.distances_after(n, {"runs": runs})) for n in (10, 20, 60)}
    assert found == {10: [4.0, 3.0], 20: [2.0], 60: []}
