"""What the networks are asked about the digits of a panel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from mnist_engine.inspection.generated import Verdicts, real_digits, verdicts_on, wanted_change
from mnist_engine.inspection.neighbour import Neighbour, nearest_training_image
from mnist_engine.runs.pictures import pictures_of
from mnist_engine.training.events import SamplesDrawn
from mnist_engine.training.gan import GanTrainer
from mnist_engine.training.questions import Question
from mnist_engine.training.trainer import Trainer
from mnist_tui.render.digits import Images, signed_bytes

SEEN = 0.98
"""The share of a gradient's pixels that keep their proportions: a few large ones may not make all
others invisible. Chosen by eye."""


@dataclass(frozen=True)
class Wish:
    """What a person wants to see: ``real`` digits in place of generated ones, D's ``verdicts``.

    And of the digit that is ``chosen`` the ``nearest`` training image and the ``change`` that the
    generator wants.
    """

    real: bool = False
    verdicts: bool = False
    nearest: bool = False
    change: bool = False
    chosen: int | None = None

    @property
    def detailed(self) -> int | None:
        """The digit of which more is wanted than can be seen."""
        return self.chosen if self.nearest or self.change else None

    @property
    def asks(self) -> bool:
        """Whether networks or data must be asked."""
        return self.real or self.verdicts or self.detailed is not None


class Detail(NamedTuple):
    """What there is about digit ``number``; ``change`` (height, width) is a signed picture."""

    number: int
    neighbour: Neighbour | None
    change: Images | None


class Findings(NamedTuple):
    """What was found about ``pictures`` (n, height, width): those of ``samples``, or real ones."""

    samples: SamplesDrawn
    real: bool
    pictures: Images
    verdicts: Verdicts | None
    detail: Detail | None


def find(samples: SamplesDrawn, wish: Wish) -> Question[Findings]:
    """The question that fulfils ``wish`` for the digits of ``samples``."""

    def question(trainer: Trainer) -> Findings:
        assert isinstance(trainer, GanTrainer)
        pictures = real_digits(trainer) if wish.real else pictures_of(samples)
        labels = trainer.shown_labels[: len(pictures)]
        rows = pictures.reshape(len(pictures), -1)
        number, detail = wish.detailed, None
        if number is not None and number < len(rows):
            row, label = rows[number], int(labels[number])
            nearest = nearest_training_image(trainer, row) if wish.nearest else None
            change = None
            if wish.change:
                wanted = wanted_change(trainer, row, label)
                change = signed_bytes(wanted.reshape(1, *pictures.shape[1:]), SEEN)[0]
            detail = Detail(number, nearest, change)
        return Findings(
            samples,
            wish.real,
            pictures,
            verdicts_on(trainer, rows, labels) if wish.verdicts else None,
            detail,
        )

    return question
