"""Tables of counts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_tui.render.matrix import count_matrix, fits
from mnist_tui.render.palette import DARK, palette
from mnist_tui.terminal import RenderMode

PLAIN = RenderMode(unicode=False, shades=False)
COLOURS = palette(DARK, dark=True)
COUNTS = ((90, 10, 0), (0, 199, 1), (2, 0, 98))


def rows(width: int, height: int, mode: RenderMode = PLAIN, percent: bool = False) -> list[str]:
    strips = count_matrix(COUNTS, width, height, COLOURS, mode, percent)
    return [strip.text.rstrip() for strip in strips]


def test_a_row_is_a_label_and_a_column_an_answer() -> None:
    assert rows(14, 4) == ["    0   1   2", "0  90  10   .", "1   . 199   1", "2   2   .  98"]


def test_percent_are_those_of_a_row() -> None:
    assert rows(14, 4, percent=True)[1:] == ["0  90  10   .", "1   . 100   .", "2   2   .  98"]


def test_counts_fit_where_a_blank_is_left_before_each() -> None:
    assert fits(COUNTS, 14)
    assert not fits(COUNTS, 13)


@pytest.mark.parametrize("mode", [RenderMode(), RenderMode(tints=False)])
def test_only_what_is_wrong_is_tinted_and_the_worst_most(mode: RenderMode) -> None:
    strips = count_matrix(COUNTS, 14, 4, COLOURS, mode, percent=False)
    tints = {
        part.text.strip(): part.style.bgcolor.get_truecolor().red
        for strip in strips
        for part in strip
        if part.style.bgcolor is not None
    }
    assert tints.keys() == {"10", "1", "2"}
    assert tints["10"] > tints["2"] > tints["1"]


@given(st.integers(0, 90), st.integers(0, 20), st.booleans())
def test_every_size_can_be_drawn(width: int, height: int, percent: bool) -> None:
    strips = count_matrix(COUNTS, width, height, COLOURS, RenderMode(), percent)
    assert len(strips) == height
    assert {len(strip.text) for strip in strips} <= {width}
