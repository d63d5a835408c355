"""Train the judge of generated digits, which ships as an asset, anew.

    python -m mnist_engine.training.train_judge DIRECTORY

Writes ``judge.safetensors`` and ``judge.json``, which says how good it is and how it was made. On
one kind of machine, with one NumPy and with two threads, as its recipe says, the file is the same
to the bit each time.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import platform
from pathlib import Path
from typing import Any

import numpy as np

from mnist_engine import nn
from mnist_engine.data.dataset import load_dataset
from mnist_engine.metrics.judge import FILE, RECIPE
from mnist_engine.recipes import load_recipe
from mnist_engine.training import make_trainer
from mnist_engine.training.control import TrainControl
from mnist_engine.training.events import EpochDone, Finished


def main() -> None:
    """Train, say how it goes, write both files."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("directory", type=Path, help="where to write; it must exist")
    directory: Path = parser.parse_args().directory
    if not directory.is_dir():
        parser.error(f"{directory} is no directory; make it first")
    facts = train_judge(directory)
    print(json.dumps(facts, indent=2))


def train_judge(directory: Path) -> dict[str, Any]:
    """Write the judge and the facts about it to ``directory``; the facts."""
    recipe = load_recipe(RECIPE)
    trainer = make_trainer(recipe, load_dataset(), TrainControl())
    accuracy: float | None = None
    for event in trainer:
        if isinstance(event, EpochDone):
            print(f"epoch {event.epoch} of {recipe.epochs}:", event.measures, flush=True)
        if isinstance(event, Finished):
            accuracy = event.test_accuracy
    nn.save_weights(trainer.networks["classifier"], directory / FILE)
    facts = {
        "recipe": recipe.name,
        "seed": recipe.seed,
        "threads": recipe.threads,
        "test accuracy": accuracy,
        "sha256": hashlib.sha256((directory / FILE).read_bytes()).hexdigest(),
        "numpy": np.__version__,
        "machine": platform.machine(),
    }
    (directory / "judge.json").write_text(json.dumps(facts, indent=2) + "\n")
    return facts


if __name__ == "__main__":
    main()
