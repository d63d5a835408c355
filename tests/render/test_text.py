"""A line gives up what matters least, whole groups at a time."""

from __future__ import annotations

import pytest

from mnist_tui.render.text import Piece, fit, line, shorten

PIECES = [
    Piece("step 5"),
    Piece("667", importance=2),
    Piece("steps/s", importance=2, gap=1),
    Piece("0:16", importance=1),
    Piece("left", importance=1, gap=1),
]


def test_all_is_shown_where_it_fits():
    assert line(PIECES, 40).text == "step 5  667 steps/s  0:16 left".ljust(40)


def test_the_least_important_group_goes_first_and_whole():
    assert line(PIECES, 29).text.rstrip() == "step 5  0:16 left"
    assert line(PIECES, 16).text.rstrip() == "step 5"


def test_what_must_stay_is_cut_with_an_ellipsis():
    assert line(PIECES, 5).text == "step…"
    assert line([Piece("a long word")], 8, "...").text == "a lon..."


@pytest.mark.parametrize(
    ("width", "shown"),
    [
        (24, "512 hidden units, AdamW…"),
        (23, "512 hidden units…"),
        (16, "512 hidden…"),
        (11, "512 hidden…"),
        (10, "512 hidde…"),
        (4, "512…"),
    ],
)
def test_words_stay_whole_where_they_are_short(width, shown):
    assert shorten("512 hidden units, AdamW schedule", width) == shown


def test_of_equals_the_last_goes_first():
    pieces = [Piece("a", importance=1), Piece("b", importance=1), Piece("c", importance=1)]
    assert [piece.text for piece in fit(pieces, 4)] == ["a", "b"]


def test_wide_characters_count_twice():
    assert line([Piece("数字")], 6).text == "数字  "
    assert shorten("数字数字", 5) == "数字…"


def test_empty_pieces_take_no_room():
    assert line([Piece(""), Piece("x"), Piece("")], 3).text == "x  "


def test_a_click_is_kept_in_the_style():
    (segment, *_) = line([Piece("q", click="screen.command(6)")], 1)
    assert segment.style.meta == {"@click": "screen.command(6)"}
