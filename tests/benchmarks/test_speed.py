"""The benchmark itself works; what it measures is for people to judge."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SPEED = Path(__file__).parent / "speed.py"


def speed(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, SPEED, *arguments],
        capture_output=True,
        text=True,
        timeout=300,
        env={**os.environ, "COLUMNS": "120"},  # so that no name of a workload is broken up
    )


@pytest.mark.slow
def test_it_prints_a_table_and_writes_json(tmp_path: Path) -> None:
    file = tmp_path / "speed.json"
    done = speed("--only", "784-392-10", "--rounds", "1", "--threads", "1", "--json", str(file))
    assert done.returncode == 0, done.stderr
    assert "MLP 784-392-10" in done.stdout
    report = json.loads(file.read_text())
    assert report["threads"] == 1
    for result in report["results"]:
        times = result["milliseconds"]
        assert ("torch" in times) == (importlib.util.find_spec("torch") is not None)
        assert 0 < times["products"] < 1000
        assert 0 < times["engine"] < 1000


def test_what_is_not_there_cannot_be_measured() -> None:
    done = speed("--only", "transformer")
    assert done.returncode == 2
    assert "no workload's name contains 'transformer'" in done.stderr
