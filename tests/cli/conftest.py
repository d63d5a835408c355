"""The program as it is called, in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]
MAIN = "from mnist_tui.cli import main; main()"


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run ``mnist-tui`` with these arguments in an empty directory; its status and its outputs."""

    def call(
        *arguments: str, code: str = MAIN, **options: object
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", code, *arguments],
            cwd=tmp_path,
            timeout=120,
            text=True,
            encoding="utf-8",
            **{"stdin": subprocess.DEVNULL, "capture_output": True, **options},  # type: ignore[call-overload]
        )

    return call
