"""From bytes to the numbers that a network sees, and back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

PixelRange = Literal["signed", "unit", "standardised"]


@dataclass(frozen=True)
class PixelScaling:
    """x = scale · byte + offset."""

    scale: float
    offset: float

    @classmethod
    def named(cls, name: PixelRange, images: NDArray[np.uint8]) -> PixelScaling:
        """The scaling that a recipe names.

        "signed" gives [-1, 1], "unit" [0, 1], "standardised" mean 0 and deviation 1 over
        ``images``. Pictures that are all of one grey have no deviation; they are only centred.
        """
        if name == "signed":
            return cls(1 / 127.5, -1.0)
        if name == "unit":
            return cls(1 / 255, 0.0)
        counts = _histogram(images)
        levels, total = np.arange(256.0), counts.sum()
        mean = float(counts @ levels) / float(total)
        deviation = float(counts @ (levels - mean) ** 2 / total) ** 0.5 or 1.0
        return cls(1 / deviation, -mean / deviation)

    def apply(
        self, images: NDArray[np.uint8], out: NDArray[np.float32] | None = None
    ) -> NDArray[np.float32]:
        """(n, height, width) or (n, pixels) bytes -> (n, pixels) float32."""
        flat = images.reshape(len(images), -1)
        result = np.multiply(flat, np.float32(self.scale), out=out, dtype=np.float32)
        result += np.float32(self.offset)
        return result

    def bytes_of(self, values: NDArray[np.float32]) -> NDArray[np.uint8]:
        """Network numbers back to bytes, rounded; what lies outside becomes black or white."""
        levels = np.rint((values - self.offset) / self.scale)
        bytes_: NDArray[np.uint8] = np.clip(levels, 0, 255).astype(np.uint8)
        return bytes_


def _histogram(images: NDArray[np.uint8]) -> NDArray[np.int64]:
    """How often each of the 256 levels occurs: exact sums, whatever the number of pixels.

    Counted in parts, because NumPy makes eight bytes of each pixel first.
    """
    counts = np.zeros(256, np.int64)
    for begin in range(0, len(images), 500):
        counts += np.bincount(images[begin : begin + 500].reshape(-1), minlength=256)
    return counts
