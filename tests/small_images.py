"""A data set that is read, trained on and measured in no time."""

from __future__ import annotations

from pathlib import Path

import numpy as np


def write_data(folder: Path, images: int = 200, tests: int = 40) -> Path:
    """A directory of IDX files: bright squares of 12 x 12, of three classes."""
    folder.mkdir()
    rng = np.random.default_rng(0)
    for part, count in (("train", images), ("t10k", tests)):
        labels = np.arange(count, dtype=np.uint8) % 3
        pictures = rng.integers(0, 100, (count, 12, 12), dtype=np.uint8)
        for number, label in enumerate(labels):
            pictures[number, 4 * label : 4 * label + 4] += 150
        for name, values in (("images-idx3", pictures), ("labels-idx1", labels)):
            sizes = np.array(values.shape, ">u4").tobytes()
            header = bytes([0, 0, 8, values.ndim]) + sizes
            (folder / f"{part}-{name}-ubyte").write_bytes(header + values.tobytes())
    return folder
