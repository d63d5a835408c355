"""What the first layer looks for, a picture for each of its units."""

from __future__ import annotations

from typing import NamedTuple

from textual.strip import Strip

from mnist_engine.inspection.weights import first_weights
from mnist_engine.runs.state import Snapshot
from mnist_engine.training.events import Task
from mnist_engine.training.questions import Question
from mnist_engine.training.trainer import Trainer
from mnist_tui.monitor.inquiry import Inquiry
from mnist_tui.monitor.looking import Looking
from mnist_tui.monitor.panels.panel import RunPanel
from mnist_tui.monitor.widgets.panel import LegendEntry
from mnist_tui.render.digits import Digits, Images, signed_bytes
from mnist_tui.render.pixels import DigitColours
from mnist_tui.render.sheet import sheet_of
from mnist_tui.terminal import RenderMode

MOST = 100
"""Units that are brought to the screen."""

LEAST_SIDE = 8
"""Pixels. Kernels are enlarged, so that one weight is several of them."""


class Weights(NamedTuple):
    """``pictures`` are signed, (n, height, width); the layer has so many ``units``."""

    pictures: Images
    units: int


class FirstWeights(RunPanel):
    """The first layer of the classifier, or of the discriminator; anew with each epoch."""

    def __init__(
        self, mode: RenderMode, task: Task | None = None, *, id: str | None = None
    ) -> None:
        super().__init__(mode, task, id=id)
        self._weights: Weights | None = None
        self._asked: tuple[object, ...] | None = None
        self._unanswered = False
        self._inquiry: Inquiry[Weights] = Inquiry(
            self, self._on_weights, self._on_failure, quietly=True
        )

    @property
    def looks(self) -> bool:
        """Weights are those of networks."""
        return self._weights is not None

    def show_news(self, before: Snapshot, now: Snapshot) -> None:
        """Once an epoch, and with every step that a person looks at."""
        if _moment(before) != _moment(now):
            self.redraw()

    def draw(self, width: int, height: int) -> list[Strip]:
        """The units whose weights are longest, as large as they fit."""
        waits = self._ask() and not self._unanswered
        palette, weights = self.palette, self._weights
        short = "First weights"
        name = f"{short} of D" if self.is_gan else short
        if weights is None:
            self.set_title((name,))
            text = "waiting for the networks" if waits else "no networks to look into"
            return self.message(text, width, height)
        digits = Digits(weights.pictures, 1, signed=(True,) * len(weights.pictures))
        sheet = sheet_of(digits, width, height, self.mode)
        seen = min(sheet.grid.count if sheet.grid else 0, len(weights.pictures))
        signs = ("■", "■") if self.mode.half_blocks else ("+#", "-=")
        self.set_title(
            (f"{name}: {seen} of {weights.units} units, longest first", name, short),
            [
                LegendEntry(signs[0], palette.bad, "ink", ""),
                LegendEntry(signs[1], palette.first, "no ink", ""),
            ],
        )
        return sheet.strips(digits, DigitColours.of(palette), self.mode)

    def _ask(self) -> bool:
        """Ask where the moment is another by now; False where nobody can be asked."""
        screen, moment = self.screen, _moment(self.snapshot)
        if not isinstance(screen, Looking) or screen.looker is None:
            return False
        if self.snapshot.started is not None and moment != self._asked:
            self._asked = moment
            network = "discriminator" if self.is_gan else "classifier"
            urgent = self.snapshot.phase != "training"
            self._inquiry.ask(screen, _weights_of(network), urgent)
        return True

    def _on_weights(self, weights: Weights) -> None:
        self._weights, self._unanswered = weights, False
        self.redraw()

    def _on_failure(self) -> None:
        self._unanswered = True
        self.redraw()


def _moment(snapshot: Snapshot) -> tuple[object, ...]:
    held = None if snapshot.phase == "training" else snapshot.step
    return snapshot.epoch, snapshot.phase, held


def _weights_of(network: str) -> Question[Weights]:
    def question(trainer: Trainer) -> Weights:
        weights = first_weights(trainer, network)
        pictures = signed_bytes(weights[:MOST])
        times = -(-LEAST_SIDE // max(pictures.shape[1:]))
        return Weights(pictures.repeat(times, axis=1).repeat(times, axis=2), len(weights))

    return question
