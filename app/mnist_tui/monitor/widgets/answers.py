"""What a drawing looks like to a network, and what it is taken for."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from textual.strip import Strip

from mnist_engine.inspection.read import Opinion
from mnist_tui.figures import a_digit
from mnist_tui.monitor.widgets.panel import Panel
from mnist_tui.render.bars import Bar, BarColours, draw_bar
from mnist_tui.render.cells import Cells
from mnist_tui.render.digits import Digits
from mnist_tui.render.pixels import DigitColours
from mnist_tui.render.sheet import digit_strips

VALUE = 4
"""Cells of a percentage."""


class SeenPicture(Panel):
    """The drawing, in the form of the pictures that the network knows."""

    _picture: NDArray[np.uint8] | None = None

    def show(self, picture: NDArray[np.uint8]) -> None:
        """Show ``picture`` (height, width)."""
        self._picture = picture
        self.redraw()

    def draw(self, width: int, height: int) -> list[Strip]:
        """As large as it fits."""
        self.set_title(("As networks see it",))
        if self._picture is None:
            return self.message("", width, height)
        colours = DigitColours.of(self.palette)
        return digit_strips(Digits(self._picture[None], 1), width, height, colours, self.mode)


class AnswerBars(Panel):
    """A bar for the probability of each class, and what the discriminator says."""

    _opinion: Opinion | None = None
    _judged = False

    def show(self, opinion: Opinion | None, judged: bool) -> None:
        """Show ``opinion``, None where nothing is drawn; ``judged`` says that the judge gave it."""
        self._opinion, self._judged = opinion, judged
        self.redraw()

    def draw(self, width: int, height: int) -> list[Strip]:
        """The most probable class stands out."""
        palette, opinion = self.palette, self._opinion
        if opinion is None:
            self.set_title(("Taken for",))
            return self.message("nothing yet", width, height)
        probabilities = opinion.probabilities
        verdict = _verdict(opinion)
        cells = Cells(width, height)
        if not len(probabilities):
            self.set_title(("The discriminator", "D"))
            return self.message(verdict, width, height)
        top = int(probabilities.argmax())
        unsure = not probabilities.any()
        self.set_title(_titles(top, self._judged, unsure))
        rows = height - 2 * bool(verdict)
        first = max((rows - len(probabilities)) // 2, 0)
        label = len(str(len(probabilities) - 1))
        for y, number in enumerate(shown_classes(probabilities, rows), first):
            probability = probabilities[number]
            is_top = number == top and not unsure
            text = palette.text if is_top else palette.quiet
            cells.write(0, y, f"{number:>{label}}", text, is_top)
            colour = palette.first if is_top else palette.faint
            colours = BarColours(palette.background, colour, colour, text, text)
            bar = Bar(str(number), round(float(probability), 2))
            room = width - label - 2 - VALUE
            draw_bar(cells, label + 1, y, room, bar, colours, self.mode)
            share = f"{probability:.0%}".rjust(VALUE)
            cells.write(width - VALUE, y, share, text, is_top)
        if verdict:
            cells.write(0, height - 1, verdict, palette.text)
        return cells.strips()


def shown_classes(probabilities: NDArray[np.float64], rows: int) -> list[int]:
    """As many classes as have room, in order: all, or the most probable ones."""
    probable: list[int] = np.argsort(-probabilities, kind="stable")[:rows].tolist()
    return sorted(probable)


def _titles(top: int, judged: bool, unsure: bool) -> tuple[str, ...]:
    if unsure:
        return ("No answer",)
    if judged:
        return (f"The judge: {a_digit(top)}",)
    return (f"Taken for {a_digit(top)}",)


def _verdict(opinion: Opinion) -> str:
    """The discriminator's, in words where the game has a boundary."""
    if opinion.score is None:
        return ""
    score = f"D {opinion.score:.2f}"
    if opinion.boundary is None:
        return score
    return f"{score}: {'real' if opinion.score > opinion.boundary else 'not real'}"
