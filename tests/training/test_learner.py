"""A network and its optimizer, made as a recipe's table says."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import pytest

from mnist_engine import nn
from mnist_engine.autograd import Tensor
from mnist_engine.optim import SGD, Adam, AdamW, Optimizer, RMSprop
from mnist_engine.recipes.schema import NetworkTable
from mnist_engine.training.learner import Learner


def learner(**settings: Any) -> Learner:
    tree = {"layers": ["linear 2"], **settings}
    network = nn.Linear(3, 2, np.random.default_rng(0))
    return Learner(network, msgspec.convert(tree, NetworkTable))


@pytest.mark.parametrize(
    ("table", "kind", "settings"),
    [
        (
            {"kind": "sgd", "learning_rate": 0.5, "momentum": 0.9, "nesterov": True},
            SGD,
            {"learning_rate": 0.5, "momentum": 0.9, "nesterov": True},
        ),
        (
            {"kind": "adam", "learning_rate": 0.5, "betas": [0.5, 0.9], "epsilon": 1e-3},
            Adam,
            {"learning_rate": 0.5, "betas": (0.5, 0.9), "epsilon": 1e-3, "weight_decay": 0},
        ),
        (
            {"kind": "adamw", "betas": [0.5, 0.9], "epsilon": 1e-3, "weight_decay": 0.2},
            AdamW,
            {"learning_rate": 1e-3, "betas": (0.5, 0.9), "epsilon": 1e-3, "weight_decay": 0.2},
        ),
        (
            {"kind": "rmsprop", "alpha": 0.5, "epsilon": 1e-3, "momentum": 0.2},
            RMSprop,
            {"learning_rate": 1e-2, "alpha": 0.5, "epsilon": 1e-3, "momentum": 0.2},
        ),
    ],
)
def test_an_optimizer_has_the_settings_of_its_table(
    table: dict[str, Any], kind: type[Optimizer], settings: dict[str, Any]
) -> None:
    optimizer = learner(optimizer=table).optimizer
    assert type(optimizer) is kind
    assert {name: getattr(optimizer, name) for name in settings} == settings


@pytest.mark.parametrize(("clip_norm", "length"), [(None, 20.0), (0.25, 0.25)])
def test_a_step_is_as_long_as_the_clipped_gradient(clip_norm: float | None, length: float) -> None:
    mine = learner(optimizer={"kind": "sgd", "learning_rate": 1.0}, clip_norm=clip_norm)
    before = mine.optimizer.flat.values.copy()
    with mine.tape:
        loss = mine.network(Tensor(np.ones((1, 3), np.float32)))[0, 0] * 10.0
    mine.optimizer.minimise(loss)  # three weights and a bias have a gradient of 10
    step = mine.optimizer.flat.values - before
    assert np.linalg.norm(step) == pytest.approx(length, rel=1e-4)
