"""Which panels have room, and where."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_tui.monitor.board.arranging import Slot, arrange, divided
from mnist_tui.monitor.panels.kinds import KINDS

SLOTS = {kind.number: kind.slot for kind in KINDS if kind.belongs("gan")}
THREE = {1: Slot((0, 0), 8, 10, 3), 2: Slot((0, 1), 7, 9, 2), 3: Slot((1, 2), 12, 15, 5)}


@given(
    st.integers(60, 400),
    st.integers(12, 120),
    st.lists(st.sampled_from(sorted(SLOTS)), unique=True),
    st.sets(st.sampled_from(sorted(SLOTS))),
)
def test_panels_fill_their_columns_without_gap_or_overlap(
    width: int, height: int, wanted: list[int], unwanted: set[int]
) -> None:
    places = arrange(SLOTS, width, height, wanted, unwanted - set(wanted))
    columns: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for place in places.values():
        columns.setdefault((place.x, place.width), []).append((place.y, place.height))
    for column in columns.values():
        reached = 0
        for y, rows in sorted(column):
            assert y == reached
            reached += rows
        assert reached == height
    reached = 0
    for x, cells in sorted(columns):
        assert x in (reached, reached + 1)
        reached = x + cells
    assert not places or reached == width
    assert not places.keys() & (unwanted - set(wanted))


def test_what_is_asked_for_comes_before_what_is_not() -> None:
    assert set(arrange(THREE, 120, 16)) == {1, 3}
    assert set(arrange(THREE, 120, 16, wanted=[2])) == {2, 3}
    assert set(arrange(THREE, 120, 15, wanted=[2, 1])) == {1, 2, 3}, "with as few rows as they can"
    assert set(arrange(THREE, 120, 14, wanted=[2, 1])) == {1, 3}, "the last wish comes first"


def test_what_was_put_away_gives_its_room_to_others() -> None:
    places = arrange(THREE, 120, 30, unwanted={3})
    assert set(places) == {1, 2}
    assert places[1].width == 120


def test_a_column_is_never_empty_where_a_panel_belongs_there() -> None:
    assert set(arrange(THREE, 100, 5)) == {1, 3}


def test_a_wide_screen_has_three_columns() -> None:
    places = arrange(THREE, 160, 40)
    assert {place.x for place in places.values()} == {0, 58, 103}
    assert [place.height for place in places.values()] == [40, 40, 40]


@pytest.mark.parametrize(("total", "shares"), [(100, (1, 1, 1)), (7, (3, 2)), (0, (1, 2)), (5, ())])
def test_parts_make_up_the_whole(total: int, shares: tuple[int, ...]) -> None:
    assert sum(divided(total, shares)) == (total if shares else 0)
