"""One line put together from pieces, the least important of which give way when room is short."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from mnist_tui.render.colours import style


@dataclass(frozen=True)
class Piece:
    """Some words of one colour. ``importance`` 0 always stays; the highest number goes first.

    ``gap`` blanks stand before it, unless it comes first; with a gap of at most 1 it belongs to the
    piece before, and goes with it. ``click`` is a Textual action that a click runs.
    """

    text: str
    colour: str = ""
    bold: bool = False
    importance: int = 0
    gap: int = 2
    click: str = ""


def line(pieces: Sequence[Piece], width: int, ellipsis: str = "…") -> Strip:
    """Fit pieces into a strip of ``width`` cells."""
    kept = fit(pieces, width)
    segments: list[Segment] = []
    room = width
    for number, piece in enumerate(kept):
        gap = piece.gap if number else 0
        text = piece.text
        if gap + cell_len(text) > room:
            text = shorten(text, room - gap, ellipsis)
        if not text:
            continue
        segments.append(Segment(" " * gap, style()))
        segments.append(Segment(text, _style(piece)))
        room -= gap + cell_len(text)
    segments.append(Segment(" " * room, style()))
    return Strip([segment for segment in segments if segment.text], width)


def fit(pieces: Sequence[Piece], width: int) -> list[Piece]:
    """Leave groups out, the least important first and of equals the last, until all fits."""
    groups: list[list[Piece]] = []
    for piece in pieces:
        if not piece.text:
            continue
        if groups and piece.gap <= 1:
            groups[-1].append(piece)
        else:
            groups.append([piece])
    while (kept := list(chain(*groups))) and _width(kept) > width:
        ranks = [group[0].importance for group in groups]
        importance = max(ranks)
        if importance == 0:
            break
        del groups[len(ranks) - 1 - ranks[::-1].index(importance)]
    return kept


def shorten(text: str, width: int, ellipsis: str = "…") -> str:
    """Cut ``text`` to ``width`` cells, an ellipsis at its end; between words where they are short.

    A word that takes more than a third of the room is cut: of it at least a part is seen then.
    """
    if cell_len(text) <= width:
        return text
    if width <= len(ellipsis):
        return ellipsis[: max(width, 0)]
    kept = set_cell_size(text, width - len(ellipsis))
    words, _, part = kept.rpartition(" ")
    cut_within = not text[len(kept) :].startswith(" ")
    if words and cut_within and 3 * cell_len(part) <= width:
        kept = words.rstrip(",;:")
    return kept.rstrip() + ellipsis


def _width(pieces: Sequence[Piece]) -> int:
    gaps = sum(piece.gap for piece in pieces[1:])
    return gaps + sum(cell_len(piece.text) for piece in pieces)


def _style(piece: Piece) -> Style:
    plain = style(piece.colour, bold=piece.bold)
    return plain + Style.from_meta({"@click": piece.click}) if piece.click else plain
