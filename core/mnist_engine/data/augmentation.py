"""Training images a little changed each time, so that a network cannot learn them by heart."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from mnist_engine.errors import BadInput


class RandomShift:
    """Each image moved by up to ``most`` pixels down or up and right or left; what is left is 0.

    All moves are equally probable; they are drawn from ``rng``. ``shape`` is (height, width).
    Raises BadInput where images could be moved out of sight.
    """

    def __init__(self, most: int, shape: tuple[int, int], rng: np.random.Generator) -> None:
        height, width = shape
        if not 0 <= most < min(shape):
            raise BadInput(
                f"data.shift: {most} pixels are too many for images of {height} x {width}; "
                f"at most {min(shape) - 1} keep a part in sight"
            )
        self.most = most
        self._shape = shape
        self._rng = rng
        self._padded = np.zeros((0, height + 2 * most, width + 2 * most), np.uint8)

    def apply(self, images: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """(n, pixels) bytes -> (n, pixels) bytes."""
        count, most, (height, width) = len(images), self.most, self._shape
        if len(self._padded) < count:
            self._padded = np.zeros((count, *self._padded.shape[1:]), np.uint8)
        padded = self._padded[:count]
        padded[:, most : most + height, most : most + width] = images.reshape(-1, height, width)
        down, right = self._rng.integers(0, 2 * most + 1, (2, count))
        windows = sliding_window_view(padded, self._shape, axis=(1, 2))
        shifted: NDArray[np.uint8] = windows[np.arange(count), down, right]
        return shifted.reshape(count, -1)
