"""Histograms that mirror each other."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mnist_tui.render.histogram import Mirrored, mirrored_histogram
from mnist_tui.render.parts import PlotColours
from mnist_tui.terminal import RenderMode

PLAIN = RenderMode(unicode=False, shades=False)
NO_COLOUR = RenderMode(colour=False, shades=False)
COLOURS = PlotColours("#444444", "#888888", "#ffaa00", "#000000")


def mirrored(up: list[int], down: list[int], line: float | None = None) -> Mirrored:
    return Mirrored(up, down, (0.0, 1.0), ("#0000ff", "#00ff00"), ("0", "1"), line, "0.5")


def rows(one: Mirrored, width: int, height: int, mode: RenderMode) -> list[str]:
    strips = mirrored_histogram(one, width, height, COLOURS, mode)
    return [strip.text.rstrip() for strip in strips]


def test_one_rises_and_the_other_hangs_to_one_scale_of_shares() -> None:
    one = mirrored([1, 0, 3, 0], [0, 4, 0, 4])  # a quarter and three; two halves
    assert rows(one, 8, 7, PLAIN) == [
        "    ##",
        "    ##",
        "##  ##",
        "0 ---- 1",
        "  oo  oo",
        "  oo  oo",
        "",
    ]


def test_what_is_rare_is_seen() -> None:
    one = mirrored([1, 999], [999, 1])
    assert rows(one, 4, 3, PLAIN) == ["####", "0  1", "oooo"]
    assert rows(one, 4, 3, RenderMode()) == ["▁▁██", "0  1", "██▇▇"], "ink and paper exchanged"
    assert rows(one, 4, 3, NO_COLOUR) == ["▄▄██", "0  1", "██▀▀"], "halves, where they cannot be"


def test_a_line_stands_where_the_verdict_changes() -> None:
    told = rows(mirrored([1, 0, 0, 0, 0], [0, 0, 0, 0, 1], 0.5), 15, 5, PLAIN)
    assert told == ["###    :", "###    :", "0 --- 0.5 --- 1", "       :    ooo", "       :    ooo"]


def test_a_line_beyond_what_is_seen_is_left_out() -> None:
    assert ":" not in "".join(rows(mirrored([1, 0], [0, 1], 1.5), 9, 5, PLAIN))


@given(
    st.integers(0, 90),
    st.integers(0, 20),
    st.lists(st.integers(0, 10**6), min_size=20, max_size=20),
    st.sampled_from([RenderMode(), PLAIN, NO_COLOUR]),
)
def test_every_size_can_be_drawn(
    width: int, height: int, counts: list[int], mode: RenderMode
) -> None:
    strips = mirrored_histogram(mirrored(counts, counts[::-1], 0.5), width, height, COLOURS, mode)
    assert len(strips) == height
    assert {len(strip.text) for strip in strips} <= {width}
