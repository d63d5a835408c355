"""What the tests of runs share."""

from __future__ import annotations

import math
from typing import Any

import pytest

from mnist_engine.runs import record as recording

from .resumable import Desk


@pytest.fixture
def every_epoch_is_saved(monkeypatch: pytest.MonkeyPatch) -> None:
    """Epochs of milliseconds are not, usually."""
    monkeypatch.setattr(recording, "LARGEST_SHARE", math.inf)


@pytest.fixture(params=["classify", "gan"])
def desk(request: Any, make_recipe: Any, make_dataset: Any) -> Desk:
    return Desk(make_recipe(request.param), make_dataset())


@pytest.fixture
def classifier(make_recipe: Any, make_dataset: Any) -> Desk:
    return Desk(make_recipe("classify"), make_dataset())
