"""What is compared does the same work: the same losses, step by step."""

from __future__ import annotations

from typing import Any

import engine_side
import msgspec
import numpy as np
import pytest
from workloads import WORKLOADS, Losses, Workload

from mnist_engine.recipes import AnyRecipe
from mnist_engine.recipes.schema import RMSpropTable

torch = pytest.importorskip("torch", reason="PyTorch is not installed; it is the other side")
import torch_side  # noqa: E402  (it imports PyTorch)

TIMES = 2
"""Steps of the table: the first losses tell of the forward pass, the others of what moved."""

TOLERANCE = 1e-4
"""Of float32, after ten steps."""


@pytest.fixture(autouse=True)
def wide_awake(monkeypatch: pytest.MonkeyPatch) -> None:
    """Weights of common size: those of dense-tanh are so near 0 that no loss tells their moves."""
    recipe_of = Workload.recipe

    def recipe(workload: Workload) -> AnyRecipe:
        found = recipe_of(workload)
        awake = {
            name: msgspec.structs.replace(getattr(found, name), weights="fan_in_uniform")
            for name in ("generator", "discriminator", "classifier")
            if hasattr(found, name)
        }
        return msgspec.structs.replace(found, **awake)

    monkeypatch.setattr(Workload, "recipe", recipe)


@pytest.fixture(autouse=True)
def our_chance(monkeypatch: pytest.MonkeyPatch) -> None:
    """PyTorch's side draws its numbers from a trainer with our seed, which makes no step itself."""

    def draw_noise(gan: Any) -> torch.Tensor:
        return torch.tensor(gan.trainer._draw_noise())

    def draw_classes(gan: Any) -> torch.Tensor:
        labels = gan.trainer._draw_labels(len(gan.real), gan.trainer.random["labels"])
        return gan.one_hot[torch.from_numpy(labels)]

    def draw_shares(gan: Any) -> torch.Tensor:
        return torch.tensor(gan.trainer.random["penalty"].random((len(gan.real), 1), np.float32))

    for draw in (draw_noise, draw_classes, draw_shares):
        monkeypatch.setattr(torch_side.Gan, draw.__name__, draw)


def losses(side: Any, workload: Workload) -> list[Losses]:
    step = side.steps(workload)
    return [of_one for _ in range(TIMES) for of_one in step()]


@pytest.mark.parametrize("workload", WORKLOADS, ids=lambda w: f"{w.name}, {w.batch_size}")
def test_both_sides_make_the_same_steps(workload: Workload) -> None:
    ours, theirs = losses(engine_side, workload), losses(torch_side, workload)
    assert len(ours) == len(theirs) == TIMES * workload.steps
    for step, (mine, right) in enumerate(zip(ours, theirs, strict=True)):
        assert mine == pytest.approx(right, rel=TOLERANCE, abs=TOLERANCE), f"step {step}"
    for name in ours[-1]:
        moved = [of_one[name] for of_one in ours if name in of_one]
        assert len(set(moved)) > 1, f"{name} stands still, or nothing is tested"


@pytest.mark.parametrize(
    ("name", "table", "changes", "message"),
    [
        ("lsgan", "game", {}, "the loss least-squares is not known"),
        ("mlp", "classifier", {"optimizer": RMSpropTable()}, "RMSpropTable is not known"),
        ("mlp", "classifier", {"clip_norm": 1.0}, "clip_norm is not known"),
    ],
)
def test_it_refuses_what_it_does_not_know(
    name: str,
    table: str,
    changes: dict[str, Any],
    message: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    recipe = Workload("unknown", name, 32, 1, 1).recipe()
    other = msgspec.structs.replace(getattr(recipe, table), **changes)
    changed = msgspec.structs.replace(recipe, **{table: other})

    def changed_recipe(workload: Workload) -> AnyRecipe:
        return changed

    monkeypatch.setattr(Workload, "recipe", changed_recipe)
    with pytest.raises(NotImplementedError, match=message):
        torch_side.steps(Workload("unknown", name, 32, 1, 1))
