"""The order in which a network sees the training images."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mnist_engine.data.augmentation import RandomShift
from mnist_engine.data.dataset import Examples
from mnist_engine.data.pixels import PixelScaling
from mnist_engine.errors import BadInput


class Batch(NamedTuple):
    """``pixels`` (n, pixels) float32 and ``labels`` (n,); the next batch overwrites the arrays."""

    pixels: NDArray[np.float32]
    labels: NDArray[np.uint8]


class Batches:
    """Batches of equal size, epoch after epoch.

    With ``rng`` each epoch has a new random order, else the order of the data set. ``shift`` moves
    the images of each batch anew. Images that are left over at the end of an epoch (fewer than a
    batch) are passed over, so that all steps weigh the same. Raises BadInput where there are fewer
    images than one batch.
    """

    def __init__(
        self,
        examples: Examples,
        batch_size: int | Literal["full"],
        scaling: PixelScaling,
        rng: np.random.Generator | None = None,
        shift: RandomShift | None = None,
    ) -> None:
        count = len(examples)
        size = count if batch_size == "full" else batch_size
        if size > count:
            raise BadInput(
                f"a batch of {size} images needs at least that many to train on, "
                f"there are {count}; lower the batch size (--batch-size) or raise the limit "
                "(--limit)"
            )
        self.batch_size = size
        self._images = examples.images.reshape(count, -1)
        self._labels = examples.labels
        self._scaling = scaling
        self._rng = rng
        self._shift = shift
        self._bytes = np.empty((size, self._images.shape[1]), np.uint8)
        self._pixels = np.empty((size, self._images.shape[1]), np.float32)
        self._whole: Batch | None = None  # a full batch in fixed order never changes: scale it once

    @property
    def per_epoch(self) -> int:
        """Steps in an epoch."""
        return len(self._labels) // self.batch_size

    def epoch(self, begin: int = 0) -> Iterator[Batch]:
        """One pass over the training images, from batch number ``begin`` on."""
        count, size = len(self._labels), self.batch_size
        if self._rng is None and self._shift is None and size == count:
            if self._whole is None:
                self._whole = Batch(self._scaling.apply(self._images, self._pixels), self._labels)
            yield self._whole
            return
        order = None if self._rng is None else self._rng.permutation(count)
        for first in range(begin * size, self.per_epoch * size, size):
            if order is None:
                chosen = self._images[first : first + size]
                labels = self._labels[first : first + size]
            else:
                indices = order[first : first + size]
                chosen = np.take(self._images, indices, axis=0, out=self._bytes, mode="clip")
                labels = self._labels[indices]
            if self._shift is not None:
                chosen = self._shift.apply(chosen)
            yield Batch(self._scaling.apply(chosen, self._pixels), labels)
