"""A window that is dragged about while the program trains in it."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from .conftest import DIRT, Terminal

RESIZES_PER_SECOND = 30
SMALL = (20, 5)
ENDLESS = ("--limit", "4000", "--epochs", "5000", "--threads", "1", "--run-dir", "run")


@pytest.mark.parametrize(
    ("large", "seconds"),
    [((120, 36), 0.5), pytest.param((300, 100), 10, marks=pytest.mark.slow)],
)
def test_a_storm_of_sizes_leaves_no_stale_cell(open_terminal, large, seconds):
    terminal = open_terminal("gan", *ENDLESS, columns=large[0], lines=large[1])
    terminal.wait_for("training", "Loss", "steps/s")
    resizes = round(seconds * RESIZES_PER_SECOND / 2)
    drag(terminal, large, SMALL, resizes)
    terminal.wait_for("Too small")
    drag(terminal, SMALL, large, resizes)
    terminal.press(" ")
    terminal.wait_for("paused", "steps/s")
    assert_painted_as_anew(terminal)
    terminal.press("\x11", "\x11")  # ctrl+q: leave, yes
    assert terminal.wait_for_end() == 0
    assert terminal.restored
    assert b"Traceback" not in terminal.output


def drag(terminal: Terminal, begin: tuple[int, int], end: tuple[int, int], resizes: int) -> None:
    """Give the terminal so many sizes between the two, and wait until each cell is painted."""
    due = time.monotonic()
    for columns, lines in sizes_between(begin, end, resizes):
        due += 1 / RESIZES_PER_SECOND
        terminal.program.setwinsize(lines, columns)
        terminal.skip(due - time.monotonic())
    terminal.resize(*end)
    terminal.wait_until_gone(DIRT)


def sizes_between(
    begin: tuple[int, int], end: tuple[int, int], count: int
) -> Iterator[tuple[int, int]]:
    """So many sizes from the one on, the other left out."""
    for number in range(count):
        share = number / count
        yield tuple(round(a + (b - a) * share) for a, b in zip(begin, end, strict=True))


def assert_painted_as_anew(terminal: Terminal) -> None:
    """What is seen is what a terminal would show that begins empty."""
    terminal.wait_for_silence()
    seen = terminal.cells
    columns, lines = terminal.screen.columns, terminal.screen.lines
    terminal.resize(columns - 1, lines)
    terminal.wait_until_gone(DIRT)
    terminal.resize(columns, lines)
    terminal.wait_until_gone(DIRT)
    terminal.wait_for_silence()
    wrong = [
        f"({x}, {y}) {old!r} is {new!r} anew"
        for y, (before, after) in enumerate(zip(seen, terminal.cells, strict=True))
        for x, (old, new) in enumerate(zip(before, after, strict=True))
        if old != new
    ]
    assert not wrong, f"{len(wrong)} cells are stale:\n" + "\n".join(wrong[:5])
