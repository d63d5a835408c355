"""The pictures that an answer was given to."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mnist_engine.training.answers import Mistake
from mnist_engine.training.trainer import Trainer


def pictures_of_mistakes(
    trainer: Trainer, mistakes: Sequence[Mistake], test: bool
) -> NDArray[np.uint8] | None:
    """(n, height, width), from the ``test`` set or else the validation images.

    None where the data are others by now, as far as their labels tell.
    """
    examples = trainer.test if test else trainer.validation
    known = all(
        one.index < len(examples) and examples.labels[one.index] == one.label for one in mistakes
    )
    return examples.images[[one.index for one in mistakes]] if known else None
