"""Where panels lie: columns that are filled from the most wanted panel to the least."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

THREE_COLUMNS = 150
"""Cells of width from which on there are three columns; below there are two."""

WIDTHS = {2: (46, 54), 3: (36, 28, 36)}
"""Shares of the width, by the number of columns."""

TIGHT = 100
"""Below this width the pictures' column, the last, has more of it, and no gap before it."""

TIGHT_WIDTHS = (40, 60)


@dataclass(frozen=True)
class Slot:
    """How much room a panel wants, frame included.

    ``columns`` are those it lies in where there are two, and where there are three. It is shown
    without being asked for where ``comfortable`` rows are left for it, and has ``least`` rows at
    least; what remains is shared out by ``weight``.
    """

    columns: tuple[int, int]
    least: int
    comfortable: int
    weight: int = 1

    def column(self, count: int) -> int:
        """Its column where there are ``count``."""
        return self.columns[count - 2]


class Rectangle(NamedTuple):
    """A place in cells."""

    x: int
    y: int
    width: int
    height: int


def arrange(
    slots: dict[int, Slot],
    width: int,
    height: int,
    wanted: Sequence[int] = (),
    unwanted: Collection[int] = (),
) -> dict[int, Rectangle]:
    """The places of the panels that are seen, by their numbers.

    ``slots`` come in the order in which panels are wanted where nobody has asked for any.
    ``wanted`` are those that a person asked for, the last one first to be served, and ``unwanted``
    those that a person put away. No column is left empty where any panel belongs there.
    """
    count = 3 if width >= THREE_COLUMNS else 2
    asked = [number for number in reversed(wanted) if number in slots]
    others = [number for number in slots if number not in asked and number not in unwanted]
    columns: list[list[int]] = [[] for _ in range(count)]
    free = [height] * count
    for number in asked + others:
        slot = slots[number]
        home = slot.column(count)
        rows = slot.least if number in asked else slot.comfortable
        if rows <= free[home] or not columns[home]:
            columns[home].append(number)
            free[home] -= rows
    filled = [column for column in columns if column]
    shares = [_shares(count, width)[home] for home, column in enumerate(columns) if column]
    gap = 0 if width < TIGHT else 1
    places: dict[int, Rectangle] = {}
    x = 0
    for column, columns_width in zip(
        filled, divided(width - gap * (len(filled) - 1), shares), strict=True
    ):
        y = 0
        order = [number for number in slots if number in column]
        heights = _heights([slots[number] for number in order], height)
        for number, rows in zip(order, heights, strict=True):
            places[number] = Rectangle(x, y, columns_width, rows)
            y += rows
        x += columns_width + gap
    return places


def divided(total: int, shares: Sequence[int]) -> list[int]:
    """``total`` in whole parts of these shares, nothing left over."""
    edges = [0]
    for share in shares:
        edges.append(edges[-1] + share)
    ends = [round(total * edge / max(edges[-1], 1)) for edge in edges]
    return [end - begin for begin, end in pairwise(ends)]


def _shares(count: int, width: int) -> tuple[int, ...]:
    return TIGHT_WIDTHS if width < TIGHT else WIDTHS[count]


def _heights(slots: Sequence[Slot], height: int) -> list[int]:
    """Rows by weight, but for none fewer than its least where that can be had."""
    rows = divided(height, [slot.weight for slot in slots])
    if sum(slot.least for slot in slots) > height:
        return rows
    while any(have < slot.least for have, slot in zip(rows, slots, strict=True)):
        richest = max(range(len(rows)), key=lambda one: rows[one] - slots[one].least)
        poorest = min(range(len(rows)), key=lambda one: rows[one] - slots[one].least)
        rows[richest] -= 1
        rows[poorest] += 1
    return rows
