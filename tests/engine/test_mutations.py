"""Every wrong derivative that ``mutations`` plants is found by the tests beside it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="each mutant runs in a fork")
def test_every_wrong_derivative_is_found() -> None:
    script = Path(__file__).with_name("mutations.py")
    run = subprocess.run([sys.executable, script], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout[-4000:] + run.stderr
