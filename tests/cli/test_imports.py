"""What a command loads: a batch job waits for no screen, and help for nothing at all."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest

QUICK = "--limit 300 --epochs 1 --threads 1 --no-ui --run-dir runs"

TRAINING = (
    "recipes",
    "recipes mlp",
    f"classify {QUICK}/one",
    f"gan {QUICK}/two --recipe dense --data data",
    "branch one --epochs 2 --no-ui --run-dir runs/three",
)

AFTERWARDS = (
    "resume one --no-ui",
    "rerun one",
    "runs",
    "watch one --no-ui",
    "watch one --describe",
    "describe one",
    "compare one three --no-ui",
    "evaluate one",
    "sample two",
    "export one --to safetensors",
    "export one --to csv",
    "export two --to png",
    "export two --to gif",
    "export one --to report",
    "export two --to tensorboard",
)

CALL_ALL = """
import sys
from mnist_tui.cli import main
for command in sys.argv[1:]:
    sys.argv = ["mnist-tui", *command.split()]
    try:
        main()
    except SystemExit as end:
        loaded = sorted({name.partition(".")[0] for name in sys.modules})
        print("loaded", command, end.code, *loaded, sep="|", file=sys.stderr)
"""


def loaded_by(run: Any, *commands: str) -> dict[str, set[str]]:
    """Which packages are loaded after each of these commands, one after the other."""
    done = run(*commands, code=CALL_ALL)
    told = [line.split("|") for line in done.stderr.splitlines() if line.startswith("loaded|")]
    assert [(command, status) for _, command, status, *_ in told] == [
        (command, "0") for command in commands
    ], done.stderr
    return {command: set(packages) for _, command, _, *packages in told}


def write_noise(folder: Path) -> None:
    """A data set of noise that no judge knows: its FID would take longer than all the rest here."""
    random = np.random.default_rng(0)
    folder.mkdir()
    for part, count in (("train", 5300), ("t10k", 100)):
        images = struct.pack(">4B3I", 0, 0, 8, 3, count, 28, 28) + random.bytes(count * 28 * 28)
        labels = struct.pack(">4BI", 0, 0, 8, 1, count) + bytes(n % 10 for n in range(count))
        (folder / f"{part}-images-idx3-ubyte").write_bytes(images)
        (folder / f"{part}-labels-idx1-ubyte").write_bytes(labels)


def test_whatever_opens_no_screen_loads_no_textual(run: Any, tmp_path: Path) -> None:
    write_noise(tmp_path / "data")
    after = loaded_by(run, *TRAINING)
    events = tmp_path / "runs" / "one" / "events.jsonl"
    lines = events.read_bytes().splitlines(keepends=True)
    events.write_bytes(b"".join(lines[:-1]))  # as if it had been killed before its last word
    after |= loaded_by(run, *AFTERWARDS)
    assert [command for command, packages in after.items() if "textual" in packages] == []


def test_training_into_a_pipe_loads_nothing_that_draws(run: Any) -> None:
    command = f"classify {QUICK}/one"
    packages = loaded_by(run, command)[command]
    assert "numpy" in packages
    assert not packages & {"textual", "rich", "plotext"}


@pytest.mark.parametrize("command", ["--help", "--version", "gan --help"])
def test_help_loads_nothing_heavy(command: str, run: Any) -> None:
    packages = loaded_by(run, command)[command]
    assert not packages & {"numpy", "textual", "msgspec", "PIL", "safetensors"}
