"""The worst mistakes of a classifier on the test set, as a picture."""

from __future__ import annotations

from pathlib import Path

from mnist_engine.data.dataset import Dataset
from mnist_engine.errors import BadInput
from mnist_engine.runs.directory import RunDirectory
from mnist_engine.runs.networks import dataset_of
from mnist_engine.training.answers import Answers
from mnist_tui.export.captioned import save_captioned
from mnist_tui.render.digits import Digits

COLUMNS = 10


def write_worst_mistakes(run: RunDirectory, answers: Answers, path: Path) -> bool:
    """Draw the mistakes that ``answers`` name, the worst first; whether there was any to be drawn.

    The pictures are those of the run's data: none where these are gone, or are others by now.
    CannotRecord where the disk does not take the picture.
    """
    if not answers.mistakes:
        return False
    try:
        dataset = dataset_of(run)
    except BadInput:
        return False
    if not _are_of(answers, dataset):
        return False
    digits = Digits(
        dataset.test_images[[mistake.index for mistake in answers.mistakes]],
        COLUMNS,
        captions=tuple(mistake.caption for mistake in answers.mistakes),
    )
    save_captioned(digits, path)
    return True


def _are_of(answers: Answers, dataset: Dataset) -> bool:
    """Whether the mistakes were made on these test images, as far as their labels tell."""
    labels = dataset.test_labels
    return all(
        0 <= mistake.index < len(labels) and labels[mistake.index] == mistake.label
        for mistake in answers.mistakes
    )
