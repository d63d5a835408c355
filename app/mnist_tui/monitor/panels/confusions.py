"""What a classifier takes for what."""

from __future__ import annotations

from textual.strip import Strip

from mnist_engine.runs.state import Snapshot
from mnist_engine.training.answers import Answers
from mnist_tui.figures import counted
from mnist_tui.monitor.panels.panel import RunPanel
from mnist_tui.render.matrix import count_matrix, fits
from mnist_tui.render.text import Piece, line


class ConfusionMatrix(RunPanel):
    """Its answers to the validation images at the end of the last epoch: a row for each label.

    Counts, or percent of each row where there is no room for counts.
    """

    def show_news(self, before: Snapshot, now: Snapshot) -> None:
        """There are answers once an epoch."""
        if before.answers is not now.answers:
            self.redraw()

    def draw(self, width: int, height: int) -> list[Strip]:
        """The matrix, or what it waits for."""
        answers = self.snapshot.answers
        if answers is None:
            self.set_title(("Confusion matrix", "Confusion"))
            return self.message("after the first epoch", width, height)
        percent = not fits(answers.confusion, width)
        unit = ", %" if percent else ""
        down, across = ("labels ↓", "answers →") if self.mode.unicode else ("labels v", "answers >")
        self.set_title(
            (
                f"Confusion matrix{unit}: {down} {across}",
                f"Confusion{unit}: {down} {across}",
                f"Confusion matrix{unit}",
                "Confusion",
            )
        )
        told = height > len(answers.confusion) + 2
        strips = count_matrix(
            answers.confusion, width, height - told, self.palette, self.mode, percent
        )
        if told:
            strips.append(line(self._worst(answers), width, self.mode.ellipsis))
        return strips

    def _worst(self, answers: Answers) -> list[Piece]:
        """The most frequent confusion, in words."""
        quiet = self.palette.quiet
        found = answers.confusions(1)
        if not found:
            return [Piece("no mistake", quiet)]
        (worst,) = found
        epoch = self.snapshot.epochs["validation accuracy"].x[-1]
        return [
            Piece(f"epoch {epoch:.0f}: most often took", quiet),
            Piece(f"{worst.label} for {worst.answer}", gap=1),
            Piece(f"({counted(worst.times, 'time')})", quiet, importance=1),
        ]
