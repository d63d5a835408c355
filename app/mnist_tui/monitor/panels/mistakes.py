"""The answers that a classifier gave most confidently, and wrongly."""

from __future__ import annotations

from textual.strip import Strip

from mnist_engine.inspection.examples import pictures_of_mistakes
from mnist_engine.runs.state import Snapshot
from mnist_engine.training.answers import Answers
from mnist_engine.training.events import Task
from mnist_engine.training.trainer import Trainer
from mnist_tui.monitor.inquiry import Inquiry
from mnist_tui.monitor.looking import Looking
from mnist_tui.monitor.panels.panel import RunPanel
from mnist_tui.render.digits import Digits, Images
from mnist_tui.render.pixels import DigitColours
from mnist_tui.render.sheet import digit_strips
from mnist_tui.render.spelling import spelled
from mnist_tui.render.text import Piece, line
from mnist_tui.terminal import RenderMode

Asked = tuple[Answers, Images | None]


class MistakeGallery(RunPanel):
    """The worst mistakes of the last epoch, and in the end those on the test set.

    With pictures where networks, and with them the data, can be asked; else in words.
    """

    def __init__(
        self, mode: RenderMode, task: Task | None = None, *, id: str | None = None
    ) -> None:
        super().__init__(mode, task, id=id)
        self._pictures: Asked | None = None
        self._asked: Answers | None = None
        self._inquiry: Inquiry[Asked] = Inquiry(
            self, self._on_pictures, self._on_failure, quietly=True
        )

    def show_news(self, before: Snapshot, now: Snapshot) -> None:
        """Once an epoch."""
        if _answers(before) is not _answers(now):
            self.redraw()

    def draw(self, width: int, height: int) -> list[Strip]:
        """Pictures in rows, the worst first, or lines."""
        answers, on_test = _answers(self.snapshot), _are_of_test(self.snapshot)
        where = "of the test set" if on_test else "of the validation images"
        self.set_title((f"Worst mistakes {where}", "Worst mistakes"))
        if answers is None:
            return self.message("after the first epoch", width, height)
        if not answers.mistakes:
            return self.message("no mistakes", width, height)
        self._ask(answers, on_test)
        if self._pictures is None or self._pictures[0] is not answers or self._pictures[1] is None:
            return self._words(answers, width, height)
        digits = Digits(
            self._pictures[1],
            columns=1,
            captions=tuple(
                f"{one.caption} {_percent(one.probability)}" for one in answers.mistakes
            ),
            wrong=(True,) * len(answers.mistakes),
        )
        return digit_strips(digits, width, height, DigitColours.of(self.palette), self.mode)

    def _words(self, answers: Answers, width: int, height: int) -> list[Strip]:
        palette = self.palette
        rows = [
            line(
                [
                    Piece(spelled(one.caption, self.mode), palette.bad, bold=True),
                    Piece(f"{one.probability:.2%}", palette.text),
                    Piece(f"picture {one.index:,}", palette.quiet, importance=1),
                ],
                width,
                self.mode.ellipsis,
            )
            for one in answers.mistakes[:height]
        ]
        return rows + [line([], width)] * (height - len(rows))

    def _ask(self, answers: Answers, on_test: bool) -> None:
        screen = self.screen
        if self._asked is answers or not isinstance(screen, Looking) or screen.looker is None:
            return
        self._asked = answers

        def question(trainer: Trainer) -> Asked:
            return answers, pictures_of_mistakes(trainer, answers.mistakes, on_test)

        self._inquiry.ask(screen, question, urgent=self.snapshot.phase != "training")

    def _on_pictures(self, found: Asked) -> None:
        self._pictures = found
        self.redraw()

    def _on_failure(self) -> None:
        self._asked = None


def _percent(probability: float) -> str:
    """Nothing but certainty is 100%."""
    return ">99%" if 0.99 < probability < 1 else f"{probability:.0%}"


def _are_of_test(snapshot: Snapshot) -> bool:
    return snapshot.finished is not None and snapshot.finished.answers is not None


def _answers(snapshot: Snapshot) -> Answers | None:
    finished = snapshot.finished.answers if snapshot.finished else None
    return finished or snapshot.answers
