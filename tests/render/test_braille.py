"""Lines are unbroken, go through their points, and take up no more dots than they need."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mnist_tui.render.braille import FIRST, braille, line_dots

WIDTH, HEIGHT = 40, 24
points = st.dictionaries(
    st.integers(0, WIDTH - 1), st.floats(0, HEIGHT, exclude_max=True), min_size=1
).map(lambda points: sorted(points.items()))


def line(points) -> np.ndarray:
    columns, rows = (np.array(part) for part in zip(*points, strict=True))
    return line_dots(columns, rows, (WIDTH, HEIGHT))[::-1]  # from the floor


@given(points)
def test_a_line_goes_through_its_points(points):
    dots = line(points)
    assert all(dots[int(row), column] for column, row in points)


@given(points)
def test_a_line_has_no_hole_and_ends_where_it_ends(points):
    dots = line(points)
    first, last = points[0][0], points[-1][0]
    assert not dots[:, :first].any()
    assert not dots[:, last + 1 :].any()
    runs = [np.flatnonzero(dots[:, column]) for column in range(first, last + 1)]
    assert all((np.diff(run) == 1).all() for run in runs), "each column is one piece"
    for here, there in pairwise(runs):
        assert here[0] - 1 <= there[-1], "neighbours touch, if only by a corner"
        assert there[0] - 1 <= here[-1]


@given(st.lists(st.integers(0, HEIGHT - 1), min_size=1, max_size=WIDTH, unique=True).map(sorted))
def test_a_rising_line_takes_each_row_once(rows):
    dots = line(list(enumerate(map(float, rows))))
    assert dots.sum() == rows[-1] - rows[0] + 1


def test_a_falling_line_is_the_mirror_of_a_rising_one():
    steep = [(0, 0.0), (3, 20.0), (10, 23.0)]
    mirrored = [(WIDTH - 1 - column, row) for column, row in reversed(steep)]
    assert (line(steep)[:, ::-1] == line(mirrored)).all()


def test_no_points_are_no_dots():
    assert not line_dots(np.zeros(0, dtype=int), np.zeros(0), (4, 4)).any()


def test_characters_hold_the_dots_of_their_cells():
    dots = np.zeros((4, 4), dtype=bool)
    dots[0, 0] = dots[3, 1] = dots[1, 3] = True
    assert braille(dots).tolist() == [[FIRST + 0x81, FIRST + 0x10]]
    assert chr(braille(np.ones((4, 2), dtype=bool))[0, 0]) == "⣿"
