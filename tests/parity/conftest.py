"""The engine against PyTorch. Where PyTorch is not installed, this folder is one skipped test."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest

if find_spec("torch") is None:

    def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> None:
        pytest.skip(
            "PyTorch is not installed; pip install torch==2.13.0 compares the engine with it",
            allow_module_level=True,
        )

else:
    import torch

    torch.set_num_threads(1)
