"""Bars: how long, with what beside them, in how many columns."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_tui.render.bars import Bar, BarColours, bar_strips, bar_text
from mnist_tui.terminal import RenderMode

PLAIN = RenderMode(unicode=False, shades=False)
COLOURS = BarColours("#000000", "#00ff00", "#ffffff", "#888888", "#cccccc")


def rows(bars: list[Bar], width: int, height: int, mode: RenderMode) -> list[str]:
    return [strip.text.rstrip() for strip in bar_strips(bars, width, height, COLOURS, mode)]


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.0, "    "), (0.5, "██  "), (0.53, "██▏ "), (1.0, "████"), (1e-9, "▏   "), (7, "████")],
)
def test_a_bar_is_as_long_as_its_share(share: float, text: str) -> None:
    assert bar_text(share, 4, RenderMode()) == text


@given(st.floats(0, 1), st.integers(0, 60))
def test_a_longer_share_is_never_a_shorter_bar(share: float, width: int) -> None:
    def length(share: float) -> int:
        text = bar_text(share, width, RenderMode())
        assert len(text) == width
        return sum(" ▏▎▍▌▋▊▉█".index(character) for character in text)

    assert length(share / 2) <= length(share) <= length(1.0)


def test_what_is_hardly_there_is_seen_in_plain_characters_too() -> None:
    assert bar_text(0.01, 4, PLAIN) == ".   "
    assert bar_text(0.5, 4, PLAIN) == "##  "
    assert bar_text(0.0, 4, PLAIN) == bar_text(math.nan, 4, PLAIN) == "    "


def test_labels_bars_and_values_stand_in_line() -> None:
    bars = [Bar("0", 0.5, "5%"), Bar("10", 1.0, "10%")]
    assert rows(bars, 15, 2, PLAIN) == [" 0 ####      5%", "10 ######## 10%"]


def test_ticks_stand_at_their_shares_within_bars_and_beyond() -> None:
    bars = [Bar("0", 0.5, "", 0.75), Bar("1", 0.5, "", 0.25), Bar("2", 0.5, "", 1.0)]
    assert rows(bars, 10, 3, PLAIN) == ["0 ####  |", "1 ##|#", "2 ####   |"]


def test_a_tick_within_a_bar_is_cut_out_of_it() -> None:
    (strip,) = bar_strips([Bar("0", 1.0, "", 0.5)], 6, 1, COLOURS, RenderMode())
    (cut,) = [part for part in strip if part.text == "│"]
    assert cut.style.color.get_truecolor().hex == COLOURS.ground
    assert cut.style.bgcolor.get_truecolor().hex == COLOURS.bar


def test_bars_that_have_no_room_below_each_other_stand_side_by_side() -> None:
    bars = [Bar(str(number), 1.0) for number in range(4)]
    assert rows(bars, 13, 2, PLAIN) == ["0 ###   2 ###", "1 ###   3 ###"]


def test_bars_that_have_room_stand_apart() -> None:
    bars = [Bar(str(number), 1.0) for number in range(2)]
    assert rows(bars, 4, 5, PLAIN) == ["", "0 ##", "", "1 ##", ""]


@given(st.integers(0, 80), st.integers(0, 20), st.integers(0, 12))
def test_every_size_can_be_drawn(width: int, height: int, count: int) -> None:
    bars = [Bar(str(number), number / 9, "9.9%", 0.1) for number in range(count)]
    strips = bar_strips(bars, width, height, COLOURS, RenderMode())
    assert len(strips) == height
    assert {len(strip.text) for strip in strips} <= {width}
