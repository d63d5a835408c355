"""One operation of a tape: its formula, its derivative, and whether that is right."""

from __future__ import annotations

import math
from collections.abc import Sequence
from textwrap import wrap

from textual.strip import Strip

from mnist_engine.inspection.checked import Check
from mnist_engine.inspection.derivatives import EXPLANATIONS, Explanation
from mnist_engine.inspection.recorded import Row
from mnist_tui.figures import counted
from mnist_tui.monitor.widgets.panel import Panel
from mnist_tui.render.text import Piece, line

PLAIN = {
    "²": "^2", "ⁿ⁻¹": "^(n-1)", "ⁿ": "^n", "⁻ˣ": "^-x", "ˣ": "^x", "√": "sqrt", "Σ": "sum ",
    "σ": "s", "ᵀ": "^T", "γ": "gamma", "β": "beta", "μ": "mu", "ε": "eps", "x̂": "x^", "₁": "1",
    "₂": "2", "ᵢ": "_i", "ⱼ": "_j", "ₖ": "_k",
}  # fmt: skip
"""How formulas are spelled in plain characters."""

MOST_DIGITS = 15
"""In which two numbers can be said to agree: a float64 has no more."""


class Derivative(Panel):
    """What flows back through the chosen operation, in formulas, words and numbers."""

    _row: Row | None = None
    _checks: Sequence[Check] | None = None
    _waits = False

    def show(self, row: Row | None, checks: Sequence[Check] | None, waits: bool) -> None:
        """Show an operation, with ``checks`` where it was checked; ``waits`` for them."""
        self._row, self._checks, self._waits = row, checks, waits
        self.redraw()

    def draw(self, width: int, height: int) -> list[Strip]:
        """Formulas, then what was checked."""
        row, palette = self._row, self.palette
        if row is None:
            self.set_title(("Derivative",))
            return self.message("", width, height)
        self.set_title((f"{row.number + 1} {row.name}", row.name))
        told = EXPLANATIONS.get(row.name, Explanation(row.name, "", ""))
        lines: list[list[Piece]] = [[Piece(self._spelled(told.formula), palette.text, True)]]
        for text, colour in ((told.derivative, palette.text), (told.words, palette.quiet)):
            lines += [[Piece(part, colour)] for part in wrap(self._spelled(text), width)]
        lines += [[], *self._checked()]
        strips = [line(pieces, width, self.mode.ellipsis) for pieces in lines[:height]]
        return strips + [line([], width)] * (height - len(strips))

    def _spelled(self, text: str) -> str:
        return text if self.mode.unicode else plain(text)

    def _checked(self) -> list[list[Piece]]:
        palette, checks = self.palette, self._checks
        assert self._row is not None
        if checks is None:
            if self._row.gradient_norm is None:
                return [
                    [Piece("The loss does not depend on it: nothing flows back.", palette.quiet)]
                ]
            if self._waits:
                return [[Piece(f"checking{self.mode.ellipsis}", palette.quiet)]]
            return [
                [
                    Piece("enter", palette.accent, True),
                    Piece("checks that, by difference quotients in float64", palette.quiet, gap=1),
                ]
            ]
        if not checks:
            return [[Piece("There is nothing to check: no gradient passes.", palette.quiet)]]
        names = f"{'by':<9}{'along':<13}{'derivative':>14}{'difference quotient':>21}"
        pieces = [[Piece(names, palette.quiet)]]
        for check in sorted(checks, key=lambda one: one.along == "chance"):
            numbers = f"{check.argument:<9}{check.along:<13}{check.analytic:>14.7g}"
            numbers += f"{check.numeric:>21.7g}"
            colour = palette.good if check.agrees else palette.bad
            pieces.append(
                [Piece(numbers, palette.text), Piece(verdict(check), colour, not check.agrees)]
            )
        kinks = max(check.kinks for check in checks)
        if kinks:
            words = f"{counted(kinks, 'number')} at a kink, where there is no derivative, left out"
            pieces.append([Piece(words, palette.quiet)])
        return pieces


def verdict(check: Check) -> str:
    """Whether both slopes agree, in a few words."""
    if not (math.isfinite(check.analytic) and math.isfinite(check.numeric)):
        return "no numbers"
    if not check.agrees:
        return "DIFFER"
    error = check.error
    digits = MOST_DIGITS if error == 0 else min(int(-math.log10(error)), MOST_DIGITS)
    return "agree" if digits < 4 else f"agree, {digits} digits"


def plain(text: str) -> str:
    """A formula in plain characters."""
    for sign, word in PLAIN.items():
        text = text.replace(sign, word)
    return text
